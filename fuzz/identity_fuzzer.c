/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What a guest gives as key and certificates: PEM, private keys, X.509. */
#include "pem.h"
#include "private_key.h"
#include "x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_certificate(wasi_tls_bytes der) {
  static const wtls_server_name names[] = {{.dns_len = 13, .dns = "a.example.com"},
                                           {.ip_len = 4, .ip = {192, 0, 2, 7}}};
  wtls_x509 certificate;
  if (!wtls_x509_parse(der, &certificate)) return;
  for (size_t i = 0; i < 2; i++) (void)wtls_x509_matches_name(&certificate, &names[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const wasi_tls_allocator *allocator = &wtls_default_allocator;
  wasi_tls_bytes input = {data, size};
  wtls_private_key key = {0};
  wtls_pem_block block;
  if (wtls_private_key_decode(allocator, input, &key) == WASI_TLS_OK) wtls_private_key_clear(allocator, &key);
  read_certificate(input);
  while (wtls_pem_next(allocator, &input, &block) == WASI_TLS_OK) {
    read_certificate((wasi_tls_bytes){block.der, block.der_len});
    wtls_pem_block_clear(allocator, &block);
  }
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The bytes that a stranger sends first. What is handed out is read to its last byte. */
#include <stdlib.h>

#include "client_hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t sum(wasi_tls_bytes bytes) {
  size_t total = 0;
  for (size_t i = 0; i < bytes.len; i++) total += bytes.data[i];
  return total;
}

static void look(const wtls_hello *hello) {
  const wtls_codes lists[] = {hello->cipher_suites, hello->versions, hello->groups, hello->signature_schemes,
                              hello->certificate_schemes};
  size_t total = sum(hello->server_name);
  for (size_t i = 0; i < hello->alpn_id_count; i++) total += sum(hello->alpn_ids[i]);
  for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) total += wtls_codes_contain(lists[i], 0xFFFF);
  if (total == SIZE_MAX) abort(); /* never; it keeps the sums */
  if (wtls_hello_best_version(hello, WASI_TLS_VERSION_TLS12, WASI_TLS_VERSION_TLS13) == 0) abort();
  if (hello->server_name.data != NULL && hello->server_name.data[hello->server_name.len] != 0) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  wtls_hello *hello = NULL;
  uint8_t alert = 0;
  wasi_tls_result result =
      wtls_client_hello_read(&wtls_default_allocator, (wasi_tls_bytes){data, size}, 16384, &hello, &alert);
  if ((result == WASI_TLS_OK) != (hello != NULL) || (result < 0) != (alert != 0)) abort();
  if (hello != NULL) look(hello);
  wtls_release(&wtls_default_allocator, hello);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * What a peer's chain and an operator's lists can do to the validation of paths. The input is one byte of flags and a
 * row of DER objects, each behind its kind and its length in two bytes. Signatures are taken for good, so that all is
 * reached.
 */
#include "reader.h"
#include "validation.h"

enum { KIND_ANCHOR, KIND_CRL, KIND_CERTIFICATE, MAX_CHAIN = 12 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool verify_signature(uint16_t scheme, wasi_tls_bytes key_info, wasi_tls_bytes signed_data,
                             wasi_tls_bytes signature) {
  (void)key_info;
  (void)signed_data;
  (void)signature;
  return scheme != 0;
}

static bool next_object(wasi_tls_bytes *from, uint8_t *kind, wasi_tls_bytes *object) {
  return wtls_read_u8(from, kind) && wtls_read_vector16(from, object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const wasi_tls_allocator *allocator = &wtls_default_allocator;
  const wasi_tls_backend backend = {.verify_signature = verify_signature};
  wasi_tls_bytes input = {data, size};
  wasi_tls_bytes chain[MAX_CHAIN];
  wasi_tls_bytes object;
  size_t count = 0;
  uint8_t flags = 0;
  uint8_t kind;
  wtls_der_list anchors = {NULL, 0, 0};
  wtls_der_list crls = {NULL, 0, 0};
  wtls_trust_store store = {0};
  bool stored = wtls_read_u8(&input, &flags);
  while (stored && next_object(&input, &kind, &object)) {
    if (kind % 3 == KIND_CERTIFICATE && count < MAX_CHAIN)
      chain[count++] = object;
    else if (kind % 3 != KIND_CERTIFICATE)
      stored = wtls_der_list_add(kind % 3 == KIND_ANCHOR ? &anchors : &crls, allocator, object) == WASI_TLS_OK;
  }
  if (stored && wtls_trust_store_load(&store, allocator, &anchors, &crls) == WASI_TLS_OK) {
    const wtls_validation validation = {&store, &backend, allocator, MAX_CHAIN, 1900000000, (flags & 1) != 0};
    wasi_tls_verify_reason reason;
    uint32_t depth;
    (void)!wtls_validate(&validation, chain, count, &reason, &depth);
  }
  wtls_trust_store_clear(&store, allocator);
  wtls_der_list_clear(&anchors, allocator);
  wtls_der_list_clear(&crls, allocator);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Recognizes the encoding of a private key; the engine parses what is inside. */
#ifndef WASI_TLS_CORE_PRIVATE_KEY_H
#define WASI_TLS_CORE_PRIVATE_KEY_H

#include "memory.h"
#include "wasi_tls/backend.h"

typedef struct wtls_private_key {
  wasi_tls_key_encoding encoding;
  uint8_t *der;
  size_t der_len;
} wtls_private_key;

/*
 * |input| is DER or PEM: PKCS#8 (RFC 5958), PKCS#1 RSAPrivateKey (RFC 8017) or SEC1 ECPrivateKey (RFC 5915).
 * In PEM, "EC PARAMETERS" blocks before the key are skipped, and exactly one private key must be there.
 * WASI_TLS_OK, _KEY_FORMAT (also for bytes left over), _KEY_ENCRYPTED (EncryptedPrivateKeyInfo too), _OUT_OF_MEMORY.
 */
WASI_TLS_NODISCARD wasi_tls_result wtls_private_key_decode(const wasi_tls_allocator *allocator, wasi_tls_bytes input,
                                                           wtls_private_key *key);
/* Wipes and frees. */
void wtls_private_key_clear(const wasi_tls_allocator *allocator, wtls_private_key *key);

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* PEM (RFC 7468): textual encoding of certificates, keys and revocation lists. */
#ifndef WASI_TLS_CORE_PEM_H
#define WASI_TLS_CORE_PEM_H

#include <stdbool.h>

#include "memory.h"
#include "wasi_tls/error.h"
#include "wasi_tls/types.h"

typedef struct wtls_pem_block {
  char label[48]; /* "CERTIFICATE", "PRIVATE KEY", ... */
  bool encrypted; /* RFC 1421 headers that say ENCRYPTED, or the label ENCRYPTED PRIVATE KEY */
  uint8_t *der;   /* NULL if encrypted by headers */
  size_t der_len;
} wtls_pem_block;

/* Whether |text| has a PEM begin line anywhere. DER never does within its first bytes. */
bool wtls_pem_is(wasi_tls_bytes text);

/*
 * Decodes the next block of |*cursor| and moves it behind. WASI_TLS_OK; WASI_TLS_PENDING if there is none left;
 * WASI_TLS_ERR_CERTIFICATE_FORMAT for a malformed block (the caller maps it to what it was after);
 * WASI_TLS_ERR_OUT_OF_MEMORY.
 */
WASI_TLS_NODISCARD wasi_tls_result wtls_pem_next(const wasi_tls_allocator *allocator, wasi_tls_bytes *cursor,
                                                 wtls_pem_block *block);
/* Wipes and frees. */
void wtls_pem_block_clear(const wasi_tls_allocator *allocator, wtls_pem_block *block);

#endif

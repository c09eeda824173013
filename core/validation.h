/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Validation of a certificate path (RFC 5280, section 6) for an engine that leaves it to the core, because its own says
 * too little of what is wrong or goes by what the core can't set. Signatures are the engine's to check.
 */
#ifndef WASI_TLS_CORE_VALIDATION_H
#define WASI_TLS_CORE_VALIDATION_H

#include "crl.h"
#include "memory.h"
#include "trust.h"
#include "wasi_tls/backend.h"
#include "x509.h"

/* Whom to trust, read. Immutable once it is loaded; shared by threads. */
typedef struct wtls_trust_store {
  wtls_der_list ders; /* what the rest points into */
  wtls_x509 *anchors;
  size_t anchor_count;
  wtls_crl *crls;
  size_t crl_count;
} wtls_trust_store;

/* Takes copies. OK, _TRUST_STORE, _REVOCATION_LIST, _OUT_OF_MEMORY. */
WASI_TLS_NODISCARD wasi_tls_result wtls_trust_store_load(wtls_trust_store *store, const wasi_tls_allocator *allocator,
                                                         const wtls_der_list *anchors, const wtls_der_list *crls);
void wtls_trust_store_clear(wtls_trust_store *store, const wasi_tls_allocator *allocator);

typedef struct wtls_validation {
  const wtls_trust_store *store;
  const wasi_tls_backend *backend; /* for verify_signature */
  const wasi_tls_allocator *allocator;
  size_t chain_certificates; /* longest path, without the anchor */
  int64_t now;
  bool of_server; /* the purpose */
} wtls_validation;

/*
 * The verdict on a chain, end entity first, without looking at names and key sizes; |*depth| says where in the path. OK
 * with both stored, or _OUT_OF_MEMORY.
 */
WASI_TLS_NODISCARD wasi_tls_result wtls_validate(const wtls_validation *self, const wasi_tls_bytes *chain, size_t count,
                                                 wasi_tls_verify_reason *reason, uint32_t *depth);

#endif

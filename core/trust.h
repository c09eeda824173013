/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The one loader of trust anchors and revocation lists: every engine gets the same DER. */
#ifndef WASI_TLS_CORE_TRUST_H
#define WASI_TLS_CORE_TRUST_H

#include "memory.h"
#include "wasi_tls/config.h"

/* A growing list of DER objects, each a copy. */
typedef struct wtls_der_list {
  wasi_tls_bytes *items;
  size_t count;
  size_t capacity;
} wtls_der_list;

/* Adds a copy. OK, _OUT_OF_MEMORY. */
WASI_TLS_NODISCARD wasi_tls_result wtls_der_list_add(wtls_der_list *list, const wasi_tls_allocator *allocator,
                                                     wasi_tls_bytes der);
void wtls_der_list_clear(wtls_der_list *list, const wasi_tls_allocator *allocator);

/*
 * Loads what |trust| says. OK, _TRUST_STORE (an entry that holds no certificate, or a system store that can't be
 * found), _ENUM_VALUE, _NULL_ARGUMENT, _OUT_OF_MEMORY.
 */
WASI_TLS_NODISCARD wasi_tls_result wtls_trust_load(const wasi_tls_trust *trust, const wasi_tls_allocator *allocator,
                                                   wtls_der_list *anchors);

/* Loads revocation lists, DER or PEM. OK, _REVOCATION_LIST, _NULL_ARGUMENT, _OUT_OF_MEMORY. */
WASI_TLS_NODISCARD wasi_tls_result wtls_crls_load(const wasi_tls_bytes *crls, size_t count,
                                                  const wasi_tls_allocator *allocator, wtls_der_list *list);

#endif

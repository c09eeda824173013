/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Lists of ALPN protocol names (RFC 7301). */
#ifndef WASI_TLS_CORE_ALPN_H
#define WASI_TLS_CORE_ALPN_H

#include <stdbool.h>

#include "memory.h"
#include "wasi_tls/error.h"
#include "wasi_tls/types.h"

/* One block of memory: the array, and the names behind it. */
typedef struct wtls_alpn_list {
  wasi_tls_bytes *ids;
  size_t count;
} wtls_alpn_list;

/*
 * Replaces |*list| by a copy. Without |any_bytes| an id with a NUL or a comma in it is _UNSUPPORTED. OK,
 * _NULL_ARGUMENT, _ALPN_ID, _UNSUPPORTED, _OUT_OF_MEMORY: unchanged then.
 */
WASI_TLS_NODISCARD wasi_tls_result wtls_alpn_list_set(wtls_alpn_list *list, const wasi_tls_allocator *allocator,
                                                      size_t limit, bool any_bytes, const wasi_tls_bytes *ids,
                                                      size_t count);
void wtls_alpn_list_clear(wtls_alpn_list *list, const wasi_tls_allocator *allocator);

/* The first of |list| that is among |offered|; NULL for none. */
const wasi_tls_bytes *wtls_alpn_select(const wtls_alpn_list *list, const wasi_tls_bytes *offered, size_t count);

#endif

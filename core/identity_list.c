/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "identity.h"

wasi_tls_result wtls_identity_list_set(wtls_identity_list *list, const wasi_tls_allocator *allocator,
                                       const wasi_tls_backend *backend, size_t limit,
                                       wasi_tls_private_identity *const *items, size_t count) {
  if (items == NULL && count != 0) return WASI_TLS_ERR_NULL_ARGUMENT;
  if (count > limit) return WASI_TLS_ERR_LIMIT_VALUE;
  for (size_t i = 0; i < count; i++) {
    if (items[i] == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
    if (items[i]->backend != backend) return WASI_TLS_ERR_IDENTITY_ENGINE;
  }
  wtls_identity_list made = {NULL, count};
  if (count != 0) {
    made.items = wtls_alloc_array(allocator, count, sizeof(*made.items));
    if (made.items == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  }
  for (size_t i = 0; i < count; i++) made.items[i] = wtls_private_identity_hold(items[i]);
  wtls_identity_list_clear(list, allocator);
  *list = made;
  return WASI_TLS_OK;
}

void wtls_identity_list_clear(wtls_identity_list *list, const wasi_tls_allocator *allocator) {
  for (size_t i = 0; i < list->count; i++) wasi_tls_private_identity_free(list->items[i]);
  wtls_release(allocator, list->items);
  *list = (wtls_identity_list){NULL, 0};
}

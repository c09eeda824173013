/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "alpn.h"

#include <string.h>

/* RFC 7301, section 3.1: the list on the wire has a two-byte length. */
#define MAX_WIRE_BYTES 65535u

static bool is_plain(wasi_tls_bytes id) {
  return memchr(id.data, 0, id.len) == NULL && memchr(id.data, ',', id.len) == NULL;
}

wasi_tls_result wtls_alpn_list_set(wtls_alpn_list *list, const wasi_tls_allocator *allocator, size_t limit,
                                   bool any_bytes, const wasi_tls_bytes *ids, size_t count) {
  if (ids == NULL && count != 0) return WASI_TLS_ERR_NULL_ARGUMENT;
  if (count > limit) return WASI_TLS_ERR_ALPN_ID;
  size_t wire = 0;
  for (size_t i = 0; i < count; i++) {
    if (ids[i].data == NULL && ids[i].len != 0) return WASI_TLS_ERR_NULL_ARGUMENT;
    if (ids[i].len == 0 || ids[i].len > 255) return WASI_TLS_ERR_ALPN_ID;
    if (!any_bytes && !is_plain(ids[i])) return WASI_TLS_ERR_UNSUPPORTED;
    wire += 1 + ids[i].len;
  }
  if (wire > MAX_WIRE_BYTES) return WASI_TLS_ERR_ALPN_ID;
  wasi_tls_bytes *made = NULL;
  if (count != 0) {
    made = wtls_alloc(allocator, count * sizeof(*made) + wire);
    if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
    uint8_t *name = (uint8_t *)(made + count);
    for (size_t i = 0; i < count; i++) {
      memcpy(name, ids[i].data, ids[i].len);
      made[i] = (wasi_tls_bytes){name, ids[i].len};
      name += ids[i].len;
    }
  }
  wtls_alpn_list_clear(list, allocator);
  *list = (wtls_alpn_list){made, count};
  return WASI_TLS_OK;
}

void wtls_alpn_list_clear(wtls_alpn_list *list, const wasi_tls_allocator *allocator) {
  wtls_release(allocator, list->ids);
  *list = (wtls_alpn_list){NULL, 0};
}

const wasi_tls_bytes *wtls_alpn_select(const wtls_alpn_list *list, const wasi_tls_bytes *offered, size_t count) {
  for (size_t i = 0; i < list->count; i++)
    for (size_t j = 0; j < count; j++)
      if (list->ids[i].len == offered[j].len && memcmp(list->ids[i].data, offered[j].data, offered[j].len) == 0)
        return &list->ids[i];
  return NULL;
}

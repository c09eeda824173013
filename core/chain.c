/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Builds a public identity: one block of memory with the certificates of a chain. */
#include <string.h>

#include "identity.h"

void wtls_chain_builder_init(wtls_chain_builder *builder, const wasi_tls_allocator *allocator, size_t limit) {
  *builder = (wtls_chain_builder){.allocator = allocator, .result = WASI_TLS_OK, .limit = limit};
}

/* Makes room for one more certificate of |len| bytes. */
static bool reserve(wtls_chain_builder *builder, size_t len) {
  if (builder->count == builder->capacity) {
    size_t capacity = builder->capacity != 0 ? 2 * builder->capacity : 4;
    size_t *ends = wtls_realloc(builder->allocator, builder->ends, capacity * sizeof(*ends));
    if (ends == NULL) return false;
    builder->ends = ends;
    builder->capacity = capacity;
  }
  if (len > builder->room - builder->len) {
    size_t room = 2 * builder->room + len;
    uint8_t *data = wtls_realloc(builder->allocator, builder->data, room);
    if (data == NULL) return false;
    builder->data = data;
    builder->room = room;
  }
  return true;
}

bool wtls_chain_builder_add(wtls_chain_builder *builder, wasi_tls_bytes der) {
  if (builder->result != WASI_TLS_OK) return false;
  if (builder->count == builder->limit)
    builder->result = WASI_TLS_ERR_CHAIN_TOO_LONG;
  else if (der.len == 0)
    builder->result = WASI_TLS_ERR_CERTIFICATE_FORMAT;
  else if (!reserve(builder, der.len))
    builder->result = WASI_TLS_ERR_OUT_OF_MEMORY;
  if (builder->result != WASI_TLS_OK) return false;
  memcpy(builder->data + builder->len, der.data, der.len);
  builder->len += der.len;
  builder->ends[builder->count++] = builder->len;
  return true;
}

static wasi_tls_public_identity *assemble(const wtls_chain_builder *builder) {
  size_t array = builder->count * sizeof(wasi_tls_bytes);
  wasi_tls_public_identity *identity = wtls_alloc(builder->allocator, sizeof(*identity) + array + builder->len);
  if (identity == NULL) return NULL;
  atomic_init(&identity->holds, 1);
  identity->allocator = *builder->allocator;
  identity->count = builder->count;
  identity->certificates = (wasi_tls_bytes *)(identity + 1);
  uint8_t *data = (uint8_t *)(identity->certificates + builder->count);
  memcpy(data, builder->data, builder->len);
  size_t start = 0;
  for (size_t i = 0; i < builder->count; i++) {
    identity->certificates[i] = (wasi_tls_bytes){data + start, builder->ends[i] - start};
    start = builder->ends[i];
  }
  return identity;
}

wasi_tls_result wtls_chain_builder_finish(wtls_chain_builder *builder, wasi_tls_public_identity **identity) {
  wasi_tls_result result = builder->result;
  if (result == WASI_TLS_OK && builder->count == 0) result = WASI_TLS_ERR_CHAIN_EMPTY;
  wasi_tls_public_identity *made = result == WASI_TLS_OK ? assemble(builder) : NULL;
  if (result == WASI_TLS_OK && made == NULL) result = WASI_TLS_ERR_OUT_OF_MEMORY;
  wtls_release(builder->allocator, builder->ends);
  wtls_release(builder->allocator, builder->data);
  if (result == WASI_TLS_OK) *identity = made;
  return result;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "buffer.h"

#include <string.h>

/* An empty buffer of this size is not worth giving back: small messages would allocate each time. */
#define KEPT_ROOM 512u

uint8_t *wtls_buffer_reserve(wtls_buffer *buffer, const wasi_tls_allocator *allocator, size_t len) {
  if (buffer->room - buffer->start - buffer->len >= len) return buffer->data + buffer->start + buffer->len;
  if (buffer->start != 0) {
    memmove(buffer->data, buffer->data + buffer->start, buffer->len);
    buffer->start = 0;
  }
  if (buffer->room - buffer->len < len) {
    size_t room = buffer->len + len;
    uint8_t *data = wtls_realloc(allocator, buffer->data, room);
    if (data == NULL) return NULL;
    buffer->data = data;
    buffer->room = room;
  }
  return buffer->data + buffer->len;
}

void wtls_buffer_added(wtls_buffer *buffer, size_t len) {
  buffer->len += len;
}

bool wtls_buffer_append(wtls_buffer *buffer, const wasi_tls_allocator *allocator, const uint8_t *data, size_t len) {
  if (len == 0) return true;
  uint8_t *end = wtls_buffer_reserve(buffer, allocator, len);
  if (end == NULL) return false;
  memcpy(end, data, len);
  buffer->len += len;
  return true;
}

wasi_tls_bytes wtls_buffer_bytes(const wtls_buffer *buffer) {
  if (buffer->len == 0) return (wasi_tls_bytes){NULL, 0};
  return (wasi_tls_bytes){buffer->data + buffer->start, buffer->len};
}

void wtls_buffer_consume(wtls_buffer *buffer, const wasi_tls_allocator *allocator, size_t len) {
  if (len < buffer->len) {
    buffer->start += len;
    buffer->len -= len;
  } else if (buffer->room > KEPT_ROOM) {
    wtls_buffer_clear(buffer, allocator);
  } else {
    buffer->start = 0;
    buffer->len = 0;
  }
}

size_t wtls_buffer_take(wtls_buffer *buffer, const wasi_tls_allocator *allocator, uint8_t *out, size_t len) {
  if (len > buffer->len) len = buffer->len;
  if (len == 0) return 0;
  memcpy(out, buffer->data + buffer->start, len);
  wtls_buffer_consume(buffer, allocator, len);
  return len;
}

void wtls_buffer_clear(wtls_buffer *buffer, const wasi_tls_allocator *allocator) {
  wtls_release(allocator, buffer->data);
  *buffer = (wtls_buffer){NULL, 0, 0, 0};
}

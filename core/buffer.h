/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* A queue of bytes. Takes memory when bytes are put in, and gives back all but a little when the last one is taken out.
 */
#ifndef WASI_TLS_CORE_BUFFER_H
#define WASI_TLS_CORE_BUFFER_H

#include <stdbool.h>

#include "memory.h"
#include "wasi_tls/types.h"

typedef struct wtls_buffer {
  uint8_t *data;
  size_t start;
  size_t len;
  size_t room;
} wtls_buffer;

/* Room for |len| more bytes at the end, to be counted with wtls_buffer_added; NULL without memory. */
uint8_t *wtls_buffer_reserve(wtls_buffer *buffer, const wasi_tls_allocator *allocator, size_t len);
void wtls_buffer_added(wtls_buffer *buffer, size_t len);
/* False without memory. */
bool wtls_buffer_append(wtls_buffer *buffer, const wasi_tls_allocator *allocator, const uint8_t *data, size_t len);
/* What is in it, valid until the next change. */
wasi_tls_bytes wtls_buffer_bytes(const wtls_buffer *buffer);
void wtls_buffer_consume(wtls_buffer *buffer, const wasi_tls_allocator *allocator, size_t len);
/* Copies out and consumes up to |len| bytes; returns how many. */
size_t wtls_buffer_take(wtls_buffer *buffer, const wasi_tls_allocator *allocator, uint8_t *out, size_t len);
void wtls_buffer_clear(wtls_buffer *buffer, const wasi_tls_allocator *allocator);

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* A one-way pipe in memory: a ring of bytes between an input and an output stream. */
#include <stdlib.h>
#include <string.h>

#include "wasi_tls/adapters.h"

typedef struct pipe_state pipe_state;

typedef struct pipe_reader {
  wasi_tls_input_stream base;
  pipe_state *pipe;
} pipe_reader;

typedef struct pipe_writer {
  wasi_tls_output_stream base;
  pipe_state *pipe;
} pipe_writer;

struct pipe_state {
  pipe_reader reader;
  pipe_writer writer;
  wasi_tls_waker reader_waker;
  wasi_tls_waker writer_waker;
  bool reader_dropped;
  bool writer_dropped;
  size_t start;
  size_t used;
  size_t capacity;
  uint8_t ring[];
};

static const wasi_tls_waker no_waker = {NULL, NULL};

static void wake_once(wasi_tls_waker *registered) {
  wasi_tls_waker waker = *registered;
  *registered = no_waker;
  if (waker.wake != NULL) waker.wake(waker.context);
}

static void free_if_unused(pipe_state *pipe) {
  if (pipe->reader_dropped && pipe->writer_dropped) free(pipe);
}

static pipe_state *pipe_of_reader(const wasi_tls_input_stream *self) {
  return ((const pipe_reader *)self)->pipe;
}

static pipe_state *pipe_of_writer(const wasi_tls_output_stream *self) {
  return ((const pipe_writer *)self)->pipe;
}

static wasi_tls_result pipe_read(wasi_tls_input_stream *self, uint8_t *buffer, size_t len, size_t *count) {
  pipe_state *pipe = pipe_of_reader(self);
  if (len != 0 && pipe->used == 0 && pipe->writer_dropped) return WASI_TLS_ERR_CLOSED;
  size_t taken = len < pipe->used ? len : pipe->used;
  size_t to_end = pipe->capacity - pipe->start;
  size_t first = taken < to_end ? taken : to_end;
  if (first != 0) memcpy(buffer, pipe->ring + pipe->start, first);
  if (taken != first) memcpy(buffer + first, pipe->ring, taken - first);
  pipe->start = taken < to_end ? pipe->start + taken : taken - to_end;
  pipe->used -= taken;
  *count = taken;
  if (taken != 0) wake_once(&pipe->writer_waker);
  return WASI_TLS_OK;
}

static bool pipe_reader_poll(wasi_tls_input_stream *self, wasi_tls_waker waker) {
  pipe_state *pipe = pipe_of_reader(self);
  if (pipe->used != 0 || pipe->writer_dropped) return true;
  if (waker.wake != NULL) pipe->reader_waker = waker;
  return false;
}

static bool pipe_reader_last_error(const wasi_tls_input_stream *self, wasi_tls_error *error) {
  (void)self;
  (void)error;
  return false;
}

static void pipe_reader_drop(wasi_tls_input_stream *self) {
  pipe_state *pipe = pipe_of_reader(self);
  pipe->reader_dropped = true;
  pipe->reader_waker = no_waker;
  wake_once(&pipe->writer_waker);
  free_if_unused(pipe);
}

static wasi_tls_result pipe_check_write(wasi_tls_output_stream *self, size_t *permit) {
  pipe_state *pipe = pipe_of_writer(self);
  if (pipe->reader_dropped) return WASI_TLS_ERR_CLOSED;
  *permit = pipe->capacity - pipe->used;
  return WASI_TLS_OK;
}

static wasi_tls_result pipe_write(wasi_tls_output_stream *self, const uint8_t *data, size_t len) {
  pipe_state *pipe = pipe_of_writer(self);
  if (pipe->reader_dropped) return WASI_TLS_ERR_CLOSED;
  if (len > pipe->capacity - pipe->used) return WASI_TLS_ERR_PERMIT_EXCEEDED;
  size_t to_end = pipe->capacity - pipe->start;
  size_t end = pipe->used < to_end ? pipe->start + pipe->used : pipe->used - to_end;
  size_t first = len < pipe->capacity - end ? len : pipe->capacity - end;
  if (first != 0) memcpy(pipe->ring + end, data, first);
  if (len != first) memcpy(pipe->ring, data + first, len - first);
  pipe->used += len;
  if (len != 0) wake_once(&pipe->reader_waker);
  return WASI_TLS_OK;
}

/* What was written is already where the reader can see it. */
static wasi_tls_result pipe_flush(wasi_tls_output_stream *self) {
  return pipe_of_writer(self)->reader_dropped ? WASI_TLS_ERR_CLOSED : WASI_TLS_OK;
}

static bool pipe_writer_poll(wasi_tls_output_stream *self, wasi_tls_waker waker) {
  pipe_state *pipe = pipe_of_writer(self);
  if (pipe->used != pipe->capacity || pipe->reader_dropped) return true;
  if (waker.wake != NULL) pipe->writer_waker = waker;
  return false;
}

static bool pipe_writer_last_error(const wasi_tls_output_stream *self, wasi_tls_error *error) {
  (void)self;
  (void)error;
  return false;
}

static void pipe_writer_drop(wasi_tls_output_stream *self) {
  pipe_state *pipe = pipe_of_writer(self);
  pipe->writer_dropped = true;
  pipe->writer_waker = no_waker;
  wake_once(&pipe->reader_waker);
  free_if_unused(pipe);
}

static const wasi_tls_input_stream_vtable reader_vtable = {
    .size = sizeof(wasi_tls_input_stream_vtable),
    .read = pipe_read,
    .poll = pipe_reader_poll,
    .last_error = pipe_reader_last_error,
    .drop = pipe_reader_drop,
};

static const wasi_tls_output_stream_vtable writer_vtable = {
    .size = sizeof(wasi_tls_output_stream_vtable),
    .check_write = pipe_check_write,
    .write = pipe_write,
    .flush = pipe_flush,
    .poll = pipe_writer_poll,
    .last_error = pipe_writer_last_error,
    .drop = pipe_writer_drop,
};

wasi_tls_result wasi_tls_pipe_new(size_t capacity, wasi_tls_input_stream **reader, wasi_tls_output_stream **writer) {
  if (reader == NULL || writer == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  if (capacity == 0) return WASI_TLS_ERR_LIMIT_VALUE;
  if (capacity > SIZE_MAX - sizeof(pipe_state)) return WASI_TLS_ERR_OUT_OF_MEMORY;
  pipe_state *pipe = malloc(sizeof(*pipe) + capacity);
  if (pipe == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  memset(pipe, 0, sizeof(*pipe));
  pipe->capacity = capacity;
  pipe->reader = (pipe_reader){{&reader_vtable}, pipe};
  pipe->writer = (pipe_writer){{&writer_vtable}, pipe};
  *reader = &pipe->reader.base;
  *writer = &pipe->writer.base;
  return WASI_TLS_OK;
}

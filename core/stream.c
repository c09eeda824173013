/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The functions of wasi:io on any stream. */
#include "wasi_tls/stream.h"

#include "memory.h"

/* Enough to be worth a call, small enough for a stack. */
#define CHUNK 4096u

WTLS_HOT wasi_tls_result wasi_tls_input_stream_read(wasi_tls_input_stream *self, uint8_t *buffer, size_t len,
                                                    size_t *count) {
  if (self == NULL || count == NULL || (buffer == NULL && len != 0)) return WASI_TLS_ERR_NULL_ARGUMENT;
  return self->vtable->read(self, buffer, len, count);
}

wasi_tls_result wasi_tls_input_stream_skip(wasi_tls_input_stream *self, size_t len, size_t *count) {
  uint8_t chunk[CHUNK];
  if (self == NULL || count == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  return self->vtable->read(self, chunk, len < sizeof(chunk) ? len : sizeof(chunk), count);
}

bool wasi_tls_input_stream_poll(wasi_tls_input_stream *self, wasi_tls_waker waker) {
  return self != NULL && self->vtable->poll(self, waker);
}

wasi_tls_result wasi_tls_input_stream_subscribe(wasi_tls_input_stream *self, wasi_tls_pollable **pollable) {
  if (self == NULL || pollable == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  return self->vtable->subscribe != NULL ? self->vtable->subscribe(self, pollable) : WASI_TLS_ERR_UNSUPPORTED;
}

bool wasi_tls_input_stream_last_error(const wasi_tls_input_stream *self, wasi_tls_error *error) {
  return self != NULL && error != NULL && self->vtable->last_error(self, error);
}

void wasi_tls_input_stream_free(wasi_tls_input_stream *self) {
  if (self != NULL) self->vtable->drop(self);
}

WTLS_HOT wasi_tls_result wasi_tls_output_stream_check_write(wasi_tls_output_stream *self, size_t *permit) {
  if (self == NULL || permit == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  return self->vtable->check_write(self, permit);
}

WTLS_HOT wasi_tls_result wasi_tls_output_stream_write(wasi_tls_output_stream *self, const uint8_t *data, size_t len) {
  if (self == NULL || (data == NULL && len != 0)) return WASI_TLS_ERR_NULL_ARGUMENT;
  return self->vtable->write(self, data, len);
}

/* In parts; each part is within the permit, since the whole is and a permit only shrinks by what is written. */
wasi_tls_result wasi_tls_output_stream_write_zeroes(wasi_tls_output_stream *self, size_t len) {
  static const uint8_t zeroes[CHUNK];
  if (self == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  size_t permit = 0;
  wasi_tls_result result = self->vtable->check_write(self, &permit);
  if (result == WASI_TLS_OK && len > permit) return WASI_TLS_ERR_PERMIT_EXCEEDED;
  while (result == WASI_TLS_OK && len != 0) {
    size_t part = len < sizeof(zeroes) ? len : sizeof(zeroes);
    result = self->vtable->write(self, zeroes, part);
    len -= part;
  }
  return result;
}

wasi_tls_result wasi_tls_output_stream_splice(wasi_tls_output_stream *self, wasi_tls_input_stream *source, size_t len,
                                              size_t *count) {
  uint8_t chunk[CHUNK];
  size_t permit = 0;
  size_t got = 0;
  if (self == NULL || source == NULL || count == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  wasi_tls_result result = self->vtable->check_write(self, &permit);
  if (result != WASI_TLS_OK) return result;
  if (len > permit) len = permit;
  if (len > sizeof(chunk)) len = sizeof(chunk);
  if (len != 0) result = source->vtable->read(source, chunk, len, &got);
  if (result == WASI_TLS_OK && got != 0) result = self->vtable->write(self, chunk, got);
  if (result == WASI_TLS_OK) *count = got;
  return result;
}

wasi_tls_result wasi_tls_output_stream_flush(wasi_tls_output_stream *self) {
  return self != NULL ? self->vtable->flush(self) : WASI_TLS_ERR_NULL_ARGUMENT;
}

bool wasi_tls_output_stream_poll(wasi_tls_output_stream *self, wasi_tls_waker waker) {
  return self != NULL && self->vtable->poll(self, waker);
}

wasi_tls_result wasi_tls_output_stream_subscribe(wasi_tls_output_stream *self, wasi_tls_pollable **pollable) {
  if (self == NULL || pollable == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  return self->vtable->subscribe != NULL ? self->vtable->subscribe(self, pollable) : WASI_TLS_ERR_UNSUPPORTED;
}

bool wasi_tls_output_stream_last_error(const wasi_tls_output_stream *self, wasi_tls_error *error) {
  return self != NULL && error != NULL && self->vtable->last_error(self, error);
}

void wasi_tls_output_stream_free(wasi_tls_output_stream *self) {
  if (self != NULL) self->vtable->drop(self);
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The cleartext streams: the same vtables as the raw ones, so that TLS can carry TLS. */
#include "connection.h"
#include "endpoint_fast.h"
#include "fault.h"

typedef struct cleartext_input {
  wasi_tls_input_stream base;
  wasi_tls_endpoint *endpoint;
  bool reported; /* a failure was told: closed from then on */
  wtls_connection *connection;
  wtls_waiter waiter;
} cleartext_input;

typedef struct cleartext_output {
  wasi_tls_output_stream base;
  wasi_tls_endpoint *endpoint;
  bool reported; /* likewise */
  wtls_connection *connection;
  wtls_waiter waiter;
} cleartext_output;

/* wasi:io: a failure is told once, from then on the stream is closed. */
WTLS_COLD static wasi_tls_result report_once(wasi_tls_result result, bool *reported) {
  if (result == WASI_TLS_ERR_CLOSED || *reported) return WASI_TLS_ERR_CLOSED;
  *reported = true;
  return result;
}

/* Who waits may wait for what comes no more. */
WTLS_COLD static wasi_tls_result report_end(wtls_connection *connection, wasi_tls_result result, bool *reported) {
  wtls_connection_wake(connection);
  return report_once(result, reported);
}

/* Who waits for a post-handshake answer may have it after this, or can go on looking for it. */
WTLS_COLD static wasi_tls_result read_while_awaited(cleartext_input *self, uint8_t *buffer, size_t len, size_t *count) {
  wasi_tls_result result = wasi_tls_endpoint_read(self->endpoint, buffer, len, count);
  if (*count != 0 || self->endpoint->post_handshake == WTLS_POST_DONE) wtls_connection_wake(self->connection);
  return result;
}

WTLS_HOT static wasi_tls_result input_read(wasi_tls_input_stream *base, uint8_t *buffer, size_t len, size_t *count) {
  cleartext_input *self = (cleartext_input *)base;
  if (self->reported) return WASI_TLS_ERR_CLOSED;
  *count = 0;
  if (len == 0) return WASI_TLS_OK;
  wasi_tls_result result = self->endpoint->post_handshake == WTLS_POST_WAIT
                               ? read_while_awaited(self, buffer, len, count)
                               : wtls_endpoint_read(self->endpoint, buffer, len, count);
  if (result == WASI_TLS_OK || result == WASI_TLS_PENDING) return WASI_TLS_OK;
  return report_end(self->connection, result, &self->reported);
}

static bool input_poll(wasi_tls_input_stream *base, wasi_tls_waker waker) {
  cleartext_input *self = (cleartext_input *)base;
  return wtls_connection_wait(self->connection, &self->waiter, waker, WTLS_EVENT_READABLE, WASI_TLS_STEP_OPEN);
}

static wasi_tls_result input_subscribe(wasi_tls_input_stream *base, wasi_tls_pollable **pollable) {
  return wtls_pollable_new(((cleartext_input *)base)->connection, WTLS_EVENT_READABLE, WASI_TLS_STEP_OPEN, pollable);
}

static bool input_last_error(const wasi_tls_input_stream *base, wasi_tls_error *error) {
  return wasi_tls_endpoint_last_error(((const cleartext_input *)base)->endpoint, error);
}

static void input_drop(wasi_tls_input_stream *base) {
  cleartext_input *self = (cleartext_input *)base;
  wtls_connection *connection = self->connection;
  wtls_waiter_disarm(connection, &self->waiter);
  wtls_release(wtls_connection_allocator(connection), self);
  wtls_connection_release(connection);
}

WTLS_HOT static wasi_tls_result output_check_write(wasi_tls_output_stream *base, size_t *permit) {
  cleartext_output *self = (cleartext_output *)base;
  if (self->reported) return WASI_TLS_ERR_CLOSED;
  wasi_tls_result result = wtls_endpoint_check_write(self->endpoint, permit);
  return result == WASI_TLS_OK ? result : report_once(result, &self->reported);
}

WTLS_COLD static wasi_tls_result report_write(cleartext_output *self, wasi_tls_result result) {
  if (wasi_tls_result_class(result) == WASI_TLS_CLASS_USAGE) return result;
  return report_end(self->connection, result, &self->reported);
}

WTLS_HOT static wasi_tls_result output_write(wasi_tls_output_stream *base, const uint8_t *data, size_t len) {
  cleartext_output *self = (cleartext_output *)base;
  if (self->reported) return WASI_TLS_ERR_CLOSED;
  wasi_tls_result result = wtls_endpoint_write(self->endpoint, data, len);
  return result == WASI_TLS_OK ? result : report_write(self, result);
}

static wasi_tls_result output_flush(wasi_tls_output_stream *base) {
  cleartext_output *self = (cleartext_output *)base;
  size_t permit = 0;
  if (self->reported) return WASI_TLS_ERR_CLOSED;
  self->endpoint->flushing = true;
  return output_check_write(base, &permit);
}

static bool output_poll(wasi_tls_output_stream *base, wasi_tls_waker waker) {
  cleartext_output *self = (cleartext_output *)base;
  return wtls_connection_wait(self->connection, &self->waiter, waker, WTLS_EVENT_WRITABLE, WASI_TLS_STEP_OPEN);
}

static wasi_tls_result output_subscribe(wasi_tls_output_stream *base, wasi_tls_pollable **pollable) {
  return wtls_pollable_new(((cleartext_output *)base)->connection, WTLS_EVENT_WRITABLE, WASI_TLS_STEP_OPEN, pollable);
}

static bool output_last_error(const wasi_tls_output_stream *base, wasi_tls_error *error) {
  return wasi_tls_endpoint_last_error(((const cleartext_output *)base)->endpoint, error);
}

static void output_drop(wasi_tls_output_stream *base) {
  cleartext_output *self = (cleartext_output *)base;
  wtls_connection *connection = self->connection;
  wtls_waiter_disarm(connection, &self->waiter);
  wtls_kept(wasi_tls_endpoint_close(self->endpoint));
  wtls_connection_wake(connection);
  wtls_release(wtls_connection_allocator(connection), self);
  wtls_connection_release(connection);
}

static const wasi_tls_input_stream_vtable input_vtable = {
    .size = sizeof(wasi_tls_input_stream_vtable),
    .read = input_read,
    .poll = input_poll,
    .subscribe = input_subscribe,
    .last_error = input_last_error,
    .drop = input_drop,
};

static const wasi_tls_output_stream_vtable output_vtable = {
    .size = sizeof(wasi_tls_output_stream_vtable),
    .check_write = output_check_write,
    .write = output_write,
    .flush = output_flush,
    .poll = output_poll,
    .subscribe = output_subscribe,
    .last_error = output_last_error,
    .drop = output_drop,
};

wasi_tls_result wtls_cleartext_new(wtls_connection *connection, wasi_tls_input_stream **input,
                                   wasi_tls_output_stream **output) {
  const wasi_tls_allocator *allocator = wtls_connection_allocator(connection);
  cleartext_input *in = wtls_alloc(allocator, sizeof(*in));
  cleartext_output *out = wtls_alloc(allocator, sizeof(*out));
  if (in == NULL || out == NULL) {
    wtls_release(allocator, in);
    wtls_release(allocator, out);
    return WASI_TLS_ERR_OUT_OF_MEMORY;
  }
  in->base.vtable = &input_vtable;
  in->endpoint = connection->endpoint;
  in->connection = wtls_connection_hold(connection);
  out->base.vtable = &output_vtable;
  out->endpoint = connection->endpoint;
  out->connection = wtls_connection_hold(connection);
  *input = &in->base;
  *output = &out->base;
  return WASI_TLS_OK;
}

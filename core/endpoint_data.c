/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Cleartext in and out of an open endpoint, and its orderly end. */
#include "endpoint.h"

WTLS_COLD static wasi_tls_result blocked_read(wasi_tls_endpoint *self) {
  if (self->gate.pending.len == 0 && !self->gate.unflushed) return WASI_TLS_PENDING;
  if (wtls_gate_flush(&self->gate) != WASI_TLS_IO_FAILED) return WASI_TLS_PENDING;
  return wtls_endpoint_fail(self, WASI_TLS_ERR_TRANSPORT_WRITE, "writing to the transport failed");
}

WTLS_COLD static wasi_tls_result end_read(wasi_tls_endpoint *self, wasi_tls_outcome outcome,
                                          const wasi_tls_backend_report *report) {
  switch (outcome) {
    case WASI_TLS_OUTCOME_WANT_READ:
    case WASI_TLS_OUTCOME_WANT_WRITE:
      return blocked_read(self);
    case WASI_TLS_OUTCOME_CLOSED_CLEAN:
      self->close_received = true;
      return WASI_TLS_ERR_CLOSED;
    default:
      return wtls_endpoint_fail_outcome(self, outcome, report);
  }
}

WTLS_HOT wasi_tls_result wtls_endpoint_read_engine(wasi_tls_endpoint *self, uint8_t *buffer, size_t len,
                                                   size_t *count) {
  wasi_tls_backend_report report;
  wasi_tls_outcome outcome = self->backend->read(self->engine, buffer, len, count, &report);
  if (outcome != WASI_TLS_OUTCOME_OK) return end_read(self, outcome, &report);
  self->gate.received = 0;
  return WASI_TLS_OK;
}

wasi_tls_result wasi_tls_endpoint_read(wasi_tls_endpoint *self, uint8_t *buffer, size_t len, size_t *count) {
  if (self == NULL || count == NULL || (buffer == NULL && len != 0)) return WASI_TLS_ERR_NULL_ARGUMENT;
  if (self->early.len != 0) {
    *count = wtls_buffer_take(&self->early, &self->config->allocator, buffer, len);
    return WASI_TLS_OK;
  }
  if (self->close_received) return WASI_TLS_ERR_CLOSED;
  if (self->state == WTLS_STATE_OPEN) {
    size_t got = 0;
    wasi_tls_result result = wtls_endpoint_read_engine(self, buffer, len, &got);
    if (result == WASI_TLS_OK) *count = got;
    return result;
  }
  return self->state == WTLS_STATE_ENDED ? self->error.result : WASI_TLS_ERR_WRONG_STATE;
}

/* What stands in the way of writing. */
static wasi_tls_result check_writable(const wasi_tls_endpoint *self) {
  if (self->state == WTLS_STATE_OPEN) return self->close_sent ? WASI_TLS_ERR_CLOSED : WASI_TLS_OK;
  return self->state == WTLS_STATE_ENDED ? self->error.result : WASI_TLS_ERR_WRONG_STATE;
}

/* Tries to get rid of what stands in the way of a permit. */
static wasi_tls_result make_room(wasi_tls_endpoint *self) {
  wasi_tls_io io = self->flushing ? wtls_gate_drain(&self->gate) : wtls_gate_flush(&self->gate);
  if (io == WASI_TLS_IO_OK) self->flushing = false;
  if (io != WASI_TLS_IO_FAILED) return WASI_TLS_OK;
  return wtls_endpoint_fail(self, WASI_TLS_ERR_TRANSPORT_WRITE, "writing to the transport failed");
}

wasi_tls_result wasi_tls_endpoint_check_write(wasi_tls_endpoint *self, size_t *permit) {
  if (self == NULL || permit == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  wasi_tls_result result = check_writable(self);
  if (result != WASI_TLS_OK) return result;
  if (self->gate.pending.len != 0 || self->flushing) {
    result = make_room(self);
    if (result != WASI_TLS_OK) return result;
  }
  bool has_room = self->gate.pending.len == 0 && !self->flushing;
  self->permit = has_room ? self->write_permit : 0;
  *permit = self->permit;
  return WASI_TLS_OK;
}

WTLS_HOT wasi_tls_result wtls_endpoint_write_engine(wasi_tls_endpoint *self, const uint8_t *data, size_t len) {
  wasi_tls_backend_report report;
  size_t count;
  do {
    wasi_tls_outcome outcome = self->backend->write(self->engine, data, len, &count, &report);
    if (outcome != WASI_TLS_OUTCOME_OK) return wtls_endpoint_fail_outcome(self, outcome, &report);
    data += count;
    len -= count;
  } while (len != 0);
  return WASI_TLS_OK;
}

wasi_tls_result wasi_tls_endpoint_write(wasi_tls_endpoint *self, const uint8_t *data, size_t len) {
  if (self == NULL || (data == NULL && len != 0)) return WASI_TLS_ERR_NULL_ARGUMENT;
  wasi_tls_result result = check_writable(self);
  if (result != WASI_TLS_OK) return result;
  if (len > self->permit || self->gate.pending.len > wtls_endpoint_held_limit(self))
    return WASI_TLS_ERR_PERMIT_EXCEEDED;
  self->permit -= len;
  return len != 0 ? wtls_endpoint_write_engine(self, data, len) : WASI_TLS_OK;
}

wasi_tls_result wasi_tls_endpoint_close(wasi_tls_endpoint *self) {
  if (self == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  if (self->close_sent) return WASI_TLS_OK;
  wasi_tls_result result = check_writable(self);
  if (result != WASI_TLS_OK) return result;
  wasi_tls_backend_report report;
  wasi_tls_outcome outcome = self->backend->alert(self->engine, 0, &report);
  if (outcome != WASI_TLS_OUTCOME_OK) return wtls_endpoint_fail_outcome(self, outcome, &report);
  self->close_sent = true;
  if (wtls_gate_flush(&self->gate) != WASI_TLS_IO_FAILED) return WASI_TLS_OK;
  return wtls_endpoint_fail(self, WASI_TLS_ERR_TRANSPORT_WRITE, "writing to the transport failed");
}

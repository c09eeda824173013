/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Shortcuts for the cleartext streams: the case that nothing stands in the way, without a call between. Whatever else
 * is the case is endpoint_data.c's.
 */
#ifndef WASI_TLS_CORE_ENDPOINT_FAST_H
#define WASI_TLS_CORE_ENDPOINT_FAST_H

#include "endpoint.h"

static inline wasi_tls_result wtls_endpoint_check_write(wasi_tls_endpoint *self, size_t *permit) {
  bool free = self->state == WTLS_STATE_OPEN && !self->close_sent && self->gate.pending.len == 0 && !self->flushing;
  if (!free) return wasi_tls_endpoint_check_write(self, permit);
  *permit = self->permit = self->write_permit;
  return WASI_TLS_OK;
}

static inline wasi_tls_result wtls_endpoint_write(wasi_tls_endpoint *self, const uint8_t *data, size_t len) {
  bool free = self->state == WTLS_STATE_OPEN && !self->close_sent && len != 0 && len <= self->permit &&
              self->gate.pending.len == 0;
  if (!free) return wasi_tls_endpoint_write(self, data, len);
  self->permit -= len;
  return wtls_endpoint_write_engine(self, data, len);
}

static inline wasi_tls_result wtls_endpoint_read(wasi_tls_endpoint *self, uint8_t *buffer, size_t len, size_t *count) {
  bool free = self->state == WTLS_STATE_OPEN && !self->close_received && self->early.len == 0;
  return free ? wtls_endpoint_read_engine(self, buffer, len, count) : wasi_tls_endpoint_read(self, buffer, len, count);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The sans-I/O transport: what is given waits in memory, what is to be sent is the gate's pending bytes. */
#include "endpoint.h"

static wasi_tls_io memory_receive(void *context, uint8_t *buffer, size_t len, size_t *count) {
  wasi_tls_endpoint *self = context;
  if (self->inbound.len == 0) return self->inbound_ended ? WASI_TLS_IO_END : WASI_TLS_IO_BLOCKED;
  *count = wtls_buffer_take(&self->inbound, &self->config->allocator, buffer, len);
  return WASI_TLS_IO_OK;
}

/* Nothing is taken, so everything stays pending until wasi_tls_endpoint_output_sent. */
static wasi_tls_io memory_send(void *context, const uint8_t *data, size_t len, size_t *count) {
  (void)context;
  (void)data;
  (void)len;
  *count = 0;
  return WASI_TLS_IO_OK;
}

static wasi_tls_io memory_flush(void *context) {
  (void)context;
  return WASI_TLS_IO_OK;
}

static const wtls_transport memory_transport = {memory_receive, memory_send, memory_flush, memory_flush};

wasi_tls_result wasi_tls_endpoint_new(wasi_tls_config *config, wasi_tls_role role, wasi_tls_endpoint **endpoint) {
  if (config == NULL || endpoint == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  if (role != WASI_TLS_ROLE_CLIENT && role != WASI_TLS_ROLE_SERVER) return WASI_TLS_ERR_ENUM_VALUE;
  return wtls_endpoint_new_over(config, role, &memory_transport, NULL, endpoint);
}

wasi_tls_result wasi_tls_endpoint_input(wasi_tls_endpoint *self, const uint8_t *data, size_t len, size_t *accepted) {
  if (self == NULL || accepted == NULL || (data == NULL && len != 0)) return WASI_TLS_ERR_NULL_ARGUMENT;
  size_t room = self->config->limits.ciphertext_in - self->inbound.len;
  if (len > room) len = room;
  if (!wtls_buffer_append(&self->inbound, &self->config->allocator, data, len)) return WASI_TLS_ERR_OUT_OF_MEMORY;
  *accepted = len;
  return WASI_TLS_OK;
}

void wasi_tls_endpoint_input_end(wasi_tls_endpoint *self) {
  if (self != NULL) self->inbound_ended = true;
}

/* Rule 1 holds here too: while the handshake is suspended there is nothing to send. */
wasi_tls_bytes wasi_tls_endpoint_output(const wasi_tls_endpoint *self) {
  if (self == NULL || (!self->gate.open && self->state != WTLS_STATE_ENDED)) return (wasi_tls_bytes){NULL, 0};
  return wtls_buffer_bytes(&self->gate.pending);
}

void wasi_tls_endpoint_output_sent(wasi_tls_endpoint *self, size_t len) {
  if (self == NULL) return;
  self->gate.passed += len;
  wtls_buffer_consume(&self->gate.pending, &self->config->allocator, len);
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "gate.h"

void wtls_gate_init(wtls_gate *gate, const wtls_transport *transport, void *context,
                    const wasi_tls_allocator *allocator, size_t receive_limit) {
  *gate = (wtls_gate){.transport = transport,
                      .context = context,
                      .allocator = allocator,
                      .receive_limit = receive_limit,
                      .pending_limit = SIZE_MAX};
}

void wtls_gate_clear(wtls_gate *gate) {
  wtls_buffer_clear(&gate->read_ahead, gate->allocator);
  wtls_buffer_clear(&gate->pending, gate->allocator);
}

WTLS_COLD static wasi_tls_io note_end(wtls_gate *gate, wasi_tls_io io) {
  gate->input_ended = io == WASI_TLS_IO_END;
  gate->input_failed = io == WASI_TLS_IO_FAILED;
  return io;
}

WTLS_COLD static wasi_tls_io refuse_input(wtls_gate *gate) {
  if (gate->input_failed) return WASI_TLS_IO_FAILED;
  if (gate->input_ended) return WASI_TLS_IO_END;
  gate->over_limit = true;
  return WASI_TLS_IO_FAILED;
}

static inline wasi_tls_io receive(wtls_gate *gate, uint8_t *buffer, size_t len, size_t *count) {
  size_t room = gate->receive_limit - gate->received;
  if (gate->input_failed || gate->input_ended || gate->received >= gate->receive_limit) return refuse_input(gate);
  wasi_tls_io io = gate->transport->receive(gate->context, buffer, len < room ? len : room, count);
  if (io != WASI_TLS_IO_OK) return note_end(gate, io);
  gate->received += *count;
  gate->passed += *count;
  return WASI_TLS_IO_OK;
}

WTLS_COLD static wasi_tls_io receive_ahead(wtls_gate *gate, uint8_t *buffer, size_t len, size_t *count) {
  size_t ready = gate->metered ? gate->released : gate->read_ahead.len;
  if (ready == 0) {
    if (gate->metered) return WASI_TLS_IO_BLOCKED;
    gate->ahead = false;
    return receive(gate, buffer, len, count);
  }
  *count = wtls_buffer_take(&gate->read_ahead, gate->allocator, buffer, len < ready ? len : ready);
  if (gate->metered) gate->released -= *count;
  return WASI_TLS_IO_OK;
}

WTLS_HOT wasi_tls_io wtls_gate_receive(wtls_gate *gate, uint8_t *buffer, size_t len, size_t *count) {
  if (!gate->open) return WASI_TLS_IO_BLOCKED;
  return gate->ahead ? receive_ahead(gate, buffer, len, count) : receive(gate, buffer, len, count);
}

void wtls_gate_meter(wtls_gate *gate, bool metered) {
  gate->metered = metered;
  gate->ahead = true;
  gate->released = 0;
}

wasi_tls_io wtls_gate_read_ahead(wtls_gate *gate, size_t len) {
  if (!gate->open) return WASI_TLS_IO_BLOCKED;
  uint8_t *end = wtls_buffer_reserve(&gate->read_ahead, gate->allocator, len);
  if (end == NULL) return WASI_TLS_IO_FAILED;
  size_t count = 0;
  wasi_tls_io io = receive(gate, end, len, &count);
  gate->ahead = true;
  if (io == WASI_TLS_IO_OK) wtls_buffer_added(&gate->read_ahead, count);
  return io;
}

static wasi_tls_io send_some(wtls_gate *gate, const uint8_t *data, size_t len, size_t *count) {
  wasi_tls_io io = gate->transport->send(gate->context, data, len, count);
  if (io == WASI_TLS_IO_OK && *count != 0) {
    gate->passed += *count;
    gate->unflushed = true;
  }
  if (io == WASI_TLS_IO_FAILED) gate->output_failed = true;
  return io;
}

/* Keeps what the transport did not take. */
WTLS_COLD static wasi_tls_io hold_back(wtls_gate *gate, const uint8_t *data, size_t len) {
  if (gate->pending.len + len > gate->pending_limit)
    gate->over_limit = true;
  else if (wtls_buffer_append(&gate->pending, gate->allocator, data, len))
    return WASI_TLS_IO_OK;
  gate->out_of_memory = !gate->over_limit;
  /* Part of a record is out and the rest is lost: nothing more can be sent on this connection. */
  gate->output_failed = true;
  return WASI_TLS_IO_FAILED;
}

WTLS_COLD static wasi_tls_io send_later(wtls_gate *gate, const uint8_t *data, size_t len) {
  if (!gate->open) return WASI_TLS_IO_BLOCKED;
  return gate->output_failed ? WASI_TLS_IO_FAILED : hold_back(gate, data, len);
}

WTLS_HOT wasi_tls_io wtls_gate_send(wtls_gate *gate, const uint8_t *data, size_t len) {
  if (!gate->open || gate->output_failed || gate->pending.len != 0) return send_later(gate, data, len);
  size_t sent = 0;
  if (send_some(gate, data, len, &sent) == WASI_TLS_IO_FAILED) return WASI_TLS_IO_FAILED;
  return sent == len ? WASI_TLS_IO_OK : hold_back(gate, data + sent, len - sent);
}

wasi_tls_io wtls_gate_flush(wtls_gate *gate) {
  while (gate->pending.len != 0) {
    if (gate->output_failed) return WASI_TLS_IO_FAILED;
    wasi_tls_bytes rest = wtls_buffer_bytes(&gate->pending);
    size_t sent = 0;
    if (send_some(gate, rest.data, rest.len, &sent) == WASI_TLS_IO_FAILED) return WASI_TLS_IO_FAILED;
    if (sent == 0) return WASI_TLS_IO_BLOCKED;
    wtls_buffer_consume(&gate->pending, gate->allocator, sent);
  }
  if (!gate->unflushed) return WASI_TLS_IO_OK;
  wasi_tls_io io = gate->transport->flush(gate->context);
  if (io == WASI_TLS_IO_FAILED) gate->output_failed = true;
  if (io == WASI_TLS_IO_OK) gate->unflushed = false;
  return io;
}

wasi_tls_io wtls_gate_drain(wtls_gate *gate) {
  wasi_tls_io io = wtls_gate_flush(gate);
  if (io == WASI_TLS_IO_OK) io = gate->transport->drained(gate->context);
  if (io == WASI_TLS_IO_FAILED) gate->output_failed = true;
  return io;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "connection.h"

#include "fault.h"

/* What wasi:io says of a raw stream, in the gate's words. */
WTLS_HOT static wasi_tls_io stream_receive(void *context, uint8_t *buffer, size_t len, size_t *count) {
  wtls_connection *self = context;
  size_t got = 0;
  wasi_tls_result result = self->input->vtable->read(self->input, buffer, len, &got);
  if (result == WASI_TLS_ERR_CLOSED) return WASI_TLS_IO_END;
  if (result != WASI_TLS_OK) return WASI_TLS_IO_FAILED;
  if (got == 0) return WASI_TLS_IO_BLOCKED;
  *count = got;
  return WASI_TLS_IO_OK;
}

/* In parts, as the stream permits. */
WTLS_COLD static wasi_tls_io send_parts(wasi_tls_output_stream *output, const uint8_t *data, size_t len, size_t permit,
                                        size_t *count) {
  size_t rest = len;
  while (permit != 0) {
    if (permit > rest) permit = rest;
    if (output->vtable->write(output, data, permit) != WASI_TLS_OK) return WASI_TLS_IO_FAILED;
    data += permit;
    rest -= permit;
    permit = 0;
    if (rest != 0 && output->vtable->check_write(output, &permit) != WASI_TLS_OK) return WASI_TLS_IO_FAILED;
  }
  *count = len - rest;
  return WASI_TLS_IO_OK;
}

WTLS_HOT static wasi_tls_io stream_send(void *context, const uint8_t *data, size_t len, size_t *count) {
  wasi_tls_output_stream *output = ((wtls_connection *)context)->output;
  size_t permit = 0;
  if (output->vtable->check_write(output, &permit) != WASI_TLS_OK) return WASI_TLS_IO_FAILED;
  if (permit < len) return send_parts(output, data, len, permit, count);
  *count = len;
  return output->vtable->write(output, data, len) == WASI_TLS_OK ? WASI_TLS_IO_OK : WASI_TLS_IO_FAILED;
}

static wasi_tls_io stream_flush(void *context) {
  wtls_connection *self = context;
  return self->output->vtable->flush(self->output) == WASI_TLS_OK ? WASI_TLS_IO_OK : WASI_TLS_IO_FAILED;
}

/* wasi:io: while a flush is under way, nothing is permitted. */
static wasi_tls_io stream_drained(void *context) {
  wtls_connection *self = context;
  size_t permit = 0;
  if (self->output->vtable->check_write(self->output, &permit) != WASI_TLS_OK) return WASI_TLS_IO_FAILED;
  return permit != 0 ? WASI_TLS_IO_OK : WASI_TLS_IO_BLOCKED;
}

static const wtls_transport stream_transport = {stream_receive, stream_send, stream_flush, stream_drained};

wasi_tls_result wtls_connection_new(wasi_tls_config *config, wasi_tls_role role, wasi_tls_input_stream *input,
                                    wasi_tls_output_stream *output, wtls_connection **connection) {
  if (config == NULL || input == NULL || output == NULL || connection == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  if (input->vtable->size != sizeof(*input->vtable) || output->vtable->size != sizeof(*output->vtable))
    return WASI_TLS_ERR_STRUCT_SIZE;
  wtls_connection *made = wtls_alloc(&config->allocator, sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  wasi_tls_result result = wtls_endpoint_new_over(config, role, &stream_transport, made, &made->endpoint);
  if (result != WASI_TLS_OK) {
    wtls_release(&config->allocator, made);
    return result;
  }
  made->holds = 1;
  made->input = input;
  made->output = output;
  *connection = made;
  return WASI_TLS_OK;
}

wtls_connection *wtls_connection_hold(wtls_connection *self) {
  self->holds++;
  return self;
}

/* The last handle is gone: say goodbye as far as that goes at once, and let the raw streams go. */
void wtls_connection_release(wtls_connection *self) {
  if (self == NULL) return;
  if (--self->holds == self->pollables) wtls_connection_wake(self);
  if (self->holds != 0) return;
  wasi_tls_endpoint *endpoint = self->endpoint;
  wasi_tls_allocator allocator = *wtls_connection_allocator(self);
  if (endpoint->state == WTLS_STATE_OPEN) wtls_kept(wasi_tls_endpoint_close(endpoint));
  if (endpoint->state == WTLS_STATE_OPEN || endpoint->state == WTLS_STATE_ENDED) (void)wtls_gate_flush(&endpoint->gate);
  wasi_tls_endpoint_free(endpoint);
  wasi_tls_input_stream_free(self->input);
  wasi_tls_output_stream_free(self->output);
  wtls_release(&allocator, self);
}

void wtls_waiter_disarm(wtls_connection *self, wtls_waiter *waiter) {
  if (!waiter->armed) return;
  if (waiter->previous != NULL)
    waiter->previous->next = waiter->next;
  else
    self->waiters = waiter->next;
  if (waiter->next != NULL) waiter->next->previous = waiter->previous;
  waiter->armed = false;
}

static void arm(wtls_connection *self, wtls_waiter *waiter, wasi_tls_waker waker) {
  waiter->waker = waker;
  if (waiter->armed) return;
  waiter->previous = NULL;
  waiter->next = self->waiters;
  if (self->waiters != NULL) self->waiters->previous = waiter;
  self->waiters = waiter;
  waiter->armed = true;
}

void wtls_connection_wake(wtls_connection *self) {
  while (self->waiters != NULL) {
    wtls_waiter *waiter = self->waiters;
    wtls_waiter_disarm(self, waiter);
    waiter->waker.wake(waiter->waker.context);
  }
}

static void transport_woke(void *context) {
  wtls_connection_wake(context);
}

wasi_tls_result wtls_connection_drive(wtls_connection *self) {
  wasi_tls_endpoint *endpoint = self->endpoint;
  wtls_state before = endpoint->state;
  bool was_waiting = wtls_endpoint_is_waiting(endpoint);
  wasi_tls_result result = wasi_tls_endpoint_drive(endpoint);
  if (endpoint->state != before || wtls_endpoint_is_waiting(endpoint) != was_waiting) wtls_connection_wake(self);
  return result;
}

static bool is_writable(wtls_connection *self) {
  size_t permit = 0;
  return wasi_tls_endpoint_check_write(self->endpoint, &permit) != WASI_TLS_OK || permit != 0;
}

static bool is_readable(wtls_connection *self) {
  size_t count = 0;
  return wasi_tls_endpoint_read(self->endpoint, NULL, 0, &count) != WASI_TLS_PENDING;
}

static bool is_sent(wtls_connection *self) {
  return wtls_gate_drain(&self->endpoint->gate) != WASI_TLS_IO_BLOCKED;
}

static bool is_passed(wtls_connection *self, wasi_tls_step step) {
  if (!wtls_endpoint_passed(self->endpoint, step) && wtls_endpoint_is_waiting(self->endpoint))
    wtls_kept(wtls_connection_drive(self));
  return wtls_endpoint_passed(self->endpoint, step) || self->endpoint->state == WTLS_STATE_ENDED;
}

bool wtls_connection_ready(wtls_connection *self, wtls_event event, wasi_tls_step step) {
  switch (event) {
    case WTLS_EVENT_STEP:
      return is_passed(self, step);
    case WTLS_EVENT_READABLE:
      return is_readable(self);
    case WTLS_EVENT_WRITABLE:
      return is_writable(self);
    default:
      return is_sent(self);
  }
}

/*
 * Asks the raw streams to wake us. True if one is ready already. A suspended handshake asks for neither: it waits for
 * the guest alone. So does a post-handshake answer behind cleartext that has to be read first.
 */
static bool arm_transport(wtls_connection *self, wtls_event event) {
  const wasi_tls_endpoint *endpoint = self->endpoint;
  const wasi_tls_waker waker = {transport_woke, self};
  bool ended = endpoint->state == WTLS_STATE_ENDED;
  bool sends = endpoint->gate.pending.len != 0 || endpoint->gate.unflushed || event == WTLS_EVENT_WRITABLE ||
               event == WTLS_EVENT_SENT;
  bool full = endpoint->early.len == endpoint->write_permit;
  bool receives = !ended && (event == WTLS_EVENT_READABLE || (event == WTLS_EVENT_STEP && !full));
  if (!endpoint->gate.open && !ended) return false;
  bool ready = sends && self->output->vtable->poll(self->output, waker);
  return (receives && self->input->vtable->poll(self->input, waker)) || ready;
}

bool wtls_connection_wait(wtls_connection *self, wtls_waiter *waiter, wasi_tls_waker waker, wtls_event event,
                          wasi_tls_step step) {
  if (waker.wake == NULL) return wtls_connection_ready(self, event, step);
  wtls_waiter_disarm(self, waiter);
  if (wtls_connection_ready(self, event, step)) return true;
  if (arm_transport(self, event)) {
    /* Something came in between, or the transport only seemed ready: in either case one more look, and no loop. */
    if (wtls_connection_ready(self, event, step)) return true;
    if (arm_transport(self, event)) {
      waker.wake(waker.context);
      return false;
    }
  }
  arm(self, waiter, waker);
  return false;
}

void wtls_connection_return_view(wtls_connection *self) {
  self->endpoint->views_lent--;
  wtls_endpoint_trim(self->endpoint);
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What client-handshake and server-handshake have in common. */
#include "connection.h"

wasi_tls_result wtls_handshake_new(wtls_connection *connection, wtls_handshake **handshake) {
  wtls_handshake *made = wtls_alloc(wtls_connection_allocator(connection), sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  made->connection = wtls_connection_hold(connection);
  *handshake = made;
  return WASI_TLS_OK;
}

/* The future first: a step that has begun can't be taken back for want of memory. */
wasi_tls_result wtls_handshake_start(wtls_handshake *self, wasi_tls_step step, wtls_future **future) {
  if (self == NULL || future == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  if (self->spent) return WASI_TLS_ERR_WRONG_STATE;
  wtls_future *made = NULL;
  wasi_tls_result result = wtls_future_new(self->connection, step, &made);
  if (result == WASI_TLS_OK) result = wasi_tls_endpoint_start(self->connection->endpoint, step);
  if (result != WASI_TLS_OK) {
    wtls_future_free(made);
    return result;
  }
  if (step == WASI_TLS_STEP_FINISH) self->spent = true;
  wtls_connection_wake(self->connection);
  *future = made;
  return WASI_TLS_OK;
}

wasi_tls_result wtls_handshake_abort(wtls_handshake *self, uint8_t alert, wasi_tls_pollable **pollable) {
  if (self == NULL || pollable == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  if (self->spent) return WASI_TLS_ERR_WRONG_STATE;
  wasi_tls_pollable *made = NULL;
  wasi_tls_result result = wtls_pollable_new(self->connection, WTLS_EVENT_SENT, WASI_TLS_STEP_ABORT, &made);
  if (result == WASI_TLS_OK) result = wasi_tls_endpoint_abort(self->connection->endpoint, alert);
  if (result != WASI_TLS_OK) {
    wasi_tls_pollable_free(made);
    return result;
  }
  self->spent = true;
  wtls_connection_wake(self->connection);
  *pollable = made;
  return WASI_TLS_OK;
}

/* Dropped without finish or abort: the connection ends where it stands. */
void wtls_handshake_free(wtls_handshake *self) {
  if (self == NULL) return;
  wtls_connection *connection = self->connection;
  if (!self->spent) {
    wasi_tls_endpoint *endpoint = connection->endpoint;
    if (wtls_state_lookup(endpoint->role, endpoint->state, WTLS_CALL_DROP).action == WTLS_ACTION_END)
      (void)wtls_endpoint_fail(endpoint, WASI_TLS_ERR_ABORTED, "the handshake was dropped");
    wtls_connection_wake(connection);
  }
  wtls_release(wtls_connection_allocator(connection), self);
  wtls_connection_release(connection);
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "wasi_tls/future.h"

#include "connection.h"

wasi_tls_result wtls_future_new(wtls_connection *connection, wasi_tls_step step, wtls_future **future) {
  wtls_future *made = wtls_alloc(wtls_connection_allocator(connection), sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  made->connection = wtls_connection_hold(connection);
  made->step = step;
  made->lends_view = step == WASI_TLS_STEP_CLIENT_HELLO || step == WASI_TLS_STEP_CLIENT_IDENTITY_REQUEST;
  if (made->lends_view) connection->endpoint->views_lent++;
  *future = made;
  return WASI_TLS_OK;
}

void wtls_future_free(wtls_future *self) {
  if (self == NULL) return;
  wtls_connection *connection = self->connection;
  if (self->lends_view) wtls_connection_return_view(connection);
  wtls_release(wtls_connection_allocator(connection), self);
  wtls_connection_release(connection);
}

static wasi_tls_result subscribe(wtls_future *self, wasi_tls_pollable **pollable) {
  if (self == NULL || pollable == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  return wtls_pollable_new(self->connection, WTLS_EVENT_STEP, self->step, pollable);
}

/* OK once the step's point is passed; its failure, once; then ALREADY_TAKEN. */
static wasi_tls_result settle(wtls_future *self) {
  if (self->taken) return WASI_TLS_ERR_ALREADY_TAKEN;
  if (!wtls_connection_ready(self->connection, WTLS_EVENT_STEP, self->step)) return WASI_TLS_PENDING;
  if (wtls_endpoint_passed(self->connection->endpoint, self->step)) return WASI_TLS_OK;
  self->taken = true;
  return self->connection->endpoint->error.result;
}

wasi_tls_result wasi_tls_future_streams_subscribe(wasi_tls_future_streams *self, wasi_tls_pollable **pollable) {
  return subscribe((wtls_future *)self, pollable);
}

wasi_tls_result wasi_tls_future_streams_get(wasi_tls_future_streams *self, wasi_tls_input_stream **input,
                                            wasi_tls_output_stream **output) {
  if (self == NULL || input == NULL || output == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  wasi_tls_result result = settle(&self->base);
  if (result == WASI_TLS_OK) result = wtls_cleartext_new(self->base.connection, input, output);
  if (result == WASI_TLS_OK) self->base.taken = true;
  return result;
}

void wasi_tls_future_streams_free(wasi_tls_future_streams *self) {
  wtls_future_free((wtls_future *)self);
}

wasi_tls_result wasi_tls_future_client_hello_subscribe(wasi_tls_future_client_hello *self,
                                                       wasi_tls_pollable **pollable) {
  return subscribe((wtls_future *)self, pollable);
}

wasi_tls_result wasi_tls_future_client_hello_get(wasi_tls_future_client_hello *self, wasi_tls_client_hello **hello) {
  if (self == NULL || hello == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  wasi_tls_result result = settle(&self->base);
  if (result != WASI_TLS_OK) return result;
  wtls_connection *connection = self->base.connection;
  wasi_tls_client_hello *made = wtls_alloc(wtls_connection_allocator(connection), sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  made->connection = wtls_connection_hold(connection);
  made->hello = connection->endpoint->hello;
  connection->endpoint->views_lent++;
  self->base.taken = true;
  *hello = made;
  return WASI_TLS_OK;
}

void wasi_tls_future_client_hello_free(wasi_tls_future_client_hello *self) {
  wtls_future_free((wtls_future *)self);
}

wasi_tls_result wasi_tls_future_public_identity_subscribe(wasi_tls_future_public_identity *self,
                                                          wasi_tls_pollable **pollable) {
  return subscribe((wtls_future *)self, pollable);
}

wasi_tls_result wasi_tls_future_public_identity_get(wasi_tls_future_public_identity *self,
                                                    wasi_tls_public_identity **identity) {
  if (self == NULL || identity == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  wasi_tls_result result = settle(&self->base);
  if (result == WASI_TLS_OK) result = wasi_tls_endpoint_peer_identity(self->base.connection->endpoint, identity);
  if (result == WASI_TLS_OK) self->base.taken = true;
  return result;
}

void wasi_tls_future_public_identity_free(wasi_tls_future_public_identity *self) {
  wtls_future_free((wtls_future *)self);
}

wasi_tls_result wasi_tls_future_client_identity_request_subscribe(wasi_tls_future_client_identity_request *self,
                                                                  wasi_tls_pollable **pollable) {
  return subscribe((wtls_future *)self, pollable);
}

wasi_tls_result wasi_tls_future_client_identity_request_get(wasi_tls_future_client_identity_request *self,
                                                            wasi_tls_client_identity_request **request) {
  if (self == NULL || request == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  wasi_tls_result result = settle(&self->base);
  if (result != WASI_TLS_OK) return result;
  wtls_connection *connection = self->base.connection;
  wasi_tls_client_identity_request *made = NULL;
  if (connection->endpoint->request != NULL) {
    made = wtls_alloc(wtls_connection_allocator(connection), sizeof(*made));
    if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
    made->connection = wtls_connection_hold(connection);
    made->request = connection->endpoint->request;
    connection->endpoint->views_lent++;
  }
  self->base.taken = true;
  *request = made;
  return WASI_TLS_OK;
}

void wasi_tls_future_client_identity_request_free(wasi_tls_future_client_identity_request *self) {
  wtls_future_free((wtls_future *)self);
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* WIT server-connection, server-handshake and client-hello. */
#include "wasi_tls/server.h"

#include "connection.h"
#include "properties.h"

struct wasi_tls_server_connection {
  wtls_connection *connection;
};

wasi_tls_result wasi_tls_server_connection_new(wasi_tls_config *config, wasi_tls_input_stream *input,
                                               wasi_tls_output_stream *output,
                                               wasi_tls_server_connection **connection) {
  if (config == NULL || connection == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  wasi_tls_server_connection *made = wtls_alloc(&config->allocator, sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  wasi_tls_result result = wtls_connection_new(config, WASI_TLS_ROLE_SERVER, input, output, &made->connection);
  if (result == WASI_TLS_OK)
    *connection = made;
  else
    wtls_release(&config->allocator, made);
  return result;
}

wasi_tls_result wasi_tls_server_connection_accept(wasi_tls_server_connection *self,
                                                  wasi_tls_server_handshake **handshake) {
  if (self == NULL || handshake == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  wtls_handshake *made = NULL;
  wasi_tls_result result = wtls_handshake_new(self->connection, &made);
  if (result != WASI_TLS_OK) return result;
  result = wasi_tls_endpoint_accept(self->connection->endpoint);
  if (result == WASI_TLS_OK) {
    *handshake = (wasi_tls_server_handshake *)made;
    return result;
  }
  made->spent = true;
  wtls_handshake_free(made);
  return result;
}

wasi_tls_result wasi_tls_server_connection_request_client_identity(wasi_tls_server_connection *self,
                                                                   wasi_tls_future_public_identity **future) {
  if (self == NULL || future == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  /* The same call of the table is a step of the handshake before it is open, which is the handshake's to make. */
  if (self->connection->endpoint->state != WTLS_STATE_OPEN) return WASI_TLS_ERR_WRONG_STATE;
  wtls_future *made = NULL;
  wasi_tls_result result = wtls_future_new(self->connection, WASI_TLS_STEP_CLIENT_IDENTITY, &made);
  if (result == WASI_TLS_OK)
    result = wasi_tls_endpoint_start(self->connection->endpoint, WASI_TLS_STEP_CLIENT_IDENTITY);
  if (result != WASI_TLS_OK) {
    wtls_future_free(made);
    return result;
  }
  wtls_connection_wake(self->connection);
  *future = (wasi_tls_future_public_identity *)made;
  return WASI_TLS_OK;
}

bool wasi_tls_server_connection_server_name(const wasi_tls_server_connection *self, wasi_tls_bytes *value) {
  return self != NULL && wtls_property_server_name(self->connection, value);
}

bool wasi_tls_server_connection_alpn_id(const wasi_tls_server_connection *self, wasi_tls_bytes *value) {
  return self != NULL && wtls_property_alpn_id(self->connection, value);
}

bool wasi_tls_server_connection_client_identity(const wasi_tls_server_connection *self,
                                                wasi_tls_public_identity **value) {
  return self != NULL && wtls_property_peer_identity(self->connection, value);
}

bool wasi_tls_server_connection_server_identity(const wasi_tls_server_connection *self,
                                                wasi_tls_private_identity **value) {
  return self != NULL && wtls_property_own_identity(self->connection, value);
}

bool wasi_tls_server_connection_protocol_version(const wasi_tls_server_connection *self,
                                                 wasi_tls_protocol_version *value) {
  return self != NULL && wtls_property_protocol_version(self->connection, value);
}

bool wasi_tls_server_connection_cipher_suite(const wasi_tls_server_connection *self, wasi_tls_cipher_suite *value) {
  return self != NULL && wtls_property_cipher_suite(self->connection, value);
}

bool wasi_tls_server_connection_last_error(const wasi_tls_server_connection *self, wasi_tls_error *error) {
  return self != NULL && wasi_tls_endpoint_last_error(self->connection->endpoint, error);
}

void wasi_tls_server_connection_free(wasi_tls_server_connection *self) {
  if (self == NULL) return;
  wtls_connection *connection = self->connection;
  wtls_release(wtls_connection_allocator(connection), self);
  wtls_connection_release(connection);
}

/* The endpoint to call on, or NULL with the reason in |*result|. */
static wasi_tls_endpoint *usable(const wasi_tls_server_handshake *self, wasi_tls_result *result) {
  *result = self == NULL ? WASI_TLS_ERR_NULL_ARGUMENT : WASI_TLS_ERR_WRONG_STATE;
  return self != NULL && !self->base.spent ? self->base.connection->endpoint : NULL;
}

wasi_tls_result wasi_tls_server_handshake_configure_alpn_ids(wasi_tls_server_handshake *self, const wasi_tls_bytes *ids,
                                                             size_t count) {
  wasi_tls_result result;
  wasi_tls_endpoint *endpoint = usable(self, &result);
  return endpoint != NULL ? wasi_tls_endpoint_configure_alpn_ids(endpoint, ids, count) : result;
}

wasi_tls_result wasi_tls_server_handshake_configure_server_identities(wasi_tls_server_handshake *self,
                                                                      wasi_tls_private_identity *const *identities,
                                                                      size_t count) {
  wasi_tls_result result;
  wasi_tls_endpoint *endpoint = usable(self, &result);
  return endpoint != NULL ? wasi_tls_endpoint_configure_identities(endpoint, identities, count) : result;
}

wasi_tls_result wasi_tls_server_handshake_receive_client_hello(wasi_tls_server_handshake *self,
                                                               wasi_tls_future_client_hello **future) {
  return wtls_handshake_start((wtls_handshake *)self, WASI_TLS_STEP_CLIENT_HELLO, (wtls_future **)future);
}

wasi_tls_result wasi_tls_server_handshake_request_client_identity(wasi_tls_server_handshake *self,
                                                                  wasi_tls_future_public_identity **future) {
  return wtls_handshake_start((wtls_handshake *)self, WASI_TLS_STEP_CLIENT_IDENTITY, (wtls_future **)future);
}

wasi_tls_result wasi_tls_server_handshake_finish(wasi_tls_server_handshake *self, wasi_tls_future_streams **future) {
  return wtls_handshake_start((wtls_handshake *)self, WASI_TLS_STEP_FINISH, (wtls_future **)future);
}

wasi_tls_result wasi_tls_server_handshake_abort(wasi_tls_server_handshake *self, wasi_tls_pollable **pollable) {
  return wtls_handshake_abort((wtls_handshake *)self, 0, pollable);
}

wasi_tls_result wasi_tls_server_handshake_abort_with(wasi_tls_server_handshake *self, uint8_t alert,
                                                     wasi_tls_pollable **pollable) {
  return alert != 0 ? wtls_handshake_abort((wtls_handshake *)self, alert, pollable) : WASI_TLS_ERR_ALERT_VALUE;
}

void wasi_tls_server_handshake_free(wasi_tls_server_handshake *self) {
  wtls_handshake_free((wtls_handshake *)self);
}

bool wasi_tls_client_hello_server_name(const wasi_tls_client_hello *self, wasi_tls_bytes *value) {
  if (self == NULL || value == NULL || self->hello->server_name.data == NULL) return false;
  *value = self->hello->server_name;
  return true;
}

wasi_tls_result wasi_tls_client_hello_alpn_ids(const wasi_tls_client_hello *self, const wasi_tls_bytes **ids,
                                               size_t *count) {
  if (self == NULL || ids == NULL || count == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  *ids = self->hello->alpn_ids;
  *count = self->hello->alpn_id_count;
  return WASI_TLS_OK;
}

wasi_tls_result wasi_tls_client_hello_cipher_suites(const wasi_tls_client_hello *self,
                                                    const wasi_tls_cipher_suite **suites, size_t *count) {
  if (self == NULL || suites == NULL || count == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  *suites = self->hello->cipher_suites.codes;
  *count = self->hello->cipher_suites.count;
  return WASI_TLS_OK;
}

void wasi_tls_client_hello_free(wasi_tls_client_hello *self) {
  if (self == NULL) return;
  wtls_connection *connection = self->connection;
  wtls_connection_return_view(connection);
  wtls_release(wtls_connection_allocator(connection), self);
  wtls_connection_release(connection);
}

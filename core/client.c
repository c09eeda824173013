/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* WIT client-connection, client-handshake and client-identity-request. */
#include "wasi_tls/client.h"

#include "connection.h"
#include "properties.h"

struct wasi_tls_client_connection {
  wtls_connection *connection;
};

wasi_tls_result wasi_tls_client_connection_new(wasi_tls_config *config, wasi_tls_input_stream *input,
                                               wasi_tls_output_stream *output,
                                               wasi_tls_client_connection **connection) {
  if (config == NULL || connection == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  wasi_tls_client_connection *made = wtls_alloc(&config->allocator, sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  wasi_tls_result result = wtls_connection_new(config, WASI_TLS_ROLE_CLIENT, input, output, &made->connection);
  if (result == WASI_TLS_OK)
    *connection = made;
  else
    wtls_release(&config->allocator, made);
  return result;
}

wasi_tls_result wasi_tls_client_connection_connect(wasi_tls_client_connection *self, wasi_tls_bytes server_name,
                                                   wasi_tls_client_handshake **handshake) {
  if (self == NULL || handshake == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  wtls_handshake *made = NULL;
  wasi_tls_result result = wtls_handshake_new(self->connection, &made);
  if (result != WASI_TLS_OK) return result;
  result = wasi_tls_endpoint_connect(self->connection->endpoint, server_name);
  if (result == WASI_TLS_OK) {
    *handshake = (wasi_tls_client_handshake *)made;
    return result;
  }
  made->spent = true;
  wtls_handshake_free(made);
  return result;
}

bool wasi_tls_client_connection_server_name(const wasi_tls_client_connection *self, wasi_tls_bytes *value) {
  return self != NULL && wtls_property_server_name(self->connection, value);
}

bool wasi_tls_client_connection_alpn_id(const wasi_tls_client_connection *self, wasi_tls_bytes *value) {
  return self != NULL && wtls_property_alpn_id(self->connection, value);
}

bool wasi_tls_client_connection_client_identity(const wasi_tls_client_connection *self,
                                                wasi_tls_private_identity **value) {
  return self != NULL && wtls_property_own_identity(self->connection, value);
}

bool wasi_tls_client_connection_server_identity(const wasi_tls_client_connection *self,
                                                wasi_tls_public_identity **value) {
  return self != NULL && wtls_property_peer_identity(self->connection, value);
}

bool wasi_tls_client_connection_protocol_version(const wasi_tls_client_connection *self,
                                                 wasi_tls_protocol_version *value) {
  return self != NULL && wtls_property_protocol_version(self->connection, value);
}

bool wasi_tls_client_connection_cipher_suite(const wasi_tls_client_connection *self, wasi_tls_cipher_suite *value) {
  return self != NULL && wtls_property_cipher_suite(self->connection, value);
}

bool wasi_tls_client_connection_last_error(const wasi_tls_client_connection *self, wasi_tls_error *error) {
  return self != NULL && wasi_tls_endpoint_last_error(self->connection->endpoint, error);
}

void wasi_tls_client_connection_free(wasi_tls_client_connection *self) {
  if (self == NULL) return;
  wtls_connection *connection = self->connection;
  wtls_release(wtls_connection_allocator(connection), self);
  wtls_connection_release(connection);
}

/* The endpoint to call on, or NULL with the reason in |*result|. */
static wasi_tls_endpoint *usable(const wasi_tls_client_handshake *self, wasi_tls_result *result) {
  *result = self == NULL ? WASI_TLS_ERR_NULL_ARGUMENT : WASI_TLS_ERR_WRONG_STATE;
  return self != NULL && !self->base.spent ? self->base.connection->endpoint : NULL;
}

wasi_tls_result wasi_tls_client_handshake_configure_alpn_ids(wasi_tls_client_handshake *self, const wasi_tls_bytes *ids,
                                                             size_t count) {
  wasi_tls_result result;
  wasi_tls_endpoint *endpoint = usable(self, &result);
  return endpoint != NULL ? wasi_tls_endpoint_configure_alpn_ids(endpoint, ids, count) : result;
}

wasi_tls_result wasi_tls_client_handshake_configure_client_identities(wasi_tls_client_handshake *self,
                                                                      wasi_tls_private_identity *const *identities,
                                                                      size_t count) {
  wasi_tls_result result;
  wasi_tls_endpoint *endpoint = usable(self, &result);
  return endpoint != NULL ? wasi_tls_endpoint_configure_identities(endpoint, identities, count) : result;
}

wasi_tls_result wasi_tls_client_handshake_verify_server_identity(wasi_tls_client_handshake *self,
                                                                 wasi_tls_future_public_identity **future) {
  return wtls_handshake_start((wtls_handshake *)self, WASI_TLS_STEP_SERVER_IDENTITY, (wtls_future **)future);
}

wasi_tls_result wasi_tls_client_handshake_receive_client_identity_request(
    wasi_tls_client_handshake *self, wasi_tls_future_client_identity_request **future) {
  return wtls_handshake_start((wtls_handshake *)self, WASI_TLS_STEP_CLIENT_IDENTITY_REQUEST, (wtls_future **)future);
}

wasi_tls_result wasi_tls_client_handshake_finish(wasi_tls_client_handshake *self, wasi_tls_future_streams **future) {
  return wtls_handshake_start((wtls_handshake *)self, WASI_TLS_STEP_FINISH, (wtls_future **)future);
}

wasi_tls_result wasi_tls_client_handshake_abort(wasi_tls_client_handshake *self, wasi_tls_pollable **pollable) {
  return wtls_handshake_abort((wtls_handshake *)self, 0, pollable);
}

wasi_tls_result wasi_tls_client_handshake_abort_with(wasi_tls_client_handshake *self, uint8_t alert,
                                                     wasi_tls_pollable **pollable) {
  return alert != 0 ? wtls_handshake_abort((wtls_handshake *)self, alert, pollable) : WASI_TLS_ERR_ALERT_VALUE;
}

void wasi_tls_client_handshake_free(wasi_tls_client_handshake *self) {
  wtls_handshake_free((wtls_handshake *)self);
}

wasi_tls_result wasi_tls_client_identity_request_respond(wasi_tls_client_identity_request *self,
                                                         wasi_tls_private_identity *const *identities, size_t count) {
  if (self == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  if (self->spent) return WASI_TLS_ERR_WRONG_STATE;
  self->spent = true;
  return wasi_tls_endpoint_respond(self->connection->endpoint, identities, count);
}

wasi_tls_result wasi_tls_client_identity_request_authorities(const wasi_tls_client_identity_request *self,
                                                             const wasi_tls_bytes **names, size_t *count) {
  if (self == NULL || names == NULL || count == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  *names = self->request->authorities;
  *count = self->request->authority_count;
  return WASI_TLS_OK;
}

wasi_tls_result wasi_tls_client_identity_request_signature_schemes(const wasi_tls_client_identity_request *self,
                                                                   const uint16_t **schemes, size_t *count) {
  if (self == NULL || schemes == NULL || count == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  *schemes = self->request->schemes;
  *count = self->request->scheme_count;
  return WASI_TLS_OK;
}

void wasi_tls_client_identity_request_free(wasi_tls_client_identity_request *self) {
  if (self == NULL) return;
  wtls_connection *connection = self->connection;
  wtls_connection_return_view(connection);
  wtls_release(wtls_connection_allocator(connection), self);
  wtls_connection_release(connection);
}

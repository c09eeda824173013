/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "properties.h"

#include "fault.h"

static wasi_tls_properties properties_of(const wtls_connection *connection) {
  wasi_tls_properties properties = {.size = sizeof(properties)};
  wtls_kept(wasi_tls_endpoint_properties(connection->endpoint, &properties));
  return properties;
}

static bool give_bytes(wasi_tls_bytes found, wasi_tls_bytes *value) {
  if (value == NULL || found.data == NULL) return false;
  *value = found;
  return true;
}

static bool give_code(uint16_t found, uint16_t *value) {
  if (value == NULL || found == 0) return false;
  *value = found;
  return true;
}

bool wtls_property_server_name(const wtls_connection *connection, wasi_tls_bytes *value) {
  return give_bytes(properties_of(connection).server_name, value);
}

bool wtls_property_alpn_id(const wtls_connection *connection, wasi_tls_bytes *value) {
  return give_bytes(properties_of(connection).alpn_id, value);
}

bool wtls_property_protocol_version(const wtls_connection *connection, wasi_tls_protocol_version *value) {
  return give_code(properties_of(connection).version, value);
}

bool wtls_property_cipher_suite(const wtls_connection *connection, wasi_tls_cipher_suite *value) {
  return give_code(properties_of(connection).cipher_suite, value);
}

bool wtls_property_own_identity(const wtls_connection *connection, wasi_tls_private_identity **value) {
  if (value == NULL || connection->endpoint->own == NULL) return false;
  return wasi_tls_endpoint_own_identity(connection->endpoint, value) == WASI_TLS_OK;
}

bool wtls_property_peer_identity(const wtls_connection *connection, wasi_tls_public_identity **value) {
  if (value == NULL || !connection->endpoint->peer_verified) return false;
  return wasi_tls_endpoint_peer_identity(connection->endpoint, value) == WASI_TLS_OK;
}

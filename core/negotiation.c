/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * What the core decides before an engine sees a byte: version, protocol and identity on a server.
 * So the caller's order counts and the alerts are the same on every engine.
 */
#include "alert.h"
#include "endpoint.h"
#include "selection.h"
#include "server_name.h"

static wasi_tls_result new_engine(wasi_tls_endpoint *self, const wasi_tls_backend_connection_params *params) {
  wasi_tls_result result = self->backend->connection_new(self->config->context, params, &self->engine);
  if (result == WASI_TLS_OK) return result;
  return wtls_endpoint_refuse(self, result, WTLS_ALERT_INTERNAL_ERROR, "the engine could not make a connection");
}

wasi_tls_result wtls_endpoint_start_client(wasi_tls_endpoint *self) {
  const wasi_tls_backend_connection_params params = {
      .size = sizeof(params),
      .role = WASI_TLS_ROLE_CLIENT,
      .host = &wtls_endpoint_host,
      .core = self,
      .server_name = self->reference->ip_len == 0 ? self->reference->dns : NULL,
      .alpn = self->alpn.ids,
      .alpn_count = self->alpn.count,
  };
  wasi_tls_result result = new_engine(self, &params);
  if (result != WASI_TLS_OK || wtls_read_ahead_start(self)) return result;
  return wtls_endpoint_fail(self, WASI_TLS_ERR_OUT_OF_MEMORY, "out of memory");
}

static wasi_tls_private_identity *choose_identity(const wasi_tls_endpoint *self, wasi_tls_protocol_version version) {
  wtls_codes suites = {self->config->suites, self->config->suite_count};
  for (size_t i = 0; i < self->identities.count; i++) {
    wasi_tls_private_identity *identity = self->identities.items[i];
    if (wtls_suits_client_hello(identity->certificates[0].key_type, self->hello, version, suites)) return identity;
  }
  return NULL;
}

/* RFC 8446, section 4.1.1, and RFC 8422, section 5.1. A client of TLS 1.2 need not say which it has. */
static bool has_common_group(const wasi_tls_endpoint *self) {
  const wasi_tls_backend *backend = self->backend;
  if (backend->server_groups == NULL || self->hello->groups.count == 0) return true;
  for (size_t i = 0; i < backend->server_group_count; i++)
    if (wtls_codes_contain(self->hello->groups, backend->server_groups[i])) return true;
  return false;
}

wasi_tls_result wtls_endpoint_take_server_name(wasi_tls_endpoint *self) {
  wasi_tls_bytes name = self->hello->server_name;
  if (name.data == NULL) return WASI_TLS_OK;
  self->server_name = (char *)wtls_copy(&self->config->allocator, name.data, name.len);
  if (self->server_name == NULL) return wtls_endpoint_fail(self, WASI_TLS_ERR_OUT_OF_MEMORY, "out of memory");
  self->server_name_len = name.len;
  self->has_server_name = true;
  return WASI_TLS_OK;
}

wasi_tls_result wtls_endpoint_start_server(wasi_tls_endpoint *self) {
  const wasi_tls_config *config = self->config;
  wasi_tls_protocol_version version = wtls_hello_best_version(self->hello, config->min_version, config->max_version);
  if (version == 0)
    return wtls_endpoint_refuse(self, WASI_TLS_ERR_PROTOCOL_VERSION, WTLS_ALERT_PROTOCOL_VERSION,
                                "the client offers no version of the configured range");
  if (self->identities.count == 0)
    return wtls_endpoint_refuse(self, WASI_TLS_ERR_NO_IDENTITY, WTLS_ALERT_HANDSHAKE_FAILURE,
                                "the server has no identity");
  /* RFC 8446, section 9.2. */
  if (version == WASI_TLS_VERSION_TLS13 &&
      (self->hello->signature_schemes.count == 0 || self->hello->groups.count == 0))
    return wtls_endpoint_refuse(self, WASI_TLS_ERR_PROTOCOL, WTLS_ALERT_MISSING_EXTENSION,
                                "the client names no signature algorithms or no groups");
  if (!has_common_group(self))
    return wtls_endpoint_refuse(self, WASI_TLS_ERR_PROTOCOL, WTLS_ALERT_HANDSHAKE_FAILURE, "no group in common");
  const wasi_tls_bytes *alpn = wtls_alpn_select(&self->alpn, self->hello->alpn_ids, self->hello->alpn_id_count);
  if (alpn == NULL && self->alpn.count != 0 && self->hello->has_alpn)
    return wtls_endpoint_refuse(self, WASI_TLS_ERR_NO_APPLICATION_PROTOCOL, WTLS_ALERT_NO_APPLICATION_PROTOCOL,
                                "no application protocol in common");
  wasi_tls_private_identity *identity = choose_identity(self, version);
  if (identity == NULL)
    return wtls_endpoint_refuse(self, WASI_TLS_ERR_NO_SUITABLE_IDENTITY, WTLS_ALERT_HANDSHAKE_FAILURE,
                                "no identity of the server suits the client");
  self->own = wtls_private_identity_hold(identity);
  self->peer_offered_post = self->hello->post_handshake_auth;
  if (config->client_identity != WASI_TLS_CLIENT_IDENTITY_NONE) self->asks_client = true;
  const wasi_tls_backend_connection_params params = {
      .size = sizeof(params),
      .role = WASI_TLS_ROLE_SERVER,
      .host = &wtls_endpoint_host,
      .core = self,
      .alpn = alpn,
      .alpn_count = alpn != NULL ? 1 : 0,
      .identity = identity->engine_identity,
      .request_client_identity = self->asks_client,
      .post_handshake_auth = self->peer_offered_post,
  };
  return new_engine(self, &params);
}

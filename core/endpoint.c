/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* An endpoint's life, and the calls that only set something up. */
#include "endpoint.h"

#include <string.h>

#include "engine.h"
#include "fault.h"
#include "server_name.h"

wasi_tls_result wtls_endpoint_new_over(wasi_tls_config *config, wasi_tls_role role, const wtls_transport *transport,
                                       void *context, wasi_tls_endpoint **endpoint) {
  wasi_tls_capability capability = role == WASI_TLS_ROLE_CLIENT ? WASI_TLS_CAP_CLIENT : WASI_TLS_CAP_SERVER;
  if (!wtls_backend_supports(config->backend, capability)) return WASI_TLS_ERR_UNSUPPORTED;
  wasi_tls_endpoint *made = wtls_alloc(&config->allocator, sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  made->config = wtls_config_hold(config);
  made->backend = config->backend;
  made->write_permit = config->limits.write_permit;
  made->role = role;
  made->state = WTLS_STATE_NEW;
  wtls_gate_init(&made->gate, transport, context != NULL ? context : made, &config->allocator,
                 config->limits.handshake_bytes);
  wasi_tls_error_init(&made->error);
  *endpoint = made;
  return WASI_TLS_OK;
}

static void free_handshake_lists(wasi_tls_endpoint *self) {
  const wasi_tls_allocator *allocator = &self->config->allocator;
  wtls_alpn_list_clear(&self->alpn, allocator);
  wtls_client_offer_clear(&self->offer, allocator);
  wtls_release(allocator, self->reference);
  self->reference = NULL;
  /* A client that answers post-handshake requests needs its identities for as long as it lives. */
  bool answers_later = self->role == WASI_TLS_ROLE_CLIENT && self->config->post_handshake_auth;
  if (!answers_later || self->state == WTLS_STATE_ENDED) wtls_identity_list_clear(&self->identities, allocator);
}

static void free_views(wasi_tls_endpoint *self) {
  wtls_release(&self->config->allocator, self->hello);
  wtls_release(&self->config->allocator, self->request);
  self->hello = NULL;
  self->request = NULL;
  self->hello_view.hello = NULL;
  self->request_view.request = NULL;
}

void wtls_endpoint_trim(wasi_tls_endpoint *self) {
  if (self->state != WTLS_STATE_OPEN && self->state != WTLS_STATE_ENDED) return;
  free_handshake_lists(self);
  wtls_read_ahead_free(self->ahead, &self->config->allocator);
  self->ahead = NULL;
  if (self->views_lent == 0) free_views(self);
}

void wasi_tls_endpoint_free(wasi_tls_endpoint *self) {
  if (self == NULL) return;
  wasi_tls_config *config = self->config;
  if (self->engine != NULL) self->backend->connection_free(self->engine);
  self->state = WTLS_STATE_ENDED;
  self->views_lent = 0;
  wtls_endpoint_trim(self);
  wasi_tls_private_identity_free(self->own);
  wtls_release(&config->allocator, self->server_name);
  wtls_gate_clear(&self->gate);
  wtls_buffer_clear(&self->early, &config->allocator);
  wtls_buffer_clear(&self->inbound, &config->allocator);
  wtls_release(&config->allocator, self);
  wasi_tls_config_free(config);
}

wasi_tls_backend_info wtls_endpoint_info(const wasi_tls_endpoint *self) {
  wasi_tls_backend_info info = {0, 0, {NULL, 0}};
  if (self->engine != NULL) self->backend->info(self->engine, &info);
  return info;
}

/* Takes a call through the table. The gate follows the state: shut wherever the handshake is suspended. */
wasi_tls_result wtls_endpoint_enter(wasi_tls_endpoint *self, wtls_call call) {
  wtls_transition found = wtls_state_lookup(self->role, self->state, call);
  if (found.action == WTLS_ACTION_REFUSE) return WASI_TLS_ERR_WRONG_STATE;
  self->state = found.next;
  self->gate.open = wtls_state_is_running(found.next);
  return WASI_TLS_OK;
}

bool wtls_endpoint_passed(const wasi_tls_endpoint *self, wasi_tls_step step) {
  return (self->points >> (unsigned)step) & 1u;
}

/* Whether |call| is legal now, without making it. */
static wasi_tls_result check(const wasi_tls_endpoint *self, wtls_call call) {
  return wtls_state_lookup(self->role, self->state, call).action != WTLS_ACTION_REFUSE ? WASI_TLS_OK
                                                                                       : WASI_TLS_ERR_WRONG_STATE;
}

wasi_tls_result wasi_tls_endpoint_connect(wasi_tls_endpoint *self, wasi_tls_bytes server_name) {
  if (self == NULL || server_name.data == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  wasi_tls_result result = check(self, WTLS_CALL_CONNECT);
  if (result != WASI_TLS_OK) return result;
  wtls_server_name parsed;
  result = wtls_server_name_parse(server_name, &parsed);
  if (result != WASI_TLS_OK) return result;
  const wasi_tls_allocator *allocator = &self->config->allocator;
  wtls_server_name *reference = wtls_alloc(allocator, sizeof(*reference));
  char *text = (char *)wtls_copy(allocator, server_name.data, server_name.len);
  if (reference == NULL || text == NULL) {
    wtls_release(allocator, reference);
    wtls_release(allocator, text);
    return WASI_TLS_ERR_OUT_OF_MEMORY;
  }
  *reference = parsed;
  self->reference = reference;
  self->server_name = text;
  self->server_name_len = server_name.len;
  self->has_server_name = true;
  return wtls_endpoint_enter(self, WTLS_CALL_CONNECT);
}

wasi_tls_result wasi_tls_endpoint_accept(wasi_tls_endpoint *self) {
  if (self == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  return wtls_endpoint_enter(self, WTLS_CALL_ACCEPT);
}

wasi_tls_result wasi_tls_endpoint_configure_alpn_ids(wasi_tls_endpoint *self, const wasi_tls_bytes *ids, size_t count) {
  if (self == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  wasi_tls_result result = check(self, WTLS_CALL_CONFIGURE_ALPN_IDS);
  if (result != WASI_TLS_OK) return result;
  if (count != 0 && !wtls_backend_supports(self->backend, WASI_TLS_CAP_ALPN)) return WASI_TLS_ERR_UNSUPPORTED;
  bool any_bytes = wtls_backend_supports(self->backend, WASI_TLS_CAP_ALPN_ANY_BYTES);
  return wtls_alpn_list_set(&self->alpn, &self->config->allocator, self->config->limits.alpn_ids, any_bytes, ids,
                            count);
}

static wasi_tls_result set_identities(wasi_tls_endpoint *self, wtls_call call,
                                      wasi_tls_private_identity *const *identities, size_t count) {
  if (self == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  wasi_tls_result result = check(self, call);
  if (result != WASI_TLS_OK) return result;
  return wtls_identity_list_set(&self->identities, &self->config->allocator, self->backend,
                                self->config->limits.identities, identities, count);
}

wasi_tls_result wasi_tls_endpoint_configure_identities(wasi_tls_endpoint *self,
                                                       wasi_tls_private_identity *const *identities, size_t count) {
  return set_identities(self, WTLS_CALL_CONFIGURE_IDENTITIES, identities, count);
}

wasi_tls_result wasi_tls_endpoint_respond(wasi_tls_endpoint *self, wasi_tls_private_identity *const *identities,
                                          size_t count) {
  return set_identities(self, WTLS_CALL_RESPOND, identities, count);
}

wasi_tls_result wasi_tls_endpoint_properties(const wasi_tls_endpoint *self, wasi_tls_properties *properties) {
  if (self == NULL || properties == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  if (properties->size != sizeof(*properties)) return WASI_TLS_ERR_STRUCT_SIZE;
  wasi_tls_backend_info info = wtls_endpoint_info(self);
  *properties = (wasi_tls_properties){.size = sizeof(*properties), .version = info.version, .cipher_suite = info.suite};
  if (info.alpn.len != 0) properties->alpn_id = info.alpn;
  if (self->has_server_name)
    properties->server_name = (wasi_tls_bytes){(const uint8_t *)self->server_name, self->server_name_len};
  return WASI_TLS_OK;
}

static bool collect(void *context, wasi_tls_bytes certificate) {
  return wtls_chain_builder_add(context, certificate);
}

wasi_tls_result wasi_tls_endpoint_peer_identity(const wasi_tls_endpoint *self, wasi_tls_public_identity **identity) {
  if (self == NULL || identity == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  *identity = NULL;
  if (!self->peer_verified) return WASI_TLS_OK;
  wtls_chain_builder builder;
  wtls_chain_builder_init(&builder, &self->config->allocator, self->config->limits.chain_certificates);
  if (self->ahead != NULL)
    wtls_read_ahead_visit(self->ahead, collect, &builder);
  else
    self->backend->peer_chain(self->engine, collect, &builder);
  return wtls_chain_builder_finish(&builder, identity);
}

wasi_tls_result wasi_tls_endpoint_own_identity(const wasi_tls_endpoint *self, wasi_tls_private_identity **identity) {
  if (self == NULL || identity == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  *identity = wtls_private_identity_hold(self->own);
  return WASI_TLS_OK;
}

bool wasi_tls_endpoint_last_error(const wasi_tls_endpoint *self, wasi_tls_error *error) {
  return self != NULL && self->error.result != WASI_TLS_OK && wtls_error_copy(error, &self->error);
}

const wasi_tls_client_hello *wasi_tls_endpoint_client_hello(const wasi_tls_endpoint *self) {
  return self != NULL && self->hello_view.hello != NULL ? &self->hello_view : NULL;
}

const wasi_tls_client_identity_request *wasi_tls_endpoint_identity_request(const wasi_tls_endpoint *self) {
  return self != NULL && self->request_view.request != NULL ? &self->request_view : NULL;
}

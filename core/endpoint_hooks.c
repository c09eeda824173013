/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The core's side of an engine's calls: the transport, and the decisions that are the same for every engine. */
#include <string.h>

#include "alert.h"
#include "endpoint.h"
#include "policy.h"
#include "record.h"
#include "selection.h"

/* The first two bytes that a client meets tell: a server of TLS begins with a record of its ServerHello or of an alert.
 */
bool wtls_endpoint_hears_tls(wasi_tls_endpoint *self, const uint8_t *data, size_t len) {
  if (self->role != WASI_TLS_ROLE_CLIENT) return true;
  for (size_t i = 0; i < len && self->heard < 2; i++, self->heard++) {
    bool is_type = data[i] == WTLS_RECORD_HANDSHAKE || data[i] == WTLS_RECORD_ALERT;
    if (self->heard == 0 ? is_type : data[i] == WTLS_RECORD_MAJOR_VERSION) continue;
    uint8_t alert = self->heard == 0 ? WTLS_ALERT_UNEXPECTED_MESSAGE : WTLS_ALERT_PROTOCOL_VERSION;
    (void)wtls_endpoint_refuse(self, WASI_TLS_ERR_NOT_TLS, alert, "what arrived is not TLS");
    return false;
  }
  return true;
}

WTLS_COLD static wasi_tls_io receive_in_handshake(wasi_tls_endpoint *self, uint8_t *buffer, size_t len, size_t *count) {
  wasi_tls_io io = wtls_gate_receive(&self->gate, buffer, len, count);
  if (io != WASI_TLS_IO_OK || self->ahead != NULL) return io; /* what was read ahead has been looked at */
  return wtls_endpoint_hears_tls(self, buffer, *count) ? io : WASI_TLS_IO_FAILED;
}

WTLS_HOT static wasi_tls_io host_receive(void *core, uint8_t *buffer, size_t len, size_t *count) {
  wasi_tls_endpoint *self = core;
  if (self->state != WTLS_STATE_OPEN) return receive_in_handshake(self, buffer, len, count);
  return wtls_gate_receive(&self->gate, buffer, len, count);
}

/*
 * Whether these bytes are the flight before which the handshake is to be suspended, on an engine that can't stop there
 * by itself. On a client anything after the server's chain is the second flight. On a server only TLS 1.2 has one: it
 * begins with ChangeCipherSpec (no tickets are issued), and the engine makes it only once the client's proof and
 * Finished are good.
 */
static bool flight_must_wait(const wasi_tls_endpoint *self, uint8_t record_type) {
  if (record_type == WTLS_RECORD_ALERT) return false;
  if (self->role == WASI_TLS_ROLE_CLIENT) return self->state == WTLS_STATE_REQUEST_WAIT && self->peer_verified;
  bool refused = !self->peer_verified && (self->verify_reason != WASI_TLS_VERIFY_OK ||
                                          self->config->client_identity == WASI_TLS_CLIENT_IDENTITY_REQUIRED);
  if (self->state != WTLS_STATE_CLIENT_ID_WAIT && !refused) return false;
  if (record_type != WTLS_RECORD_CHANGE_CIPHER_SPEC) return false;
  wasi_tls_backend_info info = wtls_endpoint_info(self);
  return info.version == WASI_TLS_VERSION_TLS12;
}

WTLS_COLD static wasi_tls_io send_in_handshake(wasi_tls_endpoint *self, const uint8_t *data, size_t len, bool alert) {
  if (!alert && len != 0 && flight_must_wait(self, data[0])) {
    self->flight_held = true;
    return WASI_TLS_IO_BLOCKED;
  }
  wasi_tls_io io = wtls_gate_send(&self->gate, data, len);
  if (io != WASI_TLS_IO_OK || alert || self->role != WASI_TLS_ROLE_CLIENT) return io;
  if (wtls_client_offer_note(&self->offer, &self->config->allocator, (wasi_tls_bytes){data, len})) return io;
  (void)wtls_endpoint_fail(self, WASI_TLS_ERR_OUT_OF_MEMORY, "out of memory");
  return WASI_TLS_IO_FAILED;
}

WTLS_HOT static wasi_tls_io host_send(void *core, const uint8_t *data, size_t len, bool alert) {
  wasi_tls_endpoint *self = core;
  if (self->state != WTLS_STATE_OPEN) return send_in_handshake(self, data, len, alert);
  return wtls_gate_send(&self->gate, data, len);
}

/* Shut at once, and not only when the engine has returned: it may have something to say on its way out. */
static wasi_tls_decision suspend(wasi_tls_endpoint *self) {
  self->gate.open = false;
  return WASI_TLS_DECISION_SUSPEND;
}

/* In the engine's place. The peer of a client is a server. */
static wasi_tls_verify_reason validate(wasi_tls_endpoint *self, const wasi_tls_bytes *chain, size_t count,
                                       uint32_t *depth) {
  const wasi_tls_config *config = self->config;
  bool of_server = self->role == WASI_TLS_ROLE_CLIENT;
  const wtls_validation validation = {
      .store = of_server ? &config->server_store : &config->client_store,
      .backend = self->backend,
      .allocator = &config->allocator,
      .chain_certificates = config->limits.chain_certificates,
      .now = config->clock(config->clock_context),
      .of_server = of_server,
  };
  wasi_tls_verify_reason reason;
  if (wtls_validate(&validation, chain, count, &reason, depth) == WASI_TLS_OK) return reason;
  (void)wtls_endpoint_fail(self, WASI_TLS_ERR_OUT_OF_MEMORY, "out of memory");
  return WASI_TLS_VERIFY_OTHER;
}

static wasi_tls_verify_reason judge_chain(wasi_tls_endpoint *self, const wasi_tls_bytes *chain, size_t count,
                                          wasi_tls_verify_reason reason, uint32_t *depth) {
  if (self->backend->verify_signature != NULL) reason = validate(self, chain, count, depth);
  if (reason != WASI_TLS_VERIFY_OK) return reason;
  *depth = 0;
  return wtls_policy_check_chain(chain, count, self->config->limits.chain_certificates, self->reference, depth);
}

wasi_tls_decision wtls_endpoint_judge_peer(wasi_tls_endpoint *self, const wasi_tls_bytes *chain, size_t count,
                                           wasi_tls_verify_reason reason, uint32_t depth, uint8_t *alert) {
  bool again = self->peer_verified && self->state != WTLS_STATE_OPEN;
  if (!again) {
    self->verify_reason = judge_chain(self, chain, count, reason, &depth);
    self->verify_depth = depth;
    if (self->verify_reason != WASI_TLS_VERIFY_OK) {
      *alert = wtls_policy_alert(self->verify_reason);
      /* A server tells the client when it has proved that the chain is its own (check_client_identity). */
      bool later = self->role == WASI_TLS_ROLE_SERVER && self->state != WTLS_STATE_OPEN;
      return later ? WASI_TLS_DECISION_CONTINUE : WASI_TLS_DECISION_REJECT;
    }
    self->peer_verified = true;
    self->peer_answered = true;
  }
  if (self->state == WTLS_STATE_SERVER_ID_WAIT) return suspend(self);
  if (self->role == WASI_TLS_ROLE_CLIENT) self->points |= 1u << WASI_TLS_STEP_SERVER_IDENTITY;
  return WASI_TLS_DECISION_CONTINUE;
}

static wasi_tls_decision host_peer_identity(void *core, const wasi_tls_bytes *chain, size_t count,
                                            wasi_tls_verify_reason reason, uint32_t depth, uint8_t *alert) {
  wasi_tls_endpoint *self = core;
  if (self->ahead == NULL) return wtls_endpoint_judge_peer(self, chain, count, reason, depth, alert);
  if (wtls_read_ahead_approved(self->ahead, chain, count)) return WASI_TLS_DECISION_CONTINUE;
  self->verify_reason = WASI_TLS_VERIFY_OTHER;
  *alert = wtls_policy_alert(self->verify_reason);
  return WASI_TLS_DECISION_REJECT;
}

static wtls_identity_request *copy_request(const wasi_tls_allocator *allocator,
                                           const wasi_tls_backend_identity_request *request) {
  size_t bytes = 0;
  for (size_t i = 0; i < request->authority_count; i++) bytes += request->authorities[i].len;
  uint8_t *name;
  wtls_identity_request *copy =
      wtls_identity_request_new(allocator, request->signature_scheme_count, request->authority_count, bytes, &name);
  if (copy == NULL) return NULL;
  if (copy->scheme_count != 0) memcpy(copy->schemes, request->signature_schemes, copy->scheme_count * sizeof(uint16_t));
  for (size_t i = 0; i < copy->authority_count; i++) {
    memcpy(name, request->authorities[i].data, request->authorities[i].len);
    copy->authorities[i] = (wasi_tls_bytes){name, request->authorities[i].len};
    name += request->authorities[i].len;
  }
  return copy;
}

/* The first of the offered identities that suits the request; NULL for none. */
static wasi_tls_private_identity *choose_client_identity(const wasi_tls_endpoint *self,
                                                         const wasi_tls_backend_identity_request *request) {
  wasi_tls_backend_info info = wtls_endpoint_info(self);
  for (size_t i = 0; i < self->identities.count; i++) {
    wasi_tls_private_identity *identity = self->identities.items[i];
    if (wtls_suits_request(identity->certificates, identity->chain->count, request, info.version)) return identity;
  }
  return NULL;
}

wasi_tls_decision wtls_endpoint_answer_request(wasi_tls_endpoint *self,
                                               const wasi_tls_backend_identity_request *request, void **identity) {
  if (request == NULL) return self->state == WTLS_STATE_REQUEST_WAIT ? suspend(self) : WASI_TLS_DECISION_CONTINUE;
  if (self->state == WTLS_STATE_REQUEST_WAIT) {
    if (self->request == NULL) self->request = copy_request(&self->config->allocator, request);
    self->request_view.request = self->request;
    if (self->request != NULL) return suspend(self);
    (void)wtls_endpoint_fail(self, WASI_TLS_ERR_OUT_OF_MEMORY, "out of memory");
    return WASI_TLS_DECISION_REJECT;
  }
  wasi_tls_private_identity *chosen = choose_client_identity(self, request);
  *identity = chosen != NULL ? chosen->engine_identity : NULL;
  if (chosen != NULL) {
    wasi_tls_private_identity_free(self->own);
    self->own = wtls_private_identity_hold(chosen);
  }
  return WASI_TLS_DECISION_CONTINUE;
}

static wasi_tls_decision host_identity_request(void *core, const wasi_tls_backend_identity_request *request,
                                               void **identity) {
  return wtls_endpoint_answer_request(core, request, identity);
}

static wasi_tls_decision host_server_message(void *core, uint8_t type, wasi_tls_bytes body, uint8_t *alert) {
  wasi_tls_endpoint *self = core;
  if (self->server_fault.alert == 0) self->server_fault = wtls_client_offer_judge(&self->offer, type, body);
  if (self->server_fault.alert == 0) return WASI_TLS_DECISION_CONTINUE;
  *alert = self->server_fault.alert;
  return WASI_TLS_DECISION_REJECT;
}

static void host_post_handshake_done(void *core) {
  wasi_tls_endpoint *self = core;
  if (self->post_handshake != WTLS_POST_WAIT || self->error.result != WASI_TLS_OK) return;
  self->post_handshake = WTLS_POST_DONE;
  self->peer_verified = self->peer_answered; /* a client may decline what it has shown before */
  self->points |= 1u << WASI_TLS_STEP_CLIENT_IDENTITY;
}

static void host_key_log(void *core, const char *line) {
  const wasi_tls_endpoint *self = core;
  if (self->config->key_log != NULL) self->config->key_log(self->config->key_log_context, line);
}

const wasi_tls_backend_host wtls_endpoint_host = {
    .size = sizeof(wasi_tls_backend_host),
    .receive = host_receive,
    .send = host_send,
    .peer_identity = host_peer_identity,
    .identity_request = host_identity_request,
    .server_message = host_server_message,
    .post_handshake_done = host_post_handshake_done,
    .key_log = host_key_log,
};

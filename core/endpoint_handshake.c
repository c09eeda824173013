/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The steps of a handshake: from one suspended point to the next. */
#include "alert.h"
#include "endpoint.h"
#include "engine.h"
#include "hello_records.h"
#include "policy.h"

/* Small, so that little is taken in beyond a hello that is refused. */
#define READ_AHEAD_BYTES 2048u
/* RFC 8446, section 5.2, with its header and room for what TLS 1.2 adds. */
#define LONGEST_RECORD ((size_t)17408)

typedef struct step_rule {
  wasi_tls_step step;
  wtls_call call;
  wasi_tls_capability capability;
} step_rule;

static const step_rule step_rules[] = {
    {WASI_TLS_STEP_CLIENT_HELLO, WTLS_CALL_RECEIVE_CLIENT_HELLO, WASI_TLS_CAP_CLIENT_HELLO},
    {WASI_TLS_STEP_SERVER_IDENTITY, WTLS_CALL_VERIFY_SERVER_IDENTITY, WASI_TLS_CAP_VERIFY_SERVER_IDENTITY},
    {WASI_TLS_STEP_CLIENT_IDENTITY_REQUEST, WTLS_CALL_RECEIVE_CLIENT_IDENTITY_REQUEST,
     WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST},
    {WASI_TLS_STEP_CLIENT_IDENTITY, WTLS_CALL_REQUEST_CLIENT_IDENTITY, WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY},
    {WASI_TLS_STEP_FINISH, WTLS_CALL_FINISH, WASI_TLS_CAP_COUNT /* every engine can */},
};

static const step_rule *find_rule(wasi_tls_step step) {
  for (size_t i = 0; i < sizeof(step_rules) / sizeof(step_rules[0]); i++)
    if (step_rules[i].step == step) return &step_rules[i];
  return NULL;
}

/* RFC 8446, section 4.6.2. What the peer can't do leaves the connection as it is. */
static wasi_tls_result start_post_handshake(wasi_tls_endpoint *self) {
  const wasi_tls_backend *backend = self->backend;
  if (self->post_handshake == WTLS_POST_WAIT || self->close_sent) return WASI_TLS_ERR_WRONG_STATE;
  bool can =
      wtls_backend_supports(backend, self->post_handshake == WTLS_POST_NONE ? WASI_TLS_CAP_POST_HANDSHAKE_SERVER
                                                                            : WASI_TLS_CAP_POST_HANDSHAKE_REPEAT);
  if (!self->peer_offered_post || !can) return WASI_TLS_ERR_UNSUPPORTED;
  wasi_tls_backend_report report = {.alert = WASI_TLS_NO_ALERT};
  wasi_tls_outcome outcome = backend->request_client_identity(self->engine, &report);
  if (outcome == WASI_TLS_OUTCOME_UNSUPPORTED) return WASI_TLS_ERR_UNSUPPORTED;
  if (outcome != WASI_TLS_OUTCOME_OK) return wtls_endpoint_fail_outcome(self, outcome, &report);
  self->post_handshake = WTLS_POST_WAIT;
  self->peer_answered = false;
  self->points &= (uint16_t) ~(1u << WASI_TLS_STEP_CLIENT_IDENTITY);
  return WASI_TLS_OK;
}

wasi_tls_result wasi_tls_endpoint_start(wasi_tls_endpoint *self, wasi_tls_step step) {
  if (self == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  const step_rule *rule = find_rule(step);
  if (rule == NULL) return WASI_TLS_ERR_ENUM_VALUE;
  wtls_transition transition = wtls_state_lookup(self->role, self->state, rule->call);
  if (transition.action == WTLS_ACTION_REFUSE) return WASI_TLS_ERR_WRONG_STATE;
  if (transition.action == WTLS_ACTION_REQUEST) return start_post_handshake(self);
  if (rule->capability != WASI_TLS_CAP_COUNT && !wtls_backend_supports(self->backend, rule->capability))
    return WASI_TLS_ERR_UNSUPPORTED;
  if (transition.next == WTLS_STATE_CLIENT_ID_WAIT) self->asks_client = true;
  self->flight_held = false;
  return wtls_endpoint_enter(self, rule->call);
}

bool wtls_endpoint_is_waiting(const wasi_tls_endpoint *self) {
  if (self->state == WTLS_STATE_OPEN) return self->post_handshake == WTLS_POST_WAIT;
  return wtls_state_is_running(self->state);
}

void wtls_endpoint_reached(wasi_tls_endpoint *self) {
  self->points |= (uint16_t)(1u << wtls_state_step(self->state));
  if (wtls_endpoint_enter(self, WTLS_EVENT_REACHED) != WASI_TLS_OK || self->state != WTLS_STATE_OPEN) return;
  self->points = UINT16_MAX;
  self->gate.received = 0;
  /* Cleartext may begin with the last byte of a record. */
  self->gate.receive_limit = self->config->limits.post_handshake_bytes + LONGEST_RECORD;
  /* One write on top of what may stand already, and answers to the peer. */
  self->gate.pending_limit = self->gate.pending.len + 2 * wtls_endpoint_held_limit(self) + 2 * LONGEST_RECORD;
  wtls_endpoint_trim(self);
}

static wasi_tls_result fail_hello_transport(wasi_tls_endpoint *self, wasi_tls_io io) {
  wasi_tls_backend_report report = {.alert = WASI_TLS_NO_ALERT};
  wasi_tls_outcome outcome = io == WASI_TLS_IO_END ? WASI_TLS_OUTCOME_CLOSED_TRUNCATED : WASI_TLS_OUTCOME_OUT_OF_MEMORY;
  return wtls_endpoint_fail_outcome(self, outcome, &report);
}

static const char *hello_fault(wasi_tls_result result) {
  switch (result) {
    case WASI_TLS_ERR_NOT_TLS:
      return "what arrived is not a TLS ClientHello";
    case WASI_TLS_ERR_PROTOCOL_VERSION:
      return "the client offers only versions before TLS 1.2";
    case WASI_TLS_ERR_LIMIT:
      return "the ClientHello is longer than the limit";
    default:
      return "the ClientHello is malformed";
  }
}

/* Looks again only where that can help: a hello that trickles in must not cost more with each byte. */
static wasi_tls_result read_hello(wasi_tls_endpoint *self) {
  const wasi_tls_config *config = self->config;
  wasi_tls_bytes wire = wtls_buffer_bytes(&self->gate.read_ahead);
  uint8_t alert = 0;
  if (wire.len < self->hello_bytes) return WASI_TLS_PENDING;
  wasi_tls_result result =
      wtls_client_hello_read(&config->allocator, wire, config->limits.client_hello_bytes, &self->hello, &alert);
  if (result == WASI_TLS_PENDING) self->hello_bytes = wire.len + wtls_hello_records_missing(wire);
  if (result == WASI_TLS_OK) self->hello_view.hello = self->hello;
  if (result == WASI_TLS_OK || result == WASI_TLS_PENDING) return result;
  return wtls_endpoint_refuse(self, result, alert, hello_fault(result));
}

/* Takes in the ClientHello, before there is an engine. */
static wasi_tls_result take_hello(wasi_tls_endpoint *self) {
  for (;;) {
    wasi_tls_result result = read_hello(self);
    if (result != WASI_TLS_PENDING) return result;
    wasi_tls_io io = wtls_gate_read_ahead(&self->gate, READ_AHEAD_BYTES);
    if (io == WASI_TLS_IO_BLOCKED) return WASI_TLS_PENDING;
    if (io != WASI_TLS_IO_OK) return fail_hello_transport(self, io);
  }
}

/* The server's policy, at the point where the client has shown who it is or has declined. */
static wasi_tls_result check_client_identity(wasi_tls_endpoint *self) {
  if (self->role != WASI_TLS_ROLE_SERVER || self->peer_verified) return WASI_TLS_OK;
  if (self->verify_reason != WASI_TLS_VERIFY_OK)
    return wtls_endpoint_refuse_peer(self, wtls_policy_alert(self->verify_reason));
  if (self->config->client_identity != WASI_TLS_CLIENT_IDENTITY_REQUIRED) return WASI_TLS_OK;
  wasi_tls_backend_info info = wtls_endpoint_info(self);
  uint8_t alert =
      info.version == WASI_TLS_VERSION_TLS13 ? WTLS_ALERT_CERTIFICATE_REQUIRED : WTLS_ALERT_HANDSHAKE_FAILURE;
  return wtls_endpoint_refuse(self, WASI_TLS_ERR_CLIENT_IDENTITY_REQUIRED, alert, "the client sent no identity");
}

/* The engine has come as far as the state asked for. */
static wasi_tls_result arrive(wasi_tls_endpoint *self) {
  wasi_tls_result result = check_client_identity(self);
  if (result != WASI_TLS_OK) return result;
  if (self->role == WASI_TLS_ROLE_CLIENT && !self->peer_verified) {
    self->verify_reason = WASI_TLS_VERIFY_MISSING;
    return wtls_endpoint_fail_outcome(self, WASI_TLS_OUTCOME_REJECTED,
                                      &(wasi_tls_backend_report){.alert = WASI_TLS_NO_ALERT});
  }
  wtls_endpoint_reached(self);
  return WASI_TLS_OK;
}

static wasi_tls_result await_input(wasi_tls_endpoint *self, const wasi_tls_backend_report *report) {
  if (wtls_gate_flush(&self->gate) != WASI_TLS_IO_FAILED) return WASI_TLS_PENDING;
  return wtls_endpoint_fail_outcome(self, WASI_TLS_OUTCOME_ENGINE_ERROR, report);
}

/* The engine's handshake, as far as it goes with what has been released to it. */
static wtls_ahead_result run_handshake(wasi_tls_endpoint *self, wasi_tls_outcome *outcome,
                                       wasi_tls_backend_report *report) {
  wtls_ahead_result ahead;
  do {
    *outcome = self->backend->handshake(self->engine, report);
    bool waits = *outcome == WASI_TLS_OUTCOME_WANT_READ && self->ahead != NULL && !wtls_read_ahead_is_over(self->ahead);
    ahead = waits ? wtls_read_ahead_advance(self) : WTLS_AHEAD_PENDING;
  } while (ahead == WTLS_AHEAD_RELEASED);
  return ahead;
}

static wasi_tls_result run_engine(wasi_tls_endpoint *self) {
  wasi_tls_backend_report report = {.alert = WASI_TLS_NO_ALERT};
  wasi_tls_outcome outcome;
  if (self->engine_done) return arrive(self);
  wtls_ahead_result ahead = run_handshake(self, &outcome, &report);
  if (ahead == WTLS_AHEAD_FAILED) return self->error.result;
  if (ahead == WTLS_AHEAD_POINT) return arrive(self);
  switch (outcome) {
    case WASI_TLS_OUTCOME_OK:
      self->engine_done = true;
      return arrive(self);
    case WASI_TLS_OUTCOME_SUSPENDED:
      return arrive(self);
    case WASI_TLS_OUTCOME_WANT_WRITE:
      return self->flight_held ? arrive(self) : WASI_TLS_PENDING;
    case WASI_TLS_OUTCOME_WANT_READ:
      return await_input(self, &report);
    default:
      return wtls_endpoint_fail_outcome(self, outcome, &report);
  }
}

static wasi_tls_result run_step(wasi_tls_endpoint *self) {
  if (self->role == WASI_TLS_ROLE_SERVER && self->engine == NULL) {
    if (self->hello == NULL) {
      wasi_tls_result result = take_hello(self);
      if (result == WASI_TLS_OK) result = wtls_endpoint_take_server_name(self);
      if (result != WASI_TLS_OK) return result;
    }
    if (self->state == WTLS_STATE_HELLO_WAIT) {
      wtls_endpoint_reached(self);
      return WASI_TLS_OK;
    }
  }
  if (self->engine == NULL) {
    wasi_tls_result result =
        self->role == WASI_TLS_ROLE_CLIENT ? wtls_endpoint_start_client(self) : wtls_endpoint_start_server(self);
    if (result != WASI_TLS_OK) return result;
  }
  return run_engine(self);
}

/* Reads on until the client's answer is in. Cleartext on the way is kept, up to the write permit. */
static wasi_tls_result run_post_handshake(wasi_tls_endpoint *self) {
  const wasi_tls_config *config = self->config;
  while (self->post_handshake == WTLS_POST_WAIT) {
    wasi_tls_backend_report report = {.alert = WASI_TLS_NO_ALERT};
    size_t room = self->write_permit - self->early.len;
    size_t count = 0;
    uint8_t chunk[1024];
    if (room > sizeof(chunk)) room = sizeof(chunk);
    wasi_tls_outcome outcome = self->backend->read(self->engine, chunk, room, &count, &report);
    if (outcome == WASI_TLS_OUTCOME_WANT_READ || outcome == WASI_TLS_OUTCOME_WANT_WRITE) break;
    if (outcome != WASI_TLS_OUTCOME_OK) return wtls_endpoint_fail_outcome(self, outcome, &report);
    if (room == 0) return WASI_TLS_PENDING;
    if (!wtls_buffer_append(&self->early, &config->allocator, chunk, count))
      return wtls_endpoint_fail(self, WASI_TLS_ERR_OUT_OF_MEMORY, "out of memory");
    self->gate.received = 0;
  }
  return self->post_handshake == WTLS_POST_WAIT ? WASI_TLS_PENDING : WASI_TLS_OK;
}

wasi_tls_result wasi_tls_endpoint_drive(wasi_tls_endpoint *self) {
  if (self == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  if (self->state == WTLS_STATE_ENDED) {
    (void)wtls_gate_flush(&self->gate);
    return self->error.result;
  }
  if (!wtls_endpoint_is_waiting(self)) return WASI_TLS_OK;
  if (wtls_gate_flush(&self->gate) == WASI_TLS_IO_FAILED)
    return wtls_endpoint_fail(self, WASI_TLS_ERR_TRANSPORT_WRITE, "writing to the transport failed");
  return self->state == WTLS_STATE_OPEN ? run_post_handshake(self) : run_step(self);
}

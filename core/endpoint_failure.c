/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* How connections end badly: one mapping of outcomes to results, one place where alerts of the core's own leave. */
#include <stdio.h>
#include <string.h>

#include "alert.h"
#include "endpoint.h"
#include "fault.h"

static void log_failure(const wasi_tls_endpoint *self) {
  const wasi_tls_config *config = self->config;
  if (config->log == NULL) return;
  char line[320];
  (void)snprintf(line, sizeof(line), "%s: %s during %s: %s", self->role == WASI_TLS_ROLE_CLIENT ? "client" : "server",
                 wasi_tls_result_name(self->error.result), wasi_tls_step_name(self->error.step), self->error.text);
  config->log(config->log_context, WASI_TLS_LOG_ERROR, line);
}

wasi_tls_result wtls_endpoint_fail(wasi_tls_endpoint *self, wasi_tls_result result, const char *text) {
  if (self->error.result != WASI_TLS_OK) return self->error.result;
  self->error.result = result;
  self->error.step = self->close_sent ? WASI_TLS_STEP_CLOSE : wtls_state_step(self->state);
  wtls_error_text(&self->error, text);
  log_failure(self);
  if (wtls_endpoint_enter(self, WTLS_EVENT_FAILED) == WASI_TLS_OK) (void)wtls_gate_flush(&self->gate);
  return result;
}

/* RFC 8446, section 6: before any key is in use an alert is a record of two plain bytes. */
static bool send_plain_alert(wasi_tls_endpoint *self, uint8_t alert) {
  const uint8_t record[] = {21, 3, 3, 0, 2, 2, alert};
  return wtls_gate_send(&self->gate, record, sizeof(record)) == WASI_TLS_IO_OK;
}

bool wtls_endpoint_send_alert(wasi_tls_endpoint *self, uint8_t alert) {
  if (self->gate.passed == 0) return false;
  wasi_tls_backend_info info = wtls_endpoint_info(self);
  bool keyed = info.version == WASI_TLS_VERSION_TLS13 || self->engine_done;
  bool was_open = self->gate.open;
  self->gate.open = true;
  wasi_tls_outcome outcome = WASI_TLS_OUTCOME_UNSUPPORTED;
  wasi_tls_backend_report report = {.alert = WASI_TLS_NO_ALERT};
  if (keyed) outcome = self->backend->alert(self->engine, alert, &report);
  /* A client that was asked to retry knows the version, and has no keys for it. */
  bool plain = !keyed || (outcome == WASI_TLS_OUTCOME_UNSUPPORTED && self->role == WASI_TLS_ROLE_CLIENT);
  bool sent = outcome == WASI_TLS_OUTCOME_OK || (plain && !self->engine_done && send_plain_alert(self, alert));
  self->gate.open = was_open;
  return sent;
}

wasi_tls_result wtls_endpoint_refuse(wasi_tls_endpoint *self, wasi_tls_result result, uint8_t alert, const char *text) {
  if (self->error.result != WASI_TLS_OK) return self->error.result;
  if (wtls_endpoint_send_alert(self, alert)) self->error.alert = alert;
  return wtls_endpoint_fail(self, result, text);
}

/* Some alerts say more than that the protocol failed. */
static wasi_tls_result result_of_sent(uint16_t alert) {
  switch (alert) {
    case WTLS_ALERT_PROTOCOL_VERSION:
      return WASI_TLS_ERR_PROTOCOL_VERSION;
    case WTLS_ALERT_NO_APPLICATION_PROTOCOL:
      return WASI_TLS_ERR_NO_APPLICATION_PROTOCOL;
    case WTLS_ALERT_CERTIFICATE_REQUIRED:
      return WASI_TLS_ERR_CLIENT_IDENTITY_REQUIRED;
    default:
      return WASI_TLS_ERR_PROTOCOL;
  }
}

static wasi_tls_result fail_ended(wasi_tls_endpoint *self) {
  bool open = self->state == WTLS_STATE_OPEN;
  return open ? wtls_endpoint_fail(self, WASI_TLS_ERR_TRUNCATED, "the transport ended without close_notify")
              : wtls_endpoint_fail(self, WASI_TLS_ERR_EOF, "the transport ended before the handshake did");
}

static wasi_tls_result fail_alert(wasi_tls_endpoint *self, const wasi_tls_backend_report *report, bool received) {
  wasi_tls_result result = received ? WASI_TLS_ERR_PEER_ALERT : result_of_sent(report->alert);
  char text[sizeof(self->error.text)];
  self->error.alert = report->alert;
  self->error.alert_received = received;
  if (!received && report->text[0] != 0) return wtls_endpoint_fail(self, result, report->text);
  (void)snprintf(text, sizeof(text), "%s alert %s", received ? "the peer sent" : "ended with",
                 wasi_tls_alert_name(report->alert));
  return wtls_endpoint_fail(self, result, text);
}

static wasi_tls_result fail_verify(wasi_tls_endpoint *self, const wasi_tls_backend_report *report) {
  char text[sizeof(self->error.text)];
  (void)snprintf(text, sizeof(text), "the peer's identity was refused: %s",
                 wasi_tls_verify_reason_name(self->verify_reason));
  self->error.verify_reason = self->verify_reason;
  self->error.verify_depth = self->verify_depth;
  self->error.alert = report->alert;
  return wtls_endpoint_fail(self, WASI_TLS_ERR_VERIFY, text);
}

static wasi_tls_result fail_rejected(wasi_tls_endpoint *self, const wasi_tls_backend_report *report) {
  if (self->server_fault.alert == 0) return fail_verify(self, report);
  self->error.alert = report->alert;
  return wtls_endpoint_fail(self, WASI_TLS_ERR_PROTOCOL, self->server_fault.text);
}

wasi_tls_result wtls_endpoint_refuse_peer(wasi_tls_endpoint *self, uint8_t alert) {
  wasi_tls_backend_report report = {.alert = WASI_TLS_NO_ALERT};
  if (self->error.result != WASI_TLS_OK) return self->error.result;
  if (wtls_endpoint_send_alert(self, alert)) report.alert = alert;
  return fail_verify(self, &report);
}

/* The transport's own failure, if there was one: it is the cause, whatever the engine made of it. */
static bool fail_transport(wasi_tls_endpoint *self, wasi_tls_result *result) {
  if (self->gate.over_limit)
    *result = wtls_endpoint_fail(self, WASI_TLS_ERR_LIMIT, "the peer went beyond a limit of the configuration");
  else if (self->gate.out_of_memory)
    *result = wtls_endpoint_fail(self, WASI_TLS_ERR_OUT_OF_MEMORY, "out of memory");
  else if (self->gate.input_failed)
    *result = wtls_endpoint_fail(self, WASI_TLS_ERR_TRANSPORT_READ, "reading from the transport failed");
  else if (self->gate.output_failed)
    *result = wtls_endpoint_fail(self, WASI_TLS_ERR_TRANSPORT_WRITE, "writing to the transport failed");
  else
    return false;
  return true;
}

wasi_tls_result wtls_endpoint_fail_outcome(wasi_tls_endpoint *self, wasi_tls_outcome outcome,
                                           const wasi_tls_backend_report *report) {
  if (self->error.result != WASI_TLS_OK) return self->error.result;
  wasi_tls_result result;
  self->error.native_code = report->native_code;
  switch (outcome) {
    case WASI_TLS_OUTCOME_ALERT_RECEIVED:
      return fail_alert(self, report, true);
    case WASI_TLS_OUTCOME_REJECTED:
      return fail_rejected(self, report);
    default:
      break;
  }
  if (fail_transport(self, &result)) return result;
  switch (outcome) {
    case WASI_TLS_OUTCOME_CLOSED_CLEAN:
    case WASI_TLS_OUTCOME_CLOSED_TRUNCATED:
      return fail_ended(self);
    case WASI_TLS_OUTCOME_ALERT_SENT:
      return fail_alert(self, report, false);
    case WASI_TLS_OUTCOME_UNSIGNED:
      self->error.alert = report->alert;
      return wtls_endpoint_fail(self, WASI_TLS_ERR_SIGNER, "the signer of the own identity gave no signature");
    case WASI_TLS_OUTCOME_OUT_OF_MEMORY:
      return wtls_endpoint_fail(self, WASI_TLS_ERR_OUT_OF_MEMORY, "out of memory");
    default:
      return wtls_endpoint_fail(self, WASI_TLS_ERR_ENGINE,
                                report->text[0] != 0 ? report->text : "the engine failed for a reason of its own");
  }
}

/* What a guest may choose, as client.h documents. */
static bool may_choose(uint8_t alert) {
  static const uint8_t allowed[] = {
      WTLS_ALERT_HANDSHAKE_FAILURE,   WTLS_ALERT_BAD_CERTIFICATE,     WTLS_ALERT_UNSUPPORTED_CERTIFICATE,
      WTLS_ALERT_CERTIFICATE_REVOKED, WTLS_ALERT_CERTIFICATE_EXPIRED, WTLS_ALERT_CERTIFICATE_UNKNOWN,
      WTLS_ALERT_UNKNOWN_CA,          WTLS_ALERT_ACCESS_DENIED,       WTLS_ALERT_INTERNAL_ERROR,
      WTLS_ALERT_UNRECOGNIZED_NAME,
  };
  return memchr(allowed, alert, sizeof(allowed)) != NULL;
}

wasi_tls_result wasi_tls_endpoint_abort(wasi_tls_endpoint *self, uint8_t alert) {
  if (self == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  if (alert != 0 && !may_choose(alert)) return WASI_TLS_ERR_ALERT_VALUE;
  wtls_transition transition = wtls_state_lookup(self->role, self->state, WTLS_CALL_ABORT);
  if (transition.action == WTLS_ACTION_REFUSE) return WASI_TLS_ERR_WRONG_STATE;
  if (transition.action == WTLS_ACTION_NOTHING) return WASI_TLS_OK;
  const uint16_t identity_points = 1u << WASI_TLS_STEP_SERVER_IDENTITY | 1u << WASI_TLS_STEP_CLIENT_IDENTITY_REQUEST |
                                   1u << WASI_TLS_STEP_CLIENT_IDENTITY;
  if (alert == 0)
    alert = (self->points & identity_points) != 0 ? WTLS_ALERT_BAD_CERTIFICATE : WTLS_ALERT_HANDSHAKE_FAILURE;
  (void)wtls_endpoint_refuse(self, WASI_TLS_ERR_ABORTED, alert, "this side aborted the handshake");
  self->error.step = WASI_TLS_STEP_ABORT;
  return WASI_TLS_OK;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The one place where the engine's words become the core's. */
#include <stdio.h>

#include "backend_gnutls.h"

wasi_tls_result wtls_gnutls_result(int error) {
  return error == GNUTLS_E_MEMORY_ERROR ? WASI_TLS_ERR_OUT_OF_MEMORY : WASI_TLS_ERR_ENGINE;
}

void wtls_gnutls_report_error(wasi_tls_backend_report *report, int error) {
  report->native_code = error;
  (void)snprintf(report->text, sizeof(report->text), "%s", gnutls_strerror(error));
}

bool wtls_gnutls_goes_on(const wtls_gnutls_connection *connection, int error) {
  switch (error) {
    case GNUTLS_E_AGAIN:
    case GNUTLS_E_INTERRUPTED:
      return connection->last_io == WASI_TLS_IO_OK;
    case GNUTLS_E_WARNING_ALERT_RECEIVED:
      /* In a handshake the engine would begin another one after this. */
      return connection->done || gnutls_alert_get(connection->session) != GNUTLS_A_NO_RENEGOTIATION;
    default:
      return false;
  }
}

/* What the engine leaves to its user: to tell the peer. */
static wasi_tls_outcome end_with(wtls_gnutls_connection *connection, uint8_t alert, wasi_tls_outcome outcome,
                                 wasi_tls_backend_report *report) {
  report->alert = alert;
  (void)wtls_gnutls_send_alert(connection, GNUTLS_AL_FATAL, alert);
  return outcome;
}

/* The engine's own choice, but for what it has none for, or one that says something else to the peer. */
static uint8_t alert_for(const wtls_gnutls_connection *connection, int error) {
  switch (error) {
    case GNUTLS_E_UNKNOWN_CIPHER_SUITE:
    case GNUTLS_E_INSUFFICIENT_CREDENTIALS:
      /* A client: the server chose a suite that was not offered (RFC 8446, section 4.1.3). */
      return connection->is_server ? GNUTLS_A_HANDSHAKE_FAILURE : GNUTLS_A_ILLEGAL_PARAMETER;
    case GNUTLS_E_PARSING_ERROR:
      return GNUTLS_A_DECODE_ERROR;
    case GNUTLS_E_WARNING_ALERT_RECEIVED:
      return GNUTLS_A_HANDSHAKE_FAILURE;
    case GNUTLS_E_PULL_ERROR: /* a record of another type than may come (transport.c) */
    case GNUTLS_E_TOO_MANY_EMPTY_PACKETS:
    case GNUTLS_E_TOO_MANY_HANDSHAKE_PACKETS:
      return GNUTLS_A_UNEXPECTED_MESSAGE;
    case GNUTLS_E_USER_ERROR: /* of a callback of ours */
      return GNUTLS_A_INTERNAL_ERROR;
    default:
      return (uint8_t)gnutls_error_to_alert(error, NULL);
  }
}

static wasi_tls_outcome take_alert(const wtls_gnutls_connection *connection, wasi_tls_backend_report *report) {
  gnutls_alert_description_t alert = gnutls_alert_get(connection->session);
  if (alert == GNUTLS_A_CLOSE_NOTIFY) return WASI_TLS_OUTCOME_CLOSED_CLEAN;
  report->alert = (uint16_t)alert;
  return WASI_TLS_OUTCOME_ALERT_RECEIVED;
}

wasi_tls_outcome wtls_gnutls_outcome(wtls_gnutls_connection *connection, int error, wasi_tls_backend_report *report) {
  *report = (wasi_tls_backend_report){.alert = WASI_TLS_NO_ALERT};
  if (error == GNUTLS_E_AGAIN || error == GNUTLS_E_INTERRUPTED) return connection->want;
  wtls_gnutls_report_error(report, error);
  if (connection->rejected) return end_with(connection, connection->reject_alert, WASI_TLS_OUTCOME_REJECTED, report);
  switch (error) {
    case GNUTLS_E_SESSION_EOF:
      return WASI_TLS_OUTCOME_CLOSED_CLEAN;
    case GNUTLS_E_FATAL_ALERT_RECEIVED:
      return take_alert(connection, report);
    default:
      break;
  }
  /* A client that has no keys yet says in the clear why it gives up; the engine takes it for a record gone bad. */
  uint16_t plain = connection->is_server && !connection->done ? wtls_gnutls_plain_alert(connection) : WASI_TLS_NO_ALERT;
  if (error == GNUTLS_E_DECRYPTION_FAILED && plain != WASI_TLS_NO_ALERT) {
    report->alert = plain;
    return WASI_TLS_OUTCOME_ALERT_RECEIVED;
  }
  if (connection->last_io == WASI_TLS_IO_END) return WASI_TLS_OUTCOME_CLOSED_TRUNCATED;
  if (connection->last_io == WASI_TLS_IO_FAILED) return WASI_TLS_OUTCOME_ENGINE_ERROR;
  if (error == GNUTLS_E_MEMORY_ERROR) return WASI_TLS_OUTCOME_OUT_OF_MEMORY;
  bool is_unsigned = error == GNUTLS_E_PK_SIGN_FAILED && connection->own != NULL && connection->own->signer != NULL;
  return end_with(connection, alert_for(connection, error),
                  is_unsigned ? WASI_TLS_OUTCOME_UNSIGNED : WASI_TLS_OUTCOME_ALERT_SENT, report);
}

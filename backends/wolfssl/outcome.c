/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The one place where the engine's words become the core's. */
#include "backend_wolfssl.h"

/* RFC 8446, section 6: under TLS 1.3 the level means nothing. The engine goes by it. */
bool wtls_wolf_hears_fatal_alert(const wtls_wolf_connection *connection, uint16_t *alert) {
  WOLFSSL_ALERT_HISTORY history;
  if (wolfSSL_get_alert_history(connection->ssl, &history) != WOLFSSL_SUCCESS || history.last_rx.code < 0) return false;
  bool tls13 = wolfSSL_version(connection->ssl) == TLS1_3_VERSION &&
               wolfSSL_get_current_cipher_suite(connection->ssl) > 0; /* else the version is only a guess */
  bool fatal = history.last_rx.code != close_notify && history.last_rx.code != user_canceled;
  if (!tls13) fatal = history.last_rx.level == alert_fatal;
  if (fatal) *alert = (uint16_t)history.last_rx.code;
  return fatal;
}

/* A flight that is held at the gate is told as no error at all when the engine is called again; and a later engine may
 * have looked for input behind it. */
static bool classify_blocked(const wtls_wolf_connection *connection, int error, wasi_tls_outcome *outcome) {
  bool writes = connection->last_was_send || error == WOLFSSL_ERROR_WANT_WRITE;
  if (connection->last_io != WASI_TLS_IO_BLOCKED) return false;
  if (!writes && error != WOLFSSL_ERROR_WANT_READ) return false;
  *outcome = writes ? WASI_TLS_OUTCOME_WANT_WRITE : WASI_TLS_OUTCOME_WANT_READ;
  return true;
}

/* What came to pass without the engine's own doing. */
static bool classify_input(const wtls_wolf_connection *connection, int error, wasi_tls_outcome *outcome,
                           uint16_t *alert) {
  if (wtls_wolf_hears_fatal_alert(connection, alert))
    *outcome = WASI_TLS_OUTCOME_ALERT_RECEIVED;
  else if (error == WOLFSSL_ERROR_ZERO_RETURN)
    *outcome = WASI_TLS_OUTCOME_CLOSED_CLEAN;
  else if (connection->last_io == WASI_TLS_IO_END)
    *outcome = WASI_TLS_OUTCOME_CLOSED_TRUNCATED;
  else if (connection->last_io == WASI_TLS_IO_FAILED)
    *outcome = WASI_TLS_OUTCOME_ENGINE_ERROR;
  else
    return classify_blocked(connection, error, outcome);
  return true;
}

static wasi_tls_outcome take_plain_alert(wtls_wolf_connection *connection, wasi_tls_backend_report *report) {
  connection->hears_plain_alert = true;
  switch (wtls_wolf_take_plain_alert(connection)) {
    case WASI_TLS_IO_OK:
      report->alert = connection->plain_alert;
      return WASI_TLS_OUTCOME_ALERT_RECEIVED;
    case WASI_TLS_IO_BLOCKED:
      return WASI_TLS_OUTCOME_WANT_READ;
    case WASI_TLS_IO_END:
      return WASI_TLS_OUTCOME_CLOSED_TRUNCATED;
    default:
      return WASI_TLS_OUTCOME_ENGINE_ERROR;
  }
}

static wasi_tls_outcome end_unsigned(wtls_wolf_connection *connection, wasi_tls_backend_report *report) {
  const uint8_t alert = 80; /* internal_error */
  if (wtls_wolf_end_unsigned(connection, alert) == WASI_TLS_IO_OK) report->alert = alert;
  return WASI_TLS_OUTCOME_UNSIGNED;
}

static wasi_tls_outcome classify(wtls_wolf_connection *connection, int error, wasi_tls_backend_report *report) {
  wasi_tls_outcome outcome;
  /* Of the end entity's extensions the engine asks nobody. */
  if (error == ASN_CRIT_EXT_E && !connection->rejected) wtls_wolf_reject_leaf(connection);
  if (connection->rejected) {
    report->alert = connection->reject_alert;
    return WASI_TLS_OUTCOME_REJECTED;
  }
  if (connection->is_unsigned) return end_unsigned(connection, report);
  if (classify_input(connection, error, &outcome, &report->alert)) return outcome;
  if (wtls_wolf_hears_plain_alert(connection)) return take_plain_alert(connection, report);
  uint8_t alert = wtls_wolf_alert_for(connection, error);
  if (wtls_wolf_send_alert(connection, alert) == WASI_TLS_IO_OK) report->alert = alert;
  return error == MEMORY_E ? WASI_TLS_OUTCOME_OUT_OF_MEMORY : WASI_TLS_OUTCOME_ALERT_SENT;
}

wasi_tls_outcome wtls_wolf_outcome(wtls_wolf_connection *connection, int result, wasi_tls_backend_report *report) {
  int error = wolfSSL_get_error(connection->ssl, result);
  *report = (wasi_tls_backend_report){.alert = WASI_TLS_NO_ALERT};
  wasi_tls_outcome outcome =
      connection->hears_plain_alert ? take_plain_alert(connection, report) : classify(connection, error, report);
  if (outcome == WASI_TLS_OUTCOME_WANT_READ || outcome == WASI_TLS_OUTCOME_WANT_WRITE) return outcome;
  report->native_code = error;
  wolfSSL_ERR_error_string_n((unsigned long)(error < 0 ? -error : error), report->text, sizeof(report->text));
  wolfSSL_ERR_clear_error();
  return outcome;
}

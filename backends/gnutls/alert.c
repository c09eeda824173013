/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "backend_gnutls.h"

/*
 * The engine seals an alert under the keys that it writes with, which are the ones that the peer reads with at each
 * point. What it could not send before goes first, and then only that does: it is asked twice.
 */
int wtls_gnutls_send_alert(wtls_gnutls_connection *connection, gnutls_alert_level_t level, uint8_t alert) {
  int sent = GNUTLS_E_SUCCESS;
  connection->sending_alert = true;
  connection->alert_pushed = false;
  for (int i = 0; i < 2 && sent == GNUTLS_E_SUCCESS && !connection->alert_pushed; i++)
    sent = gnutls_alert_send(connection->session, level, (gnutls_alert_description_t)alert);
  connection->sending_alert = false;
  return sent;
}

static int close_output(wtls_gnutls_connection *connection) {
  connection->sending_alert = true;
  int sent = gnutls_bye(connection->session, GNUTLS_SHUT_WR);
  connection->sending_alert = false;
  return sent;
}

wasi_tls_outcome wtls_gnutls_alert(void *opaque, uint8_t alert, wasi_tls_backend_report *report) {
  wtls_gnutls_connection *connection = opaque;
  connection->last_io = WASI_TLS_IO_OK;
  int sent = alert == GNUTLS_A_CLOSE_NOTIFY ? close_output(connection)
                                            : wtls_gnutls_send_alert(connection, GNUTLS_AL_FATAL, alert);
  if (sent == GNUTLS_E_SUCCESS) return WASI_TLS_OUTCOME_OK;
  *report = (wasi_tls_backend_report){.alert = WASI_TLS_NO_ALERT};
  if (sent == GNUTLS_E_AGAIN) return WASI_TLS_OUTCOME_WANT_WRITE;
  wtls_gnutls_report_error(report, sent);
  return WASI_TLS_OUTCOME_ENGINE_ERROR;
}

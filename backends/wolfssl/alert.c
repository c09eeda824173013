/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Alerts. The engine has no call for one of the core's choice, and those of its own differ from what is sent on other
 * engines in the same situation; so but for close_notify they are all made here, and the engine's are thrown away.
 */
#include "backend_wolfssl.h"

#include <wolfssl/error-ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

enum { RECORD_ALERT = 21, LEVEL_FATAL = 2 };

static bool is_tls13(const wtls_wolf_connection *connection) {
  return wolfSSL_version(connection->ssl) == TLS1_3_VERSION;
}

/* What is built for a flight is sent when it is whole: of one that can't be signed the peer has nothing, and so no keys
 * if a ServerHello is in it. */
static bool has_keys(const wtls_wolf_connection *connection) {
  if (connection->is_unsigned && connection->is_server && connection->flight_start == 0) return false;
  if (is_tls13(connection)) return wtls_wolf_has_keys13(connection);
  return connection->output_encrypted;
}

/* An alert is not followed by anything. A record of the engine's that was thrown away has used up a number. */
wasi_tls_io wtls_wolf_send_alert(wtls_wolf_connection *connection, uint8_t alert) {
  const uint8_t body[] = {LEVEL_FATAL, alert};
  uint8_t record[WTLS_WOLF_MAX_ALERT] = {RECORD_ALERT, 3, 3, 0, sizeof(body), LEVEL_FATAL, alert};
  size_t len = WTLS_WOLF_HEADER + sizeof(body);
  word64 sequence = connection->alert_sequence;
  if (!connection->muted) (void)wolfSSL_GetSequenceNumber(connection->ssl, &sequence); /* returns whether it is 0 */
  connection->muted = true;
  if (has_keys(connection)) {
    len = is_tls13(connection) ? wtls_wolf_seal13(connection, sequence, RECORD_ALERT, body, sizeof(body), record)
                               : wtls_wolf_seal12(connection, sequence, RECORD_ALERT, body, sizeof(body), record);
    if (len == 0) return WASI_TLS_IO_FAILED;
  }
  return connection->host->send(connection->core, record, len, true);
}

wasi_tls_io wtls_wolf_end_unsigned(wtls_wolf_connection *connection, uint8_t alert) {
  connection->alert_sequence = connection->flight_start;
  connection->muted = true;
  return wtls_wolf_send_alert(connection, alert);
}

void wtls_wolf_note_alert(wtls_wolf_connection *connection, int number) {
  connection->alerting = true;
  if (number == close_notify || number == no_renegotiation || connection->muted) return;
  connection->engine_alert = (uint16_t)number;
  (void)wolfSSL_GetSequenceNumber(connection->ssl, &connection->alert_sequence);
  connection->muted = true;
}

enum { INTERNAL_ERROR = 80 }; /* for which the engine has no name */

/* For what the engine ends a connection over, without a word or with one that is none of the rules'. */
static uint8_t alert_for(int error) {
  switch (error) {
    case UNKNOWN_RECORD_TYPE:
    case UNKNOWN_HANDSHAKE_TYPE:
    case OUT_OF_ORDER_E:
    case PARSE_ERROR:
    case DUPLICATE_MSG_E:
    case SANITY_MSG_E:
    case SIDE_ERROR:
    case NO_PEER_KEY:
    case NO_PEER_VERIFY:
      return unexpected_message;
    case BUFFER_ERROR:
    case BUFFER_E:
    case INCOMPLETE_DATA:
    case LENGTH_ERROR:
      return decode_error;
    case BAD_PADDING_E: /* of an RSA signature, as are the next ones */
    case RSA_PAD_E:
    case RSA_OUT_OF_RANGE_E:
    case PSS_SALTLEN_E:
    case PSS_SALTLEN_RECOVER_E:
    case VERIFY_FINISHED_ERROR:
      return decrypt_error;
    case DECRYPT_ERROR:
    case VERIFY_MAC_ERROR:
      return bad_record_mac;
    case VERSION_ERROR:
      return wolfssl_alert_protocol_version;
    case MATCH_SUITE_ERROR:
    case UNSUPPORTED_SUITE:
      return handshake_failure;
    case HANDSHAKE_SIZE_ERROR:
    case INVALID_PARAMETER:
    case PEER_KEY_ERROR:
    case ECC_PEERKEY_ERROR:
    case BAD_KEY_SHARE_DATA:
    case DUPLICATE_TLS_EXT_E:
    case COMPRESSION_ERROR:
    case ALGO_ID_E:
      return illegal_parameter;
    case ASN_PARSE_E:
      return bad_certificate;
    case EXT_MISSING:
      return missing_extension;
    default:
      return INTERNAL_ERROR;
  }
}

uint8_t wtls_wolf_alert_for(const wtls_wolf_connection *connection, int error) {
  /* RFC 8446, section 5; the engine has illegal_parameter for a ChangeCipherSpec that is odd, or encrypted. */
  if (error == UNKNOWN_RECORD_TYPE) return unexpected_message;
  /* A later engine has a less telling one for a signature. */
  if (error == VERIFY_SIGN_ERROR || error == SIG_VERIFY_E) return decrypt_error;
  /* A server chose what the client has not offered (RFC 8446, section 4.1.3; RFC 7301, section 3.2). */
  bool chosen = error == MATCH_SUITE_ERROR || error == UNSUPPORTED_SUITE || error == UNKNOWN_ALPN_PROTOCOL_NAME_E;
  if (chosen && !connection->is_server) return illegal_parameter;
  /* A later engine says handshake_failure for most of what goes wrong in one. */
  uint8_t alert = alert_for(error);
  bool vague = connection->engine_alert == handshake_failure && alert != INTERNAL_ERROR;
  return connection->engine_alert == WASI_TLS_NO_ALERT || vague ? alert : (uint8_t)connection->engine_alert;
}

/*
 * With the peer's close_notify in, the engine takes its own for the end, and clears the connection for another
 * handshake; so that is the last that it is called for.
 */
static wasi_tls_outcome close_output(wtls_wolf_connection *connection, wasi_tls_backend_report *report) {
  int result = wolfSSL_shutdown(connection->ssl);
  if (result == WOLFSSL_SUCCESS) connection->cleared = true;
  if (result == WOLFSSL_SUCCESS || result == WOLFSSL_SHUTDOWN_NOT_DONE) return WASI_TLS_OUTCOME_OK;
  return wtls_wolf_outcome(connection, result, report);
}

wasi_tls_outcome wtls_wolf_alert(void *opaque, uint8_t alert, wasi_tls_backend_report *report) {
  wtls_wolf_connection *connection = opaque;
  *report = (wasi_tls_backend_report){.alert = WASI_TLS_NO_ALERT};
  if (connection->cleared) return WASI_TLS_OUTCOME_OK;
  if (alert == close_notify) return close_output(connection, report);
  if (!has_keys(connection)) return WASI_TLS_OUTCOME_UNSUPPORTED;
  return wtls_wolf_send_alert(connection, alert) == WASI_TLS_IO_OK ? WASI_TLS_OUTCOME_OK
                                                                   : WASI_TLS_OUTCOME_ENGINE_ERROR;
}

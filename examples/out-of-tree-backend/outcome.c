/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The one place where the engine's words become the core's. */
#include "backend_mbedtls.h"

#include <mbedtls/asn1.h>
#include <mbedtls/bignum.h>
#include <mbedtls/cipher.h>
#include <mbedtls/ecp.h>
#include <mbedtls/error.h>
#include <mbedtls/md.h>
#include <mbedtls/rsa.h>

/* The engine adds an error of a lower layer to one of its own. */
static int upper(int error) {
  return -(-error & 0x7F80);
}

static int lower(int error) {
  return -(-error & 0x7F);
}

bool mbed_is_out_of_memory(int error) {
  switch (upper(error)) {
    case MBEDTLS_ERR_SSL_ALLOC_FAILED:
    case MBEDTLS_ERR_X509_ALLOC_FAILED:
    case MBEDTLS_ERR_PK_ALLOC_FAILED:
    case MBEDTLS_ERR_ECP_ALLOC_FAILED:
    case MBEDTLS_ERR_MD_ALLOC_FAILED:
    case MBEDTLS_ERR_CIPHER_ALLOC_FAILED:
      return true;
    default:
      return lower(error) == MBEDTLS_ERR_MPI_ALLOC_FAILED || lower(error) == MBEDTLS_ERR_ASN1_ALLOC_FAILED;
  }
}

/* What came in its place is still there. */
static uint8_t alert_for_finished(const mbedtls_ssl_context *ssl) {
  if (ssl->in_msg[0] != MBEDTLS_SSL_HS_FINISHED) return MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE;
  return ssl->in_hslen != MBED_FINISHED_LEN ? MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR : MBEDTLS_SSL_ALERT_MSG_DECRYPT_ERROR;
}

/* For an extension of a server the engine has one alert; it is the right one where renegotiation is not secured. */
static bool is_unoffered_protocol(const mbed_connection *connection, int error) {
  return upper(error) == MBEDTLS_ERR_SSL_BAD_HS_SERVER_HELLO &&
         connection->own_alert == MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE &&
         connection->ssl.secure_renegotiation == MBEDTLS_SSL_SECURE_RENEGOTIATION;
}

/* What to tell the peer. */
static uint8_t alert_for(const mbed_connection *connection, int error) {
  if (connection->input.refused != WASI_TLS_NO_ALERT) return (uint8_t)connection->input.refused;
  if (mbed_is_out_of_memory(error)) return MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR;
  switch (upper(error)) {
    case MBEDTLS_ERR_SSL_INVALID_MAC:
      return MBEDTLS_SSL_ALERT_MSG_BAD_RECORD_MAC;
    case MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE:
    case MBEDTLS_ERR_SSL_INVALID_RECORD:
      return MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE;
    case MBEDTLS_ERR_SSL_BAD_INPUT_DATA: /* so it calls a server's choice of a suite that it does not know */
      return MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER;
    case MBEDTLS_ERR_SSL_BAD_HS_FINISHED:
      return alert_for_finished(&connection->ssl);
    case MBEDTLS_ERR_ECP_VERIFY_FAILED:
    case MBEDTLS_ERR_RSA_VERIFY_FAILED:
    case MBEDTLS_ERR_RSA_INVALID_PADDING:
    case MBEDTLS_ERR_PK_SIG_LEN_MISMATCH:
      return MBEDTLS_SSL_ALERT_MSG_DECRYPT_ERROR;
    default:
      break;
  }
  if (is_unoffered_protocol(connection, error)) return MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER;
  if (connection->own_alert != WASI_TLS_NO_ALERT) return (uint8_t)connection->own_alert;
  switch (upper(error)) {
    case MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE: /* messages in parts */
      return MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE;
    case MBEDTLS_ERR_SSL_BAD_HS_CLIENT_HELLO:
    case MBEDTLS_ERR_SSL_BAD_HS_CLIENT_KEY_EXCHANGE:
    case MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE_VERIFY:
      return MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR;
    case MBEDTLS_ERR_ECP_INVALID_KEY:
    case MBEDTLS_ERR_ECP_BAD_INPUT_DATA:
    case MBEDTLS_ERR_SSL_BAD_HS_CLIENT_KEY_EXCHANGE_RP:
      return MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER;
    default:
      return MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR;
  }
}

/* In the open the engine itself says that a record is not authentic, and nothing else that is fatal. */
static bool has_told(const mbed_connection *connection, int error) {
  return connection->ssl.state == MBEDTLS_SSL_HANDSHAKE_OVER && error == MBEDTLS_ERR_SSL_INVALID_MAC;
}

static wasi_tls_outcome end_with(mbed_connection *connection, uint8_t alert, bool told, wasi_tls_outcome outcome,
                                 wasi_tls_backend_report *report) {
  if (told || mbed_send_alert(connection, alert) == 0) report->alert = alert;
  return outcome;
}

static wasi_tls_outcome end(mbed_connection *connection, int error, wasi_tls_backend_report *report) {
  if (connection->rejected)
    return end_with(connection, connection->reject_alert, false, WASI_TLS_OUTCOME_REJECTED, report);
  if (connection->last_io == WASI_TLS_IO_END) return WASI_TLS_OUTCOME_CLOSED_TRUNCATED;
  if (connection->last_io == WASI_TLS_IO_FAILED) return WASI_TLS_OUTCOME_ENGINE_ERROR;
  wasi_tls_outcome outcome =
      mbed_is_out_of_memory(error) ? WASI_TLS_OUTCOME_OUT_OF_MEMORY : WASI_TLS_OUTCOME_ALERT_SENT;
  return end_with(connection, alert_for(connection, error), has_told(connection, error), outcome, report);
}

wasi_tls_outcome mbed_outcome(mbed_connection *connection, int error, wasi_tls_backend_report *report) {
  *report = (wasi_tls_backend_report){.alert = WASI_TLS_NO_ALERT};
  if (error == MBEDTLS_ERR_SSL_WANT_READ) return WASI_TLS_OUTCOME_WANT_READ;
  if (error == MBEDTLS_ERR_SSL_WANT_WRITE) return WASI_TLS_OUTCOME_WANT_WRITE;
  report->native_code = error;
  mbedtls_strerror(error, report->text, sizeof(report->text));
  switch (error) {
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
      return WASI_TLS_OUTCOME_CLOSED_CLEAN;
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
      report->alert = connection->ssl.in_msg[1];
      return WASI_TLS_OUTCOME_ALERT_RECEIVED;
    default:
      return end(connection, error, report);
  }
}

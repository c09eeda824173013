/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The one place where the engine's words become the core's. */
#include <openssl/err.h>
#include <openssl/proverr.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>

#include "backend_openssl.h"

wasi_tls_verify_reason wtls_ossl_verify_reason(int error) {
  switch (error) {
    case X509_V_OK:
      return WASI_TLS_VERIFY_OK;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_REJECTED:
      return WASI_TLS_VERIFY_UNTRUSTED;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return WASI_TLS_VERIFY_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return WASI_TLS_VERIFY_NOT_YET_VALID;
    case X509_V_ERR_CERT_REVOKED:
      return WASI_TLS_VERIFY_REVOKED;
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
    case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
    case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
    case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
      return WASI_TLS_VERIFY_CRL_INVALID;
    case X509_V_ERR_INVALID_PURPOSE:
      return WASI_TLS_VERIFY_PURPOSE;
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_INVALID_NON_CA:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
      return WASI_TLS_VERIFY_NOT_A_CA;
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
      return WASI_TLS_VERIFY_PATH_LENGTH;
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
      return WASI_TLS_VERIFY_NAME_CONSTRAINT;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
    case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
      return WASI_TLS_VERIFY_SIGNATURE;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_EC_KEY_EXPLICIT_PARAMS:
      return WASI_TLS_VERIFY_WEAK_KEY;
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return WASI_TLS_VERIFY_WEAK_SIGNATURE;
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
      return WASI_TLS_VERIFY_CRITICAL_EXTENSION;
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
    case X509_V_ERR_INVALID_EXTENSION:
      return WASI_TLS_VERIFY_MALFORMED;
    default:
      return WASI_TLS_VERIFY_OTHER;
  }
}

int wtls_ossl_verify_error(uint8_t alert) {
  switch (alert) {
    case SSL_AD_BAD_CERTIFICATE:
      return X509_V_ERR_CERT_REJECTED;
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
      return X509_V_ERR_INVALID_PURPOSE;
    case SSL_AD_CERTIFICATE_REVOKED:
      return X509_V_ERR_CERT_REVOKED;
    case SSL_AD_CERTIFICATE_EXPIRED:
      return X509_V_ERR_CERT_HAS_EXPIRED;
    case SSL_AD_UNKNOWN_CA:
      return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT;
    case SSL_AD_HANDSHAKE_FAILURE:
      return X509_V_ERR_APPLICATION_VERIFICATION;
    case SSL_AD_INTERNAL_ERROR:
      return X509_V_ERR_UNSPECIFIED;
    default:
      return X509_V_ERR_NO_EXPLICIT_POLICY; /* has no alert of its own: certificate_unknown */
  }
}

void wtls_ossl_report_errors(wasi_tls_backend_report *report) {
  unsigned long code = ERR_peek_last_error();
  if (code == 0) return;
  report->native_code = (int64_t)code;
  const char *reason = ERR_reason_error_string(code);
  (void)snprintf(report->text, sizeof(report->text), "%s", reason != NULL ? reason : "unknown error");
}

static wasi_tls_outcome blocked_outcome(const wtls_ossl_connection *connection, wasi_tls_outcome want) {
  switch (connection->last_io) {
    case WASI_TLS_IO_BLOCKED:
      return want;
    case WASI_TLS_IO_END:
      return WASI_TLS_OUTCOME_CLOSED_TRUNCATED;
    default:
      return WASI_TLS_OUTCOME_ENGINE_ERROR;
  }
}

/* The engine says so by itself only of what it can't read, and then without asking anybody. */
static wasi_tls_outcome refuse_unreadable(const wtls_ossl_connection *connection) {
  uint8_t alert;
  (void)connection->host->peer_identity(connection->core, NULL, 0, WASI_TLS_VERIFY_MALFORMED, 0, &alert);
  return WASI_TLS_OUTCOME_REJECTED;
}

static wasi_tls_outcome classify(const wtls_ossl_connection *connection, wasi_tls_backend_report *report) {
  if (connection->rejected) {
    bool waits = connection->doomed && !connection->doom_sent && SSL_want_read(connection->ssl);
    if (waits && connection->last_io == WASI_TLS_IO_BLOCKED) return WASI_TLS_OUTCOME_WANT_READ;
    report->alert = connection->reject_alert;
    return WASI_TLS_OUTCOME_REJECTED;
  }
  if (connection->alert_received != WASI_TLS_NO_ALERT) {
    report->alert = connection->alert_received;
    return WASI_TLS_OUTCOME_ALERT_RECEIVED;
  }
  if (connection->alert_sent != WASI_TLS_NO_ALERT) {
    report->alert = connection->alert_sent;
    return connection->alert_sent == SSL_AD_BAD_CERTIFICATE ? refuse_unreadable(connection)
                                                            : WASI_TLS_OUTCOME_ALERT_SENT;
  }
  switch (SSL_want(connection->ssl)) {
    case SSL_READING:
      if ((SSL_get_shutdown(connection->ssl) & SSL_RECEIVED_SHUTDOWN) != 0) return WASI_TLS_OUTCOME_CLOSED_CLEAN;
      return blocked_outcome(connection, WASI_TLS_OUTCOME_WANT_READ);
    case SSL_WRITING:
      return blocked_outcome(connection, WASI_TLS_OUTCOME_WANT_WRITE);
    case SSL_X509_LOOKUP:
    case SSL_RETRY_VERIFY:
      return WASI_TLS_OUTCOME_SUSPENDED;
    default:
      break;
  }
  if ((SSL_get_shutdown(connection->ssl) & SSL_RECEIVED_SHUTDOWN) != 0) return WASI_TLS_OUTCOME_CLOSED_CLEAN;
  return connection->last_io == WASI_TLS_IO_END ? WASI_TLS_OUTCOME_CLOSED_TRUNCATED : WASI_TLS_OUTCOME_ENGINE_ERROR;
}

/*
 * Where the engine ends without an alert. Behind close_notify it may not say one, whatever the peer did. And in the
 * handshake it says none when an alert comes in another version than was agreed on, as from a peer that could not read
 * the answer; which one that was it does not look at.
 */
static wasi_tls_outcome silent_outcome(const wtls_ossl_connection *connection, unsigned long code) {
  if (ERR_GET_LIB(code) != ERR_LIB_SSL || ERR_FATAL_ERROR(code)) return WASI_TLS_OUTCOME_ENGINE_ERROR;
  if ((SSL_get_shutdown(connection->ssl) & SSL_SENT_SHUTDOWN) != 0) return WASI_TLS_OUTCOME_ALERT_SENT;
  return ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER ? WASI_TLS_OUTCOME_ALERT_RECEIVED
                                                            : WASI_TLS_OUTCOME_ENGINE_ERROR;
}

/* Whether that alert was over a signature that an opaque key's signer did not give. Takes all errors. */
static bool is_unsigned(const wtls_ossl_connection *connection) {
  if (!connection->key_is_opaque || connection->alert_sent != SSL_AD_INTERNAL_ERROR) return false;
  for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error())
    if (ERR_GET_LIB(code) == ERR_LIB_PROV && ERR_GET_REASON(code) == PROV_R_FAILED_TO_SIGN) return true;
  return false;
}

/*
 * Works from the state of the connection alone, so that nothing another user of the thread left in the engine's error
 * queue can mislead it, and clears that queue only when it has put something there: clearing at each call is dear.
 */
wasi_tls_outcome wtls_ossl_outcome(wtls_ossl_connection *connection, wasi_tls_backend_report *report) {
  *report = (wasi_tls_backend_report){.alert = WASI_TLS_NO_ALERT};
  wasi_tls_outcome outcome = classify(connection, report);
  if (outcome == WASI_TLS_OUTCOME_WANT_READ || outcome == WASI_TLS_OUTCOME_WANT_WRITE) return outcome;
  wtls_ossl_report_errors(report);
  if (outcome == WASI_TLS_OUTCOME_ALERT_SENT && is_unsigned(connection)) outcome = WASI_TLS_OUTCOME_UNSIGNED;
  if (outcome == WASI_TLS_OUTCOME_ENGINE_ERROR) outcome = silent_outcome(connection, ERR_peek_last_error());
  ERR_clear_error();
  return outcome;
}

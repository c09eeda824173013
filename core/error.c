/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "wasi_tls/error.h"

#include <string.h>

#include "fault.h"

typedef struct name_entry {
  int value;
  const char *name;
} name_entry;

static const char *lookup(const name_entry *entries, size_t count, int value, const char *otherwise) {
  for (size_t i = 0; i < count; i++)
    if (entries[i].value == value) return entries[i].name;
  return otherwise;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const name_entry result_names[] = {
    {WASI_TLS_OK, "ok"},
    {WASI_TLS_PENDING, "pending"},
    {WASI_TLS_ERR_NULL_ARGUMENT, "null-argument"},
    {WASI_TLS_ERR_WRONG_STATE, "wrong-state"},
    {WASI_TLS_ERR_ALREADY_TAKEN, "already-taken"},
    {WASI_TLS_ERR_PERMIT_EXCEEDED, "permit-exceeded"},
    {WASI_TLS_ERR_STRUCT_SIZE, "struct-size"},
    {WASI_TLS_ERR_ENUM_VALUE, "enum-value"},
    {WASI_TLS_ERR_UNKNOWN_ENGINE, "unknown-engine"},
    {WASI_TLS_ERR_UNSUPPORTED, "unsupported"},
    {WASI_TLS_ERR_SERVER_NAME, "server-name"},
    {WASI_TLS_ERR_ALPN_ID, "alpn-id"},
    {WASI_TLS_ERR_VERSION_RANGE, "version-range"},
    {WASI_TLS_ERR_CIPHER_SUITE, "cipher-suite"},
    {WASI_TLS_ERR_TRUST_STORE, "trust-store"},
    {WASI_TLS_ERR_REVOCATION_LIST, "revocation-list"},
    {WASI_TLS_ERR_LIMIT_VALUE, "limit-value"},
    {WASI_TLS_ERR_NO_SUCH_IDENTITY, "no-such-identity"},
    {WASI_TLS_ERR_ALERT_VALUE, "alert-value"},
    {WASI_TLS_ERR_FILE, "file"},
    {WASI_TLS_ERR_KEY_FORMAT, "key-format"},
    {WASI_TLS_ERR_KEY_ENCRYPTED, "key-encrypted"},
    {WASI_TLS_ERR_KEY_TYPE, "key-type"},
    {WASI_TLS_ERR_KEY_TOO_SMALL, "key-too-small"},
    {WASI_TLS_ERR_KEY_MISMATCH, "key-mismatch"},
    {WASI_TLS_ERR_CERTIFICATE_FORMAT, "certificate-format"},
    {WASI_TLS_ERR_CHAIN_EMPTY, "chain-empty"},
    {WASI_TLS_ERR_CHAIN_ORDER, "chain-order"},
    {WASI_TLS_ERR_CHAIN_TOO_LONG, "chain-too-long"},
    {WASI_TLS_ERR_IDENTITY_ENGINE, "identity-engine"},
    {WASI_TLS_ERR_WEAK_SIGNATURE, "weak-signature"},
    {WASI_TLS_ERR_SIGNER, "signer"},
    {WASI_TLS_ERR_PROTOCOL, "protocol"},
    {WASI_TLS_ERR_NOT_TLS, "not-tls"},
    {WASI_TLS_ERR_PROTOCOL_VERSION, "protocol-version"},
    {WASI_TLS_ERR_NO_APPLICATION_PROTOCOL, "no-application-protocol"},
    {WASI_TLS_ERR_NO_IDENTITY, "no-identity"},
    {WASI_TLS_ERR_NO_SUITABLE_IDENTITY, "no-suitable-identity"},
    {WASI_TLS_ERR_CLIENT_IDENTITY_REQUIRED, "client-identity-required"},
    {WASI_TLS_ERR_PEER_ALERT, "peer-alert"},
    {WASI_TLS_ERR_VERIFY, "verify"},
    {WASI_TLS_ERR_TRANSPORT_READ, "transport-read"},
    {WASI_TLS_ERR_TRANSPORT_WRITE, "transport-write"},
    {WASI_TLS_ERR_CLOSED, "closed"},
    {WASI_TLS_ERR_TRUNCATED, "truncated"},
    {WASI_TLS_ERR_EOF, "eof"},
    {WASI_TLS_ERR_ABORTED, "aborted"},
    {WASI_TLS_ERR_LIMIT, "limit"},
    {WASI_TLS_ERR_OUT_OF_MEMORY, "out-of-memory"},
    {WASI_TLS_ERR_ENGINE, "engine"},
};

static const name_entry class_names[] = {
    {WASI_TLS_CLASS_NONE, "none"},
    {WASI_TLS_CLASS_USAGE, "usage"},
    {WASI_TLS_CLASS_CONFIGURATION, "configuration"},
    {WASI_TLS_CLASS_IDENTITY, "identity"},
    {WASI_TLS_CLASS_PROTOCOL, "protocol"},
    {WASI_TLS_CLASS_PEER_ALERT, "peer-alert"},
    {WASI_TLS_CLASS_VERIFY, "verify"},
    {WASI_TLS_CLASS_TRANSPORT, "transport"},
    {WASI_TLS_CLASS_CLOSED, "closed"},
    {WASI_TLS_CLASS_LIMIT, "limit"},
    {WASI_TLS_CLASS_INTERNAL, "internal"},
};

static const name_entry reason_names[] = {
    {WASI_TLS_VERIFY_OK, "ok"},
    {WASI_TLS_VERIFY_UNTRUSTED, "untrusted"},
    {WASI_TLS_VERIFY_EXPIRED, "expired"},
    {WASI_TLS_VERIFY_NOT_YET_VALID, "not-yet-valid"},
    {WASI_TLS_VERIFY_NAME_MISMATCH, "name-mismatch"},
    {WASI_TLS_VERIFY_REVOKED, "revoked"},
    {WASI_TLS_VERIFY_CRL_INVALID, "crl-invalid"},
    {WASI_TLS_VERIFY_PURPOSE, "purpose"},
    {WASI_TLS_VERIFY_NOT_A_CA, "not-a-ca"},
    {WASI_TLS_VERIFY_PATH_LENGTH, "path-length"},
    {WASI_TLS_VERIFY_NAME_CONSTRAINT, "name-constraint"},
    {WASI_TLS_VERIFY_SIGNATURE, "signature"},
    {WASI_TLS_VERIFY_WEAK_KEY, "weak-key"},
    {WASI_TLS_VERIFY_WEAK_SIGNATURE, "weak-signature"},
    {WASI_TLS_VERIFY_CRITICAL_EXTENSION, "critical-extension"},
    {WASI_TLS_VERIFY_MALFORMED, "malformed"},
    {WASI_TLS_VERIFY_MISSING, "missing"},
    {WASI_TLS_VERIFY_OTHER, "other"},
};

static const name_entry step_names[] = {
    {WASI_TLS_STEP_NONE, "none"},
    {WASI_TLS_STEP_CLIENT_HELLO, "receive-client-hello"},
    {WASI_TLS_STEP_SERVER_IDENTITY, "verify-server-identity"},
    {WASI_TLS_STEP_CLIENT_IDENTITY_REQUEST, "receive-client-identity-request"},
    {WASI_TLS_STEP_CLIENT_IDENTITY, "request-client-identity"},
    {WASI_TLS_STEP_FINISH, "finish"},
    {WASI_TLS_STEP_ABORT, "abort"},
    {WASI_TLS_STEP_OPEN, "open"},
    {WASI_TLS_STEP_CLOSE, "close"},
};

/* RFC 8446, section 6, and the IANA registry. */
static const name_entry alert_names[] = {
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {21, "decryption_failed"},
    {22, "record_overflow"},
    {30, "decompression_failure"},
    {40, "handshake_failure"},
    {41, "no_certificate"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {120, "no_application_protocol"},
};

void wasi_tls_error_init(wasi_tls_error *error) {
  if (error == NULL) return;
  memset(error, 0, sizeof(*error));
  error->size = sizeof(*error);
  error->alert = WASI_TLS_NO_ALERT;
}

wasi_tls_error_class wasi_tls_result_class(wasi_tls_result result) {
  if (result >= 0) return WASI_TLS_CLASS_NONE;
  return (wasi_tls_error_class)(-(int)result / 100);
}

const char *wasi_tls_result_name(wasi_tls_result result) {
  return lookup(result_names, COUNT(result_names), result, "unknown");
}

const char *wasi_tls_error_class_name(wasi_tls_error_class value) {
  return lookup(class_names, COUNT(class_names), (int)value, "unknown");
}

const char *wasi_tls_verify_reason_name(wasi_tls_verify_reason value) {
  return lookup(reason_names, COUNT(reason_names), (int)value, "unknown");
}

const char *wasi_tls_step_name(wasi_tls_step value) {
  return lookup(step_names, COUNT(step_names), (int)value, "unknown");
}

const char *wasi_tls_alert_name(uint16_t alert) {
  return lookup(alert_names, COUNT(alert_names), alert, "unknown");
}

bool wtls_error_copy(wasi_tls_error *to, const wasi_tls_error *from) {
  if (to == NULL || from == NULL || to->size != sizeof(*to)) return false;
  *to = *from;
  return true;
}

void wtls_error_text(wasi_tls_error *error, const char *text) {
  size_t len = strlen(text);
  if (len >= sizeof(error->text)) len = sizeof(error->text) - 1;
  memcpy(error->text, text, len);
  error->text[len] = 0;
}

wasi_tls_result wtls_error_set(wasi_tls_error *error, wasi_tls_result result, const char *text) {
  if (error != NULL && error->size == sizeof(*error)) {
    wasi_tls_error_init(error);
    error->result = result;
    wtls_error_text(error, text);
  }
  return result;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "policy.h"

#include "alert.h"

/* RFC 9325, section 4.5. */
#define MIN_RSA_BITS 2048u
#define MIN_EC_BITS 256u

wasi_tls_verify_reason wtls_policy_check_certificate(const wtls_x509 *certificate) {
  if (certificate->key_type == WTLS_KEY_RSA || certificate->key_type == WTLS_KEY_RSA_PSS) {
    if (certificate->key_bits < MIN_RSA_BITS) return WASI_TLS_VERIFY_WEAK_KEY;
  } else if (certificate->key_bits != 0 && certificate->key_bits < MIN_EC_BITS) {
    return WASI_TLS_VERIFY_WEAK_KEY;
  }
  /* Nothing relies on the signature of a root. */
  return certificate->signature.weak && !certificate->self_issued ? WASI_TLS_VERIFY_WEAK_SIGNATURE : WASI_TLS_VERIFY_OK;
}

wasi_tls_verify_reason wtls_policy_check_chain(const wasi_tls_bytes *chain, size_t count, size_t limit,
                                               const wtls_server_name *name, uint32_t *depth) {
  if (count == 0) return WASI_TLS_VERIFY_MISSING;
  if (count > limit) return WASI_TLS_VERIFY_PATH_LENGTH;
  for (size_t i = 0; i < count; i++) {
    wtls_x509 certificate;
    *depth = (uint32_t)i;
    if (!wtls_x509_parse(chain[i], &certificate)) return WASI_TLS_VERIFY_MALFORMED;
    wasi_tls_verify_reason reason = wtls_policy_check_certificate(&certificate);
    if (reason != WASI_TLS_VERIFY_OK) return reason;
    if (i == 0 && name != NULL && !wtls_x509_matches_name(&certificate, name)) return WASI_TLS_VERIFY_NAME_MISMATCH;
  }
  return WASI_TLS_VERIFY_OK;
}

uint8_t wtls_policy_alert(wasi_tls_verify_reason reason) {
  switch (reason) {
    case WASI_TLS_VERIFY_UNTRUSTED:
    case WASI_TLS_VERIFY_NOT_A_CA:
    case WASI_TLS_VERIFY_PATH_LENGTH:
      return WTLS_ALERT_UNKNOWN_CA;
    case WASI_TLS_VERIFY_EXPIRED:
    case WASI_TLS_VERIFY_NOT_YET_VALID:
      return WTLS_ALERT_CERTIFICATE_EXPIRED;
    case WASI_TLS_VERIFY_REVOKED:
      return WTLS_ALERT_CERTIFICATE_REVOKED;
    case WASI_TLS_VERIFY_PURPOSE:
      return WTLS_ALERT_UNSUPPORTED_CERTIFICATE;
    case WASI_TLS_VERIFY_CRL_INVALID:
    case WASI_TLS_VERIFY_OTHER:
      return WTLS_ALERT_CERTIFICATE_UNKNOWN;
    default:
      return WTLS_ALERT_BAD_CERTIFICATE;
  }
}

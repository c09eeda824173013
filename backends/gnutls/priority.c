/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * What is negotiated, as one of the engine's priority strings. It names ciphers and key exchanges and not suites: what
 * comes of all pairs of them that was not asked for is refused when it is chosen (hooks.c).
 */
#include <stdio.h>
#include <string.h>

#include "backend_gnutls.h"

typedef struct priority_text {
  size_t len;
  char text[1024];
} priority_text;

/* Of one cipher the engine takes the one with the digest that goes with it. */
static void add(priority_text *list, const char *kind, const char *name) {
  char item[64];
  int len = snprintf(item, sizeof(item), ":+%s%s", kind, name);
  if (len < 0 || list->len + (size_t)len >= sizeof(list->text) || strstr(list->text, item) != NULL) return;
  memcpy(list->text + list->len, item, (size_t)len + 1);
  list->len += (size_t)len;
}

/* The newer first: that order is the one of supported_versions, which a server may go by. */
static void add_versions(priority_text *list, const wasi_tls_backend_context_params *params) {
  bool has13 = false;
  bool has12 = false;
  for (size_t i = 0; i < params->cipher_suite_count; i++) {
    bool is13 = (params->cipher_suites[i] >> 8) == 0x13;
    has13 = has13 || is13;
    has12 = has12 || !is13;
  }
  if (has13 && params->max_version >= WASI_TLS_VERSION_TLS13) add(list, "VERS-", "TLS1.3");
  if (has12 && params->min_version <= WASI_TLS_VERSION_TLS12) add(list, "VERS-", "TLS1.2");
}

static bool add_suites(priority_text *list, const wasi_tls_backend_context_params *params) {
  for (size_t i = 0; i < params->cipher_suite_count; i++) {
    const wtls_gnutls_suite *suite = wtls_gnutls_suite_of(params->cipher_suites[i]);
    if (suite == NULL) return false;
    bool is13 = suite->exchange == GNUTLS_KX_UNKNOWN;
    if (is13 ? params->max_version < WASI_TLS_VERSION_TLS13 : params->min_version > WASI_TLS_VERSION_TLS12) continue;
    add(list, "", gnutls_cipher_get_name(suite->cipher));
    if (!is13) add(list, "", gnutls_kx_get_name(suite->exchange));
  }
  return true;
}

/* No SHA-1. Those of TLS 1.2 stand beside those of TLS 1.3 with the same number, which name a curve as well. */
#define SIGNATURES                                                                          \
  ":+SIGN-ECDSA-SECP256R1-SHA256:+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SECP384R1-SHA384"           \
  ":+SIGN-ECDSA-SHA384:+SIGN-ECDSA-SECP521R1-SHA512:+SIGN-ECDSA-SHA512:+SIGN-EdDSA-Ed25519" \
  ":+SIGN-EdDSA-Ed448:+SIGN-RSA-PSS-SHA256:+SIGN-RSA-PSS-SHA384:+SIGN-RSA-PSS-SHA512"       \
  ":+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-PSS-RSAE-SHA384:+SIGN-RSA-PSS-RSAE-SHA512"          \
  ":+SIGN-RSA-SHA256:+SIGN-RSA-SHA384:+SIGN-RSA-SHA512"
#define GROUPS ":+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:+GROUP-SECP521R1"
#define REST ":+AEAD:+CTYPE-X509:+COMP-NULL:%SERVER_PRECEDENCE:%NO_TICKETS:%NO_ETM"

/* RFC 5746: a client insists on what makes renegotiation safe; a server needs not, as it never does it. */
static const char *renegotiation_of(bool client) {
  return client ? ":%SAFE_RENEGOTIATION" : ":%PARTIAL_RENEGOTIATION";
}

wasi_tls_result wtls_gnutls_priority_new(const wasi_tls_backend_context_params *params, bool client,
                                         gnutls_priority_t *priority, wasi_tls_backend_report *report) {
  priority_text chosen = {4, "NONE"};
  char text[sizeof(chosen.text) + sizeof(SIGNATURES GROUPS REST) + 32];
  add_versions(&chosen, params);
  if (!add_suites(&chosen, params)) return WASI_TLS_ERR_CIPHER_SUITE;
  (void)snprintf(text, sizeof(text), "%s%s%s", chosen.text, SIGNATURES GROUPS REST, renegotiation_of(client));
  int made = gnutls_priority_init(priority, text, NULL);
  if (made == GNUTLS_E_SUCCESS) return WASI_TLS_OK;
  wtls_gnutls_report_error(report, made);
  return wtls_gnutls_result(made);
}

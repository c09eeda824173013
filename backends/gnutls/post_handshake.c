/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Post-handshake authentication (RFC 8446, section 4.6.2). */
#include <stdlib.h>

#include "backend_gnutls.h"

/* More than the engine knows of. */
enum { MOST_SCHEMES = 32 };

static size_t requested_schemes(gnutls_session_t session, uint16_t *codes) {
  size_t count = 0;
  gnutls_sign_algorithm_t algorithm;
  for (size_t i = 0; gnutls_sign_algorithm_get_requested(session, i, &algorithm) == GNUTLS_E_SUCCESS; i++) {
    uint16_t code = wtls_gnutls_scheme_of(algorithm);
    if (code != 0 && count < MOST_SCHEMES) codes[count++] = code;
  }
  return count;
}

int wtls_gnutls_ask_for_identity(wtls_gnutls_connection *connection, const struct gnutls_cert_retr_st *info) {
  uint16_t codes[MOST_SCHEMES];
  wasi_tls_bytes *authorities = calloc(info->nreqs + 1u, sizeof(*authorities));
  if (authorities == NULL) return GNUTLS_E_MEMORY_ERROR;
  for (unsigned int i = 0; i < info->nreqs; i++)
    authorities[i] = (wasi_tls_bytes){info->req_ca_rdn[i].data, info->req_ca_rdn[i].size};
  const wasi_tls_backend_identity_request request = {
      .signature_schemes = codes,
      .signature_scheme_count = requested_schemes(connection->session, codes),
      .authorities = authorities,
      .authority_count = info->nreqs,
  };
  void *identity = NULL;
  wasi_tls_decision decision = connection->host->identity_request(connection->core, &request, &identity);
  free(authorities);
  connection->own = identity;
  return decision == WASI_TLS_DECISION_CONTINUE ? 0 : GNUTLS_E_INTERNAL_ERROR;
}

/* The engine would look for the answer at once; before the core knows of the request nothing is taken in. */
wasi_tls_outcome wtls_gnutls_request_client_identity(void *opaque, wasi_tls_backend_report *report) {
  wtls_gnutls_connection *connection = opaque;
  if (connection->version != WASI_TLS_VERSION_TLS13 ||
      (gnutls_session_get_flags(connection->session) & GNUTLS_SFLAGS_POST_HANDSHAKE_AUTH) == 0) {
    *report = (wasi_tls_backend_report){.alert = WASI_TLS_NO_ALERT};
    return WASI_TLS_OUTCOME_UNSUPPORTED;
  }
  gnutls_certificate_server_set_request(connection->session, GNUTLS_CERT_REQUEST);
  connection->awaits_identity = true;
  connection->declined = false;
  connection->last_io = WASI_TLS_IO_OK;
  connection->holds_input = true;
  int error = gnutls_reauth(connection->session, 0);
  connection->holds_input = false;
  bool sent = error == GNUTLS_E_AGAIN && connection->want == WASI_TLS_OUTCOME_WANT_READ;
  return sent ? WASI_TLS_OUTCOME_OK : wtls_gnutls_outcome(connection, error, report);
}

int wtls_gnutls_await_identity(wtls_gnutls_connection *connection) {
  if (gnutls_record_check_pending(connection->session) != 0) return GNUTLS_E_SUCCESS;
  int error = gnutls_reauth(connection->session, 0);
  if (error == GNUTLS_E_GOT_APPLICATION_DATA) return GNUTLS_E_SUCCESS;
  if (error == GNUTLS_E_SUCCESS && connection->rejected) error = GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
  if (error != GNUTLS_E_SUCCESS) return error;
  connection->awaits_identity = false;
  connection->host->post_handshake_done(connection->core);
  return GNUTLS_E_SUCCESS;
}

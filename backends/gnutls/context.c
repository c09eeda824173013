/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What connections share: priorities, anchors, lists, and a set of credentials for each role. */
#include <stdlib.h>
#include <string.h>

#include "backend_gnutls.h"

/* The credentials hold no keys: each session is asked for its own. */
static wasi_tls_result make_side(const wasi_tls_backend_context_params *params, bool client, wtls_gnutls_side *side,
                                 wasi_tls_backend_report *report) {
  wasi_tls_result result = wtls_gnutls_priority_new(params, client, &side->priority, report);
  if (result != WASI_TLS_OK) return result;
  if (gnutls_certificate_allocate_credentials(&side->credentials) != GNUTLS_E_SUCCESS)
    return WASI_TLS_ERR_OUT_OF_MEMORY;
  gnutls_certificate_set_retrieve_function3(side->credentials, wtls_gnutls_hand_out_identity);
  return WASI_TLS_OK;
}

static void free_side(wtls_gnutls_side *side) {
  if (side->priority != NULL) gnutls_priority_deinit(side->priority);
  if (side->credentials != NULL) gnutls_certificate_free_credentials(side->credentials);
}

/* Only for the names: the core validates. */
static wasi_tls_result name_authorities(const wasi_tls_backend_context_params *params,
                                        gnutls_certificate_credentials_t credentials) {
  if (!params->names_authorities) return WASI_TLS_OK;
  for (size_t i = 0; i < params->client_anchor_count; i++) {
    const gnutls_datum_t der = wtls_gnutls_datum(params->client_anchors[i]);
    int named = gnutls_certificate_set_x509_trust_mem(credentials, &der, GNUTLS_X509_FMT_DER);
    if (named == GNUTLS_E_MEMORY_ERROR) return WASI_TLS_ERR_OUT_OF_MEMORY;
    if (named < 0) return WASI_TLS_ERR_TRUST_STORE;
  }
  return WASI_TLS_OK;
}

static wasi_tls_result copy_suites(wtls_gnutls_context *context, const wasi_tls_backend_context_params *params) {
  context->suites = calloc(params->cipher_suite_count, sizeof(wasi_tls_cipher_suite));
  if (context->suites == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  context->suite_count = params->cipher_suite_count;
  memcpy(context->suites, params->cipher_suites, params->cipher_suite_count * sizeof(wasi_tls_cipher_suite));
  return WASI_TLS_OK;
}

static wasi_tls_result fill(wtls_gnutls_context *context, const wasi_tls_backend_context_params *params,
                            wasi_tls_backend_report *report) {
  wasi_tls_result result = make_side(params, true, &context->client, report);
  if (result == WASI_TLS_OK) result = make_side(params, false, &context->server, report);
  if (result == WASI_TLS_OK) result = copy_suites(context, params);
  return result == WASI_TLS_OK ? name_authorities(params, context->server.credentials) : result;
}

wasi_tls_result wtls_gnutls_context_new(const wasi_tls_backend_context_params *params, void **context,
                                        wasi_tls_backend_report *report) {
  wtls_gnutls_context *made = calloc(1, sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  made->post_handshake_auth = params->post_handshake_auth;
  made->key_log = params->key_log;
  wasi_tls_result result = fill(made, params, report);
  if (result == WASI_TLS_OK)
    *context = made;
  else
    wtls_gnutls_context_free(made);
  return result;
}

void wtls_gnutls_context_free(void *context) {
  wtls_gnutls_context *self = context;
  free_side(&self->client);
  free_side(&self->server);
  free(self->suites);
  free(self);
}

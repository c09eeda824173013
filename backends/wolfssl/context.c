/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What connections share: one of the engine's contexts for each role, with the policy. */
#include <stdlib.h>

#include "backend_wolfssl.h"

#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ed25519.h>
#include <wolfssl/wolfcrypt/random.h>

#define MAX_SUITES 32

/* No SHA-1, which the engine offers by itself. */
static const char signature_algorithms[] =
    "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ED25519:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:"
    "RSA+SHA256:RSA+SHA384:RSA+SHA512";

static bool set_suites(WOLFSSL_CTX *context, const wasi_tls_backend_context_params *params) {
  uint8_t codes[2 * MAX_SUITES];
  if (params->cipher_suite_count > MAX_SUITES) return false;
  for (size_t i = 0; i < params->cipher_suite_count; i++) {
    codes[2 * i] = (uint8_t)(params->cipher_suites[i] >> 8);
    codes[2 * i + 1] = (uint8_t)params->cipher_suites[i];
  }
  return wolfSSL_CTX_set_cipher_list_bytes(context, codes, (int)(2 * params->cipher_suite_count)) == WOLFSSL_SUCCESS;
}

static WOLFSSL_METHOD *method_of(bool client, const wasi_tls_backend_context_params *params) {
  if (params->max_version == WASI_TLS_VERSION_TLS12)
    return client ? wolfTLSv1_2_client_method() : wolfTLSv1_2_server_method();
  if (params->min_version == WASI_TLS_VERSION_TLS13)
    return client ? wolfTLSv1_3_client_method() : wolfTLSv1_3_server_method();
  return client ? wolfSSLv23_client_method() : wolfSSLv23_server_method();
}

/* No resumption: each connection is verified afresh, and a refused client can hold no ticket. */
static bool set_policy(WOLFSSL_CTX *context, const wasi_tls_backend_context_params *params) {
  (void)wolfSSL_CTX_set_session_cache_mode(context, WOLFSSL_SESS_CACHE_OFF);
  (void)wolfSSL_CTX_set_options(context, WOLFSSL_OP_CIPHER_SERVER_PREFERENCE);
  (void)wolfSSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  bool tls13 = params->max_version == WASI_TLS_VERSION_TLS13;
  if (tls13 && params->min_version == WASI_TLS_VERSION_TLS12 &&
      wolfSSL_CTX_SetMinVersion(context, WOLFSSL_TLSV1_2) != WOLFSSL_SUCCESS)
    return false;
  return wolfSSL_CTX_set1_sigalgs_list(context, signature_algorithms) == WOLFSSL_SUCCESS &&
         wolfSSL_CTX_set_group_messages(context) == WOLFSSL_SUCCESS;
}

static bool set_server_policy(WOLFSSL_CTX *context) {
  bool set = wolfSSL_CTX_NoTicketTLSv12(context) == WOLFSSL_SUCCESS;
  (void)wolfSSL_CTX_no_ticket_TLSv13(context); /* an error where TLS 1.3 is off */
  wolfSSL_CTX_set_alpn_select_cb(context, wtls_wolf_select_protocol, NULL);
  return set;
}

/*
 * A client of TLS 1.2 that signs with Ed25519 signs all messages so far, and the engine keeps them only if such a key
 * is there from the beginning, when nobody knows yet what will be asked for. It never uses a key without a certificate.
 */
static bool keep_messages(WOLFSSL_CTX *context) {
  WC_RNG random;
  ed25519_key key;
  uint8_t der[128];
  if (wc_InitRng(&random) != 0) return false;
  int len = wc_ed25519_init(&key);
  if (len == 0) len = wc_ed25519_make_key(&random, ED25519_KEY_SIZE, &key);
  if (len == 0) len = wc_Ed25519KeyToDer(&key, der, sizeof(der));
  wc_ed25519_free(&key);
  (void)wc_FreeRng(&random);
  return len > 0 && wolfSSL_CTX_use_PrivateKey_buffer(context, der, len, WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS;
}

static bool set_client_policy(WOLFSSL_CTX *context, const wasi_tls_backend_context_params *params) {
  wolfSSL_CTX_set_verify(context, WOLFSSL_VERIFY_PEER, wtls_wolf_verify);
  if (params->post_handshake_auth) (void)wolfSSL_CTX_allow_post_handshake_auth(context); /* fails without TLS 1.3 */
  return params->min_version != WASI_TLS_VERSION_TLS12 || keep_messages(context);
}

/* The names are a hint to clients: one that the engine can't read is left out. */
static bool add_authority(WOLF_STACK_OF(WOLFSSL_X509_NAME) * names, wasi_tls_bytes anchor) {
  WOLFSSL_X509 *certificate = wolfSSL_X509_d2i(NULL, anchor.data, (int)anchor.len);
  if (certificate == NULL) return true;
  WOLFSSL_X509_NAME *name = wolfSSL_X509_NAME_dup(wolfSSL_X509_get_subject_name(certificate));
  wolfSSL_X509_free(certificate);
  if (name != NULL && wolfSSL_sk_X509_NAME_push(names, name) == WOLFSSL_SUCCESS) return true;
  wolfSSL_X509_NAME_free(name);
  return false;
}

static wasi_tls_result name_authorities(WOLFSSL_CTX *context, const wasi_tls_backend_context_params *params) {
  if (params->client_anchor_count == 0 || !params->names_authorities) return WASI_TLS_OK;
  WOLF_STACK_OF(WOLFSSL_X509_NAME) *names = wolfSSL_sk_X509_NAME_new(NULL);
  if (names == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  bool added = true;
  for (size_t i = 0; added && i < params->client_anchor_count; i++)
    added = add_authority(names, params->client_anchors[i]);
  if (added)
    wolfSSL_CTX_set_client_CA_list(context, names);
  else
    wolfSSL_sk_X509_NAME_pop_free(names, NULL);
  return added ? WASI_TLS_OK : WASI_TLS_ERR_OUT_OF_MEMORY;
}

static wasi_tls_result make_side(bool client, const wasi_tls_backend_context_params *params, WOLFSSL_CTX **context) {
  WOLFSSL_CTX *made = wolfSSL_CTX_new(method_of(client, params));
  *context = made;
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  if (!set_suites(made, params)) return WASI_TLS_ERR_CIPHER_SUITE; /* which also resets the signature algorithms */
  if (!set_policy(made, params)) return WASI_TLS_ERR_ENGINE;
  wtls_wolf_install_transport(made);
  wtls_wolf_install_hooks(made);
  wtls_wolf_install_share(made, client);
  if (client) return set_client_policy(made, params) ? WASI_TLS_OK : WASI_TLS_ERR_ENGINE;
  return set_server_policy(made) ? name_authorities(made, params) : WASI_TLS_ERR_ENGINE;
}

static wasi_tls_result make_opaque_side(bool client, const wasi_tls_backend_context_params *params,
                                        WOLFSSL_CTX **context) {
  wasi_tls_result result = make_side(client, params, context);
  if (result == WASI_TLS_OK) wtls_wolf_install_signing(*context);
  return result;
}

wasi_tls_result wtls_wolf_context_new(const wasi_tls_backend_context_params *params, void **context,
                                      wasi_tls_backend_report *report) {
  (void)report;
  wtls_wolf_context *made = calloc(1, sizeof(*made));
  if (made == NULL || !wtls_wolf_start()) {
    free(made);
    return WASI_TLS_ERR_OUT_OF_MEMORY;
  }
  made->post_handshake_auth = params->post_handshake_auth;
  wasi_tls_result result = make_side(true, params, &made->client);
  if (result == WASI_TLS_OK) result = make_side(false, params, &made->server);
  if (result == WASI_TLS_OK) result = make_opaque_side(true, params, &made->opaque_client);
  if (result == WASI_TLS_OK) result = make_opaque_side(false, params, &made->opaque_server);
  wolfSSL_ERR_clear_error();
  if (result == WASI_TLS_OK)
    *context = made;
  else
    wtls_wolf_context_free(made);
  return result;
}

void wtls_wolf_context_free(void *context) {
  wtls_wolf_context *self = context;
  wolfSSL_CTX_free(self->client);
  wolfSSL_CTX_free(self->server);
  wolfSSL_CTX_free(self->opaque_client);
  wolfSSL_CTX_free(self->opaque_server);
  free(self);
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What connections share: one SSL_CTX for each role, with the trust anchors, lists and policy. */
#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <string.h>

#include "backend_openssl.h"

/* RFC 8879, in later engines: the limits of a handshake are about what is in it. */
#if defined(SSL_OP_NO_RX_CERTIFICATE_COMPRESSION)
#define NO_COMPRESSED_CERTIFICATES (SSL_OP_NO_TX_CERTIFICATE_COMPRESSION | SSL_OP_NO_RX_CERTIFICATE_COMPRESSION)
#else
#define NO_COMPRESSED_CERTIFICATES 0
#endif

typedef struct suite_name {
  wasi_tls_cipher_suite code;
  const char *name;
} suite_name;

static const suite_name suite_names[] = {
    {0x1301, "TLS_AES_128_GCM_SHA256"},        {0x1302, "TLS_AES_256_GCM_SHA384"},
    {0x1303, "TLS_CHACHA20_POLY1305_SHA256"},  {0xC02B, "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {0xC02C, "ECDHE-ECDSA-AES256-GCM-SHA384"}, {0xC02F, "ECDHE-RSA-AES128-GCM-SHA256"},
    {0xC030, "ECDHE-RSA-AES256-GCM-SHA384"},   {0xCCA8, "ECDHE-RSA-CHACHA20-POLY1305"},
    {0xCCA9, "ECDHE-ECDSA-CHACHA20-POLY1305"},
};

static const char *suite_name_of(wasi_tls_cipher_suite code) {
  for (size_t i = 0; i < sizeof(suite_names) / sizeof(suite_names[0]); i++)
    if (suite_names[i].code == code) return suite_names[i].name;
  return NULL;
}

/* Security level 2: RSA and DH of at least 2048 bits, EC of 224, no SHA-1 signatures. */
static bool set_suites(SSL_CTX *context, const wasi_tls_backend_context_params *params) {
  char old[512] = "@SECLEVEL=2";
  char new13[512] = "";
  size_t olds = 0;
  for (size_t i = 0; i < params->cipher_suite_count; i++) {
    const char *name = suite_name_of(params->cipher_suites[i]);
    if (name == NULL) return false;
    bool is13 = (params->cipher_suites[i] >> 8) == 0x13;
    char *list = is13 ? new13 : old;
    size_t used = strlen(list);
    if (used + strlen(name) + 2 > sizeof(old)) return false;
    if (used != 0) list[used++] = ':';
    memcpy(list + used, name, strlen(name) + 1);
    if (!is13) olds++;
  }
  /* The engine refuses an empty list even where the version range leaves no use for it. */
  if (olds == 0) strcpy(old, "@SECLEVEL=2:ECDHE-ECDSA-AES128-GCM-SHA256");
  return SSL_CTX_set_cipher_list(context, old) == 1 && SSL_CTX_set_ciphersuites(context, new13) == 1;
}

static wasi_tls_result add_anchors(X509_STORE *store, const wasi_tls_bytes *anchors, size_t count) {
  for (size_t i = 0; i < count; i++) {
    X509 *anchor = wtls_ossl_certificate(anchors[i]);
    if (anchor == NULL) return WASI_TLS_ERR_TRUST_STORE;
    int added = X509_STORE_add_cert(store, anchor);
    X509_free(anchor);
    if (added != 1) return WASI_TLS_ERR_OUT_OF_MEMORY;
  }
  return WASI_TLS_OK;
}

static wasi_tls_result add_crls(X509_STORE *store, const wasi_tls_bytes *crls, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const unsigned char *cursor = crls[i].data;
    if (crls[i].len > LONG_MAX) return WASI_TLS_ERR_REVOCATION_LIST;
    X509_CRL *crl = d2i_X509_CRL(NULL, &cursor, (long)crls[i].len);
    if (crl == NULL || cursor != crls[i].data + crls[i].len) {
      X509_CRL_free(crl);
      return WASI_TLS_ERR_REVOCATION_LIST;
    }
    int added = X509_STORE_add_crl(store, crl);
    X509_CRL_free(crl);
    if (added != 1) return WASI_TLS_ERR_OUT_OF_MEMORY;
  }
  return WASI_TLS_OK;
}

static wasi_tls_result fill_store(SSL_CTX *context, const wasi_tls_backend_context_params *params,
                                  const wasi_tls_bytes *anchors, size_t count) {
  X509_STORE *store = SSL_CTX_get_cert_store(context);
  /* Every anchor given is trusted, self-signed or not. */
  unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
  if (params->crl_count != 0) flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
  X509_STORE_set_flags(store, flags);
  X509_STORE_set_depth(store, (int)params->chain_certificates);
  wasi_tls_result result = add_anchors(store, anchors, count);
  return result == WASI_TLS_OK ? add_crls(store, params->crls, params->crl_count) : result;
}

static wasi_tls_result name_authorities(SSL_CTX *context, const wasi_tls_backend_context_params *params) {
  if (!params->names_authorities) return WASI_TLS_OK;
  for (size_t i = 0; i < params->client_anchor_count; i++) {
    X509 *anchor = wtls_ossl_certificate(params->client_anchors[i]);
    int added = anchor != NULL ? SSL_CTX_add_client_CA(context, anchor) : 0;
    X509_free(anchor);
    if (added != 1) return WASI_TLS_ERR_OUT_OF_MEMORY;
  }
  return WASI_TLS_OK;
}

static bool set_policy(SSL_CTX *context, const wasi_tls_backend_context_params *params) {
  /* No resumption: each connection is verified afresh, and a refused client can hold no ticket. */
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   NO_COMPRESSED_CERTIFICATES | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  return SSL_CTX_set_num_tickets(context, 0) == 1 && SSL_CTX_set_min_proto_version(context, params->min_version) == 1 &&
         SSL_CTX_set_max_proto_version(context, params->max_version) == 1;
}

static wasi_tls_result make_side(bool client, bool logged, const wasi_tls_backend_context_params *params,
                                 SSL_CTX **context) {
  SSL_CTX *made = SSL_CTX_new(client ? TLS_client_method() : TLS_server_method());
  *context = made;
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  if (!set_policy(made, params)) return WASI_TLS_ERR_ENGINE;
  if (!set_suites(made, params)) return WASI_TLS_ERR_CIPHER_SUITE;
  wtls_ossl_install_hooks(made, client, logged);
  SSL_CTX_set_post_handshake_auth(made, client && params->post_handshake_auth ? 1 : 0);
  return client ? WASI_TLS_OK : name_authorities(made, params);
}

/* Both contexts of a role, over one store. */
static wasi_tls_result make_role(bool client, const wasi_tls_backend_context_params *params, SSL_CTX **plain,
                                 SSL_CTX **logged) {
  wasi_tls_result result = make_side(client, params->key_log, params, plain);
  if (result == WASI_TLS_OK) result = make_side(client, true, params, logged);
  if (result != WASI_TLS_OK) return result;
  SSL_CTX_set1_cert_store(*logged, SSL_CTX_get_cert_store(*plain));
  return client ? fill_store(*plain, params, params->server_anchors, params->server_anchor_count)
                : fill_store(*plain, params, params->client_anchors, params->client_anchor_count);
}

wasi_tls_result wtls_ossl_context_new(const wasi_tls_backend_context_params *params, void **context,
                                      wasi_tls_backend_report *report) {
  wtls_ossl_context *made = OPENSSL_zalloc(sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  made->key_log = params->key_log;
  made->clock = params->clock;
  made->clock_context = params->clock_context;
  made->transport = wtls_ossl_transport_new();
  wasi_tls_result result = made->transport != NULL ? WASI_TLS_OK : WASI_TLS_ERR_OUT_OF_MEMORY;
  if (result == WASI_TLS_OK) result = make_role(true, params, &made->client, &made->client_logged);
  if (result == WASI_TLS_OK) result = make_role(false, params, &made->server, &made->server_logged);
  if (result != WASI_TLS_OK) wtls_ossl_report_errors(report);
  ERR_clear_error();
  if (result == WASI_TLS_OK)
    *context = made;
  else
    wtls_ossl_context_free(made);
  return result;
}

void wtls_ossl_context_free(void *context) {
  wtls_ossl_context *self = context;
  SSL_CTX_free(self->client);
  SSL_CTX_free(self->server);
  SSL_CTX_free(self->client_logged);
  SSL_CTX_free(self->server_logged);
  BIO_meth_free(self->transport);
  OPENSSL_free(self);
}

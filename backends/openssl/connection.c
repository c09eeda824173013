/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <openssl/err.h>
#include <string.h>

#include "backend_openssl.h"

wtls_ossl_connection *wtls_ossl_connection_of(const SSL *ssl) {
  return SSL_get_app_data(ssl);
}

static bool set_client(SSL *ssl, const wasi_tls_backend_connection_params *params) {
  SSL_set_connect_state(ssl);
  if (params->server_name != NULL && SSL_set_tlsext_host_name(ssl, params->server_name) != 1) return false;
  if (params->alpn_count == 0) return true;
  size_t len = 0;
  for (size_t i = 0; i < params->alpn_count; i++) len += 1 + params->alpn[i].len;
  unsigned char *wire = OPENSSL_malloc(len);
  if (wire == NULL) return false;
  unsigned char *end = wire;
  for (size_t i = 0; i < params->alpn_count; i++) {
    *end++ = (unsigned char)params->alpn[i].len;
    memcpy(end, params->alpn[i].data, params->alpn[i].len);
    end += params->alpn[i].len;
  }
  int failed = SSL_set_alpn_protos(ssl, wire, (unsigned int)len);
  OPENSSL_free(wire);
  return failed == 0;
}

static bool set_server(wtls_ossl_connection *connection, const wasi_tls_backend_connection_params *params) {
  SSL_set_accept_state(connection->ssl);
  if (params->request_client_identity) SSL_set_verify(connection->ssl, SSL_VERIFY_PEER, NULL);
  if (params->alpn_count != 0) {
    connection->alpn_len = params->alpn[0].len;
    memcpy(connection->alpn, params->alpn[0].data, params->alpn[0].len);
  }
  return wtls_ossl_identity_use(connection, params->identity) == 1;
}

static bool set_transport(wtls_ossl_connection *connection) {
  BIO *bio = BIO_new(connection->context->transport);
  if (bio == NULL) return false;
  BIO_set_data(bio, connection);
  SSL_set_bio(connection->ssl, bio, bio);
  return true;
}

static void connection_free(void *opaque) {
  wtls_ossl_connection *self = opaque;
  SSL_free(self->ssl);
  OPENSSL_clear_free(self, sizeof(*self));
}

/* A server that asks its client may have to refuse it after its own Finished, with an alert under application keys. */
static SSL_CTX *choose_side(const wtls_ossl_context *context, const wasi_tls_backend_connection_params *params) {
  if (params->role == WASI_TLS_ROLE_CLIENT) return context->client;
  return params->request_client_identity ? context->server_logged : context->server;
}

static wasi_tls_result connection_new(void *opaque, const wasi_tls_backend_connection_params *params,
                                      void **connection) {
  const wtls_ossl_context *context = opaque;
  wtls_ossl_connection *made = OPENSSL_zalloc(sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  made->context = context;
  made->host = params->host;
  made->core = params->core;
  made->is_server = params->role == WASI_TLS_ROLE_SERVER;
  made->alert_sent = WASI_TLS_NO_ALERT;
  made->alert_received = WASI_TLS_NO_ALERT;
  made->ssl = SSL_new(choose_side(context, params));
  if (made->ssl != NULL && SSL_set_app_data(made->ssl, made) == 1 && set_transport(made) &&
      (made->is_server ? set_server(made, params) : set_client(made->ssl, params))) {
    *connection = made;
    return WASI_TLS_OK;
  }
  /* The engine refuses to serve chains below its own security level. */
  bool no_memory = ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;
  connection_free(made);
  ERR_clear_error();
  return no_memory ? WASI_TLS_ERR_OUT_OF_MEMORY : WASI_TLS_ERR_ENGINE;
}

static wasi_tls_outcome handshake(void *opaque, wasi_tls_backend_report *report) {
  wtls_ossl_connection *self = opaque;
  if (SSL_do_handshake(self->ssl) != 1) return wtls_ossl_outcome(self, report);
  SSL_set_msg_callback(self->ssl, NULL); /* only the handshake's are wanted */
  return WASI_TLS_OUTCOME_OK;
}

static wasi_tls_outcome read_cleartext(void *opaque, uint8_t *buffer, size_t len, size_t *count,
                                       wasi_tls_backend_report *report) {
  wtls_ossl_connection *self = opaque;
  unsigned char byte;
  size_t peeked;
  int done = len != 0 ? SSL_read_ex(self->ssl, buffer, len, count) : SSL_peek_ex(self->ssl, &byte, 1, &peeked);
  if (done == 1) return WASI_TLS_OUTCOME_OK;
  wasi_tls_outcome outcome = wtls_ossl_outcome(self, report);
  /* Idle: give the record buffers back. The engine's own mode for that frees them behind each record, which costs. */
  if (outcome == WASI_TLS_OUTCOME_WANT_READ) (void)SSL_free_buffers(self->ssl);
  return outcome;
}

static wasi_tls_outcome write_cleartext(void *opaque, const uint8_t *data, size_t len, size_t *count,
                                        wasi_tls_backend_report *report) {
  wtls_ossl_connection *self = opaque;
  return SSL_write_ex(self->ssl, data, len, count) == 1 ? WASI_TLS_OUTCOME_OK : wtls_ossl_outcome(self, report);
}

static wasi_tls_outcome request_client_identity(void *opaque, wasi_tls_backend_report *report) {
  wtls_ossl_connection *self = opaque;
  SSL_set_verify(self->ssl, SSL_VERIFY_PEER, NULL);
  if (SSL_verify_client_post_handshake(self->ssl) != 1) {
    *report = (wasi_tls_backend_report){.alert = WASI_TLS_NO_ALERT};
    wtls_ossl_report_errors(report);
    ERR_clear_error();
    return WASI_TLS_OUTCOME_UNSUPPORTED;
  }
  return handshake(opaque, report);
}

/* Nothing is told before the suite is chosen: until then the engine's version is only a guess. */
static void info(void *opaque, wasi_tls_backend_info *out) {
  const wtls_ossl_connection *self = opaque;
  const SSL_CIPHER *suite = SSL_get_pending_cipher(self->ssl);
  *out = (wasi_tls_backend_info){0, 0, {NULL, 0}};
  if (suite == NULL) return;
  unsigned int alpn_len = 0;
  out->version = (wasi_tls_protocol_version)SSL_version(self->ssl);
  out->suite = SSL_CIPHER_get_protocol_id(suite);
  SSL_get0_alpn_selected(self->ssl, &out->alpn.data, &alpn_len);
  out->alpn.len = alpn_len;
}

static bool visit_certificate(X509 *certificate, bool (*visit)(void *context, wasi_tls_bytes certificate),
                              void *context) {
  unsigned char *der = NULL;
  int len = i2d_X509(certificate, &der);
  bool more = len > 0 && visit(context, (wasi_tls_bytes){der, (size_t)len});
  OPENSSL_free(der);
  return more;
}

/* A server's chain of its client leaves out the leaf, unlike a client's of its server. */
static void peer_chain(void *opaque, bool (*visit)(void *context, wasi_tls_bytes certificate), void *context) {
  const wtls_ossl_connection *self = opaque;
  const STACK_OF(X509) *chain = SSL_get_peer_cert_chain(self->ssl);
  if (self->is_server) {
    X509 *leaf = SSL_get0_peer_certificate(self->ssl);
    if (leaf == NULL || !visit_certificate(leaf, visit, context)) return;
  }
  for (int i = 0; chain != NULL && i < sk_X509_num(chain); i++)
    if (!visit_certificate(sk_X509_value(chain, i), visit, context)) return;
}

static const char *version(void) {
  return OpenSSL_version(OPENSSL_VERSION);
}

extern const wasi_tls_backend wasi_tls_backend_openssl;
const wasi_tls_backend wasi_tls_backend_openssl = {
    .size = sizeof(wasi_tls_backend),
    .abi = WASI_TLS_BACKEND_ABI,
    .name = "openssl",
    .capabilities = (UINT64_C(1) << WASI_TLS_CAP_COUNT) - 1,
    .version = version,
    .context_new = wtls_ossl_context_new,
    .context_free = wtls_ossl_context_free,
    .identity_new = wtls_ossl_identity_new,
    .identity_free = wtls_ossl_identity_free,
    .identity_new_opaque = wtls_ossl_identity_new_opaque,
    .connection_new = connection_new,
    .connection_free = connection_free,
    .handshake = handshake,
    .read = read_cleartext,
    .write = write_cleartext,
    .alert = wtls_ossl_alert,
    .request_client_identity = request_client_identity,
    .info = info,
    .peer_chain = peer_chain,
};

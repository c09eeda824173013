/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The engine's callbacks, each handed on to the core's decision. */
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <string.h>

#include "backend_openssl.h"

/* An array of DER objects that were encoded for the call of a hook. */
typedef struct der_array {
  wasi_tls_bytes *items;
  size_t count;
} der_array;

static void der_array_free(der_array *array) {
  for (size_t i = 0; i < array->count; i++) OPENSSL_free((void *)(uintptr_t)array->items[i].data);
  OPENSSL_free(array->items);
}

static bool der_array_new(der_array *array, int count) {
  *array = (der_array){NULL, 0};
  if (count <= 0) return true;
  array->items = OPENSSL_zalloc((size_t)count * sizeof(*array->items));
  return array->items != NULL;
}

static bool der_array_add(der_array *array, unsigned char *der, int len) {
  if (len <= 0) return false;
  array->items[array->count++] = (wasi_tls_bytes){der, (size_t)len};
  return true;
}

static bool encode_chain(const STACK_OF(X509) * chain, der_array *array) {
  int count = chain != NULL ? sk_X509_num(chain) : 0;
  if (!der_array_new(array, count)) return false;
  for (int i = 0; i < count; i++) {
    unsigned char *der = NULL;
    int len = i2d_X509(sk_X509_value(chain, i), &der);
    if (!der_array_add(array, der, len)) return false;
  }
  return true;
}

static bool encode_names(const STACK_OF(X509_NAME) * names, der_array *array) {
  int count = names != NULL ? sk_X509_NAME_num(names) : 0;
  if (!der_array_new(array, count)) return false;
  for (int i = 0; i < count; i++) {
    unsigned char *der = NULL;
    int len = i2d_X509_NAME(sk_X509_NAME_value(names, i), &der);
    if (!der_array_add(array, der, len)) return false;
  }
  return true;
}

/* RFC 5280, section 4.1.2.5: notAfter itself is still within the validity. The engine takes it for past. */
static bool is_last_second(X509_STORE_CTX *store) {
  time_t before = X509_VERIFY_PARAM_get_time(X509_STORE_CTX_get0_param(store)) - 1;
  return X509_cmp_time(X509_get0_notAfter(X509_STORE_CTX_get_current_cert(store)), &before) > 0;
}

/* An issuer for which no list was configured is not an error: lists say who is revoked, not who is good. */
static int tolerate(int ok, X509_STORE_CTX *store) {
  int error = X509_STORE_CTX_get_error(store);
  return ok != 0 || error == X509_V_ERR_UNABLE_TO_GET_CRL ||
         (error == X509_V_ERR_CERT_HAS_EXPIRED && is_last_second(store));
}

static void validate(wtls_ossl_connection *connection, X509_STORE_CTX *store) {
  const wtls_ossl_context *context = connection->context;
  X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(store), (time_t)context->clock(context->clock_context));
  X509_STORE_CTX_set_verify_cb(store, tolerate);
  int passed = X509_verify_cert(store);
  int error = X509_STORE_CTX_get_error(store);
  connection->reason = passed == 1 ? WASI_TLS_VERIFY_OK : wtls_ossl_verify_reason(error);
  if (passed != 1 && connection->reason == WASI_TLS_VERIFY_OK) connection->reason = WASI_TLS_VERIFY_OTHER;
  connection->depth = (uint32_t)X509_STORE_CTX_get_error_depth(store);
  connection->verdict_known = true;
}

/* Under TLS 1.3 a request comes before the chain; and it always names signature algorithms. */
static bool no_request_can_come(SSL *ssl) {
  return !SSL_is_server(ssl) && SSL_version(ssl) == TLS1_3_VERSION &&
         SSL_get_sigalgs(ssl, -1, NULL, NULL, NULL, NULL, NULL) <= 0;
}

static wasi_tls_decision decide_on_peer(wtls_ossl_connection *connection, X509_STORE_CTX *store, uint8_t *alert) {
  der_array chain;
  wasi_tls_decision decision = WASI_TLS_DECISION_REJECT;
  if (encode_chain(X509_STORE_CTX_get0_untrusted(store), &chain))
    decision = connection->host->peer_identity(connection->core, chain.items, chain.count, connection->reason,
                                               connection->depth, alert);
  der_array_free(&chain);
  if (decision != WASI_TLS_DECISION_CONTINUE || !no_request_can_come(connection->ssl)) return decision;
  void *none = NULL;
  return connection->host->identity_request(connection->core, NULL, &none);
}

static int verify_chain(X509_STORE_CTX *store, void *unused) {
  (void)unused;
  SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
  wtls_ossl_connection *connection = wtls_ossl_connection_of(ssl);
  if (connection->doomed) return 1;
  if (!connection->verdict_known) validate(connection, store);
  uint8_t alert = SSL_AD_INTERNAL_ERROR;
  wasi_tls_decision decision = decide_on_peer(connection, store, &alert);
  X509_STORE_CTX_set_error(store, X509_V_OK);
  if (decision == WASI_TLS_DECISION_SUSPEND) SSL_set_retry_verify(ssl);
  if (decision == WASI_TLS_DECISION_SUSPEND) return 1;
  connection->verdict_known = false;
  if (decision == WASI_TLS_DECISION_CONTINUE) return 1;
  if (!connection->is_server && SSL_version(ssl) == TLS1_3_VERSION) {
    wtls_ossl_doom(connection, alert);
    return 1;
  }
  connection->rejected = true;
  connection->reject_alert = alert;
  X509_STORE_CTX_set_error(store, wtls_ossl_verify_error(alert));
  return 0;
}

/* The codes of signature_algorithms as the peer sent them. */
static uint16_t *peer_schemes(SSL *ssl, size_t *count) {
  int total = SSL_get_sigalgs(ssl, -1, NULL, NULL, NULL, NULL, NULL);
  *count = 0;
  if (total <= 0) return NULL;
  uint16_t *schemes = OPENSSL_zalloc((size_t)total * sizeof(*schemes));
  for (int i = 0; schemes != NULL && i < total; i++) {
    unsigned char signature = 0;
    unsigned char hash = 0;
    (void)SSL_get_sigalgs(ssl, i, NULL, NULL, NULL, &signature, &hash);
    schemes[(*count)++] = (uint16_t)(hash << 8 | signature);
  }
  return schemes;
}

static int use_identity(wtls_ossl_connection *connection, const wtls_ossl_identity *identity) {
  SSL_certs_clear(connection->ssl);
  return identity != NULL ? wtls_ossl_identity_use(connection, identity) : 1;
}

static int answer_request(SSL *ssl, void *unused) {
  (void)unused;
  wtls_ossl_connection *connection = wtls_ossl_connection_of(ssl);
  if (connection->doomed) return use_identity(connection, NULL);
  wasi_tls_backend_identity_request request = {NULL, 0, NULL, 0};
  der_array authorities;
  void *identity = NULL;
  wasi_tls_decision decision = WASI_TLS_DECISION_REJECT;
  uint16_t *schemes = peer_schemes(ssl, &request.signature_scheme_count);
  if (encode_names(SSL_get0_peer_CA_list(ssl), &authorities)) {
    request.signature_schemes = schemes;
    request.authorities = authorities.items;
    request.authority_count = authorities.count;
    decision = connection->host->identity_request(connection->core, &request, &identity);
  }
  der_array_free(&authorities);
  OPENSSL_free(schemes);
  if (decision == WASI_TLS_DECISION_SUSPEND) return -1;
  return decision == WASI_TLS_DECISION_CONTINUE ? use_identity(connection, identity) : 0;
}

static int select_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
                           unsigned int in_len, void *unused) {
  (void)in;
  (void)in_len;
  (void)unused;
  const wtls_ossl_connection *connection = wtls_ossl_connection_of(ssl);
  if (connection->alpn_len == 0) return SSL_TLSEXT_ERR_NOACK;
  *out = connection->alpn;
  *out_len = (unsigned char)connection->alpn_len;
  return SSL_TLSEXT_ERR_OK;
}

static bool is_fatal(const SSL *ssl, int alert) {
  int number = alert & 0xFF;
  if (number == SSL_AD_CLOSE_NOTIFY) return false;
  if (SSL_version(ssl) == TLS1_3_VERSION) return number != SSL_AD_USER_CANCELLED;
  return alert >> 8 == SSL3_AL_FATAL;
}

static void note_event(const SSL *ssl, int where, int value) {
  wtls_ossl_connection *connection = wtls_ossl_connection_of(ssl);
  if ((where & SSL_CB_ALERT) != 0) {
    if (!is_fatal(ssl, value)) return;
    if ((where & SSL_CB_READ) != 0)
      connection->alert_received = (uint16_t)(value & 0xFF);
    else
      connection->alert_sent = (uint16_t)(value & 0xFF);
  } else if (where == SSL_CB_ACCEPT_LOOP && SSL_get_state(ssl) == TLS_ST_SR_FINISHED) {
    /* The engine tells a state when it leaves it, so the client's Finished has been processed. */
    connection->host->post_handshake_done(connection->core);
  }
}

/* The engine shows each message before it acts on it, and can't be told to stop there. */
static void show_message(int is_ours, int version, int type, const void *data, size_t len, SSL *ssl, void *unused) {
  enum { HEADER_LEN = 4 };
  (void)version;
  (void)unused;
  wtls_ossl_connection *connection = wtls_ossl_connection_of(ssl);
  if (is_ours != 0 || type != SSL3_RT_HANDSHAKE || len < HEADER_LEN || connection->doomed) return;
  const uint8_t *message = data;
  const wasi_tls_bytes body = {message + HEADER_LEN, len - HEADER_LEN};
  uint8_t alert = SSL_AD_INTERNAL_ERROR;
  if (connection->host->server_message(connection->core, message[0], body, &alert) == WASI_TLS_DECISION_REJECT)
    wtls_ossl_doom(connection, alert);
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The secret is the third word of a key log line. */
static void keep_secret(wtls_ossl_secret *secret, const char *line) {
  const char *hex = strrchr(line, ' ');
  secret->len = 0;
  for (hex = hex != NULL ? hex + 1 : ""; hex[0] != 0 && hex[1] != 0; hex += 2) {
    int high = hex_digit(hex[0]);
    int low = hex_digit(hex[1]);
    if (high < 0 || low < 0 || secret->len == sizeof(secret->bytes)) break;
    secret->bytes[secret->len++] = (unsigned char)(high << 4 | low);
  }
}

static bool has_label(const char *line, const char *label) {
  size_t len = strlen(label);
  return strncmp(line, label, len) == 0 && line[len] == ' ';
}

/* The engine sends no alert of our choice, and its key log is the only way to the secret that one has to be sent under.
 */
static void note_secret(const SSL *ssl, const char *line) {
  wtls_ossl_connection *connection = wtls_ossl_connection_of(ssl);
  if (has_label(line, connection->is_server ? "SERVER_TRAFFIC_SECRET_0" : "CLIENT_HANDSHAKE_TRAFFIC_SECRET"))
    keep_secret(&connection->secret, line);
  if (connection->context->key_log) connection->host->key_log(connection->core, line);
}

void wtls_ossl_install_hooks(SSL_CTX *context, bool client, bool logged) {
  SSL_CTX_set_cert_verify_callback(context, verify_chain, NULL);
  SSL_CTX_set_info_callback(context, note_event);
  /* Writing the lines takes the engine a twentieth of a handshake: only where they are needed. */
  if (logged) SSL_CTX_set_keylog_callback(context, note_secret);
  if (client) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_cb(context, answer_request, NULL);
    SSL_CTX_set_msg_callback(context, show_message);
  } else {
    SSL_CTX_set_alpn_select_cb(context, select_protocol, NULL);
  }
}

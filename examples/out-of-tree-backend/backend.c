/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The backend itself: its connections, and the table of its entries. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend_mbedtls.h"

#include <mbedtls/platform_util.h>
#include <mbedtls/version.h>

/* No SHA-1. */
static const int digests[] = {MBEDTLS_MD_SHA256, MBEDTLS_MD_SHA384, MBEDTLS_MD_SHA512, MBEDTLS_MD_NONE};
static const mbedtls_ecp_group_id groups[] = {MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_SECP256R1,
                                              MBEDTLS_ECP_DP_SECP384R1, MBEDTLS_ECP_DP_SECP521R1, MBEDTLS_ECP_DP_NONE};

static char *write_hex(char *to, const unsigned char *bytes, size_t len) {
  for (size_t i = 0; i < len; i++) to += sprintf(to, "%02x", bytes[i]);
  return to;
}

/* A line for the master secret, which is there before the first record is encrypted. */
static int log_keys(void *opaque, const unsigned char *master, const unsigned char *keys, size_t mac_len,
                    size_t key_len, size_t iv_len, const unsigned char client_random[32],
                    const unsigned char server_random[32], mbedtls_tls_prf_types prf) {
  static const char label[] = "CLIENT_RANDOM ";
  const mbed_connection *connection = opaque;
  enum { RANDOM_LEN = 32, MASTER_LEN = 48 };
  char line[sizeof(label) + (size_t)2 * RANDOM_LEN + 1 + (size_t)2 * MASTER_LEN];
  (void)keys;
  (void)mac_len;
  (void)key_len;
  (void)iv_len;
  (void)server_random;
  (void)prf;
  memcpy(line, label, sizeof(label));
  char *end = write_hex(line + sizeof(label) - 1, client_random, RANDOM_LEN);
  *end++ = ' ';
  (void)write_hex(end, master, MASTER_LEN);
  connection->host->key_log(connection->core, line);
  mbedtls_platform_zeroize(line, sizeof(line));
  return 0;
}

static wasi_tls_result use_identity(void *opaque, void *identity) {
  mbed_connection *self = opaque;
  mbed_identity *own = identity;
  self->own = own;
  if (own == NULL || mbedtls_ssl_conf_own_cert(&self->config, &own->leaf, &own->key) == 0) return WASI_TLS_OK;
  return WASI_TLS_ERR_OUT_OF_MEMORY;
}

/* The engine takes C strings. What would not fit in one the core has refused, as a capability that is lacking. */
static wasi_tls_result set_protocols(mbed_connection *connection, const wasi_tls_bytes *ids, size_t count) {
  size_t bytes = (count + 1) * sizeof(char *);
  if (count == 0) return WASI_TLS_OK;
  for (size_t i = 0; i < count; i++) bytes += ids[i].len + 1;
  connection->protocols = calloc(1, bytes);
  if (connection->protocols == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  char *name = (char *)(connection->protocols + count + 1);
  for (size_t i = 0; i < count; i++) {
    connection->protocols[i] = memcpy(name, ids[i].data, ids[i].len);
    name += ids[i].len + 1;
  }
  int set = mbedtls_ssl_conf_alpn_protocols(&connection->config, (const char **)connection->protocols);
  return set == 0 ? WASI_TLS_OK : WASI_TLS_ERR_ENGINE;
}

/* The core validates, so the engine verifies nobody; on a server that is another word for not asking. */
static void set_verification(mbed_connection *connection, const wasi_tls_backend_connection_params *params) {
  const mbed_context *context = connection->context;
  mbedtls_ssl_conf_authmode(&connection->config,
                            params->request_client_identity ? MBEDTLS_SSL_VERIFY_OPTIONAL : MBEDTLS_SSL_VERIFY_NONE);
  if (params->request_client_identity && context->names_authorities)
    mbedtls_ssl_conf_ca_chain(&connection->config, (mbedtls_x509_crt *)(uintptr_t)&context->authorities, NULL);
}

/* Tickets, renegotiation and what is older than TLS 1.2 are left out; the engine has no compression. */
static wasi_tls_result set_config(mbed_connection *connection, const wasi_tls_backend_connection_params *params) {
  mbedtls_ssl_config *config = &connection->config;
  int end = params->role == WASI_TLS_ROLE_SERVER ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT;
  if (mbedtls_ssl_config_defaults(config, end, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT) != 0)
    return WASI_TLS_ERR_ENGINE;
  mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_max_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_ciphersuites(config, connection->context->suites);
  mbedtls_ssl_conf_sig_hashes(config, digests);
  mbedtls_ssl_conf_curves(config, groups);
  mbedtls_ssl_conf_session_tickets(config, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
  mbedtls_ssl_conf_renegotiation(config, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
  /* RFC 5746, section 4.1: a client ends a handshake with a server that may be open to renegotiation. */
  if (end == MBEDTLS_SSL_IS_CLIENT) mbedtls_ssl_conf_legacy_renegotiation(config, MBEDTLS_SSL_LEGACY_BREAK_HANDSHAKE);
  mbedtls_ssl_conf_rng(config, mbed_random, NULL);
  if (connection->context->key_log) mbedtls_ssl_conf_export_keys_ext_cb(config, log_keys, connection);
  set_verification(connection, params);
  wasi_tls_result result = set_protocols(connection, params->alpn, params->alpn_count);
  return result == WASI_TLS_OK ? use_identity(connection, params->identity) : result;
}

static wasi_tls_result set_up(mbed_connection *connection, const wasi_tls_backend_connection_params *params) {
  wasi_tls_result result = set_config(connection, params);
  if (result != WASI_TLS_OK) return result;
  int error = mbedtls_ssl_setup(&connection->ssl, &connection->config);
  if (error == 0 && params->server_name != NULL)
    error = mbedtls_ssl_set_hostname(&connection->ssl, params->server_name);
  if (error != 0) return mbed_is_out_of_memory(error) ? WASI_TLS_ERR_OUT_OF_MEMORY : WASI_TLS_ERR_ENGINE;
  mbedtls_ssl_set_bio(&connection->ssl, connection, mbed_send, mbed_receive, NULL);
  return WASI_TLS_OK;
}

static void connection_free(void *connection) {
  mbed_connection *self = connection;
  mbedtls_ssl_free(&self->ssl);
  mbedtls_ssl_config_free(&self->config);
  free(self->protocols);
  free(self->input.bytes);
  free(self->chain);
  free(self);
}

static wasi_tls_result connection_new(void *context, const wasi_tls_backend_connection_params *params,
                                      void **connection) {
  mbed_connection *made = calloc(1, sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  mbedtls_ssl_init(&made->ssl);
  mbedtls_ssl_config_init(&made->config);
  made->context = context;
  made->host = params->host;
  made->core = params->core;
  made->input.refused = WASI_TLS_NO_ALERT;
  made->own_alert = WASI_TLS_NO_ALERT;
  wasi_tls_result result = set_up(made, params);
  if (result == WASI_TLS_OK)
    *connection = made;
  else
    connection_free(made);
  return result;
}

static wasi_tls_outcome handshake(void *connection, wasi_tls_backend_report *report) {
  mbed_connection *self = connection;
  int error = 0;
  self->last_io = WASI_TLS_IO_OK;
  while (error == 0 && self->ssl.state != MBEDTLS_SSL_HANDSHAKE_OVER) {
    error = mbed_is_at_certificates(self) ? mbed_certificates_step(self) : mbedtls_ssl_handshake_step(&self->ssl);
    if (mbed_is_part_of_finished(self, error)) error = mbed_take_part_of_finished(self);
  }
  return error == 0 ? WASI_TLS_OUTCOME_OK : mbed_outcome(self, error, report);
}

/* Of nothing the engine says that it is the end, and so it does of some empty records. */
static wasi_tls_outcome read_cleartext(void *connection, uint8_t *buffer, size_t len, size_t *count,
                                       wasi_tls_backend_report *report) {
  mbed_connection *self = connection;
  int got;
  do {
    self->last_io = WASI_TLS_IO_OK;
    got = mbedtls_ssl_read(&self->ssl, buffer, len);
    if (len == 0 && got == 0 && mbedtls_ssl_get_bytes_avail(&self->ssl) != 0) return WASI_TLS_OUTCOME_OK;
  } while (self->last_io == WASI_TLS_IO_OK && (got == 0 || got == MBEDTLS_ERR_SSL_WANT_READ));
  if (got <= 0) return mbed_outcome(self, got == 0 ? MBEDTLS_ERR_SSL_CONN_EOF : got, report);
  *count = (size_t)got;
  return WASI_TLS_OUTCOME_OK;
}

static wasi_tls_outcome write_cleartext(void *connection, const uint8_t *data, size_t len, size_t *count,
                                        wasi_tls_backend_report *report) {
  mbed_connection *self = connection;
  self->last_io = WASI_TLS_IO_OK;
  int sent = mbedtls_ssl_write(&self->ssl, data, len);
  if (sent < 0) return mbed_outcome(self, sent, report);
  *count = (size_t)sent;
  return WASI_TLS_OUTCOME_OK;
}

static void info(void *connection, wasi_tls_backend_info *out) {
  const mbed_connection *self = connection;
  const mbedtls_ssl_session *session = self->ssl.session != NULL ? self->ssl.session : self->ssl.session_negotiate;
  const char *protocol = mbedtls_ssl_get_alpn_protocol(&self->ssl);
  *out = (wasi_tls_backend_info){0, 0, {NULL, 0}};
  if (session == NULL || session->ciphersuite == 0) return; /* until then the engine's version is only a guess */
  out->version = WASI_TLS_VERSION_TLS12;
  out->suite = (wasi_tls_cipher_suite)session->ciphersuite;
  if (protocol != NULL) out->alpn = (wasi_tls_bytes){(const uint8_t *)protocol, strlen(protocol)};
}

/* The core calls this under TLS 1.3 only. That it is there says that the engine can't wait at a client's points. */
static bool open_record(void *connection, uint64_t sequence, const uint8_t *record, size_t len, uint8_t *plain,
                        size_t *plain_len) {
  (void)connection;
  (void)sequence;
  (void)record;
  (void)len;
  (void)plain;
  (void)plain_len;
  return false;
}

static const char *version(void) {
  return MBEDTLS_VERSION_STRING_FULL;
}

#define BIT(capability) (UINT64_C(1) << WASI_TLS_CAP_##capability)
/* What README.md explains. */
#define LACKING                                                                              \
  (BIT(TLS13) | BIT(KEY_ED25519) | BIT(POST_HANDSHAKE_SERVER) | BIT(POST_HANDSHAKE_CLIENT) | \
   BIT(POST_HANDSHAKE_REPEAT) | BIT(ALPN_ANY_BYTES) | BIT(OPAQUE_KEYS))

extern WASI_TLS_VISIBLE const wasi_tls_backend wasi_tls_backend_mbedtls;
const wasi_tls_backend wasi_tls_backend_mbedtls = {
    .size = sizeof(wasi_tls_backend),
    .abi = WASI_TLS_BACKEND_ABI,
    .name = "mbedtls",
    .capabilities = ((UINT64_C(1) << WASI_TLS_CAP_COUNT) - 1) & ~LACKING,
    .version = version,
    .context_new = mbed_context_new,
    .context_free = mbed_context_free,
    .identity_new = mbed_identity_new,
    .identity_free = mbed_identity_free,
    .connection_new = connection_new,
    .connection_free = connection_free,
    .handshake = handshake,
    .read = read_cleartext,
    .write = write_cleartext,
    .alert = mbed_alert,
    .info = info,
    .peer_chain = mbed_peer_chain,
    .open_record = open_record,
    .use_identity = use_identity,
    .verify_signature = mbed_verify_signature,
};

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "backend_wolfssl.h"

enum { GROUP_COUNT = 4 };
static const uint16_t groups[GROUP_COUNT] = {WOLFSSL_ECC_X25519, WOLFSSL_ECC_SECP256R1, WOLFSSL_ECC_SECP384R1,
                                             WOLFSSL_ECC_SECP521R1};

/* Both the groups and the share are set: else a HelloRetryRequest leads to a second ClientHello in another order. */
static bool set_groups(WOLFSSL *ssl) {
  int list[GROUP_COUNT];
  for (int i = 0; i < GROUP_COUNT; i++) list[i] = groups[i];
  if (wolfSSL_version(ssl) == TLS1_3_VERSION)
    return wolfSSL_set_groups(ssl, list, GROUP_COUNT) == WOLFSSL_SUCCESS &&
           wolfSSL_UseKeyShare(ssl, WOLFSSL_ECC_X25519) == WOLFSSL_SUCCESS;
  for (int i = 0; i < GROUP_COUNT; i++)
    if (wolfSSL_UseSupportedCurve(ssl, groups[i]) != WOLFSSL_SUCCESS) return false;
  return true;
}

/* The engine takes C strings. What would not fit in one the core has refused, as a capability that is lacking. */
static wasi_tls_result offer_protocols(WOLFSSL *ssl, const wasi_tls_backend_connection_params *params) {
  for (size_t i = params->alpn_count; i-- > 0;) {
    const wasi_tls_bytes id = params->alpn[i];
    char name[256] = "";
    memcpy(name, id.data, id.len);
    if (wolfSSL_UseALPN(ssl, name, (unsigned int)id.len, WOLFSSL_ALPN_FAILED_ON_MISMATCH) != WOLFSSL_SUCCESS)
      return WASI_TLS_ERR_ENGINE;
  }
  return WASI_TLS_OK;
}

static wasi_tls_result set_client(WOLFSSL *ssl, const wasi_tls_backend_connection_params *params) {
  const char *name = params->server_name;
  if (name != NULL && wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, name, (unsigned short)strlen(name)) != WOLFSSL_SUCCESS)
    return WASI_TLS_ERR_ENGINE;
  return set_groups(ssl) ? offer_protocols(ssl, params) : WASI_TLS_ERR_ENGINE;
}

static wasi_tls_result set_server(wtls_wolf_connection *connection, const wasi_tls_backend_connection_params *params) {
  if (params->request_client_identity) wolfSSL_set_verify(connection->ssl, WOLFSSL_VERIFY_PEER, wtls_wolf_verify);
  if (params->alpn_count != 0) {
    connection->alpn_len = params->alpn[0].len;
    memcpy(connection->alpn, params->alpn[0].data, params->alpn[0].len);
  }
  return wtls_wolf_identity_use(connection, params->identity);
}

static void forget_keys(wtls_wolf_connection *connection) {
  wolfSSL_OPENSSL_cleanse(&connection->flight_keys, sizeof(connection->flight_keys));
}

static void connection_free(void *opaque) {
  wtls_wolf_connection *self = opaque;
  wolfSSL_free(self->ssl);
  wtls_wolf_free_watch(self);
  free(self->chain);
  forget_keys(self);
  free(self);
}

static WOLFSSL_CTX *choose_context(const wtls_wolf_context *context, const wasi_tls_backend_connection_params *params) {
  const wtls_wolf_identity *identity = params->identity;
  if (params->role == WASI_TLS_ROLE_CLIENT) return context->client;
  return identity->signer != NULL ? context->opaque_server : context->server;
}

static wasi_tls_result connection_new(void *opaque, const wasi_tls_backend_connection_params *params,
                                      void **connection) {
  const wtls_wolf_context *context = opaque;
  wtls_wolf_connection *made = calloc(1, sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  made->context = context;
  made->host = params->host;
  made->core = params->core;
  made->is_server = params->role == WASI_TLS_ROLE_SERVER;
  made->engine_alert = WASI_TLS_NO_ALERT;
  made->ssl = wolfSSL_new(choose_context(context, params));
  wasi_tls_result result = made->ssl != NULL ? WASI_TLS_OK : WASI_TLS_ERR_OUT_OF_MEMORY;
  if (result == WASI_TLS_OK) {
    wtls_wolf_set_transport(made);
    wolfSSL_SetCertCbCtx(made->ssl, made);
    result = made->is_server ? set_server(made, params) : set_client(made->ssl, params);
  }
  if (result == WASI_TLS_OK)
    *connection = made;
  else
    connection_free(made);
  wolfSSL_ERR_clear_error();
  return result;
}

/* Nothing is told before the suite is chosen: until then the engine's version is only a guess. */
static void ask_info(const wtls_wolf_connection *self, wasi_tls_backend_info *out) {
  int suite = wolfSSL_get_current_cipher_suite(self->ssl);
  char *name = NULL;
  unsigned short len = 0;
  *out = (wasi_tls_backend_info){0, 0, {NULL, 0}};
  if (suite <= 0) return;
  out->version = (wasi_tls_protocol_version)wolfSSL_version(self->ssl);
  out->suite = (wasi_tls_cipher_suite)suite;
  if (wolfSSL_ALPN_GetProtocol(self->ssl, &name, &len) == WOLFSSL_SUCCESS)
    out->alpn = (wasi_tls_bytes){(const uint8_t *)name, len};
}

/* The engine may forget them when both sides have closed. */
static void keep_info(wtls_wolf_connection *self) {
  ask_info(self, &self->info);
  self->alpn_len = self->info.alpn.len;
  if (self->alpn_len != 0) memcpy(self->alpn, self->info.alpn.data, self->alpn_len);
  self->info.alpn = (wasi_tls_bytes){self->alpn_len != 0 ? self->alpn : NULL, self->alpn_len};
  self->done = true;
}

static void info(void *opaque, wasi_tls_backend_info *out) {
  const wtls_wolf_connection *self = opaque;
  if (self->done)
    *out = self->info;
  else
    ask_info(self, out);
}

static wasi_tls_outcome handshake(void *opaque, wasi_tls_backend_report *report) {
  wtls_wolf_connection *self = opaque;
  wtls_wolf_enter_thread();
  self->took_record = false;
  int result = self->is_server ? wolfSSL_accept(self->ssl) : wolfSSL_connect(self->ssl);
  if (result != WOLFSSL_SUCCESS) return wtls_wolf_outcome(self, result, report);
  keep_info(self);
  forget_keys(self);
  self->output_encrypted = true;
  self->watches = !self->is_server && self->context->post_handshake_auth && self->info.version == TLS1_3_VERSION;
  wtls_wolf_rest_watch(self);
  return WASI_TLS_OUTCOME_OK;
}

static wasi_tls_outcome read_cleartext(void *opaque, uint8_t *buffer, size_t len, size_t *count,
                                       wasi_tls_backend_report *report) {
  wtls_wolf_connection *self = opaque;
  uint8_t byte;
  int limit = len < INT_MAX ? (int)len : INT_MAX;
  self->took_record = false;
  int result = len != 0 ? wolfSSL_read(self->ssl, buffer, limit) : wolfSSL_peek(self->ssl, &byte, 1);
  wasi_tls_outcome outcome = result > 0 ? WASI_TLS_OUTCOME_OK : wtls_wolf_outcome(self, result, report);
  if (outcome == WASI_TLS_OUTCOME_OK && len != 0) *count = (size_t)result;
  if (outcome == WASI_TLS_OUTCOME_OK || outcome == WASI_TLS_OUTCOME_WANT_READ) wtls_wolf_tell_answered(self);
  return outcome;
}

static wasi_tls_outcome write_cleartext(void *opaque, const uint8_t *data, size_t len, size_t *count,
                                        wasi_tls_backend_report *report) {
  wtls_wolf_connection *self = opaque;
  int result = wolfSSL_write(self->ssl, data, len < INT_MAX ? (int)len : INT_MAX);
  if (result <= 0) return wtls_wolf_outcome(self, result, report);
  *count = (size_t)result;
  return WASI_TLS_OUTCOME_OK;
}

static wasi_tls_result use_identity(void *opaque, void *identity) {
  wtls_wolf_connection *self = opaque;
  return identity != NULL ? wtls_wolf_identity_use(self, identity) : WASI_TLS_OK;
}

static const char *version(void) {
  return wolfSSL_lib_version();
}

#define BIT(capability) (UINT64_C(1) << WASI_TLS_CAP_##capability)
#if WTLS_WOLF_NAMES_AUTHORITIES
#define LACKS_AUTHORITIES 0
#else
#define LACKS_AUTHORITIES BIT(NAME_AUTHORITIES)
#endif
#if WTLS_WOLF_OPAQUE_KEYS
#define LACKS_OPAQUE_KEYS 0
#else
#define LACKS_OPAQUE_KEYS BIT(OPAQUE_KEYS)
#endif
/* The engine takes protocols as C strings in a list with commas, lets the transcript of one post-handshake exchange run
 * on into the next, and is built without its key log. */
#define LACKING \
  (BIT(KEY_LOG) | BIT(ALPN_ANY_BYTES) | BIT(POST_HANDSHAKE_REPEAT) | LACKS_AUTHORITIES | LACKS_OPAQUE_KEYS)

extern const wasi_tls_backend wasi_tls_backend_wolfssl;
const wasi_tls_backend wasi_tls_backend_wolfssl = {
    .size = sizeof(wasi_tls_backend),
    .abi = WASI_TLS_BACKEND_ABI,
    .name = "wolfssl",
    .capabilities = ((UINT64_C(1) << WASI_TLS_CAP_COUNT) - 1) & ~LACKING,
    .server_groups = groups,
    .server_group_count = GROUP_COUNT,
    .version = version,
    .context_new = wtls_wolf_context_new,
    .context_free = wtls_wolf_context_free,
    .identity_new = wtls_wolf_identity_new,
    .identity_free = wtls_wolf_identity_free,
    .identity_new_opaque = wtls_wolf_identity_new_opaque,
    .connection_new = connection_new,
    .connection_free = connection_free,
    .handshake = handshake,
    .read = read_cleartext,
    .write = write_cleartext,
    .alert = wtls_wolf_alert,
    .request_client_identity = wtls_wolf_request_client_identity,
    .info = info,
    .peer_chain = wtls_wolf_peer_chain,
    .open_record = wtls_wolf_open_record,
    .use_identity = use_identity,
    .verify_signature = wtls_wolf_verify_signature,
};

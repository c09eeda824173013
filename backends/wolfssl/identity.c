/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <stdlib.h>
#include <string.h>

#include "backend_wolfssl.h"

static uint8_t *join_chain(const wasi_tls_bytes *chain, size_t count, size_t *len) {
  *len = 0;
  for (size_t i = 0; i < count; i++) *len += chain[i].len;
  uint8_t *joined = malloc(*len + 1);
  uint8_t *end = joined;
  for (size_t i = 0; joined != NULL && i < count; i++) {
    memcpy(end, chain[i].data, chain[i].len);
    end += chain[i].len;
  }
  return joined;
}

static wasi_tls_result copy_all(wtls_wolf_identity *identity, wasi_tls_bytes key, const wasi_tls_bytes *chain,
                                size_t count) {
  identity->chain = join_chain(chain, count, &identity->chain_len);
  identity->key = malloc(key.len);
  if (identity->chain == NULL || identity->key == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  memcpy(identity->key, key.data, key.len);
  identity->key_len = key.len;
  return WASI_TLS_OK;
}

/* The engine keeps identities in contexts and connections only: one of its contexts is made to try this one. */
static wasi_tls_result try_out(const wtls_wolf_identity *identity) {
  WOLFSSL_CTX *trial = wolfSSL_CTX_new(wolfTLSv1_2_server_method());
  if (trial == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  if (identity->signer != NULL) wtls_wolf_install_signing(trial);
  wasi_tls_result result = WASI_TLS_OK;
  if (wolfSSL_CTX_use_certificate_chain_buffer_format(trial, identity->chain, (long)identity->chain_len,
                                                      WOLFSSL_FILETYPE_ASN1) != WOLFSSL_SUCCESS)
    result = WASI_TLS_ERR_CERTIFICATE_FORMAT;
  else if (wolfSSL_CTX_use_PrivateKey_buffer(trial, identity->key, (long)identity->key_len, WOLFSSL_FILETYPE_ASN1) !=
           WOLFSSL_SUCCESS)
    result = WASI_TLS_ERR_KEY_FORMAT;
  wolfSSL_CTX_free(trial);
  wolfSSL_ERR_clear_error();
  return result;
}

/* The three encodings tell themselves apart. */
wasi_tls_result wtls_wolf_identity_new(void *context, wasi_tls_key_encoding encoding, wasi_tls_bytes key,
                                       const wasi_tls_bytes *chain, size_t count, void **identity) {
  (void)context;
  (void)encoding;
  wtls_wolf_identity *made = calloc(1, sizeof(*made));
  if (made == NULL || !wtls_wolf_start()) {
    free(made);
    return WASI_TLS_ERR_OUT_OF_MEMORY;
  }
  wtls_wolf_enter_thread();
  wasi_tls_result result = copy_all(made, key, chain, count);
  if (result == WASI_TLS_OK) result = try_out(made);
  if (result == WASI_TLS_OK) result = wtls_wolf_check_pair(key, chain[0]);
  if (result == WASI_TLS_OK)
    *identity = made;
  else
    wtls_wolf_identity_free(made);
  return result;
}

/* The public key stands in for the private one. */
wasi_tls_result wtls_wolf_identity_new_opaque(void *context, const wasi_tls_backend_signer *signer,
                                              const wasi_tls_bytes *chain, size_t count, void **identity) {
  (void)context;
  wtls_wolf_identity *made = calloc(1, sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  made->signer = signer;
  wtls_wolf_enter_thread();
  wasi_tls_result result = copy_all(made, signer->key_info, chain, count);
  if (result == WASI_TLS_OK) result = try_out(made);
  if (result == WASI_TLS_ERR_KEY_FORMAT) result = WASI_TLS_ERR_KEY_TYPE; /* more bits than the engine has room for */
  if (result == WASI_TLS_OK)
    *identity = made;
  else
    wtls_wolf_identity_free(made);
  return result;
}

void wtls_wolf_identity_free(void *identity) {
  wtls_wolf_identity *self = identity;
  if (self->key != NULL) wolfSSL_OPENSSL_cleanse(self->key, self->key_len);
  free(self->key);
  free(self->chain);
  free(self);
}

/* A client finds out which context it should have been made from only here. */
static WOLFSSL_CTX *context_for(const wtls_wolf_connection *connection, const wtls_wolf_identity *identity) {
  const wtls_wolf_context *context = connection->context;
  if (identity->signer != NULL) return connection->is_server ? context->opaque_server : context->opaque_client;
  return connection->is_server ? context->server : context->client;
}

/* What an alert would take that comes in the place of the flight with the signature. */
static void prepare_for_failure(wtls_wolf_connection *connection) {
  if (connection->is_server || wolfSSL_version(connection->ssl) != TLS1_3_VERSION) return;
  wtls_wolf_keep_keys(connection);
  (void)wolfSSL_GetSequenceNumber(connection->ssl, &connection->flight_start); /* returns whether it is 0 */
}

wasi_tls_result wtls_wolf_identity_use(wtls_wolf_connection *connection, const wtls_wolf_identity *identity) {
  WOLFSSL *ssl = connection->ssl;
  wtls_wolf_enter_thread();
  connection->own = identity;
  if (identity->signer != NULL) prepare_for_failure(connection);
  if (wolfSSL_set_SSL_CTX(ssl, context_for(connection, identity)) != NULL &&
      wolfSSL_use_certificate_chain_buffer_format(ssl, identity->chain, (long)identity->chain_len,
                                                  WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS &&
      wolfSSL_use_PrivateKey_buffer(ssl, identity->key, (long)identity->key_len, WOLFSSL_FILETYPE_ASN1) ==
          WOLFSSL_SUCCESS)
    return WASI_TLS_OK;
  wolfSSL_ERR_clear_error();
  return WASI_TLS_ERR_ENGINE;
}

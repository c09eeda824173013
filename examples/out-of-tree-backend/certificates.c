/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Two steps of the handshake that are taken in the engine's place: to send the own chain, and to take in the peer's.
 * The engine has no room for a chain that is longer than a record, and gives up over certificates with extensions that
 * it does not know, though it is the core that validates them. All it has to have is the peer's key.
 */
#include <stdlib.h>
#include <string.h>

#include "backend_mbedtls.h"

#include <mbedtls/platform.h>
#include <mbedtls/ssl_internal.h>

enum { LENGTH_LEN = 3 };

static bool sends(const mbed_connection *connection) {
  if (connection->own == NULL) return false;
  if (connection->config.endpoint == MBEDTLS_SSL_IS_SERVER)
    return connection->ssl.state == MBEDTLS_SSL_SERVER_CERTIFICATE;
  return connection->ssl.state == MBEDTLS_SSL_CLIENT_CERTIFICATE && connection->ssl.client_auth != 0;
}

static bool receives(const mbed_connection *connection) {
  if (connection->config.endpoint == MBEDTLS_SSL_IS_CLIENT)
    return connection->ssl.state == MBEDTLS_SSL_SERVER_CERTIFICATE;
  return connection->ssl.state == MBEDTLS_SSL_CLIENT_CERTIFICATE &&
         connection->config.authmode != MBEDTLS_SSL_VERIFY_NONE;
}

bool mbed_is_at_certificates(const mbed_connection *connection) {
  return sends(connection) || receives(connection);
}

/* The step is done. Each message is part of what both sides sign and confirm. */
static int pass(mbed_connection *connection, const uint8_t *message, size_t len) {
  connection->ssl.handshake->update_checksum(&connection->ssl, message, len);
  connection->ssl.state++;
  return 0;
}

static int send_own(mbed_connection *connection) {
  const mbed_identity *own = connection->own;
  int error = mbedtls_ssl_flush_output(&connection->ssl);
  if (error == 0) error = mbed_send_message(connection, own->message, own->message_len);
  return error == 0 ? pass(connection, own->message, own->message_len) : error;
}

/* Takes the next certificate off the list. */
static bool next_certificate(wasi_tls_bytes *list, wasi_tls_bytes *certificate) {
  if (list->len < LENGTH_LEN) return false;
  size_t len = (size_t)list->data[0] << 16 | (size_t)list->data[1] << 8 | list->data[2];
  if (len > list->len - LENGTH_LEN) return false;
  *certificate = (wasi_tls_bytes){list->data + LENGTH_LEN, len};
  *list = (wasi_tls_bytes){certificate->data + len, list->len - LENGTH_LEN - len};
  return true;
}

/* What is in the message, which is whole; one vector fills it. */
static bool open_list(const mbed_connection *connection, wasi_tls_bytes *list) {
  wasi_tls_bytes rest = {connection->chain + MBED_MESSAGE_HEADER, connection->chain_len - MBED_MESSAGE_HEADER};
  return next_certificate(&rest, list) && rest.len == 0;
}

void mbed_peer_chain(void *opaque, bool (*visit)(void *context, wasi_tls_bytes certificate), void *context) {
  const mbed_connection *connection = opaque;
  wasi_tls_bytes list = {NULL, 0};
  wasi_tls_bytes certificate;
  if (connection->chain == NULL || !open_list(connection, &list)) return;
  while (next_certificate(&list, &certificate) && visit(context, certificate)) continue;
}

static int reject(mbed_connection *connection, uint8_t alert) {
  connection->rejected = true;
  connection->reject_alert = alert;
  return MBEDTLS_ERR_X509_CERT_VERIFY_FAILED;
}

/* RFC 5246, section 7.2.2. */
static int refuse(mbed_connection *connection, uint8_t alert) {
  connection->input.refused = alert;
  return MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE;
}

/* What the engine does not know in a certificate is for the core to judge. */
static int pass_over(void *unused, const mbedtls_x509_crt *certificate, const mbedtls_x509_buf *oid, int critical,
                     const unsigned char *value, const unsigned char *end) {
  (void)unused;
  (void)certificate;
  (void)oid;
  (void)critical;
  (void)value;
  (void)end;
  return 0;
}

int mbed_parse_leaf(mbedtls_x509_crt *leaf, wasi_tls_bytes der) {
  return mbedtls_x509_crt_parse_der_with_ext_cb(leaf, der.data, der.len, 1, pass_over, NULL);
}

/* For the engine, which frees it. |alert| is for one that it can't read. */
static int keep_leaf(mbed_connection *connection, wasi_tls_bytes der, uint8_t alert) {
  mbedtls_x509_crt *leaf = mbedtls_calloc(1, sizeof(*leaf));
  if (leaf == NULL) return MBEDTLS_ERR_SSL_ALLOC_FAILED;
  mbedtls_x509_crt_init(leaf);
  int error = mbed_parse_leaf(leaf, der);
  if (error == 0) {
    connection->ssl.session_negotiate->peer_cert = leaf;
    return 0;
  }
  mbedtls_x509_crt_free(leaf);
  mbedtls_free(leaf);
  return mbed_is_out_of_memory(error) ? error : refuse(connection, alert);
}

static int judge(mbed_connection *connection, const wasi_tls_bytes *chain, size_t count) {
  uint8_t alert = MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT;
  wasi_tls_decision decision =
      connection->host->peer_identity(connection->core, chain, count, WASI_TLS_VERIFY_OK, 0, &alert);
  return decision == WASI_TLS_DECISION_CONTINUE ? keep_leaf(connection, chain[0], alert) : reject(connection, alert);
}

static int take_list(mbed_connection *connection) {
  wasi_tls_bytes list;
  wasi_tls_bytes rest;
  wasi_tls_bytes certificate;
  size_t count = 0;
  if (!open_list(connection, &list)) return refuse(connection, MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR);
  for (rest = list; rest.len != 0; count++)
    if (!next_certificate(&rest, &certificate)) return refuse(connection, MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR);
  if (count == 0) /* a client may decline, a server may not */
    return connection->config.endpoint == MBEDTLS_SSL_IS_SERVER
               ? 0
               : refuse(connection, MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR);
  wasi_tls_bytes *chain = calloc(count, sizeof(*chain));
  if (chain == NULL) return MBEDTLS_ERR_SSL_ALLOC_FAILED;
  for (size_t i = 0; i < count; i++) (void)next_certificate(&list, &chain[i]);
  int error = judge(connection, chain, count);
  free(chain);
  return error;
}

static int keep_message(mbed_connection *connection, const uint8_t *message, size_t len) {
  connection->chain = malloc(len);
  if (connection->chain == NULL) return MBEDTLS_ERR_SSL_ALLOC_FAILED;
  memcpy(connection->chain, message, len);
  connection->chain_len = len;
  return 0;
}

static int receive_peers(mbed_connection *connection) {
  const mbed_input *input = &connection->input;
  int error = mbed_next_item(connection);
  if (error != 0) return error;
  /* An alert, or what has no place here: the engine says so. */
  if (input->bytes[0] != MBED_HANDSHAKE) return mbedtls_ssl_handshake_step(&connection->ssl);
  error = keep_message(connection, input->bytes + MBED_HEADER, input->item_len - MBED_HEADER);
  if (error == 0) error = take_list(connection);
  if (error != 0) return error;
  mbed_item_used(connection, input->item_len);
  return pass(connection, connection->chain, connection->chain_len);
}

int mbed_certificates_step(mbed_connection *connection) {
  return sends(connection) ? send_own(connection) : receive_peers(connection);
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The engine's callbacks, each handed on to the core's decision. */
#include <stdlib.h>
#include <string.h>

#include "backend_wolfssl.h"

enum { LENGTH_LEN = 4 };

/* Copies the chain, since the engine keeps certificates only up to a length. */
static bool keep_chain(wtls_wolf_connection *connection, const wasi_tls_bytes *chain, size_t count) {
  size_t len = 0;
  for (size_t i = 0; i < count; i++) len += LENGTH_LEN + chain[i].len;
  uint8_t *kept = malloc(len + 1);
  if (kept == NULL) return false;
  free(connection->chain);
  connection->chain = kept;
  connection->chain_len = len;
  for (size_t i = 0; i < count; i++) {
    uint32_t certificate_len = (uint32_t)chain[i].len;
    memcpy(kept, &certificate_len, LENGTH_LEN);
    memcpy(kept + LENGTH_LEN, chain[i].data, chain[i].len);
    kept += LENGTH_LEN + chain[i].len;
  }
  return true;
}

void wtls_wolf_peer_chain(void *opaque, bool (*visit)(void *context, wasi_tls_bytes certificate), void *context) {
  const wtls_wolf_connection *connection = opaque;
  for (size_t at = 0; at < connection->chain_len;) {
    uint32_t len;
    memcpy(&len, connection->chain + at, LENGTH_LEN);
    if (!visit(context, (wasi_tls_bytes){connection->chain + at + LENGTH_LEN, len})) return;
    at += LENGTH_LEN + len;
  }
}

static wasi_tls_decision decide(wtls_wolf_connection *connection, const wasi_tls_bytes *chain, size_t count,
                                uint8_t *alert) {
  if (!keep_chain(connection, chain, count)) return WASI_TLS_DECISION_REJECT;
  return connection->host->peer_identity(connection->core, chain, count, WASI_TLS_VERIFY_OK, 0, alert);
}

static void reject(wtls_wolf_connection *connection, uint8_t alert) {
  connection->rejected = true;
  connection->reject_alert = alert;
  (void)wtls_wolf_send_alert(connection, alert);
}

/*
 * Called for each certificate, the end entity's last; only then is the core asked. Whatever the engine has found does
 * not count: it trusts nobody, so that nothing in the chain can become a signer for other connections, and the core
 * validates.
 */
int wtls_wolf_verify(int ok, WOLFSSL_X509_STORE_CTX *store) {
  (void)ok;
  wtls_wolf_connection *connection = store->userCtx;
  if (store->error_depth != 0 || store->totalCerts == 0) return 1; /* a client may send none */
  uint8_t alert = 80;                                              /* internal_error */
  size_t count = (size_t)store->totalCerts;
  wasi_tls_bytes *chain = calloc(count, sizeof(*chain));
  wasi_tls_decision decision = WASI_TLS_DECISION_REJECT;
  if (chain != NULL) {
    for (size_t i = 0; i < count; i++) chain[i] = (wasi_tls_bytes){store->certs[i].buffer, store->certs[i].length};
    decision = decide(connection, chain, count, &alert);
  }
  free(chain);
  if (decision == WASI_TLS_DECISION_CONTINUE) return 1;
  reject(connection, alert);
  return 0;
}

void wtls_wolf_reject_leaf(wtls_wolf_connection *connection) {
  WOLFSSL_X509_CHAIN *sent = wolfSSL_get_peer_chain(connection->ssl);
  int count = wolfSSL_get_chain_count(sent);
  uint8_t alert = 80; /* internal_error */
  wasi_tls_bytes *chain = calloc((size_t)count + 1, sizeof(*chain));
  if (chain != NULL) {
    for (int i = 0; i < count; i++)
      chain[i] = (wasi_tls_bytes){wolfSSL_get_chain_cert(sent, i), (size_t)wolfSSL_get_chain_length(sent, i)};
    (void)decide(connection, chain, (size_t)count, &alert);
  }
  free(chain);
  reject(connection, alert);
}

int wtls_wolf_select_protocol(WOLFSSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
                              unsigned int in_len, void *unused) {
  (void)in;
  (void)in_len;
  (void)unused;
  const wtls_wolf_connection *connection = wtls_wolf_connection_of(ssl);
  if (connection->alpn_len == 0) return SSL_TLSEXT_ERR_NOACK;
  *out = connection->alpn;
  *out_len = (unsigned char)connection->alpn_len;
  return SSL_TLSEXT_ERR_OK;
}

static void note_event(const WOLFSSL *ssl, int where, int value) {
  if ((where & SSL_CB_ALERT) != 0) wtls_wolf_note_alert(wtls_wolf_connection_of((WOLFSSL *)(uintptr_t)ssl), value);
}

void wtls_wolf_install_hooks(WOLFSSL_CTX *context) {
  wolfSSL_CTX_set_info_callback(context, note_event);
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Shared by the files of this backend only. */
#ifndef WASI_TLS_BACKEND_OPENSSL_H
#define WASI_TLS_BACKEND_OPENSSL_H

#include <openssl/ssl.h>

#include "opaque_key.h"
#include "wasi_tls/backend.h"

/* RFC 8446 hashes are no longer than SHA-384's. */
#define WTLS_OSSL_MAX_SECRET 48

typedef struct wtls_ossl_context {
  SSL_CTX *client;
  SSL_CTX *server;
  SSL_CTX *client_logged; /* the same with the secrets told to us: see doom */
  SSL_CTX *server_logged;
  BIO_METHOD *transport;
  bool key_log;
  int64_t (*clock)(void *clock_context);
  void *clock_context;
} wtls_ossl_context;

typedef struct wtls_ossl_identity {
  X509 *leaf;
  STACK_OF(X509) * issuers;
  EVP_PKEY *key;
  wtls_ossl_opaque_library library; /* of an opaque key; else empty */
} wtls_ossl_identity;

/* A traffic secret under which an alert of ours may have to leave. */
typedef struct wtls_ossl_secret {
  size_t len;
  unsigned char bytes[WTLS_OSSL_MAX_SECRET];
} wtls_ossl_secret;

typedef struct wtls_ossl_connection {
  SSL *ssl;
  const wtls_ossl_context *context;
  const wasi_tls_backend_host *host;
  void *core;
  wasi_tls_io last_io; /* what the transport answered last */
  bool is_server;
  bool key_is_opaque; /* that of the own identity */
  bool verdict_known; /* the chain was validated; the hook has not let it pass yet */
  bool rejected;
  bool doomed; /* client, TLS 1.3: goes on only to send |reject_alert| */
  bool doom_sent;
  uint8_t reject_alert;
  uint16_t alert_sent; /* fatal ones; WASI_TLS_NO_ALERT for none */
  uint16_t alert_received;
  wasi_tls_verify_reason reason;
  uint32_t depth;
  wtls_ossl_secret secret; /* of its own writing, TLS 1.3: a doomed client's, or a server's that waits for its client */
  size_t alpn_len;
  unsigned char alpn[255]; /* server: the one to select */
} wtls_ossl_connection;

/* bio.c */
BIO_METHOD *wtls_ossl_transport_new(void);

/* context.c */
wasi_tls_result wtls_ossl_context_new(const wasi_tls_backend_context_params *params, void **context,
                                      wasi_tls_backend_report *report);
void wtls_ossl_context_free(void *context);

/* identity.c */
wasi_tls_result wtls_ossl_identity_new(void *context, wasi_tls_key_encoding encoding, wasi_tls_bytes key,
                                       const wasi_tls_bytes *chain, size_t count, void **identity);
wasi_tls_result wtls_ossl_identity_new_opaque(void *context, const wasi_tls_backend_signer *signer,
                                              const wasi_tls_bytes *chain, size_t count, void **identity);
void wtls_ossl_identity_free(void *identity);
int wtls_ossl_identity_use(wtls_ossl_connection *connection, const wtls_ossl_identity *identity);
X509 *wtls_ossl_certificate(wasi_tls_bytes der);

/* connection.c */
wtls_ossl_connection *wtls_ossl_connection_of(const SSL *ssl);

/* hooks.c */
void wtls_ossl_install_hooks(SSL_CTX *context, bool client, bool logged);

/* outcome.c: the one mapping of what a failed call means. */
wasi_tls_outcome wtls_ossl_outcome(wtls_ossl_connection *connection, wasi_tls_backend_report *report);
void wtls_ossl_report_errors(wasi_tls_backend_report *report);
wasi_tls_verify_reason wtls_ossl_verify_reason(int error);
/* The verification error for which the engine sends |alert|. */
int wtls_ossl_verify_error(uint8_t alert);

/* alert.c */
wasi_tls_outcome wtls_ossl_alert(void *connection, uint8_t alert, wasi_tls_backend_report *report);
/* Sends a fatal alert under the keys that the peer reads with now (TLS 1.3). */
wasi_tls_io wtls_ossl_send_alert13(wtls_ossl_connection *connection, uint8_t alert);
/*
 * Between ServerHello and its second flight a TLS 1.3 client of this engine has no keys to write with, and sends its
 * alerts in the clear, which a peer that holds to RFC 8446 section 5 does not read. A doomed client goes on to where
 * the keys are made, is told their secret, and says the alert instead of the flight.
 */
void wtls_ossl_doom(wtls_ossl_connection *connection, uint8_t alert);

#endif

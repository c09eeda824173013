/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Shared by the files of this backend only. */
#ifndef WASI_TLS_BACKEND_GNUTLS_H
#define WASI_TLS_BACKEND_GNUTLS_H

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <limits.h>

#include "wasi_tls/backend.h"

/* RFC 8446, section 5.3. */
#define WTLS_GNUTLS_NONCE 12u

/* What the sessions of a role share. */
typedef struct wtls_gnutls_side {
  gnutls_priority_t priority;
  gnutls_certificate_credentials_t credentials;
} wtls_gnutls_side;

typedef struct wtls_gnutls_context {
  wtls_gnutls_side client;
  wtls_gnutls_side server;
  wasi_tls_cipher_suite *suites;
  size_t suite_count;
  bool post_handshake_auth;
  bool key_log;
} wtls_gnutls_context;

typedef struct wtls_gnutls_identity {
  gnutls_privkey_t key;
  const wasi_tls_backend_signer *signer; /* of an opaque key; else NULL */
  unsigned int count;
  gnutls_pcert_st chain[];
} wtls_gnutls_identity;

/* Where in a record the input stands. */
typedef struct wtls_gnutls_input {
  uint8_t header[5];
  size_t header_len;
  size_t left; /* of the body */
} wtls_gnutls_input;

typedef struct wtls_gnutls_connection {
  gnutls_session_t session;
  const wtls_gnutls_context *context;
  const wasi_tls_backend_host *host;
  void *core;
  wasi_tls_io last_io;               /* what the transport answered last, within one entry */
  wasi_tls_outcome want;             /* which way it was asked then */
  wasi_tls_protocol_version version; /* 0 until the ServerHello was made or read */
  wasi_tls_cipher_suite suite;       /* likewise */
  bool is_server;
  bool done;                      /* the handshake is through */
  bool rejected;                  /* peer_identity answered REJECT */
  bool sending_alert;             /* what the engine pushes last is an alert */
  bool alert_pushed;              /* it did */
  bool holds_input;               /* nothing is to be taken in */
  bool awaits_identity;           /* server: a post-handshake request is out */
  bool declined;                  /* server: the client's last Certificate message was empty */
  uint8_t reject_alert;           /* with |rejected| */
  wtls_gnutls_identity *own;      /* server: the one selected; client: what to answer a request with */
  gnutls_packet_t packet;         /* cleartext that was looked for and not read */
  size_t packet_read;             /* how much of it is */
  gnutls_aead_cipher_hd_t opener; /* client: the server's handshake keys */
  uint8_t opener_iv[WTLS_GNUTLS_NONCE];
  uint8_t *protocol_list; /* as it is sent, if the engine has no room for it */
  size_t protocol_list_len;
  bool holds_change_cipher_spec; /* client, TLS 1.3: it goes out with the second flight */
  wtls_gnutls_input input;
  uint8_t last_bytes[7]; /* of what the engine was given, until the handshake is through */
  uint8_t protocol_len;
  uint8_t *protocol; /* the one that was chosen */
  uint8_t *stash;    /* ciphertext that was had along with what the engine asked for; NULL while there is none */
  size_t stash_start;
  size_t stash_end;
} wtls_gnutls_connection;

/* A suite, as IANA numbers it and as the engine takes it apart. */
typedef struct wtls_gnutls_suite {
  wasi_tls_cipher_suite code;
  gnutls_kx_algorithm_t exchange; /* GNUTLS_KX_UNKNOWN: TLS 1.3 */
  gnutls_cipher_algorithm_t cipher;
  gnutls_mac_algorithm_t digest;
} wtls_gnutls_suite;

/* For the engine to read. What is longer than its type can say is nothing it could read. */
static inline gnutls_datum_t wtls_gnutls_datum(wasi_tls_bytes bytes) {
  return (gnutls_datum_t){(unsigned char *)(uintptr_t)bytes.data, bytes.len <= UINT_MAX ? (unsigned int)bytes.len : 0};
}

/* suites.c */
const wtls_gnutls_suite *wtls_gnutls_suite_of(wasi_tls_cipher_suite code);

/* priority.c */
wasi_tls_result wtls_gnutls_priority_new(const wasi_tls_backend_context_params *params, bool client,
                                         gnutls_priority_t *priority, wasi_tls_backend_report *report);

/* context.c */
wasi_tls_result wtls_gnutls_context_new(const wasi_tls_backend_context_params *params, void **context,
                                        wasi_tls_backend_report *report);
void wtls_gnutls_context_free(void *context);

/* identity.c */
wasi_tls_result wtls_gnutls_identity_new(void *context, wasi_tls_key_encoding encoding, wasi_tls_bytes key,
                                         const wasi_tls_bytes *chain, size_t count, void **identity);
wasi_tls_result wtls_gnutls_identity_new_opaque(void *context, const wasi_tls_backend_signer *signer,
                                                const wasi_tls_bytes *chain, size_t count, void **identity);
void wtls_gnutls_identity_free(void *identity);

/* opaque_key.c: for the key of the chain's first certificate, which is in. */
wasi_tls_result wtls_gnutls_take_signer(wtls_gnutls_identity *identity, const wasi_tls_backend_signer *signer);

/* alpn.c */
wasi_tls_result wtls_gnutls_set_protocols(wtls_gnutls_connection *connection, const wasi_tls_bytes *ids, size_t count);
/* What was to be sent of them is sent. */
void wtls_gnutls_drop_protocols(wtls_gnutls_connection *connection);
/* Looks in a server's extensions for the protocol it chose. As of the engine. */
int wtls_gnutls_note_protocol(wtls_gnutls_connection *connection, const gnutls_datum_t *extensions);

/* transport.c */
/* Whether the engine was last given an alert in the clear; WASI_TLS_NO_ALERT if not. */
uint16_t wtls_gnutls_plain_alert(const wtls_gnutls_connection *connection);
void wtls_gnutls_install_transport(wtls_gnutls_connection *connection);
/* Gives back what is only of use while records come in. */
void wtls_gnutls_rest_transport(wtls_gnutls_connection *connection);

/* hooks.c */
void wtls_gnutls_install_hooks(wtls_gnutls_connection *connection);
int wtls_gnutls_hand_out_identity(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                                  gnutls_pcert_st **chain, unsigned int *count, gnutls_ocsp_data_st **ocsp,
                                  unsigned int *ocsp_count, gnutls_privkey_t *key, unsigned int *flags);

/* handshake.c */
wasi_tls_outcome wtls_gnutls_handshake(void *connection, wasi_tls_backend_report *report);

/* records.c */
bool wtls_gnutls_take_secret(wtls_gnutls_connection *connection, const gnutls_datum_t *secret);
bool wtls_gnutls_open_record(void *connection, uint64_t sequence, const uint8_t *record, size_t len, uint8_t *plain,
                             size_t *plain_len);
void wtls_gnutls_forget_secret(wtls_gnutls_connection *connection);

/* post_handshake.c */
wasi_tls_outcome wtls_gnutls_request_client_identity(void *connection, wasi_tls_backend_report *report);
/* Goes on waiting for the answer, on a server that asked. As of the engine: 0 if there may be cleartext. */
int wtls_gnutls_await_identity(wtls_gnutls_connection *connection);
/* The hook identity_request, from what the engine knows of the request. */
int wtls_gnutls_ask_for_identity(wtls_gnutls_connection *connection, const struct gnutls_cert_retr_st *info);

/* alert.c */
wasi_tls_outcome wtls_gnutls_alert(void *connection, uint8_t alert, wasi_tls_backend_report *report);
int wtls_gnutls_send_alert(wtls_gnutls_connection *connection, gnutls_alert_level_t level, uint8_t alert);

/* outcome.c: the one mapping of what a failed call means. */
wasi_tls_outcome wtls_gnutls_outcome(wtls_gnutls_connection *connection, int error, wasi_tls_backend_report *report);
/* Whether |error| only means that the same call is to be made again. */
bool wtls_gnutls_goes_on(const wtls_gnutls_connection *connection, int error);
void wtls_gnutls_report_error(wasi_tls_backend_report *report, int error);
wasi_tls_result wtls_gnutls_result(int error);

/* signature.c */
bool wtls_gnutls_verify_signature(uint16_t scheme, wasi_tls_bytes key_info, wasi_tls_bytes data,
                                  wasi_tls_bytes signature);
/* The code of what was requested under TLS 1.3; 0 if it has none that is of use. */
uint16_t wtls_gnutls_scheme_of(gnutls_sign_algorithm_t algorithm);
/* The code of what is to be signed, under either version; 0 likewise. */
uint16_t wtls_gnutls_signing_scheme(gnutls_sign_algorithm_t algorithm);

#endif

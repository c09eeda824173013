/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Shared by the files of this backend only. */
#ifndef WASI_TLS_BACKEND_WOLFSSL_H
#define WASI_TLS_BACKEND_WOLFSSL_H

/* How the library was built; before any other of its headers. */
#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "wasi_tls/backend.h"

/* Whether the library was built with callbacks for signatures. */
#ifdef HAVE_PK_CALLBACKS
#define WTLS_WOLF_OPAQUE_KEYS 1
#else
#define WTLS_WOLF_OPAQUE_KEYS 0
#endif

typedef struct wtls_wolf_context {
  WOLFSSL_CTX *client;
  WOLFSSL_CTX *server;
  WOLFSSL_CTX *opaque_client; /* the same for identities whose key is held elsewhere */
  WOLFSSL_CTX *opaque_server;
  bool post_handshake_auth; /* clients offer it */
} wtls_wolf_context;

/* What the engine loads into each connection that uses it. */
typedef struct wtls_wolf_identity {
  uint8_t *chain; /* the certificates, one behind the other */
  size_t chain_len;
  uint8_t *key; /* the public one if it is opaque */
  size_t key_len;
  const wasi_tls_backend_signer *signer; /* of an opaque key; else NULL */
} wtls_wolf_identity;

/* Where in a record the input stands. */
typedef struct wtls_wolf_input {
  uint8_t header[5];
  size_t header_len;
  size_t left; /* of the body */
} wtls_wolf_input;

/* Keys of a handshake, which the engine writes over before it has done with them. */
typedef struct wtls_wolf_keys {
  uint8_t key[32];
  uint8_t iv[12];
} wtls_wolf_keys;

/* Where in a message the peer's flight stands. */
typedef struct wtls_wolf_flight {
  uint8_t header[4];
  size_t header_len;
  size_t left; /* of the body */
} wtls_wolf_flight;

enum {
  WTLS_WOLF_HEADER = 5,
  WTLS_WOLF_TAG = 16,
  WTLS_WOLF_RECORD_HANDSHAKE = 22,
  WTLS_WOLF_MAX_RECORD = WTLS_WOLF_HEADER + 18432, /* the engine refuses what is longer */
  WTLS_WOLF_MAX_MESSAGE = 32768
};

/* What watch.c looks at. */
typedef struct wtls_wolf_watched {
  uint8_t *record;
  uint8_t *plain; /* what was in it */
  size_t room;    /* of each */
  size_t len;     /* of |record|, so far */
  size_t given;   /* of that, to the engine */
  bool looked_at;
  wtls_wolf_flight flight;
  uint8_t *messages; /* behind the handshake, WTLS_WOLF_MAX_MESSAGE: those that are not whole yet */
  size_t messages_len;
} wtls_wolf_watched;

struct ecc_key;

typedef struct wtls_wolf_connection {
  WOLFSSL *ssl;
  const wasi_tls_backend_host *host;
  void *core;
  const wtls_wolf_context *context;
  const wtls_wolf_identity *own; /* the one in use */
  wasi_tls_io last_io;           /* what the transport answered last */
  bool last_was_send;            /* in which direction */
  bool took_record;              /* the call of the engine has begun a record already */
  bool is_server;
  bool done;             /* the handshake is through */
  bool alerting;         /* the engine is about to send an alert */
  bool muted;            /* the engine's output is thrown away: the last word was said, or is being */
  bool output_encrypted; /* TLS 1.2 */
  bool rejected;         /* by peer_identity */
  bool is_unsigned;      /* the signer of |own| failed */
  bool cleared;          /* both sides have closed, and the engine has forgotten the connection */
  bool watches;          /* looks at records behind the handshake before the engine does */
  bool hears_plain_alert;
  bool was_requested;   /* client: a post-handshake request was taken in */
  bool client_answered; /* a post-handshake request: its Finished has gone to the engine */
  uint8_t reject_alert;
  uint16_t engine_alert;      /* the fatal one that it would have sent; WASI_TLS_NO_ALERT for none, as below */
  uint8_t plain_alert;        /* the one that is heard */
  word64 alert_sequence;      /* of the record that was to hold |engine_alert| */
  wtls_wolf_keys flight_keys; /* client, TLS 1.3: those of a flight that may be unsigned, until it is made */
  word64 flight_start;        /* TLS 1.3: how many records under its keys had gone out before what may be unsigned */
  wtls_wolf_input input;
  struct ecc_key *share; /* client, TLS 1.3: the engine's, of the last share on a curve of NIST */
  wtls_wolf_watched *watched;
  uint8_t *chain; /* the peer's, each certificate behind its length; NULL for none */
  size_t chain_len;
  wasi_tls_backend_info info; /* as the handshake has left it */
  size_t alpn_len;
  unsigned char alpn[255]; /* server: the one to select; later the one that was selected */
} wtls_wolf_connection;

/* context.c */
wasi_tls_result wtls_wolf_context_new(const wasi_tls_backend_context_params *params, void **context,
                                      wasi_tls_backend_report *report);
void wtls_wolf_context_free(void *context);

/* thread.c */
/* The library itself, once in the life of the process. */
bool wtls_wolf_start(void);
/* Before anything that computes on elliptic curves. */
void wtls_wolf_enter_thread(void);

/* identity.c */
wasi_tls_result wtls_wolf_identity_new(void *context, wasi_tls_key_encoding encoding, wasi_tls_bytes key,
                                       const wasi_tls_bytes *chain, size_t count, void **identity);
wasi_tls_result wtls_wolf_identity_new_opaque(void *context, const wasi_tls_backend_signer *signer,
                                              const wasi_tls_bytes *chain, size_t count, void **identity);
void wtls_wolf_identity_free(void *identity);
wasi_tls_result wtls_wolf_identity_use(wtls_wolf_connection *connection, const wtls_wolf_identity *identity);

/* opaque_key.c: has the signers of opaque keys asked, by what is made from |context|. */
void wtls_wolf_install_signing(WOLFSSL_CTX *context);

/*
 * key.c: whether a key that the engine can read is that of |leaf|. OK, _KEY_TYPE, _KEY_MISMATCH, _CERTIFICATE_FORMAT.
 * The engine's own check lets pairs pass that don't fit, and fails over extensions that it doesn't know.
 */
wasi_tls_result wtls_wolf_check_pair(wasi_tls_bytes key, wasi_tls_bytes leaf);

/* signature.c */
bool wtls_wolf_verify_signature(uint16_t scheme, wasi_tls_bytes key_info, wasi_tls_bytes data,
                                wasi_tls_bytes signature);

/* share.c: key agreement on the curves of NIST */
void wtls_wolf_install_share(WOLFSSL_CTX *context, bool client);

/* transport.c */
void wtls_wolf_install_transport(WOLFSSL_CTX *context);
void wtls_wolf_set_transport(wtls_wolf_connection *connection);
wtls_wolf_connection *wtls_wolf_connection_of(WOLFSSL *ssl);
/* The next byte of input is the first of a record. */
bool wtls_wolf_at_boundary(const wtls_wolf_connection *connection);

/* A fatal alert comes in in the clear, where the engine expects none; the body has to be taken by hand. */
bool wtls_wolf_hears_plain_alert(const wtls_wolf_connection *connection);
wasi_tls_io wtls_wolf_take_plain_alert(wtls_wolf_connection *connection);

/* hooks.c */
void wtls_wolf_install_hooks(WOLFSSL_CTX *context);
int wtls_wolf_verify(int ok, WOLFSSL_X509_STORE_CTX *store);
/* Ends the handshake over a chain that the engine has refused without asking; the core says why. */
void wtls_wolf_reject_leaf(wtls_wolf_connection *connection);
int wtls_wolf_select_protocol(WOLFSSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
                              unsigned int in_len, void *unused);
void wtls_wolf_peer_chain(void *connection, bool (*visit)(void *context, wasi_tls_bytes certificate), void *context);

/* outcome.c: the one mapping of what a failed call means. */
wasi_tls_outcome wtls_wolf_outcome(wtls_wolf_connection *connection, int result, wasi_tls_backend_report *report);
/* Whether the peer's last alert ends the connection, and which it is. */
bool wtls_wolf_hears_fatal_alert(const wtls_wolf_connection *connection, uint16_t *alert);

/* alert.c */
wasi_tls_outcome wtls_wolf_alert(void *connection, uint8_t alert, wasi_tls_backend_report *report);
/* Sends a fatal alert as the peer can read it now. */
wasi_tls_io wtls_wolf_send_alert(wtls_wolf_connection *connection, uint8_t alert);
/* As that, in the place of a flight that could not be signed, of which nothing has gone out. */
wasi_tls_io wtls_wolf_end_unsigned(wtls_wolf_connection *connection, uint8_t alert);
/* The engine is about to send one. */
void wtls_wolf_note_alert(wtls_wolf_connection *connection, int number);
/* What to tell the peer about a failure of the engine. */
uint8_t wtls_wolf_alert_for(const wtls_wolf_connection *connection, int error);

/* record.c */
enum { WTLS_WOLF_MAX_ALERT = WTLS_WOLF_HEADER + 8 + 3 + WTLS_WOLF_TAG };
/* With the keys of the peer. */
bool wtls_wolf_open_record(void *connection, uint64_t sequence, const uint8_t *record, size_t len, uint8_t *plain,
                           size_t *plain_len);
/* TLS 1.3: whether this side writes under keys yet. */
bool wtls_wolf_has_keys13(const wtls_wolf_connection *connection);
/* TLS 1.3: keeps the keys of this side. */
void wtls_wolf_keep_keys(wtls_wolf_connection *connection);
/* With the keys of this side, for alerts. The length of the record; 0 if that failed. */
size_t wtls_wolf_seal13(const wtls_wolf_connection *connection, uint64_t sequence, uint8_t type, const uint8_t *plain,
                        size_t len, uint8_t *record);
size_t wtls_wolf_seal12(const wtls_wolf_connection *connection, uint64_t sequence, uint8_t type, const uint8_t *plain,
                        size_t len, uint8_t *record);

/* watch.c */
bool wtls_wolf_is_watching(const wtls_wolf_connection *connection);
/* Input for the engine, looked at before. */
wasi_tls_io wtls_wolf_watch(wtls_wolf_connection *connection, uint8_t *buffer, size_t len, size_t *count);
void wtls_wolf_free_watch(wtls_wolf_connection *connection);
/* Gives back what is only of use while there is something to look at. */
void wtls_wolf_rest_watch(wtls_wolf_connection *connection);

/* flight.c: whether the content of a handshake record is all right where it comes. */
bool wtls_wolf_may_come_in_flight(wtls_wolf_flight *flight, wasi_tls_bytes content);

/* post_handshake.c */
/* The content of a handshake record behind the handshake. */
void wtls_wolf_look_at_messages(wtls_wolf_connection *connection, wasi_tls_bytes content);
wasi_tls_outcome wtls_wolf_request_client_identity(void *connection, wasi_tls_backend_report *report);
/* After a read that has not failed. */
void wtls_wolf_tell_answered(wtls_wolf_connection *connection);

#endif

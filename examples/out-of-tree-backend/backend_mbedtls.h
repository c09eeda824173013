/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Shared by the files of this backend only. */
#ifndef BACKEND_MBEDTLS_H
#define BACKEND_MBEDTLS_H

#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#include <wasi_tls/backend.h>

enum { MBED_HEADER = 5, MBED_MESSAGE_HEADER = 4, MBED_MAX_FRAGMENT = 16384 };
/* RFC 5246, section 7.4.9. */
enum { MBED_FINISHED_LEN = MBED_MESSAGE_HEADER + 12 };

/* Kinds of records. */
enum { MBED_CHANGE_CIPHER_SPEC = 20, MBED_ALERT = 21, MBED_HANDSHAKE = 22, MBED_APPLICATION_DATA = 23 };

typedef struct mbed_context {
  int *suites;                  /* of TLS 1.2, as the engine takes them: in order, with a 0 behind */
  mbedtls_x509_crt authorities; /* whom servers name when they ask for an identity; without keys */
  bool names_authorities;
  bool key_log;
} mbed_context;

typedef struct mbed_identity {
  mbedtls_pk_context key;
  mbedtls_x509_crt leaf; /* by which the engine chooses suite and signature */
  uint8_t *message;      /* the whole chain as a Certificate message */
  size_t message_len;
} mbed_identity;

/* What comes in, until it is encrypted: record by record, given to the engine as one message to a record. */
typedef struct mbed_input {
  uint8_t header[MBED_HEADER]; /* of the record that is coming in */
  size_t header_len;
  size_t body_len; /* of its body, as far as it is here */
  uint8_t *bytes;  /* room for a header, then what came of messages, or one record of another kind */
  size_t len;      /* behind the room for the header */
  size_t room;
  size_t item_len;  /* what the engine can be given, with its header; 0 while there is nothing */
  size_t given;     /* of it */
  bool encrypted;   /* from here on the engine gets what comes as it is */
  size_t left;      /* then: of the record that it is reading */
  uint16_t refused; /* the alert for what is not even given to the engine; WASI_TLS_NO_ALERT for none */
} mbed_input;

typedef struct mbed_connection {
  mbedtls_ssl_context ssl;
  mbedtls_ssl_config config;
  const mbed_context *context;
  const wasi_tls_backend_host *host;
  void *core;
  const mbed_identity *own;
  char **protocols; /* for the engine, which takes C strings; with a NULL behind */
  mbed_input input;
  uint8_t *chain; /* the peer's Certificate message; NULL while there is none */
  size_t chain_len;
  wasi_tls_io last_io; /* what the transport answered last, within one entry */
  uint16_t own_alert;  /* the one that the engine would have sent; WASI_TLS_NO_ALERT if that is not known */
  bool speaks;         /* what the engine sends is an alert of ours */
  uint8_t finished[MBED_FINISHED_LEN]; /* the peer's, if it comes in parts */
  size_t finished_len;
  bool rejected; /* the peer's chain, with |reject_alert| */
  uint8_t reject_alert;
} mbed_connection;

/* context.c */
wasi_tls_result mbed_context_new(const wasi_tls_backend_context_params *params, void **context,
                                 wasi_tls_backend_report *report);
void mbed_context_free(void *context);
/* The engine's source of randomness: the system's, which threads and forked processes may share. */
int mbed_random(void *unused, unsigned char *bytes, size_t len);

/* identity.c */
wasi_tls_result mbed_identity_new(void *context, wasi_tls_key_encoding encoding, wasi_tls_bytes key,
                                  const wasi_tls_bytes *chain, size_t count, void **identity);
void mbed_identity_free(void *identity);

/* certificates.c: two steps of the handshake that are taken in the engine's place. */
bool mbed_is_at_certificates(const mbed_connection *connection);
int mbed_certificates_step(mbed_connection *connection);
void mbed_peer_chain(void *connection, bool (*visit)(void *context, wasi_tls_bytes certificate), void *context);
/* A leaf, whatever extensions it has; as of the engine. */
int mbed_parse_leaf(mbedtls_x509_crt *leaf, wasi_tls_bytes der);

/* finished.c */
/* Whether the engine has failed over no more than this. */
bool mbed_is_part_of_finished(const mbed_connection *connection, int error);
/* As of the engine. */
int mbed_take_part_of_finished(mbed_connection *connection);

/* input.c: as of the engine, 0 or one of its errors. */
int mbed_next_item(mbed_connection *connection);
void mbed_item_used(mbed_connection *connection, size_t count);
int mbed_receive(void *connection, unsigned char *buffer, size_t len);

/* output.c */
int mbed_send(void *connection, const unsigned char *record, size_t len);
/* A message that the engine has no part in, in as many records as it needs; as of the engine. */
int mbed_send_message(mbed_connection *connection, const uint8_t *message, size_t len);
wasi_tls_outcome mbed_alert(void *connection, uint8_t alert, wasi_tls_backend_report *report);
/* Sends a fatal alert as the peer can read it now; as of the engine. */
int mbed_send_alert(mbed_connection *connection, uint8_t alert);

/* outcome.c: the one mapping of what a failed call means. */
wasi_tls_outcome mbed_outcome(mbed_connection *connection, int error, wasi_tls_backend_report *report);
bool mbed_is_out_of_memory(int error);

/* signature.c */
bool mbed_verify_signature(uint16_t scheme, wasi_tls_bytes key_info, wasi_tls_bytes data, wasi_tls_bytes signature);

#endif

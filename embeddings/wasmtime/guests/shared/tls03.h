/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* wasi:tls@0.3.0-draft: a connector and its streams. */
#ifndef GUESTS_TLS03_H
#define GUESTS_TLS03_H

#include "async.h"

typedef wasi_tls_client_own_connector_t connector;
typedef wasi_tls_client_stream_u8_t reader;
typedef wasi_tls_client_stream_u8_writer_t writer;
typedef wasi_tls_client_future_result_void_own_error_t ending;
typedef wasi_tls_client_result_void_own_error_t result;

/* One side of a connection. */
typedef struct side {
  writer in;  /* cleartext to send, or ciphertext received if it did not come from elsewhere */
  reader out; /* ciphertext to send, or cleartext received */
  ending end; /* how this side ended */
} side;

/* send with a stream of our own. */
side tls_send(connector self);
/* receive with a stream of our own. */
side tls_receive(connector self);
/* receive with a stream from elsewhere. */
side tls_receive_from(connector self, reader ciphertext);

operation read_from(reader stream, uint8_t *buffer, size_t len);
operation write_to(writer stream, const uint8_t *data, size_t len);

/* Prints "LABEL: ok", or what is known of the error, on standard error. Drops the error; answers whether it was ok. */
bool print_result(const char *label, const result *outcome);
/* Waits for the side's end, prints it as print_result does, and drops the future. */
bool print_ending(const char *label, ending end);
/* The whole handshake; prints a failure. */
bool handshake(connector self, const char *server_name);

#endif

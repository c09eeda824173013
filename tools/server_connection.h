/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* One client of the server: a state machine that is stepped whenever its waker was called. */
#ifndef WASI_TLS_TOOL_SERVER_CONNECTION_H
#define WASI_TLS_TOOL_SERVER_CONNECTION_H

#include "arguments.h"
#include "json.h"
#include "properties.h"
#include "wasi_tls/adapters.h"
#include "wasi_tls/wasi_tls.h"

typedef struct server_connection server_connection;

/* The connections that were woken and not stepped since. */
typedef struct ready_queue {
  server_connection *first;
  server_connection *last;
} ready_queue;

/* What all connections share. */
typedef struct server_shared {
  const arguments *wanted;
  wasi_tls_config *config;
  wasi_tls_fd_loop *loop;
  wasi_tls_private_identity *identities[ARGUMENTS_IDENTITIES]; /* of --cert and --key */
  wasi_tls_private_identity *sni[ARGUMENTS_IDENTITIES];        /* of --sni, in the order of wanted->sni */
  ready_queue ready;
} server_shared;

/* STEP_WAIT: the waker is registered. STEP_MOVED: step again. STEP_END: nothing is left to do. */
typedef enum step { STEP_WAIT, STEP_MOVED, STEP_END } step;
typedef step (*state_function)(server_connection *self);

struct server_connection {
  server_shared *shared;
  server_connection *next; /* among all */
  server_connection *previous;
  server_connection *next_ready;
  bool queued;
  bool ended; /* to be freed as soon as it is out of the queue */
  int fd;     /* owned by the raw streams, until it is drained */
  bool draining;

  state_function state;
  int64_t deadline;
  const char *late; /* what to say when the deadline passes; NULL for nothing */

  wasi_tls_server_connection *tls;
  wasi_tls_server_handshake *handshake;
  wasi_tls_pollable *pollable; /* of the future that is waited for */
  wasi_tls_future_client_hello *hello;
  wasi_tls_future_public_identity *identity;
  wasi_tls_future_streams *streams;
  wasi_tls_input_stream *input;
  wasi_tls_output_stream *output;
  bool unflushed;
  step_log steps;

  char *request; /* --mode http */
  size_t request_len;
  char *response;
  size_t response_len;
  size_t response_sent;
};

/* Takes over |fd|. NULL if there is no memory, which is reported; |fd| is closed then. */
server_connection *server_connection_new(server_shared *shared, int fd, int64_t now);
/* A few steps, no more, so that others get their turn. False when the connection has ended. */
bool server_connection_step(server_connection *self, int64_t now);
/* Puts the connection in the queue if its deadline has passed: the step then ends it. */
void server_connection_check_time(server_connection *self, int64_t now);
void server_connection_free(server_connection *self);

/* For the states. */

/* Where the handshake leads to: server_modes.c. */
extern const state_function server_mode_states[];

wasi_tls_waker server_connection_waker(server_connection *self);
/* Goes to |state| once |self->pollable| is ready. */
step server_connection_await(server_connection *self, state_function state);
/* Reports what ended the connection, and ends it. */
step server_connection_fail(server_connection *self, wasi_tls_result result);
/* Closes the output behind what was written, and ends. */
step server_connection_close(server_connection *self);
/* Asks for the client's identity by |result| and |self->identity|, and goes to |state| when it is there. */
step server_connection_await_identity(server_connection *self, wasi_tls_result result, state_function state);
/* The outcome of that. */
wasi_tls_result server_connection_take_identity(server_connection *self);

#endif

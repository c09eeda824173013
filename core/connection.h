/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * What all resources of one connection share: an endpoint over the host's raw streams, and who waits for it. Counted:
 * every handle holds it, so handles can go in any order. One thread at a time.
 */
#ifndef WASI_TLS_CORE_CONNECTION_H
#define WASI_TLS_CORE_CONNECTION_H

#include "endpoint.h"
#include "wasi_tls/stream.h"

/* Somebody's registration, in the connection's list while it is armed. */
typedef struct wtls_waiter {
  wasi_tls_waker waker;
  struct wtls_waiter *next;
  struct wtls_waiter *previous;
  bool armed;
} wtls_waiter;

/* What can be waited for. */
typedef enum wtls_event {
  WTLS_EVENT_STEP = 0, /* a step's point is passed, or the endpoint has ended: the pollable says which step */
  WTLS_EVENT_READABLE, /* read would give bytes or an error */
  WTLS_EVENT_WRITABLE, /* check_write would permit something or give an error */
  WTLS_EVENT_SENT      /* all that was to be sent is out, or can't be */
} wtls_event;

typedef struct wtls_connection {
  size_t holds;
  size_t pollables; /* those of the holds that are pollables */
  wasi_tls_endpoint *endpoint;
  wasi_tls_input_stream *input;
  wasi_tls_output_stream *output;
  wtls_waiter *waiters;
} wtls_connection;

/* Takes the streams on success. */
WASI_TLS_NODISCARD wasi_tls_result wtls_connection_new(wasi_tls_config *config, wasi_tls_role role,
                                                       wasi_tls_input_stream *input, wasi_tls_output_stream *output,
                                                       wtls_connection **connection);
wtls_connection *wtls_connection_hold(wtls_connection *self);
void wtls_connection_release(wtls_connection *self);
static inline const wasi_tls_allocator *wtls_connection_allocator(const wtls_connection *self) {
  return &self->endpoint->config->allocator;
}

/* Drives the handshake, and wakes the others if that got it further. */
WASI_TLS_NODISCARD wasi_tls_result wtls_connection_drive(wtls_connection *self);
/* Something that others may wait for has changed. */
void wtls_connection_wake(wtls_connection *self);
/* Whether |event| has come, moving bytes as far as they go. */
bool wtls_connection_ready(wtls_connection *self, wtls_event event, wasi_tls_step step);
/* As ready; if not, |waiter| is armed with |waker|, and so is the transport. */
bool wtls_connection_wait(wtls_connection *self, wtls_waiter *waiter, wasi_tls_waker waker, wtls_event event,
                          wasi_tls_step step);
void wtls_waiter_disarm(wtls_connection *self, wtls_waiter *waiter);

/* pollable.c */
WASI_TLS_NODISCARD wasi_tls_result wtls_pollable_new(wtls_connection *connection, wtls_event event, wasi_tls_step step,
                                                     wasi_tls_pollable **pollable);

/* cleartext.c: both or none. */
WASI_TLS_NODISCARD wasi_tls_result wtls_cleartext_new(wtls_connection *connection, wasi_tls_input_stream **input,
                                                      wasi_tls_output_stream **output);

/* future.c: the four futures share one shape. */
typedef struct wtls_future {
  wtls_connection *connection;
  wasi_tls_step step;
  bool taken;
  bool lends_view; /* counts in the endpoint's views_lent */
} wtls_future;

struct wasi_tls_future_streams {
  wtls_future base;
};
struct wasi_tls_future_client_hello {
  wtls_future base;
};
struct wasi_tls_future_public_identity {
  wtls_future base;
};
struct wasi_tls_future_client_identity_request {
  wtls_future base;
};

/* Makes one, without starting anything. */
WASI_TLS_NODISCARD wasi_tls_result wtls_future_new(wtls_connection *connection, wasi_tls_step step,
                                                   wtls_future **future);
void wtls_future_free(wtls_future *self);

/* handshake.c: what both handshake resources are. */
typedef struct wtls_handshake {
  wtls_connection *connection;
  bool spent;
} wtls_handshake;

struct wasi_tls_client_handshake {
  wtls_handshake base;
};
struct wasi_tls_server_handshake {
  wtls_handshake base;
};

WASI_TLS_NODISCARD wasi_tls_result wtls_handshake_new(wtls_connection *connection, wtls_handshake **handshake);
/* Starts |step| and makes its future. Spends the handshake if the step is FINISH. */
WASI_TLS_NODISCARD wasi_tls_result wtls_handshake_start(wtls_handshake *self, wasi_tls_step step, wtls_future **future);
WASI_TLS_NODISCARD wasi_tls_result wtls_handshake_abort(wtls_handshake *self, uint8_t alert,
                                                        wasi_tls_pollable **pollable);
void wtls_handshake_free(wtls_handshake *self);

/* A view is no longer lent; what only it kept goes. */
void wtls_connection_return_view(wtls_connection *self);

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * One end of a TLS connection: state machine, gate and engine. The sans-I/O layer (wasi_tls/endpoint.h) and the
 * resources are both this, over another transport.
 */
#ifndef WASI_TLS_CORE_ENDPOINT_H
#define WASI_TLS_CORE_ENDPOINT_H

#include "alpn.h"
#include "client_hello.h"
#include "client_offer.h"
#include "config.h"
#include "gate.h"
#include "identity.h"
#include "read_ahead.h"
#include "server_flight.h"
#include "state.h"
#include "wasi_tls/client.h"
#include "wasi_tls/endpoint.h"
#include "wasi_tls/server.h"

struct wtls_connection;

/* The resources that show what the endpoint keeps. |connection| is NULL in the ones that the endpoint lends out. */
struct wasi_tls_client_hello {
  struct wtls_connection *connection;
  const wtls_hello *hello;
};

struct wasi_tls_client_identity_request {
  struct wtls_connection *connection;
  const wtls_identity_request *request;
  bool spent;
};

/* Post-handshake authentication, on a server. */
typedef enum wtls_post_handshake { WTLS_POST_NONE = 0, WTLS_POST_WAIT, WTLS_POST_DONE } wtls_post_handshake;

/* What each read and write looks at comes first. */
struct wasi_tls_endpoint {
  const wasi_tls_backend *backend;
  void *engine;
  size_t permit;       /* what the last check_write allowed */
  size_t write_permit; /* the most that one allows */
  wtls_state state;
  wasi_tls_role role;
  wtls_post_handshake post_handshake;
  bool flushing; /* nothing is permitted until all that was written is out */
  bool close_sent;
  bool close_received;
  wtls_gate gate;
  wtls_buffer early; /* cleartext that arrived while a post-handshake answer was awaited */
  wasi_tls_config *config;
  uint8_t heard;                        /* client: how many of the first two bytes arrived, and were of TLS */
  bool engine_done;                     /* the engine's handshake is through; the state may still be suspended */
  bool flight_held;                     /* the engine's next flight waits at the gate */
  bool peer_verified;                   /* the peer's chain has passed */
  bool peer_answered;                   /* server: so has one in answer to the post-handshake request */
  bool peer_offered_post;               /* server: the client offered post-handshake authentication */
  bool asks_client;                     /* server: the client is asked for its identity */
  uint16_t points;                      /* bit 1 << wasi_tls_step: passed */
  wasi_tls_verify_reason verify_reason; /* why the peer's chain was refused */
  uint32_t verify_depth;
  size_t views_lent; /* resources that show the hello or the request */
  char *server_name; /* client: what connect was given; server: the SNI. NUL-terminated */
  size_t server_name_len;
  bool has_server_name;
  struct wtls_server_name *reference; /* client: as it is compared; until the chain has passed */
  wtls_alpn_list alpn;
  wtls_identity_list identities;  /* server: configured; client: offered */
  wasi_tls_private_identity *own; /* the one in use */
  size_t hello_bytes;             /* server: with fewer bytes than this the hello can't be complete */
  wtls_client_offer offer;        /* client: until the handshake is done */
  wtls_fault server_fault;        /* client: what is wrong with the server's answer to it */
  wtls_hello *hello;              /* server: until the handshake is done */
  wtls_identity_request *request; /* client: likewise */
  wtls_read_ahead *ahead;         /* client of an engine that is read ahead for: until the handshake is done */
  wasi_tls_client_hello hello_view;
  wasi_tls_client_identity_request request_view;
  wtls_buffer inbound; /* sans-I/O: ciphertext given, not taken by the engine yet */
  bool inbound_ended;
  wasi_tls_error error;
};

/* As wasi_tls_endpoint_new, over a transport of one's own. */
WASI_TLS_NODISCARD wasi_tls_result wtls_endpoint_new_over(wasi_tls_config *config, wasi_tls_role role,
                                                          const wtls_transport *transport, void *context,
                                                          wasi_tls_endpoint **endpoint);

/* Gives back what only the handshake needed, once it is over; the hello and the request stay while they are lent. */
void wtls_endpoint_trim(wasi_tls_endpoint *self);

/* What the engine has negotiated so far. */
wasi_tls_backend_info wtls_endpoint_info(const wasi_tls_endpoint *self);
/* Takes |call| through the table: the refusal, or OK with the state changed and the gate set. */
WASI_TLS_NODISCARD wasi_tls_result wtls_endpoint_enter(wasi_tls_endpoint *self, wtls_call call);
/* The point that the state waits for is reached. */
void wtls_endpoint_reached(wasi_tls_endpoint *self);
bool wtls_endpoint_passed(const wasi_tls_endpoint *self, wasi_tls_step step);

/* The hooks and the transport, as the engine sees them. */
extern const wasi_tls_backend_host wtls_endpoint_host;

/* Failing (endpoint_failure.c). Each returns the result that the endpoint ended with. */
/* The connection ends with |result|; nothing is sent. The first failure stands. */
WTLS_COLD wasi_tls_result wtls_endpoint_fail(wasi_tls_endpoint *self, wasi_tls_result result, const char *text);
/* The connection ends with |result|, and the peer is told with |alert|. */
WTLS_COLD wasi_tls_result wtls_endpoint_refuse(wasi_tls_endpoint *self, wasi_tls_result result, uint8_t alert,
                                               const char *text);
/* The peer's chain was refused, with |alert|, which is still to be sent. */
WTLS_COLD wasi_tls_result wtls_endpoint_refuse_peer(wasi_tls_endpoint *self, uint8_t alert);
/* Maps what an engine call has failed with. */
WTLS_COLD wasi_tls_result wtls_endpoint_fail_outcome(wasi_tls_endpoint *self, wasi_tls_outcome outcome,
                                                     const wasi_tls_backend_report *report);
/* Sends a fatal alert at a point where nothing of the engine's is under way. False if it did not leave. */
WTLS_COLD bool wtls_endpoint_send_alert(wasi_tls_endpoint *self, uint8_t alert);

/* Client: whether |data|, which arrived behind what was heard, can be of TLS; the endpoint has failed otherwise. */
bool wtls_endpoint_hears_tls(wasi_tls_endpoint *self, const uint8_t *data, size_t len);
/* What is decided on the peer's chain, and on the request for an identity, as backend.h says of the hooks. */
wasi_tls_decision wtls_endpoint_judge_peer(wasi_tls_endpoint *self, const wasi_tls_bytes *chain, size_t count,
                                           wasi_tls_verify_reason reason, uint32_t depth, uint8_t *alert);
wasi_tls_decision wtls_endpoint_answer_request(wasi_tls_endpoint *self,
                                               const wasi_tls_backend_identity_request *request, void **identity);

/* Keeps the name of the ClientHello for the getters. */
WASI_TLS_NODISCARD wasi_tls_result wtls_endpoint_take_server_name(wasi_tls_endpoint *self);
/* The server's choices, once the ClientHello is in (negotiation.c): creates the engine's connection. */
WASI_TLS_NODISCARD wasi_tls_result wtls_endpoint_start_server(wasi_tls_endpoint *self);
/* Creates the engine's connection of a client. */
WASI_TLS_NODISCARD wasi_tls_result wtls_endpoint_start_client(wasi_tls_endpoint *self);

/* With more ciphertext than this held back nothing is written: the write permit, with what records add to it. */
static inline size_t wtls_endpoint_held_limit(const wasi_tls_endpoint *self) {
  return self->write_permit + self->write_permit / 16;
}

/* One read of the engine, or writing all to it, where the state allows that (endpoint_data.c). */
WASI_TLS_NODISCARD wasi_tls_result wtls_endpoint_read_engine(wasi_tls_endpoint *self, uint8_t *buffer, size_t len,
                                                             size_t *count);
WASI_TLS_NODISCARD wasi_tls_result wtls_endpoint_write_engine(wasi_tls_endpoint *self, const uint8_t *data, size_t len);

/* Whether drive has something to wait for: the current step's point, or a post-handshake answer. */
bool wtls_endpoint_is_waiting(const wasi_tls_endpoint *self);

#endif

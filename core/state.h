/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * The state machine of a connection, as a table: (role, state, call) gives what to do and the next state,
 * or a refusal. Nothing else in the core decides whether a call is legal. Rules 1 to 3 of the interface.
 */
#ifndef WASI_TLS_CORE_STATE_H
#define WASI_TLS_CORE_STATE_H

#include "wasi_tls/error.h"
#include "wasi_tls/types.h"

/* The states whose names end in WAIT are those in which bytes move; in IDLE and the other handshake states it is
 * suspended. */
typedef enum wtls_state {
  WTLS_STATE_NEW = 0,        /* constructed */
  WTLS_STATE_IDLE,           /* connect or accept was called: suspended, nothing said */
  WTLS_STATE_HELLO_WAIT,     /* server: receive-client-hello */
  WTLS_STATE_HELLO,          /* server: the ClientHello is in */
  WTLS_STATE_SERVER_ID_WAIT, /* client: verify-server-identity */
  WTLS_STATE_SERVER_ID,      /* client: the server's chain is in and verified */
  WTLS_STATE_REQUEST_WAIT,   /* client: receive-client-identity-request */
  WTLS_STATE_REQUEST,        /* client: the request is in, or none can come */
  WTLS_STATE_CLIENT_ID_WAIT, /* server: request-client-identity */
  WTLS_STATE_CLIENT_ID,      /* server: the client's chain is in and proven, or declined */
  WTLS_STATE_FINISH_WAIT,    /* finish */
  WTLS_STATE_OPEN,           /* the handshake is done */
  WTLS_STATE_ENDED,          /* failed, aborted or dropped */
  WTLS_STATE_COUNT
} wtls_state;

typedef enum wtls_call {
  WTLS_CALL_CONNECT = 0,
  WTLS_CALL_ACCEPT,
  WTLS_CALL_CONFIGURE_ALPN_IDS,
  WTLS_CALL_CONFIGURE_IDENTITIES,
  WTLS_CALL_RECEIVE_CLIENT_HELLO,
  WTLS_CALL_VERIFY_SERVER_IDENTITY,
  WTLS_CALL_RECEIVE_CLIENT_IDENTITY_REQUEST,
  WTLS_CALL_RESPOND,
  WTLS_CALL_REQUEST_CLIENT_IDENTITY,
  WTLS_CALL_FINISH,
  WTLS_CALL_ABORT,
  WTLS_CALL_DROP,     /* the handshake resource goes without finish or abort */
  WTLS_EVENT_REACHED, /* the point that the state waits for is reached */
  WTLS_EVENT_FAILED,
  WTLS_CALL_COUNT
} wtls_call;

typedef enum wtls_action {
  WTLS_ACTION_REFUSE = 0, /* WASI_TLS_ERR_WRONG_STATE; nothing changes */
  WTLS_ACTION_BEGIN,      /* make the handshake; no I/O */
  WTLS_ACTION_STORE,      /* keep the argument */
  WTLS_ACTION_RESUME,     /* open the gate */
  WTLS_ACTION_SUSPEND,    /* shut the gate */
  WTLS_ACTION_OPEN,       /* cleartext may flow */
  WTLS_ACTION_REQUEST,    /* post-handshake authentication */
  WTLS_ACTION_ABORT,      /* send the alert, then shut the gate for the engine */
  WTLS_ACTION_END,        /* nothing more is said */
  WTLS_ACTION_NOTHING     /* allowed, and without effect */
} wtls_action;

typedef struct wtls_transition {
  wtls_action action;
  wtls_state next;
} wtls_transition;

/* Total: every cell has an answer. */
wtls_transition wtls_state_lookup(wasi_tls_role role, wtls_state state, wtls_call call);

/* Whether bytes may move in |state|. */
bool wtls_state_is_running(wtls_state state);
/* The step that |state| belongs to, for errors. */
wasi_tls_step wtls_state_step(wtls_state state);

#endif

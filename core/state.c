/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "state.h"

#include <stdint.h>

typedef struct cell {
  uint8_t action;
  uint8_t next;
} cell;

#define GO(action, next) \
  { WTLS_ACTION_##action, WTLS_STATE_##next }

/* What ends a handshake is the same in each of its states. */
#define ENDINGS                                                                       \
  [WTLS_CALL_FINISH] = GO(RESUME, FINISH_WAIT), [WTLS_CALL_ABORT] = GO(ABORT, ENDED), \
  [WTLS_CALL_DROP] = GO(END, ENDED), [WTLS_EVENT_FAILED] = GO(END, ENDED)

/* After finish the handshake resource is spent: only events are left. */
#define FINISH_WAIT_ROW \
  { [WTLS_EVENT_REACHED] = GO(OPEN, OPEN), [WTLS_EVENT_FAILED] = GO(END, ENDED) }

/* A handshake that has failed can still be finished, aborted or dropped: the outcome is its failure. */
#define ENDED_ROW                                                                    \
  {                                                                                  \
    [WTLS_CALL_FINISH] = GO(NOTHING, ENDED), [WTLS_CALL_ABORT] = GO(NOTHING, ENDED), \
    [WTLS_CALL_DROP] = GO(NOTHING, ENDED), [WTLS_EVENT_FAILED] = GO(NOTHING, ENDED)  \
  }

static const cell client_table[WTLS_STATE_COUNT][WTLS_CALL_COUNT] = {
    [WTLS_STATE_NEW] = {[WTLS_CALL_CONNECT] = GO(BEGIN, IDLE), [WTLS_EVENT_FAILED] = GO(END, ENDED)},
    [WTLS_STATE_IDLE] = {[WTLS_CALL_CONFIGURE_ALPN_IDS] = GO(STORE, IDLE),
                         [WTLS_CALL_CONFIGURE_IDENTITIES] = GO(STORE, IDLE),
                         [WTLS_CALL_VERIFY_SERVER_IDENTITY] = GO(RESUME, SERVER_ID_WAIT),
                         [WTLS_CALL_RECEIVE_CLIENT_IDENTITY_REQUEST] = GO(RESUME, REQUEST_WAIT),
                         ENDINGS},
    [WTLS_STATE_SERVER_ID_WAIT] = {[WTLS_EVENT_REACHED] = GO(SUSPEND, SERVER_ID), ENDINGS},
    [WTLS_STATE_SERVER_ID] = {[WTLS_CALL_RECEIVE_CLIENT_IDENTITY_REQUEST] = GO(RESUME, REQUEST_WAIT), ENDINGS},
    [WTLS_STATE_REQUEST_WAIT] = {[WTLS_EVENT_REACHED] = GO(SUSPEND, REQUEST), ENDINGS},
    [WTLS_STATE_REQUEST] = {[WTLS_CALL_RESPOND] = GO(STORE, REQUEST), ENDINGS},
    [WTLS_STATE_FINISH_WAIT] = FINISH_WAIT_ROW,
    [WTLS_STATE_OPEN] = {[WTLS_EVENT_FAILED] = GO(END, ENDED)},
    [WTLS_STATE_ENDED] = ENDED_ROW,
};

static const cell server_table[WTLS_STATE_COUNT][WTLS_CALL_COUNT] = {
    [WTLS_STATE_NEW] = {[WTLS_CALL_ACCEPT] = GO(BEGIN, IDLE), [WTLS_EVENT_FAILED] = GO(END, ENDED)},
    [WTLS_STATE_IDLE] = {[WTLS_CALL_CONFIGURE_ALPN_IDS] = GO(STORE, IDLE),
                         [WTLS_CALL_CONFIGURE_IDENTITIES] = GO(STORE, IDLE),
                         [WTLS_CALL_RECEIVE_CLIENT_HELLO] = GO(RESUME, HELLO_WAIT),
                         [WTLS_CALL_REQUEST_CLIENT_IDENTITY] = GO(RESUME, CLIENT_ID_WAIT),
                         ENDINGS},
    [WTLS_STATE_HELLO_WAIT] = {[WTLS_EVENT_REACHED] = GO(SUSPEND, HELLO), ENDINGS},
    [WTLS_STATE_HELLO] = {[WTLS_CALL_CONFIGURE_ALPN_IDS] = GO(STORE, HELLO),
                          [WTLS_CALL_CONFIGURE_IDENTITIES] = GO(STORE, HELLO),
                          [WTLS_CALL_REQUEST_CLIENT_IDENTITY] = GO(RESUME, CLIENT_ID_WAIT),
                          ENDINGS},
    [WTLS_STATE_CLIENT_ID_WAIT] = {[WTLS_EVENT_REACHED] = GO(SUSPEND, CLIENT_ID), ENDINGS},
    [WTLS_STATE_CLIENT_ID] = {ENDINGS},
    [WTLS_STATE_FINISH_WAIT] = FINISH_WAIT_ROW,
    [WTLS_STATE_OPEN] = {[WTLS_CALL_REQUEST_CLIENT_IDENTITY] = GO(REQUEST, OPEN), [WTLS_EVENT_FAILED] = GO(END, ENDED)},
    [WTLS_STATE_ENDED] = ENDED_ROW,
};

wtls_transition wtls_state_lookup(wasi_tls_role role, wtls_state state, wtls_call call) {
  const cell *found = role == WASI_TLS_ROLE_CLIENT ? &client_table[state][call] : &server_table[state][call];
  if (found->action == WTLS_ACTION_REFUSE) return (wtls_transition){WTLS_ACTION_REFUSE, state};
  return (wtls_transition){(wtls_action)found->action, (wtls_state)found->next};
}

bool wtls_state_is_running(wtls_state state) {
  switch (state) {
    case WTLS_STATE_HELLO_WAIT:
    case WTLS_STATE_SERVER_ID_WAIT:
    case WTLS_STATE_REQUEST_WAIT:
    case WTLS_STATE_CLIENT_ID_WAIT:
    case WTLS_STATE_FINISH_WAIT:
    case WTLS_STATE_OPEN:
      return true;
    default:
      return false;
  }
}

wasi_tls_step wtls_state_step(wtls_state state) {
  static const uint8_t steps[WTLS_STATE_COUNT] = {
      [WTLS_STATE_NEW] = WASI_TLS_STEP_NONE,
      [WTLS_STATE_IDLE] = WASI_TLS_STEP_NONE,
      [WTLS_STATE_HELLO_WAIT] = WASI_TLS_STEP_CLIENT_HELLO,
      [WTLS_STATE_HELLO] = WASI_TLS_STEP_CLIENT_HELLO,
      [WTLS_STATE_SERVER_ID_WAIT] = WASI_TLS_STEP_SERVER_IDENTITY,
      [WTLS_STATE_SERVER_ID] = WASI_TLS_STEP_SERVER_IDENTITY,
      [WTLS_STATE_REQUEST_WAIT] = WASI_TLS_STEP_CLIENT_IDENTITY_REQUEST,
      [WTLS_STATE_REQUEST] = WASI_TLS_STEP_CLIENT_IDENTITY_REQUEST,
      [WTLS_STATE_CLIENT_ID_WAIT] = WASI_TLS_STEP_CLIENT_IDENTITY,
      [WTLS_STATE_CLIENT_ID] = WASI_TLS_STEP_CLIENT_IDENTITY,
      [WTLS_STATE_FINISH_WAIT] = WASI_TLS_STEP_FINISH,
      [WTLS_STATE_OPEN] = WASI_TLS_STEP_OPEN,
      [WTLS_STATE_ENDED] = WASI_TLS_STEP_NONE,
  };
  return (wasi_tls_step)steps[state];
}

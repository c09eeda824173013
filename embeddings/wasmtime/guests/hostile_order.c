/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 *   order
 *
 * Every call in every state of both roles. What the WIT does not allow is refused, and a refusal changes nothing: the
 * handshake can still be finished.
 */
#include <stdio.h>

#include "shared/hostile.h"

typedef enum call {
  BEGIN,
  CONFIGURE_ALPN,
  CONFIGURE_IDENTITIES,
  FIRST_STEP,
  SECOND_STEP,
  REQUEST_LATER, /* request-client-identity of the connection */
  FIRST_AGAIN,   /* the future's second answer */
  SECOND_AGAIN,
  STREAMS_AGAIN,
  CALLS,
} call;

/* The handshake's own; the others are made on what there is else. */
static bool needs_handshake(call call) {
  return call >= CONFIGURE_ALPN && call <= SECOND_STEP;
}

static bool configure_alpn(const end *self) {
  wasi_tls_types_alpn_id_t id = {text_bytes("x").ptr, 1};
  wasi_tls_types_list_alpn_id_t ids = {&id, 1};
  return self->role == CLIENT ? wasi_tls_types_method_client_handshake_configure_alpn_ids(
                                    (wasi_tls_types_borrow_client_handshake_t){self->of[HANDSHAKE]}, &ids)
                              : wasi_tls_types_method_server_handshake_configure_alpn_ids(
                                    (wasi_tls_types_borrow_server_handshake_t){self->of[HANDSHAKE]}, &ids);
}

static bool configure_identities(const end *self) {
  wasi_tls_types_borrow_private_identity_t id = wasi_tls_types_borrow_private_identity(own_identity(self->role));
  wasi_tls_types_list_borrow_private_identity_t ids = {&id, 1};
  return self->role == CLIENT ? wasi_tls_types_method_client_handshake_configure_client_identities(
                                    (wasi_tls_types_borrow_client_handshake_t){self->of[HANDSHAKE]}, &ids)
                              : wasi_tls_types_method_server_handshake_configure_server_identities(
                                    (wasi_tls_types_borrow_server_handshake_t){self->of[HANDSHAKE]}, &ids);
}

static bool request_later(const end *self) {
  wasi_tls_types_own_future_public_identity_t made;
  return self->role == SERVER && wasi_tls_types_method_server_connection_request_client_identity(
                                     (wasi_tls_types_borrow_server_connection_t){self->of[CONNECTION]}, &made);
}

static bool perform(end *self, call call) {
  switch (call) {
    case BEGIN:
      return begin(self);
    case CONFIGURE_ALPN:
      return configure_alpn(self);
    case CONFIGURE_IDENTITIES:
      return configure_identities(self);
    case FIRST_STEP:
      return first_step(self);
    case SECOND_STEP:
      return second_step(self);
    case REQUEST_LATER:
      return request_later(self);
    case FIRST_AGAIN:
      return self->of[FIRST] != 0 && take_first(self);
    case SECOND_AGAIN:
      return self->of[SECOND] != 0 && take_second(self);
    case STREAMS_AGAIN:
      return self->of[FINISH] != 0 && take_streams(self);
    default:
      return false;
  }
}

static bool is_legal(role role, point at, call call) {
  switch (call) {
    case BEGIN:
      return at == AT_NEW;
    case CONFIGURE_ALPN:
    case CONFIGURE_IDENTITIES:
      return at == AT_IDLE || (role == SERVER && at == AT_FIRST);
    case FIRST_STEP:
      return at == AT_IDLE;
    case SECOND_STEP:
      return at == AT_IDLE || at == AT_FIRST;
    default:
      return false; /* the peer has not offered to be asked later; pending, or taken before */
  }
}

/* The connection is as if the refused call had not been made. */
static void expect_undisturbed(pair *both, role role, point at) {
  end *self = &both->ends[role], *other = &both->ends[!role];
  if (at == AT_NEW || at == AT_ENDED) return;
  if (at == AT_OPEN) {
    bytes hello = text_bytes("hello"), got;
    check(write_all((output_stream){self->of[OUTPUT]}, hello) == IO_OK, "write");
    check(read_some((input_stream){other->of[INPUT]}, 5, &got) == IO_OK && got.len == 5, "read");
    guest_list_u8_free(&got);
    return;
  }
  check(open_both(both), "the handshake goes on");
}

static void check_cell(role role, point at, call call) {
  /* The request may have come along with what the first step waited for. */
  if (at == AT_SECOND_WAIT && call == SECOND_AGAIN) return;
  pair both = pair_at(role, at);
  end *self = &both.ends[role];
  if (!needs_handshake(call) || self->of[HANDSHAKE] != 0) {
    bool done = perform(self, call);
    if (done != is_legal(role, at, call)) {
      printf("role %d, point %d, call %d: %s\n", role, at, call, done ? "allowed" : "refused");
      check(false, "order");
    }
    if (!done) expect_undisturbed(&both, role, at);
  }
  drop_pair(&both);
}

/* finish and abort can be called whenever there is a handshake. A failed one's future has failed. */
static void check_endings(role role, point at) {
  pair both = pair_at(role, at);
  end *self = &both.ends[role], *other = &both.ends[!role];
  if (self->of[HANDSHAKE] != 0) {
    finish(self);
    if (at == AT_ENDED) check(is_ready(self->of[FINISH_POLLABLE]) && !take_streams(self), "finish after the end");
  }
  drop_pair(&both);
  both = pair_at(role, at);
  if (self->of[HANDSHAKE] != 0) {
    abort_handshake(self);
    check(drive(self, ABORT_POLLABLE, other, KINDS - 1), "abort");
    check(!begin(self), "begin after abort");
  }
  drop_pair(&both);
}

void scenario_order(const arguments *all) {
  check(all->count == 0, "arguments");
  for (role role = CLIENT; role <= SERVER; role++) {
    for (point at = AT_NEW; at < POINTS; at++) {
      for (call call = BEGIN; call < CALLS; call++) check_cell(role, at, call);
      check_endings(role, at);
    }
  }
}

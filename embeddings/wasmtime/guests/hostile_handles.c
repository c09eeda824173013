/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The calls of either role by bare numbers, and the drops. */
#include "shared/hostile.h"

#define CLIENT_CONNECTION(self) ((wasi_tls_types_borrow_client_connection_t){(self)->of[CONNECTION]})
#define SERVER_CONNECTION(self) ((wasi_tls_types_borrow_server_connection_t){(self)->of[CONNECTION]})
#define CLIENT_HANDSHAKE(self) ((wasi_tls_types_borrow_client_handshake_t){(self)->of[HANDSHAKE]})
#define SERVER_HANDSHAKE(self) ((wasi_tls_types_borrow_server_handshake_t){(self)->of[HANDSHAKE]})

static bool begin_client(end *self) {
  wasi_tls_types_own_client_handshake_t made;
  wasi_tls_types_borrow_private_identity_t id = wasi_tls_types_borrow_private_identity(own_identity(CLIENT));
  wasi_tls_types_list_borrow_private_identity_t ids = {&id, 1};
  guest_string_t name = text("localhost");
  if (!wasi_tls_types_method_client_connection_connect(CLIENT_CONNECTION(self), &name, &made)) return false;
  self->of[HANDSHAKE] = made.__handle;
  return wasi_tls_types_method_client_handshake_configure_client_identities(CLIENT_HANDSHAKE(self), &ids);
}

static bool begin_server(end *self) {
  wasi_tls_types_own_server_handshake_t made;
  wasi_tls_types_borrow_private_identity_t id = wasi_tls_types_borrow_private_identity(own_identity(SERVER));
  wasi_tls_types_list_borrow_private_identity_t ids = {&id, 1};
  if (!wasi_tls_types_method_server_connection_accept(SERVER_CONNECTION(self), &made)) return false;
  self->of[HANDSHAKE] = made.__handle;
  return wasi_tls_types_method_server_handshake_configure_server_identities(SERVER_HANDSHAKE(self), &ids);
}

bool begin(end *self) {
  return self->role == CLIENT ? begin_client(self) : begin_server(self);
}

/* Keeps a future that was made, and a pollable of it. */
#define KEEP(self, what, made, type)   \
  ((self)->of[what] = (made).__handle, \
   (self)->of[what##_POLLABLE] =       \
       wasi_tls_types_method_##type##_subscribe((wasi_tls_types_borrow_##type##_t){(made).__handle}).__handle)

bool first_step(end *self) {
  if (self->role == CLIENT) {
    wasi_tls_types_own_future_public_identity_t made;
    if (!wasi_tls_types_method_client_handshake_verify_server_identity(CLIENT_HANDSHAKE(self), &made)) return false;
    KEEP(self, FIRST, made, future_public_identity);
  } else {
    wasi_tls_types_own_future_client_hello_t made;
    if (!wasi_tls_types_method_server_handshake_receive_client_hello(SERVER_HANDSHAKE(self), &made)) return false;
    KEEP(self, FIRST, made, future_client_hello);
  }
  return true;
}

bool second_step(end *self) {
  if (self->role == CLIENT) {
    wasi_tls_types_own_future_client_identity_request_t made;
    if (!wasi_tls_types_method_client_handshake_receive_client_identity_request(CLIENT_HANDSHAKE(self), &made))
      return false;
    KEEP(self, SECOND, made, future_client_identity_request);
  } else {
    wasi_tls_types_own_future_public_identity_t made;
    if (!wasi_tls_types_method_server_handshake_request_client_identity(SERVER_HANDSHAKE(self), &made)) return false;
    KEEP(self, SECOND, made, future_public_identity);
  }
  return true;
}

void finish(end *self) {
  wasi_tls_types_own_future_streams_t made =
      self->role == CLIENT ? wasi_tls_types_static_client_handshake_finish((client_handshake){self->of[HANDSHAKE]})
                           : wasi_tls_types_static_server_handshake_finish((server_handshake){self->of[HANDSHAKE]});
  self->of[HANDSHAKE] = 0;
  KEEP(self, FINISH, made, future_streams);
}

void abort_handshake(end *self) {
  pollable made = self->role == CLIENT
                      ? wasi_tls_types_static_client_handshake_abort((client_handshake){self->of[HANDSHAKE]})
                      : wasi_tls_types_static_server_handshake_abort((server_handshake){self->of[HANDSHAKE]});
  self->of[HANDSHAKE] = 0;
  self->of[ABORT_POLLABLE] = made.__handle;
}

/* take_KIND: the outcome of a future that is there: its handle, or 0 for none. False if it is not there, or failed. */
#define DEFINE_TAKE(kind, outcome_type, result)                                                                 \
  static bool take_##kind(handle future, handle *taken) {                                                       \
    outcome_type outcome;                                                                                       \
    bool there =                                                                                                \
        wasi_tls_types_method_future_##kind##_get((wasi_tls_types_borrow_future_##kind##_t){future}, &outcome); \
    if (!there || outcome.is_err || outcome.val.ok.is_err) return false;                                        \
    *taken = result;                                                                                            \
    return true;                                                                                                \
  }

#define OPTIONAL (outcome.val.ok.val.ok.is_some ? outcome.val.ok.val.ok.val.__handle : 0)

DEFINE_TAKE(client_hello, wasi_tls_types_result_result_own_client_hello_void_void_t, outcome.val.ok.val.ok.__handle)
DEFINE_TAKE(public_identity, wasi_tls_types_result_result_option_own_public_identity_void_void_t, OPTIONAL)
DEFINE_TAKE(client_identity_request, wasi_tls_types_result_result_option_own_client_identity_request_void_void_t,
            OPTIONAL)

bool take_first(end *self) {
  handle *result = &self->of[FIRST_RESULT];
  return self->role == CLIENT ? take_public_identity(self->of[FIRST], result)
                              : take_client_hello(self->of[FIRST], result);
}

bool take_second(end *self) {
  handle *result = &self->of[SECOND_RESULT];
  return self->role == CLIENT ? take_client_identity_request(self->of[SECOND], result)
                              : take_public_identity(self->of[SECOND], result);
}

bool take_streams(end *self) {
  wasi_tls_types_result_result_tuple2_own_input_stream_own_output_stream_void_void_t outcome;
  bool there =
      wasi_tls_types_method_future_streams_get((wasi_tls_types_borrow_future_streams_t){self->of[FINISH]}, &outcome);
  if (!there || outcome.is_err || outcome.val.ok.is_err) return false;
  self->of[INPUT] = outcome.val.ok.val.ok.f0.__handle;
  self->of[OUTPUT] = outcome.val.ok.val.ok.f1.__handle;
  return true;
}

bool is_ready(handle index) {
  return wasi_io_poll_method_pollable_ready((wasi_io_poll_borrow_pollable_t){index});
}

#define DEFINE_DROP(name, interface)                                    \
  static void drop_##name(handle index) {                               \
    interface##_##name##_drop_own((interface##_own_##name##_t){index}); \
  }

DEFINE_DROP(client_connection, wasi_tls_types)
DEFINE_DROP(client_handshake, wasi_tls_types)
DEFINE_DROP(client_hello, wasi_tls_types)
DEFINE_DROP(client_identity_request, wasi_tls_types)
DEFINE_DROP(server_connection, wasi_tls_types)
DEFINE_DROP(server_handshake, wasi_tls_types)
DEFINE_DROP(public_identity, wasi_tls_types)
DEFINE_DROP(future_client_hello, wasi_tls_types)
DEFINE_DROP(future_client_identity_request, wasi_tls_types)
DEFINE_DROP(future_public_identity, wasi_tls_types)
DEFINE_DROP(future_streams, wasi_tls_types)
DEFINE_DROP(input_stream, wasi_io_streams)
DEFINE_DROP(output_stream, wasi_io_streams)
DEFINE_DROP(pollable, wasi_io_poll)

#define DROPS(connection, handshake, first, first_result, second, second_result)                               \
  {                                                                                                            \
    [CONNECTION] = drop_##connection, [HANDSHAKE] = drop_##handshake, [FIRST] = drop_##first,                  \
    [FIRST_POLLABLE] = drop_pollable, [FIRST_RESULT] = drop_##first_result, [SECOND] = drop_##second,          \
    [SECOND_POLLABLE] = drop_pollable, [SECOND_RESULT] = drop_##second_result, [FINISH] = drop_future_streams, \
    [FINISH_POLLABLE] = drop_pollable, [INPUT] = drop_input_stream, [INPUT_POLLABLE] = drop_pollable,          \
    [OUTPUT] = drop_output_stream, [OUTPUT_POLLABLE] = drop_pollable, [ABORT_POLLABLE] = drop_pollable         \
  }

void drop_one(end *self, kind what) {
  static void (*const drops[2][KINDS])(handle) = {
      [CLIENT] = DROPS(client_connection, client_handshake, future_public_identity, public_identity,
                       future_client_identity_request, client_identity_request),
      [SERVER] = DROPS(server_connection, server_handshake, future_client_hello, client_hello, future_public_identity,
                       public_identity),
  };
  if (self->of[what] == 0) return;
  drops[self->role][what](self->of[what]);
  self->of[what] = 0;
}

void drop_end(end *self) {
  for (int what = KINDS - 1; what >= 0; what--) drop_one(self, (kind)what);
}

void drop_pair(pair *both) {
  drop_end(&both->ends[CLIENT]);
  drop_end(&both->ends[SERVER]);
}

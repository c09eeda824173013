/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 *   forged WHICH
 *
 * Handles, pointers and strings that no binding generator would pass on. Each of them traps.
 */
#include <stdlib.h>
#include <string.h>

#include "shared/hostile.h"

typedef struct forgery {
  const char *name;
  void (*commit)(void);
} forgery;

static void finish_twice(void) {
  pair both = pair_at(CLIENT, AT_IDLE);
  end before = both.ends[CLIENT];
  finish(&both.ends[CLIENT]);
  drop_one(&both.ends[CLIENT], FINISH_POLLABLE); /* so that the number is not given to another one of the type */
  finish(&before);
}

static void step_after_finish(void) {
  pair both = pair_at(SERVER, AT_IDLE);
  end before = both.ends[SERVER];
  finish(&both.ends[SERVER]);
  first_step(&before);
}

static void step_after_abort(void) {
  pair both = pair_at(CLIENT, AT_IDLE);
  end before = both.ends[CLIENT];
  abort_handshake(&both.ends[CLIENT]);
  second_step(&before);
}

static void respond_twice(void) {
  pair both = pair_at(CLIENT, AT_SECOND);
  wasi_tls_types_list_borrow_private_identity_t none = {NULL, 0};
  identity_request request = {both.ends[CLIENT].of[SECOND_RESULT]};
  wasi_tls_types_static_client_identity_request_respond(request, &none);
  wasi_tls_types_static_client_identity_request_respond(request, &none);
}

static void drop_twice(void) {
  pair both = pair_at(SERVER, AT_FIRST_WAIT);
  end before = both.ends[SERVER];
  drop_one(&both.ends[SERVER], FIRST);
  drop_one(&before, FIRST);
}

static void made_up(void) {
  end self = {.role = CLIENT, .of = {[CONNECTION] = 123456}};
  begin(&self);
}

static void negative(void) {
  end self = {.role = SERVER, .of = {[CONNECTION] = -1}};
  begin(&self);
}

static void other_type(void) {
  pair both = pair_at(CLIENT, AT_IDLE);
  end mixed = {.role = SERVER, .of = {[HANDSHAKE] = both.ends[CLIENT].of[HANDSHAKE]}};
  finish(&mixed);
}

/* With every kind of handle as a connection's raw stream. */
static void pollable_as_stream(void) {
  streams raw = standard_streams();
  new_end(CLIENT, (streams){{subscribe_input(raw.input).__handle}, raw.output});
}

static void stream_before_pollable(void) {
  pair both = pair_at(CLIENT, AT_OPEN);
  subscribe_input((input_stream){both.ends[CLIENT].of[INPUT]});
  drop_one(&both.ends[CLIENT], INPUT);
}

static void output_before_pollable(void) {
  pair both = pair_at(SERVER, AT_OPEN);
  subscribe_output((output_stream){both.ends[SERVER].of[OUTPUT]});
  drop_one(&both.ends[SERVER], OUTPUT);
}

static void dropped_stream(void) {
  streams raw = standard_streams();
  wasi_io_streams_input_stream_drop_own(raw.input);
  new_end(CLIENT, raw);
}

static void stream_with_pollable(void) {
  streams raw = standard_streams();
  subscribe_input(raw.input);
  new_end(CLIENT, raw);
}

static void output_with_pollable(void) {
  streams raw = standard_streams();
  subscribe_output(raw.output);
  new_end(SERVER, raw);
}

static void stream_twice(void) {
  streams raw = standard_streams();
  new_end(CLIENT, raw);
  raw.output = wasi_cli_stdout_get_stdout();
  new_end(CLIENT, raw);
}

static void cleartext_twice(void) {
  pair both = pair_at(CLIENT, AT_OPEN);
  pair copy = both;
  pair_inside(&both);
  pair_inside(&copy);
}

static void text_out_of_bounds(void) {
  pair both = pair_at(CLIENT, AT_NEW);
  wasi_tls_types_own_client_handshake_t made;
  guest_string_t name = {(uint8_t *)0xfffffff0, 64};
  wasi_tls_types_method_client_connection_connect(
      (wasi_tls_types_borrow_client_connection_t){both.ends[CLIENT].of[CONNECTION]}, &name, &made);
}

static void text_not_utf8(void) {
  pair both = pair_at(CLIENT, AT_NEW);
  wasi_tls_types_own_client_handshake_t made;
  guest_string_t name = text("caf\xe9.test");
  wasi_tls_types_method_client_connection_connect(
      (wasi_tls_types_borrow_client_connection_t){both.ends[CLIENT].of[CONNECTION]}, &name, &made);
}

static void list_out_of_bounds(void) {
  private_identity made;
  guest_list_u8_t key = {(uint8_t *)16, 0xf0000000};
  guest_list_list_u8_t chain = {&key, 1};
  wasi_tls_types_static_private_identity_parse(&key, &chain, &made);
}

static void elements_out_of_bounds(void) {
  private_identity made;
  guest_list_u8_t key = text_bytes("key");
  guest_list_list_u8_t chain = {(guest_list_u8_t *)16, 0x40000000};
  wasi_tls_types_static_private_identity_parse(&key, &chain, &made);
}

static void lent_handle_gone(void) {
  pair both = pair_at(SERVER, AT_IDLE);
  wasi_tls_types_borrow_private_identity_t lent[2] = {wasi_tls_types_borrow_private_identity(own_identity(SERVER)),
                                                      {9999}};
  wasi_tls_types_list_borrow_private_identity_t ids = {lent, 2};
  wasi_tls_types_method_server_handshake_configure_server_identities(
      (wasi_tls_types_borrow_server_handshake_t){both.ends[SERVER].of[HANDSHAKE]}, &ids);
}

/* The runtime counts how often a handle is lent. */
static void lent_too_often(void) {
  enum { COUNT = 100000 };
  pair both = pair_at(SERVER, AT_IDLE);
  wasi_tls_types_list_borrow_private_identity_t ids = {calloc(COUNT, sizeof(*ids.ptr)), COUNT};
  check(ids.ptr != NULL, "memory");
  for (size_t i = 0; i < COUNT; i++) ids.ptr[i] = wasi_tls_types_borrow_private_identity(own_identity(SERVER));
  wasi_tls_types_method_server_handshake_configure_server_identities(
      (wasi_tls_types_borrow_server_handshake_t){both.ends[SERVER].of[HANDSHAKE]}, &ids);
}

/* A hundred thousand times the same ten megabytes: a terabyte, if the host copied it. */
static void repeated_megabytes(void) {
  enum { COUNT = 100000, SIZE = 10 << 20 };
  pair both = pair_at(CLIENT, AT_IDLE);
  wasi_tls_types_alpn_id_t *ids = calloc(COUNT, sizeof(*ids));
  uint8_t *data = calloc(SIZE, 1);
  check(ids != NULL && data != NULL, "memory");
  for (size_t i = 0; i < COUNT; i++) ids[i] = (wasi_tls_types_alpn_id_t){data, SIZE};
  wasi_tls_types_list_alpn_id_t list = {ids, COUNT};
  wasi_tls_types_method_client_handshake_configure_alpn_ids(
      (wasi_tls_types_borrow_client_handshake_t){both.ends[CLIENT].of[HANDSHAKE]}, &list);
}

static void alert_out_of_range(void) {
  pair both = pair_at(CLIENT, AT_IDLE);
  wasi_tls_types_static_client_handshake_abort_with((client_handshake){both.ends[CLIENT].of[HANDSHAKE]}, 99);
}

static void empty_poll(void) {
  wasi_io_poll_list_borrow_pollable_t list = {NULL, 0};
  guest_list_u32_t indices;
  pair_at(CLIENT, AT_OPEN);
  wasi_io_poll_poll(&list, &indices);
}

/* Everything at once, and all of it left behind. */
static void unreachable(void) {
  for (role role = CLIENT; role <= SERVER; role++)
    for (point at = AT_NEW; at < POINTS; at++) pair_at(role, at);
  pair outer = pair_at(CLIENT, AT_OPEN);
  pair inner = pair_inside(&outer);
  check(open_both(&inner), "handshake");
  subscribe_input((input_stream){inner.ends[CLIENT].of[INPUT]});
  __builtin_trap();
}

#define FORGERY(name) \
  { #name, name }

static const forgery forgeries[] = {
    FORGERY(finish_twice),
    FORGERY(step_after_finish),
    FORGERY(step_after_abort),
    FORGERY(respond_twice),
    FORGERY(drop_twice),
    FORGERY(made_up),
    FORGERY(negative),
    FORGERY(other_type),
    FORGERY(pollable_as_stream),
    FORGERY(dropped_stream),
    FORGERY(stream_before_pollable),
    FORGERY(output_before_pollable),
    FORGERY(stream_twice),
    FORGERY(stream_with_pollable),
    FORGERY(output_with_pollable),
    FORGERY(cleartext_twice),
    FORGERY(text_out_of_bounds),
    FORGERY(text_not_utf8),
    FORGERY(list_out_of_bounds),
    FORGERY(elements_out_of_bounds),
    FORGERY(lent_handle_gone),
    FORGERY(repeated_megabytes),
    FORGERY(alert_out_of_range),
    FORGERY(empty_poll),
    FORGERY(unreachable),
    FORGERY(lent_too_often),
};

void scenario_forged(const arguments *all) {
  for (size_t i = 0; i < sizeof(forgeries) / sizeof(forgeries[0]); i++)
    if (strcmp(forgeries[i].name, argument(all, 0)) == 0) forgeries[i].commit();
}

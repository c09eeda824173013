/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * What no client of wasi:tls@0.2.0-draft should do.
 *
 *   hostile_draft02 HOST PORT        all that ends well: every order of dropping, names that are none, calls too late
 *   hostile_draft02 HOST PORT WHICH  one of those that trap: finish-twice, drop-twice, close-later, beyond
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/tcp.h"

typedef wasi_tls_types_own_client_connection_t client_connection;
typedef wasi_tls_types_own_client_handshake_t client_handshake;
typedef wasi_tls_types_own_future_client_streams_t future_streams;
typedef wasi_tls_types_result_result_tuple3_own_client_connection_own_input_stream_own_output_stream_own_io_error_void_t
    outcome;

typedef struct open {
  client_connection connection;
  streams tls;
} open;

static client_handshake new_handshake(char **peer, guest_string_t name) {
  tcp_connection tcp = tcp_connect(peer[0], peer[1]);
  client_handshake made = wasi_tls_types_constructor_client_handshake(&name, tcp.raw.input, tcp.raw.output);
  tcp_drop(tcp.socket);
  return made;
}

static bool get(future_streams future, outcome *result) {
  return wasi_tls_types_method_future_client_streams_get(wasi_tls_types_borrow_future_client_streams(future), result);
}

static pollable subscribe(future_streams future) {
  return wasi_tls_types_method_future_client_streams_subscribe(wasi_tls_types_borrow_future_client_streams(future));
}

/* Taken once; after that there is only an error. */
static void take(future_streams future, open *taken) {
  outcome result;
  block(subscribe(future));
  check(get(future, &result) && !result.is_err && !result.val.ok.is_err, "handshake");
  *taken = (open){result.val.ok.val.ok.f0, {result.val.ok.val.ok.f1, result.val.ok.val.ok.f2}};
  check(get(future, &result) && result.is_err, "the streams once more");
}

static void close_output(client_connection connection) {
  wasi_tls_types_method_client_connection_close_output(wasi_tls_types_borrow_client_connection(connection));
}

/* The order of this number, with the output closed before the drop of this number, or never. */
static void drop_open(char **peer, size_t order, size_t closed_before) {
  future_streams future = wasi_tls_types_static_client_handshake_finish(new_handshake(peer, text("localhost")));
  open it;
  size_t left[4] = {0, 1, 2, 3};
  take(future, &it);
  for (size_t count = 4; count > 0; count--) {
    size_t chosen = order % count, what = left[chosen];
    order /= count;
    left[chosen] = left[count - 1];
    /* The connection may be gone by then. */
    if (4 - count == closed_before && it.connection.__handle != 0) close_output(it.connection);
    if (what == 0) wasi_tls_types_future_client_streams_drop_own(future);
    if (what == 1) wasi_io_streams_input_stream_drop_own(it.tls.input);
    if (what == 2) wasi_io_streams_output_stream_drop_own(it.tls.output);
    if (what == 3) wasi_tls_types_client_connection_drop_own(it.connection);
    if (what == 3) it.connection.__handle = 0;
  }
}

/* Before there is anything to have: the handshake alone, and future and pollable in either order. */
static void drop_early(char **peer) {
  wasi_tls_types_client_handshake_drop_own(new_handshake(peer, text("localhost")));
  for (int future_first = 0; future_first < 2; future_first++) {
    future_streams future = wasi_tls_types_static_client_handshake_finish(new_handshake(peer, text("localhost")));
    pollable waited = subscribe(future);
    if (future_first) wasi_tls_types_future_client_streams_drop_own(future);
    wasi_io_poll_method_pollable_ready(wasi_io_poll_borrow_pollable(waited));
    wasi_io_poll_pollable_drop_own(waited);
    if (!future_first) wasi_tls_types_future_client_streams_drop_own(future);
  }
}

/* A name that is none is told by the future. */
static void expect_refused(char **peer, guest_string_t name) {
  outcome result;
  future_streams future = wasi_tls_types_static_client_handshake_finish(new_handshake(peer, name));
  block(subscribe(future));
  check(get(future, &result) && !result.is_err && result.val.ok.is_err, "a name that is none");
  wasi_io_error_error_drop_own(result.val.ok.val.err);
  check(get(future, &result) && result.is_err, "the error once more");
  wasi_tls_types_future_client_streams_drop_own(future);
}

static void refused_names(char **peer) {
  enum { HUGE = 10 << 20 };
  guest_string_t huge = {malloc(HUGE), HUGE};
  check(huge.ptr != NULL, "memory");
  memset(huge.ptr, 'a', HUGE);
  expect_refused(peer, huge);
  expect_refused(peer, text(""));
  expect_refused(peer, text("a..b"));
  guest_string_free(&huge);
}

static void trap(char **peer, const char *which) {
  client_handshake handshake = new_handshake(peer, text("localhost"));
  future_streams future = wasi_tls_types_static_client_handshake_finish(handshake);
  open it;
  if (strcmp(which, "finish-twice") == 0) wasi_tls_types_static_client_handshake_finish(handshake);
  take(future, &it);
  if (strcmp(which, "beyond") == 0) {
    static uint8_t data[1 << 20];
    close_output(it.connection);
    write_now(it.tls.output, (bytes){data, sizeof(data)}); /* closed: an error, and no trap */
    printf("still here\n");
    fflush(stdout);
    wasi_io_streams_stream_error_t error;
    wasi_io_streams_method_output_stream_blocking_write_zeroes_and_flush(
        wasi_io_streams_borrow_output_stream(it.tls.output), UINT64_MAX, &error);
  }
  wasi_tls_types_client_connection_drop_own(it.connection);
  if (strcmp(which, "drop-twice") == 0) wasi_tls_types_client_connection_drop_own(it.connection);
  if (strcmp(which, "close-later") == 0) close_output(it.connection);
}

int main(int argc, char **argv) {
  enum { ORDERS = 24, DROPS = 4 };
  if (argc < 3) {
    fprintf(stderr, "usage: hostile_draft02 HOST PORT [WHICH]\n");
    return EXIT_FAILURE;
  }
  if (argc > 3) {
    trap(argv + 1, argv[3]);
    return EXIT_SUCCESS;
  }
  drop_early(argv + 1);
  refused_names(argv + 1);
  for (size_t order = 0; order < ORDERS; order++) drop_open(argv + 1, order, order % (DROPS + 1));
  return EXIT_SUCCESS;
}

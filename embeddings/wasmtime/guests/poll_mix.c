/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * TLS, TCP and a timer in one list: each wakes the program when it should, and only then.
 *
 *   poll_mix HOST TLSPORT TCPPORT
 *
 * The peer on TCPPORT is told what to make happen next, one word a line: "tcp" (a byte from there), "future" (the
 * handshake may go on), "input" (a byte on the TLS connection), "both" (one on each). Each line that is printed says
 * what was expected, and which were ready.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/tcp.h"
#include "shared/tls.h"

enum { TLS, TCP, TIMER, COUNT };

static const char *const names[COUNT] = {"tls", "tcp", "timer"};

static pollable after(unsigned milliseconds) {
  return wasi_clocks_monotonic_clock_subscribe_duration((uint64_t)milliseconds * 1000 * 1000);
}

static void tell(output_stream control, const char *word) {
  char line[32];
  snprintf(line, sizeof(line), "%s\n", word);
  check(write_all(control, text_bytes(line)) == IO_OK, "tell");
}

static void print_ready(const char *expected, const bool *ready) {
  printf("%s:", expected);
  for (size_t i = 0; i < COUNT; i++)
    if (ready[i]) printf(" %s", names[i]);
  printf("\n");
  fflush(stdout);
}

/* One poll of all three. |tls| is a pollable of the handshake or of the cleartext. */
static void wait(const char *expected, pollable tls, input_stream tcp, unsigned milliseconds) {
  pollable waited[COUNT] = {[TLS] = tls, [TCP] = subscribe_input(tcp), [TIMER] = after(milliseconds)};
  bool ready[COUNT];
  poll_all(waited, ready, COUNT);
  print_ready(expected, ready);
  drop_all(waited, COUNT);
}

/* As wait, over and over until TLS and TCP have both come up, and are still there. */
static void wait_for_both(streams tls, streams tcp) {
  bool ready[COUNT] = {false};
  while (!ready[TLS] || !ready[TCP]) {
    pollable waited[COUNT] = {
        [TLS] = subscribe_input(tls.input), [TCP] = subscribe_input(tcp.input), [TIMER] = after(10000)};
    poll_all(waited, ready, COUNT);
    check(!ready[TIMER], "both");
    drop_all(waited, COUNT);
  }
  print_ready("both", ready);
}

static size_t take(input_stream input) {
  bytes chunk;
  check(read_now(input, 100, &chunk) == IO_OK, "read");
  size_t len = chunk.len;
  guest_list_u8_free(&chunk);
  return len;
}

/* A socket counts as ready until a read has found nothing; cleartext does not. */
static void take_one(streams from, bool socket) {
  check(take(from.input) == 1, "one byte");
  if (socket) check(take(from.input) == 0, "only one byte");
}

static const unsigned SOON = 100;
static const unsigned LATE = 10000;

/* While the server's answer is held back. */
static streams during_the_handshake(client_handshake handshake, streams tcp) {
  wasi_tls_types_own_future_streams_t future = wasi_tls_types_static_client_handshake_finish(handshake);
  wasi_tls_types_borrow_future_streams_t borrowed = wasi_tls_types_borrow_future_streams(future);
  wait("timer", wasi_tls_types_method_future_streams_subscribe(borrowed), tcp.input, SOON);
  tell(tcp.output, "tcp");
  wait("tcp", wasi_tls_types_method_future_streams_subscribe(borrowed), tcp.input, LATE);
  take_one(tcp, true);
  tell(tcp.output, "future");
  wait("future", wasi_tls_types_method_future_streams_subscribe(borrowed), tcp.input, LATE);
  streams tls;
  check(await_streams(future, &tls), "handshake");
  return tls;
}

/* The server has sent what comes behind a handshake, such as tickets: that is no cleartext. */
static void after_the_handshake(streams tls, streams tcp) {
  wait("timer", subscribe_input(tls.input), tcp.input, SOON);
  tell(tcp.output, "input");
  wait("input", subscribe_input(tls.input), tcp.input, LATE);
  take_one(tls, false);
  tell(tcp.output, "tcp");
  wait("tcp", subscribe_input(tls.input), tcp.input, LATE);
  take_one(tcp, true);
  tell(tcp.output, "both");
  wait_for_both(tls, tcp);
  take_one(tcp, true);
  take_one(tls, false);
  wait("timer", subscribe_input(tls.input), tcp.input, SOON);
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: poll_mix HOST TLSPORT TCPPORT\n");
    return EXIT_FAILURE;
  }
  tcp_connection plain = tcp_connect(argv[1], argv[3]);
  tcp_connection under = tcp_connect(argv[1], argv[2]);
  client_handshake handshake;
  client_connection connection = tls_client(under.raw, argv[1], &handshake);
  streams tls = during_the_handshake(handshake, plain.raw);
  after_the_handshake(tls, plain.raw);

  drop_streams(tls);
  wasi_tls_types_client_connection_drop_own(connection);
  tcp_drop(under.socket);
  drop_streams(plain.raw);
  tcp_drop(plain.socket);
  return EXIT_SUCCESS;
}

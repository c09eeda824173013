/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Many connections in one program: all handshakes at once, all connections open at once, a request on each, then on
 * each again, last one first.
 *
 *   many_connections HOST PORT COUNT
 *
 * Expects answers that end with "end\n", and prints the last one of each round.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/tcp.h"
#include "shared/tls.h"

typedef struct one {
  tcp_connection tcp;
  client_connection connection;
  wasi_tls_types_own_future_streams_t future;
  streams tls;
  char answer[1024];
  size_t len;
} one;

static void start(one *self, const char *host, const char *port) {
  client_handshake handshake;
  self->tcp = tcp_connect(host, port);
  self->connection = tls_client(self->tcp.raw, host, &handshake);
  self->future = wasi_tls_types_static_client_handshake_finish(handshake);
}

/* Calls |advance| for each that |subscribe|d and is ready, until all have said that they are done. */
static void run_all(one *all, size_t count, pollable (*subscribe)(const one *), bool (*advance)(one *)) {
  one *left[count];
  pollable waited[count];
  bool ready[count];
  for (size_t i = 0; i < count; i++) left[i] = &all[i];
  while (count > 0) {
    for (size_t i = 0; i < count; i++) waited[i] = subscribe(left[i]);
    poll_all(waited, ready, count);
    drop_all(waited, count);
    size_t rest = 0;
    for (size_t i = 0; i < count; i++)
      if (!ready[i] || !advance(left[i])) left[rest++] = left[i];
    count = rest;
  }
}

static pollable subscribe_future(const one *self) {
  return wasi_tls_types_method_future_streams_subscribe(wasi_tls_types_borrow_future_streams(self->future));
}

static bool take_streams(one *self) {
  check(await_streams(self->future, &self->tls), "handshake");
  return true;
}

static pollable subscribe_answer(const one *self) {
  return subscribe_input(self->tls.input);
}

static bool take_answer(one *self) {
  bytes chunk;
  check(read_now(self->tls.input, sizeof(self->answer) - 1 - self->len, &chunk) == IO_OK, "read");
  memcpy(self->answer + self->len, chunk.ptr, chunk.len);
  self->len += chunk.len;
  guest_list_u8_free(&chunk);
  self->answer[self->len] = '\0';
  return strstr(self->answer, "end\n") != NULL;
}

static void ask(one *self, const char *host) {
  char request[512];
  snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: %.255s\r\n\r\n", host);
  check(write_all(self->tls.output, text_bytes(request)) == IO_OK, "write");
  self->len = 0;
}

static void print_answer(const one *self) {
  const char *body = strstr(self->answer, "\r\n\r\n");
  check(body != NULL, "answer");
  printf("%s", body + 4);
}

static void end(one *self) {
  drop_streams(self->tls);
  wasi_tls_types_client_connection_drop_own(self->connection);
  tcp_drop(self->tcp.socket);
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: many_connections HOST PORT COUNT\n");
    return EXIT_FAILURE;
  }
  size_t count = (size_t)strtoul(argv[3], NULL, 10);
  one *all = calloc(count, sizeof(*all));
  check(all != NULL && count > 0, "count");
  for (size_t i = 0; i < count; i++) start(&all[i], argv[1], argv[2]);
  run_all(all, count, subscribe_future, take_streams);
  printf("open: %zu\n", count);

  for (size_t i = 0; i < count; i++) ask(&all[i], argv[1]);
  run_all(all, count, subscribe_answer, take_answer);
  print_answer(&all[count - 1]);
  for (size_t i = count; i > 0; i--) ask(&all[i - 1], argv[1]);
  run_all(all, count, subscribe_answer, take_answer);
  print_answer(&all[0]);

  for (size_t i = 0; i < count; i++) end(&all[i]);
  free(all);
  return EXIT_SUCCESS;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * What the benchmark lets a host do, on wasi:tls@0.2.0-draft.
 *
 *   bench_client HOST PORT handshakes COUNT   one after the other, each with its TCP connection
 *   bench_client HOST PORT receive BYTES      of the answer to "GET /"
 *   bench_client HOST PORT send BYTES
 *   bench_client HOST PORT idle COUNT         holds so many connections; with "idle-tcp" without TLS
 *
 * Prints "elapsed NANOSECONDS", or "holding" and then waits.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/tcp.h"
#include "shared/tls02.h"

enum { CHUNK = 65536 };

typedef struct one {
  tcp_connection tcp;
  client_connection connection;
  streams tls;
} one;

static one open_one(const char *host, const char *port) {
  one self = {.tcp = tcp_connect(host, port)};
  check(tls02_handshake(self.tcp.raw, host, &self.connection, &self.tls), "handshake");
  return self;
}

static void close_one(const one *self) {
  drop_streams(self->tls);
  wasi_tls_types_client_connection_drop_own(self->connection);
  tcp_drop(self->tcp.socket);
}

static void handshakes(const char *host, const char *port, size_t count) {
  for (size_t i = 0; i < count; i++) {
    one self = open_one(host, port);
    close_one(&self);
  }
}

static void receive(const one *self, size_t wanted) {
  check(write_all(self->tls.output, text_bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")) == IO_OK, "request");
  for (size_t count = 0; count < wanted;) {
    bytes chunk;
    check(read_some(self->tls.input, CHUNK, &chunk) == IO_OK, "read");
    count += chunk.len;
    guest_list_u8_free(&chunk);
  }
}

static void send_all(const one *self, size_t wanted) {
  static uint8_t data[CHUNK];
  pollable writable = subscribe_output(self->tls.output);
  for (size_t count = 0; count < wanted;) {
    size_t permit;
    check(write_permit(self->tls.output, &permit) == IO_OK, "check-write");
    if (permit == 0) {
      wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(writable));
      continue;
    }
    size_t len = permit < CHUNK ? permit : CHUNK;
    check(write_now(self->tls.output, (bytes){data, len}) == IO_OK, "write");
    count += len;
  }
  wasi_io_poll_pollable_drop_own(writable);
  check(write_all(self->tls.output, text_bytes("\n")) == IO_OK, "flush");
}

/* Connections that wait for the peer, which never says anything. */
static void hold(const char *host, const char *port, size_t count, bool with_tls) {
  pollable waited[count];
  bool ready[count];
  for (size_t i = 0; i < count; i++)
    waited[i] = subscribe_input(with_tls ? open_one(host, port).tls.input : tcp_connect(host, port).raw.input);
  puts("holding");
  fflush(stdout);
  poll_all(waited, ready, count);
  check(false, "waiting");
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: bench_client HOST PORT handshakes|receive|send|idle|idle-tcp COUNT\n");
    return EXIT_FAILURE;
  }
  const char *mode = argv[3];
  size_t count = strtoul(argv[4], NULL, 10);
  if (strncmp(mode, "idle", 4) == 0) hold(argv[1], argv[2], count, strcmp(mode, "idle") == 0);

  bool bulk = strcmp(mode, "handshakes") != 0;
  one self = {0};
  if (bulk) self = open_one(argv[1], argv[2]);
  uint64_t begin = wasi_clocks_monotonic_clock_now();
  if (!bulk) handshakes(argv[1], argv[2], count);
  if (strcmp(mode, "receive") == 0) receive(&self, count);
  if (strcmp(mode, "send") == 0) send_all(&self, count);
  printf("elapsed %llu\n", (unsigned long long)(wasi_clocks_monotonic_clock_now() - begin));
  return EXIT_SUCCESS;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Sends and receives at the same time, and never waits for one of them alone: whichever side can go on does.
 *
 *   duplex HOST PORT BYTES
 *
 * Sends that many bytes of one pattern, and expects as many of another; then says that no more comes, and expects the
 * same of the server. Says so when nothing moves for a while.
 */
#include <stdio.h>
#include <stdlib.h>

#include "shared/tcp.h"
#include "shared/tls.h"

typedef struct transfer {
  streams tls;
  size_t total;
  size_t sent;
  size_t received;
  bool held_back;
} transfer;

static uint8_t outgoing(size_t position) {
  return (uint8_t)(position * 31 % 251);
}

static uint8_t incoming(size_t position) {
  return (uint8_t)(position * 7 % 253);
}

static void send_some(transfer *self) {
  static uint8_t buffer[65536];
  size_t permit = 0;
  check(write_permit(self->tls.output, &permit) == IO_OK, "check-write");
  size_t len = self->total - self->sent;
  if (len > permit) len = permit;
  if (len > sizeof(buffer)) len = sizeof(buffer);
  if (len == 0) return;
  for (size_t i = 0; i < len; i++) buffer[i] = outgoing(self->sent + i);
  check(write_now(self->tls.output, (bytes){buffer, len}) == IO_OK, "write");
  self->sent += len;
}

static void receive_some(transfer *self) {
  bytes chunk;
  check(read_now(self->tls.input, 65536, &chunk) == IO_OK, "read");
  for (size_t i = 0; i < chunk.len; i++) check(chunk.ptr[i] == incoming(self->received + i), "content");
  self->received += chunk.len;
  guest_list_u8_free(&chunk);
}

/* So that what is on its way does not disappear in the kernel. */
static void use_a_small_buffer(tcp_socket socket) {
  wasi_sockets_network_error_code_t error;
  check(wasi_sockets_tcp_method_tcp_socket_set_send_buffer_size(wasi_sockets_tcp_borrow_tcp_socket(socket), 16384,
                                                                &error),
        "buffer");
}

/* Waits until one side that is not done can go on. Says so when that takes long for the first time. */
static void wait_for_either(transfer *self) {
  static const uint64_t LONG = 200 * 1000 * 1000; /* ns */
  pollable waited[3];
  bool ready[3];
  size_t count = 0;
  if (self->sent < self->total) waited[count++] = subscribe_output(self->tls.output);
  if (self->received < self->total) waited[count++] = subscribe_input(self->tls.input);
  size_t sides = count;
  if (!self->held_back) waited[count++] = wasi_clocks_monotonic_clock_subscribe_duration(LONG);
  poll_all(waited, ready, count);
  drop_all(waited, count);
  if (!ready[0] && !ready[sides - 1]) {
    self->held_back = true;
    printf("held back\n");
    fflush(stdout);
  }
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: duplex HOST PORT BYTES\n");
    return EXIT_FAILURE;
  }
  tcp_connection tcp = tcp_connect(argv[1], argv[2]);
  use_a_small_buffer(tcp.socket);
  client_handshake handshake;
  client_connection connection = tls_client(tcp.raw, argv[1], &handshake);
  transfer self = {.total = (size_t)strtoul(argv[3], NULL, 10)};
  check(await_streams(wasi_tls_types_static_client_handshake_finish(handshake), &self.tls), "handshake");

  while (self.sent < self.total || self.received < self.total) {
    if (self.sent < self.total) send_some(&self);
    if (self.received < self.total) receive_some(&self);
    if (self.sent < self.total || self.received < self.total) wait_for_either(&self);
  }
  bytes rest;
  wasi_io_streams_output_stream_drop_own(self.tls.output);
  check(read_some(self.tls.input, 1, &rest) == IO_CLOSED, "close");
  printf("sent %zu, received %zu\n", self.sent, self.received);

  wasi_io_streams_input_stream_drop_own(self.tls.input);
  wasi_tls_types_client_connection_drop_own(connection);
  tcp_drop(tcp.socket);
  return EXIT_SUCCESS;
}

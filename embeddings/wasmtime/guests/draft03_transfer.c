/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * A client of wasi:tls@0.3.0-draft that moves bytes, and says how that went.
 *
 *   draft03_transfer duplex HOST PORT BYTES   sends that many of one pattern and expects as many of another, at once
 *   draft03_transfer echo HOST PORT BYTES     sends them, closes, and only then expects them back
 *   draft03_transfer ready HOST PORT BYTES    waits for readiness before it reads so many, and then writes
 *   draft03_transfer late HOST PORT BYTES     does not read for a second, and then expects them
 *   draft03_transfer deaf HOST PORT BYTES     sends them, and has dropped what it receives before
 *   draft03_transfer stalled HOST PORT BYTES  writes to a server that does not read, up to so many; then lets go
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/tcp03.h"
#include "shared/tls03.h"

enum { CHUNK = 65536, A_WHILE = 300 /* milliseconds */ };

typedef struct connection {
  tcp_socket tcp;
  side out;
  side in;
  operation sending;
  size_t total;
  size_t sent;
  size_t received;
  size_t waits; /* for a write to go on */
} connection;

static uint8_t outgoing(size_t position) {
  return (uint8_t)(position * 31 % 251);
}

static uint8_t incoming(size_t position) {
  return (uint8_t)(position * 7 % 253);
}

static operation start_write(connection *self) {
  static uint8_t buffer[CHUNK];
  size_t len = self->total - self->sent;
  if (len > sizeof(buffer)) len = sizeof(buffer);
  for (size_t i = 0; i < len; i++) buffer[i] = outgoing(self->sent + i);
  operation write = write_to(self->out.in, buffer, len);
  self->waits += !write.over;
  return write;
}

static uint8_t read_buffer[CHUNK];

static operation start_read(connection *self) {
  return read_from(self->in.out, read_buffer, sizeof(read_buffer));
}

/* What was read must be of this pattern. */
static void note_read(connection *self, uint32_t code, uint8_t (*pattern)(size_t position)) {
  size_t count = GUEST_WAITABLE_COUNT(code);
  for (size_t i = 0; i < count; i++) check(read_buffer[i] == pattern(self->received + i), "content");
  self->received += count;
}

static void read_all(connection *self, uint8_t (*pattern)(size_t position)) {
  while (self->received < self->total) {
    operation read = start_read(self);
    uint32_t code = await(&read);
    check(!ended(code) || GUEST_WAITABLE_COUNT(code) > 0, "more to read");
    note_read(self, code, pattern);
  }
}

static void write_all(connection *self) {
  while (self->sent < self->total) {
    operation write = start_write(self);
    uint32_t code = await(&write);
    check(!ended(code), "more to write");
    self->sent += GUEST_WAITABLE_COUNT(code);
  }
}

static void send_and_receive(connection *self) {
  operation write = start_write(self);
  operation read = start_read(self);
  while (self->sent < self->total || self->received < self->total) {
    operation *both[] = {&write, &read};
    if (!write.over && !read.over) await_any(both, 2);
    if (write.over && self->sent < self->total) {
      check(!ended(write.code), "more to write");
      self->sent += GUEST_WAITABLE_COUNT(write.code);
      if (self->sent < self->total) write = start_write(self);
    }
    if (read.over && self->received < self->total) {
      note_read(self, read.code, incoming);
      if (self->received < self->total) read = start_read(self);
    }
    if (self->sent == self->total && !read.over) await(&read);
    if (self->received == self->total && !write.over) await(&write);
  }
}

/* Both sides close in order; what was said last is on its way. */
static void finish(connection *self, bool closed) {
  if (!closed) wasi_tls_client_stream_u8_drop_writable(self->out.in);
  operation read = start_read(self);
  check(ended(await(&read)) && GUEST_WAITABLE_COUNT(read.code) == 0, "close");
  wasi_tls_client_stream_u8_drop_readable(self->in.out);
  check(print_ending("send", self->out.end) && print_ending("receive", self->in.end), "endings");
  await(&self->sending);
}

static void duplex(connection *self) {
  send_and_receive(self);
  finish(self, false);
  printf("sent %zu, received %zu, %s\n", self->sent, self->received, self->waits > 0 ? "held back" : "never held back");
}

static void echo(connection *self) {
  write_all(self);
  wasi_tls_client_stream_u8_drop_writable(self->out.in);
  read_all(self, outgoing);
  finish(self, true);
  printf("%zu came back\n", self->received);
}

/* What comes is nobody's, and all the same both sides end in order. */
static void deaf(connection *self) {
  wasi_tls_client_stream_u8_drop_readable(self->in.out);
  check(print_ending("receive", self->in.end), "receive");
  write_all(self);
  wasi_tls_client_stream_u8_drop_writable(self->out.in);
  check(print_ending("send", self->out.end), "send");
  await(&self->sending);
  printf("sent %zu\n", self->sent);
}

static void late(connection *self) {
  operation timer = called(wasi_clocks_monotonic_clock_wait_for(1000000000));
  await(&timer);
  printf("begins to read\n");
  fflush(stdout);
  read_all(self, incoming);
  finish(self, false);
  printf("received %zu\n", self->received);
}

/* Neither is ready before it can go on without waiting. */
static void ready(connection *self) {
  operation readable = read_from(self->in.out, NULL, 0);
  operation *waited[] = {&readable};
  check(!await_any_for(waited, 1, A_WHILE), "nothing to read yet");
  printf("waits to read\n");
  fflush(stdout);
  check(moved(await(&readable), 0), "readable");
  operation read = start_read(self);
  check(read.over, "a read that does not wait");
  note_read(self, read.code, incoming);
  read_all(self, incoming);

  operation writable = write_to(self->out.in, NULL, 0);
  check(moved(await(&writable), 0), "writable");
  operation write = start_write(self);
  check(write.over, "a write that does not wait");
  self->sent += GUEST_WAITABLE_COUNT(write.code);
  write_all(self);
  finish(self, false);
  printf("sent %zu, received %zu\n", self->sent, self->received);
}

/* Nobody takes the ciphertext, so no cleartext is taken either. */
static void stalled(connection *self) {
  operation write = start_write(self);
  operation *waited[] = {&write};
  while (write.over || await_any_for(waited, 1, A_WHILE)) {
    self->sent += GUEST_WAITABLE_COUNT(write.code);
    check(self->sent < self->total, "a stalled server");
    write = start_write(self);
  }
  wasi_tls_client_stream_u8_cancel_write(self->out.in);
  operation writable = write_to(self->out.in, NULL, 0);
  *waited = &writable;
  check(!await_any_for(waited, 1, A_WHILE), "nothing can be written");
  wasi_tls_client_stream_u8_cancel_write(self->out.in);
  printf("took %zu\n", self->sent);
  wasi_tls_client_stream_u8_drop_writable(self->out.in);
  wasi_tls_client_stream_u8_drop_readable(self->in.out);
  print_ending("send", self->out.end);
  print_ending("receive", self->in.end);
}

typedef struct test_case {
  const char *name;
  void (*function)(connection *self);
} test_case;

static const test_case cases[] = {
    {"duplex", duplex}, {"echo", echo}, {"ready", ready}, {"late", late}, {"deaf", deaf}, {"stalled", stalled},
};

bool run(int argc, char **argv) {
  const test_case *chosen = NULL;
  for (size_t i = 0; argc == 5 && i < sizeof(cases) / sizeof(cases[0]); i++)
    if (strcmp(argv[1], cases[i].name) == 0) chosen = &cases[i];
  if (chosen == NULL) {
    fprintf(stderr, "usage: draft03_transfer duplex|echo|ready|late|deaf|stalled HOST PORT BYTES\n");
    return false;
  }
  connection self = {.tcp = tcp_connect(argv[2], argv[3]), .total = (size_t)strtoul(argv[4], NULL, 10)};
  connector tls = wasi_tls_client_constructor_connector();
  self.out = tls_send(tls);
  self.in = tls_receive_from(tls, tcp_receive(self.tcp));
  self.sending = tcp_send(self.tcp, self.out.out);
  if (!handshake(tls, argv[2])) return false;
  chosen->function(&self);
  wasi_sockets_types_tcp_socket_drop_own(self.tcp);
  return true;
}

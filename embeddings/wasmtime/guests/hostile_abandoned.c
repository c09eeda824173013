/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 *   abandoned COUNT         so many connections for each point of the handshake, left there
 *   endless MEGABYTES       reads from an end that never stops, which is not read from
 *   silent HOST PORT COUNT  handshakes with a peer that says nothing, each given up after a while
 *   garbage HOST PORT       a handshake with a peer that says the wrong thing
 */
#include <stdio.h>
#include <stdlib.h>

#include "shared/hostile.h"

/* Some are dropped in order, some with the peer first, some after being asked for a last time. */
static void abandon(pair *both, unsigned long number) {
  role first = number % 2 == 0 ? CLIENT : SERVER;
  if (number % 3 == 0) {
    end *self = &both->ends[first];
    if (self->of[FINISH] != 0) take_streams(self);
    if (self->of[FIRST] != 0) take_first(self);
  }
  drop_end(&both->ends[first]);
  drop_end(&both->ends[!first]);
}

void scenario_abandoned(const arguments *all) {
  unsigned long count = number(all, 0);
  for (point at = AT_NEW; at < POINTS; at++) {
    for (unsigned long i = 0; i < count; i++) {
      pair both = pair_at((role)(i / 6 % 2), at);
      abandon(&both, i);
    }
  }
}

/* Writes as much as |self| may. */
static void write_permitted(const end *self) {
  static uint8_t data[65536];
  output_stream output = {self->of[OUTPUT]};
  size_t permit = 1;
  while (permit > 0) {
    check(write_permit(output, &permit) == IO_OK, "check-write");
    if (permit > sizeof(data)) permit = sizeof(data);
    check(write_now(output, (bytes){data, permit}) == IO_OK, "write");
  }
}

void scenario_endless(const arguments *all) {
  size_t total = (size_t)number(all, 0) << 20, received = 0;
  pair both = pair_at(CLIENT, AT_OPEN);
  end *self = &both.ends[CLIENT], *other = &both.ends[SERVER];
  while (received < total) {
    bytes chunk;
    write_permitted(other);
    write_permitted(self); /* the other end does not read any of it */
    pollable waited[2] = {subscribe_input((input_stream){self->of[INPUT]}),
                          subscribe_output((output_stream){other->of[OUTPUT]})};
    bool ready[2];
    poll_all(waited, ready, 2);
    drop_all(waited, 2);
    check(read_now((input_stream){self->of[INPUT]}, SIZE_MAX, &chunk) == IO_OK, "read");
    received += chunk.len;
    guest_list_u8_free(&chunk);
  }
  drop_pair(&both); /* in the middle of it */
}

static end connect_to(const arguments *all) {
  tcp_connection tcp = tcp_connect(argument(all, 0), argument(all, 1));
  end self = new_end(CLIENT, tcp.raw);
  tcp_drop(tcp.socket);
  check(begin(&self), "begin");
  finish(&self);
  return self;
}

void scenario_silent(const arguments *all) {
  unsigned long count = number(all, 2);
  for (unsigned long i = 0; i < count; i++) {
    end self = connect_to(all);
    pollable waited[2] = {{self.of[FINISH_POLLABLE]}, after(20)};
    bool ready[2];
    poll_all(waited, ready, 2);
    check(!ready[0] && ready[1], "the timer comes first");
    check(!take_streams(&self), "no answer");
    wasi_io_poll_pollable_drop_own(waited[1]);
    drop_end(&self);
  }
}

void scenario_garbage(const arguments *all) {
  end self = connect_to(all), nobody = {.role = SERVER};
  wasi_tls_types_error_detail_t error;
  check(drive(&self, FINISH_POLLABLE, &nobody, FINISH_POLLABLE) && !take_streams(&self), "the handshake fails");
  check(wasi_tls_types_method_client_connection_last_error(
            (wasi_tls_types_borrow_client_connection_t){self.of[CONNECTION]}, &error),
        "last-error");
  printf("class %d\n", error.class_);
  wasi_tls_types_error_detail_free(&error);
  drop_end(&self);
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 *   busy                         asks without end, and never waits
 *   idle HOST PORT MILLISECONDS  only waits, for a peer that says nothing
 */
#include <stdlib.h>

#include "shared/hostile.h"

enum { ROUNDS = 20000, ENTRIES = 10000, SUBSCRIPTIONS = 4000 };

static void spin(const end *self) {
  wasi_tls_types_result_result_option_own_public_identity_void_void_t outcome;
  wasi_tls_types_borrow_future_public_identity_t future = {self->of[FIRST]};
  for (size_t i = 0; i < ROUNDS; i++) {
    check(!wasi_tls_types_method_future_public_identity_get(future, &outcome), "get");
    check(!is_ready(self->of[FIRST_POLLABLE]), "ready");
  }
}

static void poll_without_waiting(const end *self) {
  pollable waited[2] = {{self->of[FIRST_POLLABLE]}, after(0)};
  bool ready[2];
  for (size_t i = 0; i < ROUNDS; i++) {
    poll_all(waited, ready, 2);
    check(!ready[0] && ready[1], "poll");
  }
  wasi_io_poll_pollable_drop_own(waited[1]);
}

/* A list of the same one over and over, and of one that is ready: all entries of the latter are. */
static void poll_one_many_times(const end *self) {
  wasi_io_poll_list_borrow_pollable_t list = {malloc(ENTRIES * sizeof(*list.ptr)), ENTRIES};
  guest_list_u32_t indices;
  pollable now = after(0);
  check(list.ptr != NULL, "memory");
  for (size_t i = 0; i < ENTRIES; i++)
    list.ptr[i] =
        i % 2 == 0 ? (wasi_io_poll_borrow_pollable_t){self->of[FIRST_POLLABLE]} : wasi_io_poll_borrow_pollable(now);
  wasi_io_poll_poll(&list, &indices);
  check(indices.len == ENTRIES / 2, "entries that are ready");
  guest_list_u32_free(&indices);
  wasi_io_poll_pollable_drop_own(now);
  free(list.ptr);
}

static pollable subscribe(const end *self) {
  return wasi_tls_types_method_future_public_identity_subscribe(
      (wasi_tls_types_borrow_future_public_identity_t){self->of[FIRST]});
}

/* Thousands of subscriptions of one future: all of them come up when it does. */
static void poll_many(end *self, end *other) {
  static pollable waited[SUBSCRIPTIONS];
  static bool ready[SUBSCRIPTIONS];
  for (size_t i = 0; i < SUBSCRIPTIONS; i++) waited[i] = subscribe(self);
  finish(other);
  check(drive(self, FIRST_POLLABLE, other, FINISH_POLLABLE), "first");
  poll_all(waited, ready, SUBSCRIPTIONS);
  for (size_t i = 0; i < SUBSCRIPTIONS; i++) check(ready[i], "every one is ready");
  drop_all(waited, SUBSCRIPTIONS);
}

void scenario_busy(const arguments *all) {
  check(all->count == 0, "arguments");
  pair both = pair_at(CLIENT, AT_FIRST_WAIT);
  end *self = &both.ends[CLIENT];
  spin(self);
  poll_without_waiting(self);
  poll_one_many_times(self);
  poll_many(self, &both.ends[SERVER]);
  drop_pair(&both);
}

void scenario_idle(const arguments *all) {
  tcp_connection tcp = tcp_connect(argument(all, 0), argument(all, 1));
  end self = new_end(CLIENT, tcp.raw);
  tcp_drop(tcp.socket);
  check(begin(&self), "begin");
  finish(&self);
  pollable waited[2] = {{self.of[FINISH_POLLABLE]}, after((unsigned)number(all, 2))};
  bool ready[2];
  poll_all(waited, ready, 2);
  check(!ready[0] && ready[1], "only the timer");
  wasi_io_poll_pollable_drop_own(waited[1]);
  drop_end(&self);
}

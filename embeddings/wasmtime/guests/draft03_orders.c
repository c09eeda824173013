/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * A guest of wasi:tls@0.3.0-draft that uses the interface in the wrong order, or not to its end, without any network:
 * it holds the far ends of all streams itself.
 *
 *   draft03_orders CASE
 *
 * Each case prints how the sides of its connections ended, on standard error.
 */
#include <stdio.h>
#include <string.h>

#include "shared/async.h"
#include "shared/tls03.h"

typedef struct both {
  connector tls;
  side out;
  side in;
} both;

static both new_both(void) {
  both made = {.tls = wasi_tls_client_constructor_connector()};
  made.out = tls_send(made.tls);
  made.in = tls_receive(made.tls);
  return made;
}

static operation connect_to(connector tls, const char *name, result *outcome) {
  return called(wasi_tls_client_static_connector_connect(tls, text(name), outcome));
}

/* It may have failed in the meantime. */
static void cancel(operation *connect, result *outcome) {
  guest_subtask_state_t state = GUEST_SUBTASK_STATE(guest_subtask_cancel(connect->waitable));
  guest_subtask_drop(connect->waitable);
  if (state == GUEST_SUBTASK_RETURNED) wasi_tls_client_result_void_own_error_free(outcome);
}

static void drop_side(side self) {
  wasi_tls_client_stream_u8_drop_writable(self.in);
  wasi_tls_client_stream_u8_drop_readable(self.out);
}

/* One operation on everything that a connection consists of. */
typedef struct pending {
  uint8_t buffers[4][64];
  result results[2];
  operation all[6];
} pending;

static void start_all(pending *self, const both *ends) {
  static const uint8_t part_of_record[64] = {22, 3, 3, 16, 0};
  memcpy(self->buffers[2], part_of_record, sizeof(part_of_record));
  self->all[0] = write_to(ends->out.in, self->buffers[0], sizeof(self->buffers[0]));
  self->all[1] = read_from(ends->out.out, self->buffers[1], sizeof(self->buffers[1]));
  self->all[2] = write_to(ends->in.in, self->buffers[2], sizeof(self->buffers[2]));
  self->all[3] = read_from(ends->in.out, self->buffers[3], sizeof(self->buffers[3]));
  ending futures[] = {ends->out.end, ends->in.end};
  for (size_t i = 0; i < 2; i++)
    self->all[4 + i] =
        started(futures[i], wasi_tls_client_future_result_void_own_error_read(futures[i], &self->results[i]));
}

/* All streams end, and both futures say why. */
static void expect_end(pending *self, const both *ends) {
  for (size_t i = 0; i < 4; i++) check(ended(await(&self->all[i])), "an ended stream");
  for (size_t i = 4; i < 6; i++)
    check(GUEST_WAITABLE_STATE(await(&self->all[i])) == GUEST_WAITABLE_COMPLETED, "future");
  print_result("send", &self->results[0]);
  print_result("receive", &self->results[1]);
  drop_side(ends->out);
  drop_side(ends->in);
  wasi_tls_client_future_result_void_own_error_drop_readable(ends->out.end);
  wasi_tls_client_future_result_void_own_error_drop_readable(ends->in.end);
}

static void expect_nothing(pending *self) {
  operation *all[6];
  for (size_t i = 0; i < 6; i++) all[i] = &self->all[i];
  check(!await_any_for(all, 6, 50), "nothing moves");
}

/* A connector is dropped while everything else waits for it. */
static void abandoned(void) {
  both ends = new_both();
  pending waits;
  start_all(&waits, &ends);
  expect_nothing(&waits);
  wasi_tls_client_connector_drop_own(ends.tls);
  expect_end(&waits, &ends);
}

/* The same while connect waits for the server, and is cancelled. */
static void cancelled(void) {
  both ends = new_both();
  uint8_t hello[4096];
  result outcome;
  operation connect = connect_to(ends.tls, "localhost", &outcome);
  operation read = read_from(ends.out.out, hello, sizeof(hello));
  check(GUEST_WAITABLE_COUNT(await(&read)) > 100 && hello[0] == 22, "ClientHello");
  pending waits;
  start_all(&waits, &ends);
  check(moved(await(&waits.all[2]), sizeof(waits.buffers[2])), "ciphertext is taken");
  cancel(&connect, &outcome);
  waits.all[2] = write_to(ends.in.in, waits.buffers[2], 1);
  expect_end(&waits, &ends);
}

/* A second call of each is refused, and the first is as it was. */
static void twice(void) {
  both ends = new_both();
  side again[] = {tls_send(ends.tls), tls_receive(ends.tls)};
  for (size_t i = 0; i < 2; i++) {
    uint8_t byte;
    operation read = read_from(again[i].out, &byte, 1);
    operation write = write_to(again[i].in, &byte, 1);
    check(ended(await(&read)) && ended(await(&write)), "a refused side");
    print_ending("again", again[i].end);
    drop_side(again[i]);
  }
  pending waits;
  start_all(&waits, &ends);
  expect_nothing(&waits);
  wasi_tls_client_connector_drop_own(ends.tls);
  expect_end(&waits, &ends);
}

/* connect without send, without receive, without both. */
static void incomplete(void) {
  handshake(wasi_tls_client_constructor_connector(), "localhost");
  for (int sends = 0; sends < 2; sends++) {
    connector tls = wasi_tls_client_constructor_connector();
    side only = sends ? tls_send(tls) : tls_receive(tls);
    handshake(tls, "localhost");
    print_ending(sends ? "send" : "receive", only.end);
    drop_side(only);
  }
}

/* The server is gone, or nobody can hear us, before connect is called. */
static void dropped_before(void) {
  for (int deaf = 0; deaf < 2; deaf++) {
    both ends = new_both();
    if (deaf)
      wasi_tls_client_stream_u8_drop_writable(ends.in.in);
    else
      wasi_tls_client_stream_u8_drop_readable(ends.out.out);
    handshake(ends.tls, "localhost");
    print_ending("send", ends.out.end);
    print_ending("receive", ends.in.end);
    wasi_tls_client_stream_u8_drop_writable(ends.out.in);
    wasi_tls_client_stream_u8_drop_readable(ends.in.out);
    if (deaf)
      wasi_tls_client_stream_u8_drop_readable(ends.out.out);
    else
      wasi_tls_client_stream_u8_drop_writable(ends.in.in);
  }
}

/* Names that no certificate could have. */
static void bad_names(void) {
  static char longest[70000];
  memset(longest, 'a', sizeof(longest) - 1);
  const char *names[] = {"", ".", "a b", "*.example.test", "example.test:443", longest};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    both ends = new_both();
    pending waits;
    start_all(&waits, &ends);
    check(!handshake(ends.tls, names[i]), "a refused name");
    expect_end(&waits, &ends);
  }
}

enum { PARTS = 7 };

/* Drops the parts of a connection in this order. |connect| if it was called, else its connector is a part. */
static void drop_in_order(const int *order, both ends, operation *connect, result *outcome) {
  for (size_t i = 0; i < PARTS; i++) {
    switch (order[i]) {
      case 0:
        if (connect == NULL)
          wasi_tls_client_connector_drop_own(ends.tls);
        else if (!connect->over)
          cancel(connect, outcome);
        break;
      case 1:
        wasi_tls_client_stream_u8_drop_writable(ends.out.in);
        break;
      case 2:
        wasi_tls_client_stream_u8_drop_readable(ends.out.out);
        break;
      case 3:
        wasi_tls_client_future_result_void_own_error_drop_readable(ends.out.end);
        break;
      case 4:
        wasi_tls_client_stream_u8_drop_writable(ends.in.in);
        break;
      case 5:
        wasi_tls_client_stream_u8_drop_readable(ends.in.out);
        break;
      default:
        wasi_tls_client_future_result_void_own_error_drop_readable(ends.in.end);
        break;
    }
  }
}

/* The next permutation in lexical order; false after the last. */
static bool next_order(int *order) {
  int i = PARTS - 2, j = PARTS - 1;
  while (i >= 0 && order[i] > order[i + 1]) i--;
  if (i < 0) return false;
  while (order[j] < order[i]) j--;
  int swapped = order[i];
  order[i] = order[j];
  order[j] = swapped;
  for (int a = i + 1, b = PARTS - 1; a < b; a++, b--) {
    swapped = order[a];
    order[a] = order[b];
    order[b] = swapped;
  }
  return true;
}

/* Everything in every order, before connect and in the middle of it. A connection that is left behind reaches the
 * limit. */
static void all_orders(void) {
  int order[PARTS] = {0, 1, 2, 3, 4, 5, 6};
  size_t count = 0;
  do {
    drop_in_order(order, new_both(), NULL, NULL);
    both ends = new_both();
    result outcome;
    operation connect = connect_to(ends.tls, "localhost", &outcome);
    check(!connect.over, "connect waits");
    drop_in_order(order, ends, &connect, &outcome);
    count++;
  } while (next_order(order));
  printf("%zu orders\n", count);
}

/* As many connections as may be, one more, and again one when another is gone. */
static void many(void) {
  enum { COUNT = 4 };
  both ends[COUNT];
  operation connects[COUNT];
  result outcomes[COUNT];
  size_t going = 0;
  for (size_t i = 0; i < COUNT; i++) {
    ends[i] = new_both();
    connects[i] = connect_to(ends[i].tls, "localhost", &outcomes[i]);
    if (connects[i].over) print_result("handshake", &outcomes[i]);
    going += !connects[i].over;
  }
  printf("%zu at a time\n", going);
  const int order[PARTS] = {0, 1, 2, 3, 4, 5, 6};
  drop_in_order(order, ends[0], &connects[0], &outcomes[0]);
  ends[0] = new_both();
  connects[0] = connect_to(ends[0].tls, "localhost", &outcomes[0]);
  printf("%s\n", connects[0].over ? "refused" : "one more");
  for (size_t i = 0; i < COUNT; i++) drop_in_order(order, ends[i], &connects[i], &outcomes[i]);
}

typedef struct test_case {
  const char *name;
  void (*function)(void);
} test_case;

static const test_case cases[] = {
    {"abandoned", abandoned},
    {"cancelled", cancelled},
    {"twice", twice},
    {"incomplete", incomplete},
    {"dropped-before", dropped_before},
    {"bad-names", bad_names},
    {"all-orders", all_orders},
    {"many", many},
};

bool run(int argc, char **argv) {
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    if (argc == 2 && strcmp(argv[1], cases[i].name) == 0) {
      cases[i].function();
      return true;
    }
  fprintf(stderr, "usage: draft03_orders CASE\n");
  return false;
}

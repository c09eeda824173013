/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 *   permit WHICH
 *   splice
 *
 * "permit" writes more than check-write permitted, and traps. "splice" does what is allowed, out of all proportion.
 */
#include <stdlib.h>
#include <string.h>

#include "shared/hostile.h"

typedef wasi_io_streams_borrow_input_stream_t borrowed_input;
typedef wasi_io_streams_borrow_output_stream_t borrowed_output;
typedef wasi_io_streams_stream_error_t stream_error;

static const uint64_t EVERYTHING = UINT64_MAX;

static output_stream output_of(const end *self) {
  return (output_stream){self->of[OUTPUT]};
}

static borrowed_output lent_output(const end *self) {
  return (borrowed_output){self->of[OUTPUT]};
}

static borrowed_input lent_input(const end *self) {
  return (borrowed_input){self->of[INPUT]};
}

static void one_too_many(const end *self) {
  size_t permit;
  check(write_permit(output_of(self), &permit) == IO_OK && permit > 0, "permit");
  bytes data = {calloc(permit + 1, 1), permit + 1};
  check(data.ptr != NULL, "memory");
  write_now(output_of(self), data);
}

static void without_asking(const end *self) {
  write_now(output_of(self), text_bytes("data"));
}

static void twice(const end *self) {
  size_t permit;
  check(write_permit(output_of(self), &permit) == IO_OK && permit > 0, "permit");
  bytes data = {calloc(permit, 1), permit};
  check(data.ptr != NULL && write_now(output_of(self), data) == IO_OK, "write");
  write_now(output_of(self), data);
}

static void megabytes(const end *self) {
  enum { SIZE = 100 << 20 };
  bytes data = {calloc(SIZE, 1), SIZE};
  check(data.ptr != NULL, "memory");
  write_now(output_of(self), data);
}

static void zeroes(const end *self) {
  stream_error error;
  wasi_io_streams_method_output_stream_write_zeroes(lent_output(self), EVERYTHING, &error);
}

static void blocking_zeroes(const end *self) {
  stream_error error;
  wasi_io_streams_method_output_stream_blocking_write_zeroes_and_flush(lent_output(self), EVERYTHING, &error);
}

static void blocking(const end *self) {
  stream_error error;
  bytes data = {calloc(4097, 1), 4097};
  check(data.ptr != NULL, "memory");
  wasi_io_streams_method_output_stream_blocking_write_and_flush(lent_output(self), &data, &error);
}

#define EXCESS(name) \
  { #name, name }

void scenario_permit(const arguments *all) {
  static const struct {
    const char *name;
    void (*commit)(const end *);
  } excesses[] = {EXCESS(one_too_many), EXCESS(without_asking),  EXCESS(twice),   EXCESS(megabytes),
                  EXCESS(zeroes),       EXCESS(blocking_zeroes), EXCESS(blocking)};
  pair both = pair_at(CLIENT, AT_OPEN);
  for (size_t i = 0; i < sizeof(excesses) / sizeof(excesses[0]); i++)
    if (strcmp(excesses[i].name, argument(all, 0)) == 0) excesses[i].commit(&both.ends[CLIENT]);
}

/* Writing nothing needs no permit, and nothing comes of asking for everything when there is nothing. */
static void storm(const end *self) {
  enum { ROUNDS = 2000 };
  for (size_t i = 0; i < ROUNDS; i++) {
    stream_error error;
    bytes chunk;
    uint64_t count;
    check(write_now(output_of(self), (bytes){NULL, 0}) == IO_OK, "write nothing");
    check(wasi_io_streams_method_output_stream_flush(lent_output(self), &error), "flush");
    check(wasi_io_streams_method_input_stream_read(lent_input(self), EVERYTHING, &chunk, &error) && chunk.len == 0,
          "read");
    check(wasi_io_streams_method_input_stream_skip(lent_input(self), EVERYTHING, &count, &error) && count == 0, "skip");
    check(wasi_io_streams_method_input_stream_read(lent_input(self), 0, &chunk, &error) && chunk.len == 0, "read none");
  }
  stream_error error;
  check(wasi_io_streams_method_output_stream_blocking_flush(lent_output(self), &error), "blocking-flush");
}

/* What comes in at |self| is sent out on |to|, and is all that arrives there. */
static void splice(const end *from, const end *self, const end *to, const end *there, bool blocking_call) {
  enum { SIZE = 3000 };
  static uint8_t data[SIZE];
  size_t got = 0;
  uint64_t count;
  stream_error error;
  check(write_all(output_of(from), (bytes){data, SIZE}) == IO_OK, "write");
  for (size_t moved = 0; moved < SIZE; moved += (size_t)count) {
    block(subscribe_input((input_stream){self->of[INPUT]}));
    check((blocking_call ? wasi_io_streams_method_output_stream_blocking_splice
                         : wasi_io_streams_method_output_stream_splice)(lent_output(to), lent_input(self), EVERYTHING,
                                                                        &count, &error),
          "splice");
  }
  check(wasi_io_streams_method_output_stream_flush(lent_output(to), &error), "flush");
  for (bytes chunk; got < SIZE; guest_list_u8_free(&chunk)) {
    check(wasi_io_streams_method_input_stream_blocking_read(lent_input(there), EVERYTHING, &chunk, &error), "read");
    got += chunk.len;
  }
  check(got == SIZE, "what was spliced");
}

void scenario_splice(const arguments *all) {
  check(all->count == 0, "arguments");
  pair one = pair_at(CLIENT, AT_OPEN), other = pair_at(SERVER, AT_OPEN);
  for (role role = CLIENT; role <= SERVER; role++) storm(&one.ends[role]);
  for (int blocking_call = 0; blocking_call < 2; blocking_call++) {
    /* back to where it came from, and through to the other connection */
    splice(&one.ends[CLIENT], &one.ends[SERVER], &one.ends[SERVER], &one.ends[CLIENT], blocking_call);
    splice(&one.ends[CLIENT], &one.ends[SERVER], &other.ends[CLIENT], &other.ends[SERVER], blocking_call);
  }
  uint64_t count;
  stream_error error;
  check(wasi_io_streams_method_output_stream_splice(lent_output(&one.ends[CLIENT]), lent_input(&one.ends[CLIENT]),
                                                    EVERYTHING, &count, &error) &&
            count == 0,
        "splice of nothing");
  drop_one(&one.ends[SERVER], OUTPUT);
  block(subscribe_input((input_stream){one.ends[CLIENT].of[INPUT]}));
  check(!wasi_io_streams_method_output_stream_splice(lent_output(&other.ends[CLIENT]), lent_input(&one.ends[CLIENT]),
                                                     EVERYTHING, &count, &error) &&
            error.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED,
        "splice from an end");
  drop_pair(&one);
  drop_pair(&other);
}

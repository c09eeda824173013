/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 *   drops ROLE FROM TO
 *
 * Every order of dropping what there is, at every point: the orders are numbered, and those from FROM below TO are
 * tried. Prints how many there were. What was dropped is missing by then to what is left: each pollable that is left
 * is asked after each drop.
 */
#include <stdio.h>

#include "shared/hostile.h"

enum { MOST = 5 };

typedef struct set {
  point at;
  bool aborted;
  size_t count;
  kind kinds[MOST];
} set;

static const set sets[] = {
    {AT_NEW, false, 1, {CONNECTION}},
    {AT_IDLE, false, 2, {CONNECTION, HANDSHAKE}},
    {AT_FIRST_WAIT, false, 4, {CONNECTION, HANDSHAKE, FIRST, FIRST_POLLABLE}},
    {AT_FIRST, false, 5, {CONNECTION, HANDSHAKE, FIRST, FIRST_POLLABLE, FIRST_RESULT}},
    {AT_SECOND_WAIT, false, 5, {CONNECTION, HANDSHAKE, FIRST_RESULT, SECOND, SECOND_POLLABLE}},
    {AT_SECOND, false, 5, {CONNECTION, HANDSHAKE, SECOND, SECOND_POLLABLE, SECOND_RESULT}},
    {AT_FINISH_WAIT, false, 3, {CONNECTION, FINISH, FINISH_POLLABLE}},
    {AT_OPEN, false, 5, {CONNECTION, FINISH, FINISH_POLLABLE, INPUT, OUTPUT}},
    {AT_OPEN, false, 5, {CONNECTION, INPUT_POLLABLE, INPUT, OUTPUT_POLLABLE, OUTPUT}},
    {AT_ENDED, false, 4, {CONNECTION, HANDSHAKE, FIRST, FIRST_POLLABLE}},
    {AT_IDLE, true, 2, {CONNECTION, ABORT_POLLABLE}},
    {AT_FIRST_WAIT, true, 4, {CONNECTION, FIRST, FIRST_POLLABLE, ABORT_POLLABLE}},
    {AT_FIRST, true, 4, {CONNECTION, FIRST_RESULT, FIRST_POLLABLE, ABORT_POLLABLE}},
};

/* The permutation of this number, in place. */
static void permute(kind *kinds, size_t count, size_t number) {
  for (size_t left = count; left > 1; left--) {
    size_t chosen = number % left;
    kind last = kinds[left - 1];
    number /= left;
    kinds[left - 1] = kinds[chosen];
    kinds[chosen] = last;
  }
}

static size_t factorial(size_t count) {
  return count < 2 ? 1 : count * factorial(count - 1);
}

/* A stream goes after its pollable: the other order traps, with any stream of WASI's. */
static bool is_allowed(const kind *kinds, size_t count) {
  bool gone[KINDS] = {false}, there[KINDS] = {false};
  for (size_t i = 0; i < count; i++) there[kinds[i]] = true;
  for (size_t i = 0; i < count; i++) {
    kind child = (kind)(kinds[i] + 1);
    if ((kinds[i] == INPUT || kinds[i] == OUTPUT) && there[child] && !gone[child]) return false;
    gone[kinds[i]] = true;
  }
  return true;
}

static void ask_pollables(const end *self) {
  static const kind pollables[] = {FIRST_POLLABLE, SECOND_POLLABLE, FINISH_POLLABLE,
                                   INPUT_POLLABLE, OUTPUT_POLLABLE, ABORT_POLLABLE};
  for (size_t i = 0; i < sizeof(pollables) / sizeof(pollables[0]); i++)
    if (self->of[pollables[i]] != 0) is_ready(self->of[pollables[i]]);
}

static void subscribe_streams(end *self, const set *which) {
  if (which->at != AT_OPEN || which->kinds[1] != INPUT_POLLABLE) return;
  self->of[INPUT_POLLABLE] = subscribe_input((input_stream){self->of[INPUT]}).__handle;
  self->of[OUTPUT_POLLABLE] = subscribe_output((output_stream){self->of[OUTPUT]}).__handle;
}

static void try_order(role role, const set *which, const kind *order) {
  pair both = pair_at(role, which->at);
  end *self = &both.ends[role];
  if (which->aborted) abort_handshake(self);
  subscribe_streams(self, which);
  for (size_t i = 0; i < which->count; i++) {
    check(self->of[order[i]] != 0, "there is something to drop");
    drop_one(self, order[i]);
    ask_pollables(self);
    ask_pollables(&both.ends[!role]);
  }
  drop_pair(&both);
}

void scenario_drops(const arguments *all) {
  role role = (enum role)number(all, 0);
  size_t from = number(all, 1), to = number(all, 2), index = 0, tried = 0;
  for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
    for (size_t order = 0; order < factorial(sets[i].count); order++, index++) {
      set which = sets[i];
      permute(which.kinds, which.count, order);
      if (index < from || index >= to || !is_allowed(which.kinds, which.count)) continue;
      try_order(role, &sets[i], which.kinds);
      tried++;
    }
  }
  printf("%zu orders\n", tried);
}

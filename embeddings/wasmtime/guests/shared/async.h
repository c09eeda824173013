/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* WASI 0.3: arguments, and waiting for what was started. */
#ifndef GUESTS_ASYNC_H
#define GUESTS_ASYNC_H

#include "text.h"

/* A read, a write or a call that was started. It must be over before what it works on is dropped. */
typedef struct operation {
  uint32_t waitable;
  bool is_call;
  bool over;
  /* Once it is over: of a read or write, see GUEST_WAITABLE_STATE and GUEST_WAITABLE_COUNT; of a call its state. */
  uint32_t code;
} operation;

/* A read or write of the stream or future |waitable|, with what starting it answered. */
operation started(uint32_t waitable, guest_waitable_status_t status);
/* A call of an async function, likewise. */
operation called(guest_subtask_status_t status);

/* Waits until it is over; the others go on meanwhile. Answers its code. */
uint32_t await(operation *one);
/* Waits until one more of them is over. */
void await_any(operation *const *several, size_t count);
/* The same, but at most this long: false if none was. */
bool await_any_for(operation *const *several, size_t count, uint32_t milliseconds);

/* A read or write that moved |count| items and did not end its stream. */
bool moved(uint32_t code, size_t count);
/* A read or write that found its stream ended. */
bool ended(uint32_t code);

/* What a guest of WASI 0.3 has instead of main. */
bool run(int argc, char **argv);

#endif

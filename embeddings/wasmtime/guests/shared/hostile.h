/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * What the scenarios of the hostile guest have in common: connections between two ends that are both its own, at any
 * point of the handshake, and all handles that came from each end, by their bare numbers.
 */
#ifndef GUESTS_HOSTILE_H
#define GUESTS_HOSTILE_H

#include "tcp.h"
#include "tls.h"

/* The index in the guest's table of handles. 0 is none. */
typedef int32_t handle;

typedef enum role { CLIENT, SERVER } role;

/* What can come from one end. The first step is verify-server-identity or receive-client-hello, the second one
 * receive-client-identity-request or request-client-identity. A child comes after its parent. */
typedef enum kind {
  CONNECTION,
  HANDSHAKE,
  FIRST,
  FIRST_POLLABLE,
  FIRST_RESULT,
  SECOND,
  SECOND_POLLABLE,
  SECOND_RESULT,
  FINISH,
  FINISH_POLLABLE,
  INPUT,
  INPUT_POLLABLE,
  OUTPUT,
  OUTPUT_POLLABLE,
  ABORT_POLLABLE,
  KINDS,
} kind;

typedef struct end {
  role role;
  handle of[KINDS];
} end;

typedef struct pair {
  end ends[2]; /* by role */
} pair;

/* How far an end has come. */
typedef enum point {
  AT_NEW,
  AT_IDLE,
  AT_FIRST_WAIT,
  AT_FIRST,
  AT_SECOND_WAIT,
  AT_SECOND,
  AT_FINISH_WAIT,
  AT_OPEN,
  AT_ENDED, /* it has failed before the first step was done */
  POINTS,
} point;

/* Ends over two streams. */
end new_end(role role, streams raw);
/* Both ends of a TCP connection to itself. */
pair new_pair(void);
/* The same with one end at |at|; the other one has come as far as that needs. */
pair pair_at(role self, point at);
/* TLS inside of a pair that is open: its cleartext streams are the raw ones. Drops the rest of |under|. */
pair pair_inside(pair *under);

/* connect or accept, again if it was called. */
bool begin(end *self);
/* The steps. What is answered is kept, with a pollable of it. False if the call fails. */
bool first_step(end *self);
bool second_step(end *self);
void finish(end *self);
void abort_handshake(end *self);
/* Takes the outcome of a future that is ready. False if the step failed. */
bool take_first(end *self);
bool take_second(end *self);
bool take_streams(end *self);

/* Waits for |wanted| of |self|, while |other|'s |driven| is polled along with it. False if that takes too long. */
bool drive(end *self, kind wanted, end *other, kind driven);
/* Finishes both and takes the streams. False if the handshake failed. */
bool open_both(pair *both);

void drop_one(end *self, kind what);
/* Whatever is left, children first. */
void drop_end(end *self);
void drop_pair(pair *both);

/* A pollable that is ready by now. */
bool is_ready(handle pollable_index);
pollable after(unsigned milliseconds);
/* An identity from the test's folder. Kept until |release|, as the listening socket is. */
private_identity own_identity(role role);
void release(void);
streams standard_streams(void);

/* What the scenarios are called with. */
typedef struct arguments {
  int count;
  char **list;
} arguments;
const char *argument(const arguments *all, int index);
unsigned long number(const arguments *all, int index);

void scenario_drops(const arguments *all);
void scenario_order(const arguments *all);
void scenario_forged(const arguments *all);
void scenario_lists(const arguments *all);
void scenario_permit(const arguments *all);
void scenario_splice(const arguments *all);
void scenario_nested(const arguments *all);
void scenario_streams(const arguments *all);
void scenario_abandoned(const arguments *all);
void scenario_endless(const arguments *all);
void scenario_silent(const arguments *all);
void scenario_garbage(const arguments *all);
void scenario_limits(const arguments *all);
void scenario_fill(const arguments *all);
void scenario_busy(const arguments *all);
void scenario_idle(const arguments *all);

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* All that a guest may hold of wasi_tls.h, in one table, so that an input can pick from it. */
#ifndef WASI_TLS_FUZZ_HANDLES_H
#define WASI_TLS_FUZZ_HANDLES_H

#include "wasi_tls/wasi_tls.h"

typedef enum kind {
  CLIENT,
  SERVER,
  CLIENT_HANDSHAKE,
  SERVER_HANDSHAKE,
  HELLO,
  REQUEST,
  FUTURE_STREAMS,
  FUTURE_HELLO,
  FUTURE_IDENTITY,
  FUTURE_REQUEST,
  POLLABLE,
  INPUT,
  OUTPUT,
  PUBLIC_IDENTITY,
  PRIVATE_IDENTITY
} kind;

typedef struct handle {
  kind kind;
  wasi_tls_role role; /* of the connection that it came from */
  void *object;
} handle;

enum { MAX_HANDLES = 64 };

typedef struct handles {
  handle all[MAX_HANDLES];
  size_t count;
} handles;

/* Keeps |object|, if there is one; drops it at once if there is no room. */
void handles_add(handles *self, kind kind, wasi_tls_role role, void *object);
/* One of those of |kind|, as |which| has it; its object is NULL if there is none. */
handle handles_pick(const handles *self, kind kind, uint8_t which);
bool handles_have(const handles *self, kind kind, wasi_tls_role role);
/* Frees the one at |index|. */
void handles_drop(handles *self, size_t index);

#endif

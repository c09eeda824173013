/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Reads a server's first flight before the engine does, for an engine that can't stop at the points of a client's
 * handshake (backend.h, open_record).
 *
 * The engine gets the records up to those that a guest decides on; under TLS 1.3 it then has the keys of the rest. It
 * gets the rest when all is decided. What can't be read here is the engine's to judge: it gets everything, and the
 * chain that it finds there has not been approved.
 */
#ifndef WASI_TLS_CORE_READ_AHEAD_H
#define WASI_TLS_CORE_READ_AHEAD_H

#include "buffer.h"
#include "wasi_tls/endpoint.h"

typedef struct wtls_read_ahead wtls_read_ahead;

typedef enum wtls_ahead_result {
  WTLS_AHEAD_RELEASED, /* the engine has something to go on with */
  WTLS_AHEAD_PENDING,  /* the transport has no more for now */
  WTLS_AHEAD_POINT,    /* the point that the state waits for is reached */
  WTLS_AHEAD_FAILED    /* the endpoint has failed */
} wtls_ahead_result;

/* Begins, if the endpoint's engine needs it. False without memory. */
bool wtls_read_ahead_start(wasi_tls_endpoint *endpoint);
/* Goes on, once the engine wants more than was released. Not after it is over. */
wtls_ahead_result wtls_read_ahead_advance(wasi_tls_endpoint *endpoint);
bool wtls_read_ahead_is_over(const wtls_read_ahead *ahead);
/* Whether this is the chain that was decided on. */
bool wtls_read_ahead_approved(const wtls_read_ahead *ahead, const wasi_tls_bytes *chain, size_t count);
/* As the engine's peer_chain, of the chain that it has not got yet. */
void wtls_read_ahead_visit(const wtls_read_ahead *ahead, bool (*visit)(void *context, wasi_tls_bytes certificate),
                           void *context);
void wtls_read_ahead_free(wtls_read_ahead *ahead, const wasi_tls_allocator *allocator);

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * The transport gate: the only way of ciphertext between an engine and the outside.
 *
 * While it is shut nothing passes in either direction, whatever the engine does: that is how the core
 * keeps the promise about suspended handshakes. It also keeps what really happened to the transport,
 * so that no backend can lose it, and bounds what comes in.
 */
#ifndef WASI_TLS_CORE_GATE_H
#define WASI_TLS_CORE_GATE_H

#include "buffer.h"
#include "wasi_tls/backend.h"

/* What is behind the gate: host streams, or the memory of a sans-I/O endpoint. */
typedef struct wtls_transport {
  wasi_tls_io (*receive)(void *context, uint8_t *buffer, size_t len, size_t *count);
  /* Takes what it can: OK with |*count| below |len| means that the rest has to wait. */
  wasi_tls_io (*send)(void *context, const uint8_t *data, size_t len, size_t *count);
  /* Asks the outside to pass on what it was given. */
  wasi_tls_io (*flush)(void *context);
  /* Whether it has done so: OK, BLOCKED or FAILED. */
  wasi_tls_io (*drained)(void *context);
} wtls_transport;

typedef struct wtls_gate {
  const wtls_transport *transport;
  void *context;
  bool open;
  bool input_ended;
  bool input_failed;
  bool output_failed;
  bool over_limit;
  bool out_of_memory; /* for what was to be held back */
  bool ahead;         /* something was read ahead, or is going to be */
  bool metered;       /* the engine gets no more than was released */
  bool unflushed;     /* something was sent since the last flush */
  size_t received;    /* ciphertext since the count was last reset */
  size_t receive_limit;
  uint64_t passed;        /* bytes in either direction, ever: 0 means that nothing was said yet */
  wtls_buffer pending;    /* accepted, not taken by the transport yet */
  wtls_buffer read_ahead; /* taken in before the engine was to have it */
  size_t released;        /* how much of it the engine may take, while that is metered */
  size_t pending_limit;   /* the most that may be */
  const wasi_tls_allocator *allocator;
} wtls_gate;

void wtls_gate_init(wtls_gate *gate, const wtls_transport *transport, void *context,
                    const wasi_tls_allocator *allocator, size_t receive_limit);
void wtls_gate_clear(wtls_gate *gate);

/* For the engine: first what was read ahead, then the transport. */
wasi_tls_io wtls_gate_receive(wtls_gate *gate, uint8_t *buffer, size_t len, size_t *count);
/* For the engine: takes all or nothing. */
wasi_tls_io wtls_gate_send(wtls_gate *gate, const uint8_t *data, size_t len);
/* Takes in up to |len| bytes without handing them to the engine. */
wasi_tls_io wtls_gate_read_ahead(wtls_gate *gate, size_t len);
/* From now on the engine gets only what is released; or all again. */
void wtls_gate_meter(wtls_gate *gate, bool metered);
/* Moves pending bytes to the transport, and asks it to pass them on. OK, BLOCKED, FAILED. */
wasi_tls_io wtls_gate_flush(wtls_gate *gate);
/* As flush, and OK only once the transport has passed everything on. */
wasi_tls_io wtls_gate_drain(wtls_gate *gate);

#endif

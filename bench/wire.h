/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The memory wire of the benchmark: both contenders move their records over the same one. */
#ifndef WASI_TLS_BENCH_WIRE_H
#define WASI_TLS_BENCH_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* Holds a 16 KiB record and more; refuses what does not fit. */
#define BENCH_WIRE_ROOM 65536u

typedef struct bench_wire {
  size_t start;
  size_t end;
  uint8_t data[BENCH_WIRE_ROOM];
} bench_wire;

/* How many bytes the wire still takes. */
size_t bench_wire_room(bench_wire *wire);
void bench_wire_put(bench_wire *wire, const uint8_t *data, size_t len);
/* Takes up to |len| bytes; returns how many. */
size_t bench_wire_take(bench_wire *wire, uint8_t *buffer, size_t len);

#endif

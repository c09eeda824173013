/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Interleaved rounds of the contenders of one engine, and what came of them. */
#ifndef WASI_TLS_BENCH_MEASURE_H
#define WASI_TLS_BENCH_MEASURE_H

#include "contender.h"

enum { BENCH_FIGURES = 4, BENCH_MIN_ROUNDS = 3, BENCH_MAX_ROUNDS = 99 };

/* Medians of the rounds; times in nanoseconds for each operation. */
typedef struct bench_figure {
  const char *name;
  double target;
  double ratio, ratio_min, ratio_max; /* direct time / time through the library */
  double direct_ns, seam_ns, layer_ns;
  double allocations; /* the library's own, for each operation */
} bench_figure;

typedef struct bench_result {
  const char *engine;
  bench_figure figures[BENCH_FIGURES];
  double direct_idle, layer_idle; /* heap bytes of each end of an idle connection */
} bench_result;

/* False if a connection fails, or there is no direct contender for |engine|. */
bool bench_measure(const char *engine, int rounds, const bench_pki *pki, bench_result *result);

/* What an idle connection may hold on top of the engine's own. */
#define BENCH_IDLE_TARGET 2048

/* A column for each engine; or one JSON array. */
void bench_print_table(const bench_result *results, size_t count);
void bench_print_json(const bench_result *results, size_t count);

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "measure.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wire.h"

enum { IDLE_PAIRS = 64 };
enum { DIRECT, SEAM, LAYER, CONTENDERS };

typedef struct sample {
  double ns[CONTENDERS];
  double ratio;
} sample;

/* The contenders of one engine, with what their connections share. */
typedef struct arena {
  const bench_contender *contenders[CONTENDERS];
  void *shared[CONTENDERS];
} arena;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int by_ratio(const void *a, const void *b) {
  double x = ((const sample *)a)->ratio;
  double y = ((const sample *)b)->ratio;
  return (x > y) - (x < y);
}

/* Does |count| operations: nanoseconds each, negative on failure. Adds to |*asked| what they asked of the allocator. */
typedef double (*workload)(const bench_contender *contender, void *shared, size_t len, int count, uint64_t *asked);

static double shake_many(const bench_contender *contender, void *shared, size_t len, int count, uint64_t *asked) {
  (void)len;
  uint64_t before = contender->allocations();
  double start = now();
  for (int i = 0; i < count; i++) {
    bench_pair *made = contender->open(shared);
    if (made == NULL) return -1;
    contender->close(made);
  }
  *asked += contender->allocations() - before;
  return (now() - start) / count;
}

static double move(const bench_contender *contender, bench_pair *pair, size_t len, int count) {
  static uint8_t data[16384];
  static uint8_t out[16384];
  memset(out, 0, len);
  memset(data, 0xA5, len);
  double start = now();
  for (int i = 0; i < count; i++)
    if (!contender->transfer(pair, data, out, len)) return -1;
  double each = (now() - start) / count;
  return memcmp(data, out, len) == 0 ? each : -1;
}

/*
 * On a new pair each time, at a new place in memory: where its buffers happen to lie to each other is worth some
 * percent of a small write, in either direction.
 */
static double move_many(const bench_contender *contender, void *shared, size_t len, int count, uint64_t *asked) {
  void *shift = malloc(64 + (size_t)(rand() % 512) * 64);
  bench_pair *pair = contender->open(shared);
  double each = -1;
  if (shift != NULL && pair != NULL && move(contender, pair, len, count / 20) >= 0) {
    uint64_t before = contender->allocations();
    each = move(contender, pair, len, count);
    *asked += contender->allocations() - before;
  }
  if (pair != NULL) contender->close(pair);
  free(shift);
  return each;
}

/* The order within a round goes around, so that none is always first. */
static bool run_round(arena *where, workload work, size_t len, int count, int round, sample *result, uint64_t *asked) {
  for (int i = 0; i < CONTENDERS; i++) {
    int side = (round + i) % CONTENDERS;
    uint64_t asked_here = 0;
    result->ns[side] = work(where->contenders[side], where->shared[side], len, count, &asked_here);
    if (result->ns[side] < 0) return false;
    if (side == LAYER) *asked += asked_here;
  }
  result->ratio = result->ns[DIRECT] / result->ns[LAYER];
  return true;
}

static int by_number(const void *a, const void *b) {
  double x = *(const double *)a;
  double y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median_ns(const sample *samples, int count, int side) {
  double each[BENCH_MAX_ROUNDS];
  for (int i = 0; i < count; i++) each[i] = samples[i].ns[side];
  qsort(each, (size_t)count, sizeof(each[0]), by_number);
  return each[count / 2];
}

static bool measure(arena *where, int rounds, workload work, size_t len, int count, bench_figure *result) {
  sample samples[BENCH_MAX_ROUNDS];
  sample warm;
  uint64_t asked = 0;
  if (!run_round(where, work, len, count, 0, &warm, &asked)) return false;
  asked = 0;
  for (int i = 0; i < rounds; i++)
    if (!run_round(where, work, len, count, i, &samples[i], &asked)) return false;
  qsort(samples, (size_t)rounds, sizeof(samples[0]), by_ratio);
  result->ratio = samples[rounds / 2].ratio;
  result->ratio_min = samples[0].ratio;
  result->ratio_max = samples[rounds - 1].ratio;
  result->direct_ns = median_ns(samples, rounds, DIRECT);
  result->seam_ns = median_ns(samples, rounds, SEAM);
  result->layer_ns = median_ns(samples, rounds, LAYER);
  result->allocations = (double)asked / ((double)count * rounds);
  return true;
}

/* Heap bytes that each end of an idle connection holds, without the wire. */
static double idle_bytes(const bench_contender *contender, void *shared) {
  bench_pair *pairs[IDLE_PAIRS];
  uint8_t byte = 1;
  uint8_t out;
  size_t before = mallinfo2().uordblks;
  for (int i = 0; i < IDLE_PAIRS; i++) {
    pairs[i] = contender->open(shared);
    if (pairs[i] == NULL || !contender->transfer(pairs[i], &byte, &out, 1)) return -1;
    contender->rest(pairs[i]);
  }
  size_t held = mallinfo2().uordblks - before;
  for (int i = 0; i < IDLE_PAIRS; i++) contender->close(pairs[i]);
  return ((double)held / IDLE_PAIRS - 2.0 * sizeof(bench_wire)) / 2;
}

static bool open_arena(arena *where, const char *engine, const bench_pki *pki) {
  *where = (arena){.contenders = {bench_direct(engine), bench_seam(engine), bench_layer(engine)}};
  if (where->contenders[DIRECT] == NULL) return false;
  for (int i = 0; i < CONTENDERS; i++) {
    where->shared[i] = where->contenders[i]->setup(pki);
    if (where->shared[i] == NULL) return false;
  }
  return true;
}

static void close_arena(arena *where) {
  for (int i = 0; i < CONTENDERS; i++)
    if (where->shared[i] != NULL) where->contenders[i]->teardown(where->shared[i]);
}

static bool measure_all(arena *where, int rounds, bench_result *result) {
  static const struct {
    const char *name;
    workload work;
    size_t len;
    int count;
    double target;
  } plan[BENCH_FIGURES] = {{"handshake", shake_many, 0, 40, 0.98},
                           {"64 B", move_many, 64, 20000, 0.95},
                           {"1 KiB", move_many, 1024, 15000, 0.97},
                           {"16 KiB", move_many, 16384, 2000, 0.98}};
  for (int i = 0; i < BENCH_FIGURES; i++) {
    bench_figure *figure = &result->figures[i];
    figure->name = plan[i].name;
    figure->target = plan[i].target;
    if (!measure(where, rounds, plan[i].work, plan[i].len, plan[i].count, figure)) return false;
  }
  result->direct_idle = idle_bytes(where->contenders[DIRECT], where->shared[DIRECT]);
  result->layer_idle = idle_bytes(where->contenders[LAYER], where->shared[LAYER]);
  return result->direct_idle >= 0 && result->layer_idle >= 0;
}

bool bench_measure(const char *engine, int rounds, const bench_pki *pki, bench_result *result) {
  arena where;
  result->engine = engine;
  bool done = open_arena(&where, engine, pki) && measure_all(&where, rounds, result);
  close_arena(&where);
  return done;
}

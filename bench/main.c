/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * wasi-tls-bench: what the layer costs. Each figure is a ratio to the engine used directly, in the same process, over
 * the same memory wire, in interleaved rounds: machines are noisy, so seconds mean little and pairs of rounds mean
 * much.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "contender.h"
#include "pki.h"
#include "wasi_tls/engine.h"
#include "wire.h"

enum { MAX_ROUNDS = 99, IDLE_PAIRS = 64 };

typedef struct options {
  const char *engine;
  bool json;
  int rounds;
} options;

typedef struct sample {
  double direct;
  double layer;
  double ratio;
} sample;

typedef struct figure {
  const char *name;
  double target;
  double ratio, ratio_min, ratio_max;
  double direct_ns, layer_ns; /* per operation */
  double allocations;         /* the layer's own, per operation */
} figure;

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

typedef struct arena {
  const bench_contender *contenders[2]; /* direct, layer */
  void *shared[2];
} arena;

/* The order within a round alternates, so that neither always comes second. */
static bool run_round(arena *where, workload work, size_t len, int count, int round, sample *result, uint64_t *asked) {
  double each[2];
  uint64_t asked_by[2] = {0, 0};
  for (int i = 0; i < 2; i++) {
    int side = (round + i) % 2;
    each[side] = work(where->contenders[side], where->shared[side], len, count, &asked_by[side]);
    if (each[side] < 0) return false;
  }
  *result = (sample){each[0], each[1], each[0] / each[1]};
  *asked += asked_by[1];
  return true;
}

static bool measure(arena *where, const options *how, workload work, size_t len, int count, figure *result) {
  sample samples[MAX_ROUNDS];
  sample warm;
  uint64_t asked = 0;
  if (!run_round(where, work, len, count, 0, &warm, &asked)) return false;
  asked = 0;
  for (int i = 0; i < how->rounds; i++)
    if (!run_round(where, work, len, count, i, &samples[i], &asked)) return false;
  qsort(samples, (size_t)how->rounds, sizeof(samples[0]), by_ratio);
  const sample *median = &samples[how->rounds / 2];
  result->ratio = median->ratio;
  result->ratio_min = samples[0].ratio;
  result->ratio_max = samples[how->rounds - 1].ratio;
  result->direct_ns = median->direct;
  result->layer_ns = median->layer;
  result->allocations = (double)asked / ((double)count * how->rounds);
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

static void print_table(const char *engine, const figure *figures, int count, double direct_idle, double layer_idle) {
  printf("%s (%s), TLS 1.3, P-256, AES-128-GCM; ratio = direct time / time through the library\n\n", engine,
         wasi_tls_engine_version(engine));
  printf("%-12s %8s %8s %17s %12s %12s %12s\n", "operation", "ratio", "target", "spread", "direct ns", "library ns",
         "allocations");
  for (int i = 0; i < count; i++)
    printf("%-12s %8.3f %8.2f %8.3f..%-7.3f %12.0f %12.0f %12.2f\n", figures[i].name, figures[i].ratio,
           figures[i].target, figures[i].ratio_min, figures[i].ratio_max, figures[i].direct_ns, figures[i].layer_ns,
           figures[i].allocations);
  printf(
      "\nidle connection, bytes on the heap for each end: direct %.0f, library %.0f, difference %.0f (target 2048)\n",
      direct_idle, layer_idle, layer_idle - direct_idle);
}

static void print_json(const char *engine, const figure *figures, int count, double direct_idle, double layer_idle) {
  printf("{\"engine\": \"%s\", \"version\": \"%s\", \"figures\": [", engine, wasi_tls_engine_version(engine));
  for (int i = 0; i < count; i++)
    printf(
        "%s{\"operation\": \"%s\", \"ratio\": %.4f, \"target\": %.2f, \"ratio_min\": %.4f, \"ratio_max\": %.4f, "
        "\"direct_ns\": %.1f, \"library_ns\": %.1f, \"library_allocations\": %.3f}",
        i != 0 ? ", " : "", figures[i].name, figures[i].ratio, figures[i].target, figures[i].ratio_min,
        figures[i].ratio_max, figures[i].direct_ns, figures[i].layer_ns, figures[i].allocations);
  printf("], \"idle_bytes\": {\"direct\": %.0f, \"library\": %.0f, \"difference\": %.0f, \"target\": 2048}}\n",
         direct_idle, layer_idle, layer_idle - direct_idle);
}

static bool open_arena(arena *where, const bench_pki *pki) {
  for (int i = 0; i < 2; i++) {
    where->shared[i] = where->contenders[i]->setup(pki);
    if (where->shared[i] == NULL) return false;
  }
  return true;
}

static void close_arena(arena *where) {
  for (int i = 0; i < 2; i++) {
    if (where->shared[i] != NULL) where->contenders[i]->teardown(where->shared[i]);
  }
}

static int run(const options *how, const bench_pki *pki) {
  static const struct {
    const char *name;
    workload work;
    size_t len;
    int count;
    double target;
  } plan[] = {{"handshake", shake_many, 0, 40, 0.98},
              {"64 B", move_many, 64, 20000, 0.95},
              {"1 KiB", move_many, 1024, 15000, 0.97},
              {"16 KiB", move_many, 16384, 2000, 0.98}};
  enum { PLANNED = sizeof(plan) / sizeof(plan[0]) };
  arena where = {.contenders = {bench_direct(how->engine), bench_layer(how->engine)}};
  figure figures[PLANNED] = {{0}};
  int status = 1;
  if (where.contenders[0] == NULL) {
    fprintf(stderr, "wasi-tls-bench: no direct contender for engine %s\n", how->engine);
    return 2;
  }
  if (!open_arena(&where, pki)) goto out;
  for (int i = 0; i < PLANNED; i++) {
    figures[i].name = plan[i].name;
    figures[i].target = plan[i].target;
    if (!measure(&where, how, plan[i].work, plan[i].len, plan[i].count, &figures[i])) goto out;
  }
  double direct = idle_bytes(where.contenders[0], where.shared[0]);
  double layer = idle_bytes(where.contenders[1], where.shared[1]);
  if (direct < 0 || layer < 0) goto out;
  (how->json ? print_json : print_table)(how->engine, figures, PLANNED, direct, layer);
  status = 0;
out:
  if (status != 0) fprintf(stderr, "wasi-tls-bench: a connection failed\n");
  close_arena(&where);
  return status;
}

static int usage(FILE *out, int status) {
  fputs(
      "usage: wasi-tls-bench [--json] [--engine E] [--rounds N]\n"
      "  --json      print one JSON object instead of a table\n"
      "  --engine E  an engine that is built in (default: the first)\n"
      "  --rounds N  interleaved rounds for each figure, 3 to 99 (default 15)\n",
      out);
  return status;
}

static bool parse(int argc, char **argv, options *how) {
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--json") == 0) {
      how->json = true;
    } else if (strcmp(argv[i], "--engine") == 0 && i + 1 < argc) {
      how->engine = argv[++i];
    } else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) {
      how->rounds = atoi(argv[++i]);
    } else {
      return false;
    }
  }
  return how->rounds >= 3 && how->rounds <= MAX_ROUNDS;
}

int main(int argc, char **argv) {
  options how = {wasi_tls_engine_name(0), false, 15};
  if (argc == 2 && strcmp(argv[1], "--help") == 0) return usage(stdout, 0);
  if (!parse(argc, argv, &how)) return usage(stderr, 1);
  bench_pki pki;
  if (!bench_pki_make(&pki)) {
    fprintf(stderr, "wasi-tls-bench: no certificates could be made\n");
    return 1;
  }
  int status = run(&how, &pki);
  bench_pki_free(&pki);
  return status;
}

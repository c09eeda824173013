/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * wasi-tls-bench: what the layer costs. Each figure is a ratio to the engine used directly, in the same process, over
 * the same memory wire, in interleaved rounds: machines are noisy, so seconds mean little and pairs of rounds mean
 * much.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "pki.h"
#include "wasi_tls/engine.h"

enum { MAX_ENGINES = 8 };

typedef struct options {
  const char *engine; /* NULL: all */
  bool json;
  int rounds;
} options;

static int usage(FILE *out, int status) {
  fputs(
      "usage: wasi-tls-bench [--json] [--engine E] [--rounds N]\n"
      "  --json      print JSON instead of a table\n"
      "  --engine E  one of the engines that are built in (default: all of them)\n"
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
  return how->rounds >= BENCH_MIN_ROUNDS && how->rounds <= BENCH_MAX_ROUNDS;
}

static bool run(const options *how, const bench_pki *pki) {
  bench_result results[MAX_ENGINES] = {{0}};
  size_t count = 0;
  for (size_t i = 0; i < wasi_tls_engine_count() && i < MAX_ENGINES; i++) {
    const char *engine = wasi_tls_engine_name(i);
    if (how->engine != NULL && strcmp(how->engine, engine) != 0) continue;
    if (!bench_measure(engine, how->rounds, pki, &results[count++])) {
      fprintf(stderr, "wasi-tls-bench: a connection failed on %s\n", engine);
      return false;
    }
  }
  if (count == 0) {
    fprintf(stderr, "wasi-tls-bench: %s is not built in\n", how->engine);
    return false;
  }
  (how->json ? bench_print_json : bench_print_table)(results, count);
  return true;
}

int main(int argc, char **argv) {
  options how = {NULL, false, 15};
  if (argc == 2 && strcmp(argv[1], "--help") == 0) return usage(stdout, 0);
  if (!parse(argc, argv, &how)) return usage(stderr, 1);
  bench_pki pki;
  if (!bench_pki_make(&pki)) {
    fprintf(stderr, "wasi-tls-bench: no certificates could be made\n");
    return 1;
  }
  bool done = run(&how, &pki);
  bench_pki_free(&pki);
  return done ? 0 : 1;
}

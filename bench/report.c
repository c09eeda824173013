/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <stdio.h>

#include "measure.h"
#include "wasi_tls/engine.h"

/* What the backend and the core add to the engine used directly. */
static double backend_adds(const bench_figure *figure) {
  return figure->seam_ns - figure->direct_ns;
}

static double core_adds(const bench_figure *figure) {
  return figure->layer_ns - figure->seam_ns;
}

static void print_rule(size_t count) {
  printf("%-12s", "");
  for (size_t i = 0; i < count; i++) printf("  --------------------------------");
  putchar('\n');
}

static void print_times(const bench_result *results, size_t count, const char *name,
                        double (*value)(const bench_figure *), int index) {
  printf("  %-10s", name);
  for (size_t i = 0; i < count; i++) printf("  %29.0f ns", value(&results[i].figures[index]));
  putchar('\n');
}

static double direct_time(const bench_figure *figure) {
  return figure->direct_ns;
}

static void print_figure(const bench_result *results, size_t count, int index) {
  printf("%-12s", results[0].figures[index].name);
  for (size_t i = 0; i < count; i++) {
    const bench_figure *figure = &results[i].figures[index];
    printf("  %.3f %s (%.3f..%.3f, %.2f)", figure->ratio, figure->ratio >= figure->target ? "  " : "< ",
           figure->ratio_min, figure->ratio_max, figure->target);
  }
  putchar('\n');
  print_times(results, count, "direct", direct_time, index);
  print_times(results, count, "+ backend", backend_adds, index);
  print_times(results, count, "+ core", core_adds, index);
  printf("  %-10s", "asks for");
  for (size_t i = 0; i < count; i++) printf("  %20.2f allocations", results[i].figures[index].allocations);
  putchar('\n');
}

void bench_print_table(const bench_result *results, size_t count) {
  printf("TLS 1.3, P-256, AES-128-GCM. ratio = direct time / time through the library (of the rounds, target)\n\n%-12s",
         "");
  for (size_t i = 0; i < count; i++) printf("  %-32.32s", wasi_tls_engine_version(results[i].engine));
  putchar('\n');
  print_rule(count);
  for (int i = 0; i < BENCH_FIGURES; i++) print_figure(results, count, i);
  printf("%-12s", "idle, bytes");
  for (size_t i = 0; i < count; i++) {
    double more = results[i].layer_idle - results[i].direct_idle;
    printf("  %.0f + %.0f %s(%d)%*s", results[i].direct_idle, more, more <= BENCH_IDLE_TARGET ? "" : "> ",
           BENCH_IDLE_TARGET, 12, "");
  }
  putchar('\n');
}

static void print_json_figure(const bench_figure *figure) {
  printf(
      "{\"operation\": \"%s\", \"ratio\": %.4f, \"target\": %.2f, \"ratio_min\": %.4f, \"ratio_max\": %.4f, "
      "\"direct_ns\": %.1f, \"library_ns\": %.1f, \"backend_adds_ns\": %.1f, \"core_adds_ns\": %.1f, "
      "\"library_allocations\": %.3f}",
      figure->name, figure->ratio, figure->target, figure->ratio_min, figure->ratio_max, figure->direct_ns,
      figure->layer_ns, backend_adds(figure), core_adds(figure), figure->allocations);
}

void bench_print_json(const bench_result *results, size_t count) {
  putchar('[');
  for (size_t i = 0; i < count; i++) {
    const bench_result *result = &results[i];
    printf("%s{\"engine\": \"%s\", \"version\": \"%s\", \"figures\": [", i != 0 ? ", " : "", result->engine,
           wasi_tls_engine_version(result->engine));
    for (int k = 0; k < BENCH_FIGURES; k++) {
      if (k != 0) printf(", ");
      print_json_figure(&result->figures[k]);
    }
    printf("], \"idle_bytes\": {\"direct\": %.0f, \"library\": %.0f, \"difference\": %.0f, \"target\": %d}}",
           result->direct_idle, result->layer_idle, result->layer_idle - result->direct_idle, BENCH_IDLE_TARGET);
  }
  printf("]\n");
}

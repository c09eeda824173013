/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * A guest that does what no guest should. It ends well if everything was answered as the WIT says; where the
 * component model traps, it does not come back.
 *
 *   hostile SCENARIO [ARGUMENT...]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/hostile.h"

typedef struct scenario {
  const char *name;
  void (*run)(const arguments *);
} scenario;

static const scenario scenarios[] = {
    {"drops", scenario_drops},     {"order", scenario_order},     {"forged", scenario_forged},
    {"lists", scenario_lists},     {"permit", scenario_permit},   {"splice", scenario_splice},
    {"nested", scenario_nested},   {"streams", scenario_streams}, {"abandoned", scenario_abandoned},
    {"endless", scenario_endless}, {"silent", scenario_silent},   {"garbage", scenario_garbage},
    {"limits", scenario_limits},   {"fill", scenario_fill},       {"busy", scenario_busy},
    {"idle", scenario_idle},
};

const char *argument(const arguments *all, int index) {
  check(index < all->count, "arguments");
  return all->list[index];
}

unsigned long number(const arguments *all, int index) {
  return strtoul(argument(all, index), NULL, 10);
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: hostile SCENARIO [ARGUMENT...]\n");
    return EXIT_FAILURE;
  }
  const arguments rest = {argc - 2, argv + 2};
  for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
    if (strcmp(scenarios[i].name, argv[1]) != 0) continue;
    scenarios[i].run(&rest);
    release();
    return EXIT_SUCCESS;
  }
  fprintf(stderr, "there is no scenario %s\n", argv[1]);
  return EXIT_FAILURE;
}

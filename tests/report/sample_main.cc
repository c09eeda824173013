// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// sample_main mixed|good|large FOLDER: writes the report of a run that never was.
#include <cstdio>
#include <cstring>

#include "sample.h"

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  conformance::Report report = strcmp(argv[1], "mixed") == 0  ? sample::mixed()
                               : strcmp(argv[1], "good") == 0 ? sample::good()
                                                              : sample::large();
  std::string wrong = write_report(report, argv[2]);
  if (!wrong.empty()) (void)fprintf(stderr, "%s\n", wrong.c_str());
  return wrong.empty() ? 0 : 1;
}

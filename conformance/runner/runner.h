// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs cases in processes of their own, one for each chapter and pairing, so that an engine that crashes or hangs costs
// one case and not the run.
#ifndef WASI_TLS_CONFORMANCE_RUNNER_H
#define WASI_TLS_CONFORMANCE_RUNNER_H

#include "report.h"

namespace conformance {

struct RunnerOptions {
  unsigned jobs = 1;
  unsigned case_seconds = 300;    // a case that takes longer hangs
  bool same_engine_only = false;  // no pairs of different engines
  std::vector<std::string> only;  // patterns of "<chapter>.<case>"; none: all
};

// Whether |text| fits |pattern|, which may have * and ? in it.
bool matches(const std::string &pattern, const std::string &text);

// Runs what was registered with the test framework. What is not about a single case (a leak found when a process ends)
// becomes a complaint. False if nothing was to be run.
bool run_cases(const RunnerOptions &options, Report *report);

}  // namespace conformance

#endif

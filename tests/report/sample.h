// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reports of runs that never were, for the tests of the writers and of the page.
#ifndef WASI_TLS_TESTS_REPORT_SAMPLE_H
#define WASI_TLS_TESTS_REPORT_SAMPLE_H

#include "conformance/report/report.h"

namespace sample {

// All kinds of cells and verdicts, and texts that would break what is careless with them.
conformance::Report mixed();
// Nothing but passes.
conformance::Report good();
// As large as they get: 250 behaviours, four engines, 10,000 runs, of which a part fails with a long message.
conformance::Report large();

// What no file of a report may hand on as it is.
extern const char kNasty[];

}  // namespace sample

#endif

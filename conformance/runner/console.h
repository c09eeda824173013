// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The short form of a report, for a terminal.
#ifndef WASI_TLS_CONFORMANCE_CONSOLE_H
#define WASI_TLS_CONFORMANCE_CONSOLE_H

#include <ostream>

#include "report.h"

namespace conformance {

// What failed and why, what was counted, and a line for each chapter with what holds on each engine.
void print_report(const Report &report, std::ostream &out);

}  // namespace conformance

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "report.h"
namespace conformance {
[[gnu::weak]] const char *name_of(Cell) {
  return "?";
}
[[gnu::weak]] const char *name_of(Verdict) {
  return "?";
}
[[gnu::weak]] std::string write_report(const Report &, const std::string &) {
  return "no report yet";
}
}  // namespace conformance

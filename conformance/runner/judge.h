// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From runs to what is said of each behaviour on each engine.
#ifndef WASI_TLS_CONFORMANCE_JUDGE_H
#define WASI_TLS_CONFORMANCE_JUDGE_H

#include "report.h"

namespace conformance {

// Reads waivers, {"waivers": [{"behaviour", "engine", "reason", "link", "seen_in"}]}, and adds them to |waivers|. Empty
// on success, else what is wrong. A waiver without a reason or a link is wrong; one without |seen_in| is for all
// versions.
std::string read_waivers(const std::string &text, std::vector<Waiver> *waivers);

// Fills in the cells, and complains about waivers that excuse nothing in a version that they were seen in. |partial|:
// not all cases were to be run, so that an unused waiver says nothing.
void judge(Report *report, bool partial);

}  // namespace conformance

#endif

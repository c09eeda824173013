// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The catalogue of behaviours: data (catalogue/<chapter>.json), built into the program.
#ifndef WASI_TLS_CONFORMANCE_CATALOGUE_H
#define WASI_TLS_CONFORMANCE_CATALOGUE_H

#include "report.h"

namespace conformance {

struct Catalogue {
  std::vector<Chapter> chapters;
  std::vector<Behaviour> behaviours;
  std::vector<std::string> mistakes;  // what is wrong with the data
};

// Read once.
const Catalogue &catalogue();
// |mistakes|, and each behaviour without a case, and each of |cases| ("<chapter>.<case>") without a behaviour.
std::vector<std::string> check_catalogue(const Catalogue &catalogue, const std::vector<std::string> &cases);

}  // namespace conformance

#endif

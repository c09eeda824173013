// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Engines that are broken: no peer can make a good one do what these do.
#ifndef WASI_TLS_CONFORMANCE_ERRORS_ENGINE_H
#define WASI_TLS_CONFORMANCE_ERRORS_ENGINE_H

#include "options.h"

namespace conformance {

constexpr const char *kBrokenEngineText = "out of cheese";
constexpr int64_t kBrokenEngineCode = -77;
// A configuration with an engine that takes every identity. Its handshakes fail, or, if it is |careless|, succeed at
// once without a look at the peer.
wasi_tls_result build_with_broken_engine(Config *config, bool careless = false);

}  // namespace conformance

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An engine's backend whose own allocations fail where they are told to: those that its code takes from the C library,
// whatever allocator the configuration has. What the engine's library behind it does is its own matter.
#ifndef WASI_TLS_CONFORMANCE_STARVED_BACKEND_H
#define WASI_TLS_CONFORMANCE_STARVED_BACKEND_H

#include <string>

#include "wasi_tls/backend.h"
#include "wire.h"

namespace conformance {

// Of all calls of starved backends.
struct Starvation {
  size_t made = 0;
  size_t fail_at = kNever;  // the number of the allocation to fail, from 0
  bool failed = false;
};
extern Starvation starvation;

// Whether this build can do so: a sanitizer has the C library's allocations for itself.
bool can_starve();
// The backend of the engine of that name; for one at a time, and on one thread.
const wasi_tls_backend *starved(const std::string &engine);

}  // namespace conformance

#endif

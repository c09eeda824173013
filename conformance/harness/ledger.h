// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An allocator for configurations that keeps account, and fails where it is told to.
#ifndef WASI_TLS_CONFORMANCE_LEDGER_H
#define WASI_TLS_CONFORMANCE_LEDGER_H

#include <cstdlib>

#include "wire.h"

namespace conformance {

// Counts, and fails one allocation on demand.
struct Ledger {
  size_t live = 0;
  size_t made = 0;
  size_t fail_at = kNever;  // the number of the allocation to fail, from 0
  bool failed = false;

  bool fails() {
    bool now = made++ == fail_at;
    failed = failed || now;
    return now;
  }
  static Ledger *of(void *context) {
    return static_cast<Ledger *>(context);
  }
  static void *allocate(void *context, size_t size) {
    Ledger *ledger = of(context);
    if (ledger->fails()) return nullptr;
    ledger->live++;
    return std::malloc(size);
  }
  static void *reallocate(void *context, void *memory, size_t size) {
    Ledger *ledger = of(context);
    if (ledger->fails()) return nullptr;
    if (memory == nullptr) ledger->live++;
    return std::realloc(memory, size);
  }
  static void release(void *context, void *memory) {
    if (memory != nullptr) of(context)->live--;
    std::free(memory);
  }
  wasi_tls_allocator allocator() {
    return {this, allocate, reallocate, release};
  }
};

}  // namespace conformance

#endif

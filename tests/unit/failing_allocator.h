/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* An allocator that fails at a given allocation, and counts what is not given back. */
#ifndef WASI_TLS_TESTS_FAILING_ALLOCATOR_H
#define WASI_TLS_TESTS_FAILING_ALLOCATOR_H

#include <cstdlib>

#include "wasi_tls/config.h"

namespace wasi_tls_test {

class FailingAllocator {
 public:
  /* |successes|: how many allocations work before one fails. */
  explicit FailingAllocator(int successes) : left_(successes) {}
  FailingAllocator(const FailingAllocator &) = delete;
  FailingAllocator &operator=(const FailingAllocator &) = delete;

  const wasi_tls_allocator *get() const {
    return &allocator_;
  }
  bool failed() const {
    return failed_;
  }
  int live() const {
    return live_;
  }

 private:
  bool Refuse() {
    if (left_-- > 0) return false;
    failed_ = true;
    return true;
  }
  static void *Allocate(void *context, size_t size) {
    auto *self = static_cast<FailingAllocator *>(context);
    if (self->Refuse()) return nullptr;
    self->live_++;
    return malloc(size);
  }
  static void *Reallocate(void *context, void *memory, size_t size) {
    auto *self = static_cast<FailingAllocator *>(context);
    if (self->Refuse()) return nullptr;
    if (memory == nullptr) self->live_++;
    return realloc(memory, size);
  }
  static void Release(void *context, void *memory) {
    static_cast<FailingAllocator *>(context)->live_--;
    free(memory);
  }

  wasi_tls_allocator allocator_ = {this, Allocate, Reallocate, Release};
  int left_;
  bool failed_ = false;
  int live_ = 0;
};

}  // namespace wasi_tls_test

#endif

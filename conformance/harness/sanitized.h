// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Whether this is a build with a sanitizer: everything takes a multiple of its time, and allocations are its own.
#ifndef WASI_TLS_CONFORMANCE_SANITIZED_H
#define WASI_TLS_CONFORMANCE_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CONFORMANCE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define CONFORMANCE_SANITIZED 1
#endif
#endif
#ifndef CONFORMANCE_SANITIZED
#define CONFORMANCE_SANITIZED 0
#endif

namespace conformance {

constexpr bool kSanitized = CONFORMANCE_SANITIZED != 0;

}  // namespace conformance

#endif

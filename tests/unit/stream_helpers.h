/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What the tests of the ready-made streams share. */
#ifndef WASI_TLS_TESTS_STREAM_HELPERS_H
#define WASI_TLS_TESTS_STREAM_HELPERS_H

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "wasi_tls/stream.h"

/* Counts how often it is woken. */
class Wakes {
 public:
  wasi_tls_waker waker() {
    return {&Wakes::wake, this};
  }
  int count() const {
    return count_;
  }

 private:
  static void wake(void *self) {
    static_cast<Wakes *>(self)->count_++;
  }
  int count_ = 0;
};

inline const wasi_tls_waker kOnlyAsk = {nullptr, nullptr};

inline wasi_tls_result write_text(wasi_tls_output_stream *output, const std::string &text) {
  return wasi_tls_output_stream_write(output, reinterpret_cast<const uint8_t *>(text.data()), text.size());
}

/* One read of up to |len| bytes that is expected to work. */
inline std::string read_text(wasi_tls_input_stream *input, size_t len) {
  std::string text(len, '\0');
  size_t count = 0;
  EXPECT_EQ(WASI_TLS_OK, wasi_tls_input_stream_read(input, reinterpret_cast<uint8_t *>(&text[0]), len, &count));
  text.resize(count);
  return text;
}

inline wasi_tls_result read_result(wasi_tls_input_stream *input) {
  uint8_t byte = 0;
  size_t count = 0;
  return wasi_tls_input_stream_read(input, &byte, 1, &count);
}

/* The permit, or the result if there is none. */
inline long permit_of(wasi_tls_output_stream *output) {
  size_t permit = 0;
  wasi_tls_result result = wasi_tls_output_stream_check_write(output, &permit);
  return result == WASI_TLS_OK ? static_cast<long>(permit) : static_cast<long>(result);
}

#endif

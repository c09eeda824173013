// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Signs in the place of a private key, as an embedder's module would; or does something that it should not.
#ifndef WASI_TLS_CONFORMANCE_SIGNER_H
#define WASI_TLS_CONFORMANCE_SIGNER_H

#include <atomic>
#include <functional>
#include <mutex>

#include "pki.h"

namespace conformance {

class Signer {
 public:
  explicit Signer(std::shared_ptr<const Key> key) : key_(std::move(key)) {}
  Signer(const Signer &) = delete;

  wasi_tls_signer raw();
  int signatures() const {
    return signatures_;
  }
  int drops() const {
    return drops_;
  }
  // Whatever was asked for, it was for the key, of a digest of the right length, into room for the longest signature.
  bool was_asked_well() const {
    return asked_well_;
  }
  std::vector<uint16_t> schemes() const;

  // What happens to each signature; false: the signer says that there is none, whatever it has stored. What is longer
  // than there is room for is only said to be.
  std::function<bool(Bytes *signature)> spoil;
  std::function<void()> meanwhile;  // called in each call

 private:
  static bool sign(void *context, uint16_t scheme, wasi_tls_bytes data, uint8_t *signature, size_t capacity,
                   size_t *len);
  static void drop(void *context);

  std::shared_ptr<const Key> key_;
  std::atomic<int> signatures_{0}, drops_{0};
  std::atomic<bool> asked_well_{true};
  mutable std::mutex mutex_;
  std::vector<uint16_t> schemes_;
};

}  // namespace conformance

#endif

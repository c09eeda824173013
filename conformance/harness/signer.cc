// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "signer.h"

#include <algorithm>

namespace conformance {

wasi_tls_signer Signer::raw() {
  wasi_tls_signer raw;
  wasi_tls_signer_init(&raw);
  raw.context = this;
  raw.sign = sign;
  raw.drop = drop;
  return raw;
}

std::vector<uint16_t> Signer::schemes() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return schemes_;
}

bool Signer::sign(void *context, uint16_t scheme, wasi_tls_bytes data, uint8_t *signature, size_t capacity,
                  size_t *len) {
  auto *self = static_cast<Signer *>(context);
  Bytes made = conformance::sign(*self->key_, scheme, data);
  self->signatures_++;
  if (made.empty() || made.size() > capacity || self->drops_ != 0) self->asked_well_ = false;
  {
    std::lock_guard<std::mutex> lock(self->mutex_);
    self->schemes_.push_back(scheme);
  }
  if (self->meanwhile) self->meanwhile();
  bool given = !made.empty() && (!self->spoil || self->spoil(&made));
  std::copy_n(made.begin(), std::min(made.size(), capacity), signature);
  *len = made.size();
  return given;
}

void Signer::drop(void *context) {
  static_cast<Signer *>(context)->drops_++;
}

}  // namespace conformance

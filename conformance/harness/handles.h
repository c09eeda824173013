// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Owning handles for the library's resources, so that a test says what it drops and when.
#ifndef WASI_TLS_CONFORMANCE_HANDLES_H
#define WASI_TLS_CONFORMANCE_HANDLES_H

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wasi_tls/wasi_tls.h"

namespace conformance {

template <class T, void (*Free)(T *)>
class Handle {
 public:
  Handle() = default;
  explicit Handle(T *raw) : raw_(raw) {}
  Handle(Handle &&other) noexcept : raw_(other.release()) {}
  Handle &operator=(Handle &&other) noexcept {
    if (this != &other) {
      reset();
      raw_ = other.release();
    }
    return *this;
  }
  ~Handle() {
    reset();
  }

  T *get() const {
    return raw_;
  }
  explicit operator bool() const {
    return raw_ != nullptr;
  }
  T *release() {
    return std::exchange(raw_, nullptr);
  }
  void reset() {
    if (raw_ != nullptr) Free(std::exchange(raw_, nullptr));
  }
  // Where a function of the library stores what it makes.
  T **out() {
    reset();
    return &raw_;
  }

 private:
  T *raw_ = nullptr;
};

using Config = Handle<wasi_tls_config, wasi_tls_config_free>;
using PublicIdentity = Handle<wasi_tls_public_identity, wasi_tls_public_identity_free>;
using PrivateIdentity = Handle<wasi_tls_private_identity, wasi_tls_private_identity_free>;
using ClientConnection = Handle<wasi_tls_client_connection, wasi_tls_client_connection_free>;
using ClientHandshake = Handle<wasi_tls_client_handshake, wasi_tls_client_handshake_free>;
using IdentityRequest = Handle<wasi_tls_client_identity_request, wasi_tls_client_identity_request_free>;
using ServerConnection = Handle<wasi_tls_server_connection, wasi_tls_server_connection_free>;
using ServerHandshake = Handle<wasi_tls_server_handshake, wasi_tls_server_handshake_free>;
using ClientHello = Handle<wasi_tls_client_hello, wasi_tls_client_hello_free>;
using FutureStreams = Handle<wasi_tls_future_streams, wasi_tls_future_streams_free>;
using FutureClientHello = Handle<wasi_tls_future_client_hello, wasi_tls_future_client_hello_free>;
using FuturePublicIdentity = Handle<wasi_tls_future_public_identity, wasi_tls_future_public_identity_free>;
using FutureIdentityRequest =
    Handle<wasi_tls_future_client_identity_request, wasi_tls_future_client_identity_request_free>;
using Pollable = Handle<wasi_tls_pollable, wasi_tls_pollable_free>;
using Input = Handle<wasi_tls_input_stream, wasi_tls_input_stream_free>;
using Output = Handle<wasi_tls_output_stream, wasi_tls_output_stream_free>;

using Bytes = std::vector<uint8_t>;

inline Bytes to_bytes(std::string_view text) {
  return Bytes(text.begin(), text.end());
}
inline Bytes to_bytes(wasi_tls_bytes view) {
  return view.len == 0 ? Bytes() : Bytes(view.data, view.data + view.len);
}
inline std::vector<Bytes> to_list(const wasi_tls_bytes *views, size_t count) {
  std::vector<Bytes> list;
  for (size_t i = 0; i < count; i++) list.push_back(to_bytes(views[i]));
  return list;
}
inline std::string to_string(wasi_tls_bytes view) {
  return view.len == 0 ? std::string() : std::string(reinterpret_cast<const char *>(view.data), view.len);
}
// Empty is not NULL.
inline wasi_tls_bytes view_of(const Bytes &bytes) {
  static const uint8_t nothing = 0;
  return {bytes.empty() ? &nothing : bytes.data(), bytes.size()};
}
inline wasi_tls_bytes view_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}
template <class Container>
std::vector<wasi_tls_bytes> views_of(const Container &list) {
  std::vector<wasi_tls_bytes> views;
  for (const auto &each : list) views.push_back(view_of(each));
  return views;
}

}  // namespace conformance

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* An engine that does what a test tells it to, good or bad, and speaks no TLS. */
#ifndef WASI_TLS_TESTS_MOCK_BACKEND_H
#define WASI_TLS_TESTS_MOCK_BACKEND_H

#include <functional>
#include <vector>

#include "wasi_tls/backend.h"

namespace wasi_tls_test {

/* One at a time: the vtable has no room for more than the connection that is being made. */
struct MockEngine {
  const wasi_tls_backend_host *host = nullptr;
  void *core = nullptr;
  std::function<wasi_tls_outcome(MockEngine &)> handshake;
  std::function<wasi_tls_outcome(MockEngine &, uint8_t alert)> alert;
  wasi_tls_backend_info info = {0, 0, {nullptr, 0}};

  wasi_tls_io Send(const std::vector<uint8_t> &record, bool is_alert = false) {
    return host->send(core, record.data(), record.size(), is_alert);
  }
  wasi_tls_io Receive(size_t len, size_t *count) {
    std::vector<uint8_t> buffer(len);
    return host->receive(core, buffer.data(), len, count);
  }
  wasi_tls_decision ShowChain(const std::vector<uint8_t> &leaf, wasi_tls_verify_reason reason, uint8_t *to_send) {
    const wasi_tls_bytes chain = {leaf.data(), leaf.size()};
    return host->peer_identity(core, &chain, 1, reason, 0, to_send);
  }

  static MockEngine &Current() {
    static MockEngine engine;
    return engine;
  }
};

inline wasi_tls_backend MockBackend() {
  wasi_tls_backend backend = {};
  backend.size = sizeof(backend);
  backend.abi = WASI_TLS_BACKEND_ABI;
  backend.name = "mock";
  backend.capabilities = (UINT64_C(1) << WASI_TLS_CAP_COUNT) - 1;
  backend.version = [] { return "1"; };
  backend.context_new = [](const wasi_tls_backend_context_params *, void **context, wasi_tls_backend_report *) {
    *context = &MockEngine::Current();
    return WASI_TLS_OK;
  };
  backend.context_free = [](void *) {};
  backend.identity_new = [](void *context, wasi_tls_key_encoding, wasi_tls_bytes, const wasi_tls_bytes *, size_t,
                            void **identity) {
    *identity = context;
    return WASI_TLS_OK;
  };
  backend.identity_free = [](void *) {};
  backend.connection_new = [](void *context, const wasi_tls_backend_connection_params *params, void **connection) {
    auto *engine = static_cast<MockEngine *>(context);
    engine->host = params->host;
    engine->core = params->core;
    *connection = engine;
    return WASI_TLS_OK;
  };
  backend.connection_free = [](void *) {};
  backend.handshake = [](void *connection, wasi_tls_backend_report *report) {
    *report = {WASI_TLS_NO_ALERT, 0, ""};
    auto *engine = static_cast<MockEngine *>(connection);
    return engine->handshake(*engine);
  };
  backend.read = [](void *, uint8_t *, size_t, size_t *, wasi_tls_backend_report *) {
    return WASI_TLS_OUTCOME_WANT_READ;
  };
  backend.write = [](void *connection, const uint8_t *data, size_t len, size_t *count, wasi_tls_backend_report *) {
    *count = len;
    auto *engine = static_cast<MockEngine *>(connection);
    return engine->host->send(engine->core, data, len, false) == WASI_TLS_IO_OK ? WASI_TLS_OUTCOME_OK
                                                                                : WASI_TLS_OUTCOME_WANT_WRITE;
  };
  backend.alert = [](void *connection, uint8_t alert, wasi_tls_backend_report *report) {
    *report = {WASI_TLS_NO_ALERT, 0, ""};
    auto *engine = static_cast<MockEngine *>(connection);
    return engine->alert ? engine->alert(*engine, alert) : WASI_TLS_OUTCOME_OK;
  };
  backend.info = [](void *connection, wasi_tls_backend_info *info) {
    *info = static_cast<MockEngine *>(connection)->info;
  };
  backend.peer_chain = [](void *, bool (*)(void *, wasi_tls_bytes), void *) {};
  return backend;
}

}  // namespace wasi_tls_test

#endif

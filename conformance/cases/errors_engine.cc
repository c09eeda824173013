// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "errors_engine.h"

#include <cstring>

#include "wasi_tls/backend.h"

namespace conformance {

namespace {

// Stands for everything that the engine makes: nothing looks at it.
int something;

wasi_tls_result make_context(const wasi_tls_backend_context_params *, void **context, wasi_tls_backend_report *) {
  *context = &something;
  return WASI_TLS_OK;
}

wasi_tls_result make_identity(void *, wasi_tls_key_encoding, wasi_tls_bytes, const wasi_tls_bytes *, size_t,
                              void **identity) {
  *identity = &something;
  return WASI_TLS_OK;
}

wasi_tls_result make_connection(void *, const wasi_tls_backend_connection_params *, void **connection) {
  *connection = &something;
  return WASI_TLS_OK;
}

void forget(void *) {}

wasi_tls_outcome fail(wasi_tls_backend_report *report) {
  report->alert = WASI_TLS_NO_ALERT;
  report->native_code = kBrokenEngineCode;
  std::strncpy(report->text, kBrokenEngineText, sizeof(report->text) - 1);
  return WASI_TLS_OUTCOME_ENGINE_ERROR;
}

wasi_tls_backend broken_engine(bool careless) {
  wasi_tls_backend engine = {};
  engine.size = sizeof(engine);
  engine.abi = WASI_TLS_BACKEND_ABI;
  engine.name = "broken";
  engine.capabilities = ~uint64_t{0};
  engine.version = [] { return "0"; };
  engine.context_new = make_context;
  engine.context_free = forget;
  engine.identity_new = make_identity;
  engine.identity_free = forget;
  engine.connection_new = make_connection;
  engine.connection_free = forget;
  engine.handshake = [](void *, wasi_tls_backend_report *report) { return fail(report); };
  if (careless) engine.handshake = [](void *, wasi_tls_backend_report *) { return WASI_TLS_OUTCOME_OK; };
  engine.read = [](void *, uint8_t *, size_t, size_t *, wasi_tls_backend_report *report) { return fail(report); };
  engine.write = [](void *, const uint8_t *, size_t, size_t *, wasi_tls_backend_report *report) {
    return fail(report);
  };
  engine.alert = [](void *, uint8_t, wasi_tls_backend_report *report) { return fail(report); };
  engine.info = [](void *, wasi_tls_backend_info *) {};
  engine.peer_chain = [](void *, bool (*)(void *, wasi_tls_bytes), void *) {};
  return engine;
}

}  // namespace

wasi_tls_result build_with_broken_engine(Config *config, bool careless) {
  static const wasi_tls_backend failing = broken_engine(false), blind = broken_engine(true);
  wasi_tls_config_options options;
  wasi_tls_config_options_init(&options);
  options.backend = careless ? &blind : &failing;
  options.server_trust.source = WASI_TLS_TRUST_LIST;
  return wasi_tls_config_new(&options, config->out(), nullptr);
}

}  // namespace conformance

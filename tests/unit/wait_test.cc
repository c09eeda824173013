/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Waiting on a connection whose raw streams don't keep to wasi:io's word. */
#include <gtest/gtest.h>

#include <vector>

#include "mock_backend.h"
#include "wasi_tls/wasi_tls.h"

using namespace wasi_tls_test;

namespace {

/* Says that it is ready whenever it is asked, and never has anything. */
struct EagerInput {
  wasi_tls_input_stream base;
  int polls;
};

const wasi_tls_input_stream_vtable kEagerInput = {sizeof(wasi_tls_input_stream_vtable),
                                                  [](wasi_tls_input_stream *, uint8_t *, size_t, size_t *count) {
                                                    *count = 0;
                                                    return WASI_TLS_OK;
                                                  },
                                                  [](wasi_tls_input_stream *self, wasi_tls_waker) {
                                                    reinterpret_cast<EagerInput *>(self)->polls++;
                                                    return true;
                                                  },
                                                  nullptr,
                                                  [](const wasi_tls_input_stream *, wasi_tls_error *) { return false; },
                                                  [](wasi_tls_input_stream *) {}};

const wasi_tls_output_stream_vtable kSink = {
    sizeof(wasi_tls_output_stream_vtable),
    [](wasi_tls_output_stream *, size_t *permit) {
      *permit = 65536;
      return WASI_TLS_OK;
    },
    [](wasi_tls_output_stream *, const uint8_t *, size_t) { return WASI_TLS_OK; },
    [](wasi_tls_output_stream *) { return WASI_TLS_OK; },
    [](wasi_tls_output_stream *, wasi_tls_waker) { return true; },
    nullptr,
    [](const wasi_tls_output_stream *, wasi_tls_error *) { return false; },
    [](wasi_tls_output_stream *) {}};

/* Such a stream costs its host a look at each turn, and nobody else anything: no loop, no lost wake-up. */
TEST(WaitTest, StreamThatOnlySeemsReady) {
  MockEngine::Current() = MockEngine();
  MockEngine::Current().handshake = [](MockEngine &engine) {
    size_t count = 0;
    EXPECT_EQ(engine.Receive(1, &count), WASI_TLS_IO_BLOCKED);
    return WASI_TLS_OUTCOME_WANT_READ;
  };
  const wasi_tls_backend backend = MockBackend();
  EagerInput input = {{&kEagerInput}, 0};
  wasi_tls_output_stream output = {&kSink};
  wasi_tls_config_options options;
  wasi_tls_config_options_init(&options);
  options.backend = &backend;
  options.server_trust.source = WASI_TLS_TRUST_LIST;
  wasi_tls_config *config = nullptr;
  wasi_tls_client_connection *connection = nullptr;
  wasi_tls_client_handshake *handshake = nullptr;
  wasi_tls_future_streams *future = nullptr;
  wasi_tls_pollable *pollable = nullptr;
  const wasi_tls_bytes name = {reinterpret_cast<const uint8_t *>("localhost"), 9};
  ASSERT_EQ(wasi_tls_config_new(&options, &config, nullptr), WASI_TLS_OK);
  ASSERT_EQ(wasi_tls_client_connection_new(config, &input.base, &output, &connection), WASI_TLS_OK);
  ASSERT_EQ(wasi_tls_client_connection_connect(connection, name, &handshake), WASI_TLS_OK);
  ASSERT_EQ(wasi_tls_client_handshake_finish(handshake, &future), WASI_TLS_OK);
  ASSERT_EQ(wasi_tls_future_streams_subscribe(future, &pollable), WASI_TLS_OK);
  int woken = 0;
  const wasi_tls_waker waker = {[](void *context) { (*static_cast<int *>(context))++; }, &woken};
  for (int turn = 1; turn <= 10; turn++) {
    EXPECT_FALSE(wasi_tls_pollable_poll(pollable, waker));
    EXPECT_EQ(woken, turn);
    EXPECT_LE(input.polls, 2 * turn);
  }
  wasi_tls_pollable_free(pollable);
  wasi_tls_future_streams_free(future);
  wasi_tls_client_handshake_free(handshake);
  wasi_tls_client_connection_free(connection);
  wasi_tls_config_free(config);
}

}  // namespace

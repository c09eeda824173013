// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Threads (behaviours 9, 192): configurations and identities are shared, connections are not. For ThreadSanitizer.
#include <atomic>
#include <thread>

#include "case.h"

using namespace conformance;

// Engines are not built with ThreadSanitizer, which can't see how they guard what they share: it is asked about our
// code.
extern "C" const char *__tsan_default_options() {
  return "ignore_noninstrumented_modules=1";
}

namespace {

constexpr int kThreads = 4, kRounds = 5;

class Threads : public Case {
 protected:
  // A whole connection on this thread over shared configurations. True if data arrived.
  static bool run_one(wasi_tls_config *client_config, wasi_tls_config *server_config,
                      wasi_tls_private_identity *identity) {
    Wire wire;
    ClientConnection client;
    ServerConnection server;
    ClientHandshake client_handshake;
    ServerHandshake server_handshake;
    FutureStreams of_client, of_server;
    bool fine =
        wasi_tls_client_connection_new(client_config, wire.client_input(), wire.client_output(), client.out()) ==
            WASI_TLS_OK &&
        wasi_tls_server_connection_new(server_config, wire.server_input(), wire.server_output(), server.out()) ==
            WASI_TLS_OK &&
        wasi_tls_client_connection_connect(client.get(), view_of(kServerName), client_handshake.out()) == WASI_TLS_OK &&
        wasi_tls_server_connection_accept(server.get(), server_handshake.out()) == WASI_TLS_OK &&
        wasi_tls_server_handshake_configure_server_identities(server_handshake.get(), &identity, 1) == WASI_TLS_OK &&
        wasi_tls_client_handshake_finish(client_handshake.get(), of_client.out()) == WASI_TLS_OK &&
        wasi_tls_server_handshake_finish(server_handshake.get(), of_server.out()) == WASI_TLS_OK;
    return fine && exchange(of_client, of_server);
  }

  static bool exchange(const FutureStreams &of_client, const FutureStreams &of_server) {
    wasi_tls_input_stream *input[2] = {nullptr, nullptr};
    wasi_tls_output_stream *output[2] = {nullptr, nullptr};
    wasi_tls_result result[2] = {WASI_TLS_PENDING, WASI_TLS_PENDING};
    const FutureStreams *futures[2] = {&of_client, &of_server};
    for (int turn = 0; turn < 20; turn++) {
      for (int i = 0; i < 2; i++) {
        if (result[i] != WASI_TLS_PENDING) continue;
        result[i] = wasi_tls_future_streams_get(futures[i]->get(), &input[i], &output[i]);
      }
    }
    Input inputs[2] = {Input(input[0]), Input(input[1])};
    Output outputs[2] = {Output(output[0]), Output(output[1])};
    if (result[0] != WASI_TLS_OK || result[1] != WASI_TLS_OK) return false;
    size_t permit = 0, count = 0;
    uint8_t buffer[100] = {0};
    return wasi_tls_output_stream_check_write(output[0], &permit) == WASI_TLS_OK && permit >= sizeof(buffer) &&
           wasi_tls_output_stream_write(output[0], buffer, sizeof(buffer)) == WASI_TLS_OK &&
           wasi_tls_input_stream_read(input[1], buffer, sizeof(buffer), &count) == WASI_TLS_OK &&
           count == sizeof(buffer);
  }
  // Connections of all of that on each of the threads.
  static void run_on_threads(const Config &client, const Config &server, const PrivateIdentity &identity) {
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; i++) {
      threads.emplace_back([&] {
        for (int round = 0; round < kRounds; round++) {
          if (run_one(client.get(), server.get(), identity.get())) good++;
        }
      });
    }
    for (std::thread &each : threads) each.join();
    EXPECT_EQ(good, kThreads * kRounds);
  }
};

}  // namespace

CONFORMANCE_CASE(Threads, threads, shared_configuration_and_identity) {
  Config client_config, server_config;
  ASSERT_EQ(client_options.build(&client_config), WASI_TLS_OK);
  ASSERT_EQ(server_options.build(&server_config), WASI_TLS_OK);
  PrivateIdentity identity = parse_identity(server_config, server_chain(KeyType::kP256));
  run_on_threads(client_config, server_config, identity);
}

// One signer is asked by several threads at once.
CONFORMANCE_CASE(Threads, threads, shared_signer) {
  Config client_config, server_config;
  ASSERT_EQ(client_options.build(&client_config), WASI_TLS_OK);
  ASSERT_EQ(server_options.build(&server_config), WASI_TLS_OK);
  Signer signer(server_chain(KeyType::kP256)[0]->key);
  PrivateIdentity identity;
  if (!server_can(WASI_TLS_CAP_OPAQUE_KEYS)) return;
  ASSERT_EQ(opaque_identity(server_config, &signer, ders_of(server_chain(KeyType::kP256)), &identity), WASI_TLS_OK);
  run_on_threads(client_config, server_config, identity);
  EXPECT_EQ(signer.signatures(), kThreads * kRounds);
  EXPECT_TRUE(signer.was_asked_well());
  EXPECT_EQ(signer.drops(), 0);
  identity.reset();
  EXPECT_EQ(signer.drops(), 1);
}

// The last hold of a shared thing may go on any thread.
CONFORMANCE_CASE(Threads, threads, last_hold_on_another_thread) {
  Config config;
  ASSERT_EQ(server_options.build(&config), WASI_TLS_OK);
  PrivateIdentity identity = parse_identity(config, server_chain(KeyType::kP256));
  PublicIdentity shown;
  ASSERT_EQ(wasi_tls_private_identity_public_identity(identity.get(), shown.out()), WASI_TLS_OK);
  std::thread first([&] { config.reset(); }), second([&] { identity.reset(); });
  EXPECT_EQ(export_chain(shown), ders_of(server_chain(KeyType::kP256)));
  first.join();
  second.join();
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The embedder's allocator (behaviour 193): everything comes from it and goes back to it, and nothing is taken in the
// steady state.
#include "case.h"
#include "ledger.h"

using namespace conformance;

namespace {

class Allocator : public Case {
 protected:
  Ledger ledger_;
};

}  // namespace

// All that is taken is given back; both sides in one ledger.
CONFORMANCE_CASE(Allocator, allocator, balance) {
  client_options.allocator = server_options.allocator = ledger_.allocator();
  server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_OPTIONAL;
  {
    PrivateIdentity identity = client().parse(client_chain(KeyType::kP256));
    EXPECT_EQ(client().configure_identities({&identity}), WASI_TLS_OK);
  }
  ASSERT_TRUE(finish_both());
  expect_echo(100000);
  close_both();
  EXPECT_GT(ledger_.live, 0u);
  start_over();
  EXPECT_EQ(ledger_.live, 0u);
}

// The same after a failure, and after an abort.
CONFORMANCE_CASE(Allocator, allocator, balance_after_failure) {
  client_options.allocator = server_options.allocator = ledger_.allocator();
  server_name = "wrong.test";
  finish_both_expecting(WASI_TLS_ERR_VERIFY, WASI_TLS_ERR_PEER_ALERT);
  start_over();
  EXPECT_EQ(ledger_.live, 0u);
  server_name = kServerName;
  if (!start_receive_hello()) return;
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(server().abort(), WASI_TLS_OK);
  run();
  start_over();
  EXPECT_EQ(ledger_.live, 0u);
}

// In the steady state reads and writes take nothing from the allocator.
CONFORMANCE_CASE(Allocator, allocator, steady_state) {
  client_options.allocator = server_options.allocator = ledger_.allocator();
  ASSERT_TRUE(finish_both());
  client().receive();
  server().receive();
  auto rounds = [this](size_t len) {
    for (int i = 0; i < 20; i++) {
      client().send(pattern(len));
      server().send(pattern(len));
      run();
    }
  };
  for (size_t len : std::initializer_list<size_t>{64, 1024, 16384}) {
    rounds(len);
    size_t before = ledger_.made;
    rounds(len);
    EXPECT_EQ(ledger_.made, before) << len << " bytes at a time";
  }
}

// What only the handshake needed is given back when it is over and its resources are dropped: an idle connection that
// went through every step holds no more than one that went through none.
CONFORMANCE_CASE(Allocator, allocator, steps_leave_nothing_behind) {
  client_options.allocator = server_options.allocator = ledger_.allocator();
  server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_OPTIONAL;
  auto open_and_count = [this] {
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    run();
    EXPECT_EQ(client().outcome, WASI_TLS_OK);
    EXPECT_EQ(server().outcome, WASI_TLS_OK);
    client().streams.reset();
    server().streams.reset();
    return ledger_.live;
  };
  size_t plain = open_and_count();
  start_over();
  if (!start_receive_hello() || !start_verify()) return;
  run();
  if (!start_request_identity()) return;
  run();
  if (!start_receive_request()) return;
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_OK);
  EXPECT_TRUE(client().request);
  client().identity_future.reset();
  client().identity.reset();
  client().request_future.reset();
  client().request.reset();
  server().hello_future.reset();
  server().hello.reset();
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_OK);
  server().identity_future.reset();
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  client().streams.reset();
  server().streams.reset();
  EXPECT_EQ(server().outcome, WASI_TLS_OK);
  EXPECT_EQ(ledger_.live, plain);
}

// 193: many connections one after another leave nothing behind in a configuration that they share.
CONFORMANCE_CASE(Allocator, allocator, no_growth) {
  client_options.allocator = ledger_.allocator();
  Config shared;
  ASSERT_EQ(client_options.build(&shared), WASI_TLS_OK);
  size_t before = ledger_.live;
  for (int i = 0; i < 20; i++) {
    Wire unused;
    ClientConnection connection;
    ASSERT_EQ(
        wasi_tls_client_connection_new(shared.get(), unused.client_input(), unused.client_output(), connection.out()),
        WASI_TLS_OK);
    ClientHandshake handshake;
    ASSERT_EQ(wasi_tls_client_connection_connect(connection.get(), view_of(kServerName), handshake.out()), WASI_TLS_OK);
    FutureStreams streams;
    ASSERT_EQ(wasi_tls_client_handshake_finish(handshake.get(), streams.out()), WASI_TLS_OK);
    handshake.reset();
    wasi_tls_input_stream *in = nullptr;
    wasi_tls_output_stream *out = nullptr;
    EXPECT_EQ(wasi_tls_future_streams_get(streams.get(), &in, &out), WASI_TLS_PENDING);
  }
  EXPECT_EQ(ledger_.live, before);
}

// The three functions come together or not at all.
CONFORMANCE_CASE(Allocator, allocator, incomplete) {
  client_options.allocator = ledger_.allocator();
  client_options.allocator.release = nullptr;
  Config config;
  EXPECT_EQ(client_options.build(&config), WASI_TLS_ERR_NULL_ARGUMENT);
}

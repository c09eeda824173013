// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The embedder's allocator (behaviours 191, 193): everything comes from it and goes back to it, nothing is taken in the
// steady state, and each allocation may fail.
#include <algorithm>
#include <cstdlib>

#include "case.h"

using namespace conformance;

namespace {

// Counts, and fails one allocation on demand.
struct Ledger {
  size_t live = 0;
  size_t made = 0;
  size_t fail_at = kNever;  // the number of the allocation to fail, from 0
  bool failed = false;

  bool fails() {
    bool now = made++ == fail_at;
    failed = failed || now;
    return now;
  }
  static Ledger *of(void *context) {
    return static_cast<Ledger *>(context);
  }
  static void *allocate(void *context, size_t size) {
    Ledger *ledger = of(context);
    if (ledger->fails()) return nullptr;
    ledger->live++;
    return std::malloc(size);
  }
  static void *reallocate(void *context, void *memory, size_t size) {
    Ledger *ledger = of(context);
    if (ledger->fails()) return nullptr;
    if (memory == nullptr) ledger->live++;
    return std::realloc(memory, size);
  }
  static void release(void *context, void *memory) {
    if (memory != nullptr) of(context)->live--;
    std::free(memory);
  }
  wasi_tls_allocator allocator() {
    return {this, allocate, reallocate, release};
  }
};

class Allocator : public Case {
 protected:
  // The life of one side up to its streams, given up at the first failure, which is returned. Everything is dropped.
  wasi_tls_result live_as_client() {
    client_options.allocator = ledger_.allocator();
    Config config;
    wasi_tls_result result = client_options.build(&config);
    if (result != WASI_TLS_OK) return result;
    Input input(wire().client_input());
    Output output(wire().client_output());
    ClientConnection connection;
    result = wasi_tls_client_connection_new(config.get(), input.get(), output.get(), connection.out());
    if (result != WASI_TLS_OK) return result;
    (void)input.release();
    (void)output.release();
    ClientHandshake handshake;
    result = wasi_tls_client_connection_connect(connection.get(), view_of(kServerName), handshake.out());
    if (result != WASI_TLS_OK) return result;
    wasi_tls_bytes alpn = view_of("h2");
    result = wasi_tls_client_handshake_configure_alpn_ids(handshake.get(), &alpn, 1);
    if (result != WASI_TLS_OK) return result;
    PrivateIdentity identity = parse_identity(config, client_chain(KeyType::kP256), &result);
    if (result != WASI_TLS_OK) return result;
    wasi_tls_private_identity *raw = identity.get();
    result = wasi_tls_client_handshake_configure_client_identities(handshake.get(), &raw, 1);
    if (result != WASI_TLS_OK) return result;
    if (client_can(WASI_TLS_CAP_VERIFY_SERVER_IDENTITY)) {
      FuturePublicIdentity future;
      PublicIdentity shown;
      result = wasi_tls_client_handshake_verify_server_identity(handshake.get(), future.out());
      if (result == WASI_TLS_OK) {
        result = wait_for(future, wasi_tls_future_public_identity_subscribe,
                          [&] { return wasi_tls_future_public_identity_get(future.get(), shown.out()); });
      }
      if (result != WASI_TLS_OK) return result;
    }
    if (client_can(WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST)) {
      FutureIdentityRequest future;
      IdentityRequest request;
      result = wasi_tls_client_handshake_receive_client_identity_request(handshake.get(), future.out());
      if (result == WASI_TLS_OK) {
        result = wait_for(future, wasi_tls_future_client_identity_request_subscribe,
                          [&] { return wasi_tls_future_client_identity_request_get(future.get(), request.out()); });
      }
      if (result == WASI_TLS_OK && request) {
        result = wasi_tls_client_identity_request_respond(request.get(), &raw, 1);
      }
      if (result != WASI_TLS_OK) return result;
    }
    return finish<ClientApi>(handshake);
  }

  wasi_tls_result live_as_server() {
    server_options.allocator = ledger_.allocator();
    Config config;
    wasi_tls_result result = server_options.build(&config);
    if (result != WASI_TLS_OK) return result;
    PrivateIdentity identity = parse_identity(config, server_chain(KeyType::kP256), &result);
    if (result != WASI_TLS_OK) return result;
    Input input(wire().server_input());
    Output output(wire().server_output());
    ServerConnection connection;
    result = wasi_tls_server_connection_new(config.get(), input.get(), output.get(), connection.out());
    if (result != WASI_TLS_OK) return result;
    (void)input.release();
    (void)output.release();
    ServerHandshake handshake;
    result = wasi_tls_server_connection_accept(connection.get(), handshake.out());
    if (result != WASI_TLS_OK) return result;
    wasi_tls_private_identity *raw = identity.get();
    result = wasi_tls_server_handshake_configure_server_identities(handshake.get(), &raw, 1);
    if (result != WASI_TLS_OK) return result;
    FutureClientHello future;
    ClientHello hello;
    result = wasi_tls_server_handshake_receive_client_hello(handshake.get(), future.out());
    if (result == WASI_TLS_OK) {
      result = wait_for(future, wasi_tls_future_client_hello_subscribe,
                        [&] { return wasi_tls_future_client_hello_get(future.get(), hello.out()); });
    }
    if (result != WASI_TLS_OK) return result;
    wasi_tls_bytes alpn = view_of("h2");
    result = wasi_tls_server_handshake_configure_alpn_ids(handshake.get(), &alpn, 1);
    if (result != WASI_TLS_OK) return result;
    return finish<ServerApi>(handshake);
  }

  template <class Api, class HandshakeHandle>
  wasi_tls_result finish(HandshakeHandle &handshake) {
    FutureStreams streams;
    wasi_tls_result result = Api::finish(handshake.get(), streams.out());
    if (result != WASI_TLS_OK) return result;
    handshake.reset();
    wasi_tls_input_stream *in = nullptr;
    wasi_tls_output_stream *out = nullptr;
    result = wait_for(streams, wasi_tls_future_streams_subscribe,
                      [&] { return wasi_tls_future_streams_get(streams.get(), &in, &out); });
    if (result != WASI_TLS_OK) return result;
    Input input(in);
    Output output(out);
    return exchange(input, output);
  }

  // Some data out, and the end of the other direction in.
  wasi_tls_result exchange(Input &input, Output &output) {
    size_t permit = 0;
    wasi_tls_result result = wasi_tls_output_stream_check_write(output.get(), &permit);
    if (result != WASI_TLS_OK) return result;
    Bytes data = pattern(std::min<size_t>(permit, 1000));
    result = wasi_tls_output_stream_write(output.get(), data.data(), data.size());
    if (result != WASI_TLS_OK) return result;
    run();
    size_t count = 0;
    return wasi_tls_input_stream_read(input.get(), data.data(), data.size(), &count);
  }

  template <class Future, class Raw>
  wasi_tls_result wait_for(Future &future, wasi_tls_result (*subscribe)(Raw *, wasi_tls_pollable **),
                           const std::function<wasi_tls_result()> &get) {
    Pollable pollable;
    wasi_tls_result result = subscribe(future.get(), pollable.out());
    if (result != WASI_TLS_OK) return result;
    bool ready = false;
    pump().await("side under test", pollable.get(), [&ready] { ready = true; });
    run();
    EXPECT_TRUE(ready);
    if (!ready) pump().forget();
    return get();
  }

  // Fails each allocation in turn, until a life needs no more than that.
  void fail_each(const std::function<void()> &start_peer, const std::function<wasi_tls_result()> &live) {
    size_t number = 0;
    for (; number < 5000; number++) {
      SCOPED_TRACE(testing::Message() << "allocation " << number);
      start_over();
      ledger_ = Ledger();
      ledger_.fail_at = number;
      start_peer();
      wasi_tls_result result = live();
      EXPECT_EQ(ledger_.live, 0u) << "leaked";
      if (!ledger_.failed) {
        EXPECT_EQ(result, WASI_TLS_OK);
        break;
      }
      EXPECT_EQ(result, WASI_TLS_ERR_OUT_OF_MEMORY);
      if (HasFailure()) return;
    }
    EXPECT_GT(number, 10u) << "the allocator is hardly used";
  }

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

// 191: each allocation of a client's life fails in turn: out of memory is the answer, nothing leaks, nothing hangs.
CONFORMANCE_CASE(Allocator, allocator, each_failure_in_a_client) {
  server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_OPTIONAL;
  fail_each([this] { EXPECT_EQ(server().finish(), WASI_TLS_OK); }, [this] { return live_as_client(); });
}

CONFORMANCE_CASE(Allocator, allocator, each_failure_in_a_server) {
  fail_each(
      [this] {
        EXPECT_EQ(client().configure_alpn({to_bytes("h2")}), WASI_TLS_OK);
        EXPECT_EQ(client().finish(), WASI_TLS_OK);
      },
      [this] { return live_as_server(); });
}

// The three functions come together or not at all.
CONFORMANCE_CASE(Allocator, allocator, incomplete) {
  client_options.allocator = ledger_.allocator();
  client_options.allocator.release = nullptr;
  Config config;
  EXPECT_EQ(client_options.build(&config), WASI_TLS_ERR_NULL_ARGUMENT);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rule 6 (behaviours 25, 136): whatever came from a connection is dropped in every order, at every stage. When the last
// of it is gone the raw streams are gone, and the peer comes to an end. The sanitizers watch.
#include <algorithm>
#include <numeric>

#include "case.h"

using namespace conformance;

namespace {

using Drops = std::vector<std::function<void()>>;

class DropOrder : public Case {
 protected:
  // For every order: |reach| brings the connection to a stage and gives what to drop there, nothing if it can't.
  void every_order(bool of_client, const std::function<Drops()> &reach) {
    std::vector<size_t> order;
    do {
      start_over();
      Drops drops = reach();
      if (drops.empty()) return;
      if (order.empty()) {
        order.resize(drops.size());
        std::iota(order.begin(), order.end(), size_t{0});
      }
      drop_in_order(of_client, drops, order);
      if (HasFailure()) {
        for (size_t index : order) std::cerr << "dropped " << index << "\n";
        return;
      }
    } while (std::next_permutation(order.begin(), order.end()));
  }

  void drop_in_order(bool of_client, const Drops &drops, const std::vector<size_t> &order) {
    Channel &in = of_client ? to_client() : to_server();
    Channel &out = of_client ? to_server() : to_client();
    for (size_t index : order) {
      EXPECT_FALSE(in.reader_dropped() && out.writer_dropped()) << "the raw streams went too soon";
      drops[index]();
      run();
    }
    EXPECT_TRUE(in.reader_dropped());
    EXPECT_TRUE(out.writer_dropped());
    Peer &other = of_client ? static_cast<Peer &>(server()) : static_cast<Peer &>(client());
    EXPECT_NE(other.outcome, WASI_TLS_PENDING) << "the peer hangs";
    if (other.input) {
      other.receive();
      run();
      EXPECT_NE(other.read_result, WASI_TLS_PENDING) << "the peer hangs";
    }
  }

  Pollable subscribed(FuturePublicIdentity &future) {
    Pollable pollable;
    EXPECT_EQ(wasi_tls_future_public_identity_subscribe(future.get(), pollable.out()), WASI_TLS_OK);
    (void)wasi_tls_pollable_poll(pollable.get(), {nullptr, nullptr});
    return pollable;
  }

  template <class Resource>
  static std::function<void()> drop(Resource &resource) {
    return [&resource] { resource.reset(); };
  }
  static std::function<void()> drop_own(Pollable pollable) {
    auto kept = std::make_shared<Pollable>(std::move(pollable));
    return [kept] { kept->reset(); };
  }

  Drops of_open(Peer &peer, std::function<void()> connection) {
    Pollable readable, writable;
    EXPECT_EQ(wasi_tls_input_stream_subscribe(peer.input.get(), readable.out()), WASI_TLS_OK);
    EXPECT_EQ(wasi_tls_output_stream_subscribe(peer.output.get(), writable.out()), WASI_TLS_OK);
    (void)wasi_tls_pollable_poll(readable.get(), {nullptr, nullptr});
    peer.streams.reset();
    return {std::move(connection), drop(peer.input), drop(peer.output), drop_own(std::move(readable)),
            drop_own(std::move(writable))};
  }
};

}  // namespace

// Fresh handshakes, which have said nothing.
CONFORMANCE_CASE(DropOrder, drop_order, client_fresh) {
  every_order(true, [this]() -> Drops {
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    return {drop(client().connection), drop(client().handshake)};
  });
}

CONFORMANCE_CASE(DropOrder, drop_order, server_fresh) {
  every_order(false, [this]() -> Drops {
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    return {drop(server().connection), drop(server().handshake)};
  });
}

// A step under way, with a waiter registered.
CONFORMANCE_CASE(DropOrder, drop_order, client_step_pending) {
  every_order(true, [this]() -> Drops {
    if (!start_verify()) return {};
    run();
    pump().forget();
    Pollable waiting = subscribed(client().identity_future);
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    return {drop(client().connection), drop(client().handshake), drop(client().identity_future),
            drop_own(std::move(waiting))};
  });
}

CONFORMANCE_CASE(DropOrder, drop_order, client_at_the_server_identity) {
  every_order(true, [this]() -> Drops {
    if (!start_verify()) return {};
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    run();
    EXPECT_TRUE(client().identity);
    return {drop(client().connection), drop(client().handshake), drop(client().identity_future),
            drop_own(subscribed(client().identity_future))};
  });
}

CONFORMANCE_CASE(DropOrder, drop_order, client_at_the_identity_request) {
  server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_OPTIONAL;
  every_order(true, [this]() -> Drops {
    if (!start_receive_request()) return {};
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    run();
    EXPECT_TRUE(client().request);
    Pollable again;
    EXPECT_EQ(wasi_tls_future_client_identity_request_subscribe(client().request_future.get(), again.out()),
              WASI_TLS_OK);
    return {drop(client().connection), drop(client().handshake), drop(client().request_future), drop(client().request),
            drop_own(std::move(again))};
  });
}

CONFORMANCE_CASE(DropOrder, drop_order, client_finishing) {
  every_order(true, [this]() -> Drops {
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    run();
    pump().forget();
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    Pollable waiting;
    EXPECT_EQ(wasi_tls_future_streams_subscribe(client().streams.get(), waiting.out()), WASI_TLS_OK);
    (void)wasi_tls_pollable_poll(waiting.get(), {nullptr, nullptr});
    return {drop(client().connection), drop(client().streams), drop_own(std::move(waiting))};
  });
}

CONFORMANCE_CASE(DropOrder, drop_order, client_open) {
  every_order(true, [this]() -> Drops {
    if (!finish_both()) return {};
    return of_open(client(), drop(client().connection));
  });
}

CONFORMANCE_CASE(DropOrder, drop_order, client_aborting) {
  every_order(true, [this]() -> Drops {
    if (!start_verify()) return {};
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    run();
    Pollable written;
    EXPECT_EQ(wasi_tls_client_handshake_abort(client().handshake.get(), written.out()), WASI_TLS_OK);
    client().handshake.reset();
    return {drop(client().connection), drop(client().identity_future), drop_own(std::move(written))};
  });
}

CONFORMANCE_CASE(DropOrder, drop_order, server_at_the_hello) {
  every_order(false, [this]() -> Drops {
    if (!start_receive_hello()) return {};
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    run();
    EXPECT_TRUE(server().hello);
    Pollable again;
    EXPECT_EQ(wasi_tls_future_client_hello_subscribe(server().hello_future.get(), again.out()), WASI_TLS_OK);
    return {drop(server().connection), drop(server().handshake), drop(server().hello_future), drop(server().hello),
            drop_own(std::move(again))};
  });
}

CONFORMANCE_CASE(DropOrder, drop_order, server_at_the_client_identity) {
  every_order(false, [this]() -> Drops {
    if (!start_request_identity()) return {};
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    run();
    EXPECT_EQ(server().outcome, WASI_TLS_OK);
    return {drop(server().connection), drop(server().handshake), drop(server().identity_future),
            drop_own(subscribed(server().identity_future))};
  });
}

CONFORMANCE_CASE(DropOrder, drop_order, server_open) {
  every_order(false, [this]() -> Drops {
    if (!finish_both()) return {};
    return of_open(server(), drop(server().connection));
  });
}

// Dropped with ciphertext that the transport has not taken.
CONFORMANCE_CASE(DropOrder, drop_order, client_open_and_blocked) {
  every_order(true, [this]() -> Drops {
    if (!finish_both()) return {};
    to_server().stop_writes(true);
    Bytes block = pattern(100);
    size_t permit = 0;
    EXPECT_EQ(wasi_tls_output_stream_check_write(client().output.get(), &permit), WASI_TLS_OK);
    EXPECT_EQ(wasi_tls_output_stream_write(client().output.get(), block.data(), block.size()), WASI_TLS_OK);
    return of_open(client(), drop(client().connection));
  });
}

// The configuration may be the first to go.
CONFORMANCE_CASE(DropOrder, drop_order, configuration_first) {
  (void)client();
  (void)server();
  client().config.reset();
  server().config.reset();
  ASSERT_TRUE(finish_both());
  expect_echo();
  close_both();
}

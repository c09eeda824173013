// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Futures and pollables (behaviours 94, 134, 135, 137, 139).
#include "case.h"

using namespace conformance;

namespace {

// Counts how often it was woken.
struct Bell {
  int rung = 0;
  static void ring(void *context) {
    static_cast<Bell *>(context)->rung++;
  }
  wasi_tls_waker waker() {
    return {ring, this};
  }
};

class Futures : public Case {
 protected:
  // The client's finish, with nobody waiting for it.
  FutureStreams bare_finish() {
    FutureStreams future;
    EXPECT_EQ(wasi_tls_client_handshake_finish(client().handshake.get(), future.out()), WASI_TLS_OK);
    client().handshake.reset();
    return future;
  }
  wasi_tls_result get(const FutureStreams &future, Input *input, Output *output) {
    wasi_tls_input_stream *in = nullptr;
    wasi_tls_output_stream *out = nullptr;
    wasi_tls_result result = wasi_tls_future_streams_get(future.get(), &in, &out);
    if (result == WASI_TLS_OK) {
      *input = Input(in);
      *output = Output(out);
    }
    return result;
  }
  Pollable subscribe(const FutureStreams &future) {
    Pollable pollable;
    EXPECT_EQ(wasi_tls_future_streams_subscribe(future.get(), pollable.out()), WASI_TLS_OK);
    return pollable;
  }
  size_t raw_calls() {
    size_t calls = 0;
    for (Channel *channel : {&to_server(), &to_client()}) {
      calls += channel->reads().calls + channel->reads().polls + channel->writes().calls + channel->writes().polls;
    }
    return calls;
  }
};

}  // namespace

// 134: none until ready, the value once, then `already taken`.
CONFORMANCE_CASE(Futures, futures, streams_once) {
  FutureStreams future = bare_finish();
  Input input;
  Output output;
  EXPECT_EQ(get(future, &input, &output), WASI_TLS_PENDING);
  EXPECT_EQ(get(future, &input, &output), WASI_TLS_PENDING);
  Pollable pollable = subscribe(future);
  pump().await("client: finish", pollable.get(), [] {});
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(get(future, &input, &output), WASI_TLS_OK);
  EXPECT_TRUE(input);
  EXPECT_TRUE(output);
  EXPECT_EQ(get(future, &input, &output), WASI_TLS_ERR_ALREADY_TAKEN);
  EXPECT_EQ(get(future, &input, &output), WASI_TLS_ERR_ALREADY_TAKEN);
}

// 134: each other kind of future likewise.
CONFORMANCE_CASE(Futures, futures, each_kind_once) {
  server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_OPTIONAL;
  if (!start_receive_hello() || !start_verify()) return;
  run();
  ASSERT_EQ(server().outcome, WASI_TLS_OK);
  wasi_tls_client_hello *hello = nullptr;
  EXPECT_EQ(wasi_tls_future_client_hello_get(server().hello_future.get(), &hello), WASI_TLS_ERR_ALREADY_TAKEN);
  if (!start_request_identity()) return;
  run();
  ASSERT_EQ(client().outcome, WASI_TLS_OK);
  wasi_tls_public_identity *identity = nullptr;
  EXPECT_EQ(wasi_tls_future_public_identity_get(client().identity_future.get(), &identity), WASI_TLS_ERR_ALREADY_TAKEN);
  if (!start_receive_request()) return;
  run();
  ASSERT_EQ(client().outcome, WASI_TLS_OK);
  wasi_tls_client_identity_request *request = nullptr;
  EXPECT_EQ(wasi_tls_future_client_identity_request_get(client().request_future.get(), &request),
            WASI_TLS_ERR_ALREADY_TAKEN);
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  ASSERT_EQ(server().outcome, WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_future_public_identity_get(server().identity_future.get(), &identity), WASI_TLS_ERR_ALREADY_TAKEN);
  EXPECT_EQ(hello, nullptr);
  EXPECT_EQ(identity, nullptr);
  EXPECT_EQ(request, nullptr);
}

// 134: a failure comes once as well.
CONFORMANCE_CASE(Futures, futures, failure_once) {
  FutureStreams future = bare_finish();
  Input input;
  Output output;
  to_client().cut_at(0);
  wasi_tls_result result = WASI_TLS_PENDING;
  for (int i = 0; i < 4 && result == WASI_TLS_PENDING; i++) result = get(future, &input, &output);
  EXPECT_EQ(result, WASI_TLS_ERR_EOF);
  EXPECT_EQ(get(future, &input, &output), WASI_TLS_ERR_ALREADY_TAKEN);
  EXPECT_FALSE(input);
  EXPECT_FALSE(output);
}

// Whoever only asks, and never waits, gets there too.
CONFORMANCE_CASE(Futures, futures, get_moves_the_connection_on) {
  FutureStreams of_client = bare_finish(), of_server;
  ASSERT_EQ(wasi_tls_server_handshake_finish(server().handshake.get(), of_server.out()), WASI_TLS_OK);
  server().handshake.reset();
  Input client_input, server_input;
  Output client_output, server_output;
  wasi_tls_result client_result = WASI_TLS_PENDING, server_result = WASI_TLS_PENDING;
  for (int i = 0; i < 20; i++) {
    if (client_result == WASI_TLS_PENDING) client_result = get(of_client, &client_input, &client_output);
    if (server_result == WASI_TLS_PENDING) server_result = get(of_server, &server_input, &server_output);
  }
  EXPECT_EQ(client_result, WASI_TLS_OK);
  EXPECT_EQ(server_result, WASI_TLS_OK);
}

// 135: subscriptions before, at and after readiness; each waker exactly once.
CONFORMANCE_CASE(Futures, futures, several_subscriptions) {
  FutureStreams future = bare_finish();
  Pollable first = subscribe(future), second = subscribe(future), dropped = subscribe(future);
  Bell first_bell, second_bell, dropped_bell;
  to_client().stop_reads(true);
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  EXPECT_FALSE(wasi_tls_pollable_poll(first.get(), first_bell.waker()));
  EXPECT_FALSE(wasi_tls_pollable_poll(second.get(), second_bell.waker()));
  EXPECT_FALSE(wasi_tls_pollable_poll(dropped.get(), dropped_bell.waker()));
  dropped.reset();
  run();
  EXPECT_EQ(first_bell.rung + second_bell.rung, 0);
  to_client().stop_reads(false);
  EXPECT_EQ(first_bell.rung, 1);
  EXPECT_EQ(second_bell.rung, 1);
  EXPECT_EQ(dropped_bell.rung, 0);
  // Woken once and not asked again: no further wake-up.
  run();
  EXPECT_EQ(first_bell.rung, 1);
  for (int i = 0; i < 10 && !wasi_tls_pollable_poll(second.get(), second_bell.waker()); i++) run();
  EXPECT_TRUE(wasi_tls_pollable_poll(second.get(), second_bell.waker()));
  EXPECT_TRUE(wasi_tls_pollable_poll(first.get(), first_bell.waker()));
  EXPECT_LE(first_bell.rung, 1);
  Pollable late = subscribe(future);
  Bell late_bell;
  EXPECT_TRUE(wasi_tls_pollable_poll(late.get(), late_bell.waker()));
  Input input;
  Output output;
  EXPECT_EQ(get(future, &input, &output), WASI_TLS_OK);
  EXPECT_TRUE(wasi_tls_pollable_poll(first.get(), first_bell.waker()));
  EXPECT_EQ(late_bell.rung, 0);
}

// A second registration on one pollable replaces the first.
CONFORMANCE_CASE(Futures, futures, registration_is_replaced) {
  FutureStreams future = bare_finish();
  Pollable pollable = subscribe(future);
  Bell old_bell, new_bell;
  EXPECT_FALSE(wasi_tls_pollable_poll(pollable.get(), old_bell.waker()));
  EXPECT_FALSE(wasi_tls_pollable_poll(pollable.get(), new_bell.waker()));
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(old_bell.rung, 0);
  EXPECT_EQ(new_bell.rung, 1);
}

// When one waiter moves the connection to the goal of another, the other is woken.
CONFORMANCE_CASE(Futures, futures, one_waiter_moves_for_all) {
  FutureStreams future = bare_finish();
  Pollable idle = subscribe(future), active = subscribe(future);
  Bell idle_bell;
  bool done = false;
  EXPECT_FALSE(wasi_tls_pollable_poll(idle.get(), idle_bell.waker()));
  pump().await("client: finish", active.get(), [&done] { done = true; });
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  EXPECT_TRUE(done);
  EXPECT_EQ(idle_bell.rung, 1);
}

// Of many connections that wait together those are woken that have something to tell, and no others.
CONFORMANCE_CASE(Futures, futures, poll_over_many) {
  constexpr size_t kCount = 12;
  std::vector<std::unique_ptr<Wire>> wires;
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<std::unique_ptr<Server>> servers;
  std::vector<FutureStreams> futures(kCount);
  std::vector<Pollable> pollables(kCount);
  Bell bells[kCount];
  for (size_t i = 0; i < kCount; i++) {
    wires.push_back(std::make_unique<Wire>());
    clients.push_back(std::make_unique<Client>(&pump(), wires[i].get(), client_options));
    servers.push_back(std::make_unique<Server>(&pump(), wires[i].get(), server_options));
    ASSERT_EQ(clients[i]->connect(server_name), WASI_TLS_OK);
    ASSERT_EQ(servers[i]->accept(), WASI_TLS_OK);
    ASSERT_EQ(servers[i]->configure_chains(server_chains), WASI_TLS_OK);
    ASSERT_EQ(wasi_tls_client_handshake_finish(clients[i]->handshake.get(), futures[i].out()), WASI_TLS_OK);
    pollables[i] = subscribe(futures[i]);
    EXPECT_FALSE(wasi_tls_pollable_poll(pollables[i].get(), bells[i].waker()));
  }
  for (size_t i = 1; i < kCount; i += 3) ASSERT_EQ(servers[i]->finish(), WASI_TLS_OK);
  run();
  for (size_t i = 0; i < kCount; i++) {
    EXPECT_EQ(bells[i].rung, i % 3 == 1 ? 1 : 0) << i;
  }
}

// 137: a pending future leaves the transport alone, but for registering; a handshake takes a bounded number of turns.
CONFORMANCE_CASE(Futures, futures, no_busy_loop) {
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  size_t asked = pump().asked(), calls = raw_calls();
  run();
  run();
  EXPECT_EQ(pump().asked(), asked);
  EXPECT_EQ(raw_calls(), calls);
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  ASSERT_EQ(client().outcome, WASI_TLS_OK);
  EXPECT_LE(pump().asked(), 24u);
  EXPECT_LE(raw_calls(), 200u);
  // Idle and open, with somebody waiting for data: nothing goes on.
  client().receive();
  server().receive();
  run();
  asked = pump().asked();
  calls = raw_calls();
  run();
  EXPECT_EQ(pump().asked(), asked);
  EXPECT_EQ(raw_calls(), calls);
}

// 137: a wire that gives one byte at a time wakes for each, and no more often than that.
CONFORMANCE_CASE(Futures, futures, turns_follow_the_wire) {
  to_client().set_chop(1);
  ASSERT_TRUE(finish_both());
  EXPECT_LE(pump().asked(), 3 * to_client().transcript().size());
}

// 139: wake-ups of the transport with nothing behind them do no harm.
CONFORMANCE_CASE(Futures, futures, spurious_readiness) {
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  to_server().stop_reads(true);
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  for (int i = 0; i < 50; i++) {
    to_server().stop_reads(true);
    to_client().stop_reads(true);
    to_client().stop_writes(true);
    run();
    EXPECT_EQ(client().outcome, WASI_TLS_PENDING);
    EXPECT_EQ(server().outcome, WASI_TLS_PENDING);
  }
  to_server().stop_reads(false);
  to_client().stop_reads(false);
  to_client().stop_writes(false);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_OK);
  EXPECT_EQ(server().outcome, WASI_TLS_OK);
}

// 94: dropping a step's future ends the wait, not the step; the handshake goes on.
CONFORMANCE_CASE(Futures, futures, dropping_the_future_of_a_step) {
  if (!start_verify()) return;
  pump().forget();
  client().identity_future.reset();
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_OK);
  EXPECT_EQ(server().outcome, WASI_TLS_OK);
}

// finish while a step is pending: the handshake goes to its end, the step's future ends too.
CONFORMANCE_CASE(Futures, futures, finish_while_a_step_is_pending) {
  if (!start_verify()) return;
  run();
  FuturePublicIdentity pending = std::move(client().identity_future);
  pump().forget();
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_OK);
  PublicIdentity identity;
  wasi_tls_result result = wasi_tls_future_public_identity_get(pending.get(), identity.out());
  EXPECT_NE(result, WASI_TLS_PENDING);
  EXPECT_NE(result, WASI_TLS_ERR_ALREADY_TAKEN);
}

// A pollable whose future and connection are gone is ready.
CONFORMANCE_CASE(Futures, futures, pollable_outlives_all) {
  FutureStreams future = bare_finish();
  Pollable pollable = subscribe(future);
  Bell bell;
  EXPECT_FALSE(wasi_tls_pollable_poll(pollable.get(), bell.waker()));
  future.reset();
  client().connection.reset();
  EXPECT_TRUE(wasi_tls_pollable_poll(pollable.get(), bell.waker()));
}

// Streams have pollables of their own, with several waiters.
CONFORMANCE_CASE(Futures, futures, stream_subscriptions) {
  ASSERT_TRUE(finish_both());
  Pollable readable, also_readable, writable;
  ASSERT_EQ(wasi_tls_input_stream_subscribe(client().input.get(), readable.out()), WASI_TLS_OK);
  ASSERT_EQ(wasi_tls_input_stream_subscribe(client().input.get(), also_readable.out()), WASI_TLS_OK);
  ASSERT_EQ(wasi_tls_output_stream_subscribe(client().output.get(), writable.out()), WASI_TLS_OK);
  Bell first, second;
  EXPECT_FALSE(wasi_tls_pollable_poll(readable.get(), first.waker()));
  EXPECT_FALSE(wasi_tls_pollable_poll(also_readable.get(), second.waker()));
  EXPECT_TRUE(wasi_tls_pollable_poll(writable.get(), {nullptr, nullptr}));
  server().send(to_bytes("ding"));
  run();
  EXPECT_EQ(first.rung, 1);
  EXPECT_EQ(second.rung, 1);
  EXPECT_TRUE(wasi_tls_pollable_poll(readable.get(), first.waker()));
  client().input.reset();
  EXPECT_TRUE(wasi_tls_pollable_poll(also_readable.get(), second.waker()));
}

// A waker without a function only asks, and takes no registration away.
CONFORMANCE_CASE(Futures, futures, asking_without_a_waker) {
  ASSERT_TRUE(finish_both());
  Bell bell;
  EXPECT_FALSE(wasi_tls_input_stream_poll(client().input.get(), bell.waker()));
  EXPECT_FALSE(wasi_tls_input_stream_poll(client().input.get(), {nullptr, nullptr}));
  server().send(to_bytes("x"));
  run();
  EXPECT_EQ(bell.rung, 1);
}

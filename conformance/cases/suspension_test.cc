// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Suspension (rule 1; behaviours 45, 86, 87, 137): while a handshake is suspended no byte moves on its raw streams, in
// either direction, whatever is asked of it and whatever the peer sends.
#include "case.h"

using namespace conformance;

namespace {

enum class Step { kHello, kVerify, kRequest, kClientIdentity, kFinish };

// What the raw streams of one end have seen.
struct Seen {
  size_t read_bytes, read_calls, written_bytes, write_calls;
  bool operator==(const Seen &other) const {
    return read_bytes == other.read_bytes && read_calls == other.read_calls && written_bytes == other.written_bytes &&
           write_calls == other.write_calls;
  }
};

void PrintTo(const Seen &seen, std::ostream *out) {
  *out << "read " << seen.read_bytes << " in " << seen.read_calls << " calls, wrote " << seen.written_bytes << " in "
       << seen.write_calls;
}

class Suspension : public Case {
 protected:
  Seen seen_by(const Peer &peer) {
    Channel &in = &peer == &client() ? to_client() : to_server();
    Channel &out = &peer == &client() ? to_server() : to_client();
    return {in.reads().bytes, in.reads().calls, out.writes().bytes, out.writes().calls};
  }

  wasi_tls_result start_step(Step step) {
    switch (step) {
      case Step::kHello:
        return server().receive_hello();
      case Step::kVerify:
        return client().verify();
      case Step::kRequest:
        return client().receive_request();
      case Step::kClientIdentity:
        return server().request_identity();
      case Step::kFinish:
        break;
    }
    return WASI_TLS_OK;
  }

  // Everything a guest may do to a suspended handshake without resuming it.
  void pester(Peer &peer) {
    for (int i = 0; i < 20; i++) {
      peer.sni();
      peer.alpn_id();
      peer.version();
      peer.suite();
      peer.server_identity();
      peer.client_identity();
      peer.last_error();
      if (&peer == &client()) {
        wasi_tls_public_identity *again = nullptr;
        EXPECT_NE(wasi_tls_future_public_identity_get(client().identity_future.get(), &again), WASI_TLS_OK);
        wasi_tls_client_identity_request *request = nullptr;
        EXPECT_NE(wasi_tls_future_client_identity_request_get(client().request_future.get(), &request), WASI_TLS_OK);
        EXPECT_NE(peer.configure_alpn({to_bytes("late")}), WASI_TLS_OK);
      }
      run();
    }
  }

  // A script of one side: what is still to be started, and whether it is suspended.
  struct Script {
    Peer *peer;
    std::vector<Step> steps;
    size_t next = 0;
    std::optional<Seen> frozen;
  };

  void go_on(Script *script) {
    if (script->frozen.has_value()) {
      EXPECT_EQ(seen_by(*script->peer), *script->frozen) << script->peer->name() << " moved while suspended";
      script->frozen.reset();
    }
    Step step = script->steps[script->next++];
    if (step == Step::kFinish) {
      EXPECT_EQ(script->peer->finish(), WASI_TLS_OK);
    } else {
      EXPECT_EQ(start_step(step), WASI_TLS_OK);
    }
    // The moment of suspension is when the step's outcome is there, not when the pump comes to rest.
    Peer *peer = script->peer;
    run();
    note_suspension(script, peer);
  }

  void note_suspension(Script *script, Peer *peer) {
    bool more = script->next < script->steps.size();
    if (!more || script->frozen.has_value() || peer->outcome == WASI_TLS_PENDING) return;
    EXPECT_EQ(peer->outcome, WASI_TLS_OK) << peer->name() << ": " << peer->last_error().text;
    script->frozen = seen_by(*peer);
  }

  // Runs both scripts to their ends; of two suspended sides |first| resumes first.
  void run_scripts(Script *first, Script *second) {
    go_on(first);
    go_on(second);
    for (int turn = 0; turn < 20; turn++) {
      note_suspension(first, first->peer);
      note_suspension(second, second->peer);
      for (Script *script : {first, second}) {
        if (!script->frozen.has_value()) continue;
        pester(*script->peer);
        EXPECT_EQ(seen_by(*script->peer), *script->frozen) << script->peer->name();
      }
      if (first->frozen.has_value()) {
        go_on(first);
      } else if (second->frozen.has_value()) {
        go_on(second);
      }
    }
    EXPECT_EQ(first->peer->outcome, WASI_TLS_OK) << first->peer->last_error().text;
    EXPECT_EQ(second->peer->outcome, WASI_TLS_OK) << second->peer->last_error().text;
    EXPECT_EQ(first->next, first->steps.size());
    EXPECT_EQ(second->next, second->steps.size());
  }

  // All orders of steps that the rules allow, restricted to what the engines can suspend at.
  std::vector<std::vector<Step>> orders(std::vector<Step> steps, std::vector<bool> can) {
    std::vector<std::vector<Step>> list;
    for (unsigned chosen = 0; chosen < 4; chosen++) {
      if ((chosen & 1 && !can[0]) || (chosen & 2 && !can[1])) continue;
      std::vector<Step> order;
      if (chosen & 1) order.push_back(steps[0]);
      if (chosen & 2) order.push_back(steps[1]);
      order.push_back(Step::kFinish);
      list.push_back(order);
    }
    return list;
  }

  void run_all_orders(bool client_first, size_t chop) {
    auto client_orders = orders({Step::kVerify, Step::kRequest}, {client_can(WASI_TLS_CAP_VERIFY_SERVER_IDENTITY),
                                                                  client_can(WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST)});
    auto server_orders =
        orders({Step::kHello, Step::kClientIdentity},
               {server_can(WASI_TLS_CAP_CLIENT_HELLO), server_can(WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY)});
    for (const auto &of_client : client_orders) {
      for (const auto &of_server : server_orders) {
        SCOPED_TRACE(testing::Message() << of_client.size() << " steps of the client, " << of_server.size()
                                        << " of the server");
        start_over();
        to_server().set_chop(chop);
        to_client().set_chop(chop);
        Script as_client{&client(), of_client, 0, {}}, as_server{&server(), of_server, 0, {}};
        if (client_first) {
          run_scripts(&as_client, &as_server);
        } else {
          run_scripts(&as_server, &as_client);
        }
        if (HasFailure()) return;
      }
    }
  }
};

}  // namespace

// Every order of steps of either side; the client resumes first where both are suspended.
CONFORMANCE_CASE(Suspension, suspension, every_order_client_first) {
  run_all_orders(true, kNever);
}

CONFORMANCE_CASE(Suspension, suspension, every_order_server_first) {
  run_all_orders(false, kNever);
}

// The same over a wire that gives and takes a few bytes at a time, so that a suspended side has bytes waiting.
CONFORMANCE_CASE(Suspension, suspension, every_order_over_a_chopped_wire) {
  run_all_orders(true, 7);
}

// Before the first step: nothing is read although the peer has sent.
CONFORMANCE_CASE(Suspension, suspension, fresh_server_leaves_the_hello_alone) {
  EXPECT_EQ(server().version(), 0);
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  pester(client());
  EXPECT_GT(to_server().waiting(), 0u);
  EXPECT_EQ(to_server().reads().calls, 0u);
  EXPECT_EQ(to_client().writes().calls, 0u);
}

// 45: the server has written nothing when the hello is there, and reads nothing that comes behind it.
CONFORMANCE_CASE(Suspension, suspension, server_at_the_hello) {
  if (!start_receive_hello()) return;
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  ASSERT_EQ(server().outcome, WASI_TLS_OK);
  Seen before = seen_by(server());
  EXPECT_EQ(before.written_bytes, 0u);
  to_server().inject(pattern(3000));
  pester(server());
  EXPECT_EQ(seen_by(server()), before);
}

// 86, 87: the client has written its hello only, and neither reads on nor writes while it looks at the chain.
CONFORMANCE_CASE(Suspension, suspension, client_at_the_server_identity) {
  if (!start_verify()) return;
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  ASSERT_EQ(client().outcome, WASI_TLS_OK);
  EXPECT_EQ(to_server().count_records(kHandshake), 1u);
  EXPECT_EQ(to_server().count_records(kApplicationData), 0u);
  EXPECT_EQ(to_server().count_records(kChangeCipherSpec), 0u);
  Seen before = seen_by(client());
  to_client().inject(pattern(3000));
  pester(client());
  EXPECT_EQ(seen_by(client()), before);
}

// Nothing of the client's second flight leaves before it has decided what to answer.
CONFORMANCE_CASE(Suspension, suspension, client_at_the_identity_request) {
  server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_OPTIONAL;
  if (!start_receive_request()) return;
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  ASSERT_EQ(client().outcome, WASI_TLS_OK);
  EXPECT_TRUE(client().request);
  EXPECT_EQ(to_server().count_records(kHandshake), 1u);
  EXPECT_EQ(to_server().count_records(kApplicationData), 0u);
  Seen before = seen_by(client());
  EXPECT_EQ(client().respond({}), WASI_TLS_OK);
  pester(client());
  EXPECT_EQ(seen_by(client()), before);
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_OK);
  EXPECT_EQ(server().outcome, WASI_TLS_OK);
}

// The server that looks at a client's chain sends nothing (no Finished, no ticket), and reads nothing the client sends
// behind its own Finished.
CONFORMANCE_CASE(Suspension, suspension, server_at_the_client_identity) {
  if (!start_request_identity()) return;
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  to_client().set_chop(kNever);
  run();
  ASSERT_EQ(server().outcome, WASI_TLS_OK) << server().last_error().text;
  Seen before = seen_by(server());
  if (tls13()) {
    // The client is done and may write.
    ASSERT_EQ(client().outcome, WASI_TLS_OK);
    client().send(pattern(5000));
  } else {
    to_server().inject(pattern(5000));
  }
  pester(server());
  EXPECT_EQ(seen_by(server()), before);
  if (!tls13()) return;
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  server().receive();
  run();
  EXPECT_EQ(server().received, pattern(5000));
}

// The last step resolves only when the raw stream has taken all that was to be written before it.
CONFORMANCE_CASE(Suspension, suspension, nothing_is_left_over_at_a_suspended_point) {
  if (!start_verify()) return;
  to_server().stop_writes(true);
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_PENDING);
  EXPECT_EQ(to_server().transcript().size(), 0u);
  to_server().stop_writes(false);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_OK);
}

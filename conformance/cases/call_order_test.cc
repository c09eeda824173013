// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Call order: every call in every state of either role, against the state table and against the rules of the interface
// (rules 1 to 3; behaviours 14, 43, 51, 90, 103).
#include <algorithm>

#include "case.h"

extern "C" {
#include "state.h"
}

using namespace conformance;

namespace {

constexpr wtls_call kCalls[] = {WTLS_CALL_CONNECT,
                                WTLS_CALL_ACCEPT,
                                WTLS_CALL_CONFIGURE_ALPN_IDS,
                                WTLS_CALL_CONFIGURE_IDENTITIES,
                                WTLS_CALL_RECEIVE_CLIENT_HELLO,
                                WTLS_CALL_VERIFY_SERVER_IDENTITY,
                                WTLS_CALL_RECEIVE_CLIENT_IDENTITY_REQUEST,
                                WTLS_CALL_RESPOND,
                                WTLS_CALL_REQUEST_CLIENT_IDENTITY,
                                WTLS_CALL_FINISH,
                                WTLS_CALL_ABORT};

// The rules, written down a second time: which calls each state allows.
struct Allowed {
  wasi_tls_role role;
  wtls_state state;
  std::vector<wtls_call> calls;
};

const std::vector<Allowed> &rules() {
  constexpr wasi_tls_role kClient = WASI_TLS_ROLE_CLIENT, kServer = WASI_TLS_ROLE_SERVER;
  static const std::vector<wtls_call> endings = {WTLS_CALL_FINISH, WTLS_CALL_ABORT};
  static const std::vector<Allowed> list = {
      {kClient, WTLS_STATE_NEW, {WTLS_CALL_CONNECT}},
      {kClient,
       WTLS_STATE_IDLE,
       {WTLS_CALL_CONFIGURE_ALPN_IDS, WTLS_CALL_CONFIGURE_IDENTITIES, WTLS_CALL_VERIFY_SERVER_IDENTITY,
        WTLS_CALL_RECEIVE_CLIENT_IDENTITY_REQUEST, WTLS_CALL_FINISH, WTLS_CALL_ABORT}},
      {kClient, WTLS_STATE_SERVER_ID_WAIT, endings},
      {kClient, WTLS_STATE_SERVER_ID, {WTLS_CALL_RECEIVE_CLIENT_IDENTITY_REQUEST, WTLS_CALL_FINISH, WTLS_CALL_ABORT}},
      {kClient, WTLS_STATE_REQUEST_WAIT, endings},
      {kClient, WTLS_STATE_REQUEST, {WTLS_CALL_RESPOND, WTLS_CALL_FINISH, WTLS_CALL_ABORT}},
      {kClient, WTLS_STATE_FINISH_WAIT, {}},
      {kClient, WTLS_STATE_OPEN, {}},
      {kClient, WTLS_STATE_ENDED, endings},
      {kServer, WTLS_STATE_NEW, {WTLS_CALL_ACCEPT}},
      {kServer,
       WTLS_STATE_IDLE,
       {WTLS_CALL_CONFIGURE_ALPN_IDS, WTLS_CALL_CONFIGURE_IDENTITIES, WTLS_CALL_RECEIVE_CLIENT_HELLO,
        WTLS_CALL_REQUEST_CLIENT_IDENTITY, WTLS_CALL_FINISH, WTLS_CALL_ABORT}},
      {kServer, WTLS_STATE_HELLO_WAIT, endings},
      {kServer,
       WTLS_STATE_HELLO,
       {WTLS_CALL_CONFIGURE_ALPN_IDS, WTLS_CALL_CONFIGURE_IDENTITIES, WTLS_CALL_REQUEST_CLIENT_IDENTITY,
        WTLS_CALL_FINISH, WTLS_CALL_ABORT}},
      {kServer, WTLS_STATE_CLIENT_ID_WAIT, endings},
      {kServer, WTLS_STATE_CLIENT_ID, endings},
      {kServer, WTLS_STATE_FINISH_WAIT, {}},
      {kServer, WTLS_STATE_OPEN, {WTLS_CALL_REQUEST_CLIENT_IDENTITY}},
      {kServer, WTLS_STATE_ENDED, endings},
  };
  return list;
}

bool allows(const Allowed &rule, wtls_call call) {
  return std::find(rule.calls.begin(), rule.calls.end(), call) != rule.calls.end();
}

bool table_allows(wasi_tls_role role, wtls_state state, wtls_call call) {
  return wtls_state_lookup(role, state, call).action != WTLS_ACTION_REFUSE;
}

class CallOrder : public Case {
 protected:
  // Brings a connection to |state|. False if the engine can't suspend there.
  bool reach(wasi_tls_role role, wtls_state state) {
    start_over();
    return role == WASI_TLS_ROLE_CLIENT ? reach_as_client(state) : reach_as_server(state);
  }

  bool reach_as_client(wtls_state state) {
    switch (state) {
      case WTLS_STATE_SERVER_ID_WAIT:
        return start_verify();
      case WTLS_STATE_SERVER_ID:
        return start_verify() && server().finish() == WASI_TLS_OK && arrive(client());
      case WTLS_STATE_REQUEST_WAIT:
        return start_receive_request();
      case WTLS_STATE_REQUEST:
        server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_OPTIONAL;
        return start_receive_request() && server().finish() == WASI_TLS_OK && arrive(client());
      case WTLS_STATE_ENDED:
        if (!start_verify()) return false;
        to_client().cut_at(0);
        run();
        return client().outcome == WASI_TLS_ERR_EOF;
      default:
        return reach_common(client(), state);
    }
  }

  bool reach_as_server(wtls_state state) {
    switch (state) {
      case WTLS_STATE_HELLO_WAIT:
        return start_receive_hello();
      case WTLS_STATE_HELLO:
        return start_receive_hello() && client().finish() == WASI_TLS_OK && arrive(server());
      case WTLS_STATE_CLIENT_ID_WAIT:
        return start_request_identity();
      case WTLS_STATE_CLIENT_ID:
        return start_request_identity() && client().finish() == WASI_TLS_OK && arrive(server());
      case WTLS_STATE_ENDED:
        if (!start_receive_hello()) return false;
        to_server().cut_at(0);
        run();
        return server().outcome == WASI_TLS_ERR_EOF;
      default:
        return reach_common(server(), state);
    }
  }

  // NEW and IDLE are reached by making the peer.
  bool reach_common(Peer &peer, wtls_state state) {
    if (state == WTLS_STATE_FINISH_WAIT) {
      EXPECT_EQ(peer.finish(), WASI_TLS_OK);
      run();
    }
    if (state == WTLS_STATE_OPEN) return finish_both();
    return true;
  }

  bool arrive(Peer &peer) {
    run();
    EXPECT_EQ(peer.outcome, WASI_TLS_OK) << peer.name() << ": " << peer.last_error().text;
    return peer.outcome == WASI_TLS_OK;
  }

  // Makes |call|. Nothing if the resource that it is made on does not exist in this state.
  std::optional<wasi_tls_result> perform(wasi_tls_role role, wtls_call call) {
    return role == WASI_TLS_ROLE_CLIENT ? perform_as_client(call) : perform_as_server(call);
  }

  std::optional<wasi_tls_result> perform_as_client(wtls_call call) {
    Client &peer = client();
    if (call == WTLS_CALL_CONNECT) {
      ClientHandshake second;
      return wasi_tls_client_connection_connect(peer.connection.get(), view_of(server_name), second.out());
    }
    if (call == WTLS_CALL_RESPOND) {
      if (!peer.request) return std::nullopt;
      return peer.respond({});
    }
    if (!peer.handshake) return std::nullopt;
    if (call == WTLS_CALL_VERIFY_SERVER_IDENTITY) {
      FuturePublicIdentity future;
      return wasi_tls_client_handshake_verify_server_identity(peer.handshake.get(), future.out());
    }
    if (call == WTLS_CALL_RECEIVE_CLIENT_IDENTITY_REQUEST) {
      FutureIdentityRequest future;
      return wasi_tls_client_handshake_receive_client_identity_request(peer.handshake.get(), future.out());
    }
    return perform_common(peer, call);
  }

  std::optional<wasi_tls_result> perform_as_server(wtls_call call) {
    Server &peer = server();
    if (call == WTLS_CALL_ACCEPT) {
      ServerHandshake second;
      return wasi_tls_server_connection_accept(peer.connection.get(), second.out());
    }
    FuturePublicIdentity identity;
    if (call == WTLS_CALL_REQUEST_CLIENT_IDENTITY) {
      return peer.handshake ? wasi_tls_server_handshake_request_client_identity(peer.handshake.get(), identity.out())
                            : wasi_tls_server_connection_request_client_identity(peer.connection.get(), identity.out());
    }
    if (!peer.handshake) return std::nullopt;
    if (call == WTLS_CALL_RECEIVE_CLIENT_HELLO) {
      FutureClientHello future;
      return wasi_tls_server_handshake_receive_client_hello(peer.handshake.get(), future.out());
    }
    return perform_common(peer, call);
  }

  std::optional<wasi_tls_result> perform_common(Peer &peer, wtls_call call) {
    switch (call) {
      case WTLS_CALL_CONFIGURE_ALPN_IDS:
        return peer.configure_alpn({to_bytes("x")});
      case WTLS_CALL_CONFIGURE_IDENTITIES:
        return peer.configure_identities({});
      case WTLS_CALL_FINISH:
        return peer.finish();
      case WTLS_CALL_ABORT:
        return peer.abort();
      default:
        return std::nullopt;
    }
  }

  // The connection is as if the refused call had not been made.
  void expect_undisturbed(wasi_tls_role role, wtls_state state) {
    if (state == WTLS_STATE_ENDED) return;
    if (client().handshake) {
      EXPECT_EQ(client().finish(), WASI_TLS_OK);
    }
    if (server().handshake) {
      EXPECT_EQ(server().finish(), WASI_TLS_OK);
    }
    run();
    EXPECT_EQ(client().outcome, WASI_TLS_OK) << "role " << role << " state " << state << client().last_error().text;
    EXPECT_EQ(server().outcome, WASI_TLS_OK) << "role " << role << " state " << state << server().last_error().text;
  }

  void walk(wasi_tls_role role) {
    for (const Allowed &rule : rules()) {
      // A connection without a handshake has no other call than the one that makes it: see |twice|.
      if (rule.role != role || rule.state == WTLS_STATE_NEW) continue;
      for (wtls_call call : kCalls) check_cell(rule, call);
    }
  }

  void check_cell(const Allowed &rule, wtls_call call) {
    if (!reach(rule.role, rule.state)) return;
    std::optional<wasi_tls_result> result = perform(rule.role, call);
    if (!result.has_value()) return;
    std::string where = "state " + std::to_string(rule.state) + " call " + std::to_string(call);
    if (!allows(rule, call)) {
      EXPECT_EQ(*result, WASI_TLS_ERR_WRONG_STATE) << where;
      expect_undisturbed(rule.role, rule.state);
    } else if (rule.state == WTLS_STATE_OPEN) {
      // Legal in this state; whether the peer can is the matter of the chapter post_handshake.
      EXPECT_EQ(*result, WASI_TLS_ERR_UNSUPPORTED) << where;
    } else {
      EXPECT_EQ(*result, WASI_TLS_OK) << where;
    }
  }
};

}  // namespace

// The table in the core says what the rules of the interface say, for every state and call.
CONFORMANCE_CASE(CallOrder, call_order, table_follows_the_rules) {
  for (const Allowed &rule : rules()) {
    for (wtls_call call : kCalls) {
      EXPECT_EQ(table_allows(rule.role, rule.state, call), allows(rule, call))
          << "role " << rule.role << " state " << rule.state << " call " << call;
    }
  }
}

// A cell that refuses changes nothing, and no cell leads out of the table.
CONFORMANCE_CASE(CallOrder, call_order, table_is_total) {
  for (int role = 0; role < 2; role++) {
    for (int state = 0; state < WTLS_STATE_COUNT; state++) {
      for (int call = 0; call < WTLS_CALL_COUNT; call++) {
        wtls_transition cell = wtls_state_lookup(static_cast<wasi_tls_role>(role), static_cast<wtls_state>(state),
                                                 static_cast<wtls_call>(call));
        EXPECT_LT(cell.next, WTLS_STATE_COUNT);
        if (cell.action == WTLS_ACTION_REFUSE) {
          EXPECT_EQ(cell.next, state);
        }
      }
    }
  }
}

// Every call in every state of a client: allowed or refused as the rules say, and a refusal changes nothing.
CONFORMANCE_CASE(CallOrder, call_order, walk_client) {
  walk(WASI_TLS_ROLE_CLIENT);
}

CONFORMANCE_CASE(CallOrder, call_order, walk_server) {
  walk(WASI_TLS_ROLE_SERVER);
}

// 13, 14: constructing does no I/O; connect and accept may be called once, also after the first was consumed.
CASE(call_order, connect_and_accept_once) {
  ASSERT_TRUE(finish_both());
  ClientHandshake second_client;
  ServerHandshake second_server;
  EXPECT_EQ(wasi_tls_client_connection_connect(client().connection.get(), view_of(server_name), second_client.out()),
            WASI_TLS_ERR_WRONG_STATE);
  EXPECT_EQ(wasi_tls_server_connection_accept(server().connection.get(), second_server.out()),
            WASI_TLS_ERR_WRONG_STATE);
  EXPECT_FALSE(second_client);
  EXPECT_FALSE(second_server);
  expect_echo();
}

// A server name that is refused does not use up the one call of connect.
CASE(call_order, refused_server_name_leaves_connect) {
  Client fresh(&pump(), &wire(), client_options);
  EXPECT_EQ(fresh.connect("a..b"), WASI_TLS_ERR_SERVER_NAME);
  EXPECT_FALSE(fresh.sni().has_value());
  EXPECT_EQ(fresh.connect(kServerName), WASI_TLS_OK);
}

// 13: no call up to the first step touches the raw streams.
CASE(call_order, no_io_before_the_first_step) {
  EXPECT_EQ(client().configure_alpn({to_bytes("x")}), WASI_TLS_OK);
  EXPECT_EQ(server().configure_alpn({to_bytes("x")}), WASI_TLS_OK);
  run();
  for (Channel *channel : {&to_server(), &to_client()}) {
    EXPECT_EQ(channel->reads().calls, 0u);
    EXPECT_EQ(channel->writes().calls, 0u);
  }
}

// 15, 16: getters say none until the handshake has come to their point; server-name on the client at once.
CASE(call_order, getters_before_the_handshake) {
  EXPECT_EQ(client().sni(), kServerName);
  EXPECT_FALSE(server().sni().has_value());
  for (Peer *peer : std::initializer_list<Peer *>{&client(), &server()}) {
    EXPECT_FALSE(peer->alpn_id().has_value());
    EXPECT_EQ(peer->version(), 0);
    EXPECT_EQ(peer->suite(), 0);
    EXPECT_TRUE(peer->server_identity().empty());
    EXPECT_TRUE(peer->client_identity().empty());
    EXPECT_EQ(peer->last_error().result, WASI_TLS_OK);
  }
}

// 17 to 19, 22, 23, 26: what both sides say after the handshake, and still after the streams are gone.
CASE(call_order, getters_after_the_handshake) {
  ASSERT_TRUE(finish_both());
  close_both();
  client().input.reset();
  server().input.reset();
  EXPECT_EQ(client().version(), pairing.version);
  EXPECT_EQ(server().version(), pairing.version);
  EXPECT_NE(client().suite(), 0);
  EXPECT_EQ(client().suite(), server().suite());
  EXPECT_EQ(tls13(), client().suite() >> 8 == 0x13);
  EXPECT_EQ(client().server_identity(), ders_of(server_chains[0]));
  EXPECT_EQ(server().server_identity(), ders_of(server_chains[0]));
  EXPECT_TRUE(client().client_identity().empty());
  EXPECT_TRUE(server().client_identity().empty());
  EXPECT_EQ(server().sni(), kServerName);
}

// 122: finish and abort spend the handshake: every later use of it is refused, and the connection goes on.
CASE(call_order, spent_handshakes) {
  FutureStreams of_client, of_server, none;
  Pollable pollable;
  FuturePublicIdentity identity;
  FutureClientHello hello;
  FutureIdentityRequest request;
  wasi_tls_client_handshake *spent_client = client().handshake.get();
  wasi_tls_server_handshake *spent_server = server().handshake.get();
  constexpr wasi_tls_result kWrong = WASI_TLS_ERR_WRONG_STATE;
  ASSERT_EQ(wasi_tls_client_handshake_finish(spent_client, of_client.out()), WASI_TLS_OK);
  ASSERT_EQ(wasi_tls_server_handshake_finish(spent_server, of_server.out()), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_client_handshake_finish(spent_client, none.out()), kWrong);
  EXPECT_EQ(wasi_tls_client_handshake_abort(spent_client, pollable.out()), kWrong);
  EXPECT_EQ(wasi_tls_client_handshake_abort_with(spent_client, 40, pollable.out()), kWrong);
  EXPECT_EQ(wasi_tls_client_handshake_verify_server_identity(spent_client, identity.out()), kWrong);
  EXPECT_EQ(wasi_tls_client_handshake_receive_client_identity_request(spent_client, request.out()), kWrong);
  EXPECT_EQ(wasi_tls_client_handshake_configure_alpn_ids(spent_client, nullptr, 0), kWrong);
  EXPECT_EQ(wasi_tls_client_handshake_configure_client_identities(spent_client, nullptr, 0), kWrong);
  EXPECT_EQ(wasi_tls_server_handshake_finish(spent_server, none.out()), kWrong);
  EXPECT_EQ(wasi_tls_server_handshake_abort(spent_server, pollable.out()), kWrong);
  EXPECT_EQ(wasi_tls_server_handshake_abort_with(spent_server, 40, pollable.out()), kWrong);
  EXPECT_EQ(wasi_tls_server_handshake_receive_client_hello(spent_server, hello.out()), kWrong);
  EXPECT_EQ(wasi_tls_server_handshake_request_client_identity(spent_server, identity.out()), kWrong);
  EXPECT_EQ(wasi_tls_server_handshake_configure_alpn_ids(spent_server, nullptr, 0), kWrong);
  EXPECT_EQ(wasi_tls_server_handshake_configure_server_identities(spent_server, nullptr, 0), kWrong);
  // Dropping a spent handshake does nothing to the connection.
  client().handshake.reset();
  server().handshake.reset();
  wasi_tls_input_stream *in = nullptr;
  wasi_tls_output_stream *out = nullptr;
  wasi_tls_result result = WASI_TLS_PENDING;
  for (int i = 0; i < 20 && result == WASI_TLS_PENDING; i++) {
    result = wasi_tls_future_streams_get(of_client.get(), &in, &out);
    Pollable turn;
    ASSERT_EQ(wasi_tls_future_streams_subscribe(of_server.get(), turn.out()), WASI_TLS_OK);
    (void)wasi_tls_pollable_poll(turn.get(), {nullptr, nullptr});
  }
  EXPECT_EQ(result, WASI_TLS_OK);
  Input input(in);
  Output output(out);
}

// A handshake that has failed can be finished once more, for its outcome, and is spent then.
CASE(call_order, spent_after_a_failure) {
  if (!start_verify()) return;
  to_client().cut_at(0);
  run();
  ASSERT_EQ(client().outcome, WASI_TLS_ERR_EOF);
  FutureStreams first, second;
  Pollable pollable;
  EXPECT_EQ(wasi_tls_client_handshake_finish(client().handshake.get(), first.out()), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_client_handshake_finish(client().handshake.get(), second.out()), WASI_TLS_ERR_WRONG_STATE);
  EXPECT_EQ(wasi_tls_client_handshake_abort(client().handshake.get(), pollable.out()), WASI_TLS_ERR_WRONG_STATE);
  wasi_tls_input_stream *in = nullptr;
  wasi_tls_output_stream *out = nullptr;
  EXPECT_EQ(wasi_tls_future_streams_get(first.get(), &in, &out), WASI_TLS_ERR_EOF);
}

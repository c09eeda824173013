// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Every route of calls through the state table, to where no new state appears: on whatever route a state was reached,
// it behaves alike.
#include <algorithm>

#include "case.h"

extern "C" {
#include "state.h"
}

using namespace conformance;

namespace {

constexpr wtls_call kClientCalls[] = {WTLS_CALL_CONFIGURE_ALPN_IDS,
                                      WTLS_CALL_CONFIGURE_IDENTITIES,
                                      WTLS_CALL_VERIFY_SERVER_IDENTITY,
                                      WTLS_CALL_RECEIVE_CLIENT_IDENTITY_REQUEST,
                                      WTLS_CALL_RESPOND,
                                      WTLS_CALL_FINISH,
                                      WTLS_CALL_ABORT};
constexpr wtls_call kServerCalls[] = {WTLS_CALL_CONFIGURE_ALPN_IDS,
                                      WTLS_CALL_CONFIGURE_IDENTITIES,
                                      WTLS_CALL_RECEIVE_CLIENT_HELLO,
                                      WTLS_CALL_REQUEST_CLIENT_IDENTITY,
                                      WTLS_CALL_FINISH,
                                      WTLS_CALL_ABORT};

// A call, and whether the connection may come to rest behind it (else the next call meets it under way).
struct Leg {
  wtls_call call;
  bool settled;
};
using Route = std::vector<Leg>;

class CallRoutes : public Case {
 protected:
  void SetUp() override {
    Case::SetUp();
    server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_OPTIONAL;
  }

  // Where |route| leads by the table.
  static wtls_state destination(wasi_tls_role role, const Route &route) {
    wtls_state state = WTLS_STATE_IDLE;
    for (const Leg &leg : route) {
      state = wtls_state_lookup(role, state, leg.call).next;
      if (leg.settled && state != WTLS_STATE_OPEN && wtls_state_is_running(state))
        state = wtls_state_lookup(role, state, WTLS_EVENT_REACHED).next;
    }
    return state;
  }

  // |respond| spends the request, which the table does not know.
  static bool possible(const Route &route, wtls_call call) {
    bool requested = false, answered = false;
    for (const Leg &leg : route) {
      requested = requested || (leg.call == WTLS_CALL_RECEIVE_CLIENT_IDENTITY_REQUEST && leg.settled);
      answered = answered || leg.call == WTLS_CALL_RESPOND;
    }
    return call != WTLS_CALL_RESPOND || (requested && !answered);
  }

  static bool has(const Route &route, wtls_call call) {
    return std::any_of(route.begin(), route.end(), [call](const Leg &leg) { return leg.call == call; });
  }

  bool can(wtls_call call) const {
    switch (call) {
      case WTLS_CALL_VERIFY_SERVER_IDENTITY:
        return client_can(WASI_TLS_CAP_VERIFY_SERVER_IDENTITY);
      case WTLS_CALL_RECEIVE_CLIENT_IDENTITY_REQUEST:
        return client_can(WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST);
      case WTLS_CALL_RECEIVE_CLIENT_HELLO:
        return server_can(WASI_TLS_CAP_CLIENT_HELLO);
      case WTLS_CALL_REQUEST_CLIENT_IDENTITY:
        return server_can(WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY);
      default:
        return true;
    }
  }

  wasi_tls_result perform(wasi_tls_role role, wtls_call call) {
    Peer &peer = role == WASI_TLS_ROLE_CLIENT ? static_cast<Peer &>(client()) : static_cast<Peer &>(server());
    switch (call) {
      case WTLS_CALL_CONFIGURE_ALPN_IDS:
        return peer.configure_alpn({to_bytes("h2")});
      case WTLS_CALL_CONFIGURE_IDENTITIES:
        return role == WASI_TLS_ROLE_CLIENT ? peer.configure_identities({}) : server().configure_chains(server_chains);
      case WTLS_CALL_VERIFY_SERVER_IDENTITY:
        return client().verify();
      case WTLS_CALL_RECEIVE_CLIENT_IDENTITY_REQUEST:
        return client().receive_request();
      case WTLS_CALL_RESPOND:
        return client().respond({});
      case WTLS_CALL_RECEIVE_CLIENT_HELLO:
        return server().receive_hello();
      case WTLS_CALL_REQUEST_CLIENT_IDENTITY:
        return server().request_identity();
      case WTLS_CALL_FINISH:
        return peer.finish();
      default:
        return peer.abort();
    }
  }

  // A new connection, brought to the end of |route|.
  void travel(wasi_tls_role role, const Route &route) {
    start_over();
    // The other side goes ahead, so that a step finds its end by itself.
    if (role == WASI_TLS_ROLE_CLIENT) {
      EXPECT_EQ(server().finish(), WASI_TLS_OK);
      client();
    } else {
      EXPECT_EQ(client().finish(), WASI_TLS_OK);
      server();
    }
    for (const Leg &leg : route) {
      EXPECT_EQ(perform(role, leg.call), WASI_TLS_OK) << "call " << leg.call;
      if (leg.settled) run();
    }
  }

  void check_end(wasi_tls_role role, const Route &route) {
    wtls_state state = destination(role, route);
    Peer &peer = role == WASI_TLS_ROLE_CLIENT ? static_cast<Peer &>(client()) : static_cast<Peer &>(server());
    if (state == WTLS_STATE_OPEN) {
      EXPECT_EQ(peer.outcome, WASI_TLS_OK) << peer.last_error().text;
      expect_echo(10);
    } else if (state != WTLS_STATE_ENDED && state != WTLS_STATE_FINISH_WAIT) {
      EXPECT_EQ(peer.finish(), WASI_TLS_OK);
      run();
      EXPECT_EQ(peer.outcome, WASI_TLS_OK) << peer.last_error().text;
    }
  }

  template <size_t N>
  void walk(wasi_tls_role role, const wtls_call (&calls)[N]) {
    std::vector<Route> routes = {{}};
    for (size_t i = 0; i < routes.size(); i++) {
      ASSERT_LT(routes.size(), 2000u) << "the table leads in circles";
      Route route = routes[i];
      SCOPED_TRACE(describe(route));
      travel(role, route);
      check_end(role, route);
      extend(role, route, calls, &routes);
      if (HasFailure()) return;
    }
    record_count("routes of calls", routes.size());
  }

  // Adds each route that goes on from |route| with one more call, and tries those that the table refuses.
  template <size_t N>
  void extend(wasi_tls_role role, const Route &route, const wtls_call (&calls)[N], std::vector<Route> *routes) {
    wtls_state state = destination(role, route);
    // Behind these a handshake is spent; what is left is the matter of the chapter call_order.
    if (state == WTLS_STATE_OPEN || state == WTLS_STATE_FINISH_WAIT || state == WTLS_STATE_ENDED) return;
    for (wtls_call call : calls) {
      if (!possible(route, call) || !can(call)) continue;
      wtls_transition next = wtls_state_lookup(role, state, call);
      if (next.action == WTLS_ACTION_REFUSE) {
        travel(role, route);
        EXPECT_EQ(perform(role, call), WASI_TLS_ERR_WRONG_STATE) << "call " << call;
        check_end(role, route);
      } else if (!has(route, call)) {
        for (bool settled : {false, true}) {
          if (!settled && next.next == state) continue;
          routes->push_back(route);
          routes->back().push_back({call, settled});
        }
      }
    }
  }

  static std::string describe(const Route &route) {
    std::string text = "route";
    for (const Leg &leg : route) text += " " + std::to_string(leg.call) + (leg.settled ? "." : "");
    return text;
  }
};

}  // namespace

CONFORMANCE_CASE(CallRoutes, call_routes, client) {
  walk(WASI_TLS_ROLE_CLIENT, kClientCalls);
}

CONFORMANCE_CASE(CallRoutes, call_routes, server) {
  walk(WASI_TLS_ROLE_SERVER, kServerCalls);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// ALPN (RFC 7301; behaviours 34 to 39, 43).
#include <algorithm>

#include "case.h"

using namespace conformance;

namespace {

std::vector<Bytes> ids(std::initializer_list<const char *> names) {
  std::vector<Bytes> list;
  for (const char *name : names) list.push_back(to_bytes(std::string_view(name)));
  return list;
}

class Alpn : public Case {
 protected:
  void expect_selected(const std::vector<Bytes> &offered, const std::vector<Bytes> &accepted,
                       const std::optional<Bytes> &selected) {
    start_over();
    EXPECT_EQ(client().configure_alpn(offered), WASI_TLS_OK);
    EXPECT_EQ(server().configure_alpn(accepted), WASI_TLS_OK);
    ASSERT_TRUE(finish_both());
    EXPECT_EQ(client().alpn_id(), selected);
    EXPECT_EQ(server().alpn_id(), selected);
  }
};

}  // namespace

// 34: the client's order stands on the wire.
CONFORMANCE_CASE(Alpn, alpn, client_order_on_the_wire) {
  EXPECT_EQ(client().configure_alpn(ids({"z", "a", "m"})), WASI_TLS_OK);
  if (!start_receive_hello()) return;
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  ASSERT_EQ(server().outcome, WASI_TLS_OK);
  EXPECT_EQ(hello_alpn_ids(server().hello), ids({"z", "a", "m"}));
}

// 35: the server's preference wins, in both orders.
CONFORMANCE_CASE(Alpn, alpn, server_preference_wins) {
  expect_selected(ids({"h2", "http/1.1"}), ids({"http/1.1", "h2"}), to_bytes("http/1.1"));
  expect_selected(ids({"h2", "http/1.1"}), ids({"h2", "http/1.1"}), to_bytes("h2"));
  expect_selected(ids({"h2", "http/1.1"}), ids({"x", "http/1.1"}), to_bytes("http/1.1"));
}

// 36: one side alone is no failure and selects nothing.
CONFORMANCE_CASE(Alpn, alpn, one_side_only) {
  expect_selected(ids({"h2"}), {}, std::nullopt);
  expect_selected({}, ids({"h2"}), std::nullopt);
  expect_selected({}, {}, std::nullopt);
}

// 37: nothing in common is no_application_protocol on both sides.
CONFORMANCE_CASE(Alpn, alpn, no_overlap) {
  EXPECT_EQ(client().configure_alpn(ids({"h2"})), WASI_TLS_OK);
  EXPECT_EQ(server().configure_alpn(ids({"http/1.1"})), WASI_TLS_OK);
  finish_both_expecting(WASI_TLS_ERR_PEER_ALERT, WASI_TLS_ERR_NO_APPLICATION_PROTOCOL);
  EXPECT_EQ(received_alert(client().last_error()), kNoApplicationProtocol);
  EXPECT_EQ(sent_alert(server().last_error()), kNoApplicationProtocol);
  EXPECT_FALSE(server().alpn_id().has_value());
}

// Ids are compared as bytes: case and length count.
CONFORMANCE_CASE(Alpn, alpn, compared_as_bytes) {
  for (const char *near : {"H2", "h", "h2 ", "h22"}) {
    start_over();
    EXPECT_EQ(client().configure_alpn(ids({near})), WASI_TLS_OK);
    EXPECT_EQ(server().configure_alpn(ids({"h2"})), WASI_TLS_OK);
    finish_both_expecting(WASI_TLS_ERR_PEER_ALERT, WASI_TLS_ERR_NO_APPLICATION_PROTOCOL);
  }
}

// 38: empty and overlong ids and too many of them are refused when they are configured; what was set before stays.
CONFORMANCE_CASE(Alpn, alpn, refused_ids) {
  for (Peer *peer : std::initializer_list<Peer *>{&client(), &server()}) {
    EXPECT_EQ(peer->configure_alpn(ids({"kept"})), WASI_TLS_OK);
    EXPECT_EQ(peer->configure_alpn({Bytes()}), WASI_TLS_ERR_ALPN_ID);
    EXPECT_EQ(peer->configure_alpn({to_bytes("ok"), Bytes()}), WASI_TLS_ERR_ALPN_ID);
    EXPECT_EQ(peer->configure_alpn({Bytes(256, 'x')}), WASI_TLS_ERR_ALPN_ID);
    EXPECT_EQ(peer->configure_alpn(std::vector<Bytes>(65, to_bytes("x"))), WASI_TLS_ERR_ALPN_ID);
    EXPECT_EQ(peer->configure_alpn(std::vector<Bytes>(1000, to_bytes("x"))), WASI_TLS_ERR_ALPN_ID);
  }
  ASSERT_TRUE(finish_both());
  EXPECT_EQ(client().alpn_id(), to_bytes("kept"));
}

// 38: more bytes than the extension can hold, though each id and their number are fine.
CONFORMANCE_CASE(Alpn, alpn, more_than_the_extension_holds) {
  client_options.limits.alpn_ids = 1024;
  EXPECT_EQ(client().configure_alpn(std::vector<Bytes>(257, Bytes(255, 'x'))), WASI_TLS_ERR_ALPN_ID);
}

// 39: any bytes, 1 to 255 of them.
CONFORMANCE_CASE(Alpn, alpn, binary_ids) {
  expect_selected({to_bytes("other"), Bytes(255, 0xC3)}, {Bytes(255, 0xC3)}, Bytes(255, 0xC3));
  for (const Bytes &id : {Bytes{0}, Bytes{0xFF, 0, 'x'}, Bytes{'x', ','}}) {
    start_over();
    bool sent = client_can(WASI_TLS_CAP_ALPN_ANY_BYTES);
    bool taken = server_can(WASI_TLS_CAP_ALPN_ANY_BYTES);
    EXPECT_EQ(client().configure_alpn({id}), sent ? WASI_TLS_OK : WASI_TLS_ERR_UNSUPPORTED);
    EXPECT_EQ(server().configure_alpn({id}), taken ? WASI_TLS_OK : WASI_TLS_ERR_UNSUPPORTED);
    if (sent && taken) expect_selected({to_bytes("other"), id}, {id}, id);
  }
}

// As many ids as the limit allows.
CONFORMANCE_CASE(Alpn, alpn, up_to_the_limit) {
  std::vector<Bytes> many;
  for (uint8_t i = 0; i < 64; i++) many.push_back({'i', 'd', static_cast<uint8_t>('0' + i)});
  expect_selected(many, {many.back()}, many.back());
}

// 43: configuring again before the first step replaces; with nothing, it clears.
CONFORMANCE_CASE(Alpn, alpn, configuring_again_replaces) {
  EXPECT_EQ(client().configure_alpn(ids({"old"})), WASI_TLS_OK);
  EXPECT_EQ(server().configure_alpn(ids({"old", "new"})), WASI_TLS_OK);
  EXPECT_EQ(client().configure_alpn(ids({"new"})), WASI_TLS_OK);
  ASSERT_TRUE(finish_both());
  EXPECT_EQ(client().alpn_id(), to_bytes("new"));
  start_over();
  EXPECT_EQ(client().configure_alpn(ids({"old"})), WASI_TLS_OK);
  EXPECT_EQ(client().configure_alpn({}), WASI_TLS_OK);
  EXPECT_EQ(server().configure_alpn(ids({"old"})), WASI_TLS_OK);
  ASSERT_TRUE(finish_both());
  EXPECT_FALSE(client().alpn_id().has_value());
}

// 43: once the hello is on its way the client is too late.
CONFORMANCE_CASE(Alpn, alpn, too_late_for_the_client) {
  EXPECT_EQ(client().configure_alpn(ids({"h2"})), WASI_TLS_OK);
  EXPECT_EQ(server().configure_alpn(ids({"h2", "late"})), WASI_TLS_OK);
  if (!start_verify()) return;
  EXPECT_EQ(client().configure_alpn(ids({"late"})), WASI_TLS_ERR_WRONG_STATE);
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().configure_alpn(ids({"late"})), WASI_TLS_ERR_WRONG_STATE);
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_OK);
  EXPECT_EQ(client().alpn_id(), to_bytes("h2"));
}

// The ids are copied: the caller's memory may go.
CONFORMANCE_CASE(Alpn, alpn, copied) {
  {
    std::vector<Bytes> gone = ids({"fleeting"});
    EXPECT_EQ(client().configure_alpn(gone), WASI_TLS_OK);
    EXPECT_EQ(server().configure_alpn(gone), WASI_TLS_OK);
    std::fill(gone[0].begin(), gone[0].end(), uint8_t{0});
  }
  ASSERT_TRUE(finish_both());
  EXPECT_EQ(server().alpn_id(), to_bytes("fleeting"));
}

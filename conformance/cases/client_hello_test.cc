// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// receive-client-hello: what the guest is shown, and what becomes of things that are no hello (behaviours 26 to 29, 32,
// 44 to 56, 126, 169).
#include <algorithm>

#include "case.h"
#include "raw_hello.h"

using namespace conformance;

namespace {

class ClientHelloCase : public Case {
 protected:
  // The server meets |wire_bytes| and nothing more for now.
  wasi_tls_result meet(const Bytes &wire_bytes) {
    EXPECT_EQ(server().receive_hello(), WASI_TLS_OK);
    to_server().inject(wire_bytes);
    run();
    return server().outcome;
  }

  // The server refuses |wire_bytes| with |result|: one fatal alert, in plain sight, is all that it says.
  void expect_refused(const Bytes &wire_bytes, wasi_tls_result result, const std::vector<int> &alerts) {
    start_over();
    EXPECT_EQ(meet(wire_bytes), result) << server().last_error().text;
    expect_one_alert(result, alerts);
  }

  void expect_one_alert(wasi_tls_result result, const std::vector<int> &alerts) {
    std::vector<Record> records = to_client().records();
    ASSERT_EQ(records.size(), 1u);
    ASSERT_EQ(records[0].type, kAlert);
    ASSERT_EQ(records[0].body.size(), 2u);
    EXPECT_EQ(records[0].body[0], 2) << "not fatal";
    EXPECT_NE(std::find(alerts.begin(), alerts.end(), records[0].body[1]), alerts.end()) << int(records[0].body[1]);
    wasi_tls_error error = server().last_error();
    EXPECT_EQ(error.result, result);
    EXPECT_EQ(sent_alert(error), records[0].body[1]);
    EXPECT_EQ(error.step, WASI_TLS_STEP_CLIENT_HELLO);
    EXPECT_NE(error.text[0], '\0');
  }

  // The client goes all the way while the server looks at the hello first.
  bool show_hello() {
    if (!start_receive_hello()) return false;
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    run();
    EXPECT_EQ(server().outcome, WASI_TLS_OK);
    return server().outcome == WASI_TLS_OK;
  }

  void expect_both_finish() {
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    run();
    EXPECT_EQ(client().outcome, WASI_TLS_OK) << client().last_error().text;
    EXPECT_EQ(server().outcome, WASI_TLS_OK) << server().last_error().text;
  }
};

}  // namespace

// 46 to 48: name, ALPN ids and suites are what the client sent.
CONFORMANCE_CASE(ClientHelloCase, client_hello, shows_what_was_sent) {
  EXPECT_EQ(client().configure_alpn({to_bytes("h2"), to_bytes("http/1.1")}), WASI_TLS_OK);
  if (!show_hello()) return;
  EXPECT_EQ(hello_server_name(server().hello), kServerName);
  EXPECT_EQ(hello_alpn_ids(server().hello), (std::vector<Bytes>{to_bytes("h2"), to_bytes("http/1.1")}));
  EXPECT_FALSE(hello_suites(server().hello).empty());
  EXPECT_EQ(server().sni(), kServerName);
  expect_both_finish();
  std::vector<wasi_tls_cipher_suite> suites = hello_suites(server().hello);
  EXPECT_NE(std::find(suites.begin(), suites.end(), server().suite()), suites.end());
}

// 47: no ALPN extension shows as an empty list.
CONFORMANCE_CASE(ClientHelloCase, client_hello, without_alpn) {
  if (!show_hello()) return;
  EXPECT_TRUE(hello_alpn_ids(server().hello).empty());
  expect_both_finish();
}

// 27, 46: an IP literal is not sent as SNI, and verified against the IP SANs.
CONFORMANCE_CASE(ClientHelloCase, client_hello, ip_literals_send_no_name) {
  for (const char *name : {"192.0.2.1", "2001:db8::1"}) {
    start_over();
    server_name = name;
    if (!show_hello()) return;
    EXPECT_FALSE(hello_server_name(server().hello).has_value());
    EXPECT_FALSE(server().sni().has_value());
    expect_both_finish();
  }
}

// 26, 32: the name is sent in the case that was given, and compared without regard to case.
CONFORMANCE_CASE(ClientHelloCase, client_hello, name_keeps_its_case) {
  server_name = "SerVer.Test";
  if (!show_hello()) return;
  EXPECT_EQ(hello_server_name(server().hello), "SerVer.Test");
  expect_both_finish();
}

// 29: a final dot is not part of the name that is sent or compared.
CONFORMANCE_CASE(ClientHelloCase, client_hello, final_dot_is_dropped) {
  server_name = "server.test.";
  if (!show_hello()) return;
  EXPECT_EQ(hello_server_name(server().hello), "server.test");
  expect_both_finish();
}

// 44: the hello is complete when its last byte is there, not sooner, in 1-byte deliveries.
CONFORMANCE_CASE(ClientHelloCase, client_hello, one_byte_at_a_time) {
  to_server().set_chop(1);
  to_client().set_chop(1);
  to_server().pause_at(0);
  if (!start_receive_hello()) return;
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  size_t length = to_server().transcript().size();
  to_server().pause_at(length - 1);
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_PENDING);
  to_server().pause_at(kNever);
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_OK);
  expect_both_finish();
}

// 44: a hello in records of one byte each.
CONFORMANCE_CASE(ClientHelloCase, client_hello, over_many_records) {
  RawHello raw = plain_hello();
  raw.extensions.push_back(server_name_extension("fragments.test"));
  for (size_t fragment : {size_t{1}, size_t{3}, size_t{100}}) {
    start_over();
    ASSERT_EQ(meet(records_of(message_of(raw), fragment)), WASI_TLS_OK) << fragment;
    EXPECT_EQ(hello_server_name(server().hello), "fragments.test");
  }
}

// 48: unknown suites and GREASE (RFC 8701) are shown in the order sent.
CONFORMANCE_CASE(ClientHelloCase, client_hello, unknown_suites_and_grease) {
  RawHello raw = plain_hello();
  raw.suites = {0x0A0A, 0x1301, 0xFEED, 0xC02F, 0x00FF, 0xDADA};
  ASSERT_EQ(meet(records_of(message_of(raw))), WASI_TLS_OK);
  EXPECT_EQ(hello_suites(server().hello), raw.suites);
}

// 39, 47: ids are bytes, not text.
CONFORMANCE_CASE(ClientHelloCase, client_hello, binary_alpn_ids) {
  RawHello raw = plain_hello();
  std::vector<Bytes> ids = {{0, 1, 2}, {','}, Bytes(255, 0xFF), {0x80}};
  raw.extensions.push_back(alpn_extension(ids));
  ASSERT_EQ(meet(records_of(message_of(raw))), WASI_TLS_OK);
  EXPECT_EQ(hello_alpn_ids(server().hello), ids);
}

// 49: what is configured after the hello takes effect, instead of what was configured before.
CONFORMANCE_CASE(ClientHelloCase, client_hello, configured_after_the_hello) {
  server_chains = {};
  EXPECT_EQ(server().configure_alpn({to_bytes("before")}), WASI_TLS_OK);
  EXPECT_EQ(client().configure_alpn({to_bytes("before"), to_bytes("after")}), WASI_TLS_OK);
  if (!show_hello()) return;
  Chain chosen = server_chain(KeyType::kRsa);
  EXPECT_EQ(server().configure_chains({chosen}), WASI_TLS_OK);
  EXPECT_EQ(server().configure_alpn({to_bytes("after")}), WASI_TLS_OK);
  expect_both_finish();
  EXPECT_EQ(client().server_identity(), ders_of(chosen));
  EXPECT_EQ(client().alpn_id(), to_bytes("after"));
  EXPECT_EQ(server().alpn_id(), to_bytes("after"));
}

// 62: two identities of the same key type, chosen by the name of the hello.
CONFORMANCE_CASE(ClientHelloCase, client_hello, identity_by_server_name) {
  CertificateSpec other = server_spec();
  other.dns = {"other.test"};
  Chain other_chain = {issue(other, intermediate()), intermediate()};
  for (const char *name : {kServerName, "other.test"}) {
    start_over();
    server_name = name;
    if (!show_hello()) return;
    bool is_other = hello_server_name(server().hello) == "other.test";
    EXPECT_EQ(server().configure_chains({is_other ? other_chain : server_chains[0]}), WASI_TLS_OK);
    expect_both_finish();
  }
}

// 51: a second call fails without damage.
CONFORMANCE_CASE(ClientHelloCase, client_hello, only_once) {
  if (!show_hello()) return;
  FutureClientHello second;
  EXPECT_EQ(wasi_tls_server_handshake_receive_client_hello(server().handshake.get(), second.out()),
            WASI_TLS_ERR_WRONG_STATE);
  expect_both_finish();
}

// The hello that the guest holds stays readable when everything else is gone.
CONFORMANCE_CASE(ClientHelloCase, client_hello, outlives_its_connection) {
  if (!show_hello()) return;
  server().hello_future.reset();
  server().handshake.reset();
  server().connection.reset();
  EXPECT_EQ(hello_server_name(server().hello), kServerName);
}

// 55: plain HTTP, random junk, other TLS records: not TLS, decided within the first bytes.
CONFORMANCE_CASE(ClientHelloCase, client_hello, not_tls) {
  const std::vector<int> alerts = {kUnexpectedMessage, kProtocolVersion};
  expect_refused(to_bytes("GET / HTTP/1.1\r\nHost: server.test\r\n\r\n"), WASI_TLS_ERR_NOT_TLS, alerts);
  expect_refused(to_bytes("SSH-2.0-thing\r\n"), WASI_TLS_ERR_NOT_TLS, alerts);
  expect_refused(Bytes(64, 0), WASI_TLS_ERR_NOT_TLS, alerts);
  expect_refused(Bytes(64, 0xFF), WASI_TLS_ERR_NOT_TLS, alerts);
}

// 55, 169: an SSLv2 hello.
CONFORMANCE_CASE(ClientHelloCase, client_hello, sslv2) {
  Bytes hello = {0x80, 0x1C, 1, 0, 2, 0, 3, 0, 0, 0, 16, 7, 0, 0xC0};
  hello.insert(hello.end(), 16, 0x55);
  expect_refused(hello, WASI_TLS_ERR_NOT_TLS, {kUnexpectedMessage, kProtocolVersion});
}

// 169: SSL 3.0, TLS 1.0 and TLS 1.1 hellos are refused with protocol_version.
CONFORMANCE_CASE(ClientHelloCase, client_hello, versions_below_the_floor) {
  for (uint16_t version : {uint16_t{0x0300}, uint16_t{0x0301}, uint16_t{0x0302}}) {
    RawHello raw;
    raw.version = version;
    raw.suites = {0x002F, 0x0035, 0xC014};
    raw.has_extensions = version != 0x0300;
    expect_refused(records_of(message_of(raw)), WASI_TLS_ERR_PROTOCOL_VERSION, {kProtocolVersion});
  }
  RawHello listed;
  listed.extensions.push_back(supported_versions_extension({0x0302, 0x0301}));
  expect_refused(records_of(message_of(listed)), WASI_TLS_ERR_PROTOCOL_VERSION, {kProtocolVersion});
}

// 184: malformed, cut and duplicate extensions get decode_error or illegal_parameter.
CONFORMANCE_CASE(ClientHelloCase, client_hello, malformed_extensions) {
  RawHello bad_name = plain_hello();
  bad_name.extensions.push_back({0, {0, 9, 0, 0, 200, 'x'}});
  expect_refused(records_of(message_of(bad_name)), WASI_TLS_ERR_PROTOCOL, {kDecodeError});
  RawHello bad_alpn = plain_hello();
  bad_alpn.extensions.push_back({16, {0, 3, 9, 'h', '2'}});
  expect_refused(records_of(message_of(bad_alpn)), WASI_TLS_ERR_PROTOCOL, {kDecodeError});
  RawHello twice = plain_hello();
  twice.extensions.push_back(server_name_extension("a.test"));
  twice.extensions.push_back(server_name_extension("b.test"));
  expect_refused(records_of(message_of(twice)), WASI_TLS_ERR_PROTOCOL, {kIllegalParameter});
  Bytes trailing = message_of(plain_hello());
  trailing.push_back(0);
  trailing[3]++;
  expect_refused(records_of(trailing), WASI_TLS_ERR_PROTOCOL, {kDecodeError});
}

// 125: another handshake message in the place of the hello.
CONFORMANCE_CASE(ClientHelloCase, client_hello, another_message) {
  Bytes finished = {20, 0, 0, 12};
  finished.insert(finished.end(), 12, 7);
  expect_refused(records_of(finished), WASI_TLS_ERR_PROTOCOL, {kUnexpectedMessage});
}

// 148: a record longer than the protocol allows.
CONFORMANCE_CASE(ClientHelloCase, client_hello, record_overflow) {
  Bytes wire = {22, 3, 1, 0x60, 0};
  wire.insert(wire.end(), 300, 1);
  expect_refused(wire, WASI_TLS_ERR_PROTOCOL, {kRecordOverflow});
}

// 54: a hello beyond the limit is refused as soon as its header says so, with little taken in.
CONFORMANCE_CASE(ClientHelloCase, client_hello, beyond_the_limit) {
  server_options.limits.client_hello_bytes = 512;
  RawHello raw = plain_hello();
  raw.extensions.push_back({0xFAFA, Bytes(1000, 1)});
  Bytes wire = records_of(message_of(raw));
  expect_refused(Bytes(wire.begin(), wire.begin() + 60), WASI_TLS_ERR_LIMIT, {kIllegalParameter});
  // At the limit, but not beyond, it is read.
  raw.extensions.pop_back();
  size_t rest = 512 - message_of(raw).size() - 4;
  raw.extensions.push_back({0xFAFA, Bytes(rest, 1)});
  ASSERT_EQ(message_of(raw).size(), 512u);
  start_over();
  EXPECT_EQ(meet(records_of(message_of(raw))), WASI_TLS_OK);
  raw.extensions.back().body.push_back(1);
  Bytes longer = records_of(message_of(raw));
  expect_refused(longer, WASI_TLS_ERR_LIMIT, {kIllegalParameter});
}

// 54: a hello of 12 KB works between real peers.
CONFORMANCE_CASE(ClientHelloCase, client_hello, large) {
  std::vector<Bytes> ids;
  for (uint8_t i = 0; i < 60; i++) ids.push_back(Bytes(200, static_cast<uint8_t>('0' + i)));
  EXPECT_EQ(client().configure_alpn(ids), WASI_TLS_OK);
  if (!show_hello()) return;
  EXPECT_EQ(hello_alpn_ids(server().hello), ids);
  expect_both_finish();
}

// 56: the end of the stream before any byte is not an error of the protocol, and nothing is written.
CONFORMANCE_CASE(ClientHelloCase, client_hello, end_before_any_byte) {
  if (!start_receive_hello()) return;
  to_server().cut_at(0);
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_ERR_EOF);
  EXPECT_EQ(wasi_tls_result_class(server().outcome), WASI_TLS_CLASS_CLOSED);
  EXPECT_EQ(to_client().transcript().size(), 0u);
}

CONFORMANCE_CASE(ClientHelloCase, client_hello, end_within_the_hello) {
  for (size_t kept : std::initializer_list<size_t>{1, 4, 5, 6, 9, 40}) {
    start_over();
    to_server().cut_at(kept);
    EXPECT_EQ(meet(records_of(message_of(plain_hello()))), WASI_TLS_ERR_EOF) << kept;
  }
}

// 45: no byte is written for an incomplete hello, however long it takes.
CONFORMANCE_CASE(ClientHelloCase, client_hello, silent_until_complete) {
  Bytes wire = records_of(message_of(plain_hello()));
  wire.pop_back();
  EXPECT_EQ(meet(wire), WASI_TLS_PENDING);
  EXPECT_EQ(to_client().writes().bytes, 0u);
}

// The refusals are the same if the guest does not ask for the hello but finishes at once.
CONFORMANCE_CASE(ClientHelloCase, client_hello, finish_refuses_alike) {
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  to_server().inject(to_bytes("GET / HTTP/1.1\r\n\r\n"));
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_ERR_NOT_TLS);
  EXPECT_EQ(to_client().plain_alerts().size(), 1u);
}

// 126, 170: no version in common is protocol_version, known to both sides.
CONFORMANCE_CASE(ClientHelloCase, client_hello, no_common_version) {
  wasi_tls_protocol_version other = tls13() ? WASI_TLS_VERSION_TLS12 : WASI_TLS_VERSION_TLS13;
  Options &options = engine_speaks(pairing.server_engine, other) ? server_options : client_options;
  options.min_version = options.max_version = other;
  if (!engine_speaks(options.engine, other)) {
    Config none;
    EXPECT_EQ(options.build(&none), WASI_TLS_ERR_UNSUPPORTED);
    return;
  }
  finish_both_expecting(WASI_TLS_ERR_PEER_ALERT, WASI_TLS_ERR_PROTOCOL_VERSION);
  EXPECT_EQ(received_alert(client().last_error()), kProtocolVersion);
  EXPECT_EQ(sent_alert(server().last_error()), kProtocolVersion);
}

// 126: no suite in common is handshake_failure.
CONFORMANCE_CASE(ClientHelloCase, client_hello, no_common_suite) {
  if (!client_can(WASI_TLS_CAP_CIPHER_SUITES) || !server_can(WASI_TLS_CAP_CIPHER_SUITES)) return;
  client_options.suites = {tls13() ? wasi_tls_cipher_suite{0x1301} : wasi_tls_cipher_suite{0xC02B}};
  server_options.suites = {tls13() ? wasi_tls_cipher_suite{0x1302} : wasi_tls_cipher_suite{0xC02C}};
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_ERR_PEER_ALERT);
  EXPECT_EQ(received_alert(client().last_error()), kHandshakeFailure);
  EXPECT_EQ(wasi_tls_result_class(server().outcome), WASI_TLS_CLASS_PROTOCOL);
}

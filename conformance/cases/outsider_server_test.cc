// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Our client meets servers that are none of the engines, whose ServerHello or HelloRetryRequest breaks the rules
// (behaviours 40, 41, 121, 169, 171, 173, 181, 182, 184).
#include "outsider_case.h"

using namespace conformance;

namespace {

class OutsiderServer : public OutsiderCase {
 protected:
  // Each of |ids| as the server's choice of protocol, however many that are.
  void choose_protocol(const std::vector<std::string> &ids, const Alerts &alerts) {
    client_meets("alpn", {{"ids", ids}});
    expect_refused(alerts);
  }
};

}  // namespace

SOLO_CASE(OutsiderServer, outsider_server, honest) {
  client_meets("honest");
  expect_completed();
}

// All of the server's handshake in records of a byte, and of sizes that cut headers.
SOLO_CASE(OutsiderServer, outsider_server, tiny_records) {
  for (int size : {1, 3, 7}) {
    client_meets("records_of_a_byte", {{"size", size}});
    EXPECT_EQ(met.handshake, WASI_TLS_OK) << size << ": " << met.error.text;
    EXPECT_EQ(received_text(), kFromOutsider);
  }
}

SOLO_CASE(OutsiderServer, outsider_server, long_chain) {
  CertificateSpec big = server_spec();
  big.padding = 17000;
  server_chains = {{issue(big, intermediate()), intermediate()}};
  client_meets("honest");
  expect_completed();
}

SOLO_CASE(OutsiderServer, outsider_server, retry) {
  if (!tls13()) return;
  client_meets("retry");
  expect_completed();
  EXPECT_TRUE(met.outsider["notes"].value("retried", false));
}

SOLO_CASE(OutsiderServer, outsider_server, retry_again) {
  if (!tls13()) return;
  client_meets("retry_again");
  expect_refused({kUnexpectedMessage});
}

SOLO_CASE(OutsiderServer, outsider_server, retry_that_changes_nothing) {
  if (!tls13()) return;
  client_meets("retry_without_change");
  expect_refused({kIllegalParameter});
}

SOLO_CASE(OutsiderServer, outsider_server, retry_for_a_share_that_is_there) {
  if (!tls13()) return;
  client_meets("retry_for_a_share_that_is_there");
  expect_refused({kIllegalParameter});
}

SOLO_CASE(OutsiderServer, outsider_server, retry_for_an_unoffered_group) {
  if (!tls13()) return;
  client_meets("retry_for_an_unoffered_group");
  expect_refused({kIllegalParameter});
}

SOLO_CASE(OutsiderServer, outsider_server, retry_with_an_unoffered_extension) {
  if (!tls13()) return;
  client_meets("retry_with_an_unoffered_extension");
  expect_refused({kUnsupportedExtension});
}

SOLO_CASE(OutsiderServer, outsider_server, other_suite_than_retried) {
  if (!tls13()) return;
  client_meets("other_suite_than_retried");
  expect_refused({kIllegalParameter});
}

SOLO_CASE(OutsiderServer, outsider_server, other_group_than_retried) {
  if (!tls13()) return;
  client_meets("other_group_than_retried");
  expect_refused({kIllegalParameter});
}

// Of TLS 1.2: static RSA, CBC, DHE, anonymous, NULL, export, PSK; of either: the suites of the other version, CCM, and
// one that means nothing.
SOLO_CASE(OutsiderServer, outsider_server, unoffered_suites) {
  std::vector<int> suites = {0x009C, 0x002F, 0xC013, 0xC009, 0x009E, 0x0033, 0xC018, 0x0034, 0x0001,
                             0x0003, 0x0005, 0x000A, 0x00A8, 0x1304, 0x0A0A, 0x0000, 0x00FF};
  suites.push_back(tls13() ? 0xC02B : 0x1301);
  for (int suite : suites) {
    SCOPED_TRACE(suite);
    client_meets("suite", {{"suite", suite}});
    expect_refused({kIllegalParameter});
  }
  record_count("unoffered suites", suites.size());
}

SOLO_CASE(OutsiderServer, outsider_server, old_versions) {
  if (tls13()) return;
  for (int minor : {0, 1, 2}) {
    SCOPED_TRACE(minor);
    client_meets("version", {{"number", {3, minor}}});
    expect_refused({kProtocolVersion});
    EXPECT_EQ(met.handshake, WASI_TLS_ERR_PROTOCOL_VERSION);
  }
}

SOLO_CASE(OutsiderServer, outsider_server, unoffered_versions) {
  if (!tls13()) return;
  for (int minor : {2, 3}) {
    SCOPED_TRACE(minor);
    client_meets("version", {{"number", {3, minor}}});
    expect_refused({kIllegalParameter});
  }
}

SOLO_CASE(OutsiderServer, outsider_server, unknown_version) {
  if (!tls13()) return;
  client_meets("version", {{"number", {3, 5}}});
  expect_refused({kIllegalParameter});
}

SOLO_CASE(OutsiderServer, outsider_server, downgrade) {
  if (!tls13()) return;
  client_options.min_version = WASI_TLS_VERSION_TLS12;
  client_meets("downgrade");
  expect_refused({kIllegalParameter});
}

SOLO_CASE(OutsiderServer, outsider_server, sentinel_for_a_client_of_tls12) {
  if (tls13()) return;
  client_meets("sentinel_of_tls12");
  expect_completed();
}

SOLO_CASE(OutsiderServer, outsider_server, other_session_id) {
  if (!tls13()) return;
  client_meets("other_session_id");
  expect_refused({kIllegalParameter});
}

SOLO_CASE(OutsiderServer, outsider_server, compression) {
  client_meets("compression");
  expect_refused({kIllegalParameter});
}

SOLO_CASE(OutsiderServer, outsider_server, unoffered_extension) {
  client_meets("unoffered_extension");
  expect_refused({kUnsupportedExtension});
}

SOLO_CASE(OutsiderServer, outsider_server, heartbeat) {
  client_meets("heartbeat");
  expect_refused({kUnsupportedExtension});
}

SOLO_CASE(OutsiderServer, outsider_server, unoffered_psk) {
  if (!tls13()) return;
  client_meets("unoffered_psk");
  expect_refused({kUnsupportedExtension});
}

SOLO_CASE(OutsiderServer, outsider_server, extension_twice) {
  client_meets("extension_twice");
  expect_refused({kIllegalParameter, kDecodeError});
}

SOLO_CASE(OutsiderServer, outsider_server, no_key_share) {
  if (!tls13()) return;
  client_meets("no_key_share");
  expect_refused({kMissingExtension});
}

// Of low order, too short, too long, none. What has the wrong length may count as badly encoded.
SOLO_CASE(OutsiderServer, outsider_server, bad_key_share) {
  if (!tls13()) return;
  std::string zero(64, '0');
  for (const std::string &share : {zero, zero.substr(2), zero + "00", std::string()}) {
    SCOPED_TRACE(share);
    client_meets("key_share", {{"share", share}});
    expect_refused(share == zero ? Alerts{kIllegalParameter} : Alerts{kIllegalParameter, kDecodeError});
  }
}

// Not on the curve.
SOLO_CASE(OutsiderServer, outsider_server, bad_point) {
  if (!tls13()) return;
  client_meets("key_share", {{"share", "04" + std::string(128, '1')}, {"curve", "secp256r1"}});
  expect_refused({kIllegalParameter});
}

// RFC 8446 says that it must not be, but not how that is to be told.
SOLO_CASE(OutsiderServer, outsider_server, key_share_of_an_unoffered_group) {
  if (!tls13()) return;
  client_meets("key_share", {{"share", std::string(112, '1')}, {"group", 30}});
  expect_refused({kIllegalParameter, kHandshakeFailure});
}

SOLO_CASE(OutsiderServer, outsider_server, no_renegotiation_info) {
  if (tls13()) return;
  client_meets("no_renegotiation_info");
  expect_refused({kHandshakeFailure});
}

SOLO_CASE(OutsiderServer, outsider_server, renegotiation_info_of_another) {
  if (tls13()) return;
  client_meets("renegotiation_info_of_another");
  // To a client that has not said that it knows the extension, it is one that was not offered.
  expect_refused({kHandshakeFailure, kUnsupportedExtension});
}

SOLO_CASE(OutsiderServer, outsider_server, extended_master_secret) {
  if (tls13()) return;
  client_meets("extended_master_secret");
  expect_completed();
}

SOLO_CASE(OutsiderServer, outsider_server, no_extended_master_secret) {
  if (tls13()) return;
  client_meets("no_extended_master_secret");
  expect_completed();
}

SOLO_CASE(OutsiderServer, outsider_server, hello_of_another_length) {
  client_meets("with_more", {{"message", "hello"}});
  expect_refused({kDecodeError});
  client_meets("with_less", {{"message", "hello"}});
  expect_refused({kDecodeError});
}

SOLO_CASE(OutsiderServer, outsider_server, hello_twice) {
  client_meets("twice", {{"message", "hello"}});
  // TLS 1.3: it is no record under the keys that are in force.
  expect_refused(tls13() ? Alerts{kUnexpectedMessage, kBadRecordMac} : Alerts{kUnexpectedMessage});
}

SOLO_CASE(OutsiderServer, outsider_server, hello_shares_its_record) {
  if (!tls13()) return;
  client_meets("hello_shares_its_record");
  expect_refused({kUnexpectedMessage});
}

SOLO_CASE(OutsiderServer, outsider_server, protocol_without_an_offer) {
  choose_protocol({"h2"}, {kUnsupportedExtension});
}

// RFC 7301 does not say which alert.
SOLO_CASE(OutsiderServer, outsider_server, unoffered_protocol) {
  alpn = {to_bytes("h2")};
  choose_protocol({"h3"}, {kIllegalParameter, kDecodeError});
}

SOLO_CASE(OutsiderServer, outsider_server, two_protocols) {
  alpn = {to_bytes("h2"), to_bytes("h3")};
  choose_protocol({"h2", "h3"}, {kIllegalParameter, kDecodeError});
}

SOLO_CASE(OutsiderServer, outsider_server, empty_protocol) {
  alpn = {to_bytes("h2"), to_bytes("h3")};
  choose_protocol({}, {kIllegalParameter, kDecodeError});
  choose_protocol({""}, {kIllegalParameter, kDecodeError});
}

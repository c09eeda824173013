// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Our server meets clients that are none of the engines, whose ClientHello is odd or breaks the rules (behaviours 52,
// 121, 169, 172, 173, 180 to 184).
#include "outsider_case.h"

using namespace conformance;

namespace {

class OutsiderClient : public OutsiderCase {};

}  // namespace

SOLO_CASE(OutsiderClient, outsider_client, honest) {
  server_meets("honest");
  expect_completed();
}

SOLO_CASE(OutsiderClient, outsider_client, tiny_records) {
  for (int size : {1, 3, 7}) {
    SCOPED_TRACE(size);
    server_meets("records_of_a_byte", {{"size", size}});
    expect_completed();
  }
}

SOLO_CASE(OutsiderClient, outsider_client, retry) {
  if (!tls13()) return;
  server_meets("no_share");
  expect_completed();
  EXPECT_EQ(met.outsider["notes"].value("hellos", 0), 2);
}

SOLO_CASE(OutsiderClient, outsider_client, retry_for_another_share) {
  if (!tls13()) return;
  server_meets("share_of_another_group");
  expect_completed();
}

SOLO_CASE(OutsiderClient, outsider_client, grease) {
  server_meets("grease");
  expect_completed();
}

SOLO_CASE(OutsiderClient, outsider_client, heartbeat) {
  server_meets("heartbeat");
  expect_completed();
  EXPECT_EQ(met.outsider["notes"]["heartbeat"], false);
}

SOLO_CASE(OutsiderClient, outsider_client, unknown_ticket) {
  server_meets("unknown_ticket");
  expect_completed();
}

SOLO_CASE(OutsiderClient, outsider_client, early_data) {
  if (!tls13()) return;
  server_meets("early_data", {{"records", 0}});
  expect_completed();
}

SOLO_CASE(OutsiderClient, outsider_client, early_data_is_skipped) {
  if (!tls13()) return;
  server_meets("early_data", {{"records", 3}});
  expect_completed();
}

SOLO_CASE(OutsiderClient, outsider_client, extended_master_secret) {
  if (tls13()) return;
  server_meets("extended_master_secret");
  expect_completed();
}

SOLO_CASE(OutsiderClient, outsider_client, no_extended_master_secret) {
  if (tls13()) return;
  server_meets("no_extended_master_secret");
  expect_completed();
}

SOLO_CASE(OutsiderClient, outsider_client, fallback) {
  if (!tls13()) return;
  server_options.min_version = WASI_TLS_VERSION_TLS12;
  server_meets("fallback");
  expect_refused({kInappropriateFallback});
}

SOLO_CASE(OutsiderClient, outsider_client, fallback_to_the_newest) {
  if (tls13()) return;
  server_meets("fallback");
  EXPECT_EQ(met.handshake, WASI_TLS_OK) << met.error.text;
}

SOLO_CASE(OutsiderClient, outsider_client, old_versions) {
  for (int minor : {1, 2}) {
    SCOPED_TRACE(minor);
    server_meets("old_versions", {{"number", {3, minor}}});
    expect_refused({kProtocolVersion});
    EXPECT_EQ(met.handshake, WASI_TLS_ERR_PROTOCOL_VERSION);
  }
}

// Static RSA, CBC, anonymous, NULL, export: none of them is taken.
SOLO_CASE(OutsiderClient, outsider_client, weak_suites) {
  const std::vector<std::vector<int>> offers = {{0x009C, 0x002F, 0x0035}, {0xC013, 0xC009, 0xC023}, {0xC018, 0x0034},
                                                {0x0001, 0xC006},         {0x0003, 0x0008},         {0x00A8, 0x00AE}};
  for (const std::vector<int> &suites : offers) {
    SCOPED_TRACE(suites.front());
    server_meets("suites", {{"suites", suites}});
    expect_refused({kHandshakeFailure});
  }
}

SOLO_CASE(OutsiderClient, outsider_client, compression) {
  server_meets("compression", {{"methods", {1}}});
  expect_refused({kIllegalParameter});
}

// 10: supported_groups, 13: signature_algorithms, 51: key_share.
SOLO_CASE(OutsiderClient, outsider_client, missing_extension) {
  if (!tls13()) return;
  for (int extension : {10, 13, 51}) {
    SCOPED_TRACE(extension);
    server_meets("without_extension", {{"number", extension}});
    expect_refused({kMissingExtension});
  }
}

SOLO_CASE(OutsiderClient, outsider_client, no_signature_algorithms) {
  if (tls13()) return;
  server_meets("without_extension", {{"number", 13}});
  expect_refused({kHandshakeFailure});
}

SOLO_CASE(OutsiderClient, outsider_client, no_common_group) {
  server_meets("no_common_group");
  expect_refused({kHandshakeFailure});
}

SOLO_CASE(OutsiderClient, outsider_client, extension_twice) {
  for (int extension : {10, 13}) {
    server_meets("extension_twice", {{"number", extension}});
    expect_refused({kIllegalParameter});
  }
}

// Lists that are empty or longer than what is there.
SOLO_CASE(OutsiderClient, outsider_client, malformed_extensions) {
  std::vector<std::pair<int, std::string>> malformed = {{10, "0000"}, {13, "000403"}, {16, "00"}};
  if (tls13()) malformed.insert(malformed.end(), {{43, "00"}, {51, "0008001d"}});
  for (const auto &[extension, content] : malformed) {
    SCOPED_TRACE(extension);
    server_meets("with_extension", {{"number", extension}, {"content", content}});
    expect_refused({kDecodeError});
  }
}

SOLO_CASE(OutsiderClient, outsider_client, bad_key_share) {
  if (!tls13()) return;
  std::string zero(64, '0');
  for (const std::string &share : {zero, zero.substr(2), zero + "00"}) {
    SCOPED_TRACE(share);
    server_meets("key_share", {{"group", 29}, {"share", share}});
    expect_refused({kIllegalParameter});
  }
  server_meets("key_share", {{"group", 23}, {"share", "04" + std::string(128, '1')}});
  expect_refused({kIllegalParameter});
}

SOLO_CASE(OutsiderClient, outsider_client, hello_twice) {
  server_meets("hello_twice");
  expect_refused({kUnexpectedMessage});
}

SOLO_CASE(OutsiderClient, outsider_client, hello_with_more) {
  server_meets("with_more", {{"message", "client hello"}});
  expect_refused({kDecodeError});
}

SOLO_CASE(OutsiderClient, outsider_client, bad_second_hello) {
  if (!tls13()) return;
  server_meets("same_hello_again");
  expect_refused({kIllegalParameter, kHandshakeFailure});
}

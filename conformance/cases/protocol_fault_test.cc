// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Peers that break the protocol in plain sight (behaviours 85, 124, 125, 149): the right alert leaves, and the result
// says what happened, the same on every engine.
#include <algorithm>

#include "case.h"

using namespace conformance;

namespace {

class ProtocolFault : public Case {
 protected:
  // The client has sent its hello and meets |answer|.
  void answer_with(const Bytes &answer) {
    start_over();
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    run();
    to_client().inject(answer);
    run();
  }
  static Bytes record(uint8_t type, const Bytes &body) {
    Bytes bytes = {type, 3, 3, static_cast<uint8_t>(body.size() >> 8), static_cast<uint8_t>(body.size())};
    bytes.insert(bytes.end(), body.begin(), body.end());
    return bytes;
  }
  // One fatal alert of |number| left the client.
  void expect_sent(int number) {
    EXPECT_EQ(wasi_tls_result_class(client().outcome), WASI_TLS_CLASS_PROTOCOL) << client().last_error().text;
    EXPECT_EQ(sent_alert(client().last_error()), number);
    EXPECT_EQ(to_server().plain_alerts(), std::vector<uint8_t>{static_cast<uint8_t>(number)});
  }
};

}  // namespace

// 124: a fatal alert instead of an answer, with its number; unknown numbers too.
CONFORMANCE_CASE(ProtocolFault, protocol_fault, alert_for_an_answer) {
  for (uint8_t alert : {uint8_t{40}, uint8_t{70}, uint8_t{80}, uint8_t{112}, uint8_t{200}}) {
    answer_with(record(kAlert, {2, alert}));
    EXPECT_EQ(client().outcome, WASI_TLS_ERR_PEER_ALERT) << client().last_error().text;
    EXPECT_EQ(received_alert(client().last_error()), alert);
    EXPECT_TRUE(to_server().plain_alerts().empty()) << "an alert is not answered with an alert";
  }
}

// close_notify in the middle of a handshake is the end of the handshake.
CONFORMANCE_CASE(ProtocolFault, protocol_fault, close_notify_for_an_answer) {
  answer_with(record(kAlert, {1, kCloseNotify}));
  EXPECT_EQ(client().outcome, WASI_TLS_ERR_EOF) << client().last_error().text;
}

// A server that speaks another protocol.
CONFORMANCE_CASE(ProtocolFault, protocol_fault, no_tls_for_an_answer) {
  answer_with(to_bytes("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
  EXPECT_EQ(client().outcome, WASI_TLS_ERR_NOT_TLS) << client().last_error().text;
  expect_sent(kUnexpectedMessage);
  answer_with(to_bytes("220 mail.test ESMTP ready\r\n"));
  EXPECT_EQ(client().outcome, WASI_TLS_ERR_NOT_TLS) << client().last_error().text;
}

// 125, 149: a message of the wrong kind, application data, an unknown type of record.
CONFORMANCE_CASE(ProtocolFault, protocol_fault, unexpected_messages) {
  Bytes finished = {20, 0, 0, 12};
  finished.insert(finished.end(), 12, 7);
  answer_with(record(kHandshake, finished));
  expect_sent(kUnexpectedMessage);
  answer_with(record(kApplicationData, pattern(40)));
  expect_sent(kUnexpectedMessage);
}

// A message that says it is shorter or longer than what is in it.
CONFORMANCE_CASE(ProtocolFault, protocol_fault, malformed_server_hello) {
  answer_with(record(kHandshake, {2, 0, 0, 3, 3, 3, 0}));
  expect_sent(kDecodeError);
}

// An answer in a version that was not offered.
CONFORMANCE_CASE(ProtocolFault, protocol_fault, version_that_was_not_offered) {
  Bytes hello = {2, 0, 0, 38, 3, 1};
  hello.insert(hello.end(), 32, 0x11);
  hello.insert(hello.end(), {0, 0xC0, 0x2F, 0});
  answer_with(record(kHandshake, hello));
  expect_sent(kProtocolVersion);
}

// 85: the server's signature over its key share is wrong (TLS 1.2, where it is in plain sight).
CONFORMANCE_CASE(ProtocolFault, protocol_fault, bad_server_signature) {
  if (tls13()) return;
  to_client().stop_reads(true);
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  // ServerKeyExchange is a message of type 12; its last bytes are of the signature.
  size_t end = 0;
  for (const Record &each : to_client().records()) {
    size_t at = 0;
    while (each.type == kHandshake && at + 4 <= each.body.size()) {
      size_t length = static_cast<size_t>(each.body[at + 1]) << 16 | static_cast<size_t>(each.body[at + 2]) << 8 |
                      each.body[at + 3];
      at += 4 + length;
      if (each.body[at - 4 - length] == 12) end = each.offset + 5 + at;
    }
  }
  ASSERT_NE(end, 0u);
  to_client().flip(end - 1, 1);
  to_client().stop_reads(false);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_ERR_PROTOCOL) << client().last_error().text;
  EXPECT_EQ(sent_alert(client().last_error()), kDecryptError);
  EXPECT_EQ(server().outcome, WASI_TLS_ERR_PEER_ALERT);
  EXPECT_EQ(received_alert(server().last_error()), kDecryptError);
}

// 149: an unknown type of record behind the handshake.
CONFORMANCE_CASE(ProtocolFault, protocol_fault, unknown_record_behind_the_handshake) {
  ASSERT_TRUE(finish_both());
  client().receive();
  server().receive();
  to_client().inject(record(99, pattern(40)));
  run();
  EXPECT_EQ(client().read_result, WASI_TLS_ERR_PROTOCOL) << client().last_error().text;
  // Under TLS 1.2 its protection may be looked at before its type, and is wrong as well.
  int alert = sent_alert(client().last_error());
  EXPECT_TRUE(alert == kUnexpectedMessage || (!tls13() && alert == kBadRecordMac)) << alert;
  EXPECT_EQ(received_alert(server().last_error()), alert);
}

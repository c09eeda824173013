// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Our client meets servers that are none of the engines, and that go wrong behind their ServerHello (behaviours 84, 85,
// 124, 125, 126, 149, 175).
#include "outsider_case.h"

using namespace conformance;

namespace {

// It is illegal (RFC 8446, section 4.4.3), no signature of the key's, or nothing in common.
const Alerts kWrongScheme = {kIllegalParameter, kDecryptError, kHandshakeFailure};

class OutsiderFlight : public OutsiderCase {
 protected:
  // The messages of the server's flight behind its hello, without a request.
  std::vector<std::string> messages() const {
    if (tls13()) return {"extensions", "certificate", "verify", "finished"};
    return {"certificate", "exchange", "done"};
  }
  // Whether that is a fault of the protocol or an identity that can't be verified depends on who looks at it first.
  void expect_no_identity(const Alerts &alerts) {
    wasi_tls_error_class found = wasi_tls_result_class(met.handshake);
    EXPECT_TRUE(found == WASI_TLS_CLASS_PROTOCOL || found == WASI_TLS_CLASS_VERIFY) << met.error.text;
    EXPECT_EQ(alerts.count(sent_alert(met.error)), 1u) << "sent " << sent_alert(met.error);
    EXPECT_EQ(heard(), Alerts{sent_alert(met.error)}) << met.outsider;
  }
  void each_message(const char *scenario, const Alerts &alerts) {
    for (const std::string &message : messages()) {
      SCOPED_TRACE(message);
      client_meets(scenario, {{"message", message}});
      expect_refused(alerts);
    }
  }
};

}  // namespace

SOLO_CASE(OutsiderFlight, outsider_flight, message_left_out) {
  for (const std::string &message : messages()) {
    if (message == "finished" || message == "done") continue;  // nothing is behind them
    SCOPED_TRACE(message);
    client_meets("left_out", {{"message", message}});
    expect_refused({kUnexpectedMessage});
  }
}

SOLO_CASE(OutsiderFlight, outsider_flight, message_twice) {
  for (const std::string &message : messages()) {
    if (message == "finished") continue;  // the second comes under other keys
    SCOPED_TRACE(message);
    client_meets("twice", {{"message", message}});
    expect_refused({kUnexpectedMessage});
  }
}

SOLO_CASE(OutsiderFlight, outsider_flight, message_with_more) {
  // A length that can't be is badly encoded, or illegal.
  each_message("with_more", {kDecodeError, kIllegalParameter});
}

SOLO_CASE(OutsiderFlight, outsider_flight, message_with_less) {
  for (const std::string &message : messages()) {
    if (message == "done") continue;  // it is empty
    SCOPED_TRACE(message);
    client_meets("with_less", {{"message", message}});
    // What is cut off a signature may be told as one that is wrong.
    expect_refused({kDecodeError, kDecryptError});
  }
}

SOLO_CASE(OutsiderFlight, outsider_flight, message_of_unknown_type) {
  each_message("of_unknown_type", {kUnexpectedMessage});
}

SOLO_CASE(OutsiderFlight, outsider_flight, data_too_early) {
  each_message("data_before", {kUnexpectedMessage});
}

// Data that is early is no more welcome inside of a message. TLS 1.2 has it among what can't be read.
SOLO_CASE(OutsiderFlight, outsider_flight, interleaved) {
  each_message("interleaved", {kUnexpectedMessage});
}

SOLO_CASE(OutsiderFlight, outsider_flight, finished_shares_its_record) {
  if (!tls13()) return;
  client_meets("shares_its_record", {{"message", "finished"}});
  expect_refused_at_once_or_later();
}

// RFC 8446, section 5.4. TLS 1.2 says only that nobody sends one.
SOLO_CASE(OutsiderFlight, outsider_flight, empty_record) {
  if (!tls13()) return;
  for (const std::string &message : messages()) {
    if (message == "done") continue;
    SCOPED_TRACE(message);
    client_meets("empty_record", {{"message", message}});
    expect_refused({kUnexpectedMessage});
  }
}

// TLS 1.3: one is dropped wherever it comes. TLS 1.2: before its time it would switch to keys that are not agreed on.
SOLO_CASE(OutsiderFlight, outsider_flight, early_change_cipher_spec) {
  for (const std::string &message : messages()) {
    SCOPED_TRACE(message);
    client_meets("ccs_before", {{"message", message}});
    if (tls13()) {
      expect_completed();
    } else {
      expect_refused({kUnexpectedMessage});
    }
  }
}

SOLO_CASE(OutsiderFlight, outsider_flight, odd_change_cipher_spec) {
  std::string message = tls13() ? "extensions" : "finished";
  for (const char *content : {"02", "0101", "00"}) {
    SCOPED_TRACE(content);
    client_meets("odd_ccs", {{"message", message}, {"content", content}});
    expect_refused(tls13() ? Alerts{kUnexpectedMessage} : Alerts{kUnexpectedMessage, kIllegalParameter, kDecodeError});
  }
}

SOLO_CASE(OutsiderFlight, outsider_flight, sealed_change_cipher_spec) {
  if (!tls13()) return;
  client_meets("sealed_ccs", {{"message", "certificate"}});
  expect_refused({kUnexpectedMessage});
}

SOLO_CASE(OutsiderFlight, outsider_flight, no_change_cipher_spec) {
  if (tls13()) return;
  client_meets("left_out", {{"message", "ccs"}});
  expect_refused({kUnexpectedMessage});
}

SOLO_CASE(OutsiderFlight, outsider_flight, alert_instead) {
  std::vector<std::string> all = messages();
  all.insert(all.begin(), "hello");
  if (!tls13()) all.push_back("ccs");
  int number = 40;
  for (const std::string &message : all) {
    SCOPED_TRACE(message);
    for (int each : {number++, 80}) {
      client_meets("alert_instead", {{"message", message}, {"number", each}});
      expect_peer_alert(each);
    }
  }
}

SOLO_CASE(OutsiderFlight, outsider_flight, alert_for_a_finished) {
  if (tls13()) return;
  client_meets("alert_instead", {{"message", "finished"}, {"number", 45}});
  expect_peer_alert(45);
}

SOLO_CASE(OutsiderFlight, outsider_flight, close_notify_instead) {
  for (const std::string &message : messages()) {
    SCOPED_TRACE(message);
    client_meets("alert_instead", {{"message", message}, {"number", 0}, {"level", 1}});
    expect_ended_with(WASI_TLS_ERR_EOF, WASI_TLS_STEP_FINISH);
  }
}

SOLO_CASE(OutsiderFlight, outsider_flight, end_instead) {
  for (const std::string &message : messages()) {
    SCOPED_TRACE(message);
    client_meets("end_instead", {{"message", message}});
    expect_ended_with(WASI_TLS_ERR_EOF, WASI_TLS_STEP_FINISH);
  }
}

SOLO_CASE(OutsiderFlight, outsider_flight, user_canceled) {
  client_meets("user_canceled_before", {{"message", "certificate"}});
  expect_completed();
}

SOLO_CASE(OutsiderFlight, outsider_flight, hello_request) {
  if (tls13()) return;
  client_meets("hello_request_before", {{"message", "certificate"}});
  expect_completed();
}

SOLO_CASE(OutsiderFlight, outsider_flight, unoffered_encrypted_extension) {
  if (!tls13()) return;
  client_meets("encrypted_extension", {{"number", 0x1234}});
  expect_refused({kUnsupportedExtension});
}

SOLO_CASE(OutsiderFlight, outsider_flight, encrypted_extension_twice) {
  if (!tls13()) return;
  client_meets("encrypted_extension", {{"number", 10}, {"content", "00020017"}, {"times", 2}});
  expect_refused({kIllegalParameter, kDecodeError});
}

SOLO_CASE(OutsiderFlight, outsider_flight, extension_of_another_message) {
  if (!tls13()) return;
  client_meets("encrypted_extension", {{"number", 51}, {"content", "001d"}});
  expect_refused({kIllegalParameter, kUnsupportedExtension});
}

SOLO_CASE(OutsiderFlight, outsider_flight, no_certificates) {
  client_meets("certificates", {{"certificates", nlohmann::json::array()}});
  expect_no_identity({kDecodeError, kBadCertificate});
}

SOLO_CASE(OutsiderFlight, outsider_flight, garbage_for_a_certificate) {
  client_meets("certificates", {{"certificates", {"deadbeef"}}});
  expect_no_identity({kBadCertificate});
}

SOLO_CASE(OutsiderFlight, outsider_flight, list_longer_than_its_message) {
  client_meets("list_longer_than_its_message");
  expect_refused({kDecodeError});
}

SOLO_CASE(OutsiderFlight, outsider_flight, bad_signature) {
  client_meets("bad_signature");
  expect_refused({kDecryptError});
}

// One that was not offered, and one that is not of the key.
SOLO_CASE(OutsiderFlight, outsider_flight, wrong_scheme) {
  for (int scheme : {0x0203, 0x0804}) {
    SCOPED_TRACE(scheme);
    client_meets("scheme", {{"number", scheme}});
    expect_refused(kWrongScheme);
  }
}

SOLO_CASE(OutsiderFlight, outsider_flight, bad_key_exchange) {
  if (tls13()) return;
  client_meets("exchange_group");
  expect_refused({kIllegalParameter});
  client_meets("exchange_point", {{"share", "04" + std::string(128, '1')}});
  expect_refused({kIllegalParameter, kDecryptError});
}

SOLO_CASE(OutsiderFlight, outsider_flight, bad_finished) {
  client_meets("bad_finished");
  expect_refused({kDecryptError});
}

SOLO_CASE(OutsiderFlight, outsider_flight, request_with_context) {
  if (!tls13()) return;
  client_meets("asks_with_context");
  expect_refused({kIllegalParameter, kDecodeError});
}

// RFC 8446, section 4.3.2, wants the extension and does not say how a client tells that it is not there.
SOLO_CASE(OutsiderFlight, outsider_flight, request_without_schemes) {
  if (!tls13()) return;
  client_meets("asks_without_schemes");
  expect_refused({kMissingExtension, kIllegalParameter, kUnsupportedExtension});
}

SOLO_CASE(OutsiderFlight, outsider_flight, request) {
  for (bool answer : {false, true}) {
    identify = answer;
    client_meets("asks");
    expect_completed();
  }
}

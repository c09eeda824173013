// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Our server meets clients that are none of the engines, and that go wrong behind their ClientHello (behaviours 109,
// 110, 124, 125).
#include "outsider_case.h"

using namespace conformance;

namespace {

class OutsiderAnswer : public OutsiderCase {
 protected:
  // The server insists on an identity, and the client has one.
  void asked_meets(const char *scenario, nlohmann::json more = nlohmann::json::object()) {
    server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_REQUIRED;
    more["identify"] = true;
    server_meets(scenario, more);
  }
  // What the client sends when it is not asked for an identity.
  std::vector<std::string> messages() const {
    if (tls13()) return {"finished"};
    return {"key", "finished"};
  }
  void each_message(const char *scenario, const Alerts &alerts) {
    for (const std::string &message : messages()) {
      SCOPED_TRACE(message);
      server_meets(scenario, {{"message", message}});
      expect_refused(alerts);
    }
  }
};

}  // namespace

SOLO_CASE(OutsiderAnswer, outsider_answer, message_left_out) {
  if (tls13()) {
    server_meets("data_before", {{"message", "finished"}});
  } else {
    server_meets("left_out", {{"message", "key"}});
  }
  expect_refused({kUnexpectedMessage});
}

SOLO_CASE(OutsiderAnswer, outsider_answer, message_twice) {
  if (tls13()) return;
  server_meets("twice", {{"message", "key"}});
  expect_refused({kUnexpectedMessage});
}

SOLO_CASE(OutsiderAnswer, outsider_answer, message_of_another_length) {
  // A Finished of another length is also one that is not right.
  const Alerts alerts = tls13() ? Alerts{kDecodeError} : Alerts{kDecodeError, kDecryptError};
  each_message("with_more", alerts);
  each_message("with_less", alerts);
}

SOLO_CASE(OutsiderAnswer, outsider_answer, message_of_unknown_type) {
  each_message("of_unknown_type", {kUnexpectedMessage});
}

SOLO_CASE(OutsiderAnswer, outsider_answer, interleaved) {
  each_message("interleaved", {kUnexpectedMessage});
}

SOLO_CASE(OutsiderAnswer, outsider_answer, data_too_early) {
  each_message("data_before", {kUnexpectedMessage});
}

SOLO_CASE(OutsiderAnswer, outsider_answer, finished_shares_its_record) {
  if (!tls13()) return;
  server_meets("shares_its_record", {{"message", "finished"}});
  expect_refused_at_once_or_later();
}

SOLO_CASE(OutsiderAnswer, outsider_answer, empty_record) {
  if (!tls13()) return;
  each_message("empty_record", {kUnexpectedMessage});
}

SOLO_CASE(OutsiderAnswer, outsider_answer, early_change_cipher_spec) {
  if (tls13()) {
    server_meets("ccs_before", {{"message", "finished"}, {"times", 2}});
    expect_completed();
  } else {
    server_meets("ccs_before", {{"message", "key"}});
    expect_refused({kUnexpectedMessage});
  }
}

SOLO_CASE(OutsiderAnswer, outsider_answer, odd_change_cipher_spec) {
  for (const char *content : {"02", "0101", "00"}) {
    SCOPED_TRACE(content);
    server_meets("odd_ccs", {{"message", "finished"}, {"content", content}});
    expect_refused(tls13() ? Alerts{kUnexpectedMessage} : Alerts{kUnexpectedMessage, kIllegalParameter, kDecodeError});
  }
}

SOLO_CASE(OutsiderAnswer, outsider_answer, no_change_cipher_spec) {
  if (tls13()) return;
  server_meets("left_out", {{"message", "ccs"}});
  expect_refused({kUnexpectedMessage});
}

SOLO_CASE(OutsiderAnswer, outsider_answer, alert_instead) {
  for (int number : {42, 80, 46}) {
    server_meets("alert_instead", {{"message", messages().front()}, {"number", number}});
    expect_peer_alert(number);
  }
}

SOLO_CASE(OutsiderAnswer, outsider_answer, alert_for_a_finished) {
  if (tls13()) return;
  server_meets("alert_instead", {{"message", "finished"}, {"number", 42}});
  expect_peer_alert(42);
}

SOLO_CASE(OutsiderAnswer, outsider_answer, close_notify_instead) {
  server_meets("alert_instead", {{"message", messages().front()}, {"number", 0}, {"level", 1}});
  expect_ended_with(WASI_TLS_ERR_EOF, WASI_TLS_STEP_FINISH);
}

SOLO_CASE(OutsiderAnswer, outsider_answer, end_instead) {
  for (const std::string &message : messages()) {
    SCOPED_TRACE(message);
    server_meets("end_instead", {{"message", message}});
    expect_ended_with(WASI_TLS_ERR_EOF, WASI_TLS_STEP_FINISH);
  }
}

SOLO_CASE(OutsiderAnswer, outsider_answer, user_canceled) {
  server_meets("user_canceled_before", {{"message", messages().front()}});
  expect_completed();
}

SOLO_CASE(OutsiderAnswer, outsider_answer, bad_finished) {
  server_meets("bad_finished");
  expect_refused({kDecryptError});
}

// Empty, too long for its message, not on the curve.
SOLO_CASE(OutsiderAnswer, outsider_answer, bad_key_exchange) {
  if (tls13()) return;
  server_meets("key_exchange", {{"body", ""}});
  expect_refused({kDecodeError, kHandshakeFailure});
  server_meets("key_exchange", {{"body", "4104" + std::string(100, '1')}});
  expect_refused({kDecodeError});
  server_meets("key_exchange", {{"body", "4104" + std::string(128, '1')}});
  expect_refused({kIllegalParameter});
}

SOLO_CASE(OutsiderAnswer, outsider_answer, identity) {
  asked_meets("honest");
  expect_completed();
}

SOLO_CASE(OutsiderAnswer, outsider_answer, unasked_certificate) {
  server_meets("unasked_certificate");
  expect_refused({kUnexpectedMessage});
}

SOLO_CASE(OutsiderAnswer, outsider_answer, bad_signature) {
  asked_meets("bad_signature");
  expect_refused({kDecryptError});
}

SOLO_CASE(OutsiderAnswer, outsider_answer, wrong_scheme) {
  for (int scheme : {0x0203, 0x0804}) {
    SCOPED_TRACE(scheme);
    asked_meets("scheme", {{"number", scheme}});
    expect_refused({kIllegalParameter, kDecryptError, kHandshakeFailure});
  }
}

SOLO_CASE(OutsiderAnswer, outsider_answer, bad_certificate) {
  // Corrupt, or badly encoded: RFC 8446, section 6.2, has an alert for either.
  asked_meets("certificates", {{"certificates", {"deadbeef"}}});
  expect_refused({kBadCertificate, kDecodeError});
  asked_meets("list_longer_than_its_message");
  expect_refused({kDecodeError});
}

SOLO_CASE(OutsiderAnswer, outsider_answer, empty_certificate) {
  asked_meets("certificates", {{"certificates", {""}}});
  expect_refused({kBadCertificate, kDecodeError});
}

SOLO_CASE(OutsiderAnswer, outsider_answer, identity_message_left_out) {
  for (const char *message : {"certificate", "verify"}) {
    SCOPED_TRACE(message);
    asked_meets("left_out", {{"message", message}});
    // GnuTLS reads what comes as the certificate, and finds none.
    expect_refused({kUnexpectedMessage, kDecodeError});
  }
}

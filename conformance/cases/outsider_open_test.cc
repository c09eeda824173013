// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Either of our ends meets an outsider that goes wrong, or is only odd, when the handshake is over (behaviours 146 to
// 149, 161, 162, 175 to 177, 182).
#include "outsider_case.h"

using namespace conformance;

namespace {

class OutsiderOpen : public OutsiderCase {
 protected:
  // By the engine's own measure, or by that of the configuration.
  void expect_flood_refused() {
    EXPECT_EQ(met.handshake, WASI_TLS_OK) << met.error.text;
    if (met.read == WASI_TLS_ERR_LIMIT) return;
    expect_refused_when_open({kUnexpectedMessage});
  }
  using Check = std::function<void()>;
  void either_meets(const char *scenario, const nlohmann::json &more, const Check &check) {
    {
      SCOPED_TRACE("as client");
      client_meets(scenario, more);
      check();
    }
    SCOPED_TRACE("as server");
    server_meets(scenario, more);
    check();
  }
  void refused(const char *scenario, const nlohmann::json &more, const Alerts &alerts) {
    either_meets(scenario, more, [&] { expect_refused_when_open(alerts); });
  }
  void completed(const char *scenario, const nlohmann::json &more = nlohmann::json::object()) {
    either_meets(scenario, more, [&] { expect_completed(); });
  }
};

}  // namespace

SOLO_CASE(OutsiderOpen, outsider_open, fatal_alert) {
  for (int number : {20, 80, 49, 200}) {
    SCOPED_TRACE(number);
    either_meets("alert", {{"number", number}, {"level", 2}}, [&] {
      EXPECT_EQ(received_text(), kFromOutsider);
      expect_peer_alert(number);
    });
  }
}

SOLO_CASE(OutsiderOpen, outsider_open, user_canceled) {
  completed("alert", {{"number", 90}, {"level", 1}});
}

// TLS 1.3: the level means nothing, and an alert that is not known is an error. TLS 1.2: it may be gone past.
SOLO_CASE(OutsiderOpen, outsider_open, unknown_warning) {
  either_meets("alert", {{"number", 200}, {"level", 1}}, [&] {
    EXPECT_EQ(received_text(), kFromOutsider);
    if (tls13()) {
      expect_peer_alert(200);
    } else {
      expect_completed();
    }
  });
}

SOLO_CASE(OutsiderOpen, outsider_open, flood_of_warnings) {
  either_meets("alert", {{"number", 90}, {"level", 1}, {"times", 4000}}, [&] {
    EXPECT_EQ(received_text(), kFromOutsider);
    expect_flood_refused();
  });
}

SOLO_CASE(OutsiderOpen, outsider_open, split_alert) {
  if (!tls13()) return;
  refused("split_alert", {}, {kUnexpectedMessage, kDecodeError});
}

SOLO_CASE(OutsiderOpen, outsider_open, data_behind_close_notify) {
  completed("data_behind_close_notify");
}

SOLO_CASE(OutsiderOpen, outsider_open, end_without_close_notify) {
  either_meets("end_without_close_notify", {}, [&] {
    EXPECT_EQ(received_text(), kFromOutsider);
    expect_ended_with(WASI_TLS_ERR_TRUNCATED, WASI_TLS_STEP_OPEN);
  });
}

// 24: heartbeat, 25 and 99: nothing.
SOLO_CASE(OutsiderOpen, outsider_open, unknown_record_type) {
  for (int type : {24, 25, 99}) {
    SCOPED_TRACE(type);
    refused("record", {{"type", type}, {"content", "0100"}}, {kUnexpectedMessage});
  }
}

SOLO_CASE(OutsiderOpen, outsider_open, unprotected_record) {
  refused("plain_record", {{"type", 23}, {"content", "6162636465666768"}}, {kBadRecordMac, kDecodeError});
}

SOLO_CASE(OutsiderOpen, outsider_open, change_cipher_spec) {
  refused("plain_record", {{"type", 20}, {"content", "01"}}, {kUnexpectedMessage, kBadRecordMac});
}

SOLO_CASE(OutsiderOpen, outsider_open, empty_data) {
  completed("record", {{"type", 23}, {"content", ""}, {"times", 20}});
}

SOLO_CASE(OutsiderOpen, outsider_open, flood_of_empty_data) {
  either_meets("record", {{"type", 23}, {"content", ""}, {"times", 4000}}, [&] {
    expect_flood_refused();
    EXPECT_EQ(received_text(), "");
  });
}

SOLO_CASE(OutsiderOpen, outsider_open, padding) {
  if (!tls13()) return;
  completed("padding");
}

SOLO_CASE(OutsiderOpen, outsider_open, nothing_but_padding) {
  if (!tls13()) return;
  for (int length : {1, 100}) refused("nothing_but_padding", {{"length", length}}, {kUnexpectedMessage});
}

SOLO_CASE(OutsiderOpen, outsider_open, record_too_long) {
  refused("long_record", {{"length", 16384 + (tls13() ? 257 : 2049)}}, {kRecordOverflow});
  refused("long_content", {}, {kRecordOverflow});
}

SOLO_CASE(OutsiderOpen, outsider_open, damaged_record) {
  either_meets("damaged_record", {}, [&] {
    EXPECT_EQ(received_text(), kFromOutsider);
    expect_refused_when_open({kBadRecordMac});
  });
}

SOLO_CASE(OutsiderOpen, outsider_open, interleaved) {
  if (!tls13()) return;
  refused("data_inside_a_message", {}, {kUnexpectedMessage});
}

SOLO_CASE(OutsiderOpen, outsider_open, empty_handshake_record) {
  if (!tls13()) return;
  refused("record", {{"type", 22}, {"content", ""}}, {kUnexpectedMessage});
}

// ServerHello, EncryptedExtensions, Certificate, ServerHelloDone, Finished, a type that is none.
SOLO_CASE(OutsiderOpen, outsider_open, message_of_the_handshake) {
  for (int type : {2, 8, 14, 20, 99}) {
    SCOPED_TRACE(type);
    refused("message", {{"type", type}, {"body", "00000000"}}, {kUnexpectedMessage});
  }
}

SOLO_CASE(OutsiderOpen, outsider_open, key_updates) {
  if (!tls13()) return;
  for (int request : {0, 1}) {
    completed("key_updates", {{"request", request}, {"times", 3}});
  }
}

SOLO_CASE(OutsiderOpen, outsider_open, flood_of_key_updates) {
  if (!tls13()) return;
  for (int request : {0, 1})
    either_meets("flood_of_key_updates", {{"request", request}, {"times", 4000}}, [&] { expect_flood_refused(); });
}

SOLO_CASE(OutsiderOpen, outsider_open, bad_key_update) {
  if (!tls13()) return;
  refused("message", {{"type", 24}, {"body", "02"}}, {kIllegalParameter});
  refused("message", {{"type", 24}, {"body", "0000"}}, {kDecodeError, kIllegalParameter});
  refused("message", {{"type", 24}, {"body", ""}}, {kDecodeError});
}

SOLO_CASE(OutsiderOpen, outsider_open, key_update_shares_its_record) {
  if (!tls13()) return;
  refused("key_update_with_more", {}, {kUnexpectedMessage});
}

SOLO_CASE(OutsiderOpen, outsider_open, key_update_of_tls12) {
  if (tls13()) return;
  refused("message", {{"type", 24}, {"body", "00"}}, {kUnexpectedMessage});
}

SOLO_CASE(OutsiderOpen, outsider_open, tickets) {
  if (!tls13()) return;
  client_meets("tickets", {{"lengths", {1, 100, 32, 15000, 7, 7, 7, 7}}});
  expect_completed();
}

SOLO_CASE(OutsiderOpen, outsider_open, bad_ticket) {
  if (!tls13()) return;
  client_meets("message", {{"type", 4}, {"body", "00015180"}});
  expect_refused_when_open({kDecodeError});
}

// RFC 8446, section 4.6.1: it has a byte at least.
SOLO_CASE(OutsiderOpen, outsider_open, empty_ticket) {
  if (!tls13()) return;
  client_meets("message", {{"type", 4}, {"body", "0001518000000000010700000000"}});
  expect_refused_when_open({kDecodeError});
}

SOLO_CASE(OutsiderOpen, outsider_open, huge_ticket) {
  if (!tls13()) return;
  client_meets("tickets", {{"lengths", {60000}}});
  expect_completed();
}

SOLO_CASE(OutsiderOpen, outsider_open, ticket_for_a_server) {
  server_meets("message", {{"type", 4}, {"body", "0001518061676520010700015a0000"}});
  expect_refused_when_open({kUnexpectedMessage});
}

// A client that is asked to renegotiate (TLS 1.2) says no and goes on, or ends the connection.
SOLO_CASE(OutsiderOpen, outsider_open, hello_request) {
  client_meets("message", {{"type", 0}, {"body", ""}});
  if (tls13()) {
    expect_refused_when_open({kUnexpectedMessage});
  } else {
    expect_completed();
  }
}

SOLO_CASE(OutsiderOpen, outsider_open, renegotiation) {
  server_meets("hello_again");
  if (tls13()) {
    expect_refused_when_open({kUnexpectedMessage});
  } else if (met.read == WASI_TLS_ERR_TRUNCATED) {
    EXPECT_EQ(met.outsider["alerts"], nlohmann::json::parse(R"([{"level": 1, "number": 100, "sealed": true}])"));
  } else {
    expect_refused_when_open({kUnexpectedMessage});
  }
}

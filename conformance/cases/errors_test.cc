// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is told about failures: a walk through all of them, the same on every engine.
#include <algorithm>
#include <cstring>
#include <set>

#include "errors_case.h"
#include "errors_engine.h"
#include "raw_hello.h"

using namespace conformance;

namespace {

struct Number {
  int value;
  const char *name;
};

// The numbers are the interface's, for ever.
constexpr Number kResults[] = {{0, "ok"},
                               {1, "pending"},
                               {-101, "null-argument"},
                               {-102, "wrong-state"},
                               {-103, "already-taken"},
                               {-104, "permit-exceeded"},
                               {-105, "struct-size"},
                               {-106, "enum-value"},
                               {-201, "unknown-engine"},
                               {-202, "unsupported"},
                               {-203, "server-name"},
                               {-204, "alpn-id"},
                               {-205, "version-range"},
                               {-206, "cipher-suite"},
                               {-207, "trust-store"},
                               {-208, "revocation-list"},
                               {-209, "limit-value"},
                               {-210, "no-such-identity"},
                               {-211, "alert-value"},
                               {-212, "file"},
                               {-301, "key-format"},
                               {-302, "key-encrypted"},
                               {-303, "key-type"},
                               {-304, "key-too-small"},
                               {-305, "key-mismatch"},
                               {-306, "certificate-format"},
                               {-307, "chain-empty"},
                               {-308, "chain-order"},
                               {-309, "chain-too-long"},
                               {-310, "identity-engine"},
                               {-311, "weak-signature"},
                               {-312, "signer"},
                               {-401, "protocol"},
                               {-402, "not-tls"},
                               {-403, "protocol-version"},
                               {-404, "no-application-protocol"},
                               {-405, "no-identity"},
                               {-406, "no-suitable-identity"},
                               {-407, "client-identity-required"},
                               {-501, "peer-alert"},
                               {-601, "verify"},
                               {-701, "transport-read"},
                               {-702, "transport-write"},
                               {-801, "closed"},
                               {-802, "truncated"},
                               {-803, "eof"},
                               {-804, "aborted"},
                               {-901, "limit"},
                               {-1001, "out-of-memory"},
                               {-1002, "engine"}};
constexpr const char *kClasses[] = {"none",   "usage",     "configuration", "identity", "protocol", "peer-alert",
                                    "verify", "transport", "closed",        "limit",    "internal"};
constexpr const char *kReasons[] = {"ok",
                                    "untrusted",
                                    "expired",
                                    "not-yet-valid",
                                    "name-mismatch",
                                    "revoked",
                                    "crl-invalid",
                                    "purpose",
                                    "not-a-ca",
                                    "path-length",
                                    "name-constraint",
                                    "signature",
                                    "weak-key",
                                    "weak-signature",
                                    "critical-extension",
                                    "malformed",
                                    "missing",
                                    "other"};
constexpr const char *kSteps[] = {"none",
                                  "receive-client-hello",
                                  "verify-server-identity",
                                  "receive-client-identity-request",
                                  "request-client-identity",
                                  "finish",
                                  "abort",
                                  "open",
                                  "close"};

class Errors : public ErrorCase {
 protected:
  void expect_told(Peer *peer, const Told &expected) {
    wasi_tls_result outcome = told(peer);
    // An abort is the caller's own doing: the step ends well.
    EXPECT_EQ(outcome, expected.result == WASI_TLS_ERR_ABORTED ? WASI_TLS_OK : expected.result);
    wasi_tls_error error = peer->last_error();
    EXPECT_EQ(error.result, expected.result) << error.text;
    EXPECT_EQ(wasi_tls_result_class(error.result), -static_cast<int>(error.result) / 100);
    EXPECT_EQ(sent_alert(error), expected.received ? kNoAlert : expected.alert) << error.text;
    EXPECT_EQ(received_alert(error), expected.received ? expected.alert : kNoAlert) << error.text;
    EXPECT_EQ(error.step, expected.step);
    EXPECT_EQ(error.verify_reason != WASI_TLS_VERIFY_OK, expected.result == WASI_TLS_ERR_VERIFY);
    expect_readable(error);
  }
  // The other side's view: it is told what was sent.
  void expect_peer_told(Peer *peer, wasi_tls_result expected, int alert) {
    EXPECT_EQ(told(peer), expected);
    if (expected != WASI_TLS_ERR_PEER_ALERT) return;
    EXPECT_EQ(peer->last_error().result, expected);
    EXPECT_EQ(received_alert(peer->last_error()), alert);
    expect_readable(peer->last_error());
  }
  bool able(const ConnectionFailure &failure) const {
    if (failure.needs == WASI_TLS_CAP_COUNT) return true;
    return failure.role == WASI_TLS_ROLE_CLIENT ? client_can(failure.needs) : server_can(failure.needs);
  }
  void walk(const std::vector<ConnectionFailure> &failures) {
    uint64_t walked = 0;
    for (const ConnectionFailure &failure : failures) {
      if (!able(failure)) continue;
      SCOPED_TRACE(failure.what);
      reset();
      failure.provoke(*this);
      bool ours = failure.role == WASI_TLS_ROLE_CLIENT;
      const Told expected = failure.told(*this);
      expect_told(ours ? static_cast<Peer *>(&client()) : &server(), expected);
      if (failure.peer != WASI_TLS_OK)
        expect_peer_told(ours ? static_cast<Peer *>(&server()) : &client(), failure.peer, expected.alert);
      walked++;
    }
    record_count("failures", walked);
  }
  // The client's connection is one of that engine's.
  void finish_with_broken_engine(bool careless) {
    Config broken;
    ASSERT_EQ(build_with_broken_engine(&broken, careless), WASI_TLS_OK);
    client().connection.reset();
    ASSERT_EQ(wasi_tls_client_connection_new(broken.get(), another_.client_input(), another_.client_output(),
                                             client().connection.out()),
              WASI_TLS_OK);
    ASSERT_EQ(client().connect(kServerName), WASI_TLS_OK);
    ASSERT_EQ(client().finish(), WASI_TLS_OK);
  }
  // A client that has refused its server, and what is known of it.
  wasi_tls_error refuse_by_name() {
    server_name = "else.test";
    finish_both_sides();
    EXPECT_EQ(client().outcome, WASI_TLS_ERR_VERIFY);
    return client().last_error();
  }

 private:
  Wire another_;
};

}  // namespace

CONFORMANCE_CASE(Errors, errors, found_by_the_client) {
  walk(client_failures());
}

CONFORMANCE_CASE(Errors, errors, found_by_the_server) {
  walk(server_failures());
}

// What a call is refused for is its result; the connection knows nothing of it and goes on.
CONFORMANCE_CASE(Errors, errors, found_by_calls) {
  for (const CallFailure &failure : call_failures()) {
    SCOPED_TRACE(wasi_tls_result_name(failure.result));
    reset();
    EXPECT_EQ(failure.call(*this), failure.result);
    EXPECT_EQ(client().last_error().result, WASI_TLS_OK);
  }
  record_count("failures", call_failures().size());
}

// Every result is in one of the tables, or has its own place.
CONFORMANCE_CASE(Errors, errors, every_result_is_provoked) {
  // FILE is of the adapters, which are no part of what an engine is held to.
  std::set<int> provoked = {WASI_TLS_OK, WASI_TLS_PENDING, WASI_TLS_ERR_FILE, WASI_TLS_ERR_ENGINE};
  EXPECT_TRUE(has_case("errors", "engine_of_its_own_reason"));
  for (const CallFailure &failure : call_failures()) provoked.insert(failure.result);
  for (const auto &failures : {client_failures(), server_failures()}) {
    for (const ConnectionFailure &failure : failures) {
      provoked.insert(failure.told(*this).result);
      provoked.insert(failure.peer);
    }
  }
  for (const Number &each : kResults) EXPECT_EQ(provoked.count(each.value), 1u) << each.name;
}

// The numbers and names of results, and no others have one; a class is what the hundreds say.
CONFORMANCE_CASE(Errors, errors, numbers_of_results) {
  std::set<int> known;
  for (const Number &each : kResults) {
    auto result = static_cast<wasi_tls_result>(each.value);
    known.insert(each.value);
    EXPECT_STREQ(wasi_tls_result_name(result), each.name);
    EXPECT_EQ(wasi_tls_result_class(result), each.value < 0 ? -each.value / 100 : 0) << each.name;
  }
  const char *none = wasi_tls_result_name(static_cast<wasi_tls_result>(-999));
  for (int value = -1024; value < 100; value++) {
    if (known.count(value) != 0) continue;
    EXPECT_STREQ(wasi_tls_result_name(static_cast<wasi_tls_result>(value)), none) << value;
  }
}

CONFORMANCE_CASE(Errors, errors, numbers_of_the_rest) {
  for (size_t i = 0; i < std::size(kClasses); i++)
    EXPECT_STREQ(wasi_tls_error_class_name(static_cast<wasi_tls_error_class>(i)), kClasses[i]);
  for (size_t i = 0; i < std::size(kReasons); i++)
    EXPECT_STREQ(wasi_tls_verify_reason_name(static_cast<wasi_tls_verify_reason>(i)), kReasons[i]);
  for (size_t i = 0; i < std::size(kSteps); i++)
    EXPECT_STREQ(wasi_tls_step_name(static_cast<wasi_tls_step>(i)), kSteps[i]);
  for (const auto &[alert, name] : std::initializer_list<std::pair<uint16_t, const char *>>{
           {0, "close_notify"}, {42, "bad_certificate"}, {48, "unknown_ca"}, {120, "no_application_protocol"}})
    EXPECT_STREQ(wasi_tls_alert_name(alert), name);
}

// Before anything has failed nothing is told, and after a good end neither.
CONFORMANCE_CASE(Errors, errors, nothing_before_a_failure) {
  wasi_tls_error error;
  wasi_tls_error_init(&error);
  auto none = [&] {
    EXPECT_FALSE(wasi_tls_client_connection_last_error(client().connection.get(), &error));
    EXPECT_FALSE(wasi_tls_server_connection_last_error(server().connection.get(), &error));
  };
  none();
  open();
  none();
  expect_echo();
  none();
  close_both();
  none();
  EXPECT_EQ(error.result, WASI_TLS_OK);
}

// Asking again gives the same, also when all but the connection is gone.
CONFORMANCE_CASE(Errors, errors, told_again) {
  const wasi_tls_error first = refuse_by_name();
  expect_same(client().last_error(), first);
  client().handshake.reset();
  client().identity_future.reset();
  client().streams.reset();
  client().config.reset();
  to_client().cut_at(0);
  run();
  expect_same(client().last_error(), first);
}

// 190: what one connection failed with is not seen on another of the same configuration, before or after.
CONFORMANCE_CASE(Errors, errors, of_one_connection_only) {
  open();
  Wire second_wire;
  Client second(&pump(), &second_wire, client_options);
  ASSERT_EQ(second.connect(server_name), WASI_TLS_OK);
  ASSERT_EQ(second.finish(), WASI_TLS_OK);
  run();
  second_wire.to_client().inject(to_bytes("HTTP/1.1 400 Bad Request\r\n\r\n"));
  run();
  EXPECT_EQ(second.last_error().result, WASI_TLS_ERR_NOT_TLS);
  EXPECT_EQ(client().last_error().result, WASI_TLS_OK);
  expect_echo();
  EXPECT_EQ(client().last_error().result, WASI_TLS_OK);
  to_client().cut_at(to_client().transcript().size());
  run();
  EXPECT_EQ(client().last_error().result, WASI_TLS_ERR_TRUNCATED);
  EXPECT_EQ(second.last_error().result, WASI_TLS_ERR_NOT_TLS);
}

// An engine's own failure is told as such, with its code and text for the logs.
CONFORMANCE_CASE(Errors, errors, engine_of_its_own_reason) {
  finish_with_broken_engine(false);
  expect_told(&client(), {WASI_TLS_ERR_ENGINE});
  EXPECT_STREQ(client().last_error().text, kBrokenEngineText);
  EXPECT_EQ(client().last_error().native_code, kBrokenEngineCode);
}

// A server's Certificate that holds none is malformed (RFC 8446, section 4.4.2.4), in plain sight under TLS 1.2.
CONFORMANCE_CASE(Errors, errors, certificate_that_holds_none) {
  if (tls13()) return;
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  to_client().inject(tls12_server_flight(to_server().transcript(), {}));
  expect_told(&client(), {WASI_TLS_ERR_PROTOCOL, kDecodeError});
}

// An engine that lets a server pass without having seen a chain is not believed.
CONFORMANCE_CASE(Errors, errors, engine_that_does_not_look) {
  finish_with_broken_engine(true);
  expect_told(&client(), {WASI_TLS_ERR_VERIFY});
  EXPECT_EQ(client().last_error().verify_reason, WASI_TLS_VERIFY_MISSING);
  EXPECT_FALSE(client().input);
}

// What the peer says of itself is not repeated: a subject with line ends and escapes, and an answer that is not TLS.
CONFORMANCE_CASE(Errors, errors, nothing_of_the_peers_is_repeated) {
  CertificateSpec loud = server_spec();
  loud.subject = "loud\r\n\x1b[31mred";
  loud.not_after = -60;
  server_chains = {{issue(loud, intermediate()), intermediate()}};
  finish_both_sides();
  ASSERT_EQ(client().outcome, WASI_TLS_ERR_VERIFY);
  expect_readable(client().last_error());
  EXPECT_EQ(std::strstr(client().last_error().text, "loud"), nullptr);
  reset();
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  to_client().inject(to_bytes("loud\r\n"));
  run();
  expect_readable(client().last_error());
  EXPECT_EQ(std::strstr(client().last_error().text, "loud"), nullptr);
}

// A bad key is told of without a byte of it.
CONFORMANCE_CASE(Errors, errors, nothing_of_a_key_is_told) {
  Options options = client_options;
  std::vector<std::string> lines;
  options.log = &lines;
  options.identities = {{"bad", {server_chain(KeyType::kP256)[0], other_root()}}};
  Config config;
  wasi_tls_error error;
  wasi_tls_error_init(&error);
  EXPECT_EQ(options.build(&config, &error), WASI_TLS_ERR_CHAIN_ORDER);
  EXPECT_EQ(error.result, WASI_TLS_ERR_CHAIN_ORDER);
  EXPECT_EQ(error.step, WASI_TLS_STEP_NONE);
  EXPECT_EQ(error.alert, WASI_TLS_NO_ALERT);
  expect_readable(error);
  const Bytes key = encode(*server_chain(KeyType::kP256)[0]->key, KeyEncoding::kPkcs8Pem);
  const std::string text = error.text, secret(key.begin() + 40, key.begin() + 56);
  EXPECT_EQ(text.find(secret), std::string::npos);
  for (const std::string &line : lines) EXPECT_EQ(line.find(secret), std::string::npos);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Client identities, from both sides (behaviours 20, 21, 95 to 110).
#include <algorithm>

#include "case.h"

using namespace conformance;

namespace {

class ClientIdentity : public Case {
 protected:
  // The server asks in its handshake; the client has got as far as the request.
  bool at_the_request() {
    if (!start_request_identity() || !start_receive_request()) return false;
    run();
    EXPECT_EQ(client().outcome, WASI_TLS_OK) << client().last_error().text;
    EXPECT_TRUE(client().request);
    return client().request.get() != nullptr;
  }
  wasi_tls_result respond_with(const std::vector<Chain> &chains) {
    std::vector<PrivateIdentity> identities;
    std::vector<const PrivateIdentity *> pointers;
    for (const Chain &chain : chains) identities.push_back(client().parse(chain));
    for (const PrivateIdentity &identity : identities) pointers.push_back(&identity);
    return client().respond(pointers);
  }
  // The client goes on; the server looks at the identity, and then finishes too.
  void expect_seen(const std::vector<Bytes> &chain) {
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    run();
    ASSERT_EQ(server().outcome, WASI_TLS_OK) << server().last_error().text;
    EXPECT_EQ(export_chain(server().identity), chain);
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    run();
    EXPECT_EQ(client().outcome, WASI_TLS_OK) << client().last_error().text;
    EXPECT_EQ(server().outcome, WASI_TLS_OK) << server().last_error().text;
    EXPECT_EQ(server().client_identity(), chain);
    EXPECT_EQ(client().client_identity(), chain);
    if (!HasFailure()) expect_echo();
  }
  // The client offers |chain| up front; the server refuses it. Under TLS 1.3 the client hears of it on its first read
  // (104).
  void expect_refused(const Chain &chain, wasi_tls_verify_reason reason) {
    SCOPED_TRACE(wasi_tls_verify_reason_name(reason));
    start_over();
    PrivateIdentity identity = client().parse(chain);
    EXPECT_EQ(client().configure_identities({&identity}), WASI_TLS_OK);
    if (!start_request_identity()) return;
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    run();
    EXPECT_EQ(server().outcome, WASI_TLS_ERR_VERIFY);
    EXPECT_FALSE(server().identity);
    EXPECT_EQ(server().last_error().verify_reason, reason) << server().last_error().text;
    expect_client_hears(sent_alert(server().last_error()));
  }
  void expect_client_hears(int alert) {
    EXPECT_NE(alert, -1);
    if (tls13()) {
      ASSERT_EQ(client().outcome, WASI_TLS_OK) << client().last_error().text;
      client().receive();
      run();
      EXPECT_EQ(client().read_result, WASI_TLS_ERR_PEER_ALERT);
    } else {
      EXPECT_EQ(client().outcome, WASI_TLS_ERR_PEER_ALERT);
    }
    EXPECT_EQ(received_alert(client().last_error()), alert);
  }
};

}  // namespace

// 95: nothing is asked: the step says none, and the handshake goes on.
CONFORMANCE_CASE(ClientIdentity, client_identity, not_asked) {
  if (!start_receive_request()) return;
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_OK);
  EXPECT_FALSE(client().request);
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_OK);
  EXPECT_EQ(server().outcome, WASI_TLS_OK);
  EXPECT_TRUE(client().client_identity().empty());
  EXPECT_TRUE(server().client_identity().empty());
}

// 96, 101, 105: asked, answered, seen; for each type of key.
CONFORMANCE_CASE(ClientIdentity, client_identity, each_key_type) {
  for (KeyType type : kServableKeys) {
    bool both_can = client_can(WASI_TLS_CAP_KEY_ED25519) && server_can(WASI_TLS_CAP_KEY_ED25519);
    if (type == KeyType::kEd25519 && !both_can) continue;
    SCOPED_TRACE(name_of(type));
    start_over();
    if (!at_the_request()) return;
    Chain chain = client_chain(type);
    EXPECT_EQ(respond_with({chain}), WASI_TLS_OK);
    expect_seen(ders_of(chain));
  }
}

// 103: after verify-server-identity, the good order; and the step sees the server's identity first.
CONFORMANCE_CASE(ClientIdentity, client_identity, after_the_server_identity) {
  if (!start_request_identity() || !start_verify()) return;
  run();
  ASSERT_EQ(client().outcome, WASI_TLS_OK);
  EXPECT_EQ(export_chain(client().identity), ders_of(server_chains[0]));
  if (!start_receive_request()) return;
  run();
  ASSERT_TRUE(client().request);
  EXPECT_EQ(respond_with({client_chain(KeyType::kP256)}), WASI_TLS_OK);
  expect_seen(ders_of(client_chain(KeyType::kP256)));
}

// 97, 106: an empty answer and a dropped request send no certificate; who only asked goes on.
CONFORMANCE_CASE(ClientIdentity, client_identity, declined) {
  for (bool respond : {true, false}) {
    start_over();
    if (!at_the_request()) return;
    if (respond) {
      EXPECT_EQ(client().respond({}), WASI_TLS_OK);
    } else {
      client().request.reset();
    }
    expect_seen({});
  }
}

// 102: never asking for the request is declining, and so is leaving it unanswered.
CONFORMANCE_CASE(ClientIdentity, client_identity, left_unanswered) {
  if (!start_request_identity()) return;
  expect_seen({});
  start_over();
  if (!at_the_request()) return;
  expect_seen({});
  EXPECT_EQ(client().respond({}), WASI_TLS_ERR_WRONG_STATE);
}

// 97: the policy of the server: optional goes on without, required does not.
CONFORMANCE_CASE(ClientIdentity, client_identity, policy_without_an_identity) {
  server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_OPTIONAL;
  ASSERT_TRUE(finish_both());
  EXPECT_TRUE(server().client_identity().empty());
  server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_REQUIRED;
  start_over();
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_ERR_CLIENT_IDENTITY_REQUIRED);
  EXPECT_EQ(sent_alert(server().last_error()), tls13() ? kCertificateRequired : kHandshakeFailure);
  expect_client_hears(sent_alert(server().last_error()));
}

CONFORMANCE_CASE(ClientIdentity, client_identity, policy_with_an_identity) {
  for (wasi_tls_client_identity_policy policy :
       {WASI_TLS_CLIENT_IDENTITY_OPTIONAL, WASI_TLS_CLIENT_IDENTITY_REQUIRED}) {
    server_options.client_identity = policy;
    start_over();
    PrivateIdentity identity = client().parse(client_chain(KeyType::kP256));
    EXPECT_EQ(client().configure_identities({&identity}), WASI_TLS_OK);
    ASSERT_TRUE(finish_both());
    EXPECT_EQ(server().client_identity(), ders_of(client_chain(KeyType::kP256)));
    expect_echo();
  }
}

// Identities declared up front answer where nobody asks for the request; a given answer wins over them.
CONFORMANCE_CASE(ClientIdentity, client_identity, declared_up_front) {
  PrivateIdentity identity = client().parse(client_chain(KeyType::kP256));
  EXPECT_EQ(client().configure_identities({&identity}), WASI_TLS_OK);
  identity.reset();
  if (!start_request_identity()) return;
  expect_seen(ders_of(client_chain(KeyType::kP256)));
}

// 98: the first that suits is sent; without authorities and with all schemes, that is the first.
CONFORMANCE_CASE(ClientIdentity, client_identity, order_of_preference) {
  const std::vector<Chain> chains = {client_chain(KeyType::kP384), client_chain(KeyType::kRsa),
                                     client_chain(KeyType::kP256)};
  for (size_t i = 0; i < chains.size(); i++) {
    start_over();
    if (!at_the_request()) return;
    std::vector<Chain> rotated(chains.begin() + static_cast<ptrdiff_t>(i), chains.end());
    rotated.insert(rotated.end(), chains.begin(), chains.begin() + static_cast<ptrdiff_t>(i));
    EXPECT_EQ(respond_with(rotated), WASI_TLS_OK);
    expect_seen(ders_of(rotated[0]));
  }
}

// 98: the request's authorities name whom the server trusts, and decide among the identities.
CONFORMANCE_CASE(ClientIdentity, client_identity, authorities) {
  if (!at_the_request()) return;
  const wasi_tls_bytes *names = nullptr;
  size_t count = 0;
  ASSERT_EQ(wasi_tls_client_identity_request_authorities(client().request.get(), &names, &count), WASI_TLS_OK);
  if (tls13() && !server_can(WASI_TLS_CAP_NAME_AUTHORITIES)) {
    EXPECT_EQ(count, 0u);
    return;
  }
  ASSERT_EQ(count, 1u);
  EXPECT_EQ(to_bytes(names[0]), subject_name(root()));
  const uint16_t *schemes = nullptr;
  ASSERT_EQ(wasi_tls_client_identity_request_signature_schemes(client().request.get(), &schemes, &count), WASI_TLS_OK);
  EXPECT_NE(std::find(schemes, schemes + count, 0x0403), schemes + count);
  Chain foreign = {issue(client_spec(), other_root())};
  EXPECT_EQ(respond_with({foreign, client_chain(KeyType::kP256)}), WASI_TLS_OK);
  expect_seen(ders_of(client_chain(KeyType::kP256)));
}

// 99: none suits: no certificate, and no error on our side.
CONFORMANCE_CASE(ClientIdentity, client_identity, none_suits) {
  if (tls13() && !server_can(WASI_TLS_CAP_NAME_AUTHORITIES)) return;
  if (!at_the_request()) return;
  EXPECT_EQ(respond_with({{issue(client_spec(), other_root())}}), WASI_TLS_OK);
  expect_seen({});
}

// An identity of another engine is refused; the request is spent.
CONFORMANCE_CASE(ClientIdentity, client_identity, of_another_engine) {
  if (pairing.client_engine == pairing.server_engine || !at_the_request()) return;
  PrivateIdentity foreign = server().parse(client_chain(KeyType::kP256));
  EXPECT_EQ(client().respond({&foreign}), WASI_TLS_ERR_IDENTITY_ENGINE);
  expect_seen({});
}

// More identities than the limit.
CONFORMANCE_CASE(ClientIdentity, client_identity, too_many) {
  client_options.limits.identities = 1;
  if (!at_the_request()) return;
  EXPECT_EQ(respond_with({client_chain(KeyType::kP256), client_chain(KeyType::kRsa)}), WASI_TLS_ERR_LIMIT_VALUE);
  expect_seen({});
}

// 9, 21: the identity given to respond may be dropped at once; the getter gives it back.
CONFORMANCE_CASE(ClientIdentity, client_identity, outlives_its_handle) {
  if (!at_the_request()) return;
  EXPECT_EQ(respond_with({client_chain(KeyType::kP256)}), WASI_TLS_OK);
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  wasi_tls_private_identity *used = nullptr;
  ASSERT_TRUE(wasi_tls_client_connection_client_identity(client().connection.get(), &used));
  PrivateIdentity kept(used);
  start_over();
  EXPECT_EQ(export_chain(kept), ders_of(client_chain(KeyType::kP256)));
}

// 107, 108: the server's default validation of clients.
CONFORMANCE_CASE(ClientIdentity, client_identity, refused) {
  CertificateSpec expired = client_spec(), server_only = client_spec(), early = client_spec();
  expired.not_after = -60;
  early.not_before = 3600;
  server_only.extended_key_usage = "serverAuth";
  expect_refused({issue(expired, intermediate()), intermediate()}, WASI_TLS_VERIFY_EXPIRED);
  expect_refused({issue(early, intermediate()), intermediate()}, WASI_TLS_VERIFY_NOT_YET_VALID);
  expect_refused({issue(server_only, intermediate()), intermediate()}, WASI_TLS_VERIFY_PURPOSE);
}

// 107: from a CA that the server does not know. The client's own choice is turned off by a server naming no authority.
CONFORMANCE_CASE(ClientIdentity, client_identity, unknown_ca) {
  // Same name as the trusted root, another key: the client takes it for fitting, the server must not.
  Cert namesake = issue(ca_spec("Root", 150));
  expect_refused({issue(client_spec(), namesake), namesake}, WASI_TLS_VERIFY_UNTRUSTED);
}

// A server whose configuration trusts nobody accepts nobody.
CONFORMANCE_CASE(ClientIdentity, client_identity, server_trusts_nobody) {
  server_options.client_anchors.clear();
  expect_refused(client_chain(KeyType::kP256), WASI_TLS_VERIFY_UNTRUSTED);
}

// After a refusal, finish gives the refusal: no stream is handed out.
CONFORMANCE_CASE(ClientIdentity, client_identity, refusal_is_final) {
  CertificateSpec expired = client_spec();
  expired.not_after = -60;
  expect_refused({issue(expired, intermediate()), intermediate()}, WASI_TLS_VERIFY_EXPIRED);
  if (!server().handshake) return;
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_ERR_VERIFY);
  EXPECT_FALSE(server().input);
}

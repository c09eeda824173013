// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Identities whose private key is held elsewhere: what their signer is asked for, what becomes of what it answers, and
// when it is let go.
#include <algorithm>
#include <numeric>

#include "allocation_lives.h"

using namespace conformance;

namespace {

class OpaqueKeys : public AllocationLives {
 protected:
  // They outlive what uses them.
  void TearDown() override {
    start_over();
  }
  Signer &new_signer(std::shared_ptr<const Key> key) {
    signers_.push_back(std::make_unique<Signer>(std::move(key)));
    return *signers_.back();
  }
  // The types of key that both engines have.
  std::vector<KeyType> types() const {
    std::vector<KeyType> common;
    for (KeyType type : kServableKeys)
      if (client_can(capability_of(type)) && server_can(capability_of(type))) common.push_back(type);
    return common;
  }

  // Whether |peer|'s engine takes such keys; one that does not says so.
  template <class P>
  bool opaque(P &peer, bool can, Signer *signer, const Chain &chain, PrivateIdentity *identity) {
    wasi_tls_result made = opaque_identity(peer.config, signer, ders_of(chain), identity);
    EXPECT_EQ(made, can ? WASI_TLS_OK : WASI_TLS_ERR_UNSUPPORTED);
    EXPECT_EQ(signer->signatures(), 0) << "it was asked before there was anything to sign";
    return made == WASI_TLS_OK;
  }
  // A server with |signer| as its only identity.
  bool serve(Signer *signer, KeyType type) {
    start_over();
    server_chains.clear();
    PrivateIdentity identity;
    if (!opaque(server(), server_can(WASI_TLS_CAP_OPAQUE_KEYS), signer, server_chain(type), &identity)) return false;
    EXPECT_EQ(server().configure_identities({&identity}), WASI_TLS_OK);
    return true;
  }
  // A client with |signer| as its only identity, of a server that asks.
  bool present(Signer *signer, KeyType type) {
    start_over();
    server_chains = {server_chain(KeyType::kP256)};
    server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_REQUIRED;
    PrivateIdentity identity;
    if (!opaque(client(), client_can(WASI_TLS_CAP_OPAQUE_KEYS), signer, client_chain(type), &identity)) return false;
    EXPECT_EQ(client().configure_identities({&identity}), WASI_TLS_OK);
    return true;
  }
  static std::shared_ptr<const Key> key_of(const Chain &chain) {
    return chain[0]->key;
  }

  // Both finish; the outcome of the side that was to be heard of an error only later is there too.
  void run_to_the_end() {
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    run();
    if (client().outcome != WASI_TLS_OK) return;
    client().receive();
    run();
    client().outcome = client().read_result;
  }
  static void drop_all_of(Peer *peer) {
    peer->output.reset();
    peer->input.reset();
    peer->streams.reset();
    peer->drop_handshake();
    peer->drop_connection();
  }
  void expect_no_signature(Peer &own, Peer &other) {
    run_to_the_end();
    EXPECT_EQ(own.outcome, WASI_TLS_ERR_SIGNER) << own.last_error().text;
    EXPECT_EQ(own.last_error().result, WASI_TLS_ERR_SIGNER);
    EXPECT_EQ(sent_alert(own.last_error()), kInternalError) << own.last_error().text;
    EXPECT_EQ(other.outcome, WASI_TLS_ERR_PEER_ALERT) << other.last_error().text;
    EXPECT_EQ(received_alert(other.last_error()), kInternalError) << other.last_error().text;
  }
  void expect_refused_by_peer(Peer &own, Peer &other) {
    run_to_the_end();
    EXPECT_EQ(other.outcome, WASI_TLS_ERR_PROTOCOL) << other.last_error().text;
    EXPECT_EQ(sent_alert(other.last_error()), kDecryptError) << other.last_error().text;
    EXPECT_EQ(own.outcome, WASI_TLS_ERR_PEER_ALERT) << own.last_error().text;
    EXPECT_EQ(received_alert(own.last_error()), kDecryptError) << own.last_error().text;
  }
  bool late_requests_possible() const {
    return tls13() && server_can(WASI_TLS_CAP_POST_HANDSHAKE_SERVER) && client_can(WASI_TLS_CAP_POST_HANDSHAKE_CLIENT);
  }

  struct Spoiled {
    const char *name;
    std::function<bool(Bytes *)> how;
  };
  static std::vector<Spoiled> impossible() {
    return {
        {"none", [](Bytes *) { return false; }},
        {"empty", [](Bytes *signature) { return signature->clear(), true; }},
        {"cut", [](Bytes *signature) { return signature->pop_back(), true; }},
        {"longer", [](Bytes *signature) { return signature->push_back(0), true; }},
        {"beyond all room", [](Bytes *signature) { return signature->resize(100000), true; }},
    };
  }

 private:
  std::vector<std::unique_ptr<Signer>> signers_;
};

const auto flip_a_bit = [](Bytes *signature) {
  signature->back() ^= 1;
  return true;
};

}  // namespace

// A server's key of each type. One signature for each handshake, of a scheme of the key.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, server_with_each_key_type) {
  for (KeyType type : types()) {
    SCOPED_TRACE(name_of(type));
    Signer &signer = new_signer(key_of(server_chain(type)));
    if (!serve(&signer, type)) return;
    ASSERT_TRUE(finish_both());
    EXPECT_EQ(client().server_identity(), ders_of(server_chain(type)));
    EXPECT_EQ(server().server_identity(), ders_of(server_chain(type)));
    EXPECT_EQ(signer.signatures(), 1);
    EXPECT_TRUE(signer.was_asked_well());
    expect_echo();
  }
}

// A client's key of each type.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, client_with_each_key_type) {
  for (KeyType type : types()) {
    SCOPED_TRACE(name_of(type));
    Signer &signer = new_signer(key_of(client_chain(type)));
    if (!present(&signer, type)) return;
    ASSERT_TRUE(finish_both());
    EXPECT_EQ(server().client_identity(), ders_of(client_chain(type)));
    EXPECT_EQ(client().client_identity(), ders_of(client_chain(type)));
    EXPECT_EQ(signer.signatures(), 1);
    EXPECT_TRUE(signer.was_asked_well());
    expect_echo();
  }
}

// What TLS 1.3 has: RSA-PSS, and ECDSA by the curve's own hash.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, schemes_of_the_version) {
  for (KeyType type : types()) {
    SCOPED_TRACE(name_of(type));
    Signer &signer = new_signer(key_of(server_chain(type)));
    if (!serve(&signer, type)) return;
    ASSERT_TRUE(finish_both());
    ASSERT_EQ(signer.schemes().size(), 1u);
    uint16_t scheme = signer.schemes()[0];
    if (type == KeyType::kEd25519) {
      EXPECT_EQ(scheme, 0x0807);
    }
    if (!tls13()) continue;
    if (type == KeyType::kRsa) {
      EXPECT_EQ(scheme >> 8, 0x08);
    }
    if (type == KeyType::kP256) {
      EXPECT_EQ(scheme, 0x0403);
    }
    if (type == KeyType::kP384) {
      EXPECT_EQ(scheme, 0x0503);
    }
  }
}

// Asked for behind the handshake.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, asked_late) {
  if (!late_requests_possible()) return;
  client_options.post_handshake_auth = true;
  for (KeyType type : types()) {
    SCOPED_TRACE(name_of(type));
    Signer &signer = new_signer(key_of(client_chain(type)));
    start_over();
    PrivateIdentity identity;
    if (!opaque(client(), client_can(WASI_TLS_CAP_OPAQUE_KEYS), &signer, client_chain(type), &identity)) return;
    ASSERT_EQ(client().configure_identities({&identity}), WASI_TLS_OK);
    ASSERT_TRUE(finish_both());
    EXPECT_EQ(signer.signatures(), 0);
    client().receive();
    ASSERT_EQ(server().request_identity_late(), WASI_TLS_OK);
    run();
    ASSERT_EQ(server().outcome, WASI_TLS_OK) << server().last_error().text;
    EXPECT_EQ(server().client_identity(), ders_of(client_chain(type)));
    EXPECT_EQ(signer.signatures(), 1);
    EXPECT_TRUE(signer.was_asked_well());
    expect_echo();
  }
}

// One that fails behind the handshake ends the connection.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, fails_late) {
  if (!late_requests_possible()) return;
  client_options.post_handshake_auth = true;
  Signer &signer = new_signer(key_of(client_chain(KeyType::kP256)));
  signer.spoil = [](Bytes *) { return false; };
  PrivateIdentity identity;
  if (!opaque(client(), client_can(WASI_TLS_CAP_OPAQUE_KEYS), &signer, client_chain(KeyType::kP256), &identity)) return;
  ASSERT_EQ(client().configure_identities({&identity}), WASI_TLS_OK);
  ASSERT_TRUE(finish_both());
  client().receive();
  ASSERT_EQ(server().request_identity_late(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().read_result, WASI_TLS_ERR_SIGNER) << client().last_error().text;
  EXPECT_EQ(sent_alert(client().last_error()), kInternalError);
  EXPECT_EQ(server().outcome, WASI_TLS_ERR_PEER_ALERT) << server().last_error().text;
  EXPECT_EQ(received_alert(server().last_error()), kInternalError);
}

// Beside a key that is not opaque, in the caller's order.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, beside_ordinary_keys) {
  for (bool opaque_first : {true, false}) {
    start_over();
    server_chains.clear();
    Signer &signer = new_signer(key_of(server_chain(KeyType::kP256)));
    PrivateIdentity hidden, plain = server().parse(server_chain(KeyType::kRsa));
    if (!opaque(server(), server_can(WASI_TLS_CAP_OPAQUE_KEYS), &signer, server_chain(KeyType::kP256), &hidden)) return;
    std::vector<const PrivateIdentity *> order = {&hidden, &plain};
    if (!opaque_first) std::swap(order[0], order[1]);
    ASSERT_EQ(server().configure_identities(order), WASI_TLS_OK);
    ASSERT_TRUE(finish_both());
    EXPECT_EQ(client().server_identity(), ders_of(server_chain(opaque_first ? KeyType::kP256 : KeyType::kRsa)));
    EXPECT_EQ(signer.signatures(), opaque_first ? 1 : 0);
  }
}

// A signer that refuses, or gives what can't be a signature: internal_error, and an error of its own, on either side.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, no_signature_from_a_server) {
  for (KeyType type : types()) {
    for (const Spoiled &spoiled : impossible()) {
      SCOPED_TRACE(testing::Message() << name_of(type) << " " << spoiled.name);
      Signer &signer = new_signer(key_of(server_chain(type)));
      signer.spoil = spoiled.how;
      if (!serve(&signer, type)) return;
      expect_no_signature(server(), client());
      EXPECT_EQ(signer.signatures(), 1);
    }
  }
}

CONFORMANCE_CASE(OpaqueKeys, opaque_keys, no_signature_from_a_client) {
  for (KeyType type : types()) {
    for (const Spoiled &spoiled : impossible()) {
      SCOPED_TRACE(testing::Message() << name_of(type) << " " << spoiled.name);
      Signer &signer = new_signer(key_of(client_chain(type)));
      signer.spoil = spoiled.how;
      if (!present(&signer, type)) return;
      expect_no_signature(client(), server());
      EXPECT_EQ(signer.signatures(), 1);
    }
  }
}

// Behind a chain that is longer than a record, too.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, no_signature_behind_a_long_chain) {
  CertificateSpec big = server_spec();
  big.padding = 16500;
  Chain chain = {issue(big, intermediate()), intermediate()};
  Signer &signer = new_signer(key_of(chain));
  signer.spoil = [](Bytes *) { return false; };
  server_chains.clear();
  PrivateIdentity identity;
  if (!opaque(server(), server_can(WASI_TLS_CAP_OPAQUE_KEYS), &signer, chain, &identity)) return;
  ASSERT_EQ(server().configure_identities({&identity}), WASI_TLS_OK);
  expect_no_signature(server(), client());
}

// A signature that is wrong is the peer's to refuse.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, wrong_signature_of_a_server) {
  for (KeyType type : types()) {
    SCOPED_TRACE(name_of(type));
    Signer &signer = new_signer(key_of(server_chain(type)));
    signer.spoil = flip_a_bit;
    if (!serve(&signer, type)) return;
    expect_refused_by_peer(server(), client());
  }
}

CONFORMANCE_CASE(OpaqueKeys, opaque_keys, wrong_signature_of_a_client) {
  for (KeyType type : types()) {
    SCOPED_TRACE(name_of(type));
    Signer &signer = new_signer(key_of(client_chain(type)));
    signer.spoil = flip_a_bit;
    if (!present(&signer, type)) return;
    expect_refused_by_peer(client(), server());
  }
}

// So is one by another key than the certificate's, which nothing tells before.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, signer_of_another_key) {
  for (KeyType type : types()) {
    SCOPED_TRACE(name_of(type));
    Signer &signer = new_signer(key(type, 71));
    if (!serve(&signer, type)) return;
    expect_refused_by_peer(server(), client());
  }
}

// The context is dropped once, when the last of the handle, the configuration and the connection goes.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, dropped_once) {
  std::vector<size_t> order(3);
  std::iota(order.begin(), order.end(), size_t{0});
  do {
    Signer &signer = new_signer(key_of(server_chain(KeyType::kP256)));
    start_over();
    server_chains.clear();
    PrivateIdentity identity;
    Chain chain = server_chain(KeyType::kP256);
    if (!opaque(server(), server_can(WASI_TLS_CAP_OPAQUE_KEYS), &signer, chain, &identity)) return;
    ASSERT_EQ(server().configure_identities({&identity}), WASI_TLS_OK);
    ASSERT_TRUE(finish_both());
    const std::function<void()> drops[] = {[&] { identity.reset(); }, [&] { server().config.reset(); },
                                           [&] { drop_all_of(&server()); }};
    bool gone[3] = {false, false, false};
    for (size_t index : order) {
      EXPECT_EQ(signer.drops(), gone[0] && gone[2] ? 1 : 0);
      drops[index]();
      gone[index] = true;
    }
    EXPECT_EQ(signer.drops(), 1);
    EXPECT_TRUE(signer.was_asked_well());
  } while (std::next_permutation(order.begin(), order.end()));
}

// A handshake that goes wrong, or is given up before it begins, is no exception.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, dropped_after_failures) {
  for (bool refuses : {true, false}) {
    Signer &signer = new_signer(key_of(server_chain(KeyType::kP256)));
    if (refuses) signer.spoil = [](Bytes *) { return false; };
    if (!serve(&signer, KeyType::kP256)) return;
    EXPECT_EQ(signer.drops(), 0);
    if (refuses) run_to_the_end();
    start_over();
    EXPECT_EQ(signer.drops(), 1);
  }
}

// What is refused when the identity is made; the signer stays the caller's.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, refused_when_made) {
  Config config;
  ASSERT_EQ(server_options.build(&config), WASI_TLS_OK);
  if (!server_can(WASI_TLS_CAP_OPAQUE_KEYS)) return;
  Signer &signer = new_signer(key_of(server_chain(KeyType::kP256)));
  const std::vector<Bytes> good = ders_of(server_chain(KeyType::kP256));
  auto make = [&](const std::vector<Bytes> &chain) {
    PrivateIdentity identity;
    return opaque_identity(config, &signer, chain, &identity);
  };
  auto leaf = [](KeyType type) { return std::vector<Bytes>{issue(server_spec(type), intermediate())->der}; };
  EXPECT_EQ(make({}), WASI_TLS_ERR_CHAIN_EMPTY);
  EXPECT_EQ(make({pattern(50)}), WASI_TLS_ERR_CERTIFICATE_FORMAT);
  EXPECT_EQ(make({good[0], root()->der}), WASI_TLS_ERR_CHAIN_ORDER);
  EXPECT_EQ(make(std::vector<Bytes>(11, root()->der)), WASI_TLS_ERR_CHAIN_TOO_LONG);
  EXPECT_EQ(make(leaf(KeyType::kP521)), WASI_TLS_ERR_KEY_TYPE);
  EXPECT_EQ(make(leaf(KeyType::kRsa1024)), WASI_TLS_ERR_KEY_TOO_SMALL);
  for (KeyType type : kServableKeys)
    if (!server_can(capability_of(type))) {
      EXPECT_EQ(make(leaf(type)), WASI_TLS_ERR_KEY_TYPE);
    }

  std::vector<wasi_tls_bytes> views = views_of(good);
  wasi_tls_private_identity *identity = nullptr;
  wasi_tls_signer raw = signer.raw();
  auto from = [&](wasi_tls_config *with, const wasi_tls_signer *given) {
    return wasi_tls_private_identity_from_signer(with, given, views.data(), views.size(), &identity);
  };
  EXPECT_EQ(from(nullptr, &raw), WASI_TLS_ERR_NULL_ARGUMENT);
  EXPECT_EQ(from(config.get(), nullptr), WASI_TLS_ERR_NULL_ARGUMENT);
  raw.sign = nullptr;
  EXPECT_EQ(from(config.get(), &raw), WASI_TLS_ERR_NULL_ARGUMENT);
  raw = signer.raw();
  raw.size--;
  EXPECT_EQ(from(config.get(), &raw), WASI_TLS_ERR_STRUCT_SIZE);
  raw = signer.raw();
  EXPECT_EQ(wasi_tls_private_identity_from_signer(config.get(), &raw, nullptr, 1, &identity),
            WASI_TLS_ERR_NULL_ARGUMENT);
  EXPECT_EQ(wasi_tls_private_identity_from_signer(config.get(), &raw, views.data(), views.size(), nullptr),
            WASI_TLS_ERR_NULL_ARGUMENT);
  EXPECT_EQ(identity, nullptr);
  EXPECT_EQ(signer.drops(), 0);
  EXPECT_EQ(signer.signatures(), 0);
}

// Registered under a name: the guest opens it, and has no more of it than that.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, by_name) {
  Signer &signer = new_signer(key_of(server_chain(KeyType::kP256)));
  server_options.identities = {{"plain", server_chain(KeyType::kRsa)},
                               {"hidden", server_chain(KeyType::kP256), &signer}};
  server_chains.clear();
  if (!server_can(WASI_TLS_CAP_OPAQUE_KEYS)) {
    Config config;
    EXPECT_EQ(server_options.build(&config), WASI_TLS_ERR_UNSUPPORTED);
    return;
  }
  PrivateIdentity identity;
  ASSERT_EQ(wasi_tls_private_identity_open(server().config.get(), view_of("hidden"), identity.out()), WASI_TLS_OK);
  EXPECT_EQ(export_chain(identity), ders_of(server_chain(KeyType::kP256)));
  ASSERT_EQ(server().configure_identities({&identity}), WASI_TLS_OK);
  ASSERT_TRUE(finish_both());
  EXPECT_EQ(client().server_identity(), ders_of(server_chain(KeyType::kP256)));
  EXPECT_EQ(signer.signatures(), 1);
  start_over();
  EXPECT_EQ(signer.drops(), 0);
  identity.reset();
  EXPECT_EQ(signer.drops(), 1);
}

// A configuration that can't be built leaves every signer to the caller, the good ones too.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, names_are_all_or_nothing) {
  if (!server_can(WASI_TLS_CAP_OPAQUE_KEYS)) return;
  Signer &good = new_signer(key_of(server_chain(KeyType::kP256)));
  Signer &bad = new_signer(key_of(server_chain(KeyType::kP256)));
  Chain unusable = {issue(server_spec(KeyType::kP521), intermediate())};
  server_options.identities = {{"good", server_chain(KeyType::kP256), &good}, {"bad", unusable, &bad}};
  Config config;
  EXPECT_EQ(server_options.build(&config), WASI_TLS_ERR_KEY_TYPE);
  EXPECT_EQ(good.drops() + bad.drops(), 0);
  server_options.identities.pop_back();
  ASSERT_EQ(server_options.build(&config), WASI_TLS_OK);
  EXPECT_EQ(good.drops(), 0);
  config.reset();
  EXPECT_EQ(good.drops(), 1);
}

// A key and a signer together are as little of an identity as neither.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, names_have_one_or_the_other) {
  Signer &signer = new_signer(key_of(server_chain(KeyType::kP256)));
  const Bytes secret = encode(*key_of(server_chain(KeyType::kP256)), KeyEncoding::kPkcs8);
  const std::vector<Bytes> ders = ders_of(server_chain(KeyType::kP256));
  std::vector<wasi_tls_bytes> views = views_of(ders);
  wasi_tls_signer raw = signer.raw();
  wasi_tls_config_options options;
  for (bool both : {true, false}) {
    Config config;
    wasi_tls_named_identity named = {"name", both ? view_of(secret) : wasi_tls_bytes{nullptr, 0}, views.data(),
                                     views.size(), both ? &raw : nullptr};
    wasi_tls_config_options_init(&options);
    choose_engine(server_options.engine, &options);
    options.server_trust.source = WASI_TLS_TRUST_LIST;
    options.identities = &named;
    options.identity_count = 1;
    EXPECT_EQ(wasi_tls_config_new(&options, config.out(), nullptr), WASI_TLS_ERR_NULL_ARGUMENT);
  }
  EXPECT_EQ(signer.drops(), 0);
}

// A signer may itself use connections, on the same thread, while one waits for it.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, signer_that_uses_tls) {
  Signer &signer = new_signer(key_of(server_chain(KeyType::kP256)));
  Signer &inner = new_signer(key_of(server_chain(KeyType::kRsa)));
  std::string text;
  bool reached = false;
  auto connect = [&] {
    Wire wire;
    Pump pump(&wire);
    Client other_client(&pump, &wire, client_options);
    Server other_server(&pump, &wire, server_options);
    PrivateIdentity identity;
    inner.spoil = [](Bytes *) { return false; };
    EXPECT_EQ(opaque_identity(other_server.config, &inner, ders_of(server_chain(KeyType::kRsa)), &identity),
              WASI_TLS_OK);
    EXPECT_EQ(other_client.connect(kServerName), WASI_TLS_OK);
    EXPECT_EQ(other_server.accept(), WASI_TLS_OK);
    EXPECT_EQ(other_server.configure_identities({&identity}), WASI_TLS_OK);
    EXPECT_EQ(other_client.finish(), WASI_TLS_OK);
    EXPECT_EQ(other_server.finish(), WASI_TLS_OK);
    pump.run();
    EXPECT_EQ(other_server.outcome, WASI_TLS_ERR_SIGNER);
    EXPECT_EQ(other_client.outcome, WASI_TLS_ERR_PEER_ALERT);
    reached = true;
  };
  signer.meanwhile = connect;
  if (!serve(&signer, KeyType::kP256)) return;
  ASSERT_TRUE(finish_both());
  EXPECT_TRUE(reached);
  expect_echo();
}

// Each allocation fails in turn. Whoever has the signer at the end drops it: the library only where it made an
// identity.
CONFORMANCE_CASE(OpaqueKeys, opaque_keys, out_of_memory) {
  if (!server_can(WASI_TLS_CAP_OPAQUE_KEYS)) return;
  Signer &signer = new_signer(key_of(server_chain(KeyType::kP256)));
  int made = 0;
  server_options.allocator = ledger_.allocator();
  server_options.identities = {{"hidden", server_chain(KeyType::kP256), &signer}};
  fail_each([] {},
            [&] {
              Config config;
              PrivateIdentity identity;
              wasi_tls_result result = server_options.build(&config);
              if (result != WASI_TLS_OK) return result;
              made++;
              result = opaque_identity(config, &signer, ders_of(server_chain(KeyType::kP256)), &identity);
              if (result == WASI_TLS_OK) made++;
              return result;
            });
  EXPECT_EQ(signer.drops(), made);
}

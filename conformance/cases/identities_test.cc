// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Private and public identities: parsing, what is refused, lifetime, and which of several a server uses (behaviours 1
// to 12, 57 to 65).
#include "case.h"
#include "raw_hello.h"

using namespace conformance;

namespace {

class Identities : public Case {
 protected:
  void SetUp() override {
    Case::SetUp();
    ASSERT_EQ(server_options.build(&config_), WASI_TLS_OK);
  }
  wasi_tls_result parse(const Bytes &key, const std::vector<Bytes> &chain) {
    PrivateIdentity identity;
    wasi_tls_result result = parse_identity(config_, key, chain, &identity);
    EXPECT_EQ(identity.get() != nullptr, result == WASI_TLS_OK);
    return result;
  }
  bool server_has(KeyType type) {
    return server_can(capability_of(type));
  }
  bool both_have(KeyType type) {
    return server_has(type) && client_can(capability_of(type));
  }
  // The server is given |chains| and the client's hello has only |schemes|; gives the chain's index that it chose.
  void expect_choice(const std::vector<KeyType> &types, KeyType expected) {
    start_over();
    server_chains.clear();
    for (KeyType type : types) server_chains.push_back(server_chain(type));
    ASSERT_TRUE(finish_both());
    EXPECT_EQ(client().server_identity(), ders_of(server_chain(expected)));
    EXPECT_EQ(server().server_identity(), ders_of(server_chain(expected)));
  }

  Config config_;
  Chain good_ = server_chain(KeyType::kP256);
  Bytes good_key_ = encode(*good_[0]->key, KeyEncoding::kPkcs8);
  std::vector<Bytes> good_ders_ = ders_of(good_);
};

}  // namespace

// 1, 2: each key type, in each encoding, parses, is exported as given and serves a handshake.
CONFORMANCE_CASE(Identities, identities, every_key_in_every_encoding) {
  for (KeyType type : kServableKeys) {
    if (!server_has(type)) continue;
    Chain chain = server_chain(type);
    for (KeyEncoding encoding :
         {KeyEncoding::kPkcs8, KeyEncoding::kTraditional, KeyEncoding::kPkcs8Pem, KeyEncoding::kTraditionalPem}) {
      SCOPED_TRACE(testing::Message() << name_of(type) << " encoding " << static_cast<int>(encoding));
      Bytes key = encode(*chain[0]->key, encoding);
      if (key.empty()) continue;
      start_over();
      server_chains.clear();
      PrivateIdentity identity;
      ASSERT_EQ(parse_identity(server().config, key, ders_of(chain), &identity), WASI_TLS_OK);
      EXPECT_EQ(export_chain(identity), ders_of(chain));
      if (!both_have(type)) continue;
      ASSERT_EQ(server().configure_identities({&identity}), WASI_TLS_OK);
      ASSERT_TRUE(finish_both());
      EXPECT_EQ(client().server_identity(), ders_of(chain));
    }
  }
}

// A key type that the engine lacks is refused at parse, by its own name.
CONFORMANCE_CASE(Identities, identities, key_types_beyond_the_capabilities) {
  for (KeyType type : kServableKeys) {
    Chain chain = server_chain(type);
    EXPECT_EQ(parse(encode(*chain[0]->key, KeyEncoding::kPkcs8), ders_of(chain)),
              server_has(type) ? WASI_TLS_OK : WASI_TLS_ERR_KEY_TYPE);
  }
  CertificateSpec p521 = server_spec(KeyType::kP521);
  Chain chain = {issue(p521, intermediate())};
  EXPECT_EQ(parse(encode(*chain[0]->key, KeyEncoding::kPkcs8), ders_of(chain)), WASI_TLS_ERR_KEY_TYPE);
}

// 3: a key that is not the leaf's, of another type or of the same.
CONFORMANCE_CASE(Identities, identities, key_mismatch) {
  EXPECT_EQ(parse(encode(*key(KeyType::kP256, 7), KeyEncoding::kPkcs8), good_ders_), WASI_TLS_ERR_KEY_MISMATCH);
  EXPECT_EQ(parse(encode(*key(KeyType::kRsa), KeyEncoding::kPkcs8), good_ders_), WASI_TLS_ERR_KEY_MISMATCH);
  Bytes ed25519 = encode(*key(KeyType::kEd25519, 7), KeyEncoding::kPkcs8);
  EXPECT_EQ(parse(ed25519, ders_of(server_chain(KeyType::kEd25519))),
            server_has(KeyType::kEd25519) ? WASI_TLS_ERR_KEY_MISMATCH : WASI_TLS_ERR_KEY_TYPE);
}

// 4: garbage as a key or as a certificate.
CONFORMANCE_CASE(Identities, identities, garbage) {
  for (const Bytes &junk :
       {Bytes{}, Bytes{0x30}, Bytes{0x30, 0x80}, pattern(500), to_bytes("-----BEGIN PRIVATE KEY-----"),
        to_bytes("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")}) {
    EXPECT_EQ(parse(junk, good_ders_), WASI_TLS_ERR_KEY_FORMAT);
    EXPECT_EQ(parse(good_key_, {junk}), WASI_TLS_ERR_CERTIFICATE_FORMAT);
    EXPECT_EQ(parse(good_key_, {good_ders_[0], junk}), WASI_TLS_ERR_CERTIFICATE_FORMAT);
  }
  EXPECT_EQ(parse(good_ders_[0], good_ders_), WASI_TLS_ERR_KEY_FORMAT);
  EXPECT_EQ(parse(good_key_, {good_key_}), WASI_TLS_ERR_CERTIFICATE_FORMAT);
}

// 4: no prefix of a key or of a certificate is taken for the whole.
CONFORMANCE_CASE(Identities, identities, cut_short) {
  for (size_t kept = 0; kept < good_key_.size(); kept += 5) {
    EXPECT_EQ(parse(Bytes(good_key_.begin(), good_key_.begin() + static_cast<ptrdiff_t>(kept)), good_ders_),
              WASI_TLS_ERR_KEY_FORMAT);
  }
  const Bytes &leaf = good_ders_[0];
  for (size_t kept = 0; kept < leaf.size(); kept += 13) {
    EXPECT_EQ(parse(good_key_, {Bytes(leaf.begin(), leaf.begin() + static_cast<ptrdiff_t>(kept))}),
              WASI_TLS_ERR_CERTIFICATE_FORMAT);
  }
}

// 7: bytes behind the DER.
CONFORMANCE_CASE(Identities, identities, trailing_bytes) {
  Bytes key = good_key_, leaf = good_ders_[0];
  key.push_back(0);
  leaf.push_back(0);
  EXPECT_EQ(parse(key, good_ders_), WASI_TLS_ERR_KEY_FORMAT);
  EXPECT_EQ(parse(good_key_, {leaf}), WASI_TLS_ERR_CERTIFICATE_FORMAT);
  Bytes sec1 = encode(*good_[0]->key, KeyEncoding::kTraditional);
  sec1.push_back(0);
  EXPECT_EQ(parse(sec1, good_ders_), WASI_TLS_ERR_KEY_FORMAT);
}

// 5: no certificate at all.
CONFORMANCE_CASE(Identities, identities, empty_chain) {
  EXPECT_EQ(parse(good_key_, {}), WASI_TLS_ERR_CHAIN_EMPTY);
}

// A certificate that did not issue the one before it.
CONFORMANCE_CASE(Identities, identities, chain_order) {
  EXPECT_EQ(parse(good_key_, {good_ders_[0], root()->der, intermediate()->der}), WASI_TLS_ERR_CHAIN_ORDER);
  EXPECT_EQ(parse(good_key_, {good_ders_[0], other_root()->der}), WASI_TLS_ERR_CHAIN_ORDER);
  EXPECT_EQ(parse(good_key_, {good_ders_[0], intermediate()->der, root()->der}), WASI_TLS_OK);
}

// The bound on the length of a chain.
CONFORMANCE_CASE(Identities, identities, chain_too_long) {
  server_options.limits.chain_certificates = 2;
  ASSERT_EQ(server_options.build(&config_), WASI_TLS_OK);
  EXPECT_EQ(parse(good_key_, good_ders_), WASI_TLS_OK);
  EXPECT_EQ(parse(good_key_, {good_ders_[0], intermediate()->der, root()->der}), WASI_TLS_ERR_CHAIN_TOO_LONG);
}

// 8: RSA below 2048 bits, the same on every engine.
CONFORMANCE_CASE(Identities, identities, small_rsa) {
  Chain chain = {issue(server_spec(KeyType::kRsa1024), intermediate())};
  for (KeyEncoding encoding : {KeyEncoding::kPkcs8, KeyEncoding::kTraditional, KeyEncoding::kPkcs8Pem}) {
    EXPECT_EQ(parse(encode(*chain[0]->key, encoding), ders_of(chain)), WASI_TLS_ERR_KEY_TOO_SMALL);
  }
}

// 80: what clients refuse is not served: an issuer's key below 2048 bits, a SHA-1 signature.
CONFORMANCE_CASE(Identities, identities, weak_chain) {
  CertificateSpec leaf = server_spec(), weak_ca = ca_spec("Weak CA", 144);
  leaf.digest = "SHA1";
  Chain signed_weakly = {issue(leaf, intermediate()), intermediate()};
  EXPECT_EQ(parse(encode(*signed_weakly[0]->key, KeyEncoding::kPkcs8), ders_of(signed_weakly)),
            WASI_TLS_ERR_WEAK_SIGNATURE);
  weak_ca.key_type = KeyType::kRsa1024;
  Cert issuer = issue(weak_ca, root());
  Chain issued_weakly = {issue(server_spec(), issuer), issuer};
  EXPECT_EQ(parse(encode(*issued_weakly[0]->key, KeyEncoding::kPkcs8), ders_of(issued_weakly)),
            WASI_TLS_ERR_KEY_TOO_SMALL);
}

// 12: encrypted keys have an error of their own.
CONFORMANCE_CASE(Identities, identities, encrypted) {
  for (KeyType type : {KeyType::kRsa, KeyType::kP256}) {
    Chain chain = server_chain(type);
    for (KeyEncoding encoding : {KeyEncoding::kEncryptedPkcs8, KeyEncoding::kEncryptedPem}) {
      EXPECT_EQ(parse(encode(*chain[0]->key, encoding), ders_of(chain)), WASI_TLS_ERR_KEY_ENCRYPTED);
    }
  }
  Bytes sealed = to_pem(encode(*good_[0]->key, KeyEncoding::kEncryptedPkcs8), "ENCRYPTED PRIVATE KEY");
  EXPECT_EQ(parse(sealed, good_ders_), WASI_TLS_ERR_KEY_ENCRYPTED);
}

// 6: the chain comes out byte for byte, also where one PEM entry holds it all.
CONFORMANCE_CASE(Identities, identities, export_round_trip) {
  Bytes bundle;
  for (const Bytes &der : good_ders_) {
    Bytes pem = to_pem(der, "CERTIFICATE");
    bundle.insert(bundle.end(), pem.begin(), pem.end());
  }
  for (const std::vector<Bytes> &given : {good_ders_, std::vector<Bytes>{bundle}}) {
    PrivateIdentity identity;
    ASSERT_EQ(parse_identity(config_, good_key_, given, &identity), WASI_TLS_OK);
    EXPECT_EQ(export_chain(identity), good_ders_);
  }
}

// A public identity outlives the private one and the configuration that it came from.
CONFORMANCE_CASE(Identities, identities, public_half_outlives_all) {
  PublicIdentity shown;
  {
    PrivateIdentity identity = parse_identity(config_, good_);
    ASSERT_EQ(wasi_tls_private_identity_public_identity(identity.get(), shown.out()), WASI_TLS_OK);
  }
  config_.reset();
  EXPECT_EQ(export_chain(shown), good_ders_);
}

// 9, 65: an identity is used by several connections and outlives its handle, dropped before the handshake.
CONFORMANCE_CASE(Identities, identities, outlives_its_handle) {
  PrivateIdentity identity = parse_identity(config_, good_);
  server_chains.clear();
  Wire second_wire;
  Server second(&pump(), &second_wire, server_options);
  ASSERT_EQ(second.accept(), WASI_TLS_OK);
  ASSERT_EQ(server().configure_identities({&identity}), WASI_TLS_OK);
  ASSERT_EQ(second.configure_identities({&identity}), WASI_TLS_OK);
  identity.reset();
  config_.reset();
  ASSERT_TRUE(finish_both());
  EXPECT_EQ(client().server_identity(), good_ders_);
}

// 10, 22: what the server says it used is what the client saw; the handle that the getter gives is the caller's.
CONFORMANCE_CASE(Identities, identities, both_sides_agree) {
  ASSERT_TRUE(finish_both());
  wasi_tls_private_identity *used = nullptr;
  ASSERT_TRUE(wasi_tls_server_connection_server_identity(server().connection.get(), &used));
  PrivateIdentity kept(used);
  std::vector<Bytes> seen = client().server_identity();
  start_over();
  EXPECT_EQ(export_chain(kept), seen);
  EXPECT_EQ(seen, good_ders_);
}

// Identities that the embedder registered are opened by name.
CONFORMANCE_CASE(Identities, identities, by_name) {
  server_options.identities = {{"web", server_chain(KeyType::kP256)}, {"mail", server_chain(KeyType::kRsa)}};
  server_chains.clear();
  PrivateIdentity identity;
  EXPECT_EQ(wasi_tls_private_identity_open(server().config.get(), view_of("none"), identity.out()),
            WASI_TLS_ERR_NO_SUCH_IDENTITY);
  EXPECT_EQ(wasi_tls_private_identity_open(server().config.get(), view_of("we"), identity.out()),
            WASI_TLS_ERR_NO_SUCH_IDENTITY);
  EXPECT_EQ(wasi_tls_private_identity_open(server().config.get(), view_of(""), identity.out()),
            WASI_TLS_ERR_NO_SUCH_IDENTITY);
  ASSERT_EQ(wasi_tls_private_identity_open(server().config.get(), view_of("mail"), identity.out()), WASI_TLS_OK);
  ASSERT_EQ(server().configure_identities({&identity}), WASI_TLS_OK);
  ASSERT_TRUE(finish_both());
  EXPECT_EQ(client().server_identity(), ders_of(server_chain(KeyType::kRsa)));
}

// 57: a server without an identity: the handshake fails, both sides know why.
CONFORMANCE_CASE(Identities, identities, none_configured) {
  server_chains.clear();
  finish_both_expecting(WASI_TLS_ERR_PEER_ALERT, WASI_TLS_ERR_NO_IDENTITY);
  EXPECT_EQ(received_alert(client().last_error()), kHandshakeFailure);
  EXPECT_EQ(sent_alert(server().last_error()), kHandshakeFailure);
}

// 59: a client that supports all gets the first, whatever its type.
CONFORMANCE_CASE(Identities, identities, first_configured_wins) {
  std::vector<KeyType> types;
  for (KeyType type : kServableKeys) {
    if (both_have(type)) types.push_back(type);
  }
  for (size_t i = 0; i < types.size(); i++) {
    std::vector<KeyType> rotated(types.begin() + static_cast<ptrdiff_t>(i), types.end());
    rotated.insert(rotated.end(), types.begin(), types.begin() + static_cast<ptrdiff_t>(i));
    expect_choice(rotated, rotated[0]);
  }
}

// 58, 60: a TLS 1.2 client whose suites fit one kind of key gets that one, in both orders.
CONFORMANCE_CASE(Identities, identities, selection_by_suite) {
  if (tls13() || !client_can(WASI_TLS_CAP_CIPHER_SUITES)) return;
  const std::vector<std::pair<wasi_tls_cipher_suite, KeyType>> kinds = {{0xC02F, KeyType::kRsa},
                                                                        {0xC02B, KeyType::kP256}};
  for (const auto &[suite, type] : kinds) {
    client_options.suites = {suite};
    expect_choice({KeyType::kRsa, KeyType::kP256}, type);
    expect_choice({KeyType::kP256, KeyType::kRsa}, type);
    EXPECT_EQ(client().suite(), suite);
  }
}

// 60: signature_algorithms decide: a hello with only some schemes gets the identity of such a key.
CONFORMANCE_CASE(Identities, identities, selection_by_signature_algorithms) {
  RawHello hello = plain_hello();
  for (RawExtension &extension : hello.extensions) {
    if (extension.type == 13) extension.body = {0, 4, 0x1A, 0x1A, 0x08, 0x07};  // one that nobody knows, and ed25519
  }
  server_chains = {server_chain(KeyType::kRsa), server_chain(KeyType::kP256)};
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  to_server().inject(records_of(message_of(hello)));
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_ERR_NO_SUITABLE_IDENTITY);
  EXPECT_EQ(to_client().plain_alerts(), std::vector<uint8_t>{kHandshakeFailure});
  if (!server_has(KeyType::kEd25519)) return;
  start_over();
  server_chains.push_back(server_chain(KeyType::kEd25519));
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  to_server().inject(records_of(message_of(hello)));
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_PENDING);
  EXPECT_EQ(server().server_identity(), ders_of(server_chain(KeyType::kEd25519)));
}

// configure-server-identities replaces what was set before.
CONFORMANCE_CASE(Identities, identities, configuring_again_replaces) {
  server_chains = {server_chain(KeyType::kRsa), server_chain(KeyType::kP256)};
  EXPECT_EQ(server().configure_chains({server_chain(KeyType::kP256)}), WASI_TLS_OK);
  ASSERT_TRUE(finish_both());
  EXPECT_EQ(client().server_identity(), ders_of(server_chain(KeyType::kP256)));
}

// The bound on the number of identities.
CONFORMANCE_CASE(Identities, identities, too_many) {
  server_options.limits.identities = 2;
  Chain chain = server_chain(KeyType::kP256);
  EXPECT_EQ(server().configure_chains({chain, chain}), WASI_TLS_OK);
  EXPECT_EQ(server().configure_chains({chain, chain, chain}), WASI_TLS_ERR_LIMIT_VALUE);
  ASSERT_TRUE(finish_both());
}

// An identity that was parsed for another engine is refused.
CONFORMANCE_CASE(Identities, identities, of_another_engine) {
  if (pairing.client_engine == pairing.server_engine) return;
  PrivateIdentity foreign = parse_identity(client().config, good_);
  EXPECT_EQ(server().configure_identities({&foreign}), WASI_TLS_ERR_IDENTITY_ENGINE);
  ASSERT_TRUE(finish_both());
}

// 63: the intermediates are sent in the order given; the root may be sent or left out.
CONFORMANCE_CASE(Identities, identities, with_the_root) {
  Chain chain = server_chain(KeyType::kP256);
  chain.push_back(root());
  server_chains = {chain};
  ASSERT_TRUE(finish_both());
  EXPECT_EQ(client().server_identity(), ders_of(chain));
}

// 64: a chain longer than a record.
CONFORMANCE_CASE(Identities, identities, chain_longer_than_a_record) {
  CertificateSpec big = server_spec();
  big.padding = 16500;
  server_chains = {{issue(big, intermediate()), intermediate()}};
  ASSERT_TRUE(finish_both());
  EXPECT_EQ(client().server_identity(), ders_of(server_chains[0]));
  expect_echo();
}

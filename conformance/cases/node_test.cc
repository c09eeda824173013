// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// tls.connect and TLSSocket, used as a program of Node.js would.
#include <algorithm>

#include "node_case.h"

using namespace conformance;
using namespace conformance::node;

// Before the handshake is done nothing is known; 'secureConnect' and 'secureConnection' tell that it is.
CONFORMANCE_CASE(NodeCase, node, secure_connect) {
  listen();
  client = connect({&pump(), &wire(), client_options, kThere, kHere}, client_way);
  EXPECT_TRUE(client->encrypted());
  EXPECT_FALSE(client->authorized());
  EXPECT_EQ(client->getProtocol(), std::nullopt);
  run();
  EXPECT_TRUE(client->events.empty());
  incoming = server->connection(&pump(), &wire(), kThere);
  EXPECT_EQ(server->events, Events{"connection"});
  run();
  expect_both_secure();
  client->write(to_bytes("hello"));
  incoming->write(to_bytes("well met"));
  run();
  EXPECT_EQ(client->read(), to_bytes("well met"));
  EXPECT_EQ(incoming->read(), to_bytes("hello"));
}

CONFORMANCE_CASE(NodeCase, node, what_a_socket_tells) {
  meet();
  expect_both_secure();
  for (TLSSocket *each : {client.get(), incoming}) {
    EXPECT_EQ(each->getProtocol(), tls13() ? "TLSv1.3" : "TLSv1.2");
    EXPECT_EQ(each->getCipher().version, each->getProtocol());
    EXPECT_EQ(each->getCipher().standardName.compare(0, 4, "TLS_"), 0) << each->getCipher().standardName;
    EXPECT_EQ(each->getCipher().name, client->getCipher().name);
    EXPECT_EQ(each->servername(), kServerName);
    EXPECT_EQ(each->alpnProtocol(), std::nullopt);
    EXPECT_TRUE(each->encrypted());
  }
}

// The leaf, and above it who issued it.
CONFORMANCE_CASE(NodeCase, node, peer_certificate) {
  meet();
  const Chain chain = server_chain(KeyType::kP256);
  auto leaf = client->getPeerCertificate();
  ASSERT_NE(leaf, nullptr);
  EXPECT_EQ(leaf->raw, chain[0]->der);
  ASSERT_NE(leaf->issuerCertificate, nullptr);
  EXPECT_EQ(leaf->issuerCertificate->raw, chain[1]->der);
  EXPECT_EQ(leaf->issuerCertificate->issuerCertificate, nullptr);
  EXPECT_EQ(client->getPeerX509Certificate(), chain[0]->der);
  EXPECT_EQ(incoming->getCertificate(), chain[0]->der);
  EXPECT_EQ(incoming->getX509Certificate(), chain[0]->der);
  EXPECT_EQ(incoming->getPeerCertificate(), nullptr);
  EXPECT_EQ(client->getCertificate(), std::nullopt);
}

// A peer that is shown is one that was verified.
CONFORMANCE_CASE(NodeCase, node, authorized) {
  meet();
  EXPECT_TRUE(client->authorized());
  EXPECT_EQ(client->authorizationError(), std::nullopt);
  CertificateSpec expired = server_spec();
  expired.not_after = -60;
  server_way.secureContext = server_context({issue(expired, intermediate()), intermediate()});
  meet();
  EXPECT_FALSE(client->authorized());
  EXPECT_EQ(client->authorizationError(), "CERT_HAS_EXPIRED");
}

// rejectUnauthorized is true, and can't be made false: a bad certificate never gives 'secureConnect'.
CONFORMANCE_CASE(NodeCase, node, reject_unauthorized) {
  client_way.rejectUnauthorized = false;
  listen();
  EXPECT_THROW(connect_client(), Error);
  client_way.rejectUnauthorized = true;
  CertificateSpec early = server_spec();
  early.not_before = 3600;
  const std::pair<Chain, const char *> bad[] = {
      {{issue(server_spec(), other_root()), other_root()}, "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"},
      {{issue(early, intermediate()), intermediate()}, "CERT_NOT_YET_VALID"},
  };
  for (const auto &[chain, code] : bad) {
    server_way.secureContext = server_context(chain);
    meet();
    EXPECT_EQ(client->events, Events{std::string("error: ") + code});
    EXPECT_EQ(server->events.size(), 2u);
    EXPECT_EQ(server->events.back().compare(0, 14, "tlsClientError"), 0);
  }
}

// tls.checkServerIdentity as an option: called with the name and the verified certificate.
CONFORMANCE_CASE(NodeCase, node, check_server_identity) {
  std::vector<std::string> asked;
  client_way.checkServerIdentity = [&asked](const std::string &name, const PeerCertificate &certificate) {
    asked.push_back(name);
    return checkServerIdentity(name, certificate);
  };
  meet();
  if (!expect_supported(client_can(WASI_TLS_CAP_VERIFY_SERVER_IDENTITY), *client)) return;
  expect_both_secure();
  EXPECT_EQ(asked, Events{kServerName});
  client_way.checkServerIdentity = [](const std::string &, const PeerCertificate &certificate) {
    return checkServerIdentity("pinned.test", certificate);
  };
  meet();
  EXPECT_EQ(client->events, Events{"error: ERR_TLS_CERT_ALTNAME_INVALID"});
  EXPECT_EQ(server->events, (Events{"connection", "tlsClientError: ERR_SSL_ALERT_BAD_CERTIFICATE"}));
}

// tls.checkServerIdentity by itself, in userland.
CONFORMANCE_CASE(NodeCase, node, names_of_a_certificate) {
  auto leaf = peer_certificate(ders_of(server_chain(KeyType::kP256)));
  for (const char *good : {"server.test", "SERVER.test", "a.wild.test"})
    EXPECT_EQ(checkServerIdentity(good, *leaf), std::nullopt) << good;
  for (const char *bad : {"other.test", "wild.test", "a.b.wild.test", "test", ""})
    EXPECT_NE(checkServerIdentity(bad, *leaf), std::nullopt) << bad;
}

// The name of the option is what the certificate has to fit, and what the server sees.
CONFORMANCE_CASE(NodeCase, node, servername) {
  client_way.servername = "a.wild.test";
  meet();
  expect_both_secure();
  EXPECT_EQ(incoming->servername(), "a.wild.test");
  client_way.servername = "else.test";
  meet();
  EXPECT_EQ(client->events, Events{"error: ERR_TLS_CERT_ALTNAME_INVALID"});
}

CONFORMANCE_CASE(NodeCase, node, alpn_protocols) {
  client_way.ALPNProtocols = {"h2", "http/1.1"};
  server_way.ALPNProtocols = {"http/1.1"};
  meet();
  expect_both_secure();
  EXPECT_EQ(client->alpnProtocol(), "http/1.1");
  EXPECT_EQ(incoming->alpnProtocol(), "http/1.1");
  server_way.ALPNProtocols = {"smtp"};
  meet();
  EXPECT_EQ(client->events, Events{"error: ERR_SSL_ALERT_NO_APPLICATION_PROTOCOL"});
  EXPECT_EQ(server->events.back(), "tlsClientError: ERR_TLS_NO_APPLICATION_PROTOCOL");
}

// cert and key, or a pfx that userland unpacks, answer a server that asks.
CONFORMANCE_CASE(NodeCase, node, cert_and_key) {
  const Chain chain = client_chain(KeyType::kP384);
  Credentials packed;
  packed.pfx = make_pfx({encode(*chain[0]->key, KeyEncoding::kPkcs8), ders_of(chain)});
  server_way.requestCert = true;
  for (const Credentials &own : {credentials_of(chain), packed}) {
    client_way.secureContext = createSecureContext(client_options, own);
    meet();
    if (!expect_supported(server_can(WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY), *incoming)) return;
    if (!expect_supported(client_can(WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST), *client)) return;
    expect_both_secure();
    EXPECT_EQ(client->getCertificate(), chain[0]->der);
    EXPECT_EQ(incoming->getPeerX509Certificate(), chain[0]->der);
    EXPECT_TRUE(incoming->authorized());
  }
}

// A passphrase is of no use: encrypted keys are refused, by an error of their own, with it or without.
CONFORMANCE_CASE(NodeCase, node, passphrase) {
  const Chain chain = client_chain(KeyType::kP256);
  for (KeyEncoding encoding : {KeyEncoding::kEncryptedPkcs8, KeyEncoding::kEncryptedPem}) {
    for (const char *passphrase : {"", "secret"}) {
      Credentials own = credentials_of(chain);
      own.key = encode(*chain[0]->key, encoding);
      own.passphrase = passphrase;
      try {
        createSecureContext(client_options, own);
        ADD_FAILURE() << "an encrypted key was taken";
      } catch (const Error &error) {
        EXPECT_EQ(error.code, "ERR_TLS_KEY_ENCRYPTED");
      }
    }
  }
}

// The socket knows where it stands; TLS moves bytes of the streams that it was given, and only once it is started.
CONFORMANCE_CASE(NodeCase, node, addresses) {
  TLSSocket idle({&pump(), &wire(), client_options, kThere, kHere}, client_way);
  run();
  EXPECT_EQ(to_server().transcript().size(), 0u);
  EXPECT_EQ(idle.localAddress(), kThere.address);
  EXPECT_EQ(idle.localPort(), kThere.port);
  EXPECT_EQ(idle.remoteAddress(), kHere.address);
  EXPECT_EQ(idle.remoteFamily(), "IPv4");
  EXPECT_EQ(idle.remotePort(), kHere.port);
  EXPECT_EQ(idle.address().port, kThere.port);
}

// isServer says which end is made; the old createSecurePair is the same thing.
CONFORMANCE_CASE(NodeCase, node, either_end) {
  TLSSocketOptions server_end = server_way;
  server_end.isServer = true;
  auto accepted = connect({&pump(), &wire(), server_options, kHere, kThere}, server_end);
  Transport to_it = {&pump(), &wire(), client_options, kThere, {kServerName, "IPv4", 443}};
  client = createSecurePair(to_it, nullptr, false);
  run();
  EXPECT_EQ(accepted->events, Events{"secureConnect"});
  EXPECT_EQ(client->events, Events{"secureConnect"});
  drop_sockets();
  accepted.reset();
  start_over();
  accepted = createSecurePair({&pump(), &wire(), server_options, kHere, kThere}, server_way.secureContext, true);
  client = connect({&pump(), &wire(), client_options, kThere, kHere}, client_way);
  run();
  EXPECT_EQ(accepted->events, Events{"secureConnect"});
  EXPECT_EQ(client->events, Events{"secureConnect"});
}

// No session is ever resumed: the second connection is as long as the first, and there is nothing to resume by.
CONFORMANCE_CASE(NodeCase, node, sessions) {
  size_t chain = 0;
  for (const Bytes &each : ders_of(server_chain(KeyType::kP256))) chain += each.size();
  for (int i = 0; i < 2; i++) {
    meet();
    expect_both_secure();
    EXPECT_GT(to_client().transcript().size(), chain);
    for (TLSSocket *each : {client.get(), incoming}) {
      EXPECT_FALSE(each->isSessionReused());
      EXPECT_EQ(each->getSession(), std::nullopt);
      EXPECT_EQ(each->getTLSTicket(), std::nullopt);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// tls.Server, used as a program of Node.js would.
#include <algorithm>

#include "node_case.h"
#include "raw_hello.h"

using namespace conformance;
using namespace conformance::node;

namespace {

class NodeServer : public NodeCase {
 protected:
  void SetUp() override {
    NodeCase::SetUp();
    CertificateSpec spec = server_spec(KeyType::kP384);
    spec.dns = {"second.test"};
    second_ = {issue(spec, intermediate()), intermediate()};
  }
  void connect_as(const char *name) {
    client_way.servername = name;
    connect_client();
  }
  // After this a step that needs the hello was refused, or was taken.
  bool hello_supported() {
    return expect_supported(server_can(WASI_TLS_CAP_CLIENT_HELLO), *incoming);
  }
  Chain second_;
};

}  // namespace

// The context is chosen by the name in the hello: exactly, by a wildcard, or the server's own.
CONFORMANCE_CASE(NodeServer, node_server, add_context) {
  const Chain wild = {issue(server_spec(KeyType::kRsa), intermediate()), intermediate()};
  const std::pair<const char *, Bytes> names[] = {
      {"second.test", second_[0]->der},
      {"a.wild.test", wild[0]->der},
      {kServerName, server_chain(KeyType::kP256)[0]->der},
  };
  for (const auto &[name, leaf] : names) {
    listen();
    server->addContext("second.test", server_context(wild));
    server->addContext("second.test", server_context(second_));
    server->addContext("*.wild.test", server_context(wild));
    connect_as(name);
    if (!hello_supported()) return;
    expect_both_secure();
    EXPECT_EQ(client->getPeerX509Certificate(), leaf) << name;
  }
}

// setSecureContext changes what the next connection is shown.
CONFORMANCE_CASE(NodeServer, node_server, set_secure_context) {
  meet();
  EXPECT_EQ(client->getPeerX509Certificate(), server_chain(KeyType::kP256)[0]->der);
  listen();
  server->setSecureContext(server_context(second_));
  connect_as("second.test");
  expect_both_secure();
  EXPECT_EQ(client->getPeerX509Certificate(), second_[0]->der);
}

CONFORMANCE_CASE(NodeServer, node_server, sni_callback) {
  std::vector<std::string> asked;
  server_way.SNICallback = [&](const std::string &name) {
    asked.push_back(name);
    return name == "second.test" ? server_context(second_) : nullptr;
  };
  listen();
  connect_as("second.test");
  if (!hello_supported()) return;
  expect_both_secure();
  EXPECT_EQ(client->getPeerX509Certificate(), second_[0]->der);
  listen();
  connect_as("third.test");
  EXPECT_EQ(client->events, Events{"error: ERR_SSL_ALERT_HANDSHAKE_FAILURE"});
  EXPECT_EQ(server->events, (Events{"connection", "tlsClientError: ERR_TLS_ABORTED"}));
  EXPECT_EQ(asked, (std::vector<std::string>{"second.test", "third.test"}));
}

// What the callback answers is what is spoken; undefined, or what was not offered, ends the handshake.
CONFORMANCE_CASE(NodeServer, node_server, alpn_callback) {
  std::optional<std::string> answer = "http/1.1";
  std::vector<std::string> offered;
  server_way.ALPNCallback = [&](TLSSocket *, const std::string &, const std::vector<std::string> &protocols) {
    offered = protocols;
    return answer;
  };
  client_way.ALPNProtocols = {"h2", "http/1.1"};
  meet();
  if (!hello_supported()) return;
  expect_both_secure();
  EXPECT_EQ(offered, client_way.ALPNProtocols);
  EXPECT_EQ(client->alpnProtocol(), "http/1.1");
  for (const std::optional<std::string> &bad : {std::optional<std::string>(), std::optional<std::string>("smtp")}) {
    answer = bad;
    meet();
    EXPECT_EQ(client->events, Events{"error: ERR_SSL_ALERT_NO_APPLICATION_PROTOCOL"});
    EXPECT_EQ(server->events.back(), "tlsClientError: ERR_TLS_NO_APPLICATION_PROTOCOL");
  }
}

// From within the callback the certificate can still be changed; after the handshake it can't.
CONFORMANCE_CASE(NodeServer, node_server, set_key_cert) {
  server_way.ALPNCallback = [this](TLSSocket *socket, const std::string &, const std::vector<std::string> &) {
    socket->setKeyCert(server_context(second_));
    return "h2";
  };
  client_way.ALPNProtocols = {"h2"};
  listen();
  connect_as("second.test");
  if (!hello_supported()) return;
  expect_both_secure();
  EXPECT_EQ(client->getPeerX509Certificate(), second_[0]->der);
  EXPECT_THROW(incoming->setKeyCert(server_context(second_)), Error);
}

// requestCert with rejectUnauthorized: a client without a certificate is refused.
CONFORMANCE_CASE(NodeServer, node_server, request_cert) {
  server_way.requestCert = true;
  meet();
  if (!expect_supported(server_can(WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY), *incoming)) return;
  expect_client_refused();
  CertificateSpec expired = client_spec();
  expired.not_after = -60;
  client_way.secureContext = client_context({issue(expired, intermediate()), intermediate()});
  meet();
  EXPECT_EQ(server->events, (Events{"connection", "tlsClientError: CERT_HAS_EXPIRED"}));
}

// After the handshake only a client's certificate can be asked for.
CONFORMANCE_CASE(NodeServer, node_server, renegotiate) {
  bool possible =
      tls13() && server_can(WASI_TLS_CAP_POST_HANDSHAKE_SERVER) && client_can(WASI_TLS_CAP_POST_HANDSHAKE_CLIENT);
  client_options.post_handshake_auth = client_can(WASI_TLS_CAP_POST_HANDSHAKE_CLIENT);
  client_way.secureContext = client_context(client_chain(KeyType::kP256));
  meet();
  if (!expect_supported(client_can(WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST), *client)) return;
  auto nothing = [](const std::optional<Error> &) {};
  EXPECT_THROW(client->renegotiate(true, nothing), Error);
  EXPECT_THROW(incoming->renegotiate(false, nothing), Error);
  std::vector<std::optional<Error>> answers;
  incoming->renegotiate(true, [&](std::optional<Error> error) { answers.push_back(std::move(error)); });
  client->write({});
  run();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].has_value(), !possible);
  if (possible) {
    EXPECT_EQ(incoming->getPeerX509Certificate(), client_chain(KeyType::kP256)[0]->der);
  } else {
    EXPECT_EQ(answers[0]->code, "ERR_TLS_UNSUPPORTED");
  }
  incoming->write(to_bytes("on we go"));
  run();
  EXPECT_EQ(client->read(), to_bytes("on we go"));
}

// Whatever keeps a handshake from its end is a 'tlsClientError', and nothing else is told.
CONFORMANCE_CASE(NodeServer, node_server, tls_client_error) {
  const std::pair<Bytes, const char *> faults[] = {
      {to_bytes("GET / HTTP/1.1\r\n\r\n"), "tlsClientError: ERR_TLS_NOT_TLS"},
      {{0x16, 3, 1}, "tlsClientError: ECONNRESET"},
      {{0x15, 3, 1, 0, 2, 2, 40}, "tlsClientError: ERR_TLS_NOT_TLS"},
  };
  for (const auto &[bytes, event] : faults) {
    listen();
    incoming = server->connection(&pump(), &wire(), kThere);
    to_server().inject(bytes);
    to_server().cut_at(bytes.size());
    run();
    EXPECT_EQ(server->events, (Events{"connection", event}));
  }
}

// A client that takes too long is dropped by a timer of userland's.
CONFORMANCE_CASE(NodeServer, node_server, handshake_timeout) {
  server_way.handshakeTimeout = 1000;
  listen();
  incoming = server->connection(&pump(), &wire(), kThere);
  to_server().inject({0x16, 3});
  run();
  server->tick(999);
  EXPECT_EQ(server->events, Events{"connection"});
  EXPECT_FALSE(to_client().writer_dropped());
  server->tick(1);
  run();
  EXPECT_EQ(server->events, (Events{"connection", "tlsClientError: ERR_TLS_HANDSHAKE_TIMEOUT"}));
  EXPECT_TRUE(to_client().writer_dropped());
  meet();
  server->tick(1000000);
  expect_both_secure();
}

// Listening and closing are the sockets' business: what is connected goes on.
CONFORMANCE_CASE(NodeServer, node_server, listen_and_close) {
  meet();
  EXPECT_EQ(server->address().port, kHere.port);
  server->close();
  EXPECT_THROW(server->connection(&pump(), &wire(), kThere), Error);
  incoming->write(to_bytes("still here"));
  client->write({});
  run();
  EXPECT_EQ(client->read(), to_bytes("still here"));
}

// The versions between the defaults are spoken with nothing configured, the highest first; any older is refused.
CONFORMANCE_CASE(NodeServer, node_server, default_versions) {
  bool both = engine_speaks(pairing.client_engine, WASI_TLS_VERSION_TLS13) &&
              engine_speaks(pairing.server_engine, WASI_TLS_VERSION_TLS13);
  for (Options *options : {&client_options, &server_options}) {
    options->min_version = WASI_TLS_VERSION_TLS12;
    options->max_version =
        engine_speaks(options->engine, WASI_TLS_VERSION_TLS13) ? WASI_TLS_VERSION_TLS13 : WASI_TLS_VERSION_TLS12;
  }
  meet();
  expect_both_secure();
  EXPECT_EQ(client->getProtocol(), both ? DEFAULT_MAX_VERSION : DEFAULT_MIN_VERSION);
  listen();
  incoming = server->connection(&pump(), &wire(), kThere);
  RawHello old = plain_hello();
  old.version = 0x0302;
  old.extensions.erase(std::remove_if(old.extensions.begin(), old.extensions.end(),
                                      [](const RawExtension &each) { return each.type == 43 || each.type == 51; }),
                       old.extensions.end());
  to_server().inject(records_of(message_of(old)));
  run();
  EXPECT_EQ(server->events.back(), "tlsClientError: ERR_TLS_PROTOCOL_VERSION");
}

// No curve can be asked for: the engine's own choice is what there is.
CONFORMANCE_CASE(NodeServer, node_server, default_curve) {
  client_way.ecdhCurve = "P-521";
  listen();
  EXPECT_THROW(connect_client(), Error);
  client_way.ecdhCurve = DEFAULT_ECDH_CURVE;
  meet();
  expect_both_secure();
}

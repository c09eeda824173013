// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A tls.Server and the sockets that connect to it, over the wire of the case.
#ifndef WASI_TLS_CONFORMANCE_NODE_CASE_H
#define WASI_TLS_CONFORMANCE_NODE_CASE_H

#include "case.h"
#include "node_socket.h"

namespace conformance::node {

using Events = std::vector<std::string>;

inline Credentials credentials_of(const Chain &chain) {
  Credentials own;
  own.key = encode(*chain[0]->key, KeyEncoding::kPkcs8Pem);
  for (const Cert &each : chain) {
    Bytes pem = to_pem(each->der, "CERTIFICATE");
    own.cert.insert(own.cert.end(), pem.begin(), pem.end());
  }
  return own;
}

class NodeCase : public Case {
 protected:
  void SetUp() override {
    Case::SetUp();
    client_way.servername = kServerName;
    server_way.secureContext = server_context(server_chain(KeyType::kP256));
  }
  void TearDown() override {
    drop_sockets();
  }
  SecureContext server_context(const Chain &chain) const {
    return createSecureContext(server_options, credentials_of(chain));
  }
  SecureContext client_context(const Chain &chain) const {
    return createSecureContext(client_options, credentials_of(chain));
  }
  void drop_sockets() {
    client.reset();
    server.reset();
  }
  // A fresh wire with a server that listens, which is to be set up further or not, and then a client that connects.
  void listen() {
    drop_sockets();
    start_over();
    server = createServer(server_options, server_way);
    server->listen(kHere);
  }
  void connect_client() {
    client = connect({&pump(), &wire(), client_options, kThere, kHere}, client_way);
    incoming = server->connection(&pump(), &wire(), kThere);
    run();
  }
  void meet() {
    listen();
    connect_client();
  }
  void expect_both_secure() {
    EXPECT_EQ(client->events, Events{"secureConnect"});
    EXPECT_EQ(server->events, (Events{"connection", "secureConnection"}));
  }
  // A step that |can| not be taken ends the handshake of |socket| as unsupported.
  bool expect_supported(bool can, const TLSSocket &socket) {
    if (!can) {
      EXPECT_EQ(socket.events, Events{"error: ERR_TLS_UNSUPPORTED"});
    }
    return can;
  }
  // Under TLS 1.3 a client is done before the server has looked at it: it hears of a refusal when it reads.
  void expect_client_refused() {
    EXPECT_EQ(server->events.size(), 2u);
    EXPECT_NE(server->events.back(), "secureConnection");
    if (!tls13()) {
      EXPECT_EQ(client->events, Events{"error: ERR_SSL_ALERT_BAD_CERTIFICATE"});
    } else {
      client->write({1});
      run();
      EXPECT_EQ(client->authorizationError(), std::nullopt);
      EXPECT_TRUE(client->read().empty());
    }
  }

  const Address kHere = {"192.0.2.1", "IPv4", 443}, kThere = {"192.0.2.7", "IPv4", 50123};
  TLSSocketOptions client_way;
  ServerOptions server_way;
  std::unique_ptr<Server> server;
  std::unique_ptr<TLSSocket> client;
  TLSSocket *incoming = nullptr;
};

}  // namespace conformance::node

#endif

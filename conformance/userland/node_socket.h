// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The module tls of Node.js as userland would write it over the interface: the APIs and options that the mapping of the
// interface to Node.js lists, under their own names. What is emitted is noted in |events|.
#ifndef WASI_TLS_CONFORMANCE_NODE_SOCKET_H
#define WASI_TLS_CONFORMANCE_NODE_SOCKET_H

#include <stdexcept>

#include "node_certificate.h"
#include "userland.h"

namespace conformance::node {

struct Error : std::runtime_error {
  explicit Error(std::string of) : std::runtime_error(of), code(std::move(of)) {}
  std::string code;
};

// Where a socket of the platform stands; wasi:sockets knows this, TLS does not care.
struct Address {
  std::string address;
  std::string family;
  uint16_t port = 0;
};

// The connected socket below. |host| is what the embedder has configured, which is none of the platform's business.
struct Transport {
  Pump *pump;
  Wire *wire;
  Options host;
  Address local;
  Address remote;
};

// What cert, key, pfx and passphrase are given as.
struct Credentials {
  Bytes cert;  // PEM
  Bytes key;   // PEM or DER
  Bytes pfx;
  std::string passphrase;
};
using SecureContext = std::shared_ptr<const PrivateIdentity>;
// Throws what is wrong with the credentials.
SecureContext createSecureContext(const Options &host, const Credentials &credentials);

// None if the certificate is one for |hostname|, else ERR_TLS_CERT_ALTNAME_INVALID.
std::optional<Error> checkServerIdentity(const std::string &hostname, const PeerCertificate &certificate);

constexpr const char *DEFAULT_MIN_VERSION = "TLSv1.2", *DEFAULT_MAX_VERSION = "TLSv1.3", *DEFAULT_ECDH_CURVE = "auto";

class TLSSocket;

struct TLSSocketOptions {
  bool isServer = false;
  std::vector<std::string> ALPNProtocols;
  SecureContext secureContext;
  bool rejectUnauthorized = true;  // false is refused
  std::string ecdhCurve = DEFAULT_ECDH_CURVE;
  // Of clients.
  std::string servername;
  std::function<std::optional<Error>(const std::string &servername, const PeerCertificate &certificate)>
      checkServerIdentity;
  // Of servers.
  bool requestCert = false;
  std::function<SecureContext(const std::string &servername)> SNICallback;
  std::function<std::optional<std::string>(TLSSocket *socket, const std::string &servername,
                                           const std::vector<std::string> &protocols)>
      ALPNCallback;
};

struct CipherInfo {
  std::string name;
  std::string standardName;
  std::string version;
};

class TLSSocket {
 public:
  TLSSocket(Transport transport, TLSSocketOptions options);
  TLSSocket(const TLSSocket &) = delete;
  std::function<void(const std::string &event)> emitted;
  std::vector<std::string> events;

  // Starts the handshake; a program of the platform has had its turn to set |emitted| then.
  void start();

  std::string localAddress() const {
    return transport_.local.address;
  }
  uint16_t localPort() const {
    return transport_.local.port;
  }
  std::string remoteAddress() const {
    return transport_.remote.address;
  }
  std::string remoteFamily() const {
    return transport_.remote.family;
  }
  uint16_t remotePort() const {
    return transport_.remote.port;
  }
  const Address &address() const {
    return transport_.local;
  }

  std::optional<std::string> alpnProtocol() const;
  bool authorized() const;
  std::optional<std::string> authorizationError() const;
  bool encrypted() const {
    return true;
  }
  std::optional<Bytes> getCertificate() const;
  std::optional<Bytes> getX509Certificate() const {
    return getCertificate();
  }
  CipherInfo getCipher() const;
  std::shared_ptr<const PeerCertificate> getPeerCertificate() const;
  std::optional<Bytes> getPeerX509Certificate() const;
  std::optional<std::string> getProtocol() const;
  std::optional<std::string> servername() const;
  std::optional<Bytes> getSession() const {
    return std::nullopt;
  }
  std::optional<Bytes> getTLSTicket() const {
    return std::nullopt;
  }
  bool isSessionReused() const {
    return false;
  }
  // From within ALPNCallback or SNICallback, as long as it can take effect.
  void setKeyCert(const SecureContext &context);
  // Only to ask a client for its certificate.
  void renegotiate(bool requestCert, std::function<void(std::optional<Error>)> then);

  void write(Bytes bytes);
  Bytes read() const;
  void end();
  void destroy(const std::string &code);

 private:
  friend class Server;
  void start_client();
  void start_server();
  bool read_hello(const ClientHello &hello);
  bool select_protocol(const ClientHello &hello);
  void settled();
  void emit(const std::string &event);
  std::string code() const;
  const Peer &peer() const;
  Peer &peer();

  Transport transport_;
  TLSSocketOptions options_;
  std::unique_ptr<GuestClient> client_;
  std::unique_ptr<GuestServer> server_;
  std::optional<Error> refusal_;
};

struct ServerOptions : TLSSocketOptions {
  int handshakeTimeout = 120000;  // milliseconds
};

class Server {
 public:
  Server(Options host, ServerOptions options);
  std::vector<std::string> events;
  std::vector<std::unique_ptr<TLSSocket>> sockets;

  void listen(const Address &address);
  const Address &address() const {
    return address_;
  }
  // No connection is taken from here on; those that are there go on.
  void close();
  void addContext(const std::string &hostname, const SecureContext &context);
  void setSecureContext(const SecureContext &context);
  // A connection has come in: the event 'connection', then its handshake.
  TLSSocket *connection(Pump *pump, Wire *wire, const Address &remote);
  // Time passes.
  void tick(int milliseconds);

 private:
  SecureContext context_for(const std::string &servername) const;
  void take_note(TLSSocket *socket, const std::string &event);

  Options host_;
  ServerOptions options_;
  Address address_;
  bool listening_ = false;
  std::vector<std::pair<std::string, SecureContext>> contexts_;
  std::vector<int> ages_;  // of |sockets|
};

std::unique_ptr<TLSSocket> connect(Transport transport, TLSSocketOptions options);
std::unique_ptr<Server> createServer(Options host, ServerOptions options);
// The old way to one end of a connection.
std::unique_ptr<TLSSocket> createSecurePair(Transport transport, const SecureContext &context, bool isServer);

}  // namespace conformance::node

#endif

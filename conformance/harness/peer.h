// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One end of a connection, driven through the interface: a step is started by a call, and its outcome shows up while
// the pump runs.
#ifndef WASI_TLS_CONFORMANCE_PEER_H
#define WASI_TLS_CONFORMANCE_PEER_H

#include <optional>

#include "options.h"
#include "pump.h"

namespace conformance {

// What is the same for both roles.
class Peer {
 public:
  Peer(std::string name, Pump *pump) : name_(std::move(name)), pump_(pump) {}
  virtual ~Peer() = default;
  Peer(const Peer &) = delete;

  // Steps. Each returns the call's own result; |outcome| is PENDING from then on, until the step has an end.
  virtual wasi_tls_result finish() = 0;
  virtual wasi_tls_result abort() = 0;
  virtual wasi_tls_result abort_with(uint8_t alert) = 0;
  virtual wasi_tls_result configure_alpn(const std::vector<Bytes> &ids) = 0;
  virtual wasi_tls_result configure_identities(const std::vector<const PrivateIdentity *> &identities) = 0;
  virtual wasi_tls_error last_error() const = 0;
  virtual std::optional<Bytes> alpn_id() const = 0;
  virtual std::optional<std::string> sni() const = 0;
  virtual wasi_tls_protocol_version version() const = 0;  // 0 for none
  virtual wasi_tls_cipher_suite suite() const = 0;        // 0 for none
  // Chains in DER; empty for none.
  virtual std::vector<Bytes> server_identity() const = 0;
  virtual std::vector<Bytes> client_identity() const = 0;
  virtual void drop_connection() = 0;
  virtual void drop_handshake() = 0;

  // Cleartext, by tasks of the pump.
  void send(Bytes data, std::function<void()> then = nullptr);
  void receive();  // until an error: |received|, |read_result|; goes on if it was asked before
  void close() {   // drops the output: close_notify
    output.reset();
  }
  std::string received_text() const {
    return std::string(received.begin(), received.end());
  }
  PrivateIdentity parse(const Chain &chain) const {
    return parse_identity(config, chain);
  }
  const std::string &name() const {
    return name_;
  }

  Config config;
  wasi_tls_result outcome = WASI_TLS_OK;
  FutureStreams streams;
  FuturePublicIdentity identity_future;
  PublicIdentity identity;  // what the step of an identity gave
  Input input;
  Output output;
  size_t read_size = 4096;
  Bytes received;
  wasi_tls_result read_result = WASI_TLS_PENDING;
  wasi_tls_result write_result = WASI_TLS_OK;

 protected:
  // Waits for |step|, then calls |take|, which gives the outcome.
  void follow(const char *what, Pollable step, std::function<wasi_tls_result()> take);
  wasi_tls_result follow_identity(const char *what);
  wasi_tls_result follow_streams();

 private:
  bool read_some(wasi_tls_waker waker);
  bool write_some(Bytes *data, size_t *at, wasi_tls_waker waker);

  std::string name_;
  Pump *pump_;
  size_t steps_ = 0;
  bool receiving_ = false;
};

struct ClientApi {
  using Connection = wasi_tls_client_connection;
  using ConnectionHandle = ClientConnection;
  using HandshakeHandle = ClientHandshake;
  static constexpr auto finish = wasi_tls_client_handshake_finish;
  static constexpr auto abort = wasi_tls_client_handshake_abort;
  static constexpr auto abort_with = wasi_tls_client_handshake_abort_with;
  static constexpr auto configure_alpn = wasi_tls_client_handshake_configure_alpn_ids;
  static constexpr auto configure_identities = wasi_tls_client_handshake_configure_client_identities;
  static constexpr auto last_error = wasi_tls_client_connection_last_error;
  static constexpr auto alpn_id = wasi_tls_client_connection_alpn_id;
  static constexpr auto server_name = wasi_tls_client_connection_server_name;
  static constexpr auto version = wasi_tls_client_connection_protocol_version;
  static constexpr auto suite = wasi_tls_client_connection_cipher_suite;
  static constexpr auto server_identity = wasi_tls_client_connection_server_identity;
  static constexpr auto client_identity = wasi_tls_client_connection_client_identity;
};

struct ServerApi {
  using Connection = wasi_tls_server_connection;
  using ConnectionHandle = ServerConnection;
  using HandshakeHandle = ServerHandshake;
  static constexpr auto finish = wasi_tls_server_handshake_finish;
  static constexpr auto abort = wasi_tls_server_handshake_abort;
  static constexpr auto abort_with = wasi_tls_server_handshake_abort_with;
  static constexpr auto configure_alpn = wasi_tls_server_handshake_configure_alpn_ids;
  static constexpr auto configure_identities = wasi_tls_server_handshake_configure_server_identities;
  static constexpr auto last_error = wasi_tls_server_connection_last_error;
  static constexpr auto alpn_id = wasi_tls_server_connection_alpn_id;
  static constexpr auto server_name = wasi_tls_server_connection_server_name;
  static constexpr auto version = wasi_tls_server_connection_protocol_version;
  static constexpr auto suite = wasi_tls_server_connection_cipher_suite;
  static constexpr auto server_identity = wasi_tls_server_connection_server_identity;
  static constexpr auto client_identity = wasi_tls_server_connection_client_identity;
};

// The half that differs in the names of the functions only.
template <class Api>
class RolePeer : public Peer {
 public:
  using Peer::Peer;
  wasi_tls_result finish() override;
  wasi_tls_result abort() override;
  wasi_tls_result abort_with(uint8_t alert) override;
  wasi_tls_result configure_alpn(const std::vector<Bytes> &ids) override;
  wasi_tls_result configure_identities(const std::vector<const PrivateIdentity *> &identities) override;
  wasi_tls_error last_error() const override;
  std::optional<Bytes> alpn_id() const override;
  std::optional<std::string> sni() const override;
  wasi_tls_protocol_version version() const override;
  wasi_tls_cipher_suite suite() const override;
  std::vector<Bytes> server_identity() const override;
  std::vector<Bytes> client_identity() const override;
  void drop_connection() override {
    connection.reset();
  }
  void drop_handshake() override {
    handshake.reset();
  }

  typename Api::ConnectionHandle connection;
  typename Api::HandshakeHandle handshake;
};

class Client : public RolePeer<ClientApi> {
 public:
  Client(Pump *pump, Wire *wire, const Options &options);
  wasi_tls_result connect(std::string_view server_name);
  wasi_tls_result verify();
  wasi_tls_result receive_request();
  wasi_tls_result respond(const std::vector<const PrivateIdentity *> &identities);

  FutureIdentityRequest request_future;
  IdentityRequest request;
};

class Server : public RolePeer<ServerApi> {
 public:
  Server(Pump *pump, Wire *wire, const Options &options);
  wasi_tls_result accept();
  wasi_tls_result receive_hello();
  wasi_tls_result request_identity();
  wasi_tls_result request_identity_late();  // post-handshake
  wasi_tls_result configure_chains(const std::vector<Chain> &chains);

  FutureClientHello hello_future;
  ClientHello hello;
};

// What a ClientHello showed, copied.
std::optional<std::string> hello_server_name(const ClientHello &hello);
std::vector<Bytes> hello_alpn_ids(const ClientHello &hello);
std::vector<wasi_tls_cipher_suite> hello_suites(const ClientHello &hello);

}  // namespace conformance

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "node_socket.h"

#include <algorithm>

namespace conformance::node {

namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return c == '-' ? '_' : static_cast<char>(toupper(c)); });
  return text;
}

std::string code_of_reason(wasi_tls_verify_reason reason) {
  switch (reason) {
    case WASI_TLS_VERIFY_UNTRUSTED:
      return "UNABLE_TO_GET_ISSUER_CERT_LOCALLY";
    case WASI_TLS_VERIFY_EXPIRED:
      return "CERT_HAS_EXPIRED";
    case WASI_TLS_VERIFY_NOT_YET_VALID:
      return "CERT_NOT_YET_VALID";
    case WASI_TLS_VERIFY_NAME_MISMATCH:
      return "ERR_TLS_CERT_ALTNAME_INVALID";
    default:
      return "CERT_" + upper(wasi_tls_verify_reason_name(reason));
  }
}

std::string code_of(const wasi_tls_error &error) {
  switch (error.result) {
    case WASI_TLS_ERR_VERIFY:
      return code_of_reason(error.verify_reason);
    case WASI_TLS_ERR_PEER_ALERT:
      return "ERR_SSL_ALERT_" + upper(wasi_tls_alert_name(error.alert));
    case WASI_TLS_ERR_EOF:
      return "ECONNRESET";
    default:
      return "ERR_TLS_" + upper(wasi_tls_result_name(error.result));
  }
}

}  // namespace

SecureContext createSecureContext(const Options &host, const Credentials &credentials) {
  Pfx own = {credentials.key, {credentials.cert}};
  if (!credentials.pfx.empty()) own = read_pfx(credentials.pfx);
  Config config;
  wasi_tls_result result = host.build(&config);
  auto identity = std::make_shared<PrivateIdentity>();
  if (result == WASI_TLS_OK) result = parse_identity(config, own.key, own.chain, identity.get());
  // A passphrase is of no use: the interface takes keys as they are.
  if (result != WASI_TLS_OK) throw Error("ERR_TLS_" + upper(wasi_tls_result_name(result)));
  return identity;
}

std::optional<Error> checkServerIdentity(const std::string &hostname, const PeerCertificate &certificate) {
  for (const std::string &name : dns_names(certificate.raw))
    if (name_matches(name, hostname)) return std::nullopt;
  return Error("ERR_TLS_CERT_ALTNAME_INVALID");
}

TLSSocket::TLSSocket(Transport transport, TLSSocketOptions options)
    : transport_(std::move(transport)), options_(std::move(options)) {
  if (!options_.rejectUnauthorized) throw Error("ERR_INVALID_ARG_VALUE");
  if (options_.ecdhCurve != DEFAULT_ECDH_CURVE) throw Error("ERR_INVALID_ARG_VALUE");
  Pump *pump = transport_.pump;
  if (options_.isServer) {
    server_ = std::make_unique<GuestServer>(pump, transport_.wire, transport_.host);
    server_->done = [this] { settled(); };
  } else {
    client_ = std::make_unique<GuestClient>(pump, transport_.wire, transport_.host);
    client_->done = [this] { settled(); };
  }
}

void TLSSocket::start() {
  if (client_ != nullptr) {
    start_client();
  } else {
    start_server();
  }
}

void TLSSocket::start_client() {
  ClientPlan plan;
  plan.server_name = options_.servername;
  plan.alpn = ids_of(options_.ALPNProtocols);
  if (options_.secureContext != nullptr) {
    plan.identities = {options_.secureContext.get()};
    plan.answers_request = [this](const std::vector<Bytes> &) -> Chosen { return {options_.secureContext.get()}; };
  }
  if (options_.checkServerIdentity) {
    plan.accepts_server = [this](const std::vector<Bytes> &chain) {
      refusal_ = options_.checkServerIdentity(options_.servername, *peer_certificate(chain));
      return !refusal_.has_value();
    };
  }
  client_->authenticate(std::move(plan));
}

void TLSSocket::start_server() {
  ServerPlan plan;
  plan.alpn = ids_of(options_.ALPNProtocols);
  if (options_.secureContext != nullptr) plan.identities = {options_.secureContext.get()};
  if (options_.SNICallback || options_.ALPNCallback)
    plan.reads_hello = [this](const ClientHello &hello) { return read_hello(hello); };
  if (options_.requestCert) plan.accepts_client = [](const std::vector<Bytes> &chain) { return !chain.empty(); };
  server_->authenticate(std::move(plan));
}

bool TLSSocket::read_hello(const ClientHello &hello) {
  if (options_.SNICallback) {
    SecureContext context = options_.SNICallback(hello_server_name(hello).value_or(""));
    if (context == nullptr) return false;
    setKeyCert(context);
  }
  return !options_.ALPNCallback || select_protocol(hello);
}

bool TLSSocket::select_protocol(const ClientHello &hello) {
  std::vector<std::string> offered;
  for (const Bytes &id : hello_alpn_ids(hello)) offered.emplace_back(id.begin(), id.end());
  std::optional<std::string> chosen = options_.ALPNCallback(this, hello_server_name(hello).value_or(""), offered);
  // One that is not on offer ends the handshake with no_application_protocol, as the platform has it for undefined.
  return server_->configure_alpn({to_bytes(chosen.value_or("undefined"))}) == WASI_TLS_OK;
}

void TLSSocket::settled() {
  wasi_tls_result status = client_ != nullptr ? client_->status : server_->status;
  if (status != WASI_TLS_OK) return emit("error: " + code());
  emit("secureConnect");
}

void TLSSocket::emit(const std::string &event) {
  events.push_back(event);
  if (emitted) emitted(event);
}

std::string TLSSocket::code() const {
  if (refusal_.has_value()) return refusal_->code;
  wasi_tls_error error = peer().last_error();
  // What was refused at a call has left no trace on the connection.
  if (error.result == WASI_TLS_OK) error.result = client_ != nullptr ? client_->status : server_->status;
  return code_of(error);
}

const Peer &TLSSocket::peer() const {
  return client_ != nullptr ? static_cast<const Peer &>(*client_) : *server_;
}

Peer &TLSSocket::peer() {
  return const_cast<Peer &>(std::as_const(*this).peer());
}

std::optional<std::string> TLSSocket::alpnProtocol() const {
  std::optional<Bytes> id = peer().alpn_id();
  if (!id.has_value()) return std::nullopt;
  return std::string(id->begin(), id->end());
}

bool TLSSocket::authorized() const {
  return getPeerCertificate() != nullptr;
}

std::optional<std::string> TLSSocket::authorizationError() const {
  if (authorized()) return std::nullopt;
  return code();
}

std::optional<Bytes> TLSSocket::getCertificate() const {
  std::vector<Bytes> own = client_ != nullptr ? peer().client_identity() : peer().server_identity();
  if (own.empty()) return std::nullopt;
  return own[0];
}

CipherInfo TLSSocket::getCipher() const {
  const char *name = wasi_tls_cipher_suite_name(peer().suite());
  return {name, name, getProtocol().value_or("")};
}

std::shared_ptr<const PeerCertificate> TLSSocket::getPeerCertificate() const {
  return peer_certificate(client_ != nullptr ? peer().server_identity() : peer().client_identity());
}

std::optional<Bytes> TLSSocket::getPeerX509Certificate() const {
  auto certificate = getPeerCertificate();
  if (certificate == nullptr) return std::nullopt;
  return certificate->raw;
}

std::optional<std::string> TLSSocket::getProtocol() const {
  if (peer().version() == 0) return std::nullopt;
  return wasi_tls_protocol_version_name(peer().version());
}

std::optional<std::string> TLSSocket::servername() const {
  return peer().sni();
}

void TLSSocket::setKeyCert(const SecureContext &context) {
  options_.secureContext = context;
  if (server_ == nullptr || server_->configure_identities({context.get()}) != WASI_TLS_OK)
    throw Error("ERR_TLS_INVALID_STATE");
}

void TLSSocket::renegotiate(bool requestCert, std::function<void(std::optional<Error>)> then) {
  if (server_ == nullptr || !requestCert) throw Error("ERR_TLS_RENEGOTIATION_DISABLED");
  server_->ask_again([then = std::move(then)](wasi_tls_result result) {
    then(result == WASI_TLS_OK ? std::nullopt : std::optional<Error>("ERR_TLS_" + upper(wasi_tls_result_name(result))));
  });
}

void TLSSocket::write(Bytes bytes) {
  peer().send(std::move(bytes));
  peer().receive();
}

Bytes TLSSocket::read() const {
  return peer().received;
}

void TLSSocket::end() {
  peer().close();
}

void TLSSocket::destroy(const std::string &code) {
  if (client_ != nullptr) client_->drop_everything();
  if (server_ != nullptr) server_->drop_everything();
  emit("error: " + code);
}

std::unique_ptr<TLSSocket> connect(Transport transport, TLSSocketOptions options) {
  auto socket = std::make_unique<TLSSocket>(std::move(transport), std::move(options));
  socket->start();
  return socket;
}

std::unique_ptr<TLSSocket> createSecurePair(Transport transport, const SecureContext &context, bool isServer) {
  TLSSocketOptions options;
  options.isServer = isServer;
  options.secureContext = context;
  options.servername = transport.remote.address;
  return connect(std::move(transport), std::move(options));
}

}  // namespace conformance::node

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dotnet_stream.h"

#include <algorithm>

namespace conformance::dotnet {

namespace {

void check_effective(const AuthenticationOptions &options) {
  if (options.AllowRenegotiation) throw NotSupportedException("AllowRenegotiation");
  if (options.AllowTlsResume) throw NotSupportedException("AllowTlsResume");
  if (options.CertificateRevocationCheckMode != X509RevocationMode::NoCheck)
    throw NotSupportedException("CertificateRevocationCheckMode");
  if (options.CipherSuitesPolicy.has_value()) throw NotSupportedException("CipherSuitesPolicy");
  if (options.EnabledSslProtocols != SslProtocols::None) throw NotSupportedException("EnabledSslProtocols");
  if (options.Encryption != EncryptionPolicy::RequireEncryption) throw NotSupportedException("EncryptionPolicy");
}

}  // namespace

SslStream::SslStream(Inner inner, bool leave_inner_stream_open)
    : inner_(std::move(inner)), leave_inner_stream_open_(leave_inner_stream_open) {}

const Peer &SslStream::peer() const {
  if (client_ != nullptr) return *client_;
  if (server_ != nullptr) return *server_;
  throw InvalidOperationException("not authenticated");
}

Peer &SslStream::peer() {
  return const_cast<Peer &>(std::as_const(*this).peer());
}

const PrivateIdentity *SslStream::own(const X509Certificate2 &certificate) {
  identities_.push_back(std::make_unique<PrivateIdentity>(peer().parse(certificate)));
  return identities_.back().get();
}

Chosen SslStream::own_all(const std::vector<X509Certificate2> &certificates) {
  Chosen all;
  all.reserve(certificates.size());
  for (const X509Certificate2 &each : certificates) all.push_back(own(each));
  return all;
}

ClientPlan SslStream::plan_of(SslClientAuthenticationOptions options) {
  if (!options.ClientCertificateContext.empty()) options.ClientCertificates = {options.ClientCertificateContext};
  ClientPlan plan = {options.TargetHost, ids_of(options.ApplicationProtocols), own_all(options.ClientCertificates),
                     options.RemoteCertificateValidationCallback, nullptr};
  if (options.LocalCertificateSelectionCallback) {
    plan.answers_request = [this, options](const std::vector<Bytes> &issuers) -> Chosen {
      X509Certificate2 chosen =
          options.LocalCertificateSelectionCallback(options.TargetHost, options.ClientCertificates, issuers);
      if (chosen.empty()) return {};
      return {own(chosen)};
    };
  } else if (!options.ClientCertificates.empty()) {
    plan.answers_request = [all = plan.identities](const std::vector<Bytes> &) { return all; };
  }
  return plan;
}

ServerPlan SslStream::plan_of(SslServerAuthenticationOptions options) {
  ServerPlan plan;
  plan.alpn = ids_of(options.ApplicationProtocols);
  if (!options.ServerCertificateContext.empty()) options.ServerCertificate = options.ServerCertificateContext;
  if (!options.ServerCertificate.empty()) plan.identities = {own(options.ServerCertificate)};
  if (auto select = options.ServerCertificateSelectionCallback) {
    plan.reads_hello = [this, select](const ClientHello &hello) {
      X509Certificate2 chosen = select({hello_server_name(hello).value_or("")});
      return !chosen.empty() && server_->configure_identities({own(chosen)}) == WASI_TLS_OK;
    };
  }
  if (options.ClientCertificateRequired || options.RemoteCertificateValidationCallback) {
    plan.accepts_client = [options](const RemoteChain &chain) {
      if (chain.empty() && options.ClientCertificateRequired) return false;
      return !options.RemoteCertificateValidationCallback || options.RemoteCertificateValidationCallback(chain);
    };
  }
  return plan;
}

void SslStream::AuthenticateAsClientAsync(SslClientAuthenticationOptions options) {
  check_effective(options);
  client_ = std::make_unique<GuestClient>(inner_.pump, inner_.wire, inner_.host);
  client_->done = callback_;
  client_->authenticate(plan_of(std::move(options)));
}

void SslStream::AuthenticateAsServerAsync(SslServerAuthenticationOptions options) {
  check_effective(options);
  server_ = std::make_unique<GuestServer>(inner_.pump, inner_.wire, inner_.host);
  server_->done = callback_;
  server_->authenticate(plan_of(std::move(options)));
}

void SslStream::BeginAuthenticateAsClient(SslClientAuthenticationOptions options, AsyncCallback callback) {
  callback_ = std::move(callback);
  AuthenticateAsClientAsync(std::move(options));
}

void SslStream::BeginAuthenticateAsServer(SslServerAuthenticationOptions options, AsyncCallback callback) {
  callback_ = std::move(callback);
  AuthenticateAsServerAsync(std::move(options));
}

void SslStream::AuthenticateAsClient(SslClientAuthenticationOptions options) {
  AuthenticateAsClientAsync(std::move(options));
  inner_.pump->run();
  throw_unless_authenticated();
}

void SslStream::AuthenticateAsServer(SslServerAuthenticationOptions options) {
  AuthenticateAsServerAsync(std::move(options));
  inner_.pump->run();
  throw_unless_authenticated();
}

void SslStream::EndAuthenticateAsClient() const {
  throw_unless_authenticated();
}

void SslStream::EndAuthenticateAsServer() const {
  throw_unless_authenticated();
}

wasi_tls_result SslStream::Authenticated() const {
  if (client_ != nullptr) return client_->status;
  return server_ != nullptr ? server_->status : WASI_TLS_PENDING;
}

void SslStream::throw_unless_authenticated() const {
  if (Authenticated() != WASI_TLS_OK) throw AuthenticationException(Authenticated());
}

bool SslStream::IsAuthenticated() const {
  return Authenticated() == WASI_TLS_OK;
}

void SslStream::NegotiateClientCertificateAsync(std::function<void(wasi_tls_result)> then) {
  if (server_ == nullptr) throw InvalidOperationException("not a server");
  server_->ask_again(std::move(then));
}

bool SslStream::IsMutuallyAuthenticated() const {
  return IsAuthenticated() && !LocalCertificate().empty() && !RemoteCertificate().empty();
}

RemoteChain SslStream::LocalCertificate() const {
  return IsServer() ? peer().server_identity() : peer().client_identity();
}

RemoteChain SslStream::RemoteCertificate() const {
  return IsServer() ? peer().client_identity() : peer().server_identity();
}

std::string SslStream::NegotiatedApplicationProtocol() const {
  Bytes id = peer().alpn_id().value_or(Bytes());
  return std::string(id.begin(), id.end());
}

wasi_tls_cipher_suite SslStream::NegotiatedCipherSuite() const {
  return peer().suite();
}

SslProtocols SslStream::SslProtocol() const {
  return static_cast<SslProtocols>(peer().version());
}

std::string SslStream::TargetHostName() const {
  return peer().sni().value_or("");
}

}  // namespace conformance::dotnet

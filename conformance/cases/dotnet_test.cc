// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Authentication with SslStream, used as a program of .NET would.
#include "dotnet_case.h"

using namespace conformance;
using namespace conformance::dotnet;

// The asynchronous way, both ends at once; then what the properties say.
CONFORMANCE_CASE(DotnetCase, dotnet, authenticate) {
  EXPECT_FALSE(client_stream().IsAuthenticated());
  client_stream().AuthenticateAsClientAsync(client_way);
  server_stream().AuthenticateAsServerAsync(server_way);
  EXPECT_FALSE(client_stream().IsAuthenticated());
  run();
  for (SslStream *each : both()) {
    EXPECT_TRUE(each->IsAuthenticated()) << wasi_tls_result_name(each->Authenticated());
    EXPECT_TRUE(each->IsEncrypted());
    EXPECT_TRUE(each->IsSigned());
    EXPECT_FALSE(each->IsMutuallyAuthenticated());
    EXPECT_EQ(each->SslProtocol(), static_cast<SslProtocols>(pairing.version));
    EXPECT_STRNE(wasi_tls_cipher_suite_name(each->NegotiatedCipherSuite()), "unknown");
    EXPECT_EQ(each->TargetHostName(), kServerName);
  }
  EXPECT_EQ(client_stream().NegotiatedCipherSuite(), server_stream().NegotiatedCipherSuite());
  EXPECT_FALSE(client_stream().IsServer());
  EXPECT_TRUE(server_stream().IsServer());
}

// The blocking way on one end, with the other under way.
CONFORMANCE_CASE(DotnetCase, dotnet, authenticate_and_wait) {
  server_stream().AuthenticateAsServerAsync(server_way);
  EXPECT_NO_THROW(client_stream().AuthenticateAsClient(client_way));
  start_streams_over();
  client_stream().AuthenticateAsClientAsync(client_way);
  EXPECT_NO_THROW(server_stream().AuthenticateAsServer(server_way));
  start_streams_over();
  client_way.TargetHost = "other.test";
  server_stream().AuthenticateAsServerAsync(server_way);
  EXPECT_THROW(client_stream().AuthenticateAsClient(client_way), AuthenticationException);
}

// The old way, with a callback at the end.
CONFORMANCE_CASE(DotnetCase, dotnet, begin_and_end) {
  int called = 0;
  client_stream().BeginAuthenticateAsClient(client_way, [&called] { called++; });
  server_stream().BeginAuthenticateAsServer(server_way, [&called] { called++; });
  EXPECT_THROW(client_stream().EndAuthenticateAsClient(), AuthenticationException);
  run();
  EXPECT_EQ(called, 2);
  EXPECT_NO_THROW(client_stream().EndAuthenticateAsClient());
  EXPECT_NO_THROW(server_stream().EndAuthenticateAsServer());
}

CONFORMANCE_CASE(DotnetCase, dotnet, application_protocols) {
  client_way.ApplicationProtocols = {"h2", "http/1.1"};
  server_way.ApplicationProtocols = {"http/1.1", "h2"};
  authenticate_both();
  EXPECT_EQ(client_stream().NegotiatedApplicationProtocol(), "http/1.1");
  EXPECT_EQ(server_stream().NegotiatedApplicationProtocol(), "http/1.1");
  start_streams_over();
  server_way.ApplicationProtocols = {"smtp"};
  start_both();
  EXPECT_EQ(server_stream().Authenticated(), WASI_TLS_ERR_NO_APPLICATION_PROTOCOL);
  EXPECT_EQ(client_stream().Authenticated(), WASI_TLS_ERR_PEER_ALERT);
}

// TargetHost is what the certificate has to fit, and what the server sees.
CONFORMANCE_CASE(DotnetCase, dotnet, target_host) {
  client_way.TargetHost = "a.wild.test";
  authenticate_both();
  EXPECT_EQ(server_stream().TargetHostName(), "a.wild.test");
  EXPECT_EQ(client_stream().RemoteCertificate(), ders_of(server_way.ServerCertificate));
  EXPECT_TRUE(client_stream().LocalCertificate().empty());
  EXPECT_EQ(server_stream().LocalCertificate(), ders_of(server_way.ServerCertificate));
  start_streams_over();
  client_way.TargetHost = "else.test";
  start_both();
  EXPECT_EQ(client_stream().Authenticated(), WASI_TLS_ERR_VERIFY);
  EXPECT_EQ(server_stream().Authenticated(), WASI_TLS_ERR_PEER_ALERT);
}

// The callback sees the chain that has passed the default validation, and may refuse it: then the server hears so.
CONFORMANCE_CASE(DotnetCase, dotnet, server_certificate_validation) {
  for (bool accepted : {true, false}) {
    start_streams_over();
    std::vector<RemoteChain> seen;
    client_way.RemoteCertificateValidationCallback = [&seen, accepted](const RemoteChain &chain) {
      seen.push_back(chain);
      return accepted;
    };
    start_both();
    if (!client_can(WASI_TLS_CAP_VERIFY_SERVER_IDENTITY)) {
      EXPECT_EQ(client_stream().Authenticated(), WASI_TLS_ERR_UNSUPPORTED);
      return;
    }
    EXPECT_EQ(seen, std::vector<RemoteChain>{ders_of(server_way.ServerCertificate)});
    EXPECT_EQ(client_stream().IsAuthenticated(), accepted);
    EXPECT_EQ(server_stream().IsAuthenticated(), accepted);
    if (accepted) continue;
    EXPECT_EQ(client_stream().Authenticated(), WASI_TLS_ERR_ABORTED);
    EXPECT_EQ(server_stream().Authenticated(), WASI_TLS_ERR_PEER_ALERT);
  }
}

// It is in addition to the default validation: what fails that never gets as far as the callback.
CONFORMANCE_CASE(DotnetCase, dotnet, callback_can_not_accept_what_is_invalid) {
  if (!client_can(WASI_TLS_CAP_VERIFY_SERVER_IDENTITY)) return expect_no_validation_callback();
  CertificateSpec expired = server_spec();
  expired.not_after = -60;
  server_way.ServerCertificate = {issue(expired, intermediate()), intermediate()};
  bool called = false;
  client_way.RemoteCertificateValidationCallback = [&called](const RemoteChain &) { return called = true; };
  start_both();
  EXPECT_FALSE(called);
  EXPECT_EQ(client_stream().Authenticated(), WASI_TLS_ERR_VERIFY);
}

// ClientCertificates, and the one of ClientCertificateContext, are sent where the server asks for one.
CONFORMANCE_CASE(DotnetCase, dotnet, client_certificates) {
  for (bool context : {false, true}) {
    start_streams_over();
    X509Certificate2 mine = client_chain(context ? KeyType::kP384 : KeyType::kP256);
    client_way.ClientCertificates = {client_chain(KeyType::kP256)};
    if (context) client_way.ClientCertificateContext = mine;
    server_way.ClientCertificateRequired = true;
    start_both();
    if (!mutual()) return expect_unsupported_mutual();
    EXPECT_TRUE(client_stream().IsMutuallyAuthenticated());
    EXPECT_TRUE(server_stream().IsMutuallyAuthenticated());
    EXPECT_EQ(client_stream().LocalCertificate(), ders_of(mine));
    EXPECT_EQ(server_stream().RemoteCertificate(), ders_of(mine));
  }
}

// Without a server that asks, nothing is sent.
CONFORMANCE_CASE(DotnetCase, dotnet, client_certificates_unasked) {
  client_way.ClientCertificates = {client_chain(KeyType::kP256)};
  start_both();
  if (!client_can(WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST)) return expect_unsupported_mutual();
  EXPECT_TRUE(client_stream().IsAuthenticated());
  EXPECT_FALSE(client_stream().IsMutuallyAuthenticated());
  EXPECT_TRUE(server_stream().RemoteCertificate().empty());
}

// The callback chooses among the local certificates, with what the server said about issuers in hand.
CONFORMANCE_CASE(DotnetCase, dotnet, local_certificate_selection) {
  client_way.ClientCertificates = {client_chain(KeyType::kP256), client_chain(KeyType::kP384)};
  std::vector<Bytes> issuers;
  client_way.LocalCertificateSelectionCallback = [&issuers](const std::string &host,
                                                            const std::vector<X509Certificate2> &local,
                                                            const std::vector<Bytes> &acceptable) {
    EXPECT_EQ(host, kServerName);
    issuers = acceptable;
    return local.at(1);
  };
  server_way.ClientCertificateRequired = true;
  start_both();
  if (!mutual()) return expect_unsupported_mutual();
  EXPECT_EQ(server_stream().RemoteCertificate(), ders_of(client_chain(KeyType::kP384)));
  if (!tls13() || server_can(WASI_TLS_CAP_NAME_AUTHORITIES)) {
    EXPECT_EQ(issuers, std::vector<Bytes>{subject_name(root())});
  }
}

// ClientCertificateRequired: a client that shows none is refused, and hears so.
CONFORMANCE_CASE(DotnetCase, dotnet, client_certificate_required) {
  server_way.ClientCertificateRequired = true;
  start_both();
  if (!server_can(WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY)) return expect_unsupported_mutual();
  EXPECT_EQ(server_stream().Authenticated(), WASI_TLS_ERR_ABORTED);
  expect_client_refused();
}

// The server's callback looks at the client's chain, and refuses it.
CONFORMANCE_CASE(DotnetCase, dotnet, client_certificate_validation) {
  for (bool accepted : {true, false}) {
    start_streams_over();
    std::vector<RemoteChain> seen;
    client_way.ClientCertificates = {client_chain(KeyType::kP256)};
    server_way.RemoteCertificateValidationCallback = [&seen, accepted](const RemoteChain &chain) {
      seen.push_back(chain);
      return accepted;
    };
    start_both();
    if (!mutual()) return expect_unsupported_mutual();
    EXPECT_EQ(seen, std::vector<RemoteChain>{ders_of(client_chain(KeyType::kP256))});
    EXPECT_EQ(server_stream().IsMutuallyAuthenticated(), accepted);
    if (!accepted) expect_client_refused();
  }
}

CONFORMANCE_CASE(DotnetCase, dotnet, server_certificate) {
  server_way.ServerCertificateContext = server_chain(KeyType::kP384);
  authenticate_both();
  EXPECT_EQ(client_stream().RemoteCertificate(), ders_of(server_chain(KeyType::kP384)));
  start_streams_over();
  server_way.ServerCertificateContext.clear();
  authenticate_both();
  EXPECT_EQ(client_stream().RemoteCertificate(), ders_of(server_way.ServerCertificate));
  start_streams_over();
  server_way.ServerCertificate.clear();
  start_both();
  EXPECT_EQ(server_stream().Authenticated(), WASI_TLS_ERR_NO_IDENTITY);
}

// The certificate is chosen by the name in the hello; a name that is nobody's ends the handshake.
CONFORMANCE_CASE(DotnetCase, dotnet, server_certificate_selection) {
  CertificateSpec other = server_spec(KeyType::kP384);
  other.dns = {"second.test"};
  X509Certificate2 first = server_chain(KeyType::kP256), second = {issue(other, intermediate()), intermediate()};
  std::vector<std::string> asked;
  server_way.ServerCertificate.clear();
  server_way.ServerCertificateSelectionCallback = [&](const SslClientHelloInfo &hello) {
    asked.push_back(hello.ServerName);
    if (hello.ServerName == "second.test") return second;
    return hello.ServerName == kServerName ? first : X509Certificate2();
  };
  for (const char *name : {kServerName, "second.test", "third.test"}) {
    start_streams_over();
    client_way.TargetHost = name;
    start_both();
    if (!server_can(WASI_TLS_CAP_CLIENT_HELLO)) {
      EXPECT_EQ(server_stream().Authenticated(), WASI_TLS_ERR_UNSUPPORTED);
      return;
    }
    bool known = asked.size() < 3;
    EXPECT_EQ(client_stream().Authenticated(), known ? WASI_TLS_OK : WASI_TLS_ERR_PEER_ALERT);
    if (!known) continue;
    EXPECT_EQ(client_stream().RemoteCertificate(), ders_of(asked.size() == 1 ? first : second));
  }
  EXPECT_EQ(asked, (std::vector<std::string>{kServerName, "second.test", "third.test"}));
}

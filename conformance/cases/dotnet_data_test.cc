// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// SslStream as a Stream, what is asked of a client late, and the options of which only one value can be had.
#include <algorithm>
#include <type_traits>

#include "dotnet_case.h"

using namespace conformance;
using namespace conformance::dotnet;

namespace {

class DotnetData : public DotnetCase {
 protected:
  // How many bytes the server's handshake took.
  size_t server_flight() {
    start_streams_over();
    authenticate_both();
    return to_client().transcript().size();
  }
  template <class Options>
  void expect_not_supported(const Options &good, const std::function<void(Options *)> &change) {
    start_streams_over();
    Options options = good;
    change(&options);
    if constexpr (std::is_same_v<Options, SslClientAuthenticationOptions>) {
      EXPECT_THROW(client_stream().AuthenticateAsClientAsync(options), NotSupportedException);
    } else {
      EXPECT_THROW(server_stream().AuthenticateAsServerAsync(options), NotSupportedException);
    }
  }
  // |change| is refused of both roles; without it both authenticate.
  void expect_effectively_fixed(const std::function<void(AuthenticationOptions *)> &change) {
    expect_not_supported<SslClientAuthenticationOptions>(client_way, change);
    expect_not_supported<SslServerAuthenticationOptions>(server_way, change);
    start_streams_over();
    authenticate_both();
  }
};

}  // namespace

// Asked after the handshake: the client's certificate is there, or it is refused as unsupported and all goes on.
CONFORMANCE_CASE(DotnetData, dotnet_data, negotiate_client_certificate) {
  bool possible =
      tls13() && server_can(WASI_TLS_CAP_POST_HANDSHAKE_SERVER) && client_can(WASI_TLS_CAP_POST_HANDSHAKE_CLIENT);
  client_options.post_handshake_auth = client_can(WASI_TLS_CAP_POST_HANDSHAKE_CLIENT);
  client_way.ClientCertificates = {client_chain(KeyType::kP256)};
  start_both();
  if (!client_can(WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST)) return expect_unsupported_mutual();
  wasi_tls_result outcome = WASI_TLS_PENDING;
  server_stream().NegotiateClientCertificateAsync([&outcome](wasi_tls_result result) { outcome = result; });
  client_stream().BeginRead(10, nullptr);
  run();
  EXPECT_EQ(outcome, possible ? WASI_TLS_OK : WASI_TLS_ERR_UNSUPPORTED);
  EXPECT_EQ(server_stream().RemoteCertificate(),
            possible ? ders_of(client_chain(KeyType::kP256)) : std::vector<Bytes>());
  server_stream().WriteAsync(to_bytes("on we go"));
  EXPECT_EQ(client_stream().EndRead(), to_bytes("on we go"));
}

CONFORMANCE_CASE(DotnetData, dotnet_data, only_a_server_negotiates) {
  authenticate_both();
  EXPECT_THROW(client_stream().NegotiateClientCertificateAsync([](wasi_tls_result) {}), InvalidOperationException);
}

CONFORMANCE_CASE(DotnetData, dotnet_data, read) {
  authenticate_both();
  const Bytes sent = pattern(500);
  Bytes got;
  auto take = [&got](const Bytes &bytes) { got.insert(got.end(), bytes.begin(), bytes.end()); };
  server_stream().WriteAsync(sent);
  got.push_back(static_cast<uint8_t>(client_stream().ReadByte()));
  take(client_stream().ReadExactly(100));
  EXPECT_EQ(got.size(), 101u);
  take(client_stream().ReadAtLeast(200, 100));
  client_stream().ReadAsync(10, take);
  run();
  client_stream().ReadExactlyAsync(50, take);
  run();
  client_stream().ReadAtLeastAsync(20, 10, take);
  run();
  bool called = false;
  client_stream().BeginRead(1, [&called] { called = true; });
  take(client_stream().EndRead());
  EXPECT_TRUE(called);
  while (got.size() < sent.size()) take(client_stream().Read(30));
  EXPECT_TRUE(got == sent);
}

// At the end of the stream reads give nothing; those that must have more say so.
CONFORMANCE_CASE(DotnetData, dotnet_data, read_at_the_end) {
  authenticate_both();
  server_stream().Write({1, 2, 3});
  server_stream().ShutdownAsync();
  EXPECT_THROW(client_stream().ReadExactly(4), IOException);
  EXPECT_TRUE(client_stream().Read(1).empty());
  EXPECT_EQ(client_stream().ReadByte(), -1);
}

CONFORMANCE_CASE(DotnetData, dotnet_data, write) {
  authenticate_both();
  client_stream().WriteByte('a');
  client_stream().Write(to_bytes("bc"));
  bool called = false;
  client_stream().BeginWrite(to_bytes("de"), [&called] { called = true; });
  client_stream().EndWrite();
  EXPECT_TRUE(called);
  client_stream().WriteAsync(pattern(100000));
  EXPECT_EQ(server_stream().ReadExactly(5), to_bytes("abcde"));
  EXPECT_TRUE(server_stream().ReadExactly(100000) == pattern(100000));
}

// What was flushed is with the transport.
CONFORMANCE_CASE(DotnetData, dotnet_data, flush) {
  authenticate_both();
  size_t before = to_server().transcript().size();
  to_server().stop_writes(true);
  client_stream().WriteAsync(pattern(100));
  run();
  bool flushed = false;
  client_stream().FlushAsync([&flushed] { flushed = true; });
  run();
  EXPECT_FALSE(flushed);
  to_server().stop_writes(false);
  run();
  EXPECT_TRUE(flushed);
  EXPECT_GT(to_server().transcript().size(), before + 100);
  EXPECT_NO_THROW(client_stream().Flush());
}

// The server copies what it reads to where it writes: an echo.
CONFORMANCE_CASE(DotnetData, dotnet_data, copy_to) {
  authenticate_both();
  client_stream().WriteAsync(pattern(20000), [this] { client_stream().ShutdownAsync(); });
  EXPECT_NO_THROW(server_stream().CopyTo(&server_stream()));
  server_stream().ShutdownAsync();
  EXPECT_TRUE(client_stream().ReadExactly(20000) == pattern(20000));
  EXPECT_TRUE(client_stream().Read(1).empty());
}

// ShutdownAsync says goodbye, and reading goes on.
CONFORMANCE_CASE(DotnetData, dotnet_data, shutdown) {
  authenticate_both();
  client_stream().ShutdownAsync();
  EXPECT_TRUE(server_stream().Read(1).empty());
  server_stream().Write(to_bytes("still here"));
  EXPECT_EQ(client_stream().ReadExactly(10), to_bytes("still here"));
  EXPECT_FALSE(client_stream().CanWrite());
  EXPECT_TRUE(client_stream().CanRead());
}

// Closing ends the stream below too, unless it is to stay open.
CONFORMANCE_CASE(DotnetData, dotnet_data, close) {
  using Way = void (SslStream::*)();
  for (Way way : std::initializer_list<Way>{&SslStream::Close, &SslStream::Dispose, &SslStream::DisposeAsync}) {
    for (bool open : {false, true}) {
      leave_open = open;
      start_streams_over();
      authenticate_both();
      (client_stream().*way)();
      EXPECT_EQ(client_stream().LeaveInnerStreamOpen(), open);
      EXPECT_EQ(to_server().writer_dropped(), !open);
      EXPECT_TRUE(server_stream().Read(1).empty());
    }
  }
}

// What needs a certificate or a stream is refused before there is one.
CONFORMANCE_CASE(DotnetData, dotnet_data, capabilities_of_the_stream) {
  for (SslStream *each : both()) {
    EXPECT_FALSE(each->CanRead());
    EXPECT_FALSE(each->CanWrite());
    EXPECT_THROW((void)each->Read(1), InvalidOperationException);
    EXPECT_THROW(each->Write({1}), InvalidOperationException);
  }
  authenticate_both();
  for (SslStream *each : both()) {
    EXPECT_TRUE(each->CanRead());
    EXPECT_TRUE(each->CanWrite());
    EXPECT_FALSE(each->CanSeek());
    EXPECT_THROW(each->Seek(0), NotSupportedException);
    EXPECT_THROW((void)each->Length(), NotSupportedException);
    EXPECT_THROW(each->SetLength(1), NotSupportedException);
    EXPECT_EQ(each->InnerStream().wire, &wire());
  }
  EXPECT_EQ(client_stream().Position(), to_client().reads().bytes);
  EXPECT_GT(client_stream().Position(), 0u);
}

CONFORMANCE_CASE(DotnetData, dotnet_data, timeouts) {
  authenticate_both();
  EXPECT_TRUE(client_stream().CanTimeout());
  client_stream().ReadTimeout = 100;
  EXPECT_THROW((void)client_stream().Read(1), IOException);
  to_server().stop_writes(true);
  client_stream().WriteTimeout = 100;
  EXPECT_THROW(client_stream().Write(pattern(1000000)), IOException);
}

CONFORMANCE_CASE(DotnetData, dotnet_data, every_object) {
  EXPECT_EQ(client_stream().ToString(), "System.Net.Security.SslStream");
  EXPECT_EQ(client_stream().GetType(), server_stream().GetType());
  EXPECT_TRUE(client_stream().Equals(client_stream()));
  EXPECT_FALSE(client_stream().Equals(server_stream()));
  EXPECT_EQ(client_stream().GetHashCode(), client_stream().GetHashCode());
  client_stream().ObjectInvariant();
  EXPECT_THROW(client_stream().GetLifetimeService(), NotSupportedException);
  EXPECT_THROW(client_stream().InitializeLifetimeService(), NotSupportedException);
  EXPECT_THROW(client_stream().CreateObjRef(), NotSupportedException);
  EXPECT_THROW(client_stream().CreateWaitHandle(), NotSupportedException);
  EXPECT_THROW(client_stream().MemberwiseClone(), NotSupportedException);
  EXPECT_EQ(to_server().transcript().size(), 0u);
}

// No second handshake on a connection: what was negotiated stays, and no handshake message follows.
CONFORMANCE_CASE(DotnetData, dotnet_data, allow_renegotiation) {
  expect_effectively_fixed([](AuthenticationOptions *options) { options->AllowRenegotiation = true; });
  size_t handshakes = to_client().count_records(kHandshake);
  wasi_tls_cipher_suite suite = client_stream().NegotiatedCipherSuite();
  server_stream().WriteAsync(pattern(5000));
  EXPECT_TRUE(client_stream().ReadExactly(5000) == pattern(5000));
  EXPECT_EQ(to_client().count_records(kHandshake), handshakes);
  EXPECT_EQ(client_stream().NegotiatedCipherSuite(), suite);
}

// A second connection is a full handshake like the first: the chain is sent again.
CONFORMANCE_CASE(DotnetData, dotnet_data, allow_tls_resume) {
  expect_effectively_fixed([](AuthenticationOptions *options) { options->AllowTlsResume = true; });
  size_t chain = 0;
  for (const Bytes &each : ders_of(server_way.ServerCertificate)) chain += each.size();
  for (int i = 0; i < 2; i++) EXPECT_GT(server_flight(), chain);
}

// A certificate that its issuer has revoked is found good where nobody has configured the list.
CONFORMANCE_CASE(DotnetData, dotnet_data, revocation_mode) {
  expect_effectively_fixed(
      [](AuthenticationOptions *options) { options->CertificateRevocationCheckMode = X509RevocationMode::Online; });
  EXPECT_FALSE(client_stream().CheckCertRevocationStatus());
  EXPECT_FALSE(server_stream().CheckCertRevocationStatus());
}

CONFORMANCE_CASE(DotnetData, dotnet_data, cipher_suites_policy) {
  expect_effectively_fixed(
      [](AuthenticationOptions *options) { options->CipherSuitesPolicy = std::vector<wasi_tls_cipher_suite>{0x1301}; });
  const wasi_tls_cipher_suite defaults[] = {0x1301, 0x1302, 0x1303, 0xC02F, 0xC030, 0xCCA8, 0xC02B, 0xC02C, 0xCCA9};
  EXPECT_NE(std::find(std::begin(defaults), std::end(defaults), client_stream().NegotiatedCipherSuite()),
            std::end(defaults));
}

CONFORMANCE_CASE(DotnetData, dotnet_data, enabled_protocols) {
  expect_effectively_fixed([](AuthenticationOptions *options) { options->EnabledSslProtocols = SslProtocols::Tls12; });
  EXPECT_EQ(client_stream().SslProtocol(), static_cast<SslProtocols>(pairing.version));
}

// RequireEncryption: what is written is nowhere on the wire as it is.
CONFORMANCE_CASE(DotnetData, dotnet_data, encryption_policy) {
  expect_effectively_fixed(
      [](AuthenticationOptions *options) { options->Encryption = EncryptionPolicy::AllowNoEncryption; });
  const Bytes secret = to_bytes("a text that is easy to find on a wire");
  client_stream().WriteAsync(secret);
  EXPECT_EQ(server_stream().ReadExactly(secret.size()), secret);
  const Bytes &wire = to_server().transcript();
  EXPECT_EQ(std::search(wire.begin(), wire.end(), secret.begin(), secret.end()), wire.end());
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Two SslStreams over one wire.
#ifndef WASI_TLS_CONFORMANCE_DOTNET_CASE_H
#define WASI_TLS_CONFORMANCE_DOTNET_CASE_H

#include "case.h"
#include "dotnet_stream.h"

namespace conformance::dotnet {

class DotnetCase : public Case {
 protected:
  void SetUp() override {
    Case::SetUp();
    client_way.TargetHost = kServerName;
    server_way.ServerCertificate = server_chain(KeyType::kP256);
  }
  // Made at the first use, as the options are then.
  SslStream &client_stream() {
    if (client_stream_ == nullptr)
      client_stream_ = std::make_unique<SslStream>(Inner{&pump(), &wire(), client_options}, leave_open);
    return *client_stream_;
  }
  SslStream &server_stream() {
    if (server_stream_ == nullptr)
      server_stream_ = std::make_unique<SslStream>(Inner{&pump(), &wire(), server_options}, leave_open);
    return *server_stream_;
  }
  std::vector<SslStream *> both() {
    return {&client_stream(), &server_stream()};
  }
  void start_streams_over() {
    client_stream_.reset();
    server_stream_.reset();
    start_over();
  }
  void start_both() {
    client_stream().AuthenticateAsClientAsync(client_way);
    server_stream().AuthenticateAsServerAsync(server_way);
    run();
  }
  void authenticate_both() {
    start_both();
    EXPECT_EQ(client_stream().Authenticated(), WASI_TLS_OK);
    EXPECT_EQ(server_stream().Authenticated(), WASI_TLS_OK);
  }
  bool mutual() const {
    return client_can(WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST) && server_can(WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY);
  }
  // One of the two can't: it says so.
  void expect_unsupported_mutual() {
    if (!server_can(WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY)) {
      EXPECT_EQ(server_stream().Authenticated(), WASI_TLS_ERR_UNSUPPORTED);
    } else {
      EXPECT_EQ(client_stream().Authenticated(), WASI_TLS_ERR_UNSUPPORTED);
    }
  }
  void expect_no_validation_callback() {
    client_way.RemoteCertificateValidationCallback = [](const RemoteChain &) { return true; };
    start_both();
    EXPECT_EQ(client_stream().Authenticated(), WASI_TLS_ERR_UNSUPPORTED);
  }
  // Under TLS 1.3 the client is done before the server has looked: it hears of a refusal on its first read.
  void expect_client_refused() {
    if (!tls13()) {
      EXPECT_EQ(client_stream().Authenticated(), WASI_TLS_ERR_PEER_ALERT);
      return;
    }
    ASSERT_TRUE(client_stream().IsAuthenticated());
    EXPECT_THROW(client_stream().Read(1), IOException);
  }

  SslClientAuthenticationOptions client_way;
  SslServerAuthenticationOptions server_way;
  bool leave_open = false;

 private:
  std::unique_ptr<SslStream> client_stream_;
  std::unique_ptr<SslStream> server_stream_;
};

}  // namespace conformance::dotnet

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The table of connections that end badly.
#include <algorithm>

#include "errors_case.h"
#include "raw_hello.h"

namespace conformance {

namespace {

using Provoke = std::function<void(ErrorCase &)>;
constexpr wasi_tls_role kClient = WASI_TLS_ROLE_CLIENT, kServer = WASI_TLS_ROLE_SERVER;

std::function<Told(const ErrorCase &)> always(const Told &told) {
  return [told](const ErrorCase &) { return told; };
}

Bytes record(uint8_t type, const Bytes &body) {
  Bytes bytes = {type, 3, 3, static_cast<uint8_t>(body.size() >> 8), static_cast<uint8_t>(body.size())};
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}

// The client is to be answered so.
Provoke answered(const Bytes &answer) {
  return [answer](ErrorCase &c) {
    EXPECT_EQ(c.client().finish(), WASI_TLS_OK);
    c.run();
    c.to_client().inject(answer);
  };
}

// The server meets this.
Provoke greeted(const Bytes &hello) {
  return [hello](ErrorCase &c) {
    EXPECT_EQ(c.server().finish(), WASI_TLS_OK);
    c.to_server().inject(hello);
  };
}

Bytes old_server_hello() {
  Bytes hello = {2, 0, 0, 38, 3, 1};
  hello.insert(hello.end(), 32, 0x11);
  hello.insert(hello.end(), {0, 0xC0, 0x2F, 0});
  return record(kHandshake, hello);
}

RawHello hello_without(std::initializer_list<uint16_t> types) {
  RawHello hello = plain_hello();
  auto unwanted = [&](const RawExtension &each) {
    return std::find(types.begin(), types.end(), each.type) != types.end();
  };
  hello.extensions.erase(std::remove_if(hello.extensions.begin(), hello.extensions.end(), unwanted),
                         hello.extensions.end());
  return hello;
}

Bytes old_client_hello() {
  RawHello hello = hello_without({43, 51});
  hello.version = 0x0302;
  return records_of(message_of(hello));
}

// A client that can check nothing but signatures of RSA.
Bytes rsa_client_hello() {
  RawHello hello = hello_without({13});
  hello.extensions.push_back({13, {0, 4, 8, 4, 4, 1}});
  return records_of(message_of(hello));
}

Bytes long_client_hello() {
  RawHello hello = plain_hello();
  hello.extensions.push_back({0x1234, Bytes(1000, 7)});
  return records_of(message_of(hello));
}

// A signer that never signs.
Signer *refusing() {
  static Signer *signer = [] {
    static Signer made(server_chain(KeyType::kP256)[0]->key);
    made.spoil = [](Bytes *) { return false; };
    return &made;
  }();
  return signer;
}

void expired_client(ErrorCase &c) {
  CertificateSpec expired = client_spec();
  expired.not_after = -60;
  PrivateIdentity identity = c.client().parse({issue(expired, intermediate()), intermediate()});
  EXPECT_EQ(c.client().configure_identities({&identity}), WASI_TLS_OK);
  EXPECT_EQ(c.client().finish(), WASI_TLS_OK);
}

}  // namespace

std::vector<ConnectionFailure> client_failures() {
  return {
      {"a server that speaks another protocol", kClient, answered(to_bytes("220 mail.test ready\r\n")),
       always({WASI_TLS_ERR_NOT_TLS, kUnexpectedMessage})},
      {"a malformed ServerHello", kClient, answered(record(kHandshake, {2, 0, 0, 3, 3, 3, 0})),
       always({WASI_TLS_ERR_PROTOCOL, kDecodeError})},
      {"a ServerHello of TLS 1.0", kClient, answered(old_server_hello()),
       always({WASI_TLS_ERR_PROTOCOL_VERSION, kProtocolVersion})},
      {"data for an answer", kClient, answered(record(kApplicationData, pattern(40))),
       always({WASI_TLS_ERR_NOT_TLS, kUnexpectedMessage})},
      {"an alert for an answer", kClient, answered(record(kAlert, {2, 80})),
       always({WASI_TLS_ERR_PEER_ALERT, kInternalError, true})},
      {"no answer", kClient,
       [](ErrorCase &c) {
         c.to_client().cut_at(0);
         EXPECT_EQ(c.client().finish(), WASI_TLS_OK);
       },
       always({WASI_TLS_ERR_EOF})},
      {"no answer while the server's identity is awaited", kClient,
       [](ErrorCase &c) {
         c.to_client().cut_at(0);
         EXPECT_EQ(c.client().verify(), WASI_TLS_OK);
       },
       always({WASI_TLS_ERR_EOF, kNoAlert, false, WASI_TLS_STEP_SERVER_IDENTITY}), WASI_TLS_OK,
       WASI_TLS_CAP_VERIFY_SERVER_IDENTITY},
      {"no answer while the request is awaited", kClient,
       [](ErrorCase &c) {
         c.to_client().cut_at(0);
         EXPECT_EQ(c.client().receive_request(), WASI_TLS_OK);
       },
       always({WASI_TLS_ERR_EOF, kNoAlert, false, WASI_TLS_STEP_CLIENT_IDENTITY_REQUEST}), WASI_TLS_OK,
       WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST},
      {"a signature that its own signer does not give", kClient,
       [](ErrorCase &c) {
         PrivateIdentity identity;
         c.server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_REQUIRED;
         EXPECT_EQ(opaque_identity(c.client().config, refusing(), ders_of(server_chain(KeyType::kP256)), &identity),
                   WASI_TLS_OK);
         EXPECT_EQ(c.client().configure_identities({&identity}), WASI_TLS_OK);
         c.finish_both_sides();
       },
       always({WASI_TLS_ERR_SIGNER, kInternalError}), WASI_TLS_ERR_PEER_ALERT, WASI_TLS_CAP_OPAQUE_KEYS},
      {"a transport that can't be read", kClient,
       [](ErrorCase &c) {
         c.to_client().fail_read_call(1);
         EXPECT_EQ(c.client().finish(), WASI_TLS_OK);
       },
       always({WASI_TLS_ERR_TRANSPORT_READ})},
      {"a transport that can't be written", kClient,
       [](ErrorCase &c) {
         c.to_server().fail_write_call(1);
         EXPECT_EQ(c.client().finish(), WASI_TLS_OK);
       },
       always({WASI_TLS_ERR_TRANSPORT_WRITE})},
      {"a server that sends more than the limit", kClient,
       [](ErrorCase &c) {
         CertificateSpec big = server_spec();
         big.padding = 16000;
         c.client_options.limits.handshake_bytes = 16384;
         c.server_chains = {{issue(big, intermediate()), intermediate()}};
         c.finish_both_sides();
       },
       always({WASI_TLS_ERR_LIMIT})},
      {"an abort of this side", kClient,
       [](ErrorCase &c) {
         EXPECT_EQ(c.client().verify(), WASI_TLS_OK);
         EXPECT_EQ(c.server().finish(), WASI_TLS_OK);
         c.run();
         EXPECT_EQ(c.client().abort(), WASI_TLS_OK);
       },
       always({WASI_TLS_ERR_ABORTED, kBadCertificate, false, WASI_TLS_STEP_ABORT}), WASI_TLS_ERR_PEER_ALERT,
       WASI_TLS_CAP_VERIFY_SERVER_IDENTITY},
      {"the end of the transport behind the handshake", kClient,
       [](ErrorCase &c) {
         c.open();
         c.to_client().cut_at(c.to_client().transcript().size());
       },
       always({WASI_TLS_ERR_TRUNCATED, kNoAlert, false, WASI_TLS_STEP_OPEN})},
      {"the same after this side has closed", kClient,
       [](ErrorCase &c) {
         c.open();
         c.client().close();
         c.to_client().cut_at(c.to_client().transcript().size());
       },
       always({WASI_TLS_ERR_TRUNCATED, kNoAlert, false, WASI_TLS_STEP_CLOSE}), WASI_TLS_ERR_CLOSED},
      {"a record that was tampered with", kClient,
       [](ErrorCase &c) {
         c.open();
         c.to_client().flip(c.to_client().transcript().size() + 5 + 30, 1);
         c.server().send(pattern(100));
       },
       always({WASI_TLS_ERR_PROTOCOL, kBadRecordMac, false, WASI_TLS_STEP_OPEN}), WASI_TLS_ERR_PEER_ALERT},
  };
}

std::vector<ConnectionFailure> server_failures() {
  return {
      {"a client that speaks another protocol", kServer, greeted(to_bytes("GET / HTTP/1.1\r\n\r\n")),
       always({WASI_TLS_ERR_NOT_TLS, kUnexpectedMessage})},
      {"the same while the hello is awaited", kServer,
       [](ErrorCase &c) {
         EXPECT_EQ(c.server().receive_hello(), WASI_TLS_OK);
         c.to_server().inject(to_bytes("GET / HTTP/1.1\r\n\r\n"));
       },
       always({WASI_TLS_ERR_NOT_TLS, kUnexpectedMessage, false, WASI_TLS_STEP_CLIENT_HELLO}), WASI_TLS_OK,
       WASI_TLS_CAP_CLIENT_HELLO},
      {"a malformed ClientHello", kServer, greeted(record(kHandshake, {1, 0, 0, 3, 3, 3, 0})),
       always({WASI_TLS_ERR_PROTOCOL, kDecodeError})},
      {"a ClientHello of TLS 1.1", kServer, greeted(old_client_hello()),
       always({WASI_TLS_ERR_PROTOCOL_VERSION, kProtocolVersion})},
      {"a ClientHello over the limit", kServer,
       [](ErrorCase &c) {
         c.server_options.limits.client_hello_bytes = 512;
         greeted(long_client_hello())(c);
       },
       always({WASI_TLS_ERR_LIMIT, kIllegalParameter})},
      {"a client that no identity suits", kServer, greeted(rsa_client_hello()),
       always({WASI_TLS_ERR_NO_SUITABLE_IDENTITY, kHandshakeFailure})},
      {"no protocol in common", kServer,
       [](ErrorCase &c) {
         EXPECT_EQ(c.client().configure_alpn({to_bytes("h2")}), WASI_TLS_OK);
         EXPECT_EQ(c.server().configure_alpn({to_bytes("smtp")}), WASI_TLS_OK);
         c.finish_both_sides();
       },
       always({WASI_TLS_ERR_NO_APPLICATION_PROTOCOL, kNoApplicationProtocol}), WASI_TLS_ERR_PEER_ALERT,
       WASI_TLS_CAP_ALPN},
      {"a server without an identity", kServer,
       [](ErrorCase &c) {
         c.server_chains.clear();
         c.finish_both_sides();
       },
       always({WASI_TLS_ERR_NO_IDENTITY, kHandshakeFailure}), WASI_TLS_ERR_PEER_ALERT},
      {"a client that must have an identity and has none", kServer,
       [](ErrorCase &c) {
         c.server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_REQUIRED;
         c.finish_both_sides();
       },
       [](const ErrorCase &c) {
         return Told{WASI_TLS_ERR_CLIENT_IDENTITY_REQUIRED, c.tls13() ? kCertificateRequired : kHandshakeFailure};
       },
       WASI_TLS_ERR_PEER_ALERT},
      {"a client's identity that has expired", kServer,
       [](ErrorCase &c) {
         c.server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_OPTIONAL;
         EXPECT_EQ(c.server().finish(), WASI_TLS_OK);
         expired_client(c);
       },
       always({WASI_TLS_ERR_VERIFY, kCertificateExpired}), WASI_TLS_ERR_PEER_ALERT},
      {"the same while the client's identity is awaited", kServer,
       [](ErrorCase &c) {
         EXPECT_EQ(c.server().request_identity(), WASI_TLS_OK);
         expired_client(c);
       },
       always({WASI_TLS_ERR_VERIFY, kCertificateExpired, false, WASI_TLS_STEP_CLIENT_IDENTITY}),
       WASI_TLS_ERR_PEER_ALERT, WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY},
      {"a signature that its own signer does not give", kServer,
       [](ErrorCase &c) {
         PrivateIdentity identity;
         c.server_chains.clear();
         EXPECT_EQ(opaque_identity(c.server().config, refusing(), ders_of(server_chain(KeyType::kP256)), &identity),
                   WASI_TLS_OK);
         EXPECT_EQ(c.server().configure_identities({&identity}), WASI_TLS_OK);
         c.finish_both_sides();
       },
       always({WASI_TLS_ERR_SIGNER, kInternalError}), WASI_TLS_ERR_PEER_ALERT, WASI_TLS_CAP_OPAQUE_KEYS},
      {"no client", kServer,
       [](ErrorCase &c) {
         c.to_server().cut_at(0);
         EXPECT_EQ(c.server().finish(), WASI_TLS_OK);
       },
       always({WASI_TLS_ERR_EOF})},
      {"a transport that can't be read", kServer,
       [](ErrorCase &c) {
         c.to_server().fail_read_call(1);
         EXPECT_EQ(c.server().finish(), WASI_TLS_OK);
       },
       always({WASI_TLS_ERR_TRANSPORT_READ})},
      {"a transport that can't be written", kServer,
       [](ErrorCase &c) {
         c.to_client().fail_write_call(1);
         EXPECT_EQ(c.client().finish(), WASI_TLS_OK);
         EXPECT_EQ(c.server().finish(), WASI_TLS_OK);
       },
       always({WASI_TLS_ERR_TRANSPORT_WRITE})},
      {"an abort of this side", kServer,
       [](ErrorCase &c) {
         EXPECT_EQ(c.server().receive_hello(), WASI_TLS_OK);
         EXPECT_EQ(c.client().finish(), WASI_TLS_OK);
         c.run();
         EXPECT_EQ(c.server().abort(), WASI_TLS_OK);
       },
       always({WASI_TLS_ERR_ABORTED, kHandshakeFailure, false, WASI_TLS_STEP_ABORT}), WASI_TLS_ERR_PEER_ALERT,
       WASI_TLS_CAP_CLIENT_HELLO},
      {"the end of the transport behind the handshake", kServer,
       [](ErrorCase &c) {
         c.open();
         c.to_server().cut_at(c.to_server().transcript().size());
       },
       always({WASI_TLS_ERR_TRUNCATED, kNoAlert, false, WASI_TLS_STEP_OPEN})},
      {"a record that was tampered with", kServer,
       [](ErrorCase &c) {
         c.open();
         c.to_server().flip(c.to_server().transcript().size() + 5 + 30, 1);
         c.client().send(pattern(100));
       },
       always({WASI_TLS_ERR_PROTOCOL, kBadRecordMac, false, WASI_TLS_STEP_OPEN}), WASI_TLS_ERR_PEER_ALERT},
  };
}

}  // namespace conformance

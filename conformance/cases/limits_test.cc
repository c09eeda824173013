// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Each bound of a configuration, at the bound and one over; the bounds that can't be changed; and the defaults.
#include <algorithm>

#include "case.h"
#include "raw_hello.h"
#include "wasi_tls/endpoint.h"

using namespace conformance;

namespace {

using Endpoint = Handle<wasi_tls_endpoint, wasi_tls_endpoint_free>;

struct Range {
  uint32_t wasi_tls_limits::*member;
  uint32_t min;
  uint32_t max;
};
constexpr Range kRanges[] = {
    {&wasi_tls_limits::client_hello_bytes, 512, 131072},
    {&wasi_tls_limits::handshake_bytes, 16384, 16777216},
    {&wasi_tls_limits::chain_certificates, 1, 100},
    {&wasi_tls_limits::write_permit, 1024, 1048576},
    {&wasi_tls_limits::ciphertext_in, 17408, 1048576},
    {&wasi_tls_limits::post_handshake_bytes, 16384, 16777216},
    {&wasi_tls_limits::alpn_ids, 1, 1024},
    {&wasi_tls_limits::identities, 1, 256},
};

class Limits : public Case {
 protected:
  wasi_tls_result build_with(uint32_t wasi_tls_limits::*member, uint32_t value) {
    Options options = client_options;
    options.limits.*member = value;
    Config config;
    return options.build(&config);
  }
  // A ClientHello whose message has exactly |len| bytes, in records.
  static Bytes hello_of(size_t len) {
    RawHello hello = plain_hello();
    hello.extensions.push_back({0xFAFA, Bytes()});
    size_t missing = len - message_of(hello).size();
    hello.extensions.back().body = Bytes(missing, 0);
    EXPECT_EQ(message_of(hello).size(), len);
    return records_of(message_of(hello));
  }
  void expect_hello(size_t len, bool fits) {
    start_over();
    if (!start_receive_hello()) return;
    to_server().inject(hello_of(len));
    run();
    EXPECT_EQ(server().outcome, fits ? WASI_TLS_OK : WASI_TLS_ERR_LIMIT) << server().last_error().text;
    if (fits) return;
    EXPECT_EQ(wasi_tls_result_class(server().outcome), WASI_TLS_CLASS_LIMIT);
    EXPECT_EQ(server().last_error().step, WASI_TLS_STEP_CLIENT_HELLO);
  }
  // Names of |label| bytes a label, |len| in all.
  static std::string name_of(size_t len, size_t label) {
    std::string name;
    while (name.size() < len) name += (name.size() + 1) % (label + 1) == 0 ? '.' : 'a';
    return name;
  }
  wasi_tls_result connect(const std::string &name) {
    Wire unused;
    Client another(&pump(), &unused, client_options);
    return another.connect(name);
  }
  static std::vector<Bytes> ids(size_t count, size_t len) {
    std::vector<Bytes> list;
    for (size_t i = 0; i < count; i++) {
      Bytes id(len, 'x');
      id[0] = static_cast<uint8_t>('!' + 1 + i % 10);
      if (len > 1) id[1] = static_cast<uint8_t>('a' + i / 10 % 26);
      list.push_back(id);
    }
    return list;
  }
  wasi_tls_result finish_with_handshake_limit(Options *options, uint32_t limit) {
    start_over();
    options->limits.handshake_bytes = limit;
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    run();
    return options == &client_options ? client().outcome : server().outcome;
  }
};

}  // namespace

// Values within the range are taken, and values outside of it are refused when the configuration is built.
CONFORMANCE_CASE(Limits, limits, ranges) {
  for (const Range &range : kRanges) {
    EXPECT_EQ(build_with(range.member, 0), WASI_TLS_OK) << "the default";
    EXPECT_EQ(build_with(range.member, range.min), WASI_TLS_OK) << range.min;
    EXPECT_EQ(build_with(range.member, range.max), WASI_TLS_OK) << range.max;
    EXPECT_EQ(build_with(range.member, range.min - 1), range.min == 1 ? WASI_TLS_OK : WASI_TLS_ERR_LIMIT_VALUE);
    EXPECT_EQ(build_with(range.member, range.max + 1), WASI_TLS_ERR_LIMIT_VALUE) << range.max;
    EXPECT_EQ(build_with(range.member, UINT32_MAX), WASI_TLS_ERR_LIMIT_VALUE);
  }
}

// A struct of a size that is not known is refused.
CONFORMANCE_CASE(Limits, limits, struct_size) {
  for (size_t size : {size_t{0}, sizeof(wasi_tls_limits) - 4, sizeof(wasi_tls_limits) + 8}) {
    client_options.limits.size = size;
    Config config;
    EXPECT_EQ(client_options.build(&config), WASI_TLS_ERR_STRUCT_SIZE) << size;
  }
}

// The longest ClientHello: by default 16 KiB, with what is configured instead.
CONFORMANCE_CASE(Limits, limits, client_hello) {
  expect_hello(16384, true);
  expect_hello(16385, false);
  server_options.limits.client_hello_bytes = 1024;
  expect_hello(1024, true);
  expect_hello(1025, false);
}

// The ciphertext of a handshake, taken in by a client: one byte less than it has is too little.
CONFORMANCE_CASE(Limits, limits, handshake_bytes_of_a_client) {
  CertificateSpec big = server_spec(KeyType::kRsa);  // its signatures have one length
  big.padding = 17000;
  server_chains = {{issue(big, intermediate()), intermediate()}};
  ASSERT_EQ(finish_with_handshake_limit(&client_options, 0), WASI_TLS_OK);
  auto taken = static_cast<uint32_t>(to_client().reads().bytes);
  ASSERT_GT(taken, 16384u);
  EXPECT_EQ(finish_with_handshake_limit(&client_options, taken), WASI_TLS_OK) << client().last_error().text;
  EXPECT_EQ(finish_with_handshake_limit(&client_options, taken - 1), WASI_TLS_ERR_LIMIT);
  EXPECT_LE(to_client().reads().bytes, taken - 1);
}

// And by a server, of which the client shows a long chain.
CONFORMANCE_CASE(Limits, limits, handshake_bytes_of_a_server) {
  if (!server_can(WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY)) return;
  CertificateSpec big = client_spec(KeyType::kRsa);
  big.padding = 17000;
  Chain chain = {issue(big, intermediate()), intermediate()};
  server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_REQUIRED;
  auto finish_with = [&](uint32_t limit) {
    start_over();
    server_options.limits.handshake_bytes = limit;
    PrivateIdentity identity = client().parse(chain);
    EXPECT_EQ(client().configure_identities({&identity}), WASI_TLS_OK);
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    run();
    return server().outcome;
  };
  ASSERT_EQ(finish_with(0), WASI_TLS_OK) << server().last_error().text;
  auto taken = static_cast<uint32_t>(to_server().reads().bytes);
  ASSERT_GT(taken, 16384u);
  EXPECT_EQ(finish_with(taken), WASI_TLS_OK) << server().last_error().text;
  EXPECT_EQ(finish_with(taken - 1), WASI_TLS_ERR_LIMIT);
}

// The permit of a write: by default 64 KiB, with what is configured instead; one byte more is refused, and nothing of
// it sent.
CONFORMANCE_CASE(Limits, limits, write_permit) {
  for (uint32_t limit : {uint32_t{0}, uint32_t{1024}, uint32_t{20000}}) {
    start_over();
    client_options.limits.write_permit = server_options.limits.write_permit = limit;
    ASSERT_TRUE(finish_both());
    for (Peer *peer : std::initializer_list<Peer *>{&client(), &server()}) {
      size_t permit = 0, most = limit == 0 ? 65536 : limit;
      ASSERT_EQ(wasi_tls_output_stream_check_write(peer->output.get(), &permit), WASI_TLS_OK);
      EXPECT_EQ(permit, most);
      Bytes data = pattern(most + 1);
      EXPECT_EQ(wasi_tls_output_stream_write(peer->output.get(), data.data(), most + 1), WASI_TLS_ERR_PERMIT_EXCEEDED);
      EXPECT_EQ(wasi_tls_output_stream_write(peer->output.get(), data.data(), most), WASI_TLS_OK);
      EXPECT_EQ(wasi_tls_output_stream_write(peer->output.get(), data.data(), 1), WASI_TLS_ERR_PERMIT_EXCEEDED);
    }
  }
}

// The ciphertext that waits in an endpoint: by default 32 KiB; what is over is not taken, and is no error.
CONFORMANCE_CASE(Limits, limits, ciphertext_in) {
  for (uint32_t limit : {uint32_t{0}, uint32_t{17408}, uint32_t{40000}}) {
    server_options.limits.ciphertext_in = limit;
    Config config;
    ASSERT_EQ(server_options.build(&config), WASI_TLS_OK);
    Endpoint endpoint;
    ASSERT_EQ(wasi_tls_endpoint_new(config.get(), WASI_TLS_ROLE_SERVER, endpoint.out()), WASI_TLS_OK);
    Bytes junk(50000, 0x16);
    size_t accepted = 0;
    EXPECT_EQ(wasi_tls_endpoint_input(endpoint.get(), junk.data(), junk.size(), &accepted), WASI_TLS_OK);
    EXPECT_EQ(accepted, limit == 0 ? 32768u : limit);
    EXPECT_EQ(wasi_tls_endpoint_input(endpoint.get(), junk.data(), 1, &accepted), WASI_TLS_OK);
    EXPECT_EQ(accepted, 0u);
  }
}

// ALPN: how many ids, by default 64; how long one may be, and all of them together.
CONFORMANCE_CASE(Limits, limits, alpn) {
  for (Peer *peer : std::initializer_list<Peer *>{&client(), &server()}) {
    EXPECT_EQ(peer->configure_alpn(ids(64, 3)), WASI_TLS_OK);
    EXPECT_EQ(peer->configure_alpn(ids(65, 3)), WASI_TLS_ERR_ALPN_ID);
    EXPECT_EQ(peer->configure_alpn(ids(1, 1)), WASI_TLS_OK);
    EXPECT_EQ(peer->configure_alpn(ids(1, 256)), WASI_TLS_ERR_ALPN_ID);
    EXPECT_EQ(peer->configure_alpn(ids(1, 255)), WASI_TLS_OK);
  }
  ASSERT_TRUE(finish_both());
  EXPECT_EQ(client().alpn_id(), ids(1, 255)[0]);
  EXPECT_EQ(server().alpn_id(), ids(1, 255)[0]);
  start_over();
  client_options.limits.alpn_ids = 1024;
  EXPECT_EQ(client().configure_alpn(ids(255, 255)), WASI_TLS_OK);
  EXPECT_EQ(client().configure_alpn(ids(256, 255)), WASI_TLS_ERR_ALPN_ID) << "65536 bytes on the wire";
}

// Identities for one handshake: by default 16.
CONFORMANCE_CASE(Limits, limits, identities) {
  PrivateIdentity of_server = server().parse(server_chain(KeyType::kP256));
  PrivateIdentity of_client = client().parse(client_chain(KeyType::kP256));
  std::vector<const PrivateIdentity *> servers(16, &of_server), clients(16, &of_client);
  EXPECT_EQ(server().configure_identities(servers), WASI_TLS_OK);
  EXPECT_EQ(client().configure_identities(clients), WASI_TLS_OK);
  servers.push_back(&of_server);
  clients.push_back(&of_client);
  EXPECT_EQ(server().configure_identities(servers), WASI_TLS_ERR_LIMIT_VALUE);
  EXPECT_EQ(client().configure_identities(clients), WASI_TLS_ERR_LIMIT_VALUE);
  ASSERT_TRUE(finish_both());
}

// Certificates of a chain of one's own: by default 10.
CONFORMANCE_CASE(Limits, limits, own_chain) {
  Cert issuer = root();
  std::vector<Bytes> upwards = {issuer->der};
  for (int i = 0; i < 9; i++) {
    issuer = issue(ca_spec("Level " + std::to_string(i), 300 + i), issuer);
    upwards.insert(upwards.begin(), issuer->der);
  }
  Cert leaf = issue(server_spec(), issuer);
  std::vector<Bytes> chain = {leaf->der};
  chain.insert(chain.end(), upwards.begin(), upwards.end());
  Bytes key = encode(*leaf->key, KeyEncoding::kPkcs8);
  PrivateIdentity parsed;
  EXPECT_EQ(parse_identity(server().config, key, chain, &parsed), WASI_TLS_ERR_CHAIN_TOO_LONG);
  chain.pop_back();
  EXPECT_EQ(chain.size(), 10u);
  EXPECT_EQ(parse_identity(server().config, key, chain, &parsed), WASI_TLS_OK);
}

// Server names: 253 bytes in all, 63 in a label.
CONFORMANCE_CASE(Limits, limits, server_name) {
  EXPECT_EQ(connect(name_of(253, 62)), WASI_TLS_OK);
  EXPECT_EQ(connect(name_of(254, 62)), WASI_TLS_ERR_SERVER_NAME);
  EXPECT_EQ(connect(name_of(63, 63) + ".test"), WASI_TLS_OK);
  EXPECT_EQ(connect(name_of(64, 64) + ".test"), WASI_TLS_ERR_SERVER_NAME);
  EXPECT_EQ(wasi_tls_result_class(WASI_TLS_ERR_SERVER_NAME), WASI_TLS_CLASS_CONFIGURATION);
}

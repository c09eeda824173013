// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the embedder configures: versions, suites, trust from the system, log and key log (behaviours 11, 82, 168 to
// 174, 190).
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "case.h"
#include "raw_hello.h"

using namespace conformance;

namespace {

class Configuration : public Case {
 protected:
  void SetUp() override {
    Case::SetUp();
    tls12_ = {0xC02F, 0xC030, 0xCCA8};
    tls12_ecdsa_ = {0xC02B, 0xC02C, 0xCCA9};
    tls13_ = {0x1301, 0x1302, 0x1303};
  }
  // Takes of the range what the engine speaks; false, and refused, if that is nothing.
  bool meet_engine(const Options &options, wasi_tls_protocol_version *min, wasi_tls_protocol_version *max) {
    if (!engine_speaks(options.engine, WASI_TLS_VERSION_TLS12)) *min = WASI_TLS_VERSION_TLS13;
    if (!engine_speaks(options.engine, WASI_TLS_VERSION_TLS13)) *max = WASI_TLS_VERSION_TLS12;
    Config config;
    EXPECT_EQ(options.build(&config), *min <= *max ? WASI_TLS_OK : WASI_TLS_ERR_UNSUPPORTED);
    return *min <= *max;
  }
  void set_range(Options *options, wasi_tls_protocol_version min, wasi_tls_protocol_version max) {
    options->min_version = min;
    options->max_version = max;
  }
  // A file that is gone when the case is over.
  class TemporaryFile {
   public:
    explicit TemporaryFile(const Bytes &content) {
      int descriptor = mkstemp(path_.data());
      EXPECT_GE(descriptor, 0);
      EXPECT_EQ(write(descriptor, content.data(), content.size()), static_cast<ssize_t>(content.size()));
      close(descriptor);
    }
    ~TemporaryFile() {
      unlink(path_.c_str());
    }
    const char *path() const {
      return path_.c_str();
    }

   private:
    std::string path_ = testing::TempDir() + "conformance-XXXXXX";
  };

  std::vector<wasi_tls_cipher_suite> tls12_, tls12_ecdsa_, tls13_;
};

}  // namespace

// The configuration says which engine it uses; the engine says its version.
CONFORMANCE_CASE(Configuration, configuration, engine) {
  EXPECT_STREQ(wasi_tls_config_engine(client().config.get()), pairing.client_engine.c_str());
  EXPECT_STREQ(wasi_tls_config_engine(server().config.get()), pairing.server_engine.c_str());
  EXPECT_FALSE(engine_version(pairing.client_engine).empty());
}

// 170: every pair of ranges: the highest version in common, or a refusal. Of a range counts what the engine speaks.
CONFORMANCE_CASE(Configuration, configuration, version_ranges) {
  constexpr wasi_tls_protocol_version k12 = WASI_TLS_VERSION_TLS12, k13 = WASI_TLS_VERSION_TLS13;
  const std::pair<wasi_tls_protocol_version, wasi_tls_protocol_version> ranges[] = {{k12, k12}, {k12, k13}, {k13, k13}};
  for (auto [client_min, client_max] : ranges) {
    set_range(&client_options, client_min, client_max);
    if (!meet_engine(client_options, &client_min, &client_max)) continue;
    for (auto [server_min, server_max] : ranges) {
      start_over();
      set_range(&server_options, server_min, server_max);
      if (!meet_engine(server_options, &server_min, &server_max)) continue;
      wasi_tls_protocol_version highest = std::min(client_max, server_max);
      if (highest < std::max(client_min, server_min)) {
        finish_both_expecting(WASI_TLS_ERR_PEER_ALERT, WASI_TLS_ERR_PROTOCOL_VERSION);
        EXPECT_EQ(received_alert(client().last_error()), kProtocolVersion);
      } else {
        ASSERT_TRUE(finish_both());
        EXPECT_EQ(client().version(), highest);
        EXPECT_EQ(server().version(), highest);
      }
    }
  }
}

// 174: each suite that can be chosen is negotiated alone, and both getters name it; data flows.
CONFORMANCE_CASE(Configuration, configuration, each_suite) {
  if (!client_can(WASI_TLS_CAP_CIPHER_SUITES)) return;
  std::vector<wasi_tls_cipher_suite> suites = tls13() ? tls13_ : tls12_;
  if (!tls13()) suites.insert(suites.end(), tls12_ecdsa_.begin(), tls12_ecdsa_.end());
  server_chains = {server_chain(KeyType::kRsa), server_chain(KeyType::kP256)};
  for (wasi_tls_cipher_suite suite : suites) {
    SCOPED_TRACE(wasi_tls_cipher_suite_name(suite));
    EXPECT_STRNE(wasi_tls_cipher_suite_name(suite), "unknown");
    start_over();
    client_options.suites = {suite};
    ASSERT_TRUE(finish_both());
    EXPECT_EQ(client().suite(), suite);
    EXPECT_EQ(server().suite(), suite);
    expect_echo();
  }
}

// The server's order of preference decides, as configured.
CONFORMANCE_CASE(Configuration, configuration, suite_order_of_the_server) {
  if (!server_can(WASI_TLS_CAP_CIPHER_SUITES)) return;
  std::vector<wasi_tls_cipher_suite> suites = tls13() ? tls13_ : tls12_ecdsa_;
  for (size_t i = 0; i < suites.size(); i++) {
    std::rotate(suites.begin(), suites.begin() + 1, suites.end());
    start_over();
    server_options.suites = suites;
    ASSERT_TRUE(finish_both());
    EXPECT_EQ(server().suite(), suites[0]);
  }
}

// 173: a client offers no suite without forward secrecy or authenticated encryption; the signalling values are none.
CONFORMANCE_CASE(Configuration, configuration, default_suites) {
  if (!start_receive_hello()) return;
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  ASSERT_EQ(server().outcome, WASI_TLS_OK);
  std::vector<wasi_tls_cipher_suite> good = tls13_;
  good.insert(good.end(), tls12_.begin(), tls12_.end());
  good.insert(good.end(), tls12_ecdsa_.begin(), tls12_ecdsa_.end());
  size_t count = 0;
  for (wasi_tls_cipher_suite suite : hello_suites(server().hello)) {
    bool grease = (suite & 0x0F0F) == 0x0A0A, signalling = suite == 0x00FF;
    if (grease || signalling) continue;
    EXPECT_NE(std::find(good.begin(), good.end(), suite), good.end()) << std::hex << suite;
    count++;
  }
  EXPECT_GT(count, 0u);
}

// 172: a client that came down from a higher version by itself is told so (RFC 7507).
CONFORMANCE_CASE(Configuration, configuration, fallback_is_noticed) {
  set_range(&server_options, WASI_TLS_VERSION_TLS12, WASI_TLS_VERSION_TLS13);
  RawHello hello = plain_hello();
  hello.suites = {0xC02B, 0x5600};
  hello.extensions.erase(std::remove_if(hello.extensions.begin(), hello.extensions.end(),
                                        [](const RawExtension &each) { return each.type == 43 || each.type == 51; }),
                         hello.extensions.end());
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  to_server().inject(records_of(message_of(hello)));
  run();
  if (!engine_speaks(pairing.server_engine, WASI_TLS_VERSION_TLS13)) {
    EXPECT_EQ(server().outcome, WASI_TLS_PENDING) << "this is the highest that it has";
    return;
  }
  EXPECT_EQ(server().outcome, WASI_TLS_ERR_PROTOCOL) << server().last_error().text;
  EXPECT_EQ(to_client().plain_alerts(), std::vector<uint8_t>{86});
}

// 82: with no list given the system's store is used, as SSL_CERT_FILE names it, read once when the configuration is
// made.
CONFORMANCE_CASE(Configuration, configuration, system_store) {
  const char *before = std::getenv("SSL_CERT_FILE");
  std::string kept = before != nullptr ? before : "";
  TemporaryFile trusted(to_pem(root()->der, "CERTIFICATE")), foreign(to_pem(other_root()->der, "CERTIFICATE"));
  client_options.system_trust = true;
  setenv("SSL_CERT_FILE", trusted.path(), 1);
  (void)client();
  setenv("SSL_CERT_FILE", foreign.path(), 1);
  EXPECT_TRUE(finish_both());
  start_over();
  finish_both_expecting(WASI_TLS_ERR_VERIFY, WASI_TLS_ERR_PEER_ALERT);
  if (before != nullptr) {
    setenv("SSL_CERT_FILE", kept.c_str(), 1);
  } else {
    unsetenv("SSL_CERT_FILE");
  }
}

// The key log is in the NSS format, on the side that asked for it.
CONFORMANCE_CASE(Configuration, configuration, key_log) {
  if (!client_can(WASI_TLS_CAP_KEY_LOG)) return;
  std::vector<std::string> lines;
  client_options.key_log = &lines;
  ASSERT_TRUE(finish_both());
  const char *label = tls13() ? "CLIENT_TRAFFIC_SECRET_0 " : "CLIENT_RANDOM ";
  EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [&](const std::string &line) { return line.find(label) == 0; }));
  for (const std::string &line : lines) EXPECT_EQ(line.find('\n'), std::string::npos);
  start_over();
}

// 11: a failure is logged in one line; success says nothing about keys.
CONFORMANCE_CASE(Configuration, configuration, log) {
  std::vector<std::string> lines;
  client_options.log = &lines;
  server_name = "wrong.test";
  finish_both_expecting(WASI_TLS_ERR_VERIFY, WASI_TLS_ERR_PEER_ALERT);
  EXPECT_FALSE(lines.empty());
  for (const std::string &line : lines) {
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(line.find("PRIVATE KEY"), std::string::npos);
  }
  start_over();
}

// 190: what one connection failed with does not reach another that is in the middle of something.
CONFORMANCE_CASE(Configuration, configuration, failures_stay_where_they_are) {
  ASSERT_TRUE(finish_both());
  client().receive();
  server().receive();
  Wire other_wire;
  Client other(&pump(), &other_wire, client_options);
  ASSERT_EQ(other.connect(server_name), WASI_TLS_OK);
  ASSERT_EQ(other.finish(), WASI_TLS_OK);
  other_wire.to_client().inject(to_bytes("HTTP/1.1 400 Bad Request\r\n\r\n"));
  client().send(pattern(20000));
  run();
  EXPECT_NE(other.outcome, WASI_TLS_PENDING);
  EXPECT_NE(other.outcome, WASI_TLS_OK);
  EXPECT_TRUE(server().received == pattern(20000));
  PrivateIdentity none;
  EXPECT_NE(parse_identity(client().config, pattern(100), {pattern(100)}, &none), WASI_TLS_OK);
  expect_echo(20000);
  close_both();
}

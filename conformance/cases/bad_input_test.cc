// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bad input to the interface itself: NULL, names, sizes, ranges (behaviours 30, 31, 187, 189). A specific error,
// nothing on the wire, and the object is as it was.
#include <cstring>

#include "case.h"
#include "wasi_tls/endpoint.h"

using namespace conformance;

namespace {

constexpr wasi_tls_bytes kNone = {nullptr, 0};

class BadInput : public Case {
 protected:
  // Runs |change| over otherwise good options.
  wasi_tls_result build(const std::function<void(wasi_tls_config_options *)> &change) {
    wasi_tls_config_options raw;
    wasi_tls_config_options_init(&raw);
    choose_engine(pairing.client_engine, &raw);
    raw.server_trust.source = WASI_TLS_TRUST_LIST;
    change(&raw);
    wasi_tls_error error;
    wasi_tls_error_init(&error);
    Config config;
    wasi_tls_result result = wasi_tls_config_new(&raw, config.out(), &error);
    EXPECT_EQ(config.get() != nullptr, result == WASI_TLS_OK);
    EXPECT_EQ(error.result, result);
    if (result != WASI_TLS_OK) {
      EXPECT_NE(error.text[0], '\0');
    }
    return result;
  }
};

}  // namespace

// Every function that answers a result says so for NULL in each argument that must not be.
CONFORMANCE_CASE(BadInput, bad_input, null_arguments_of_configurations_and_identities) {
  constexpr wasi_tls_result kNull = WASI_TLS_ERR_NULL_ARGUMENT;
  Config &config = client().config;
  EXPECT_EQ(wasi_tls_config_new(nullptr, nullptr, nullptr), kNull);
  PrivateIdentity identity;
  Bytes key = encode(*server_chains[0][0]->key, KeyEncoding::kPkcs8);
  wasi_tls_bytes leaf = view_of(server_chains[0][0]->der);
  EXPECT_EQ(wasi_tls_private_identity_parse(nullptr, view_of(key), &leaf, 1, identity.out()), kNull);
  EXPECT_EQ(wasi_tls_private_identity_parse(config.get(), view_of(key), nullptr, 1, identity.out()), kNull);
  EXPECT_EQ(wasi_tls_private_identity_parse(config.get(), {nullptr, 5}, &leaf, 1, identity.out()), kNull);
  EXPECT_EQ(wasi_tls_private_identity_parse(config.get(), view_of(key), &leaf, 1, nullptr), kNull);
  EXPECT_EQ(wasi_tls_private_identity_open(nullptr, view_of("x"), identity.out()), kNull);
  EXPECT_EQ(wasi_tls_private_identity_open(config.get(), view_of("x"), nullptr), kNull);
  PublicIdentity shown;
  EXPECT_EQ(wasi_tls_private_identity_public_identity(nullptr, shown.out()), kNull);
  const wasi_tls_bytes *list = nullptr;
  size_t count = 0;
  EXPECT_EQ(wasi_tls_public_identity_export_x509_chain(nullptr, &list, &count), kNull);
  identity = parse_identity(config, server_chains[0]);
  EXPECT_EQ(wasi_tls_private_identity_public_identity(identity.get(), nullptr), kNull);
  ASSERT_EQ(wasi_tls_private_identity_public_identity(identity.get(), shown.out()), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_public_identity_export_x509_chain(shown.get(), nullptr, &count), kNull);
  EXPECT_EQ(wasi_tls_public_identity_export_x509_chain(shown.get(), &list, nullptr), kNull);
  EXPECT_EQ(wasi_tls_config_engine(nullptr), nullptr);
}

CONFORMANCE_CASE(BadInput, bad_input, null_arguments_of_clients) {
  constexpr wasi_tls_result kNull = WASI_TLS_ERR_NULL_ARGUMENT;
  Client &peer = client();
  ClientConnection connection;
  ClientHandshake handshake;
  Wire unused;
  Input input(unused.client_input());
  Output output(unused.client_output());
  EXPECT_EQ(wasi_tls_client_connection_new(nullptr, input.get(), output.get(), connection.out()), kNull);
  EXPECT_EQ(wasi_tls_client_connection_new(peer.config.get(), nullptr, output.get(), connection.out()), kNull);
  EXPECT_EQ(wasi_tls_client_connection_new(peer.config.get(), input.get(), nullptr, connection.out()), kNull);
  EXPECT_EQ(wasi_tls_client_connection_new(peer.config.get(), input.get(), output.get(), nullptr), kNull);
  // On failure the streams stay the caller's.
  EXPECT_FALSE(unused.to_client().reader_dropped());
  EXPECT_EQ(wasi_tls_client_connection_connect(nullptr, view_of("a.test"), handshake.out()), kNull);
  EXPECT_EQ(wasi_tls_client_connection_connect(peer.connection.get(), view_of("a.test"), nullptr), kNull);
  FuturePublicIdentity identity;
  FutureIdentityRequest request;
  FutureStreams streams;
  Pollable pollable;
  wasi_tls_client_handshake *raw = peer.handshake.get();
  EXPECT_EQ(wasi_tls_client_handshake_configure_alpn_ids(nullptr, nullptr, 0), kNull);
  EXPECT_EQ(wasi_tls_client_handshake_configure_alpn_ids(raw, nullptr, 1), kNull);
  EXPECT_EQ(wasi_tls_client_handshake_configure_client_identities(nullptr, nullptr, 0), kNull);
  EXPECT_EQ(wasi_tls_client_handshake_configure_client_identities(raw, nullptr, 1), kNull);
  wasi_tls_private_identity *no_identity = nullptr;
  EXPECT_EQ(wasi_tls_client_handshake_configure_client_identities(raw, &no_identity, 1), kNull);
  EXPECT_EQ(wasi_tls_client_handshake_verify_server_identity(nullptr, identity.out()), kNull);
  EXPECT_EQ(wasi_tls_client_handshake_verify_server_identity(raw, nullptr), kNull);
  EXPECT_EQ(wasi_tls_client_handshake_receive_client_identity_request(nullptr, request.out()), kNull);
  EXPECT_EQ(wasi_tls_client_handshake_receive_client_identity_request(raw, nullptr), kNull);
  EXPECT_EQ(wasi_tls_client_handshake_finish(nullptr, streams.out()), kNull);
  EXPECT_EQ(wasi_tls_client_handshake_finish(raw, nullptr), kNull);
  EXPECT_EQ(wasi_tls_client_handshake_abort(nullptr, pollable.out()), kNull);
  EXPECT_EQ(wasi_tls_client_handshake_abort(raw, nullptr), kNull);
  EXPECT_EQ(wasi_tls_client_handshake_abort_with(nullptr, 40, pollable.out()), kNull);
  EXPECT_EQ(wasi_tls_client_handshake_abort_with(raw, 40, nullptr), kNull);
  EXPECT_EQ(wasi_tls_client_identity_request_respond(nullptr, nullptr, 0), kNull);
  const wasi_tls_bytes *names = nullptr;
  const uint16_t *schemes = nullptr;
  size_t count = 0;
  EXPECT_EQ(wasi_tls_client_identity_request_authorities(nullptr, &names, &count), kNull);
  EXPECT_EQ(wasi_tls_client_identity_request_signature_schemes(nullptr, &schemes, &count), kNull);
  ASSERT_TRUE(finish_both());
}

CONFORMANCE_CASE(BadInput, bad_input, null_arguments_of_servers) {
  constexpr wasi_tls_result kNull = WASI_TLS_ERR_NULL_ARGUMENT;
  Server &peer = server();
  ServerConnection connection;
  ServerHandshake handshake;
  Wire unused;
  Input input(unused.server_input());
  Output output(unused.server_output());
  EXPECT_EQ(wasi_tls_server_connection_new(nullptr, input.get(), output.get(), connection.out()), kNull);
  EXPECT_EQ(wasi_tls_server_connection_new(peer.config.get(), nullptr, output.get(), connection.out()), kNull);
  EXPECT_EQ(wasi_tls_server_connection_new(peer.config.get(), input.get(), nullptr, connection.out()), kNull);
  EXPECT_EQ(wasi_tls_server_connection_new(peer.config.get(), input.get(), output.get(), nullptr), kNull);
  EXPECT_EQ(wasi_tls_server_connection_accept(nullptr, handshake.out()), kNull);
  EXPECT_EQ(wasi_tls_server_connection_accept(peer.connection.get(), nullptr), kNull);
  FuturePublicIdentity identity;
  FutureClientHello hello;
  FutureStreams streams;
  Pollable pollable;
  wasi_tls_server_handshake *raw = peer.handshake.get();
  EXPECT_EQ(wasi_tls_server_connection_request_client_identity(nullptr, identity.out()), kNull);
  EXPECT_EQ(wasi_tls_server_connection_request_client_identity(peer.connection.get(), nullptr), kNull);
  EXPECT_EQ(wasi_tls_server_handshake_configure_alpn_ids(nullptr, nullptr, 0), kNull);
  EXPECT_EQ(wasi_tls_server_handshake_configure_alpn_ids(raw, nullptr, 1), kNull);
  EXPECT_EQ(wasi_tls_server_handshake_configure_server_identities(nullptr, nullptr, 0), kNull);
  EXPECT_EQ(wasi_tls_server_handshake_configure_server_identities(raw, nullptr, 1), kNull);
  EXPECT_EQ(wasi_tls_server_handshake_receive_client_hello(nullptr, hello.out()), kNull);
  EXPECT_EQ(wasi_tls_server_handshake_receive_client_hello(raw, nullptr), kNull);
  EXPECT_EQ(wasi_tls_server_handshake_request_client_identity(nullptr, identity.out()), kNull);
  EXPECT_EQ(wasi_tls_server_handshake_request_client_identity(raw, nullptr), kNull);
  EXPECT_EQ(wasi_tls_server_handshake_finish(nullptr, streams.out()), kNull);
  EXPECT_EQ(wasi_tls_server_handshake_finish(raw, nullptr), kNull);
  EXPECT_EQ(wasi_tls_server_handshake_abort(nullptr, pollable.out()), kNull);
  EXPECT_EQ(wasi_tls_server_handshake_abort(raw, nullptr), kNull);
  EXPECT_EQ(wasi_tls_server_handshake_abort_with(nullptr, 40, pollable.out()), kNull);
  EXPECT_EQ(wasi_tls_server_handshake_abort_with(raw, 40, nullptr), kNull);
  const wasi_tls_bytes *ids = nullptr;
  const wasi_tls_cipher_suite *suites = nullptr;
  size_t count = 0;
  EXPECT_EQ(wasi_tls_client_hello_alpn_ids(nullptr, &ids, &count), kNull);
  EXPECT_EQ(wasi_tls_client_hello_cipher_suites(nullptr, &suites, &count), kNull);
  ASSERT_TRUE(finish_both());
}

CONFORMANCE_CASE(BadInput, bad_input, null_arguments_of_futures_and_streams) {
  constexpr wasi_tls_result kNull = WASI_TLS_ERR_NULL_ARGUMENT;
  Pollable pollable;
  wasi_tls_input_stream *in = nullptr;
  wasi_tls_output_stream *out = nullptr;
  wasi_tls_client_hello *hello = nullptr;
  wasi_tls_public_identity *identity = nullptr;
  wasi_tls_client_identity_request *request = nullptr;
  EXPECT_EQ(wasi_tls_future_streams_subscribe(nullptr, pollable.out()), kNull);
  EXPECT_EQ(wasi_tls_future_client_hello_subscribe(nullptr, pollable.out()), kNull);
  EXPECT_EQ(wasi_tls_future_public_identity_subscribe(nullptr, pollable.out()), kNull);
  EXPECT_EQ(wasi_tls_future_client_identity_request_subscribe(nullptr, pollable.out()), kNull);
  EXPECT_EQ(wasi_tls_future_streams_get(nullptr, &in, &out), kNull);
  EXPECT_EQ(wasi_tls_future_client_hello_get(nullptr, &hello), kNull);
  EXPECT_EQ(wasi_tls_future_public_identity_get(nullptr, &identity), kNull);
  EXPECT_EQ(wasi_tls_future_client_identity_request_get(nullptr, &request), kNull);
  EXPECT_TRUE(wasi_tls_pollable_poll(nullptr, {nullptr, nullptr}));

  ASSERT_TRUE(finish_both());
  uint8_t byte = 0;
  size_t count = 0;
  wasi_tls_input_stream *input = client().input.get();
  wasi_tls_output_stream *output = client().output.get();
  EXPECT_EQ(wasi_tls_input_stream_read(nullptr, &byte, 1, &count), kNull);
  EXPECT_EQ(wasi_tls_input_stream_read(input, nullptr, 1, &count), kNull);
  EXPECT_EQ(wasi_tls_input_stream_read(input, &byte, 1, nullptr), kNull);
  EXPECT_EQ(wasi_tls_input_stream_skip(nullptr, 1, &count), kNull);
  EXPECT_EQ(wasi_tls_input_stream_subscribe(nullptr, pollable.out()), kNull);
  EXPECT_EQ(wasi_tls_input_stream_subscribe(input, nullptr), kNull);
  EXPECT_FALSE(wasi_tls_input_stream_poll(nullptr, {nullptr, nullptr}));
  EXPECT_EQ(wasi_tls_output_stream_check_write(nullptr, &count), kNull);
  EXPECT_EQ(wasi_tls_output_stream_check_write(output, nullptr), kNull);
  EXPECT_EQ(wasi_tls_output_stream_write(nullptr, &byte, 1), kNull);
  EXPECT_EQ(wasi_tls_output_stream_write(output, nullptr, 1), kNull);
  EXPECT_EQ(wasi_tls_output_stream_write_zeroes(nullptr, 1), kNull);
  EXPECT_EQ(wasi_tls_output_stream_splice(nullptr, input, 1, &count), kNull);
  EXPECT_EQ(wasi_tls_output_stream_splice(output, nullptr, 1, &count), kNull);
  EXPECT_EQ(wasi_tls_output_stream_flush(nullptr), kNull);
  EXPECT_EQ(wasi_tls_output_stream_subscribe(nullptr, pollable.out()), kNull);
  EXPECT_FALSE(wasi_tls_output_stream_poll(nullptr, {nullptr, nullptr}));
  expect_echo();
}

// Getters and drops take NULL for none.
CONFORMANCE_CASE(BadInput, bad_input, null_getters_and_drops) {
  wasi_tls_bytes bytes = kNone;
  wasi_tls_protocol_version version = 0;
  wasi_tls_cipher_suite suite = 0;
  wasi_tls_public_identity *shown = nullptr;
  wasi_tls_private_identity *identity = nullptr;
  wasi_tls_error error;
  wasi_tls_error_init(&error);
  EXPECT_FALSE(wasi_tls_client_connection_server_name(nullptr, &bytes));
  EXPECT_FALSE(wasi_tls_client_connection_alpn_id(nullptr, &bytes));
  EXPECT_FALSE(wasi_tls_client_connection_client_identity(nullptr, &identity));
  EXPECT_FALSE(wasi_tls_client_connection_server_identity(nullptr, &shown));
  EXPECT_FALSE(wasi_tls_client_connection_protocol_version(nullptr, &version));
  EXPECT_FALSE(wasi_tls_client_connection_cipher_suite(nullptr, &suite));
  EXPECT_FALSE(wasi_tls_client_connection_last_error(nullptr, &error));
  EXPECT_FALSE(wasi_tls_server_connection_server_name(nullptr, &bytes));
  EXPECT_FALSE(wasi_tls_server_connection_alpn_id(nullptr, &bytes));
  EXPECT_FALSE(wasi_tls_server_connection_client_identity(nullptr, &shown));
  EXPECT_FALSE(wasi_tls_server_connection_server_identity(nullptr, &identity));
  EXPECT_FALSE(wasi_tls_server_connection_protocol_version(nullptr, &version));
  EXPECT_FALSE(wasi_tls_server_connection_cipher_suite(nullptr, &suite));
  EXPECT_FALSE(wasi_tls_server_connection_last_error(nullptr, &error));
  EXPECT_FALSE(wasi_tls_client_hello_server_name(nullptr, &bytes));
  wasi_tls_config_free(nullptr);
  wasi_tls_public_identity_free(nullptr);
  wasi_tls_private_identity_free(nullptr);
  wasi_tls_client_connection_free(nullptr);
  wasi_tls_client_handshake_free(nullptr);
  wasi_tls_client_identity_request_free(nullptr);
  wasi_tls_server_connection_free(nullptr);
  wasi_tls_server_handshake_free(nullptr);
  wasi_tls_client_hello_free(nullptr);
  wasi_tls_future_streams_free(nullptr);
  wasi_tls_future_client_hello_free(nullptr);
  wasi_tls_future_public_identity_free(nullptr);
  wasi_tls_future_client_identity_request_free(nullptr);
  wasi_tls_pollable_free(nullptr);
  wasi_tls_input_stream_free(nullptr);
  wasi_tls_output_stream_free(nullptr);
  wasi_tls_endpoint_free(nullptr);
  wasi_tls_error_init(nullptr);
  wasi_tls_config_options_init(nullptr);
}

// 30, 31: names that can't be in a certificate, refused before any byte moves.
CONFORMANCE_CASE(BadInput, bad_input, server_names) {
  const std::string label(64, 'a');
  std::string too_long;
  while (too_long.size() < 254) too_long += "abcdefg.";
  const std::vector<std::string> bad = {"",
                                        ".",
                                        "..",
                                        "a..b",
                                        ".a.test",
                                        "a.test..",
                                        "a b.test",
                                        " a.test",
                                        "a.test\n",
                                        std::string("a\0b.test", 8),
                                        std::string("a.test\0", 7),
                                        label + ".test",
                                        too_long + "test",
                                        "b\xC3\xBC"
                                        "cher.test",
                                        "a.test:443",
                                        "[::1]",
                                        "fe80::1%eth0",
                                        "*.test",
                                        "a/b.test",
                                        "1.2.3.4.5.6:7"};
  for (const std::string &name : bad) {
    start_over();
    Client fresh(&pump(), &wire(), client_options);
    EXPECT_EQ(fresh.connect(name), WASI_TLS_ERR_SERVER_NAME) << '"' << name << '"';
    EXPECT_FALSE(fresh.handshake);
    EXPECT_EQ(to_server().writes().calls + to_client().reads().calls, 0u);
  }
  for (const char *name : {"localhost", "a-b.test", "_srv.test", "xn--bcher-kva.test", "127.0.0.1", "::1", "A.TEST."}) {
    start_over();
    Client fresh(&pump(), &wire(), client_options);
    EXPECT_EQ(fresh.connect(name), WASI_TLS_OK) << name;
  }
}

// 189, 187: engines that are not built in; sizes and ranges of the options.
CONFORMANCE_CASE(BadInput, bad_input, options) {
  using O = wasi_tls_config_options;
  EXPECT_EQ(build([](O *) {}), WASI_TLS_OK);
  for (const char *name : {"none-such", ""}) {
    EXPECT_EQ(build([name](O *o) {
                o->backend = nullptr;
                o->engine = name;
              }),
              WASI_TLS_ERR_UNKNOWN_ENGINE);
  }
  EXPECT_EQ(build([](O *o) { o->size = 0; }), WASI_TLS_ERR_STRUCT_SIZE);
  EXPECT_EQ(build([](O *o) { o->size = 8; }), WASI_TLS_ERR_STRUCT_SIZE);
  EXPECT_EQ(build([](O *o) { o->size++; }), WASI_TLS_ERR_STRUCT_SIZE);
  EXPECT_EQ(build([](O *o) { o->limits.size = 3; }), WASI_TLS_ERR_STRUCT_SIZE);
  EXPECT_EQ(build([](O *o) { o->min_version = 0x0302; }), WASI_TLS_ERR_VERSION_RANGE);
  EXPECT_EQ(build([](O *o) { o->max_version = 0x0305; }), WASI_TLS_ERR_VERSION_RANGE);
  EXPECT_EQ(build([](O *o) {
              o->min_version = WASI_TLS_VERSION_TLS13;
              o->max_version = WASI_TLS_VERSION_TLS12;
            }),
            WASI_TLS_ERR_VERSION_RANGE);
  // As a C caller can: a number that is none of the enumeration's.
  const int no_such_value = 9;
  EXPECT_EQ(build([&](O *o) { std::memcpy(&o->server_trust.source, &no_such_value, sizeof(no_such_value)); }),
            WASI_TLS_ERR_ENUM_VALUE);
  EXPECT_EQ(build([&](O *o) { std::memcpy(&o->client_identity, &no_such_value, sizeof(no_such_value)); }),
            WASI_TLS_ERR_ENUM_VALUE);
}

// 173: suites that the policy does not allow.
CONFORMANCE_CASE(BadInput, bad_input, cipher_suites) {
  for (wasi_tls_cipher_suite suite :
       std::initializer_list<wasi_tls_cipher_suite>{0x0000, 0x002F, 0x000A, 0x0005, 0xC012, 0x0034, 0x1399}) {
    EXPECT_EQ(build([&suite](wasi_tls_config_options *o) {
                o->cipher_suites = &suite;
                o->cipher_suite_count = 1;
              }),
              WASI_TLS_ERR_CIPHER_SUITE)
        << suite;
  }
}

// Trust anchors and revocation lists that can't be read.
CONFORMANCE_CASE(BadInput, bad_input, trust_and_revocation_lists) {
  for (const Bytes &junk : {Bytes{}, Bytes{0x30}, pattern(300), to_bytes("no certificate in here")}) {
    Options options = client_options;
    Config config;
    options.server_anchors = {root()->der, junk};
    EXPECT_EQ(options.build(&config), WASI_TLS_ERR_TRUST_STORE);
    options = client_options;
    options.crls = {junk};
    EXPECT_EQ(options.build(&config), WASI_TLS_ERR_REVOCATION_LIST);
  }
  Options options = client_options;
  Config config;
  Bytes bundle = to_pem(root()->der, "CERTIFICATE"), more = to_pem(other_root()->der, "CERTIFICATE");
  bundle.insert(bundle.end(), more.begin(), more.end());
  options.server_anchors = {bundle};
  EXPECT_EQ(options.build(&config), WASI_TLS_OK);
}

// Named identities are checked when the configuration is built.
CONFORMANCE_CASE(BadInput, bad_input, named_identities) {
  Bytes key = encode(*conformance::key(KeyType::kP256, 50), KeyEncoding::kPkcs8);
  wasi_tls_bytes leaf = view_of(server_chains[0][0]->der);
  wasi_tls_named_identity named = {"web", view_of(key), &leaf, 1, nullptr};
  EXPECT_EQ(build([&](wasi_tls_config_options *o) {
              o->identities = &named;
              o->identity_count = 1;
            }),
            WASI_TLS_ERR_KEY_MISMATCH);
}

// The names of all results and values are there, and distinct from each other.
CONFORMANCE_CASE(BadInput, bad_input, names_of_values) {
  EXPECT_STREQ(wasi_tls_result_name(WASI_TLS_ERR_KEY_MISMATCH), "key-mismatch");
  EXPECT_NE(wasi_tls_result_name(static_cast<wasi_tls_result>(-999)), nullptr);
  EXPECT_NE(wasi_tls_alert_name(250), nullptr);
  EXPECT_EQ(wasi_tls_capability_name(WASI_TLS_CAP_COUNT), nullptr);
  EXPECT_EQ(wasi_tls_engine_name(wasi_tls_engine_count()), nullptr);
  EXPECT_EQ(wasi_tls_engine_version("none-such"), nullptr);
  EXPECT_FALSE(wasi_tls_engine_supports("none-such", WASI_TLS_CAP_CLIENT));
  EXPECT_EQ(wasi_tls_result_class(WASI_TLS_PENDING), WASI_TLS_CLASS_NONE);
  EXPECT_EQ(wasi_tls_result_class(WASI_TLS_ERR_ENGINE), WASI_TLS_CLASS_INTERNAL);
  EXPECT_EQ(wasi_tls_result_class(WASI_TLS_ERR_LIMIT), WASI_TLS_CLASS_LIMIT);
}

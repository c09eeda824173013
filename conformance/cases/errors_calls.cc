// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The table of calls that are refused.
#include <cstring>

#include "errors_case.h"
#include "errors_engine.h"

namespace conformance {

namespace {

using Change = std::function<void(wasi_tls_config_options *)>;

// Otherwise good options of the client, with |change|.
std::function<wasi_tls_result(ErrorCase &)> options_with(const Change &change) {
  return [change](ErrorCase &c) {
    wasi_tls_config_options raw;
    wasi_tls_config_options_init(&raw);
    choose_engine(c.client_options.engine, &raw);
    raw.server_trust.source = WASI_TLS_TRUST_LIST;
    change(&raw);
    Config config;
    return wasi_tls_config_new(&raw, config.out(), nullptr);
  };
}

std::function<wasi_tls_result(ErrorCase &)> built(const std::function<void(Options *)> &change) {
  return [change](ErrorCase &c) {
    Options options = c.client_options;
    change(&options);
    Config config;
    return options.build(&config);
  };
}

// An identity of |key| and |chain|.
std::function<wasi_tls_result(ErrorCase &)> parsed(const std::function<Bytes()> &key,
                                                   const std::function<std::vector<Bytes>()> &chain) {
  return [key, chain](ErrorCase &c) {
    PrivateIdentity identity;
    return parse_identity(c.client().config, key(), chain(), &identity);
  };
}

Bytes good_key() {
  return encode(*server_chain(KeyType::kP256)[0]->key, KeyEncoding::kPkcs8);
}

std::vector<Bytes> good_chain() {
  return ders_of(server_chain(KeyType::kP256));
}

// A leaf of its own key of |type|, and that key.
std::function<wasi_tls_result(ErrorCase &)> parsed_leaf(KeyType type, const char *digest) {
  CertificateSpec spec = server_spec(type);
  spec.digest = digest;
  return [spec](ErrorCase &c) {
    Cert leaf = issue(spec, intermediate());
    PrivateIdentity identity;
    return parse_identity(c.client().config, encode(*leaf->key, KeyEncoding::kPkcs8), {leaf->der, intermediate()->der},
                          &identity);
  };
}

void *no_memory(void *, size_t) {
  return nullptr;
}

void *no_more_memory(void *, void *, size_t) {
  return nullptr;
}

void no_release(void *, void *) {}

wasi_tls_result connect_again(ErrorCase &c) {
  ClientHandshake second;
  return wasi_tls_client_connection_connect(c.client().connection.get(), view_of("again.test"), second.out());
}

wasi_tls_result take_twice(ErrorCase &c) {
  c.open();
  wasi_tls_input_stream *in = nullptr;
  wasi_tls_output_stream *out = nullptr;
  return wasi_tls_future_streams_get(c.client().streams.get(), &in, &out);
}

wasi_tls_result write_too_much(ErrorCase &c) {
  c.open();
  size_t permit = 0;
  EXPECT_EQ(wasi_tls_output_stream_check_write(c.client().output.get(), &permit), WASI_TLS_OK);
  Bytes much(permit + 1);
  return wasi_tls_output_stream_write(c.client().output.get(), much.data(), much.size());
}

wasi_tls_result use_a_foreign_identity(ErrorCase &c) {
  Config foreign;
  EXPECT_EQ(build_with_broken_engine(&foreign), WASI_TLS_OK);
  PrivateIdentity identity = parse_identity(foreign, client_chain(KeyType::kP256));
  return c.client().configure_identities({&identity});
}

wasi_tls_result read_after_the_end(ErrorCase &c) {
  c.open();
  c.server().close();
  c.run();
  return c.client().read_result;
}

std::vector<CallFailure> usage() {
  return {
      {WASI_TLS_ERR_NULL_ARGUMENT,
       [](ErrorCase &c) { return wasi_tls_client_connection_connect(c.client().connection.get(), {}, nullptr); }},
      {WASI_TLS_ERR_WRONG_STATE, connect_again},
      {WASI_TLS_ERR_ALREADY_TAKEN, take_twice},
      {WASI_TLS_ERR_PERMIT_EXCEEDED, write_too_much},
      {WASI_TLS_ERR_STRUCT_SIZE, options_with([](wasi_tls_config_options *o) { o->size = 1; })},
      {WASI_TLS_ERR_ENUM_VALUE, options_with([](wasi_tls_config_options *o) {
         const int none_such = 9;
         std::memcpy(&o->client_identity, &none_such, sizeof(none_such));
       })},
      {WASI_TLS_ERR_CLOSED, read_after_the_end},
      {WASI_TLS_ERR_OUT_OF_MEMORY, built([](Options *o) {
         o->allocator = {nullptr, no_memory, no_more_memory, no_release};
       })},
  };
}

std::vector<CallFailure> configuration() {
  static const wasi_tls_cipher_suite null_suite = 0x0001;
  return {
      {WASI_TLS_ERR_UNKNOWN_ENGINE, options_with([](wasi_tls_config_options *o) {
         o->backend = nullptr;
         o->engine = "none-such";
       })},
      {WASI_TLS_ERR_UNSUPPORTED,
       [](ErrorCase &c) {
         c.open();
         return c.server().request_identity_late();
       }},
      {WASI_TLS_ERR_SERVER_NAME,
       [](ErrorCase &c) { return Client(&c.pump(), &c.wire(), c.client_options).connect("a..test"); }},
      {WASI_TLS_ERR_ALPN_ID, [](ErrorCase &c) { return c.client().configure_alpn({Bytes()}); }},
      {WASI_TLS_ERR_VERSION_RANGE, options_with([](wasi_tls_config_options *o) { o->min_version = 0x0301; })},
      {WASI_TLS_ERR_CIPHER_SUITE, options_with([](wasi_tls_config_options *o) {
         o->cipher_suites = &null_suite;
         o->cipher_suite_count = 1;
       })},
      {WASI_TLS_ERR_TRUST_STORE, built([](Options *o) { o->server_anchors = {pattern(50)}; })},
      {WASI_TLS_ERR_REVOCATION_LIST, built([](Options *o) { o->crls = {pattern(50)}; })},
      {WASI_TLS_ERR_LIMIT_VALUE, built([](Options *o) { o->limits.chain_certificates = 101; })},
      {WASI_TLS_ERR_NO_SUCH_IDENTITY,
       [](ErrorCase &c) {
         PrivateIdentity none;
         return wasi_tls_private_identity_open(c.client().config.get(), view_of("none-such"), none.out());
       }},
      {WASI_TLS_ERR_ALERT_VALUE, [](ErrorCase &c) { return c.client().abort_with(10); }},
  };
}

std::vector<CallFailure> identities() {
  auto key_as = [](KeyEncoding encoding) {
    return [encoding] { return encode(*server_chain(KeyType::kP256)[0]->key, encoding); };
  };
  return {
      {WASI_TLS_ERR_KEY_FORMAT, parsed([] { return pattern(50); }, good_chain)},
      {WASI_TLS_ERR_KEY_ENCRYPTED, parsed(key_as(KeyEncoding::kEncryptedPkcs8), good_chain)},
      {WASI_TLS_ERR_KEY_TYPE, parsed_leaf(KeyType::kP521, "SHA256")},
      {WASI_TLS_ERR_KEY_TOO_SMALL, parsed_leaf(KeyType::kRsa1024, "SHA256")},
      {WASI_TLS_ERR_KEY_MISMATCH,
       parsed([] { return encode(*key(KeyType::kP256, 99), KeyEncoding::kPkcs8); }, good_chain)},
      {WASI_TLS_ERR_CERTIFICATE_FORMAT, parsed(good_key, [] { return std::vector<Bytes>{pattern(50)}; })},
      {WASI_TLS_ERR_CHAIN_EMPTY, parsed(good_key, [] { return std::vector<Bytes>(); })},
      {WASI_TLS_ERR_CHAIN_ORDER, parsed(good_key,
                                        [] {
                                          return std::vector<Bytes>{good_chain()[0], root()->der};
                                        })},
      {WASI_TLS_ERR_CHAIN_TOO_LONG, parsed(good_key,
                                           [] {
                                             std::vector<Bytes> chain = {good_chain()[0], intermediate()->der};
                                             chain.insert(chain.end(), 9, root()->der);
                                             return chain;
                                           })},
      {WASI_TLS_ERR_WEAK_SIGNATURE, parsed_leaf(KeyType::kP256, "SHA1")},
      {WASI_TLS_ERR_IDENTITY_ENGINE, use_a_foreign_identity},
  };
}

}  // namespace

const std::vector<CallFailure> &call_failures() {
  static const std::vector<CallFailure> all = [] {
    std::vector<CallFailure> list = usage();
    for (const auto &part : {configuration(), identities()}) list.insert(list.end(), part.begin(), part.end());
    return list;
  }();
  return all;
}

}  // namespace conformance

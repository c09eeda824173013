// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The table of capabilities: each cell that says yes is proven by cases of this suite, which are named here; each that
// says no, by an engine that refuses.
#include "case.h"

using namespace conformance;

namespace {

struct Proof {
  wasi_tls_capability capability;
  std::vector<std::pair<const char *, const char *>> cases;  // chapter and name
};

const std::vector<Proof> &proofs() {
  static const std::vector<Proof> all = {
      {WASI_TLS_CAP_CLIENT, {{"configuration", "engine"}, {"data", "echo_of_every_size"}}},
      {WASI_TLS_CAP_SERVER, {{"configuration", "engine"}, {"data", "echo_of_every_size"}}},
      {WASI_TLS_CAP_TLS12, {{"configuration", "version_ranges"}}},
      {WASI_TLS_CAP_TLS13, {{"configuration", "version_ranges"}}},
      {WASI_TLS_CAP_ALPN, {{"alpn", "server_preference_wins"}, {"alpn", "no_overlap"}}},
      {WASI_TLS_CAP_CLIENT_HELLO, {{"client_hello", "shows_what_was_sent"}, {"suspension", "server_at_the_hello"}}},
      {WASI_TLS_CAP_VERIFY_SERVER_IDENTITY, {{"suspension", "client_at_the_server_identity"}}},
      {WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST,
       {{"suspension", "client_at_the_identity_request"}, {"client_identity", "after_the_server_identity"}}},
      {WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY,
       {{"suspension", "server_at_the_client_identity"}, {"client_identity", "refused"}}},
      {WASI_TLS_CAP_POST_HANDSHAKE_SERVER, {{"post_handshake", "request_and_answer"}, {"post_handshake", "refused"}}},
      {WASI_TLS_CAP_POST_HANDSHAKE_CLIENT, {{"post_handshake", "request_and_answer"}, {"post_handshake", "declined"}}},
      {WASI_TLS_CAP_ABORT_ALERT,
       {{"abort", "with_every_alert_from_the_client"}, {"abort", "with_every_alert_from_the_server"}}},
      {WASI_TLS_CAP_KEY_RSA, {{"identities", "every_key_in_every_encoding"}}},
      {WASI_TLS_CAP_KEY_P256, {{"identities", "every_key_in_every_encoding"}}},
      {WASI_TLS_CAP_KEY_P384, {{"identities", "every_key_in_every_encoding"}}},
      {WASI_TLS_CAP_KEY_ED25519, {{"identities", "every_key_in_every_encoding"}}},
      {WASI_TLS_CAP_REVOCATION_LISTS, {{"verification", "revoked"}, {"verification", "stale_revocation_list"}}},
      {WASI_TLS_CAP_CIPHER_SUITES, {{"configuration", "each_suite"}}},
      {WASI_TLS_CAP_KEY_LOG, {{"configuration", "key_log"}}},
      {WASI_TLS_CAP_ALPN_ANY_BYTES, {{"alpn", "binary_ids"}}},
      {WASI_TLS_CAP_NAME_AUTHORITIES, {{"client_identity", "authorities"}, {"client_identity", "none_suits"}}},
      {WASI_TLS_CAP_POST_HANDSHAKE_REPEAT, {{"post_handshake", "one_at_a_time"}}},
      {WASI_TLS_CAP_OPAQUE_KEYS,
       {{"opaque_keys", "server_with_each_key_type"}, {"opaque_keys", "client_with_each_key_type"}}},
  };
  return all;
}

}  // namespace

CASE(capabilities, each_cell_has_a_proof) {
  std::vector<bool> proven(WASI_TLS_CAP_COUNT);
  for (const Proof &proof : proofs()) {
    proven[proof.capability] = true;
    for (const auto &[chapter, name] : proof.cases) EXPECT_TRUE(has_case(chapter, name)) << chapter << "." << name;
  }
  for (size_t i = 0; i < WASI_TLS_CAP_COUNT; i++)
    EXPECT_TRUE(proven[static_cast<size_t>(i)]) << wasi_tls_capability_name(static_cast<wasi_tls_capability>(i));
}

// What an embedder asks for is refused when the configuration is built.
CASE(capabilities, absent_ones_are_refused) {
  std::vector<std::string> lines;
  const struct {
    wasi_tls_capability capability;
    std::function<void(Options *)> ask;
  } asks[] = {
      {WASI_TLS_CAP_POST_HANDSHAKE_CLIENT, [](Options *options) { options->post_handshake_auth = true; }},
      {WASI_TLS_CAP_REVOCATION_LISTS, [](Options *options) { options->crls = {revocation_list(root(), {})}; }},
      {WASI_TLS_CAP_KEY_LOG, [&](Options *options) { options->key_log = &lines; }},
      {WASI_TLS_CAP_CIPHER_SUITES,
       [this](Options *options) { options->suites = {wasi_tls_cipher_suite(tls13() ? 0x1301 : 0xC02F)}; }},
  };
  for (const auto &each : asks) {
    SCOPED_TRACE(wasi_tls_capability_name(each.capability));
    Options options = client_options;
    each.ask(&options);
    Config config;
    EXPECT_EQ(options.build(&config), client_can(each.capability) ? WASI_TLS_OK : WASI_TLS_ERR_UNSUPPORTED);
  }
}

// The interface's own functions are there on every engine: the target is no empty cell among them. One version will do.
CASE(capabilities, the_whole_interface) {
  for (wasi_tls_capability capability :
       {WASI_TLS_CAP_CLIENT, WASI_TLS_CAP_SERVER, tls13() ? WASI_TLS_CAP_TLS13 : WASI_TLS_CAP_TLS12, WASI_TLS_CAP_ALPN,
        WASI_TLS_CAP_CLIENT_HELLO, WASI_TLS_CAP_VERIFY_SERVER_IDENTITY, WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST,
        WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY, WASI_TLS_CAP_ABORT_ALERT})
    EXPECT_TRUE(client_can(capability)) << wasi_tls_capability_name(capability);
}

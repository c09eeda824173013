// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Builds configurations, with storage of its own for all that the options only borrow.
#ifndef WASI_TLS_CONFORMANCE_OPTIONS_H
#define WASI_TLS_CONFORMANCE_OPTIONS_H

#include "pki.h"
#include "signer.h"

namespace conformance {

struct NamedIdentity {
  std::string name;
  Chain chain;
  Signer *signer = nullptr;  // in the place of the key; has to outlive all
};

struct Options {
  std::string engine;
  const wasi_tls_backend *backend = nullptr;  // in the engine's place
  wasi_tls_protocol_version min_version = WASI_TLS_VERSION_TLS12;
  wasi_tls_protocol_version max_version = WASI_TLS_VERSION_TLS13;
  std::vector<Bytes> server_anchors;  // whom a client trusts
  std::vector<Bytes> client_anchors;  // whom a server trusts
  std::vector<Bytes> crls;
  std::vector<NamedIdentity> identities;
  std::vector<wasi_tls_cipher_suite> suites;
  wasi_tls_client_identity_policy client_identity = WASI_TLS_CLIENT_IDENTITY_NONE;
  bool post_handshake_auth = false;
  wasi_tls_limits limits;
  wasi_tls_allocator allocator = {nullptr, nullptr, nullptr, nullptr};
  int64_t fixed_time = 0;                       // not 0: what the clock says
  bool system_trust = false;                    // instead of |server_anchors|
  std::vector<std::string> *key_log = nullptr;  // lines are added to it; has to outlive all
  std::vector<std::string> *log = nullptr;      // likewise

  Options();
  wasi_tls_result build(Config *config, wasi_tls_error *error = nullptr) const;
};

// An identity of |chain|, whose leaf's key is taken. Empty on failure, which |result| tells.
PrivateIdentity parse_identity(const Config &config, const Chain &chain, wasi_tls_result *result = nullptr);
wasi_tls_result parse_identity(const Config &config, const Bytes &key, const std::vector<Bytes> &chain,
                               PrivateIdentity *identity);
// An identity whose key |signer| has, which has to outlive all.
wasi_tls_result opaque_identity(const Config &config, Signer *signer, const std::vector<Bytes> &chain,
                                PrivateIdentity *identity);
std::vector<Bytes> export_chain(const PublicIdentity &identity);
std::vector<Bytes> export_chain(const PrivateIdentity &identity);

}  // namespace conformance

#endif

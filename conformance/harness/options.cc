// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "options.h"

#include "engines.h"

namespace conformance {

namespace {

int64_t read_fixed_time(void *context) {
  return *static_cast<const int64_t *>(context);
}

void add_line(void *context, const char *line) {
  static_cast<std::vector<std::string> *>(context)->emplace_back(line);
}

void add_log_line(void *context, wasi_tls_log_level level, const char *line) {
  (void)level;
  add_line(context, line);
}

// A configuration may outlive its options: the time it reads has to as well.
const int64_t *lasting(int64_t time) {
  static std::vector<std::unique_ptr<int64_t>> times;
  times.push_back(std::make_unique<int64_t>(time));
  return times.back().get();
}

wasi_tls_trust trust_of(const std::vector<wasi_tls_bytes> &anchors) {
  return {WASI_TLS_TRUST_LIST, anchors.data(), anchors.size()};
}

}  // namespace

Options::Options() : limits() {
  limits.size = sizeof(limits);
}

wasi_tls_result Options::build(Config *config, wasi_tls_error *error) const {
  wasi_tls_config_options raw;
  wasi_tls_config_options_init(&raw);
  choose_engine(engine, &raw);
  if (backend != nullptr) raw.backend = backend;
  std::vector<wasi_tls_bytes> servers = views_of(server_anchors), clients = views_of(client_anchors);
  raw.server_trust = trust_of(servers);
  if (system_trust) raw.server_trust = {WASI_TLS_TRUST_SYSTEM, nullptr, 0};
  raw.client_trust = trust_of(clients);
  std::vector<wasi_tls_bytes> lists = views_of(crls);
  raw.crls = lists.data();
  raw.crl_count = lists.size();

  std::vector<Bytes> keys;
  std::vector<std::vector<Bytes>> chains;
  std::vector<std::vector<wasi_tls_bytes>> chain_views;
  std::vector<wasi_tls_named_identity> named;
  std::vector<wasi_tls_signer> signers(identities.size());
  for (const NamedIdentity &each : identities) {
    keys.push_back(encode(*each.chain[0]->key, KeyEncoding::kPkcs8));
    chains.push_back(ders_of(each.chain));
  }
  for (size_t i = 0; i < identities.size(); i++) {
    chain_views.push_back(views_of(chains[i]));
    bool opaque = identities[i].signer != nullptr;
    if (opaque) signers[i] = identities[i].signer->raw();
    named.push_back({identities[i].name.c_str(), opaque ? wasi_tls_bytes{nullptr, 0} : view_of(keys[i]),
                     chain_views[i].data(), chain_views[i].size(), opaque ? &signers[i] : nullptr});
  }
  raw.identities = named.data();
  raw.identity_count = named.size();

  raw.min_version = min_version;
  raw.max_version = max_version;
  if (!suites.empty()) {
    raw.cipher_suites = suites.data();
    raw.cipher_suite_count = suites.size();
  }
  raw.client_identity = client_identity;
  raw.post_handshake_auth = post_handshake_auth;
  raw.limits = limits;
  raw.allocator = allocator;
  if (fixed_time != 0) {
    raw.clock = read_fixed_time;
    raw.clock_context = const_cast<int64_t *>(lasting(fixed_time));
  }
  if (key_log != nullptr) {
    raw.insecure_key_log = add_line;
    raw.insecure_key_log_context = key_log;
  }
  if (log != nullptr) {
    raw.log = add_log_line;
    raw.log_context = log;
  }
  return wasi_tls_config_new(&raw, config->out(), error);
}

wasi_tls_result parse_identity(const Config &config, const Bytes &key, const std::vector<Bytes> &chain,
                               PrivateIdentity *identity) {
  std::vector<wasi_tls_bytes> views = views_of(chain);
  return wasi_tls_private_identity_parse(config.get(), view_of(key), views.data(), views.size(), identity->out());
}

PrivateIdentity parse_identity(const Config &config, const Chain &chain, wasi_tls_result *result) {
  PrivateIdentity identity;
  wasi_tls_result parsed =
      parse_identity(config, encode(*chain[0]->key, KeyEncoding::kPkcs8), ders_of(chain), &identity);
  if (result != nullptr) *result = parsed;
  return identity;
}

wasi_tls_result opaque_identity(const Config &config, Signer *signer, const std::vector<Bytes> &chain,
                                PrivateIdentity *identity) {
  std::vector<wasi_tls_bytes> views = views_of(chain);
  wasi_tls_signer raw = signer->raw();
  return wasi_tls_private_identity_from_signer(config.get(), &raw, views.data(), views.size(), identity->out());
}

std::vector<Bytes> export_chain(const PublicIdentity &identity) {
  const wasi_tls_bytes *certificates = nullptr;
  size_t count = 0;
  if (wasi_tls_public_identity_export_x509_chain(identity.get(), &certificates, &count) != WASI_TLS_OK) return {};
  return to_list(certificates, count);
}

std::vector<Bytes> export_chain(const PrivateIdentity &identity) {
  PublicIdentity shown;
  if (wasi_tls_private_identity_public_identity(identity.get(), shown.out()) != WASI_TLS_OK) return {};
  return export_chain(shown);
}

}  // namespace conformance

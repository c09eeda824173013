/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "config.h"

#include <string.h>
#include <time.h>

#include "engine.h"
#include "fault.h"
#include "suites.h"
#include "trust.h"

/* A request that names more issuers than this is only long: clients then choose by themselves. */
#define MAX_NAMED_AUTHORITIES 64u

static int64_t system_clock(void *context) {
  (void)context;
  return (int64_t)time(NULL);
}

void wasi_tls_config_options_init(wasi_tls_config_options *options) {
  if (options == NULL) return;
  memset(options, 0, sizeof(*options));
  options->size = sizeof(*options);
  options->server_trust.source = WASI_TLS_TRUST_SYSTEM;
  options->client_trust.source = WASI_TLS_TRUST_LIST;
  options->min_version = WASI_TLS_VERSION_TLS12;
  options->max_version = WASI_TLS_VERSION_TLS13;
  options->client_identity = WASI_TLS_CLIENT_IDENTITY_NONE;
  options->limits.size = sizeof(options->limits);
}

wasi_tls_config *wtls_config_hold(wasi_tls_config *config) {
  atomic_fetch_add_explicit(&config->holds, 1, memory_order_relaxed);
  return config;
}

void wasi_tls_config_free(wasi_tls_config *config) {
  if (config == NULL || atomic_fetch_sub_explicit(&config->holds, 1, memory_order_acq_rel) != 1) return;
  wasi_tls_allocator allocator = config->allocator;
  for (size_t i = 0; i < config->named_count; i++) {
    wtls_release(&allocator, config->named[i].name);
    wasi_tls_private_identity_free(config->named[i].identity);
  }
  wtls_release(&allocator, config->named);
  wtls_release(&allocator, config->suites);
  if (config->context != NULL) config->backend->context_free(config->context);
  wtls_trust_store_clear(&config->server_store, &allocator);
  wtls_trust_store_clear(&config->client_store, &allocator);
  wtls_release(&allocator, config);
}

const char *wasi_tls_config_engine(const wasi_tls_config *config) {
  return config != NULL ? config->backend->name : NULL;
}

/* An engine that is read ahead for validates too late, so it has to leave that to the core. */
static bool is_coherent(const wasi_tls_backend *backend) {
  bool ahead = backend->open_record != NULL;
  return ahead == (backend->use_identity != NULL) && (!ahead || backend->verify_signature != NULL);
}

static wasi_tls_result choose_backend(const wasi_tls_config_options *options, const wasi_tls_backend **backend) {
  const wasi_tls_backend *chosen = options->backend != NULL ? options->backend : wtls_engine_find(options->engine);
  if (chosen == NULL) return WASI_TLS_ERR_UNKNOWN_ENGINE;
  if (chosen->size != sizeof(*chosen) || chosen->abi != WASI_TLS_BACKEND_ABI || !is_coherent(chosen))
    return WASI_TLS_ERR_UNSUPPORTED;
  *backend = chosen;
  return WASI_TLS_OK;
}

static wasi_tls_result choose_allocator(const wasi_tls_allocator *given, wasi_tls_allocator *allocator) {
  bool none = given->allocate == NULL && given->reallocate == NULL && given->release == NULL;
  bool all = given->allocate != NULL && given->reallocate != NULL && given->release != NULL;
  if (!none && !all) return WASI_TLS_ERR_NULL_ARGUMENT;
  *allocator = all ? *given : wtls_default_allocator;
  return WASI_TLS_OK;
}

static bool is_version(wasi_tls_protocol_version version) {
  return version == WASI_TLS_VERSION_TLS12 || version == WASI_TLS_VERSION_TLS13;
}

static wasi_tls_result check_policy(const wasi_tls_config_options *options, const wasi_tls_backend *backend) {
  if (!is_version(options->min_version) || !is_version(options->max_version) ||
      options->min_version > options->max_version)
    return WASI_TLS_ERR_VERSION_RANGE;
  if ((unsigned)options->client_identity > WASI_TLS_CLIENT_IDENTITY_REQUIRED) return WASI_TLS_ERR_ENUM_VALUE;
  const struct {
    bool wanted;
    wasi_tls_capability capability;
  } needs[] = {
      {options->min_version == WASI_TLS_VERSION_TLS13, WASI_TLS_CAP_TLS13},
      {options->max_version == WASI_TLS_VERSION_TLS12, WASI_TLS_CAP_TLS12},
      {options->crl_count != 0, WASI_TLS_CAP_REVOCATION_LISTS},
      {options->cipher_suite_count != 0, WASI_TLS_CAP_CIPHER_SUITES},
      {options->insecure_key_log != NULL, WASI_TLS_CAP_KEY_LOG},
      {options->post_handshake_auth, WASI_TLS_CAP_POST_HANDSHAKE_CLIENT},
  };
  for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
    if (needs[i].wanted && !wtls_backend_supports(backend, needs[i].capability)) return WASI_TLS_ERR_UNSUPPORTED;
  return WASI_TLS_OK;
}

/* Of a range that goes beyond the engine, what it speaks; a range that is beyond it was refused. */
static void meet_engine(wasi_tls_config *config) {
  if (!wtls_backend_supports(config->backend, WASI_TLS_CAP_TLS12)) config->min_version = WASI_TLS_VERSION_TLS13;
  if (!wtls_backend_supports(config->backend, WASI_TLS_CAP_TLS13)) config->max_version = WASI_TLS_VERSION_TLS12;
}

static wasi_tls_result choose_suites(wasi_tls_config *config, const wasi_tls_config_options *options) {
  const wasi_tls_cipher_suite *given = options->cipher_suites;
  size_t count = options->cipher_suite_count;
  if (given == NULL && count != 0) return WASI_TLS_ERR_NULL_ARGUMENT;
  if (count == 0) {
    given = wtls_default_suites;
    count = wtls_default_suite_count;
  }
  config->suites = wtls_alloc_array(&config->allocator, count, sizeof(*config->suites));
  if (config->suites == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  for (size_t i = 0; i < count; i++) {
    if (!wtls_suite_is_allowed(given[i])) return WASI_TLS_ERR_CIPHER_SUITE;
    wasi_tls_protocol_version version = wtls_suite_version(given[i]);
    if (version < config->min_version || version > config->max_version) continue;
    config->suites[config->suite_count++] = given[i];
  }
  return config->suite_count != 0 ? WASI_TLS_OK : WASI_TLS_ERR_CIPHER_SUITE;
}

/* A version of the range for which the list leaves no suite can't be negotiated: the range shrinks, alike on every
 * engine. */
static void narrow_versions(wasi_tls_config *config) {
  bool has12 = false;
  bool has13 = false;
  for (size_t i = 0; i < config->suite_count; i++) {
    if (wtls_suite_version(config->suites[i]) == WASI_TLS_VERSION_TLS13)
      has13 = true;
    else
      has12 = true;
  }
  if (!has12) config->min_version = WASI_TLS_VERSION_TLS13;
  if (!has13) config->max_version = WASI_TLS_VERSION_TLS12;
}

static wasi_tls_result make_context(wasi_tls_config *config, const wasi_tls_config_options *options,
                                    wasi_tls_backend_report *report) {
  wtls_der_list servers = {NULL, 0, 0};
  wtls_der_list clients = {NULL, 0, 0};
  wtls_der_list crls = {NULL, 0, 0};
  wasi_tls_result result = wtls_trust_load(&options->server_trust, &config->allocator, &servers);
  if (result == WASI_TLS_OK) result = wtls_trust_load(&options->client_trust, &config->allocator, &clients);
  if (result == WASI_TLS_OK) result = wtls_crls_load(options->crls, options->crl_count, &config->allocator, &crls);
  if (result == WASI_TLS_OK) {
    const wasi_tls_backend_context_params params = {
        .size = sizeof(params),
        .server_anchors = servers.items,
        .server_anchor_count = servers.count,
        .client_anchors = clients.items,
        .client_anchor_count = clients.count,
        .names_authorities = clients.count <= MAX_NAMED_AUTHORITIES,
        .crls = crls.items,
        .crl_count = crls.count,
        .min_version = config->min_version,
        .max_version = config->max_version,
        .cipher_suites = config->suites,
        .cipher_suite_count = config->suite_count,
        .chain_certificates = config->limits.chain_certificates,
        .post_handshake_auth = config->post_handshake_auth,
        .key_log = config->key_log != NULL,
        .clock = config->clock,
        .clock_context = config->clock_context,
    };
    result = config->backend->context_new(&params, &config->context, report);
  }
  bool validates = config->backend->verify_signature != NULL;
  if (result == WASI_TLS_OK && validates)
    result = wtls_trust_store_load(&config->server_store, &config->allocator, &servers, &crls);
  if (result == WASI_TLS_OK && validates)
    result = wtls_trust_store_load(&config->client_store, &config->allocator, &clients, &crls);
  wtls_der_list_clear(&servers, &config->allocator);
  wtls_der_list_clear(&clients, &config->allocator);
  wtls_der_list_clear(&crls, &config->allocator);
  return result;
}

/* A key or a signer, and not both. */
static wasi_tls_result take_parts(const wasi_tls_named_identity *given, wtls_identity_parts *parts) {
  bool opaque = given->signer != NULL;
  if (given->name == NULL || opaque == (given->private_key.data != NULL)) return WASI_TLS_ERR_NULL_ARGUMENT;
  *parts = (wtls_identity_parts){.private_key = given->private_key,
                                 .signer = given->signer,
                                 .x509_chain = given->x509_chain,
                                 .count = given->x509_chain != NULL ? given->x509_chain_count : 0};
  return opaque ? wtls_signer_check(given->signer) : WASI_TLS_OK;
}

/* When nothing can fail any more. */
static void adopt_signers(wasi_tls_config *config, const wasi_tls_config_options *options) {
  for (size_t i = 0; i < config->named_count; i++)
    if (options->identities[i].signer != NULL)
      wtls_signer_adopt(&config->named[i].identity->signer, options->identities[i].signer);
}

static wasi_tls_result name_identities(wasi_tls_config *config, const wasi_tls_config_options *options) {
  if (options->identities == NULL && options->identity_count != 0) return WASI_TLS_ERR_NULL_ARGUMENT;
  if (options->identity_count == 0) return WASI_TLS_OK;
  config->named = wtls_alloc_array(&config->allocator, options->identity_count, sizeof(*config->named));
  if (config->named == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  for (size_t i = 0; i < options->identity_count; i++) {
    const wasi_tls_named_identity *given = &options->identities[i];
    wtls_identity_parts parts;
    wasi_tls_result result = take_parts(given, &parts);
    if (result != WASI_TLS_OK) return result;
    wtls_named_identity *named = &config->named[i];
    named->name_len = strlen(given->name);
    named->name = wtls_copy(&config->allocator, given->name, named->name_len);
    if (named->name == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
    config->named_count = i + 1;
    result = wtls_private_identity_make(config, &parts, &named->identity);
    if (result != WASI_TLS_OK) return result;
  }
  adopt_signers(config, options);
  return WASI_TLS_OK;
}

static void copy_hooks(wasi_tls_config *config, const wasi_tls_config_options *options) {
  config->min_version = options->min_version;
  config->max_version = options->max_version;
  config->client_identity = options->client_identity;
  config->post_handshake_auth = options->post_handshake_auth;
  config->clock = options->clock != NULL ? options->clock : system_clock;
  config->clock_context = options->clock_context;
  config->log = options->log;
  config->log_context = options->log_context;
  config->key_log = options->insecure_key_log;
  config->key_log_context = options->insecure_key_log_context;
}

/* One line for people on what to look at. */
static const char *advice(wasi_tls_result result) {
  switch (result) {
    case WASI_TLS_ERR_UNKNOWN_ENGINE:
      return "no engine of that name is built in";
    case WASI_TLS_ERR_UNSUPPORTED:
      return "the engine can't do what the options ask for: see its capabilities";
    case WASI_TLS_ERR_TRUST_STORE:
      return "the trust anchors could not be read, or an entry holds no certificate";
    case WASI_TLS_ERR_REVOCATION_LIST:
      return "a revocation list could not be read";
    case WASI_TLS_ERR_CIPHER_SUITE:
      return "a cipher suite that the policy does not allow, or none left for the version range";
    default:
      return "the configuration was refused";
  }
}

static wasi_tls_result build(wasi_tls_config *config, const wasi_tls_config_options *options,
                             wasi_tls_backend_report *report) {
  copy_hooks(config, options);
  wasi_tls_result result = wtls_limits_resolve(&options->limits, &config->limits);
  if (result == WASI_TLS_OK) result = check_policy(options, config->backend);
  meet_engine(config);
  if (result == WASI_TLS_OK) result = choose_suites(config, options);
  if (result != WASI_TLS_OK) return result;
  narrow_versions(config);
  result = make_context(config, options, report);
  return result == WASI_TLS_OK ? name_identities(config, options) : result;
}

wasi_tls_result wasi_tls_config_new(const wasi_tls_config_options *options, wasi_tls_config **config,
                                    wasi_tls_error *error) {
  wasi_tls_config_options defaults;
  wasi_tls_config_options_init(&defaults);
  if (options == NULL) options = &defaults;
  if (config == NULL) return wtls_error_set(error, WASI_TLS_ERR_NULL_ARGUMENT, "no place for the configuration");
  if (options->size != sizeof(*options))
    return wtls_error_set(error, WASI_TLS_ERR_STRUCT_SIZE, "call wasi_tls_config_options_init first");

  const wasi_tls_backend *backend = NULL;
  wasi_tls_allocator allocator;
  wasi_tls_backend_report report = {.alert = WASI_TLS_NO_ALERT};
  wasi_tls_result result = choose_backend(options, &backend);
  if (result == WASI_TLS_OK) result = choose_allocator(&options->allocator, &allocator);
  if (result != WASI_TLS_OK) return wtls_error_set(error, result, advice(result));
  wasi_tls_config *made = wtls_alloc(&allocator, sizeof(*made));
  if (made == NULL) return wtls_error_set(error, WASI_TLS_ERR_OUT_OF_MEMORY, "out of memory");
  atomic_init(&made->holds, 1);
  made->allocator = allocator;
  made->backend = backend;
  result = build(made, options, &report);
  if (result != WASI_TLS_OK) {
    wasi_tls_config_free(made);
    (void)wtls_error_set(error, result, report.text[0] != 0 ? report.text : advice(result));
    return result;
  }
  *config = made;
  return WASI_TLS_OK;
}

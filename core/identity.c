/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "identity.h"

#include <string.h>

#include "config.h"
#include "engine.h"
#include "pem.h"
#include "policy.h"
#include "private_key.h"

wasi_tls_public_identity *wtls_public_identity_hold(wasi_tls_public_identity *identity) {
  if (identity != NULL) atomic_fetch_add_explicit(&identity->holds, 1, memory_order_relaxed);
  return identity;
}

void wasi_tls_public_identity_free(wasi_tls_public_identity *self) {
  if (self == NULL || atomic_fetch_sub_explicit(&self->holds, 1, memory_order_acq_rel) != 1) return;
  wasi_tls_allocator allocator = self->allocator;
  wtls_release(&allocator, self);
}

wasi_tls_result wasi_tls_public_identity_export_x509_chain(const wasi_tls_public_identity *self,
                                                           const wasi_tls_bytes **certificates, size_t *count) {
  if (self == NULL || certificates == NULL || count == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  *certificates = self->certificates;
  *count = self->count;
  return WASI_TLS_OK;
}

wasi_tls_private_identity *wtls_private_identity_hold(wasi_tls_private_identity *identity) {
  if (identity != NULL) atomic_fetch_add_explicit(&identity->holds, 1, memory_order_relaxed);
  return identity;
}

void wasi_tls_private_identity_free(wasi_tls_private_identity *self) {
  if (self == NULL || atomic_fetch_sub_explicit(&self->holds, 1, memory_order_acq_rel) != 1) return;
  wasi_tls_allocator allocator = self->allocator;
  if (self->engine_identity != NULL) self->backend->identity_free(self->engine_identity);
  wtls_signer_clear(&self->signer);
  wasi_tls_public_identity_free(self->chain);
  wtls_release(&allocator, self->certificates);
  wtls_release(&allocator, self);
}

wasi_tls_result wasi_tls_private_identity_public_identity(const wasi_tls_private_identity *self,
                                                          wasi_tls_public_identity **identity) {
  if (self == NULL || identity == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  *identity = wtls_public_identity_hold(self->chain);
  return WASI_TLS_OK;
}

/* Adds what one entry of a guest's chain holds: a DER certificate, or PEM with one or more. */
static wasi_tls_result add_entry(wtls_chain_builder *builder, wasi_tls_bytes entry) {
  if (entry.data == NULL) return WASI_TLS_ERR_CERTIFICATE_FORMAT;
  if (!wtls_pem_is(entry)) return wtls_chain_builder_add(builder, entry) ? WASI_TLS_OK : builder->result;
  wasi_tls_bytes cursor = entry;
  size_t before = builder->count;
  for (;;) {
    wtls_pem_block block;
    wasi_tls_result result = wtls_pem_next(builder->allocator, &cursor, &block);
    if (result == WASI_TLS_PENDING) return builder->count > before ? WASI_TLS_OK : WASI_TLS_ERR_CERTIFICATE_FORMAT;
    if (result != WASI_TLS_OK) return result;
    bool is_certificate = strcmp(block.label, "CERTIFICATE") == 0;
    if (is_certificate) (void)wtls_chain_builder_add(builder, (wasi_tls_bytes){block.der, block.der_len});
    wtls_pem_block_clear(builder->allocator, &block);
    if (!is_certificate) return WASI_TLS_ERR_CERTIFICATE_FORMAT;
    if (builder->result != WASI_TLS_OK) return builder->result;
  }
}

static wasi_tls_result build_chain(const wasi_tls_allocator *allocator, size_t limit, const wasi_tls_bytes *entries,
                                   size_t count, wasi_tls_public_identity **chain) {
  wtls_chain_builder builder;
  wtls_chain_builder_init(&builder, allocator, limit);
  wasi_tls_result result = WASI_TLS_OK;
  for (size_t i = 0; i < count && result == WASI_TLS_OK; i++) result = add_entry(&builder, entries[i]);
  wasi_tls_public_identity *built = NULL;
  wasi_tls_result finished = wtls_chain_builder_finish(&builder, &built);
  if (result == WASI_TLS_OK) result = finished;
  if (result != WASI_TLS_OK) {
    wasi_tls_public_identity_free(built);
    return result;
  }
  *chain = built;
  return WASI_TLS_OK;
}

/* What a peer's policy would refuse is refused here, and not by some peer later. */
static wasi_tls_result check_policy(const wtls_x509 *certificate) {
  switch (wtls_policy_check_certificate(certificate)) {
    case WASI_TLS_VERIFY_OK:
      return WASI_TLS_OK;
    case WASI_TLS_VERIFY_WEAK_KEY:
      return WASI_TLS_ERR_KEY_TOO_SMALL;
    default:
      return WASI_TLS_ERR_WEAK_SIGNATURE;
  }
}

/* Reads the chain, and holds it to the policy: each certificate issued by the next, a key type that can serve. */
static wasi_tls_result read_chain(wasi_tls_private_identity *identity) {
  const wasi_tls_public_identity *chain = identity->chain;
  identity->certificates = wtls_alloc_array(&identity->allocator, chain->count, sizeof(wtls_x509));
  if (identity->certificates == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  for (size_t i = 0; i < chain->count; i++) {
    if (!wtls_x509_parse(chain->certificates[i], &identity->certificates[i])) return WASI_TLS_ERR_CERTIFICATE_FORMAT;
    wasi_tls_result result = check_policy(&identity->certificates[i]);
    if (result != WASI_TLS_OK) return result;
    if (i == 0) continue;
    wasi_tls_bytes issuer = identity->certificates[i - 1].issuer;
    wasi_tls_bytes subject = identity->certificates[i].subject;
    if (issuer.len != subject.len || memcmp(issuer.data, subject.data, issuer.len) != 0)
      return WASI_TLS_ERR_CHAIN_ORDER;
  }
  switch (identity->certificates[0].key_type) {
    case WTLS_KEY_RSA:
    case WTLS_KEY_P256:
    case WTLS_KEY_P384:
    case WTLS_KEY_ED25519:
      return WASI_TLS_OK;
    default:
      return WASI_TLS_ERR_KEY_TYPE;
  }
}

static bool key_type_supported(const wasi_tls_backend *backend, wtls_key_type type) {
  switch (type) {
    case WTLS_KEY_RSA:
      return (backend->capabilities >> WASI_TLS_CAP_KEY_RSA) & 1u;
    case WTLS_KEY_P256:
      return (backend->capabilities >> WASI_TLS_CAP_KEY_P256) & 1u;
    case WTLS_KEY_P384:
      return (backend->capabilities >> WASI_TLS_CAP_KEY_P384) & 1u;
    default:
      return (backend->capabilities >> WASI_TLS_CAP_KEY_ED25519) & 1u;
  }
}

static wasi_tls_result show_to_engine(const wasi_tls_config *config, const wtls_private_key *key,
                                      const wasi_tls_signer *signer, wasi_tls_private_identity *made) {
  const wasi_tls_backend *backend = config->backend;
  const wasi_tls_bytes *chain = made->chain->certificates;
  if (signer == NULL)
    return backend->identity_new(config->context, key->encoding, (wasi_tls_bytes){key->der, key->der_len}, chain,
                                 made->chain->count, &made->engine_identity);
  wasi_tls_result result = wtls_signer_init(&made->signer, signer, &made->certificates[0]);
  if (result != WASI_TLS_OK) return result;
  return backend->identity_new_opaque(config->context, &made->signer.shown, chain, made->chain->count,
                                      &made->engine_identity);
}

static bool takes_opaque_keys(const wasi_tls_backend *backend) {
  return wtls_backend_supports(backend, WASI_TLS_CAP_OPAQUE_KEYS) && backend->identity_new_opaque != NULL;
}

wasi_tls_result wtls_private_identity_make(const wasi_tls_config *config, const wtls_identity_parts *parts,
                                           wasi_tls_private_identity **identity) {
  const wasi_tls_allocator *allocator = &config->allocator;
  wtls_private_key key = {0};
  if (parts->signer != NULL && !takes_opaque_keys(config->backend)) return WASI_TLS_ERR_UNSUPPORTED;
  wasi_tls_private_identity *made = wtls_alloc(allocator, sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  atomic_init(&made->holds, 1);
  made->allocator = *allocator;
  made->backend = config->backend;

  wasi_tls_result result = WASI_TLS_OK;
  if (parts->signer == NULL) result = wtls_private_key_decode(allocator, parts->private_key, &key);
  if (result == WASI_TLS_OK)
    result = build_chain(allocator, config->limits.chain_certificates, parts->x509_chain, parts->count, &made->chain);
  if (result == WASI_TLS_OK) result = read_chain(made);
  if (result == WASI_TLS_OK && !key_type_supported(config->backend, made->certificates[0].key_type))
    result = WASI_TLS_ERR_KEY_TYPE;
  if (result == WASI_TLS_OK) result = show_to_engine(config, &key, parts->signer, made);
  wtls_private_key_clear(allocator, &key);
  if (result == WASI_TLS_OK)
    *identity = made;
  else
    wasi_tls_private_identity_free(made);
  return result;
}

wasi_tls_result wasi_tls_private_identity_parse(wasi_tls_config *config, wasi_tls_bytes private_key,
                                                const wasi_tls_bytes *x509_chain, size_t count,
                                                wasi_tls_private_identity **identity) {
  if (config == NULL || identity == NULL || private_key.data == NULL || (x509_chain == NULL && count != 0))
    return WASI_TLS_ERR_NULL_ARGUMENT;
  const wtls_identity_parts parts = {.private_key = private_key, .x509_chain = x509_chain, .count = count};
  return wtls_private_identity_make(config, &parts, identity);
}

wasi_tls_result wasi_tls_private_identity_from_signer(wasi_tls_config *config, const wasi_tls_signer *signer,
                                                      const wasi_tls_bytes *x509_chain, size_t count,
                                                      wasi_tls_private_identity **identity) {
  if (config == NULL || identity == NULL || (x509_chain == NULL && count != 0)) return WASI_TLS_ERR_NULL_ARGUMENT;
  const wtls_identity_parts parts = {.signer = signer, .x509_chain = x509_chain, .count = count};
  wasi_tls_result result = wtls_signer_check(signer);
  if (result == WASI_TLS_OK) result = wtls_private_identity_make(config, &parts, identity);
  if (result == WASI_TLS_OK) wtls_signer_adopt(&(*identity)->signer, signer);
  return result;
}

wasi_tls_result wasi_tls_private_identity_open(wasi_tls_config *config, wasi_tls_bytes name,
                                               wasi_tls_private_identity **identity) {
  if (config == NULL || identity == NULL || name.data == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  for (size_t i = 0; i < config->named_count; i++) {
    const wtls_named_identity *named = &config->named[i];
    if (named->name_len != name.len || memcmp(named->name, name.data, name.len) != 0) continue;
    *identity = wtls_private_identity_hold(named->identity);
    return WASI_TLS_OK;
  }
  return WASI_TLS_ERR_NO_SUCH_IDENTITY;
}

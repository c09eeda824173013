/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "validation.h"

#include <string.h>

#include "name_constraints.h"
#include "path.h"
#include "reader.h"

static wasi_tls_result load_anchors(wtls_trust_store *store, const wasi_tls_allocator *allocator,
                                    const wtls_der_list *anchors) {
  store->anchors = wtls_alloc_array(allocator, anchors->count + 1, sizeof(*store->anchors));
  if (store->anchors == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  for (size_t i = 0; i < anchors->count; i++) {
    wasi_tls_result result = wtls_der_list_add(&store->ders, allocator, anchors->items[i]);
    if (result != WASI_TLS_OK) return result;
    if (!wtls_x509_parse(store->ders.items[store->ders.count - 1], &store->anchors[i])) return WASI_TLS_ERR_TRUST_STORE;
    store->anchor_count++;
  }
  return WASI_TLS_OK;
}

static wasi_tls_result load_crls(wtls_trust_store *store, const wasi_tls_allocator *allocator,
                                 const wtls_der_list *crls) {
  store->crls = wtls_alloc_array(allocator, crls->count + 1, sizeof(*store->crls));
  if (store->crls == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  for (size_t i = 0; i < crls->count; i++) {
    wasi_tls_result result = wtls_der_list_add(&store->ders, allocator, crls->items[i]);
    if (result != WASI_TLS_OK) return result;
    if (!wtls_crl_parse(store->ders.items[store->ders.count - 1], &store->crls[i])) return WASI_TLS_ERR_REVOCATION_LIST;
    store->crl_count++;
  }
  return WASI_TLS_OK;
}

wasi_tls_result wtls_trust_store_load(wtls_trust_store *store, const wasi_tls_allocator *allocator,
                                      const wtls_der_list *anchors, const wtls_der_list *crls) {
  wasi_tls_result result = load_anchors(store, allocator, anchors);
  return result == WASI_TLS_OK ? load_crls(store, allocator, crls) : result;
}

void wtls_trust_store_clear(wtls_trust_store *store, const wasi_tls_allocator *allocator) {
  wtls_der_list_clear(&store->ders, allocator);
  wtls_release(allocator, store->anchors);
  wtls_release(allocator, store->crls);
  memset(store, 0, sizeof(*store));
}

/* RFC 5280, section 4.2.1.9. Of an anchor less is asked: it may be older than the extension. */
static bool may_issue(const wtls_x509 *certificate, bool is_anchor) {
  if (certificate->has_key_usage && (certificate->key_usage & WTLS_USAGE_CERT_SIGN) == 0) return false;
  if (certificate->has_basic_constraints) return certificate->is_ca;
  return is_anchor && (certificate->has_key_usage || (certificate->first_version && certificate->self_issued));
}

/* The extended key usage of a CA holds for what it issues. */
static bool suits_purpose(const wtls_x509 *certificate, bool of_server, bool is_leaf) {
  unsigned wanted = WTLS_USAGE_DIGITAL_SIGNATURE | WTLS_USAGE_KEY_AGREEMENT;
  if (of_server) wanted |= WTLS_USAGE_KEY_ENCIPHERMENT;
  bool extended = of_server ? certificate->for_servers : certificate->for_clients;
  if (certificate->has_extended_key_usage && !extended) return false;
  return !is_leaf || !certificate->has_key_usage || (certificate->key_usage & wanted) != 0;
}

static wasi_tls_verify_reason check_extensions(const wtls_validation *self, const wtls_path *path, uint32_t *depth) {
  uint32_t below = 0; /* intermediates, without those that only renew a key */
  for (size_t i = 0; i < path->count; i++) {
    const wtls_x509 *certificate = path->items[i];
    *depth = (uint32_t)i;
    if (certificate->unknown_critical) return WASI_TLS_VERIFY_CRITICAL_EXTENSION;
    if (i != 0 && !may_issue(certificate, i + 1 == path->count)) return WASI_TLS_VERIFY_NOT_A_CA;
    if (!suits_purpose(certificate, self->of_server, i == 0)) return WASI_TLS_VERIFY_PURPOSE;
    if (i == 0) continue;
    if (certificate->has_basic_constraints && below > certificate->path_length) return WASI_TLS_VERIFY_PATH_LENGTH;
    if (!certificate->self_issued) below++;
  }
  return WASI_TLS_VERIFY_OK;
}

static bool is_signed_by(const wtls_validation *self, const wtls_signature *signature, const wtls_x509 *issuer) {
  return signature->scheme != 0 &&
         self->backend->verify_signature(signature->scheme, issuer->key_info, signature->data, signature->value);
}

static bool can_be_relied_on(const wtls_validation *self, const wtls_crl *crl, const wtls_x509 *issuer) {
  bool may_sign = !issuer->has_key_usage || (issuer->key_usage & WTLS_USAGE_CRL_SIGN) != 0;
  return may_sign && !crl->unknown_critical && wtls_crl_is_current(crl, self->now) &&
         is_signed_by(self, &crl->signature, issuer);
}

/* What lists say who is revoked, not who is good: an issuer without one is no error. One good list is enough. */
static wasi_tls_verify_reason look_up(const wtls_validation *self, const wtls_x509 *certificate,
                                      const wtls_x509 *issuer) {
  bool good = false;
  bool bad = false;
  for (size_t i = 0; i < self->store->crl_count; i++) {
    const wtls_crl *crl = &self->store->crls[i];
    if (!wtls_crl_is_of(crl, issuer)) continue;
    bool relied_on = can_be_relied_on(self, crl, issuer);
    if (relied_on && wtls_crl_lists(crl, certificate->serial)) return WASI_TLS_VERIFY_REVOKED;
    good = good || relied_on;
    bad = bad || !relied_on;
  }
  return bad && !good ? WASI_TLS_VERIFY_CRL_INVALID : WASI_TLS_VERIFY_OK;
}

/* An anchor that is no root: the key of who issued it is not known, so a list of that issuer can't be relied on. */
static wasi_tls_verify_reason look_up_anchor(const wtls_validation *self, const wtls_x509 *anchor) {
  if (anchor->self_issued) return look_up(self, anchor, anchor);
  for (size_t i = 0; i < self->store->crl_count; i++)
    if (wtls_bytes_equal(self->store->crls[i].issuer, anchor->issuer)) return WASI_TLS_VERIFY_CRL_INVALID;
  return WASI_TLS_VERIFY_OK;
}

static wasi_tls_verify_reason check_revocation(const wtls_validation *self, const wtls_path *path, uint32_t *depth) {
  wasi_tls_verify_reason reason = WASI_TLS_VERIFY_OK;
  for (size_t i = 0; i < path->count && reason == WASI_TLS_VERIFY_OK; i++) {
    *depth = (uint32_t)i;
    reason =
        i + 1 < path->count ? look_up(self, path->items[i], path->items[i + 1]) : look_up_anchor(self, path->items[i]);
  }
  return reason;
}

static wasi_tls_verify_reason check_link(const wtls_validation *self, const wtls_x509 *certificate,
                                         const wtls_x509 *issuer) {
  if (issuer != NULL && certificate->signature.weak) return WASI_TLS_VERIFY_WEAK_SIGNATURE;
  if (issuer != NULL && !is_signed_by(self, &certificate->signature, issuer)) return WASI_TLS_VERIFY_SIGNATURE;
  if (self->now < certificate->not_before) return WASI_TLS_VERIFY_NOT_YET_VALID;
  return self->now > certificate->not_after ? WASI_TLS_VERIFY_EXPIRED : WASI_TLS_VERIFY_OK;
}

/* From the anchor down; nothing relies on the anchor's own signature. */
static wasi_tls_verify_reason check_links(const wtls_validation *self, const wtls_path *path, uint32_t *depth) {
  wasi_tls_verify_reason reason = WASI_TLS_VERIFY_OK;
  for (size_t i = path->count; i-- != 0 && reason == WASI_TLS_VERIFY_OK;) {
    *depth = (uint32_t)i;
    reason = check_link(self, path->items[i], i + 1 < path->count ? path->items[i + 1] : NULL);
  }
  return reason;
}

static wasi_tls_verify_reason check_names(const wtls_path *path, uint32_t *depth) {
  for (size_t i = path->count; i-- != 0;) {
    *depth = (uint32_t)i;
    if (i != 0 && path->items[i]->self_issued) continue;
    for (size_t above = i + 1; above < path->count; above++)
      if (!wtls_names_are_within(path->items[i], path->items[above])) return WASI_TLS_VERIFY_NAME_CONSTRAINT;
  }
  return WASI_TLS_VERIFY_OK;
}

static wasi_tls_verify_reason check_path(const wtls_validation *self, const wtls_path *path, uint32_t *depth) {
  wasi_tls_verify_reason reason = check_extensions(self, path, depth);
  if (reason == WASI_TLS_VERIFY_OK) reason = check_revocation(self, path, depth);
  if (reason == WASI_TLS_VERIFY_OK) reason = check_links(self, path, depth);
  return reason == WASI_TLS_VERIFY_OK ? check_names(path, depth) : reason;
}

static wasi_tls_verify_reason validate(const wtls_validation *self, wtls_x509 *read, const wasi_tls_bytes *chain,
                                       size_t count, wtls_path *path, uint32_t *depth) {
  for (size_t i = 0; i < count; i++) {
    *depth = (uint32_t)i;
    if (!wtls_x509_parse(chain[i], &read[i])) return WASI_TLS_VERIFY_MALFORMED;
  }
  wasi_tls_verify_reason reason = wtls_path_build(self, read, count, path);
  *depth = (uint32_t)path->count - 1;
  return reason == WASI_TLS_VERIFY_OK ? check_path(self, path, depth) : reason;
}

wasi_tls_result wtls_validate(const wtls_validation *self, const wasi_tls_bytes *chain, size_t count,
                              wasi_tls_verify_reason *reason, uint32_t *depth) {
  *depth = 0;
  *reason = WASI_TLS_VERIFY_MISSING;
  if (count == 0) return WASI_TLS_OK;
  wtls_x509 *read = wtls_alloc_array(self->allocator, count, sizeof(*read));
  wtls_path path = {wtls_alloc_array(self->allocator, count + 1, sizeof(wtls_x509 *)), 0};
  bool has_room = read != NULL && path.items != NULL;
  if (has_room) *reason = validate(self, read, chain, count, &path, depth);
  wtls_release(self->allocator, path.items);
  wtls_release(self->allocator, read);
  return has_room ? WASI_TLS_OK : WASI_TLS_ERR_OUT_OF_MEMORY;
}

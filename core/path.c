/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "path.h"

#include "x509_parts.h"

static bool is_anchor(const wtls_trust_store *store, const wtls_x509 *certificate) {
  for (size_t i = 0; i < store->anchor_count; i++)
    if (wtls_bytes_equal(store->anchors[i].der, certificate->der)) return true;
  return false;
}

static bool is_on(const wtls_path *path, const wtls_x509 *certificate) {
  for (size_t i = 0; i < path->count; i++)
    if (path->items[i] == certificate) return true;
  return false;
}

/* By what it says. Nobody else has issued it then, whatever their name. */
static bool is_self_signed(const wtls_x509 *certificate) {
  return certificate->self_issued && !wtls_key_ids_differ(certificate->authority_key_id, certificate);
}

static const wtls_x509 *find_issuer(const wtls_path *path, const wtls_x509 *candidates, size_t count, int64_t now) {
  const wtls_x509 *subject = path->items[path->count - 1];
  const wtls_x509 *found = NULL;
  for (size_t i = 0; i < count; i++) {
    const wtls_x509 *candidate = &candidates[i];
    if (!wtls_bytes_equal(subject->issuer, candidate->subject) || is_on(path, candidate) ||
        wtls_key_ids_differ(subject->authority_key_id, candidate))
      continue;
    if (candidate->not_before <= now && now <= candidate->not_after) return candidate;
    if (found == NULL) found = candidate;
  }
  return found;
}

wasi_tls_verify_reason wtls_path_build(const wtls_validation *validation, const wtls_x509 *presented, size_t count,
                                       wtls_path *path) {
  const wtls_trust_store *store = validation->store;
  path->items[0] = &presented[0];
  path->count = 1;
  for (;;) {
    const wtls_x509 *last = path->items[path->count - 1];
    if (is_self_signed(last) && is_anchor(store, last)) return WASI_TLS_VERIFY_OK;
    if (is_self_signed(last)) break;
    const wtls_x509 *anchor = find_issuer(path, store->anchors, store->anchor_count, validation->now);
    const wtls_x509 *issuer = anchor;
    if (issuer == NULL) issuer = find_issuer(path, presented, count, validation->now);
    if (issuer == NULL) break;
    if (path->count > validation->chain_certificates) return WASI_TLS_VERIFY_PATH_LENGTH;
    path->items[path->count++] = issuer;
    if (anchor != NULL) return WASI_TLS_VERIFY_OK;
  }
  return is_anchor(store, &presented[0]) ? WASI_TLS_VERIFY_OK : WASI_TLS_VERIFY_UNTRUSTED;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <stdlib.h>
#include <string.h>

#include "backend_gnutls.h"

/* The engine finds out by itself which of the two older formats it is given. */
static wasi_tls_result read_key(gnutls_x509_privkey_t key, wasi_tls_key_encoding encoding, wasi_tls_bytes bytes) {
  const gnutls_datum_t der = wtls_gnutls_datum(bytes);
  int read = encoding == WASI_TLS_KEY_PKCS8
                 ? gnutls_x509_privkey_import_pkcs8(key, &der, GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN)
                 : gnutls_x509_privkey_import(key, &der, GNUTLS_X509_FMT_DER);
  if (read == GNUTLS_E_SUCCESS) return WASI_TLS_OK;
  return read == GNUTLS_E_MEMORY_ERROR ? WASI_TLS_ERR_OUT_OF_MEMORY : WASI_TLS_ERR_KEY_FORMAT;
}

static wasi_tls_result take_key(wtls_gnutls_identity *identity, wasi_tls_key_encoding encoding, wasi_tls_bytes bytes) {
  gnutls_x509_privkey_t key;
  if (gnutls_x509_privkey_init(&key) != GNUTLS_E_SUCCESS) return WASI_TLS_ERR_OUT_OF_MEMORY;
  wasi_tls_result result = read_key(key, encoding, bytes);
  if (result == WASI_TLS_OK) {
    int taken = gnutls_privkey_init(&identity->key);
    if (taken == GNUTLS_E_SUCCESS)
      taken = gnutls_privkey_import_x509(identity->key, key, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE);
    if (taken == GNUTLS_E_SUCCESS) return WASI_TLS_OK;
    result = wtls_gnutls_result(taken);
  }
  gnutls_x509_privkey_deinit(key);
  return result;
}

static wasi_tls_result take_chain(wtls_gnutls_identity *identity, const wasi_tls_bytes *chain, size_t count) {
  for (; identity->count < count; identity->count++) {
    const gnutls_datum_t der = wtls_gnutls_datum(chain[identity->count]);
    int taken = gnutls_pcert_import_x509_raw(&identity->chain[identity->count], &der, GNUTLS_X509_FMT_DER, 0);
    if (taken == GNUTLS_E_MEMORY_ERROR) return WASI_TLS_ERR_OUT_OF_MEMORY;
    if (taken != GNUTLS_E_SUCCESS) return WASI_TLS_ERR_CERTIFICATE_FORMAT;
  }
  return WASI_TLS_OK;
}

/* By the digest of the public key, which is the same for a key and for its certificate. */
static wasi_tls_result check_match(const wtls_gnutls_identity *identity) {
  unsigned char of_key[32];
  unsigned char of_leaf[32];
  size_t key_len = sizeof(of_key);
  size_t leaf_len = sizeof(of_leaf);
  gnutls_pubkey_t public_key;
  if (gnutls_pubkey_init(&public_key) != GNUTLS_E_SUCCESS) return WASI_TLS_ERR_OUT_OF_MEMORY;
  bool matches = gnutls_pubkey_import_privkey(public_key, identity->key, 0, 0) == GNUTLS_E_SUCCESS &&
                 gnutls_pubkey_get_key_id(public_key, GNUTLS_KEYID_USE_SHA256, of_key, &key_len) == GNUTLS_E_SUCCESS &&
                 gnutls_pubkey_get_key_id(identity->chain[0].pubkey, GNUTLS_KEYID_USE_SHA256, of_leaf, &leaf_len) ==
                     GNUTLS_E_SUCCESS &&
                 key_len == leaf_len && memcmp(of_key, of_leaf, key_len) == 0;
  gnutls_pubkey_deinit(public_key);
  return matches ? WASI_TLS_OK : WASI_TLS_ERR_KEY_MISMATCH;
}

static wtls_gnutls_identity *new_identity(size_t count) {
  return calloc(1, sizeof(wtls_gnutls_identity) + count * sizeof(gnutls_pcert_st));
}

wasi_tls_result wtls_gnutls_identity_new(void *context, wasi_tls_key_encoding encoding, wasi_tls_bytes key,
                                         const wasi_tls_bytes *chain, size_t count, void **identity) {
  (void)context;
  wtls_gnutls_identity *made = new_identity(count);
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  wasi_tls_result result = take_chain(made, chain, count);
  if (result == WASI_TLS_OK) result = take_key(made, encoding, key);
  if (result == WASI_TLS_OK) result = check_match(made);
  if (result == WASI_TLS_OK)
    *identity = made;
  else
    wtls_gnutls_identity_free(made);
  return result;
}

wasi_tls_result wtls_gnutls_identity_new_opaque(void *context, const wasi_tls_backend_signer *signer,
                                                const wasi_tls_bytes *chain, size_t count, void **identity) {
  (void)context;
  wtls_gnutls_identity *made = new_identity(count);
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  wasi_tls_result result = take_chain(made, chain, count);
  if (result == WASI_TLS_OK) result = wtls_gnutls_take_signer(made, signer);
  if (result == WASI_TLS_OK)
    *identity = made;
  else
    wtls_gnutls_identity_free(made);
  return result;
}

void wtls_gnutls_identity_free(void *identity) {
  wtls_gnutls_identity *self = identity;
  for (unsigned int i = 0; i < self->count; i++) gnutls_pcert_deinit(&self->chain[i]);
  if (self->key != NULL) gnutls_privkey_deinit(self->key);
  free(self);
}

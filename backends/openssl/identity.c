/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "backend_openssl.h"

X509 *wtls_ossl_certificate(wasi_tls_bytes der) {
  if (der.len > LONG_MAX) return NULL;
  const unsigned char *cursor = der.data;
  X509 *certificate = d2i_X509(NULL, &cursor, (long)der.len);
  if (certificate != NULL && cursor == der.data + der.len) return certificate;
  X509_free(certificate);
  return NULL;
}

static EVP_PKEY *read_pkcs8(wasi_tls_bytes der) {
  const unsigned char *cursor = der.data;
  PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &cursor, (long)der.len);
  EVP_PKEY *key = info != NULL ? EVP_PKCS82PKEY(info) : NULL;
  PKCS8_PRIV_KEY_INFO_free(info);
  return key;
}

static EVP_PKEY *read_key(wasi_tls_key_encoding encoding, wasi_tls_bytes der) {
  if (der.len > LONG_MAX) return NULL;
  const unsigned char *cursor = der.data;
  switch (encoding) {
    case WASI_TLS_KEY_PKCS8:
      return read_pkcs8(der);
    case WASI_TLS_KEY_PKCS1:
      return d2i_PrivateKey(EVP_PKEY_RSA, NULL, &cursor, (long)der.len);
    case WASI_TLS_KEY_SEC1:
      return d2i_PrivateKey(EVP_PKEY_EC, NULL, &cursor, (long)der.len);
    default:
      return NULL;
  }
}

static wasi_tls_result read_chain(wtls_ossl_identity *identity, const wasi_tls_bytes *chain, size_t count) {
  identity->issuers = sk_X509_new_null();
  identity->leaf = wtls_ossl_certificate(chain[0]);
  if (identity->issuers == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  if (identity->leaf == NULL) return WASI_TLS_ERR_CERTIFICATE_FORMAT;
  for (size_t i = 1; i < count; i++) {
    X509 *issuer = wtls_ossl_certificate(chain[i]);
    if (issuer == NULL) return WASI_TLS_ERR_CERTIFICATE_FORMAT;
    if (sk_X509_push(identity->issuers, issuer) != 0) continue;
    X509_free(issuer);
    return WASI_TLS_ERR_OUT_OF_MEMORY;
  }
  return WASI_TLS_OK;
}

/* Gives the identity away, or frees it. */
static wasi_tls_result finish(wtls_ossl_identity *made, wasi_tls_result result, void **identity) {
  ERR_clear_error();
  if (result == WASI_TLS_OK)
    *identity = made;
  else
    wtls_ossl_identity_free(made);
  return result;
}

static wasi_tls_result take_key(wtls_ossl_identity *identity, wasi_tls_key_encoding encoding, wasi_tls_bytes der) {
  identity->key = read_key(encoding, der);
  if (identity->key == NULL) return WASI_TLS_ERR_KEY_FORMAT;
  return X509_check_private_key(identity->leaf, identity->key) == 1 ? WASI_TLS_OK : WASI_TLS_ERR_KEY_MISMATCH;
}

wasi_tls_result wtls_ossl_identity_new(void *context, wasi_tls_key_encoding encoding, wasi_tls_bytes key,
                                       const wasi_tls_bytes *chain, size_t count, void **identity) {
  (void)context;
  wtls_ossl_identity *made = OPENSSL_zalloc(sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  wasi_tls_result result = read_chain(made, chain, count);
  if (result == WASI_TLS_OK) result = take_key(made, encoding, key);
  return finish(made, result, identity);
}

static wasi_tls_result take_signer(wtls_ossl_identity *identity, const wasi_tls_backend_signer *signer) {
  EVP_PKEY *public_key = X509_get0_pubkey(identity->leaf);
  if (public_key == NULL) return WASI_TLS_ERR_CERTIFICATE_FORMAT;
  return wtls_ossl_opaque_key_new(signer, public_key, &identity->library, &identity->key);
}

wasi_tls_result wtls_ossl_identity_new_opaque(void *context, const wasi_tls_backend_signer *signer,
                                              const wasi_tls_bytes *chain, size_t count, void **identity) {
  (void)context;
  wtls_ossl_identity *made = OPENSSL_zalloc(sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  wasi_tls_result result = read_chain(made, chain, count);
  if (result == WASI_TLS_OK) result = take_signer(made, signer);
  return finish(made, result, identity);
}

void wtls_ossl_identity_free(void *identity) {
  wtls_ossl_identity *self = identity;
  X509_free(self->leaf);
  sk_X509_pop_free(self->issuers, X509_free);
  EVP_PKEY_free(self->key);
  wtls_ossl_opaque_library_clear(&self->library);
  OPENSSL_free(self);
}

int wtls_ossl_identity_use(wtls_ossl_connection *connection, const wtls_ossl_identity *identity) {
  connection->key_is_opaque = identity->library.context != NULL;
  return SSL_use_cert_and_key(connection->ssl, identity->leaf, identity->key, identity->issuers, 1);
}

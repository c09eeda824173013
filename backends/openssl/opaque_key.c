/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "opaque_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#define NAME "wasi-tls-opaque"
#define PROPERTIES "provider=" NAME

static const OSSL_ALGORITHM keys[] = {{"RSA:rsaEncryption", PROPERTIES, wtls_ossl_opaque_rsa, "RSA"},
                                      {"EC:id-ecPublicKey", PROPERTIES, wtls_ossl_opaque_ec, "EC"},
                                      {"ED25519", PROPERTIES, wtls_ossl_opaque_ed25519, "Ed25519"},
                                      {NULL, NULL, NULL, NULL}};

static const OSSL_ALGORITHM signatures[] = {{"RSA:rsaEncryption", PROPERTIES, wtls_ossl_opaque_signature, "RSA"},
                                            {"ECDSA", PROPERTIES, wtls_ossl_opaque_signature, "ECDSA"},
                                            {"ED25519", PROPERTIES, wtls_ossl_opaque_signature, "Ed25519"},
                                            {NULL, NULL, NULL, NULL}};

static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_cache) {
  (void)provider;
  *no_cache = 0;
  if (operation == OSSL_OP_KEYMGMT) return keys;
  return operation == OSSL_OP_SIGNATURE ? signatures : NULL;
}

static int start(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out, void **provider) {
  static const OSSL_DISPATCH functions[] = {{OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query}, {0, NULL}};
  (void)in;
  *out = functions;
  *provider = (void *)(uintptr_t)core; /* anything but NULL: there is no state */
  return 1;
}

static bool load(wtls_ossl_opaque_library *library) {
  library->context = OSSL_LIB_CTX_new();
  if (library->context == NULL || OSSL_PROVIDER_add_builtin(library->context, NAME, start) != 1) return false;
  library->provider = OSSL_PROVIDER_load(library->context, NAME);
  return library->provider != NULL;
}

void wtls_ossl_opaque_library_clear(wtls_ossl_opaque_library *library) {
  if (library->provider != NULL) (void)OSSL_PROVIDER_unload(library->provider);
  OSSL_LIB_CTX_free(library->context);
}

static EVP_PKEY *make(OSSL_LIB_CTX *library, const wasi_tls_backend_signer *signer, EVP_PKEY *public_key) {
  void *shown_signer = (void *)(uintptr_t)signer;
  void *shown_key = public_key;
  OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_ptr(WTLS_OSSL_PARAM_PUBLIC_KEY, &shown_key, 0),
                         OSSL_PARAM_construct_octet_ptr(WTLS_OSSL_PARAM_SIGNER, &shown_signer, 0),
                         OSSL_PARAM_construct_end()};
  EVP_PKEY *key = NULL;
  EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(library, EVP_PKEY_get0_type_name(public_key), PROPERTIES);
  if (maker != NULL && EVP_PKEY_fromdata_init(maker) == 1)
    (void)EVP_PKEY_fromdata(maker, &key, EVP_PKEY_KEYPAIR, params);
  EVP_PKEY_CTX_free(maker);
  return key;
}

wasi_tls_result wtls_ossl_opaque_key_new(const wasi_tls_backend_signer *signer, EVP_PKEY *public_key,
                                         wtls_ossl_opaque_library *library, EVP_PKEY **key) {
  if (!load(library)) return WASI_TLS_ERR_OUT_OF_MEMORY;
  *key = make(library->context, signer, public_key);
  return *key != NULL ? WASI_TLS_OK : WASI_TLS_ERR_ENGINE;
}

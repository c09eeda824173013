/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Keys that are held elsewhere. The engine asks a provider for signatures, so one is made here that has nothing but
 * such keys. It lives in a library context of its own for each identity, and so is nobody's default for anything.
 */
#ifndef WASI_TLS_OPENSSL_OPAQUE_KEY_H
#define WASI_TLS_OPENSSL_OPAQUE_KEY_H

#include <openssl/core_dispatch.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include "wasi_tls/backend.h"

/* What the engine takes for the private key: the public one, and who signs. */
typedef struct wtls_ossl_opaque_key {
  const char *type;
  EVP_PKEY *public_key;
  const wasi_tls_backend_signer *signer; /* NULL: this is a public key only, to compare with */
} wtls_ossl_opaque_key;

/* Parameters that a key is made from beside those of a public key; both are pointers. */
#define WTLS_OSSL_PARAM_PUBLIC_KEY "public-key"
#define WTLS_OSSL_PARAM_SIGNER "signer"

/* opaque_keymgmt.c */
extern const OSSL_DISPATCH wtls_ossl_opaque_rsa[];
extern const OSSL_DISPATCH wtls_ossl_opaque_ec[];
extern const OSSL_DISPATCH wtls_ossl_opaque_ed25519[];

/* opaque_signature.c */
extern const OSSL_DISPATCH wtls_ossl_opaque_signature[];

/* Where such a key comes from; must outlive it. */
typedef struct wtls_ossl_opaque_library {
  OSSL_LIB_CTX *context;
  OSSL_PROVIDER *provider;
} wtls_ossl_opaque_library;

/* opaque_key.c */
wasi_tls_result wtls_ossl_opaque_key_new(const wasi_tls_backend_signer *signer, EVP_PKEY *public_key,
                                         wtls_ossl_opaque_library *library, EVP_PKEY **key);
/* Whether there is one or not. */
void wtls_ossl_opaque_library_clear(wtls_ossl_opaque_library *library);

#endif

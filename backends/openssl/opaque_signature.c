/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Signatures of opaque keys: the digest is made here, the rest elsewhere. */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/proverr.h>
#include <openssl/rsa.h>
#include <string.h>

#include "opaque_key.h"

/* One signature in the making. */
typedef struct signing {
  const wtls_ossl_opaque_key *key;
  EVP_MD *hash; /* NULL: over the message itself */
  bool pss;
  bool refused; /* it was asked for what TLS does not have */
} signing;

static void *signing_new(void *provider, const char *properties) {
  (void)provider;
  (void)properties;
  return OPENSSL_zalloc(sizeof(signing));
}

static void signing_free(void *opaque) {
  signing *self = opaque;
  EVP_MD_free(self->hash);
  OPENSSL_free(self);
}

static int set_params(void *opaque, const OSSL_PARAM params[]) {
  signing *self = opaque;
  int mode = 0;
  const OSSL_PARAM *param = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PAD_MODE);
  if (param != NULL) {
    if (OSSL_PARAM_get_int(param, &mode) != 1) return 0;
    self->pss = mode == RSA_PKCS1_PSS_PADDING;
    self->refused = self->refused || (!self->pss && mode != RSA_PKCS1_PADDING);
  }
  /* RFC 8446, section 4.2.3: the salt is as long as the digest. */
  param = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PSS_SALTLEN);
  if (param == NULL) return 1;
  const char *len = NULL;
  if (OSSL_PARAM_get_utf8_string_ptr(param, &len) != 1 || strcmp(len, OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST) != 0) return 0;
  return 1;
}

static const OSSL_PARAM *settable_params(void *signing_context, void *provider) {
  static const OSSL_PARAM types[] = {OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
                                     OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0), OSSL_PARAM_END};
  (void)signing_context;
  (void)provider;
  return types;
}

static int sign_init(void *opaque, const char *hash, void *key, const OSSL_PARAM params[]) {
  signing *self = opaque;
  EVP_MD_free(self->hash);
  *self = (signing){.key = key};
  if (self->key == NULL || self->key->signer == NULL) return 0;
  if (hash != NULL && hash[0] != 0) {
    self->hash = EVP_MD_fetch(NULL, hash, NULL);
    if (self->hash == NULL) return 0;
  }
  return params != NULL ? set_params(self, params) : 1;
}

/* The SignatureScheme that goes with the key, the padding and the hash. 0 for none. */
static uint16_t scheme_of(const signing *self) {
  static const uint16_t codes[3][3] = {{0x0401, 0x0501, 0x0601}, {0x0804, 0x0805, 0x0806}, {0x0403, 0x0503, 0x0603}};
  static const char *const hashes[3] = {"SHA2-256", "SHA2-384", "SHA2-512"};
  int row = strcmp(self->key->type, "RSA") != 0 ? 2 : self->pss ? 1 : 0;
  if (self->refused) return 0;
  if (self->hash == NULL) return strcmp(self->key->type, "ED25519") == 0 ? 0x0807 : 0;
  for (size_t i = 0; i < 3; i++)
    if (EVP_MD_is_a(self->hash, hashes[i])) return codes[row][i];
  return 0;
}

/* Without |signature| it is only asked how long that may be. */
static int sign(void *opaque, unsigned char *signature, size_t *len, size_t room, const unsigned char *message,
                size_t message_len) {
  const signing *self = opaque;
  const wasi_tls_backend_signer *signer = self->key->signer;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int digest_len = 0;
  wasi_tls_bytes data = {message, message_len};
  uint16_t scheme = scheme_of(self);
  if (scheme == 0) return 0;
  if (signature == NULL) {
    *len = signer->signature_len;
    return 1;
  }
  if (room < signer->signature_len) return 0;
  if (self->hash != NULL) {
    if (EVP_Digest(message, message_len, digest, &digest_len, self->hash, NULL) != 1) return 0;
    data = (wasi_tls_bytes){digest, digest_len};
  }
  if (signer->sign(signer->core, scheme, data, signature, len)) return 1;
  ERR_raise(ERR_LIB_PROV, PROV_R_FAILED_TO_SIGN);
  return 0;
}

#define FUNCTION(id, function) \
  { OSSL_FUNC_SIGNATURE_##id, (void (*)(void))(function) }

const OSSL_DISPATCH wtls_ossl_opaque_signature[] = {FUNCTION(NEWCTX, signing_new),
                                                    FUNCTION(FREECTX, signing_free),
                                                    FUNCTION(DIGEST_SIGN_INIT, sign_init),
                                                    FUNCTION(DIGEST_SIGN, sign),
                                                    FUNCTION(SET_CTX_PARAMS, set_params),
                                                    FUNCTION(SETTABLE_CTX_PARAMS, settable_params),
                                                    {0, NULL}};

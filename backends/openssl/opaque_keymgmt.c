/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Key management of opaque keys. All that is asked about one is answered by the public key, which is the engine's own.
 * There is no export: what another provider could do with the key is not to be done by it.
 */
#include <openssl/core_names.h>
#include <openssl/params.h>

#include "opaque_key.h"

static wtls_ossl_opaque_key *key_new(const char *type) {
  wtls_ossl_opaque_key *key = OPENSSL_zalloc(sizeof(*key));
  if (key != NULL) key->type = type;
  return key;
}

static void *rsa_new(void *provider) {
  (void)provider;
  return key_new("RSA");
}

static void *ec_new(void *provider) {
  (void)provider;
  return key_new("EC");
}

static void *ed25519_new(void *provider) {
  (void)provider;
  return key_new("ED25519");
}

static void key_free(void *opaque) {
  wtls_ossl_opaque_key *key = opaque;
  if (key == NULL) return;
  EVP_PKEY_free(key->public_key);
  OPENSSL_free(key);
}

/* The private half is there as far as it can be used. */
static int key_has(const void *opaque, int selection) {
  const wtls_ossl_opaque_key *key = opaque;
  if (key == NULL || key->public_key == NULL) return 0;
  return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0 || key->signer != NULL;
}

static int key_match(const void *one, const void *other, int selection) {
  const wtls_ossl_opaque_key *first = one;
  const wtls_ossl_opaque_key *second = other;
  bool parameters_only = (selection & OSSL_KEYMGMT_SELECT_KEYPAIR) == 0;
  int same = parameters_only ? EVP_PKEY_parameters_eq(first->public_key, second->public_key)
                             : EVP_PKEY_eq(first->public_key, second->public_key);
  return same == 1;
}

static int take_own(wtls_ossl_opaque_key *key, const OSSL_PARAM *public_key, const OSSL_PARAM *signer) {
  const void *shown_key = NULL;
  const void *shown_signer = NULL;
  if (OSSL_PARAM_get_octet_ptr(public_key, &shown_key, NULL) != 1 || signer == NULL ||
      OSSL_PARAM_get_octet_ptr(signer, &shown_signer, NULL) != 1)
    return 0;
  EVP_PKEY *held = (EVP_PKEY *)(uintptr_t)shown_key;
  if (EVP_PKEY_up_ref(held) != 1) return 0;
  key->public_key = held;
  key->signer = shown_signer;
  return 1;
}

/* The key itself, when it is made; or the public key of a certificate that it is compared with. */
static int key_import(void *opaque, int selection, const OSSL_PARAM params[]) {
  wtls_ossl_opaque_key *key = opaque;
  const OSSL_PARAM *own = OSSL_PARAM_locate_const(params, WTLS_OSSL_PARAM_PUBLIC_KEY);
  (void)selection;
  if (own != NULL) return take_own(key, own, OSSL_PARAM_locate_const(params, WTLS_OSSL_PARAM_SIGNER));
  EVP_PKEY_CTX *reader = EVP_PKEY_CTX_new_from_name(NULL, key->type, NULL);
  int taken = reader != NULL && EVP_PKEY_fromdata_init(reader) == 1 &&
              EVP_PKEY_fromdata(reader, &key->public_key, EVP_PKEY_PUBLIC_KEY, (OSSL_PARAM *)(uintptr_t)params) == 1;
  EVP_PKEY_CTX_free(reader);
  return taken;
}

static const OSSL_PARAM *import_types(int selection) {
  static const OSSL_PARAM types[] = {OSSL_PARAM_octet_ptr(WTLS_OSSL_PARAM_PUBLIC_KEY, NULL, 0),
                                     OSSL_PARAM_octet_ptr(WTLS_OSSL_PARAM_SIGNER, NULL, 0), OSSL_PARAM_END};
  (void)selection;
  return types;
}

static int get_params(void *opaque, OSSL_PARAM params[]) {
  const wtls_ossl_opaque_key *key = opaque;
  return key->public_key != NULL ? EVP_PKEY_get_params(key->public_key, params) : 0;
}

static const OSSL_PARAM *gettable_params(void *provider) {
  static const OSSL_PARAM types[] = {OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
                                     OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
                                     OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
                                     OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
                                     OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_MANDATORY_DIGEST, NULL, 0),
                                     OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
                                     OSSL_PARAM_END};
  (void)provider;
  return types;
}

static const char *ec_operation(int operation) {
  return operation == OSSL_OP_SIGNATURE ? "ECDSA" : NULL;
}

#define FUNCTION(id, function) \
  { OSSL_FUNC_KEYMGMT_##id, (void (*)(void))(function) }
#define COMMON                                                                                                \
  FUNCTION(FREE, key_free), FUNCTION(HAS, key_has), FUNCTION(MATCH, key_match), FUNCTION(IMPORT, key_import), \
      FUNCTION(IMPORT_TYPES, import_types), FUNCTION(GET_PARAMS, get_params),                                 \
      FUNCTION(GETTABLE_PARAMS, gettable_params)

const OSSL_DISPATCH wtls_ossl_opaque_rsa[] = {FUNCTION(NEW, rsa_new), COMMON, {0, NULL}};
const OSSL_DISPATCH wtls_ossl_opaque_ec[] = {
    FUNCTION(NEW, ec_new), COMMON, FUNCTION(QUERY_OPERATION_NAME, ec_operation), {0, NULL}};
const OSSL_DISPATCH wtls_ossl_opaque_ed25519[] = {FUNCTION(NEW, ed25519_new), COMMON, {0, NULL}};

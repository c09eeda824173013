/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Signatures over certificates and revocation lists, for the core's validation. */
#include "backend_mbedtls.h"

#include <mbedtls/md.h>

typedef struct scheme_rule {
  uint16_t scheme;
  mbedtls_pk_type_t algorithm;
  mbedtls_md_type_t digest;
} scheme_rule;

static const scheme_rule rules[] = {
    {0x0401, MBEDTLS_PK_RSA, MBEDTLS_MD_SHA256},        {0x0501, MBEDTLS_PK_RSA, MBEDTLS_MD_SHA384},
    {0x0601, MBEDTLS_PK_RSA, MBEDTLS_MD_SHA512},        {0x0403, MBEDTLS_PK_ECDSA, MBEDTLS_MD_SHA256},
    {0x0503, MBEDTLS_PK_ECDSA, MBEDTLS_MD_SHA384},      {0x0603, MBEDTLS_PK_ECDSA, MBEDTLS_MD_SHA512},
    {0x0809, MBEDTLS_PK_RSASSA_PSS, MBEDTLS_MD_SHA256}, {0x080A, MBEDTLS_PK_RSASSA_PSS, MBEDTLS_MD_SHA384},
    {0x080B, MBEDTLS_PK_RSASSA_PSS, MBEDTLS_MD_SHA512},
};

static bool verify(const scheme_rule *rule, mbedtls_pk_context *key, wasi_tls_bytes data, wasi_tls_bytes signature) {
  const mbedtls_md_info_t *digest = mbedtls_md_info_from_type(rule->digest);
  unsigned char hash[MBEDTLS_MD_MAX_SIZE];
  if (digest == NULL || mbedtls_md(digest, data.data, data.len, hash) != 0) return false;
  size_t len = mbedtls_md_get_size(digest);
  /* The salt is as long as the digest. */
  const mbedtls_pk_rsassa_pss_options options = {rule->digest, (int)len};
  return mbedtls_pk_verify_ext(rule->algorithm, rule->algorithm == MBEDTLS_PK_RSASSA_PSS ? &options : NULL, key,
                               rule->digest, hash, len, signature.data, signature.len) == 0;
}

bool mbed_verify_signature(uint16_t scheme, wasi_tls_bytes key_info, wasi_tls_bytes data, wasi_tls_bytes signature) {
  for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
    if (rules[i].scheme != scheme) continue;
    mbedtls_pk_context key;
    mbedtls_pk_init(&key);
    bool good =
        mbedtls_pk_parse_public_key(&key, key_info.data, key_info.len) == 0 && verify(&rules[i], &key, data, signature);
    mbedtls_pk_free(&key);
    return good;
  }
  return false;
}

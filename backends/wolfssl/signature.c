/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Signatures over certificates and revocation lists, for the core's validation. */
#include "backend_wolfssl.h"

#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/ed25519.h>
#include <wolfssl/wolfcrypt/ed448.h>
#include <wolfssl/wolfcrypt/hash.h>
#include <wolfssl/wolfcrypt/rsa.h>
#include <wolfssl/wolfcrypt/signature.h>

enum { MAX_RSA_BYTES = 2048 };

typedef enum family { FAMILY_RSA, FAMILY_RSA_PSS, FAMILY_EC, FAMILY_ED25519, FAMILY_ED448 } family;

typedef struct scheme_rule {
  uint16_t scheme;
  family of;
  enum wc_HashType digest;
  int mask;
} scheme_rule;

static const scheme_rule rules[] = {
    {0x0401, FAMILY_RSA, WC_HASH_TYPE_SHA256, 0},
    {0x0501, FAMILY_RSA, WC_HASH_TYPE_SHA384, 0},
    {0x0601, FAMILY_RSA, WC_HASH_TYPE_SHA512, 0},
    {0x0403, FAMILY_EC, WC_HASH_TYPE_SHA256, 0},
    {0x0503, FAMILY_EC, WC_HASH_TYPE_SHA384, 0},
    {0x0603, FAMILY_EC, WC_HASH_TYPE_SHA512, 0},
    {0x0807, FAMILY_ED25519, WC_HASH_TYPE_NONE, 0},
    {0x0808, FAMILY_ED448, WC_HASH_TYPE_NONE, 0},
    {0x0809, FAMILY_RSA_PSS, WC_HASH_TYPE_SHA256, WC_MGF1SHA256},
    {0x080A, FAMILY_RSA_PSS, WC_HASH_TYPE_SHA384, WC_MGF1SHA384},
    {0x080B, FAMILY_RSA_PSS, WC_HASH_TYPE_SHA512, WC_MGF1SHA512},
};

/* The salt is as long as the digest. */
static bool verify_pss(RsaKey *key, const scheme_rule *rule, wasi_tls_bytes data, wasi_tls_bytes signature) {
  byte digest[WC_MAX_DIGEST_SIZE];
  byte padded[MAX_RSA_BYTES];
  int digest_len = wc_HashGetDigestSize(rule->digest);
  return digest_len > 0 && signature.len <= sizeof(padded) &&
         wc_Hash(rule->digest, data.data, (word32)data.len, digest, (word32)digest_len) == 0 &&
         wc_RsaPSS_VerifyCheck((byte *)(uintptr_t)signature.data, (word32)signature.len, padded, sizeof(padded), digest,
                               (word32)digest_len, rule->digest, rule->mask, key) > 0;
}

static bool verify_rsa(const scheme_rule *rule, wasi_tls_bytes key, wasi_tls_bytes data, wasi_tls_bytes signature) {
  RsaKey rsa;
  word32 index = 0;
  if (wc_InitRsaKey(&rsa, NULL) != 0) return false;
  bool good = wc_RsaPublicKeyDecode(key.data, &index, &rsa, (word32)key.len) == 0;
  if (rule->of == FAMILY_RSA_PSS)
    good = good && verify_pss(&rsa, rule, data, signature);
  else
    good = good && wc_SignatureVerify(rule->digest, WC_SIGNATURE_TYPE_RSA_W_ENC, data.data, (word32)data.len,
                                      signature.data, (word32)signature.len, &rsa, sizeof(rsa)) == 0;
  wc_FreeRsaKey(&rsa);
  return good;
}

static bool verify_ec(const scheme_rule *rule, wasi_tls_bytes key, wasi_tls_bytes data, wasi_tls_bytes signature) {
  ecc_key ec;
  word32 index = 0;
  if (wc_ecc_init(&ec) != 0) return false;
  bool good = wc_EccPublicKeyDecode(key.data, &index, &ec, (word32)key.len) == 0 &&
              wc_SignatureVerify(rule->digest, WC_SIGNATURE_TYPE_ECC, data.data, (word32)data.len, signature.data,
                                 (word32)signature.len, &ec, sizeof(ec)) == 0;
  wc_ecc_free(&ec);
  return good;
}

static bool verify_ed25519(wasi_tls_bytes key, wasi_tls_bytes data, wasi_tls_bytes signature) {
  ed25519_key ed;
  word32 index = 0;
  int good = 0;
  if (wc_ed25519_init(&ed) != 0) return false;
  bool verified =
      wc_Ed25519PublicKeyDecode(key.data, &index, &ed, (word32)key.len) == 0 &&
      wc_ed25519_verify_msg(signature.data, (word32)signature.len, data.data, (word32)data.len, &good, &ed) == 0;
  wc_ed25519_free(&ed);
  return verified && good == 1;
}

static bool verify_ed448(wasi_tls_bytes key, wasi_tls_bytes data, wasi_tls_bytes signature) {
  ed448_key ed;
  word32 index = 0;
  int good = 0;
  if (wc_ed448_init(&ed) != 0) return false;
  bool verified =
      wc_Ed448PublicKeyDecode(key.data, &index, &ed, (word32)key.len) == 0 &&
      wc_ed448_verify_msg(signature.data, (word32)signature.len, data.data, (word32)data.len, &good, &ed, NULL, 0) == 0;
  wc_ed448_free(&ed);
  return verified && good == 1;
}

static bool verify(const scheme_rule *rule, wasi_tls_bytes key, wasi_tls_bytes data, wasi_tls_bytes signature) {
  switch (rule->of) {
    case FAMILY_EC:
      return verify_ec(rule, key, data, signature);
    case FAMILY_ED25519:
      return verify_ed25519(key, data, signature);
    case FAMILY_ED448:
      return verify_ed448(key, data, signature);
    default:
      return verify_rsa(rule, key, data, signature);
  }
}

bool wtls_wolf_verify_signature(uint16_t scheme, wasi_tls_bytes key_info, wasi_tls_bytes data,
                                wasi_tls_bytes signature) {
  wtls_wolf_enter_thread();
  for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
    if (rules[i].scheme != scheme) continue;
    bool good = verify(&rules[i], key_info, data, signature);
    if (!good) wolfSSL_ERR_clear_error();
    return good;
  }
  return false;
}

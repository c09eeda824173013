/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Whether a private key and a certificate belong together. */
#include <string.h>

#include "backend_wolfssl.h"

#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/ed25519.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/rsa.h>

enum { MAX_RSA_BYTES = 2048, MAX_EC_POINT = 1 + 2 * MAX_ECC_BYTES };

static wasi_tls_result compare(const uint8_t *own, size_t own_len, const uint8_t *wanted, size_t wanted_len) {
  bool same = own_len == wanted_len && memcmp(own, wanted, own_len) == 0;
  return same ? WASI_TLS_OK : WASI_TLS_ERR_KEY_MISMATCH;
}

typedef struct rsa_public {
  uint8_t exponent[MAX_RSA_BYTES];
  uint8_t modulus[MAX_RSA_BYTES];
  word32 exponent_len;
  word32 modulus_len;
} rsa_public;

static bool read_rsa(wasi_tls_bytes key, bool is_private, rsa_public *out) {
  RsaKey rsa;
  word32 index = 0;
  out->exponent_len = sizeof(out->exponent);
  out->modulus_len = sizeof(out->modulus);
  if (wc_InitRsaKey(&rsa, NULL) != 0) return false;
  int result = is_private ? wc_RsaPrivateKeyDecode(key.data, &index, &rsa, (word32)key.len)
                          : wc_RsaPublicKeyDecode(key.data, &index, &rsa, (word32)key.len);
  bool read = result == 0 &&
              wc_RsaFlattenPublicKey(&rsa, out->exponent, &out->exponent_len, out->modulus, &out->modulus_len) == 0;
  wc_FreeRsaKey(&rsa);
  return read;
}

static wasi_tls_result check_rsa(wasi_tls_bytes key, wasi_tls_bytes public_key) {
  rsa_public own;
  rsa_public wanted;
  if (!read_rsa(key, true, &own)) return WASI_TLS_ERR_KEY_MISMATCH;
  if (!read_rsa(public_key, false, &wanted)) return WASI_TLS_ERR_CERTIFICATE_FORMAT;
  wasi_tls_result result = compare(own.modulus, own.modulus_len, wanted.modulus, wanted.modulus_len);
  return result == WASI_TLS_OK ? compare(own.exponent, own.exponent_len, wanted.exponent, wanted.exponent_len) : result;
}

static bool read_ec(wasi_tls_bytes key, bool is_private, uint8_t *point, word32 *len) {
  ecc_key ec;
  word32 index = 0;
  if (wc_ecc_init(&ec) != 0) return false;
  int result = is_private ? wc_EccPrivateKeyDecode(key.data, &index, &ec, (word32)key.len)
                          : wc_EccPublicKeyDecode(key.data, &index, &ec, (word32)key.len);
  /* Whatever public key came with the private one is not relied on. */
  if (result == 0 && is_private) result = wc_ecc_make_pub(&ec, NULL);
  bool read = result == 0 && wc_ecc_export_x963(&ec, point, len) == 0;
  wc_ecc_free(&ec);
  return read;
}

static wasi_tls_result check_ec(wasi_tls_bytes key, wasi_tls_bytes public_key) {
  uint8_t own[MAX_EC_POINT];
  uint8_t wanted[MAX_EC_POINT];
  word32 own_len = sizeof(own);
  word32 wanted_len = sizeof(wanted);
  if (!read_ec(key, true, own, &own_len)) return WASI_TLS_ERR_KEY_MISMATCH;
  if (!read_ec(public_key, false, wanted, &wanted_len)) return WASI_TLS_ERR_CERTIFICATE_FORMAT;
  return compare(own, own_len, wanted, wanted_len);
}

static wasi_tls_result check_ed25519(wasi_tls_bytes key, wasi_tls_bytes public_key) {
  ed25519_key ed;
  word32 index = 0;
  uint8_t own[ED25519_PUB_KEY_SIZE];
  if (wc_ed25519_init(&ed) != 0) return WASI_TLS_ERR_OUT_OF_MEMORY;
  bool read = wc_Ed25519PrivateKeyDecode(key.data, &index, &ed, (word32)key.len) == 0 &&
              wc_ed25519_make_public(&ed, own, sizeof(own)) == 0;
  wc_ed25519_free(&ed);
  return read ? compare(own, sizeof(own), public_key.data, public_key.len) : WASI_TLS_ERR_KEY_MISMATCH;
}

/* The engine's parser tells of an extension that it does not know only when all else is read. */
static wasi_tls_result check(const DecodedCert *certificate, int parsed, wasi_tls_bytes key) {
  wasi_tls_bytes public_key = {certificate->publicKey, certificate->pubKeySize};
  if (parsed != 0 && parsed != ASN_CRIT_EXT_E) return WASI_TLS_ERR_CERTIFICATE_FORMAT;
  switch (certificate->keyOID) {
    case RSAk:
      return check_rsa(key, public_key);
    case ECDSAk:
      return check_ec(key, public_key);
    case ED25519k:
      return check_ed25519(key, public_key);
    default:
      return WASI_TLS_ERR_KEY_TYPE;
  }
}

wasi_tls_result wtls_wolf_check_pair(wasi_tls_bytes key, wasi_tls_bytes leaf) {
  DecodedCert certificate;
  wc_InitDecodedCert(&certificate, leaf.data, (word32)leaf.len, NULL);
  wasi_tls_result result = check(&certificate, wc_ParseCert(&certificate, CERT_TYPE, NO_VERIFY, NULL), key);
  wc_FreeDecodedCert(&certificate);
  wolfSSL_ERR_clear_error();
  return result;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "backend_gnutls.h"

typedef struct scheme_entry {
  uint16_t code;
  gnutls_sign_algorithm_t in_tls13;
  gnutls_sign_algorithm_t elsewhere;
} scheme_entry;

/* RFC 8446, section 4.2.3. Elsewhere than in TLS 1.3 any curve goes with ECDSA. */
static const scheme_entry schemes[] = {
    {0x0401, GNUTLS_SIGN_RSA_SHA256, GNUTLS_SIGN_RSA_SHA256},
    {0x0501, GNUTLS_SIGN_RSA_SHA384, GNUTLS_SIGN_RSA_SHA384},
    {0x0601, GNUTLS_SIGN_RSA_SHA512, GNUTLS_SIGN_RSA_SHA512},
    {0x0403, GNUTLS_SIGN_ECDSA_SECP256R1_SHA256, GNUTLS_SIGN_ECDSA_SHA256},
    {0x0503, GNUTLS_SIGN_ECDSA_SECP384R1_SHA384, GNUTLS_SIGN_ECDSA_SHA384},
    {0x0603, GNUTLS_SIGN_ECDSA_SECP521R1_SHA512, GNUTLS_SIGN_ECDSA_SHA512},
    {0x0804, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256},
    {0x0805, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384},
    {0x0806, GNUTLS_SIGN_RSA_PSS_RSAE_SHA512, GNUTLS_SIGN_RSA_PSS_RSAE_SHA512},
    {0x0807, GNUTLS_SIGN_EDDSA_ED25519, GNUTLS_SIGN_EDDSA_ED25519},
    {0x0808, GNUTLS_SIGN_EDDSA_ED448, GNUTLS_SIGN_EDDSA_ED448},
    {0x0809, GNUTLS_SIGN_RSA_PSS_SHA256, GNUTLS_SIGN_RSA_PSS_SHA256},
    {0x080A, GNUTLS_SIGN_RSA_PSS_SHA384, GNUTLS_SIGN_RSA_PSS_SHA384},
    {0x080B, GNUTLS_SIGN_RSA_PSS_SHA512, GNUTLS_SIGN_RSA_PSS_SHA512},
};
enum { SCHEME_COUNT = sizeof(schemes) / sizeof(schemes[0]) };

uint16_t wtls_gnutls_scheme_of(gnutls_sign_algorithm_t algorithm) {
  for (size_t i = 0; i < SCHEME_COUNT; i++)
    if (schemes[i].in_tls13 == algorithm) return schemes[i].code;
  return 0;
}

uint16_t wtls_gnutls_signing_scheme(gnutls_sign_algorithm_t algorithm) {
  for (size_t i = 0; i < SCHEME_COUNT; i++)
    if (schemes[i].in_tls13 == algorithm || schemes[i].elsewhere == algorithm) return schemes[i].code;
  return 0;
}

static gnutls_sign_algorithm_t algorithm_of(uint16_t code) {
  for (size_t i = 0; i < SCHEME_COUNT; i++)
    if (schemes[i].code == code) return schemes[i].elsewhere;
  return GNUTLS_SIGN_UNKNOWN;
}

/* The engine tells RSA-PSS by a key for RSA in general from RSA-PSS by a key for nothing else. */
static uint16_t by_general_key(uint16_t code) {
  const uint16_t apart = 0x0809 - 0x0804;
  return code >= 0x0809 && code <= 0x080B ? (uint16_t)(code - apart) : code;
}

bool wtls_gnutls_verify_signature(uint16_t scheme, wasi_tls_bytes key_info, wasi_tls_bytes data,
                                  wasi_tls_bytes signature) {
  const gnutls_datum_t key_der = wtls_gnutls_datum(key_info);
  const gnutls_datum_t message = wtls_gnutls_datum(data);
  const gnutls_datum_t value = wtls_gnutls_datum(signature);
  gnutls_pubkey_t key;
  if (gnutls_pubkey_init(&key) != GNUTLS_E_SUCCESS) return false;
  bool good = gnutls_pubkey_import(key, &key_der, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS;
  if (good && gnutls_pubkey_get_pk_algorithm(key, NULL) == GNUTLS_PK_RSA) scheme = by_general_key(scheme);
  good = good && gnutls_pubkey_verify_data2(key, algorithm_of(scheme), 0, &message, &value) >= 0;
  gnutls_pubkey_deinit(key);
  return good;
}

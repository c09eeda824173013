/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "selection.h"

#include "reader.h"

/* Values of SignatureScheme and NamedGroup (RFC 8446, sections 4.2.3 and 4.2.7). SHA-1 and SHA-224 are left out. */
enum {
  RSA_PKCS1_SHA256 = 0x0401,
  RSA_PKCS1_SHA384 = 0x0501,
  RSA_PKCS1_SHA512 = 0x0601,
  ECDSA_SECP256R1_SHA256 = 0x0403,
  ECDSA_SECP384R1_SHA384 = 0x0503,
  ECDSA_SECP521R1_SHA512 = 0x0603,
  RSA_PSS_RSAE_SHA256 = 0x0804,
  RSA_PSS_RSAE_SHA384 = 0x0805,
  RSA_PSS_RSAE_SHA512 = 0x0806,
  ED25519 = 0x0807,
  ED448 = 0x0808,
  RSA_PSS_PSS_SHA256 = 0x0809,
  RSA_PSS_PSS_SHA384 = 0x080A,
  RSA_PSS_PSS_SHA512 = 0x080B,
  SECP256R1 = 23,
  SECP384R1 = 24,
  SECP521R1 = 25
};

/* The group of a key for ECDSA; 0 for the others. */
static uint16_t curve_of(wtls_key_type key_type) {
  switch (key_type) {
    case WTLS_KEY_P256:
      return SECP256R1;
    case WTLS_KEY_P384:
      return SECP384R1;
    case WTLS_KEY_P521:
      return SECP521R1;
    default:
      return 0;
  }
}

static bool is_rsa(wtls_key_type key_type) {
  return key_type == WTLS_KEY_RSA || key_type == WTLS_KEY_RSA_PSS;
}

/* Under TLS 1.2 the schemes of ECDSA name a hash only, and any curve goes with it. */
static bool signs_with(wtls_key_type key_type, uint16_t scheme, bool tls12) {
  switch (scheme) {
    case RSA_PKCS1_SHA256:
    case RSA_PKCS1_SHA384:
    case RSA_PKCS1_SHA512:
      return tls12 && key_type == WTLS_KEY_RSA;
    case RSA_PSS_RSAE_SHA256:
    case RSA_PSS_RSAE_SHA384:
    case RSA_PSS_RSAE_SHA512:
      return key_type == WTLS_KEY_RSA;
    case RSA_PSS_PSS_SHA256:
    case RSA_PSS_PSS_SHA384:
    case RSA_PSS_PSS_SHA512:
      return key_type == WTLS_KEY_RSA_PSS;
    case ECDSA_SECP256R1_SHA256:
      return key_type == WTLS_KEY_P256 || (tls12 && curve_of(key_type) != 0);
    case ECDSA_SECP384R1_SHA384:
      return key_type == WTLS_KEY_P384 || (tls12 && curve_of(key_type) != 0);
    case ECDSA_SECP521R1_SHA512:
      return key_type == WTLS_KEY_P521 || (tls12 && curve_of(key_type) != 0);
    case ED25519:
      return key_type == WTLS_KEY_ED25519;
    case ED448:
      return key_type == WTLS_KEY_ED448;
    default:
      return false;
  }
}

bool wtls_key_signs(wtls_key_type key_type, uint16_t scheme) {
  return signs_with(key_type, scheme, true);
}

/* A TLS 1.2 peer that lists none knows those with SHA-1 only (RFC 5246, section 7.4.1.4.1). */
static bool suits_schemes(wtls_key_type key_type, wtls_codes schemes, bool tls12) {
  for (size_t i = 0; i < schemes.count; i++)
    if (signs_with(key_type, schemes.codes[i], tls12)) return true;
  return false;
}

static bool authenticates_rsa(uint16_t suite) {
  return suite == 0xC02F || suite == 0xC030 || suite == 0xCCA8;
}

static bool authenticates_ecdsa(uint16_t suite) {
  return suite == 0xC02B || suite == 0xC02C || suite == 0xCCA9;
}

static bool has_common_suite(wtls_key_type key_type, wtls_codes offered, wtls_codes suites) {
  for (size_t i = 0; i < suites.count; i++) {
    uint16_t suite = suites.codes[i];
    bool fits = is_rsa(key_type) ? authenticates_rsa(suite) : authenticates_ecdsa(suite);
    if (fits && wtls_codes_contain(offered, suite)) return true;
  }
  return false;
}

bool wtls_suits_client_hello(wtls_key_type key_type, const wtls_hello *hello, wasi_tls_protocol_version version,
                             wtls_codes suites) {
  bool tls12 = version == WASI_TLS_VERSION_TLS12;
  if (!suits_schemes(key_type, hello->signature_schemes, tls12)) return false;
  if (!tls12) return true;
  uint16_t curve = curve_of(key_type);
  if (curve != 0 && hello->groups.count != 0 && !wtls_codes_contain(hello->groups, curve)) return false;
  return has_common_suite(key_type, hello->cipher_suites, suites);
}

static bool is_issued_by(const wtls_x509 *certificate, const wasi_tls_backend_identity_request *request) {
  for (size_t i = 0; i < request->authority_count; i++)
    if (wtls_bytes_equal(certificate->issuer, request->authorities[i])) return true;
  return false;
}

bool wtls_suits_request(const wtls_x509 *chain, size_t count, const wasi_tls_backend_identity_request *request,
                        wasi_tls_protocol_version version) {
  wtls_codes schemes = {request->signature_schemes, request->signature_scheme_count};
  if (count == 0 || !suits_schemes(chain[0].key_type, schemes, version == WASI_TLS_VERSION_TLS12)) return false;
  if (request->authority_count == 0) return true;
  for (size_t i = 0; i < count; i++)
    if (is_issued_by(&chain[i], request)) return true;
  return false;
}

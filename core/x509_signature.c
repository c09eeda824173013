/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* How certificates and revocation lists are signed (RFC 4055, RFC 5758, RFC 8410). */
#include "der.h"
#include "x509_parts.h"

static const wtls_oid rsassa_pss = {9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A}};
static const wtls_oid mgf1 = {9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08}};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

typedef struct scheme_oid {
  wtls_oid oid;
  uint16_t scheme;
} scheme_oid;

static const scheme_oid schemes[] = {
    {{9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B}}, 0x0401}, /* sha256WithRSAEncryption */
    {{9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0C}}, 0x0501},
    {{9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0D}}, 0x0601},
    {{8, {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02}}, 0x0403}, /* ecdsa-with-SHA256 */
    {{8, {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03}}, 0x0503},
    {{8, {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x04}}, 0x0603},
    {{3, {0x2B, 0x65, 0x70}}, 0x0807}, /* id-Ed25519 */
    {{3, {0x2B, 0x65, 0x71}}, 0x0808}, /* id-Ed448 */
};

typedef struct pss_hash {
  wtls_oid oid;
  uint8_t salt_len;
  uint16_t scheme;
} pss_hash;

static const pss_hash pss_hashes[] = {
    {{9, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01}}, 32, 0x0809}, /* id-sha256 */
    {{9, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02}}, 48, 0x080A},
    {{9, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03}}, 64, 0x080B},
};

static const wtls_oid weak_signatures[] = {
    {9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x02}}, /* md2WithRSAEncryption */
    {9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x03}}, /* md4WithRSAEncryption */
    {9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x04}}, /* md5WithRSAEncryption */
    {9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x05}}, /* sha1WithRSAEncryption */
    {7, {0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04, 0x03}},             /* dsa-with-sha1 */
    {7, {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01}},             /* ecdsa-with-SHA1 */
    {5, {0x2B, 0x0E, 0x03, 0x02, 0x03}},                         /* md5WithRSA (OIW) */
    {5, {0x2B, 0x0E, 0x03, 0x02, 0x0D}},                         /* dsaWithSHA (OIW) */
    {5, {0x2B, 0x0E, 0x03, 0x02, 0x1B}},                         /* dsaWithSHA1 (OIW) */
    {5, {0x2B, 0x0E, 0x03, 0x02, 0x1D}},                         /* sha1WithRSASignature (OIW) */
};

static const wtls_oid weak_hashes[] = {
    {8, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x02}}, /* md2 */
    {8, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x04}}, /* md4 */
    {8, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x05}}, /* md5 */
    {5, {0x2B, 0x0E, 0x03, 0x02, 0x1A}},                   /* sha1 */
};

static bool is_one_of(wasi_tls_bytes value, const wtls_oid *list, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (wtls_oid_is(value, &list[i])) return true;
  return false;
}

/* The hash of RSASSA-PSS-params (RFC 4055, section 3.1), which is SHA-1 where nothing is said. */
static bool is_pss_weak(wasi_tls_bytes parameters) {
  wasi_tls_bytes fields;
  wasi_tls_bytes tagged;
  wasi_tls_bytes algorithm;
  wasi_tls_bytes hash;
  return !wtls_der_only(parameters, WTLS_DER_SEQUENCE, &fields) ||
         !wtls_der_take(&fields, WTLS_DER_CONTEXT | WTLS_DER_CONSTRUCTED, &tagged) ||
         !wtls_der_only(tagged, WTLS_DER_SEQUENCE, &algorithm) || !wtls_der_take(&algorithm, WTLS_DER_OID, &hash) ||
         is_one_of(hash, weak_hashes, COUNT(weak_hashes));
}

/* AlgorithmIdentifier in a field with the tag [|number|]: its OID, and what is left of it. */
static bool take_tagged_algorithm(wasi_tls_bytes *fields, uint8_t number, wasi_tls_bytes *id,
                                  wasi_tls_bytes *parameters) {
  wasi_tls_bytes tagged;
  return wtls_der_take(fields, (uint8_t)(WTLS_DER_CONTEXT | WTLS_DER_CONSTRUCTED | number), &tagged) &&
         wtls_der_only(tagged, WTLS_DER_SEQUENCE, parameters) && wtls_der_take(parameters, WTLS_DER_OID, id);
}

/* As RFC 8446, section 4.2.3, has the scheme: one hash for all, and a salt of its length. 0 for any other. */
static uint16_t read_pss(wasi_tls_bytes parameters) {
  const uint8_t salt_tag = WTLS_DER_CONTEXT | WTLS_DER_CONSTRUCTED | 2;
  wasi_tls_bytes fields;
  wasi_tls_bytes hash;
  wasi_tls_bytes mask;
  wasi_tls_bytes of_mask;
  wasi_tls_bytes mask_hash;
  wasi_tls_bytes rest;
  wasi_tls_bytes salt;
  if (!wtls_der_only(parameters, WTLS_DER_SEQUENCE, &fields) || !take_tagged_algorithm(&fields, 0, &hash, &rest) ||
      !take_tagged_algorithm(&fields, 1, &mask, &rest) || !wtls_oid_is(mask, &mgf1) ||
      !wtls_der_take(&rest, WTLS_DER_SEQUENCE, &of_mask) || !wtls_der_take(&of_mask, WTLS_DER_OID, &mask_hash) ||
      !wtls_bytes_equal(hash, mask_hash) || !wtls_der_take(&fields, salt_tag, &salt))
    return 0;
  for (size_t i = 0; i < COUNT(pss_hashes); i++)
    if (wtls_oid_is(hash, &pss_hashes[i].oid))
      return wtls_der_take_small(&salt, pss_hashes[i].salt_len) ? pss_hashes[i].scheme : 0;
  return 0;
}

static bool read_algorithm(wasi_tls_bytes algorithm, wtls_signature *signature) {
  wasi_tls_bytes id;
  if (!wtls_der_take(&algorithm, WTLS_DER_OID, &id)) return false;
  bool pss = wtls_oid_is(id, &rsassa_pss);
  signature->weak = is_one_of(id, weak_signatures, COUNT(weak_signatures)) || (pss && is_pss_weak(algorithm));
  if (pss) signature->scheme = read_pss(algorithm);
  for (size_t i = 0; i < COUNT(schemes); i++)
    if (wtls_oid_is(id, &schemes[i].oid)) signature->scheme = schemes[i].scheme;
  return true;
}

bool wtls_signed_read(wasi_tls_bytes fields, wtls_signature *signature) {
  wasi_tls_bytes octets;
  if (!wtls_der_take_whole(&fields, WTLS_DER_SEQUENCE, &signature->data) ||
      !wtls_der_take(&fields, WTLS_DER_SEQUENCE, &signature->algorithm) || !wtls_der_take_octets(&fields, &octets) ||
      fields.len != 0)
    return false;
  signature->value = octets;
  return read_algorithm(signature->algorithm, signature);
}

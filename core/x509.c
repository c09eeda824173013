/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "x509.h"

#include <string.h>

#include "der.h"
#include "x509_parts.h"

typedef struct key_oid {
  wtls_oid oid;
  wtls_key_type type;
  uint32_t bits; /* 0: of the key at hand */
} key_oid;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const wtls_oid ec_public_key = {7, {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01}};

static const key_oid key_algorithms[] = {
    {{9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01}}, WTLS_KEY_RSA, 0},
    {{9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A}}, WTLS_KEY_RSA_PSS, 0},
    {{3, {0x2B, 0x65, 0x70}}, WTLS_KEY_ED25519, 256},
    {{3, {0x2B, 0x65, 0x71}}, WTLS_KEY_ED448, 456},
};

static const key_oid curves[] = {
    {{8, {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07}}, WTLS_KEY_P256, 256},
    {{5, {0x2B, 0x81, 0x04, 0x00, 0x22}}, WTLS_KEY_P384, 384},
    {{5, {0x2B, 0x81, 0x04, 0x00, 0x23}}, WTLS_KEY_P521, 521},
};

static const key_oid *find_key(wasi_tls_bytes value, const key_oid *list, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (wtls_oid_is(value, &list[i].oid)) return &list[i];
  return NULL;
}

/* The size of the modulus of an RSAPublicKey (RFC 8017, appendix A.1.1) in a BIT STRING. */
static bool read_rsa_bits(wasi_tls_bytes key, uint32_t *bits) {
  uint8_t unused;
  uint8_t first;
  wasi_tls_bytes numbers;
  wasi_tls_bytes modulus;
  if (!wtls_read_u8(&key, &unused) || unused != 0 || !wtls_der_only(key, WTLS_DER_SEQUENCE, &numbers) ||
      !wtls_der_take(&numbers, WTLS_DER_INTEGER, &modulus) || modulus.len > UINT32_MAX / 8)
    return false;
  /* One zero byte keeps a number positive that would otherwise be read as negative. */
  if (!wtls_read_u8(&modulus, &first) || first >= 0x80) return false;
  if (first == 0 && (!wtls_read_u8(&modulus, &first) || first < 0x80)) return false;
  *bits = (uint32_t)modulus.len * 8;
  for (; first != 0; first >>= 1) ++*bits;
  return true;
}

static bool read_public_key(wasi_tls_bytes info, wtls_x509 *certificate) {
  wasi_tls_bytes algorithm;
  wasi_tls_bytes key;
  wasi_tls_bytes id;
  wasi_tls_bytes curve;
  if (!wtls_der_take(&info, WTLS_DER_SEQUENCE, &algorithm) || !wtls_der_only(info, WTLS_DER_BIT_STRING, &key) ||
      !wtls_der_take(&algorithm, WTLS_DER_OID, &id))
    return false;
  const key_oid *found = find_key(id, key_algorithms, COUNT(key_algorithms));
  if (wtls_oid_is(id, &ec_public_key) && wtls_der_only(algorithm, WTLS_DER_OID, &curve))
    found = find_key(curve, curves, COUNT(curves));
  if (found == NULL) return true;
  certificate->key_type = found->type;
  certificate->key_bits = found->bits;
  return found->bits != 0 || read_rsa_bits(key, &certificate->key_bits);
}

/* What may follow the public key: two unique identifiers and the extensions (RFC 5280, section 4.1). */
static bool read_optional_fields(wasi_tls_bytes rest, wtls_x509 *certificate) {
  wasi_tls_bytes tagged;
  wasi_tls_bytes extensions;
  if (!wtls_der_skip_optional(&rest, WTLS_DER_CONTEXT | 1) || !wtls_der_skip_optional(&rest, WTLS_DER_CONTEXT | 2))
    return false;
  if (rest.len == 0) return true;
  return wtls_der_only(rest, WTLS_DER_CONTEXT | WTLS_DER_CONSTRUCTED | 3, &tagged) &&
         wtls_der_only(tagged, WTLS_DER_SEQUENCE, &extensions) && wtls_x509_read_extensions(extensions, certificate);
}

static bool read_version(wasi_tls_bytes *fields, bool *first) {
  wasi_tls_bytes version;
  if (!wtls_der_take_optional(fields, WTLS_DER_CONTEXT | WTLS_DER_CONSTRUCTED, &version)) return false;
  *first = version.data == NULL;
  return true;
}

static bool read_to_be_signed(wasi_tls_bytes fields, wtls_x509 *certificate, wasi_tls_bytes *algorithm) {
  wasi_tls_bytes validity;
  wasi_tls_bytes key;
  if (!read_version(&fields, &certificate->first_version) ||
      !wtls_der_take(&fields, WTLS_DER_INTEGER, &certificate->serial) ||
      !wtls_der_take(&fields, WTLS_DER_SEQUENCE, algorithm) ||
      !wtls_der_take_whole(&fields, WTLS_DER_SEQUENCE, &certificate->issuer) ||
      !wtls_der_take(&fields, WTLS_DER_SEQUENCE, &validity) ||
      !wtls_der_take_whole(&fields, WTLS_DER_SEQUENCE, &certificate->subject) ||
      !wtls_der_take_whole(&fields, WTLS_DER_SEQUENCE, &certificate->key_info) ||
      !wtls_der_take_time(&validity, &certificate->not_before) ||
      !wtls_der_take_time(&validity, &certificate->not_after) || validity.len != 0)
    return false;
  certificate->self_issued = wtls_bytes_equal(certificate->subject, certificate->issuer);
  return wtls_der_only(certificate->key_info, WTLS_DER_SEQUENCE, &key) && read_public_key(key, certificate) &&
         read_optional_fields(fields, certificate);
}

bool wtls_x509_parse(wasi_tls_bytes der, wtls_x509 *certificate) {
  wtls_x509 read = {.der = der};
  wasi_tls_bytes fields;
  wasi_tls_bytes signed_fields;
  wasi_tls_bytes inner_algorithm;
  if (!wtls_der_only(der, WTLS_DER_SEQUENCE, &fields)) return false;
  wasi_tls_bytes contents = fields;
  if (!wtls_signed_read(fields, &read.signature) || !wtls_der_take(&contents, WTLS_DER_SEQUENCE, &signed_fields) ||
      !read_to_be_signed(signed_fields, &read, &inner_algorithm))
    return false;
  /* RFC 5280, section 4.1.1.2: what was signed with is said twice, and alike. */
  if (!wtls_bytes_equal(inner_algorithm, read.signature.algorithm)) read.signature.scheme = 0;
  *certificate = read;
  return true;
}

bool wtls_x509_matches_name(const wtls_x509 *certificate, const wtls_server_name *name) {
  enum { DNS_NAME = WTLS_DER_CONTEXT | 2, IP_ADDRESS = WTLS_DER_CONTEXT | 7 };
  wasi_tls_bytes names = certificate->general_names;
  wasi_tls_bytes value;
  uint8_t tag;
  while (wtls_der_next(&names, &tag, &value)) {
    if (name->ip_len == 0) {
      if (tag == DNS_NAME && wtls_dns_name_matches(value, name)) return true;
    } else if (tag == IP_ADDRESS && wtls_bytes_equal(value, (wasi_tls_bytes){name->ip, name->ip_len})) {
      return true;
    }
  }
  return false;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <string.h>

#include "der.h"
#include "x509_parts.h"

/* DEFAULT FALSE. */
static bool take_flag(wasi_tls_bytes *from, bool *flag) {
  wasi_tls_bytes value;
  if (!wtls_der_take_optional(from, WTLS_DER_BOOLEAN, &value)) return false;
  *flag = value.data != NULL && value.len == 1 && value.data[0] != 0;
  return value.data == NULL || value.len == 1;
}

bool wtls_extension_next(wasi_tls_bytes *list, wtls_extension *extension) {
  static const uint8_t id_ce[] = {0x55, 0x1D};
  wasi_tls_bytes fields;
  wasi_tls_bytes id;
  if (!wtls_der_take(list, WTLS_DER_SEQUENCE, &fields) || !wtls_der_take(&fields, WTLS_DER_OID, &id) ||
      !take_flag(&fields, &extension->critical) || !wtls_der_only(fields, WTLS_DER_OCTET_STRING, &extension->value))
    return false;
  bool standard = id.len == sizeof(id_ce) + 1 && memcmp(id.data, id_ce, sizeof(id_ce)) == 0;
  extension->id = standard ? (wtls_extension_id)id.data[sizeof(id_ce)] : WTLS_EXTENSION_OTHER;
  return true;
}

bool wtls_authority_key_id_read(wasi_tls_bytes value, wasi_tls_bytes *id) {
  wasi_tls_bytes fields;
  return wtls_der_only(value, WTLS_DER_SEQUENCE, &fields) && wtls_der_take_optional(&fields, WTLS_DER_CONTEXT, id);
}

bool wtls_key_ids_differ(wasi_tls_bytes authority_key_id, const wtls_x509 *issuer) {
  return authority_key_id.data != NULL && issuer->subject_key_id.data != NULL &&
         !wtls_bytes_equal(authority_key_id, issuer->subject_key_id);
}

static bool read_basic_constraints(wasi_tls_bytes value, wtls_x509 *certificate) {
  wasi_tls_bytes fields;
  wasi_tls_bytes length;
  if (!wtls_der_only(value, WTLS_DER_SEQUENCE, &fields) || !take_flag(&fields, &certificate->is_ca) ||
      !wtls_der_take_optional(&fields, WTLS_DER_INTEGER, &length) || fields.len != 0)
    return false;
  certificate->has_basic_constraints = true;
  certificate->path_length = UINT32_MAX;
  if (length.data == NULL) return true;
  if (length.len == 0 || length.len > 3 || length.data[0] >= 0x80) return false;
  certificate->path_length = 0;
  for (size_t i = 0; i < length.len; i++) certificate->path_length = certificate->path_length << 8 | length.data[i];
  return true;
}

static bool read_key_usage(wasi_tls_bytes value, wtls_x509 *certificate) {
  wasi_tls_bytes bits;
  uint8_t unused_bits;
  if (!wtls_der_only(value, WTLS_DER_BIT_STRING, &bits) || !wtls_read_u8(&bits, &unused_bits) || unused_bits > 7)
    return false;
  certificate->has_key_usage = true;
  certificate->key_usage = bits.len != 0 ? bits.data[0] : 0;
  return true;
}

/* id-kp-serverAuth and id-kp-clientAuth are 1.3.6.1.5.5.7.3.1 and .2; anyExtendedKeyUsage is not taken for them. */
static bool read_extended_key_usage(wasi_tls_bytes value, wtls_x509 *certificate) {
  static const wtls_oid server = {8, {0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01}};
  static const wtls_oid client = {8, {0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02}};
  wasi_tls_bytes list;
  wasi_tls_bytes id;
  if (!wtls_der_only(value, WTLS_DER_SEQUENCE, &list)) return false;
  certificate->has_extended_key_usage = true;
  while (list.len != 0) {
    if (!wtls_der_take(&list, WTLS_DER_OID, &id)) return false;
    certificate->for_servers = certificate->for_servers || wtls_oid_is(id, &server);
    certificate->for_clients = certificate->for_clients || wtls_oid_is(id, &client);
  }
  return true;
}

/* The contents of a subjectAltName, once it is sure that they are elements to the last byte. */
static bool read_general_names(wasi_tls_bytes value, wtls_x509 *certificate) {
  wasi_tls_bytes names;
  wasi_tls_bytes contents;
  uint8_t tag;
  if (!wtls_der_only(value, WTLS_DER_SEQUENCE, &names)) return false;
  certificate->general_names = names;
  while (names.len != 0)
    if (!wtls_der_next(&names, &tag, &contents)) return false;
  return true;
}

static bool read_name_constraints(wasi_tls_bytes value, wtls_x509 *certificate) {
  const uint8_t subtrees = WTLS_DER_CONTEXT | WTLS_DER_CONSTRUCTED;
  wasi_tls_bytes fields;
  return wtls_der_only(value, WTLS_DER_SEQUENCE, &fields) &&
         wtls_der_take_optional(&fields, subtrees, &certificate->permitted) &&
         wtls_der_take_optional(&fields, subtrees | 1, &certificate->excluded) && fields.len == 0;
}

static bool read_extension(const wtls_extension *extension, wtls_x509 *certificate) {
  wasi_tls_bytes value = extension->value;
  switch (extension->id) {
    case WTLS_EXTENSION_SUBJECT_KEY_ID:
      return wtls_der_only(value, WTLS_DER_OCTET_STRING, &certificate->subject_key_id);
    case WTLS_EXTENSION_AUTHORITY_KEY_ID:
      return wtls_authority_key_id_read(value, &certificate->authority_key_id);
    case WTLS_EXTENSION_KEY_USAGE:
      return read_key_usage(value, certificate);
    case WTLS_EXTENSION_EXTENDED_KEY_USAGE:
      return read_extended_key_usage(value, certificate);
    case WTLS_EXTENSION_BASIC_CONSTRAINTS:
      return read_basic_constraints(value, certificate);
    case WTLS_EXTENSION_NAME_CONSTRAINTS:
      return read_name_constraints(value, certificate);
    case WTLS_EXTENSION_SUBJECT_ALT_NAME:
      return read_general_names(value, certificate);
    case WTLS_EXTENSION_CRL_DISTRIBUTION_POINTS:
    case WTLS_EXTENSION_CERTIFICATE_POLICIES: /* nobody asks for a policy */
    case WTLS_EXTENSION_POLICY_MAPPINGS:
    case WTLS_EXTENSION_POLICY_CONSTRAINTS:
    case WTLS_EXTENSION_INHIBIT_ANY_POLICY:
      return true;
    default:
      certificate->unknown_critical = certificate->unknown_critical || extension->critical;
      return true;
  }
}

bool wtls_x509_read_extensions(wasi_tls_bytes list, wtls_x509 *certificate) {
  uint64_t seen = 0;
  while (list.len != 0) {
    wtls_extension extension;
    if (!wtls_extension_next(&list, &extension)) return false;
    uint64_t bit = extension.id != WTLS_EXTENSION_OTHER && extension.id < 64 ? UINT64_C(1) << extension.id : 0;
    if ((seen & bit) != 0 || !read_extension(&extension, certificate)) return false;
    seen |= bit;
  }
  return true;
}

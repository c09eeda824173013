/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What the readers of certificates and revocation lists have in common. */
#ifndef WASI_TLS_CORE_X509_PARTS_H
#define WASI_TLS_CORE_X509_PARTS_H

#include "reader.h"
#include "x509.h"

typedef struct wtls_oid {
  uint8_t len;
  uint8_t bytes[9];
} wtls_oid;

static inline bool wtls_oid_is(wasi_tls_bytes value, const wtls_oid *expected) {
  return wtls_bytes_equal(value, (wasi_tls_bytes){expected->bytes, expected->len});
}

/* The numbers of the extensions below id-ce (2.5.29). */
typedef enum wtls_extension_id {
  WTLS_EXTENSION_OTHER = 0,
  WTLS_EXTENSION_SUBJECT_KEY_ID = 14,
  WTLS_EXTENSION_KEY_USAGE = 15,
  WTLS_EXTENSION_SUBJECT_ALT_NAME = 17,
  WTLS_EXTENSION_BASIC_CONSTRAINTS = 19,
  WTLS_EXTENSION_CRL_NUMBER = 20,
  WTLS_EXTENSION_DELTA_CRL = 27,
  WTLS_EXTENSION_NAME_CONSTRAINTS = 30,
  WTLS_EXTENSION_CRL_DISTRIBUTION_POINTS = 31,
  WTLS_EXTENSION_CERTIFICATE_POLICIES = 32,
  WTLS_EXTENSION_POLICY_MAPPINGS = 33,
  WTLS_EXTENSION_AUTHORITY_KEY_ID = 35,
  WTLS_EXTENSION_POLICY_CONSTRAINTS = 36,
  WTLS_EXTENSION_EXTENDED_KEY_USAGE = 37,
  WTLS_EXTENSION_INHIBIT_ANY_POLICY = 54
} wtls_extension_id;

typedef struct wtls_extension {
  wtls_extension_id id;
  bool critical;
  wasi_tls_bytes value;
} wtls_extension;

/* The next of a list of Extensions; false if it is malformed. */
bool wtls_extension_next(wasi_tls_bytes *list, wtls_extension *extension);
/* The keyIdentifier of an authorityKeyIdentifier; data NULL if it has none. */
bool wtls_authority_key_id_read(wasi_tls_bytes value, wasi_tls_bytes *id);
/* Whether a key identifier speaks against |issuer|; one that is missing on a side does not. */
bool wtls_key_ids_differ(wasi_tls_bytes authority_key_id, const wtls_x509 *issuer);

/* A certificate's extensions; false if one that is looked at is malformed or there twice. */
bool wtls_x509_read_extensions(wasi_tls_bytes list, wtls_x509 *certificate);

/* The three parts of a SIGNED value (RFC 5280, section 4.1.1), which must be all of |fields|. */
bool wtls_signed_read(wasi_tls_bytes fields, wtls_signature *signature);

#endif

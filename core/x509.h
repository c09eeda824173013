/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * An X.509 certificate (RFC 5280), as far as a decision depends on it. This only reads; everything in wtls_x509 points
 * into the DER given.
 */
#ifndef WASI_TLS_CORE_X509_H
#define WASI_TLS_CORE_X509_H

#include <stdbool.h>

#include "server_name.h"
#include "wasi_tls/types.h"

typedef enum wtls_key_type {
  WTLS_KEY_OTHER = 0,
  WTLS_KEY_RSA,
  WTLS_KEY_RSA_PSS, /* id-RSASSA-PSS */
  WTLS_KEY_P256,
  WTLS_KEY_P384,
  WTLS_KEY_P521,
  WTLS_KEY_ED25519,
  WTLS_KEY_ED448
} wtls_key_type;

/* Bits of keyUsage (RFC 5280, section 4.2.1.3). */
enum {
  WTLS_USAGE_DIGITAL_SIGNATURE = 0x80,
  WTLS_USAGE_KEY_ENCIPHERMENT = 0x20,
  WTLS_USAGE_KEY_AGREEMENT = 0x08,
  WTLS_USAGE_CERT_SIGN = 0x04,
  WTLS_USAGE_CRL_SIGN = 0x02
};

typedef struct wtls_signature {
  wasi_tls_bytes data; /* what is signed */
  wasi_tls_bytes algorithm;
  wasi_tls_bytes value;
  uint16_t scheme; /* SignatureScheme that names the algorithm, whatever the curve of ECDSA; 0: none does */
  bool weak;       /* MD2, MD4, MD5 or SHA-1 */
} wtls_signature;

typedef struct wtls_x509 {
  wasi_tls_bytes der;
  wasi_tls_bytes serial;
  wasi_tls_bytes subject; /* the whole Name, with its tag */
  wasi_tls_bytes issuer;
  wasi_tls_bytes key_info; /* the whole SubjectPublicKeyInfo */
  int64_t not_before;      /* seconds since 1970 */
  int64_t not_after;
  wtls_key_type key_type;
  uint32_t key_bits; /* RSA modulus, curve size */
  wtls_signature signature;
  wasi_tls_bytes general_names; /* contents of the subjectAltName's SEQUENCE; data NULL if absent, as below */
  wasi_tls_bytes subject_key_id;
  wasi_tls_bytes authority_key_id;
  wasi_tls_bytes permitted; /* GeneralSubtrees of the name constraints */
  wasi_tls_bytes excluded;
  uint32_t path_length;  /* UINT32_MAX for any */
  uint8_t key_usage;     /* its first eight bits */
  bool first_version;    /* has no extensions */
  bool self_issued;      /* subject equals issuer */
  bool unknown_critical; /* has a critical extension that is not known here */
  bool has_basic_constraints;
  bool is_ca;
  bool has_key_usage;
  bool has_extended_key_usage;
  bool for_servers; /* by the extended key usage */
  bool for_clients;
} wtls_x509;

/* False if |der| is not exactly one certificate that can be read this far. */
bool wtls_x509_parse(wasi_tls_bytes der, wtls_x509 *certificate);

/* RFC 9525: a dNSName or iPAddress of the subjectAltName matches; the subject is never looked at. */
bool wtls_x509_matches_name(const wtls_x509 *certificate, const wtls_server_name *name);

#endif

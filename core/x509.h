/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * The few fields of an X.509 certificate (RFC 5280) on which every engine must decide alike.
 * Validation is the engine's; this only reads. Everything in wtls_x509 points into the DER given.
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

typedef struct wtls_x509 {
  wasi_tls_bytes subject; /* the whole Name, with its tag */
  wasi_tls_bytes issuer;
  wtls_key_type key_type;
  uint32_t key_bits;            /* RSA modulus, curve size */
  bool weak_signature;          /* signed with MD2, MD4, MD5 or SHA-1 */
  bool self_issued;             /* subject equals issuer */
  wasi_tls_bytes general_names; /* contents of the subjectAltName's SEQUENCE; data NULL if absent */
} wtls_x509;

/* False if |der| is not exactly one certificate that can be read this far. */
bool wtls_x509_parse(wasi_tls_bytes der, wtls_x509 *certificate);

/* RFC 9525: a dNSName or iPAddress of the subjectAltName matches; the subject is never looked at. */
bool wtls_x509_matches_name(const wtls_x509 *certificate, const wtls_server_name *name);

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Certificate revocation lists (RFC 5280, section 5): complete ones, by the issuer of what they list. */
#ifndef WASI_TLS_CORE_CRL_H
#define WASI_TLS_CORE_CRL_H

#include "x509.h"

typedef struct wtls_crl {
  wtls_signature signature;
  wasi_tls_bytes issuer;
  wasi_tls_bytes authority_key_id; /* data NULL if it has none */
  int64_t this_update;
  int64_t next_update; /* INT64_MAX if it has none */
  wasi_tls_bytes revoked;
  bool delta;
  bool unknown_critical;
} wtls_crl;

/* False if |der| is not exactly one list. All of |*crl| points into it. */
bool wtls_crl_parse(wasi_tls_bytes der, wtls_crl *crl);

/* Whether the list speaks for |issuer|, and whether it can be relied on at |now|, but for its signature. */
bool wtls_crl_is_of(const wtls_crl *crl, const wtls_x509 *issuer);
bool wtls_crl_is_current(const wtls_crl *crl, int64_t now);
bool wtls_crl_lists(const wtls_crl *crl, wasi_tls_bytes serial);

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Which identity suits a peer. The caller's order decides among those that do, on every engine. */
#ifndef WASI_TLS_CORE_SELECTION_H
#define WASI_TLS_CORE_SELECTION_H

#include "client_hello.h"
#include "wasi_tls/backend.h"
#include "x509.h"

/*
 * Whether a server with a leaf key of |key_type| can answer |hello| at |version| with a suite of |suites|.
 * TLS 1.3: signature_algorithms names a scheme of the key (RSA: rsa_pss_rsae_*; P-256: ecdsa_secp256r1_sha256; ...).
 * TLS 1.2: a common suite authenticates with the key's kind (ECDHE_RSA, ECDHE_ECDSA; Ed25519 counts as ECDSA, RFC
 * 8422), signature_algorithms (if sent) has a scheme for it (rsa_pkcs1_sha256/384/512 or rsa_pss_rsae_*; any
 * ecdsa_*sha2*; ed25519), and, for an EC key, supported_groups (if sent) has its curve.
 */
bool wtls_suits_client_hello(wtls_key_type key_type, const wtls_hello *hello, wasi_tls_protocol_version version,
                             wtls_codes suites);

/* Whether a key of |key_type| makes signatures of |scheme| under one version or the other. */
bool wtls_key_signs(wtls_key_type key_type, uint16_t scheme);

/*
 * Whether a client's chain suits a server's request at |version|: a scheme for the key as above, and, if authorities
 * are named, a certificate of the chain that was issued by one of them (or is one: subject equal, for a self-issued
 * leaf).
 */
bool wtls_suits_request(const wtls_x509 *chain, size_t count, const wasi_tls_backend_identity_request *request,
                        wasi_tls_protocol_version version);

#endif

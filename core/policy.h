/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * What certificates must be like, on top of the engine's validation and the same on every engine (RFC 9325). Which
 * certificates make up the path, and whether they are within their dates by the context's clock, only the engine can
 * tell.
 */
#ifndef WASI_TLS_CORE_POLICY_H
#define WASI_TLS_CORE_POLICY_H

#include "wasi_tls/error.h"
#include "x509.h"

/* Key sizes, and signatures that are not broken. OK, _WEAK_KEY or _WEAK_SIGNATURE. */
wasi_tls_verify_reason wtls_policy_check_certificate(const wtls_x509 *certificate);

/*
 * A peer's chain, end entity first, at most |limit| long; the end entity is |name|'s, if one is given. On failure
 * |*depth| is the index of the certificate.
 */
wasi_tls_verify_reason wtls_policy_check_chain(const wasi_tls_bytes *chain, size_t count, size_t limit,
                                               const wtls_server_name *name, uint32_t *depth);

/* One alert for each reason (RFC 8446, section 6.2), whatever an engine would have sent. */
uint8_t wtls_policy_alert(wasi_tls_verify_reason reason);

#endif

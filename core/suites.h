/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The cipher suites that the policy allows: AEAD with forward secrecy, nothing else (RFC 9325, section 4.2). */
#ifndef WASI_TLS_CORE_SUITES_H
#define WASI_TLS_CORE_SUITES_H

#include <stdbool.h>

#include "wasi_tls/types.h"

/* All of them, in the default order of preference. */
extern const wasi_tls_cipher_suite wtls_default_suites[];
extern const size_t wtls_default_suite_count;

bool wtls_suite_is_allowed(wasi_tls_cipher_suite suite);
/* The only version that the suite works with. */
wasi_tls_protocol_version wtls_suite_version(wasi_tls_cipher_suite suite);

#endif

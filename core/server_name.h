/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Server names: what a client may ask for, and as what it is compared (RFC 9525, RFC 6066 section 3). */
#ifndef WASI_TLS_CORE_SERVER_NAME_H
#define WASI_TLS_CORE_SERVER_NAME_H

#include <stdbool.h>

#include "wasi_tls/error.h"
#include "wasi_tls/types.h"

typedef struct wtls_server_name {
  size_t ip_len; /* 4 or 16 for an IP literal, else 0 */
  uint8_t ip[16];
  size_t dns_len; /* else: the name without its final dot, in the case given, NUL-terminated */
  char dns[254];
} wtls_server_name;

/*
 * Accepts IPv4 and IPv6 literals (no brackets, no zone), and DNS names of letters, digits, hyphens and underscores:
 * labels of 1 to 63 bytes, 253 in all, one final dot allowed. Refuses the rest (empty, NUL, spaces, non-ASCII, "a..b").
 * WASI_TLS_OK or WASI_TLS_ERR_SERVER_NAME.
 */
WASI_TLS_NODISCARD wasi_tls_result wtls_server_name_parse(wasi_tls_bytes text, wtls_server_name *name);

/*
 * Whether a dNSName |pattern| of a certificate matches |name| (RFC 9525, section 6.3): without regard to case; a
 * wildcard only as the complete left-most label, for exactly one label, and with at least two labels behind it.
 */
bool wtls_dns_name_matches(wasi_tls_bytes pattern, const wtls_server_name *name);

#endif

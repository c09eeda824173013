/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * The ClientHello (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2), read from the raw records before any engine
 * sees a byte, so that what a guest is shown is the same on every engine.
 */
#ifndef WASI_TLS_CORE_CLIENT_HELLO_H
#define WASI_TLS_CORE_CLIENT_HELLO_H

#include <stdbool.h>

#include "memory.h"
#include "wasi_tls/error.h"
#include "wasi_tls/types.h"

typedef struct wtls_codes {
  const uint16_t *codes;
  size_t count;
} wtls_codes;

/* One block of memory: freed with wtls_release. All members point into it. */
typedef struct wtls_hello {
  uint16_t legacy_version;
  bool has_supported_versions;
  bool post_handshake_auth; /* RFC 8446, section 4.2.6 */
  bool has_alpn;
  wasi_tls_bytes server_name; /* data NULL for none; NUL-terminated behind len */
  const wasi_tls_bytes *alpn_ids;
  size_t alpn_id_count;
  wtls_codes cipher_suites;
  wtls_codes versions;            /* supported_versions */
  wtls_codes groups;              /* supported_groups */
  wtls_codes signature_schemes;   /* signature_algorithms; count 0 if absent */
  wtls_codes certificate_schemes; /* signature_algorithms_cert; count 0 if absent */
} wtls_hello;

/*
 * Looks at the |wire| bytes received so far (records, possibly more than the hello).
 * WASI_TLS_OK: |*hello| is complete. WASI_TLS_PENDING: more is needed. Else |*alert| is what to send:
 * WASI_TLS_ERR_NOT_TLS (plain HTTP, SSLv2 or junk; decided with the first 5 bytes at most; protocol_version or
 * unexpected_message), WASI_TLS_ERR_PROTOCOL (decode_error, unexpected_message, illegal_parameter, ...: duplicate
 * extensions are illegal_parameter, bad lengths and SNI or ALPN contents are decode_error, record longer than 2^14 is
 * record_overflow), WASI_TLS_ERR_PROTOCOL_VERSION (a hello for SSL 3.0 or whose best version is below TLS 1.2;
 * protocol_version), WASI_TLS_ERR_LIMIT (longer than |limit| bytes, known from the message header on;
 * illegal_parameter), WASI_TLS_ERR_OUT_OF_MEMORY (internal_error).
 */
WASI_TLS_NODISCARD wasi_tls_result wtls_client_hello_read(const wasi_tls_allocator *allocator, wasi_tls_bytes wire,
                                                          size_t limit, wtls_hello **hello, uint8_t *alert);

/* Whether |codes| has |code|. */
bool wtls_codes_contain(wtls_codes codes, uint16_t code);

/* The highest version of the range that the client offers; 0 for none. */
wasi_tls_protocol_version wtls_hello_best_version(const wtls_hello *hello, wasi_tls_protocol_version min,
                                                  wasi_tls_protocol_version max);

#endif

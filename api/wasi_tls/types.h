/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/**
 * @file types.h
 * The small types shared by all headers.
 */
#ifndef WASI_TLS_TYPES_H
#define WASI_TLS_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A run of bytes that belongs to somebody else. Each function says for how long it stays valid. */
typedef struct wasi_tls_bytes {
  const uint8_t *data;
  size_t len;
} wasi_tls_bytes;

/** WIT `protocol-version`: the wire code. */
typedef uint16_t wasi_tls_protocol_version;
#define WASI_TLS_VERSION_TLS12 0x0303u
#define WASI_TLS_VERSION_TLS13 0x0304u

/** WIT `cipher-suite`: the IANA code, for example 0x1301. */
typedef uint16_t wasi_tls_cipher_suite;

/** Which end of the connection this is (RFC 8446, section 1.1). */
typedef enum wasi_tls_role { WASI_TLS_ROLE_CLIENT = 0, WASI_TLS_ROLE_SERVER = 1 } wasi_tls_role;

/** "TLSv1.2", "TLSv1.3" or "unknown". Static storage; any thread. */
WASI_TLS_API const char *wasi_tls_protocol_version_name(wasi_tls_protocol_version version);
/** The IANA name of a suite that this library can negotiate, else "unknown". Static storage; any thread. */
WASI_TLS_API const char *wasi_tls_cipher_suite_name(wasi_tls_cipher_suite suite);

typedef struct wasi_tls_config wasi_tls_config;
typedef struct wasi_tls_public_identity wasi_tls_public_identity;
typedef struct wasi_tls_private_identity wasi_tls_private_identity;
typedef struct wasi_tls_client_connection wasi_tls_client_connection;
typedef struct wasi_tls_client_handshake wasi_tls_client_handshake;
typedef struct wasi_tls_client_identity_request wasi_tls_client_identity_request;
typedef struct wasi_tls_server_connection wasi_tls_server_connection;
typedef struct wasi_tls_server_handshake wasi_tls_server_handshake;
typedef struct wasi_tls_client_hello wasi_tls_client_hello;
typedef struct wasi_tls_future_streams wasi_tls_future_streams;
typedef struct wasi_tls_future_client_hello wasi_tls_future_client_hello;
typedef struct wasi_tls_future_public_identity wasi_tls_future_public_identity;
typedef struct wasi_tls_future_client_identity_request wasi_tls_future_client_identity_request;

#ifdef __cplusplus
}
#endif

#endif

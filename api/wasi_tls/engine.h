/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/**
 * @file engine.h
 * Which engines are built in, and what each can do. Any thread; needs no configuration.
 */
#ifndef WASI_TLS_ENGINE_H
#define WASI_TLS_ENGINE_H

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A thing an engine may or may not be able to do. What it can't is WASI_TLS_ERR_UNSUPPORTED. */
typedef enum wasi_tls_capability {
  WASI_TLS_CAP_CLIENT = 0,
  WASI_TLS_CAP_SERVER,
  WASI_TLS_CAP_TLS12,
  WASI_TLS_CAP_TLS13,
  WASI_TLS_CAP_ALPN,
  WASI_TLS_CAP_CLIENT_HELLO,            /**< receive-client-hello, and configuring after it */
  WASI_TLS_CAP_VERIFY_SERVER_IDENTITY,  /**< verify-server-identity, suspended */
  WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST, /**< receive-client-identity-request, suspended */
  WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY, /**< request-client-identity in the handshake, suspended */
  WASI_TLS_CAP_POST_HANDSHAKE_SERVER,   /**< request-client-identity after the handshake */
  WASI_TLS_CAP_POST_HANDSHAKE_CLIENT,   /**< answering such a request */
  WASI_TLS_CAP_ABORT_ALERT,             /**< abort with an alert that the peer can read, at every point */
  WASI_TLS_CAP_KEY_RSA,
  WASI_TLS_CAP_KEY_P256,
  WASI_TLS_CAP_KEY_P384,
  WASI_TLS_CAP_KEY_ED25519,
  WASI_TLS_CAP_REVOCATION_LISTS,
  WASI_TLS_CAP_CIPHER_SUITES, /**< choosing suites by code */
  WASI_TLS_CAP_KEY_LOG,
  WASI_TLS_CAP_ALPN_ANY_BYTES,        /**< ALPN ids with a NUL or a comma in them: unsupported when configured if not */
  WASI_TLS_CAP_NAME_AUTHORITIES,      /**< a server's request names whom it trusts, under both versions */
  WASI_TLS_CAP_POST_HANDSHAKE_REPEAT, /**< more than one request after the handshake of a connection */
  WASI_TLS_CAP_OPAQUE_KEYS,           /**< identities whose key is held elsewhere, of each type that the engine has */
  WASI_TLS_CAP_COUNT
} wasi_tls_capability;

/** A stable lower-case name such as "verify-server-identity"; NULL past the end. Static storage. */
WASI_TLS_API const char *wasi_tls_capability_name(wasi_tls_capability capability);

/** How many engines are built in. */
WASI_TLS_API size_t wasi_tls_engine_count(void);
/** The name of the engine at |index|, in the order they were given to the build; NULL past the end. Static storage. */
WASI_TLS_API const char *wasi_tls_engine_name(size_t index);
/**
 * The engine library's own version text, as loaded. |engine| NULL is the first. NULL if there is none of that name.
 * Static storage.
 */
WASI_TLS_API const char *wasi_tls_engine_version(const char *engine);
/** Whether |engine| (NULL: the first) has |capability|; false for an unknown engine. */
WASI_TLS_API bool wasi_tls_engine_supports(const char *engine, wasi_tls_capability capability);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/**
 * @file config.h
 * What only the embedder decides: engine, trust, named identities, versions, suites, limits, hooks.
 *
 * A configuration is built once from options, is immutable from then on, and may be used by any
 * number of connections on any threads. Nothing in it can be changed by a guest.
 */
#ifndef WASI_TLS_CONFIG_H
#define WASI_TLS_CONFIG_H

#include "error.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Where the core's memory comes from. The functions must be safe on every thread that uses the
 * configuration. The engines allocate on their own. All three functions are given, or none (malloc).
 */
typedef struct wasi_tls_allocator {
  void *context;
  void *(*allocate)(void *context, size_t size);
  void *(*reallocate)(void *context, void *memory, size_t size);
  void (*release)(void *context, void *memory);
} wasi_tls_allocator;

/** Bounds for each connection. 0 means the default; a value outside of the range is WASI_TLS_ERR_LIMIT_VALUE. */
typedef struct wasi_tls_limits {
  size_t size;                 /**< sizeof(wasi_tls_limits) */
  uint32_t client_hello_bytes; /**< longest ClientHello message; default 16384, range 512 to 131072 */
  uint32_t handshake_bytes; /**< most ciphertext taken in during a handshake; default 262144, range 16384 to 16777216 */
  uint32_t chain_certificates; /**< longest certificate chain, own or peer's; default 10, range 1 to 100 */
  uint32_t write_permit; /**< largest cleartext write; a little over twice that is held back; default 65536, range 1024
                            to 1048576 */
  uint32_t
      ciphertext_in; /**< endpoint.h: most ciphertext waiting to be processed; default 32768, range 17408 to 1048576 */
  uint32_t post_handshake_bytes; /**< most ciphertext in a row without any cleartext in it; default 65536, range 16384
                                    to 16777216 */
  uint32_t alpn_ids;             /**< most ALPN ids of one side; default 64, range 1 to 1024 */
  uint32_t identities;           /**< most identities for one handshake; default 16, range 1 to 256 */
} wasi_tls_limits;

/** Where trust anchors come from. */
typedef enum wasi_tls_trust_source {
  /** The system's store: SSL_CERT_FILE and SSL_CERT_DIR if set, else the distribution's bundle. Read once, at build. */
  WASI_TLS_TRUST_SYSTEM = 0,
  /** Only the certificates given. With none given, nobody is trusted. */
  WASI_TLS_TRUST_LIST = 1
} wasi_tls_trust_source;

/** A set of trust anchors. Every certificate given is an anchor, whether self-signed or not. */
typedef struct wasi_tls_trust {
  wasi_tls_trust_source source;
  const wasi_tls_bytes *anchors; /**< for LIST: each one DER certificate, or PEM with one or more */
  size_t anchor_count;
} wasi_tls_trust;

struct wasi_tls_signer;

/**
 * An identity the embedder registers under a name, so that its key never passes through a guest. The key is given, or
 * who signs in its place. A signer's context is the configuration's once that is built; after a failure it is still the
 * caller's, as all the others are.
 */
typedef struct wasi_tls_named_identity {
  const char *name;                 /**< NUL-terminated */
  wasi_tls_bytes private_key;       /**< as for wasi_tls_private_identity_parse; data NULL: |signer| has it */
  const wasi_tls_bytes *x509_chain; /**< likewise */
  size_t x509_chain_count;
  const struct wasi_tls_signer *signer; /**< as for wasi_tls_private_identity_from_signer (signer.h), or NULL */
} wasi_tls_named_identity;

/** What a server wants of its clients when the guest does not ask by itself. */
typedef enum wasi_tls_client_identity_policy {
  WASI_TLS_CLIENT_IDENTITY_NONE = 0, /**< asked only where the guest calls request-client-identity; may be declined */
  WASI_TLS_CLIENT_IDENTITY_OPTIONAL = 1, /**< always asked, may be declined */
  WASI_TLS_CLIENT_IDENTITY_REQUIRED = 2  /**< always asked; a client that declines is refused */
} wasi_tls_client_identity_policy;

/** How much a log line matters. */
typedef enum wasi_tls_log_level {
  WASI_TLS_LOG_ERROR = 0,
  WASI_TLS_LOG_INFO = 1,
  WASI_TLS_LOG_DEBUG = 2
} wasi_tls_log_level;

struct wasi_tls_backend;

/**
 * Options for wasi_tls_config_new. Everything pointed to is only borrowed for that call.
 * Call wasi_tls_config_options_init first, which sets every member to its default.
 */
typedef struct wasi_tls_config_options {
  size_t size; /**< sizeof(wasi_tls_config_options) */

  const char *engine; /**< a name from wasi_tls_engine_name; NULL: the first one built in */
  const struct wasi_tls_backend
      *backend; /**< an engine from outside (backend.h); wins over |engine|. Static lifetime */

  wasi_tls_trust server_trust; /**< whom a client trusts as servers; default: the system's store */
  wasi_tls_trust client_trust; /**< whom a server trusts as clients; default: nobody */
  const wasi_tls_bytes *crls;  /**< revocation lists, DER or PEM; default: none. See README, "Revocation" */
  size_t crl_count;

  const wasi_tls_named_identity *identities; /**< for private-identity.open; default: none */
  size_t identity_count;

  /** Of the range counts what the engine speaks; WASI_TLS_ERR_UNSUPPORTED if that is nothing. */
  wasi_tls_protocol_version min_version;      /**< default 0x0303 */
  wasi_tls_protocol_version max_version;      /**< default 0x0304 */
  const wasi_tls_cipher_suite *cipher_suites; /**< IANA codes in order of preference; default: see README, "Defaults" */
  size_t cipher_suite_count;

  wasi_tls_client_identity_policy client_identity; /**< server; default NONE */
  bool post_handshake_auth; /**< client: offer it, and answer from what `respond` or configure-client-identities gave;
                               default false */

  wasi_tls_limits limits;
  wasi_tls_allocator allocator; /**< all NULL: malloc */

  /** Seconds since 1970-01-01 UTC for certificate validity; NULL: time(). Any thread. */
  int64_t (*clock)(void *context);
  void *clock_context;

  /** One line of text without a line end; never key material. NULL: none. Any thread. */
  void (*log)(void *context, wasi_tls_log_level level, const char *line);
  void *log_context;

  /**
   * insecure: gives whoever reads it the plaintext of all connections. One line in the NSS key log
   * format, without a line end. NULL (the default): none. For debugging only. Any thread.
   */
  void (*insecure_key_log)(void *context, const char *line);
  void *insecure_key_log_context;
} wasi_tls_config_options;

/** Sets size and every default. NULL is ignored. */
WASI_TLS_API void wasi_tls_config_options_init(wasi_tls_config_options *options);

/**
 * Builds a configuration: loads trust anchors, CRLs and identities, and makes the engine's contexts, once.
 *
 * |options| NULL means all defaults. |error|, if not NULL, says what was wrong.
 * The caller owns |*config| and frees it with wasi_tls_config_free.
 *
 * Returns WASI_TLS_OK, or WASI_TLS_ERR_NULL_ARGUMENT, _STRUCT_SIZE, _ENUM_VALUE, _UNKNOWN_ENGINE, _UNSUPPORTED,
 * _VERSION_RANGE, _CIPHER_SUITE, _TRUST_STORE, _REVOCATION_LIST, _LIMIT_VALUE, any of the identity class,
 * _OUT_OF_MEMORY, _ENGINE.
 * Thread: any.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_config_new(const wasi_tls_config_options *options,
                                                                    wasi_tls_config **config, wasi_tls_error *error);

/** Gives up the caller's hold; connections and identities keep their own. NULL is ignored. Any thread. */
WASI_TLS_API void wasi_tls_config_free(wasi_tls_config *config);

/** The name of the engine in use. Valid as long as |config|. NULL for NULL. Any thread. */
WASI_TLS_API const char *wasi_tls_config_engine(const wasi_tls_config *config);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/**
 * @file endpoint.h
 * The connection without I/O: bytes in, bytes out, steps. For runtimes without WASI streams.
 *
 * An endpoint does what the resources of client.h and server.h do (they are built on it), but moves
 * bytes only inside of the calls made on it. The loop of a user:
 *
 *   1. start a step (wasi_tls_endpoint_start), then call wasi_tls_endpoint_drive;
 *   2. whatever it returned, send what wasi_tls_endpoint_output shows: alerts leave that way too;
 *   3. on WASI_TLS_PENDING give it what arrived (wasi_tls_endpoint_input), and drive again;
 *   4. on WASI_TLS_OK the step is complete: look, configure, answer, start the next step;
 *   5. after WASI_TLS_STEP_FINISH: wasi_tls_endpoint_read, _write and _close, each followed by 2.
 *
 * Thread: one at a time.
 */
#ifndef WASI_TLS_ENDPOINT_H
#define WASI_TLS_ENDPOINT_H

#include "config.h"
#include "error.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wasi_tls_endpoint wasi_tls_endpoint;

/** What has been negotiated so far. All borrowed from the endpoint. */
typedef struct wasi_tls_properties {
  size_t size;                        /**< sizeof(wasi_tls_properties) */
  wasi_tls_bytes server_name;         /**< data NULL for none */
  wasi_tls_bytes alpn_id;             /**< data NULL for none */
  wasi_tls_protocol_version version;  /**< 0 for none */
  wasi_tls_cipher_suite cipher_suite; /**< 0 for none */
} wasi_tls_properties;

/** Makes an endpoint. The caller owns |*endpoint|. OK, _NULL_ARGUMENT, _ENUM_VALUE, _UNSUPPORTED, _OUT_OF_MEMORY. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_endpoint_new(wasi_tls_config *config, wasi_tls_role role,
                                                                      wasi_tls_endpoint **endpoint);
/** Frees the endpoint; sends nothing. NULL is ignored. */
WASI_TLS_API void wasi_tls_endpoint_free(wasi_tls_endpoint *self);

/** client-connection.connect. OK, _NULL_ARGUMENT, _WRONG_STATE, _SERVER_NAME, _OUT_OF_MEMORY. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_endpoint_connect(wasi_tls_endpoint *self,
                                                                          wasi_tls_bytes server_name);
/** server-connection.accept. OK, _NULL_ARGUMENT, _WRONG_STATE. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_endpoint_accept(wasi_tls_endpoint *self);

/** configure-alpn-ids of either handshake: see client.h and server.h. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_endpoint_configure_alpn_ids(wasi_tls_endpoint *self,
                                                                                     const wasi_tls_bytes *ids,
                                                                                     size_t count);
/** Server: configure-server-identities. Client: configure-client-identities. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_endpoint_configure_identities(
    wasi_tls_endpoint *self, wasi_tls_private_identity *const *identities, size_t count);

/**
 * Starts a step: CLIENT_HELLO (receive-client-hello), SERVER_IDENTITY (verify-server-identity),
 * CLIENT_IDENTITY_REQUEST, CLIENT_IDENTITY (request-client-identity, in and after the handshake) or FINISH. No I/O:
 * call drive. OK, _NULL_ARGUMENT, _ENUM_VALUE, _WRONG_STATE, _UNSUPPORTED.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_endpoint_start(wasi_tls_endpoint *self, wasi_tls_step step);
/** What receive-client-hello shows (functions in server.h); NULL before. Borrowed until FINISH is complete. */
WASI_TLS_API const wasi_tls_client_hello *wasi_tls_endpoint_client_hello(const wasi_tls_endpoint *self);
/** What receive-client-identity-request shows (functions in client.h); NULL for none. Borrowed until FINISH is started.
 */
WASI_TLS_API const wasi_tls_client_identity_request *wasi_tls_endpoint_identity_request(const wasi_tls_endpoint *self);
/** client-identity-request.respond. OK, _NULL_ARGUMENT, _WRONG_STATE, _IDENTITY_ENGINE, _LIMIT_VALUE, _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_endpoint_respond(wasi_tls_endpoint *self,
                                                                          wasi_tls_private_identity *const *identities,
                                                                          size_t count);
/** abort, or abort-with if |alert| is not 0. The alert is in the output. OK, _NULL_ARGUMENT, _WRONG_STATE,
 * _ALERT_VALUE. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_endpoint_abort(wasi_tls_endpoint *self, uint8_t alert);

/**
 * Goes on with the current step. WASI_TLS_OK: it is complete (at once if none was started). WASI_TLS_PENDING: needs
 * input. Anything else: the handshake has failed with that, now or before.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_endpoint_drive(wasi_tls_endpoint *self);

/**
 * Ciphertext that arrived. Copies as much as there is room for and stores that in |*accepted|; the rest is to be given
 * again after drive or read. OK, _NULL_ARGUMENT, _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_endpoint_input(wasi_tls_endpoint *self, const uint8_t *data,
                                                                        size_t len, size_t *accepted);
/** The transport has ended: nothing arrives any more. NULL is ignored. */
WASI_TLS_API void wasi_tls_endpoint_input_end(wasi_tls_endpoint *self);
/** Ciphertext to send, valid until the next call on |self|; len 0 for none or NULL. To be looked at after every call,
 * failed or not. */
WASI_TLS_API wasi_tls_bytes wasi_tls_endpoint_output(const wasi_tls_endpoint *self);
/** The first |len| bytes of the output are sent. NULL is ignored. */
WASI_TLS_API void wasi_tls_endpoint_output_sent(wasi_tls_endpoint *self, size_t len);

/**
 * Cleartext in: 1 to |len| bytes with OK. PENDING: needs input. _CLOSED: close_notify came. _TRUNCATED, any failure:
 * sticky. |len| 0 asks whether there is some.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_endpoint_read(wasi_tls_endpoint *self, uint8_t *buffer,
                                                                       size_t len, size_t *count);
/** How many bytes the next write may have; 0 while output waits to be sent. OK, _NULL_ARGUMENT, _WRONG_STATE, _CLOSED,
 * the failure. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_endpoint_check_write(wasi_tls_endpoint *self, size_t *permit);
/** Cleartext out: takes all |len| bytes. OK, _PERMIT_EXCEEDED, _NULL_ARGUMENT, _WRONG_STATE, _CLOSED, the failure. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_endpoint_write(wasi_tls_endpoint *self, const uint8_t *data,
                                                                        size_t len);
/** Sends close_notify behind what was written. Reading goes on (RFC 8446, section 6.1). Once; again is OK and does
 * nothing. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_endpoint_close(wasi_tls_endpoint *self);

/** Fills in |properties|, whose size must be set. OK, _NULL_ARGUMENT, _STRUCT_SIZE. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_endpoint_properties(const wasi_tls_endpoint *self,
                                                                             wasi_tls_properties *properties);
/** The peer's verified chain, as sent; NULL for none. The caller owns |*identity|. OK, _NULL_ARGUMENT, _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_endpoint_peer_identity(const wasi_tls_endpoint *self,
                                                                                wasi_tls_public_identity **identity);
/** The identity that this side sent; NULL for none. The caller owns |*identity|. OK, _NULL_ARGUMENT. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_endpoint_own_identity(const wasi_tls_endpoint *self,
                                                                               wasi_tls_private_identity **identity);
/** What ended the connection; false if nothing did. |error|'s size must be set. */
WASI_TLS_API bool wasi_tls_endpoint_last_error(const wasi_tls_endpoint *self, wasi_tls_error *error);

#ifdef __cplusplus
}
#endif

#endif

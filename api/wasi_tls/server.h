/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/**
 * @file server.h
 * WIT resources `server-connection`, `server-handshake` and `client-hello`.
 *
 * All objects that come from one connection belong to one thread at a time. They may be freed in any order.
 * Where the WIT consumes a resource (finish, abort, respond), the C object is spent: it answers
 * WASI_TLS_ERR_WRONG_STATE from then on, and is still the caller's to free.
 */
#ifndef WASI_TLS_SERVER_H
#define WASI_TLS_SERVER_H

#include "error.h"
#include "stream.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * WIT `server-connection.constructor`: a server over two raw streams. No I/O.
 * |input| and |output| belong to the connection from a successful call on; on failure they stay the caller's.
 * The caller owns |*connection|. Returns WASI_TLS_OK, _NULL_ARGUMENT, _UNSUPPORTED, _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_server_connection_new(wasi_tls_config *config,
                                                                               wasi_tls_input_stream *input,
                                                                               wasi_tls_output_stream *output,
                                                                               wasi_tls_server_connection **connection);
/**
 * WIT `server-connection.accept`: starts a handshake, suspended. At most once. No I/O. The caller owns |*handshake|.
 * Returns WASI_TLS_OK, _NULL_ARGUMENT, _WRONG_STATE, _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result
wasi_tls_server_connection_accept(wasi_tls_server_connection *self, wasi_tls_server_handshake **handshake);
/**
 * WIT `server-connection.request-client-identity`: post-handshake authentication (RFC 8446, section 4.6.2).
 * Only after the handshake, under TLS 1.3, one at a time. Cleartext goes on meanwhile; what arrives before the answer
 * is kept up to the write permit, then has to be read first. The caller owns |*future|.
 * Returns WASI_TLS_OK, _NULL_ARGUMENT, _WRONG_STATE, _UNSUPPORTED (TLS 1.2, or the client did not offer it; the
 * connection stays usable), _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_server_connection_request_client_identity(
    wasi_tls_server_connection *self, wasi_tls_future_public_identity **future);
/**
 * WIT `server-connection.server-name`: the SNI host_name of the ClientHello (RFC 6066, section 3). False is none.
 * |*value| stays valid as long as |self|.
 */
WASI_TLS_API bool wasi_tls_server_connection_server_name(const wasi_tls_server_connection *self, wasi_tls_bytes *value);
/** WIT `server-connection.alpn-id`: the negotiated protocol (RFC 7301). False is none. |*value| stays valid as long as
 * |self|. */
WASI_TLS_API bool wasi_tls_server_connection_alpn_id(const wasi_tls_server_connection *self, wasi_tls_bytes *value);
/** WIT `server-connection.client-identity`: the verified chain, as sent. False is none. The caller owns |*value|. */
WASI_TLS_API bool wasi_tls_server_connection_client_identity(const wasi_tls_server_connection *self,
                                                             wasi_tls_public_identity **value);
/** WIT `server-connection.server-identity`: the one of those configured that was sent. False is none. The caller owns
 * |*value|. */
WASI_TLS_API bool wasi_tls_server_connection_server_identity(const wasi_tls_server_connection *self,
                                                             wasi_tls_private_identity **value);
/** WIT `server-connection.protocol-version`: the negotiated version. False is none. */
WASI_TLS_API bool wasi_tls_server_connection_protocol_version(const wasi_tls_server_connection *self,
                                                              wasi_tls_protocol_version *value);
/** WIT `server-connection.cipher-suite`: the negotiated suite. False is none. */
WASI_TLS_API bool wasi_tls_server_connection_cipher_suite(const wasi_tls_server_connection *self,
                                                          wasi_tls_cipher_suite *value);
/**
 * WIT `server-connection.last-error`, @unstable(feature = error-detail): what ended the connection.
 * False is none. |error| is filled in; its size field must be set.
 */
WASI_TLS_API bool wasi_tls_server_connection_last_error(const wasi_tls_server_connection *self, wasi_tls_error *error);
/**
 * Resource drop. The cleartext streams and whatever else came from the connection live on and work.
 * When the last of them goes, close_notify is sent as far as the transport takes it at once, and the raw streams are
 * dropped. NULL is ignored.
 */
WASI_TLS_API void wasi_tls_server_connection_free(wasi_tls_server_connection *self);

/**
 * WIT `server-handshake.configure-alpn-ids`: what to accept, most wanted first; replaces what was set before.
 * Before the first step, or while suspended after receive-client-hello. Copied. If the client offers ALPN and nothing
 * is in common, the handshake fails with no_application_protocol (RFC 7301, section 3.2).
 * Returns WASI_TLS_OK, _NULL_ARGUMENT, _WRONG_STATE, _ALPN_ID, _OUT_OF_MEMORY, _UNSUPPORTED (the engine has no ALPN, or
 * can't carry a NUL or a comma in an id: WASI_TLS_CAP_ALPN_ANY_BYTES).
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result
wasi_tls_server_handshake_configure_alpn_ids(wasi_tls_server_handshake *self, const wasi_tls_bytes *ids, size_t count);
/**
 * WIT `server-handshake.configure-server-identities`: most wanted first; replaces what was set before. When as above.
 * The first that suits the ClientHello is used: version, suites, signature algorithms, groups.
 * Returns WASI_TLS_OK, _NULL_ARGUMENT, _WRONG_STATE, _IDENTITY_ENGINE, _LIMIT_VALUE, _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_server_handshake_configure_server_identities(
    wasi_tls_server_handshake *self, wasi_tls_private_identity *const *identities, size_t count);
/**
 * WIT `server-handshake.receive-client-hello`: resumes the handshake until the ClientHello is in; it is suspended again
 * then, and nothing was written. At most once, first. The caller owns |*future|.
 * Returns WASI_TLS_OK, _NULL_ARGUMENT, _WRONG_STATE, _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result
wasi_tls_server_handshake_receive_client_hello(wasi_tls_server_handshake *self, wasi_tls_future_client_hello **future);
/**
 * WIT `server-handshake.request-client-identity`: asks the client for its identity and resumes the handshake until it
 * is in, has passed the default validation, and the client has proven that it holds the key; it is suspended again
 * then. At most once. The caller owns |*future|. Returns WASI_TLS_OK, _NULL_ARGUMENT, _WRONG_STATE, _UNSUPPORTED,
 * _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_server_handshake_request_client_identity(
    wasi_tls_server_handshake *self, wasi_tls_future_public_identity **future);
/**
 * WIT `server-handshake.finish`: resumes the handshake to its end. It spends |self|: any later call on it but _free is
 * _WRONG_STATE. The caller owns |*future|. Returns WASI_TLS_OK, _NULL_ARGUMENT, _WRONG_STATE, _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_server_handshake_finish(wasi_tls_server_handshake *self,
                                                                                 wasi_tls_future_streams **future);
/**
 * WIT `server-handshake.abort`: ends the handshake with bad_certificate after request-client-identity, else with
 * handshake_failure; with nothing if nothing was received yet. It spends |self|; pollable and
 * results are those of wasi_tls_client_handshake_abort.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_server_handshake_abort(wasi_tls_server_handshake *self,
                                                                                wasi_tls_pollable **pollable);
/** WIT `server-handshake.abort-with`, @unstable(feature = abort-alert): as wasi_tls_client_handshake_abort_with. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_server_handshake_abort_with(wasi_tls_server_handshake *self,
                                                                                     uint8_t alert,
                                                                                     wasi_tls_pollable **pollable);
/** Resource drop: without finish or abort the connection ends, and nothing more is written. NULL is ignored. */
WASI_TLS_API void wasi_tls_server_handshake_free(wasi_tls_server_handshake *self);

/** WIT `client-hello.server-name`: the SNI host_name. False is none. |*value| stays valid as long as |self|. */
WASI_TLS_API bool wasi_tls_client_hello_server_name(const wasi_tls_client_hello *self, wasi_tls_bytes *value);
/** WIT `client-hello.alpn-ids`: in the client's order. The array stays valid as long as |self|. OK or _NULL_ARGUMENT.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_client_hello_alpn_ids(const wasi_tls_client_hello *self,
                                                                               const wasi_tls_bytes **ids,
                                                                               size_t *count);
/**
 * WIT `client-hello.cipher-suites`: as sent, with those that nobody knows and GREASE (RFC 8701).
 * The array stays valid as long as |self|. OK or _NULL_ARGUMENT.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_client_hello_cipher_suites(
    const wasi_tls_client_hello *self, const wasi_tls_cipher_suite **suites, size_t *count);
/** Resource drop. NULL is ignored. */
WASI_TLS_API void wasi_tls_client_hello_free(wasi_tls_client_hello *self);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/**
 * @file client.h
 * WIT resources `client-connection`, `client-handshake` and `client-identity-request`.
 *
 * All objects that come from one connection belong to one thread at a time. They may be freed in any order.
 * Where the WIT consumes a resource (finish, abort, respond), the C object is spent: it answers
 * WASI_TLS_ERR_WRONG_STATE from then on, and is still the caller's to free.
 */
#ifndef WASI_TLS_CLIENT_H
#define WASI_TLS_CLIENT_H

#include "error.h"
#include "stream.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * WIT `client-connection.constructor`: a client over two raw streams. No I/O.
 * |input| and |output| belong to the connection from a successful call on; on failure they stay the caller's.
 * The caller owns |*connection|. Returns WASI_TLS_OK, _NULL_ARGUMENT, _UNSUPPORTED, _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_client_connection_new(wasi_tls_config *config,
                                                                               wasi_tls_input_stream *input,
                                                                               wasi_tls_output_stream *output,
                                                                               wasi_tls_client_connection **connection);
/**
 * WIT `client-connection.connect`: starts a handshake, suspended. At most once. No I/O.
 * |server_name| is a DNS name or an IP literal (RFC 9525); a final dot is dropped. The caller owns |*handshake|.
 * Returns WASI_TLS_OK, _NULL_ARGUMENT, _WRONG_STATE, _SERVER_NAME, _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_client_connection_connect(
    wasi_tls_client_connection *self, wasi_tls_bytes server_name, wasi_tls_client_handshake **handshake);
/**
 * WIT `client-connection.server-name`: what connect was given. False is none. |*value| stays valid as long as |self|.
 */
WASI_TLS_API bool wasi_tls_client_connection_server_name(const wasi_tls_client_connection *self, wasi_tls_bytes *value);
/** WIT `client-connection.alpn-id`: the negotiated protocol (RFC 7301). False is none. |*value| stays valid as long as
 * |self|. */
WASI_TLS_API bool wasi_tls_client_connection_alpn_id(const wasi_tls_client_connection *self, wasi_tls_bytes *value);
/** WIT `client-connection.client-identity`: the one of those offered that was sent. False is none. The caller owns
 * |*value|. */
WASI_TLS_API bool wasi_tls_client_connection_client_identity(const wasi_tls_client_connection *self,
                                                             wasi_tls_private_identity **value);
/** WIT `client-connection.server-identity`: the verified chain, as sent. False is none. The caller owns |*value|. */
WASI_TLS_API bool wasi_tls_client_connection_server_identity(const wasi_tls_client_connection *self,
                                                             wasi_tls_public_identity **value);
/** WIT `client-connection.protocol-version`: the negotiated version. False is none. */
WASI_TLS_API bool wasi_tls_client_connection_protocol_version(const wasi_tls_client_connection *self,
                                                              wasi_tls_protocol_version *value);
/** WIT `client-connection.cipher-suite`: the negotiated suite. False is none. */
WASI_TLS_API bool wasi_tls_client_connection_cipher_suite(const wasi_tls_client_connection *self,
                                                          wasi_tls_cipher_suite *value);
/**
 * WIT `client-connection.last-error`, @unstable(feature = error-detail): what ended the connection.
 * False is none. |error| is filled in; its size field must be set.
 */
WASI_TLS_API bool wasi_tls_client_connection_last_error(const wasi_tls_client_connection *self, wasi_tls_error *error);
/**
 * Resource drop. The cleartext streams and whatever else came from the connection live on and work.
 * When the last of them goes, close_notify is sent as far as the transport takes it at once, and the raw streams are
 * dropped. NULL is ignored.
 */
WASI_TLS_API void wasi_tls_client_connection_free(wasi_tls_client_connection *self);

/**
 * WIT `client-handshake.configure-alpn-ids`: what to offer, most wanted first; replaces what was set before.
 * Only before the first step. |ids| may be NULL if |count| is 0. Copied.
 * Returns WASI_TLS_OK, _NULL_ARGUMENT, _WRONG_STATE, _ALPN_ID, _OUT_OF_MEMORY, _UNSUPPORTED (the engine has no ALPN, or
 * can't carry a NUL or a comma in an id: WASI_TLS_CAP_ALPN_ANY_BYTES).
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result
wasi_tls_client_handshake_configure_alpn_ids(wasi_tls_client_handshake *self, const wasi_tls_bytes *ids, size_t count);
/**
 * WIT `client-handshake.configure-client-identities`, @unstable(feature = client-identities): what to answer if the
 * server asks and nobody calls receive-client-identity-request; most wanted first. Only before the first step. Returns
 * WASI_TLS_OK, _NULL_ARGUMENT, _WRONG_STATE, _IDENTITY_ENGINE, _LIMIT_VALUE, _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_client_handshake_configure_client_identities(
    wasi_tls_client_handshake *self, wasi_tls_private_identity *const *identities, size_t count);
/**
 * WIT `client-handshake.verify-server-identity`: resumes the handshake until the server's chain is in and has passed
 * the default validation; it is suspended again then. At most once, and before receive-client-identity-request.
 * The caller owns |*future|. Returns WASI_TLS_OK, _NULL_ARGUMENT, _WRONG_STATE, _UNSUPPORTED, _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_client_handshake_verify_server_identity(
    wasi_tls_client_handshake *self, wasi_tls_future_public_identity **future);
/**
 * WIT `client-handshake.receive-client-identity-request`: resumes the handshake until the server's request is in, or
 * none can come any more; it is suspended again then. At most once. The caller owns |*future|. Returns WASI_TLS_OK,
 * _NULL_ARGUMENT, _WRONG_STATE, _UNSUPPORTED, _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_client_handshake_receive_client_identity_request(
    wasi_tls_client_handshake *self, wasi_tls_future_client_identity_request **future);
/**
 * WIT `client-handshake.finish`: resumes the handshake to its end. It spends |self|: any later call on it but _free is
 * _WRONG_STATE. The future's success does not mean that the server accepts the client's identity: under TLS 1.3 a
 * refusal comes as an alert on the first read. The caller owns |*future|. Returns WASI_TLS_OK, _NULL_ARGUMENT,
 * _WRONG_STATE, _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_client_handshake_finish(wasi_tls_client_handshake *self,
                                                                                 wasi_tls_future_streams **future);
/**
 * WIT `client-handshake.abort`: ends the handshake with bad_certificate after verify-server-identity or
 * receive-client-identity-request, else with handshake_failure; with nothing if nothing was sent or received yet.
 * It spends |self|: any later call on it but _free is _WRONG_STATE. The pollable is ready once the alert is written
 * out, or can't be. The caller owns |*pollable|. Returns WASI_TLS_OK, _NULL_ARGUMENT, _WRONG_STATE, _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_client_handshake_abort(wasi_tls_client_handshake *self,
                                                                                wasi_tls_pollable **pollable);
/**
 * WIT `client-handshake.abort-with`, @unstable(feature = abort-alert): as abort, with the alert given: one of
 * handshake_failure 40, bad_certificate 42, unsupported_certificate 43, certificate_revoked 44, certificate_expired 45,
 * certificate_unknown 46, unknown_ca 48, access_denied 49, internal_error 80, unrecognized_name 112.
 * Also returns _ALERT_VALUE.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_client_handshake_abort_with(wasi_tls_client_handshake *self,
                                                                                     uint8_t alert,
                                                                                     wasi_tls_pollable **pollable);
/** Resource drop: without finish or abort the connection ends, and nothing more is written. NULL is ignored. */
WASI_TLS_API void wasi_tls_client_handshake_free(wasi_tls_client_handshake *self);

/**
 * WIT `client-identity-request.respond`: offers identities, most wanted first. The first that suits the request's
 * signature schemes and authorities is sent; none, and no certificate is. It spends |self|, whatever is returned: what
 * remains is to free it. Returns WASI_TLS_OK, _NULL_ARGUMENT, _WRONG_STATE (the handshake went on without),
 * _IDENTITY_ENGINE, _LIMIT_VALUE, _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_client_identity_request_respond(
    wasi_tls_client_identity_request *self, wasi_tls_private_identity *const *identities, size_t count);
/**
 * WIT `client-identity-request.authorities`, @unstable(feature = identity-request-detail): the DER names of the
 * acceptable issuers; none means any. The array stays valid as long as |self|. OK or _NULL_ARGUMENT.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_client_identity_request_authorities(
    const wasi_tls_client_identity_request *self, const wasi_tls_bytes **names, size_t *count);
/**
 * WIT `client-identity-request.signature-schemes`, @unstable(feature = identity-request-detail): IANA codes, in the
 * server's order. The array stays valid as long as |self|. OK or _NULL_ARGUMENT.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_client_identity_request_signature_schemes(
    const wasi_tls_client_identity_request *self, const uint16_t **schemes, size_t *count);
/** Resource drop: offers no certificate. NULL is ignored. */
WASI_TLS_API void wasi_tls_client_identity_request_free(wasi_tls_client_identity_request *self);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/**
 * @file future.h
 * WIT resources `future-streams`, `future-client-hello`, `future-public-identity` and
 * `future-client-identity-request`.
 *
 * `get` answers option<result<result<T>>> in one wasi_tls_result: WASI_TLS_PENDING is none;
 * WASI_TLS_ERR_ALREADY_TAKEN is the outer error, from the second successful get on; anything else is
 * the inner result. A failed future answers its failure on the first get and _ALREADY_TAKEN after it.
 * `get` moves the connection on by itself, so a caller that only ever asks gets there too.
 *
 * A future may be freed at any time, before or after the handshake or connection it came from.
 * Freeing a step's future cancels the wait, not the step. Thread: the connection's.
 */
#ifndef WASI_TLS_FUTURE_H
#define WASI_TLS_FUTURE_H

#include "error.h"
#include "stream.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** WIT `future-streams.subscribe`. The caller owns |*pollable|. OK, _NULL_ARGUMENT, _OUT_OF_MEMORY. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_future_streams_subscribe(wasi_tls_future_streams *self,
                                                                                  wasi_tls_pollable **pollable);
/**
 * WIT `future-streams.get`: the cleartext streams. The caller owns both. They work on after the
 * connection's handle is freed. Fails with any class from protocol on, or with _ABORTED.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_future_streams_get(wasi_tls_future_streams *self,
                                                                            wasi_tls_input_stream **input,
                                                                            wasi_tls_output_stream **output);
/** Resource drop. NULL is ignored. */
WASI_TLS_API void wasi_tls_future_streams_free(wasi_tls_future_streams *self);

/** WIT `future-client-hello.subscribe`. As above. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result
wasi_tls_future_client_hello_subscribe(wasi_tls_future_client_hello *self, wasi_tls_pollable **pollable);
/** WIT `future-client-hello.get`. The caller owns |*hello|. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_future_client_hello_get(wasi_tls_future_client_hello *self,
                                                                                 wasi_tls_client_hello **hello);
/** Resource drop. NULL is ignored. */
WASI_TLS_API void wasi_tls_future_client_hello_free(wasi_tls_future_client_hello *self);

/** WIT `future-public-identity.subscribe`. As above. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result
wasi_tls_future_public_identity_subscribe(wasi_tls_future_public_identity *self, wasi_tls_pollable **pollable);
/** WIT `future-public-identity.get`. |*identity| is NULL for none (a client that declined), else the caller's. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result
wasi_tls_future_public_identity_get(wasi_tls_future_public_identity *self, wasi_tls_public_identity **identity);
/** Resource drop. NULL is ignored. */
WASI_TLS_API void wasi_tls_future_public_identity_free(wasi_tls_future_public_identity *self);

/** WIT `future-client-identity-request.subscribe`. As above. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_future_client_identity_request_subscribe(
    wasi_tls_future_client_identity_request *self, wasi_tls_pollable **pollable);
/** WIT `future-client-identity-request.get`. |*request| is NULL if the server did not ask, else the caller's. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_future_client_identity_request_get(
    wasi_tls_future_client_identity_request *self, wasi_tls_client_identity_request **request);
/** Resource drop. NULL is ignored. */
WASI_TLS_API void wasi_tls_future_client_identity_request_free(wasi_tls_future_client_identity_request *self);

#ifdef __cplusplus
}
#endif

#endif

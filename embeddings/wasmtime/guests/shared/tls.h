/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* wasi:tls@0.1.0-draft: short names, identities, and the await of the pseudocode. */
#ifndef GUESTS_TLS_H
#define GUESTS_TLS_H

#include "io.h"

typedef wasi_tls_types_own_public_identity_t public_identity;
typedef wasi_tls_types_own_private_identity_t private_identity;
typedef wasi_tls_types_own_client_connection_t client_connection;
typedef wasi_tls_types_own_client_handshake_t client_handshake;
typedef wasi_tls_types_own_server_connection_t server_connection;
typedef wasi_tls_types_own_server_handshake_t server_handshake;
typedef wasi_tls_types_own_client_hello_t client_hello;
typedef wasi_tls_types_own_client_identity_request_t identity_request;
typedef wasi_tls_types_option_own_public_identity_t optional_identity;
typedef wasi_tls_types_option_own_client_identity_request_t optional_request;

/* A client for |host| over raw streams, which it owns from here on, and its handshake. */
client_connection tls_client(streams raw, const char *host, client_handshake *handshake);

/* From a key and a chain in files. Ends the program on failure. */
private_identity parse_identity(const char *key_file, const char *chain_file);
/* One that the host has under this name. The program never sees its key. Ends it on failure. */
private_identity open_identity(const char *name);

/* Waits for the outcome and drops the future. False if the step failed. */
bool await_streams(wasi_tls_types_own_future_streams_t future, streams *both);
bool await_client_hello(wasi_tls_types_own_future_client_hello_t future, client_hello *hello);
bool await_public_identity(wasi_tls_types_own_future_public_identity_t future, optional_identity *identity);
bool await_identity_request(wasi_tls_types_own_future_client_identity_request_t future, optional_request *request);

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What the examples need besides TLS: TCP, files, printing, waiting. */
#ifndef WASI_TLS_EXAMPLES_COMMON_H
#define WASI_TLS_EXAMPLES_COMMON_H

#include "wasi_tls/adapters.h"
#include "wasi_tls/wasi_tls.h"

/* Nothing in the examples waits longer than this. */
enum { TIMEOUT_MS = 10000 };

/* Ends the program if |result| is not OK, saying what failed. */
void check(wasi_tls_result result, const char *what);
/* Prints what |error| knows, after |what|. */
void print_error(const char *what, const wasi_tls_error *error);

/* The defaults, on the engine that the environment names in WASI_TLS_ENGINE: what an operator may choose. */
void config_defaults(wasi_tls_config_options *options);

/* A loop for the descriptors of the program. */
wasi_tls_fd_loop *new_loop(void);

/* A connected socket. Ends the program on failure. */
int tcp_dial(const char *host, const char *port);
/* The same, as a pair of raw streams. */
void tcp_connect(wasi_tls_fd_loop *loop, const char *host, const char *port, wasi_tls_input_stream **input,
                 wasi_tls_output_stream **output);
/* A listening socket; prints "listening on HOST:PORT", with the real port if |port| is 0. */
int tcp_listen(const char *host, const char *port);
/* The next client, as a pair of raw streams. */
void tcp_accept(wasi_tls_fd_loop *loop, int listener, wasi_tls_input_stream **input, wasi_tls_output_stream **output);

/* A whole file; freed with free_file. Ends the program on failure. */
wasi_tls_bytes read_file(const char *path);
void free_file(wasi_tls_bytes file);

/* The bytes of a string. */
wasi_tls_bytes text(const char *string);
void print_bytes(const char *label, wasi_tls_bytes bytes);
/* "label: none", or how many certificates of how many bytes. */
void print_identity(const char *label, const wasi_tls_public_identity *identity);
/* The status of a connection, one property a line. */
void print_status(wasi_tls_bytes server_name, wasi_tls_bytes alpn_id, const wasi_tls_public_identity *client,
                  const wasi_tls_public_identity *server, wasi_tls_protocol_version version,
                  wasi_tls_cipher_suite suite);

/* The await of the pseudocode: runs the loop until the future is ready, takes its value, and frees the future. */
wasi_tls_result await_streams(wasi_tls_fd_loop *loop, wasi_tls_future_streams *future, wasi_tls_input_stream **input,
                              wasi_tls_output_stream **output);
wasi_tls_result await_client_hello(wasi_tls_fd_loop *loop, wasi_tls_future_client_hello *future,
                                   wasi_tls_client_hello **hello);
wasi_tls_result await_public_identity(wasi_tls_fd_loop *loop, wasi_tls_future_public_identity *future,
                                      wasi_tls_public_identity **identity);
wasi_tls_result await_identity_request(wasi_tls_fd_loop *loop, wasi_tls_future_client_identity_request *future,
                                       wasi_tls_client_identity_request **request);
/* The same for what abort returns. */
void await_abort(wasi_tls_fd_loop *loop, wasi_tls_pollable *pollable);

/* blocking_read: prints all that comes until the peer closes. */
wasi_tls_result print_all(wasi_tls_fd_loop *loop, wasi_tls_input_stream *input);

#endif

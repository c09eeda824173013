/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * The minimal client: a name is all it needs. HTTP's GET over TLS, the answer on standard output.
 *
 *   client_minimal HOST PORT [CAFILE]
 *
 * Without CAFILE, whom the system trusts is trusted.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common.h"

int main(int argc, char **argv) {
  if (argc != 3 && argc != 4) {
    fprintf(stderr, "usage: client_minimal HOST PORT [CAFILE]\n");
    return EXIT_FAILURE;
  }
  const char *host = argv[1];

  /* TCP setup: */
  wasi_tls_fd_loop *loop = new_loop();
  wasi_tls_input_stream *tcp_input = NULL;
  wasi_tls_output_stream *tcp_output = NULL;
  tcp_connect(loop, host, argv[2], &tcp_input, &tcp_output);

  /* The embedder's side: whom to trust. */
  wasi_tls_config_options options;
  config_defaults(&options);
  wasi_tls_bytes anchors = {0};
  if (argc == 4) {
    anchors = read_file(argv[3]);
    options.server_trust = (wasi_tls_trust){WASI_TLS_TRUST_LIST, &anchors, 1};
  }
  wasi_tls_config *config = NULL;
  check(wasi_tls_config_new(&options, &config, NULL), "config");
  free_file(anchors);

  /* TLS setup: */
  wasi_tls_client_connection *connection = NULL;
  wasi_tls_client_handshake *handshake = NULL;
  wasi_tls_future_streams *future = NULL;
  wasi_tls_input_stream *tls_input = NULL;
  wasi_tls_output_stream *tls_output = NULL;
  check(wasi_tls_client_connection_new(config, tcp_input, tcp_output, &connection), "client-connection");
  check(wasi_tls_client_connection_connect(connection, text(host), &handshake), "connect");
  check(wasi_tls_client_handshake_finish(handshake, &future), "finish");
  check(await_streams(loop, future, &tls_input, &tls_output), "handshake");

  /* Usage: */
  char request[512];
  int len = snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: %.255s\r\nConnection: close\r\n\r\n", host);
  check(wasi_tls_fd_loop_write(loop, tls_output, (uint8_t *)request, (size_t)len, TIMEOUT_MS), "write");
  wasi_tls_result end = print_all(loop, tls_input);

  wasi_tls_output_stream_free(tls_output);
  wasi_tls_input_stream_free(tls_input);
  wasi_tls_client_handshake_free(handshake);
  wasi_tls_client_connection_free(connection);
  wasi_tls_config_free(config);
  wasi_tls_fd_loop_free(loop);
  if (end != WASI_TLS_ERR_CLOSED) check(end, "read");
  return EXIT_SUCCESS;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * The minimal server: an identity is all it needs. Answers "200 OK" to whatever it reads, one client after another.
 *
 *   server_minimal ADDRESS PORT KEY CERTIFICATE [CONNECTIONS]
 *
 * Port 0 takes a free one. With CONNECTIONS it ends after so many clients, whether they succeeded or not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common.h"

static wasi_tls_result serve(wasi_tls_fd_loop *loop, wasi_tls_server_connection *connection,
                             wasi_tls_private_identity *id) {
  wasi_tls_server_handshake *handshake = NULL;
  wasi_tls_future_streams *future = NULL;
  wasi_tls_input_stream *tls_input = NULL;
  wasi_tls_output_stream *tls_output = NULL;

  /* TLS setup: */
  check(wasi_tls_server_connection_accept(connection, &handshake), "accept");
  check(wasi_tls_server_handshake_configure_server_identities(handshake, &id, 1), "configure-server-identities");
  check(wasi_tls_server_handshake_finish(handshake, &future), "finish");
  wasi_tls_result result = await_streams(loop, future, &tls_input, &tls_output);
  wasi_tls_server_handshake_free(handshake);
  if (result != WASI_TLS_OK) return result;

  /* Usage: */
  uint8_t request[4096];
  size_t len = 0;
  wasi_tls_bytes response = text("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  result = wasi_tls_fd_loop_read(loop, tls_input, request, sizeof(request), &len, TIMEOUT_MS);
  if (result == WASI_TLS_OK) {
    print_bytes("request", (wasi_tls_bytes){request, len});
    result = wasi_tls_fd_loop_write(loop, tls_output, response.data, response.len, TIMEOUT_MS);
  }
  wasi_tls_output_stream_free(tls_output);
  wasi_tls_input_stream_free(tls_input);
  return result;
}

int main(int argc, char **argv) {
  if (argc != 5 && argc != 6) {
    fprintf(stderr, "usage: server_minimal ADDRESS PORT KEY CERTIFICATE [CONNECTIONS]\n");
    return EXIT_FAILURE;
  }
  long left = argc == 6 ? strtol(argv[5], NULL, 10) : -1;

  /* Prepare certificates + private key: */
  wasi_tls_config_options options;
  wasi_tls_config *config = NULL;
  wasi_tls_private_identity *id = NULL;
  wasi_tls_bytes key = read_file(argv[3]);
  wasi_tls_bytes chain = read_file(argv[4]);
  config_defaults(&options);
  check(wasi_tls_config_new(&options, &config, NULL), "config");
  check(wasi_tls_private_identity_parse(config, key, &chain, 1, &id), "private-identity.parse");
  free_file(key);
  free_file(chain);

  /* TCP setup: */
  wasi_tls_fd_loop *loop = new_loop();
  int listener = tcp_listen(argv[1], argv[2]);
  for (; left != 0; left -= left > 0) {
    wasi_tls_input_stream *tcp_input = NULL;
    wasi_tls_output_stream *tcp_output = NULL;
    tcp_accept(loop, listener, &tcp_input, &tcp_output);

    wasi_tls_server_connection *connection = NULL;
    check(wasi_tls_server_connection_new(config, tcp_input, tcp_output, &connection), "server-connection");
    wasi_tls_result result = serve(loop, connection, id);
    if (result != WASI_TLS_OK) fprintf(stderr, "client: %s\n", wasi_tls_result_name(result));
    wasi_tls_server_connection_free(connection);
  }

  close(listener);
  wasi_tls_fd_loop_free(loop);
  wasi_tls_private_identity_free(id);
  wasi_tls_config_free(config);
  return EXIT_SUCCESS;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * A client of wasi:tls@0.2.0-draft, where a name is all that can be set. HTTP's GET over TLS, the answer on standard
 * output; what went wrong, in the host's words, on standard error.
 *
 *   draft02_client HOST PORT [NAME [close-first]]
 *
 * NAME is what the server's certificate must say, if that is not HOST. With "close-first" it says that nothing more
 * comes before it reads the answer, else after it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "shared/tcp.h"
#include "shared/tls02.h"

static bool get(const char *host, client_connection connection, streams tls, bool close_first) {
  wasi_tls_types_borrow_client_connection_t borrowed = wasi_tls_types_borrow_client_connection(connection);
  char request[512];
  snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: %.255s\r\nConnection: close\r\n\r\n", host);
  if (write_all(tls.output, text_bytes(request)) != IO_OK) return false;
  if (close_first) wasi_tls_types_method_client_connection_close_output(borrowed);
  if (print_all(tls.input) != IO_CLOSED) return false;
  if (!close_first) wasi_tls_types_method_client_connection_close_output(borrowed);
  return true;
}

int main(int argc, char **argv) {
  if (argc < 3 || argc > 5) {
    fprintf(stderr, "usage: draft02_client HOST PORT [NAME [close-first]]\n");
    return EXIT_FAILURE;
  }
  tcp_connection tcp = tcp_connect(argv[1], argv[2]);
  client_connection connection;
  streams tls;
  bool good = tls02_handshake(tcp.raw, argv[argc > 3 ? 3 : 1], &connection, &tls);
  if (good) {
    good = get(argv[1], connection, tls, argc == 5);
    drop_streams(tls);
    wasi_tls_types_client_connection_drop_own(connection);
  }
  tcp_drop(tcp.socket);
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

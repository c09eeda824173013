/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * The minimal client: a name is all it needs. HTTP's GET over TLS, the answer on standard output.
 *
 *   client_minimal HOST PORT [PATH]
 *
 * Whom to trust is the host's to say.
 */
#include <stdio.h>
#include <stdlib.h>

#include "shared/tcp.h"
#include "shared/tls.h"

int main(int argc, char **argv) {
  if (argc != 3 && argc != 4) {
    fprintf(stderr, "usage: client_minimal HOST PORT [PATH]\n");
    return EXIT_FAILURE;
  }
  const char *host = argv[1];

  /* TCP setup: */
  tcp_connection tcp = tcp_connect(host, argv[2]);

  /* TLS setup: */
  client_handshake handshake;
  streams tls;
  client_connection connection = tls_client(tcp.raw, host, &handshake);
  check(await_streams(wasi_tls_types_static_client_handshake_finish(handshake), &tls), "handshake");

  /* Usage: */
  char request[512];
  snprintf(request, sizeof(request), "GET %.128s HTTP/1.1\r\nHost: %.255s\r\nConnection: close\r\n\r\n",
           argc == 4 ? argv[3] : "/", host);
  check(write_all(tls.output, text_bytes(request)) == IO_OK, "write");
  check(print_all(tls.input) == IO_CLOSED, "read");

  drop_streams(tls);
  wasi_tls_types_client_connection_drop_own(connection);
  tcp_drop(tcp.socket);
  return EXIT_SUCCESS;
}

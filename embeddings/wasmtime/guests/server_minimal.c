/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * The minimal server: an identity is all it needs. Answers "200 OK" to whatever it reads, one client after another.
 *
 *   server_minimal PORT KEY CERTIFICATE [CONNECTIONS]
 *
 * Port 0 takes a free one. With CONNECTIONS it ends after so many clients, whether they succeeded or not.
 */
#include <stdio.h>
#include <stdlib.h>

#include "shared/tcp.h"
#include "shared/tls.h"

static bool respond(streams tls) {
  bytes request;
  if (read_some(tls.input, 4096, &request) != IO_OK) return false;
  print_bytes("request", request);
  guest_list_u8_free(&request);
  return write_all(tls.output, text_bytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")) ==
         IO_OK;
}

static bool serve(server_connection connection, private_identity id) {
  server_handshake handshake;
  streams tls;

  /* TLS setup: */
  wasi_tls_types_borrow_private_identity_t borrowed = wasi_tls_types_borrow_private_identity(id);
  wasi_tls_types_list_borrow_private_identity_t identities = {&borrowed, 1};
  check(wasi_tls_types_method_server_connection_accept(wasi_tls_types_borrow_server_connection(connection), &handshake),
        "accept");
  check(wasi_tls_types_method_server_handshake_configure_server_identities(
            wasi_tls_types_borrow_server_handshake(handshake), &identities),
        "configure-server-identities");
  if (!await_streams(wasi_tls_types_static_server_handshake_finish(handshake), &tls)) return false;

  /* Usage: */
  bool good = respond(tls);
  drop_streams(tls);
  return good;
}

int main(int argc, char **argv) {
  if (argc != 4 && argc != 5) {
    fprintf(stderr, "usage: server_minimal PORT KEY CERTIFICATE [CONNECTIONS]\n");
    return EXIT_FAILURE;
  }
  long left = argc == 5 ? strtol(argv[4], NULL, 10) : -1;

  /* Prepare certificates + private key: */
  private_identity id = parse_identity(argv[2], argv[3]);

  /* TCP setup: */
  tcp_socket listener = tcp_listen(argv[1]);
  for (; left != 0; left -= left > 0) {
    tcp_connection tcp = tcp_accept(listener);
    server_connection connection = wasi_tls_types_constructor_server_connection(tcp.raw.input, tcp.raw.output);
    if (!serve(connection, id)) fprintf(stderr, "client: failed\n");
    wasi_tls_types_server_connection_drop_own(connection);
    tcp_drop(tcp.socket);
    fflush(stdout);
  }
  tcp_drop(listener);
  wasi_tls_types_private_identity_drop_own(id);
  return EXIT_SUCCESS;
}

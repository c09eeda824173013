/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * A client that has an identity ready for whenever it is asked, also after the handshake, if the host allows that.
 * Nothing is to be done about it: reading and writing go on. Says hello, and answers the first message.
 *
 *   post_handshake HOST PORT KEY CERTIFICATE
 */
#include <stdio.h>
#include <stdlib.h>

#include "shared/tcp.h"
#include "shared/tls.h"

static bool talk(streams tls) {
  bytes question;
  if (write_all(tls.output, text_bytes("hello\n")) != IO_OK || read_some(tls.input, 4096, &question) != IO_OK)
    return false;
  print_bytes("question", question);
  guest_list_u8_free(&question);
  return write_all(tls.output, text_bytes("you know\n")) == IO_OK && print_all(tls.input) == IO_CLOSED;
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: post_handshake HOST PORT KEY CERTIFICATE\n");
    return EXIT_FAILURE;
  }
  private_identity id = parse_identity(argv[3], argv[4]);
  tcp_connection tcp = tcp_connect(argv[1], argv[2]);
  client_handshake handshake;
  client_connection connection = tls_client(tcp.raw, argv[1], &handshake);
  wasi_tls_types_borrow_private_identity_t borrowed = wasi_tls_types_borrow_private_identity(id);
  wasi_tls_types_list_borrow_private_identity_t identities = {&borrowed, 1};
  check(wasi_tls_types_method_client_handshake_configure_client_identities(
            wasi_tls_types_borrow_client_handshake(handshake), &identities),
        "configure-client-identities");
  wasi_tls_types_private_identity_drop_own(id); /* the handshake holds what it needs */

  streams tls;
  check(await_streams(wasi_tls_types_static_client_handshake_finish(handshake), &tls), "handshake");
  bool good = talk(tls);
  private_identity shown;
  if (wasi_tls_types_method_client_connection_client_identity(wasi_tls_types_borrow_client_connection(connection),
                                                              &shown)) {
    printf("client identity: shown\n");
    wasi_tls_types_private_identity_drop_own(shown);
  }
  drop_streams(tls);
  wasi_tls_types_client_connection_drop_own(connection);
  tcp_drop(tcp.socket);
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

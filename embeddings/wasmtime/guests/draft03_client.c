/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * A client of wasi:tls@0.3.0-draft, where a name is all that can be set. HTTP's GET over TLS, the answer on standard
 * output; how each side of the connection ended, and what went wrong, in the host's words, on standard error.
 *
 *   draft03_client HOST PORT [NAME]
 *
 * NAME is what the server's certificate must say, if that is not HOST.
 *
 * The ciphertext never passes through here: the socket's streams are given to the connector, and the connector's to the
 * socket.
 */
#include <stdio.h>

#include "shared/tcp03.h"
#include "shared/tls03.h"

static void ask(writer cleartext, const char *host) {
  char request[512];
  snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: %.255s\r\nConnection: close\r\n\r\n", host);
  bytes rest = text_bytes(request);
  while (rest.len > 0) {
    operation write = write_to(cleartext, rest.ptr, rest.len);
    uint32_t code = await(&write);
    if (ended(code)) return;
    rest.ptr += GUEST_WAITABLE_COUNT(code);
    rest.len -= GUEST_WAITABLE_COUNT(code);
  }
}

static void print_all(reader cleartext) {
  uint8_t buffer[16384];
  uint32_t code;
  do {
    operation read = read_from(cleartext, buffer, sizeof(buffer));
    code = await(&read);
    fwrite(buffer, 1, GUEST_WAITABLE_COUNT(code), stdout);
  } while (!ended(code));
}

bool run(int argc, char **argv) {
  if (argc != 3 && argc != 4) {
    fprintf(stderr, "usage: draft03_client HOST PORT [NAME]\n");
    return false;
  }
  tcp_socket tcp = tcp_connect(argv[1], argv[2]);
  connector tls = wasi_tls_client_constructor_connector();
  side out = tls_send(tls);
  side in = tls_receive_from(tls, tcp_receive(tcp));
  operation sending = tcp_send(tcp, out.out);

  bool good = handshake(tls, argv[argc == 4 ? 3 : 1]);
  if (good) {
    ask(out.in, argv[1]);
    print_all(in.out);
  }
  wasi_tls_client_stream_u8_drop_writable(out.in);
  wasi_tls_client_stream_u8_drop_readable(in.out);
  good &= print_ending("send", out.end);
  good &= print_ending("receive", in.end);

  /* What was last said, close_notify or an alert, is on its way. */
  await(&sending);
  wasi_sockets_types_future_result_void_error_code_drop_readable(sending.waitable);
  wasi_sockets_types_tcp_socket_drop_own(tcp);
  return good;
}

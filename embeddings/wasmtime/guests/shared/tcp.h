/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* wasi:sockets: TCP. Each function ends the program on failure. */
#ifndef GUESTS_TCP_H
#define GUESTS_TCP_H

#include "io.h"

typedef wasi_sockets_tcp_own_tcp_socket_t tcp_socket;

/* The streams come first: they are children of the socket, which is dropped after them. TLS takes them over. */
typedef struct tcp_connection {
  tcp_socket socket;
  streams raw;
} tcp_connection;

/* Tries the addresses that |host| has, one after the other. */
tcp_connection tcp_connect(const char *host, const char *port);
/* Listens on the loopback address and prints "listening on PORT", with the real port if |port| is 0. */
tcp_socket tcp_listen(const char *port);
tcp_connection tcp_accept(tcp_socket listener);
void tcp_drop(tcp_socket socket);

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* wasi:sockets@0.3: TCP. Each function ends the program on failure. */
#ifndef GUESTS_TCP03_H
#define GUESTS_TCP03_H

#include "async.h"

typedef wasi_sockets_types_own_tcp_socket_t tcp_socket;

/* Tries the addresses that |host| has, one after the other. */
tcp_socket tcp_connect(const char *host, const char *port);
/* Sends what the stream gives; the operation is over when all of it is. One at a time: its result is in one place. */
operation tcp_send(tcp_socket socket, uint32_t stream);
/* What is received. How that ends is not looked at: the stream's reader knows. */
uint32_t tcp_receive(tcp_socket socket);

#endif

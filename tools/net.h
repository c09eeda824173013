/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* TCP: addresses, dialling, listening. */
#ifndef WASI_TLS_TOOL_NET_H
#define WASI_TLS_TOOL_NET_H

#include <stdbool.h>
#include <stddef.h>

typedef struct net_address {
  char host[256]; /* without brackets; empty for all addresses */
  char port[32];
} net_address;

/* Splits "HOST:PORT"; an IPv6 literal stands in brackets. False if the text is not of that form. */
bool net_address_parse(const char *text, net_address *address);

/* Connects to the first address of the host that answers, 10 seconds in all. Reports and answers -1 on failure. */
int net_connect(const net_address *address);

/* A non-blocking listening socket, and where it listens as "ADDR:PORT". Reports and answers -1 on failure. */
int net_listen(const net_address *address, char *where, size_t size);

/* The next connection of a listening socket, or -1 and errno. */
int net_accept(int listener);

#endif

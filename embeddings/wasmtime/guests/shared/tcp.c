/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "tcp.h"

#include <stdio.h>
#include <stdlib.h>

typedef wasi_sockets_ip_name_lookup_own_resolve_address_stream_t lookup;
typedef wasi_sockets_network_own_network_t network;
typedef wasi_sockets_network_ip_address_t ip_address;
typedef wasi_sockets_network_ip_socket_address_t socket_address;
typedef wasi_sockets_network_error_code_t error_code;

static void await_socket(tcp_socket socket) {
  block(wasi_sockets_tcp_method_tcp_socket_subscribe(wasi_sockets_tcp_borrow_tcp_socket(socket)));
}

void tcp_drop(tcp_socket socket) {
  wasi_sockets_tcp_tcp_socket_drop_own(socket);
}

static uint16_t parse_port(const char *port) {
  return (uint16_t)strtoul(port, NULL, 10);
}

static socket_address with_port(const ip_address *address, uint16_t port) {
  socket_address result = {.tag = address->tag};
  if (address->tag == WASI_SOCKETS_NETWORK_IP_ADDRESS_IPV4) {
    result.val.ipv4.port = port;
    result.val.ipv4.address = address->val.ipv4;
  } else {
    result.val.ipv6.port = port;
    result.val.ipv6.address = address->val.ipv6;
  }
  return result;
}

/* The next address of a name. False when there are no more. */
static bool next_address(lookup names, ip_address *address) {
  wasi_sockets_ip_name_lookup_borrow_resolve_address_stream_t borrowed =
      wasi_sockets_ip_name_lookup_borrow_resolve_address_stream(names);
  wasi_sockets_ip_name_lookup_option_ip_address_t next;
  error_code error;
  block(wasi_sockets_ip_name_lookup_method_resolve_address_stream_subscribe(borrowed));
  if (!wasi_sockets_ip_name_lookup_method_resolve_address_stream_resolve_next_address(borrowed, &next, &error))
    return false;
  *address = next.val;
  return next.is_some;
}

static tcp_socket new_socket(uint8_t family) {
  tcp_socket socket;
  error_code error;
  check(wasi_sockets_tcp_create_socket_create_tcp_socket(family, &socket, &error), "socket");
  return socket;
}

static bool try_address(network net, socket_address *address, tcp_connection *connection) {
  wasi_sockets_tcp_tuple2_own_input_stream_own_output_stream_t both;
  error_code error;
  tcp_socket socket = new_socket(address->tag); /* families and kinds of addresses come in the same order */
  wasi_sockets_tcp_borrow_tcp_socket_t borrowed = wasi_sockets_tcp_borrow_tcp_socket(socket);
  bool good = wasi_sockets_tcp_method_tcp_socket_start_connect(borrowed, wasi_sockets_network_borrow_network(net),
                                                               address, &error);
  if (good) {
    await_socket(socket);
    good = wasi_sockets_tcp_method_tcp_socket_finish_connect(borrowed, &both, &error);
  }
  if (good)
    *connection = (tcp_connection){socket, {both.f0, both.f1}};
  else
    tcp_drop(socket);
  return good;
}

tcp_connection tcp_connect(const char *host, const char *port) {
  network net = wasi_sockets_instance_network_instance_network();
  guest_string_t name = text(host);
  lookup names;
  error_code error;
  check(wasi_sockets_ip_name_lookup_resolve_addresses(wasi_sockets_network_borrow_network(net), &name, &names, &error),
        "resolve");

  tcp_connection connection;
  ip_address address;
  bool connected = false;
  while (!connected && next_address(names, &address)) {
    socket_address remote = with_port(&address, parse_port(port));
    connected = try_address(net, &remote, &connection);
  }
  wasi_sockets_ip_name_lookup_resolve_address_stream_drop_own(names);
  wasi_sockets_network_network_drop_own(net);
  check(connected, "connect");
  return connection;
}

tcp_socket tcp_listen(const char *port) {
  ip_address loopback = {.tag = WASI_SOCKETS_NETWORK_IP_ADDRESS_IPV4, .val.ipv4 = {127, 0, 0, 1}};
  socket_address local = with_port(&loopback, parse_port(port));
  network net = wasi_sockets_instance_network_instance_network();
  tcp_socket socket = new_socket(local.tag);
  wasi_sockets_tcp_borrow_tcp_socket_t borrowed = wasi_sockets_tcp_borrow_tcp_socket(socket);
  error_code error;
  check(
      wasi_sockets_tcp_method_tcp_socket_start_bind(borrowed, wasi_sockets_network_borrow_network(net), &local, &error),
      "bind");
  await_socket(socket);
  check(wasi_sockets_tcp_method_tcp_socket_finish_bind(borrowed, &error), "bind");
  check(wasi_sockets_tcp_method_tcp_socket_start_listen(borrowed, &error), "listen");
  await_socket(socket);
  check(wasi_sockets_tcp_method_tcp_socket_finish_listen(borrowed, &error), "listen");
  check(wasi_sockets_tcp_method_tcp_socket_local_address(borrowed, &local, &error), "local address");
  wasi_sockets_network_network_drop_own(net);
  printf("listening on %u\n", (unsigned)local.val.ipv4.port);
  fflush(stdout);
  return socket;
}

tcp_connection tcp_accept(tcp_socket listener) {
  wasi_sockets_tcp_tuple3_own_tcp_socket_own_input_stream_own_output_stream_t accepted;
  error_code error;
  await_socket(listener);
  check(wasi_sockets_tcp_method_tcp_socket_accept(wasi_sockets_tcp_borrow_tcp_socket(listener), &accepted, &error),
        "accept");
  return (tcp_connection){accepted.f0, {accepted.f1, accepted.f2}};
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "tcp03.h"

#include <stdio.h>
#include <stdlib.h>

static wasi_sockets_types_ip_socket_address_t with_port(wasi_sockets_types_ip_address_t address, uint16_t port) {
  wasi_sockets_types_ip_socket_address_t full = {.tag = address.tag};
  if (address.tag == WASI_SOCKETS_TYPES_IP_ADDRESS_IPV4)
    full.val.ipv4 = (wasi_sockets_types_ipv4_socket_address_t){.port = port, .address = address.val.ipv4};
  else
    full.val.ipv6 = (wasi_sockets_types_ipv6_socket_address_t){.port = port, .address = address.val.ipv6};
  return full;
}

static bool try_address(wasi_sockets_types_ip_socket_address_t address, tcp_socket *socket) {
  wasi_sockets_types_error_code_t error;
  check(wasi_sockets_types_static_tcp_socket_create(address.tag, socket, &error), "create-tcp-socket");
  wasi_sockets_types_method_tcp_socket_connect_args_t arguments = {wasi_sockets_types_borrow_tcp_socket(*socket),
                                                                   address};
  wasi_sockets_types_result_void_error_code_t result;
  operation connect = called(wasi_sockets_types_method_tcp_socket_connect(&arguments, &result));
  await(&connect);
  if (result.is_err) wasi_sockets_types_tcp_socket_drop_own(*socket);
  return !result.is_err;
}

tcp_socket tcp_connect(const char *host, const char *port) {
  wasi_sockets_ip_name_lookup_result_list_ip_address_error_code_t result;
  operation resolve = called(wasi_sockets_ip_name_lookup_resolve_addresses(text(host), &result));
  await(&resolve);
  check(!result.is_err, "resolve-addresses");
  uint16_t number = (uint16_t)strtoul(port, NULL, 10);
  tcp_socket socket = {0};
  bool connected = false;
  for (size_t i = 0; i < result.val.ok.len && !connected; i++)
    connected = try_address(with_port(result.val.ok.ptr[i], number), &socket);
  wasi_sockets_ip_name_lookup_list_ip_address_free(&result.val.ok);
  check(connected, "connect");
  return socket;
}

operation tcp_send(tcp_socket socket, uint32_t stream) {
  static wasi_sockets_types_result_void_error_code_t result;
  wasi_sockets_types_future_result_void_error_code_t sent =
      wasi_sockets_types_method_tcp_socket_send(wasi_sockets_types_borrow_tcp_socket(socket), stream);
  return started(sent, wasi_sockets_types_future_result_void_error_code_read(sent, &result));
}

uint32_t tcp_receive(tcp_socket socket) {
  wasi_sockets_types_tuple2_stream_u8_future_result_void_error_code_t received;
  wasi_sockets_types_method_tcp_socket_receive(wasi_sockets_types_borrow_tcp_socket(socket), &received);
  wasi_sockets_types_future_result_void_error_code_drop_readable(received.f1);
  return received.f0;
}

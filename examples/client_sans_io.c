/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * The smallest embedding for a runtime that has no WASI streams, such as WAMR or WasmEdge: bytes in, bytes out, steps.
 * What such a runtime puts in the place of wire_send and wire_receive is its own transport; here it is a blocking
 * socket. It does the whole handshake, sends HTTP's GET and prints the answer.
 *
 *   client_sans_io HOST PORT CAFILE
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"
#include "wasi_tls/endpoint.h"

/* Sends what the endpoint has to say: after each call on it, failed or not. */
static wasi_tls_result wire_send(int socket, wasi_tls_endpoint *endpoint) {
  for (;;) {
    wasi_tls_bytes output = wasi_tls_endpoint_output(endpoint);
    if (output.len == 0) return WASI_TLS_OK;
    ssize_t count = send(socket, output.data, output.len, MSG_NOSIGNAL);
    if (count <= 0) return WASI_TLS_ERR_TRANSPORT_WRITE;
    wasi_tls_endpoint_output_sent(endpoint, (size_t)count);
  }
}

/* Gives the endpoint what arrives next. It has room: it asked. */
static wasi_tls_result wire_receive(int socket, wasi_tls_endpoint *endpoint) {
  uint8_t buffer[4096];
  size_t accepted = 0;
  ssize_t count = recv(socket, buffer, sizeof(buffer), 0);
  if (count < 0) return WASI_TLS_ERR_TRANSPORT_READ;
  if (count == 0) wasi_tls_endpoint_input_end(endpoint);
  return wasi_tls_endpoint_input(endpoint, buffer, (size_t)count, &accepted);
}

static wasi_tls_result take_step(int socket, wasi_tls_endpoint *endpoint, wasi_tls_step step) {
  wasi_tls_result result = wasi_tls_endpoint_start(endpoint, step);
  while (result == WASI_TLS_OK) {
    wasi_tls_result driven = wasi_tls_endpoint_drive(endpoint);
    result = wire_send(socket, endpoint);
    if (driven != WASI_TLS_PENDING) return driven;
    if (result == WASI_TLS_OK) result = wire_receive(socket, endpoint);
  }
  return result;
}

static wasi_tls_result print_answer(int socket, wasi_tls_endpoint *endpoint) {
  uint8_t buffer[4096];
  wasi_tls_result result = WASI_TLS_OK;
  while (result == WASI_TLS_OK) {
    size_t count = 0;
    result = wasi_tls_endpoint_read(endpoint, buffer, sizeof(buffer), &count);
    fwrite(buffer, 1, count, stdout);
    if (wire_send(socket, endpoint) != WASI_TLS_OK) return WASI_TLS_ERR_TRANSPORT_WRITE;
    if (result == WASI_TLS_PENDING) result = wire_receive(socket, endpoint);
  }
  return result == WASI_TLS_ERR_CLOSED ? WASI_TLS_OK : result;
}

static wasi_tls_result get(int socket, wasi_tls_endpoint *endpoint, const char *host) {
  char request[512];
  int len = snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: %.255s\r\nConnection: close\r\n\r\n", host);
  wasi_tls_result result = wasi_tls_endpoint_connect(endpoint, text(host));
  if (result == WASI_TLS_OK) result = take_step(socket, endpoint, WASI_TLS_STEP_FINISH);
  /* All that was said is sent, so there is a permit, and a request fits into it. */
  size_t permit = 0;
  if (result == WASI_TLS_OK) result = wasi_tls_endpoint_check_write(endpoint, &permit);
  if (result == WASI_TLS_OK) result = wasi_tls_endpoint_write(endpoint, (uint8_t *)request, (size_t)len);
  if (result == WASI_TLS_OK) result = wire_send(socket, endpoint);
  if (result == WASI_TLS_OK) result = print_answer(socket, endpoint);
  if (result == WASI_TLS_OK) result = wasi_tls_endpoint_close(endpoint);
  /* An alert, or close_notify. The peer may have gone already. */
  (void)wire_send(socket, endpoint);
  return result;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: client_sans_io HOST PORT CAFILE\n");
    return EXIT_FAILURE;
  }
  wasi_tls_config_options options;
  wasi_tls_config *config = NULL;
  wasi_tls_endpoint *endpoint = NULL;
  wasi_tls_error error;
  config_defaults(&options);
  wasi_tls_bytes anchors = read_file(argv[3]);
  options.server_trust = (wasi_tls_trust){WASI_TLS_TRUST_LIST, &anchors, 1};
  check(wasi_tls_config_new(&options, &config, NULL), "config");
  free_file(anchors);
  check(wasi_tls_endpoint_new(config, WASI_TLS_ROLE_CLIENT, &endpoint), "endpoint");

  int connected = tcp_dial(argv[1], argv[2]);
  wasi_tls_result result = get(connected, endpoint, argv[1]);
  wasi_tls_error_init(&error);
  if (result != WASI_TLS_OK && wasi_tls_endpoint_last_error(endpoint, &error)) print_error("failed", &error);
  close(connected);
  wasi_tls_endpoint_free(endpoint);
  wasi_tls_config_free(config);
  return result == WASI_TLS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "common.h"

#include <ctype.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(EXIT_FAILURE);
}

void check(wasi_tls_result result, const char *what) {
  if (result == WASI_TLS_OK) return;
  die(what, result == WASI_TLS_PENDING ? "timeout" : wasi_tls_result_name(result));
}

void print_error(const char *what, const wasi_tls_error *error) {
  fprintf(stderr, "%s: %s: %s", what, wasi_tls_result_name(error->result), error->text);
  if (error->alert != WASI_TLS_NO_ALERT)
    fprintf(stderr, " (alert %s %s)", wasi_tls_alert_name(error->alert), error->alert_received ? "received" : "sent");
  fputc('\n', stderr);
}

void config_defaults(wasi_tls_config_options *options) {
  wasi_tls_config_options_init(options);
  options->engine = getenv("WASI_TLS_ENGINE");
}

wasi_tls_fd_loop *new_loop(void) {
  wasi_tls_fd_loop *loop = NULL;
  check(wasi_tls_fd_loop_new(&loop), "epoll");
  return loop;
}

/* TCP */

static struct addrinfo *resolve(const char *host, const char *port, int flags) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags};
  struct addrinfo *list = NULL;
  int failure = getaddrinfo(host, port, &hints, &list);
  if (failure != 0) die(host, gai_strerror(failure));
  return list;
}

static void make_streams(wasi_tls_fd_loop *loop, int fd, wasi_tls_input_stream **input,
                         wasi_tls_output_stream **output) {
  check(wasi_tls_fd_streams_new(loop, fd, input, output), "socket");
}

int tcp_dial(const char *host, const char *port) {
  struct addrinfo *list = resolve(host, port, 0);
  int fd = -1;
  for (struct addrinfo *entry = list; entry != NULL && fd < 0; entry = entry->ai_next) {
    fd = socket(entry->ai_family, entry->ai_socktype, entry->ai_protocol);
    if (fd >= 0 && connect(fd, entry->ai_addr, entry->ai_addrlen) != 0) {
      close(fd);
      fd = -1;
    }
  }
  freeaddrinfo(list);
  if (fd < 0) die(host, "can't connect");
  return fd;
}

void tcp_connect(wasi_tls_fd_loop *loop, const char *host, const char *port, wasi_tls_input_stream **input,
                 wasi_tls_output_stream **output) {
  make_streams(loop, tcp_dial(host, port), input, output);
}

int tcp_listen(const char *host, const char *port) {
  struct addrinfo *list = resolve(host, port, AI_PASSIVE);
  int listener = socket(list->ai_family, list->ai_socktype, list->ai_protocol);
  int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(listener, list->ai_addr, list->ai_addrlen) != 0 || listen(listener, 16) != 0) die(host, "can't listen");
  freeaddrinfo(list);

  struct sockaddr_storage bound;
  socklen_t size = sizeof(bound);
  char name[16] = "";
  getsockname(listener, (struct sockaddr *)&bound, &size);
  getnameinfo((struct sockaddr *)&bound, size, NULL, 0, name, sizeof(name), NI_NUMERICSERV);
  printf("listening on %s:%s\n", host, name);
  fflush(stdout);
  return listener;
}

void tcp_accept(wasi_tls_fd_loop *loop, int listener, wasi_tls_input_stream **input, wasi_tls_output_stream **output) {
  int fd = accept(listener, NULL, NULL);
  if (fd < 0) die("accept", "failed");
  make_streams(loop, fd, input, output);
}

/* Files and printing */

wasi_tls_bytes read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) die(path, "can't open");
  enum { LARGEST = 1024 * 1024 };
  uint8_t *data = malloc(LARGEST);
  if (data == NULL) die(path, "out of memory");
  size_t len = fread(data, 1, LARGEST, file);
  fclose(file);
  return (wasi_tls_bytes){data, len};
}

void free_file(wasi_tls_bytes file) {
  free((void *)(uintptr_t)file.data);
}

wasi_tls_bytes text(const char *string) {
  return (wasi_tls_bytes){(const uint8_t *)string, strlen(string)};
}

void print_bytes(const char *label, wasi_tls_bytes bytes) {
  printf("%s: ", label);
  for (size_t i = 0; i < bytes.len; i++) {
    int c = bytes.data[i];
    putchar(isprint(c) || isspace(c) ? c : '.');
  }
  putchar('\n');
}

void print_identity(const char *label, const wasi_tls_public_identity *identity) {
  const wasi_tls_bytes *certificates = NULL;
  size_t count = 0;
  if (identity == NULL) {
    printf("%s: none\n", label);
    return;
  }
  check(wasi_tls_public_identity_export_x509_chain(identity, &certificates, &count), label);
  printf("%s: %zu certificates of", label, count);
  for (size_t i = 0; i < count; i++) printf(" %zu", certificates[i].len);
  printf(" bytes\n");
}

void print_status(wasi_tls_bytes server_name, wasi_tls_bytes alpn_id, const wasi_tls_public_identity *client,
                  const wasi_tls_public_identity *server, wasi_tls_protocol_version version,
                  wasi_tls_cipher_suite suite) {
  print_bytes("server name", server_name);
  print_bytes("alpn", alpn_id);
  print_identity("client identity", client);
  print_identity("server identity", server);
  printf("protocol version: %s\n", wasi_tls_protocol_version_name(version));
  printf("cipher suite: %s\n", wasi_tls_cipher_suite_name(suite));
}

/* Waiting */

static wasi_tls_result block(wasi_tls_fd_loop *loop, wasi_tls_pollable *pollable) {
  wasi_tls_result result = wasi_tls_fd_loop_block(loop, pollable, TIMEOUT_MS);
  wasi_tls_pollable_free(pollable);
  return result;
}

wasi_tls_result await_streams(wasi_tls_fd_loop *loop, wasi_tls_future_streams *future, wasi_tls_input_stream **input,
                              wasi_tls_output_stream **output) {
  wasi_tls_pollable *pollable = NULL;
  wasi_tls_result result = wasi_tls_future_streams_subscribe(future, &pollable);
  if (result == WASI_TLS_OK) result = block(loop, pollable);
  if (result == WASI_TLS_OK) result = wasi_tls_future_streams_get(future, input, output);
  wasi_tls_future_streams_free(future);
  return result;
}

wasi_tls_result await_client_hello(wasi_tls_fd_loop *loop, wasi_tls_future_client_hello *future,
                                   wasi_tls_client_hello **hello) {
  wasi_tls_pollable *pollable = NULL;
  wasi_tls_result result = wasi_tls_future_client_hello_subscribe(future, &pollable);
  if (result == WASI_TLS_OK) result = block(loop, pollable);
  if (result == WASI_TLS_OK) result = wasi_tls_future_client_hello_get(future, hello);
  wasi_tls_future_client_hello_free(future);
  return result;
}

wasi_tls_result await_public_identity(wasi_tls_fd_loop *loop, wasi_tls_future_public_identity *future,
                                      wasi_tls_public_identity **identity) {
  wasi_tls_pollable *pollable = NULL;
  wasi_tls_result result = wasi_tls_future_public_identity_subscribe(future, &pollable);
  if (result == WASI_TLS_OK) result = block(loop, pollable);
  if (result == WASI_TLS_OK) result = wasi_tls_future_public_identity_get(future, identity);
  wasi_tls_future_public_identity_free(future);
  return result;
}

wasi_tls_result await_identity_request(wasi_tls_fd_loop *loop, wasi_tls_future_client_identity_request *future,
                                       wasi_tls_client_identity_request **request) {
  wasi_tls_pollable *pollable = NULL;
  wasi_tls_result result = wasi_tls_future_client_identity_request_subscribe(future, &pollable);
  if (result == WASI_TLS_OK) result = block(loop, pollable);
  if (result == WASI_TLS_OK) result = wasi_tls_future_client_identity_request_get(future, request);
  wasi_tls_future_client_identity_request_free(future);
  return result;
}

void await_abort(wasi_tls_fd_loop *loop, wasi_tls_pollable *pollable) {
  check(block(loop, pollable), "abort");
}

wasi_tls_result print_all(wasi_tls_fd_loop *loop, wasi_tls_input_stream *input) {
  uint8_t buffer[4096];
  size_t count = 0;
  wasi_tls_result result;
  while ((result = wasi_tls_fd_loop_read(loop, input, buffer, sizeof(buffer), &count, TIMEOUT_MS)) == WASI_TLS_OK)
    fwrite(buffer, 1, count, stdout);
  return result;
}

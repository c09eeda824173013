/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What the server does with an established connection: echo, http, discard. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server_connection.h"

enum { CHUNK = 16 * 1024, REQUEST_SIZE = 16 * 1024 };

/* Waits for more input, after what was written has been sent on its way. */
static step wait_for_input(server_connection *self) {
  if (self->unflushed) {
    self->unflushed = false;
    wasi_tls_result result = wasi_tls_output_stream_flush(self->output);
    return result == WASI_TLS_OK ? STEP_MOVED : server_connection_fail(self, result);
  }
  return wasi_tls_input_stream_poll(self->input, server_connection_waker(self)) ? STEP_MOVED : STEP_WAIT;
}

static step echo(server_connection *self) {
  uint8_t chunk[CHUNK];
  size_t permit = 0;
  size_t count = 0;
  wasi_tls_result result = wasi_tls_output_stream_check_write(self->output, &permit);
  if (result != WASI_TLS_OK) return server_connection_fail(self, result);
  if (permit == 0)
    return wasi_tls_output_stream_poll(self->output, server_connection_waker(self)) ? STEP_MOVED : STEP_WAIT;
  result = wasi_tls_input_stream_read(self->input, chunk, permit < CHUNK ? permit : CHUNK, &count);
  if (result == WASI_TLS_ERR_CLOSED) return server_connection_close(self);
  if (result != WASI_TLS_OK) return server_connection_fail(self, result);
  if (count == 0) return wait_for_input(self);
  self->unflushed = true;
  result = wasi_tls_output_stream_write(self->output, chunk, count);
  return result == WASI_TLS_OK ? STEP_MOVED : server_connection_fail(self, result);
}

static step discard(server_connection *self) {
  size_t count = 0;
  wasi_tls_result result = wasi_tls_input_stream_skip(self->input, CHUNK, &count);
  if (result == WASI_TLS_ERR_CLOSED) return server_connection_close(self);
  if (result != WASI_TLS_OK) return server_connection_fail(self, result);
  return count == 0 ? wait_for_input(self) : STEP_MOVED;
}

/* --mode http */

static step send_response(server_connection *self) {
  size_t left = self->response_len - self->response_sent;
  if (left == 0) return server_connection_close(self);
  size_t permit = 0;
  wasi_tls_result result = wasi_tls_output_stream_check_write(self->output, &permit);
  if (result != WASI_TLS_OK) return server_connection_fail(self, result);
  if (permit == 0)
    return wasi_tls_output_stream_poll(self->output, server_connection_waker(self)) ? STEP_MOVED : STEP_WAIT;
  size_t count = permit < left ? permit : left;
  result = wasi_tls_output_stream_write(self->output, (const uint8_t *)self->response + self->response_sent, count);
  if (result != WASI_TLS_OK) return server_connection_fail(self, result);
  self->response_sent += count;
  return STEP_MOVED;
}

static step respond(server_connection *self) {
  static const char head[] =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s\n";
  json body = {0};
  properties_of_server(&body, wasi_tls_config_engine(self->shared->config), self->tls, &self->steps);
  size_t size = sizeof(head) + 20 + body.len;
  if (!body.failed) self->response = malloc(size);
  if (self->response != NULL)
    self->response_len = (size_t)snprintf(self->response, size, head, body.len + 1, body.text);
  json_release(&body);
  self->state = send_response;
  return self->response != NULL ? STEP_MOVED : server_connection_fail(self, WASI_TLS_ERR_OUT_OF_MEMORY);
}

static step await_post_handshake_identity(server_connection *self) {
  wasi_tls_result result = server_connection_take_identity(self);
  if (result == WASI_TLS_PENDING) return server_connection_await(self, await_post_handshake_identity);
  return result == WASI_TLS_OK ? respond(self) : server_connection_fail(self, result);
}

static bool client_is_known(const server_connection *self) {
  wasi_tls_public_identity *identity = NULL;
  bool known = wasi_tls_server_connection_client_identity(self->tls, &identity);
  wasi_tls_public_identity_free(identity);
  return known;
}

static bool path_is_secure(const server_connection *self) {
  const char *space = strchr(self->request, ' ');
  return space != NULL && strncmp(space + 1, "/secure", strlen("/secure")) == 0;
}

static step answer_request(server_connection *self) {
  if (!self->shared->wanted->post_handshake_auth || !path_is_secure(self) || client_is_known(self))
    return respond(self);
  wasi_tls_result result = wasi_tls_server_connection_request_client_identity(self->tls, &self->identity);
  /* A client that can't be asked gets its answer all the same: the answer says that there is no identity. */
  if (result == WASI_TLS_ERR_UNSUPPORTED) return respond(self);
  return server_connection_await_identity(self, result, await_post_handshake_identity);
}

/* Reads up to the empty line. A head that does not fit is answered as far as it goes. */
static step read_request(server_connection *self) {
  if (self->request == NULL) self->request = calloc(1, REQUEST_SIZE);
  if (self->request == NULL) return server_connection_fail(self, WASI_TLS_ERR_OUT_OF_MEMORY);
  size_t room = REQUEST_SIZE - 1 - self->request_len;
  size_t count = 0;
  wasi_tls_result result =
      wasi_tls_input_stream_read(self->input, (uint8_t *)self->request + self->request_len, room, &count);
  if (result == WASI_TLS_ERR_CLOSED) return server_connection_close(self);
  if (result != WASI_TLS_OK) return server_connection_fail(self, result);
  if (count == 0) return wait_for_input(self);
  self->request_len += count;
  self->request[self->request_len] = '\0';
  return count == room || strstr(self->request, "\r\n\r\n") != NULL ? answer_request(self) : STEP_MOVED;
}

const state_function server_mode_states[] = {[MODE_ECHO] = echo, [MODE_HTTP] = read_request, [MODE_DISCARD] = discard};

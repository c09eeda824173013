/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "server_connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "report.h"

enum { HANDSHAKE_MS = 10000, IDLE_MS = 60000, DRAIN_MS = 1000, STEPS_AT_ONCE = 32 };

static void enqueue(void *context) {
  server_connection *self = context;
  if (self->queued) return;
  ready_queue *queue = &self->shared->ready;
  self->queued = true;
  self->next_ready = NULL;
  if (queue->first == NULL)
    queue->first = self;
  else
    queue->last->next_ready = self;
  queue->last = self;
}

wasi_tls_waker server_connection_waker(server_connection *self) {
  return (wasi_tls_waker){enqueue, self};
}

/* Waiting */

static step wait_for_pollable(server_connection *self) {
  return wasi_tls_pollable_poll(self->pollable, server_connection_waker(self)) ? STEP_MOVED : STEP_WAIT;
}

step server_connection_await(server_connection *self, state_function state) {
  self->state = state;
  return wait_for_pollable(self);
}

static void forget_pollable(server_connection *self) {
  wasi_tls_pollable_free(self->pollable);
  self->pollable = NULL;
}

step server_connection_fail(server_connection *self, wasi_tls_result result) {
  wasi_tls_error error;
  wasi_tls_error_init(&error);
  if (wasi_tls_server_connection_last_error(self->tls, &error))
    report_error(&error);
  else
    report_result(result, "the connection failed");
  return STEP_END;
}

/* The handshake: client hello, client identity, finish */

static step await_streams(server_connection *self) {
  wasi_tls_result result = wasi_tls_future_streams_get(self->streams, &self->input, &self->output);
  if (result == WASI_TLS_PENDING) return wait_for_pollable(self);
  forget_pollable(self);
  if (result != WASI_TLS_OK) return server_connection_fail(self, result);
  self->state = server_mode_states[self->shared->wanted->mode];
  self->late = "the connection was idle for 60 seconds";
  return STEP_MOVED;
}

static step finish(server_connection *self) {
  step_log_add(&self->steps, "finish");
  wasi_tls_result result = wasi_tls_server_handshake_finish(self->handshake, &self->streams);
  if (result == WASI_TLS_OK) result = wasi_tls_future_streams_subscribe(self->streams, &self->pollable);
  return result == WASI_TLS_OK ? server_connection_await(self, await_streams) : server_connection_fail(self, result);
}

step server_connection_await_identity(server_connection *self, wasi_tls_result result, state_function state) {
  step_log_add(&self->steps, "request-client-identity");
  if (result == WASI_TLS_OK) result = wasi_tls_future_public_identity_subscribe(self->identity, &self->pollable);
  return result == WASI_TLS_OK ? server_connection_await(self, state) : server_connection_fail(self, result);
}

wasi_tls_result server_connection_take_identity(server_connection *self) {
  wasi_tls_public_identity *identity = NULL;
  wasi_tls_result result = wasi_tls_future_public_identity_get(self->identity, &identity);
  if (result == WASI_TLS_PENDING) return result;
  wasi_tls_public_identity_free(identity);
  wasi_tls_future_public_identity_free(self->identity);
  self->identity = NULL;
  forget_pollable(self);
  return result;
}

static step await_client_identity(server_connection *self) {
  wasi_tls_result result = server_connection_take_identity(self);
  if (result == WASI_TLS_PENDING) return wait_for_pollable(self);
  return result == WASI_TLS_OK ? finish(self) : server_connection_fail(self, result);
}

static step request_client_identity(server_connection *self) {
  if (self->shared->wanted->client_identity == WASI_TLS_CLIENT_IDENTITY_NONE) return finish(self);
  wasi_tls_result result = wasi_tls_server_handshake_request_client_identity(self->handshake, &self->identity);
  return server_connection_await_identity(self, result, await_client_identity);
}

/* The identities of --sni for the name in the ClientHello replace the others. */
static wasi_tls_result choose_identities(server_connection *self, const wasi_tls_client_hello *hello) {
  const identity_files_list *sni = &self->shared->wanted->sni;
  wasi_tls_private_identity *chosen[ARGUMENTS_IDENTITIES];
  size_t count = 0;
  wasi_tls_bytes name;
  if (!wasi_tls_client_hello_server_name(hello, &name)) return WASI_TLS_OK;
  for (size_t i = 0; i < sni->count; i++)
    if (strlen(sni->items[i].name) == name.len &&
        strncasecmp(sni->items[i].name, (const char *)name.data, name.len) == 0)
      chosen[count++] = self->shared->sni[i];
  return count == 0 ? WASI_TLS_OK
                    : wasi_tls_server_handshake_configure_server_identities(self->handshake, chosen, count);
}

static step await_hello(server_connection *self) {
  wasi_tls_client_hello *hello = NULL;
  wasi_tls_result result = wasi_tls_future_client_hello_get(self->hello, &hello);
  if (result == WASI_TLS_PENDING) return wait_for_pollable(self);
  forget_pollable(self);
  if (result == WASI_TLS_OK) result = choose_identities(self, hello);
  wasi_tls_client_hello_free(hello);
  return result == WASI_TLS_OK ? request_client_identity(self) : server_connection_fail(self, result);
}

static step receive_client_hello(server_connection *self) {
  if (self->shared->wanted->sni.count == 0) return request_client_identity(self);
  step_log_add(&self->steps, "receive-client-hello");
  wasi_tls_result result = wasi_tls_server_handshake_receive_client_hello(self->handshake, &self->hello);
  if (result == WASI_TLS_OK) result = wasi_tls_future_client_hello_subscribe(self->hello, &self->pollable);
  return result == WASI_TLS_OK ? server_connection_await(self, await_hello) : server_connection_fail(self, result);
}

static step start_handshake(server_connection *self) {
  const arguments *wanted = self->shared->wanted;
  wasi_tls_result result = wasi_tls_server_connection_accept(self->tls, &self->handshake);
  if (result == WASI_TLS_OK)
    result = wasi_tls_server_handshake_configure_alpn_ids(self->handshake, wanted->alpn, wanted->alpn_count);
  if (result == WASI_TLS_OK)
    result = wasi_tls_server_handshake_configure_server_identities(self->handshake, self->shared->identities,
                                                                   wanted->identities.count);
  return result == WASI_TLS_OK ? receive_client_hello(self) : server_connection_fail(self, result);
}

/* Closing */

static void release_tls(server_connection *self) {
  forget_pollable(self);
  wasi_tls_future_client_hello_free(self->hello);
  wasi_tls_future_public_identity_free(self->identity);
  wasi_tls_future_streams_free(self->streams);
  wasi_tls_server_handshake_free(self->handshake);
  wasi_tls_output_stream_free(self->output);
  wasi_tls_input_stream_free(self->input);
  wasi_tls_server_connection_free(self->tls);
  self->hello = NULL;
  self->identity = NULL;
  self->streams = NULL;
  self->handshake = NULL;
  self->output = NULL;
  self->input = NULL;
  self->tls = NULL;
}

static step await_flush(server_connection *self) {
  size_t permit = 0;
  wasi_tls_result result = wasi_tls_output_stream_check_write(self->output, &permit);
  if (result != WASI_TLS_OK) return server_connection_fail(self, result);
  if (permit > 0) return STEP_END;
  return wasi_tls_output_stream_poll(self->output, server_connection_waker(self)) ? STEP_MOVED : STEP_WAIT;
}

step server_connection_close(server_connection *self) {
  wasi_tls_result result = wasi_tls_output_stream_flush(self->output);
  self->state = await_flush;
  return result == WASI_TLS_OK ? STEP_MOVED : server_connection_fail(self, result);
}

/* Closing a socket with unread bytes makes the kernel reset it, and the peer may lose our last words by that. */
static step drain(server_connection *self) {
  char unread[4096];
  ssize_t count = recv(self->fd, unread, sizeof(unread), MSG_DONTWAIT);
  if (count > 0) return STEP_MOVED;
  if (count == 0 || errno != EAGAIN) return STEP_END;
  wasi_tls_waker waker = server_connection_waker(self);
  return wasi_tls_fd_loop_watch(self->shared->loop, self->fd, waker) == WASI_TLS_OK ? STEP_WAIT : STEP_END;
}

/* Leaves TLS, and keeps the socket for a while. */
static step start_draining(server_connection *self, int64_t now) {
  int fd = fcntl(self->fd, F_DUPFD_CLOEXEC, 0);
  release_tls(self);
  if (fd < 0) return STEP_END;
  self->fd = fd;
  self->draining = true;
  self->state = drain;
  self->deadline = now + DRAIN_MS;
  self->late = NULL;
  return STEP_MOVED;
}

/* Life */

static bool open_streams(server_connection *self) {
  wasi_tls_input_stream *input = NULL;
  wasi_tls_output_stream *output = NULL;
  wasi_tls_result result = wasi_tls_fd_streams_new(self->shared->loop, self->fd, &input, &output);
  if (result != WASI_TLS_OK) {
    (void)close(self->fd);
  } else {
    result = wasi_tls_server_connection_new(self->shared->config, input, output, &self->tls);
    if (result == WASI_TLS_OK) return true;
    wasi_tls_input_stream_free(input);
    wasi_tls_output_stream_free(output);
  }
  report_result(result, "a new connection");
  return false;
}

server_connection *server_connection_new(server_shared *shared, int fd, int64_t now) {
  server_connection *self = calloc(1, sizeof(*self));
  if (self == NULL) {
    report_result(WASI_TLS_ERR_OUT_OF_MEMORY, "a new connection");
    (void)close(fd);
    return NULL;
  }
  self->shared = shared;
  self->fd = fd;
  self->state = start_handshake;
  self->deadline = now + HANDSHAKE_MS;
  self->late = "the handshake took longer than 10 seconds";
  if (open_streams(self)) {
    enqueue(self);
    return self;
  }
  free(self);
  return NULL;
}

static bool is_late(const server_connection *self, int64_t now) {
  return now >= self->deadline;
}

/* Ends one part of the connection's life: first TLS, then the socket. */
static step end_part(server_connection *self, int64_t now) {
  return self->draining ? STEP_END : start_draining(self, now);
}

bool server_connection_step(server_connection *self, int64_t now) {
  if (is_late(self, now)) {
    if (self->late != NULL) report_text("transport", "timeout", "%s", self->late);
    if (end_part(self, now) == STEP_END) return false;
  }
  for (int i = 0; i < STEPS_AT_ONCE; i++) {
    step outcome = self->state(self);
    if (outcome == STEP_WAIT) return true;
    if (outcome == STEP_END && end_part(self, now) == STEP_END) return false;
    if (self->input != NULL) self->deadline = now + IDLE_MS;
  }
  enqueue(self);
  return true;
}

void server_connection_check_time(server_connection *self, int64_t now) {
  if (is_late(self, now)) enqueue(self);
}

void server_connection_free(server_connection *self) {
  self->queued = true; /* a waker that is called from now on must not put it back */
  release_tls(self);
  if (self->draining) {
    /* What the raw streams still hold for a peer that does not read is given up. */
    (void)shutdown(self->fd, SHUT_RDWR);
    wasi_tls_fd_loop_unwatch(self->shared->loop, self->fd);
    (void)close(self->fd);
  }
  free(self->request);
  free(self->response);
  free(self);
}

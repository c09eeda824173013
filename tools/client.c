/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* wasi-tls client: one connection, its handshake step by step. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client_pump.h"
#include "clock.h"
#include "commands.h"
#include "json.h"
#include "properties.h"
#include "setup.h"

enum { HANDSHAKE_MS = 10000 };

typedef struct client {
  const arguments *wanted;
  wasi_tls_fd_loop *loop;
  wasi_tls_config *config;
  wasi_tls_private_identity *identities[ARGUMENTS_IDENTITIES];
  wasi_tls_client_connection *connection;
  wasi_tls_client_handshake *handshake;
  wasi_tls_input_stream *input;
  wasi_tls_output_stream *output;
  int64_t deadline;
  step_log steps;
} client;

static enum exit_code refuse(wasi_tls_result result, const char *what, enum exit_code code) {
  report_result(result, "%s", what);
  return code;
}

/* Says what ended the connection: its own account if it has one. */
static enum exit_code fail(const client *self, wasi_tls_result result, enum exit_code code) {
  wasi_tls_error error;
  wasi_tls_error_init(&error);
  if (result == WASI_TLS_PENDING)
    report_text("transport", "timeout", "the handshake took longer than 10 seconds");
  else if (wasi_tls_client_connection_last_error(self->connection, &error))
    report_error(&error);
  else
    report_result(result, "the connection failed");
  return code;
}

/* Waits for a step. Gives up the pollable. _PENDING if the handshake's time is over. */
static wasi_tls_result await(client *self, wasi_tls_pollable *pollable) {
  int64_t left = self->deadline - clock_ms();
  wasi_tls_result result = wasi_tls_fd_loop_block(self->loop, pollable, left > 0 ? (int)left : 0);
  wasi_tls_pollable_free(pollable);
  return result;
}

static wasi_tls_result verify_server(client *self) {
  wasi_tls_future_public_identity *future = NULL;
  wasi_tls_pollable *pollable = NULL;
  wasi_tls_public_identity *identity = NULL;
  step_log_add(&self->steps, "verify-server-identity");
  wasi_tls_result result = wasi_tls_client_handshake_verify_server_identity(self->handshake, &future);
  if (result == WASI_TLS_OK) result = wasi_tls_future_public_identity_subscribe(future, &pollable);
  if (result == WASI_TLS_OK) result = await(self, pollable);
  if (result == WASI_TLS_OK) result = wasi_tls_future_public_identity_get(future, &identity);
  wasi_tls_public_identity_free(identity);
  wasi_tls_future_public_identity_free(future);
  return result;
}

static wasi_tls_result answer_identity_request(client *self) {
  wasi_tls_future_client_identity_request *future = NULL;
  wasi_tls_pollable *pollable = NULL;
  wasi_tls_client_identity_request *request = NULL;
  step_log_add(&self->steps, "receive-client-identity-request");
  wasi_tls_result result = wasi_tls_client_handshake_receive_client_identity_request(self->handshake, &future);
  if (result == WASI_TLS_OK) result = wasi_tls_future_client_identity_request_subscribe(future, &pollable);
  if (result == WASI_TLS_OK) result = await(self, pollable);
  if (result == WASI_TLS_OK) result = wasi_tls_future_client_identity_request_get(future, &request);
  wasi_tls_future_client_identity_request_free(future);
  if (request == NULL) return result;
  result = wasi_tls_client_identity_request_respond(request, self->identities, self->wanted->identities.count);
  wasi_tls_client_identity_request_free(request);
  return result;
}

static wasi_tls_result finish(client *self) {
  wasi_tls_future_streams *future = NULL;
  wasi_tls_pollable *pollable = NULL;
  step_log_add(&self->steps, "finish");
  wasi_tls_result result = wasi_tls_client_handshake_finish(self->handshake, &future);
  if (result == WASI_TLS_OK) result = wasi_tls_future_streams_subscribe(future, &pollable);
  if (result == WASI_TLS_OK) result = await(self, pollable);
  if (result == WASI_TLS_OK) result = wasi_tls_future_streams_get(future, &self->input, &self->output);
  wasi_tls_future_streams_free(future);
  return result;
}

static enum exit_code configure(client *self) {
  const arguments *wanted = self->wanted;
  const char *name = wanted->server_name != NULL ? wanted->server_name : wanted->address.host;
  wasi_tls_bytes name_bytes = {(const uint8_t *)name, strlen(name)};
  wasi_tls_result result = wasi_tls_client_connection_connect(self->connection, name_bytes, &self->handshake);
  if (result != WASI_TLS_OK) return refuse(result, name, EXIT_CODE_CONFIGURATION);
  result = wasi_tls_client_handshake_configure_alpn_ids(self->handshake, wanted->alpn, wanted->alpn_count);
  if (result != WASI_TLS_OK) return refuse(result, "--alpn", EXIT_CODE_CONFIGURATION);
  if (wanted->identities.count == 0 || wanted->identity_step) return EXIT_CODE_OK;
  result = wasi_tls_client_handshake_configure_client_identities(self->handshake, self->identities,
                                                                 wanted->identities.count);
  return result == WASI_TLS_OK ? EXIT_CODE_OK : refuse(result, "--cert", EXIT_CODE_CONFIGURATION);
}

static enum exit_code shake_hands(client *self) {
  self->deadline = clock_ms() + HANDSHAKE_MS;
  wasi_tls_result result = WASI_TLS_OK;
  if (self->wanted->verify_step) result = verify_server(self);
  if (result == WASI_TLS_OK && self->wanted->identity_step) result = answer_identity_request(self);
  if (result == WASI_TLS_OK) result = finish(self);
  return result == WASI_TLS_OK ? EXIT_CODE_OK : fail(self, result, EXIT_CODE_HANDSHAKE);
}

static void print_info(const client *self) {
  json out = {0};
  properties_of_client(&out, wasi_tls_config_engine(self->config), self->connection, &self->steps);
  if (!out.failed) (void)fprintf(stderr, "%s\n", out.text);
  json_release(&out);
}

static enum exit_code transfer(client *self) {
  pump_end end = client_pump(self->loop, self->input, self->output);
  if (end == PUMP_LOCAL_FAILURE) return EXIT_CODE_CONFIGURATION;
  return end == PUMP_CLOSED ? EXIT_CODE_OK : fail(self, WASI_TLS_ERR_CLOSED, EXIT_CODE_CONNECTION);
}

/* A connection object over a connected socket. Gives up the descriptor. */
static enum exit_code open_connection(client *self, int fd) {
  wasi_tls_input_stream *input = NULL;
  wasi_tls_output_stream *output = NULL;
  wasi_tls_result result = wasi_tls_fd_streams_new(self->loop, fd, &input, &output);
  if (result != WASI_TLS_OK) {
    (void)close(fd);
    return refuse(result, "the socket", EXIT_CODE_CONFIGURATION);
  }
  result = wasi_tls_client_connection_new(self->config, input, output, &self->connection);
  if (result == WASI_TLS_OK) return EXIT_CODE_OK;
  wasi_tls_input_stream_free(input);
  wasi_tls_output_stream_free(output);
  return refuse(result, "client", EXIT_CODE_CONFIGURATION);
}

static enum exit_code run(client *self) {
  wasi_tls_result result = wasi_tls_fd_loop_new(&self->loop);
  if (result != WASI_TLS_OK) return refuse(result, "epoll", EXIT_CODE_CONFIGURATION);
  int fd = net_connect(&self->wanted->address);
  if (fd < 0) return EXIT_CODE_NETWORK;
  enum exit_code code = open_connection(self, fd);
  if (code == EXIT_CODE_OK) code = configure(self);
  if (code == EXIT_CODE_OK) code = shake_hands(self);
  if (code != EXIT_CODE_OK) return code;
  if (self->wanted->info) print_info(self);
  return transfer(self);
}

enum exit_code command_client(const arguments *wanted) {
  client self = {.wanted = wanted};
  enum exit_code code = EXIT_CODE_CONFIGURATION;
  if (!setup_config(wanted, &self.config)) return code;
  if (setup_identities(self.config, &wanted->identities, self.identities)) {
    code = run(&self);
    wasi_tls_client_handshake_free(self.handshake);
    wasi_tls_client_connection_free(self.connection);
    wasi_tls_fd_loop_free(self.loop);
    setup_identities_free(self.identities, wanted->identities.count);
  }
  wasi_tls_config_free(self.config);
  return code;
}

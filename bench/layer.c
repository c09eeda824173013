/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The library, as a host of the interface uses it: resources over streams, read and written by the rules of wasi:io. */
#include <stdlib.h>
#include <string.h>

#include "contender.h"
#include "wasi_tls/wasi_tls.h"
#include "wire.h"

typedef struct shared_state {
  wasi_tls_config *config;
  wasi_tls_private_identity *identity;
} shared_state;

typedef struct wire_input {
  wasi_tls_input_stream base;
  bench_wire *wire;
} wire_input;

typedef struct wire_output {
  wasi_tls_output_stream base;
  bench_wire *wire;
} wire_output;

struct bench_pair {
  wasi_tls_client_connection *client;
  wasi_tls_server_connection *server;
  wasi_tls_input_stream *client_in;
  wasi_tls_output_stream *client_out;
  wasi_tls_input_stream *server_in;
  wasi_tls_output_stream *server_out;
  bench_wire *up;
  bench_wire *down;
};

static const char *engine_name;
static uint64_t allocation_count;

static void *count_allocate(void *context, size_t size) {
  (void)context;
  allocation_count++;
  return malloc(size);
}

static void *count_reallocate(void *context, void *memory, size_t size) {
  (void)context;
  allocation_count++;
  return realloc(memory, size);
}

static void count_release(void *context, void *memory) {
  (void)context;
  free(memory);
}

static wasi_tls_result input_read(wasi_tls_input_stream *self, uint8_t *buffer, size_t len, size_t *count) {
  *count = bench_wire_take(((wire_input *)self)->wire, buffer, len);
  return WASI_TLS_OK;
}

static bool input_poll(wasi_tls_input_stream *self, wasi_tls_waker waker) {
  (void)waker;
  const bench_wire *wire = ((wire_input *)self)->wire;
  return wire->start != wire->end;
}

static bool input_error(const wasi_tls_input_stream *self, wasi_tls_error *error) {
  (void)self;
  (void)error;
  return false;
}

static void input_drop(wasi_tls_input_stream *self) {
  free(self);
}

static wasi_tls_result output_check(wasi_tls_output_stream *self, size_t *permit) {
  *permit = bench_wire_room(((wire_output *)self)->wire);
  return WASI_TLS_OK;
}

static wasi_tls_result output_write(wasi_tls_output_stream *self, const uint8_t *data, size_t len) {
  bench_wire_put(((wire_output *)self)->wire, data, len);
  return WASI_TLS_OK;
}

static wasi_tls_result output_flush(wasi_tls_output_stream *self) {
  (void)self;
  return WASI_TLS_OK;
}

static bool output_poll(wasi_tls_output_stream *self, wasi_tls_waker waker) {
  (void)waker;
  return bench_wire_room(((wire_output *)self)->wire) != 0;
}

static bool output_error(const wasi_tls_output_stream *self, wasi_tls_error *error) {
  (void)self;
  (void)error;
  return false;
}

static void output_drop(wasi_tls_output_stream *self) {
  free(self);
}

static const wasi_tls_input_stream_vtable input_vtable = {.size = sizeof(input_vtable),
                                                          .read = input_read,
                                                          .poll = input_poll,
                                                          .last_error = input_error,
                                                          .drop = input_drop};

static const wasi_tls_output_stream_vtable output_vtable = {.size = sizeof(output_vtable),
                                                            .check_write = output_check,
                                                            .write = output_write,
                                                            .flush = output_flush,
                                                            .poll = output_poll,
                                                            .last_error = output_error,
                                                            .drop = output_drop};

static wasi_tls_input_stream *new_input(bench_wire *wire) {
  wire_input *made = malloc(sizeof(*made));
  *made = (wire_input){{&input_vtable}, wire};
  return &made->base;
}

static wasi_tls_output_stream *new_output(bench_wire *wire) {
  wire_output *made = malloc(sizeof(*made));
  *made = (wire_output){{&output_vtable}, wire};
  return &made->base;
}

static wasi_tls_bytes bytes_of(const char *text) {
  return (wasi_tls_bytes){(const uint8_t *)text, strlen(text)};
}

static void teardown(void *opaque) {
  shared_state *shared = opaque;
  wasi_tls_private_identity_free(shared->identity);
  wasi_tls_config_free(shared->config);
  free(shared);
}

static void *setup(const bench_pki *pki) {
  static const wasi_tls_cipher_suite suite = 0x1301;
  const wasi_tls_bytes anchor = bytes_of(pki->ca);
  const wasi_tls_bytes chain = bytes_of(pki->certificate);
  wasi_tls_config_options options;
  wasi_tls_config_options_init(&options);
  options.engine = engine_name;
  options.server_trust = (wasi_tls_trust){WASI_TLS_TRUST_LIST, &anchor, 1};
  options.min_version = WASI_TLS_VERSION_TLS13;
  options.cipher_suites = &suite;
  options.cipher_suite_count = 1;
  options.allocator = (wasi_tls_allocator){NULL, count_allocate, count_reallocate, count_release};
  shared_state *shared = calloc(1, sizeof(*shared));
  if (wasi_tls_config_new(&options, &shared->config, NULL) == WASI_TLS_OK &&
      wasi_tls_private_identity_parse(shared->config, bytes_of(pki->key), &chain, 1, &shared->identity) == WASI_TLS_OK)
    return shared;
  teardown(shared);
  return NULL;
}

static void close_pair(bench_pair *pair) {
  wasi_tls_input_stream_free(pair->client_in);
  wasi_tls_output_stream_free(pair->client_out);
  wasi_tls_input_stream_free(pair->server_in);
  wasi_tls_output_stream_free(pair->server_out);
  wasi_tls_client_connection_free(pair->client);
  wasi_tls_server_connection_free(pair->server);
  free(pair->up);
  free(pair->down);
  free(pair);
}

static bool shake(bench_pair *pair, wasi_tls_future_streams *client, wasi_tls_future_streams *server) {
  for (int turn = 0; turn < 8; turn++) {
    wasi_tls_result result;
    if (pair->client_in == NULL) {
      result = wasi_tls_future_streams_get(client, &pair->client_in, &pair->client_out);
      if (result < 0) return false;
    }
    if (pair->server_in == NULL) {
      result = wasi_tls_future_streams_get(server, &pair->server_in, &pair->server_out);
      if (result < 0) return false;
    }
    if (pair->client_in != NULL && pair->server_in != NULL) return true;
  }
  return false;
}

static bool start(bench_pair *pair, const shared_state *shared) {
  wasi_tls_client_handshake *client = NULL;
  wasi_tls_server_handshake *server = NULL;
  wasi_tls_future_streams *client_done = NULL;
  wasi_tls_future_streams *server_done = NULL;
  wasi_tls_private_identity *identity = shared->identity;
  bool done = wasi_tls_client_connection_connect(pair->client, bytes_of("localhost"), &client) == WASI_TLS_OK &&
              wasi_tls_server_connection_accept(pair->server, &server) == WASI_TLS_OK &&
              wasi_tls_server_handshake_configure_server_identities(server, &identity, 1) == WASI_TLS_OK &&
              wasi_tls_client_handshake_finish(client, &client_done) == WASI_TLS_OK &&
              wasi_tls_server_handshake_finish(server, &server_done) == WASI_TLS_OK &&
              shake(pair, client_done, server_done);
  wasi_tls_future_streams_free(client_done);
  wasi_tls_future_streams_free(server_done);
  wasi_tls_client_handshake_free(client);
  wasi_tls_server_handshake_free(server);
  return done;
}

static bench_pair *open_pair(void *opaque) {
  shared_state *shared = opaque;
  bench_pair *pair = calloc(1, sizeof(*pair));
  pair->up = malloc(sizeof(*pair->up));
  pair->down = malloc(sizeof(*pair->down));
  pair->up->start = pair->up->end = pair->down->start = pair->down->end = 0;
  if (wasi_tls_client_connection_new(shared->config, new_input(pair->down), new_output(pair->up), &pair->client) ==
          WASI_TLS_OK &&
      wasi_tls_server_connection_new(shared->config, new_input(pair->up), new_output(pair->down), &pair->server) ==
          WASI_TLS_OK &&
      start(pair, shared))
    return pair;
  close_pair(pair);
  return NULL;
}

static bool transfer(bench_pair *pair, const uint8_t *data, uint8_t *out, size_t len) {
  size_t permit = 0;
  if (wasi_tls_output_stream_check_write(pair->client_out, &permit) != WASI_TLS_OK || permit < len) return false;
  if (wasi_tls_output_stream_write(pair->client_out, data, len) != WASI_TLS_OK) return false;
  for (size_t got = 0; got < len;) {
    size_t count = 0;
    if (wasi_tls_input_stream_read(pair->server_in, out + got, len - got, &count) != WASI_TLS_OK || count == 0)
      return false;
    got += count;
  }
  return true;
}

static void rest(bench_pair *pair) {
  const wasi_tls_waker nobody = {NULL, NULL};
  (void)wasi_tls_input_stream_poll(pair->client_in, nobody);
  (void)wasi_tls_input_stream_poll(pair->server_in, nobody);
}

static uint64_t allocations(void) {
  return allocation_count;
}

const bench_contender *bench_layer(const char *engine) {
  static const bench_contender layer = {"wasi-tls", setup, teardown,   open_pair,
                                        transfer,   rest,  close_pair, allocations};
  engine_name = engine;
  return &layer;
}

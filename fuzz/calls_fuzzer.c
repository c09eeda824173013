/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Two connections over a pair of pipes, and a guest without manners: the input decides which function of wasi_tls.h is
 * called next, on which of the things that the guest holds, and what it drops. Whatever the order, nothing crashes or
 * leaks, no stream is had before the handshake is over on both sides, what is read is what was written, and no end of a
 * stream is told of that the other side has not closed.
 *
 * An input is two bytes of settings and two for each call: which, and of what.
 */
#include <string.h>

#include "common.h"
#include "handles.h"
#include "wasi_tls/adapters.h"

enum { SETTINGS = 2, MAX_CALLS = 400 };

typedef struct guest {
  handles held;
  bool open[2];   /* by role: the streams were had */
  bool failed[2]; /* a stream of it has */
  size_t written[2], read[2];
} guest;

static wasi_tls_config *configs[3];
static wasi_tls_private_identity *identity;
static size_t allocations;

static void *count_allocate(void *context, size_t size) {
  void *memory = malloc(size);
  if (memory != NULL) ++*(size_t *)context;
  return memory;
}

static void *count_reallocate(void *context, void *memory, size_t size) {
  void *grown = realloc(memory, size);
  if (memory == NULL && grown != NULL) ++*(size_t *)context;
  return grown;
}

static void count_release(void *context, void *memory) {
  if (memory != NULL) --*(size_t *)context;
  free(memory);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  fuzz_init();
  wasi_tls_config_options options = fuzz_options();
  options.allocator = (wasi_tls_allocator){&allocations, count_allocate, count_reallocate, count_release};
  configs[0] = fuzz_config(&options);
  options.client_identity = WASI_TLS_CLIENT_IDENTITY_OPTIONAL;
  configs[1] = fuzz_config(&options);
  options.max_version = WASI_TLS_VERSION_TLS12;
  configs[2] = fuzz_config(&options);
  identity = fuzz_identity(configs[0]);
  return 0;
}

/* What begins: each adds what it makes. */

static void call_connect(guest *self, uint8_t which) {
  handle client = handles_pick(&self->held, CLIENT, which);
  wasi_tls_client_handshake *handshake = NULL;
  wasi_tls_result result = wasi_tls_client_connection_connect(client.object, fuzz_bytes("localhost"), &handshake);
  REQUIRE((result == WASI_TLS_OK) == (handshake != NULL));
  handles_add(&self->held, CLIENT_HANDSHAKE, WASI_TLS_ROLE_CLIENT, handshake);
}

static void call_accept(guest *self, uint8_t which) {
  handle server = handles_pick(&self->held, SERVER, which);
  wasi_tls_server_handshake *handshake = NULL;
  wasi_tls_result result = wasi_tls_server_connection_accept(server.object, &handshake);
  REQUIRE((result == WASI_TLS_OK) == (handshake != NULL));
  handles_add(&self->held, SERVER_HANDSHAKE, WASI_TLS_ROLE_SERVER, handshake);
}

static void call_configure(guest *self, uint8_t which) {
  const wasi_tls_bytes ids[] = {fuzz_bytes("h2"), fuzz_bytes("http/1.1")};
  size_t count = which / 4 % 3;
  handle client = handles_pick(&self->held, CLIENT_HANDSHAKE, 0);
  handle server = handles_pick(&self->held, SERVER_HANDSHAKE, 0);
  handle other = handles_pick(&self->held, PRIVATE_IDENTITY, which);
  wasi_tls_private_identity *identities[] = {identity, other.object};
  size_t identity_count = other.object == NULL ? 1 : 2;
  wasi_tls_result result = WASI_TLS_OK;
  switch (which % 4) {
    case 0:
      result = wasi_tls_client_handshake_configure_alpn_ids(client.object, ids, count);
      break;
    case 1:
      result = wasi_tls_server_handshake_configure_alpn_ids(server.object, ids, count);
      break;
    case 2:
      result = wasi_tls_client_handshake_configure_client_identities(client.object, identities, identity_count);
      break;
    default:
      result = wasi_tls_server_handshake_configure_server_identities(server.object, identities, identity_count);
      break;
  }
  (void)result;
}

/* A step of a client's handshake, or its end. */
static void call_client_step(guest *self, uint8_t which) {
  wasi_tls_client_handshake *handshake = handles_pick(&self->held, CLIENT_HANDSHAKE, which / 4).object;
  wasi_tls_future_public_identity *verified = NULL;
  wasi_tls_future_client_identity_request *request = NULL;
  wasi_tls_future_streams *streams = NULL;
  wasi_tls_pollable *aborted = NULL;
  wasi_tls_result result = WASI_TLS_OK;
  switch (which % 4) {
    case 0:
      result = wasi_tls_client_handshake_verify_server_identity(handshake, &verified);
      break;
    case 1:
      result = wasi_tls_client_handshake_receive_client_identity_request(handshake, &request);
      break;
    case 2:
      result = wasi_tls_client_handshake_finish(handshake, &streams);
      break;
    default:
      result = which < 64 ? wasi_tls_client_handshake_abort(handshake, &aborted)
                          : wasi_tls_client_handshake_abort_with(handshake, which, &aborted);
      break;
  }
  REQUIRE((result == WASI_TLS_OK) == (verified != NULL || request != NULL || streams != NULL || aborted != NULL));
  handles_add(&self->held, FUTURE_IDENTITY, WASI_TLS_ROLE_CLIENT, verified);
  handles_add(&self->held, FUTURE_REQUEST, WASI_TLS_ROLE_CLIENT, request);
  handles_add(&self->held, FUTURE_STREAMS, WASI_TLS_ROLE_CLIENT, streams);
  handles_add(&self->held, POLLABLE, WASI_TLS_ROLE_CLIENT, aborted);
}

static void call_server_step(guest *self, uint8_t which) {
  wasi_tls_server_handshake *handshake = handles_pick(&self->held, SERVER_HANDSHAKE, which / 4).object;
  wasi_tls_future_client_hello *hello = NULL;
  wasi_tls_future_public_identity *client = NULL;
  wasi_tls_future_streams *streams = NULL;
  wasi_tls_pollable *aborted = NULL;
  wasi_tls_result result = WASI_TLS_OK;
  switch (which % 4) {
    case 0:
      result = wasi_tls_server_handshake_receive_client_hello(handshake, &hello);
      break;
    case 1:
      result = wasi_tls_server_handshake_request_client_identity(handshake, &client);
      break;
    case 2:
      result = wasi_tls_server_handshake_finish(handshake, &streams);
      break;
    default:
      result = which < 64 ? wasi_tls_server_handshake_abort(handshake, &aborted)
                          : wasi_tls_server_handshake_abort_with(handshake, which, &aborted);
      break;
  }
  REQUIRE((result == WASI_TLS_OK) == (hello != NULL || client != NULL || streams != NULL || aborted != NULL));
  handles_add(&self->held, FUTURE_HELLO, WASI_TLS_ROLE_SERVER, hello);
  handles_add(&self->held, FUTURE_IDENTITY, WASI_TLS_ROLE_SERVER, client);
  handles_add(&self->held, FUTURE_STREAMS, WASI_TLS_ROLE_SERVER, streams);
  handles_add(&self->held, POLLABLE, WASI_TLS_ROLE_SERVER, aborted);
}

static void call_request_later(guest *self, uint8_t which) {
  handle server = handles_pick(&self->held, SERVER, which);
  wasi_tls_future_public_identity *client = NULL;
  wasi_tls_result result = wasi_tls_server_connection_request_client_identity(server.object, &client);
  REQUIRE((result == WASI_TLS_OK) == (client != NULL));
  handles_add(&self->held, FUTURE_IDENTITY, WASI_TLS_ROLE_SERVER, client);
}

/* What is waited for. */

static void get_streams(guest *self, uint8_t which) {
  handle future = handles_pick(&self->held, FUTURE_STREAMS, which);
  wasi_tls_input_stream *input = NULL;
  wasi_tls_output_stream *output = NULL;
  wasi_tls_result result = wasi_tls_future_streams_get(future.object, &input, &output);
  REQUIRE((result == WASI_TLS_OK) == (input != NULL) && (input != NULL) == (output != NULL));
  if (result != WASI_TLS_OK) return;
  REQUIRE(!self->open[future.role]);
  self->open[future.role] = true;
  handles_add(&self->held, INPUT, future.role, input);
  handles_add(&self->held, OUTPUT, future.role, output);
}

static void call_get(guest *self, uint8_t which) {
  handle hello = handles_pick(&self->held, FUTURE_HELLO, which / 4);
  handle peer = handles_pick(&self->held, FUTURE_IDENTITY, which / 4);
  handle request = handles_pick(&self->held, FUTURE_REQUEST, which / 4);
  wasi_tls_client_hello *got_hello = NULL;
  wasi_tls_public_identity *got_peer = NULL;
  wasi_tls_client_identity_request *got_request = NULL;
  wasi_tls_result result = WASI_TLS_OK;
  switch (which % 4) {
    case 0:
      get_streams(self, which / 4);
      return;
    case 1:
      result = wasi_tls_future_client_hello_get(hello.object, &got_hello);
      REQUIRE((result == WASI_TLS_OK) == (got_hello != NULL));
      break;
    case 2:
      result = wasi_tls_future_public_identity_get(peer.object, &got_peer);
      /* A server's chain there always is. */
      REQUIRE(result != WASI_TLS_OK || peer.role == WASI_TLS_ROLE_SERVER || got_peer != NULL);
      break;
    default:
      result = wasi_tls_future_client_identity_request_get(request.object, &got_request);
      break;
  }
  REQUIRE(result == WASI_TLS_OK || (got_hello == NULL && got_peer == NULL && got_request == NULL));
  handles_add(&self->held, HELLO, WASI_TLS_ROLE_SERVER, got_hello);
  handles_add(&self->held, PUBLIC_IDENTITY, peer.role, got_peer);
  handles_add(&self->held, REQUEST, WASI_TLS_ROLE_CLIENT, got_request);
}

static void call_subscribe(guest *self, uint8_t which) {
  static const kind sources[] = {FUTURE_STREAMS, FUTURE_HELLO, FUTURE_IDENTITY, FUTURE_REQUEST, INPUT, OUTPUT};
  handle source = handles_pick(&self->held, sources[which % 6], which / 6);
  wasi_tls_pollable *pollable = NULL;
  wasi_tls_result result = WASI_TLS_OK;
  switch (source.kind) {
    case FUTURE_STREAMS:
      result = wasi_tls_future_streams_subscribe(source.object, &pollable);
      break;
    case FUTURE_HELLO:
      result = wasi_tls_future_client_hello_subscribe(source.object, &pollable);
      break;
    case FUTURE_IDENTITY:
      result = wasi_tls_future_public_identity_subscribe(source.object, &pollable);
      break;
    case FUTURE_REQUEST:
      result = wasi_tls_future_client_identity_request_subscribe(source.object, &pollable);
      break;
    case INPUT:
      result = wasi_tls_input_stream_subscribe(source.object, &pollable);
      break;
    default:
      result = wasi_tls_output_stream_subscribe(source.object, &pollable);
      break;
  }
  REQUIRE((result == WASI_TLS_OK) == (pollable != NULL));
  handles_add(&self->held, POLLABLE, source.role, pollable);
}

static size_t wakes;

static void note(void *context) {
  ++*(size_t *)context;
}

static void call_poll(guest *self, uint8_t which) {
  const wasi_tls_waker waker = {note, &wakes};
  bool ready = false;
  if (which % 4 == 0) ready = wasi_tls_input_stream_poll(handles_pick(&self->held, INPUT, which / 4).object, waker);
  if (which % 4 == 1) ready = wasi_tls_output_stream_poll(handles_pick(&self->held, OUTPUT, which / 4).object, waker);
  if (which % 4 > 1) ready = wasi_tls_pollable_poll(handles_pick(&self->held, POLLABLE, which / 4).object, waker);
  (void)ready;
}

/* What is had in the end. */

static void call_respond(guest *self, uint8_t which) {
  wasi_tls_client_identity_request *request = handles_pick(&self->held, REQUEST, which / 4).object;
  const wasi_tls_bytes *names = NULL;
  const uint16_t *schemes = NULL;
  size_t count = 0;
  wasi_tls_result result = WASI_TLS_OK;
  if (which % 4 == 0) result = wasi_tls_client_identity_request_authorities(request, &names, &count);
  if (which % 4 == 1) result = wasi_tls_client_identity_request_signature_schemes(request, &schemes, &count);
  if (which % 4 > 1) result = wasi_tls_client_identity_request_respond(request, &identity, which % 4 - 2u);
  (void)result;
}

static void call_look_at_hello(guest *self, uint8_t which) {
  wasi_tls_client_hello *hello = handles_pick(&self->held, HELLO, which).object;
  wasi_tls_bytes name;
  const wasi_tls_bytes *ids = NULL;
  const wasi_tls_cipher_suite *suites = NULL;
  size_t id_count = 0;
  size_t suite_count = 0;
  if (hello == NULL) return;
  REQUIRE(wasi_tls_client_hello_server_name(hello, &name) && name.len == strlen("localhost"));
  REQUIRE(wasi_tls_client_hello_alpn_ids(hello, &ids, &id_count) == WASI_TLS_OK && id_count <= 2);
  REQUIRE(wasi_tls_client_hello_cipher_suites(hello, &suites, &suite_count) == WASI_TLS_OK && suite_count != 0);
}

/* Versions and suites that both sides know are the same. */
static void call_compare(guest *self, uint8_t which) {
  wasi_tls_client_connection *client = handles_pick(&self->held, CLIENT, which).object;
  wasi_tls_server_connection *server = handles_pick(&self->held, SERVER, which).object;
  wasi_tls_protocol_version versions[2];
  wasi_tls_cipher_suite suites[2];
  if (client == NULL || server == NULL) return;
  if (wasi_tls_client_connection_protocol_version(client, &versions[0]) &&
      wasi_tls_server_connection_protocol_version(server, &versions[1]))
    REQUIRE(versions[0] == versions[1]);
  if (wasi_tls_client_connection_cipher_suite(client, &suites[0]) &&
      wasi_tls_server_connection_cipher_suite(server, &suites[1]))
    REQUIRE(suites[0] == suites[1]);
}

static void call_get_identity(guest *self, uint8_t which) {
  handle connection = handles_pick(&self->held, which & 1 ? CLIENT : SERVER, 0);
  wasi_tls_public_identity *peer = NULL;
  wasi_tls_private_identity *own = NULL;
  const wasi_tls_bytes *chain = NULL;
  size_t count = 0;
  if (connection.object == NULL) return;
  bool is_client = connection.kind == CLIENT;
  bool has_peer = is_client ? wasi_tls_client_connection_server_identity(connection.object, &peer)
                            : wasi_tls_server_connection_client_identity(connection.object, &peer);
  bool has_own = is_client ? wasi_tls_client_connection_client_identity(connection.object, &own)
                           : wasi_tls_server_connection_server_identity(connection.object, &own);
  REQUIRE(has_peer == (peer != NULL) && has_own == (own != NULL));
  if (has_peer) REQUIRE(wasi_tls_public_identity_export_x509_chain(peer, &chain, &count) == WASI_TLS_OK && count == 1);
  handles_add(&self->held, PUBLIC_IDENTITY, connection.role, peer);
  handles_add(&self->held, PRIVATE_IDENTITY, connection.role, own);
}

/* Cleartext. */

static uint8_t pattern(wasi_tls_role writer, size_t at) {
  return (uint8_t)(at * 7 + at / 256 + (writer == WASI_TLS_ROLE_CLIENT ? 1u : 100u));
}

static void note_failure(guest *self, wasi_tls_role role, wasi_tls_result result) {
  if (result != WASI_TLS_OK && result != WASI_TLS_PENDING) self->failed[role] = true;
}

static void call_write(guest *self, uint8_t which) {
  handle output = handles_pick(&self->held, OUTPUT, which & 1);
  uint8_t bytes[2048];
  size_t permit = 0;
  if (output.object == NULL) return;
  wasi_tls_result result = wasi_tls_output_stream_check_write(output.object, &permit);
  size_t wanted = (size_t)which * 8;
  if (result == WASI_TLS_OK && wanted <= permit) {
    for (size_t i = 0; i < wanted; i++) bytes[i] = pattern(output.role, self->written[output.role] + i);
    result = wasi_tls_output_stream_write(output.object, bytes, wanted);
    if (result == WASI_TLS_OK) self->written[output.role] += wanted;
  }
  note_failure(self, output.role, result);
  if (which & 2) note_failure(self, output.role, wasi_tls_output_stream_flush(output.object));
}

static void call_read(guest *self, uint8_t which) {
  handle input = handles_pick(&self->held, INPUT, which & 1);
  uint8_t bytes[2048];
  size_t count = 0;
  if (input.object == NULL) return;
  wasi_tls_role peer = input.role == WASI_TLS_ROLE_CLIENT ? WASI_TLS_ROLE_SERVER : WASI_TLS_ROLE_CLIENT;
  wasi_tls_result result = wasi_tls_input_stream_read(input.object, bytes, (size_t)which * 8, &count);
  REQUIRE(result != WASI_TLS_ERR_CLOSED || self->failed[input.role] || !handles_have(&self->held, OUTPUT, peer));
  note_failure(self, input.role, result);
  if (result != WASI_TLS_OK) return;
  REQUIRE(self->read[input.role] + count <= self->written[peer]);
  for (size_t i = 0; i < count; i++) REQUIRE(bytes[i] == pattern(peer, self->read[input.role] + i));
  self->read[input.role] += count;
}

static void call_drop(guest *self, uint8_t which) {
  if (self->held.count != 0) handles_drop(&self->held, which % self->held.count);
}

/* Asks after everything, as a guest does that waits: seeds need it to get far in few bytes. */
static void call_ask_all(guest *self, uint8_t which) {
  for (unsigned i = 0; i < 16; i++) call_poll(self, (uint8_t)(i * 4 + 2 + which % 2));
}

static void (*const calls[])(guest *, uint8_t) = {
    call_connect,      call_accept,    call_configure, call_client_step, call_server_step,   call_request_later,
    call_get,          call_subscribe, call_poll,      call_respond,     call_look_at_hello, call_compare,
    call_get_identity, call_write,     call_read,      call_drop,        call_ask_all};

static void open_connections(guest *self, const uint8_t *settings) {
  static const size_t capacities[] = {65536, 16384, 2000, 300, 17, 1};
  size_t capacity = capacities[settings[1] % 6];
  wasi_tls_input_stream *inputs[2];
  wasi_tls_output_stream *outputs[2];
  wasi_tls_client_connection *client = NULL;
  wasi_tls_server_connection *server = NULL;
  REQUIRE(wasi_tls_pipe_new(capacity, &inputs[0], &outputs[1]) == WASI_TLS_OK);
  REQUIRE(wasi_tls_pipe_new(capacity, &inputs[1], &outputs[0]) == WASI_TLS_OK);
  REQUIRE(wasi_tls_client_connection_new(configs[settings[0] % 3], inputs[0], outputs[0], &client) == WASI_TLS_OK);
  REQUIRE(wasi_tls_server_connection_new(configs[settings[0] / 3 % 3], inputs[1], outputs[1], &server) == WASI_TLS_OK);
  handles_add(&self->held, CLIENT, WASI_TLS_ROLE_CLIENT, client);
  handles_add(&self->held, SERVER, WASI_TLS_ROLE_SERVER, server);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < SETTINGS) return -1;
  size_t before = allocations;
  guest self = {0};
  open_connections(&self, data);
  for (size_t i = 0; i < MAX_CALLS && SETTINGS + 2 * i + 1 < size; i++) {
    const uint8_t *call = data + SETTINGS + 2 * i;
    calls[call[0] % (sizeof(calls) / sizeof(calls[0]))](&self, call[1]);
  }
  while (self.held.count != 0) handles_drop(&self.held, data[1] & 128 ? self.held.count - 1 : 0);
  REQUIRE(allocations == before);
  fuzz_count(self.open[0] && self.open[1]);
  return 0;
}

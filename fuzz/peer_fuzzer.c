/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * A client and a server of the library that do all in order, over a transport that the input has changes for: records
 * and messages left out, repeated, swapped, cut, split, made up, or with other bytes in them. So each is the other's
 * mutated peer, as far into the handshake and behind it as the keys reach. The promises hold whatever arrives: nothing
 * is sent while a handshake is suspended; no cleartext passes before it is done, and none that was not sent; two ends
 * that are done agree on what was negotiated; an end that nobody closed is none.
 *
 * An input is three bytes of settings and five for each mutation (mutation.h).
 */
#include <string.h>

#include "common.h"
#include "mutation.h"
#include "wasi_tls/endpoint.h"

enum { SETTINGS = 3, MAX_MUTATIONS = 12, MAX_TURNS = 3000, PART = 700, VERSIONS = 3, POLICIES = 3 };

typedef struct side {
  wasi_tls_endpoint *endpoint;
  wasi_tls_role role;
  wasi_tls_step steps[3]; /* to take, one after the other */
  size_t next_step;
  bool waiting; /* a step is under way */
  bool done;    /* the handshake is */
  bool failed;
  bool closed; /* by itself */
  stream to_peer;
  buffer inbox; /* what is on the way here */
  size_t written, read;
} side;

typedef struct settings {
  wasi_tls_config *client, *server;
  bool alpn, client_identity, asks_later;
  uint8_t steps;
  size_t chunk;
} settings;

static wasi_tls_config *configs[VERSIONS][POLICIES];
static wasi_tls_private_identity *identity;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  fuzz_init();
  for (size_t version = 0; version < VERSIONS; version++) {
    for (size_t policy = 0; policy < POLICIES; policy++) {
      wasi_tls_config_options options = fuzz_options();
      if (version == 1) options.max_version = WASI_TLS_VERSION_TLS12;
      if (version == 2) options.min_version = WASI_TLS_VERSION_TLS13;
      options.client_identity = (wasi_tls_client_identity_policy)policy;
      configs[version][policy] = fuzz_config(&options);
    }
  }
  identity = fuzz_identity(configs[0][0]);
  return 0;
}

static settings read_settings(const uint8_t *data) {
  /* Both speak both, only TLS 1.2, only TLS 1.3; or the server is the older one. */
  static const uint8_t versions[4][2] = {{0, 0}, {1, 1}, {2, 2}, {0, 1}};
  const uint8_t *version = versions[data[0] & 3];
  return (settings){
      .client = configs[version[0]][0],
      .server = configs[version[1]][(data[0] >> 2 & 3) % POLICIES],
      .alpn = (data[0] & 16) != 0,
      .client_identity = (data[0] & 32) != 0,
      .asks_later = (data[0] & 64) != 0,
      .steps = data[1],
      .chunk = data[2] == 0 ? SIZE_MAX : 16 * (size_t)data[2],
  };
}

static void plan(side *self, wasi_tls_step first, wasi_tls_step second, unsigned wanted) {
  size_t count = 0;
  if (wanted & 1) self->steps[count++] = first;
  if (wanted & 2) self->steps[count++] = second;
  self->steps[count] = WASI_TLS_STEP_FINISH;
}

static void open_client(side *self, const settings *set) {
  *self = (side){.role = WASI_TLS_ROLE_CLIENT};
  REQUIRE(wasi_tls_endpoint_new(set->client, WASI_TLS_ROLE_CLIENT, &self->endpoint) == WASI_TLS_OK);
  REQUIRE(wasi_tls_endpoint_connect(self->endpoint, fuzz_bytes("localhost")) == WASI_TLS_OK);
  if (set->client_identity)
    REQUIRE(wasi_tls_endpoint_configure_identities(self->endpoint, &identity, 1) == WASI_TLS_OK);
  plan(self, WASI_TLS_STEP_SERVER_IDENTITY, WASI_TLS_STEP_CLIENT_IDENTITY_REQUEST, set->steps);
}

static void open_server(side *self, const settings *set) {
  *self = (side){.role = WASI_TLS_ROLE_SERVER};
  REQUIRE(wasi_tls_endpoint_new(set->server, WASI_TLS_ROLE_SERVER, &self->endpoint) == WASI_TLS_OK);
  REQUIRE(wasi_tls_endpoint_accept(self->endpoint) == WASI_TLS_OK);
  REQUIRE(wasi_tls_endpoint_configure_identities(self->endpoint, &identity, 1) == WASI_TLS_OK);
  plan(self, WASI_TLS_STEP_CLIENT_HELLO, WASI_TLS_STEP_CLIENT_IDENTITY, set->steps >> 2u);
}

static void offer_protocols(side *self) {
  const wasi_tls_bytes ids[] = {fuzz_bytes("h2"), fuzz_bytes("http/1.1")};
  REQUIRE(wasi_tls_endpoint_configure_alpn_ids(self->endpoint, ids, 2) == WASI_TLS_OK);
}

/* While it is suspended, nothing that is asked of it makes it say something. */
static void require_silence(const side *self) {
  uint8_t byte;
  size_t count = 0;
  if (self->waiting || self->done || self->failed) return;
  REQUIRE(wasi_tls_endpoint_drive(self->endpoint) == WASI_TLS_OK);
  REQUIRE(wasi_tls_endpoint_read(self->endpoint, &byte, 1, &count) == WASI_TLS_ERR_WRONG_STATE);
  REQUIRE(wasi_tls_endpoint_check_write(self->endpoint, &count) == WASI_TLS_ERR_WRONG_STATE);
  REQUIRE(wasi_tls_endpoint_output(self->endpoint).len == 0);
}

static uint8_t pattern(wasi_tls_role writer, size_t at) {
  return (uint8_t)(at * 7 + at / 256 + (writer == WASI_TLS_ROLE_CLIENT ? 1u : 100u));
}

/* Takes what there is of cleartext, which must be what the other has written. */
static bool read_all(side *self, const side *other) {
  uint8_t bytes[512];
  size_t count = 0;
  wasi_tls_result result = wasi_tls_endpoint_read(self->endpoint, bytes, sizeof(bytes), &count);
  REQUIRE(result != WASI_TLS_ERR_CLOSED || other->closed);
  if (result != WASI_TLS_OK) return false;
  REQUIRE(self->done && self->read + count <= other->written);
  for (size_t i = 0; i < count; i++) REQUIRE(bytes[i] == pattern(other->role, self->read + i));
  self->read += count;
  return true;
}

/* A step is complete: what a guest would do then. */
static void reached(side *self, wasi_tls_step step) {
  if (step == WASI_TLS_STEP_FINISH) self->done = true;
  require_silence(self);
  if (step == WASI_TLS_STEP_CLIENT_HELLO) REQUIRE(wasi_tls_endpoint_client_hello(self->endpoint) != NULL);
  if (step == WASI_TLS_STEP_CLIENT_IDENTITY_REQUEST && wasi_tls_endpoint_identity_request(self->endpoint) != NULL)
    REQUIRE(wasi_tls_endpoint_respond(self->endpoint, &identity, 1) == WASI_TLS_OK);
}

/* Takes the next step, or goes on with the one that is under way. True if anything came of it. */
static bool go_on(side *self, const side *other) {
  if (self->failed) return false;
  bool started = false;
  if (!self->waiting && !self->done) {
    REQUIRE(wasi_tls_endpoint_start(self->endpoint, self->steps[self->next_step]) == WASI_TLS_OK);
    self->waiting = true;
    started = true;
  }
  if (!self->waiting) return read_all(self, other);
  wasi_tls_result result = wasi_tls_endpoint_drive(self->endpoint);
  if (result == WASI_TLS_PENDING) {
    bool moved = read_all(self, other);
    return started || moved;
  }
  self->waiting = false;
  self->failed = result != WASI_TLS_OK;
  if (!self->failed && !self->done) reached(self, self->steps[self->next_step++]);
  return true;
}

/* Puts what |self| sends on the way, with its mutations. */
static bool send_all(side *self, side *other, const mutation *mutations, size_t count) {
  wasi_tls_bytes output = wasi_tls_endpoint_output(self->endpoint);
  size_t at = 0;
  while (output.len - at >= RECORD_HEADER) {
    size_t len = RECORD_HEADER + ((size_t)output.data[at + 3] << 8 | output.data[at + 4]);
    if (output.len - at < len) break;
    mutate_record(&self->to_peer, self->role == WASI_TLS_ROLE_CLIENT, mutations, count, output.data + at, len,
                  &other->inbox);
    at += len;
  }
  if (at != 0) wasi_tls_endpoint_output_sent(self->endpoint, at);
  return at != 0;
}

static bool deliver(side *self, size_t chunk) {
  if (self->inbox.len == 0) return false;
  size_t accepted = 0;
  size_t len = self->inbox.len < chunk ? self->inbox.len : chunk;
  REQUIRE(wasi_tls_endpoint_input(self->endpoint, self->inbox.data, len, &accepted) == WASI_TLS_OK);
  buffer_take(&self->inbox, accepted);
  require_silence(self);
  return accepted != 0;
}

static void run(side *sides, const settings *set, const mutation *mutations, size_t count) {
  for (size_t turn = 0; turn < MAX_TURNS; turn++) {
    bool moved = false;
    for (size_t i = 0; i < 2; i++) {
      side *self = &sides[i];
      side *other = &sides[i ^ 1u];
      moved |= go_on(self, other);
      moved |= send_all(self, other, mutations, count);
      moved |= deliver(other, set->chunk);
    }
    if (!moved) break;
  }
}

static wasi_tls_properties properties_of(const side *self) {
  wasi_tls_properties properties = {.size = sizeof(properties)};
  REQUIRE(wasi_tls_endpoint_properties(self->endpoint, &properties) == WASI_TLS_OK);
  return properties;
}

static bool same(wasi_tls_bytes a, wasi_tls_bytes b) {
  return a.len == b.len && (a.data == NULL) == (b.data == NULL) && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static void require_agreement(const side *client, const side *server) {
  wasi_tls_properties a = properties_of(client);
  wasi_tls_properties b = properties_of(server);
  REQUIRE(a.version == b.version && a.cipher_suite == b.cipher_suite);
  REQUIRE(same(a.alpn_id, b.alpn_id) && same(a.server_name, b.server_name));
  wasi_tls_public_identity *peer = NULL;
  REQUIRE(wasi_tls_endpoint_peer_identity(client->endpoint, &peer) == WASI_TLS_OK && peer != NULL);
  wasi_tls_public_identity_free(peer);
}

static void write_some(side *self) {
  uint8_t bytes[PART];
  size_t permit = 0;
  if (!self->done || wasi_tls_endpoint_check_write(self->endpoint, &permit) != WASI_TLS_OK) return;
  size_t len = permit < sizeof(bytes) ? permit : sizeof(bytes);
  for (size_t i = 0; i < len; i++) bytes[i] = pattern(self->role, self->written + i);
  if (wasi_tls_endpoint_write(self->endpoint, bytes, len) == WASI_TLS_OK) self->written += len;
}

static void ask_later(side *server) {
  if (!server->done || server->failed) return;
  server->waiting = wasi_tls_endpoint_start(server->endpoint, WASI_TLS_STEP_CLIENT_IDENTITY) == WASI_TLS_OK;
}

static void close_side(side *self) {
  if (self->done && wasi_tls_endpoint_close(self->endpoint) == WASI_TLS_OK) self->closed = true;
}

/* What comes behind the handshake: data both ways, perhaps a late request, the end. */
static void run_open(side *sides, const settings *set, const mutation *mutations, size_t count) {
  for (size_t round = 0; round < 3; round++) {
    if (round == 1 && set->asks_later) ask_later(&sides[1]);
    write_some(&sides[0]);
    write_some(&sides[1]);
    run(sides, set, mutations, count);
  }
  close_side(&sides[0]);
  run(sides, set, mutations, count);
  wasi_tls_endpoint_input_end(sides[0].endpoint);
  wasi_tls_endpoint_input_end(sides[1].endpoint);
  run(sides, set, mutations, count);
}

static void free_side(side *self) {
  wasi_tls_endpoint_free(self->endpoint);
  buffer_free(&self->inbox);
  buffer_free(&self->to_peer.held);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < SETTINGS) return -1;
  settings set = read_settings(data);
  mutation mutations[MAX_MUTATIONS];
  size_t count = 0;
  for (size_t at = SETTINGS; at + MUTATION_BYTES <= size && count < MAX_MUTATIONS; at += MUTATION_BYTES)
    mutations[count++] = mutation_read(data + at);
  side sides[2];
  open_client(&sides[0], &set);
  open_server(&sides[1], &set);
  if (set.alpn) {
    offer_protocols(&sides[0]);
    offer_protocols(&sides[1]);
  }
  run(sides, &set, mutations, count);
  bool both = sides[0].done && sides[1].done;
  if (both) require_agreement(&sides[0], &sides[1]);
  run_open(sides, &set, mutations, count);
  fuzz_count(both);
  free_side(&sides[0]);
  free_side(&sides[1]);
  return 0;
}

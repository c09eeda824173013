/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * A client and a server of the library that talk to each other, while the input decides what is called on which of them
 * and when, how many bytes pass, and which of them are changed on the way. Whatever comes of it, the promises hold:
 * nothing is to be sent while a handshake is suspended, and no cleartext passes before it is done.
 */
#include <string.h>

#include "common.h"
#include "wasi_tls/endpoint.h"

enum { MAX_OPERATIONS = 200, CLIENT = 0, SERVER = 1 };

typedef struct side {
  wasi_tls_endpoint *endpoint;
  wasi_tls_role role;
  bool waiting; /* a step is under way */
  bool done;    /* the handshake is */
  bool failed;
} side;

static wasi_tls_config *config;
static wasi_tls_private_identity *identity;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  fuzz_init();
  const wasi_tls_config_options options = fuzz_options();
  config = fuzz_config(&options);
  identity = fuzz_identity(config);
  return 0;
}

static void open_side(side *self, wasi_tls_role role) {
  *self = (side){.role = role};
  REQUIRE(wasi_tls_endpoint_new(config, role, &self->endpoint) == WASI_TLS_OK);
}

/* The calls that begin something. Any of them may be out of order: then nothing may change. */
static void start(side *self, uint8_t argument) {
  static const wasi_tls_step steps[] = {WASI_TLS_STEP_CLIENT_HELLO, WASI_TLS_STEP_SERVER_IDENTITY,
                                        WASI_TLS_STEP_CLIENT_IDENTITY_REQUEST, WASI_TLS_STEP_CLIENT_IDENTITY,
                                        WASI_TLS_STEP_FINISH};
  wasi_tls_step step = steps[argument % (sizeof(steps) / sizeof(steps[0]))];
  if (wasi_tls_endpoint_start(self->endpoint, step) == WASI_TLS_OK) self->waiting = true;
}

static void configure(side *self, uint8_t argument) {
  const wasi_tls_bytes ids[] = {fuzz_bytes("h2"), fuzz_bytes("http/1.1")};
  wasi_tls_result ignored;
  switch (argument % 4) {
    case 0:
      ignored = self->role == WASI_TLS_ROLE_CLIENT ? wasi_tls_endpoint_connect(self->endpoint, fuzz_bytes("localhost"))
                                                   : wasi_tls_endpoint_accept(self->endpoint);
      break;
    case 1:
      ignored = wasi_tls_endpoint_configure_alpn_ids(self->endpoint, ids, argument / 4 % 3);
      break;
    case 2:
      ignored = wasi_tls_endpoint_configure_identities(self->endpoint, &identity, 1);
      break;
    default:
      ignored = wasi_tls_endpoint_respond(self->endpoint, &identity, argument / 4 % 2);
      break;
  }
  (void)ignored;
}

static void drive(side *self) {
  bool was_waiting = self->waiting;
  wasi_tls_result result = wasi_tls_endpoint_drive(self->endpoint);
  if (result == WASI_TLS_PENDING) return;
  if (result != WASI_TLS_OK) self->failed = true;
  self->waiting = false;
  size_t permit = 0;
  self->done = wasi_tls_endpoint_check_write(self->endpoint, &permit) == WASI_TLS_OK || self->done;
  if (result == WASI_TLS_OK && was_waiting && !self->done) REQUIRE(wasi_tls_endpoint_output(self->endpoint).len == 0);
}

static void use(side *self, uint8_t argument) {
  uint8_t buffer[64] = {0};
  size_t count = 0;
  wasi_tls_result result;
  switch (argument % 4) {
    case 0:
      result = wasi_tls_endpoint_read(self->endpoint, buffer, argument / 4, &count);
      REQUIRE(result != WASI_TLS_OK || self->done);
      break;
    case 1:
      if (wasi_tls_endpoint_check_write(self->endpoint, &count) != WASI_TLS_OK) break;
      REQUIRE(self->done);
      result = wasi_tls_endpoint_write(self->endpoint, buffer, argument / 4);
      REQUIRE(result != WASI_TLS_ERR_PERMIT_EXCEEDED || count < (size_t)argument / 4);
      break;
    case 2:
      result = wasi_tls_endpoint_close(self->endpoint);
      break;
    default:
      result = wasi_tls_endpoint_abort(self->endpoint, 0);
      break;
  }
  (void)result;
}

/* Moves bytes, all or some; |change| is put over the first of them. */
static void carry(side *from, side *to, uint8_t argument, uint8_t change) {
  wasi_tls_bytes output = wasi_tls_endpoint_output(from->endpoint);
  size_t len = argument == 0 || output.len < argument ? output.len : argument;
  if (len == 0) return;
  uint8_t *copy = malloc(len);
  REQUIRE(copy != NULL);
  memcpy(copy, output.data, len);
  copy[0] ^= change;
  size_t accepted = 0;
  REQUIRE(wasi_tls_endpoint_input(to->endpoint, copy, len, &accepted) == WASI_TLS_OK);
  free(copy);
  wasi_tls_endpoint_output_sent(from->endpoint, accepted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  side sides[2];
  open_side(&sides[CLIENT], WASI_TLS_ROLE_CLIENT);
  open_side(&sides[SERVER], WASI_TLS_ROLE_SERVER);
  for (size_t i = 0; i + 1 < size && i / 2 < MAX_OPERATIONS; i += 2) {
    side *self = &sides[data[i] & 1];
    side *other = &sides[(data[i] & 1) ^ 1];
    uint8_t argument = data[i + 1];
    switch (data[i] >> 1 & 7) {
      case 0:
        start(self, argument);
        break;
      case 1:
        configure(self, argument);
        break;
      case 2:
        use(self, argument);
        break;
      case 3:
        carry(self, other, argument, data[i] >> 4);
        break;
      case 4:
        if (argument == 255) wasi_tls_endpoint_input_end(self->endpoint);
        drive(self);
        break;
      default: /* most often: go on */
        carry(self, other, 0, 0);
        drive(other);
        break;
    }
  }
  fuzz_count(sides[CLIENT].done && sides[SERVER].done);
  wasi_tls_endpoint_free(sides[CLIENT].endpoint);
  wasi_tls_endpoint_free(sides[SERVER].endpoint);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "common.h"

#include <stdio.h>
#include <string.h>

#include "../bench/pki.h"

static bench_pki pki;
static wasi_tls_bytes anchor;
static unsigned long inputs;
static unsigned long finishes;

wasi_tls_bytes fuzz_bytes(const char *text) {
  return (wasi_tls_bytes){(const uint8_t *)text, strlen(text)};
}

static void print_counts(void) {
  (void)fprintf(stderr, "handshakes finished by %lu of %lu inputs\n", finishes, inputs);
}

void fuzz_init(void) {
  REQUIRE(bench_pki_make(&pki));
  anchor = fuzz_bytes(pki.ca);
  REQUIRE(atexit(print_counts) == 0);
}

wasi_tls_config_options fuzz_options(void) {
  wasi_tls_config_options options;
  wasi_tls_config_options_init(&options);
  options.engine = getenv("WASI_TLS_ENGINE");
  options.server_trust = (wasi_tls_trust){WASI_TLS_TRUST_LIST, &anchor, 1};
  options.client_trust = options.server_trust;
  options.post_handshake_auth = true;
  return options;
}

wasi_tls_config *fuzz_config(const wasi_tls_config_options *options) {
  wasi_tls_config *config = NULL;
  REQUIRE(wasi_tls_config_new(options, &config, NULL) == WASI_TLS_OK);
  return config;
}

wasi_tls_private_identity *fuzz_identity(wasi_tls_config *config) {
  const wasi_tls_bytes chain = fuzz_bytes(pki.certificate);
  wasi_tls_private_identity *identity = NULL;
  REQUIRE(wasi_tls_private_identity_parse(config, fuzz_bytes(pki.key), &chain, 1, &identity) == WASI_TLS_OK);
  return identity;
}

void fuzz_count(bool finished) {
  inputs++;
  if (finished) finishes++;
}

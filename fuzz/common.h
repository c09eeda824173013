/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What the fuzzers of whole connections share. */
#ifndef WASI_TLS_FUZZ_COMMON_H
#define WASI_TLS_FUZZ_COMMON_H

#include <stdlib.h>

#include "wasi_tls/config.h"
#include "wasi_tls/identity.h"

/* What libFuzzer calls. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)     \
  do {                         \
    if (!(condition)) abort(); \
  } while (0)

wasi_tls_bytes fuzz_bytes(const char *text);

/* Makes keys and certificates for localhost, once. */
void fuzz_init(void);
/* The engine that WASI_TLS_ENGINE names, or the first; both sides trust the certificates above. */
wasi_tls_config_options fuzz_options(void);
wasi_tls_config *fuzz_config(const wasi_tls_config_options *options);
wasi_tls_private_identity *fuzz_identity(wasi_tls_config *config);

/* Once for each input: whether both sides came through their handshake. How many did is printed at the end. */
void fuzz_count(bool finished);

#endif

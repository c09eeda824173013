/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "suites.h"

typedef struct suite_name {
  wasi_tls_cipher_suite code;
  const char *name;
} suite_name;

static const suite_name names[] = {
    {0x1301, "TLS_AES_128_GCM_SHA256"},
    {0x1302, "TLS_AES_256_GCM_SHA384"},
    {0x1303, "TLS_CHACHA20_POLY1305_SHA256"},
    {0xC02B, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xC02C, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0xC030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xCCA9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
};

const wasi_tls_cipher_suite wtls_default_suites[] = {0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F,
                                                     0xC02C, 0xC030, 0xCCA9, 0xCCA8};
const size_t wtls_default_suite_count = sizeof(wtls_default_suites) / sizeof(wtls_default_suites[0]);

static const suite_name *find(wasi_tls_cipher_suite suite) {
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    if (names[i].code == suite) return &names[i];
  return NULL;
}

bool wtls_suite_is_allowed(wasi_tls_cipher_suite suite) {
  return find(suite) != NULL;
}

wasi_tls_protocol_version wtls_suite_version(wasi_tls_cipher_suite suite) {
  return (suite >> 8) == 0x13 ? WASI_TLS_VERSION_TLS13 : WASI_TLS_VERSION_TLS12;
}

const char *wasi_tls_cipher_suite_name(wasi_tls_cipher_suite suite) {
  const suite_name *entry = find(suite);
  return entry != NULL ? entry->name : "unknown";
}

const char *wasi_tls_protocol_version_name(wasi_tls_protocol_version version) {
  if (version == WASI_TLS_VERSION_TLS13) return "TLSv1.3";
  return version == WASI_TLS_VERSION_TLS12 ? "TLSv1.2" : "unknown";
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "engine.h"

#include <string.h>

#include "engine_list.h"

static const char *const capability_names[WASI_TLS_CAP_COUNT] = {
    [WASI_TLS_CAP_CLIENT] = "client",
    [WASI_TLS_CAP_SERVER] = "server",
    [WASI_TLS_CAP_TLS12] = "tls-1.2",
    [WASI_TLS_CAP_TLS13] = "tls-1.3",
    [WASI_TLS_CAP_ALPN] = "alpn",
    [WASI_TLS_CAP_CLIENT_HELLO] = "receive-client-hello",
    [WASI_TLS_CAP_VERIFY_SERVER_IDENTITY] = "verify-server-identity",
    [WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST] = "receive-client-identity-request",
    [WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY] = "request-client-identity",
    [WASI_TLS_CAP_POST_HANDSHAKE_SERVER] = "post-handshake-auth-server",
    [WASI_TLS_CAP_POST_HANDSHAKE_CLIENT] = "post-handshake-auth-client",
    [WASI_TLS_CAP_ABORT_ALERT] = "abort-alert",
    [WASI_TLS_CAP_KEY_RSA] = "key-rsa",
    [WASI_TLS_CAP_KEY_P256] = "key-p256",
    [WASI_TLS_CAP_KEY_P384] = "key-p384",
    [WASI_TLS_CAP_KEY_ED25519] = "key-ed25519",
    [WASI_TLS_CAP_REVOCATION_LISTS] = "revocation-lists",
    [WASI_TLS_CAP_CIPHER_SUITES] = "cipher-suites",
    [WASI_TLS_CAP_KEY_LOG] = "key-log",
    [WASI_TLS_CAP_ALPN_ANY_BYTES] = "alpn-any-bytes",
    [WASI_TLS_CAP_NAME_AUTHORITIES] = "name-authorities",
    [WASI_TLS_CAP_POST_HANDSHAKE_REPEAT] = "post-handshake-auth-repeated",
    [WASI_TLS_CAP_OPAQUE_KEYS] = "opaque-keys",
};

const char *wasi_tls_version(void) {
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
  return TEXT(WASI_TLS_VERSION_MAJOR) "." TEXT(WASI_TLS_VERSION_MINOR) "." TEXT(WASI_TLS_VERSION_PATCH);
}

const wasi_tls_backend *wtls_engine_find(const char *name) {
  for (size_t i = 0; i < wtls_engine_list_count; i++)
    if (name == NULL || strcmp(wtls_engine_list[i]->name, name) == 0) return wtls_engine_list[i];
  return NULL;
}

bool wtls_backend_supports(const wasi_tls_backend *backend, wasi_tls_capability capability) {
  if ((unsigned)capability >= WASI_TLS_CAP_COUNT) return false;
  return (backend->capabilities >> (unsigned)capability) & 1u;
}

const char *wasi_tls_capability_name(wasi_tls_capability capability) {
  return (unsigned)capability < WASI_TLS_CAP_COUNT ? capability_names[capability] : NULL;
}

size_t wasi_tls_engine_count(void) {
  return wtls_engine_list_count;
}

const char *wasi_tls_engine_name(size_t index) {
  return index < wtls_engine_list_count ? wtls_engine_list[index]->name : NULL;
}

const char *wasi_tls_engine_version(const char *engine) {
  const wasi_tls_backend *backend = wtls_engine_find(engine);
  return backend != NULL ? backend->version() : NULL;
}

bool wasi_tls_engine_supports(const char *engine, wasi_tls_capability capability) {
  const wasi_tls_backend *backend = wtls_engine_find(engine);
  return backend != NULL && wtls_backend_supports(backend, capability);
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The extensions of hellos and of what comes behind them (RFC 8446 section 4.2, RFC 5246 section 7.4.1.4). */
#ifndef WASI_TLS_CORE_HELLO_EXTENSIONS_H
#define WASI_TLS_CORE_HELLO_EXTENSIONS_H

#include "reader.h"

enum {
  WTLS_EXTENSION_SERVER_NAME = 0,
  WTLS_EXTENSION_SUPPORTED_GROUPS = 10,
  WTLS_EXTENSION_SIGNATURE_ALGORITHMS = 13,
  WTLS_EXTENSION_ALPN = 16,
  WTLS_EXTENSION_SUPPORTED_VERSIONS = 43,
  WTLS_EXTENSION_COOKIE = 44,
  WTLS_EXTENSION_CERTIFICATE_AUTHORITIES = 47,
  WTLS_EXTENSION_POST_HANDSHAKE_AUTH = 49,
  WTLS_EXTENSION_SIGNATURE_ALGORITHMS_CERT = 50,
  WTLS_EXTENSION_KEY_SHARE = 51,
  WTLS_EXTENSION_RENEGOTIATION_INFO = 0xFF01
};

/* The types that a list was seen to have. */
typedef struct wtls_hello_extension_set {
  uint8_t bits[(UINT16_MAX + 1) / 8];
} wtls_hello_extension_set;

/* The next of a list, which is given without its length. False, and |*list| as it was, if it is not whole. */
bool wtls_hello_extension_next(wasi_tls_bytes *list, uint16_t *type, wasi_tls_bytes *value);
/* The first of |type|. False if there is none. */
bool wtls_hello_extension_find(wasi_tls_bytes list, uint16_t type, wasi_tls_bytes *value);
/* False if |type| was there already. */
bool wtls_hello_extension_set_add(wtls_hello_extension_set *set, uint16_t type);

#endif

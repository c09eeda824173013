/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Writes one JSON document (RFC 8259) on one line. */
#ifndef WASI_TLS_TOOL_JSON_H
#define WASI_TLS_TOOL_JSON_H

#include <stdbool.h>

#include "wasi_tls/types.h"

/* Starts as {0}. When memory runs out, failed is set and the text is not to be used. */
typedef struct json {
  char *text; /* NUL-terminated */
  size_t len;
  size_t capacity;
  bool failed;
  bool comma; /* the next member comes behind another one */
} json;

/* |bracket| is one of "{[" and "}]". |key| is NULL in an array and at the top. */
void json_open(json *self, const char *key, char bracket);
void json_close(json *self, char bracket);

/* Data NULL is null. UTF-8 stays as it is; in anything else each byte from 0x80 on becomes \u00XX. */
void json_string(json *self, const char *key, wasi_tls_bytes value);
void json_text(json *self, const char *key, const char *value);
void json_base64(json *self, const char *key, wasi_tls_bytes value);
void json_number(json *self, const char *key, unsigned long value);
void json_bool(json *self, const char *key, bool value);
void json_null(json *self, const char *key);
void json_release(json *self);

#endif

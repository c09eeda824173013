/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append(json *self, const char *text, size_t len) {
  if (self->failed) return;
  if (self->capacity - self->len <= len) {
    size_t capacity = (self->capacity + len + 256) * 2;
    char *larger = realloc(self->text, capacity);
    if (larger == NULL) {
      self->failed = true;
      return;
    }
    self->text = larger;
    self->capacity = capacity;
  }
  memcpy(self->text + self->len, text, len);
  self->len += len;
  self->text[self->len] = '\0';
}

static void append_char(json *self, char c) {
  append(self, &c, 1);
}

/* The length of the UTF-8 sequence at the front (RFC 3629: shortest form, no surrogates), 0 if there is none. */
static size_t utf8_length(wasi_tls_bytes text) {
  static const struct {
    uint8_t first, last, second_low, second_high, length;
  } forms[] = {
      {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
      {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
      {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
  };
  for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
    if (text.data[0] < forms[i].first || text.data[0] > forms[i].last) continue;
    if (forms[i].length > text.len) return 0;
    for (size_t k = 1; k < forms[i].length; k++) {
      uint8_t low = k == 1 ? forms[i].second_low : 0x80;
      uint8_t high = k == 1 ? forms[i].second_high : 0xbf;
      if (text.data[k] < low || text.data[k] > high) return 0;
    }
    return forms[i].length;
  }
  return 0;
}

static bool is_utf8(wasi_tls_bytes text) {
  while (text.len > 0) {
    size_t length = utf8_length(text);
    if (length == 0) return false;
    text.data += length;
    text.len -= length;
  }
  return true;
}

static void append_quoted(json *self, wasi_tls_bytes value) {
  bool utf8 = is_utf8(value);
  append_char(self, '"');
  for (size_t i = 0; i < value.len; i++) {
    uint8_t byte = value.data[i];
    char escape[8];
    if (byte == '"' || byte == '\\') {
      append_char(self, '\\');
      append_char(self, (char)byte);
    } else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !utf8)) {
      (void)snprintf(escape, sizeof(escape), "\\u%04x", byte);
      append(self, escape, 6);
    } else {
      append_char(self, (char)byte);
    }
  }
  append_char(self, '"');
}

static wasi_tls_bytes bytes_of(const char *text) {
  return (wasi_tls_bytes){(const uint8_t *)text, strlen(text)};
}

/* What comes before every value: the comma behind the last one, and the key. */
static void begin_value(json *self, const char *key) {
  if (self->comma) append_char(self, ',');
  self->comma = true;
  if (key == NULL) return;
  append_quoted(self, bytes_of(key));
  append_char(self, ':');
}

void json_open(json *self, const char *key, char bracket) {
  begin_value(self, key);
  append_char(self, bracket);
  self->comma = false;
}

void json_close(json *self, char bracket) {
  append_char(self, bracket);
  self->comma = true;
}

void json_string(json *self, const char *key, wasi_tls_bytes value) {
  if (value.data == NULL) {
    json_null(self, key);
    return;
  }
  begin_value(self, key);
  append_quoted(self, value);
}

void json_text(json *self, const char *key, const char *value) {
  json_string(self, key, value == NULL ? (wasi_tls_bytes){0} : bytes_of(value));
}

void json_base64(json *self, const char *key, wasi_tls_bytes value) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  begin_value(self, key);
  append_char(self, '"');
  for (size_t i = 0; i < value.len; i += 3) {
    size_t left = value.len - i;
    uint32_t group = (uint32_t)value.data[i] << 16;
    if (left > 1) group |= (uint32_t)value.data[i + 1] << 8;
    if (left > 2) group |= value.data[i + 2];
    char text[4] = {digits[group >> 18], digits[(group >> 12) & 63], left > 1 ? digits[(group >> 6) & 63] : '=',
                    left > 2 ? digits[group & 63] : '='};
    append(self, text, sizeof(text));
  }
  append_char(self, '"');
}

void json_number(json *self, const char *key, unsigned long value) {
  char text[24];
  int len = snprintf(text, sizeof(text), "%lu", value);
  begin_value(self, key);
  append(self, text, (size_t)len);
}

void json_bool(json *self, const char *key, bool value) {
  begin_value(self, key);
  append(self, value ? "true" : "false", value ? 4 : 5);
}

void json_null(json *self, const char *key) {
  begin_value(self, key);
  append(self, "null", 4);
}

void json_release(json *self) {
  free(self->text);
  *self = (json){0};
}

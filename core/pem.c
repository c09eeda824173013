/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "pem.h"

#include <string.h>

enum { LABEL_ROOM = sizeof(((wtls_pem_block *)NULL)->label) };

static const char begin_mark[] = "-----BEGIN ";
static const char end_mark[] = "-----END ";
static const char closing_mark[] = "-----";

static bool is_space(uint8_t byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool starts_with(wasi_tls_bytes line, const char *prefix) {
  size_t len = strlen(prefix);
  return line.len >= len && memcmp(line.data, prefix, len) == 0;
}

static bool contains(wasi_tls_bytes line, const char *word) {
  size_t len = strlen(word);
  for (size_t i = 0; i + len <= line.len; i++)
    if (memcmp(line.data + i, word, len) == 0) return true;
  return false;
}

/* Takes one line, ended by LF, CR or CRLF, without its end and the white space before that. */
static bool take_line(wasi_tls_bytes *text, wasi_tls_bytes *line) {
  if (text->len == 0) return false;
  size_t len = 0;
  while (len < text->len && text->data[len] != '\n' && text->data[len] != '\r') len++;
  size_t next = len;
  if (next < text->len) next++;
  if (next < text->len && text->data[next - 1] == '\r' && text->data[next] == '\n') next++;
  *line = (wasi_tls_bytes){text->data, len};
  while (line->len != 0 && is_space(line->data[line->len - 1])) line->len--;
  text->data += next;
  text->len -= next;
  return true;
}

static bool find_line(wasi_tls_bytes *text, const char *mark, wasi_tls_bytes *line) {
  while (take_line(text, line))
    if (starts_with(*line, mark)) return true;
  return false;
}

bool wtls_pem_is(wasi_tls_bytes text) {
  wasi_tls_bytes line;
  /* A SEQUENCE of 128 bytes or more is DER, even where the text of a begin line is inside of it. */
  if (text.len >= 2 && text.data[0] == 0x30 && text.data[1] >= 0x80) return false;
  return find_line(&text, begin_mark, &line);
}

/* The label of a begin or end line: what stands between |mark| and the closing hyphens. */
static bool read_label(wasi_tls_bytes line, const char *mark, char label[LABEL_ROOM]) {
  size_t around = strlen(mark) + strlen(closing_mark);
  if (line.len <= around || line.len - around >= LABEL_ROOM) return false;
  size_t len = line.len - around;
  const uint8_t *text = line.data + strlen(mark);
  if (memcmp(text + len, closing_mark, strlen(closing_mark)) != 0) return false;
  for (size_t i = 0; i < len; i++)
    if (text[i] < ' ' || text[i] > '~') return false;
  memcpy(label, text, len);
  label[len] = '\0';
  return true;
}

/* Takes all up to the end line, which must have the same label. */
static bool take_body(wasi_tls_bytes *text, const char *label, wasi_tls_bytes *body) {
  wasi_tls_bytes line;
  char end_label[LABEL_ROOM];
  const uint8_t *start = text->data;
  if (!find_line(text, end_mark, &line) || !read_label(line, end_mark, end_label)) return false;
  *body = (wasi_tls_bytes){start, (size_t)(line.data - start)};
  return strcmp(label, end_label) == 0;
}

/* Steps over the headers of RFC 1421, section 4.4, if the body has any: up to and with the first empty line. */
static bool skip_headers(wasi_tls_bytes *body, bool *encrypted) {
  wasi_tls_bytes rest = *body;
  wasi_tls_bytes line;
  if (!take_line(&rest, &line) || !contains(line, ":")) return true;
  do {
    if (starts_with(line, "Proc-Type:") && contains(line, "ENCRYPTED")) *encrypted = true;
    if (!take_line(&rest, &line)) return false;
  } while (line.len != 0);
  *body = rest;
  return true;
}

static int sextet(uint8_t c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

/*
 * Base64 (RFC 4648, section 4), in the one way that it can be written: full padding, unused bits zero.
 * |out| has room for three bytes per four of |text|.
 */
static bool decode(wasi_tls_bytes text, uint8_t *out, size_t *len) {
  uint32_t bits = 0;
  unsigned waiting = 0; /* how many bits */
  size_t padding = 0;
  *len = 0;
  for (size_t i = 0; i < text.len; i++) {
    if (is_space(text.data[i])) continue;
    if (text.data[i] == '=') {
      padding++;
      continue;
    }
    int value = sextet(text.data[i]);
    if (value < 0 || padding != 0) return false;
    bits = bits << 6 | (uint32_t)value;
    waiting += 6;
    if (waiting < 8) continue;
    waiting -= 8;
    out[(*len)++] = (uint8_t)(bits >> waiting);
    bits &= (1u << waiting) - 1;
  }
  /* One character more than a multiple of four leaves 6 bits; two leave 4, three leave 2. */
  return *len != 0 && bits == 0 && waiting != 6 && waiting == 2 * padding;
}

static wasi_tls_result decode_body(const wasi_tls_allocator *allocator, wasi_tls_bytes body, wtls_pem_block *block) {
  size_t room = body.len / 4 * 3 + 3;
  uint8_t *der = wtls_alloc(allocator, room);
  if (der == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  if (!decode(body, der, &block->der_len)) {
    wtls_release_secret(allocator, der, room);
    return WASI_TLS_ERR_CERTIFICATE_FORMAT;
  }
  block->der = der;
  return WASI_TLS_OK;
}

wasi_tls_result wtls_pem_next(const wasi_tls_allocator *allocator, wasi_tls_bytes *cursor, wtls_pem_block *block) {
  wasi_tls_bytes text = *cursor;
  wasi_tls_bytes line;
  wasi_tls_bytes body;
  wtls_pem_block made = {{0}, false, NULL, 0};
  if (!find_line(&text, begin_mark, &line)) return WASI_TLS_PENDING;
  if (!read_label(line, begin_mark, made.label) || !take_body(&text, made.label, &body) ||
      !skip_headers(&body, &made.encrypted))
    return WASI_TLS_ERR_CERTIFICATE_FORMAT;
  if (!made.encrypted) {
    wasi_tls_result result = decode_body(allocator, body, &made);
    if (result != WASI_TLS_OK) return result;
  }
  if (strcmp(made.label, "ENCRYPTED PRIVATE KEY") == 0) made.encrypted = true;
  *block = made;
  *cursor = text;
  return WASI_TLS_OK;
}

void wtls_pem_block_clear(const wasi_tls_allocator *allocator, wtls_pem_block *block) {
  wtls_release_secret(allocator, block->der, block->der_len);
  *block = (wtls_pem_block){{0}, false, NULL, 0};
}

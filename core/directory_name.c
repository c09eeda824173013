/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "directory_name.h"

#include "der.h"

enum { UTF8_STRING = 0x0C, PRINTABLE_STRING = 0x13, IA5_STRING = 0x16, SET = 0x31 };

typedef struct attribute {
  wasi_tls_bytes type;
  uint8_t tag;
  wasi_tls_bytes value;
} attribute;

/* One attribute for each relative name: sets of several are not told apart here. */
static bool next_attribute(wasi_tls_bytes *from, attribute *out) {
  wasi_tls_bytes set;
  wasi_tls_bytes pair;
  return wtls_der_take(from, SET, &set) && wtls_der_only(set, WTLS_DER_SEQUENCE, &pair) &&
         wtls_der_take(&pair, WTLS_DER_OID, &out->type) && wtls_der_next(&pair, &out->tag, &out->value) &&
         pair.len == 0;
}

static bool is_comparable(const attribute *one) {
  return one->tag == UTF8_STRING || one->tag == PRINTABLE_STRING || one->tag == IA5_STRING;
}

static wasi_tls_bytes trim(wasi_tls_bytes text) {
  while (text.len != 0 && text.data[0] == ' ') {
    text.data++;
    text.len--;
  }
  while (text.len != 0 && text.data[text.len - 1] == ' ') text.len--;
  return text;
}

static uint8_t lower(uint8_t c) {
  return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

/* The last of a run of spaces, which counts as one. */
static size_t skip_spaces(wasi_tls_bytes text, size_t at) {
  while (text.data[at] == ' ' && text.data[at + 1] == ' ') at++; /* what is trimmed does not end in one */
  return at;
}

static bool is_same_text(wasi_tls_bytes a, wasi_tls_bytes b) {
  size_t i = 0;
  size_t j = 0;
  a = trim(a);
  b = trim(b);
  for (; i < a.len && j < b.len; i++, j++) {
    i = skip_spaces(a, i);
    j = skip_spaces(b, j);
    if (lower(a.data[i]) != lower(b.data[j])) return false;
  }
  return i == a.len && j == b.len;
}

static wtls_match compare(const attribute *a, const attribute *b) {
  if (!wtls_bytes_equal(a->type, b->type)) return WTLS_MATCH_NO;
  if (a->tag == b->tag && wtls_bytes_equal(a->value, b->value)) return WTLS_MATCH_YES;
  if (!is_comparable(a) || !is_comparable(b)) return WTLS_MATCH_UNKNOWN;
  return is_same_text(a->value, b->value) ? WTLS_MATCH_YES : WTLS_MATCH_NO;
}

wtls_match wtls_directory_name_within(wasi_tls_bytes name, wasi_tls_bytes base) {
  while (base.len != 0) {
    attribute in_base;
    attribute in_name;
    if (!next_attribute(&base, &in_base)) return WTLS_MATCH_UNKNOWN;
    if (name.len == 0) return WTLS_MATCH_NO;
    if (!next_attribute(&name, &in_name)) return WTLS_MATCH_UNKNOWN;
    wtls_match match = compare(&in_name, &in_base);
    if (match != WTLS_MATCH_YES) return match;
  }
  return WTLS_MATCH_YES;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "der.h"

#define TAG_NUMBER_FOLLOWS 0x1Fu
#define LONG_LENGTH 0x80u

/* A length in as few bytes as it can be written (X.690, section 10.1). */
static bool read_length(wasi_tls_bytes *from, size_t *len) {
  uint8_t first;
  if (!wtls_read_u8(from, &first)) return false;
  *len = first;
  if (first < LONG_LENGTH) return true;
  size_t count = first & ~LONG_LENGTH;
  wasi_tls_bytes bytes;
  if (count == 0 || count > 4 || !wtls_read_bytes(from, count, &bytes) || bytes.data[0] == 0) return false;
  uint32_t value = 0;
  for (size_t i = 0; i < count; i++) value = value << 8 | bytes.data[i];
  *len = value;
  return value >= LONG_LENGTH;
}

bool wtls_der_next(wasi_tls_bytes *from, uint8_t *tag, wasi_tls_bytes *contents) {
  wasi_tls_bytes rest = *from;
  size_t len;
  if (!wtls_read_u8(&rest, tag) || (*tag & TAG_NUMBER_FOLLOWS) == TAG_NUMBER_FOLLOWS) return false;
  if (!read_length(&rest, &len) || !wtls_read_bytes(&rest, len, contents)) return false;
  *from = rest;
  return true;
}

bool wtls_der_take(wasi_tls_bytes *from, uint8_t tag, wasi_tls_bytes *contents) {
  uint8_t found;
  if (from->len == 0 || from->data[0] != tag) return false;
  return wtls_der_next(from, &found, contents);
}

bool wtls_der_take_whole(wasi_tls_bytes *from, uint8_t tag, wasi_tls_bytes *whole) {
  wasi_tls_bytes before = *from;
  wasi_tls_bytes contents;
  if (!wtls_der_take(from, tag, &contents)) return false;
  *whole = (wasi_tls_bytes){before.data, before.len - from->len};
  return true;
}

bool wtls_der_take_optional(wasi_tls_bytes *from, uint8_t tag, wasi_tls_bytes *contents) {
  *contents = (wasi_tls_bytes){NULL, 0};
  return from->len == 0 || from->data[0] != tag || wtls_der_take(from, tag, contents);
}

bool wtls_der_skip_optional(wasi_tls_bytes *from, uint8_t tag) {
  wasi_tls_bytes contents;
  return wtls_der_take_optional(from, tag, &contents);
}

bool wtls_der_take_octets(wasi_tls_bytes *from, wasi_tls_bytes *octets) {
  wasi_tls_bytes rest = *from;
  uint8_t unused_bits;
  if (!wtls_der_take(&rest, WTLS_DER_BIT_STRING, octets) || !wtls_read_u8(octets, &unused_bits) || unused_bits != 0)
    return false;
  *from = rest;
  return true;
}

bool wtls_der_only(wasi_tls_bytes der, uint8_t tag, wasi_tls_bytes *contents) {
  return wtls_der_take(&der, tag, contents) && der.len == 0;
}

bool wtls_der_take_small(wasi_tls_bytes *from, uint8_t value) {
  wasi_tls_bytes rest = *from;
  wasi_tls_bytes contents;
  if (!wtls_der_take(&rest, WTLS_DER_INTEGER, &contents) || contents.len != 1 || contents.data[0] != value)
    return false;
  *from = rest;
  return true;
}

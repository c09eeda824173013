/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "reader.h"

#include <string.h>

bool wtls_read_bytes(wasi_tls_bytes *from, size_t len, wasi_tls_bytes *value) {
  if (len > from->len) return false;
  *value = (wasi_tls_bytes){from->data, len};
  if (len != 0) from->data += len; /* |data| may be NULL where there is nothing */
  from->len -= len;
  return true;
}

static bool read_number(wasi_tls_bytes *from, size_t size, uint32_t *value) {
  wasi_tls_bytes bytes;
  if (!wtls_read_bytes(from, size, &bytes)) return false;
  *value = 0;
  for (size_t i = 0; i < size; i++) *value = *value << 8 | bytes.data[i];
  return true;
}

bool wtls_read_u8(wasi_tls_bytes *from, uint8_t *value) {
  uint32_t number;
  if (!read_number(from, 1, &number)) return false;
  *value = (uint8_t)number;
  return true;
}

bool wtls_read_u16(wasi_tls_bytes *from, uint16_t *value) {
  uint32_t number;
  if (!read_number(from, 2, &number)) return false;
  *value = (uint16_t)number;
  return true;
}

bool wtls_read_u24(wasi_tls_bytes *from, uint32_t *value) {
  return read_number(from, 3, value);
}

static bool read_vector(wasi_tls_bytes *from, size_t size, wasi_tls_bytes *value) {
  wasi_tls_bytes rest = *from;
  uint32_t len;
  if (!read_number(&rest, size, &len) || !wtls_read_bytes(&rest, len, value)) return false;
  *from = rest;
  return true;
}

bool wtls_read_vector8(wasi_tls_bytes *from, wasi_tls_bytes *value) {
  return read_vector(from, 1, value);
}

bool wtls_read_vector16(wasi_tls_bytes *from, wasi_tls_bytes *value) {
  return read_vector(from, 2, value);
}

bool wtls_read_vector24(wasi_tls_bytes *from, wasi_tls_bytes *value) {
  return read_vector(from, 3, value);
}

bool wtls_bytes_equal(wasi_tls_bytes a, wasi_tls_bytes b) {
  return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

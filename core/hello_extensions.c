/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "hello_extensions.h"

bool wtls_hello_extension_next(wasi_tls_bytes *list, uint16_t *type, wasi_tls_bytes *value) {
  wasi_tls_bytes rest = *list;
  if (!wtls_read_u16(&rest, type) || !wtls_read_vector16(&rest, value)) return false;
  *list = rest;
  return true;
}

bool wtls_hello_extension_find(wasi_tls_bytes list, uint16_t type, wasi_tls_bytes *value) {
  uint16_t found;
  while (wtls_hello_extension_next(&list, &found, value))
    if (found == type) return true;
  return false;
}

bool wtls_hello_extension_set_add(wtls_hello_extension_set *set, uint16_t type) {
  uint8_t bit = (uint8_t)(1u << type % 8);
  bool added = (set->bits[type / 8] & bit) == 0;
  set->bits[type / 8] |= bit;
  return added;
}

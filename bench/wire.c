/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "wire.h"

#include <string.h>

size_t bench_wire_room(bench_wire *wire) {
  if (wire->start == wire->end) wire->start = wire->end = 0;
  return sizeof(wire->data) - wire->end;
}

void bench_wire_put(bench_wire *wire, const uint8_t *data, size_t len) {
  memcpy(wire->data + wire->end, data, len);
  wire->end += len;
}

size_t bench_wire_take(bench_wire *wire, uint8_t *buffer, size_t len) {
  size_t there = wire->end - wire->start;
  if (len > there) len = there;
  memcpy(buffer, wire->data + wire->start, len);
  wire->start += len;
  return len;
}

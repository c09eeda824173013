/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What the peer's flight of TLS 1.3 may not do, and the engine does not see: where in records its messages end. */
#include "backend_wolfssl.h"

enum { MESSAGE_FINISHED = 20, MESSAGE_HEADER = sizeof(((wtls_wolf_flight *)0)->header) };

/* Takes in a part of |data| that has nothing else behind it of the same kind: of a header, or of a body. */
static size_t advance(wtls_wolf_flight *flight, wasi_tls_bytes data) {
  if (flight->left != 0) {
    size_t step = flight->left < data.len ? flight->left : data.len;
    flight->left -= step;
    return step;
  }
  flight->header[flight->header_len++] = data.data[0];
  if (flight->header_len == MESSAGE_HEADER) {
    flight->left = (size_t)flight->header[1] << 16 | (size_t)flight->header[2] << 8 | flight->header[3];
    flight->header_len = 0;
  }
  return 1;
}

/* RFC 8446: a handshake record holds something (section 5.4), and nothing shares that of Finished (section 5.1). */
bool wtls_wolf_may_come_in_flight(wtls_wolf_flight *flight, wasi_tls_bytes content) {
  if (content.len == 0) return false;
  while (content.len != 0) {
    size_t step = advance(flight, content);
    content = (wasi_tls_bytes){content.data + step, content.len - step};
    bool at_end = flight->header_len == 0 && flight->left == 0;
    if (at_end && flight->header[0] == MESSAGE_FINISHED && content.len != 0) return false;
  }
  return true;
}

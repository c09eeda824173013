/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The frame of a TLS record (RFC 8446, section 5.1). */
#ifndef WASI_TLS_CORE_RECORD_H
#define WASI_TLS_CORE_RECORD_H

#include "reader.h"

enum {
  WTLS_RECORD_CHANGE_CIPHER_SPEC = 20,
  WTLS_RECORD_ALERT = 21,
  WTLS_RECORD_HANDSHAKE = 22,
  WTLS_RECORD_APPLICATION_DATA = 23
};

/* The first byte of the version, from SSL 3.0 to TLS 1.3. */
#define WTLS_RECORD_MAJOR_VERSION 3u

/* Type, version, length. */
#define WTLS_RECORD_HEADER 5u

/* RFC 5246, section 6.2.3: the longest fragment of TLS 1.2; that of TLS 1.3 is shorter. */
#define WTLS_RECORD_MAX_FRAGMENT 18432u

/* The record at the front of |data|, with its header. False if it is not whole yet. */
static inline bool wtls_record_next(wasi_tls_bytes data, wasi_tls_bytes *record) {
  if (data.len < WTLS_RECORD_HEADER) return false;
  size_t len = WTLS_RECORD_HEADER + ((size_t)data.data[3] << 8 | data.data[4]);
  return wtls_read_bytes(&data, len, record);
}

#endif

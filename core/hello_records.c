/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "hello_records.h"

#include <string.h>

#include "alert.h"
#include "record.h"

enum {
  RECORD_MAX = 1 << 14,
  SSL2_LENGTH_MARK = 0x80,
  HELLO_TYPE = 1 /* of SSL 2.0 too */
};

/* How far into the message the records seen have come. */
typedef struct progress {
  uint8_t header[WTLS_HANDSHAKE_HEADER];
  size_t have;
} progress;

static wasi_tls_result fail(uint8_t *alert, uint8_t value, wasi_tls_result result) {
  *alert = value;
  return result;
}

/* Whether this is TLS at all: asked first, so that a peer that waits for an answer to something else gets one. */
static wasi_tls_result check_first_bytes(wasi_tls_bytes wire, uint8_t *alert) {
  if (wire.len == 0) return WASI_TLS_PENDING;
  if ((wire.data[0] & SSL2_LENGTH_MARK) != 0) {
    if (wire.len < 3) return WASI_TLS_PENDING;
    bool is_hello = wire.data[2] == HELLO_TYPE;
    return fail(alert, is_hello ? WTLS_ALERT_PROTOCOL_VERSION : WTLS_ALERT_UNEXPECTED_MESSAGE, WASI_TLS_ERR_NOT_TLS);
  }
  if (wire.data[0] != WTLS_RECORD_HANDSHAKE) return fail(alert, WTLS_ALERT_UNEXPECTED_MESSAGE, WASI_TLS_ERR_NOT_TLS);
  if (wire.len > 1 && wire.data[1] != WTLS_RECORD_MAJOR_VERSION)
    return fail(alert, WTLS_ALERT_PROTOCOL_VERSION, WASI_TLS_ERR_NOT_TLS);
  return WASI_TLS_OK;
}

static wasi_tls_result read_record_header(wasi_tls_bytes *wire, uint16_t *len, uint8_t *alert) {
  uint8_t type;
  uint16_t version;
  if (!wtls_read_u8(wire, &type) || !wtls_read_u16(wire, &version) || !wtls_read_u16(wire, len))
    return WASI_TLS_PENDING;
  if (type != WTLS_RECORD_HANDSHAKE) return fail(alert, WTLS_ALERT_UNEXPECTED_MESSAGE, WASI_TLS_ERR_PROTOCOL);
  if (version >> 8 != WTLS_RECORD_MAJOR_VERSION) return fail(alert, WTLS_ALERT_PROTOCOL_VERSION, WASI_TLS_ERR_PROTOCOL);
  if (*len > RECORD_MAX) return fail(alert, WTLS_ALERT_RECORD_OVERFLOW, WASI_TLS_ERR_PROTOCOL);
  if (*len == 0) return fail(alert, WTLS_ALERT_UNEXPECTED_MESSAGE, WASI_TLS_ERR_PROTOCOL);
  return WASI_TLS_OK;
}

/* The message's length as its header gives it; 0 until that has arrived. */
static size_t message_len(const progress *seen) {
  wasi_tls_bytes header = {seen->header + 1, WTLS_HANDSHAKE_HEADER - 1};
  uint32_t body;
  if (seen->have < WTLS_HANDSHAKE_HEADER || !wtls_read_u24(&header, &body)) return 0;
  return WTLS_HANDSHAKE_HEADER + (size_t)body;
}

/* Goes through the fragment of a record, as much of it as is there; |wire| starts with it. */
static wasi_tls_result look_at_fragment(progress *seen, wasi_tls_bytes wire, size_t fragment_len, size_t limit,
                                        uint8_t *alert) {
  size_t here = wire.len < fragment_len ? wire.len : fragment_len;
  size_t end = seen->have + fragment_len;
  for (size_t i = 0; i < here && seen->have + i < WTLS_HANDSHAKE_HEADER; i++)
    seen->header[seen->have + i] = wire.data[i];
  seen->have += here;
  if (seen->have != 0 && seen->header[0] != HELLO_TYPE)
    return fail(alert, WTLS_ALERT_UNEXPECTED_MESSAGE, WASI_TLS_ERR_PROTOCOL);
  size_t len = message_len(seen);
  if (len > limit) return fail(alert, WTLS_ALERT_ILLEGAL_PARAMETER, WASI_TLS_ERR_LIMIT);
  if (len != 0 && end > len) return fail(alert, WTLS_ALERT_UNEXPECTED_MESSAGE, WASI_TLS_ERR_PROTOCOL);
  return here < fragment_len ? WASI_TLS_PENDING : WASI_TLS_OK;
}

static wasi_tls_result scan(wasi_tls_bytes wire, size_t limit, progress *seen, uint8_t *alert) {
  wasi_tls_result result = check_first_bytes(wire, alert);
  while (result == WASI_TLS_OK) {
    uint16_t fragment_len = 0;
    wasi_tls_bytes fragment;
    result = read_record_header(&wire, &fragment_len, alert);
    if (result == WASI_TLS_OK) result = look_at_fragment(seen, wire, fragment_len, limit, alert);
    if (result != WASI_TLS_OK || !wtls_read_bytes(&wire, fragment_len, &fragment)) break;
    if (seen->have == message_len(seen)) break;
  }
  return result;
}

wasi_tls_result wtls_hello_records_scan(wasi_tls_bytes wire, size_t limit, size_t *len, uint8_t *alert) {
  progress seen = {{0}, 0};
  wasi_tls_result result = scan(wire, limit, &seen, alert);
  if (result == WASI_TLS_OK) *len = seen.have;
  return result;
}

size_t wtls_hello_records_missing(wasi_tls_bytes wire) {
  progress seen = {{0}, 0};
  uint8_t alert;
  if (scan(wire, SIZE_MAX, &seen, &alert) != WASI_TLS_PENDING) return 1;
  size_t len = message_len(&seen);
  return len > seen.have ? len - seen.have : 1;
}

void wtls_hello_records_join(wasi_tls_bytes wire, uint8_t *message, size_t len) {
  size_t have = 0;
  uint16_t fragment_len;
  uint8_t alert;
  wasi_tls_bytes fragment;
  while (have < len && read_record_header(&wire, &fragment_len, &alert) == WASI_TLS_OK &&
         wtls_read_bytes(&wire, fragment_len, &fragment)) {
    memcpy(message + have, fragment.data, fragment.len);
    have += fragment.len;
  }
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * A bounded cursor over bytes that somebody else wrote. Each function takes from the front of |*from|;
 * where too little is left it answers false and leaves |*from| as it was.
 */
#ifndef WASI_TLS_CORE_READER_H
#define WASI_TLS_CORE_READER_H

#include <stdbool.h>

#include "wasi_tls/types.h"

bool wtls_read_bytes(wasi_tls_bytes *from, size_t len, wasi_tls_bytes *value);
/* Numbers, most significant byte first. */
bool wtls_read_u8(wasi_tls_bytes *from, uint8_t *value);
bool wtls_read_u16(wasi_tls_bytes *from, uint16_t *value);
bool wtls_read_u24(wasi_tls_bytes *from, uint32_t *value);
/* A vector of TLS (RFC 8446, section 3.4) behind a length of one, two or three bytes. */
bool wtls_read_vector8(wasi_tls_bytes *from, wasi_tls_bytes *value);
bool wtls_read_vector16(wasi_tls_bytes *from, wasi_tls_bytes *value);
bool wtls_read_vector24(wasi_tls_bytes *from, wasi_tls_bytes *value);

bool wtls_bytes_equal(wasi_tls_bytes a, wasi_tls_bytes b);

#endif

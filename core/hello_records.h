/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Finds the first handshake message of a client in plaintext records (RFC 8446, section 5.1). */
#ifndef WASI_TLS_CORE_HELLO_RECORDS_H
#define WASI_TLS_CORE_HELLO_RECORDS_H

#include "wasi_tls/error.h"
#include "wasi_tls/types.h"

/* Before the body of a handshake message: its type, and its length in three bytes. */
#define WTLS_HANDSHAKE_HEADER 4u

/*
 * WASI_TLS_OK: the records at the front of |wire| hold one ClientHello, |*len| bytes with its header, and end with it.
 * Otherwise as wtls_client_hello_read says.
 */
WASI_TLS_NODISCARD wasi_tls_result wtls_hello_records_scan(wasi_tls_bytes wire, size_t limit, size_t *len,
                                                           uint8_t *alert);

/* After WASI_TLS_PENDING: how many bytes more it takes at the least until the message can be complete. */
size_t wtls_hello_records_missing(wasi_tls_bytes wire);

/* Copies the message together, after a scan of the same |wire| has found |len|. */
void wtls_hello_records_join(wasi_tls_bytes wire, uint8_t *message, size_t len);

#endif

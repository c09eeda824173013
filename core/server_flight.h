/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The messages of a server's first flight that a guest decides on (RFC 8446 section 4, RFC 5246 section 7.4). */
#ifndef WASI_TLS_CORE_SERVER_FLIGHT_H
#define WASI_TLS_CORE_SERVER_FLIGHT_H

#include "memory.h"
#include "reader.h"

typedef enum wtls_message_type {
  WTLS_MESSAGE_HELLO_REQUEST = 0,
  WTLS_MESSAGE_SERVER_HELLO = 2,
  WTLS_MESSAGE_ENCRYPTED_EXTENSIONS = 8,
  WTLS_MESSAGE_CERTIFICATE = 11,
  WTLS_MESSAGE_SERVER_KEY_EXCHANGE = 12,
  WTLS_MESSAGE_CERTIFICATE_REQUEST = 13,
  WTLS_MESSAGE_SERVER_HELLO_DONE = 14,
  WTLS_MESSAGE_CERTIFICATE_STATUS = 22
} wtls_message_type;

/* A server's request for an identity, as the guest sees it. One block of memory. */
typedef struct wtls_identity_request {
  size_t scheme_count;
  uint16_t *schemes;
  size_t authority_count;
  wasi_tls_bytes *authorities;
} wtls_identity_request;

/* The next handshake message. False, and |*from| as it was, if it is not whole. */
bool wtls_message_next(wasi_tls_bytes *from, uint8_t *type, wasi_tls_bytes *body);

/*
 * The chain of a Certificate message, in an array of |*count| that points into |body|, to be released. OK, _PROTOCOL
 * (it is malformed), _OUT_OF_MEMORY.
 */
WASI_TLS_NODISCARD wasi_tls_result wtls_message_chain(wasi_tls_bytes body, bool tls13,
                                                      const wasi_tls_allocator *allocator, wasi_tls_bytes **chain,
                                                      size_t *count);

/* What a CertificateRequest asks for, copied. OK, _PROTOCOL, _OUT_OF_MEMORY. */
WASI_TLS_NODISCARD wasi_tls_result wtls_message_request(wasi_tls_bytes body, bool tls13,
                                                        const wasi_tls_allocator *allocator,
                                                        wtls_identity_request **request);

/* Room for a request with so much in it; the names are to be put behind |*names|. NULL without memory. */
wtls_identity_request *wtls_identity_request_new(const wasi_tls_allocator *allocator, size_t scheme_count,
                                                 size_t authority_count, size_t name_bytes, uint8_t **names);

#endif

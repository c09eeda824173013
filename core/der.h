/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * DER (X.690, section 10): elements with one-byte tags and definite, minimal lengths below 2^32.
 * As in reader.h, each function takes from the front of |*from|, or answers false and leaves it as it was.
 */
#ifndef WASI_TLS_CORE_DER_H
#define WASI_TLS_CORE_DER_H

#include "reader.h"

enum {
  WTLS_DER_BOOLEAN = 0x01,
  WTLS_DER_INTEGER = 0x02,
  WTLS_DER_BIT_STRING = 0x03,
  WTLS_DER_OCTET_STRING = 0x04,
  WTLS_DER_OID = 0x06,
  WTLS_DER_UTC_TIME = 0x17,
  WTLS_DER_GENERALIZED_TIME = 0x18,
  WTLS_DER_SEQUENCE = 0x30,
  WTLS_DER_CONTEXT = 0x80,    /* context-specific, primitive: OR with the number */
  WTLS_DER_CONSTRUCTED = 0x20 /* OR with WTLS_DER_CONTEXT */
};

/* The next element, whatever it is. */
bool wtls_der_next(wasi_tls_bytes *from, uint8_t *tag, wasi_tls_bytes *contents);
/* The next element, which must have |tag|. */
bool wtls_der_take(wasi_tls_bytes *from, uint8_t tag, wasi_tls_bytes *contents);
/* As wtls_der_take; |*whole| has tag and length too. */
bool wtls_der_take_whole(wasi_tls_bytes *from, uint8_t tag, wasi_tls_bytes *whole);
/* The next element if it has |tag|; |contents->data| is NULL otherwise. False only if it is malformed. */
bool wtls_der_take_optional(wasi_tls_bytes *from, uint8_t tag, wasi_tls_bytes *contents);
/* Steps over the next element if it has |tag|. False only if that one is malformed. */
bool wtls_der_skip_optional(wasi_tls_bytes *from, uint8_t tag);
/* |der| is exactly one element, with |tag|. */
bool wtls_der_only(wasi_tls_bytes der, uint8_t tag, wasi_tls_bytes *contents);
/* A small INTEGER, which must be |value|: below 128. */
bool wtls_der_take_small(wasi_tls_bytes *from, uint8_t value);
/* A BIT STRING of whole bytes. */
bool wtls_der_take_octets(wasi_tls_bytes *from, wasi_tls_bytes *octets);
/* A Time as RFC 5280, section 4.1.2.5, restricts it, in seconds since 1970. */
bool wtls_der_take_time(wasi_tls_bytes *from, int64_t *seconds);

#endif

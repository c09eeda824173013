/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * What a client has offered, as its engine sent it, and whether the server's answer keeps to that (RFC 8446 sections
 * 4.1.3, 4.1.4, 4.2 and 4.3; RFC 5246 section 7.4.1.3). Each engine looks at other parts of it by itself.
 */
#ifndef WASI_TLS_CORE_CLIENT_OFFER_H
#define WASI_TLS_CORE_CLIENT_OFFER_H

#include "buffer.h"

typedef struct wtls_client_offer {
  wtls_buffer hello; /* the ClientHello, with its header */
  bool replaced;     /* the next one that is sent takes its place */
  bool retried;      /* a HelloRetryRequest has come, which asked for these */
  uint16_t retry_suite;
  uint16_t retry_group; /* 0: for none */
  bool tls13;           /* the ServerHello chose it */
} wtls_client_offer;

/* What is wrong with a message; |alert| 0 for nothing. The text is static. */
typedef struct wtls_fault {
  uint8_t alert;
  const char *text;
} wtls_fault;

/* Keeps the ClientHello from what the engine sends. False without memory. */
bool wtls_client_offer_note(wtls_client_offer *offer, const wasi_tls_allocator *allocator, wasi_tls_bytes records);
/*
 * Holds the next message of the server's first flight to it. What can't be told from the messages alone, and what the
 * rules leave open, is the engine's to judge.
 */
wtls_fault wtls_client_offer_judge(wtls_client_offer *offer, uint8_t type, wasi_tls_bytes body);
void wtls_client_offer_clear(wtls_client_offer *offer, const wasi_tls_allocator *allocator);

#endif

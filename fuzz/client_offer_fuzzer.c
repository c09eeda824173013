/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * What a client sends, behind its length in two bytes, and the messages of a server that answers. The first is an
 * engine's own and the rest a stranger's, but neither may do harm.
 */
#include <stdlib.h>

#include "client_offer.h"
#include "reader.h"
#include "server_flight.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(wtls_client_offer *offer, wasi_tls_bytes messages) {
  wasi_tls_bytes body;
  uint8_t type;
  while (wtls_message_next(&messages, &type, &body)) {
    wtls_fault found = wtls_client_offer_judge(offer, type, body);
    if ((found.alert == 0) != (found.text == NULL)) abort();
    if (offer->tls13 && type == WTLS_MESSAGE_ENCRYPTED_EXTENSIONS && found.alert == 0 && body.len < 2) abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  wtls_client_offer offer = {.replaced = false};
  wasi_tls_bytes rest = {data, size};
  wasi_tls_bytes sent;
  if (wtls_read_vector16(&rest, &sent) && wtls_client_offer_note(&offer, &wtls_default_allocator, sent))
    judge(&offer, rest);
  wtls_client_offer_clear(&offer, &wtls_default_allocator);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Changes to a stream of TLS records (RFC 8446, section 5.1), and to the handshake messages in them. */
#ifndef WASI_TLS_FUZZ_MUTATION_H
#define WASI_TLS_FUZZ_MUTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RECORD_HEADER = 5, MESSAGE_HEADER = 4, MUTATION_BYTES = 5 };

typedef struct buffer {
  uint8_t *data;
  size_t len;
} buffer;

void buffer_append(buffer *self, const uint8_t *data, size_t len);
void buffer_take(buffer *self, size_t len);
void buffer_free(buffer *self);

/* One change, as an input has it: to which record of which direction, what, and with which two numbers. */
typedef struct mutation {
  uint8_t where; /* the high bit: to the server; the others: the record's number */
  uint8_t what;
  uint16_t at;
  uint8_t value;
} mutation;

/* What is known of one direction. */
typedef struct stream {
  unsigned records; /* that have passed */
  buffer held;      /* a record that is to come behind the next one */
} stream;

mutation mutation_read(const uint8_t *bytes);
/* Puts |record| behind what is in |out|, as those of |mutations| have it that are for it. */
void mutate_record(stream *self, bool to_server, const mutation *mutations, size_t count, const uint8_t *record,
                   size_t len, buffer *out);

#endif

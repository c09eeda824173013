/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "mutation.h"

#include <string.h>

#include "common.h"

enum { ALERT = 21, HANDSHAKE = 22, CHANGE_CIPHER_SPEC = 20, MAX_RECORD = 18432 };

void buffer_append(buffer *self, const uint8_t *data, size_t len) {
  if (len == 0) return;
  uint8_t *grown = realloc(self->data, self->len + len);
  REQUIRE(grown != NULL);
  memcpy(grown + self->len, data, len);
  self->data = grown;
  self->len += len;
}

void buffer_take(buffer *self, size_t len) {
  self->len -= len;
  if (self->len != 0) memmove(self->data, self->data + len, self->len);
}

void buffer_free(buffer *self) {
  free(self->data);
  *self = (buffer){0};
}

mutation mutation_read(const uint8_t *bytes) {
  return (mutation){bytes[0], bytes[1], (uint16_t)(bytes[2] << 8 | bytes[3]), bytes[4]};
}

static void append_record(buffer *out, uint8_t type, const uint8_t *payload, size_t len) {
  const uint8_t header[RECORD_HEADER] = {type, 3, 3, (uint8_t)(len >> 8), (uint8_t)len};
  buffer_append(out, header, sizeof(header));
  buffer_append(out, payload, len);
}

/* As records of up to |size| bytes. */
static void append_split(buffer *out, const buffer *record, size_t size) {
  for (size_t at = RECORD_HEADER; at < record->len; at += size) {
    size_t left = record->len - at;
    append_record(out, record->data[0], record->data + at, left < size ? left : size);
  }
}

static void set_record_length(buffer *record) {
  size_t len = record->len - RECORD_HEADER;
  record->data[3] = (uint8_t)(len >> 8);
  record->data[4] = (uint8_t)len;
}

/* Where the message number |number| of a record is; false if there are not as many. Of what is encrypted, anything may
 * be said. */
static bool find_message(const buffer *record, size_t number, size_t *start, size_t *end) {
  *end = RECORD_HEADER;
  for (size_t i = 0; i <= number; i++) {
    *start = *end;
    if (record->len - *start < MESSAGE_HEADER) return false;
    const uint8_t *header = record->data + *start;
    size_t len = (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
    if (record->len - *start - MESSAGE_HEADER < len) return false;
    *end = *start + MESSAGE_HEADER + len;
  }
  return true;
}

/* Puts |replacement| where |start| to |end| was. */
static void replace(buffer *record, size_t start, size_t end, const buffer *replacement) {
  buffer changed = {0};
  buffer_append(&changed, record->data, start);
  buffer_append(&changed, replacement->data, replacement->len);
  buffer_append(&changed, record->data + end, record->len - end);
  buffer_free(record);
  *record = changed;
  set_record_length(record);
}

static void set_message_length(buffer *message, size_t len) {
  message->data[1] = (uint8_t)(len >> 16);
  message->data[2] = (uint8_t)(len >> 8);
  message->data[3] = (uint8_t)len;
}

/* Changes a message in a record that is not encrypted. */
static void mutate_message(buffer *record, const mutation *change, size_t what) {
  size_t start = 0;
  size_t end = 0;
  if (record->data[0] != HANDSHAKE || !find_message(record, change->at >> 12, &start, &end)) return;
  size_t at = change->at & 0xFFF;
  buffer message = {0};
  buffer_append(&message, record->data + start, end - start);
  size_t next_start = 0;
  size_t next_end = 0;
  switch (what) {
    case 0: /* left out */
      message.len = 0;
      break;
    case 1: /* twice */
      buffer_append(&message, record->data + start, end - start);
      break;
    case 2: /* behind the next one */
      if (!find_message(record, (size_t)(change->at >> 12) + 1, &next_start, &next_end)) break;
      message.len = 0;
      buffer_append(&message, record->data + next_start, next_end - next_start);
      buffer_append(&message, record->data + start, end - start);
      end = next_end;
      break;
    case 3: /* of another length than it says */
      set_message_length(&message, message.len - MESSAGE_HEADER + change->value - 128);
      break;
    case 4: /* cut short, and it says so */
      if (at < MESSAGE_HEADER || at > message.len) break;
      message.len = at;
      set_message_length(&message, at - MESSAGE_HEADER);
      break;
    case 5: /* another byte */
      message.data[at % message.len] ^= change->value;
      break;
    default: /* another type */
      message.data[0] = change->value;
      break;
  }
  replace(record, start, end, &message);
  buffer_free(&message);
}

/* Changes a record, or puts something before it. */
static void mutate_one(stream *self, const mutation *change, buffer *record, buffer *out) {
  const uint8_t alert[] = {change->value & 1 ? 2 : 1, (uint8_t)change->at};
  uint8_t filler[64];
  memset(filler, change->value, sizeof(filler));
  size_t payload = record->len - RECORD_HEADER;
  switch (change->what % 20) {
    case 0: /* left out */
      record->len = 0;
      break;
    case 1: /* twice */
      buffer_append(out, record->data, record->len);
      break;
    case 2: /* behind the next one */
      buffer_append(&self->held, record->data, record->len);
      record->len = 0;
      break;
    case 3: /* cut short */
      record->len = change->at % record->len;
      break;
    case 4: /* cut short, and it says so */
      record->len = RECORD_HEADER + (payload == 0 ? 0 : change->at % payload);
      set_record_length(record);
      break;
    case 5: /* in pieces, as is allowed */
      append_split(out, record, change->at % MAX_RECORD + 1);
      record->len = 0;
      break;
    case 6: /* of another length than it says */
      record->data[3] = (uint8_t)(change->at >> 8);
      record->data[4] = (uint8_t)change->at;
      break;
    case 7:
      append_record(out, ALERT, alert, sizeof(alert));
      break;
    case 8:
      append_record(out, CHANGE_CIPHER_SPEC, (const uint8_t[]){1}, 1);
      break;
    case 9:
      append_record(out, (uint8_t)(20 + change->value % 5), NULL, 0);
      break;
    case 10: /* another byte */
      record->data[change->at % record->len] ^= change->value;
      break;
    case 11: /* another type, or another version */
      record->data[change->at % 3] = change->value;
      break;
    case 12: /* something made up */
      append_record(out, (uint8_t)change->at, filler, change->at % sizeof(filler));
      break;
    default:
      mutate_message(record, change, change->what % 20 - 13u);
      break;
  }
}

void mutate_record(stream *self, bool to_server, const mutation *mutations, size_t count, const uint8_t *data,
                   size_t len, buffer *out) {
  buffer record = {0};
  buffer_append(&record, data, len);
  buffer behind = self->held;
  self->held = (buffer){0};
  unsigned where = (to_server ? 128u : 0u) | (self->records & 127u);
  self->records++;
  for (size_t i = 0; i < count; i++) {
    /* What is left of a record that was cut short is no record. */
    if (mutations[i].where != where || record.len < RECORD_HEADER) continue;
    mutate_one(self, &mutations[i], &record, out);
  }
  buffer_append(out, record.data, record.len);
  buffer_append(out, behind.data, behind.len);
  buffer_free(&record);
  buffer_free(&behind);
}

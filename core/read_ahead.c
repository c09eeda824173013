/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "read_ahead.h"

#include "alert.h"
#include "endpoint.h"
#include "record.h"

#define READ_BYTES 4096u

struct wtls_read_ahead {
  bool over;            /* the engine gets everything */
  bool holding;         /* nothing is released until all is decided */
  bool encrypted;       /* the flight is one of TLS 1.3 */
  bool flight_complete; /* no request can come any more */
  uint64_t sequence;    /* of the next encrypted record */
  size_t held;          /* bytes that were looked at, and not released */
  wtls_buffer messages; /* handshake messages in cleartext */
  wasi_tls_bytes *chain;
  size_t chain_count;
  wtls_buffer certificates; /* what |chain| points into */
  wtls_identity_request *request;
  bool server_decided;
};

bool wtls_read_ahead_start(wasi_tls_endpoint *endpoint) {
  if (endpoint->backend->open_record == NULL) return true;
  endpoint->ahead = wtls_alloc(&endpoint->config->allocator, sizeof(*endpoint->ahead));
  if (endpoint->ahead == NULL) return false;
  wtls_gate_meter(&endpoint->gate, true);
  return true;
}

bool wtls_read_ahead_is_over(const wtls_read_ahead *ahead) {
  return ahead->over;
}

bool wtls_read_ahead_approved(const wtls_read_ahead *ahead, const wasi_tls_bytes *chain, size_t count) {
  if (!ahead->server_decided || count != ahead->chain_count) return false;
  for (size_t i = 0; i < count; i++)
    if (!wtls_bytes_equal(chain[i], ahead->chain[i])) return false;
  return true;
}

void wtls_read_ahead_visit(const wtls_read_ahead *ahead, bool (*visit)(void *context, wasi_tls_bytes certificate),
                           void *context) {
  for (size_t i = 0; i < ahead->chain_count; i++)
    if (!visit(context, ahead->chain[i])) return;
}

void wtls_read_ahead_free(wtls_read_ahead *ahead, const wasi_tls_allocator *allocator) {
  if (ahead == NULL) return;
  wtls_buffer_clear(&ahead->messages, allocator);
  wtls_buffer_clear(&ahead->certificates, allocator);
  wtls_release(allocator, ahead->chain);
  wtls_release(allocator, ahead->request);
  wtls_release(allocator, ahead);
}

static wtls_ahead_result finish(wasi_tls_endpoint *endpoint) {
  endpoint->ahead->over = true;
  wtls_gate_meter(&endpoint->gate, false);
  return WTLS_AHEAD_RELEASED;
}

/*
 * What follows takes something in: OK, _OUT_OF_MEMORY, or _PROTOCOL where it has no place here or can't be read, which
 * is then for the engine to judge.
 */

/* Keeps the chain, and what it points into: the engine's chain is compared with it later. */
static wasi_tls_result take_chain(wasi_tls_endpoint *endpoint, wasi_tls_bytes body) {
  wtls_read_ahead *ahead = endpoint->ahead;
  const wasi_tls_allocator *allocator = &endpoint->config->allocator;
  if (ahead->chain != NULL) return WASI_TLS_ERR_PROTOCOL;
  if (!wtls_buffer_append(&ahead->certificates, allocator, body.data, body.len)) return WASI_TLS_ERR_OUT_OF_MEMORY;
  return wtls_message_chain(wtls_buffer_bytes(&ahead->certificates), ahead->encrypted, allocator, &ahead->chain,
                            &ahead->chain_count);
}

static wasi_tls_result take_request(wasi_tls_endpoint *endpoint, wasi_tls_bytes body) {
  wtls_read_ahead *ahead = endpoint->ahead;
  if (ahead->request != NULL) return WASI_TLS_ERR_PROTOCOL;
  return wtls_message_request(body, ahead->encrypted, &endpoint->config->allocator, &ahead->request);
}

/* A message that nobody decides on, if it is in its place. */
static wasi_tls_result pass_over(bool in_place) {
  return in_place ? WASI_TLS_OK : WASI_TLS_ERR_PROTOCOL;
}

static wasi_tls_result take_message13(wasi_tls_endpoint *endpoint, uint8_t type, wasi_tls_bytes body) {
  wtls_read_ahead *ahead = endpoint->ahead;
  switch (type) {
    case WTLS_MESSAGE_ENCRYPTED_EXTENSIONS:
      return pass_over(!ahead->holding);
    case WTLS_MESSAGE_CERTIFICATE_REQUEST:
      ahead->holding = true;
      return take_request(endpoint, body);
    case WTLS_MESSAGE_CERTIFICATE:
      ahead->holding = true;
      ahead->flight_complete = true; /* a request comes before, or never */
      return take_chain(endpoint, body);
    default:
      return WASI_TLS_ERR_PROTOCOL;
  }
}

static wasi_tls_result take_message12(wasi_tls_endpoint *endpoint, uint8_t type, wasi_tls_bytes body) {
  wtls_read_ahead *ahead = endpoint->ahead;
  switch (type) {
    case WTLS_MESSAGE_HELLO_REQUEST:
    case WTLS_MESSAGE_SERVER_HELLO:
      return pass_over(!ahead->holding);
    case WTLS_MESSAGE_CERTIFICATE:
      ahead->holding = true;
      return take_chain(endpoint, body);
    case WTLS_MESSAGE_CERTIFICATE_STATUS:
    case WTLS_MESSAGE_SERVER_KEY_EXCHANGE:
      return pass_over(ahead->holding);
    case WTLS_MESSAGE_CERTIFICATE_REQUEST:
      ahead->flight_complete = true;
      return ahead->holding ? take_request(endpoint, body) : WASI_TLS_ERR_PROTOCOL;
    case WTLS_MESSAGE_SERVER_HELLO_DONE:
      ahead->flight_complete = true;
      return pass_over(ahead->holding);
    default:
      return WASI_TLS_ERR_PROTOCOL;
  }
}

/* RFC 8446, section 5.1: the keys change behind the ServerHello, so nothing may share its record. */
static bool spans_key_change(const wasi_tls_endpoint *endpoint, uint8_t type, wasi_tls_bytes rest) {
  return type == WTLS_MESSAGE_SERVER_HELLO && endpoint->offer.tls13 && rest.len != 0;
}

static wasi_tls_result take_message(wasi_tls_endpoint *endpoint, uint8_t type, wasi_tls_bytes body,
                                    wasi_tls_bytes rest) {
  wtls_fault found = wtls_client_offer_judge(&endpoint->offer, type, body);
  if (found.alert == 0 && spans_key_change(endpoint, type, rest))
    found = (wtls_fault){WTLS_ALERT_UNEXPECTED_MESSAGE, "something shares the record of the ServerHello"};
  if (found.alert != 0) return wtls_endpoint_refuse(endpoint, WASI_TLS_ERR_PROTOCOL, found.alert, found.text);
  return endpoint->ahead->encrypted ? take_message13(endpoint, type, body) : take_message12(endpoint, type, body);
}

/* The messages that are whole, up to the last one that the guest decides on. */
static wasi_tls_result take_messages(wasi_tls_endpoint *endpoint) {
  wtls_read_ahead *ahead = endpoint->ahead;
  wasi_tls_result result = WASI_TLS_OK;
  wasi_tls_bytes body;
  uint8_t type;
  while (result == WASI_TLS_OK && !ahead->flight_complete) {
    wasi_tls_bytes rest = wtls_buffer_bytes(&ahead->messages);
    size_t before = rest.len;
    if (!wtls_message_next(&rest, &type, &body)) break;
    result = take_message(endpoint, type, body, rest);
    wtls_buffer_consume(&ahead->messages, &endpoint->config->allocator, before - rest.len);
  }
  return result;
}

/* user_canceled ends nothing (RFC 8446, section 6.1); what more there is to it is the engine's, which gets it later. */
static bool is_passing_alert(wasi_tls_bytes alert) {
  return alert.len == 2 && alert.data[1] == WTLS_ALERT_USER_CANCELED;
}

static wasi_tls_result take_plain_record(wasi_tls_endpoint *endpoint, wasi_tls_bytes payload) {
  wtls_read_ahead *ahead = endpoint->ahead;
  if (ahead->encrypted) return WASI_TLS_ERR_PROTOCOL;
  if (!wtls_buffer_append(&ahead->messages, &endpoint->config->allocator, payload.data, payload.len))
    return WASI_TLS_ERR_OUT_OF_MEMORY;
  return take_messages(endpoint);
}

/* The engine must have had the ServerHello, and whatever else is plain, for the keys. */
static wasi_tls_result take_encrypted_record(wasi_tls_endpoint *endpoint, wasi_tls_bytes record) {
  wtls_read_ahead *ahead = endpoint->ahead;
  size_t len = 0;
  if (ahead->messages.len != 0 && !ahead->encrypted) return WASI_TLS_ERR_PROTOCOL;
  uint8_t *plain = wtls_buffer_reserve(&ahead->messages, &endpoint->config->allocator, record.len);
  if (plain == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  if (!endpoint->backend->open_record(endpoint->engine, ahead->sequence, record.data, record.len, plain, &len))
    return WASI_TLS_ERR_PROTOCOL;
  while (len != 0 && plain[len - 1] == 0) len--; /* RFC 8446, section 5.4 */
  if (len < 2) return WASI_TLS_ERR_PROTOCOL;
  bool passing = plain[len - 1] == WTLS_RECORD_ALERT && is_passing_alert((wasi_tls_bytes){plain, len - 1});
  if (!passing && plain[len - 1] != WTLS_RECORD_HANDSHAKE) return WASI_TLS_ERR_PROTOCOL;
  ahead->sequence++;
  ahead->encrypted = true;
  if (passing) return WASI_TLS_OK;
  wtls_buffer_added(&ahead->messages, len - 1);
  return take_messages(endpoint);
}

static wasi_tls_result take_record(wasi_tls_endpoint *endpoint, wasi_tls_bytes record) {
  wasi_tls_bytes payload = {record.data + WTLS_RECORD_HEADER, record.len - WTLS_RECORD_HEADER};
  switch (record.data[0]) {
    case WTLS_RECORD_CHANGE_CIPHER_SPEC:
      return WASI_TLS_OK;
    case WTLS_RECORD_ALERT:
      return is_passing_alert(payload) ? WASI_TLS_OK : WASI_TLS_ERR_PROTOCOL;
    case WTLS_RECORD_HANDSHAKE:
      return take_plain_record(endpoint, payload);
    case WTLS_RECORD_APPLICATION_DATA:
      return take_encrypted_record(endpoint, record);
    default:
      return WASI_TLS_ERR_PROTOCOL;
  }
}

/* The server's identity first, then the request: the order of the interface, whatever that of the wire. */
static wtls_ahead_result decide(wasi_tls_endpoint *endpoint) {
  wtls_read_ahead *ahead = endpoint->ahead;
  uint8_t alert = WTLS_ALERT_INTERNAL_ERROR;
  if (ahead->chain_count == 0) { /* RFC 8446, section 4.4.2.4 */
    (void)wtls_endpoint_refuse(endpoint, WASI_TLS_ERR_PROTOCOL, WTLS_ALERT_DECODE_ERROR,
                               "the server's Certificate holds none");
    return WTLS_AHEAD_FAILED;
  }
  wasi_tls_decision decision =
      wtls_endpoint_judge_peer(endpoint, ahead->chain, ahead->chain_count, WASI_TLS_VERIFY_OTHER, 0, &alert);
  if (decision == WASI_TLS_DECISION_REJECT) (void)wtls_endpoint_refuse_peer(endpoint, alert);
  if (decision == WASI_TLS_DECISION_REJECT) return WTLS_AHEAD_FAILED;
  if (decision == WASI_TLS_DECISION_SUSPEND) return WTLS_AHEAD_POINT;
  ahead->server_decided = true;
  return WTLS_AHEAD_PENDING;
}

static wtls_ahead_result answer(wasi_tls_endpoint *endpoint) {
  const wtls_identity_request *request = endpoint->ahead->request;
  void *identity = NULL;
  wasi_tls_backend_identity_request view = {NULL, 0, NULL, 0};
  if (request != NULL)
    view = (wasi_tls_backend_identity_request){request->schemes, request->scheme_count, request->authorities,
                                               request->authority_count};
  wasi_tls_decision decision = wtls_endpoint_answer_request(endpoint, request != NULL ? &view : NULL, &identity);
  if (decision == WASI_TLS_DECISION_SUSPEND) return WTLS_AHEAD_POINT;
  if (decision == WASI_TLS_DECISION_CONTINUE && request != NULL &&
      endpoint->backend->use_identity(endpoint->engine, identity) != WASI_TLS_OK)
    decision = WASI_TLS_DECISION_REJECT;
  if (decision == WASI_TLS_DECISION_CONTINUE) return finish(endpoint);
  (void)wtls_endpoint_refuse(endpoint, WASI_TLS_ERR_ENGINE, WTLS_ALERT_INTERNAL_ERROR,
                             "the client's identity could not be used");
  return WTLS_AHEAD_FAILED;
}

static wtls_ahead_result fail_memory(wasi_tls_endpoint *endpoint) {
  (void)wtls_endpoint_fail(endpoint, WASI_TLS_ERR_OUT_OF_MEMORY, "out of memory");
  return WTLS_AHEAD_FAILED;
}

/* What can't be a record, or a whole one, is the engine's to refuse. */
static bool is_malformed(wasi_tls_bytes data) {
  if (data.len < WTLS_RECORD_HEADER) return false;
  return ((size_t)data.data[3] << 8 | data.data[4]) > WTLS_RECORD_MAX_FRAGMENT;
}

static wasi_tls_bytes not_looked_at(const wasi_tls_endpoint *endpoint) {
  wasi_tls_bytes data = wtls_buffer_bytes(&endpoint->gate.read_ahead);
  wasi_tls_bytes seen;
  (void)wtls_read_bytes(&data, endpoint->gate.released + endpoint->ahead->held, &seen);
  return data;
}

/* Takes the record in; what comes before the guest's decisions is the engine's at once. */
static wtls_ahead_result pass_record(wasi_tls_endpoint *endpoint, wasi_tls_bytes record) {
  wtls_read_ahead *ahead = endpoint->ahead;
  wasi_tls_result result = take_record(endpoint, record);
  if (endpoint->error.result != WASI_TLS_OK) return WTLS_AHEAD_FAILED;
  if (result == WASI_TLS_ERR_OUT_OF_MEMORY) return fail_memory(endpoint);
  if (result != WASI_TLS_OK) return finish(endpoint);
  ahead->held += record.len;
  if (ahead->holding || ahead->messages.len != 0) return WTLS_AHEAD_PENDING;
  endpoint->gate.released += ahead->held;
  ahead->held = 0;
  return WTLS_AHEAD_RELEASED;
}

/* PENDING: looked at one more record. */
static wtls_ahead_result next_record(wasi_tls_endpoint *endpoint, bool *blocked) {
  wasi_tls_bytes data = not_looked_at(endpoint);
  wasi_tls_bytes record;
  while (!wtls_record_next(data, &record)) {
    if (is_malformed(data)) return finish(endpoint);
    wasi_tls_io io = wtls_gate_read_ahead(&endpoint->gate, READ_BYTES);
    *blocked = io == WASI_TLS_IO_BLOCKED;
    if (*blocked) return WTLS_AHEAD_PENDING;
    if (io == WASI_TLS_IO_FAILED && !endpoint->gate.input_failed && !endpoint->gate.over_limit)
      return fail_memory(endpoint);
    if (io != WASI_TLS_IO_OK) return finish(endpoint);
    data = not_looked_at(endpoint);
    wasi_tls_bytes fresh = data, seen;
    (void)wtls_read_bytes(&fresh, endpoint->heard, &seen);
    if (!wtls_endpoint_hears_tls(endpoint, fresh.data, fresh.len)) return WTLS_AHEAD_FAILED;
  }
  return pass_record(endpoint, record);
}

wtls_ahead_result wtls_read_ahead_advance(wasi_tls_endpoint *endpoint) {
  const wtls_read_ahead *ahead = endpoint->ahead;
  bool blocked = false;
  while (!blocked) {
    wtls_ahead_result result = WTLS_AHEAD_PENDING;
    if (ahead->server_decided && ahead->flight_complete) return answer(endpoint);
    if (ahead->chain != NULL && !ahead->server_decided)
      result = decide(endpoint);
    else
      result = next_record(endpoint, &blocked);
    if (result != WTLS_AHEAD_PENDING) return result;
  }
  return WTLS_AHEAD_PENDING;
}

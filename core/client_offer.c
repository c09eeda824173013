/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "client_offer.h"

#include <string.h>

#include "alert.h"
#include "hello_extensions.h"
#include "record.h"
#include "server_flight.h"
#include "wasi_tls/types.h"

enum { RANDOM_LEN = 32, SESSION_ID_MAX = 32, SIGNALLING_SUITE = 0x00FF /* RFC 5746, section 3.3 */ };

/* RFC 8446, section 4.1.3: the random of a HelloRetryRequest. */
static const uint8_t retry_random[RANDOM_LEN] = {0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C,
                                                 0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB,
                                                 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

static const wtls_fault none = {0, NULL};

static wtls_fault fault(uint8_t alert, const char *text) {
  return (wtls_fault){alert, text};
}

/* A ClientHello cut into its parts. */
typedef struct offered {
  wasi_tls_bytes session_id;
  wasi_tls_bytes suites;
  wasi_tls_bytes extensions;
} offered;

/* A ServerHello, or a HelloRetryRequest, likewise. */
typedef struct answer {
  uint16_t legacy_version;
  wasi_tls_bytes random;
  wasi_tls_bytes session_id;
  uint16_t suite;
  uint8_t compression;
  wasi_tls_bytes extensions;
} answer;

static bool is_whole(const wtls_client_offer *offer) {
  wasi_tls_bytes rest = wtls_buffer_bytes(&offer->hello);
  wasi_tls_bytes body;
  uint8_t type;
  return wtls_message_next(&rest, &type, &body);
}

bool wtls_client_offer_note(wtls_client_offer *offer, const wasi_tls_allocator *allocator, wasi_tls_bytes records) {
  wasi_tls_bytes record;
  if (offer->replaced) wtls_buffer_clear(&offer->hello, allocator);
  offer->replaced = false;
  while (!is_whole(offer) && wtls_record_next(records, &record)) {
    bool is_handshake = record.data[0] == WTLS_RECORD_HANDSHAKE;
    if (is_handshake && !wtls_buffer_append(&offer->hello, allocator, record.data + WTLS_RECORD_HEADER,
                                            record.len - WTLS_RECORD_HEADER))
      return false;
    (void)wtls_read_bytes(&records, record.len, &record);
  }
  return true;
}

void wtls_client_offer_clear(wtls_client_offer *offer, const wasi_tls_allocator *allocator) {
  wtls_buffer_clear(&offer->hello, allocator);
}

static bool read_offer(const wtls_client_offer *offer, offered *parts) {
  wasi_tls_bytes rest = wtls_buffer_bytes(&offer->hello);
  wasi_tls_bytes body, random, compression;
  uint16_t version;
  uint8_t type;
  return wtls_message_next(&rest, &type, &body) && wtls_read_u16(&body, &version) &&
         wtls_read_bytes(&body, RANDOM_LEN, &random) && wtls_read_vector8(&body, &parts->session_id) &&
         wtls_read_vector16(&body, &parts->suites) && wtls_read_vector8(&body, &compression) &&
         wtls_read_vector16(&body, &parts->extensions);
}

/* Up to TLS 1.2 it may end before its extensions. */
static bool read_answer(wasi_tls_bytes body, answer *parts) {
  *parts = (answer){.extensions = {NULL, 0}};
  return wtls_read_u16(&body, &parts->legacy_version) && wtls_read_bytes(&body, RANDOM_LEN, &parts->random) &&
         wtls_read_vector8(&body, &parts->session_id) && parts->session_id.len <= SESSION_ID_MAX &&
         wtls_read_u16(&body, &parts->suite) && wtls_read_u8(&body, &parts->compression) &&
         (body.len == 0 || wtls_read_vector16(&body, &parts->extensions)) && body.len == 0;
}

static bool has_code(wasi_tls_bytes list, uint16_t code) {
  uint16_t each;
  while (wtls_read_u16(&list, &each))
    if (each == code) return true;
  return false;
}

static bool offers_version(const offered *offer, uint16_t version) {
  wasi_tls_bytes value, versions;
  return wtls_hello_extension_find(offer->extensions, WTLS_EXTENSION_SUPPORTED_VERSIONS, &value) &&
         wtls_read_vector8(&value, &versions) && has_code(versions, version);
}

static bool offers_group(const offered *offer, uint16_t group) {
  wasi_tls_bytes value, groups;
  return wtls_hello_extension_find(offer->extensions, WTLS_EXTENSION_SUPPORTED_GROUPS, &value) &&
         wtls_read_vector16(&value, &groups) && has_code(groups, group);
}

static bool offers_share(const offered *offer, uint16_t group) {
  wasi_tls_bytes value, shares, share;
  uint16_t each;
  if (!wtls_hello_extension_find(offer->extensions, WTLS_EXTENSION_KEY_SHARE, &value) ||
      !wtls_read_vector16(&value, &shares))
    return false;
  while (wtls_hello_extension_next(&shares, &each, &share)) /* an entry is built as an extension is */
    if (each == group) return true;
  return false;
}

static bool offers_protocol(const offered *offer, wasi_tls_bytes protocol) {
  wasi_tls_bytes value, list, each;
  if (!wtls_hello_extension_find(offer->extensions, WTLS_EXTENSION_ALPN, &value) || !wtls_read_vector16(&value, &list))
    return false;
  while (wtls_read_vector8(&list, &each))
    if (wtls_bytes_equal(each, protocol)) return true;
  return false;
}

/* RFC 5746: by the extension, or by a suite that is none. */
static bool offers_renegotiation_info(const offered *offer) {
  wasi_tls_bytes value;
  return has_code(offer->suites, SIGNALLING_SUITE) ||
         wtls_hello_extension_find(offer->extensions, WTLS_EXTENSION_RENEGOTIATION_INFO, &value);
}

static bool may_come(const offered *offer, uint16_t type, bool retry) {
  wasi_tls_bytes value;
  if (retry && type == WTLS_EXTENSION_COOKIE) return true;
  if (type == WTLS_EXTENSION_RENEGOTIATION_INFO) return offers_renegotiation_info(offer);
  return wtls_hello_extension_find(offer->extensions, type, &value);
}

/* RFC 8446, section 4.2: each answers one of the client's, and comes once. */
static wtls_fault judge_extensions(const offered *offer, wasi_tls_bytes list, bool retry) {
  wtls_hello_extension_set seen = {{0}};
  while (list.len != 0) {
    wasi_tls_bytes value;
    uint16_t type;
    if (!wtls_hello_extension_next(&list, &type, &value))
      return fault(WTLS_ALERT_DECODE_ERROR, "the server's extensions are malformed");
    if (!wtls_hello_extension_set_add(&seen, type))
      return fault(WTLS_ALERT_ILLEGAL_PARAMETER, "the server sent an extension twice");
    if (!may_come(offer, type, retry))
      return fault(WTLS_ALERT_UNSUPPORTED_EXTENSION, "the server sent an extension that was not offered");
  }
  return none;
}

/* RFC 7301, section 3.1: a list of one, which was offered. */
static wtls_fault judge_protocol(const offered *offer, wasi_tls_bytes extensions) {
  wasi_tls_bytes value, list, protocol;
  if (!wtls_hello_extension_find(extensions, WTLS_EXTENSION_ALPN, &value)) return none;
  if (!wtls_read_vector16(&value, &list) || value.len != 0 || !wtls_read_vector8(&list, &protocol) || list.len != 0 ||
      protocol.len == 0)
    return fault(WTLS_ALERT_DECODE_ERROR, "the server did not choose one application protocol");
  if (!offers_protocol(offer, protocol))
    return fault(WTLS_ALERT_ILLEGAL_PARAMETER, "the server chose an application protocol that was not offered");
  return none;
}

/* RFC 5746, section 3.4: it is empty in the first handshake. A server that does not know it is not served. */
static wtls_fault judge_renegotiation_info(const offered *offer, wasi_tls_bytes extensions) {
  wasi_tls_bytes value, verify_data;
  if (!offers_renegotiation_info(offer)) return none;
  if (!wtls_hello_extension_find(extensions, WTLS_EXTENSION_RENEGOTIATION_INFO, &value))
    return fault(WTLS_ALERT_HANDSHAKE_FAILURE, "the server does not know secure renegotiation");
  if (!wtls_read_vector8(&value, &verify_data) || verify_data.len != 0 || value.len != 0)
    return fault(WTLS_ALERT_HANDSHAKE_FAILURE, "the server's renegotiation_info is of another handshake");
  return none;
}

/* What a ServerHello and a HelloRetryRequest of TLS 1.3 have in common. */
static wtls_fault judge_hello13(const offered *offer, const answer *hello, wasi_tls_bytes version) {
  uint16_t chosen;
  if (!wtls_read_u16(&version, &chosen) || version.len != 0)
    return fault(WTLS_ALERT_DECODE_ERROR, "the server's version is malformed");
  if (chosen < WASI_TLS_VERSION_TLS13 || !offers_version(offer, chosen))
    return fault(WTLS_ALERT_ILLEGAL_PARAMETER, "the server chose a version that was not offered");
  if (!wtls_bytes_equal(hello->session_id, offer->session_id))
    return fault(WTLS_ALERT_ILLEGAL_PARAMETER, "the server did not repeat the session id");
  if (hello->compression != 0) return fault(WTLS_ALERT_ILLEGAL_PARAMETER, "the server chose a compression");
  return none;
}

/* The group of the server's share; false where there is none to be read. */
static bool read_group(const answer *hello, uint16_t *group) {
  wasi_tls_bytes value;
  return wtls_hello_extension_find(hello->extensions, WTLS_EXTENSION_KEY_SHARE, &value) && wtls_read_u16(&value, group);
}

static wtls_fault judge_retry(wtls_client_offer *offer, const offered *parts, const answer *hello) {
  wasi_tls_bytes cookie;
  uint16_t group = 0;
  bool has_group = read_group(hello, &group);
  if (offer->retried) return fault(WTLS_ALERT_UNEXPECTED_MESSAGE, "the server asked for a retry again");
  if (!has_group && !wtls_hello_extension_find(hello->extensions, WTLS_EXTENSION_COOKIE, &cookie))
    return fault(WTLS_ALERT_ILLEGAL_PARAMETER, "the server asked for a retry that changes nothing");
  if (has_group && (!offers_group(parts, group) || offers_share(parts, group)))
    return fault(WTLS_ALERT_ILLEGAL_PARAMETER, "the server asked for a share that was sent, or of no offered group");
  offer->retried = offer->replaced = true;
  offer->retry_suite = hello->suite;
  offer->retry_group = group;
  return none;
}

static wtls_fault judge_choice13(wtls_client_offer *offer, const offered *parts, const answer *hello) {
  uint16_t group;
  offer->tls13 = true;
  if (offer->retried && hello->suite != offer->retry_suite)
    return fault(WTLS_ALERT_ILLEGAL_PARAMETER, "the server chose another suite than for its retry");
  if (!read_group(hello, &group)) return none;
  if (offer->retry_group != 0 ? group != offer->retry_group : !offers_share(parts, group))
    return fault(WTLS_ALERT_ILLEGAL_PARAMETER, "the server's share is of a group that no share was sent for");
  return none;
}

static wtls_fault judge_choice12(const wtls_client_offer *offer, const offered *parts, const answer *hello) {
  if (offer->retried) return fault(WTLS_ALERT_ILLEGAL_PARAMETER, "the server chose another version than for its retry");
  wtls_fault found = judge_renegotiation_info(parts, hello->extensions);
  return found.alert != 0 ? found : judge_protocol(parts, hello->extensions);
}

static wtls_fault judge_hello(wtls_client_offer *offer, const offered *parts, wasi_tls_bytes body) {
  answer hello;
  wasi_tls_bytes version;
  if (!read_answer(body, &hello)) return fault(WTLS_ALERT_DECODE_ERROR, "the ServerHello is malformed");
  if (hello.legacy_version < WASI_TLS_VERSION_TLS12) return none;
  bool retry = memcmp(hello.random.data, retry_random, RANDOM_LEN) == 0;
  wtls_fault found = judge_extensions(parts, hello.extensions, retry);
  if (found.alert != 0) return found;
  if (!has_code(parts->suites, hello.suite))
    return fault(WTLS_ALERT_ILLEGAL_PARAMETER, "the server chose a suite that was not offered");
  if (!wtls_hello_extension_find(hello.extensions, WTLS_EXTENSION_SUPPORTED_VERSIONS, &version))
    return judge_choice12(offer, parts, &hello);
  found = judge_hello13(parts, &hello, version);
  if (found.alert != 0) return found;
  return retry ? judge_retry(offer, parts, &hello) : judge_choice13(offer, parts, &hello);
}

static wtls_fault judge_encrypted_extensions(const offered *parts, wasi_tls_bytes body) {
  wasi_tls_bytes list;
  if (!wtls_read_vector16(&body, &list) || body.len != 0)
    return fault(WTLS_ALERT_DECODE_ERROR, "the server's EncryptedExtensions are malformed");
  wtls_fault found = judge_extensions(parts, list, false);
  return found.alert != 0 ? found : judge_protocol(parts, list);
}

/* RFC 8446, section 4.3.2: the context is for requests behind the handshake. */
static wtls_fault judge_request(wasi_tls_bytes body) {
  wasi_tls_bytes context;
  if (!wtls_read_vector8(&body, &context) || context.len == 0) return none;
  return fault(WTLS_ALERT_ILLEGAL_PARAMETER, "the server's request has a context");
}

wtls_fault wtls_client_offer_judge(wtls_client_offer *offer, uint8_t type, wasi_tls_bytes body) {
  offered parts;
  if (!read_offer(offer, &parts)) return none;
  switch (type) {
    case WTLS_MESSAGE_SERVER_HELLO:
      return judge_hello(offer, &parts, body);
    case WTLS_MESSAGE_ENCRYPTED_EXTENSIONS:
      return offer->tls13 ? judge_encrypted_extensions(&parts, body) : none;
    case WTLS_MESSAGE_CERTIFICATE_REQUEST:
      return offer->tls13 ? judge_request(body) : none;
    default:
      return none;
  }
}

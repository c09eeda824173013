/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "client_hello.h"

#include <string.h>

#include "alert.h"
#include "hello_extensions.h"
#include "hello_records.h"
#include "reader.h"

enum { RANDOM_LEN = 32, SESSION_ID_MAX = 32, HOST_NAME = 0, HOST_NAME_MAX = 255, NO_ALERT = 0, SSL3 = 0x0300 };

/* The message cut into its parts, which point into it. Lists of codes are as on the wire. */
typedef struct parts {
  uint16_t legacy_version;
  bool has_supported_versions;
  bool post_handshake_auth;
  bool has_alpn;
  wasi_tls_bytes compression_methods;
  wasi_tls_bytes server_name;
  wasi_tls_bytes alpn_ids; /* each behind its length */
  size_t alpn_id_count;
  wasi_tls_bytes cipher_suites;
  wasi_tls_bytes versions;
  wasi_tls_bytes groups;
  wasi_tls_bytes signature_schemes;
  wasi_tls_bytes certificate_schemes;
} parts;

/* The functions that read answer with an alert. */

static uint8_t require(bool well_formed) {
  return well_formed ? NO_ALERT : WTLS_ALERT_DECODE_ERROR;
}

static bool are_codes(wasi_tls_bytes list) {
  return list.len != 0 && list.len % 2 == 0;
}

static uint8_t read_codes(wasi_tls_bytes data, wasi_tls_bytes *list) {
  return require(wtls_read_vector16(&data, list) && data.len == 0 && are_codes(*list));
}

/* ASCII without blanks and control characters: what a host name can't have, and what must not get into logs. */
static bool is_host_name(wasi_tls_bytes name) {
  if (name.len == 0 || name.len > HOST_NAME_MAX) return false;
  for (size_t i = 0; i < name.len; i++)
    if (name.data[i] <= ' ' || name.data[i] > '~') return false;
  return true;
}

/* RFC 6066, section 3. There is but one type of name, and at most one of each type. */
static uint8_t read_server_name(wasi_tls_bytes data, wasi_tls_bytes *name) {
  wasi_tls_bytes list;
  uint8_t type;
  if (!wtls_read_vector16(&data, &list) || data.len != 0 || !wtls_read_u8(&list, &type) || type != HOST_NAME ||
      !wtls_read_vector16(&list, name))
    return WTLS_ALERT_DECODE_ERROR;
  if (list.len != 0 && list.data[0] == HOST_NAME) return WTLS_ALERT_ILLEGAL_PARAMETER;
  return require(list.len == 0 && is_host_name(*name));
}

/* RFC 7301, section 3.1. */
static uint8_t read_alpn(wasi_tls_bytes data, parts *hello) {
  wasi_tls_bytes list;
  wasi_tls_bytes id;
  if (!wtls_read_vector16(&data, &list) || data.len != 0 || list.len == 0) return WTLS_ALERT_DECODE_ERROR;
  hello->has_alpn = true;
  hello->alpn_ids = list;
  for (; list.len != 0; hello->alpn_id_count++)
    if (!wtls_read_vector8(&list, &id) || id.len == 0) return WTLS_ALERT_DECODE_ERROR;
  return NO_ALERT;
}

static uint8_t read_extension(uint16_t type, wasi_tls_bytes data, parts *hello) {
  switch (type) {
    case WTLS_EXTENSION_SERVER_NAME:
      return read_server_name(data, &hello->server_name);
    case WTLS_EXTENSION_SUPPORTED_GROUPS:
      return read_codes(data, &hello->groups);
    case WTLS_EXTENSION_SIGNATURE_ALGORITHMS:
      return read_codes(data, &hello->signature_schemes);
    case WTLS_EXTENSION_SIGNATURE_ALGORITHMS_CERT:
      return read_codes(data, &hello->certificate_schemes);
    case WTLS_EXTENSION_ALPN:
      return read_alpn(data, hello);
    case WTLS_EXTENSION_SUPPORTED_VERSIONS:
      hello->has_supported_versions = true;
      return require(wtls_read_vector8(&data, &hello->versions) && data.len == 0 && are_codes(hello->versions));
    case WTLS_EXTENSION_POST_HANDSHAKE_AUTH:
      hello->post_handshake_auth = true;
      return require(data.len == 0);
    default:
      return NO_ALERT;
  }
}

/* Up to TLS 1.2 a hello may end before its extensions. */
static uint8_t read_extensions(wasi_tls_bytes rest, parts *hello) {
  wtls_hello_extension_set seen = {{0}};
  wasi_tls_bytes list;
  if (rest.len == 0) return NO_ALERT;
  if (!wtls_read_vector16(&rest, &list) || rest.len != 0) return WTLS_ALERT_DECODE_ERROR;
  while (list.len != 0) {
    uint16_t type;
    wasi_tls_bytes data;
    if (!wtls_hello_extension_next(&list, &type, &data)) return WTLS_ALERT_DECODE_ERROR;
    if (!wtls_hello_extension_set_add(&seen, type)) return WTLS_ALERT_ILLEGAL_PARAMETER;
    uint8_t alert = read_extension(type, data, hello);
    if (alert != NO_ALERT) return alert;
  }
  return NO_ALERT;
}

static uint8_t read_body(wasi_tls_bytes body, parts *hello) {
  wasi_tls_bytes random;
  wasi_tls_bytes session_id;
  if (!wtls_read_u16(&body, &hello->legacy_version) || !wtls_read_bytes(&body, RANDOM_LEN, &random) ||
      !wtls_read_vector8(&body, &session_id) || session_id.len > SESSION_ID_MAX ||
      !wtls_read_vector16(&body, &hello->cipher_suites) || !are_codes(hello->cipher_suites) ||
      !wtls_read_vector8(&body, &hello->compression_methods) || hello->compression_methods.len == 0)
    return WTLS_ALERT_DECODE_ERROR;
  if (memchr(hello->compression_methods.data, 0, hello->compression_methods.len) == NULL)
    return WTLS_ALERT_ILLEGAL_PARAMETER;
  return read_extensions(body, hello);
}

static wtls_codes take_codes(wasi_tls_bytes list, uint16_t **room) {
  wtls_codes codes = {*room, list.len / 2};
  while (wtls_read_u16(&list, *room)) ++*room;
  return codes;
}

static void take_alpn_ids(wasi_tls_bytes list, wasi_tls_bytes *ids) {
  while (wtls_read_vector8(&list, ids)) ids++;
}

/* The order inside of the block: the struct, the array of ALPN ids, codes, bytes; so each is aligned. */
static wtls_hello *assemble(const wasi_tls_allocator *allocator, const parts *from) {
  size_t codes_len = from->cipher_suites.len + from->versions.len + from->groups.len + from->signature_schemes.len +
                     from->certificate_schemes.len;
  size_t ids_len = from->alpn_id_count * sizeof(wasi_tls_bytes);
  size_t name_room = from->server_name.len + 1;
  wtls_hello *hello = wtls_alloc(allocator, sizeof(*hello) + ids_len + codes_len + name_room + from->alpn_ids.len);
  if (hello == NULL) return NULL;
  wasi_tls_bytes *ids = (wasi_tls_bytes *)(hello + 1);
  uint16_t *codes = (uint16_t *)(ids + from->alpn_id_count);
  hello->legacy_version = from->legacy_version;
  hello->has_supported_versions = from->has_supported_versions;
  hello->post_handshake_auth = from->post_handshake_auth;
  hello->has_alpn = from->has_alpn;
  hello->cipher_suites = take_codes(from->cipher_suites, &codes);
  hello->versions = take_codes(from->versions, &codes);
  hello->groups = take_codes(from->groups, &codes);
  hello->signature_schemes = take_codes(from->signature_schemes, &codes);
  hello->certificate_schemes = take_codes(from->certificate_schemes, &codes);
  uint8_t *bytes = (uint8_t *)codes;
  if (from->server_name.len != 0) {
    memcpy(bytes, from->server_name.data, from->server_name.len);
    hello->server_name = (wasi_tls_bytes){bytes, from->server_name.len};
  }
  if (from->has_alpn) {
    memcpy(bytes + name_room, from->alpn_ids.data, from->alpn_ids.len);
    take_alpn_ids((wasi_tls_bytes){bytes + name_room, from->alpn_ids.len}, ids);
    hello->alpn_ids = ids;
    hello->alpn_id_count = from->alpn_id_count;
  }
  return hello;
}

/* What is well formed, but not for us. */
static wasi_tls_result judge(const wtls_hello *hello, wasi_tls_bytes compression_methods, uint8_t *alert) {
  if (hello->legacy_version <= SSL3 || wtls_hello_best_version(hello, WASI_TLS_VERSION_TLS12, UINT16_MAX) == 0) {
    *alert = WTLS_ALERT_PROTOCOL_VERSION;
    return WASI_TLS_ERR_PROTOCOL_VERSION;
  }
  if (wtls_codes_contain(hello->versions, WASI_TLS_VERSION_TLS13) && compression_methods.len != 1) {
    *alert = WTLS_ALERT_ILLEGAL_PARAMETER;
    return WASI_TLS_ERR_PROTOCOL;
  }
  return WASI_TLS_OK;
}

static wasi_tls_result read_message(const wasi_tls_allocator *allocator, wasi_tls_bytes message, wtls_hello **hello,
                                    uint8_t *alert) {
  parts found = {0};
  *alert =
      read_body((wasi_tls_bytes){message.data + WTLS_HANDSHAKE_HEADER, message.len - WTLS_HANDSHAKE_HEADER}, &found);
  if (*alert != NO_ALERT) return WASI_TLS_ERR_PROTOCOL;
  wtls_hello *made = assemble(allocator, &found);
  if (made == NULL) {
    *alert = WTLS_ALERT_INTERNAL_ERROR;
    return WASI_TLS_ERR_OUT_OF_MEMORY;
  }
  wasi_tls_result result = judge(made, found.compression_methods, alert);
  if (result == WASI_TLS_OK)
    *hello = made;
  else
    wtls_release(allocator, made);
  return result;
}

wasi_tls_result wtls_client_hello_read(const wasi_tls_allocator *allocator, wasi_tls_bytes wire, size_t limit,
                                       wtls_hello **hello, uint8_t *alert) {
  size_t len = 0;
  wasi_tls_result result = wtls_hello_records_scan(wire, limit, &len, alert);
  if (result != WASI_TLS_OK) return result;
  uint8_t *message = wtls_alloc(allocator, len);
  if (message == NULL) {
    *alert = WTLS_ALERT_INTERNAL_ERROR;
    return WASI_TLS_ERR_OUT_OF_MEMORY;
  }
  wtls_hello_records_join(wire, message, len);
  result = read_message(allocator, (wasi_tls_bytes){message, len}, hello, alert);
  wtls_release(allocator, message);
  return result;
}

bool wtls_codes_contain(wtls_codes codes, uint16_t code) {
  for (size_t i = 0; i < codes.count; i++)
    if (codes.codes[i] == code) return true;
  return false;
}

/* RFC 8446, section 4.2.1: without supported_versions it is TLS 1.2 at best, whatever legacy_version says. */
static bool offers(const wtls_hello *hello, wasi_tls_protocol_version version) {
  if (hello->has_supported_versions) return wtls_codes_contain(hello->versions, version);
  return version == WASI_TLS_VERSION_TLS12 && hello->legacy_version >= WASI_TLS_VERSION_TLS12;
}

wasi_tls_protocol_version wtls_hello_best_version(const wtls_hello *hello, wasi_tls_protocol_version min,
                                                  wasi_tls_protocol_version max) {
  for (wasi_tls_protocol_version version = WASI_TLS_VERSION_TLS13; version >= WASI_TLS_VERSION_TLS12; version--)
    if (version >= min && version <= max && offers(hello, version)) return version;
  return 0;
}

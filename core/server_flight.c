/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "server_flight.h"

#include <string.h>

#include "hello_extensions.h"

bool wtls_message_next(wasi_tls_bytes *from, uint8_t *type, wasi_tls_bytes *body) {
  wasi_tls_bytes rest = *from;
  if (!wtls_read_u8(&rest, type) || !wtls_read_vector24(&rest, body)) return false;
  *from = rest;
  return true;
}

/* An entry of certificate_list: under TLS 1.3 extensions follow each certificate. */
static bool next_certificate(wasi_tls_bytes *list, bool tls13, wasi_tls_bytes *certificate) {
  wasi_tls_bytes extensions;
  return wtls_read_vector24(list, certificate) && (!tls13 || wtls_read_vector16(list, &extensions));
}

static bool count_certificates(wasi_tls_bytes list, bool tls13, size_t *count) {
  wasi_tls_bytes certificate;
  for (*count = 0; list.len != 0; ++*count)
    if (!next_certificate(&list, tls13, &certificate)) return false;
  return true;
}

wasi_tls_result wtls_message_chain(wasi_tls_bytes body, bool tls13, const wasi_tls_allocator *allocator,
                                   wasi_tls_bytes **chain, size_t *count) {
  wasi_tls_bytes context;
  wasi_tls_bytes list;
  size_t total;
  if ((tls13 && !wtls_read_vector8(&body, &context)) || !wtls_read_vector24(&body, &list) || body.len != 0 ||
      !count_certificates(list, tls13, &total))
    return WASI_TLS_ERR_PROTOCOL;
  wasi_tls_bytes *items = wtls_alloc_array(allocator, total + 1, sizeof(*items));
  if (items == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  for (size_t i = 0; i < total; i++) (void)next_certificate(&list, tls13, &items[i]);
  *chain = items;
  *count = total;
  return WASI_TLS_OK;
}

/* The parts of a CertificateRequest, as vectors without their lengths. */
typedef struct request_parts {
  wasi_tls_bytes schemes;
  wasi_tls_bytes authorities;
} request_parts;

static bool split_request12(wasi_tls_bytes body, request_parts *parts) {
  wasi_tls_bytes certificate_types;
  return wtls_read_vector8(&body, &certificate_types) && wtls_read_vector16(&body, &parts->schemes) &&
         wtls_read_vector16(&body, &parts->authorities) && body.len == 0;
}

static bool split_request13(wasi_tls_bytes body, request_parts *parts) {
  wasi_tls_bytes context;
  wasi_tls_bytes extensions;
  if (!wtls_read_vector8(&body, &context) || !wtls_read_vector16(&body, &extensions) || body.len != 0) return false;
  while (extensions.len != 0) {
    uint16_t type;
    wasi_tls_bytes value;
    if (!wtls_hello_extension_next(&extensions, &type, &value)) return false;
    bool read = true;
    if (type == WTLS_EXTENSION_SIGNATURE_ALGORITHMS) read = wtls_read_vector16(&value, &parts->schemes);
    if (type == WTLS_EXTENSION_CERTIFICATE_AUTHORITIES) read = wtls_read_vector16(&value, &parts->authorities);
    if (!read) return false;
  }
  return true;
}

static bool measure_authorities(wasi_tls_bytes list, size_t *count, size_t *bytes) {
  wasi_tls_bytes name;
  *bytes = 0;
  for (*count = 0; list.len != 0; ++*count) {
    if (!wtls_read_vector16(&list, &name)) return false;
    *bytes += name.len;
  }
  return true;
}

/* One block: the struct, the array of names, the schemes, the names. */
wtls_identity_request *wtls_identity_request_new(const wasi_tls_allocator *allocator, size_t scheme_count,
                                                 size_t authority_count, size_t name_bytes, uint8_t **names) {
  size_t arrays = authority_count * sizeof(wasi_tls_bytes) + scheme_count * sizeof(uint16_t);
  wtls_identity_request *request = wtls_alloc(allocator, sizeof(*request) + arrays + name_bytes);
  if (request == NULL) return NULL;
  request->authorities = (wasi_tls_bytes *)(request + 1);
  request->authority_count = authority_count;
  request->schemes = (uint16_t *)(void *)(request->authorities + authority_count);
  request->scheme_count = scheme_count;
  *names = (uint8_t *)(request->schemes + scheme_count);
  return request;
}

wasi_tls_result wtls_message_request(wasi_tls_bytes body, bool tls13, const wasi_tls_allocator *allocator,
                                     wtls_identity_request **request) {
  request_parts parts = {{NULL, 0}, {NULL, 0}};
  size_t count;
  size_t bytes;
  uint8_t *names;
  if (!(tls13 ? split_request13(body, &parts) : split_request12(body, &parts)) || parts.schemes.len % 2 != 0 ||
      !measure_authorities(parts.authorities, &count, &bytes))
    return WASI_TLS_ERR_PROTOCOL;
  wtls_identity_request *made = wtls_identity_request_new(allocator, parts.schemes.len / 2, count, bytes, &names);
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  for (size_t i = 0; i < made->scheme_count; i++) (void)wtls_read_u16(&parts.schemes, &made->schemes[i]);
  for (size_t i = 0; i < count; i++) {
    wasi_tls_bytes name;
    (void)wtls_read_vector16(&parts.authorities, &name);
    if (name.len != 0) memcpy(names, name.data, name.len);
    made->authorities[i] = (wasi_tls_bytes){names, name.len};
    names += name.len;
  }
  *request = made;
  return WASI_TLS_OK;
}

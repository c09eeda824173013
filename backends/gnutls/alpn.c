/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Application protocols. A server's is the core's choice. What a server chose is read from its message: of a choice
 * that was not offered the engine itself would say nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "backend_gnutls.h"

enum { EXTENSION_ALPN = 16, MOST_PROTOCOLS = 8, LONGEST_PROTOCOL = 31 };

/* Whether they have room in the engine's own table. */
static bool do_fit(const wasi_tls_bytes *ids, size_t count) {
  if (count > MOST_PROTOCOLS) return false;
  for (size_t i = 0; i < count; i++)
    if (ids[i].len > LONGEST_PROTOCOL) return false;
  return true;
}

static wasi_tls_result set_table(gnutls_session_t session, const wasi_tls_bytes *ids, size_t count) {
  gnutls_datum_t offered[MOST_PROTOCOLS];
  for (size_t i = 0; i < count; i++) offered[i] = wtls_gnutls_datum(ids[i]);
  int set = gnutls_alpn_set_protocols(session, offered, (unsigned int)count, 0);
  return set == GNUTLS_E_SUCCESS ? WASI_TLS_OK : wtls_gnutls_result(set);
}

static int send_list(gnutls_session_t session, gnutls_buffer_t extension) {
  const wtls_gnutls_connection *connection = gnutls_session_get_ptr(session);
  int added = gnutls_buffer_append_data(extension, connection->protocol_list, connection->protocol_list_len);
  return added < 0 ? added : (int)connection->protocol_list_len;
}

/* The hooks read it. */
static int pass_over(gnutls_session_t session, const unsigned char *data, size_t len) {
  (void)session;
  (void)data;
  (void)len;
  return 0;
}

static bool make_list(wtls_gnutls_connection *connection, const wasi_tls_bytes *ids, size_t count) {
  size_t len = 0;
  for (size_t i = 0; i < count; i++) len += 1 + ids[i].len;
  uint8_t *end = malloc(len + 2);
  if (end == NULL) return false;
  connection->protocol_list = end;
  connection->protocol_list_len = len + 2;
  *end++ = (uint8_t)(len >> 8);
  *end++ = (uint8_t)len;
  for (size_t i = 0; i < count; i++) {
    *end++ = (uint8_t)ids[i].len;
    memcpy(end, ids[i].data, ids[i].len);
    end += ids[i].len;
  }
  return true;
}

/*
 * More of them or longer ones go in an extension of our own. The engine lets none be registered under a number that it
 * handles itself; what it puts on the wire of a number are the lower 16 bits. Where it should refuse this one as well,
 * so do we.
 */
static wasi_tls_result set_list(wtls_gnutls_connection *connection, const wasi_tls_bytes *ids, size_t count) {
  enum { SAME_ON_THE_WIRE = 0x10000 + EXTENSION_ALPN };
  if (!make_list(connection, ids, count)) return WASI_TLS_ERR_OUT_OF_MEMORY;
  int set = gnutls_session_ext_register(connection->session, "alpn", SAME_ON_THE_WIRE, GNUTLS_EXT_MANDATORY, pass_over,
                                        send_list, NULL, NULL, NULL, 0);
  if (set == GNUTLS_E_SUCCESS) return WASI_TLS_OK;
  return set == GNUTLS_E_MEMORY_ERROR ? WASI_TLS_ERR_OUT_OF_MEMORY : WASI_TLS_ERR_UNSUPPORTED;
}

wasi_tls_result wtls_gnutls_set_protocols(wtls_gnutls_connection *connection, const wasi_tls_bytes *ids, size_t count) {
  if (count == 0) return WASI_TLS_OK;
  return do_fit(ids, count) ? set_table(connection->session, ids, count) : set_list(connection, ids, count);
}

void wtls_gnutls_drop_protocols(wtls_gnutls_connection *connection) {
  free(connection->protocol_list);
  connection->protocol_list = NULL;
}

/* RFC 7301, section 3.1: a list of exactly one. */
static int note_extension(void *opaque, unsigned int id, const unsigned char *data, unsigned int len) {
  wtls_gnutls_connection *connection = opaque;
  if (id != EXTENSION_ALPN) return 0;
  if (len < 4 || (data[0] << 8 | data[1]) != (int)len - 2 || data[2] == 0 || data[2] != len - 3)
    return GNUTLS_E_UNEXPECTED_EXTENSIONS_LENGTH;
  uint8_t *protocol = malloc(data[2]);
  if (protocol == NULL) return GNUTLS_E_MEMORY_ERROR;
  memcpy(protocol, data + 3, data[2]);
  free(connection->protocol);
  connection->protocol = protocol;
  connection->protocol_len = data[2];
  return 0;
}

int wtls_gnutls_note_protocol(wtls_gnutls_connection *connection, const gnutls_datum_t *extensions) {
  return extensions->size != 0 ? gnutls_ext_raw_parse(connection, note_extension, extensions, 0) : 0;
}

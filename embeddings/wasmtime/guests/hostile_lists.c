/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 *   lists
 *
 * Lists and strings beyond all measure are refused, and what was configured before stays. The largest that are allowed
 * are taken.
 */
#include <stdlib.h>
#include <string.h>

#include "shared/hostile.h"

enum { MOST_IDS = 64, MOST_IDENTITIES = 16, MANY = 100000, MOST_LENT = 10000, HUGE = 10 << 20 };

static void *make(size_t count, size_t size) {
  void *made = calloc(count, size);
  check(made != NULL, "memory");
  return made;
}

static bool configure_ids(role role, handle handshake, wasi_tls_types_alpn_id_t *ids, size_t count) {
  wasi_tls_types_list_alpn_id_t list = {ids, count};
  return role == CLIENT ? wasi_tls_types_method_client_handshake_configure_alpn_ids(
                              (wasi_tls_types_borrow_client_handshake_t){handshake}, &list)
                        : wasi_tls_types_method_server_handshake_configure_alpn_ids(
                              (wasi_tls_types_borrow_server_handshake_t){handshake}, &list);
}

static void try_ids(role role, handle handshake) {
  uint8_t *data = make(HUGE, 1);
  wasi_tls_types_alpn_id_t *ids = make(MANY, sizeof(*ids));
  memset(data, 'a', HUGE);
  for (size_t i = 0; i < MANY; i++) ids[i] = (wasi_tls_types_alpn_id_t){data, 1};
  check(!configure_ids(role, handshake, ids, MANY), "a hundred thousand ids");
  check(!configure_ids(role, handshake, ids, MOST_IDS + 1), "one id too many");
  ids[0].len = HUGE;
  check(!configure_ids(role, handshake, ids, 1), "an id of megabytes");
  ids[0].len = 256;
  check(!configure_ids(role, handshake, ids, 1), "an id that is too long");
  ids[0].len = 0;
  check(!configure_ids(role, handshake, ids, 1), "an empty id");
  for (size_t i = 0; i < MOST_IDS; i++) ids[i].len = 255;
  check(configure_ids(role, handshake, ids, MOST_IDS), "as many ids as there may be, as long as they may be");
  ids[0].len = 1;
  check(configure_ids(role, handshake, ids, 1), "one id");
  free(data);
  free(ids);
}

static bool configure_identities(role role, handle handshake, wasi_tls_types_list_borrow_private_identity_t list) {
  return role == CLIENT ? wasi_tls_types_method_client_handshake_configure_client_identities(
                              (wasi_tls_types_borrow_client_handshake_t){handshake}, &list)
                        : wasi_tls_types_method_server_handshake_configure_server_identities(
                              (wasi_tls_types_borrow_server_handshake_t){handshake}, &list);
}

static void try_identities(role role, handle handshake) {
  wasi_tls_types_list_borrow_private_identity_t list = {make(MOST_LENT, sizeof(*list.ptr)), MOST_LENT};
  for (size_t i = 0; i < MOST_LENT; i++) list.ptr[i] = wasi_tls_types_borrow_private_identity(own_identity(SERVER));
  check(!configure_identities(role, handshake, list), "ten thousand identities");
  list.len = MOST_IDENTITIES + 1;
  check(!configure_identities(role, handshake, list), "one identity too many");
  list.len = MOST_IDENTITIES;
  check(configure_identities(role, handshake, list), "as many identities as there may be");
  free(list.ptr);
}

static bool parse(guest_list_u8_t key, guest_list_u8_t *certificates, size_t count) {
  private_identity made;
  guest_list_list_u8_t chain = {certificates, count};
  bool parsed = wasi_tls_types_static_private_identity_parse(&key, &chain, &made);
  if (parsed) wasi_tls_types_private_identity_drop_own(made);
  return parsed;
}

/* A SEQUENCE that says it is as long as it is, and is nothing; the same as PEM; the real ones in a crowd. */
static void try_parse(void) {
  enum { CROWD = 10000 };
  static const uint8_t sequence[] = {0x30, 0x84, 0, (HUGE - 6) >> 16, ((HUGE - 6) >> 8) & 0xff, (HUGE - 6) & 0xff};
  static const char pem[] = "-----BEGIN PRIVATE KEY-----\n", pem_chain[] = "-----BEGIN CERTIFICATE-----\n";
  guest_list_u8_t key = read_file("/pki/server-ecdsa.key"), chain = read_file("/pki/server-ecdsa.pem");
  guest_list_u8_t huge = {make(HUGE, 1), HUGE}, *crowd = make(CROWD, sizeof(*crowd));
  check(parse(key, &chain, 1), "a key and its chain");
  memcpy(huge.ptr, sequence, sizeof(sequence));
  check(!parse(huge, &chain, 1) && !parse(key, &huge, 1), "megabytes of DER");
  memset(huge.ptr, 'A', HUGE);
  check(!parse(huge, &chain, 1) && !parse(key, &huge, 1), "megabytes of letters");
  memcpy(huge.ptr, pem, sizeof(pem) - 1);
  check(!parse(huge, &chain, 1), "megabytes of PEM");
  memcpy(huge.ptr, pem_chain, sizeof(pem_chain) - 1);
  check(!parse(key, &huge, 1), "a certificate of megabytes of PEM");
  for (size_t i = 0; i < CROWD; i++) crowd[i] = chain;
  check(!parse(key, crowd, CROWD), "thousands of chains");
  for (size_t i = 0; i < CROWD; i++) crowd[i].len = 0;
  check(!parse(key, crowd, CROWD) && !parse(key, crowd, 0), "nothing, thousands of times or never");
  check(!parse((guest_list_u8_t){NULL, 0}, &chain, 1), "no key");
  check(!parse((guest_list_u8_t){key.ptr, key.len - 30}, &chain, 1), "a piece of a key");
  check(parse(key, &chain, 1), "a key and its chain, still");
  guest_list_u8_free(&key);
  guest_list_u8_free(&chain);
  guest_list_u8_free(&huge);
  free(crowd);
}

static void try_names(void) {
  wasi_tls_types_own_client_handshake_t handshake;
  private_identity identity;
  pair both = pair_at(CLIENT, AT_NEW);
  client_connection connection = {both.ends[CLIENT].of[CONNECTION]};
  guest_string_t huge = {make(HUGE, 1), HUGE};
  guest_string_t names[] = {{huge.ptr, HUGE}, {huge.ptr, 256}, {huge.ptr, 0}, text("a..b"), {huge.ptr + HUGE - 9, 9}};
  memset(huge.ptr, 'a', HUGE);
  memcpy(huge.ptr + HUGE - 9, "localhost", 9);
  huge.ptr[HUGE - 3] = '\0';
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    check(!wasi_tls_types_method_client_connection_connect(wasi_tls_types_borrow_client_connection(connection),
                                                           &names[i], &handshake),
          "a name that is none");
  check(!wasi_tls_types_static_private_identity_open(&huge, &identity), "an identity with a name of megabytes");
  check(begin(&both.ends[CLIENT]), "a good name after bad ones");
  guest_string_free(&huge);
  drop_pair(&both);
}

void scenario_lists(const arguments *all) {
  check(all->count == 0, "arguments");
  try_parse();
  try_names();
  pair both = pair_at(CLIENT, AT_IDLE);
  for (role role = CLIENT; role <= SERVER; role++) {
    try_ids(role, both.ends[role].of[HANDSHAKE]);
    try_identities(role, both.ends[role].of[HANDSHAKE]);
  }
  check(open_both(&both), "handshake");
  wasi_tls_types_alpn_id_t chosen;
  check(wasi_tls_types_method_server_connection_alpn_id(
            (wasi_tls_types_borrow_server_connection_t){both.ends[SERVER].of[CONNECTION]}, &chosen) &&
            chosen.len == 1,
        "the id that was configured last");
  wasi_tls_types_alpn_id_free(&chosen);
  drop_pair(&both);
}

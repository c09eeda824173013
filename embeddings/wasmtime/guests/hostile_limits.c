/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 *   limits           takes all connections and handles that there are: prints how many, drops them, and starts over
 *   fill WHAT COUNT [MILLISECONDS]
 *                    takes so many, which traps if there is no result to say no with, and keeps them for a while
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/hostile.h"

enum { MANY = 100000 };

static handle *room(void) {
  static handle handles[MANY];
  return handles;
}

/* Connections over streams that need no peer, each with its handshake. The constructor can't fail, so the next call
 * does. */
static size_t take_connections(end *ends, size_t most) {
  for (size_t i = 0; i < most; i++) {
    ends[i] = new_end(CLIENT, standard_streams());
    if (begin(&ends[i])) continue;
    guest_string_t name;
    wasi_tls_types_error_detail_t error;
    wasi_tls_types_borrow_client_connection_t none = {ends[i].of[CONNECTION]};
    check(!wasi_tls_types_method_client_connection_server_name(none, &name) &&
              !wasi_tls_types_method_client_connection_last_error(none, &error) && !begin(&ends[i]),
          "a connection that is none");
    drop_end(&ends[i]);
    return i;
  }
  return most;
}

static size_t take_identities(size_t most) {
  bytes key = read_file("/pki/server-ecdsa.key"), certificates = read_file("/pki/server-ecdsa.pem");
  guest_list_list_u8_t chain = {&certificates, 1};
  size_t count = 0;
  private_identity made;
  while (count < most && wasi_tls_types_static_private_identity_parse(&key, &chain, &made))
    room()[count++] = made.__handle;
  guest_list_u8_free(&key);
  guest_list_u8_free(&certificates);
  return count;
}

static void take_all(void) {
  static end ends[MANY];
  size_t connections = take_connections(ends, MANY);
  size_t identities = take_identities(MANY);
  end refused = new_end(SERVER, standard_streams());
  check(!begin(&refused), "accept without room");
  check(!first_step(&ends[0]) && !second_step(&ends[0]), "steps without room");
  printf("%zu connections, %zu identities\n", connections, identities);
  drop_end(&refused);
  for (size_t i = 0; i < identities; i++) wasi_tls_types_private_identity_drop_own((private_identity){room()[i]});
  for (size_t i = 0; i < connections; i++) drop_end(&ends[i]);
}

void scenario_limits(const arguments *all) {
  check(all->count == 0, "arguments");
  for (role role = CLIENT; role <= SERVER; role++) own_identity(role);
  for (int round = 0; round < 3; round++) take_all();
  pair both = pair_at(CLIENT, AT_OPEN);
  drop_pair(&both);
}

static void fill_subscriptions(const end *self) {
  wasi_tls_types_method_future_public_identity_subscribe(
      (wasi_tls_types_borrow_future_public_identity_t){self->of[FIRST]});
}

/* Subscriptions of what has failed already. */
static void fill_failed(const end *self) {
  wasi_tls_types_method_future_streams_subscribe((wasi_tls_types_borrow_future_streams_t){self->of[FINISH]});
}

static void fill_public(const end *self) {
  (void)self;
  wasi_tls_types_method_private_identity_public_identity(wasi_tls_types_borrow_private_identity(own_identity(SERVER)));
}

static void fill_connections(const end *self) {
  end made = new_end(CLIENT, standard_streams());
  (void)self;
  begin(&made);
}

/* Each with a step that waits, and all that a TLS engine needs for it. */
static void fill_handshakes(const end *self) {
  end made = new_end(CLIENT, standard_streams());
  (void)self;
  check(begin(&made) && first_step(&made), "first step");
  is_ready(made.of[FIRST_POLLABLE]);
}

void scenario_fill(const arguments *all) {
  static const struct {
    const char *name;
    point at;
    void (*more)(const end *);
  } fillings[] = {{"subscriptions", AT_FIRST_WAIT, fill_subscriptions},
                  {"failed", AT_ENDED, fill_failed},
                  {"public", AT_IDLE, fill_public},
                  {"connections", AT_IDLE, fill_connections},
                  {"handshakes", AT_IDLE, fill_handshakes}};
  unsigned long count = number(all, 1);
  for (size_t i = 0; i < sizeof(fillings) / sizeof(fillings[0]); i++) {
    if (strcmp(fillings[i].name, argument(all, 0)) != 0) continue;
    pair both = pair_at(CLIENT, fillings[i].at);
    end *self = &both.ends[CLIENT];
    if (fillings[i].at == AT_ENDED) finish(self);
    for (unsigned long made = 0; made < count; made++) fillings[i].more(self);
  }
  block(after(all->count > 2 ? (unsigned)number(all, 2) : 0));
}

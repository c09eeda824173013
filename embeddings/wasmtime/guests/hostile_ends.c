/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Both ends of a connection in one program, at any point of the handshake. */
#include <stdio.h>
#include <stdlib.h>

#include "shared/hostile.h"

static private_identity identities[2];
static tcp_socket listener;

private_identity own_identity(role role) {
  if (identities[role].__handle == 0)
    identities[role] = role == CLIENT ? parse_identity("/pki/client.key", "/pki/client.pem")
                                      : parse_identity("/pki/server-ecdsa.key", "/pki/server-ecdsa.pem");
  return identities[role];
}

void release(void) {
  for (role role = CLIENT; role <= SERVER; role++)
    if (identities[role].__handle != 0) wasi_tls_types_private_identity_drop_own(identities[role]);
  if (listener.__handle != 0) tcp_drop(listener);
}

pollable after(unsigned milliseconds) {
  return wasi_clocks_monotonic_clock_subscribe_duration((uint64_t)milliseconds * 1000 * 1000);
}

streams standard_streams(void) {
  return (streams){wasi_cli_stdin_get_stdin(), wasi_cli_stdout_get_stdout()};
}

end new_end(role role, streams raw) {
  end self = {.role = role};
  self.of[CONNECTION] = role == CLIENT ? wasi_tls_types_constructor_client_connection(raw.input, raw.output).__handle
                                       : wasi_tls_types_constructor_server_connection(raw.input, raw.output).__handle;
  return self;
}

/* Listens, once, and says where. */
static void listen_once(char *port, size_t size) {
  wasi_sockets_network_ip_socket_address_t local;
  wasi_sockets_network_error_code_t error;
  if (listener.__handle == 0) listener = tcp_listen("0");
  check(wasi_sockets_tcp_method_tcp_socket_local_address(wasi_sockets_tcp_borrow_tcp_socket(listener), &local, &error),
        "local address");
  snprintf(port, size, "%u", (unsigned)local.val.ipv4.port);
}

pair new_pair(void) {
  char port[8];
  listen_once(port, sizeof(port));
  tcp_connection there = tcp_connect("127.0.0.1", port), here = tcp_accept(listener);
  pair both = {.ends = {new_end(CLIENT, there.raw), new_end(SERVER, here.raw)}};
  tcp_drop(there.socket);
  tcp_drop(here.socket);
  return both;
}

/* Waits for seconds at most. */
bool drive(end *self, kind wanted, end *other, kind driven) {
  enum { WANTED, TIMER, DRIVEN };
  pollable waited[3] = {[WANTED] = {self->of[wanted]}, [TIMER] = after(3000), [DRIVEN] = {other->of[driven]}};
  bool ready[3] = {false};
  size_t count = other->of[driven] != 0 ? 3 : 2;
  while (!ready[WANTED] && !ready[TIMER]) {
    poll_all(waited, ready, count);
    /* Ready for good: it would only keep the poll from waiting. */
    if (ready[DRIVEN]) count = 2;
  }
  wasi_io_poll_pollable_drop_own(waited[TIMER]);
  return ready[WANTED];
}

bool open_both(pair *both) {
  end *client = &both->ends[CLIENT], *server = &both->ends[SERVER];
  if (client->of[HANDSHAKE] != 0) finish(client);
  if (server->of[HANDSHAKE] != 0) finish(server);
  return drive(client, FINISH_POLLABLE, server, FINISH_POLLABLE) &&
         drive(server, FINISH_POLLABLE, client, FINISH_POLLABLE) && take_streams(client) && take_streams(server);
}

/* The first step of |self|, done: the other end finishes. */
static void do_first(end *self, end *other) {
  check(first_step(self), "first step");
  if (self->role == CLIENT)
    check(second_step(other), "second step"); /* so that there is a request for the client */
  else
    finish(other);
  check(drive(self, FIRST_POLLABLE, other, other->role == CLIENT ? FINISH_POLLABLE : SECOND_POLLABLE), "first");
  check(take_first(self), "outcome of the first step");
}

static void fail(end *self, end *other) {
  check(first_step(self), "first step");
  drop_end(other);
  check(drive(self, FIRST_POLLABLE, other, KINDS - 1), "failure");
  check(!take_first(self), "the first step fails");
}

pair pair_at(role role, point at) {
  pair both = new_pair();
  end *self = &both.ends[role], *other = &both.ends[!role];
  if (at == AT_NEW) return both;
  check(begin(self) && begin(other), "begin");
  if (at == AT_FIRST_WAIT) check(first_step(self), "first step");
  if (at == AT_ENDED) fail(self, other);
  if (at == AT_FIRST || at == AT_SECOND_WAIT || at == AT_SECOND) do_first(self, other);
  if (at == AT_SECOND_WAIT || at == AT_SECOND) check(second_step(self), "second step");
  if (at == AT_SECOND) {
    kind driven = role == CLIENT ? SECOND_POLLABLE : FINISH_POLLABLE;
    check(drive(self, SECOND_POLLABLE, other, driven) && take_second(self), "outcome of the second step");
  }
  if (at == AT_FINISH_WAIT) finish(self);
  if (at == AT_OPEN) check(open_both(&both), "handshake");
  return both;
}

pair pair_inside(pair *under) {
  pair both;
  for (role role = CLIENT; role <= SERVER; role++) {
    end *from = &under->ends[role];
    drop_one(from, INPUT_POLLABLE);
    drop_one(from, OUTPUT_POLLABLE);
    both.ends[role] = new_end(role, (streams){{from->of[INPUT]}, {from->of[OUTPUT]}});
    from->of[INPUT] = from->of[OUTPUT] = 0;
  }
  drop_pair(under);
  check(begin(&both.ends[CLIENT]) && begin(&both.ends[SERVER]), "begin");
  return both;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* wasi-tls server: all connections on one thread. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "commands.h"
#include "server_connection.h"
#include "setup.h"

enum { SWEEP_MS = 1000, ACCEPTS_AT_ONCE = 64 };

typedef struct server {
  server_shared shared;
  int listener;
  int signals;
  bool can_accept;
  bool paused; /* no descriptor was left: the next sweep tries again */
  bool stopped;
  server_connection *connections;
  unsigned long accepted;
  int64_t next_sweep;
} server;

static void note(void *context) {
  *(bool *)context = true;
}

static bool watch(server *self, int fd, bool *noted) {
  *noted = false;
  wasi_tls_result result = wasi_tls_fd_loop_watch(self->shared.loop, fd, (wasi_tls_waker){note, noted});
  if (result != WASI_TLS_OK) report_result(result, "epoll");
  return result == WASI_TLS_OK;
}

static bool wants_more(const server *self) {
  unsigned long limit = self->shared.wanted->connections;
  return limit == 0 || self->accepted < limit;
}

static void add_connection(server *self, int fd, int64_t now) {
  self->accepted++;
  server_connection *made = server_connection_new(&self->shared, fd, now);
  if (made == NULL) return;
  made->next = self->connections;
  if (made->next != NULL) made->next->previous = made;
  self->connections = made;
}

static void end_connection(server *self, server_connection *ended) {
  if (ended->previous != NULL)
    ended->previous->next = ended->next;
  else
    self->connections = ended->next;
  if (ended->next != NULL) ended->next->previous = ended->previous;
  server_connection_free(ended);
}

/* False if no more can be taken now: no descriptor is left, say. */
static bool accept_some(server *self, int64_t now) {
  for (int i = 0; i < ACCEPTS_AT_ONCE && wants_more(self); i++) {
    int fd = net_accept(self->listener);
    if (fd >= 0) {
      add_connection(self, fd, now);
    } else if (errno == EAGAIN) {
      return true;
    } else if (errno != EINTR && errno != ECONNABORTED) {
      report_text("transport", "accept", "%s", strerror(errno));
      return false;
    }
  }
  return true;
}

/* Those that are woken meanwhile have their turn in the next round, after the descriptors were looked at. */
static void step_ready(server *self, int64_t now) {
  server_connection *ready = self->shared.ready.first;
  self->shared.ready = (ready_queue){0};
  while (ready != NULL) {
    server_connection *current = ready;
    ready = current->next_ready;
    current->queued = false;
    if (!current->ended) current->ended = !server_connection_step(current, now);
    if (current->ended && !current->queued) end_connection(self, current);
  }
}

static bool sweep(server *self, int64_t now) {
  if (now < self->next_sweep) return true;
  self->next_sweep = now + SWEEP_MS;
  for (server_connection *each = self->connections; each != NULL; each = each->next)
    server_connection_check_time(each, now);
  if (!self->paused) return true;
  self->paused = false;
  return watch(self, self->listener, &self->can_accept);
}

static bool accept_waiting(server *self, int64_t now) {
  if (!self->can_accept || !wants_more(self)) return true;
  self->can_accept = false;
  self->paused = !accept_some(self, now);
  return self->paused || watch(self, self->listener, &self->can_accept);
}

static int time_to_wait(const server *self) {
  if (self->shared.ready.first != NULL) return 0;
  return self->connections != NULL || self->paused ? SWEEP_MS : -1;
}

static enum exit_code serve(server *self) {
  if (!watch(self, self->signals, &self->stopped) || !watch(self, self->listener, &self->can_accept))
    return EXIT_CODE_NETWORK;
  while (!self->stopped && (wants_more(self) || self->connections != NULL)) {
    if (wasi_tls_fd_loop_run(self->shared.loop, time_to_wait(self), NULL) != WASI_TLS_OK) return EXIT_CODE_NETWORK;
    int64_t now = clock_ms();
    if (!accept_waiting(self, now)) return EXIT_CODE_NETWORK;
    step_ready(self, now);
    if (!sweep(self, now)) return EXIT_CODE_NETWORK;
  }
  return EXIT_CODE_OK;
}

/* Signals are read like anything else, so that none comes at a bad moment. */
static int open_signals(void) {
  sigset_t signals;
  (void)sigemptyset(&signals);
  (void)sigaddset(&signals, SIGTERM);
  (void)sigaddset(&signals, SIGINT);
  if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0) return -1;
  return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

static enum exit_code listen_and_serve(server *self) {
  char where[128];
  self->signals = open_signals();
  if (self->signals < 0 || wasi_tls_fd_loop_new(&self->shared.loop) != WASI_TLS_OK) {
    report_text("configuration", "file", "no descriptor is left: %s", strerror(errno));
    return EXIT_CODE_CONFIGURATION;
  }
  self->listener = net_listen(&self->shared.wanted->address, where, sizeof(where));
  if (self->listener < 0) return EXIT_CODE_NETWORK;
  printf("listening on %s\n", where);
  (void)fflush(stdout);
  return serve(self);
}

static void close_all(server *self) {
  while (self->connections != NULL) end_connection(self, self->connections);
  wasi_tls_fd_loop_free(self->shared.loop);
  if (self->listener >= 0) (void)close(self->listener);
  if (self->signals >= 0) (void)close(self->signals);
}

enum exit_code command_server(const arguments *wanted) {
  server self = {.shared = {.wanted = wanted}, .listener = -1, .signals = -1};
  server_shared *shared = &self.shared;
  enum exit_code code = EXIT_CODE_CONFIGURATION;
  if (!setup_config(wanted, &shared->config)) return code;
  if (setup_identities(shared->config, &wanted->identities, shared->identities)) {
    if (setup_identities(shared->config, &wanted->sni, shared->sni)) {
      code = listen_and_serve(&self);
      close_all(&self);
      setup_identities_free(shared->sni, wanted->sni.count);
    }
    setup_identities_free(shared->identities, wanted->identities.count);
  }
  wasi_tls_config_free(shared->config);
  return code;
}

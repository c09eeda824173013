/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Waiting for descriptors with epoll. Each descriptor is armed for one event at a time, so that nobody is woken twice
 * and a condition that nobody waits for costs nothing. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "fd_watch.h"

enum { events_per_wait = 64 };

struct wasi_tls_fd_loop {
  int epoll;
  bool woken;
  wtls_fd_watch *watched;   /* by wasi_tls_fd_loop_watch */
  wtls_fd_watch *lingering; /* output dropped, bytes left to send */
};

static void list_add(wtls_fd_watch **head, wtls_fd_watch *watch) {
  watch->next = *head;
  watch->link = head;
  if (watch->next != NULL) watch->next->link = &watch->next;
  *head = watch;
}

static void list_remove(wtls_fd_watch *watch) {
  if (watch->link == NULL) return;
  *watch->link = watch->next;
  if (watch->next != NULL) watch->next->link = watch->link;
  watch->link = NULL;
}

wasi_tls_result wasi_tls_fd_loop_new(wasi_tls_fd_loop **loop) {
  if (loop == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  wasi_tls_fd_loop *made = calloc(1, sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  made->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (made->epoll < 0) {
    wasi_tls_result result = errno == ENOMEM ? WASI_TLS_ERR_OUT_OF_MEMORY : WASI_TLS_ERR_FILE;
    free(made);
    return result;
  }
  *loop = made;
  return WASI_TLS_OK;
}

static void forget_watched(wtls_fd_watch *watch) {
  list_remove(watch);
  wtls_fd_watch_remove(watch);
  free(watch);
}

void wasi_tls_fd_loop_free(wasi_tls_fd_loop *loop) {
  if (loop == NULL) return;
  for (wtls_fd_watch *watch = loop->watched, *next; watch != NULL; watch = next) {
    next = watch->next;
    forget_watched(watch);
  }
  while (loop->lingering != NULL) wtls_fd_streams_end(loop->lingering);
  close(loop->epoll);
  free(loop);
}

static bool control(wtls_fd_watch *self, int operation, uint32_t events) {
  struct epoll_event event = {.events = events | EPOLLONESHOT, .data = {.ptr = self}};
  if (epoll_ctl(self->loop->epoll, operation, self->fd, &event) != 0) return false;
  self->armed = events;
  return true;
}

/* False if the kernel does not know the descriptor any more. */
static bool arm(wtls_fd_watch *self) {
  uint32_t wanted = 0;
  if (self->readable.wake != NULL) wanted |= EPOLLIN;
  if (self->writable.wake != NULL) wanted |= EPOLLOUT;
  return wanted == self->armed || control(self, EPOLL_CTL_MOD, wanted);
}

wasi_tls_result wtls_fd_watch_add(wtls_fd_watch *self, wasi_tls_fd_loop *loop, int fd) {
  *self = (wtls_fd_watch){.loop = loop, .fd = fd};
  if (control(self, EPOLL_CTL_ADD, 0)) return WASI_TLS_OK;
  self->always_ready = errno == EPERM;
  return self->always_ready ? WASI_TLS_OK : WASI_TLS_ERR_FILE;
}

void wtls_fd_watch_remove(wtls_fd_watch *self) {
  list_remove(self);
  if (!self->always_ready) (void)epoll_ctl(self->loop->epoll, EPOLL_CTL_DEL, self->fd, NULL);
}

static bool register_waker(wtls_fd_watch *self, wasi_tls_waker *slot, wasi_tls_waker waker) {
  if (self->always_ready) return false;
  *slot = waker;
  if (arm(self)) return true;
  slot->wake = NULL;
  return false;
}

bool wtls_fd_watch_readable(wtls_fd_watch *self, wasi_tls_waker waker) {
  return register_waker(self, &self->readable, waker);
}

bool wtls_fd_watch_writable(wtls_fd_watch *self, wasi_tls_waker waker) {
  return register_waker(self, &self->writable, waker);
}

void wtls_fd_watch_linger(wtls_fd_watch *self) {
  if (self->link == NULL) list_add(&self->loop->lingering, self);
}

static wasi_tls_waker take_waker(wasi_tls_waker *slot, bool ready) {
  wasi_tls_waker waker = {NULL, NULL};
  if (ready) {
    waker = *slot;
    slot->wake = NULL;
  }
  return waker;
}

static size_t wake(wasi_tls_waker waker) {
  if (waker.wake == NULL) return 0;
  waker.wake(waker.context);
  return 1;
}

/* The wakers come last: one of them may end the watch. */
static size_t dispatch(const struct epoll_event *event) {
  wtls_fd_watch *watch = event->data.ptr;
  bool failed = (event->events & (EPOLLERR | EPOLLHUP)) != 0;
  watch->armed = 0;
  wasi_tls_waker readable = take_waker(&watch->readable, failed || (event->events & EPOLLIN) != 0);
  wasi_tls_waker writable = take_waker(&watch->writable, failed || (event->events & EPOLLOUT) != 0);
  (void)arm(watch);
  return wake(readable) + wake(writable);
}

wasi_tls_result wasi_tls_fd_loop_run(wasi_tls_fd_loop *loop, int timeout_ms, size_t *woken) {
  if (loop == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  struct epoll_event events[events_per_wait];
  int count = epoll_wait(loop->epoll, events, events_per_wait, timeout_ms < 0 ? -1 : timeout_ms);
  if (count < 0 && errno != EINTR) return WASI_TLS_ERR_TRANSPORT_READ;
  size_t total = 0;
  for (int i = 0; i < count; i++) total += dispatch(&events[i]);
  if (woken != NULL) *woken = total;
  return WASI_TLS_OK;
}

static void note_wake(void *context) {
  ((wasi_tls_fd_loop *)context)->woken = true;
}

wasi_tls_waker wtls_fd_loop_waker(wasi_tls_fd_loop *loop) {
  return (wasi_tls_waker){note_wake, loop};
}

bool wtls_fd_loop_take_wake(wasi_tls_fd_loop *loop) {
  bool woken = loop->woken;
  loop->woken = false;
  return woken;
}

static wtls_fd_watch *find_watched(const wasi_tls_fd_loop *loop, int fd) {
  wtls_fd_watch *watch = loop->watched;
  while (watch != NULL && watch->fd != fd) watch = watch->next;
  return watch;
}

wasi_tls_result wasi_tls_fd_loop_watch(wasi_tls_fd_loop *loop, int fd, wasi_tls_waker waker) {
  if (loop == NULL || waker.wake == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  wtls_fd_watch *watch = find_watched(loop, fd);
  if (watch == NULL) {
    watch = malloc(sizeof(*watch));
    if (watch == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
    if (wtls_fd_watch_add(watch, loop, fd) != WASI_TLS_OK) {
      free(watch);
      return WASI_TLS_ERR_FILE;
    }
    list_add(&loop->watched, watch);
  }
  if (wtls_fd_watch_readable(watch, waker)) return WASI_TLS_OK;
  forget_watched(watch);
  return WASI_TLS_ERR_FILE;
}

void wasi_tls_fd_loop_unwatch(wasi_tls_fd_loop *loop, int fd) {
  if (loop == NULL) return;
  wtls_fd_watch *watch = find_watched(loop, fd);
  if (watch != NULL) forget_watched(watch);
}

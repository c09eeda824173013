/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* One descriptor in a loop: between fd_loop.c and the streams made of descriptors. */
#ifndef WASI_TLS_ADAPTERS_FD_WATCH_H
#define WASI_TLS_ADAPTERS_FD_WATCH_H

#include "wasi_tls/adapters.h"

typedef struct wtls_fd_watch wtls_fd_watch;

/* Part of a larger struct of its user, who sets nothing in it. */
struct wtls_fd_watch {
  wasi_tls_fd_loop *loop;
  int fd;
  bool always_ready; /* epoll can't watch a regular file: it never blocks */
  uint32_t armed;    /* the EPOLL events that the kernel was asked for */
  wasi_tls_waker readable;
  wasi_tls_waker writable;
  wtls_fd_watch *next;
  wtls_fd_watch **link; /* what points to this one in a list; NULL outside of one */
};

/* Adds |fd| to the loop, waiting for nothing yet. OK or _FILE. */
wasi_tls_result wtls_fd_watch_add(wtls_fd_watch *self, wasi_tls_fd_loop *loop, int fd);
/* Takes the descriptor out of the loop; to be called before it is closed. */
void wtls_fd_watch_remove(wtls_fd_watch *self);
/* Calls |waker| once, from inside of wasi_tls_fd_loop_run. False: it can't wait, just try the descriptor. */
bool wtls_fd_watch_readable(wtls_fd_watch *self, wasi_tls_waker waker);
bool wtls_fd_watch_writable(wtls_fd_watch *self, wasi_tls_waker waker);
/* Leaves the watch to the loop, which ends it with wtls_fd_streams_end if it is freed first. Again does nothing. */
void wtls_fd_watch_linger(wtls_fd_watch *self);

/* Closes the descriptor of streams that are both dropped, and frees them. */
void wtls_fd_streams_end(wtls_fd_watch *watch);

/* For a waker that may be called after whoever waited has gone: makes the next wait return at once. */
wasi_tls_waker wtls_fd_loop_waker(wasi_tls_fd_loop *loop);
/* Whether that waker was called since the last time this was asked. */
bool wtls_fd_loop_take_wake(wasi_tls_fd_loop *loop);

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The two streams of one descriptor. What the kernel does not take of a write is kept, and sent before anything else.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd_watch.h"

enum { write_permit = 64 * 1024 };

typedef struct fd_streams fd_streams;

/* How a stream has ended, if it has. */
typedef struct ending {
  int error;     /* errno, or 0 */
  bool reported; /* as last-operation-failed; from then on the stream is closed */
} ending;

typedef struct fd_input {
  wasi_tls_input_stream base;
  fd_streams *owner;
  ending end;
  bool at_end;
  bool dropped;
} fd_input;

typedef struct fd_output {
  wasi_tls_output_stream base;
  fd_streams *owner;
  ending end;
  bool dropped;
  uint8_t *kept; /* given back when all of it is sent */
  size_t kept_len;
  size_t kept_sent;
} fd_output;

struct fd_streams {
  wtls_fd_watch watch; /* first: wtls_fd_streams_end goes from one to the other */
  bool is_socket;
  fd_input input;
  fd_output output;
};

/* OK while the stream is not at an end. */
static wasi_tls_result report(ending *end, wasi_tls_result failure) {
  if (end->error == 0) return WASI_TLS_OK;
  if (end->reported) return WASI_TLS_ERR_CLOSED;
  end->reported = true;
  return failure;
}

static bool describe(const ending *end, wasi_tls_result failure, const char *verb, wasi_tls_error *error) {
  if (!end->reported || error == NULL) return end->reported;
  wasi_tls_error full = {.result = failure, .alert = WASI_TLS_NO_ALERT, .native_code = end->error};
  char reason[96];
  if (strerror_r(end->error, reason, sizeof(reason)) != 0) reason[0] = 0;
  (void)snprintf(full.text, sizeof(full.text), "%s failed: %s (errno %d)", verb, reason, end->error);
  full.size = error->size < sizeof(full) ? error->size : sizeof(full);
  memcpy(error, &full, full.size);
  return true;
}

void wtls_fd_streams_end(wtls_fd_watch *watch) {
  fd_streams *self = (fd_streams *)watch;
  wtls_fd_watch_remove(watch);
  close(watch->fd);
  free(self->output.kept);
  free(self);
}

/* Input */

static wasi_tls_result input_read(wasi_tls_input_stream *base, uint8_t *buffer, size_t len, size_t *count) {
  fd_input *self = (fd_input *)base;
  ssize_t got = 0;
  if (len != 0) {
    if (self->at_end) return WASI_TLS_ERR_CLOSED;
    do {
      got = read(self->owner->watch.fd, buffer, len);
    } while (got < 0 && errno == EINTR);
    if (got == 0) {
      self->at_end = true;
      return WASI_TLS_ERR_CLOSED;
    }
    if (got < 0 && errno != EAGAIN) {
      self->at_end = true;
      self->end.error = errno;
      return report(&self->end, WASI_TLS_ERR_TRANSPORT_READ);
    }
  }
  *count = got > 0 ? (size_t)got : 0;
  return WASI_TLS_OK;
}

static bool input_poll(wasi_tls_input_stream *base, wasi_tls_waker waker) {
  fd_input *self = (fd_input *)base;
  if (self->at_end) return true;
  struct pollfd now = {.fd = self->owner->watch.fd, .events = POLLIN};
  if (poll(&now, 1, 0) > 0) return true;
  return waker.wake != NULL && !wtls_fd_watch_readable(&self->owner->watch, waker);
}

static bool input_last_error(const wasi_tls_input_stream *base, wasi_tls_error *error) {
  return describe(&((const fd_input *)base)->end, WASI_TLS_ERR_TRANSPORT_READ, "reading", error);
}

static void input_drop(wasi_tls_input_stream *base) {
  fd_input *self = (fd_input *)base;
  self->dropped = true;
  self->owner->watch.readable.wake = NULL;
  if (self->owner->output.dropped && self->owner->output.kept == NULL) wtls_fd_streams_end(&self->owner->watch);
}

/* Output */

/* How many bytes the kernel took: 0 if it would block, or if the stream has failed. */
static size_t send_some(fd_output *self, const uint8_t *data, size_t len) {
  int fd = self->owner->watch.fd;
  ssize_t sent;
  do {
    sent = self->owner->is_socket ? send(fd, data, len, MSG_NOSIGNAL) : write(fd, data, len);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) return (size_t)sent;
  if (errno != EAGAIN) self->end.error = errno;
  return 0;
}

static size_t send_all(fd_output *self, const uint8_t *data, size_t len) {
  size_t done = 0;
  while (done < len) {
    size_t sent = send_some(self, data + done, len - done);
    if (sent == 0) break;
    done += sent;
  }
  return done;
}

static void forget_kept(fd_output *self) {
  free(self->kept);
  self->kept = NULL;
}

/* True if nothing is left to wait for: all is sent, or the stream has failed. */
static bool drain(fd_output *self) {
  if (self->kept == NULL) return true;
  self->kept_sent += send_all(self, self->kept + self->kept_sent, self->kept_len - self->kept_sent);
  if (self->kept_sent == self->kept_len || self->end.error != 0) forget_kept(self);
  return self->kept == NULL;
}

static void keep(fd_output *self, const uint8_t *data, size_t len) {
  self->kept = malloc(len);
  if (self->kept == NULL) {
    self->end.error = ENOMEM;
    return;
  }
  memcpy(self->kept, data, len);
  self->kept_len = len;
  self->kept_sent = 0;
}

static wasi_tls_result output_check_write(wasi_tls_output_stream *base, size_t *permit) {
  fd_output *self = (fd_output *)base;
  bool drained = drain(self);
  wasi_tls_result result = report(&self->end, WASI_TLS_ERR_TRANSPORT_WRITE);
  if (result == WASI_TLS_OK) *permit = drained ? write_permit : 0;
  return result;
}

static wasi_tls_result output_write(wasi_tls_output_stream *base, const uint8_t *data, size_t len) {
  fd_output *self = (fd_output *)base;
  wasi_tls_result result = report(&self->end, WASI_TLS_ERR_TRANSPORT_WRITE);
  if (result != WASI_TLS_OK) return result;
  if (len > (self->kept == NULL ? write_permit : 0)) return WASI_TLS_ERR_PERMIT_EXCEEDED;
  size_t sent = send_all(self, data, len);
  if (sent != len && self->end.error == 0) keep(self, data + sent, len - sent);
  return report(&self->end, WASI_TLS_ERR_TRANSPORT_WRITE);
}

static wasi_tls_result output_flush(wasi_tls_output_stream *base) {
  fd_output *self = (fd_output *)base;
  (void)drain(self);
  return report(&self->end, WASI_TLS_ERR_TRANSPORT_WRITE);
}

static bool output_poll(wasi_tls_output_stream *base, wasi_tls_waker waker) {
  fd_output *self = (fd_output *)base;
  if (drain(self)) return true;
  return waker.wake != NULL && !wtls_fd_watch_writable(&self->owner->watch, waker);
}

static bool output_last_error(const wasi_tls_output_stream *base, wasi_tls_error *error) {
  return describe(&((const fd_output *)base)->end, WASI_TLS_ERR_TRANSPORT_WRITE, "writing", error);
}

/* The stream is gone, and bytes that it had taken are not: they leave while the loop runs. */
static void send_rest(void *context) {
  fd_output *self = context;
  fd_streams *owner = self->owner;
  if (!drain(self) && wtls_fd_watch_writable(&owner->watch, (wasi_tls_waker){send_rest, self})) {
    wtls_fd_watch_linger(&owner->watch);
    return;
  }
  forget_kept(self);
  if (owner->is_socket) (void)shutdown(owner->watch.fd, SHUT_WR);
  if (owner->input.dropped) wtls_fd_streams_end(&owner->watch);
}

static void output_drop(wasi_tls_output_stream *base) {
  fd_output *self = (fd_output *)base;
  self->dropped = true;
  self->owner->watch.writable.wake = NULL;
  send_rest(self);
}

static const wasi_tls_input_stream_vtable input_vtable = {
    .size = sizeof(wasi_tls_input_stream_vtable),
    .read = input_read,
    .poll = input_poll,
    .last_error = input_last_error,
    .drop = input_drop,
};

static const wasi_tls_output_stream_vtable output_vtable = {
    .size = sizeof(wasi_tls_output_stream_vtable),
    .check_write = output_check_write,
    .write = output_write,
    .flush = output_flush,
    .poll = output_poll,
    .last_error = output_last_error,
    .drop = output_drop,
};

static bool set_up(int fd, bool *is_socket) {
  struct stat status;
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fstat(fd, &status) != 0) return false;
  *is_socket = S_ISSOCK(status.st_mode);
  return (flags & O_NONBLOCK) != 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

wasi_tls_result wasi_tls_fd_streams_new(wasi_tls_fd_loop *loop, int fd, wasi_tls_input_stream **input,
                                        wasi_tls_output_stream **output) {
  if (loop == NULL || input == NULL || output == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  fd_streams *made = calloc(1, sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  wasi_tls_result result = wtls_fd_watch_add(&made->watch, loop, fd);
  if (result == WASI_TLS_OK && !set_up(fd, &made->is_socket)) {
    wtls_fd_watch_remove(&made->watch);
    result = WASI_TLS_ERR_FILE;
  }
  if (result != WASI_TLS_OK) {
    free(made);
    return result;
  }
  made->input = (fd_input){.base = {&input_vtable}, .owner = made};
  made->output = (fd_output){.base = {&output_vtable}, .owner = made};
  *input = &made->input.base;
  *output = &made->output.base;
  return WASI_TLS_OK;
}

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "client_pump.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

enum { CHUNK = 16 * 1024 };

typedef enum stdin_state {
  STDIN_UNKNOWN, /* nothing is known: it has to be waited for */
  STDIN_WATCHED, /* it is waited for */
  STDIN_READY,   /* one read won't block */
  STDIN_PLAIN    /* no read blocks: a regular file */
} stdin_state;

typedef struct pump {
  wasi_tls_fd_loop *loop;
  wasi_tls_input_stream *input;   /* from the peer */
  wasi_tls_output_stream *output; /* to the peer; NULL once closed */
  wasi_tls_output_stream *sink;   /* standard output if it can be waited for; else NULL */
  int stdout_flags;               /* as they were, if there is a sink */
  stdin_state stdin_state;
  bool unflushed;
  bool write_failed;
  uint8_t chunk[CHUNK];
} pump;

/* What a direction did. WAITING: nothing can be done before a waker is called, and it is registered. */
typedef enum direction { MOVED, WAITING, CLOSED, FAILED, LOCAL_FAILURE } direction;

static void wake_any(void *context) {
  (void)context;
}

static void wake_stdin(void *context) {
  *(stdin_state *)context = STDIN_READY;
}

/* Both directions are looked at after every wake-up, so there is nothing to note. */
static const wasi_tls_waker any_waker = {wake_any, NULL};

/*
 * A pipe or socket must not block the program while its reader is slow, or two programs that wait
 * for each other would stand still. Anything else is written to as it is.
 */
static void open_sink(pump *self) {
  struct stat status;
  if (fstat(STDOUT_FILENO, &status) != 0 || (!S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode))) return;
  self->stdout_flags = fcntl(STDOUT_FILENO, F_GETFL);
  int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  if (fd < 0) return;
  wasi_tls_input_stream *unused = NULL;
  if (wasi_tls_fd_streams_new(self->loop, fd, &unused, &self->sink) == WASI_TLS_OK)
    wasi_tls_input_stream_free(unused);
  else
    (void)close(fd);
}

/* The descriptor's flags are shared with whoever else holds it: a shell, the next command. */
static void close_sink(pump *self) {
  if (self->sink == NULL) return;
  wasi_tls_output_stream_free(self->sink);
  (void)fcntl(STDOUT_FILENO, F_SETFL, self->stdout_flags);
}

static direction local_failure(const char *what, int failure) {
  report_text("configuration", "file", "%s: %s", what, strerror(failure));
  return LOCAL_FAILURE;
}

static direction sink_failure(void) {
  return local_failure("standard output", EPIPE);
}

static direction write_plainly(const uint8_t *data, size_t len) {
  while (len > 0) {
    ssize_t count = write(STDOUT_FILENO, data, len);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return local_failure("standard output", errno);
    data += count;
    len -= (size_t)count;
  }
  return MOVED;
}

static direction write_down(pump *self, size_t len) {
  if (self->sink == NULL) return write_plainly(self->chunk, len);
  return wasi_tls_output_stream_write(self->sink, self->chunk, len) == WASI_TLS_OK ? MOVED : sink_failure();
}

/* From the peer to standard output. */
static direction move_down(pump *self) {
  size_t permit = CHUNK;
  if (self->sink != NULL && wasi_tls_output_stream_check_write(self->sink, &permit) != WASI_TLS_OK)
    return sink_failure();
  if (permit == 0) return wasi_tls_output_stream_poll(self->sink, any_waker) ? MOVED : WAITING;
  size_t count = 0;
  wasi_tls_result result =
      wasi_tls_input_stream_read(self->input, self->chunk, permit < CHUNK ? permit : CHUNK, &count);
  if (result == WASI_TLS_ERR_CLOSED) return CLOSED;
  if (result != WASI_TLS_OK) return FAILED;
  if (count > 0) return write_down(self, count);
  return wasi_tls_input_stream_poll(self->input, any_waker) ? MOVED : WAITING;
}

/* Whether one read won't block; if not, it is being waited for. */
static bool stdin_ready(pump *self) {
  if (self->stdin_state == STDIN_UNKNOWN) {
    wasi_tls_waker waker = {wake_stdin, &self->stdin_state};
    bool watched = wasi_tls_fd_loop_watch(self->loop, STDIN_FILENO, waker) == WASI_TLS_OK;
    self->stdin_state = watched ? STDIN_WATCHED : STDIN_PLAIN;
  }
  return self->stdin_state != STDIN_WATCHED;
}

/* Dropping the stream sends close_notify behind all that was written. */
static void close_output(pump *self) {
  wasi_tls_output_stream_free(self->output);
  self->output = NULL;
}

/* Why writing failed may still be among what can be read (the peer's alert, say): reading goes on. */
static direction write_failure(pump *self) {
  self->write_failed = true;
  close_output(self);
  return MOVED;
}

static direction flush_up(pump *self) {
  if (!self->unflushed) return WAITING;
  self->unflushed = false;
  return wasi_tls_output_stream_flush(self->output) == WASI_TLS_OK ? MOVED : write_failure(self);
}

/* From standard input to the peer. */
static direction move_up(pump *self) {
  if (self->output == NULL) return WAITING;
  size_t permit = 0;
  if (wasi_tls_output_stream_check_write(self->output, &permit) != WASI_TLS_OK) return write_failure(self);
  if (permit == 0) return wasi_tls_output_stream_poll(self->output, any_waker) ? MOVED : WAITING;
  if (!stdin_ready(self)) return flush_up(self);
  ssize_t count = read(STDIN_FILENO, self->chunk, permit < CHUNK ? permit : CHUNK);
  if (count < 0 && errno != EINTR && errno != EAGAIN) return local_failure("standard input", errno);
  if (self->stdin_state == STDIN_READY) self->stdin_state = STDIN_UNKNOWN;
  if (count < 0) return MOVED;
  if (count == 0) {
    close_output(self);
    return MOVED;
  }
  self->unflushed = true;
  if (wasi_tls_output_stream_write(self->output, self->chunk, (size_t)count) != WASI_TLS_OK) return write_failure(self);
  return MOVED;
}

static pump_end run(pump *self) {
  for (;;) {
    direction down = move_down(self);
    if (down == LOCAL_FAILURE) return PUMP_LOCAL_FAILURE;
    if (down == FAILED) return PUMP_FAILED;
    if (down == CLOSED) return self->write_failed ? PUMP_FAILED : PUMP_CLOSED;
    direction up = move_up(self);
    if (up == LOCAL_FAILURE) return PUMP_LOCAL_FAILURE;
    if (down == WAITING && up == WAITING && wasi_tls_fd_loop_run(self->loop, -1, NULL) != WASI_TLS_OK)
      return PUMP_FAILED;
  }
}

/* What standard output has not taken yet. */
static pump_end drain_sink(pump *self, pump_end end) {
  size_t permit = 0;
  if (self->sink == NULL || end == PUMP_LOCAL_FAILURE) return end;
  if (wasi_tls_fd_loop_block_output(self->loop, self->sink, -1) == WASI_TLS_OK &&
      wasi_tls_output_stream_check_write(self->sink, &permit) == WASI_TLS_OK)
    return end;
  (void)sink_failure();
  return PUMP_LOCAL_FAILURE;
}

pump_end client_pump(wasi_tls_fd_loop *loop, wasi_tls_input_stream *input, wasi_tls_output_stream *output) {
  pump self = {.loop = loop, .input = input, .output = output};
  open_sink(&self);
  pump_end end = drain_sink(&self, run(&self));
  close_sink(&self);
  close_output(&self);
  wasi_tls_input_stream_free(self.input);
  wasi_tls_fd_loop_unwatch(loop, STDIN_FILENO);
  return end;
}

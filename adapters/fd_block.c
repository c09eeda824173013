/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Running a loop until something is ready: the blocking functions of wasi:io. */
#include <limits.h>
#include <time.h>

#include "fd_watch.h"

typedef struct deadline {
  bool never;
  int64_t at_ms;
} deadline;

static int64_t now_ms(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Late by up to a millisecond, never early. */
static deadline deadline_after(int timeout_ms) {
  if (timeout_ms < 0) return (deadline){.never = true};
  return (deadline){.at_ms = now_ms() + timeout_ms + (timeout_ms != 0)};
}

/* As epoll counts: -1 is for ever. */
static int time_left(const deadline *end) {
  if (end->never) return -1;
  int64_t left = end->at_ms - now_ms();
  if (left <= 0) return 0;
  return left < INT_MAX ? (int)left : INT_MAX;
}

typedef bool (*ready_function)(void *object, wasi_tls_waker waker);

static bool pollable_ready(void *object, wasi_tls_waker waker) {
  return wasi_tls_pollable_poll(object, waker);
}

static bool input_ready(void *object, wasi_tls_waker waker) {
  return wasi_tls_input_stream_poll(object, waker);
}

static bool output_ready(void *object, wasi_tls_waker waker) {
  return wasi_tls_output_stream_poll(object, waker);
}

/* Descriptors are looked at once even if there is no time. A wake from inside of |ready| is not waited behind. */
static wasi_tls_result block(wasi_tls_fd_loop *loop, ready_function ready, void *object, const deadline *end) {
  for (bool last = false;;) {
    (void)wtls_fd_loop_take_wake(loop);
    if (ready(object, wtls_fd_loop_waker(loop))) return WASI_TLS_OK;
    if (last) return WASI_TLS_PENDING;
    int left = time_left(end);
    last = left == 0;
    wasi_tls_result result = wasi_tls_fd_loop_run(loop, wtls_fd_loop_take_wake(loop) ? 0 : left, NULL);
    if (result != WASI_TLS_OK) return result;
  }
}

static wasi_tls_result block_for(wasi_tls_fd_loop *loop, ready_function ready, void *object, int timeout_ms) {
  if (loop == NULL || object == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  deadline end = deadline_after(timeout_ms);
  return block(loop, ready, object, &end);
}

wasi_tls_result wasi_tls_fd_loop_block(wasi_tls_fd_loop *loop, wasi_tls_pollable *pollable, int timeout_ms) {
  return block_for(loop, pollable_ready, pollable, timeout_ms);
}

wasi_tls_result wasi_tls_fd_loop_block_input(wasi_tls_fd_loop *loop, wasi_tls_input_stream *input, int timeout_ms) {
  return block_for(loop, input_ready, input, timeout_ms);
}

wasi_tls_result wasi_tls_fd_loop_block_output(wasi_tls_fd_loop *loop, wasi_tls_output_stream *output, int timeout_ms) {
  return block_for(loop, output_ready, output, timeout_ms);
}

wasi_tls_result wasi_tls_fd_loop_read(wasi_tls_fd_loop *loop, wasi_tls_input_stream *input, uint8_t *buffer, size_t len,
                                      size_t *count, int timeout_ms) {
  if (loop == NULL || input == NULL || count == NULL || (buffer == NULL && len != 0)) return WASI_TLS_ERR_NULL_ARGUMENT;
  deadline end = deadline_after(timeout_ms);
  for (;;) {
    size_t taken = 0;
    wasi_tls_result result = wasi_tls_input_stream_read(input, buffer, len, &taken);
    if (result == WASI_TLS_OK && taken == 0 && len != 0) {
      result = block(loop, input_ready, input, &end);
      if (result == WASI_TLS_OK) continue;
    }
    if (result == WASI_TLS_OK) *count = taken;
    return result;
  }
}

static wasi_tls_result wait_for_permit(wasi_tls_fd_loop *loop, wasi_tls_output_stream *output, size_t *permit,
                                       const deadline *end) {
  for (;;) {
    wasi_tls_result result = wasi_tls_output_stream_check_write(output, permit);
    if (result != WASI_TLS_OK || *permit != 0) return result;
    result = block(loop, output_ready, output, end);
    if (result != WASI_TLS_OK) return result;
  }
}

wasi_tls_result wasi_tls_fd_loop_write(wasi_tls_fd_loop *loop, wasi_tls_output_stream *output, const uint8_t *data,
                                       size_t len, int timeout_ms) {
  if (loop == NULL || output == NULL || (data == NULL && len != 0)) return WASI_TLS_ERR_NULL_ARGUMENT;
  deadline end = deadline_after(timeout_ms);
  size_t permit = 0;
  for (size_t done = 0; done < len;) {
    wasi_tls_result result = wait_for_permit(loop, output, &permit, &end);
    if (result != WASI_TLS_OK) return result;
    size_t some = permit < len - done ? permit : len - done;
    result = wasi_tls_output_stream_write(output, data + done, some);
    if (result != WASI_TLS_OK) return result;
    done += some;
  }
  wasi_tls_result result = wasi_tls_output_stream_flush(output);
  return result == WASI_TLS_OK ? wait_for_permit(loop, output, &permit, &end) : result;
}

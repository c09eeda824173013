/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "io.h"

#include <stdio.h>
#include <string.h>

void block(pollable waited) {
  wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(waited));
  wasi_io_poll_pollable_drop_own(waited);
}

void poll_all(const pollable *waited, bool *ready, size_t count) {
  wasi_io_poll_borrow_pollable_t borrowed[count];
  wasi_io_poll_list_borrow_pollable_t list = {borrowed, count};
  guest_list_u32_t indices;
  for (size_t i = 0; i < count; i++) borrowed[i] = wasi_io_poll_borrow_pollable(waited[i]);
  wasi_io_poll_poll(&list, &indices);
  memset(ready, 0, count * sizeof(*ready));
  for (size_t i = 0; i < indices.len; i++) ready[indices.ptr[i]] = true;
  guest_list_u32_free(&indices);
}

void drop_all(const pollable *waited, size_t count) {
  for (size_t i = 0; i < count; i++) wasi_io_poll_pollable_drop_own(waited[i]);
}

pollable subscribe_input(input_stream input) {
  return wasi_io_streams_method_input_stream_subscribe(wasi_io_streams_borrow_input_stream(input));
}

pollable subscribe_output(output_stream output) {
  return wasi_io_streams_method_output_stream_subscribe(wasi_io_streams_borrow_output_stream(output));
}

void print_io_error(const char *what, wasi_io_error_own_error_t error) {
  guest_string_t reason;
  wasi_io_error_method_error_to_debug_string(wasi_io_error_borrow_error(error), &reason);
  fprintf(stderr, "%s: %.*s\n", what, (int)reason.len, (const char *)reason.ptr);
  guest_string_free(&reason);
  wasi_io_error_error_drop_own(error);
}

static io_status status_of(bool good, const wasi_io_streams_stream_error_t *error, const char *what) {
  if (good) return IO_OK;
  if (error->tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED) return IO_CLOSED;
  print_io_error(what, error->val.last_operation_failed);
  return IO_FAILED;
}

io_status read_now(input_stream input, size_t largest, bytes *chunk) {
  wasi_io_streams_stream_error_t error;
  bool good =
      wasi_io_streams_method_input_stream_read(wasi_io_streams_borrow_input_stream(input), largest, chunk, &error);
  return status_of(good, &error, "read");
}

io_status read_some(input_stream input, size_t largest, bytes *chunk) {
  wasi_io_streams_stream_error_t error;
  bool good = wasi_io_streams_method_input_stream_blocking_read(wasi_io_streams_borrow_input_stream(input), largest,
                                                                chunk, &error);
  return status_of(good, &error, "read");
}

io_status write_permit(output_stream output, size_t *permit) {
  wasi_io_streams_stream_error_t error;
  uint64_t size = 0;
  bool good =
      wasi_io_streams_method_output_stream_check_write(wasi_io_streams_borrow_output_stream(output), &size, &error);
  *permit = (size_t)size;
  return status_of(good, &error, "write");
}

io_status write_now(output_stream output, bytes data) {
  wasi_io_streams_stream_error_t error;
  bool good = wasi_io_streams_method_output_stream_write(wasi_io_streams_borrow_output_stream(output), &data, &error);
  return status_of(good, &error, "write");
}

io_status write_all(output_stream output, bytes data) {
  enum { LARGEST = 4096 }; /* what blocking-write-and-flush takes at once */
  io_status status = IO_OK;
  for (size_t begin = 0; begin < data.len && status == IO_OK; begin += LARGEST) {
    wasi_io_streams_stream_error_t error;
    size_t left = data.len - begin;
    bytes part = {data.ptr + begin, left < LARGEST ? left : LARGEST};
    bool good = wasi_io_streams_method_output_stream_blocking_write_and_flush(
        wasi_io_streams_borrow_output_stream(output), &part, &error);
    status = status_of(good, &error, "write");
  }
  return status;
}

io_status print_all(input_stream input) {
  bytes chunk;
  io_status status;
  while ((status = read_some(input, 65536, &chunk)) == IO_OK) {
    fwrite(chunk.ptr, 1, chunk.len, stdout);
    guest_list_u8_free(&chunk);
  }
  return status;
}

void drop_streams(streams both) {
  wasi_io_streams_output_stream_drop_own(both.output);
  wasi_io_streams_input_stream_drop_own(both.input);
}

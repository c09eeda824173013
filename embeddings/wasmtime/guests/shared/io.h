/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* wasi:io: waiting, reading and writing. The streams may be TCP's or TLS's: they are of the same type. */
#ifndef GUESTS_IO_H
#define GUESTS_IO_H

#include "text.h"

typedef wasi_io_poll_own_pollable_t pollable;
typedef wasi_io_streams_own_input_stream_t input_stream;
typedef wasi_io_streams_own_output_stream_t output_stream;

typedef struct streams {
  input_stream input;
  output_stream output;
} streams;

typedef enum io_status {
  IO_OK,
  IO_CLOSED, /* in order */
  IO_FAILED, /* for the reason that was printed */
} io_status;

/* Waits until it is ready, and drops it. */
void block(pollable waited);
/* Waits until some are ready. |ready[i]| says whether |waited[i]| is. */
void poll_all(const pollable *waited, bool *ready, size_t count);
void drop_all(const pollable *waited, size_t count);

pollable subscribe_input(input_stream input);
pollable subscribe_output(output_stream output);

/* Prints what is known of an error, after |what|, and drops it. */
void print_io_error(const char *what, wasi_io_error_own_error_t error);

/* What is there, at most |largest| bytes; nothing is no error. Freed with guest_list_u8_free. */
io_status read_now(input_stream input, size_t largest, bytes *chunk);
/* As read_now, but waits until there is something. */
io_status read_some(input_stream input, size_t largest, bytes *chunk);
/* How much may be written at once now. */
io_status write_permit(output_stream output, size_t *permit);
/* Writes within the permit. */
io_status write_now(output_stream output, bytes data);
io_status write_all(output_stream output, bytes data);

/* Prints all that comes until the peer closes: IO_CLOSED. */
io_status print_all(input_stream input);

void drop_streams(streams both);

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/**
 * @file adapters.h
 * Ready-made raw streams: over a non-blocking file descriptor, and over an in-memory pipe.
 *
 * They are a library of their own beside the core (target wasi-tls::adapters): the core knows no descriptor.
 */
#ifndef WASI_TLS_ADAPTERS_H
#define WASI_TLS_ADAPTERS_H

#include "error.h"
#include "stream.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A one-way byte pipe in memory, with back-pressure. Counted by its two ends. One thread at a time. */
/**
 * Makes a pipe that holds up to |capacity| bytes. The reader sees what the writer wrote; when the writer is dropped the
 * reader gets WASI_TLS_ERR_CLOSED behind the last byte, when the reader is dropped the writer does.
 * The caller owns both ends. Returns WASI_TLS_OK, _NULL_ARGUMENT, _LIMIT_VALUE (capacity 0), _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_pipe_new(size_t capacity, wasi_tls_input_stream **reader,
                                                                  wasi_tls_output_stream **writer);

/**
 * Waits for descriptors (Linux epoll). One thread at a time. Must outlive the streams made with it.
 */
typedef struct wasi_tls_fd_loop wasi_tls_fd_loop;

/** Makes a loop. The caller owns |*loop|. Returns WASI_TLS_OK, _NULL_ARGUMENT, _OUT_OF_MEMORY, _FILE (no descriptor
 * left). */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_fd_loop_new(wasi_tls_fd_loop **loop);
/** Frees the loop. NULL is ignored. */
WASI_TLS_API void wasi_tls_fd_loop_free(wasi_tls_fd_loop *loop);
/**
 * Waits up to |timeout_ms| (-1: for ever) for a registered descriptor, and calls the wakers of those that are ready.
 * Stores how many in |*woken|, which may be NULL; 0 if a signal interrupted the wait. Returns WASI_TLS_OK,
 * _NULL_ARGUMENT, _TRANSPORT_READ (epoll failed).
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_fd_loop_run(wasi_tls_fd_loop *loop, int timeout_ms,
                                                                     size_t *woken);
/**
 * Runs the loop until |pollable| is ready. Returns WASI_TLS_OK, _PENDING if |timeout_ms| (-1: never) passed first,
 * _NULL_ARGUMENT, _TRANSPORT_READ.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_fd_loop_block(wasi_tls_fd_loop *loop,
                                                                       wasi_tls_pollable *pollable, int timeout_ms);
/** As wasi_tls_fd_loop_block, for a stream itself (any stream whose transport hangs on this loop). */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_fd_loop_block_input(wasi_tls_fd_loop *loop,
                                                                             wasi_tls_input_stream *input,
                                                                             int timeout_ms);
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_fd_loop_block_output(wasi_tls_fd_loop *loop,
                                                                              wasi_tls_output_stream *output,
                                                                              int timeout_ms);
/** wasi:io `input-stream.blocking-read`: waits for 1 to |len| bytes. OK, or the stream's or the loop's result. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_fd_loop_read(wasi_tls_fd_loop *loop,
                                                                      wasi_tls_input_stream *input, uint8_t *buffer,
                                                                      size_t len, size_t *count, int timeout_ms);
/** wasi:io `output-stream.blocking-write-and-flush`, without the size limit. OK, or the stream's or the loop's result.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_fd_loop_write(wasi_tls_fd_loop *loop,
                                                                       wasi_tls_output_stream *output,
                                                                       const uint8_t *data, size_t len, int timeout_ms);

/**
 * Makes the two streams of one descriptor, which is set non-blocking and closed when both are dropped; a socket's
 * sending side is shut down when the output is dropped. What the output had taken by then still leaves while the loop
 * runs. Writes never raise SIGPIPE on a socket; on a pipe of the kernel's they can.
 * The caller owns both. Returns WASI_TLS_OK, _NULL_ARGUMENT, _FILE (the descriptor can't be set up or watched; it stays
 * the caller's), _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_fd_streams_new(wasi_tls_fd_loop *loop, int fd,
                                                                        wasi_tls_input_stream **input,
                                                                        wasi_tls_output_stream **output);

/**
 * Calls |waker| once when |fd| (a listening socket, say, that is not one of the streams') can be read.
 * Returns WASI_TLS_OK, _NULL_ARGUMENT, _FILE (also for a regular file, which is always ready), _OUT_OF_MEMORY.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_fd_loop_watch(wasi_tls_fd_loop *loop, int fd,
                                                                       wasi_tls_waker waker);
/** Forgets |fd|; to be called before it is closed. NULL is ignored. */
WASI_TLS_API void wasi_tls_fd_loop_unwatch(wasi_tls_fd_loop *loop, int fd);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/**
 * @file stream.h
 * Byte streams and pollables with the semantics of wasi:io 0.2, as vtables.
 *
 * The host supplies the raw streams; the library hands out the cleartext streams. Both are the same
 * types, so a cleartext stream can carry another TLS connection.
 *
 * Results of stream operations: WASI_TLS_OK; WASI_TLS_ERR_CLOSED is wasi:io's `closed`; any other
 * negative value is `last-operation-failed`, after which the stream answers WASI_TLS_ERR_CLOSED.
 * No operation blocks. A stream belongs to one thread at a time: that of its connection.
 */
#ifndef WASI_TLS_STREAM_H
#define WASI_TLS_STREAM_H

#include "error.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Who to tell when something may have become ready. Passed by value; wake is called at most once for
 * each registration, on the connection's thread, possibly from inside another call on the same
 * connection: it must only take note, and not call back into the library.
 */
typedef struct wasi_tls_waker {
  void (*wake)(void *context);
  void *context;
} wasi_tls_waker;

/**
 * wasi:io `pollable`: something to wait on that has its own registration. Comes from the subscribe
 * functions and from abort. Owned by the caller; may outlive what it came from, and is ready then.
 */
typedef struct wasi_tls_pollable wasi_tls_pollable;

typedef struct wasi_tls_input_stream wasi_tls_input_stream;
typedef struct wasi_tls_output_stream wasi_tls_output_stream;

/** Operations of an input stream. A host's own stream fills in every entry. */
typedef struct wasi_tls_input_stream_vtable {
  size_t size; /**< sizeof(wasi_tls_input_stream_vtable) */
  /**
   * wasi:io `input-stream.read`. Copies up to |len| bytes to |buffer| and stores the count in |*count|;
   * OK with a count of 0 means that nothing is there now. |len| 0 is OK and moves nothing.
   */
  wasi_tls_result (*read)(wasi_tls_input_stream *self, uint8_t *buffer, size_t len, size_t *count);
  /**
   * wasi:io `pollable.ready` of `input-stream.subscribe`: true if read would give bytes or an error.
   * Else |waker| replaces the one registered before and is called once when that may have changed.
   * A waker without a function only asks.
   */
  bool (*poll)(wasi_tls_input_stream *self, wasi_tls_waker waker);
  /** A pollable of its own for the same condition. May be NULL in a host's stream: then nothing can subscribe. */
  wasi_tls_result (*subscribe)(wasi_tls_input_stream *self, wasi_tls_pollable **pollable);
  /** The failure behind the last `last-operation-failed`; false if there was none. */
  bool (*last_error)(const wasi_tls_input_stream *self, wasi_tls_error *error);
  /** Resource drop: frees the stream. Never blocks. */
  void (*drop)(wasi_tls_input_stream *self);
} wasi_tls_input_stream_vtable;

/** Base of every input stream: the first member of an implementer's struct. */
struct wasi_tls_input_stream {
  const wasi_tls_input_stream_vtable *vtable;
};

/** Operations of an output stream. A host's own stream fills in every entry. */
typedef struct wasi_tls_output_stream_vtable {
  size_t size; /**< sizeof(wasi_tls_output_stream_vtable) */
  /** wasi:io `check-write`: stores in |*permit| how many bytes the next write may have; 0 is "wait". */
  wasi_tls_result (*check_write)(wasi_tls_output_stream *self, size_t *permit);
  /** wasi:io `write`: takes all |len| bytes. More than the permit is WASI_TLS_ERR_PERMIT_EXCEEDED. */
  wasi_tls_result (*write)(wasi_tls_output_stream *self, const uint8_t *data, size_t len);
  /** wasi:io `flush`: starts one; check_write permits 0 until all that was written is out. */
  wasi_tls_result (*flush)(wasi_tls_output_stream *self);
  /** As the input stream's poll: true if check_write would permit more than 0 or give an error. */
  bool (*poll)(wasi_tls_output_stream *self, wasi_tls_waker waker);
  /** A pollable of its own for the same condition. May be NULL in a host's stream: then nothing can subscribe. */
  wasi_tls_result (*subscribe)(wasi_tls_output_stream *self, wasi_tls_pollable **pollable);
  /** The failure behind the last `last-operation-failed`; false if there was none. */
  bool (*last_error)(const wasi_tls_output_stream *self, wasi_tls_error *error);
  /** Resource drop: frees the stream; a cleartext stream sends close_notify. Never blocks. */
  void (*drop)(wasi_tls_output_stream *self);
} wasi_tls_output_stream_vtable;

/** Base of every output stream: the first member of an implementer's struct. */
struct wasi_tls_output_stream {
  const wasi_tls_output_stream_vtable *vtable;
};

/*
 * The functions of wasi:io on either kind of stream. Each answers WASI_TLS_ERR_NULL_ARGUMENT for a
 * NULL stream or output, else what the vtable entry answers.
 */

/** wasi:io `input-stream.read`: see the vtable. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_input_stream_read(wasi_tls_input_stream *self, uint8_t *buffer,
                                                                           size_t len, size_t *count);
/** wasi:io `input-stream.skip`: as read, the bytes thrown away. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_input_stream_skip(wasi_tls_input_stream *self, size_t len,
                                                                           size_t *count);
/** wasi:io `pollable.ready` on the stream itself: see the vtable. False for NULL. */
WASI_TLS_API bool wasi_tls_input_stream_poll(wasi_tls_input_stream *self, wasi_tls_waker waker);
/** wasi:io `input-stream.subscribe`; the caller frees |*pollable|. WASI_TLS_ERR_UNSUPPORTED if the stream has none. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_input_stream_subscribe(wasi_tls_input_stream *self,
                                                                                wasi_tls_pollable **pollable);
/** What failed; false if nothing did or for NULL. |error| is filled in up to its size field. */
WASI_TLS_API bool wasi_tls_input_stream_last_error(const wasi_tls_input_stream *self, wasi_tls_error *error);
/** Resource drop. NULL is ignored. */
WASI_TLS_API void wasi_tls_input_stream_free(wasi_tls_input_stream *self);

/** wasi:io `output-stream.check-write`. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_output_stream_check_write(wasi_tls_output_stream *self,
                                                                                   size_t *permit);
/** wasi:io `output-stream.write`. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_output_stream_write(wasi_tls_output_stream *self,
                                                                             const uint8_t *data, size_t len);
/** wasi:io `output-stream.write-zeroes`: |len| zero bytes, within the permit. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_output_stream_write_zeroes(wasi_tls_output_stream *self,
                                                                                    size_t len);
/**
 * wasi:io `output-stream.splice`: moves up to |len| bytes, no more than the permit, from |source|;
 * stores the count moved in |*count|, 0 if either side has to wait. The first error of either side is the result.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_output_stream_splice(wasi_tls_output_stream *self,
                                                                              wasi_tls_input_stream *source, size_t len,
                                                                              size_t *count);
/** wasi:io `output-stream.flush`. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_output_stream_flush(wasi_tls_output_stream *self);
/** wasi:io `pollable.ready` on the stream itself. False for NULL. */
WASI_TLS_API bool wasi_tls_output_stream_poll(wasi_tls_output_stream *self, wasi_tls_waker waker);
/** wasi:io `output-stream.subscribe`; the caller frees |*pollable|. WASI_TLS_ERR_UNSUPPORTED if the stream has none. */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_output_stream_subscribe(wasi_tls_output_stream *self,
                                                                                 wasi_tls_pollable **pollable);
/** What failed; false if nothing did or for NULL. */
WASI_TLS_API bool wasi_tls_output_stream_last_error(const wasi_tls_output_stream *self, wasi_tls_error *error);
/** Resource drop: a cleartext stream sends close_notify behind what was written. NULL is ignored. */
WASI_TLS_API void wasi_tls_output_stream_free(wasi_tls_output_stream *self);

/**
 * wasi:io `pollable.ready`, with a way to wait: true if ready. Else |waker| replaces the pollable's
 * registration and is called once when it may have become ready; then ask again. Drives the
 * connection as far as it goes. True for NULL (nothing to wait for).
 */
WASI_TLS_API bool wasi_tls_pollable_poll(wasi_tls_pollable *self, wasi_tls_waker waker);
/** Resource drop. NULL is ignored. */
WASI_TLS_API void wasi_tls_pollable_free(wasi_tls_pollable *self);

#ifdef __cplusplus
}
#endif

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The raw streams of a connection: wasmtime-wasi's, behind the vtables of `wasi_tls/stream.h`.
//!
//! The C core owns what is made here and calls it only from inside of calls on the connection, so one thread at a time. A
//! panic of somebody's stream does not cross the border: it becomes a failure of the stream.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Waker};

use bytes::{Buf, Bytes};
use wasi_tls_sys as sys;
use wasmtime_wasi::p2::{DynInputStream, StreamError};

use crate::levels::Level;
use crate::outbox::Outbox;
use crate::tasks::Tasks;
use crate::waiting::Waiting;

/// How much is asked of a raw stream at a time: two records, so that a bulk transfer costs fewer calls of the system. More costs
/// more than it saves, since wasmtime-wasi allocates and clears as much for each read. It is let go as soon as the engine has
/// taken it.
const READ_AHEAD: usize = 32 * 1024;

#[repr(C)]
struct RawInput {
    base: sys::wasi_tls_input_stream,
    stream: Waiting<DynInputStream>,
    ahead: Bytes,
    waker: Waker,
    level: Level,
}

#[repr(C)]
struct RawOutput {
    base: sys::wasi_tls_output_stream,
    outbox: Arc<Outbox>,
}

/// An input stream for the C core, to be given to a connection or to `wasi_tls_input_stream_free`.
pub(crate) fn input(stream: DynInputStream, tasks: &Arc<Tasks>) -> *mut sys::wasi_tls_input_stream {
    let base = sys::wasi_tls_input_stream { vtable: &raw const INPUT };
    let waker = Waker::from(tasks.clone());
    let stream = Waiting::Here(stream);
    Box::into_raw(Box::new(RawInput { base, stream, ahead: Bytes::new(), waker, level: Level::default() })).cast()
}

/// An output stream for the C core, to be given to a connection or to `wasi_tls_output_stream_free`.
pub(crate) fn output(outbox: &Arc<Outbox>) -> *mut sys::wasi_tls_output_stream {
    let base = sys::wasi_tls_output_stream { vtable: &raw const OUTPUT };
    Box::into_raw(Box::new(RawOutput { base, outbox: outbox.clone() })).cast()
}

impl RawInput {
    /// Fills `buffer` as far as bytes are there now.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, sys::wasi_tls_result> {
        if self.ahead.is_empty() {
            let Some(stream) = self.stream.get(&mut Context::from_waker(&self.waker)) else { return Ok(0) };
            let read = self.level.measure(|| stream.read(READ_AHEAD));
            if self.level.is_too_deep() {
                return Err(sys::WASI_TLS_ERR_TRANSPORT_READ);
            }
            self.ahead = read.map_err(|error| code(&error))?;
        }
        let count = self.ahead.len().min(buffer.len());
        self.ahead.copy_to_slice(&mut buffer[..count]);
        if self.ahead.is_empty() {
            self.ahead = Bytes::new();
        }
        Ok(count)
    }

    fn poll(&mut self) -> bool {
        let mut cx = Context::from_waker(&self.waker);
        !self.ahead.is_empty() || self.level.measure(|| self.stream.poll_ready(&mut cx)) || self.level.is_too_deep()
    }
}

fn code(error: &StreamError) -> sys::wasi_tls_result {
    match error {
        StreamError::Closed => sys::WASI_TLS_ERR_CLOSED,
        StreamError::LastOperationFailed(_) | StreamError::Trap(_) => sys::WASI_TLS_ERR_TRANSPORT_READ,
    }
}

/// The outcome of `body`, or `failed` if what the embedder has given panics in it: no panic crosses to the core.
pub(crate) fn guarded<T>(failed: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(failed)
}

fn result<T>(outcome: Result<T, sys::wasi_tls_result>, store: impl FnOnce(T)) -> sys::wasi_tls_result {
    match outcome {
        Ok(value) => {
            store(value);
            sys::WASI_TLS_OK
        }
        Err(code) => code,
    }
}

static INPUT: sys::wasi_tls_input_stream_vtable = sys::wasi_tls_input_stream_vtable {
    size: size_of::<sys::wasi_tls_input_stream_vtable>(),
    read: Some(input_read),
    poll: Some(input_poll),
    subscribe: None,
    last_error: Some(input_last_error),
    drop: Some(input_drop),
};

static OUTPUT: sys::wasi_tls_output_stream_vtable = sys::wasi_tls_output_stream_vtable {
    size: size_of::<sys::wasi_tls_output_stream_vtable>(),
    check_write: Some(output_check_write),
    write: Some(output_write),
    flush: Some(output_flush),
    poll: Some(output_poll),
    subscribe: None,
    last_error: Some(output_last_error),
    drop: Some(output_drop),
};

// SAFETY, for all of what follows: the core calls the entries of a vtable with the stream that carries it, which `input` or
// `output` made with its base as the first member of a repr(C) struct; not after drop; and not on two threads at a time,
// since every call on a connection is made under its lock. Buffers are valid for the call and as long as is said.

unsafe extern "C" fn input_read(
    this: *mut sys::wasi_tls_input_stream,
    buffer: *mut u8,
    len: usize,
    count: *mut usize,
) -> sys::wasi_tls_result {
    if len == 0 {
        return sys::WASI_TLS_OK;
    }
    // SAFETY: see above. The core's buffers are initialised memory or about to be overwritten, and are not read here.
    let (this, buffer) = unsafe { (&mut *this.cast::<RawInput>(), std::slice::from_raw_parts_mut(buffer, len)) };
    guarded(sys::WASI_TLS_ERR_TRANSPORT_READ, || {
        // SAFETY: see above.
        result(this.read(buffer), |got| unsafe { count.write(got) })
    })
}

unsafe extern "C" fn input_poll(this: *mut sys::wasi_tls_input_stream, _: sys::wasi_tls_waker) -> bool {
    // SAFETY: see above. The stream wakes the tasks that wait on the connection themselves, so the core's waker is not needed.
    let this = unsafe { &mut *this.cast::<RawInput>() };
    guarded(true, || this.poll())
}

unsafe extern "C" fn input_last_error(_: *const sys::wasi_tls_input_stream, _: *mut sys::wasi_tls_error) -> bool {
    false
}

unsafe extern "C" fn input_drop(this: *mut sys::wasi_tls_input_stream) {
    // SAFETY: see above; `input` made it from a box.
    let this = unsafe { Box::from_raw(this.cast::<RawInput>()) };
    guarded((), || drop(this));
}

unsafe extern "C" fn output_check_write(
    this: *mut sys::wasi_tls_output_stream,
    permit: *mut usize,
) -> sys::wasi_tls_result {
    // SAFETY: see above.
    let this = unsafe { &mut *this.cast::<RawOutput>() };
    guarded(sys::WASI_TLS_ERR_TRANSPORT_WRITE, || {
        // SAFETY: see above.
        result(this.outbox.check_write(), |count| unsafe { permit.write(count) })
    })
}

unsafe extern "C" fn output_write(
    this: *mut sys::wasi_tls_output_stream,
    data: *const u8,
    len: usize,
) -> sys::wasi_tls_result {
    if len == 0 {
        return sys::WASI_TLS_OK;
    }
    // SAFETY: see above.
    let (this, data) = unsafe { (&mut *this.cast::<RawOutput>(), std::slice::from_raw_parts(data, len)) };
    guarded(sys::WASI_TLS_ERR_TRANSPORT_WRITE, || result(this.outbox.write(data), |()| ()))
}

unsafe extern "C" fn output_flush(this: *mut sys::wasi_tls_output_stream) -> sys::wasi_tls_result {
    // SAFETY: see above.
    let this = unsafe { &mut *this.cast::<RawOutput>() };
    guarded(sys::WASI_TLS_ERR_TRANSPORT_WRITE, || result(this.outbox.flush(), |()| ()))
}

unsafe extern "C" fn output_poll(this: *mut sys::wasi_tls_output_stream, _: sys::wasi_tls_waker) -> bool {
    // SAFETY: see above, and input_poll.
    let this = unsafe { &mut *this.cast::<RawOutput>() };
    guarded(true, || this.outbox.poll())
}

unsafe extern "C" fn output_last_error(_: *const sys::wasi_tls_output_stream, _: *mut sys::wasi_tls_error) -> bool {
    false
}

unsafe extern "C" fn output_drop(this: *mut sys::wasi_tls_output_stream) {
    // SAFETY: see above; `output` made it from a box.
    let this = unsafe { Box::from_raw(this.cast::<RawOutput>()) };
    guarded((), || this.outbox.close());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_the_first_member() {
        assert_eq!(std::mem::offset_of!(RawInput, base), 0);
        assert_eq!(std::mem::offset_of!(RawOutput, base), 0);
    }
}

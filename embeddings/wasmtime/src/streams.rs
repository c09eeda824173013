// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The cleartext streams of a connection, as wasmtime-wasi's.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use wasi_tls_sys as sys;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{InputStream, OutputStream, Pollable, StreamError, StreamResult};

use crate::calls::stream as calls;
use crate::error::Error;
use crate::handle::Handle;

/// Most that one read gives, as wasmtime-wasi's own streams do.
const MOST_READ: usize = 64 * 1024;

type InputHandle = Handle<sys::wasi_tls_input_stream>;
type OutputHandle = Handle<sys::wasi_tls_output_stream>;

/// What the guest reads from.
pub(crate) struct TlsInput {
    stream: InputHandle,
    /// The core tells a failure once: it waits here behind the bytes that came with it.
    failure: Option<StreamError>,
}

impl TlsInput {
    pub(crate) fn new(stream: InputHandle) -> Self {
        Self { stream, failure: None }
    }

    /// Reads once: at most what one record holds.
    fn read_some(&self, buffer: &mut BytesMut) -> StreamResult<usize> {
        let spare = buffer.spare_capacity_mut();
        let mut count = 0;
        // SAFETY: the stream is alive and locked; the core writes at most as many bytes as there is room for, and reads none.
        let read =
            |this| unsafe { sys::wasi_tls_input_stream_read(this, spare.as_mut_ptr().cast(), spare.len(), &mut count) };
        let code = self.stream.with(read);
        if code != sys::WASI_TLS_OK {
            return Err(stream_error(code, self.stream.failure(&calls::INPUT_LAST_ERROR)));
        }
        // SAFETY: with OK the core has written `count` bytes, no more than there was room for.
        unsafe { buffer.set_len(buffer.len() + count) };
        Ok(count)
    }
}

#[async_trait]
impl Pollable for TlsInput {
    async fn ready(&mut self) {
        if self.failure.is_none() {
            poll_fn(|cx| self.stream.poll(&calls::INPUT_POLL, cx)).await
        }
    }
}

impl InputStream for TlsInput {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let mut buffer = BytesMut::with_capacity(size.min(MOST_READ));
        while buffer.len() < size.min(MOST_READ) {
            match self.read_some(&mut buffer) {
                Ok(0) => break,
                Ok(_) => {}
                Err(failure) if buffer.is_empty() => return Err(failure),
                Err(failure) => {
                    self.failure = Some(failure);
                    break;
                }
            }
        }
        Ok(buffer.freeze())
    }
}

enum Output {
    Open(OutputHandle),
    /// Closes once everything that was written is out.
    Closing(OutputHandle),
    Closed,
}

/// What the guest writes to. Cloned for those who may close it.
#[derive(Clone)]
pub(crate) struct TlsOutput {
    state: Arc<Mutex<Output>>,
    close_timeout: Duration,
}

impl TlsOutput {
    pub(crate) fn new(stream: OutputHandle) -> Self {
        let close_timeout = stream.shared().policy().guest_limits().close_timeout;
        Self { state: Arc::new(Mutex::new(Output::Open(stream))), close_timeout }
    }

    /// Sends close_notify behind everything that was written so far.
    pub(crate) fn close(&self) {
        let _ = self.on_stream(flush);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Output::Open(stream) = std::mem::replace(&mut *state, Output::Closed) {
            *state = Output::Closing(stream);
        }
        drop(state);
        let _ = self.permit();
    }

    fn on_stream<T>(&self, body: impl FnOnce(&OutputHandle) -> StreamResult<T>) -> StreamResult<T> {
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            Output::Open(stream) => body(stream),
            Output::Closing(_) | Output::Closed => Err(StreamError::Closed),
        }
    }

    fn permit(&self) -> StreamResult<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            Output::Open(stream) => check_write(stream),
            Output::Closing(stream) => match check_write(stream) {
                Ok(0) => Ok(0),
                // Dropping the stream is what sends close_notify.
                _ => {
                    *state = Output::Closed;
                    Err(StreamError::Closed)
                }
            },
            Output::Closed => Err(StreamError::Closed),
        }
    }

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            Output::Open(stream) | Output::Closing(stream) => stream.poll(&calls::OUTPUT_POLL, cx),
            Output::Closed => Poll::Ready(()),
        }
    }
}

fn check_write(stream: &OutputHandle) -> StreamResult<usize> {
    let mut permit = 0;
    // SAFETY: the stream is alive and locked.
    let code = stream.with(|this| unsafe { sys::wasi_tls_output_stream_check_write(this, &raw mut permit) });
    output_result(stream, code).map(|()| permit)
}

fn flush(stream: &OutputHandle) -> StreamResult<()> {
    // SAFETY: the stream is alive and locked.
    let code = stream.with(|this| unsafe { sys::wasi_tls_output_stream_flush(this) });
    output_result(stream, code)
}

fn output_result(stream: &OutputHandle, code: sys::wasi_tls_result) -> StreamResult<()> {
    if code == sys::WASI_TLS_OK {
        return Ok(());
    }
    Err(stream_error(code, stream.failure(&calls::OUTPUT_LAST_ERROR)))
}

fn stream_error(code: sys::wasi_tls_result, detail: Option<Error>) -> StreamError {
    match code {
        sys::WASI_TLS_ERR_CLOSED => StreamError::Closed,
        sys::WASI_TLS_ERR_PERMIT_EXCEEDED => StreamError::trap("write exceeded the permit of check-write"),
        _ => StreamError::LastOperationFailed(detail.unwrap_or_else(|| Error::new(code)).into()),
    }
}

#[async_trait]
impl Pollable for TlsOutput {
    async fn ready(&mut self) {
        poll_fn(|cx| self.poll_ready(cx)).await
    }
}

#[async_trait]
impl OutputStream for TlsOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.on_stream(|stream| {
            // SAFETY: the stream is alive and locked, and the core copies what it keeps of the bytes.
            let code =
                stream.with(|this| unsafe { sys::wasi_tls_output_stream_write(this, bytes.as_ptr(), bytes.len()) });
            output_result(stream, code)
        })
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.on_stream(flush)
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.permit()
    }

    /// The guest drops the stream: what it has written goes out before close_notify, as far as the peer takes it in time.
    async fn cancel(&mut self) {
        self.close();
        let _ = tokio::time::timeout(self.close_timeout, async {
            while matches!(self.permit(), Ok(0)) {
                self.ready().await;
            }
        })
        .await;
    }
}

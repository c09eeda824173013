// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The raw output of a connection. What the core writes in one call of the guest goes to the stream in one piece: several
//! records in one call of the system.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::BytesMut;
use wasi_tls_sys as sys;
use wasmtime_wasi::p2::{DynOutputStream, StreamError, StreamResult};
use wasmtime_wasi::runtime::with_ambient_tokio_runtime;

use crate::levels::Level;
use crate::tasks::Tasks;
use crate::usage::Slot;
use crate::waiting::Waiting;

const FAILED: sys::wasi_tls_result = sys::WASI_TLS_ERR_TRANSPORT_WRITE;

/// Of a record that was filled up.
const LONG: usize = 16 * 1024;

struct State {
    stream: Waiting<DynOutputStream>,
    /// What was written in this call.
    held: BytesMut,
    /// How much more may be held: the stream's permit of this call.
    permit: usize,
    /// What came of passing it on. Told at the next occasion.
    failure: Option<sys::wasi_tls_result>,
    level: Level,
    waker: Waker,
}

/// None once the core has let go of it.
pub(crate) struct Outbox {
    state: Mutex<Option<State>>,
    /// The connection counts as one until its output is done.
    connection: Slot,
    close_timeout: Duration,
}

impl Outbox {
    pub(crate) fn new(
        stream: DynOutputStream,
        tasks: &Arc<Tasks>,
        connection: Slot,
        close_timeout: Duration,
    ) -> Arc<Self> {
        let state = State {
            stream: Waiting::Here(stream),
            held: BytesMut::new(),
            permit: 0,
            failure: None,
            level: Level::default(),
            waker: Waker::from(tasks.clone()),
        };
        Arc::new(Self { state: Mutex::new(Some(state)), connection, close_timeout })
    }

    fn state(&self) -> MutexGuard<'_, Option<State>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes on what was written. Called at the end of each call on the connection.
    pub(crate) fn push(&self) {
        if let Some(state) = &mut *self.state() {
            state.push();
        }
    }

    pub(crate) fn check_write(&self) -> Result<usize, sys::wasi_tls_result> {
        self.state().as_mut().map_or(Err(FAILED), State::check_write)
    }

    pub(crate) fn write(&self, data: &[u8]) -> Result<(), sys::wasi_tls_result> {
        self.state().as_mut().map_or(Err(FAILED), |state| state.write(data))
    }

    pub(crate) fn flush(&self) -> Result<(), sys::wasi_tls_result> {
        self.state().as_mut().map_or(Err(FAILED), State::flush)
    }

    pub(crate) fn poll(&self) -> bool {
        self.state().as_mut().is_none_or(State::poll)
    }

    /// Lets go of the stream once it has passed on what it has taken: an alert or close_notify may be the last of it.
    pub(crate) fn close(self: Arc<Self>) {
        let Some(mut state) = self.state().take() else { return };
        state.push();
        let timeout = self.close_timeout;
        let mut last = Box::pin(async move {
            let _counted = &self.connection;
            if let Some(mut stream) = state.stream.into_inner().await {
                stream.cancel().await;
            }
        });
        if last.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            with_ambient_tokio_runtime(|| tokio::spawn(async move { tokio::time::timeout(timeout, last).await }));
        }
    }
}

impl State {
    /// Calls `body` with the stream, unless it waits.
    fn on_stream<T>(
        &mut self,
        body: impl FnOnce(&mut DynOutputStream) -> StreamResult<T>,
    ) -> Option<Result<T, sys::wasi_tls_result>> {
        let stream = self.stream.get(&mut Context::from_waker(&self.waker))?;
        let outcome = self.level.measure(|| body(stream));
        Some(if self.level.is_too_deep() { Err(FAILED) } else { outcome.map_err(|error| code(&error)) })
    }

    fn push(&mut self) {
        self.permit = 0;
        if self.held.is_empty() {
            return;
        }
        let data = std::mem::take(&mut self.held).freeze();
        match self.on_stream(|stream| stream.write(data)) {
            Some(Ok(())) => {}
            Some(Err(failure)) => self.failure = Some(failure),
            // It does not wait while it permits something.
            None => self.failure = Some(FAILED),
        }
    }

    fn check_write(&mut self) -> Result<usize, sys::wasi_tls_result> {
        if self.permit != 0 {
            return Ok(self.permit);
        }
        self.push();
        self.told()?;
        self.permit = self.on_stream(|stream| stream.check_write()).unwrap_or(Ok(0))?;
        Ok(self.permit)
    }

    fn write(&mut self, data: &[u8]) -> Result<(), sys::wasi_tls_result> {
        self.told()?;
        if data.len() > self.permit {
            return Err(sys::WASI_TLS_ERR_PERMIT_EXCEEDED);
        }
        if self.held.is_empty() {
            // A long record is followed by more of them, as far as the permit goes.
            self.held.reserve(if data.len() < LONG { data.len() } else { self.permit });
        }
        self.permit -= data.len();
        self.held.extend_from_slice(data);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), sys::wasi_tls_result> {
        self.push();
        self.told()?;
        // A stream that waits has a write under way, and passes it on without being told.
        self.on_stream(|stream| stream.flush()).unwrap_or(Ok(()))
    }

    fn poll(&mut self) -> bool {
        self.push();
        let mut cx = Context::from_waker(&self.waker);
        self.failure.is_some() || self.level.measure(|| self.stream.poll_ready(&mut cx)) || self.level.is_too_deep()
    }

    fn told(&mut self) -> Result<(), sys::wasi_tls_result> {
        self.failure.map_or(Ok(()), Err)
    }
}

fn code(error: &StreamError) -> sys::wasi_tls_result {
    match error {
        StreamError::Closed => sys::WASI_TLS_ERR_CLOSED,
        StreamError::LastOperationFailed(_) | StreamError::Trap(_) => FAILED,
    }
}

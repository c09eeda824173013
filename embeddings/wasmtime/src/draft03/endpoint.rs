// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The C core's client without I/O (`wasi_tls/endpoint.h`), as a safe type. All `unsafe` of this draft is here.

use std::ptr::NonNull;
use std::sync::Arc;
use std::task::Poll;

use wasi_tls_sys as sys;

use crate::error::Error;
use crate::handle::lend;
use crate::policy::Policy;

/// Shared by both sides of a connection and by `connect`.
pub(super) type Failure = Arc<Error>;

/// A client's end of a connection. Bytes move only inside of the calls made on it.
///
/// Every method takes it by `&mut`, so that what the core lends (its output) can't outlive the next call, and no two threads
/// are ever in it at once.
pub(super) struct Endpoint {
    object: NonNull<sys::wasi_tls_endpoint>,
    /// The core keeps the configuration, and calls its hooks, as long as the endpoint is alive.
    _policy: Policy,
}

// SAFETY: the core allows an endpoint to be used by another thread for each call, if it is one at a time (endpoint.h,
// "Thread"), and all calls are made through an exclusive reference.
unsafe impl Send for Endpoint {}

impl Endpoint {
    /// Makes a client's endpoint that is about to do the whole handshake with the server of this name.
    pub(super) fn connect(policy: &Policy, name: &str) -> Result<Self, Failure> {
        let mut raw = std::ptr::null_mut();
        // SAFETY: the policy keeps the configuration alive.
        let code = unsafe { sys::wasi_tls_endpoint_new(policy.config(), sys::WASI_TLS_ROLE_CLIENT, &raw mut raw) };
        let Some(object) = NonNull::new(raw) else { return Err(Error::new(code).into()) };
        let mut endpoint = Self { object, _policy: policy.clone() };
        // SAFETY: the endpoint is valid; the name is copied, and a reference to an empty str is not NULL either.
        let code = unsafe { sys::wasi_tls_endpoint_connect(endpoint.raw(), lend(name.as_bytes())) };
        endpoint.done(code)?;
        // SAFETY: the endpoint is valid.
        let code = unsafe { sys::wasi_tls_endpoint_start(endpoint.raw(), sys::WASI_TLS_STEP_FINISH) };
        endpoint.done(code)?;
        Ok(endpoint)
    }

    fn raw(&mut self) -> *mut sys::wasi_tls_endpoint {
        self.object.as_ptr()
    }

    /// Goes on with the handshake. Pending: needs input.
    pub(super) fn drive(&mut self) -> Poll<Result<(), Failure>> {
        // SAFETY: the endpoint is valid.
        let code = unsafe { sys::wasi_tls_endpoint_drive(self.raw()) };
        self.outcome(code, ())
    }

    /// Ciphertext that arrived. Answers how much of it there was room for.
    pub(super) fn input(&mut self, data: &[u8]) -> Result<usize, Failure> {
        let mut accepted = 0;
        // SAFETY: the endpoint is valid, and `data` is readable for its length.
        let code = unsafe { sys::wasi_tls_endpoint_input(self.raw(), data.as_ptr(), data.len(), &raw mut accepted) };
        self.done(code).map(|()| accepted)
    }

    /// No ciphertext arrives any more.
    pub(super) fn input_end(&mut self) {
        // SAFETY: the endpoint is valid.
        unsafe { sys::wasi_tls_endpoint_input_end(self.raw()) }
    }

    /// Ciphertext to send.
    pub(super) fn output(&mut self) -> &[u8] {
        // SAFETY: the endpoint is valid.
        let bytes = unsafe { sys::wasi_tls_endpoint_output(self.raw()) };
        if bytes.len == 0 {
            return &[];
        }
        // SAFETY: the bytes stay until the next call on the endpoint, and the borrow of `self` prevents one.
        unsafe { std::slice::from_raw_parts(bytes.data, bytes.len) }
    }

    /// The first `len` bytes of the output are sent.
    pub(super) fn output_sent(&mut self, len: usize) {
        debug_assert!(len <= self.output().len());
        // SAFETY: the endpoint is valid, and has this much output.
        unsafe { sys::wasi_tls_endpoint_output_sent(self.raw(), len) }
    }

    /// Cleartext in; an empty buffer asks whether there is some. Pending: needs input.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Poll<Result<usize, Failure>> {
        let mut count = 0;
        // SAFETY: the endpoint is valid, and the buffer is writable for its length.
        let code =
            unsafe { sys::wasi_tls_endpoint_read(self.raw(), buffer.as_mut_ptr(), buffer.len(), &raw mut count) };
        self.outcome(code, count)
    }

    /// How many bytes the next write may have; 0 while output waits to be sent.
    pub(super) fn check_write(&mut self) -> Result<usize, Failure> {
        let mut permit = 0;
        // SAFETY: the endpoint is valid.
        let code = unsafe { sys::wasi_tls_endpoint_check_write(self.raw(), &raw mut permit) };
        self.done(code).map(|()| permit)
    }

    /// Cleartext out: takes all of it, which must be within the permit.
    pub(super) fn write(&mut self, data: &[u8]) -> Result<(), Failure> {
        // SAFETY: the endpoint is valid, and `data` is readable for its length.
        let code = unsafe { sys::wasi_tls_endpoint_write(self.raw(), data.as_ptr(), data.len()) };
        self.done(code)
    }

    /// Puts close_notify behind what was written.
    pub(super) fn close(&mut self) -> Result<(), Failure> {
        // SAFETY: the endpoint is valid.
        let code = unsafe { sys::wasi_tls_endpoint_close(self.raw()) };
        self.done(code)
    }

    fn outcome<T>(&mut self, code: sys::wasi_tls_result, value: T) -> Poll<Result<T, Failure>> {
        match code {
            sys::WASI_TLS_PENDING => Poll::Pending,
            _ => Poll::Ready(self.done(code).map(|()| value)),
        }
    }

    /// What the endpoint knows about a failure, or the code alone if that did not end the connection.
    fn done(&mut self, code: sys::wasi_tls_result) -> Result<(), Failure> {
        if code == sys::WASI_TLS_OK {
            return Ok(());
        }
        let mut error = Error::empty();
        // SAFETY: the endpoint and the record are valid.
        let known = unsafe { sys::wasi_tls_endpoint_last_error(self.raw(), error.as_mut_ptr()) };
        Err(if known && error.code() == code { error } else { Error::new(code) }.into())
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        // SAFETY: the endpoint is valid, and nobody has it after this.
        unsafe { sys::wasi_tls_endpoint_free(self.raw()) }
    }
}

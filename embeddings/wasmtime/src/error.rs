// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What is known about a failure.

use std::ffi::{CStr, c_char};
use std::fmt;

use wasi_tls_sys as sys;

/// A failure as the C core reports it (`wasi_tls_error`). The same on every engine, but for [`Error::native_code`].
///
/// It is the `wasi:io/error` that a guest's stream operation fails with, and can be had back from it by downcasting.
#[derive(Clone)]
pub struct Error {
    /// Boxed, so that results stay small.
    raw: Box<sys::wasi_tls_error>,
}

impl Error {
    /// An error with nothing known but its code.
    pub(crate) fn new(code: sys::wasi_tls_result) -> Self {
        let mut error = Self::empty();
        error.raw.result = code;
        error
    }

    /// A record for the C core to fill in.
    pub(crate) fn empty() -> Self {
        // SAFETY: all of it is numbers, for which zeroes are values; init sets what is not zero.
        let mut raw = Box::new(unsafe { std::mem::zeroed() });
        // SAFETY: the record is alive for the call.
        unsafe { sys::wasi_tls_error_init(&raw mut *raw) };
        Self { raw }
    }

    pub(crate) fn as_mut_ptr(&mut self) -> *mut sys::wasi_tls_error {
        &raw mut *self.raw
    }

    pub(crate) fn raw(&self) -> &sys::wasi_tls_error {
        &self.raw
    }

    /// One of the `WASI_TLS_ERR_` codes of `wasi_tls/error.h`.
    pub fn code(&self) -> i32 {
        self.raw.result
    }

    /// The code's stable name, for example `verify` or `key-mismatch`.
    pub fn name(&self) -> &'static str {
        name(sys::wasi_tls_result_name, self.raw.result)
    }

    /// The stable name of the code's class, for example `protocol`.
    pub fn class(&self) -> &'static str {
        // SAFETY: arithmetic on a number.
        name(sys::wasi_tls_error_class_name, unsafe { sys::wasi_tls_result_class(self.raw.result) })
    }

    /// The stable name of the step in which it happened, for example `server-identity`.
    pub fn step(&self) -> &'static str {
        name(sys::wasi_tls_step_name, self.raw.step)
    }

    /// The IANA number of the alert that was sent or received.
    pub fn alert(&self) -> Option<u8> {
        u8::try_from(self.raw.alert).ok()
    }

    /// Whether the alert came from the peer.
    pub fn alert_received(&self) -> bool {
        self.raw.alert_received
    }

    /// Why the peer's identity was refused, for example `expired`, and the index in its chain (0 is the end entity).
    pub fn verify_reason(&self) -> Option<(&'static str, u32)> {
        if self.raw.verify_reason == sys::WASI_TLS_VERIFY_OK {
            return None;
        }
        let reason = name(sys::wasi_tls_verify_reason_name, self.raw.verify_reason);
        Some((reason, self.raw.verify_depth))
    }

    /// The engine's own code, for logs only; 0 if there is none.
    pub fn native_code(&self) -> i64 {
        self.raw.native_code
    }

    /// One line for people. Not meant to be parsed.
    pub fn text(&self) -> String {
        // SAFETY: the core ends the text with a NUL within the array, and an empty record is all NULs.
        unsafe { CStr::from_ptr(self.raw.text.as_ptr()) }.to_string_lossy().into_owned()
    }
}

/// What one of the core's name functions says of a value.
fn name<V>(name: unsafe extern "C" fn(V) -> *const c_char, value: V) -> &'static str {
    // SAFETY: they answer static, NUL-terminated ASCII for any value, never NULL.
    unsafe { CStr::from_ptr(name(value)) }.to_str().unwrap_or("unknown")
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name())?;
        if let Some((reason, depth)) = self.verify_reason() {
            write!(f, ", {reason} (certificate {depth})")?;
        }
        if let Some(alert) = self.alert() {
            let alert = name(sys::wasi_tls_alert_name, alert.into());
            write!(f, ", alert {alert} {}", if self.alert_received() { "received" } else { "sent" })?;
        }
        match self.text() {
            text if text.is_empty() => Ok(()),
            text => write!(f, ": {text}"),
        }
    }
}

impl fmt::Debug for Error {
    /// What `wasi:io/error.to-debug-string` shows a guest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

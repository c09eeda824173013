// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Owned objects of the C core, and the one rule that they have: what comes from one connection belongs to one thread at a
//! time. Each handle carries the lock of its connection, and no call is made without holding it.

use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wasi_tls_sys as sys;

use crate::error::Error;
use crate::outbox::Outbox;
use crate::policy::Policy;
use crate::tasks::Tasks;
use crate::usage::Slot;

/// What all handles of one connection have in common.
pub(crate) struct Shared {
    exclusive: Mutex<()>,
    pub(crate) tasks: Arc<Tasks>,
    /// The core keeps the configuration, and calls its hooks, as long as a handle is alive.
    policy: Policy,
    outbox: Arc<Outbox>,
}

impl Shared {
    pub(crate) fn new(policy: Policy, tasks: Arc<Tasks>, outbox: Arc<Outbox>) -> Arc<Self> {
        Arc::new(Self { exclusive: Mutex::new(()), tasks, policy, outbox })
    }

    /// There is no data behind the lock that a panic could have left half changed.
    pub(crate) fn lock(&self) -> MutexGuard<'_, ()> {
        self.exclusive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }
}

/// An object type of the C core.
pub(crate) trait Object {
    /// # Safety
    /// `this` is owned by the caller and not used again.
    unsafe fn free(this: *mut Self);
}

macro_rules! objects {
    ($($object:ident => $free:ident,)*) => {
        $(impl Object for sys::$object {
            unsafe fn free(this: *mut Self) {
                // SAFETY: the caller's promise is what the function asks for.
                unsafe { sys::$free(this) }
            }
        })*
    };
}

objects! {
    wasi_tls_client_connection => wasi_tls_client_connection_free,
    wasi_tls_client_handshake => wasi_tls_client_handshake_free,
    wasi_tls_client_identity_request => wasi_tls_client_identity_request_free,
    wasi_tls_server_connection => wasi_tls_server_connection_free,
    wasi_tls_server_handshake => wasi_tls_server_handshake_free,
    wasi_tls_client_hello => wasi_tls_client_hello_free,
    wasi_tls_future_streams => wasi_tls_future_streams_free,
    wasi_tls_future_client_hello => wasi_tls_future_client_hello_free,
    wasi_tls_future_public_identity => wasi_tls_future_public_identity_free,
    wasi_tls_future_client_identity_request => wasi_tls_future_client_identity_request_free,
    wasi_tls_input_stream => wasi_tls_input_stream_free,
    wasi_tls_output_stream => wasi_tls_output_stream_free,
    wasi_tls_pollable => wasi_tls_pollable_free,
    wasi_tls_public_identity => wasi_tls_public_identity_free,
    wasi_tls_private_identity => wasi_tls_private_identity_free,
}

/// An object that belongs to a connection.
pub(crate) struct Handle<T: Object> {
    object: NonNull<T>,
    shared: Arc<Shared>,
    _slot: Slot,
}

// SAFETY: the core lets a connection's objects move between threads, one thread at a time being in them. `object` is private
// to this file, and used only with the lock of `shared` held.
unsafe impl<T: Object> Send for Handle<T> {}
// SAFETY: as above; a shared reference gives no way around the lock.
unsafe impl<T: Object> Sync for Handle<T> {}

impl<T: Object> Handle<T> {
    /// Takes over `object`, which comes from the connection of `shared`.
    pub(crate) fn new(object: NonNull<T>, shared: &Arc<Shared>, slot: Slot) -> Self {
        Self { object, shared: shared.clone(), _slot: slot }
    }

    /// Calls `body` with the object, which is alive and no other thread's until it returns. `body` must not lock again.
    pub(crate) fn with<R>(&self, body: impl FnOnce(*mut T) -> R) -> R {
        let _exclusive = self.shared.lock();
        let value = body(self.object.as_ptr());
        self.shared.outbox.push();
        value
    }

    /// Calls a function that makes another object of the same connection.
    pub(crate) fn derive<U: Object>(
        &self,
        slot: Slot,
        body: impl FnOnce(*mut T, &mut *mut U) -> sys::wasi_tls_result,
    ) -> Result<Handle<U>, Error> {
        let mut made = std::ptr::null_mut();
        check(self.with(|this| body(this, &mut made)))?;
        Ok(Handle::new(NonNull::new(made).expect("the core answers an object with OK"), &self.shared, slot))
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl<T: Object> Drop for Handle<T> {
    fn drop(&mut self) {
        let _exclusive = self.shared.lock();
        // SAFETY: the handle owns the object.
        unsafe { T::free(self.object.as_ptr()) };
        self.shared.outbox.push();
    }
}

/// An identity: immutable, and free to be used from any thread.
pub(crate) struct Identity<T: Object> {
    object: NonNull<T>,
    /// As for [`Shared`].
    policy: Policy,
    _slot: Slot,
}

// SAFETY: the core's identities are immutable, counted atomically, and may be used on any thread (identity.h).
unsafe impl<T: Object> Send for Identity<T> {}
// SAFETY: as above.
unsafe impl<T: Object> Sync for Identity<T> {}

impl<T: Object> Identity<T> {
    pub(crate) fn new(object: NonNull<T>, policy: &Policy, slot: Slot) -> Self {
        Self { object, policy: policy.clone(), _slot: slot }
    }

    pub(crate) fn as_ptr(&self) -> *mut T {
        self.object.as_ptr()
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }
}

impl<T: Object> Drop for Identity<T> {
    fn drop(&mut self) {
        // SAFETY: the handle owns one hold on the identity.
        unsafe { T::free(self.object.as_ptr()) };
    }
}

/// The code of a call as a result.
pub(crate) fn check(code: sys::wasi_tls_result) -> Result<(), Error> {
    if code == sys::WASI_TLS_OK { Ok(()) } else { Err(Error::new(code)) }
}

/// Bytes lent to the core for one call.
pub(crate) fn lend(bytes: &[u8]) -> sys::wasi_tls_bytes {
    sys::wasi_tls_bytes { data: bytes.as_ptr(), len: bytes.len() }
}

/// A list of bytes lent to the core for one call.
pub(crate) fn lend_all<B: AsRef<[u8]>>(list: &[B]) -> Vec<sys::wasi_tls_bytes> {
    list.iter().map(|bytes| lend(bytes.as_ref())).collect()
}

/// A copy of what the core lends.
///
/// # Safety
/// `bytes` is what the core has answered, and the object that it belongs to is alive and locked.
pub(crate) unsafe fn copy(bytes: sys::wasi_tls_bytes) -> Vec<u8> {
    if bytes.len == 0 {
        return Vec::new();
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(bytes.data, bytes.len) }.to_vec()
}

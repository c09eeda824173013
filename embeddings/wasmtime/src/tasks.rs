// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The tasks that wait for something of a connection.

use std::ffi::c_void;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

use wasi_tls_sys as sys;

/// More than any host polls one connection from; beyond it all are woken to make room, which is only early.
const MOST: usize = 64;

/// Everybody who waits. Any progress wakes all of them, and each asks again: one of them may have done, while it looked for
/// its own readiness, what another waits for.
#[derive(Default)]
pub(crate) struct Tasks(Mutex<Vec<Waker>>);

impl Tasks {
    pub(crate) fn register(&self, waker: &Waker) {
        let mut wakers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if wakers.iter().any(|known| known.will_wake(waker)) {
            return;
        }
        let crowd = if wakers.len() >= MOST { std::mem::take(&mut *wakers) } else { Vec::new() };
        wakers.push(waker.clone());
        drop(wakers);
        crowd.into_iter().for_each(Waker::wake);
    }

    fn wake_all(&self) {
        let wakers = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        wakers.into_iter().for_each(Waker::wake);
    }

    /// For the C core. Valid as long as `self` is.
    pub(crate) fn c_waker(&self) -> sys::wasi_tls_waker {
        sys::wasi_tls_waker { wake: Some(wake_tasks), context: std::ptr::from_ref(self).cast_mut().cast() }
    }
}

impl Wake for Tasks {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_all();
    }
}

unsafe extern "C" fn wake_tasks(context: *mut c_void) {
    // SAFETY: c_waker made the context from a Tasks that outlives all handles of the connection, and the core wakes nobody
    // after the last of them is freed.
    unsafe { &*context.cast::<Tasks>() }.wake_all();
}

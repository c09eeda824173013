// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Who waits for a connection, and for what.

use std::task::{Context, Waker};

/// Each has at most one task at a time.
#[derive(Clone, Copy)]
pub(super) enum Waiter {
    /// The consumer of `send`'s cleartext: for a permit.
    CleartextIn,
    /// The producer of `send`'s ciphertext: for output.
    CiphertextOut,
    /// The consumer of `receive`'s ciphertext: for room.
    CiphertextIn,
    /// The producer of `receive`'s cleartext: for a record.
    CleartextOut,
    /// `connect`.
    Connect,
    /// The future of `send`.
    Sent,
    /// The future of `receive`.
    Received,
}

const COUNT: usize = Waiter::Received as usize + 1;

#[derive(Default)]
pub(super) struct Waiters([Option<Waker>; COUNT]);

impl Waiters {
    pub(super) fn register(&mut self, waiter: Waiter, cx: &Context<'_>) {
        match &mut self.0[waiter as usize] {
            Some(waker) => waker.clone_from(cx.waker()),
            empty => *empty = Some(cx.waker().clone()),
        }
    }

    pub(super) fn wake(&mut self, waiter: Waiter) {
        if let Some(waker) = self.0[waiter as usize].take() {
            waker.wake();
        }
    }

    pub(super) fn wake_all(&mut self) {
        self.0.iter_mut().filter_map(Option::take).for_each(Waker::wake);
    }
}

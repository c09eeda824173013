// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! A connector and the streams that were made with it. One lock, and no task of its own while a guest uses it: each of the four
//! halves of streams moves the connection on as far as it goes when it is polled, and wakes who can go on then.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use wasmtime_wasi::runtime::spawn;

use super::fault::{ABANDONED, EXPIRED, Fault, INCOMPLETE, OUTPUT_LOST};
use super::state::{Live, Phase, Side, State};
use super::waiters::Waiter;

/// Shared by a connector and everything that came from it.
#[derive(Default)]
pub(super) struct Connection(Mutex<State>);

impl Connection {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// False for a second call on the same side.
    pub(super) fn claim(&self, side: Side) -> bool {
        let mut state = self.state();
        !std::mem::replace(&mut state.half(side).claimed, true)
    }

    /// Starts the handshake. What went wrong is what [`Self::poll_connected`] answers then.
    pub(super) fn start(self: &Arc<Self>, make: impl FnOnce() -> Result<Live, Fault>) {
        let mut state = self.state();
        if !matches!(state.phase, Phase::New) {
            return;
        }
        let made = if state.send.claimed && state.receive.claimed { make() } else { Err(INCOMPLETE) };
        match made {
            Ok(mut live) => {
                if state.receive.source_ended {
                    live.endpoint.input_end();
                }
                state.phase = Phase::Handshake(live);
                state.advance();
                state.waiters.wake_all();
                self.limit_farewell(&mut state);
            }
            Err(fault) => state.fail(fault),
        }
    }

    /// What `connect` answers.
    pub(super) fn poll_connected(&self, cx: &Context<'_>) -> Poll<Result<(), Fault>> {
        let mut state = self.state();
        match (&state.phase, &state.send.outcome) {
            (Phase::New | Phase::Handshake(_), _) => {
                state.waiters.register(Waiter::Connect, cx);
                Poll::Pending
            }
            // What comes after the handshake, the refusal of a client under TLS 1.3 for one, is for the streams to tell.
            (Phase::Failed(_) | Phase::Over, Some(Err(fault))) if !state.opened => Poll::Ready(Err(fault.clone())),
            _ => Poll::Ready(Ok(())),
        }
    }

    /// The connector, or the call of `connect`, is gone. Of no importance once the handshake is done.
    pub(super) fn abandon(&self) {
        let mut state = self.state();
        if matches!(state.phase, Phase::New | Phase::Handshake(_)) {
            state.fail(ABANDONED);
        }
    }

    /// How a side ended.
    pub(super) fn poll_outcome(&self, side: Side, cx: &Context<'_>) -> Poll<Result<(), Fault>> {
        let mut state = self.state();
        if let Some(outcome) = &state.half(side).outcome {
            return Poll::Ready(outcome.clone());
        }
        let waiter = if side == Side::Send { Waiter::Sent } else { Waiter::Received };
        state.waiters.register(waiter, cx);
        Poll::Pending
    }

    /// Takes some of `data`: cleartext to send or ciphertext received. None: it takes nothing any more. Empty data asks whether
    /// there is room.
    pub(super) fn poll_take(&self, side: Side, cx: &Context<'_>, data: &[u8]) -> Poll<Option<usize>> {
        let mut state = self.state();
        let polled = match side {
            Side::Send => state.poll_take_cleartext(data),
            Side::Receive => state.poll_take_ciphertext(data),
        };
        if polled.is_pending() {
            let waiter = if side == Side::Send { Waiter::CleartextIn } else { Waiter::CiphertextIn };
            state.waiters.register(waiter, cx);
        }
        polled
    }

    /// Gives ciphertext to send or cleartext received. None: there will be no more. An empty buffer asks whether there is some.
    pub(super) fn poll_give(&self, side: Side, cx: &Context<'_>, buffer: &mut [u8]) -> Poll<Option<usize>> {
        let mut state = self.state();
        let polled = match side {
            Side::Send => state.poll_give_ciphertext(buffer),
            Side::Receive => state.poll_give_cleartext(buffer),
        };
        if polled.is_pending() {
            let waiter = if side == Side::Send { Waiter::CiphertextOut } else { Waiter::CleartextOut };
            state.waiters.register(waiter, cx);
        }
        polled
    }

    /// The stream that this side takes in has ended.
    pub(super) fn source_ended(self: &Arc<Self>, side: Side) {
        let mut state = self.state();
        state.half(side).source_ended = true;
        if let (Side::Receive, Phase::Handshake(live) | Phase::Open(live)) = (side, &mut state.phase) {
            live.endpoint.input_end();
        }
        state.advance();
        self.limit_farewell(&mut state);
    }

    /// The stream that this side gives out was dropped by its reader.
    pub(super) fn sink_dropped(self: &Arc<Self>, side: Side) {
        let mut state = self.state();
        state.half(side).sink_dropped = true;
        if let (Side::Send, Phase::New | Phase::Handshake(_)) = (side, &state.phase) {
            state.fail(OUTPUT_LOST);
        }
        state.settle();
        self.limit_farewell(&mut state);
    }

    /// What is left to be said after both cleartext streams are dropped is waited for, but not for ever: the ciphertext may be
    /// with a socket whose peer has stopped reading, and no guest could take it back from there.
    fn limit_farewell(self: &Arc<Self>, state: &mut State) {
        let dropped = state.send.source_ended && state.receive.sink_dropped;
        let Some(live) = state.live().filter(|live| dropped && live.deadline.is_none()) else { return };
        let (connection, timeout) = (Arc::downgrade(self), live.close_timeout);
        live.deadline = Some(spawn(async move {
            loop {
                tokio::time::sleep(timeout).await;
                if connection.upgrade().is_none_or(|connection| connection.expire()) {
                    break;
                }
            }
        }));
    }

    /// Lets go of everything, but for a handshake that a guest may still wait for.
    fn expire(&self) -> bool {
        let mut state = self.state();
        if matches!(state.phase, Phase::Handshake(_)) {
            return false;
        }
        state.send.sink_dropped = true;
        state.fail(EXPIRED);
        true
    }
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What happens to a connection: its phases, how its two sides end, and how bytes get in and out of its endpoint.
//!
//! Nothing but the endpoint holds bytes, so its limits bound the memory: cleartext is only taken while no ciphertext waits
//! to be sent, and ciphertext only while the endpoint has room for it.

use std::task::Poll;
use std::time::Duration;

use wasi_tls_sys as sys;
use wasmtime_wasi::runtime::AbortOnDropJoinHandle;

use super::endpoint::{Endpoint, Failure};
use super::fault::{Fault, OUTPUT_LOST};
use super::waiters::{Waiter, Waiters};
use crate::usage::Slot;

/// The streams and the future of one of `send` and `receive`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Send,
    Receive,
}

/// How one side is doing. It ends once.
#[derive(Default)]
pub(super) struct Half {
    /// `send` or `receive` was called.
    pub(super) claimed: bool,
    /// The guest, or what it gave the stream to, has dropped the stream that this side takes in.
    pub(super) source_ended: bool,
    /// The same for the stream that this side gives out.
    pub(super) sink_dropped: bool,
    pub(super) outcome: Option<Result<(), Fault>>,
}

#[derive(Default)]
pub(super) enum Phase {
    /// Before `connect`: nothing moves.
    #[default]
    New,
    Handshake(Live),
    Open(Live),
    /// Failed: what is left is to give out the last output, an alert.
    Failed(Live),
    /// Nothing is left to do.
    Over,
}

/// What costs memory, and counts in the guest's limits.
pub(super) struct Live {
    pub(super) endpoint: Endpoint,
    _slot: Slot,
    pub(super) close_timeout: Duration,
    /// Runs once the guest can't do anything with the connection any more.
    pub(super) deadline: Option<AbortOnDropJoinHandle<()>>,
}

impl Live {
    pub(super) fn new(endpoint: Endpoint, slot: Slot, close_timeout: Duration) -> Self {
        Self { endpoint, _slot: slot, close_timeout, deadline: None }
    }
}

#[derive(Default)]
pub(super) struct State {
    pub(super) phase: Phase,
    pub(super) send: Half,
    pub(super) receive: Half,
    /// The handshake came to its end, whatever happened after it.
    pub(super) opened: bool,
    /// close_notify is in the output, or was.
    closing: bool,
    /// The endpoint did not take all that it was given, and has not gone on since.
    full: bool,
    pub(super) waiters: Waiters,
}

impl State {
    pub(super) fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Send => &mut self.send,
            Side::Receive => &mut self.receive,
        }
    }

    /// Both sides that have not ended yet end with this.
    pub(super) fn fail(&mut self, fault: Fault) {
        self.phase = match std::mem::take(&mut self.phase) {
            Phase::Handshake(live) | Phase::Open(live) | Phase::Failed(live) => Phase::Failed(live),
            Phase::New | Phase::Over => Phase::Over,
        };
        self.send.outcome.get_or_insert_with(|| Err(fault.clone()));
        self.receive.outcome.get_or_insert(Err(fault));
        self.settle();
        self.waiters.wake_all();
    }

    /// Goes on with what has come in, without giving any cleartext out.
    pub(super) fn advance(&mut self) {
        if let Phase::Handshake(live) = &mut self.phase {
            let driven = live.endpoint.drive();
            self.full = false;
            match driven {
                Poll::Pending => {}
                Poll::Ready(Ok(())) => self.open(),
                Poll::Ready(Err(error)) => self.fail(error.into()),
            }
        }
        self.look();
        self.close();
        self.settle();
        self.wake_sender();
    }

    fn open(&mut self) {
        self.opened = true;
        self.phase = match std::mem::take(&mut self.phase) {
            Phase::Handshake(live) => Phase::Open(live),
            other => other,
        };
        self.waiters.wake_all();
    }

    /// Asks for cleartext. What is not cleartext (an alert, a key update) is dealt with on the way, even if the guest does not
    /// read.
    fn look(&mut self) {
        let Phase::Open(live) = &mut self.phase else { return };
        if self.receive.outcome.is_some() {
            return;
        }
        match live.endpoint.read(&mut []) {
            Poll::Pending => self.full = false,
            Poll::Ready(Ok(_)) => self.waiters.wake(Waiter::CleartextOut),
            Poll::Ready(Err(error)) => self.end_reading(error),
        }
    }

    fn wake_sender(&mut self) {
        if self.live().is_some_and(|live| !live.endpoint.output().is_empty()) {
            self.waiters.wake(Waiter::CiphertextOut);
        }
    }

    pub(super) fn live(&mut self) -> Option<&mut Live> {
        match &mut self.phase {
            Phase::Handshake(live) | Phase::Open(live) | Phase::Failed(live) => Some(live),
            Phase::New | Phase::Over => None,
        }
    }

    fn end_reading(&mut self, failure: Failure) {
        if failure.code() != sys::WASI_TLS_ERR_CLOSED {
            return self.fail(failure.into());
        }
        self.receive.outcome.get_or_insert(Ok(()));
        self.waiters.wake(Waiter::CleartextOut);
        self.waiters.wake(Waiter::CiphertextIn);
        self.settle();
    }

    /// Says close_notify, once the handshake is done and the cleartext to send has ended.
    fn close(&mut self) {
        let Phase::Open(live) = &mut self.phase else { return };
        if !self.send.source_ended || self.closing || self.send.outcome.is_some() {
            return;
        }
        self.closing = true;
        if let Err(error) = live.endpoint.close() {
            self.fail(error.into());
        }
        self.waiters.wake(Waiter::CiphertextOut);
    }

    /// Sees whether a side has ended, and lets go of the endpoint when both have and the last alert is out.
    pub(super) fn settle(&mut self) {
        if let Phase::Open(live) = &mut self.phase {
            let waiting = live.endpoint.output().len();
            if self.closing && waiting == 0 {
                self.send.end(Ok(()), &mut self.waiters);
            }
            if self.send.sink_dropped {
                live.endpoint.output_sent(waiting);
                self.send.end(Err(OUTPUT_LOST), &mut self.waiters);
            }
            if self.receive.sink_dropped {
                self.receive.end(Ok(()), &mut self.waiters);
            }
        }
        let unheard = self.send.sink_dropped;
        let silent = self.live().is_none_or(|live| unheard || live.endpoint.output().is_empty());
        if silent && self.send.outcome.is_some() && self.receive.outcome.is_some() {
            self.phase = Phase::Over;
            self.waiters.wake_all();
        }
    }

    pub(super) fn poll_take_cleartext(&mut self, data: &[u8]) -> Poll<Option<usize>> {
        let live = match &mut self.phase {
            _ if self.send.outcome.is_some() => return Poll::Ready(None),
            Phase::Open(live) => live,
            _ => return Poll::Pending,
        };
        let taken = live.endpoint.check_write().and_then(|permit| {
            let count = data.len().min(permit);
            if count != 0 {
                live.endpoint.write(&data[..count])?;
            }
            Ok((permit != 0).then_some(count))
        });
        match taken {
            Ok(None) => Poll::Pending,
            Ok(Some(count)) => {
                self.wake_sender();
                Poll::Ready(Some(count))
            }
            Err(error) => {
                self.fail(error.into());
                Poll::Ready(None)
            }
        }
    }

    pub(super) fn poll_take_ciphertext(&mut self, data: &[u8]) -> Poll<Option<usize>> {
        if self.full {
            self.advance();
        }
        let live = match &mut self.phase {
            _ if self.receive.outcome.is_some() => return Poll::Ready(None),
            Phase::Handshake(live) | Phase::Open(live) => live,
            _ => return Poll::Pending,
        };
        if data.is_empty() {
            return if self.full { Poll::Pending } else { Poll::Ready(Some(0)) };
        }
        match live.endpoint.input(data) {
            Ok(count) => {
                self.full = count < data.len();
                self.advance();
                if count == 0 { Poll::Pending } else { Poll::Ready(Some(count)) }
            }
            Err(error) => {
                self.fail(error.into());
                Poll::Ready(None)
            }
        }
    }

    pub(super) fn poll_give_ciphertext(&mut self, buffer: &mut [u8]) -> Poll<Option<usize>> {
        let live = match &mut self.phase {
            Phase::New => return Poll::Pending,
            Phase::Over => return Poll::Ready(None),
            Phase::Handshake(live) | Phase::Open(live) | Phase::Failed(live) => live,
        };
        let output = live.endpoint.output();
        if output.is_empty() {
            let ended = self.send.outcome.is_some();
            return if ended { Poll::Ready(None) } else { Poll::Pending };
        }
        let count = output.len().min(buffer.len());
        if count == 0 {
            return Poll::Ready(Some(0));
        }
        buffer[..count].copy_from_slice(&output[..count]);
        live.endpoint.output_sent(count);
        if live.endpoint.output().is_empty() {
            self.waiters.wake(Waiter::CleartextIn);
            self.advance();
        }
        Poll::Ready(Some(count))
    }

    pub(super) fn poll_give_cleartext(&mut self, buffer: &mut [u8]) -> Poll<Option<usize>> {
        let live = match &mut self.phase {
            _ if self.receive.outcome.is_some() => return Poll::Ready(None),
            Phase::Open(live) => live,
            _ => return Poll::Pending,
        };
        let mut filled = 0;
        let end = loop {
            match live.endpoint.read(&mut buffer[filled..]) {
                Poll::Ready(Ok(count)) => filled += count,
                Poll::Ready(Err(error)) => break Some(error),
                Poll::Pending if filled == 0 => {
                    self.has_room();
                    return Poll::Pending;
                }
                Poll::Pending => break None,
            }
            if filled == buffer.len() {
                break None;
            }
        };
        self.has_room();
        let ended = end.is_some() && filled == 0;
        if let Some(error) = end {
            self.end_reading(error);
        }
        Poll::Ready((!ended).then_some(filled))
    }

    /// The endpoint was read from: it can take ciphertext again, and may have an answer to the peer.
    fn has_room(&mut self) {
        self.full = false;
        self.waiters.wake(Waiter::CiphertextIn);
        self.settle();
        self.wake_sender();
    }
}

impl Half {
    fn end(&mut self, outcome: Result<(), Fault>, waiters: &mut Waiters) {
        if self.outcome.is_none() {
            self.outcome = Some(outcome);
            waiters.wake_all();
        }
    }
}

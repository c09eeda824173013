// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! How much of the interface one guest holds, and how much it may.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Bounds for one guest, that is, for one [`WasiTlsCtx`](crate::WasiTlsCtx).
///
/// Beyond them a function with a `result` answers its error, and any other traps.
#[derive(Clone, Copy, Debug)]
pub struct GuestLimits {
    /// Most connections at a time, from their constructor until the last of their handles is dropped.
    pub connections: u32,
    /// Most handles of `wasi:tls` at a time, and pollables and streams that came from it. A failed one counts too.
    pub handles: u32,
    /// How long dropping an output stream, a guest's or the raw one of a connection, may wait for the transport to take
    /// what was written.
    pub close_timeout: Duration,
}

impl Default for GuestLimits {
    fn default() -> Self {
        Self { connections: 1024, handles: 16384, close_timeout: Duration::from_secs(5) }
    }
}

/// What one guest holds at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Connections of which a handle is alive.
    pub connections: u32,
    /// Handles alive.
    pub handles: u32,
}

/// The guest has reached one of its [`GuestLimits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitReached;

impl std::fmt::Display for LimitReached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("wasi:tls: the guest has reached its limit of connections or handles")
    }
}

impl std::error::Error for LimitReached {}

/// Counts what is alive, up to a bound.
#[derive(Clone)]
pub(crate) struct Counter {
    count: Arc<AtomicU32>,
    limit: u32,
}

impl Counter {
    pub(crate) fn new(limit: u32) -> Self {
        Self { count: Arc::default(), limit }
    }

    pub(crate) fn claim(&self) -> Result<Slot, LimitReached> {
        let more = |count| (count < self.limit).then_some(count + 1);
        match self.count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(_) => Ok(Slot(self.count.clone())),
            Err(_) => Err(LimitReached),
        }
    }

    pub(crate) fn alive(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }
}

/// One of what a [`Counter`] counts.
pub(crate) struct Slot(Arc<AtomicU32>);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! `wasi:tls` for components on Wasmtime, served by the wasi-tls C core with the TLS engine of the operator's choice.
//!
//! Three drafts of the interface from one core: [`draft01`] is all of it (client and server, the guest-driven handshake),
//! [`draft02`] and [`draft03`] are the later, smaller ones. Streams and pollables are wasmtime-wasi's own, so a guest can wait
//! for TLS, sockets and clocks in one list.
//!
//! ```no_run
//! use wasi_tls_wasmtime::{Policy, Trust, WasiTlsCtx, WasiTlsCtxView, WasiTlsView, draft01};
//! use wasmtime::component::{Linker, ResourceTable};
//! use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
//!
//! struct Guest {
//!     table: ResourceTable,
//!     wasi: WasiCtx,
//!     tls: WasiTlsCtx,
//! }
//!
//! impl WasiView for Guest {
//!     fn ctx(&mut self) -> WasiCtxView<'_> {
//!         WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
//!     }
//! }
//!
//! impl WasiTlsView for Guest {
//!     fn tls(&mut self) -> WasiTlsCtxView<'_> {
//!         WasiTlsCtxView { ctx: &mut self.tls, table: &mut self.table }
//!     }
//! }
//!
//! # fn main() -> wasmtime::Result<()> {
//! // Once for all guests: engine, trust, limits.
//! let policy = Policy::builder().server_trust(Trust::System).build()?;
//!
//! let engine = wasmtime::Engine::default();
//! let mut linker = Linker::<Guest>::new(&engine);
//! wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
//! draft01::add_to_linker(&mut linker, &draft01::LinkOptions::default())?;
//!
//! // For each guest:
//! let guest = Guest { table: ResourceTable::new(), wasi: WasiCtx::default(), tls: WasiTlsCtx::new(&policy) };
//! let store = wasmtime::Store::new(&engine, guest);
//! # Ok(())
//! # }
//! ```

use wasmtime::component::{HasData, ResourceTable};

pub mod draft01;
pub mod draft02;
#[cfg(feature = "p3")]
pub mod draft03;

mod calls;
mod connection;
mod error;
mod future;
mod handle;
mod levels;
mod outbox;
mod policy;
mod streams;
mod tasks;
mod transport;
mod usage;
mod waiting;

pub use error::Error;
pub use policy::{ClientIdentity, Limits, LogLevel, Policy, PolicyBuilder, Trust, Version, engines};
pub use usage::{GuestLimits, LimitReached, Usage};

use usage::{Counter, Slot};

/// What the host keeps for one guest.
pub struct WasiTlsCtx {
    policy: Policy,
    connections: Counter,
    handles: Counter,
}

impl WasiTlsCtx {
    /// A guest under `policy`.
    pub fn new(policy: &Policy) -> Self {
        let limits = policy.guest_limits();
        Self {
            policy: policy.clone(),
            connections: Counter::new(limits.connections),
            handles: Counter::new(limits.handles),
        }
    }

    /// What the guest holds at the moment.
    pub fn usage(&self) -> Usage {
        Usage { connections: self.connections.alive(), handles: self.handles.alive() }
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Room for one more connection.
    pub(crate) fn connection(&self) -> Result<Slot, LimitReached> {
        self.connections.claim()
    }

    /// Room for one more handle.
    pub(crate) fn handle(&self) -> Result<Slot, LimitReached> {
        self.handles.claim()
    }
}

/// What the host's functions work on.
pub struct WasiTlsCtxView<'a> {
    /// The guest's state.
    pub ctx: &'a mut WasiTlsCtx,
    /// The guest's resources.
    pub table: &'a mut ResourceTable,
}

/// Implemented by the data of a store, to say where its [`WasiTlsCtx`] is.
pub trait WasiTlsView: Send {
    /// The guest's state, and its resources.
    fn tls(&mut self) -> WasiTlsCtxView<'_>;
}

/// Tells the linker what the host functions get.
pub(crate) struct WasiTls;

impl HasData for WasiTls {
    type Data<'a> = WasiTlsCtxView<'a>;
}

/// The README's programs, which are to compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

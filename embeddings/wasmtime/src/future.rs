// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The futures and pollables of the interface.

use std::future::poll_fn;

use wasi_tls_sys as sys;
use wasmtime::component::Resource;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};

use crate::WasiTlsCtxView;
use crate::calls::stream::POLLABLE_POLL;
use crate::calls::{Make, future as calls};
use crate::error::Error;
use crate::handle::{Handle, Object};
use crate::streams::{TlsInput, TlsOutput};
use crate::usage::{LimitReached, Slot};

/// What a guest waits for.
enum TlsPollable {
    /// Something of a connection.
    Of(Handle<sys::wasi_tls_pollable>),
    /// What has failed before it began.
    Ready { _slot: Slot },
}

#[async_trait]
impl Pollable for TlsPollable {
    async fn ready(&mut self) {
        if let Self::Of(handle) = self {
            poll_fn(|cx| handle.poll(&POLLABLE_POLL, cx)).await
        }
    }
}

/// A future of the interface; without a handle, one that has failed before it began.
pub(crate) struct Pending<T: Object> {
    handle: Option<Handle<T>>,
    taken: bool,
}

/// The answer of a future's `get`: none while pending, an outer error once taken.
pub(crate) type Answer<T, E> = Option<Result<Result<T, E>, ()>>;

/// What the C core has for one type of future.
pub(crate) trait FutureObject: Object + Sized + 'static {
    /// Its subscribe function.
    const SUBSCRIBE: &'static Make<Self, sys::wasi_tls_pollable>;
}

macro_rules! futures {
    ($($object:ident => $subscribe:ident,)*) => {
        $(impl FutureObject for sys::$object {
            const SUBSCRIBE: &'static Make<Self, sys::wasi_tls_pollable> = &calls::$subscribe;
        })*
    };
}

futures! {
    wasi_tls_future_streams => STREAMS_SUBSCRIBE,
    wasi_tls_future_client_hello => CLIENT_HELLO_SUBSCRIBE,
    wasi_tls_future_public_identity => PUBLIC_IDENTITY_SUBSCRIBE,
    wasi_tls_future_client_identity_request => CLIENT_IDENTITY_REQUEST_SUBSCRIBE,
}

impl<T: FutureObject> Pending<T> {
    pub(crate) fn new(handle: Option<Handle<T>>) -> Self {
        Self { handle, taken: false }
    }

    /// What to wait for; none if the future has failed before it began.
    pub(crate) fn subscribe(
        &self,
        ctx: &crate::WasiTlsCtx,
    ) -> wasmtime::Result<Option<Handle<sys::wasi_tls_pollable>>> {
        let Some(handle) = &self.handle else { return Ok(None) };
        Ok(Some(handle.make(ctx.handle()?, T::SUBSCRIBE)?))
    }

    /// Asks `get` for the outcome, unless it was taken.
    pub(crate) fn get<R>(&mut self, get: impl FnOnce(&Handle<T>) -> Result<R, Error>) -> Answer<R, Option<Error>> {
        if self.taken {
            return Some(Err(()));
        }
        let outcome = match &self.handle {
            Some(handle) => get(handle).map_err(Some),
            None => Err(None),
        };
        if matches!(&outcome, Err(Some(error)) if error.code() == sys::WASI_TLS_PENDING) {
            return None;
        }
        self.taken = true;
        Some(Ok(outcome))
    }
}

impl Pending<sys::wasi_tls_future_streams> {
    /// The cleartext streams.
    pub(crate) fn get_streams(
        &mut self,
        ctx: &crate::WasiTlsCtx,
    ) -> Result<Answer<(TlsInput, TlsOutput), Option<Error>>, LimitReached> {
        let slots = (ctx.handle()?, ctx.handle()?);
        Ok(self.get(|handle| {
            let (input, output) = handle.take_two(&calls::STREAMS_GET)?;
            let input = TlsInput::new(Handle::new(input, handle.shared(), slots.0));
            let output = TlsOutput::new(Handle::new(output, handle.shared(), slots.1));
            Ok((input, output))
        }))
    }
}

impl WasiTlsCtxView<'_> {
    /// `subscribe` of any future. The pollable may outlive it.
    pub(crate) fn subscribe<T: FutureObject>(
        &mut self,
        this: &Resource<Pending<T>>,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        let pollable = self.table.get(this)?.subscribe(self.ctx)?;
        self.pollable(pollable)
    }

    /// A pollable of its own; without a handle, one that is ready.
    pub(crate) fn pollable(
        &mut self,
        handle: Option<Handle<sys::wasi_tls_pollable>>,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        let pollable = match handle {
            Some(handle) => TlsPollable::Of(handle),
            None => TlsPollable::Ready { _slot: self.ctx.handle()? },
        };
        let entry = self.table.push(pollable)?;
        subscribe(self.table, entry)
    }
}

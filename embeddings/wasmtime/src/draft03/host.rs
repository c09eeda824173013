// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The functions of the WIT.

use std::future::poll_fn;
use std::iter;
use std::sync::Arc;

use wasmtime::component::{Access, Accessor, FutureReader, Resource, StreamReader};

use super::bindings::wasi::tls::{client, types};
use super::connection::Connection;
use super::endpoint::Endpoint;
use super::fault::{Fault, TWICE};
use super::state::{Live, Side};
use super::streams::{Consumer, Ending, Outcome, Producer};
use crate::usage::Slot;
use crate::{WasiTls, WasiTlsCtx, WasiTlsCtxView};

/// `wasi:tls/client.connector`.
pub struct Connector {
    connection: Arc<Connection>,
    _handle: Slot,
}

/// `wasi:tls/types.error`.
pub struct TlsError {
    fault: Fault,
    _handle: Slot,
}

type Pair = (StreamReader<u8>, FutureReader<Result<(), Resource<TlsError>>>);

pub(super) fn push_error(view: &mut WasiTlsCtxView<'_>, fault: Fault) -> wasmtime::Result<Resource<TlsError>> {
    let error = TlsError { fault, _handle: view.ctx.handle()? };
    Ok(view.table.push(error)?)
}

impl types::Host for WasiTlsCtxView<'_> {}

impl types::HostError for WasiTlsCtxView<'_> {
    fn to_debug_string(&mut self, error: Resource<TlsError>) -> wasmtime::Result<String> {
        Ok(self.table.get(&error)?.fault.to_string())
    }

    fn drop(&mut self, error: Resource<TlsError>) -> wasmtime::Result<()> {
        self.table.delete(error)?;
        Ok(())
    }
}

impl client::Host for WasiTlsCtxView<'_> {}

impl client::HostConnector for WasiTlsCtxView<'_> {
    fn new(&mut self) -> wasmtime::Result<Resource<Connector>> {
        let connector = Connector { connection: Arc::default(), _handle: self.ctx.handle()? };
        Ok(self.table.push(connector)?)
    }

    fn drop(&mut self, connector: Resource<Connector>) -> wasmtime::Result<()> {
        self.table.delete(connector)?.connection.abandon();
        Ok(())
    }
}

impl<T> client::HostConnectorWithStore<T> for WasiTls {
    fn send(
        store: Access<'_, T, Self>,
        connector: Resource<Connector>,
        cleartext: StreamReader<u8>,
    ) -> wasmtime::Result<Pair> {
        transform(store, &connector, Side::Send, cleartext)
    }

    fn receive(
        store: Access<'_, T, Self>,
        connector: Resource<Connector>,
        ciphertext: StreamReader<u8>,
    ) -> wasmtime::Result<Pair> {
        transform(store, &connector, Side::Receive, ciphertext)
    }

    async fn connect(
        accessor: &Accessor<T, Self>,
        connector: Resource<Connector>,
        server_name: String,
    ) -> wasmtime::Result<Result<(), Resource<TlsError>>> {
        let connecting = accessor.with(|mut store| {
            let view = store.get();
            let connector = view.table.delete(connector)?;
            connector.connection.start(|| live(view.ctx, &server_name));
            wasmtime::error::Ok(Connecting(connector.connection))
        })?;
        match poll_fn(|cx| connecting.0.poll_connected(cx)).await {
            Ok(()) => Ok(Ok(())),
            Err(fault) => accessor.with(|mut store| push_error(&mut store.get(), fault)).map(Err),
        }
    }
}

/// Makes what the handshake is done with, within the guest's limits.
fn live(ctx: &WasiTlsCtx, server_name: &str) -> Result<Live, Fault> {
    let slot = ctx.connection().map_err(|_| Fault::Limit)?;
    let endpoint = Endpoint::connect(ctx.policy(), server_name)?;
    Ok(Live::new(endpoint, slot, ctx.policy().guest_limits().close_timeout))
}

/// A guest that cancels `connect` drops this.
struct Connecting(Arc<Connection>);

impl Drop for Connecting {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// `send` and `receive`: a stream into the connection, a stream out of it, and how that side ended.
fn transform<T>(
    mut store: Access<'_, T, WasiTls>,
    connector: &Resource<Connector>,
    side: Side,
    mut source: StreamReader<u8>,
) -> wasmtime::Result<Pair> {
    let getter = store.getter();
    let connection = store.get().table.get(connector)?.connection.clone();
    if !connection.claim(side) {
        source.close(&mut store)?;
        let outcome = Outcome { getter, ending: Ending::Refused(TWICE) };
        return Ok((StreamReader::new(&mut store, iter::empty())?, FutureReader::new(&mut store, outcome)?));
    }
    source.pipe(&mut store, Consumer::new(&connection, side))?;
    let sink = StreamReader::new(&mut store, Producer::new(&connection, side))?;
    let outcome = Outcome { getter, ending: Ending::Of(connection, side) };
    Ok((sink, FutureReader::new(&mut store, outcome)?))
}

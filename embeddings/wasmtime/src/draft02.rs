// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! `wasi:tls@0.2.0-draft`: clients only, with the server name as the only setting.

use wasi_tls_sys as sys;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, IoError};

use crate::calls::client as calls;
use crate::connection::Client;
use crate::error::Error;
use crate::future::Pending;
use crate::handle::Handle;
use crate::streams::TlsOutput;
use crate::{LimitReached, WasiTls, WasiTlsCtxView, WasiTlsView};

mod generated {
    wasmtime::component::bindgen!({
        path: "../../wit/wasi-tls-0.2.0-draft",
        world: "wasi:tls/imports",
        with: {
            "wasi:io": wasmtime_wasi::p2::bindings::io,
            "wasi:tls/types.client-handshake": crate::draft02::ClientHandshake,
            "wasi:tls/types.client-connection": crate::draft02::ClientConnection,
            "wasi:tls/types.future-client-streams": crate::draft02::FutureClientStreams,
        },
        imports: { default: trappable },
        require_store_data_send: true,
    });
}

use generated::wasi::tls::types;

/// Adds `wasi:tls/types@0.2.0-draft` to a linker.
pub fn add_to_linker<T: WasiTlsView + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    types::add_to_linker::<_, WasiTls>(linker, T::tls)
}

/// The host's `client-handshake`.
pub struct ClientHandshake {
    server_name: String,
    connection: Option<Client>,
}

/// The host's `client-connection`.
pub struct ClientConnection {
    output: TlsOutput,
    _connection: Client,
}

/// The host's `future-client-streams`.
pub struct FutureClientStreams {
    streams: Pending<sys::wasi_tls_future_streams>,
    connection: Option<Client>,
    /// Why the handshake could not even begin.
    refused: Option<IoError>,
}

type Streams = (Resource<ClientConnection>, Resource<DynInputStream>, Resource<DynOutputStream>);

impl types::Host for WasiTlsCtxView<'_> {}

impl types::HostClientHandshake for WasiTlsCtxView<'_> {
    fn new(
        &mut self,
        server_name: String,
        input: Resource<DynInputStream>,
        output: Resource<DynOutputStream>,
    ) -> wasmtime::Result<Resource<ClientHandshake>> {
        let connection = self.new_client(input, output)?;
        Ok(self.table.push(ClientHandshake { server_name, connection })?)
    }

    fn finish(&mut self, this: Resource<ClientHandshake>) -> wasmtime::Result<Resource<FutureClientStreams>> {
        let ClientHandshake { server_name, connection } = self.table.delete(this)?;
        let started = match &connection {
            Some(connection) => self.start(connection, &server_name),
            None => Err(LimitReached.into()),
        };
        let (future, refused) = match started {
            Ok(future) => (Some(future), None),
            Err(error) => (None, Some(error)),
        };
        Ok(self.table.push(FutureClientStreams { streams: Pending::new(future), connection, refused })?)
    }

    fn drop(&mut self, this: Resource<ClientHandshake>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl WasiTlsCtxView<'_> {
    fn start(
        &mut self,
        connection: &Client,
        server_name: &str,
    ) -> Result<Handle<sys::wasi_tls_future_streams>, IoError> {
        let handshake = connection.make_named(self.ctx.handle()?, &calls::CONNECT, server_name)?;
        Ok(handshake.make(self.ctx.handle()?, &calls::FINISH)?)
    }
}

impl types::HostFutureClientStreams for WasiTlsCtxView<'_> {
    fn subscribe(&mut self, this: Resource<FutureClientStreams>) -> wasmtime::Result<Resource<DynPollable>> {
        let pollable = self.table.get(&this)?.streams.subscribe(self.ctx)?;
        self.pollable(pollable)
    }

    fn get(
        &mut self,
        this: Resource<FutureClientStreams>,
    ) -> wasmtime::Result<Option<Result<Result<Streams, Resource<IoError>>, ()>>> {
        let future = self.table.get_mut(&this)?;
        let (input, output) = match future.streams.get_streams(self.ctx)? {
            None => return Ok(None),
            Some(Err(())) => return Ok(Some(Err(()))),
            Some(Ok(Err(error))) => {
                let error = future.refused.take().unwrap_or_else(|| reason(future.connection.as_ref(), error));
                return Ok(Some(Ok(Err(self.table.push(error)?))));
            }
            Some(Ok(Ok(streams))) => streams,
        };
        let connection = future.connection.take().expect("a handshake has a connection, and ends once");
        let connection = self.table.push(ClientConnection { output: output.clone(), _connection: connection })?;
        let input: DynInputStream = Box::new(input);
        let output: DynOutputStream = Box::new(output);
        Ok(Some(Ok(Ok((connection, self.table.push(input)?, self.table.push(output)?)))))
    }

    fn drop(&mut self, this: Resource<FutureClientStreams>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

/// All that is known about why a handshake failed.
fn reason(connection: Option<&Client>, error: Option<Error>) -> IoError {
    let detail = connection.and_then(|it| it.failure(&calls::LAST_ERROR));
    detail.or(error).unwrap_or_else(|| Error::new(sys::WASI_TLS_ERR_EOF)).into()
}

impl types::HostClientConnection for WasiTlsCtxView<'_> {
    fn close_output(&mut self, this: Resource<ClientConnection>) -> wasmtime::Result<()> {
        self.table.get(&this)?.output.close();
        Ok(())
    }

    fn drop(&mut self, this: Resource<ClientConnection>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! `server-connection`, `server-handshake` and `client-hello`.

use wasi_tls_sys as sys;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable};

use super::future::{FutureClientHello, FuturePublicIdentity, FutureStreams};
use super::identity::{PrivateIdentity, PublicIdentity};
use super::{detail, types};
use crate::WasiTlsCtxView;
use crate::calls::server as calls;
use crate::connection::Server;
use crate::handle::Handle;

/// The host's `server-connection`.
pub struct ServerConnection(Option<Server>);

/// The host's `server-handshake`.
pub struct ServerHandshake(Handle<sys::wasi_tls_server_handshake>);

/// The host's `client-hello`.
pub struct ClientHello(pub(super) Handle<sys::wasi_tls_client_hello>);

impl types::HostServerConnection for WasiTlsCtxView<'_> {
    fn new(
        &mut self,
        input: Resource<DynInputStream>,
        output: Resource<DynOutputStream>,
    ) -> wasmtime::Result<Resource<ServerConnection>> {
        let connection = self.new_server(input, output)?;
        Ok(self.table.push(ServerConnection(connection))?)
    }

    fn accept(&mut self, this: Resource<ServerConnection>) -> wasmtime::Result<Result<Resource<ServerHandshake>, ()>> {
        let Some(connection) = &self.table.get(&this)?.0 else { return Ok(Err(())) };
        let Ok(slot) = self.ctx.handle() else { return Ok(Err(())) };
        let made = connection.make(slot, &calls::ACCEPT);
        made.ok().map(|made| Ok(self.table.push(ServerHandshake(made))?)).transpose().map(|made| made.ok_or(()))
    }

    fn request_client_identity(
        &mut self,
        this: Resource<ServerConnection>,
    ) -> wasmtime::Result<Result<Resource<FuturePublicIdentity>, ()>> {
        self.step(&this, |it| it.0.as_ref(), &calls::REQUEST_CLIENT_IDENTITY_LATER)
    }

    fn server_name(&mut self, this: Resource<ServerConnection>) -> wasmtime::Result<Option<String>> {
        let connection = self.table.get(&this)?.0.as_ref();
        Ok(connection.and_then(|it| it.string(&calls::SERVER_NAME)))
    }

    fn alpn_id(&mut self, this: Resource<ServerConnection>) -> wasmtime::Result<Option<Vec<u8>>> {
        let connection = self.table.get(&this)?.0.as_ref();
        Ok(connection.and_then(|it| it.bytes(&calls::ALPN_ID)))
    }

    fn client_identity(
        &mut self,
        this: Resource<ServerConnection>,
    ) -> wasmtime::Result<Option<Resource<PublicIdentity>>> {
        let slot = self.ctx.handle()?;
        let connection = self.table.get(&this)?.0.as_ref();
        let found = connection.and_then(|it| it.own(&calls::CLIENT_IDENTITY));
        let found = found.map(|identity| PublicIdentity::new(identity, self.ctx.policy(), slot));
        Ok(found.map(|identity| self.table.push(identity)).transpose()?)
    }

    fn server_identity(
        &mut self,
        this: Resource<ServerConnection>,
    ) -> wasmtime::Result<Option<Resource<PrivateIdentity>>> {
        let slot = self.ctx.handle()?;
        let connection = self.table.get(&this)?.0.as_ref();
        let found = connection.and_then(|it| it.own(&calls::SERVER_IDENTITY));
        let found = found.map(|identity| PrivateIdentity::new(identity, self.ctx.policy(), slot));
        Ok(found.map(|identity| self.table.push(identity)).transpose()?)
    }

    fn protocol_version(&mut self, this: Resource<ServerConnection>) -> wasmtime::Result<Option<u16>> {
        let connection = self.table.get(&this)?.0.as_ref();
        Ok(connection.and_then(|it| it.code(&calls::PROTOCOL_VERSION)))
    }

    fn cipher_suite(&mut self, this: Resource<ServerConnection>) -> wasmtime::Result<Option<u16>> {
        let connection = self.table.get(&this)?.0.as_ref();
        Ok(connection.and_then(|it| it.code(&calls::CIPHER_SUITE)))
    }

    fn last_error(&mut self, this: Resource<ServerConnection>) -> wasmtime::Result<Option<types::ErrorDetail>> {
        let connection = self.table.get(&this)?.0.as_ref();
        Ok(connection.and_then(|it| it.failure(&calls::LAST_ERROR)).map(|error| detail::detail(&error)))
    }

    fn drop(&mut self, this: Resource<ServerConnection>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl types::HostServerHandshake for WasiTlsCtxView<'_> {
    fn configure_alpn_ids(
        &mut self,
        this: Resource<ServerHandshake>,
        value: Vec<Vec<u8>>,
    ) -> wasmtime::Result<Result<(), ()>> {
        Ok(self.table.get(&this)?.0.set_bytes(&calls::CONFIGURE_ALPN_IDS, &value).map_err(drop))
    }

    fn configure_server_identities(
        &mut self,
        this: Resource<ServerHandshake>,
        value: Vec<Resource<PrivateIdentity>>,
    ) -> wasmtime::Result<Result<(), ()>> {
        self.with_identities(&value, |view, list| {
            Ok(view.table.get(&this)?.0.set_identities(&calls::CONFIGURE_SERVER_IDENTITIES, list).map_err(drop))
        })
    }

    fn receive_client_hello(
        &mut self,
        this: Resource<ServerHandshake>,
    ) -> wasmtime::Result<Result<Resource<FutureClientHello>, ()>> {
        self.step(&this, |it| Some(&it.0), &calls::RECEIVE_CLIENT_HELLO)
    }

    fn request_client_identity(
        &mut self,
        this: Resource<ServerHandshake>,
    ) -> wasmtime::Result<Result<Resource<FuturePublicIdentity>, ()>> {
        self.step(&this, |it| Some(&it.0), &calls::REQUEST_CLIENT_IDENTITY)
    }

    fn finish(&mut self, this: Resource<ServerHandshake>) -> wasmtime::Result<Resource<FutureStreams>> {
        let slot = self.ctx.handle()?;
        let handshake = self.table.delete(this)?.0;
        let made = handshake.make(slot, &calls::FINISH);
        Ok(self.table.push(FutureStreams::new(made.ok()))?)
    }

    fn abort(&mut self, this: Resource<ServerHandshake>) -> wasmtime::Result<Resource<DynPollable>> {
        let slot = self.ctx.handle()?;
        let handshake = self.table.delete(this)?.0;
        let made = handshake.make(slot, &calls::ABORT);
        self.pollable(made.ok())
    }

    fn abort_with(
        &mut self,
        this: Resource<ServerHandshake>,
        alert: types::AbortAlert,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        let slot = self.ctx.handle()?;
        let handshake = self.table.delete(this)?.0;
        let made = handshake.make_alert(slot, &calls::ABORT_WITH, detail::alert(alert));
        self.pollable(made.ok())
    }

    fn drop(&mut self, this: Resource<ServerHandshake>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl types::HostClientHello for WasiTlsCtxView<'_> {
    fn server_name(&mut self, this: Resource<ClientHello>) -> wasmtime::Result<Option<String>> {
        Ok(self.table.get(&this)?.0.string(&calls::HELLO_SERVER_NAME))
    }

    fn alpn_ids(&mut self, this: Resource<ClientHello>) -> wasmtime::Result<Vec<Vec<u8>>> {
        Ok(self.table.get(&this)?.0.bytes_list(&calls::HELLO_ALPN_IDS)?)
    }

    fn cipher_suites(&mut self, this: Resource<ClientHello>) -> wasmtime::Result<Vec<u16>> {
        Ok(self.table.get(&this)?.0.code_list(&calls::HELLO_CIPHER_SUITES)?)
    }

    fn drop(&mut self, this: Resource<ClientHello>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

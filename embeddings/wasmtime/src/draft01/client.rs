// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! `client-connection`, `client-handshake` and `client-identity-request`.

use wasi_tls_sys as sys;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable};

use super::future::{FutureClientIdentityRequest, FuturePublicIdentity, FutureStreams};
use super::identity::{PrivateIdentity, PublicIdentity};
use super::{detail, types};
use crate::WasiTlsCtxView;
use crate::calls::client as calls;
use crate::connection::Client;
use crate::handle::Handle;

/// The host's `client-connection`.
pub struct ClientConnection(Option<Client>);

/// The host's `client-handshake`.
pub struct ClientHandshake(Handle<sys::wasi_tls_client_handshake>);

/// The host's `client-identity-request`.
pub struct ClientIdentityRequest(pub(super) Handle<sys::wasi_tls_client_identity_request>);

impl types::Host for WasiTlsCtxView<'_> {}

impl types::HostClientConnection for WasiTlsCtxView<'_> {
    fn new(
        &mut self,
        input: Resource<DynInputStream>,
        output: Resource<DynOutputStream>,
    ) -> wasmtime::Result<Resource<ClientConnection>> {
        let connection = self.new_client(input, output)?;
        Ok(self.table.push(ClientConnection(connection))?)
    }

    fn connect(
        &mut self,
        this: Resource<ClientConnection>,
        server_name: String,
    ) -> wasmtime::Result<Result<Resource<ClientHandshake>, ()>> {
        let Some(connection) = &self.table.get(&this)?.0 else { return Ok(Err(())) };
        let Ok(slot) = self.ctx.handle() else { return Ok(Err(())) };
        let made = connection.make_named(slot, &calls::CONNECT, &server_name);
        made.ok().map(|made| Ok(self.table.push(ClientHandshake(made))?)).transpose().map(|made| made.ok_or(()))
    }

    fn server_name(&mut self, this: Resource<ClientConnection>) -> wasmtime::Result<Option<String>> {
        let connection = self.table.get(&this)?.0.as_ref();
        Ok(connection.and_then(|it| it.string(&calls::SERVER_NAME)))
    }

    fn alpn_id(&mut self, this: Resource<ClientConnection>) -> wasmtime::Result<Option<Vec<u8>>> {
        let connection = self.table.get(&this)?.0.as_ref();
        Ok(connection.and_then(|it| it.bytes(&calls::ALPN_ID)))
    }

    fn client_identity(
        &mut self,
        this: Resource<ClientConnection>,
    ) -> wasmtime::Result<Option<Resource<PrivateIdentity>>> {
        let slot = self.ctx.handle()?;
        let connection = self.table.get(&this)?.0.as_ref();
        let found = connection.and_then(|it| it.own(&calls::CLIENT_IDENTITY));
        let found = found.map(|identity| PrivateIdentity::new(identity, self.ctx.policy(), slot));
        Ok(found.map(|identity| self.table.push(identity)).transpose()?)
    }

    fn server_identity(
        &mut self,
        this: Resource<ClientConnection>,
    ) -> wasmtime::Result<Option<Resource<PublicIdentity>>> {
        let slot = self.ctx.handle()?;
        let connection = self.table.get(&this)?.0.as_ref();
        let found = connection.and_then(|it| it.own(&calls::SERVER_IDENTITY));
        let found = found.map(|identity| PublicIdentity::new(identity, self.ctx.policy(), slot));
        Ok(found.map(|identity| self.table.push(identity)).transpose()?)
    }

    fn protocol_version(&mut self, this: Resource<ClientConnection>) -> wasmtime::Result<Option<u16>> {
        let connection = self.table.get(&this)?.0.as_ref();
        Ok(connection.and_then(|it| it.code(&calls::PROTOCOL_VERSION)))
    }

    fn cipher_suite(&mut self, this: Resource<ClientConnection>) -> wasmtime::Result<Option<u16>> {
        let connection = self.table.get(&this)?.0.as_ref();
        Ok(connection.and_then(|it| it.code(&calls::CIPHER_SUITE)))
    }

    fn last_error(&mut self, this: Resource<ClientConnection>) -> wasmtime::Result<Option<types::ErrorDetail>> {
        let connection = self.table.get(&this)?.0.as_ref();
        Ok(connection.and_then(|it| it.failure(&calls::LAST_ERROR)).map(|error| detail::detail(&error)))
    }

    fn drop(&mut self, this: Resource<ClientConnection>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl types::HostClientHandshake for WasiTlsCtxView<'_> {
    fn configure_alpn_ids(
        &mut self,
        this: Resource<ClientHandshake>,
        value: Vec<Vec<u8>>,
    ) -> wasmtime::Result<Result<(), ()>> {
        Ok(self.table.get(&this)?.0.set_bytes(&calls::CONFIGURE_ALPN_IDS, &value).map_err(drop))
    }

    fn configure_client_identities(
        &mut self,
        this: Resource<ClientHandshake>,
        value: Vec<Resource<PrivateIdentity>>,
    ) -> wasmtime::Result<Result<(), ()>> {
        self.with_identities(&value, |view, list| {
            Ok(view.table.get(&this)?.0.set_identities(&calls::CONFIGURE_CLIENT_IDENTITIES, list).map_err(drop))
        })
    }

    fn verify_server_identity(
        &mut self,
        this: Resource<ClientHandshake>,
    ) -> wasmtime::Result<Result<Resource<FuturePublicIdentity>, ()>> {
        self.step(&this, |it| Some(&it.0), &calls::VERIFY_SERVER_IDENTITY)
    }

    fn receive_client_identity_request(
        &mut self,
        this: Resource<ClientHandshake>,
    ) -> wasmtime::Result<Result<Resource<FutureClientIdentityRequest>, ()>> {
        self.step(&this, |it| Some(&it.0), &calls::RECEIVE_CLIENT_IDENTITY_REQUEST)
    }

    fn finish(&mut self, this: Resource<ClientHandshake>) -> wasmtime::Result<Resource<FutureStreams>> {
        let slot = self.ctx.handle()?;
        let handshake = self.table.delete(this)?.0;
        let made = handshake.make(slot, &calls::FINISH);
        Ok(self.table.push(FutureStreams::new(made.ok()))?)
    }

    fn abort(&mut self, this: Resource<ClientHandshake>) -> wasmtime::Result<Resource<DynPollable>> {
        let slot = self.ctx.handle()?;
        let handshake = self.table.delete(this)?.0;
        let made = handshake.make(slot, &calls::ABORT);
        self.pollable(made.ok())
    }

    fn abort_with(
        &mut self,
        this: Resource<ClientHandshake>,
        alert: types::AbortAlert,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        let slot = self.ctx.handle()?;
        let handshake = self.table.delete(this)?.0;
        let made = handshake.make_alert(slot, &calls::ABORT_WITH, detail::alert(alert));
        self.pollable(made.ok())
    }

    fn drop(&mut self, this: Resource<ClientHandshake>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl types::HostClientIdentityRequest for WasiTlsCtxView<'_> {
    fn respond(
        &mut self,
        this: Resource<ClientIdentityRequest>,
        identities: Vec<Resource<PrivateIdentity>>,
    ) -> wasmtime::Result<()> {
        let request = self.table.delete(this)?.0;
        self.with_identities(&identities, |_, list| {
            // What can't be offered is not, and the WIT has no word for it.
            let _ = request.set_identities(&calls::RESPOND, list);
            Ok(())
        })
    }

    fn authorities(&mut self, this: Resource<ClientIdentityRequest>) -> wasmtime::Result<Vec<Vec<u8>>> {
        Ok(self.table.get(&this)?.0.bytes_list(&calls::AUTHORITIES)?)
    }

    fn signature_schemes(&mut self, this: Resource<ClientIdentityRequest>) -> wasmtime::Result<Vec<u16>> {
        Ok(self.table.get(&this)?.0.code_list(&calls::SIGNATURE_SCHEMES)?)
    }

    fn drop(&mut self, this: Resource<ClientIdentityRequest>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! `client-connection`, `client-handshake` and `client-identity-request`.

use std::ptr;

use wasi_tls_sys as sys;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable};

use super::future::{FutureClientIdentityRequest, FuturePublicIdentity, FutureStreams};
use super::identity::{PrivateIdentity, PublicIdentity, copy_all};
use super::{detail, types};
use crate::WasiTlsCtxView;
use crate::connection::Client;
use crate::handle::{Handle, bytes_property, check, identity_property, lend, lend_all, property};

/// The host's `client-connection`.
pub struct ClientConnection(Option<Client>);

/// The host's `client-handshake`.
pub struct ClientHandshake(Handle<sys::wasi_tls_client_handshake>);

/// The host's `client-identity-request`.
pub struct ClientIdentityRequest(pub(super) Handle<sys::wasi_tls_client_identity_request>);

impl types::Host for WasiTlsCtxView<'_> {}

// SAFETY, for all calls of the core in this file: the object is alive and locked, as `with` and what is built on it say;
// outputs are variables of the caller, and lists are alive for the call.

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
        let name = lend(server_name.as_bytes());
        // SAFETY: see above.
        let made = connection.derive(slot, |this, out| unsafe { sys::wasi_tls_client_connection_connect(this, name, out) });
        made.ok().map(|made| Ok(self.table.push(ClientHandshake(made))?)).transpose().map(|made| made.ok_or(()))
    }

    fn server_name(&mut self, this: Resource<ClientConnection>) -> wasmtime::Result<Option<String>> {
        let connection = self.table.get(&this)?.0.as_ref();
        // SAFETY: see above.
        let name = bytes_property(connection, |this, out| unsafe { sys::wasi_tls_client_connection_server_name(this, out) });
        Ok(name.and_then(|name| String::from_utf8(name).ok()))
    }

    fn alpn_id(&mut self, this: Resource<ClientConnection>) -> wasmtime::Result<Option<Vec<u8>>> {
        let connection = self.table.get(&this)?.0.as_ref();
        // SAFETY: see above.
        Ok(bytes_property(connection, |this, out| unsafe { sys::wasi_tls_client_connection_alpn_id(this, out) }))
    }

    fn client_identity(
        &mut self,
        this: Resource<ClientConnection>,
    ) -> wasmtime::Result<Option<Resource<PrivateIdentity>>> {
        let slot = self.ctx.handle()?;
        let connection = self.table.get(&this)?.0.as_ref();
        // SAFETY: see above.
        let made = identity_property(connection, |this, out| unsafe { sys::wasi_tls_client_connection_client_identity(this, out) });
        let found = PrivateIdentity::new(made, self.ctx.policy(), slot);
        Ok(found.map(|identity| self.table.push(identity)).transpose()?)
    }

    fn server_identity(
        &mut self,
        this: Resource<ClientConnection>,
    ) -> wasmtime::Result<Option<Resource<PublicIdentity>>> {
        let slot = self.ctx.handle()?;
        let connection = self.table.get(&this)?.0.as_ref();
        // SAFETY: see above.
        let made = identity_property(connection, |this, out| unsafe { sys::wasi_tls_client_connection_server_identity(this, out) });
        let found = PublicIdentity::new(made, self.ctx.policy(), slot);
        Ok(found.map(|identity| self.table.push(identity)).transpose()?)
    }

    fn protocol_version(&mut self, this: Resource<ClientConnection>) -> wasmtime::Result<Option<u16>> {
        let connection = self.table.get(&this)?.0.as_ref();
        // SAFETY: see above.
        Ok(property(connection, |this, out| unsafe { sys::wasi_tls_client_connection_protocol_version(this, out) }))
    }

    fn cipher_suite(&mut self, this: Resource<ClientConnection>) -> wasmtime::Result<Option<u16>> {
        let connection = self.table.get(&this)?.0.as_ref();
        // SAFETY: see above.
        Ok(property(connection, |this, out| unsafe { sys::wasi_tls_client_connection_cipher_suite(this, out) }))
    }

    fn last_error(&mut self, this: Resource<ClientConnection>) -> wasmtime::Result<Option<types::ErrorDetail>> {
        let connection = self.table.get(&this)?.0.as_ref();
        // SAFETY: see above.
        Ok(detail::last_error(connection, |this, out| unsafe { sys::wasi_tls_client_connection_last_error(this, out) }))
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
        let ids = lend_all(&value);
        let set = |this| {
            // SAFETY: see above.
            unsafe { sys::wasi_tls_client_handshake_configure_alpn_ids(this, ids.as_ptr(), ids.len()) }
        };
        Ok(check(self.table.get(&this)?.0.with(set)).map_err(drop))
    }

    fn configure_client_identities(
        &mut self,
        this: Resource<ClientHandshake>,
        value: Vec<Resource<PrivateIdentity>>,
    ) -> wasmtime::Result<Result<(), ()>> {
        self.with_identities(&value, |view, list| {
            let set = |this| {
                // SAFETY: see above.
                unsafe { sys::wasi_tls_client_handshake_configure_client_identities(this, list.as_ptr(), list.len()) }
            };
            Ok(check(view.table.get(&this)?.0.with(set)).map_err(drop))
        })
    }

    fn verify_server_identity(
        &mut self,
        this: Resource<ClientHandshake>,
    ) -> wasmtime::Result<Result<Resource<FuturePublicIdentity>, ()>> {
        // SAFETY: see above.
        self.step(&this, |it| &it.0, |this, out| unsafe { sys::wasi_tls_client_handshake_verify_server_identity(this, out) })
    }

    fn receive_client_identity_request(
        &mut self,
        this: Resource<ClientHandshake>,
    ) -> wasmtime::Result<Result<Resource<FutureClientIdentityRequest>, ()>> {
        let start = |this, out: &mut *mut _| {
            // SAFETY: see above.
            unsafe { sys::wasi_tls_client_handshake_receive_client_identity_request(this, out) }
        };
        self.step(&this, |it| &it.0, start)
    }

    fn finish(&mut self, this: Resource<ClientHandshake>) -> wasmtime::Result<Resource<FutureStreams>> {
        let slot = self.ctx.handle()?;
        let handshake = self.table.delete(this)?.0;
        // SAFETY: see above.
        let made = handshake.derive(slot, |this, out| unsafe { sys::wasi_tls_client_handshake_finish(this, out) });
        Ok(self.table.push(FutureStreams::new(made.ok()))?)
    }

    fn abort(&mut self, this: Resource<ClientHandshake>) -> wasmtime::Result<Resource<DynPollable>> {
        let slot = self.ctx.handle()?;
        let handshake = self.table.delete(this)?.0;
        // SAFETY: see above.
        let made = handshake.derive(slot, |this, out| unsafe { sys::wasi_tls_client_handshake_abort(this, out) });
        self.pollable(made.ok())
    }

    fn abort_with(
        &mut self,
        this: Resource<ClientHandshake>,
        alert: types::AbortAlert,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        let slot = self.ctx.handle()?;
        let handshake = self.table.delete(this)?.0;
        let alert = detail::alert(alert);
        // SAFETY: see above.
        let made =
            handshake.derive(slot, |this, out| unsafe { sys::wasi_tls_client_handshake_abort_with(this, alert, out) });
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
            // SAFETY: see above.
            let _ = request.with(|this| unsafe {
                sys::wasi_tls_client_identity_request_respond(this, list.as_ptr(), list.len())
            });
            Ok(())
        })
    }

    fn authorities(&mut self, this: Resource<ClientIdentityRequest>) -> wasmtime::Result<Vec<Vec<u8>>> {
        let request = &self.table.get(&this)?.0;
        let (mut names, mut count) = (ptr::null(), 0);
        request.with(|this| {
            // SAFETY: see above; with OK there are `count` of them, valid as long as the request.
            unsafe {
                check(sys::wasi_tls_client_identity_request_authorities(this, &raw mut names, &raw mut count))?;
                Ok(copy_all(names, count))
            }
        })
    }

    fn signature_schemes(&mut self, this: Resource<ClientIdentityRequest>) -> wasmtime::Result<Vec<u16>> {
        let request = &self.table.get(&this)?.0;
        let (mut schemes, mut count) = (ptr::null(), 0);
        request.with(|this| {
            // SAFETY: see above; with OK there are `count` of them, valid as long as the request.
            unsafe {
                check(sys::wasi_tls_client_identity_request_signature_schemes(this, &raw mut schemes, &raw mut count))?;
                Ok((0..count).map(|index| *schemes.add(index)).collect())
            }
        })
    }

    fn drop(&mut self, this: Resource<ClientIdentityRequest>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! `server-connection`, `server-handshake` and `client-hello`.

use std::ptr;

use wasi_tls_sys as sys;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable};

use super::future::{FutureClientHello, FuturePublicIdentity, FutureStreams};
use super::identity::{PrivateIdentity, PublicIdentity, copy_all};
use super::{detail, types};
use crate::WasiTlsCtxView;
use crate::connection::Server;
use crate::handle::{Handle, bytes_property, check, identity_property, lend_all, property};

/// The host's `server-connection`.
pub struct ServerConnection(Option<Server>);

/// The host's `server-handshake`.
pub struct ServerHandshake(Handle<sys::wasi_tls_server_handshake>);

/// The host's `client-hello`.
pub struct ClientHello(pub(super) Handle<sys::wasi_tls_client_hello>);

// SAFETY, for all calls of the core in this file: the object is alive and locked, as `with` and what is built on it say;
// outputs are variables of the caller, and lists are alive for the call.

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
        // SAFETY: see above.
        let made = connection.derive(slot, |this, out| unsafe { sys::wasi_tls_server_connection_accept(this, out) });
        made.ok().map(|made| Ok(self.table.push(ServerHandshake(made))?)).transpose().map(|made| made.ok_or(()))
    }

    fn request_client_identity(
        &mut self,
        this: Resource<ServerConnection>,
    ) -> wasmtime::Result<Result<Resource<FuturePublicIdentity>, ()>> {
        let Some(connection) = &self.table.get(&this)?.0 else { return Ok(Err(())) };
        let Ok(slot) = self.ctx.handle() else { return Ok(Err(())) };
        let start = |this, out: &mut *mut _| {
            // SAFETY: see above.
            unsafe { sys::wasi_tls_server_connection_request_client_identity(this, out) }
        };
        let made = connection.derive(slot, start).ok();
        made.map(|made| Ok(self.table.push(FuturePublicIdentity::new(Some(made)))?))
            .transpose()
            .map(|made| made.ok_or(()))
    }

    fn server_name(&mut self, this: Resource<ServerConnection>) -> wasmtime::Result<Option<String>> {
        let connection = self.table.get(&this)?.0.as_ref();
        // SAFETY: see above.
        let name = bytes_property(connection, |this, out| unsafe { sys::wasi_tls_server_connection_server_name(this, out) });
        Ok(name.and_then(|name| String::from_utf8(name).ok()))
    }

    fn alpn_id(&mut self, this: Resource<ServerConnection>) -> wasmtime::Result<Option<Vec<u8>>> {
        let connection = self.table.get(&this)?.0.as_ref();
        // SAFETY: see above.
        Ok(bytes_property(connection, |this, out| unsafe { sys::wasi_tls_server_connection_alpn_id(this, out) }))
    }

    fn client_identity(
        &mut self,
        this: Resource<ServerConnection>,
    ) -> wasmtime::Result<Option<Resource<PublicIdentity>>> {
        let slot = self.ctx.handle()?;
        let connection = self.table.get(&this)?.0.as_ref();
        // SAFETY: see above.
        let made = identity_property(connection, |this, out| unsafe { sys::wasi_tls_server_connection_client_identity(this, out) });
        let found = PublicIdentity::new(made, self.ctx.policy(), slot);
        Ok(found.map(|identity| self.table.push(identity)).transpose()?)
    }

    fn server_identity(
        &mut self,
        this: Resource<ServerConnection>,
    ) -> wasmtime::Result<Option<Resource<PrivateIdentity>>> {
        let slot = self.ctx.handle()?;
        let connection = self.table.get(&this)?.0.as_ref();
        // SAFETY: see above.
        let made = identity_property(connection, |this, out| unsafe { sys::wasi_tls_server_connection_server_identity(this, out) });
        let found = PrivateIdentity::new(made, self.ctx.policy(), slot);
        Ok(found.map(|identity| self.table.push(identity)).transpose()?)
    }

    fn protocol_version(&mut self, this: Resource<ServerConnection>) -> wasmtime::Result<Option<u16>> {
        let connection = self.table.get(&this)?.0.as_ref();
        // SAFETY: see above.
        Ok(property(connection, |this, out| unsafe { sys::wasi_tls_server_connection_protocol_version(this, out) }))
    }

    fn cipher_suite(&mut self, this: Resource<ServerConnection>) -> wasmtime::Result<Option<u16>> {
        let connection = self.table.get(&this)?.0.as_ref();
        // SAFETY: see above.
        Ok(property(connection, |this, out| unsafe { sys::wasi_tls_server_connection_cipher_suite(this, out) }))
    }

    fn last_error(&mut self, this: Resource<ServerConnection>) -> wasmtime::Result<Option<types::ErrorDetail>> {
        let connection = self.table.get(&this)?.0.as_ref();
        // SAFETY: see above.
        Ok(detail::last_error(connection, |this, out| unsafe { sys::wasi_tls_server_connection_last_error(this, out) }))
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
        let ids = lend_all(&value);
        let set = |this| {
            // SAFETY: see above.
            unsafe { sys::wasi_tls_server_handshake_configure_alpn_ids(this, ids.as_ptr(), ids.len()) }
        };
        Ok(check(self.table.get(&this)?.0.with(set)).map_err(drop))
    }

    fn configure_server_identities(
        &mut self,
        this: Resource<ServerHandshake>,
        value: Vec<Resource<PrivateIdentity>>,
    ) -> wasmtime::Result<Result<(), ()>> {
        self.with_identities(&value, |view, list| {
            let set = |this| {
                // SAFETY: see above.
                unsafe { sys::wasi_tls_server_handshake_configure_server_identities(this, list.as_ptr(), list.len()) }
            };
            Ok(check(view.table.get(&this)?.0.with(set)).map_err(drop))
        })
    }

    fn receive_client_hello(
        &mut self,
        this: Resource<ServerHandshake>,
    ) -> wasmtime::Result<Result<Resource<FutureClientHello>, ()>> {
        // SAFETY: see above.
        self.step(&this, |it| &it.0, |this, out| unsafe { sys::wasi_tls_server_handshake_receive_client_hello(this, out) })
    }

    fn request_client_identity(
        &mut self,
        this: Resource<ServerHandshake>,
    ) -> wasmtime::Result<Result<Resource<FuturePublicIdentity>, ()>> {
        // SAFETY: see above.
        self.step(&this, |it| &it.0, |this, out| unsafe { sys::wasi_tls_server_handshake_request_client_identity(this, out) })
    }

    fn finish(&mut self, this: Resource<ServerHandshake>) -> wasmtime::Result<Resource<FutureStreams>> {
        let slot = self.ctx.handle()?;
        let handshake = self.table.delete(this)?.0;
        // SAFETY: see above.
        let made = handshake.derive(slot, |this, out| unsafe { sys::wasi_tls_server_handshake_finish(this, out) });
        Ok(self.table.push(FutureStreams::new(made.ok()))?)
    }

    fn abort(&mut self, this: Resource<ServerHandshake>) -> wasmtime::Result<Resource<DynPollable>> {
        let slot = self.ctx.handle()?;
        let handshake = self.table.delete(this)?.0;
        // SAFETY: see above.
        let made = handshake.derive(slot, |this, out| unsafe { sys::wasi_tls_server_handshake_abort(this, out) });
        self.pollable(made.ok())
    }

    fn abort_with(
        &mut self,
        this: Resource<ServerHandshake>,
        alert: types::AbortAlert,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        let slot = self.ctx.handle()?;
        let handshake = self.table.delete(this)?.0;
        let alert = detail::alert(alert);
        // SAFETY: see above.
        let made =
            handshake.derive(slot, |this, out| unsafe { sys::wasi_tls_server_handshake_abort_with(this, alert, out) });
        self.pollable(made.ok())
    }

    fn drop(&mut self, this: Resource<ServerHandshake>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl types::HostClientHello for WasiTlsCtxView<'_> {
    fn server_name(&mut self, this: Resource<ClientHello>) -> wasmtime::Result<Option<String>> {
        let hello = &self.table.get(&this)?.0;
        // SAFETY: see above.
        let name = bytes_property(Some(hello), |this, out| unsafe { sys::wasi_tls_client_hello_server_name(this, out) });
        Ok(name.and_then(|name| String::from_utf8(name).ok()))
    }

    fn alpn_ids(&mut self, this: Resource<ClientHello>) -> wasmtime::Result<Vec<Vec<u8>>> {
        let hello = &self.table.get(&this)?.0;
        let (mut ids, mut count) = (ptr::null(), 0);
        hello.with(|this| {
            // SAFETY: see above; with OK there are `count` of them, valid as long as the hello.
            unsafe {
                check(sys::wasi_tls_client_hello_alpn_ids(this, &raw mut ids, &raw mut count))?;
                Ok(copy_all(ids, count))
            }
        })
    }

    fn cipher_suites(&mut self, this: Resource<ClientHello>) -> wasmtime::Result<Vec<u16>> {
        let hello = &self.table.get(&this)?.0;
        let (mut suites, mut count) = (ptr::null(), 0);
        hello.with(|this| {
            // SAFETY: see above; with OK there are `count` of them, valid as long as the hello.
            unsafe {
                check(sys::wasi_tls_client_hello_cipher_suites(this, &raw mut suites, &raw mut count))?;
                Ok((0..count).map(|index| *suites.add(index)).collect())
            }
        })
    }

    fn drop(&mut self, this: Resource<ClientHello>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

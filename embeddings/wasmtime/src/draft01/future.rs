// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The four futures.

use wasi_tls_sys as sys;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable};

use super::client::ClientIdentityRequest;
use super::identity::PublicIdentity;
use super::server::ClientHello;
use super::types;
use crate::WasiTlsCtxView;
use crate::calls::future as calls;
use crate::future::Pending;
use crate::handle::Handle;

/// The host's `future-streams`.
pub type FutureStreams = Pending<sys::wasi_tls_future_streams>;
/// The host's `future-client-hello`.
pub type FutureClientHello = Pending<sys::wasi_tls_future_client_hello>;
/// The host's `future-public-identity`.
pub type FuturePublicIdentity = Pending<sys::wasi_tls_future_public_identity>;
/// The host's `future-client-identity-request`.
pub type FutureClientIdentityRequest = Pending<sys::wasi_tls_future_client_identity_request>;

/// `option<result<result<T>>>`.
type Got<T> = Option<Result<Result<T, ()>, ()>>;

impl types::HostFutureStreams for WasiTlsCtxView<'_> {
    fn subscribe(&mut self, this: Resource<FutureStreams>) -> wasmtime::Result<Resource<DynPollable>> {
        WasiTlsCtxView::subscribe(self, &this)
    }

    fn get(
        &mut self,
        this: Resource<FutureStreams>,
    ) -> wasmtime::Result<Got<(Resource<DynInputStream>, Resource<DynOutputStream>)>> {
        let (input, output) = match self.table.get_mut(&this)?.get_streams(self.ctx)? {
            None => return Ok(None),
            Some(Err(())) => return Ok(Some(Err(()))),
            Some(Ok(Err(_))) => return Ok(Some(Ok(Err(())))),
            Some(Ok(Ok(streams))) => streams,
        };
        let input: DynInputStream = Box::new(input);
        let output: DynOutputStream = Box::new(output);
        Ok(Some(Ok(Ok((self.table.push(input)?, self.table.push(output)?)))))
    }

    fn drop(&mut self, this: Resource<FutureStreams>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl types::HostFutureClientHello for WasiTlsCtxView<'_> {
    fn subscribe(&mut self, this: Resource<FutureClientHello>) -> wasmtime::Result<Resource<DynPollable>> {
        WasiTlsCtxView::subscribe(self, &this)
    }

    fn get(&mut self, this: Resource<FutureClientHello>) -> wasmtime::Result<Got<Resource<ClientHello>>> {
        let slot = self.ctx.handle()?;
        let answer =
            self.table.get_mut(&this)?.get(|handle| handle.make(slot, &calls::CLIENT_HELLO_GET).map(ClientHello));
        self.push_answer(answer)
    }

    fn drop(&mut self, this: Resource<FutureClientHello>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl types::HostFuturePublicIdentity for WasiTlsCtxView<'_> {
    fn subscribe(&mut self, this: Resource<FuturePublicIdentity>) -> wasmtime::Result<Resource<DynPollable>> {
        WasiTlsCtxView::subscribe(self, &this)
    }

    fn get(&mut self, this: Resource<FuturePublicIdentity>) -> wasmtime::Result<Got<Option<Resource<PublicIdentity>>>> {
        let slot = self.ctx.handle()?;
        let policy = self.ctx.policy().clone();
        let answer = self.table.get_mut(&this)?.get(|handle| {
            let taken = handle.take(&calls::PUBLIC_IDENTITY_GET)?;
            Ok(taken.map(|identity| PublicIdentity::new(identity, &policy, slot)))
        });
        self.push_optional_answer(answer)
    }

    fn drop(&mut self, this: Resource<FuturePublicIdentity>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl types::HostFutureClientIdentityRequest for WasiTlsCtxView<'_> {
    fn subscribe(&mut self, this: Resource<FutureClientIdentityRequest>) -> wasmtime::Result<Resource<DynPollable>> {
        WasiTlsCtxView::subscribe(self, &this)
    }

    fn get(
        &mut self,
        this: Resource<FutureClientIdentityRequest>,
    ) -> wasmtime::Result<Got<Option<Resource<ClientIdentityRequest>>>> {
        let slot = self.ctx.handle()?;
        let answer = self.table.get_mut(&this)?.get(|handle| {
            let taken = handle.take(&calls::CLIENT_IDENTITY_REQUEST_GET)?;
            Ok(taken.map(|request| ClientIdentityRequest(Handle::new(request, handle.shared(), slot))))
        });
        self.push_optional_answer(answer)
    }

    fn drop(&mut self, this: Resource<FutureClientIdentityRequest>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl WasiTlsCtxView<'_> {
    fn push_answer<T: Send + 'static, E>(
        &mut self,
        answer: crate::future::Answer<T, E>,
    ) -> wasmtime::Result<Got<Resource<T>>> {
        Ok(match answer {
            None => None,
            Some(Err(())) => Some(Err(())),
            Some(Ok(Err(_))) => Some(Ok(Err(()))),
            Some(Ok(Ok(value))) => Some(Ok(Ok(self.table.push(value)?))),
        })
    }

    fn push_optional_answer<T: Send + 'static, E>(
        &mut self,
        answer: crate::future::Answer<Option<T>, E>,
    ) -> wasmtime::Result<Got<Option<Resource<T>>>> {
        Ok(match answer {
            Some(Ok(Ok(None))) => Some(Ok(Ok(None))),
            Some(Ok(Ok(Some(value)))) => Some(Ok(Ok(Some(self.table.push(value)?)))),
            Some(Ok(Err(_))) => Some(Ok(Err(()))),
            Some(Err(())) => Some(Err(())),
            None => None,
        })
    }
}

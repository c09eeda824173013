// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! `public-identity` and `private-identity`.

use std::ptr::{self, NonNull};

use wasi_tls_sys as sys;
use wasmtime::component::Resource;
use zeroize::Zeroizing;

use super::types;
use crate::WasiTlsCtxView;
use crate::calls::Identities;
use crate::handle::{Identity, check, copy, lend, lend_all};
use crate::policy::Policy;
use crate::usage::Slot;

/// The host's `public-identity`.
pub struct PublicIdentity(Identity<sys::wasi_tls_public_identity>);

/// The host's `private-identity`.
pub struct PrivateIdentity(Identity<sys::wasi_tls_private_identity>);

impl PublicIdentity {
    /// Takes over what the core has answered.
    pub(super) fn new(object: NonNull<sys::wasi_tls_public_identity>, policy: &Policy, slot: Slot) -> Self {
        Self(Identity::new(object, policy, slot))
    }

    fn chain(&self) -> Result<Vec<Vec<u8>>, crate::Error> {
        let (mut certificates, mut count) = (ptr::null(), 0);
        // SAFETY: the identity is alive.
        let code = unsafe {
            sys::wasi_tls_public_identity_export_x509_chain(self.0.as_ptr(), &raw mut certificates, &raw mut count)
        };
        check(code)?;
        // SAFETY: with OK there are `count` of them, valid as long as the identity.
        Ok((0..count).map(|index| unsafe { copy(*certificates.add(index)) }).collect())
    }
}

impl PrivateIdentity {
    /// Takes over what the core has answered.
    pub(super) fn new(object: NonNull<sys::wasi_tls_private_identity>, policy: &Policy, slot: Slot) -> Self {
        Self(Identity::new(object, policy, slot))
    }
}

impl WasiTlsCtxView<'_> {
    /// Calls `body` with the identities that a guest lends. They are alive until it returns.
    pub(super) fn with_identities<R>(
        &mut self,
        lent: &[Resource<PrivateIdentity>],
        body: impl FnOnce(&mut Self, Identities<'_>) -> wasmtime::Result<R>,
    ) -> wasmtime::Result<R> {
        let pointers = lent
            .iter()
            .map(|identity| Ok(self.table.get(identity)?.0.as_ptr()))
            .collect::<wasmtime::Result<Vec<_>>>()?;
        body(self, &pointers)
    }

    fn push_identity(
        &mut self,
        code: sys::wasi_tls_result,
        made: *mut sys::wasi_tls_private_identity,
        slot: Slot,
    ) -> wasmtime::Result<Result<Resource<PrivateIdentity>, ()>> {
        if code != sys::WASI_TLS_OK {
            return Ok(Err(()));
        }
        let made = NonNull::new(made).expect("the core answers an object with OK");
        let identity = PrivateIdentity::new(made, self.ctx.policy(), slot);
        Ok(Ok(self.table.push(identity)?))
    }
}

impl types::HostPublicIdentity for WasiTlsCtxView<'_> {
    fn export_x509_chain(&mut self, this: Resource<PublicIdentity>) -> wasmtime::Result<Vec<Vec<u8>>> {
        Ok(self.table.get(&this)?.chain()?)
    }

    fn drop(&mut self, this: Resource<PublicIdentity>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl types::HostPrivateIdentity for WasiTlsCtxView<'_> {
    fn parse(
        &mut self,
        private_key: Vec<u8>,
        x509_chain: Vec<Vec<u8>>,
    ) -> wasmtime::Result<Result<Resource<PrivateIdentity>, ()>> {
        // The guest's private key leaves no copy behind in the host.
        let private_key = Zeroizing::new(private_key);
        let Ok(slot) = self.ctx.handle() else { return Ok(Err(())) };
        let policy = self.ctx.policy().clone();
        let chain = lend_all(&x509_chain);
        let mut made = ptr::null_mut();
        // SAFETY: the configuration is alive, and key and chain are for the call.
        let code = unsafe {
            sys::wasi_tls_private_identity_parse(
                policy.config(),
                lend(&private_key),
                chain.as_ptr(),
                chain.len(),
                &raw mut made,
            )
        };
        self.push_identity(code, made, slot)
    }

    fn open(&mut self, name: String) -> wasmtime::Result<Result<Resource<PrivateIdentity>, ()>> {
        let Ok(slot) = self.ctx.handle() else { return Ok(Err(())) };
        let policy = self.ctx.policy().clone();
        let mut made = ptr::null_mut();
        // SAFETY: the configuration is alive, and the name is for the call.
        let code =
            unsafe { sys::wasi_tls_private_identity_open(policy.config(), lend(name.as_bytes()), &raw mut made) };
        self.push_identity(code, made, slot)
    }

    fn public_identity(&mut self, this: Resource<PrivateIdentity>) -> wasmtime::Result<Resource<PublicIdentity>> {
        let slot = self.ctx.handle()?;
        let private = &self.table.get(&this)?.0;
        let mut made = ptr::null_mut();
        // SAFETY: the identity is alive.
        check(unsafe { sys::wasi_tls_private_identity_public_identity(private.as_ptr(), &raw mut made) })?;
        let policy = private.policy().clone();
        let made = NonNull::new(made).expect("the core answers an object with OK");
        Ok(self.table.push(PublicIdentity::new(made, &policy, slot))?)
    }

    fn drop(&mut self, this: Resource<PrivateIdentity>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

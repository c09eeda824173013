// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Connections over streams that a guest hands over.

use std::ptr::{self, NonNull};
use std::sync::Arc;

use wasi_tls_sys as sys;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream};

use crate::calls::Make;
use crate::future::{FutureObject, Pending};
use crate::handle::{Handle, Object, Shared};
use crate::outbox::Outbox;
use crate::{WasiTlsCtxView, transport};

pub(crate) type Client = Handle<sys::wasi_tls_client_connection>;
pub(crate) type Server = Handle<sys::wasi_tls_server_connection>;

/// `wasi_tls_client_connection_new` or its server's counterpart.
type New<T> = unsafe extern "C" fn(
    *mut sys::wasi_tls_config,
    *mut sys::wasi_tls_input_stream,
    *mut sys::wasi_tls_output_stream,
    *mut *mut T,
) -> sys::wasi_tls_result;

impl WasiTlsCtxView<'_> {
    /// A client over two raw streams. None if the guest has reached its limits: a constructor can't fail, so what is called on
    /// it does. A pollable of a stream that is still alive traps, as everywhere in wasmtime-wasi.
    pub(crate) fn new_client(
        &mut self,
        input: Resource<DynInputStream>,
        output: Resource<DynOutputStream>,
    ) -> wasmtime::Result<Option<Client>> {
        self.new_connection(input, output, sys::wasi_tls_client_connection_new)
    }

    /// As [`Self::new_client`], for a server.
    pub(crate) fn new_server(
        &mut self,
        input: Resource<DynInputStream>,
        output: Resource<DynOutputStream>,
    ) -> wasmtime::Result<Option<Server>> {
        self.new_connection(input, output, sys::wasi_tls_server_connection_new)
    }

    fn new_connection<T: Object>(
        &mut self,
        input: Resource<DynInputStream>,
        output: Resource<DynOutputStream>,
        new: New<T>,
    ) -> wasmtime::Result<Option<Handle<T>>> {
        let input = self.table.delete(input)?;
        let output = self.table.delete(output)?;
        let (Ok(connection), Ok(slot)) = (self.ctx.connection(), self.ctx.handle()) else { return Ok(None) };

        let policy = self.ctx.policy().clone();
        let tasks = Arc::default();
        let outbox = Outbox::new(output, &tasks, connection, policy.guest_limits().close_timeout);
        let input = transport::input(input, &tasks);
        let output = transport::output(&outbox);
        let shared = Shared::new(policy, tasks, outbox);
        let mut made = ptr::null_mut();
        // SAFETY: the configuration is alive, and the streams are the core's from a success on.
        let code = unsafe { new(shared.policy().config(), input, output, &raw mut made) };
        if code == sys::WASI_TLS_OK {
            let made = NonNull::new(made).expect("the core answers an object with OK");
            return Ok(Some(Handle::new(made, &shared, slot)));
        }
        // SAFETY: after a failure the streams are still ours.
        unsafe {
            sys::wasi_tls_input_stream_free(input);
            sys::wasi_tls_output_stream_free(output);
        }
        Ok(None)
    }

    /// Starts a step of a handshake that answers a future.
    pub(crate) fn step<R: Send + 'static, T: Object + 'static, F: FutureObject>(
        &mut self,
        this: &Resource<R>,
        handle: impl FnOnce(&R) -> Option<&Handle<T>>,
        start: &Make<T, F>,
    ) -> wasmtime::Result<Result<Resource<Pending<F>>, ()>> {
        let Some(object) = handle(self.table.get(this)?) else { return Ok(Err(())) };
        let Ok(slot) = self.ctx.handle() else { return Ok(Err(())) };
        match object.make(slot, start) {
            Ok(future) => Ok(Ok(self.table.push(Pending::new(Some(future)))?)),
            Err(_) => Ok(Err(())),
        }
    }
}

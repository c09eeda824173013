// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! `wasi:tls@0.3.0-draft`, over the component model's own streams and futures.
//!
//! Clients only; a guest sets the server name and nothing else. Everything else is the [`Policy`](crate::Policy)'s.

mod connection;
mod endpoint;
mod fault;
mod host;
mod state;
mod streams;
mod waiters;

use wasmtime::component::Linker;

use crate::{WasiTls, WasiTlsView};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/wasi-tls-0.3.0-draft",
        world: "wasi:tls/imports",
        imports: {
            "wasi:tls/client.[method]connector.send": store | trappable,
            "wasi:tls/client.[method]connector.receive": store | trappable,
            default: trappable,
        },
        with: {
            "wasi:tls/client.connector": super::host::Connector,
            "wasi:tls/types.error": super::host::TlsError,
        },
        require_store_data_send: true,
    });
}

/// Adds `wasi:tls/types@0.3.0-draft` and `wasi:tls/client@0.3.0-draft`.
///
/// The engine needs `wasm_component_model_async`.
pub fn add_to_linker<T: WasiTlsView + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    bindings::wasi::tls::types::add_to_linker::<_, WasiTls>(linker, T::tls)?;
    bindings::wasi::tls::client::add_to_linker::<_, WasiTls>(linker, T::tls)
}

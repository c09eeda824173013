// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! `wasi:tls@0.1.0-draft`: the whole interface.
//!
//! Handles may be dropped in any order: what came from a connection keeps what it needs of it.

mod client;
mod detail;
mod future;
mod identity;
mod server;

use wasmtime::component::Linker;

use crate::{WasiTls, WasiTlsView};

mod generated {
    wasmtime::component::bindgen!({
        path: "../../wit/wasi-tls-0.1.0-draft",
        world: "wasi:tls/imports",
        with: {
            "wasi:io": wasmtime_wasi::p2::bindings::io,
            "wasi:tls/types.public-identity": crate::draft01::identity::PublicIdentity,
            "wasi:tls/types.private-identity": crate::draft01::identity::PrivateIdentity,
            "wasi:tls/types.client-connection": crate::draft01::client::ClientConnection,
            "wasi:tls/types.client-handshake": crate::draft01::client::ClientHandshake,
            "wasi:tls/types.client-identity-request": crate::draft01::client::ClientIdentityRequest,
            "wasi:tls/types.server-connection": crate::draft01::server::ServerConnection,
            "wasi:tls/types.server-handshake": crate::draft01::server::ServerHandshake,
            "wasi:tls/types.client-hello": crate::draft01::server::ClientHello,
            "wasi:tls/types.future-streams": crate::draft01::future::FutureStreams,
            "wasi:tls/types.future-client-hello": crate::draft01::future::FutureClientHello,
            "wasi:tls/types.future-public-identity": crate::draft01::future::FuturePublicIdentity,
            "wasi:tls/types.future-client-identity-request": crate::draft01::future::FutureClientIdentityRequest,
        },
        imports: { default: trappable },
        require_store_data_send: true,
    });
}

use generated::wasi::tls::types;

pub use types::LinkOptions;

/// Adds `wasi:tls/types@0.1.0-draft` to a linker. `options` opens the WIT's gates: what is behind one that is shut is not there.
pub fn add_to_linker<T: WasiTlsView + 'static>(linker: &mut Linker<T>, options: &LinkOptions) -> wasmtime::Result<()> {
    types::add_to_linker::<_, WasiTls>(linker, options, T::tls)
}

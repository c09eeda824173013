// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What is gated in the WIT is there if the embedder has opened the gate, and only then.

use wasi_tls_wasmtime::draft01;
use wasmtime::component::Linker;

use crate::common::guest;

fn links(name: &str, gates: &draft01::LinkOptions) -> Result<(), String> {
    let mut linker = Linker::<guest::Host>::new(&guest::ENGINE);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
    draft01::add_to_linker(&mut linker, gates).unwrap();
    linker.instantiate_pre(&guest::component(name)).map(drop).map_err(|error| format!("{error:?}"))
}

#[test]
fn a_gate_is_shut_until_it_is_opened() {
    let mut gates = draft01::LinkOptions::default();
    assert_eq!(links("client_minimal", &gates), Ok(()));
    assert_eq!(links("server_minimal", &gates), Ok(()));
    assert!(links("server_showcase", &gates).is_err());
    gates.error_detail(true);
    assert!(links("server_showcase", &gates).unwrap_err().contains("[static]private-identity.open"));
    gates.named_identities(true);
    assert_eq!(links("server_showcase", &gates), Ok(()));
}

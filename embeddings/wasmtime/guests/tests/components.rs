// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Each guest is a component of the right shape, and building it again costs nothing.

use std::fs;
use std::thread;

use wit_parser::WorldItem;
use wit_parser::decoding::{DecodedWasm, decode};

/// The interfaces that a component imports, and those that it exports.
fn interfaces(component: &[u8]) -> (Vec<String>, Vec<String>) {
    let DecodedWasm::Component(resolve, world) = decode(component).unwrap() else { panic!("not a component") };
    let names = |items: &wit_parser::IndexMap<wit_parser::WorldKey, WorldItem>| {
        items.keys().map(|key| resolve.name_world_key(key)).collect()
    };
    (names(&resolve.worlds[world].imports), names(&resolve.worlds[world].exports))
}

/// One draft of wasi:tls, and nothing else but one release of WASI, so that all streams are of one type.
#[test]
fn each_imports_what_its_world_says() {
    for name in wasi_tls_guests::names() {
        let component = fs::read(wasi_tls_guests::build(name).unwrap()).unwrap();
        let (imports, exports) = interfaces(&component);
        let (tls, others): (Vec<_>, Vec<_>) = imports.iter().partition(|import| import.starts_with("wasi:tls/"));
        assert!(!tls.is_empty(), "{name} has no use for wasi:tls");
        let version = tls[0].rsplit('@').next();
        assert!(tls.iter().all(|import| import.rsplit('@').next() == version), "{name}: {tls:?}");
        assert!(others.iter().all(|import| import.starts_with("wasi:")), "{name}: {others:?}");
        assert!(exports.iter().any(|export| export.starts_with("wasi:cli/run@")), "{name}: {exports:?}");
    }
}

#[test]
fn a_guest_is_built_once() {
    let builds: Vec<_> = (0..4).map(|_| thread::spawn(|| wasi_tls_guests::build("client_minimal").unwrap())).collect();
    let files: Vec<_> = builds.into_iter().map(|build| build.join().unwrap()).collect();
    let made = |file| fs::metadata(file).unwrap().modified().unwrap();
    let first = made(&files[0]);
    assert!(files.iter().all(|file| *file == files[0]), "{files:?}");
    assert_eq!(made(&wasi_tls_guests::build("client_minimal").unwrap()), first);
}

#[test]
fn an_unknown_guest_is_an_error() {
    let error = wasi_tls_guests::build("nobody").unwrap_err();
    assert!(error.to_string().contains("nobody"), "{error}");
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Builds the C library from this tree with the engines that the features name, and generates its declarations from its headers.

use std::env;
use std::path::{Path, PathBuf};

/// An engine: its name, whether its feature is on, and the pkg-config modules that it needs, in the order in which the linker
/// is to see them. wolfSSL exports names of OpenSSL's, so it comes last.
const ENGINES: [(&str, bool, &[&str]); 3] = [
    ("openssl", cfg!(feature = "openssl"), &["libssl", "libcrypto"]),
    ("gnutls", cfg!(feature = "gnutls"), &["gnutls"]),
    ("wolfssl", cfg!(feature = "wolfssl"), &["wolfssl"]),
];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let engines = ENGINES.iter().filter(|engine| engine.1);
    let names: Vec<&str> = engines.clone().map(|engine| engine.0).collect();
    assert!(!names.is_empty(), "choose an engine: the features are openssl, gnutls and wolfssl");

    for part in ["CMakeLists.txt", "cmake", "api", "core", "backends", "adapters"] {
        println!("cargo:rerun-if-changed={}", root.join(part).display());
    }
    let library = build(&root, &names);
    println!("cargo:rustc-link-search=native={}", library.join("lib").display());
    println!("cargo:rustc-link-lib=static=wasi-tls");
    for module in engines.flat_map(|engine| engine.2) {
        if let Err(error) = pkg_config::Config::new().probe(module) {
            panic!("{error}");
        }
    }
    declare(&root.join("api"));
}

/// Builds and installs the static library; answers where.
fn build(root: &Path, engines: &[&str]) -> PathBuf {
    cmake::Config::new(root)
        .profile("Release")
        .define("WASI_TLS_BACKENDS", engines.join(";"))
        .define("WASI_TLS_BUILD_TESTS", "OFF")
        .define("WASI_TLS_BUILD_TOOLS", "OFF")
        .define("WASI_TLS_BUILD_EXAMPLES", "OFF")
        .define("WASI_TLS_BUILD_BENCH", "OFF")
        .define("CMAKE_INSTALL_LIBDIR", "lib")
        .build()
}

/// Generates the declarations of everything public but the engines' own interface.
fn declare(headers: &Path) {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    bindgen::Builder::default()
        .header(headers.join("wasi_tls/wasi_tls.h").display().to_string())
        .header(headers.join("wasi_tls/endpoint.h").display().to_string())
        .clang_arg(format!("-I{}", headers.display()))
        .clang_arg("-DWASI_TLS_STATIC")
        .allowlist_item("(wasi_tls|WASI_TLS)_.*")
        .default_enum_style(bindgen::EnumVariation::Consts)
        .prepend_enum_name(false)
        .enable_function_attribute_detection()
        .rust_edition(bindgen::RustEdition::Edition2024)
        .layout_tests(false)
        .formatter(bindgen::Formatter::None)
        .generate()
        .expect("the headers can be read")
        .write_to_file(out.join("wasi_tls.rs"))
        .expect("OUT_DIR can be written to");
}

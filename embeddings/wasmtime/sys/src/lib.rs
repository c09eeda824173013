// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The C API of wasi-tls, as its headers declare it. They are its manual, and their comments are here too.
//!
//! `wasi-tls-wasmtime` is the safe way to it.
#![allow(non_camel_case_types, non_upper_case_globals, rustdoc::all)]

include!(concat!(env!("OUT_DIR"), "/wasi_tls.rs"));

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Guests of wasi:tls@0.3.0-draft on each engine, against other programs.
#![cfg(feature = "p3")]

#[path = "../common/mod.rs"]
mod common;

mod client;
mod host;
mod orders;
mod transfer;

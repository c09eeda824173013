// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The guests of `guests/` on each engine, against other programs.

#[path = "../common/mod.rs"]
mod common;

mod clients;
mod draft02;
mod gates;
mod servers;
mod showcases;
mod streams;

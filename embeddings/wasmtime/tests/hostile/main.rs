// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Guests that mean harm: each ends as the component model says, and the host goes on.

mod answers;
#[path = "../common/mod.rs"]
mod common;
mod host;
mod neighbours;
mod silence;
mod traps;

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Why a connection, or one side of it, ended otherwise than in order.

use std::fmt;

use super::endpoint::Failure;

/// What `error.to-debug-string` tells a guest.
#[derive(Clone)]
pub(super) enum Fault {
    /// The C core said so.
    Core(Failure),
    /// The guest let go of what the connection needs, or broke a rule of the interface.
    Guest(&'static str),
    /// The guest has as many connections as it may.
    Limit,
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Core(failure)
    }
}

impl fmt::Display for Fault {
    /// One line that begins with the name of a `wasi_tls_result`, whoever found the fault.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Core(failure) => failure.fmt(f),
            Self::Guest(text) => f.write_str(text),
            Self::Limit => f.write_str("limit: the guest has reached its limit of connections"),
        }
    }
}

/// The guest dropped the connector, or cancelled `connect`.
pub(super) const ABANDONED: Fault = Fault::Guest("aborted: the connector was dropped, or connect cancelled");
/// `connect` without `send` or without `receive`.
pub(super) const INCOMPLETE: Fault = Fault::Guest("wrong-state: connect needs send and receive to be called before");
/// A second `send` or `receive`.
pub(super) const TWICE: Fault = Fault::Guest("wrong-state: send and receive may be called once each");
/// The guest dropped the ciphertext that `send` answered, or what it gave it to did.
pub(super) const OUTPUT_LOST: Fault = Fault::Guest("transport-write: the ciphertext to send was dropped by its reader");
/// Nobody took the last ciphertext in time.
pub(super) const EXPIRED: Fault =
    Fault::Guest("transport-write: what was left to send was not taken within the close timeout");

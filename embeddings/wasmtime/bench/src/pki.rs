// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Keys and certificates, made anew for each run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use wasmtime::{Result, format_err};

/// Where they are.
pub struct Pki {
    /// The trust anchor.
    pub root: PathBuf,
    /// The server's chain.
    pub chain: PathBuf,
    /// The server's key.
    pub key: PathBuf,
}

impl Pki {
    /// Makes them, in a folder of the workspace's target directory.
    pub fn new(folder: &Path) -> Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/pki.sh");
        let made = Command::new(script).arg(folder).stdout(Stdio::null()).status()?;
        if !made.success() {
            return Err(format_err!("tests/pki.sh failed"));
        }
        Ok(Self {
            root: folder.join("root.pem"),
            chain: folder.join("server-ecdsa.pem"),
            key: folder.join("server-ecdsa.key"),
        })
    }
}

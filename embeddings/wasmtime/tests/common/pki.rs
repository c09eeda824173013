// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Certificates and keys, made when the first test asks for them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

/// The root of the repository, from wherever in it the test's package is.
pub fn repository() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().find(|folder| folder.join("tests/pki.sh").exists()).expect("tests/pki.sh")
}

/// Where tests may write.
pub fn scratch() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// The folder of `tests/pki.sh`, which says what is in it. One for all test programs, renewed before it expires.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = scratch().join("pki");
        let complete = scratch().join("pki-complete");
        let lock = File::create(scratch().join("pki-lock")).unwrap();
        lock.lock().unwrap();
        let age = fs::metadata(&complete).ok().and_then(|made| made.modified().ok()?.elapsed().ok());
        if age.is_none_or(|age| age > Duration::from_secs(24 * 60 * 60)) {
            let made = Command::new(repository().join("tests/pki.sh")).arg(&folder).status().unwrap();
            assert!(made.success(), "pki.sh: {made}");
            File::create(complete).unwrap();
        }
        folder
    })
}

/// The path of one of its files.
pub fn path(name: &str) -> String {
    folder().join(name).to_str().expect("UTF-8").into()
}

/// What is in one of its files.
pub fn read(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

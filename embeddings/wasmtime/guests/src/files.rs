// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Files: which there are, and a fingerprint of what is in them.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The files of a folder whose names end in one of these, in the order of their names.
pub fn with_extension(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Changes when anything that was put in does.
#[derive(Clone)]
pub struct Fingerprint(DefaultHasher);

impl Fingerprint {
    pub fn new() -> Self {
        Self(DefaultHasher::new())
    }

    pub fn add(mut self, value: impl Hash) -> Self {
        value.hash(&mut self.0);
        self
    }

    /// Adds what is in these files, and what they are called.
    pub fn add_files(mut self, files: &[PathBuf]) -> Result<Self> {
        for file in files {
            let contents = fs::read(file).with_context(|| file.display().to_string())?;
            (file, contents).hash(&mut self.0);
        }
        Ok(self)
    }

    pub fn text(&self) -> String {
        format!("{:016x}", self.0.finish())
    }
}

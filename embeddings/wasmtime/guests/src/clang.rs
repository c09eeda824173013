// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The C compiler and the libc of the guests.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::table::Wasi;

/// For the guests' own code; what is generated is not ours to keep clean.
const WARNINGS: &[&str] = &["-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wstrict-prototypes", "-Werror"];

/// Debian's packages clang-14, lld-14, wasi-libc and libclang-rt-14-dev-wasm32, unless the environment says otherwise:
/// `CLANG` is a program, `WASI_SYSROOT` a folder with `include/wasm32-wasi` and `lib/wasm32-wasi`.
pub struct Clang {
    program: OsString,
    sysroot: PathBuf,
    /// What the compiler says that it is.
    pub version: String,
}

impl Clang {
    pub fn find() -> Result<Self> {
        let program = env::var_os("CLANG").unwrap_or_else(|| "clang-14".into());
        let sysroot = PathBuf::from(env::var_os("WASI_SYSROOT").unwrap_or_else(|| "/usr".into()));
        let libc = sysroot.join("lib/wasm32-wasi/libc.a");
        if !libc.exists() {
            bail!("{} is missing: apt-get install wasi-libc, or set WASI_SYSROOT", libc.display());
        }
        let output = Command::new(&program).arg("--version").output().with_context(|| {
            format!(
                "{} is missing: apt-get install clang-14 lld-14 libclang-rt-14-dev-wasm32, or set CLANG",
                program.display()
            )
        })?;
        Ok(Self { program, sysroot, version: String::from_utf8_lossy(&output.stdout).into_owned() })
    }

    /// Compiles what was generated.
    pub fn compile_generated(&self, source: &Path, object: &Path) -> Result<()> {
        self.run([OsStr::new("-w"), OsStr::new("-c"), source.as_os_str(), OsStr::new("-o"), object.as_os_str()])
    }

    /// Compiles a guest's sources and links them with the objects of its world into a core module.
    pub fn link(
        &self,
        wasi: Wasi,
        sources: &[PathBuf],
        world: &Path,
        objects: &[PathBuf],
        module: &Path,
    ) -> Result<()> {
        // For a command, the one that clang-14 takes by itself leaves constructors to the linker, which then runs them,
        // and the destructors, around each call of an export: cabi_realloc is one, and is called in the middle of main.
        let start = self.sysroot.join("lib/wasm32-wasi/crt1.o");
        let mut arguments: Vec<&OsStr> = WARNINGS.iter().map(OsStr::new).collect();
        arguments.extend([OsStr::new("-isystem"), world.as_os_str()]);
        match wasi {
            Wasi::P2 => arguments.extend([OsStr::new("-nostartfiles"), start.as_os_str()]),
            Wasi::P3 => arguments.push(OsStr::new("-mexec-model=reactor")),
        }
        arguments.extend(sources.iter().chain(objects).map(|path| path.as_os_str()));
        arguments.extend([OsStr::new("-o"), module.as_os_str()]);
        self.run(arguments)
    }

    fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a OsStr>) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.args(["--target=wasm32-wasi", "-std=c11", "-O2", "--sysroot"]).arg(&self.sysroot).args(arguments);
        let output = command.output().with_context(|| format!("{command:?}"))?;
        if !output.status.success() {
            bail!("{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }
}

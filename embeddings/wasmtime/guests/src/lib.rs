// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Builds the C guests of this folder into components. `README.md` says how a guest is made.

mod clang;
mod files;
mod table;
mod wit;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context, Result, anyhow};
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_bindgen_core::Files;
use wit_component::ComponentEncoder;

use clang::Clang;
use files::Fingerprint;
use table::GUESTS;
pub use table::{Guest, Wasi, World};
use wit::Tree;

/// The name that generated files and functions begin with, the same for every world: what guests of several worlds
/// share is compiled for each.
const GENERATED: &str = "guest";

/// The names of all guests.
pub fn names() -> impl Iterator<Item = &'static str> {
    GUESTS.iter().map(|guest| guest.name)
}

/// Builds the guest of this name, unless that was done before and nothing has changed since. Answers the component.
///
/// May be called from several threads and processes at once.
pub fn build(name: &str) -> Result<PathBuf> {
    let guest = GUESTS.iter().find(|guest| guest.name == name).ok_or_else(|| anyhow!("there is no guest {name}"))?;
    Builder::new()?.guest(guest).with_context(|| format!("guest {name}"))
}

struct Builder {
    tree: Tree,
    clang: Clang,
    /// Of what everything that is built depends on.
    tools: Fingerprint,
}

impl Builder {
    fn new() -> Result<Self> {
        let tree = Tree::find()?;
        let clang = Clang::find()?;
        let mut builder = files::with_extension(&tree.guests.join("src"), &["rs"])?;
        builder.push(tree.lock_file.clone());
        let tools = Fingerprint::new().add(&clang.version).add_files(&builder)?;
        Ok(Self { tree, clang, tools })
    }

    fn guest(&self, guest: &Guest) -> Result<PathBuf> {
        let world_key = self.tools.clone().add_files(&self.tree.world_inputs(guest.world)?)?;
        let sources: Vec<_> = guest.sources.iter().map(|source| self.tree.guests.join(source)).collect();
        let headers = files::with_extension(&self.tree.guests.join("shared"), &["h"])?;
        let key = world_key.clone().add_files(&sources)?.add_files(&headers)?;

        let component = self.tree.output.join(format!("{}-{}.wasm", guest.name, key.text()));
        let world = self.tree.output.join(format!("world-{}", world_key.text()));
        build_once(&self.tree.output, &world, |folder| self.bindings(guest.world, folder))?;
        build_once(&self.tree.output, &component, |file| {
            let module = file.with_extension("core.wasm");
            let objects = files::with_extension(&world, &["o"])?;
            self.clang.link(guest.world.wasi, &sources, &world, &objects, &module)?;
            fs::write(file, encode(guest.world.wasi, &fs::read(&module)?)?)?;
            Ok(fs::remove_file(module)?)
        })?;
        Ok(component)
    }

    /// Generates the bindings of a world, and compiles them.
    fn bindings(&self, world: &World, folder: &Path) -> Result<()> {
        let (mut resolve, id) = self.tree.resolve(world)?;
        let mut generated = Files::default();
        let mut options = wit_bindgen_c::Opts { rename_world: Some(GENERATED.into()), ..Default::default() };
        if let Wasi::P3 = world.wasi {
            // An ordinary function that may wait, instead of one that answers and is called back.
            options.async_.push("-export:wasi:cli/run@0.3.0#run");
        }
        options.build().generate(&mut resolve, id, &mut generated)?;
        fs::create_dir_all(folder)?;
        for (name, contents) in generated.iter() {
            fs::write(folder.join(name), contents)?;
        }
        let source = folder.join(format!("{GENERATED}.c"));
        self.clang.compile_generated(&source, &source.with_extension("o"))
    }
}

/// Makes a component of a core module that carries the type of its world: what its libc imports is mapped to WASI 0.2.
/// That mapping also makes `wasi:cli/run` of a `main`, but for WASI 0.3, whose guests export it themselves.
fn encode(wasi: Wasi, module: &[u8]) -> Result<Vec<u8>> {
    let adapter = match wasi {
        Wasi::P2 => WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
        Wasi::P3 => WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
    };
    ComponentEncoder::default()
        .module(module)?
        .adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, adapter)?
        .validate(true)
        .encode()
}

/// Makes `result`, a file or a folder, if it is not there. It appears at once and complete, and is made by one process
/// only: the others wait for it.
fn build_once(output: &Path, result: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    if result.exists() {
        return Ok(());
    }
    fs::create_dir_all(output)?;
    let lock = File::create(output.join("lock"))?;
    lock.lock()?;
    if result.exists() {
        return Ok(());
    }
    let unfinished = output.join(format!("unfinished-{}", process::id()));
    if unfinished.is_dir() {
        fs::remove_dir_all(&unfinished)?;
    }
    make(&unfinished)?;
    Ok(fs::rename(unfinished, result)?)
}

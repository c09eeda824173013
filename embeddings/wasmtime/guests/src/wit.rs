// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Where the WIT of a world is, and what it says.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use cargo_metadata::MetadataCommand;
use wit_parser::{PackageId, Resolve, UnresolvedPackageGroup, WorldId};

use crate::files;
use crate::table::{Wasi, World};

/// The places that everything is built from and into.
pub struct Tree {
    /// This folder.
    pub guests: PathBuf,
    /// The sources of the wasmtime-wasi that the workspace is built with: they bring WASI's WIT along.
    wasmtime_wasi: PathBuf,
    /// Where what is built is kept.
    pub output: PathBuf,
    /// Names the release of every tool that is linked in.
    pub lock_file: PathBuf,
}

impl Tree {
    /// Asks cargo, which knows where it keeps the sources of other packages. Needs no network.
    pub fn find() -> Result<Self> {
        let guests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let metadata = MetadataCommand::new()
            .manifest_path(guests.join("Cargo.toml"))
            .other_options(["--frozen", "--filter-platform", "host-tuple"].map(String::from))
            .exec()
            .context("cargo metadata")?;
        let wasmtime_wasi = metadata
            .packages
            .iter()
            .find(|package| package.name == "wasmtime-wasi")
            .and_then(|package| package.manifest_path.parent())
            .ok_or_else(|| anyhow!("the workspace does not depend on wasmtime-wasi"))?;
        Ok(Self {
            guests,
            wasmtime_wasi: wasmtime_wasi.into(),
            output: metadata.target_directory.join("guests").into(),
            lock_file: metadata.workspace_root.join("Cargo.lock").into(),
        })
    }

    fn world_file(&self, world: &World) -> PathBuf {
        self.guests.join("wit").join(world.file)
    }

    fn tls(&self, world: &World) -> PathBuf {
        self.guests.join("../../../wit").join(world.tls)
    }

    fn wasi(&self, world: &World) -> PathBuf {
        self.wasmtime_wasi.join(match world.wasi {
            Wasi::P2 => "src/p2/wit/deps",
            Wasi::P3 => "src/p3/wit/deps",
        })
    }

    /// Every file that says something about a world.
    pub fn world_inputs(&self, world: &World) -> Result<Vec<PathBuf>> {
        let mut inputs = vec![self.world_file(world)];
        inputs.extend(files::with_extension(&self.tls(world), &["wit"])?);
        inputs.extend(files::with_extension(&self.wasi(world), &["wit"])?);
        Ok(inputs)
    }

    /// Parses a world with all that it imports.
    pub fn resolve(&self, world: &World) -> Result<(Resolve, WorldId)> {
        let mut dependencies = vec![UnresolvedPackageGroup::parse_dir(self.tls(world))?];
        for file in files::with_extension(&self.wasi(world), &["wit"])? {
            dependencies.push(parse(&file)?);
        }
        let mut resolve = Resolve::default();
        resolve.features.extend(world.features.iter().map(ToString::to_string));
        let package: PackageId = resolve
            .push_groups(parse(&self.world_file(world))?, dependencies)
            .map_err(|error| anyhow!(error.render(&resolve.source_map)))?;
        let world = resolve.select_world(&[package], None)?;
        Ok((resolve, world))
    }
}

fn parse(file: &Path) -> Result<UnresolvedPackageGroup> {
    let contents = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    UnresolvedPackageGroup::parse(file, &contents).map_err(|(map, error)| anyhow!(error.render(&map)))
}

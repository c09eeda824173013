// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Guests that may trap, and what is left of them.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::time::Duration;

use wasi_tls_wasmtime::{GuestLimits, Policy, Usage, WasiTlsCtx};
use wasmtime::Store;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::p2::bindings::Command;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtx};

use crate::common::guest::{self, ENGINE, Host, LINKER, NOTHING};
use crate::common::{PATIENCE, pki, wait_until};

/// Most of what a guest may print.
const LARGEST_OUTPUT: usize = 1 << 20;

/// A policy under which nothing waits long for a peer that is gone.
pub fn policy(engine: &str) -> Policy {
    with_limits(engine, GuestLimits::default())
}

/// The same with bounds.
pub fn with_limits(engine: &str, limits: GuestLimits) -> Policy {
    let limits = GuestLimits { close_timeout: Duration::from_millis(200), ..limits };
    guest::policy(engine).guest_limits(limits).build().unwrap()
}

/// What a guest came to.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status, or the trap's message with all its causes.
    pub with: Result<i32, String>,
    /// What it held at its end.
    pub held: Usage,
    /// What it printed.
    pub stdout: String,
    /// What it complained about.
    pub stderr: String,
}

impl Ended {
    /// It did all that it wanted, was answered as it should be, and held nothing at its end.
    #[track_caller]
    pub fn well(self) -> Self {
        assert_eq!((&self.with, self.held), (&Ok(0), NOTHING), "{self:?}");
        self
    }

    /// It trapped, for this reason.
    #[track_caller]
    pub fn by_trap(self, reason: &str) -> Self {
        let trapped = matches!(&self.with, Err(trap) if trap.contains(reason));
        assert!(trapped, "not a trap with {reason:?}: {self:?}");
        self
    }

    /// It printed this line.
    #[track_caller]
    pub fn says(self, line: &str) -> Self {
        assert!(self.stdout.lines().any(|said| said == line), "{line:?} is not in {self:?}");
        self
    }
}

/// A guest before its start, and where its output goes.
struct Prepared {
    host: Host,
    stdout: MemoryOutputPipe,
    stderr: MemoryOutputPipe,
}

/// `/pki` is the folder of certificates, `/out` one to write to.
fn prepare(name: &str, policy: &Policy, arguments: &[&str]) -> Prepared {
    let (stdout, stderr) = (MemoryOutputPipe::new(LARGEST_OUTPUT), MemoryOutputPipe::new(LARGEST_OUTPUT));
    let out = pki::scratch().join("hostile-out");
    std::fs::create_dir_all(&out).unwrap();
    let mut wasi = WasiCtx::builder();
    wasi.arg(name).args(arguments).stdout(stdout.clone()).stderr(stderr.clone());
    wasi.inherit_network().allow_tcp(true).allow_ip_name_lookup(true);
    wasi.preopened_dir(pki::folder(), "/pki", FsPerms::ReadOnly).unwrap();
    wasi.preopened_dir(out, "/out", FsPerms::ReadWrite).unwrap();
    let host = Host { table: ResourceTable::new(), wasi: wasi.build(), tls: WasiTlsCtx::new(policy) };
    Prepared { host, stdout, stderr }
}

/// Runs a guest to its end, whatever that is. Nothing of it is left then.
pub async fn run(name: &str, policy: &Policy, arguments: &[&str]) -> Ended {
    let component = tokio::task::block_in_place(|| guest::component(name));
    let Prepared { host, stdout, stderr } = prepare(name, policy, arguments);
    let mut store = Store::new(&ENGINE, host);
    let execute = async {
        let command = Command::instantiate_async(&mut store, &component, &LINKER).await.unwrap();
        command.wasi_cli_run().call_run(&mut store).await
    };
    let with = match tokio::time::timeout(PATIENCE, execute).await {
        Ok(Ok(Ok(()))) => Ok(0),
        Ok(Ok(Err(()))) => Ok(1),
        Ok(Err(error)) => error.downcast_ref::<I32Exit>().map(|exit| exit.0).ok_or_else(|| format!("{error:?}")),
        Err(_) => Err("takes too long".into()),
    };
    let held = store.data_mut().tls.usage();
    store.data_mut().table = ResourceTable::new();
    let tls = &store.data_mut().tls;
    wait_until("nothing of the guest is left", || (tls.usage() == NOTHING).then_some(())).await;
    let text = |pipe: &MemoryOutputPipe| String::from_utf8_lossy(&pipe.contents()).into_owned();
    Ended { with, held, stdout: text(&stdout), stderr: text(&stderr) }
}

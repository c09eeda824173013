// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Guests: built, compiled once, run in this process.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use wasi_tls_wasmtime::{
    Policy, PolicyBuilder, Trust, Usage, WasiTlsCtx, WasiTlsCtxView, WasiTlsView, draft01, draft02,
};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::p2::bindings::Command;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtx, WasiCtxView, WasiView};

use super::{PATIENCE, pki, wait_until};

/// Most of what a guest may print.
const LARGEST_OUTPUT: usize = 1 << 20;

pub const NOTHING: Usage = Usage { connections: 0, handles: 0 };

pub struct Host {
    pub table: ResourceTable,
    pub wasi: WasiCtx,
    pub tls: WasiTlsCtx,
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiTlsView for Host {
    fn tls(&mut self) -> WasiTlsCtxView<'_> {
        WasiTlsCtxView { ctx: &mut self.tls, table: &mut self.table }
    }
}

pub static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);

pub static LINKER: LazyLock<Linker<Host>> = LazyLock::new(|| {
    let mut linker = Linker::new(&ENGINE);
    let mut all = draft01::LinkOptions::default();
    all.error_detail(true)
        .named_identities(true)
        .abort_alert(true)
        .client_identities(true)
        .identity_request_detail(true);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
    draft01::add_to_linker(&mut linker, &all).unwrap();
    draft02::add_to_linker(&mut linker).unwrap();
    linker
});

pub fn component(name: &str) -> Component {
    static COMPILED: LazyLock<Mutex<HashMap<String, Component>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(component) = compiled.get(name) {
        return component.clone();
    }
    let file = wasi_tls_guests::build(name).unwrap_or_else(|error| panic!("{error:?}"));
    let component = Component::from_file(&ENGINE, file).unwrap();
    compiled.insert(name.into(), component.clone());
    component
}

/// A policy that trusts the test's root for servers and clients.
pub fn policy(engine: &str) -> PolicyBuilder {
    let root = || Trust::Anchors(vec![pki::read("root.pem")]);
    Policy::builder().engine(engine).server_trust(root()).client_trust(root())
}

/// The same, built.
pub fn usual(engine: &str) -> Policy {
    policy(engine).build().unwrap()
}

/// What a guest came to.
#[derive(Debug)]
pub struct Outcome {
    /// Its exit status.
    pub status: i32,
    /// What it printed.
    pub stdout: String,
    /// What it complained about.
    pub stderr: String,
}

impl Outcome {
    /// It succeeded.
    #[track_caller]
    pub fn good(self) -> Self {
        assert_eq!(self.status, 0, "{self:?}");
        self
    }

    /// It failed in order: with a status, not by a trap.
    #[track_caller]
    pub fn bad(self) -> Self {
        assert_eq!(self.status, 1, "{self:?}");
        self
    }

    /// It printed this.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.stdout.contains(text), "{text:?} is not in {self:?}");
        self
    }

    /// It complained about this.
    #[track_caller]
    pub fn complains(&self, text: &str) -> &Self {
        assert!(self.stderr.contains(text), "{text:?} is not in {self:?}");
        self
    }
}

/// A guest that runs beside the test.
pub struct Running {
    task: JoinHandle<Outcome>,
    stdout: MemoryOutputPipe,
}

impl Running {
    /// Waits for its end.
    pub async fn end(self) -> Outcome {
        self.task.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }

    /// Waits until it has printed this.
    pub async fn says(&self, wanted: &str) {
        wait_until(wanted, || text(&self.stdout).contains(wanted).then_some(())).await;
    }

    /// The port of a guest that said where it listens.
    pub async fn port(&self) -> u16 {
        wait_until("the guest listens", || {
            let stdout = text(&self.stdout);
            let line = stdout.split_inclusive('\n').find_map(|line| line.strip_prefix("listening on "))?;
            line.strip_suffix('\n')?.parse().ok()
        })
        .await
    }
}

fn text(pipe: &MemoryOutputPipe) -> String {
    String::from_utf8_lossy(&pipe.contents()).into_owned()
}

/// Starts a guest. Its `/pki` is the folder of certificates.
pub fn start(name: &str, policy: &Policy, arguments: &[&str]) -> Running {
    let stdout = MemoryOutputPipe::new(LARGEST_OUTPUT);
    let stderr = MemoryOutputPipe::new(LARGEST_OUTPUT);
    let mut wasi = WasiCtx::builder();
    wasi.arg(name).args(arguments).stdout(stdout.clone()).stderr(stderr.clone());
    wasi.inherit_network().allow_tcp(true).allow_ip_name_lookup(true);
    wasi.preopened_dir(pki::folder(), "/pki", FsPerms::ReadOnly).unwrap();
    let host = Host { table: ResourceTable::new(), wasi: wasi.build(), tls: WasiTlsCtx::new(policy) };
    let (name, out) = (name.to_string(), stdout.clone());
    let task = tokio::spawn(async move {
        let status = tokio::time::timeout(PATIENCE, execute(&name, host)).await;
        let (stdout, stderr) = (text(&out), text(&stderr));
        match status {
            Ok(status) => Outcome { status, stdout, stderr },
            Err(_) => panic!("{name} takes too long\n{stdout}\n{stderr}"),
        }
    });
    Running { task, stdout }
}

/// Runs a guest to its end.
pub async fn run(name: &str, policy: &Policy, arguments: &[&str]) -> Outcome {
    start(name, policy, arguments).end().await
}

/// Runs it, and sees that nothing of it is left behind.
async fn execute(name: &str, host: Host) -> i32 {
    let component = tokio::task::block_in_place(|| component(name));
    let mut store = Store::new(&ENGINE, host);
    let command = Command::instantiate_async(&mut store, &component, &LINKER).await.unwrap();
    let status = match command.wasi_cli_run().call_run(&mut store).await {
        Ok(Ok(())) => 0,
        Ok(Err(())) => 1,
        Err(error) => match error.downcast_ref::<I32Exit>() {
            Some(exit) => exit.0,
            None => panic!("{name}: {error:?}"),
        },
    };
    // A guest that exits in the middle holds what it had until its table goes.
    if status == 0 {
        expect_nothing_left(name, &mut store).await;
    }
    store.data_mut().table = ResourceTable::new();
    expect_nothing_left(name, &mut store).await;
    status
}

async fn expect_nothing_left(name: &str, store: &mut Store<Host>) {
    let tls = &store.data_mut().tls;
    let begin = Instant::now();
    while tls.usage() != NOTHING {
        // What is still to be written to a peer may take a while.
        assert!(begin.elapsed() < PATIENCE / 2, "left behind by {name}: {:?}", tls.usage());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

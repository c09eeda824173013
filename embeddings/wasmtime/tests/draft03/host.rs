// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Runs guests of WASI 0.3. What their libc prints goes through WASI 0.2, so both are linked.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use tokio::task::JoinHandle;
use wasi_tls_wasmtime::{Policy, Usage, WasiTlsCtx, WasiTlsCtxView, WasiTlsView, draft03};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::p3::bindings::Command;
use wasmtime_wasi::{I32Exit, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use crate::common::guest::Outcome;
use crate::common::{PATIENCE, wait_until};

struct Host {
    table: ResourceTable,
    wasi: WasiCtx,
    tls: WasiTlsCtx,
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

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    Engine::new(&config).unwrap()
});

static LINKER: LazyLock<Linker<Host>> = LazyLock::new(|| {
    let mut linker = Linker::new(&ENGINE);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
    wasmtime_wasi::p3::add_to_linker(&mut linker).unwrap();
    draft03::add_to_linker(&mut linker).unwrap();
    linker
});

fn component(name: &str) -> Component {
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
    pub async fn says(&self, text: &str) {
        let heard = || self.printed().contains(text).then_some(());
        wait_until(&format!("the guest says {text:?}"), heard).await;
    }

    fn printed(&self) -> String {
        contents(&self.stdout)
    }
}

fn contents(pipe: &MemoryOutputPipe) -> String {
    String::from_utf8_lossy(&pipe.contents()).into_owned()
}

fn wasi(name: &str, arguments: &[&str]) -> WasiCtxBuilder {
    let mut wasi = WasiCtx::builder();
    wasi.arg(name).args(arguments).inherit_network().allow_tcp(true).allow_ip_name_lookup(true);
    wasi
}

/// Starts a guest.
pub fn start(name: &str, policy: &Policy, arguments: &[&str]) -> Running {
    let [stdout, stderr] = [(); 2].map(|()| MemoryOutputPipe::new(1 << 20));
    let mut wasi = wasi(name, arguments);
    wasi.stdout(stdout.clone()).stderr(stderr.clone());
    let host = Host { table: ResourceTable::new(), wasi: wasi.build(), tls: WasiTlsCtx::new(policy) };
    let (name, out) = (name.to_string(), stdout.clone());
    let task = tokio::spawn(async move {
        let status = tokio::time::timeout(PATIENCE, execute(&name, host)).await;
        let (stdout, stderr) = (contents(&out), contents(&stderr));
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

/// Runs a guest that traps. Answers why.
pub async fn trap(name: &str, policy: &Policy, arguments: &[&str]) -> String {
    let host = Host { table: ResourceTable::new(), wasi: wasi(name, arguments).build(), tls: WasiTlsCtx::new(policy) };
    match call(name, host).await {
        (Err(trap), _) => format!("{trap:?}"),
        (Ok(outcome), _) => panic!("{name}: {outcome:?}"),
    }
}

/// Runs it, and sees that nothing of it is left behind: as it was dropped by a guest that ended in order, and in any case when
/// the store is gone.
async fn execute(name: &str, host: Host) -> i32 {
    let (ended, mut store) = call(name, host).await;
    let status = match ended {
        Ok(Ok(())) => 0,
        Ok(Err(())) => 1,
        Err(error) => match error.downcast_ref::<I32Exit>() {
            Some(exit) => exit.0,
            None => panic!("{name}: {error:?}"),
        },
    };
    if status == 0 {
        expect_nothing_left(name, store.data().tls.usage());
    }
    store.data_mut().table = ResourceTable::new();
    let host = store.into_data();
    expect_nothing_left(name, host.tls.usage());
    status
}

/// Calls the guest's `run`.
async fn call(name: &str, host: Host) -> (wasmtime::Result<Result<(), ()>>, Store<Host>) {
    let component = tokio::task::block_in_place(|| component(name));
    let mut store = Store::new(&ENGINE, host);
    let command = Command::instantiate_async(&mut store, &component, &LINKER).await.unwrap();
    let ended = store.run_concurrent(async |store| command.wasi_cli_run().call_run(store).await).await;
    (ended.and_then(|ended| ended), store)
}

fn expect_nothing_left(name: &str, usage: Usage) {
    assert_eq!(usage, Usage { connections: 0, handles: 0 }, "left behind by {name}");
}

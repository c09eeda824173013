// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Runs the guest under one contender.

use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Result, Store, format_err};
use wasmtime_wasi::p2::bindings::Command;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::contender::Contender;

/// The state of either implementation for one guest.
pub enum Tls {
    /// This crate's.
    Ours(wasi_tls_wasmtime::WasiTlsCtx),
    /// wasmtime-wasi-tls's.
    Theirs(wasmtime_wasi_tls::WasiTlsCtx),
}

/// The data of the store.
pub struct Host {
    table: ResourceTable,
    wasi: WasiCtx,
    tls: Tls,
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl wasi_tls_wasmtime::WasiTlsView for Host {
    fn tls(&mut self) -> wasi_tls_wasmtime::WasiTlsCtxView<'_> {
        match &mut self.tls {
            Tls::Ours(ctx) => wasi_tls_wasmtime::WasiTlsCtxView { ctx, table: &mut self.table },
            Tls::Theirs(_) => unreachable!("linked for the other one"),
        }
    }
}

impl wasmtime_wasi_tls::WasiTlsView for Host {
    fn tls(&mut self) -> wasmtime_wasi_tls::WasiTlsCtxView<'_> {
        match &mut self.tls {
            Tls::Theirs(ctx) => wasmtime_wasi_tls::WasiTlsCtxView { ctx, table: &mut self.table },
            Tls::Ours(_) => unreachable!("linked for the other one"),
        }
    }
}

/// The guest, compiled.
pub struct Guest {
    engine: Engine,
    component: Component,
}

impl Guest {
    /// Builds and compiles it.
    pub fn new() -> Result<Self> {
        let engine = Engine::default();
        let file = wasi_tls_guests::build("bench_client").map_err(|error| format_err!("{error:?}"))?;
        let component = Component::from_file(&engine, file)?;
        Ok(Self { engine, component })
    }

    /// Runs a task to its end; answers the nanoseconds that the guest says it took.
    pub async fn time(&self, contender: &Contender, port: u16, task: &str, count: u64) -> Result<f64> {
        let (run, stdout) = self.start(contender, port, task, count).await?;
        run.await.map_err(|error| format_err!("{}, {task}: {error:?}", contender.name()))?;
        let said = String::from_utf8_lossy(&stdout.contents()).into_owned();
        let elapsed = said.trim().strip_prefix("elapsed ").and_then(|text| text.parse().ok());
        elapsed.ok_or_else(|| format_err!("the guest said {said:?}"))
    }

    /// Live bytes of the heap while the guest holds so many connections.
    pub async fn memory(&self, contender: &Contender, port: u16, task: &str, count: u64) -> Result<f64> {
        let before = live_bytes();
        let (run, stdout) = self.start(contender, port, task, count).await?;
        let mut run = Box::pin(run);
        loop {
            tokio::select! {
                ended = &mut run => return Err(format_err!("the guest ended: {ended:?}")),
                () = tokio::time::sleep(std::time::Duration::from_millis(20)) => {}
            }
            if stdout.contents().starts_with(b"holding") {
                // What is still under way, a session ticket for example, has a moment to come in.
                tokio::time::sleep(std::time::Duration::from_millis(300)).await;
                return Ok(live_bytes() - before);
            }
        }
    }

    async fn start(
        &self,
        contender: &Contender,
        port: u16,
        task: &str,
        count: u64,
    ) -> Result<(impl Future<Output = Result<()>>, MemoryOutputPipe)> {
        let stdout = MemoryOutputPipe::new(4096);
        let mut wasi = WasiCtx::builder();
        wasi.inherit_stderr().inherit_network().allow_ip_name_lookup(true).allow_tcp(true).stdout(stdout.clone());
        wasi.args(&["bench_client", "localhost", &port.to_string(), task, &count.to_string()]);
        let host = Host { table: ResourceTable::new(), wasi: wasi.build(), tls: contender.tls() };

        let mut linker = Linker::new(&self.engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        contender.link(&mut linker)?;
        let mut store = Store::new(&self.engine, host);
        let command = Command::instantiate_async(&mut store, &self.component, &linker).await?;
        let run = async move {
            let outcome = command.wasi_cli_run().call_run(&mut store).await?;
            outcome.map_err(|()| format_err!("the guest failed"))
        };
        Ok((run, stdout))
    }
}

/// What is allocated at the moment, by Rust and by the TLS engines.
fn live_bytes() -> f64 {
    // SAFETY: reads counters of the allocator.
    let info = unsafe { libc::mallinfo2() };
    (info.uordblks + info.hblkhd) as f64
}

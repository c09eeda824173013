// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Runs a component with `wasi:tls` on Wasmtime: what an embedder writes, and a tool to try guests with.

mod options;

use std::process::ExitCode;

use clap::Parser;
use options::Options;
use wasi_tls_wasmtime::{WasiTlsCtx, WasiTlsCtxView, WasiTlsView, draft01, draft02, draft03};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Result, Store};
use wasmtime_wasi::{I32Exit, WasiCtx, WasiCtxView, WasiView};

/// The data of the store.
struct Guest {
    table: ResourceTable,
    wasi: WasiCtx,
    tls: WasiTlsCtx,
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiTlsView for Guest {
    fn tls(&mut self) -> WasiTlsCtxView<'_> {
        WasiTlsCtxView { ctx: &mut self.tls, table: &mut self.table }
    }
}

fn engine() -> Result<Engine> {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    Engine::new(&config)
}

fn linker(engine: &Engine, options: &Options) -> Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    draft01::add_to_linker(&mut linker, &options.gates())?;
    draft02::add_to_linker(&mut linker)?;
    draft03::add_to_linker(&mut linker)?;
    Ok(linker)
}

/// Runs the guest: its `wasi:cli/run`, whichever version of it there is.
async fn run(options: &Options) -> Result<ExitCode> {
    let policy = options.policy()?;
    let engine = engine()?;
    let component = Component::from_file(&engine, &options.guest)?;
    let linker = linker(&engine, options)?;
    let guest = Guest { table: ResourceTable::new(), wasi: options.wasi()?, tls: WasiTlsCtx::new(&policy) };
    let mut store = Store::new(&engine, guest);

    let instance = linker.instantiate_async(&mut store, &component).await?;
    let outcome = match wasmtime_wasi::p3::bindings::Command::new(&mut store, &instance) {
        Ok(command) => store.run_concurrent(async |store| command.wasi_cli_run().call_run(store).await).await?,
        Err(_) => {
            wasmtime_wasi::p2::bindings::Command::new(&mut store, &instance)?.wasi_cli_run().call_run(&mut store).await
        }
    };
    exit_code(outcome)
}

fn exit_code(outcome: Result<std::result::Result<(), ()>>) -> Result<ExitCode> {
    match outcome {
        Ok(Ok(())) => Ok(ExitCode::SUCCESS),
        Ok(Err(())) => Ok(ExitCode::FAILURE),
        Err(error) => match error.downcast_ref::<I32Exit>() {
            Some(exit) => Ok(ExitCode::from(u8::try_from(exit.0).unwrap_or(1))),
            None => Err(error),
        },
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(&Options::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("wasi-tls-run: {error:?}");
            ExitCode::from(2)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! `wasi-tls-guests OUTDIR [NAME...]`: builds the guests of these names, or all, as `OUTDIR/NAME.wasm`.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let Some(output) = arguments.next() else {
        eprintln!("usage: wasi-tls-guests OUTDIR [NAME...]");
        return ExitCode::FAILURE;
    };
    let mut names: Vec<String> = arguments.collect();
    if names.is_empty() {
        names = wasi_tls_guests::names().map(String::from).collect();
    }
    match build(&PathBuf::from(output), &names) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wasi-tls-guests: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn build(output: &PathBuf, names: &[String]) -> Result<()> {
    fs::create_dir_all(output)?;
    for name in names {
        let component = output.join(name).with_extension("wasm");
        fs::copy(wasi_tls_guests::build(name)?, &component)?;
        println!("{}", component.display());
    }
    Ok(())
}

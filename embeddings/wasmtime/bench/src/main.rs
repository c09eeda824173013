// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What a guest of `wasi:tls@0.2.0-draft` gets from this crate, and from wasmtime-wasi-tls with its own providers: the same
//! component, peers and machine, in one run. Rounds go around, and each figure is the median of its rounds.

mod contender;
mod guest;
mod peer;
mod pki;

use std::path::PathBuf;

use clap::Parser;
use contender::Contender;
use guest::Guest;
use peer::Peer;
use pki::Pki;
use serde_json::json;
use wasmtime::Result;

/// Compares hosts of wasi:tls@0.2.0-draft on Wasmtime.
#[derive(Parser)]
struct Options {
    /// Rounds for each figure
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Handshakes in a round
    #[arg(long, default_value_t = 200)]
    handshakes: u64,
    /// Mebibytes in a round, each way
    #[arg(long, default_value_t = 128)]
    mebibytes: u64,
    /// Idle connections to hold
    #[arg(long, default_value_t = 200)]
    idle: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The figures of one contender.
struct Figures {
    name: String,
    contender: Contender,
    handshakes: Vec<f64>,
    receive: Vec<f64>,
    send: Vec<f64>,
    idle: f64,
}

impl Figures {
    fn new(contender: Contender) -> Self {
        Self {
            name: contender.name(),
            contender,
            handshakes: Vec::new(),
            receive: Vec::new(),
            send: Vec::new(),
            idle: 0.0,
        }
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

async fn measure(options: &Options, all: &mut [Figures], folder: &std::path::Path, pki: &Pki) -> Result<()> {
    let bytes = options.mebibytes << 20;
    let nginx = Peer::nginx(folder, pki, bytes)?;
    let sink = Peer::sink(pki)?;
    let guest = Guest::new()?;
    for round in 0..=options.rounds {
        for figures in &mut *all {
            let count = options.handshakes;
            let handshake = guest.time(&figures.contender, nginx.port, "handshakes", count).await? / count as f64;
            let receive = guest.time(&figures.contender, nginx.port, "receive", bytes).await?;
            let send = guest.time(&figures.contender, sink.port, "send", bytes).await?;
            // The first round warms up.
            if round > 0 {
                figures.handshakes.push(1e9 / handshake);
                figures.receive.push(bytes as f64 / receive * 1e9 / f64::from(1 << 20));
                figures.send.push(bytes as f64 / send * 1e9 / f64::from(1 << 20));
            }
        }
    }
    for figures in all {
        let tcp = guest.memory(&figures.contender, nginx.port, "idle-tcp", options.idle).await?;
        let tls = guest.memory(&figures.contender, nginx.port, "idle", options.idle).await?;
        figures.idle = (tls - tcp) / options.idle as f64;
    }
    Ok(())
}

fn print(all: &[Figures]) {
    println!("{:<28} {:>14} {:>16} {:>13} {:>12}", "", "handshakes/s", "receive MiB/s", "send MiB/s", "idle bytes");
    for figures in all {
        let [handshakes, receive, send] = [&figures.handshakes, &figures.receive, &figures.send].map(|it| median(it));
        println!("{:<28} {handshakes:>14.0} {receive:>16.0} {send:>13.0} {:>12.0}", figures.name, figures.idle);
    }
}

fn print_json(all: &[Figures]) {
    let figures: Vec<_> = all
        .iter()
        .map(|figures| {
            json!({
                "host": figures.name,
                "handshakes_per_second": median(&figures.handshakes),
                "receive_mib_per_second": median(&figures.receive),
                "send_mib_per_second": median(&figures.send),
                "idle_bytes": figures.idle,
            })
        })
        .collect();
    println!("{:#}", serde_json::Value::from(figures));
}

fn main() -> Result<()> {
    let options = Options::parse();
    let folder = std::env::temp_dir().join(format!("wasi-tls-bench-{}", std::process::id()));
    let outcome = run(&options, folder.clone());
    std::fs::remove_dir_all(folder)?;
    outcome
}

fn run(options: &Options, folder: PathBuf) -> Result<()> {
    let pki = Pki::new(&folder.join("pki"))?;
    // wasmtime-wasi-tls's OpenSSL provider goes by this.
    // SAFETY: no other thread has been started.
    unsafe { std::env::set_var("SSL_CERT_FILE", &pki.root) };
    let mut all: Vec<Figures> = Contender::all(&pki)?.into_iter().map(Figures::new).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(options, &mut all, &folder, &pki))?;
    if options.json {
        print_json(&all);
    } else {
        print(&all);
    }
    Ok(())
}

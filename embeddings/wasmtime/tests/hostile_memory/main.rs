// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What hostile guests cost the host: memory that comes back, bounds that hold, and no work while a guest waits. These tests look at the whole
//! process, so they are one test, and a program of their own.

#[path = "../common/mod.rs"]
mod common;
#[path = "../hostile/host.rs"]
mod host;
mod process;

use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Handle;
use wasi_tls_wasmtime::{Policy, engines};

use common::{block_on, wait_until};

#[test]
fn memory_and_work() {
    for engine in engines() {
        block_on(async {
            let policy = host::policy(engine);
            nothing_is_kept(&policy).await;
            most_is_bounded(&policy).await;
            waiting_is_free(&policy).await;
        });
    }
}

/// Scenarios that make everything that there is, and how many times one takes what could be lost.
const SCENARIOS: &[&[&str]] = &[
    &["drops", "0", "0", "150"],
    &["drops", "1", "150", "300"],
    &["abandoned", "5"],
    &["lists"],
    &["streams"],
    &["nested", "3"],
    &["forged", "unreachable"],
    &["forged", "repeated_megabytes"],
    &["permit", "megabytes"],
    &["fill", "connections", "1000"],
    &["fill", "subscriptions", "10000"],
];

/// The smallest object of the core with its handle is about 100 bytes, and each scenario makes at least a hundred of them each
/// time: if one kind of them were lost, it would be 100 KB in ten rounds.
async fn nothing_is_kept(policy: &Policy) {
    const ROUNDS: usize = 10;
    const SLACK: usize = 64 << 10;
    for scenario in SCENARIOS {
        for _ in 0..3 {
            run(policy, scenario).await;
        }
        let before = process::allocated();
        let resident = process::resident();
        for _ in 0..ROUNDS {
            run(policy, scenario).await;
        }
        let growth = process::allocated().saturating_sub(before);
        let grown = process::resident().saturating_sub(resident);
        eprintln!("{} {scenario:?}: {growth} {grown}", policy.engine());
        assert!(growth < SLACK, "{} {scenario:?}: {growth} bytes more", policy.engine());
    }
}

/// Runs it to its end, and until the host has no task left that works for it.
async fn run(policy: &Policy, scenario: &[&str]) {
    host::run("hostile", policy, scenario).await;
    let metrics = Handle::current().metrics();
    wait_until("no task is left", || (metrics.num_alive_tasks() == 0).then_some(())).await;
}

async fn most_is_bounded(policy: &Policy) {
    for scenario in [
        &["fill", "connections", "1024", "300"][..],
        &["permit", "megabytes"],
        &["forged", "repeated_megabytes"],
        &["endless", "64"],
        &["lists"],
    ] {
        let before = process::allocated();
        let running = run(policy, scenario);
        tokio::pin!(running);
        let mut most = 0;
        loop {
            tokio::select! {
                () = &mut running => break,
                () = tokio::time::sleep(Duration::from_millis(5)) => most = most.max(process::allocated()),
            }
        }
        eprintln!("{} {scenario:?}: at most {}", policy.engine(), most.saturating_sub(before));
    }
}

/// A guest that waits for a peer that says nothing costs no time of the processor.
async fn waiting_is_free(policy: &Policy) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let before = process::time();
    host::run("hostile", policy, &["idle", "127.0.0.1", &port, "1000"]).await.well();
    let spent = process::time() - before;
    eprintln!("{}: {spent:?}", policy.engine());
    assert!(spent < Duration::from_millis(100), "{}: {spent:?} of one second", policy.engine());
}

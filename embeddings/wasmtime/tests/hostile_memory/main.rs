// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What hostile guests cost the host: memory that comes back, bounds that hold, and no work while a guest waits. This looks at
//! the whole process, so it is one test, and a program of its own.

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

/// Scenarios that make everything that there is.
const SCENARIOS: &[&[&str]] = &[
    &["drops", "0", "0", "120"],
    &["drops", "1", "120", "240"],
    &["abandoned", "5"],
    &["lists"],
    &["streams"],
    &["nested", "2"],
    &["forged", "unreachable"],
    &["forged", "repeated_megabytes"],
    &["permit", "megabytes"],
    &["fill", "handshakes", "200"],
    &["fill", "subscriptions", "10000"],
];

/// The smallest object of the core with its handle is about 100 bytes, and each scenario makes a hundred of a kind or more each
/// time: were one kind of them lost, that would be 60 KB in six rounds. The heap itself moves by a tenth of the slack.
async fn nothing_is_kept(policy: &Policy) {
    const ROUNDS: usize = 6;
    const SLACK: usize = 48 << 10;
    const RESIDENT_SLACK: usize = 4 << 20;
    // An engine may still fill a cache of its own (wolfSSL's of points, up to a megabyte for a thread). That comes to an end; what
    // is lost is lost every time.
    const ATTEMPTS: usize = 4;
    for scenario in SCENARIOS {
        for _ in 0..2 {
            run(policy, scenario).await;
        }
        let mut growth = Vec::new();
        while growth.len() < ATTEMPTS {
            let before = (process::allocated(), process::resident());
            for _ in 0..ROUNDS {
                run(policy, scenario).await;
            }
            let kept = process::allocated().saturating_sub(before.0);
            let grown = process::resident().saturating_sub(before.1);
            if kept < SLACK && grown < RESIDENT_SLACK {
                break;
            }
            growth.push((kept, grown));
        }
        assert!(growth.len() < ATTEMPTS, "{} {scenario:?}: {growth:?} bytes more, and larger", policy.engine());
    }
}

/// Runs it to its end, and until the host has no task left that works for it.
async fn run(policy: &Policy, scenario: &[&str]) {
    host::run("hostile", policy, scenario).await;
    let metrics = Handle::current().metrics();
    wait_until("no task is left", || (metrics.num_alive_tasks() == 0).then_some(())).await;
}

/// What each may cost at most, in MiB: for all connections that a guest may have by default, a handshake's state each; for a
/// list, as much as the runtime lets a call copy (128 MiB), and for what is made of it, a part of that.
const COSTS: &[(&[&str], usize)] = &[
    (&["fill", "connections", "1024", "50"], 8),
    (&["fill", "handshakes", "1020", "50"], 160),
    (&["permit", "megabytes"], 110),
    (&["forged", "repeated_megabytes"], 140),
    (&["endless", "32"], 4),
    (&["lists"], 64),
];

async fn most_is_bounded(policy: &Policy) {
    for (scenario, bound) in COSTS {
        let before = process::allocated();
        let watch = process::Watch::start();
        run(policy, scenario).await;
        let most = watch.most().saturating_sub(before);
        assert!(most < bound << 20, "{} {scenario:?}: {most} bytes", policy.engine());
    }
}

/// A guest that waits for a peer that says nothing costs no time of the processor.
async fn waiting_is_free(policy: &Policy) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let before = process::time();
    host::run("hostile", policy, &["idle", "127.0.0.1", &port, "1000"]).await.well();
    let spent = process::time() - before;
    assert!(spent < Duration::from_millis(100), "{}: {spent:?} of one second", policy.engine());
}

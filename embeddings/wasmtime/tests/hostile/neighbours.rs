// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Two guests at once, under one policy: what one comes to is nothing to the other.

use crate::{host, on_each_engine};

on_each_engine!(trap_beside, exhaustion_beside);

/// One traps over and over with everything open, while the other goes through its handshakes.
async fn trap_beside(engine: &str) {
    let policy = host::policy(engine);
    let traps = async {
        for _ in 0..10 {
            host::run("hostile", &policy, &["forged", "unreachable"]).await.by_trap("unreachable");
        }
    };
    let (neighbour, ()) = tokio::join!(in_the_background(engine, &policy, &["abandoned", "20"]), traps);
    neighbour.well();
}

/// One holds all that it may, which is its own allowance only.
async fn exhaustion_beside(engine: &str) {
    let policy = host::policy(engine);
    const GREEDY: &[&str] = &["fill", "connections", "2000", "500"];
    let (greedy, ()) = tokio::join!(in_the_background(engine, &policy, GREEDY), async {
        for _ in 0..5 {
            host::run("hostile", &policy, &["nested", "2"]).await.well();
        }
    });
    assert_eq!((greedy.with, greedy.held.connections), (Ok(0), 1024));
}

/// On another thread of the runtime.
async fn in_the_background(
    engine: &str,
    policy: &wasi_tls_wasmtime::Policy,
    arguments: &'static [&'static str],
) -> host::Ended {
    assert_eq!(policy.engine(), engine);
    let policy = policy.clone();
    tokio::spawn(async move { host::run("hostile", &policy, arguments).await }).await.unwrap()
}

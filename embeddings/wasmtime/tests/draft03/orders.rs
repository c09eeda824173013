// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Guests that let go of things, or call them in the wrong order: everything that waits comes to an end, and nothing is left.
//! That nothing is left is seen by `host::run`.

use std::time::Duration;

use wasi_tls_wasmtime::GuestLimits;

use crate::common::guest::{self, Outcome};
use crate::{host, on_each_engine};

on_each_engine!(abandoned, cancelled, twice, incomplete, dropped_before, bad_names, all_orders, many, handles);

const ABANDONED: &str = "aborted: the connector was dropped, or connect cancelled";

/// Room for two connections, and for what one case holds at a time.
const FEW: GuestLimits = GuestLimits { connections: 2, handles: 8, close_timeout: Duration::from_secs(5) };

async fn run(engine: &str, case: &str, limits: GuestLimits) -> Outcome {
    let policy = guest::policy(engine).guest_limits(limits).build().unwrap();
    host::run("draft03_orders", &policy, &[case]).await
}

async fn few(engine: &str, case: &str) -> Outcome {
    run(engine, case, FEW).await.good()
}

async fn abandoned(engine: &str) {
    assert_eq!(few(engine, "abandoned").await.stderr, format!("send: {ABANDONED}\nreceive: {ABANDONED}\n"));
}

async fn cancelled(engine: &str) {
    assert_eq!(few(engine, "cancelled").await.stderr, format!("send: {ABANDONED}\nreceive: {ABANDONED}\n"));
}

async fn twice(engine: &str) {
    let again = "again: wrong-state: send and receive may be called once each\n";
    let expected = format!("{again}{again}send: {ABANDONED}\nreceive: {ABANDONED}\n");
    assert_eq!(few(engine, "twice").await.stderr, expected);
}

async fn incomplete(engine: &str) {
    let reason = "wrong-state: connect needs send and receive to be called before\n";
    let expected = ["handshake", "handshake", "receive", "handshake", "send"].map(|who| format!("{who}: {reason}"));
    assert_eq!(few(engine, "incomplete").await.stderr, expected.concat());
}

async fn dropped_before(engine: &str) {
    let lost = "transport-write: the ciphertext to send was dropped by its reader\n";
    let eof = "eof: the transport ended before the handshake did\n";
    let expected = [lost, eof].map(|why| format!("handshake: {why}send: {why}receive: {why}"));
    assert_eq!(few(engine, "dropped-before").await.stderr, expected.concat());
}

async fn bad_names(engine: &str) {
    let outcome = few(engine, "bad-names").await;
    assert_eq!(outcome.stderr.lines().filter(|line| line.contains(": server-name")).count(), 6 * 3, "{outcome:?}");
}

async fn all_orders(engine: &str) {
    assert_eq!(few(engine, "all-orders").await.stdout, "5040 orders\n");
}

async fn many(engine: &str) {
    let outcome = run(engine, "many", GuestLimits { connections: 3, ..FEW }).await.good();
    assert_eq!(outcome.stdout, "3 at a time\none more\n");
    assert_eq!(outcome.stderr, "handshake: limit: the guest has reached its limit of connections\n");
}

/// A constructor can't fail, so it traps.
async fn handles(engine: &str) {
    let policy = guest::policy(engine).guest_limits(GuestLimits { handles: 0, ..FEW }).build().unwrap();
    let trap = host::trap("draft03_orders", &policy, &["many"]).await;
    assert!(trap.contains("the guest has reached its limit of connections or handles"), "{trap}");
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What a guest is answered, however badly it behaves: no trap, and nothing left behind.

use wasi_tls_wasmtime::GuestLimits;

use crate::common::peer;
use crate::{host, on_each_engine};

on_each_engine!(
    drops_of_a_client,
    drops_of_a_server,
    order,
    lists,
    splice,
    nested,
    streams,
    abandoned,
    endless,
    limits,
    busy,
    draft02
);

/// All orders of up to five handles, at thirteen points; those left out have a stream go before its pollable.
const ORDERS: &str = "617 orders";

async fn drops_of_a_client(engine: &str) {
    host::run("hostile", &host::policy(engine), &["drops", "0", "0", "1000"]).await.well().says(ORDERS);
}

async fn drops_of_a_server(engine: &str) {
    host::run("hostile", &host::policy(engine), &["drops", "1", "0", "1000"]).await.well().says(ORDERS);
}

/// Runs a scenario without arguments.
async fn plain(engine: &str, scenario: &str) -> host::Ended {
    host::run("hostile", &host::policy(engine), &[scenario]).await.well()
}

async fn order(engine: &str) {
    plain(engine, "order").await;
}

async fn lists(engine: &str) {
    plain(engine, "lists").await;
}

async fn splice(engine: &str) {
    plain(engine, "splice").await;
}

/// As deep as is allowed, and no deeper: the work would double with each level.
async fn nested(engine: &str) {
    for (wanted, reached) in [("2", "2 levels"), ("8", "8 levels"), ("9", "8 levels"), ("500", "8 levels")] {
        host::run("hostile", &host::policy(engine), &["nested", wanted]).await.well().says(reached);
    }
}

async fn streams(engine: &str) {
    plain(engine, "streams").await;
}

async fn abandoned(engine: &str) {
    host::run("hostile", &host::policy(engine), &["abandoned", "100"]).await.well();
}

async fn endless(engine: &str) {
    host::run("hostile", &host::policy(engine), &["endless", "16"]).await.well();
}

/// The guest holds two identities of its own; a connection of the guest's is one handle, its handshake another.
async fn limits(engine: &str) {
    let limits = GuestLimits { connections: 32, handles: 256, ..GuestLimits::default() };
    let ended = host::run("hostile", &host::with_limits(engine, limits), &["limits"]).await.well();
    let said: Vec<_> = ended.stdout.lines().filter(|line| line.contains("identities")).collect();
    assert_eq!(said, ["32 connections, 190 identities"; 3]);
    let limits = GuestLimits { connections: 256, handles: 64, ..GuestLimits::default() };
    host::run("hostile", &host::with_limits(engine, limits), &["limits"])
        .await
        .well()
        .says("31 connections, 0 identities");
}

async fn busy(engine: &str) {
    plain(engine, "busy").await;
}

async fn draft02(engine: &str) {
    let server = peer::s_server(&["-tls1_3"]).await;
    let port = server.port.to_string();
    host::run("hostile_draft02", &host::policy(engine), &["localhost", &port]).await.well();
}

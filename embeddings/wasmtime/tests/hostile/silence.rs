// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Peers that say nothing, or the wrong thing.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::{host, on_each_engine};

on_each_engine!(silent, garbage, endless_garbage);

/// A server that sends `unit` once to each client, or for as long as that takes it.
async fn server(unit: &'static [u8], endless: bool) -> (JoinHandle<()>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let serving = tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let (mut from, mut to) = client.split();
                while to.write_all(unit).await.is_ok() && endless {}
                let mut rest = Vec::new();
                // It ends when the client does, with an error or without.
                let _ = from.read_to_end(&mut rest).await;
            });
        }
    });
    (serving, port)
}

/// The guest's timer is what ends it.
async fn silent(engine: &str) {
    let (serving, port) = server(b"", false).await;
    host::run("hostile", &host::policy(engine), &["silent", "127.0.0.1", &port, "20"]).await.well();
    serving.abort();
}

async fn expect_class(engine: &str, unit: &'static [u8], endless: bool, classes: &[&str]) {
    let (serving, port) = server(unit, endless).await;
    let ended = host::run("hostile", &host::policy(engine), &["garbage", "127.0.0.1", &port]).await.well();
    assert!(classes.iter().any(|class| ended.stdout.trim_end() == *class), "{unit:?}: {ended:?}");
    serving.abort();
}

/// As error-class is declared.
const PROTOCOL: &str = "class 3";
const LIMIT: &str = "class 8";

async fn garbage(engine: &str) {
    expect_class(engine, b"HTTP/1.1 400 Bad Request\r\n\r\n", false, &[PROTOCOL]).await;
    expect_class(engine, &[0; 64], false, &[PROTOCOL]).await;
    expect_class(engine, b"\x16\x03\x03\xff\xff", false, &[PROTOCOL]).await;
}

/// Records in order, of which there is no end: a ServerHello of megabytes, and nothing but change_cipher_spec.
async fn endless_garbage(engine: &str) {
    expect_class(engine, b"\x16\x03\x03\x00\x08\x02\xff\xff\xff\x03\x03\x00\x00", true, &[PROTOCOL, LIMIT]).await;
    expect_class(engine, b"\x14\x03\x03\x00\x01\x01", true, &[PROTOCOL, LIMIT]).await;
    expect_class(engine, b"\x15\x03\x03\x00\x02\x01\x5a", true, &[PROTOCOL, LIMIT]).await;
    expect_class(engine, b"x", true, &[PROTOCOL, LIMIT]).await;
}

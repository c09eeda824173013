// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The guest of wasi:tls@0.2.0-draft.

use wasi_tls_wasmtime::Trust;

use crate::common::{guest, peer, pki};
use crate::on_each_engine;

on_each_engine!(good_servers, wrong_name, unknown_authority, truncated, closed_in_order, not_tls);

async fn client(engine: &str, arguments: &[&str]) -> guest::Outcome {
    guest::run("draft02_client", &guest::usual(engine), arguments).await
}

async fn good_servers(engine: &str) {
    for version in ["-tls1_2", "-tls1_3"] {
        let server = peer::s_server(&["-www", version]).await;
        client(engine, &["localhost", &server.port.to_string()]).await.good().says("HTTP/1.0 200 ok");
    }
    let server = peer::nginx(&[], "hello from nginx").await;
    let port = server.port.to_string();
    client(engine, &["localhost", &port]).await.good().says("hello from nginx");
    client(engine, &["127.0.0.1", &port]).await.good().says("hello from nginx");
    client(engine, &["127.0.0.1", &port, "example.test"]).await.good().says("hello from nginx");
}

async fn wrong_name(engine: &str) {
    let server = peer::s_server(&["-www"]).await;
    let outcome = client(engine, &["localhost", &server.port.to_string(), "other.test"]).await.bad();
    outcome.complains("handshake: verify, name-mismatch (certificate 0)");
    assert_eq!(outcome.stdout, "");
    server.says("alert bad certificate").await;
}

async fn unknown_authority(engine: &str) {
    let policy = guest::policy(engine).server_trust(Trust::Anchors(vec![pki::read("other-root.pem")]));
    let server = peer::s_server(&["-www"]).await;
    let arguments = ["localhost", &server.port.to_string()];
    let outcome = guest::run("draft02_client", &policy.build().unwrap(), &arguments).await.bad();
    outcome.complains("handshake: verify, untrusted");
    server.says("alert unknown ca").await;
}

async fn truncated(engine: &str) {
    let server = peer::python_server("truncating-server", &[]).await;
    let outcome = client(engine, &["localhost", &server.port.to_string()]).await.bad();
    outcome.says("the first half").complains("read: truncated");
}

/// The server answers only once the client has closed its side: it sends all back, and closes too.
async fn closed_in_order(engine: &str) {
    let mut server = peer::python_server("half-close-server", &[]).await;
    let arguments = ["localhost", &server.port.to_string(), "localhost", "close-first"];
    let outcome = client(engine, &arguments).await.good();
    assert_eq!(outcome.stdout, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(server.end().await.success(), "{}", server.said());
}

async fn not_tls(engine: &str) {
    let server = peer::plain_python_server("plain-server").await;
    let outcome = client(engine, &["localhost", &server.port.to_string()]).await.bad();
    outcome.complains("handshake: ");
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! A client, and how its connections end.

use wasi_tls_wasmtime::{Trust, Version};

use crate::common::guest::{self, Outcome};
use crate::common::{peer, pki};
use crate::{host, on_each_engine};

on_each_engine!(
    good_servers,
    wrong_name,
    bad_name,
    unknown_authority,
    versions,
    client_refused,
    truncated,
    not_tls,
    gone
);

const ENDED_WELL: &str = "send: ok\nreceive: ok\n";

async fn client(engine: &str, arguments: &[&str]) -> Outcome {
    host::run("draft03_client", &guest::usual(engine), arguments).await
}

/// It has failed before there was anything to read, and both futures say for the reason that `connect` has given.
#[track_caller]
fn failed(outcome: &Outcome, reason: &str) {
    let lines: Vec<_> = outcome.stderr.lines().collect();
    let [connect, send, receive] = lines[..] else { panic!("{outcome:?}") };
    let reason_of = |line: &str, label| line.strip_prefix(label).unwrap_or_else(|| panic!("{outcome:?}")).to_string();
    assert!(connect.starts_with(&format!("handshake: {reason}")), "{outcome:?}");
    assert_eq!(reason_of(connect, "handshake: "), reason_of(send, "send: "));
    assert_eq!(reason_of(connect, "handshake: "), reason_of(receive, "receive: "));
}

async fn good_servers(engine: &str) {
    for version in ["-tls1_2", "-tls1_3"] {
        let server = peer::s_server(&["-www", version]).await;
        let outcome = client(engine, &["localhost", &server.port.to_string()]).await.good();
        outcome.says("HTTP/1.0 200 ok").complains(ENDED_WELL);
    }
    let server = peer::nginx(&[], "hello from nginx").await;
    let port = server.port.to_string();
    for arguments in [&["localhost", &port][..], &["127.0.0.1", &port], &["127.0.0.1", &port, "example.test"]] {
        client(engine, arguments).await.good().says("hello from nginx").complains(ENDED_WELL);
    }
}

async fn wrong_name(engine: &str) {
    let server = peer::s_server(&["-www"]).await;
    let outcome = client(engine, &["localhost", &server.port.to_string(), "other.test"]).await.bad();
    failed(&outcome, "verify, name-mismatch (certificate 0), alert bad_certificate sent: ");
    server.says("alert bad certificate").await;
}

/// Refused before a byte is sent.
async fn bad_name(engine: &str) {
    for name in ["not a name", "*.example.test"] {
        let server = peer::plain_python_server("closing-server").await;
        let outcome = client(engine, &["localhost", &server.port.to_string(), name]).await.bad();
        failed(&outcome, "server-name");
    }
}

async fn unknown_authority(engine: &str) {
    let policy = guest::policy(engine).server_trust(Trust::Anchors(vec![pki::read("other-root.pem")]));
    let server = peer::s_server(&["-www"]).await;
    let arguments = ["localhost", &server.port.to_string()];
    let outcome = host::run("draft03_client", &policy.build().unwrap(), &arguments).await.bad();
    failed(&outcome, "verify, untrusted");
    server.says("alert unknown ca").await;
}

/// They are the embedder's choice.
async fn versions(engine: &str) {
    let policy = guest::policy(engine).versions(Version::Tls13, Version::Tls13).build().unwrap();
    let server = peer::s_server(&["-www", "-tls1_2"]).await;
    let outcome = host::run("draft03_client", &policy, &["localhost", &server.port.to_string()]).await.bad();
    failed(&outcome, "peer-alert, alert protocol_version received: ");
}

/// A server that wants a client's identity says so in the handshake, or, under TLS 1.3, after the client's is done.
async fn client_refused(engine: &str) {
    let server = peer::s_server(&["-www", "-tls1_2", "-Verify", "1"]).await;
    let outcome = client(engine, &["localhost", &server.port.to_string()]).await.bad();
    failed(&outcome, "peer-alert, alert handshake_failure received: ");

    let server = peer::s_server(&["-www", "-tls1_3", "-Verify", "1"]).await;
    let outcome = client(engine, &["localhost", &server.port.to_string()]).await.bad();
    let reason = "peer-alert, alert certificate_required received: the peer sent alert certificate_required";
    assert_eq!(outcome.stderr, format!("send: {reason}\nreceive: {reason}\n"));
}

/// What came before is read, and the end is an error.
async fn truncated(engine: &str) {
    let server = peer::python_server("truncating-server", &[]).await;
    let outcome = client(engine, &["localhost", &server.port.to_string()]).await.bad();
    assert_eq!(outcome.stdout, "the first half");
    outcome.complains("receive: truncated: ");
}

async fn not_tls(engine: &str) {
    let server = peer::plain_python_server("plain-server").await;
    let outcome = client(engine, &["localhost", &server.port.to_string()]).await.bad();
    failed(&outcome, "");
}

/// The transport ends in the middle of the handshake.
async fn gone(engine: &str) {
    let server = peer::plain_python_server("closing-server").await;
    let outcome = client(engine, &["localhost", &server.port.to_string()]).await.bad();
    failed(&outcome, "eof: ");
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! `client_minimal` and `post_handshake`.

use wasi_tls_wasmtime::Trust;

use crate::common::{guest, peer, pki};
use crate::on_each_engine;

on_each_engine!(
    minimal_with_s_server,
    minimal_with_nginx,
    minimal_without_a_server,
    minimal_truncated,
    post_handshake_identity,
    post_handshake_not_allowed,
);

/// TLS 1.2 and 1.3, each with a trusted and an unknown root.
async fn minimal_with_s_server(engine: &str) {
    let distrusting = guest::policy(engine).server_trust(Trust::Anchors(vec![pki::read("other-root.pem")]));
    let distrusting = distrusting.build().unwrap();
    for version in ["-tls1_2", "-tls1_3"] {
        let server = peer::s_server(&["-www", version]).await;
        let arguments = ["localhost", &server.port.to_string()];
        guest::run("client_minimal", &guest::usual(engine), &arguments).await.good().says("HTTP/1.0 200 ok");
        let refused = guest::run("client_minimal", &distrusting, &arguments).await.bad();
        refused.complains("handshake: failed");
        server.says("alert unknown ca").await;
    }
}

async fn minimal_with_nginx(engine: &str) {
    let server = peer::nginx(&["ssl_protocols TLSv1.2 TLSv1.3;"], "hello from nginx: $request_uri $ssl_protocol").await;
    let arguments = ["localhost", &server.port.to_string(), "/page"];
    let outcome = guest::run("client_minimal", &guest::usual(engine), &arguments).await.good();
    outcome.says("hello from nginx: /page TLSv1.3");
}

async fn minimal_without_a_server(engine: &str) {
    let policy = guest::usual(engine);
    let port = peer::free_port().to_string();
    guest::run("client_minimal", &policy, &["localhost", &port]).await.bad().complains("connect: failed");
    guest::run("client_minimal", &policy, &[]).await.bad().complains("usage: client_minimal");
}

/// The transport ends without a close_notify: what came before it is there, and then an error.
async fn minimal_truncated(engine: &str) {
    let server = peer::python_server("truncating-server", &[]).await;
    let arguments = ["localhost", &server.port.to_string()];
    let outcome = guest::run("client_minimal", &guest::usual(engine), &arguments).await.bad();
    outcome.says("the first half").complains("read: truncated").complains("read: failed");
}

async fn post_handshake_server() -> peer::Peer {
    peer::python_server("post-handshake-server", &[&pki::path("root.pem")]).await
}

fn post_handshake_arguments(server: &peer::Peer) -> [String; 4] {
    ["localhost".into(), server.port.to_string(), "/pki/client.key".into(), "/pki/client.pem".into()]
}

async fn post_handshake_identity(engine: &str) {
    let policy = guest::policy(engine).post_handshake_auth(true).build().unwrap();
    let mut server = post_handshake_server().await;
    let arguments = post_handshake_arguments(&server);
    let outcome = guest::run("post_handshake", &policy, &arguments.each_ref().map(String::as_str)).await.good();
    outcome.says("question: who are you?").says("\"client\"").says("client identity: shown");
    assert!(server.end().await.success(), "{}", server.said());
}

/// Without the host's leave the client does not offer it, and the server finds that it can't ask.
async fn post_handshake_not_allowed(engine: &str) {
    let mut server = post_handshake_server().await;
    let arguments = post_handshake_arguments(&server);
    let arguments = arguments.each_ref().map(String::as_str);
    guest::run("post_handshake", &guest::usual(engine), &arguments).await.bad();
    assert!(!server.end().await.success());
    server.says("EXTENSION_NOT_RECEIVED").await;
}

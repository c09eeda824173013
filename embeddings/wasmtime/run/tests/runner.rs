// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The program itself, with guests of `guests/` and real peers.

#[path = "../../tests/common/mod.rs"]
mod common;

use common::{peer, pki};

on_each_engine!(client, server, named_identity, showcases);

/// `wasi-tls-run --engine ENGINE OPTIONS... GUEST ARGUMENTS...`
async fn run(engine: &str, options: &[&str], guest: &str, arguments: &[&str]) -> peer::Output {
    let component = wasi_tls_guests::build(guest).unwrap();
    let program = [env!("CARGO_BIN_EXE_wasi-tls-run"), "--engine", engine];
    peer::run(&[&program, options, &[component.to_str().unwrap()], arguments].concat(), "").await
}

/// The same for a guest that says where it listens.
async fn start(engine: &str, options: &[&str], guest: &str, arguments: &[&str]) -> peer::Peer {
    let component = wasi_tls_guests::build(guest).unwrap();
    let program = [env!("CARGO_BIN_EXE_wasi-tls-run"), "--engine", engine];
    peer::Peer::start_listener(&[&program, options, &[component.to_str().unwrap()], arguments].concat()).await
}

async fn client(engine: &str) {
    let server = peer::s_server(&["-www"]).await;
    let [root, other] = ["root.pem", "other-root.pem"].map(pki::path);
    let arguments = ["localhost", &server.port.to_string()];
    let old = ["--ca", &root, "--max-version", "1.2"];
    run(engine, &["--ca", &root], "client_minimal", &arguments).await.ends_with(0).says("Protocol  : TLSv1.3");
    run(engine, &old, "client_minimal", &arguments).await.ends_with(0).says("Protocol  : TLSv1.2");
    run(engine, &["--ca", &other], "client_minimal", &arguments).await.ends_with(1).says("handshake: failed");
    run(engine, &["--ca", "nowhere"], "client_minimal", &arguments).await.ends_with(2).says("nowhere");
    run(engine, &["--ca", &root], "draft02_client", &arguments).await.ends_with(0).says("HTTP/1.0 200 ok");
}

async fn server(engine: &str) {
    let folder = format!("{}::/pki", pki::folder().display());
    let arguments = ["0", "/pki/server-ecdsa.key", "/pki/server-ecdsa.pem", "1"];
    let mut server = start(engine, &["--dir", &folder], "server_minimal", &arguments).await;
    let url = format!("https://localhost:{}/page", server.port);
    let curl = ["curl", "-sS", "-i", "--noproxy", "*", "--cacert", &pki::path("root.pem"), &url];
    peer::run(&curl, "").await.ends_with(0).says("HTTP/1.1 200 OK");
    assert!(server.end().await.success(), "{}", server.said());
    server.says("request: GET /page HTTP/1.1").await;
}

/// The key stays with the host: the guest knows its name, and has no directory.
async fn named_identity(engine: &str) {
    let identity = format!("site={}:{}", pki::path("server-rsa.pem"), pki::path("server-rsa.key"));
    let arguments = ["0", "example.test", "named", "site", "named", "site", "1"];
    let mut server = start(engine, &["--identity", &identity], "server_showcase", &arguments).await;
    let url = format!("https://localhost:{}/", server.port);
    let curl = ["curl", "-sSv", "--noproxy", "*", "--http1.1", "--cacert", &pki::path("root.pem"), &url];
    peer::run(&curl, "").await.ends_with(0).says("HTTP/1.1 200 OK").says("CN=server-rsa");
    assert!(server.end().await.success(), "{}", server.said());
    let other = ["0", "example.test", "named", "elsewhere", "named", "site", "1"];
    run(engine, &["--identity", &identity], "server_showcase", &other).await.ends_with(1).says("private-identity.open");
    run(engine, &["--identity", "site"], "server_showcase", &other).await.ends_with(2).says("NAME=CERT:KEY");
}

/// Two of them with each other: mutual TLS, with what only the host decides on both sides.
async fn showcases(engine: &str) {
    let folder = format!("{}::/pki", pki::folder().display());
    let root = pki::path("root.pem");
    let first = ["/pki/example.key", "/pki/example.pem"];
    let second = ["/pki/server-rsa.key", "/pki/server-rsa.pem"];
    let arguments = [&["0", "example.test"], &first[..], &second, &["1"]].concat();
    let options = ["--dir", &folder, "--client-ca", &root];
    let mut server = start(engine, &options, "server_showcase", &arguments).await;
    let arguments = ["localhost", &server.port.to_string(), "/pki/client.key", "/pki/client.pem"];
    let outcome = run(engine, &["--dir", &folder, "--ca", &root], "client_showcase", &arguments).await.ends_with(0);
    outcome.says("HTTP/1.1 200 OK").says("\nclient identity: 2 certificates of ");
    assert!(server.end().await.success(), "{}", server.said());
    server.says("\nclient identity: 2 certificates of ").await;
}

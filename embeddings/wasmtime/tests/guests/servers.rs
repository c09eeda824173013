// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! `server_minimal` and `server_showcase`.

use wasi_tls_wasmtime::Policy;

use crate::common::{guest, peer, pki};
use crate::on_each_engine;

on_each_engine!(minimal, showcase_names_and_alpn, showcase_client_identity, showcase_secure);

/// curl, with options of its own.
async fn curl(port: u16, options: &[&str]) -> peer::Output {
    let root = pki::path("root.pem");
    let url = format!("https://localhost:{port}/page");
    let mut command = vec!["curl", "-sS", "-v", "--http1.1", "--noproxy", "*", "--max-time", "20", "--cacert", &root];
    command.extend(options);
    if !options.contains(&"--resolve") {
        command.push(&url);
    }
    peer::run(&command, "").await
}

/// openssl's client, which sends a request for `path` and reads to the end.
async fn s_client(port: u16, path: &str, options: &[&str]) -> peer::Output {
    let root = pki::path("root.pem");
    let address = format!("127.0.0.1:{port}");
    let mut command = vec!["openssl", "s_client", "-connect", &address, "-CAfile", &root, "-ign_eof"];
    command.extend(options);
    peer::run(&command, &format!("GET {path} HTTP/1.1\r\n\r\n")).await
}

async fn minimal(engine: &str) {
    let arguments = ["0", "/pki/server-rsa.key", "/pki/server-rsa.pem", "5"];
    let server = guest::start("server_minimal", &guest::usual(engine), &arguments);
    let port = server.port().await;
    curl(port, &["-i"]).await.ends_with(0).says("HTTP/1.1 200 OK");
    s_client(port, "/old", &["-tls1_2"]).await.ends_with(0).says("HTTP/1.1 200 OK").says("Verify return code: 0");
    let root = pki::path("root.pem");
    let gnutls = ["gnutls-cli", "--x509cafile", &root, "-p", &port.to_string(), "localhost"];
    peer::run(&gnutls, "GET /gnutls HTTP/1.1\n\n").await.ends_with(0).says("HTTP/1.1 200 OK");
    curl(port, &["--cacert", &pki::path("other-root.pem")]).await.ends_with(60);
    curl(port, &["-i"]).await.ends_with(0).says("HTTP/1.1 200 OK");

    let outcome = server.end().await.good();
    outcome.says("request: GET /page HTTP/1.1").says("request: GET /old").says("request: GET /gnutls");
    assert_eq!(outcome.stderr, "client: failed\n");
}

/// The showcase for a number of clients, and its port.
async fn showcase(policy: &Policy, clients: &str) -> (guest::Running, u16) {
    let first = ["/pki/example.key", "/pki/example.pem"];
    let second = ["/pki/server-rsa.key", "/pki/server-rsa.pem"];
    let arguments = [&["0", "example.test"], &first[..], &second[..], &[clients]].concat();
    let server = guest::start("server_showcase", policy, &arguments);
    let port = server.port().await;
    (server, port)
}

async fn showcase_names_and_alpn(engine: &str) {
    let (server, port) = showcase(&guest::usual(engine), "4").await;
    let resolve = format!("example.test:{port}:127.0.0.1");
    let url = format!("https://example.test:{port}/named");
    let named = curl(port, &["--resolve", &resolve, &url]).await.ends_with(0);
    named.says("subject: O=wasi-tls test; CN=example\n").says("ALPN: server accepted http/1.1");
    curl(port, &["--tls-max", "1.2"]).await.ends_with(0).says("subject: O=wasi-tls test; CN=server-rsa\n");
    let older = s_client(port, "/older", &["-noservername", "-alpn", "http/1.0"]).await.ends_with(0);
    older.says("ALPN protocol: http/1.0").says("HTTP/1.1 200 OK");
    s_client(port, "/none", &["-alpn", "h2"]).await.ends_with(1).says("alert no application protocol");

    let outcome = server.end().await.good();
    outcome.says("hello: server name: example.test\n").says("hello: server name: localhost\n");
    outcome.says("hello: server name: none\n").says("hello: alpn: http/1.0\n").says("hello: alpn: h2\n");
    outcome.says("\nserver name: example.test\nalpn: http/1.1\nclient identity: none\nserver identity: 2 certificates");
    outcome.says("protocol version: TLSv1.3\n").says("protocol version: TLSv1.2\n");
    outcome.says("request: GET /named HTTP/1.1").complains("(alert 120 sent)");
}

/// Mutual TLS, in both versions: known, unknown and no client.
async fn showcase_client_identity(engine: &str) {
    let known = [pki::path("client.pem"), pki::path("client.key")];
    let unknown = [pki::path("other-client.pem"), pki::path("other-client.key")];
    for version in ["1.2", "1.3"] {
        let (server, port) = showcase(&guest::usual(engine), "3").await;
        let exact = ["--tlsv1.2", "--tls-max", version];
        let exact = if version == "1.2" { &exact[..] } else { &["--tlsv1.3"] };
        let with = |identity: &[String; 2]| {
            let own = ["--cert".into(), identity[0].clone(), "--key".into(), identity[1].clone()];
            exact.iter().map(ToString::to_string).chain(own).collect::<Vec<String>>()
        };
        let run = async |options: &[String]| curl(port, &options.iter().map(String::as_str).collect::<Vec<_>>()).await;
        run(&with(&known)).await.ends_with(0).says("200 OK");
        let refused = run(&with(&unknown)).await;
        assert_ne!(refused.status, 0);
        refused.says("unknown ca");
        curl(port, exact).await.ends_with(0).says("200 OK");

        let outcome = server.end().await.good();
        outcome.says("\nclient certificate: 2 certificates of ").says("\nclient identity: 2 certificates of ");
        outcome.says("\nclient certificate: none\n").says("\nclient identity: none\n");
        outcome.says(&format!("protocol version: TLSv{version}\n")).complains("client: verify: ");
        outcome.complains("(alert 48 sent)");
    }
}

/// Clients that can be asked after the handshake, with and without an identity then, and one that can't.
async fn showcase_secure(engine: &str) {
    let (server, port) = showcase(&guest::usual(engine), "3").await;
    let script = pki::repository().join("tests/peers.py");
    let [root, cert, key] = ["root.pem", "client.pem", "client.key"].map(pki::path);
    let port_text = port.to_string();
    let late = ["python3", script.to_str().expect("UTF-8"), "late-client", &port_text, &root, &cert, &key];
    peer::run(&late, "").await.ends_with(0).says("HTTP/1.1 200 OK");
    s_client(port, "/secure", &["-enable_pha"]).await.ends_with(0).says("HTTP/1.1 200 OK");
    s_client(port, "/secure", &[]).await.ends_with(0).says("HTTP/1.1 200 OK");

    let outcome = server.end().await.good();
    outcome.says("post-handshake: 2 certificates of ").says("post-handshake: none\n");
    outcome.says("post-handshake: the client can't be asked\n");
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! `client_showcase`, and the two showcases with each other.

use crate::common::{guest, peer, pki};
use crate::on_each_engine;

on_each_engine!(mutual_with_s_server, mutual_with_nginx, not_asked, check_of_its_own, with_each_other);

async fn client(engine: &str, port: u16, more: &[&str]) -> guest::Outcome {
    let port = port.to_string();
    let arguments = [&["localhost", &port, "/pki/client.key", "/pki/client.pem"], more].concat();
    guest::run("client_showcase", &guest::usual(engine), &arguments).await
}

fn expect_properties(outcome: &guest::Outcome, version: &str) {
    outcome.says("server certificate: 2 certificates of ").says("\nserver name: localhost\nalpn: http/1.1\n");
    outcome.says("\nserver identity: 2 certificates of ").says("\ncipher suite: 0x");
    outcome.says(&format!("\nprotocol version: {version}\n"));
}

async fn mutual_with_s_server(engine: &str) {
    let root = pki::path("root.pem");
    for (option, version) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let wanted = ["-Verify", "1", "-verify_return_error", "-CAfile", &root];
        let server = peer::s_server(&[&["-www", option, "-alpn", "http/1.1"], &wanted[..]].concat()).await;
        let outcome = client(engine, server.port, &[]).await.good();
        expect_properties(&outcome, version);
        outcome.says("client certificate: requested, 1 acceptable issuers\n");
        outcome.says("\nclient identity: 2 certificates of ").says("HTTP/1.0 200 ok");
        server.says("CN = client\n").await;
    }
}

async fn mutual_with_nginx(engine: &str) {
    let root = format!("ssl_client_certificate {};", pki::path("root.pem"));
    for version in ["TLSv1.2", "TLSv1.3"] {
        let protocols = format!("ssl_protocols {version};");
        let options = ["ssl_verify_client on;", "ssl_verify_depth 3;", &root, &protocols];
        let server = peer::nginx(&options, "$ssl_client_verify $ssl_client_s_dn $ssl_alpn_protocol end").await;
        let outcome = client(engine, server.port, &[]).await.good();
        expect_properties(&outcome, version);
        outcome.says("\nclient identity: 2 certificates of ");
        outcome.says("SUCCESS CN=client,O=wasi-tls test http/1.1 end");
    }
}

async fn not_asked(engine: &str) {
    let server = peer::nginx(&["ssl_protocols TLSv1.3;"], "client: $ssl_client_verify").await;
    let outcome = client(engine, server.port, &["/page"]).await.good();
    expect_properties(&outcome, "TLSv1.3");
    outcome.says("client certificate: not requested\n").says("\nclient identity: none\n").says("client: NONE");
}

/// The check of its own ends the handshake with an alert that the server reads.
async fn check_of_its_own(engine: &str) {
    for version in ["-tls1_2", "-tls1_3"] {
        let server = peer::s_server(&["-www", version]).await;
        let outcome = client(engine, server.port, &["/", "100"]).await.bad();
        outcome.says("server certificate: ").complains("connection: closed: ").complains("(alert 42 sent)");
        assert!(!outcome.stdout.contains("cipher suite"), "{outcome:?}");
        server.says("alert bad certificate").await;
        client(engine, server.port, &["/", "100000"]).await.good();
    }
}

async fn with_each_other(engine: &str) {
    let first = ["/pki/example.key", "/pki/example.pem"];
    let second = ["/pki/server-rsa.key", "/pki/server-rsa.pem"];
    let arguments = [&["0", "example.test"], &first[..], &second[..], &["1"]].concat();
    let server = guest::start("server_showcase", &guest::usual(engine), &arguments);
    let outcome = client(engine, server.port().await, &["/secure"]).await.good();
    expect_properties(&outcome, "TLSv1.3");
    outcome.says("\nclient identity: 2 certificates of ").says("HTTP/1.1 200 OK");
    server.end().await.good().says("\nclient identity: 2 certificates of ").says("request: GET /secure");
}

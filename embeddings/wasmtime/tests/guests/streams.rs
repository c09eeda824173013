// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What needs more than one thing at a time: both directions, many connections, TLS with TCP and a timer.

use std::collections::HashSet;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::common::{guest, peer, wait_until};
use crate::on_each_engine;

on_each_engine!(duplex, many_connections, poll_mix);

/// As the guest has it: what it sends, and what it expects.
fn sent(position: usize) -> u8 {
    (position * 31 % 251) as u8
}

fn expected(position: usize) -> u8 {
    (position * 7 % 253) as u8
}

/// 1 MiB each way at once. The peer stops, in both directions, until the guest has been held back.
async fn duplex(engine: &str) {
    const TOTAL: usize = 1 << 20;
    for version in ["-tls1_2", "-tls1_3"] {
        let (mut server, port) = peer::s_server_pipe(&[version]).await;
        let (mut to_guest, mut from_guest) = (server.stdin.take().unwrap(), server.stdout.take().unwrap());
        let arguments = ["localhost", &port.to_string(), &TOTAL.to_string()];
        let running = guest::start("duplex", &guest::usual(engine), &arguments);

        let pattern: Vec<u8> = (0..TOTAL).map(expected).collect();
        let writing = tokio::spawn(async move {
            to_guest.write_all(&pattern).await.unwrap();
            to_guest
        });
        running.says("held back\n").await;
        let reading = tokio::spawn(async move {
            let mut received = vec![0; TOTAL];
            from_guest.read_exact(&mut received).await.unwrap();
            received
        });
        let outcome = running.end().await.good();
        let (_open, received) = (writing.await.unwrap(), reading.await.unwrap());
        assert!(received.iter().enumerate().all(|(position, byte)| *byte == sent(position)), "content");
        assert_eq!(outcome.stdout, format!("held back\nsent {TOTAL}, received {TOTAL}\n"));
    }
}

/// nginx counts how many are open at the same time, and which request came on which.
async fn many_connections(engine: &str) {
    const COUNT: usize = 100;
    let server = peer::nginx(&["keepalive_timeout 30s;"], "$connections_active open\\nend\\n").await;
    let arguments = ["localhost", &server.port.to_string(), &COUNT.to_string()];
    let outcome = guest::run("many_connections", &guest::usual(engine), &arguments).await.good();
    assert_eq!(outcome.stdout, "open: 100\n100 open\nend\n100 open\nend\n");

    // nginx writes a line after it has answered.
    let said = wait_until("nginx's log", || {
        let said = server.said();
        (said.lines().count() >= 2 * COUNT).then_some(said)
    })
    .await;
    let requests: Vec<_> = said.lines().filter_map(|line| line.split_once(' ')).collect();
    let with_number = |number| requests.iter().filter(|(_, n)| *n == number).map(|(c, _)| *c).collect::<HashSet<_>>();
    assert_eq!((requests.len(), with_number("1").len()), (2 * COUNT, COUNT));
    assert_eq!(with_number("1"), with_number("2"));
}

/// Passes on what the client sends, and what the server sends once `open` says so.
async fn gate(listener: TcpListener, server: u16, mut open: watch::Receiver<bool>) {
    let (client, _) = listener.accept().await.unwrap();
    let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    let up = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    open.wait_for(|open| *open).await.unwrap();
    tokio::io::copy(&mut from_server, &mut to_client).await.unwrap();
    up.await.unwrap().unwrap();
}

/// The guest says what it wants to happen next, over plain TCP.
async fn poll_mix(engine: &str) {
    let mut server = peer::s_server(&["-tls1_3"]).await;
    let [front, control] =
        [TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap()];
    let ports = [&front, &control].map(|listener| listener.local_addr().unwrap().port().to_string());
    let (open, opened) = watch::channel(false);
    let gate = tokio::spawn(gate(front, server.port, opened));
    let running = guest::start("poll_mix", &guest::usual(engine), &["localhost", &ports[0], &ports[1]]);

    let (control, _) = control.accept().await.unwrap();
    let (wishes, mut to_guest) = control.into_split();
    let mut wishes = BufReader::new(wishes).lines();
    while let Some(wish) = wishes.next_line().await.unwrap() {
        if wish == "future" {
            open.send(true).unwrap();
        }
        if wish == "tcp" || wish == "both" {
            to_guest.write_all(b"x").await.unwrap();
        }
        if wish == "input" || wish == "both" {
            server.stdin.write_all(b"x").await.unwrap();
        }
    }
    let outcome = running.end().await.good();
    let expected =
        "timer: timer\ntcp: tcp\nfuture: tls\ntimer: timer\ninput: tls\ntcp: tcp\nboth: tls tcp\ntimer: timer\n";
    assert_eq!(outcome.stdout, expected);
    gate.await.unwrap();
}

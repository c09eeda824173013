// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Many bytes, and peers that are in no hurry.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use wasi_tls_wasmtime::{GuestLimits, Policy};

use crate::common::{guest, peer};
use crate::{host, on_each_engine};

on_each_engine!(duplex, echo, ready, late, deaf, stalled);

const MIB: usize = 1 << 20;
const ENDED_WELL: &str = "send: ok\nreceive: ok\n";

/// As the guest has it: what it sends, and what it expects.
fn sent(position: usize) -> u8 {
    (position * 31 % 251) as u8
}

fn expected(length: usize) -> Vec<u8> {
    (0..length).map(|position| (position * 7 % 253) as u8).collect()
}

fn start(engine: &str, case: &str, port: u16, bytes: usize) -> host::Running {
    start_with(&guest::usual(engine), case, port, bytes)
}

fn start_with(policy: &Policy, case: &str, port: u16, bytes: usize) -> host::Running {
    host::start("draft03_transfer", policy, &[case, "localhost", &port.to_string(), &bytes.to_string()])
}

/// Both ways at once. The peer does not read for a while, so that both directions fill up.
async fn duplex(engine: &str) {
    const TOTAL: usize = 8 * MIB;
    for version in ["-tls1_2", "-tls1_3"] {
        let (mut server, port) = peer::s_server_pipe(&[version]).await;
        let (mut to_guest, mut from_guest) = (server.stdin.take().unwrap(), server.stdout.take().unwrap());
        let running = start(engine, "duplex", port, TOTAL);
        let writing = tokio::spawn(async move { to_guest.write_all(&expected(TOTAL)).await.map(|()| to_guest) });
        tokio::time::sleep(Duration::from_millis(300)).await;
        let mut received = vec![0; TOTAL];
        from_guest.read_exact(&mut received).await.unwrap();
        assert!(received.iter().enumerate().all(|(position, byte)| *byte == sent(position)), "content");
        let _open = writing.await.unwrap().unwrap();
        let outcome = running.end().await.good();
        assert_eq!(outcome.stdout, format!("sent {TOTAL}, received {TOTAL}, held back\n"));
        assert_eq!(outcome.stderr, ENDED_WELL);
    }
}

/// The server answers only once the guest has closed its side: it sends all back, and closes too.
async fn echo(engine: &str) {
    let mut server = peer::python_server("half-close-server", &[]).await;
    let outcome = start(engine, "echo", server.port, MIB).end().await.good();
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("1048576 came back\n", ENDED_WELL));
    assert!(server.end().await.success(), "{}", server.said());
}

/// The server sends when the guest has seen that there is nothing.
async fn ready(engine: &str) {
    const TOTAL: usize = 100_000;
    for version in ["-tls1_2", "-tls1_3"] {
        let (mut server, port) = peer::s_server_pipe(&[version]).await;
        let (mut to_guest, mut from_guest) = (server.stdin.take().unwrap(), server.stdout.take().unwrap());
        let running = start(engine, "ready", port, TOTAL);
        running.says("waits to read").await;
        to_guest.write_all(&expected(TOTAL)).await.unwrap();
        let mut received = vec![0; TOTAL];
        from_guest.read_exact(&mut received).await.unwrap();
        let outcome = running.end().await.good();
        assert_eq!(outcome.stdout, format!("waits to read\nsent {TOTAL}, received {TOTAL}\n"));
    }
}

/// Passes on what comes from the guest, and counts what it passes on to it. Its sockets hold little.
struct Relay {
    port: u16,
    to_guest: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

const SMALL: u32 = 32 * 1024;

fn small_listener() -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(SMALL).unwrap();
    socket.set_send_buffer_size(SMALL).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket.listen(8).unwrap()
}

impl Relay {
    /// `from_guest`: most bytes that are passed on from the guest; then it stops reading.
    fn start(server: u16, from_guest: u64) -> Self {
        let listener = small_listener();
        let port = listener.local_addr().unwrap().port();
        let to_guest = Arc::new(AtomicUsize::new(0));
        let count = to_guest.clone();
        let task = tokio::spawn(async move {
            let (guest, _) = listener.accept().await.unwrap();
            let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
            relay(guest, server, from_guest, &count).await;
        });
        Self { port, to_guest, task }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(guest: TcpStream, server: TcpStream, from_guest: u64, count: &AtomicUsize) {
    let (reader, mut writer) = guest.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = async {
        let mut limited = reader.take(from_guest);
        tokio::io::copy(&mut limited, &mut to_server).await.unwrap();
        if limited.limit() == 0 {
            std::future::pending::<()>().await;
        }
        to_server.shutdown().await.unwrap();
    };
    let down = async {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let length = from_server.read(&mut buffer).await.unwrap();
            if length == 0 {
                break;
            }
            writer.write_all(&buffer[..length]).await.unwrap();
            count.fetch_add(length, Ordering::Relaxed);
        }
        writer.shutdown().await.unwrap();
    };
    tokio::join!(up, down);
}

/// What a guest does not read stays with the server, but for what the system's sockets and one endpoint hold.
async fn late(engine: &str) {
    const TOTAL: usize = 32 * MIB;
    let (mut server, port) = peer::s_server_pipe(&[]).await;
    let mut to_guest = server.stdin.take().unwrap();
    let relay = Relay::start(port, u64::MAX);
    let running = start(engine, "late", relay.port, TOTAL);
    let writing = tokio::spawn(async move { to_guest.write_all(&expected(TOTAL)).await.map(|()| to_guest) });
    running.says("begins to read").await;
    let before = relay.to_guest.load(Ordering::Relaxed);
    let _open = writing.await.unwrap().unwrap();
    let outcome = running.end().await.good();
    assert_eq!(outcome.stdout, format!("begins to read\nreceived {TOTAL}\n"));
    assert!((1000..8 * MIB).contains(&before), "{before} of {TOTAL} came to a guest that did not read");
}

/// A guest that has dropped what it receives sends on. The server has nothing to say, not even tickets: a socket that is
/// closed before everything was read from it is reset, and what was sent may be lost with it.
async fn deaf(engine: &str) {
    const TOTAL: usize = 200_000;
    let (mut server, port) = peer::s_server_pipe(&["-num_tickets", "0"]).await;
    let mut from_guest = server.stdout.take().unwrap();
    let running = start(engine, "deaf", port, TOTAL);
    let mut received = vec![0; TOTAL];
    from_guest.read_exact(&mut received).await.unwrap();
    assert!(received.into_iter().eq((0..TOTAL).map(sent)), "content");
    let outcome = running.end().await.good();
    assert_eq!((outcome.stdout, outcome.stderr.as_str()), (format!("sent {TOTAL}\n"), "receive: ok\nsend: ok\n"));
}

/// A server that does not read holds the guest back, and can't keep the connection alive once the guest has let go of it.
async fn stalled(engine: &str) {
    const TOTAL: usize = 64 * MIB;
    let (_server, port) = peer::s_server_pipe(&[]).await;
    let limits = GuestLimits { close_timeout: Duration::from_millis(200), ..GuestLimits::default() };
    let policy = guest::policy(engine).guest_limits(limits).build().unwrap();
    let relay = Relay::start(port, 10_000);
    let outcome = start_with(&policy, "stalled", relay.port, TOTAL).end().await.good();
    let taken = outcome.stdout.strip_prefix("took ").and_then(|text| text.trim().parse::<usize>().ok());
    assert!(taken.is_some_and(|taken| (10_000..16 * MIB).contains(&taken)), "{outcome:?}");
    let late = "transport-write: what was left to send was not taken within the close timeout";
    assert_eq!(outcome.stderr, format!("send: {late}\nreceive: ok\n"));
}

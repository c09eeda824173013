// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Other programs, as peers. None outlives its test.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, Command};

use super::{PATIENCE, pki, wait_until};

/// A program that runs beside the test, and what it says.
pub struct Peer {
    child: Child,
    folder: PathBuf,
    /// Where the program reads from.
    pub stdin: ChildStdin,
    /// The port that it listens on.
    pub port: u16,
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The child is ended by its own handle; its folder may be left behind if that goes wrong.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A folder for one peer.
fn new_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = pki::scratch().join(format!("peer-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

impl Peer {
    /// Starts a program that writes into `folder`.
    fn start(folder: PathBuf, command: &[&str], port: u16) -> Self {
        let mut child = Command::new(command[0])
            .args(&command[1..])
            .stdin(Stdio::piped())
            .stdout(File::create(folder.join("out")).unwrap())
            .stderr(File::create(folder.join("err")).unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", command[0]));
        let stdin = child.stdin.take().expect("piped");
        Self { child, folder, stdin, port }
    }

    /// Starts a program that says where it listens, in a line that ends with the port.
    pub async fn start_listener(command: &[&str]) -> Self {
        let mut peer = Self::start(new_folder(), command, 0);
        peer.port = wait_until(command[0], || {
            let out = peer.read("out");
            let complete = out.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
            complete.filter_map(|line| line.rsplit([':', ' ']).next()?.parse().ok()).next()
        })
        .await;
        peer
    }

    fn read(&self, file: &str) -> String {
        String::from_utf8_lossy(&fs::read(self.folder.join(file)).unwrap_or_default()).into_owned()
    }

    /// All that it has said, on standard output and then on standard error.
    pub fn said(&self) -> String {
        self.read("out") + &self.read("err")
    }

    /// Waits until it says this: it may be heard before it has said what it did.
    pub async fn says(&self, text: &str) {
        let begin = Instant::now();
        while !self.said().contains(text) {
            let said = self.said();
            assert!(begin.elapsed() < Duration::from_secs(5), "{text:?} is not in what the peer said:\n{said}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits for its end.
    pub async fn end(&mut self) -> ExitStatus {
        tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("the peer does not end").unwrap()
    }
}

/// What a program that was run to its end came to.
#[derive(Debug)]
pub struct Output {
    /// Its exit status.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// It ended with this status.
    #[track_caller]
    pub fn ends_with(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// It said this.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.stdout.contains(text) || self.stderr.contains(text), "{text:?} is not in {self:?}");
        self
    }
}

/// Runs a program to its end, with this input.
pub async fn run(command: &[&str], input: &str) -> Output {
    let mut child = Command::new(command[0])
        .args(&command[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", command[0]));
    let mut stdin = child.stdin.take().expect("piped");
    // A program that ends early does not read it.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("the program does not end");
    let output = output.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Output { status: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// A port that is free at the moment.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// openssl's server on a free port, as a command.
fn s_server_command(port: u16, options: &[&str]) -> Vec<String> {
    let accept = format!("127.0.0.1:{port}");
    let [cert, chain, key] = ["server-ecdsa.pem", "intermediate.pem", "server-ecdsa.key"].map(pki::path);
    let fixed = ["openssl", "s_server", "-accept", &accept, "-cert", &cert, "-cert_chain", &chain, "-key", &key];
    fixed.iter().chain(options).map(ToString::to_string).collect()
}

/// openssl's server.
pub async fn s_server(options: &[&str]) -> Peer {
    let command = s_server_command(0, options);
    Peer::start_listener(&command.iter().map(String::as_str).collect::<Vec<_>>()).await
}

/// openssl's server with nothing but data on its standard streams. `stdout` is where it writes to.
pub async fn s_server_pipe(options: &[&str]) -> (Child, u16) {
    let port = free_port();
    let mut command = s_server_command(port, options);
    command.push("-quiet".into());
    let child = Command::new(&command[0])
        .args(&command[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    await_port(port).await;
    (child, port)
}

/// One of the peers of `tests/peers.py`.
pub async fn plain_python_server(name: &str) -> Peer {
    python(name, &[]).await
}

/// The same, with a server's certificate and key.
pub async fn python_server(name: &str, more: &[&str]) -> Peer {
    let [cert, key] = ["server-rsa.pem", "server-rsa.key"].map(pki::path);
    python(name, &[&[cert.as_str(), &key], more].concat()).await
}

async fn python(name: &str, arguments: &[&str]) -> Peer {
    let script = pki::repository().join("tests/peers.py");
    let command = ["python3", script.to_str().expect("UTF-8"), name];
    Peer::start_listener(&[&command, arguments].concat()).await
}

/// Waits until something listens there. Asks the kernel: a connection made to find out would be a client.
async fn await_port(port: u16) {
    let wanted = format!("0100007F:{port:04X} 00000000:0000 0A");
    wait_until("a port opens", || fs::read_to_string("/proc/net/tcp").unwrap().contains(&wanted).then_some(())).await;
}

/// nginx as a TLS server that answers `answer`, a line of its configuration's text. Each option is a line of its
/// server block. What it says goes to standard error, with a line `NAME ALPN` for each request.
pub async fn nginx(options: &[&str], answer: &str) -> Peer {
    let port = free_port();
    let folder = new_folder();
    let path = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {path}/{kind};\n"))
        .concat();
    let [cert, key] = ["server-rsa.pem", "server-rsa.key"].map(pki::path);
    let configuration = format!(
        "daemon off; master_process off; pid {path}/pid; error_log stderr;\n\
         events {{}}\n\
         http {{\n\
         log_format connection '$connection $connection_requests';\n\
         access_log {path}/out connection;\n\
         {temporary}\
         server {{\n\
         listen 127.0.0.1:{port} ssl backlog=512;\n\
         ssl_certificate {cert};\n\
         ssl_certificate_key {key};\n\
         {}\n\
         location / {{ return 200 \"{answer}\"; }}\n\
         }}\n\
         }}\n",
        options.join("\n")
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, configuration).unwrap();
    let prefix = path.to_string();
    let command = ["nginx", "-p", &prefix, "-c", file.to_str().expect("UTF-8"), "-e", "stderr"];
    let peer = Peer::start(folder.clone(), &command, port);
    await_port(port).await;
    peer
}

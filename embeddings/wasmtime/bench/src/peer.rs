// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The servers that the guest talks to: the same for all contenders.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use wasmtime::{Result, format_err};

use crate::pki::Pki;

/// One suite for all, so that the same work is compared.
const SUITE: &str = "TLS_AES_128_GCM_SHA256";

/// A server, ended when it is dropped.
pub struct Peer {
    child: Child,
    /// Where it listens.
    pub port: u16,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

impl Peer {
    fn start(command: &mut Command, port: u16) -> Result<Self> {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let peer = Self { child, port };
        for _ in 0..200 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(peer);
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        Err(format_err!("a server did not start"))
    }

    /// nginx, for handshakes, idle connections, and a file of so many bytes. It offers no resumption: every handshake is a full
    /// one.
    pub fn nginx(folder: &Path, pki: &Pki, bytes: u64) -> Result<Self> {
        let port = free_port()?;
        let path = folder.display();
        fs::create_dir_all(folder.join("www"))?;
        fs::File::create(folder.join("www/index.html"))?.set_len(bytes)?;
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {path}/{kind};\n"))
            .concat();
        let configuration = format!(
            "daemon off; master_process off; pid {path}/pid; error_log stderr crit;\n\
             events {{ worker_connections 4096; }}\n\
             http {{ access_log off; keepalive_timeout 600s; client_header_timeout 600s; sendfile on;\n{temporary}\
             server {{ listen 127.0.0.1:{port} ssl backlog=512; root {path}/www;\n\
             ssl_certificate {chain}; ssl_certificate_key {key}; ssl_protocols TLSv1.3;\n\
             ssl_session_cache off; ssl_session_tickets off; ssl_conf_command Ciphersuites {SUITE}; }} }}\n",
            chain = pki.chain.display(),
            key = pki.key.display(),
        );
        let file = folder.join("nginx.conf");
        fs::write(&file, configuration)?;
        Self::start(Command::new("nginx").arg("-p").arg(folder).arg("-c").arg(file).args(["-e", "stderr"]), port)
    }

    /// openssl's server, which takes whatever is sent.
    pub fn sink(pki: &Pki) -> Result<Self> {
        let port = free_port()?;
        let accept = format!("127.0.0.1:{port}");
        let mut command = Command::new("openssl");
        command.args([
            "s_server",
            "-quiet",
            "-tls1_3",
            "-ciphersuites",
            SUITE,
            "-num_tickets",
            "0",
            "-accept",
            &accept,
        ]);
        command.arg("-cert").arg(&pki.chain).arg("-cert_chain").arg(&pki.chain).arg("-key").arg(&pki.key);
        Self::start(&mut command, port)
    }
}

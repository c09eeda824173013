// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The command line, and what it means for the guest.

use std::path::PathBuf;

use clap::Parser;
use wasi_tls_wasmtime::{ClientIdentity, Policy, Trust, Version, draft01};
use wasmtime::error::Context;
use wasmtime::{Result, format_err};
use wasmtime_wasi::{FsPerms, WasiCtx};

/// Runs a component with wasi:tls (0.1.0, 0.2.0 and 0.3.0 drafts) on Wasmtime.
///
/// The guest inherits standard input, output and error, and may use the network and look up names.
#[derive(Parser)]
#[command(version)]
pub struct Options {
    /// The TLS engine [default: the first that is built in]
    #[arg(long, value_name = "ENGINE", value_parser = clap::builder::PossibleValuesParser::new(wasi_tls_wasmtime::engines()))]
    engine: Option<String>,

    /// Trust the servers that these certificates (PEM or DER) issued, instead of the system's store
    #[arg(long, value_name = "FILE")]
    ca: Vec<PathBuf>,

    /// Trust the clients that these certificates issued [default: nobody]
    #[arg(long, value_name = "FILE")]
    client_ca: Vec<PathBuf>,

    /// Refuse what these revocation lists name
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,

    /// An identity that the guest can open by name, without seeing its key
    #[arg(long, value_name = "NAME=CERT:KEY", value_parser = named_identity)]
    identity: Vec<NamedIdentity>,

    /// The oldest version to negotiate
    #[arg(long, value_name = "VERSION", value_parser = version, default_value = "1.2")]
    min_version: Version,

    /// The newest version to negotiate
    #[arg(long, value_name = "VERSION", value_parser = version, default_value = "1.3")]
    max_version: Version,

    /// Servers refuse clients without an identity
    #[arg(long)]
    require_client_identity: bool,

    /// Clients offer post-handshake authentication
    #[arg(long)]
    post_handshake_auth: bool,

    /// A directory for the guest, under its own path or another
    #[arg(long, value_name = "HOST[::GUEST]")]
    dir: Vec<String>,

    /// An environment variable for the guest, with a value or with that of this process
    #[arg(long, value_name = "NAME[=VALUE]")]
    env: Vec<String>,

    /// The component
    pub guest: PathBuf,

    /// The guest's arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

#[derive(Clone)]
struct NamedIdentity {
    name: String,
    chain: PathBuf,
    key: PathBuf,
}

fn named_identity(text: &str) -> std::result::Result<NamedIdentity, String> {
    let parts = text.split_once('=').and_then(|(name, files)| Some((name, files.split_once(':')?)));
    let (name, (chain, key)) = parts.ok_or("expected NAME=CERT:KEY")?;
    Ok(NamedIdentity { name: name.into(), chain: chain.into(), key: key.into() })
}

fn version(text: &str) -> std::result::Result<Version, String> {
    match text {
        "1.2" => Ok(Version::Tls12),
        "1.3" => Ok(Version::Tls13),
        _ => Err("expected 1.2 or 1.3".into()),
    }
}

fn read(path: &PathBuf) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| path.display().to_string())
}

fn read_all(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>> {
    paths.iter().map(read).collect()
}

impl Options {
    /// All gates are open: what they guard is for the guest alone to use.
    pub fn gates(&self) -> draft01::LinkOptions {
        let mut gates = draft01::LinkOptions::default();
        gates.abort_alert(true).client_identities(true).error_detail(true);
        gates.identity_request_detail(true).named_identities(true);
        gates
    }

    pub fn policy(&self) -> Result<Policy> {
        let mut builder = Policy::builder()
            .versions(self.min_version, self.max_version)
            .client_trust(Trust::Anchors(read_all(&self.client_ca)?))
            .post_handshake_auth(self.post_handshake_auth);
        if let Some(engine) = &self.engine {
            builder = builder.engine(engine);
        }
        if !self.ca.is_empty() {
            builder = builder.server_trust(Trust::Anchors(read_all(&self.ca)?));
        }
        if self.require_client_identity {
            builder = builder.client_identity(ClientIdentity::Required);
        }
        for crl in &self.crl {
            builder = builder.crl(read(crl)?);
        }
        for identity in &self.identity {
            builder = builder.identity(&identity.name, read(&identity.key)?, read(&identity.chain)?);
        }
        Ok(builder.build()?)
    }

    pub fn wasi(&self) -> Result<WasiCtx> {
        let mut builder = WasiCtx::builder();
        builder.inherit_stdio().inherit_network().allow_ip_name_lookup(true).allow_tcp(true);
        builder.arg(self.guest.file_name().unwrap_or_default().to_string_lossy());
        builder.args(&self.args);
        for dir in &self.dir {
            let (host, guest) = dir.split_once("::").unwrap_or((dir, dir));
            builder.preopened_dir(host, guest, FsPerms::ReadWrite)?;
        }
        for variable in &self.env {
            match variable.split_once('=') {
                Some((name, value)) => builder.env(name, value),
                None => {
                    let value = std::env::var(variable).map_err(|error| format_err!("{variable}: {error}"))?;
                    builder.env(variable, value)
                }
            };
        }
        Ok(builder.build())
    }
}

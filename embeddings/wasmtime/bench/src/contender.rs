// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The hosts that are compared: this crate over each of its engines, and wasmtime-wasi-tls over its own providers.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use wasi_tls_wasmtime::{Policy, Trust};
use wasmtime::component::Linker;
use wasmtime::{Result, format_err};
use wasmtime_wasi_tls::{OpenSslProvider, TlsProvider, TlsStream, TlsTransport, WasiTlsCtxBuilder};

use crate::guest::{Host, Tls};
use crate::pki::Pki;

/// What serves `wasi:tls@0.2.0-draft` to the guest.
pub enum Contender {
    /// This crate.
    Ours(Policy),
    /// wasmtime-wasi-tls with its OpenSSL provider, which goes by `SSL_CERT_FILE`.
    Openssl,
    /// wasmtime-wasi-tls with rustls, as its own provider uses it, but with the anchor of the benchmark.
    Rustls(Arc<rustls::ClientConfig>),
}

impl Contender {
    /// All, ours first.
    pub fn all(pki: &Pki) -> Result<Vec<Self>> {
        let mut all = Vec::new();
        for engine in wasi_tls_wasmtime::engines() {
            let trust = Trust::Anchors(vec![std::fs::read(&pki.root)?]);
            let policy = Policy::builder().engine(engine).server_trust(trust).build()?;
            all.push(Self::Ours(policy));
        }
        all.push(Self::Openssl);
        all.push(Self::Rustls(rustls_config(pki)?));
        Ok(all)
    }

    /// For the report.
    pub fn name(&self) -> String {
        match self {
            Self::Ours(policy) => format!("wasi-tls, {}", policy.engine()),
            Self::Openssl => "wasmtime-wasi-tls, openssl".into(),
            Self::Rustls(_) => "wasmtime-wasi-tls, rustls".into(),
        }
    }

    /// The state of one guest.
    pub fn tls(&self) -> Tls {
        match self {
            Self::Ours(policy) => Tls::Ours(wasi_tls_wasmtime::WasiTlsCtx::new(policy)),
            Self::Openssl => theirs(Box::new(OpenSslProvider::default())),
            Self::Rustls(config) => theirs(Box::new(Rustls(config.clone()))),
        }
    }

    /// Adds the interface to a linker.
    pub fn link(&self, linker: &mut Linker<Host>) -> Result<()> {
        match self {
            Self::Ours(_) => wasi_tls_wasmtime::draft02::add_to_linker(linker),
            Self::Openssl | Self::Rustls(_) => {
                let mut options = wasmtime_wasi_tls::p2::LinkOptions::default();
                options.tls(true);
                wasmtime_wasi_tls::p2::add_to_linker(linker, &options)
            }
        }
    }
}

fn theirs(provider: Box<dyn TlsProvider>) -> Tls {
    Tls::Theirs(WasiTlsCtxBuilder::new().provider(provider).build())
}

fn rustls_config(pki: &Pki) -> Result<Arc<rustls::ClientConfig>> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&pki.root).map_err(|error| format_err!("{error}"))? {
        roots.add(certificate.map_err(|error| format_err!("{error}"))?)?;
    }
    Ok(Arc::new(rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()))
}

struct Rustls(Arc<rustls::ClientConfig>);

struct RustlsStream(tokio_rustls::client::TlsStream<Box<dyn TlsTransport>>);

type Connecting =
    std::pin::Pin<Box<dyn Future<Output = std::result::Result<Box<dyn TlsStream>, wasmtime_wasi_tls::Error>> + Send>>;

impl TlsProvider for Rustls {
    fn connect(&self, server_name: String, transport: Box<dyn TlsTransport>) -> Connecting {
        let connector = tokio_rustls::TlsConnector::from(self.0.clone());
        Box::pin(async move {
            let name = ServerName::try_from(server_name).map_err(wasmtime_wasi_tls::Error::msg)?;
            let stream = connector.connect(name, transport).await.map_err(wasmtime_wasi_tls::Error::msg)?;
            Ok(Box::new(RustlsStream(stream)) as Box<dyn TlsStream>)
        })
    }
}

impl TlsStream for RustlsStream {}

mod io {
    use std::io;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

    impl AsyncRead for super::RustlsStream {
        fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_read(cx, buf)
        }
    }

    impl AsyncWrite for super::RustlsStream {
        fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            Pin::new(&mut self.0).poll_write(cx, buf)
        }

        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_flush(cx)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_shutdown(cx)
        }
    }
}

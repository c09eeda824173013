// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What only the embedder decides: engine, trust, named identities, versions, suites, limits, hooks.

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{self, NonNull};
use std::sync::Arc;

use wasi_tls_sys as sys;

use crate::error::Error;
use crate::handle::{check, lend, lend_all};
use crate::transport::guarded;
use crate::usage::GuestLimits;

/// The names of the engines that are built in, the default one first.
pub fn engines() -> Vec<&'static str> {
    // SAFETY: needs nothing.
    let count = unsafe { sys::wasi_tls_engine_count() };
    // SAFETY: below the count the name is a static string.
    (0..count).filter_map(|index| unsafe { CStr::from_ptr(sys::wasi_tls_engine_name(index)) }.to_str().ok()).collect()
}

/// Where trust anchors come from.
#[derive(Clone, Debug)]
pub enum Trust {
    /// The system's store: `SSL_CERT_FILE` and `SSL_CERT_DIR` if set, else the distribution's bundle. Read once.
    System,
    /// Only these: each one DER certificate, or PEM with one or more. With none, nobody is trusted.
    Anchors(Vec<Vec<u8>>),
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}

impl Version {
    fn code(self) -> u16 {
        match self {
            Self::Tls12 => sys::WASI_TLS_VERSION_TLS12 as u16,
            Self::Tls13 => sys::WASI_TLS_VERSION_TLS13 as u16,
        }
    }
}

/// What a server wants of its clients when the guest does not ask by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientIdentity {
    /// Asked for only where the guest does, and may be declined.
    None,
    /// Always asked for, and may be declined.
    Optional,
    /// Always asked for; a client that declines is refused.
    Required,
}

/// Bounds for each connection: see `wasi_tls_limits` in `wasi_tls/config.h`. 0 is the default of each.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Longest ClientHello.
    pub client_hello_bytes: u32,
    /// Most ciphertext taken in during a handshake.
    pub handshake_bytes: u32,
    /// Longest chain, own or the peer's.
    pub chain_certificates: u32,
    /// Largest write; a little over twice that is held back for a slow transport.
    pub write_permit: u32,
    /// Most ciphertext in a row without any cleartext in it.
    pub post_handshake_bytes: u32,
    /// Most ALPN ids of one side.
    pub alpn_ids: u32,
    /// Most identities for one handshake.
    pub identities: u32,
}

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Something failed.
    Error,
    /// Worth knowing.
    Info,
    /// For whoever looks for a fault.
    Debug,
}

type LogHook = Box<dyn Fn(LogLevel, &str) + Send + Sync>;
type KeyLogHook = Box<dyn Fn(&str) + Send + Sync>;
type ClockHook = Box<dyn Fn() -> i64 + Send + Sync>;

#[derive(Default)]
struct Hooks {
    log: Option<LogHook>,
    key_log: Option<KeyLogHook>,
    clock: Option<ClockHook>,
}

struct Inner {
    config: NonNull<sys::wasi_tls_config>,
    guest_limits: GuestLimits,
    /// Boxed, since the core keeps its address.
    _hooks: Box<Hooks>,
}

// SAFETY: a configuration is immutable and may be used on any thread (config.h); the hooks are Send and Sync.
unsafe impl Send for Inner {}
// SAFETY: as above.
unsafe impl Sync for Inner {}

impl Drop for Inner {
    fn drop(&mut self) {
        // SAFETY: it owns its hold on the configuration. Whatever else holds it has a clone of the policy.
        unsafe { sys::wasi_tls_config_free(self.config.as_ptr()) };
    }
}

/// What only the embedder decides. Immutable; cheap to clone; to be shared by any number of guests.
#[derive(Clone)]
pub struct Policy(Arc<Inner>);

impl Policy {
    /// Starts from the defaults: the first engine, the system's trust anchors, TLS 1.2 and 1.3.
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder::default()
    }

    /// The name of the engine in use.
    pub fn engine(&self) -> &str {
        // SAFETY: the configuration is alive, and the name as long as it.
        unsafe { CStr::from_ptr(sys::wasi_tls_config_engine(self.config())) }.to_str().unwrap_or("unknown")
    }

    pub(crate) fn config(&self) -> *mut sys::wasi_tls_config {
        self.0.config.as_ptr()
    }

    pub(crate) fn guest_limits(&self) -> &GuestLimits {
        &self.0.guest_limits
    }
}

struct NamedIdentity {
    name: String,
    key: Vec<u8>,
    chain: Vec<u8>,
}

/// Makes a [`Policy`].
pub struct PolicyBuilder {
    engine: Option<String>,
    server_trust: Trust,
    client_trust: Trust,
    crls: Vec<Vec<u8>>,
    identities: Vec<NamedIdentity>,
    versions: (Version, Version),
    cipher_suites: Vec<u16>,
    client_identity: ClientIdentity,
    post_handshake_auth: bool,
    limits: Limits,
    guest_limits: GuestLimits,
    hooks: Hooks,
}

impl Default for PolicyBuilder {
    fn default() -> Self {
        Self {
            engine: None,
            server_trust: Trust::System,
            client_trust: Trust::Anchors(Vec::new()),
            crls: Vec::new(),
            identities: Vec::new(),
            versions: (Version::Tls12, Version::Tls13),
            cipher_suites: Vec::new(),
            client_identity: ClientIdentity::None,
            post_handshake_auth: false,
            limits: Limits::default(),
            guest_limits: GuestLimits::default(),
            hooks: Hooks::default(),
        }
    }
}

impl PolicyBuilder {
    /// One of [`engines`]. Default: the first.
    pub fn engine(mut self, name: &str) -> Self {
        self.engine = Some(name.to_owned());
        self
    }

    /// Whom a client trusts as servers. Default: the system's store.
    pub fn server_trust(mut self, trust: Trust) -> Self {
        self.server_trust = trust;
        self
    }

    /// Whom a server trusts as clients. Default: nobody.
    pub fn client_trust(mut self, trust: Trust) -> Self {
        self.client_trust = trust;
        self
    }

    /// Adds a revocation list, in DER or PEM.
    pub fn crl(mut self, crl: impl Into<Vec<u8>>) -> Self {
        self.crls.push(crl.into());
        self
    }

    /// Adds an identity that a guest can open by name (gate `named-identities`) without seeing its key. `key` is PKCS#8, PKCS#1
    /// or SEC1, in DER or PEM; `chain` is PEM, or one certificate in DER.
    pub fn identity(mut self, name: &str, key: impl Into<Vec<u8>>, chain: impl Into<Vec<u8>>) -> Self {
        self.identities.push(NamedIdentity { name: name.to_owned(), key: key.into(), chain: chain.into() });
        self
    }

    /// The oldest and the newest version to negotiate. Default: both that there are.
    pub fn versions(mut self, oldest: Version, newest: Version) -> Self {
        self.versions = (oldest, newest);
        self
    }

    /// IANA codes in order of preference. Default, and what can be chosen from: the README's "Defaults".
    pub fn cipher_suites(mut self, suites: Vec<u16>) -> Self {
        self.cipher_suites = suites;
        self
    }

    /// What servers want of their clients. Default: [`ClientIdentity::None`].
    pub fn client_identity(mut self, wanted: ClientIdentity) -> Self {
        self.client_identity = wanted;
        self
    }

    /// Whether clients offer post-handshake authentication. Default: no.
    pub fn post_handshake_auth(mut self, offered: bool) -> Self {
        self.post_handshake_auth = offered;
        self
    }

    /// Bounds for each connection.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Bounds for each guest.
    pub fn guest_limits(mut self, limits: GuestLimits) -> Self {
        self.guest_limits = limits;
        self
    }

    /// Where lines for the log go; they never hold key material. On any thread.
    pub fn log(mut self, hook: impl Fn(LogLevel, &str) + Send + Sync + 'static) -> Self {
        self.hooks.log = Some(Box::new(hook));
        self
    }

    /// Insecure: gives whoever reads it the plaintext of all connections, as lines in the NSS key log format. On any thread.
    pub fn insecure_key_log(mut self, hook: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.hooks.key_log = Some(Box::new(hook));
        self
    }

    /// Seconds since 1970 for the validity of certificates. Default: the system's clock. On any thread.
    pub fn clock(mut self, hook: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.hooks.clock = Some(Box::new(hook));
        self
    }

    /// Loads trust anchors, lists and identities, and makes the engine's contexts. The error says what was wrong.
    pub fn build(self) -> Result<Policy, Error> {
        let engine = self.engine.as_deref().map(c_string).transpose()?;
        let hooks = Box::new(self.hooks);
        let (server_anchors, client_anchors) = (anchors(&self.server_trust), anchors(&self.client_trust));
        let crls = lend_all(&self.crls);
        let names = self.identities.iter().map(|it| c_string(&it.name)).collect::<Result<Vec<_>, _>>()?;
        let chains: Vec<_> = self.identities.iter().map(|it| lend(&it.chain)).collect();
        let identities: Vec<_> = (self.identities.iter().zip(&names).zip(&chains))
            .map(|((identity, name), chain)| sys::wasi_tls_named_identity {
                name: name.as_ptr(),
                private_key: lend(&identity.key),
                x509_chain: chain,
                x509_chain_count: 1,
                signer: ptr::null(),
            })
            .collect();

        let mut options = default_options();
        options.engine = engine.as_ref().map_or(ptr::null(), |name| name.as_ptr());
        options.server_trust = trust(&self.server_trust, &server_anchors);
        options.client_trust = trust(&self.client_trust, &client_anchors);
        (options.crls, options.crl_count) = (crls.as_ptr(), crls.len());
        (options.identities, options.identity_count) = (identities.as_ptr(), identities.len());
        (options.min_version, options.max_version) = (self.versions.0.code(), self.versions.1.code());
        if !self.cipher_suites.is_empty() {
            (options.cipher_suites, options.cipher_suite_count) =
                (self.cipher_suites.as_ptr(), self.cipher_suites.len());
        }
        options.client_identity = match self.client_identity {
            ClientIdentity::None => sys::WASI_TLS_CLIENT_IDENTITY_NONE,
            ClientIdentity::Optional => sys::WASI_TLS_CLIENT_IDENTITY_OPTIONAL,
            ClientIdentity::Required => sys::WASI_TLS_CLIENT_IDENTITY_REQUIRED,
        };
        options.post_handshake_auth = self.post_handshake_auth;
        set_limits(&mut options.limits, &self.limits);
        set_hooks(&mut options, &hooks);

        let config = new_config(&options)?;
        Ok(Policy(Arc::new(Inner { config, guest_limits: self.guest_limits, _hooks: hooks })))
    }
}

fn c_string(text: &str) -> Result<CString, Error> {
    CString::new(text).map_err(|_| Error::new(sys::WASI_TLS_ERR_NO_SUCH_IDENTITY))
}

fn anchors(trust: &Trust) -> Vec<sys::wasi_tls_bytes> {
    match trust {
        Trust::System => Vec::new(),
        Trust::Anchors(list) => lend_all(list),
    }
}

fn trust(trust: &Trust, anchors: &[sys::wasi_tls_bytes]) -> sys::wasi_tls_trust {
    let source = match trust {
        Trust::System => sys::WASI_TLS_TRUST_SYSTEM,
        Trust::Anchors(_) => sys::WASI_TLS_TRUST_LIST,
    };
    sys::wasi_tls_trust { source, anchors: anchors.as_ptr(), anchor_count: anchors.len() }
}

fn default_options() -> sys::wasi_tls_config_options {
    // SAFETY: numbers, pointers and functions that may be NULL, for all of which zeroes are values; init sets the defaults.
    let mut options = unsafe { std::mem::zeroed() };
    // SAFETY: the record is alive for the call.
    unsafe { sys::wasi_tls_config_options_init(&raw mut options) };
    options
}

fn set_limits(options: &mut sys::wasi_tls_limits, limits: &Limits) {
    options.client_hello_bytes = limits.client_hello_bytes;
    options.handshake_bytes = limits.handshake_bytes;
    options.chain_certificates = limits.chain_certificates;
    options.write_permit = limits.write_permit;
    options.post_handshake_bytes = limits.post_handshake_bytes;
    options.alpn_ids = limits.alpn_ids;
    options.identities = limits.identities;
}

fn set_hooks(options: &mut sys::wasi_tls_config_options, hooks: &Hooks) {
    let context: *mut c_void = ptr::from_ref(hooks).cast_mut().cast();
    if hooks.log.is_some() {
        options.log = Some(log_line);
        options.log_context = context;
    }
    if hooks.key_log.is_some() {
        options.insecure_key_log = Some(key_log_line);
        options.insecure_key_log_context = context;
    }
    if hooks.clock.is_some() {
        options.clock = Some(now);
        options.clock_context = context;
    }
}

fn new_config(options: &sys::wasi_tls_config_options) -> Result<NonNull<sys::wasi_tls_config>, Error> {
    let mut config = ptr::null_mut();
    let mut error = Error::empty();
    // SAFETY: everything that the options point to is alive until the call returns, the hooks for as long as the policy.
    let code = unsafe { sys::wasi_tls_config_new(options, &raw mut config, error.as_mut_ptr()) };
    match check(code) {
        Ok(()) => Ok(NonNull::new(config).expect("the core answers a configuration with OK")),
        Err(plain) => Err(if error.code() == code { error } else { plain }),
    }
}

// SAFETY, for the hooks: set_hooks gave the core their address, and the policy that owns them lives as long as anything that
// uses the configuration. The lines are NUL-terminated.

unsafe extern "C" fn log_line(context: *mut c_void, level: sys::wasi_tls_log_level, line: *const c_char) {
    // SAFETY: see above.
    let (hooks, line) = unsafe { (&*context.cast::<Hooks>(), CStr::from_ptr(line)) };
    let level = match level {
        sys::WASI_TLS_LOG_ERROR => LogLevel::Error,
        sys::WASI_TLS_LOG_INFO => LogLevel::Info,
        _ => LogLevel::Debug,
    };
    if let Some(hook) = &hooks.log {
        guarded((), || hook(level, &line.to_string_lossy()));
    }
}

unsafe extern "C" fn key_log_line(context: *mut c_void, line: *const c_char) {
    // SAFETY: see above.
    let (hooks, line) = unsafe { (&*context.cast::<Hooks>(), CStr::from_ptr(line)) };
    if let Some(hook) = &hooks.key_log {
        guarded((), || hook(&line.to_string_lossy()));
    }
}

unsafe extern "C" fn now(context: *mut c_void) -> i64 {
    // SAFETY: see above.
    let hooks = unsafe { &*context.cast::<Hooks>() };
    // Nothing is valid at the end of time.
    hooks.clock.as_ref().map_or(i64::MAX, |hook| guarded(i64::MAX, hook))
}

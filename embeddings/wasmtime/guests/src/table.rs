// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What is built: the worlds and the guests.

/// Which generation of WASI the interfaces of a world are taken from.
#[derive(Clone, Copy, Debug)]
pub enum Wasi {
    /// 0.2: streams and pollables are resources.
    P2,
    /// 0.3: streams and futures are the component model's own.
    P3,
}

/// A WIT world and what it is made of.
#[derive(Debug)]
pub struct World {
    /// The file of the world, in `wit/`.
    pub file: &'static str,
    /// The folder of the `wasi:tls` package that it imports, in the repository's `wit/`.
    pub tls: &'static str,
    /// Where the other packages come from.
    pub wasi: Wasi,
    /// The features of gated functions that its guests use.
    pub features: &'static [&'static str],
}

/// A guest: C sources, and the world that they are written against.
#[derive(Debug)]
pub struct Guest {
    /// What it is called.
    pub name: &'static str,
    /// What it may import.
    pub world: &'static World,
    /// Its C files, beside `Cargo.toml`.
    pub sources: &'static [&'static str],
}

static DRAFT01: World = World {
    file: "draft01.wit",
    tls: "wasi-tls-0.1.0-draft",
    wasi: Wasi::P2,
    features: &["client-identities", "error-detail", "identity-request-detail", "named-identities"],
};

static DRAFT02: World = World { file: "draft02.wit", tls: "wasi-tls-0.2.0-draft", wasi: Wasi::P2, features: &[] };

static DRAFT03: World = World { file: "draft03.wit", tls: "wasi-tls-0.3.0-draft", wasi: Wasi::P3, features: &[] };

static HOSTILE: World = World {
    file: "hostile.wit",
    tls: "wasi-tls-0.1.0-draft",
    wasi: Wasi::P2,
    features: &["client-identities", "error-detail", "identity-request-detail", "abort-alert", "named-identities"],
};

/// A guest of wasi:tls@0.1.0-draft.
const fn draft01(name: &'static str, sources: &'static [&'static str]) -> Guest {
    Guest { name, world: &DRAFT01, sources }
}

/// A guest of wasi:tls@0.3.0-draft.
const fn draft03(name: &'static str, sources: &'static [&'static str]) -> Guest {
    Guest { name, world: &DRAFT03, sources }
}

/// What a guest of wasi:tls@0.3.0-draft is linked with besides its own file.
macro_rules! with_async {
    ($own:literal $(, $more:literal)*) => {
        &[$own, "shared/text.c", "shared/async.c", "shared/tls03.c" $(, $more)*]
    };
}

/// What a guest of wasi:tls@0.1.0-draft is linked with besides its own file.
macro_rules! with_tls {
    ($own:literal $(, $more:literal)*) => {
        &[$own, "shared/text.c", "shared/io.c", "shared/tcp.c", "shared/tls.c" $(, $more)*]
    };
}

/// All guests.
pub static GUESTS: &[Guest] = &[
    draft01("client_minimal", with_tls!("client_minimal.c")),
    draft01("server_minimal", with_tls!("server_minimal.c")),
    draft01("client_showcase", with_tls!("client_showcase.c", "shared/status.c")),
    draft01("server_showcase", with_tls!("server_showcase.c", "shared/status.c")),
    draft01("post_handshake", with_tls!("post_handshake.c")),
    draft01("poll_mix", with_tls!("poll_mix.c")),
    draft01("many_connections", with_tls!("many_connections.c")),
    draft01("duplex", with_tls!("duplex.c")),
    Guest {
        name: "bench_client",
        world: &DRAFT02,
        sources: &["bench_client.c", "shared/text.c", "shared/io.c", "shared/tcp.c", "shared/tls02.c"],
    },
    Guest {
        name: "hostile",
        world: &HOSTILE,
        sources: &[
            "hostile.c",
            "hostile_abandoned.c",
            "hostile_busy.c",
            "hostile_drops.c",
            "hostile_ends.c",
            "hostile_forged.c",
            "hostile_handles.c",
            "hostile_limits.c",
            "hostile_lists.c",
            "hostile_nested.c",
            "hostile_order.c",
            "hostile_permit.c",
            "hostile_streams.c",
            "shared/text.c",
            "shared/io.c",
            "shared/tcp.c",
            "shared/tls.c",
        ],
    },
    Guest {
        name: "hostile_draft02",
        world: &DRAFT02,
        sources: &["hostile_draft02.c", "shared/text.c", "shared/io.c", "shared/tcp.c"],
    },
    Guest {
        name: "draft02_client",
        world: &DRAFT02,
        sources: &["draft02_client.c", "shared/text.c", "shared/io.c", "shared/tcp.c", "shared/tls02.c"],
    },
    draft03("draft03_client", with_async!("draft03_client.c", "shared/tcp03.c")),
    draft03("draft03_orders", with_async!("draft03_orders.c")),
    draft03("draft03_transfer", with_async!("draft03_transfer.c", "shared/tcp03.c")),
];

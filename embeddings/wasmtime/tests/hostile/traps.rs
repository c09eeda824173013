// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What traps, with what it says; and that it is the guest alone that comes to harm.

use wasi_tls_wasmtime::GuestLimits;

use crate::common::peer;
use crate::{host, on_each_engine};

on_each_engine!(forged, beyond_the_permit, beyond_the_limits, draft02);

const UNKNOWN: &str = "unknown handle index";
const WRONG_TYPE: &str = "used with the wrong type";
const CHILDREN: &str = "resource has children";
const OUT_OF_BOUNDS: &str = "out of bounds of memory";
const LIMIT: &str = "wasi:tls: the guest has reached its limit of connections or handles";

/// A number that was given to something else in the meantime is of the wrong type, and one that was not is unknown.
const FORGERIES: &[(&str, &str)] = &[
    ("finish_twice", WRONG_TYPE),
    ("step_after_finish", WRONG_TYPE),
    ("step_after_abort", WRONG_TYPE),
    ("respond_twice", UNKNOWN),
    ("drop_twice", UNKNOWN),
    ("made_up", UNKNOWN),
    ("negative", UNKNOWN),
    ("other_type", WRONG_TYPE),
    ("pollable_as_stream", WRONG_TYPE),
    ("dropped_stream", UNKNOWN),
    ("stream_before_pollable", CHILDREN),
    ("output_before_pollable", CHILDREN),
    ("stream_twice", WRONG_TYPE),
    ("stream_with_pollable", CHILDREN),
    ("output_with_pollable", CHILDREN),
    ("cleartext_twice", UNKNOWN),
    ("text_out_of_bounds", OUT_OF_BOUNDS),
    ("text_not_utf8", "invalid utf-8"),
    ("list_out_of_bounds", OUT_OF_BOUNDS),
    ("elements_out_of_bounds", OUT_OF_BOUNDS),
    ("lent_handle_gone", UNKNOWN),
    ("lent_too_often", "store handle limit exceeded"),
    ("repeated_megabytes", "too much data is being copied between the host and the guest"),
    ("alert_out_of_range", "unexpected discriminant"),
    ("empty_poll", "empty poll list"),
    ("unreachable", "wasm `unreachable` instruction executed"),
];

/// The trapped guests leave behind what they had; the one after them has all that it needs.
async fn forged(engine: &str) {
    let policy = host::policy(engine);
    for (forgery, reason) in FORGERIES {
        host::run("hostile", &policy, &["forged", forgery]).await.by_trap(reason);
    }
    host::run("hostile", &policy, &["nested", "2"]).await.well();
}

async fn beyond_the_permit(engine: &str) {
    const EXCEEDED: &str = "write exceeded the permit of check-write";
    let policy = host::policy(engine);
    for excess in ["one_too_many", "without_asking", "twice", "megabytes"] {
        host::run("hostile", &policy, &["permit", excess]).await.by_trap(EXCEEDED);
    }
    host::run("hostile", &policy, &["permit", "zeroes"]).await.by_trap("cannot write more zeroes");
    for excess in ["blocking", "blocking_zeroes"] {
        host::run("hostile", &policy, &["permit", excess]).await.by_trap("Buffer too large");
    }
}

/// Where there is no result to say no with. A failed future's subscriptions count like any others.
async fn beyond_the_limits(engine: &str) {
    let limits = GuestLimits { connections: 50, handles: 500, ..GuestLimits::default() };
    let policy = host::with_limits(engine, limits);
    for what in ["subscriptions", "failed", "public"] {
        let ended = host::run("hostile", &policy, &["fill", what, "400"]).await;
        assert_eq!(ended.with, Ok(0), "{what}: {ended:?}");
        let ended = host::run("hostile", &policy, &["fill", what, "600"]).await.by_trap(LIMIT);
        assert_eq!(ended.held.handles, 500, "{what}");
    }
    let ended = host::run("hostile", &policy, &["fill", "connections", "600"]).await;
    assert_eq!((ended.with, ended.held.connections), (Ok(0), 50), "a constructor can't fail");
}

async fn draft02(engine: &str) {
    let server = peer::s_server(&["-tls1_3"]).await;
    let port = server.port.to_string();
    let run = async |which| host::run("hostile_draft02", &host::policy(engine), &["localhost", &port, which]).await;
    run("finish-twice").await.by_trap(WRONG_TYPE);
    run("drop-twice").await.by_trap(UNKNOWN);
    run("close-later").await.by_trap(UNKNOWN);
    run("beyond").await.says("still here").by_trap("Buffer too large");
}

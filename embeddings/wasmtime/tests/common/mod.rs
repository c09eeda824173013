// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What the tests of real guests share: guests, their peers, certificates.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod guest;
pub mod peer;
pub mod pki;

use std::future::Future;
use std::time::Duration;

/// Longer than anything here may take; the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a test to its end, within bounds.
pub fn block_on(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(2 * PATIENCE, test).await.expect("the test takes too long") });
}

/// Calls `probe` until it answers something, within bounds.
pub async fn wait_until<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let wait = async {
        loop {
            if let Some(found) = probe() {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"))
}

/// Makes a test for each engine that is built in, `ENGINE::NAME`, of each function `async fn NAME(engine: &str)`.
#[macro_export]
macro_rules! on_each_engine {
    ($($test:ident),* $(,)?) => {
        $crate::on_engine!("openssl", openssl, $($test),*);
        $crate::on_engine!("wolfssl", wolfssl, $($test),*);
        $crate::on_engine!("gnutls", gnutls, $($test),*);
    };
}

/// The same for one engine.
#[macro_export]
macro_rules! on_engine {
    ($feature:literal, $engine:ident, $($test:ident),*) => {
        #[cfg(feature = $feature)]
        mod $engine {
            $(#[test]
            fn $test() {
                $crate::common::block_on(super::$test($feature));
            })*
        }
    };
}

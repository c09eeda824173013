// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! A stream that can be asked whether it is ready without giving up its place in the queue.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use wasmtime_wasi::p2::Pollable;

/// `Pollable::ready` borrows the stream for as long as it waits, and whoever drops it may lose the wake-up. So while a stream
/// waits it lives inside of the future, and comes back when that is done.
pub(crate) enum Waiting<S> {
    Here(S),
    Away(Pin<Box<dyn Future<Output = S> + Send>>),
    /// Only while it changes between the two, or after a panic of the stream's.
    Gone,
}

impl<S: Pollable + Unpin> Waiting<S> {
    /// The stream, unless it still waits.
    pub(crate) fn get(&mut self, cx: &mut Context<'_>) -> Option<&mut S> {
        if let Self::Away(future) = self {
            let Poll::Ready(stream) = future.as_mut().poll(cx) else { return None };
            *self = Self::Here(stream);
        }
        match self {
            Self::Here(stream) => Some(stream),
            _ => None,
        }
    }

    /// Whether the stream is ready. If not, `cx` is woken when it is.
    pub(crate) fn poll_ready(&mut self, cx: &mut Context<'_>) -> bool {
        if let Self::Here(_) = self {
            let Self::Here(mut stream) = std::mem::replace(self, Self::Gone) else { return false };
            *self = Self::Away(Box::pin(async move {
                stream.ready().await;
                stream
            }));
        }
        self.get(cx).is_some()
    }

    /// The stream, once it has ended to wait.
    pub(crate) async fn into_inner(self) -> Option<S> {
        match self {
            Self::Here(stream) => Some(stream),
            Self::Away(future) => Some(future.await),
            Self::Gone => None,
        }
    }
}

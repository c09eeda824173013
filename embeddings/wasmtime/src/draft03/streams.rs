// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The host's halves of the streams and futures of a connector.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use wasmtime::StoreContextMut;
use wasmtime::component::{
    Destination, FutureProducer, Resource, Source, StreamConsumer, StreamProducer, StreamResult,
};

use super::connection::Connection;
use super::fault::Fault;
use super::host::{self, TlsError};
use super::state::Side;
use crate::WasiTlsCtxView;

/// For a reader that is in the host and names no size, such as a socket that a guest has given the ciphertext to.
const CHUNK: usize = 32 * 1024;

/// Takes in what the guest, or what it was given by another part of the host, writes.
pub(super) struct Consumer {
    connection: Arc<Connection>,
    side: Side,
}

impl Consumer {
    pub(super) fn new(connection: &Arc<Connection>, side: Side) -> Self {
        Self { connection: connection.clone(), side }
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.connection.source_ended(self.side);
    }
}

impl<D: 'static> StreamConsumer<D> for Consumer {
    type Item = u8;

    fn poll_consume(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        store: StoreContextMut<D>,
        source: Source<'_, u8>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let mut source = source.as_direct(store);
        let taken = self.connection.poll_take(self.side, cx, source.remaining());
        if let Poll::Ready(Some(count)) = taken {
            source.mark_read(count);
        }
        answer(taken, finish)
    }
}

/// Gives out what the guest, or what it passes the stream on to, reads.
pub(super) struct Producer {
    connection: Arc<Connection>,
    side: Side,
}

impl Producer {
    pub(super) fn new(connection: &Arc<Connection>, side: Side) -> Self {
        Self { connection: connection.clone(), side }
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        self.connection.sink_dropped(self.side);
    }
}

impl<D: 'static> StreamProducer<D> for Producer {
    type Item = u8;
    type Buffer = BytesMut;

    fn poll_produce<'a>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut store: StoreContextMut<'a, D>,
        destination: Destination<'a, u8, BytesMut>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let given = if destination.remaining(&mut store) == Some(0) {
            self.connection.poll_give(self.side, cx, &mut [])
        } else {
            let mut destination = destination.as_direct(store, CHUNK);
            let given = self.connection.poll_give(self.side, cx, destination.remaining());
            if let Poll::Ready(Some(count)) = given {
                destination.mark_written(count);
            }
            given
        };
        answer(given, finish)
    }
}

/// `finish` asks for an answer now.
fn answer(moved: Poll<Option<usize>>, finish: bool) -> Poll<wasmtime::Result<StreamResult>> {
    Poll::Ready(Ok(match moved {
        Poll::Ready(Some(_)) => StreamResult::Completed,
        Poll::Ready(None) => StreamResult::Dropped,
        Poll::Pending if finish => StreamResult::Cancelled,
        Poll::Pending => return Poll::Pending,
    }))
}

/// How a side ended, once it has.
pub(super) struct Outcome<D: 'static> {
    pub(super) getter: for<'a> fn(&'a mut D) -> WasiTlsCtxView<'a>,
    pub(super) ending: Ending,
}

/// Where an outcome comes from.
pub(super) enum Ending {
    Of(Arc<Connection>, Side),
    /// There is no connection on this side.
    Refused(Fault),
}

impl<D: 'static> FutureProducer<D> for Outcome<D> {
    type Item = Result<(), Resource<TlsError>>;

    fn poll_produce(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut store: StoreContextMut<D>,
        finish: bool,
    ) -> Poll<wasmtime::Result<Option<Self::Item>>> {
        let ended = match &self.ending {
            Ending::Of(connection, side) => connection.poll_outcome(*side, cx),
            Ending::Refused(fault) => Poll::Ready(Err(fault.clone())),
        };
        if ended.is_pending() && finish {
            return Poll::Ready(Ok(None));
        }
        Poll::Ready(match ready!(ended) {
            Ok(()) => Ok(Some(Ok(()))),
            Err(fault) => host::push_error(&mut (self.getter)(store.data_mut()), fault).map(|error| Some(Err(error))),
        })
    }
}

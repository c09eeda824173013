// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The functions of the C core that are called on handles, by the shape of what they take and answer.
//!
//! What is called here is what the headers promise for each shape: the object is alive and locked, outputs are variables, what
//! is lent is alive for the call, and what is borrowed is copied while the object is locked. So the calls themselves are safe.

use std::ptr::{self, NonNull};
use std::task::{Context, Poll};

use wasi_tls_sys as sys;

use crate::error::Error;
use crate::handle::{Handle, Object, check, copy, lend, lend_all};
use crate::usage::Slot;

macro_rules! shapes {
    ($($(#[$doc:meta])* $shape:ident<$($object:ident),+>($function:ty);)*) => {
        $($(#[$doc])*
        pub(crate) struct $shape<$($object),+>($function);

        impl<$($object),+> $shape<$($object),+> {
            const fn new(function: $function) -> Self {
                Self(function)
            }
        })*
    };
}

shapes! {
    /// Makes an object of the same connection, which is the caller's.
    Make<T, U>(unsafe extern "C" fn(*mut T, *mut *mut U) -> sys::wasi_tls_result);
    /// The same, of something that is named.
    MakeNamed<T, U>(unsafe extern "C" fn(*mut T, sys::wasi_tls_bytes, *mut *mut U) -> sys::wasi_tls_result);
    /// The same, with an alert to send.
    MakeAlert<T, U>(unsafe extern "C" fn(*mut T, u8, *mut *mut U) -> sys::wasi_tls_result);
    /// Takes an object out of a future, or NULL for none. It is the caller's.
    Take<T, U>(unsafe extern "C" fn(*mut T, *mut *mut U) -> sys::wasi_tls_result);
    /// The same, of two objects that come together.
    TakeTwo<T, U, V>(unsafe extern "C" fn(*mut T, *mut *mut U, *mut *mut V) -> sys::wasi_tls_result);
    /// Whether it is ready; if not, who to wake when that may have changed.
    Ready<T>(unsafe extern "C" fn(*mut T, sys::wasi_tls_waker) -> bool);
    /// An identity, if there is one. It is the caller's.
    Own<T, U>(unsafe extern "C" fn(*const T, *mut *mut U) -> bool);
    /// Bytes, if there are any, which are the object's.
    Bytes<T>(unsafe extern "C" fn(*const T, *mut sys::wasi_tls_bytes) -> bool);
    /// A code, if there is one.
    Code<T>(unsafe extern "C" fn(*const T, *mut u16) -> bool);
    /// A list of bytes, which is the object's.
    BytesList<T>(unsafe extern "C" fn(*const T, *mut *const sys::wasi_tls_bytes, *mut usize) -> sys::wasi_tls_result);
    /// A list of codes, which is the object's.
    CodeList<T>(unsafe extern "C" fn(*const T, *mut *const u16, *mut usize) -> sys::wasi_tls_result);
    /// Copies a list of bytes.
    SetBytes<T>(unsafe extern "C" fn(*mut T, *const sys::wasi_tls_bytes, usize) -> sys::wasi_tls_result);
    /// Takes holds of its own on a list of identities.
    SetIdentities<T>(
        unsafe extern "C" fn(*mut T, *const *mut sys::wasi_tls_private_identity, usize) -> sys::wasi_tls_result
    );
    /// What ended the connection, if something did.
    Failure<T>(unsafe extern "C" fn(*const T, *mut sys::wasi_tls_error) -> bool);
}

/// A list of identities that somebody else keeps alive.
pub(crate) type Identities<'a> = &'a [*mut sys::wasi_tls_private_identity];

// SAFETY, for all calls in this block: see the head of the file; the tables below hold nothing but functions of these shapes.
impl<T: Object> Handle<T> {
    pub(crate) fn make<U: Object>(&self, slot: Slot, call: &Make<T, U>) -> Result<Handle<U>, Error> {
        // SAFETY: see above.
        self.derive(slot, |this, out| unsafe { (call.0)(this, out) })
    }

    pub(crate) fn make_named<U: Object>(
        &self,
        slot: Slot,
        call: &MakeNamed<T, U>,
        name: &str,
    ) -> Result<Handle<U>, Error> {
        let name = lend(name.as_bytes());
        // SAFETY: see above.
        self.derive(slot, |this, out| unsafe { (call.0)(this, name, out) })
    }

    pub(crate) fn make_alert<U: Object>(
        &self,
        slot: Slot,
        call: &MakeAlert<T, U>,
        alert: u8,
    ) -> Result<Handle<U>, Error> {
        // SAFETY: see above.
        self.derive(slot, |this, out| unsafe { (call.0)(this, alert, out) })
    }

    pub(crate) fn take<U>(&self, call: &Take<T, U>) -> Result<Option<NonNull<U>>, Error> {
        let mut taken = ptr::null_mut();
        // SAFETY: see above.
        check(self.with(|this| unsafe { (call.0)(this, &raw mut taken) }))?;
        Ok(NonNull::new(taken))
    }

    pub(crate) fn take_two<U, V>(&self, call: &TakeTwo<T, U, V>) -> Result<(NonNull<U>, NonNull<V>), Error> {
        let (mut first, mut second) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: see above.
        check(self.with(|this| unsafe { (call.0)(this, &raw mut first, &raw mut second) }))?;
        Ok(NonNull::new(first).zip(NonNull::new(second)).expect("the core answers objects with OK"))
    }

    /// If it is not ready, the task of `cx` is woken whenever the connection has moved.
    pub(crate) fn poll(&self, call: &Ready<T>, cx: &mut Context<'_>) -> Poll<()> {
        let tasks = &self.shared().tasks;
        tasks.register(cx.waker());
        // SAFETY: see above; the waker is good for as long as the connection.
        let ready = self.with(|this| unsafe { (call.0)(this, tasks.c_waker()) });
        if ready { Poll::Ready(()) } else { Poll::Pending }
    }

    pub(crate) fn own<U>(&self, call: &Own<T, U>) -> Option<NonNull<U>> {
        let mut owned = ptr::null_mut();
        // SAFETY: see above.
        self.with(|this| unsafe { (call.0)(this, &raw mut owned) }).then_some(NonNull::new(owned)?)
    }

    pub(crate) fn bytes(&self, call: &Bytes<T>) -> Option<Vec<u8>> {
        let mut lent = lend(&[]);
        // SAFETY: see above.
        self.with(|this| unsafe { (call.0)(this, &raw mut lent).then(|| copy(lent)) })
    }

    pub(crate) fn string(&self, call: &Bytes<T>) -> Option<String> {
        String::from_utf8(self.bytes(call)?).ok()
    }

    pub(crate) fn code(&self, call: &Code<T>) -> Option<u16> {
        let mut code = 0;
        // SAFETY: see above.
        self.with(|this| unsafe { (call.0)(this, &raw mut code) }).then_some(code)
    }

    pub(crate) fn bytes_list(&self, call: &BytesList<T>) -> Result<Vec<Vec<u8>>, Error> {
        let (mut list, mut count) = (ptr::null(), 0);
        self.with(|this| {
            // SAFETY: see above.
            check(unsafe { (call.0)(this, &raw mut list, &raw mut count) })?;
            // SAFETY: with OK there are `count` of them.
            Ok((0..count).map(|index| unsafe { copy(*list.add(index)) }).collect())
        })
    }

    pub(crate) fn code_list(&self, call: &CodeList<T>) -> Result<Vec<u16>, Error> {
        let (mut list, mut count) = (ptr::null(), 0);
        self.with(|this| {
            // SAFETY: see above.
            check(unsafe { (call.0)(this, &raw mut list, &raw mut count) })?;
            // SAFETY: with OK there are `count` of them.
            Ok((0..count).map(|index| unsafe { *list.add(index) }).collect())
        })
    }

    pub(crate) fn set_bytes(&self, call: &SetBytes<T>, list: &[Vec<u8>]) -> Result<(), Error> {
        let list = lend_all(list);
        // SAFETY: see above.
        check(self.with(|this| unsafe { (call.0)(this, list.as_ptr(), list.len()) }))
    }

    pub(crate) fn set_identities(&self, call: &SetIdentities<T>, list: Identities<'_>) -> Result<(), Error> {
        // SAFETY: see above.
        check(self.with(|this| unsafe { (call.0)(this, list.as_ptr(), list.len()) }))
    }

    pub(crate) fn failure(&self, call: &Failure<T>) -> Option<Error> {
        let mut error = Error::empty();
        // SAFETY: see above.
        self.with(|this| unsafe { (call.0)(this, error.as_mut_ptr()) }).then_some(error)
    }
}

macro_rules! table {
    ($($shape:ty { $($name:ident = $function:ident,)+ })*) => {
        $($(pub(crate) static $name: $shape = <$shape>::new($function);)+)*
    };
}

/// Of `client-connection`, `client-handshake` and `client-identity-request`.
pub(crate) mod client {
    use wasi_tls_sys::*;

    use super::*;

    table! {
        MakeNamed<wasi_tls_client_connection, wasi_tls_client_handshake> {
            CONNECT = wasi_tls_client_connection_connect,
        }
        Bytes<wasi_tls_client_connection> {
            SERVER_NAME = wasi_tls_client_connection_server_name,
            ALPN_ID = wasi_tls_client_connection_alpn_id,
        }
        Code<wasi_tls_client_connection> {
            PROTOCOL_VERSION = wasi_tls_client_connection_protocol_version,
            CIPHER_SUITE = wasi_tls_client_connection_cipher_suite,
        }
        Own<wasi_tls_client_connection, wasi_tls_private_identity> {
            CLIENT_IDENTITY = wasi_tls_client_connection_client_identity,
        }
        Own<wasi_tls_client_connection, wasi_tls_public_identity> {
            SERVER_IDENTITY = wasi_tls_client_connection_server_identity,
        }
        Failure<wasi_tls_client_connection> {
            LAST_ERROR = wasi_tls_client_connection_last_error,
        }
        SetBytes<wasi_tls_client_handshake> {
            CONFIGURE_ALPN_IDS = wasi_tls_client_handshake_configure_alpn_ids,
        }
        SetIdentities<wasi_tls_client_handshake> {
            CONFIGURE_CLIENT_IDENTITIES = wasi_tls_client_handshake_configure_client_identities,
        }
        Make<wasi_tls_client_handshake, wasi_tls_future_public_identity> {
            VERIFY_SERVER_IDENTITY = wasi_tls_client_handshake_verify_server_identity,
        }
        Make<wasi_tls_client_handshake, wasi_tls_future_client_identity_request> {
            RECEIVE_CLIENT_IDENTITY_REQUEST = wasi_tls_client_handshake_receive_client_identity_request,
        }
        Make<wasi_tls_client_handshake, wasi_tls_future_streams> {
            FINISH = wasi_tls_client_handshake_finish,
        }
        Make<wasi_tls_client_handshake, wasi_tls_pollable> {
            ABORT = wasi_tls_client_handshake_abort,
        }
        MakeAlert<wasi_tls_client_handshake, wasi_tls_pollable> {
            ABORT_WITH = wasi_tls_client_handshake_abort_with,
        }
        SetIdentities<wasi_tls_client_identity_request> {
            RESPOND = wasi_tls_client_identity_request_respond,
        }
        BytesList<wasi_tls_client_identity_request> {
            AUTHORITIES = wasi_tls_client_identity_request_authorities,
        }
        CodeList<wasi_tls_client_identity_request> {
            SIGNATURE_SCHEMES = wasi_tls_client_identity_request_signature_schemes,
        }
    }
}

/// Of `server-connection`, `server-handshake` and `client-hello`.
pub(crate) mod server {
    use wasi_tls_sys::*;

    use super::*;

    table! {
        Make<wasi_tls_server_connection, wasi_tls_server_handshake> {
            ACCEPT = wasi_tls_server_connection_accept,
        }
        Make<wasi_tls_server_connection, wasi_tls_future_public_identity> {
            REQUEST_CLIENT_IDENTITY_LATER = wasi_tls_server_connection_request_client_identity,
        }
        Bytes<wasi_tls_server_connection> {
            SERVER_NAME = wasi_tls_server_connection_server_name,
            ALPN_ID = wasi_tls_server_connection_alpn_id,
        }
        Code<wasi_tls_server_connection> {
            PROTOCOL_VERSION = wasi_tls_server_connection_protocol_version,
            CIPHER_SUITE = wasi_tls_server_connection_cipher_suite,
        }
        Own<wasi_tls_server_connection, wasi_tls_public_identity> {
            CLIENT_IDENTITY = wasi_tls_server_connection_client_identity,
        }
        Own<wasi_tls_server_connection, wasi_tls_private_identity> {
            SERVER_IDENTITY = wasi_tls_server_connection_server_identity,
        }
        Failure<wasi_tls_server_connection> {
            LAST_ERROR = wasi_tls_server_connection_last_error,
        }
        SetBytes<wasi_tls_server_handshake> {
            CONFIGURE_ALPN_IDS = wasi_tls_server_handshake_configure_alpn_ids,
        }
        SetIdentities<wasi_tls_server_handshake> {
            CONFIGURE_SERVER_IDENTITIES = wasi_tls_server_handshake_configure_server_identities,
        }
        Make<wasi_tls_server_handshake, wasi_tls_future_client_hello> {
            RECEIVE_CLIENT_HELLO = wasi_tls_server_handshake_receive_client_hello,
        }
        Make<wasi_tls_server_handshake, wasi_tls_future_public_identity> {
            REQUEST_CLIENT_IDENTITY = wasi_tls_server_handshake_request_client_identity,
        }
        Make<wasi_tls_server_handshake, wasi_tls_future_streams> {
            FINISH = wasi_tls_server_handshake_finish,
        }
        Make<wasi_tls_server_handshake, wasi_tls_pollable> {
            ABORT = wasi_tls_server_handshake_abort,
        }
        MakeAlert<wasi_tls_server_handshake, wasi_tls_pollable> {
            ABORT_WITH = wasi_tls_server_handshake_abort_with,
        }
        Bytes<wasi_tls_client_hello> {
            HELLO_SERVER_NAME = wasi_tls_client_hello_server_name,
        }
        BytesList<wasi_tls_client_hello> {
            HELLO_ALPN_IDS = wasi_tls_client_hello_alpn_ids,
        }
        CodeList<wasi_tls_client_hello> {
            HELLO_CIPHER_SUITES = wasi_tls_client_hello_cipher_suites,
        }
    }
}

/// Of the streams and pollables.
pub(crate) mod stream {
    use wasi_tls_sys::*;

    use super::*;

    table! {
        Ready<wasi_tls_pollable> {
            POLLABLE_POLL = wasi_tls_pollable_poll,
        }
        Ready<wasi_tls_input_stream> {
            INPUT_POLL = wasi_tls_input_stream_poll,
        }
        Failure<wasi_tls_input_stream> {
            INPUT_LAST_ERROR = wasi_tls_input_stream_last_error,
        }
        Ready<wasi_tls_output_stream> {
            OUTPUT_POLL = wasi_tls_output_stream_poll,
        }
        Failure<wasi_tls_output_stream> {
            OUTPUT_LAST_ERROR = wasi_tls_output_stream_last_error,
        }
    }
}

/// Of the futures.
pub(crate) mod future {
    use wasi_tls_sys::*;

    use super::*;

    table! {
        Make<wasi_tls_future_streams, wasi_tls_pollable> {
            STREAMS_SUBSCRIBE = wasi_tls_future_streams_subscribe,
        }
        Make<wasi_tls_future_client_hello, wasi_tls_pollable> {
            CLIENT_HELLO_SUBSCRIBE = wasi_tls_future_client_hello_subscribe,
        }
        Make<wasi_tls_future_public_identity, wasi_tls_pollable> {
            PUBLIC_IDENTITY_SUBSCRIBE = wasi_tls_future_public_identity_subscribe,
        }
        Make<wasi_tls_future_client_identity_request, wasi_tls_pollable> {
            CLIENT_IDENTITY_REQUEST_SUBSCRIBE = wasi_tls_future_client_identity_request_subscribe,
        }
        TakeTwo<wasi_tls_future_streams, wasi_tls_input_stream, wasi_tls_output_stream> {
            STREAMS_GET = wasi_tls_future_streams_get,
        }
        Make<wasi_tls_future_client_hello, wasi_tls_client_hello> {
            CLIENT_HELLO_GET = wasi_tls_future_client_hello_get,
        }
        Take<wasi_tls_future_public_identity, wasi_tls_public_identity> {
            PUBLIC_IDENTITY_GET = wasi_tls_future_public_identity_get,
        }
        Take<wasi_tls_future_client_identity_request, wasi_tls_client_identity_request> {
            CLIENT_IDENTITY_REQUEST_GET = wasi_tls_future_client_identity_request_get,
        }
    }
}

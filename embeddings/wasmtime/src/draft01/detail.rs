// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The gated records and enumerations: why a connection ended, and with which alert a guest may end it.

use wasi_tls_sys as sys;

use super::types;
use crate::error::Error;

/// All that is known about a failure.
pub(super) fn detail(error: &Error) -> types::ErrorDetail {
    let raw = error.raw();
    types::ErrorDetail {
        class: class(raw.result),
        step: step(raw.step),
        alert: error.alert(),
        alert_received: raw.alert_received,
        verify_reason: verify_reason(raw.verify_reason),
        verify_depth: raw.verify_depth,
        text: error.text(),
    }
}

fn class(result: sys::wasi_tls_result) -> types::ErrorClass {
    use types::ErrorClass as To;
    // SAFETY: arithmetic on a number.
    match unsafe { sys::wasi_tls_result_class(result) } {
        sys::WASI_TLS_CLASS_USAGE => To::Usage,
        sys::WASI_TLS_CLASS_CONFIGURATION => To::Configuration,
        sys::WASI_TLS_CLASS_IDENTITY => To::Identity,
        sys::WASI_TLS_CLASS_PROTOCOL => To::Protocol,
        sys::WASI_TLS_CLASS_PEER_ALERT => To::PeerAlert,
        sys::WASI_TLS_CLASS_VERIFY => To::Verify,
        sys::WASI_TLS_CLASS_TRANSPORT => To::Transport,
        sys::WASI_TLS_CLASS_CLOSED => To::Closed,
        sys::WASI_TLS_CLASS_LIMIT => To::Limit,
        _ => To::Internal,
    }
}

fn step(step: sys::wasi_tls_step) -> types::Step {
    use types::Step as To;
    match step {
        sys::WASI_TLS_STEP_CLIENT_HELLO => To::ClientHello,
        sys::WASI_TLS_STEP_SERVER_IDENTITY => To::ServerIdentity,
        sys::WASI_TLS_STEP_CLIENT_IDENTITY_REQUEST => To::ClientIdentityRequest,
        sys::WASI_TLS_STEP_CLIENT_IDENTITY => To::ClientIdentity,
        sys::WASI_TLS_STEP_FINISH => To::Finish,
        sys::WASI_TLS_STEP_ABORT => To::Abort,
        sys::WASI_TLS_STEP_OPEN => To::Open,
        sys::WASI_TLS_STEP_CLOSE => To::Close,
        _ => To::None,
    }
}

fn verify_reason(reason: sys::wasi_tls_verify_reason) -> Option<types::VerifyReason> {
    use types::VerifyReason as To;
    Some(match reason {
        sys::WASI_TLS_VERIFY_OK => return None,
        sys::WASI_TLS_VERIFY_UNTRUSTED => To::Untrusted,
        sys::WASI_TLS_VERIFY_EXPIRED => To::Expired,
        sys::WASI_TLS_VERIFY_NOT_YET_VALID => To::NotYetValid,
        sys::WASI_TLS_VERIFY_NAME_MISMATCH => To::NameMismatch,
        sys::WASI_TLS_VERIFY_REVOKED => To::Revoked,
        sys::WASI_TLS_VERIFY_CRL_INVALID => To::CrlInvalid,
        sys::WASI_TLS_VERIFY_PURPOSE => To::Purpose,
        sys::WASI_TLS_VERIFY_NOT_A_CA => To::NotACa,
        sys::WASI_TLS_VERIFY_PATH_LENGTH => To::PathLength,
        sys::WASI_TLS_VERIFY_NAME_CONSTRAINT => To::NameConstraint,
        sys::WASI_TLS_VERIFY_SIGNATURE => To::Signature,
        sys::WASI_TLS_VERIFY_WEAK_KEY => To::WeakKey,
        sys::WASI_TLS_VERIFY_WEAK_SIGNATURE => To::WeakSignature,
        sys::WASI_TLS_VERIFY_CRITICAL_EXTENSION => To::CriticalExtension,
        sys::WASI_TLS_VERIFY_MALFORMED => To::Malformed,
        sys::WASI_TLS_VERIFY_MISSING => To::Missing,
        _ => To::Other,
    })
}

/// The IANA number.
pub(super) fn alert(alert: types::AbortAlert) -> u8 {
    match alert {
        types::AbortAlert::HandshakeFailure => 40,
        types::AbortAlert::BadCertificate => 42,
        types::AbortAlert::UnsupportedCertificate => 43,
        types::AbortAlert::CertificateRevoked => 44,
        types::AbortAlert::CertificateExpired => 45,
        types::AbortAlert::CertificateUnknown => 46,
        types::AbortAlert::UnknownCa => 48,
        types::AbortAlert::AccessDenied => 49,
        types::AbortAlert::InternalError => 80,
        types::AbortAlert::UnrecognizedName => 112,
    }
}

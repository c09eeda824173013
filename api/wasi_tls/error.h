/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/**
 * @file error.h
 * Results, and what is known about a failure.
 *
 * Every function that can fail returns a wasi_tls_result. Outputs are written only on WASI_TLS_OK.
 * The values are the library's own: they never depend on the engine in use. What the engine said
 * rides along in wasi_tls_error as opaque detail.
 */
#ifndef WASI_TLS_ERROR_H
#define WASI_TLS_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "export.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Outcome of a call: 0 is success, a positive value is "not done yet", a negative value an error.
 * The hundreds of an error are its wasi_tls_error_class.
 */
typedef enum wasi_tls_result {
  WASI_TLS_OK = 0,
  /** Nothing is wrong; the outcome is not there yet. Wait on the pollable, or move bytes, and ask again. */
  WASI_TLS_PENDING = 1,

  /* Usage: the caller broke a rule of the interface. The object is as it was before the call. */
  WASI_TLS_ERR_NULL_ARGUMENT = -101,
  WASI_TLS_ERR_WRONG_STATE = -102,     /**< the call is out of order, too late, or made twice */
  WASI_TLS_ERR_ALREADY_TAKEN = -103,   /**< the future's value was taken by an earlier get */
  WASI_TLS_ERR_PERMIT_EXCEEDED = -104, /**< a write larger than check_write allowed; WASI hosts trap here */
  WASI_TLS_ERR_STRUCT_SIZE = -105,     /**< an option struct's size field is not one that this library knows */
  WASI_TLS_ERR_ENUM_VALUE = -106,      /**< an enumerated argument is outside its range */

  /* Configuration and arguments: refused before any byte moved. */
  WASI_TLS_ERR_UNKNOWN_ENGINE = -201,   /**< no engine of that name is built in */
  WASI_TLS_ERR_UNSUPPORTED = -202,      /**< the engine can't, and the capability table says so; or the peer can't */
  WASI_TLS_ERR_SERVER_NAME = -203,      /**< not a DNS name or IP literal that could be in a certificate */
  WASI_TLS_ERR_ALPN_ID = -204,          /**< empty, longer than 255 bytes, or too many */
  WASI_TLS_ERR_VERSION_RANGE = -205,    /**< not 0x0303 or 0x0304, or minimum above maximum */
  WASI_TLS_ERR_CIPHER_SUITE = -206,     /**< a code that the policy does not allow, or none left */
  WASI_TLS_ERR_TRUST_STORE = -207,      /**< trust anchors could not be read or hold no certificate */
  WASI_TLS_ERR_REVOCATION_LIST = -208,  /**< a CRL could not be read */
  WASI_TLS_ERR_LIMIT_VALUE = -209,      /**< a limit outside of its documented range */
  WASI_TLS_ERR_NO_SUCH_IDENTITY = -210, /**< no identity of that name is configured */
  WASI_TLS_ERR_ALERT_VALUE = -211,      /**< not an alert that a guest may choose on abort */
  WASI_TLS_ERR_FILE = -212,             /**< a file could not be read */

  /* Identities. */
  WASI_TLS_ERR_KEY_FORMAT = -301,         /**< neither PKCS#8, PKCS#1 nor SEC1 in DER or PEM, or bytes left over */
  WASI_TLS_ERR_KEY_ENCRYPTED = -302,      /**< encrypted keys are refused: decrypt it first */
  WASI_TLS_ERR_KEY_TYPE = -303,           /**< not RSA, P-256, P-384 or Ed25519 */
  WASI_TLS_ERR_KEY_TOO_SMALL = -304,      /**< RSA below 2048 bits, in the key or in the chain */
  WASI_TLS_ERR_KEY_MISMATCH = -305,       /**< the key is not the one in the end-entity certificate */
  WASI_TLS_ERR_CERTIFICATE_FORMAT = -306, /**< not one X.509 certificate in DER or PEM, or bytes left over */
  WASI_TLS_ERR_CHAIN_EMPTY = -307,        /**< no certificate was given */
  WASI_TLS_ERR_CHAIN_ORDER = -308,        /**< a certificate was not issued by the one after it */
  WASI_TLS_ERR_CHAIN_TOO_LONG = -309,     /**< more certificates than the limit allows */
  WASI_TLS_ERR_IDENTITY_ENGINE = -310,    /**< the identity was parsed for another engine */
  WASI_TLS_ERR_WEAK_SIGNATURE = -311,     /**< a certificate of the chain is signed with SHA-1 or weaker */
  WASI_TLS_ERR_SIGNER = -312,             /**< the signer of an opaque key failed, or what it gave is no signature */

  /* Protocol: this side ended the connection; wasi_tls_error::alert is what was sent. */
  WASI_TLS_ERR_PROTOCOL = -401,                 /**< the peer broke the protocol, or nothing in common was found */
  WASI_TLS_ERR_NOT_TLS = -402,                  /**< what arrived is not TLS */
  WASI_TLS_ERR_PROTOCOL_VERSION = -403,         /**< no common protocol version */
  WASI_TLS_ERR_NO_APPLICATION_PROTOCOL = -404,  /**< both sides use ALPN and nothing is in common */
  WASI_TLS_ERR_NO_IDENTITY = -405,              /**< a server without an identity */
  WASI_TLS_ERR_NO_SUITABLE_IDENTITY = -406,     /**< no configured identity fits the ClientHello */
  WASI_TLS_ERR_CLIENT_IDENTITY_REQUIRED = -407, /**< the policy requires a client identity, none came */

  /* Alert: the peer ended the connection; wasi_tls_error::alert is what it sent. */
  WASI_TLS_ERR_PEER_ALERT = -501,

  /* Verification: the peer's identity was refused; wasi_tls_error::verify_reason says why. */
  WASI_TLS_ERR_VERIFY = -601,

  /* Transport: the host's streams failed. */
  WASI_TLS_ERR_TRANSPORT_READ = -701,
  WASI_TLS_ERR_TRANSPORT_WRITE = -702,

  /* Closing. */
  WASI_TLS_ERR_CLOSED = -801,    /**< ended in order: close_notify, or closed by this side (wasi:io "closed") */
  WASI_TLS_ERR_TRUNCATED = -802, /**< the transport ended without close_notify after the handshake */
  WASI_TLS_ERR_EOF = -803,       /**< the transport ended before the handshake did */
  WASI_TLS_ERR_ABORTED = -804,   /**< this side aborted, or dropped the handshake */

  /* Limits: the peer asked for more than the configuration allows. */
  WASI_TLS_ERR_LIMIT = -901,

  /* Internal. */
  WASI_TLS_ERR_OUT_OF_MEMORY = -1001,
  WASI_TLS_ERR_ENGINE = -1002 /**< the engine failed for a reason of its own: see the detail */
} wasi_tls_result;

/** What kind of failure a wasi_tls_result is. Arithmetic on the value: see wasi_tls_result_class. */
typedef enum wasi_tls_error_class {
  WASI_TLS_CLASS_NONE = 0,
  WASI_TLS_CLASS_USAGE = 1,
  WASI_TLS_CLASS_CONFIGURATION = 2,
  WASI_TLS_CLASS_IDENTITY = 3,
  WASI_TLS_CLASS_PROTOCOL = 4,
  WASI_TLS_CLASS_PEER_ALERT = 5,
  WASI_TLS_CLASS_VERIFY = 6,
  WASI_TLS_CLASS_TRANSPORT = 7,
  WASI_TLS_CLASS_CLOSED = 8,
  WASI_TLS_CLASS_LIMIT = 9,
  WASI_TLS_CLASS_INTERNAL = 10
} wasi_tls_error_class;

/** Why a peer's identity was refused. The same on every engine. */
typedef enum wasi_tls_verify_reason {
  WASI_TLS_VERIFY_OK = 0,
  WASI_TLS_VERIFY_UNTRUSTED,          /**< no path to a trust anchor: unknown issuer, self-signed, missing link */
  WASI_TLS_VERIFY_EXPIRED,            /**< a certificate of the path is past its notAfter */
  WASI_TLS_VERIFY_NOT_YET_VALID,      /**< a certificate of the path is before its notBefore */
  WASI_TLS_VERIFY_NAME_MISMATCH,      /**< RFC 9525: no SAN matches the server name */
  WASI_TLS_VERIFY_REVOKED,            /**< listed in a configured CRL */
  WASI_TLS_VERIFY_CRL_INVALID,        /**< a configured CRL that applies is stale or badly signed */
  WASI_TLS_VERIFY_PURPOSE,            /**< the extended key usage does not allow this role */
  WASI_TLS_VERIFY_NOT_A_CA,           /**< an issuer lacks CA:TRUE or keyCertSign */
  WASI_TLS_VERIFY_PATH_LENGTH,        /**< a path length constraint is exceeded, or the chain is too long */
  WASI_TLS_VERIFY_NAME_CONSTRAINT,    /**< a name constraint is violated */
  WASI_TLS_VERIFY_SIGNATURE,          /**< a certificate's signature is wrong */
  WASI_TLS_VERIFY_WEAK_KEY,           /**< a key of the path is below the policy */
  WASI_TLS_VERIFY_WEAK_SIGNATURE,     /**< signed with SHA-1, MD5 or weaker */
  WASI_TLS_VERIFY_CRITICAL_EXTENSION, /**< a critical extension that is not understood */
  WASI_TLS_VERIFY_MALFORMED,          /**< not a certificate */
  WASI_TLS_VERIFY_MISSING,            /**< the peer sent no certificate */
  WASI_TLS_VERIFY_OTHER               /**< the engine refused it for a reason of its own */
} wasi_tls_verify_reason;

/** Where in a connection's life something happened. */
typedef enum wasi_tls_step {
  WASI_TLS_STEP_NONE = 0,                /**< before the handshake */
  WASI_TLS_STEP_CLIENT_HELLO,            /**< receive-client-hello */
  WASI_TLS_STEP_SERVER_IDENTITY,         /**< verify-server-identity */
  WASI_TLS_STEP_CLIENT_IDENTITY_REQUEST, /**< receive-client-identity-request */
  WASI_TLS_STEP_CLIENT_IDENTITY,         /**< request-client-identity */
  WASI_TLS_STEP_FINISH,                  /**< finish */
  WASI_TLS_STEP_ABORT,                   /**< abort */
  WASI_TLS_STEP_OPEN,                    /**< after the handshake */
  WASI_TLS_STEP_CLOSE                    /**< after this side's close_notify */
} wasi_tls_step;

/** No alert was sent or received (close_notify is 0, so 0 can't say so). */
#define WASI_TLS_NO_ALERT 0xFFFFu

/**
 * All that is known about a failure. A plain value: copied, nothing to free.
 * Set size to sizeof(wasi_tls_error) before handing it to the library, or call wasi_tls_error_init.
 */
typedef struct wasi_tls_error {
  size_t size;
  wasi_tls_result result;
  wasi_tls_step step;                   /**< the step in which it happened */
  wasi_tls_verify_reason verify_reason; /**< for class VERIFY */
  uint32_t verify_depth;                /**< index into the peer's chain, 0 is the end entity */
  uint16_t alert;                       /**< IANA alert number, or WASI_TLS_NO_ALERT */
  bool alert_received;                  /**< the alert came from the peer; else it was sent */
  int64_t native_code;                  /**< the engine's own code, for logs only; 0 if none */
  char text[144];                       /**< one line for people, NUL-terminated */
} wasi_tls_error;

/** Fills in size and clears the rest. NULL is ignored. */
WASI_TLS_API void wasi_tls_error_init(wasi_tls_error *error);

/** The class of a result: WASI_TLS_CLASS_NONE for OK and PENDING. Any thread. */
WASI_TLS_API wasi_tls_error_class wasi_tls_result_class(wasi_tls_result result);

/** A stable lower-case name, for example "verify" or "key-mismatch". Static storage, never NULL. Any thread. */
WASI_TLS_API const char *wasi_tls_result_name(wasi_tls_result result);
/** As wasi_tls_result_name, for a class, a reason, a step, or an IANA alert number. */
WASI_TLS_API const char *wasi_tls_error_class_name(wasi_tls_error_class value);
WASI_TLS_API const char *wasi_tls_verify_reason_name(wasi_tls_verify_reason value);
WASI_TLS_API const char *wasi_tls_step_name(wasi_tls_step value);
WASI_TLS_API const char *wasi_tls_alert_name(uint16_t alert);

#ifdef __cplusplus
}
#endif

#endif

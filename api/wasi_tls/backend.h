/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/**
 * @file backend.h
 * For authors of engines: the vtable between the core and a TLS engine.
 *
 * This header makes a weaker promise than the others: it may change with each minor release, and
 * WASI_TLS_BACKEND_ABI with it. The core refuses a backend of another abi with WASI_TLS_ERR_UNSUPPORTED.
 *
 * A backend makes one engine call per entry and maps the result once. It never touches the state machine,
 * never logs, never decides policy, and never decides whether an end of input is an error:
 * the core does all that, the same for every engine.
 */
#ifndef WASI_TLS_BACKEND_H
#define WASI_TLS_BACKEND_H

#include "config.h"
#include "engine.h"
#include "error.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WASI_TLS_BACKEND_ABI 3u

/** What became of an engine call. The closed set: every engine result is one of these. */
typedef enum wasi_tls_outcome {
  WASI_TLS_OUTCOME_OK = 0,
  WASI_TLS_OUTCOME_WANT_READ,        /**< the engine needs ciphertext, and host->receive had none */
  WASI_TLS_OUTCOME_WANT_WRITE,       /**< host->send answered BLOCKED */
  WASI_TLS_OUTCOME_SUSPENDED,        /**< a hook answered SUSPEND; the same call again asks the hook again */
  WASI_TLS_OUTCOME_CLOSED_CLEAN,     /**< close_notify was received */
  WASI_TLS_OUTCOME_CLOSED_TRUNCATED, /**< the input ended without close_notify */
  WASI_TLS_OUTCOME_ALERT_RECEIVED,   /**< report->alert is the peer's fatal alert */
  WASI_TLS_OUTCOME_ALERT_SENT,       /**< the engine ended the connection with report->alert */
  WASI_TLS_OUTCOME_REJECTED,         /**< because a hook answered REJECT */
  WASI_TLS_OUTCOME_UNSUPPORTED,      /**< the peer or the protocol version can't; the connection is as before */
  WASI_TLS_OUTCOME_UNSIGNED,         /**< a wasi_tls_backend_signer answered false; ended with report->alert */
  WASI_TLS_OUTCOME_OUT_OF_MEMORY,
  WASI_TLS_OUTCOME_ENGINE_ERROR /**< anything else: report says what the engine said */
} wasi_tls_outcome;

/** What the engine said. The backend fills in all of it with every outcome but OK, WANT_READ, WANT_WRITE and SUSPENDED.
 */
typedef struct wasi_tls_backend_report {
  uint16_t alert; /**< IANA number, or WASI_TLS_NO_ALERT */
  int64_t native_code;
  char text[96];
} wasi_tls_backend_report;

/** A hook's answer. */
typedef enum wasi_tls_decision {
  WASI_TLS_DECISION_CONTINUE = 0,
  WASI_TLS_DECISION_SUSPEND, /**< return SUSPENDED from the engine call, write nothing, ask again at the next call */
  WASI_TLS_DECISION_REJECT   /**< end the handshake with the alert given */
} wasi_tls_decision;

/** Result of the transport. */
typedef enum wasi_tls_io {
  WASI_TLS_IO_OK = 0,
  WASI_TLS_IO_BLOCKED,
  WASI_TLS_IO_END, /**< receive only */
  WASI_TLS_IO_FAILED
} wasi_tls_io;

/** A server's request for a client identity. All borrowed for the call of the hook. */
typedef struct wasi_tls_backend_identity_request {
  const uint16_t *signature_schemes; /**< IANA codes in the server's order */
  size_t signature_scheme_count;
  const wasi_tls_bytes *authorities; /**< DER names; none means any */
  size_t authority_count;
} wasi_tls_backend_identity_request;

/**
 * The core's side of a connection: transport and hooks. Called by the backend from inside its entries only,
 * on the same thread. Valid until connection_free returns.
 */
typedef struct wasi_tls_backend_host {
  size_t size; /**< sizeof(wasi_tls_backend_host) */
  /** Ciphertext in: 1 to |len| bytes with OK. */
  wasi_tls_io (*receive)(void *core, uint8_t *buffer, size_t len, size_t *count);
  /** Ciphertext out, whole records: all is taken with OK, nothing otherwise. |alert|: the record is one (known for
   * certain). */
  wasi_tls_io (*send)(void *core, const uint8_t *data, size_t len, bool alert);
  /**
   * The peer's chain is in and the engine has validated it, without looking at names: |reason| and |depth| say how that
   * went, unless the core validates (verify_signature). Called once per chain, again only after SUSPEND. On REJECT
   * |*alert| is set. A server is never told to SUSPEND, and to REJECT only after the handshake: until then it goes on,
   * and the core ends the connection when the client has proved that it owns the chain. For a client that is read ahead
   * for (open_record) the answer is CONTINUE for the chain that the core has seen pass, and REJECT for any other.
   */
  wasi_tls_decision (*peer_identity)(void *core, const wasi_tls_bytes *chain, size_t count,
                                     wasi_tls_verify_reason reason, uint32_t depth, uint8_t *alert);
  /**
   * Client: the server asks for an identity. On CONTINUE |*identity| is what identity_new made, or NULL to decline.
   * |request| NULL: none can come any more. An engine that can tell does, before its second flight is made; for one
   * that can't, the core holds that flight back.
   */
  wasi_tls_decision (*identity_request)(void *core, const wasi_tls_backend_identity_request *request, void **identity);
  /**
   * Client of an engine that is not read ahead for (open_record): a handshake message of the server's first flight,
   * without its header, before the engine acts on it. On REJECT, with |*alert| set, it does not keep to what the client
   * has offered: no more of the server's messages needs to be shown, nor anything else asked.
   */
  wasi_tls_decision (*server_message)(void *core, uint8_t type, wasi_tls_bytes body, uint8_t *alert);
  /** Server: the client has answered a post-handshake request, and passed if it sent a chain. */
  void (*post_handshake_done)(void *core);
  /** One line in the NSS key log format. Only if the context was asked for it. */
  void (*key_log)(void *core, const char *line);
} wasi_tls_backend_host;

/** What a context is made from. All borrowed for the call of context_new. */
typedef struct wasi_tls_backend_context_params {
  size_t size;
  const wasi_tls_bytes *server_anchors; /**< DER; whom clients trust */
  size_t server_anchor_count;
  const wasi_tls_bytes *client_anchors; /**< DER; whom servers trust */
  size_t client_anchor_count;
  bool names_authorities;     /**< servers name the client anchors when they ask; else they name nobody */
  const wasi_tls_bytes *crls; /**< DER */
  size_t crl_count;
  wasi_tls_protocol_version min_version;
  wasi_tls_protocol_version max_version;
  const wasi_tls_cipher_suite *cipher_suites; /**< in order of preference */
  size_t cipher_suite_count;
  uint32_t chain_certificates; /**< longest chain to accept */
  bool post_handshake_auth;    /**< clients offer it */
  bool key_log;
  int64_t (*clock)(void *clock_context); /**< never NULL */
  void *clock_context;
} wasi_tls_backend_context_params;

/** How a private key is encoded. */
typedef enum wasi_tls_key_encoding {
  WASI_TLS_KEY_PKCS8 = 0,
  WASI_TLS_KEY_PKCS1,
  WASI_TLS_KEY_SEC1
} wasi_tls_key_encoding;

/**
 * Signs in the place of a private key that is held elsewhere. Both functions store at most |signature_len| bytes in
 * |signature|, and how many in |*len|: a signature as TLS carries it. The core sees to it that the scheme fits the key,
 * and that what comes back can be a signature of it; whether it is one is for the peer to find out.
 * On false the backend ends the handshake with internal_error and answers WASI_TLS_OUTCOME_UNSIGNED.
 */
typedef struct wasi_tls_backend_signer {
  size_t size;             /**< sizeof(wasi_tls_backend_signer) */
  void *core;              /**< passed to both */
  wasi_tls_bytes key_info; /**< the public key, a DER SubjectPublicKeyInfo */
  size_t signature_len;    /**< of the longest signature by the key */
  /** |scheme| is a SignatureScheme (RFC 8446, section 4.2.3), |data| what sign of wasi_tls_signer is given. */
  bool (*sign)(void *core, uint16_t scheme, wasi_tls_bytes data, uint8_t *signature, size_t *len);
  /** RSASSA-PKCS1-v1_5 for an engine that only hands out the DigestInfo (RFC 8017, section 9.2), in DER. */
  bool (*sign_digest_info)(void *core, wasi_tls_bytes digest_info, uint8_t *signature, size_t *len);
} wasi_tls_backend_signer;

/** What a connection is made from. All borrowed for the call of connection_new, except |host|, |core| and |identity|.
 */
typedef struct wasi_tls_backend_connection_params {
  size_t size;
  wasi_tls_role role;
  const wasi_tls_backend_host *host;
  void *core;                 /**< passed to every function of |host| */
  const char *server_name;    /**< client: for SNI; NULL for none */
  const wasi_tls_bytes *alpn; /**< client: to offer, in order; server: the one that was selected, or none */
  size_t alpn_count;
  void *identity;               /**< server: the one that was selected; lives as long as the connection */
  bool request_client_identity; /**< server: ask, and take a client that declines */
  bool post_handshake_auth;     /**< server: the client offered it, so request_client_identity may be called later */
} wasi_tls_backend_connection_params;

/** The negotiated properties. */
typedef struct wasi_tls_backend_info {
  wasi_tls_protocol_version version; /**< 0 while unknown */
  wasi_tls_cipher_suite suite;       /**< 0 while unknown */
  wasi_tls_bytes alpn;               /**< len 0 for none; valid as long as the connection */
} wasi_tls_backend_info;

/**
 * The vtable. Static lifetime, never written to. Contexts and identities may be used by several threads at once;
 * a connection by one at a time. Every entry is given, except where said.
 */
typedef struct wasi_tls_backend {
  size_t size;  /**< sizeof(wasi_tls_backend) */
  uint32_t abi; /**< WASI_TLS_BACKEND_ABI */
  const char *name;
  uint64_t capabilities; /**< bit 1 << wasi_tls_capability */
  /**
   * The NamedGroups (RFC 8446, section 4.2.7) that its servers agree on, if they don't notice that a client has none of
   * them: the core refuses such a client then. NULL in an engine whose servers do.
   */
  const uint16_t *server_groups;
  size_t server_group_count;

  /** The engine library's own version text; static storage. */
  const char *(*version)(void);

  /** Loads all that connections share. OK, _TRUST_STORE, _REVOCATION_LIST, _CIPHER_SUITE, _OUT_OF_MEMORY, _ENGINE. */
  wasi_tls_result (*context_new)(const wasi_tls_backend_context_params *params, void **context,
                                 wasi_tls_backend_report *report);
  void (*context_free)(void *context);

  /**
   * Takes a private key and its chain in DER; copies both. Wipes its copy of the key when freed, which may be after
   * context_free.
   * OK, _KEY_FORMAT, _KEY_TYPE, _KEY_MISMATCH, _CERTIFICATE_FORMAT, _OUT_OF_MEMORY, _ENGINE.
   */
  wasi_tls_result (*identity_new)(void *context, wasi_tls_key_encoding encoding, wasi_tls_bytes key,
                                  const wasi_tls_bytes *chain, size_t count, void **identity);
  void (*identity_free)(void *identity);
  /**
   * As identity_new, with the key held elsewhere: |signer| lives as long as the identity, which identity_free ends as
   * well. Signs nothing yet. NULL without the capability WASI_TLS_CAP_OPAQUE_KEYS.
   * OK, _KEY_TYPE, _CERTIFICATE_FORMAT, _OUT_OF_MEMORY, _ENGINE.
   */
  wasi_tls_result (*identity_new_opaque)(void *context, const wasi_tls_backend_signer *signer,
                                         const wasi_tls_bytes *chain, size_t count, void **identity);

  wasi_tls_result (*connection_new)(void *context, const wasi_tls_backend_connection_params *params, void **connection);
  /** Frees the connection; sends nothing. */
  void (*connection_free)(void *connection);

  /** Goes on with the handshake until it is done (OK) or can't go on. */
  wasi_tls_outcome (*handshake)(void *connection, wasi_tls_backend_report *report);
  /**
   * Cleartext in: 1 to |len| bytes with OK. |len| 0 asks whether there is some: OK if so, with nothing taken.
   * Answers key updates and post-handshake messages on the way.
   */
  wasi_tls_outcome (*read)(void *connection, uint8_t *buffer, size_t len, size_t *count,
                           wasi_tls_backend_report *report);
  /** Cleartext out: takes 1 to |len| bytes with OK. */
  wasi_tls_outcome (*write)(void *connection, const uint8_t *data, size_t len, size_t *count,
                            wasi_tls_backend_report *report);
  /**
   * Sends an alert: 0 is close_notify, after the handshake only; anything else is fatal, at a suspended point or after
   * the handshake, under the keys that the peer expects there. The core sends the alerts of plaintext points by itself.
   * UNSUPPORTED from a client in the handshake: it has no keys yet, so this is one of these points.
   */
  wasi_tls_outcome (*alert)(void *connection, uint8_t alert, wasi_tls_backend_report *report);
  /** Server: sends a post-handshake request. UNSUPPORTED if the peer can't. NULL without that capability. */
  wasi_tls_outcome (*request_client_identity)(void *connection, wasi_tls_backend_report *report);
  /** The properties as far as they are known. */
  void (*info)(void *connection, wasi_tls_backend_info *info);
  /** Calls |visit| with each certificate (DER) of the chain that the peer sent, end entity first, until it answers
   * false. */
  void (*peer_chain)(void *connection, bool (*visit)(void *context, wasi_tls_bytes certificate), void *context);

  /*
   * Two entries of an engine that can't stop at the points of a client's handshake; NULL in one that can. With them the
   * core reads the server's flight before the engine gets it, validates the chain, lets the guest decide on it and on
   * the request for an identity, and only then hands the flight over. Such an engine needs verify_signature too.
   */

  /**
   * Client, TLS 1.3: opens the |sequence|th record (from 0) under the server's handshake keys. |record| is whole, with
   * its header. |plain| has room for |len| bytes and receives the TLSInnerPlaintext (RFC 8446, section 5.2), padding
   * and all. False if the keys are not known yet, or the record is not authentic.
   */
  bool (*open_record)(void *connection, uint64_t sequence, const uint8_t *record, size_t len, uint8_t *plain,
                      size_t *plain_len);
  /** Client: what to answer the request that the engine is about to read; NULL declines. Called at most once. */
  wasi_tls_result (*use_identity)(void *connection, void *identity);

  /**
   * NULL in an engine that validates chains by itself, by the context's anchors, lists and clock, and can tell all the
   * reasons apart. In any other the core validates (RFC 5280) whenever peer_identity is called, and asks here whether
   * |signature| over |data| is one by the key of |key_info|, a DER SubjectPublicKeyInfo. |scheme| is the
   * SignatureScheme (RFC 8446, section 4.2.3) of the algorithm, with any curve for ECDSA; an algorithm that can't be
   * checked is false.
   */
  bool (*verify_signature)(uint16_t scheme, wasi_tls_bytes key_info, wasi_tls_bytes data, wasi_tls_bytes signature);
} wasi_tls_backend;

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * An engine with one defect, which WASI_TLS_MUTATION names: another engine's vtable with one entry changed. The suite
 * has to notice each of them.
 */
#include <stdlib.h>
#include <string.h>

#include "wasi_tls/backend.h"

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

extern const wasi_tls_backend wasi_tls_backend_openssl;
extern EXPORT wasi_tls_backend wasi_tls_backend_mutant;

#define SOUND wasi_tls_backend_openssl

/* The core's side of a connection, as it is and as the engine is shown it. */
typedef struct wrapped {
  void *engine;
  const wasi_tls_backend_host *host;
  void *core;
} wrapped;

static bool is(const char *mutation) {
  const char *chosen = getenv("WASI_TLS_MUTATION");
  return chosen != NULL && strcmp(chosen, mutation) == 0;
}

static wasi_tls_io receive(void *core, uint8_t *buffer, size_t len, size_t *count) {
  wrapped *self = core;
  return self->host->receive(self->core, buffer, len, count);
}

static wasi_tls_io send_bytes(void *core, const uint8_t *data, size_t len, bool alert) {
  wrapped *self = core;
  wasi_tls_io result = self->host->send(self->core, data, len, alert);
  return is("hides-transport-errors") && result == WASI_TLS_IO_FAILED ? WASI_TLS_IO_OK : result;
}

static wasi_tls_decision peer_identity(void *core, const wasi_tls_bytes *chain, size_t count,
                                       wasi_tls_verify_reason reason, uint32_t depth, uint8_t *alert) {
  wrapped *self = core;
  if (is("accepts-any-chain")) reason = WASI_TLS_VERIFY_OK;
  if (is("one-reason-for-all") && reason != WASI_TLS_VERIFY_OK) reason = WASI_TLS_VERIFY_UNTRUSTED;
  wasi_tls_decision decision = self->host->peer_identity(self->core, chain, count, reason, depth, alert);
  if (is("goes-on-where-told-to-stop") && decision == WASI_TLS_DECISION_SUSPEND) return WASI_TLS_DECISION_CONTINUE;
  return is("goes-on-where-refused") && decision == WASI_TLS_DECISION_REJECT ? WASI_TLS_DECISION_CONTINUE : decision;
}

static wasi_tls_decision identity_request(void *core, const wasi_tls_backend_identity_request *request,
                                          void **identity) {
  wrapped *self = core;
  wasi_tls_decision decision = self->host->identity_request(self->core, request, identity);
  if (is("declines-always") && decision == WASI_TLS_DECISION_CONTINUE && request != NULL) *identity = NULL;
  return decision;
}

static wasi_tls_decision server_message(void *core, uint8_t type, wasi_tls_bytes body, uint8_t *alert) {
  wrapped *self = core;
  if (is("shows-no-messages")) return WASI_TLS_DECISION_CONTINUE;
  return self->host->server_message(self->core, type, body, alert);
}

static void post_handshake_done(void *core) {
  wrapped *self = core;
  self->host->post_handshake_done(self->core);
}

static void key_log(void *core, const char *line) {
  wrapped *self = core;
  self->host->key_log(self->core, line);
}

static const wasi_tls_backend_host shown_host = {.size = sizeof(wasi_tls_backend_host),
                                                 .receive = receive,
                                                 .send = send_bytes,
                                                 .peer_identity = peer_identity,
                                                 .identity_request = identity_request,
                                                 .server_message = server_message,
                                                 .post_handshake_done = post_handshake_done,
                                                 .key_log = key_log};

static wasi_tls_result connection_new(void *context, const wasi_tls_backend_connection_params *params,
                                      void **connection) {
  wasi_tls_backend_connection_params changed = *params;
  wrapped *self = malloc(sizeof(*self));
  if (self == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  *self = (wrapped){.host = params->host, .core = params->core};
  changed.host = &shown_host;
  changed.core = self;
  if (is("sends-no-server-name")) changed.server_name = NULL;
  if (is("forgets-protocols")) changed.alpn_count = 0;
  if (is("never-asks-clients")) changed.request_client_identity = false;
  wasi_tls_result result = SOUND.connection_new(context, &changed, &self->engine);
  if (result != WASI_TLS_OK) {
    free(self);
    return result;
  }
  *connection = self;
  return WASI_TLS_OK;
}

static void connection_free(void *connection) {
  wrapped *self = connection;
  SOUND.connection_free(self->engine);
  free(self);
}

static wasi_tls_outcome handshake(void *connection, wasi_tls_backend_report *report) {
  wrapped *self = connection;
  if (is("crashes")) abort();
  for (volatile bool forever = is("hangs"); forever;) {
  }
  wasi_tls_outcome outcome = SOUND.handshake(self->engine, report);
  if (is("tells-no-alert") && outcome == WASI_TLS_OUTCOME_ALERT_RECEIVED) report->alert = WASI_TLS_NO_ALERT;
  return outcome;
}

static wasi_tls_outcome read_cleartext(void *connection, uint8_t *buffer, size_t len, size_t *count,
                                       wasi_tls_backend_report *report) {
  wrapped *self = connection;
  wasi_tls_outcome outcome = SOUND.read(self->engine, buffer, len, count, report);
  if (outcome == WASI_TLS_OUTCOME_CLOSED_TRUNCATED && is("takes-truncation-for-the-end"))
    return WASI_TLS_OUTCOME_CLOSED_CLEAN;
  if (outcome == WASI_TLS_OUTCOME_CLOSED_CLEAN && is("takes-the-end-for-truncation"))
    return WASI_TLS_OUTCOME_CLOSED_TRUNCATED;
  if (outcome == WASI_TLS_OUTCOME_OK && *count > 1 && is("loses-a-byte")) --*count;
  if (outcome == WASI_TLS_OUTCOME_OK && *count > 100 && is("changes-a-byte")) buffer[100] ^= 1;
  return outcome;
}

static wasi_tls_outcome write_cleartext(void *connection, const uint8_t *data, size_t len, size_t *count,
                                        wasi_tls_backend_report *report) {
  wrapped *self = connection;
  wasi_tls_outcome outcome = SOUND.write(self->engine, data, len, count, report);
  if (outcome == WASI_TLS_OUTCOME_OK && is("writes-twice")) (void)SOUND.write(self->engine, data, *count, &len, report);
  return outcome;
}

static wasi_tls_outcome alert(void *connection, uint8_t number, wasi_tls_backend_report *report) {
  wrapped *self = connection;
  if (is(number == 0 ? "never-says-goodbye" : "sends-no-alerts")) return WASI_TLS_OUTCOME_OK;
  if (number != 0 && is("sends-another-alert")) number = 80;
  return SOUND.alert(self->engine, number, report);
}

static wasi_tls_outcome request_client_identity(void *connection, wasi_tls_backend_report *report) {
  wrapped *self = connection;
  return SOUND.request_client_identity(self->engine, report);
}

static void info(void *connection, wasi_tls_backend_info *properties) {
  wrapped *self = connection;
  SOUND.info(self->engine, properties);
  if (is("names-another-suite") && properties->suite != 0) properties->suite = 0x1302;
  if (is("names-another-version") && properties->version != 0) properties->version = WASI_TLS_VERSION_TLS13;
}

/* Who looks at a chain. */
typedef struct viewer {
  bool (*visit)(void *context, wasi_tls_bytes certificate);
  void *context;
} viewer;

static bool visit_leaf(void *context, wasi_tls_bytes certificate) {
  viewer *self = context;
  self->visit(self->context, certificate);
  return false;
}

static void peer_chain(void *connection, bool (*visit)(void *context, wasi_tls_bytes certificate), void *context) {
  wrapped *self = connection;
  viewer leaf_only = {visit, context};
  if (is("shows-the-leaf-only")) {
    SOUND.peer_chain(self->engine, visit_leaf, &leaf_only);
  } else {
    SOUND.peer_chain(self->engine, visit, context);
  }
}

static wasi_tls_result context_new(const wasi_tls_backend_context_params *params, void **context,
                                   wasi_tls_backend_report *report) {
  wasi_tls_backend_context_params changed = *params;
  if (is("ignores-revocation-lists")) changed.crl_count = 0;
  if (is("ignores-the-choice-of-suites")) changed.cipher_suite_count = params->cipher_suite_count > 1 ? 1 : 0;
  return SOUND.context_new(&changed, context, report);
}

wasi_tls_backend wasi_tls_backend_mutant = {.size = sizeof(wasi_tls_backend)};

/* When the module is loaded: what is not changed is the sound engine's. */
__attribute__((constructor)) static void fill_in(void) {
  wasi_tls_backend_mutant = SOUND;
  wasi_tls_backend_mutant.name = "mutant";
  wasi_tls_backend_mutant.context_new = context_new;
  wasi_tls_backend_mutant.connection_new = connection_new;
  wasi_tls_backend_mutant.connection_free = connection_free;
  wasi_tls_backend_mutant.handshake = handshake;
  wasi_tls_backend_mutant.read = read_cleartext;
  wasi_tls_backend_mutant.write = write_cleartext;
  wasi_tls_backend_mutant.alert = alert;
  wasi_tls_backend_mutant.request_client_identity = request_client_identity;
  wasi_tls_backend_mutant.info = info;
  wasi_tls_backend_mutant.peer_chain = peer_chain;
}

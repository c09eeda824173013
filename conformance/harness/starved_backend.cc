// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "starved_backend.h"

#include <dlfcn.h>

#include <cerrno>
#include <memory>

#include "engines.h"
#include "sanitized.h"

extern "C" {
#include "engine.h"
}

#if defined(__GLIBC__) && !CONFORMANCE_SANITIZED
#define OWN_ALLOCATIONS 1
#else
#define OWN_ALLOCATIONS 0
#endif

namespace conformance {

Starvation starvation;

namespace {

// Whether a call of the backend's is under way, and where its code is: of what is allocated then only that is to fail.
bool inside = false;
const void *module_base = nullptr;

const void *module_of(const void *address) {
  Dl_info found;
  return dladdr(address, &found) != 0 ? found.dli_fbase : nullptr;
}

[[maybe_unused]] bool fails(const void *caller) {
  if (!inside || module_of(caller) != module_base) return false;
  bool now = starvation.made++ == starvation.fail_at;
  starvation.failed = starvation.failed || now;
  if (now) errno = ENOMEM;
  return now;
}

class Bracket {
 public:
  explicit Bracket(bool in) : before_(inside) {
    inside = in;
  }
  ~Bracket() {
    inside = before_;
  }
  Bracket(const Bracket &) = delete;
  Bracket &operator=(const Bracket &) = delete;

 private:
  bool before_;
};

template <class Call>
auto within(const Call &call) {
  Bracket bracket(true);
  return call();
}

template <class Call>
auto outside(const Call &call) {
  Bracket bracket(false);
  return call();
}

const wasi_tls_backend *real;

// A connection, and the core's side of it.
struct Wrapped {
  void *engine = nullptr;
  const wasi_tls_backend_host *host = nullptr;
  void *core = nullptr;
};

Wrapped *of(void *pointer) {
  return static_cast<Wrapped *>(pointer);
}

const wasi_tls_backend_host kHost = {
    sizeof(wasi_tls_backend_host),
    [](void *core, uint8_t *buffer, size_t len, size_t *count) {
      return outside([&] { return of(core)->host->receive(of(core)->core, buffer, len, count); });
    },
    [](void *core, const uint8_t *data, size_t len, bool alert) {
      return outside([&] { return of(core)->host->send(of(core)->core, data, len, alert); });
    },
    [](void *core, const wasi_tls_bytes *chain, size_t count, wasi_tls_verify_reason reason, uint32_t depth,
       uint8_t *alert) {
      return outside([&] { return of(core)->host->peer_identity(of(core)->core, chain, count, reason, depth, alert); });
    },
    [](void *core, const wasi_tls_backend_identity_request *request, void **identity) {
      return outside([&] { return of(core)->host->identity_request(of(core)->core, request, identity); });
    },
    [](void *core, uint8_t type, wasi_tls_bytes body, uint8_t *alert) {
      return outside([&] { return of(core)->host->server_message(of(core)->core, type, body, alert); });
    },
    [](void *core) { outside([&] { of(core)->host->post_handshake_done(of(core)->core); }); },
    [](void *core, const char *line) { outside([&] { of(core)->host->key_log(of(core)->core, line); }); },
};

wasi_tls_result connection_new(void *context, const wasi_tls_backend_connection_params *params, void **connection) {
  auto made = std::make_unique<Wrapped>();
  made->host = params->host;
  made->core = params->core;
  wasi_tls_backend_connection_params changed = *params;
  changed.host = &kHost;
  changed.core = made.get();
  wasi_tls_result result = within([&] { return real->connection_new(context, &changed, &made->engine); });
  if (result == WASI_TLS_OK) *connection = made.release();
  return result;
}

void fill_in(wasi_tls_backend *backend) {
  backend->context_new = [](const wasi_tls_backend_context_params *params, void **context,
                            wasi_tls_backend_report *report) {
    return within([&] { return real->context_new(params, context, report); });
  };
  backend->identity_new = [](void *context, wasi_tls_key_encoding encoding, wasi_tls_bytes key,
                             const wasi_tls_bytes *chain, size_t count, void **identity) {
    return within([&] { return real->identity_new(context, encoding, key, chain, count, identity); });
  };
  if (real->identity_new_opaque != nullptr)
    backend->identity_new_opaque = [](void *context, const wasi_tls_backend_signer *signer, const wasi_tls_bytes *chain,
                                      size_t count, void **identity) {
      return within([&] { return real->identity_new_opaque(context, signer, chain, count, identity); });
    };
  backend->connection_new = connection_new;
  backend->connection_free = [](void *connection) {
    real->connection_free(of(connection)->engine);
    delete of(connection);
  };
  backend->handshake = [](void *connection, wasi_tls_backend_report *report) {
    return within([&] { return real->handshake(of(connection)->engine, report); });
  };
  backend->read = [](void *connection, uint8_t *buffer, size_t len, size_t *count, wasi_tls_backend_report *report) {
    return within([&] { return real->read(of(connection)->engine, buffer, len, count, report); });
  };
  backend->write = [](void *connection, const uint8_t *data, size_t len, size_t *count,
                      wasi_tls_backend_report *report) {
    return within([&] { return real->write(of(connection)->engine, data, len, count, report); });
  };
  backend->alert = [](void *connection, uint8_t alert, wasi_tls_backend_report *report) {
    return within([&] { return real->alert(of(connection)->engine, alert, report); });
  };
  backend->info = [](void *connection, wasi_tls_backend_info *info) {
    within([&] { real->info(of(connection)->engine, info); });
  };
  backend->peer_chain = [](void *connection, bool (*visit)(void *, wasi_tls_bytes), void *context) {
    real->peer_chain(of(connection)->engine, visit, context);
  };
  if (real->request_client_identity != nullptr)
    backend->request_client_identity = [](void *connection, wasi_tls_backend_report *report) {
      return within([&] { return real->request_client_identity(of(connection)->engine, report); });
    };
  if (real->open_record != nullptr)
    backend->open_record = [](void *connection, uint64_t sequence, const uint8_t *record, size_t len, uint8_t *plain,
                              size_t *plain_len) {
      return within([&] { return real->open_record(of(connection)->engine, sequence, record, len, plain, plain_len); });
    };
  if (real->use_identity != nullptr)
    backend->use_identity = [](void *connection, void *identity) {
      return within([&] { return real->use_identity(of(connection)->engine, identity); });
    };
  if (real->verify_signature != nullptr)
    backend->verify_signature = [](uint16_t scheme, wasi_tls_bytes key, wasi_tls_bytes data, wasi_tls_bytes signature) {
      return within([&] { return real->verify_signature(scheme, key, data, signature); });
    };
}

}  // namespace

bool can_starve() {
  return OWN_ALLOCATIONS != 0;
}

const wasi_tls_backend *starved(const std::string &engine) {
  static wasi_tls_backend backend;
  const Engine *found = find_engine(engine);
  real = found->backend != nullptr ? found->backend : wtls_engine_find(engine.c_str());
  module_base = module_of(reinterpret_cast<const void *>(real->handshake));
  backend = *real;
  fill_in(&backend);
  return &backend;
}

}  // namespace conformance

#if OWN_ALLOCATIONS
// The program's own take the place of the C library's, for the engines too.
extern "C" {
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size) noexcept {
  return conformance::fails(__builtin_return_address(0)) ? nullptr : __libc_malloc(size);
}
void *calloc(size_t count, size_t size) noexcept {
  return conformance::fails(__builtin_return_address(0)) ? nullptr : __libc_calloc(count, size);
}
void *realloc(void *memory, size_t size) noexcept {
  return conformance::fails(__builtin_return_address(0)) ? nullptr : __libc_realloc(memory, size);
}
}
#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The engines under test: those built in, and one that was loaded.
#ifndef WASI_TLS_CONFORMANCE_ENGINES_H
#define WASI_TLS_CONFORMANCE_ENGINES_H

#include <string>
#include <vector>

#include "wasi_tls/wasi_tls.h"

struct wasi_tls_backend;

namespace conformance {

struct Engine {
  std::string name;
  const wasi_tls_backend *backend = nullptr;  // of one that was loaded; NULL: built in
};

// All that can be tested.
const std::vector<Engine> &known_engines();
// Loads an engine from a shared object that exports its vtable as |wasi_tls_backend_<name>|. Empty on success, else
// what is wrong with it.
std::string load_engine(const std::string &file);
const Engine *find_engine(const std::string &name);

bool engine_supports(const std::string &name, wasi_tls_capability capability);
bool engine_speaks(const std::string &name, wasi_tls_protocol_version version);
std::string engine_version(const std::string &name);
// Makes |options| ask for the engine.
void choose_engine(const std::string &name, wasi_tls_config_options *options);

}  // namespace conformance

#endif

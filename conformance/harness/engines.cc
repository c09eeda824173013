// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "engines.h"

#include <dlfcn.h>

#include "wasi_tls/backend.h"

namespace conformance {

namespace {

std::vector<Engine> &list() {
  static std::vector<Engine> engines = [] {
    std::vector<Engine> built_in;
    for (size_t i = 0; i < wasi_tls_engine_count(); i++) built_in.push_back({wasi_tls_engine_name(i), nullptr});
    return built_in;
  }();
  return engines;
}

// "<folder>/libwasi-tls-backend-<name>.so", "<folder>/<name>.so" and the like: what stands between the last "-" or "/"
// and the first "." behind it.
std::string name_in(const std::string &file) {
  std::string base = file.substr(file.find_last_of('/') + 1);
  base = base.substr(0, base.find('.'));
  return base.substr(base.find_last_of('-') + 1);
}

}  // namespace

const std::vector<Engine> &known_engines() {
  return list();
}

std::string load_engine(const std::string &file) {
  // Never closed: engines keep state of their own until the process ends.
  void *library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return dlerror();
  std::string symbol = "wasi_tls_backend_" + name_in(file);
  auto *backend = static_cast<const wasi_tls_backend *>(dlsym(library, symbol.c_str()));
  if (backend == nullptr) return file + " exports no " + symbol;
  if (backend->abi != WASI_TLS_BACKEND_ABI)
    return file + " has backend ABI " + std::to_string(backend->abi) + ", and this suite needs " +
           std::to_string(WASI_TLS_BACKEND_ABI);
  if (find_engine(backend->name) != nullptr) return std::string(backend->name) + " is there already";
  list().push_back({backend->name, backend});
  return "";
}

const Engine *find_engine(const std::string &name) {
  for (const Engine &engine : list())
    if (engine.name == name) return &engine;
  return nullptr;
}

bool engine_supports(const std::string &name, wasi_tls_capability capability) {
  const Engine *engine = find_engine(name);
  if (engine != nullptr && engine->backend != nullptr) return (engine->backend->capabilities >> capability & 1) != 0;
  return wasi_tls_engine_supports(name.c_str(), capability);
}

bool engine_speaks(const std::string &name, wasi_tls_protocol_version version) {
  return engine_supports(name, version == WASI_TLS_VERSION_TLS12 ? WASI_TLS_CAP_TLS12 : WASI_TLS_CAP_TLS13);
}

std::string engine_version(const std::string &name) {
  const Engine *engine = find_engine(name);
  const char *version = engine != nullptr && engine->backend != nullptr ? engine->backend->version()
                                                                        : wasi_tls_engine_version(name.c_str());
  return version == nullptr ? "" : version;
}

void choose_engine(const std::string &name, wasi_tls_config_options *options) {
  const Engine *engine = find_engine(name);
  options->engine = name.empty() ? nullptr : name.c_str();
  if (engine != nullptr && engine->backend != nullptr) options->backend = engine->backend;
}

}  // namespace conformance

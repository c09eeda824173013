// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Outsiders: peers that are none of the engines under test. One process of Python (conformance/outsiders) plays them,
// one connection after another, and tells what it saw.
#ifndef WASI_TLS_CONFORMANCE_OUTSIDER_H
#define WASI_TLS_CONFORMANCE_OUTSIDER_H

#include <sys/types.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

namespace conformance {

using Deadline = std::chrono::steady_clock::time_point;

class Outsiders {
 public:
  // Those of this process, which are called at the first use. A fork calls its own.
  static Outsiders &call();
  ~Outsiders();
  Outsiders(const Outsiders &) = delete;

  // What is missing, in a sentence; empty if nothing is.
  const std::string &missing() const {
    return missing_;
  }
  // A connection over which |order| has been given. It does not block. -1 on failure.
  int meet(const nlohmann::json &order) const;
  // What the outsider saw in the connection that is over; null if it does not say so in time.
  nlohmann::json report(Deadline until);

 private:
  Outsiders();
  bool start();
  std::string read_line(Deadline until);

  std::string missing_;
  pid_t process_ = -1;
  int input_ = -1;   // that it ends with
  int output_ = -1;  // what it says
  std::string said_;
  uint16_t port_ = 0;
};

}  // namespace conformance

#endif

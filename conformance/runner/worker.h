// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A process that runs some cases of one chapter and pairing, and tells of each through a pipe.
#ifndef WASI_TLS_CONFORMANCE_WORKER_H
#define WASI_TLS_CONFORMANCE_WORKER_H

#include <sys/types.h>

#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "report.h"

namespace conformance {

// Cases that run in one process: they have the pairing in common.
struct Unit {
  std::string suite;               // "<chapter>/<client>_<server>_<tls12|tls13>"
  std::vector<Run> pending;        // with names and engines, not yet run
  std::vector<std::string> names;  // of the cases, as the test framework has them
};

class Worker {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Worker(Unit unit) : unit_(std::move(unit)) {}
  Worker(const Worker &) = delete;

  // Starts the process. The calling process must have one thread.
  void start();
  // Where news come in; -1 behind the end.
  int descriptor() const {
    return pipe_;
  }
  // Takes news in, and adds runs that have come to their end. False when there is no more to come.
  bool take_news(std::vector<Run> *runs);
  // Ends the process if there was no news for that long.
  void end_if_late(std::chrono::seconds allowed);
  // After the end: what is left to run in another process (nothing: empty), and what is to be said of this one's end.
  Unit finish(std::vector<Run> *runs, std::vector<std::string> *complaints);

 private:
  void take_line(const std::string &line, std::vector<Run> *runs);
  std::string last_words() const;

  Unit unit_;
  size_t done_ = 0;       // of the unit's cases
  bool running_ = false;  // a case
  bool late_ = false;
  Clock::time_point since_;  // when there was news last
  pid_t process_ = -1;
  int pipe_ = -1;
  int errors_ = -1;  // what it says on standard error
  std::string news_;
};

}  // namespace conformance

#endif

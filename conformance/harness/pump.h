// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs waiting tasks fairly, by wake-ups only. A task that is asked again and again without anything moving fails the
// test: that would be a busy loop.
#ifndef WASI_TLS_CONFORMANCE_PUMP_H
#define WASI_TLS_CONFORMANCE_PUMP_H

#include <deque>
#include <functional>
#include <memory>

#include "wire.h"

namespace conformance {

class Pump {
 public:
  // Goes as far as it can; true when done, else the waker is registered where the wait is.
  using Task = std::function<bool(wasi_tls_waker)>;

  explicit Pump(const Wire *wire) : wire_(wire) {}

  void add(std::string name, Task task);
  // Adds a task that waits for |pollable| (which must outlive the wait) and then does |then|.
  void await(std::string name, wasi_tls_pollable *pollable, std::function<void()> then);
  // Until no task is awake.
  void run();
  // How often tasks were asked.
  size_t asked() const {
    return asked_;
  }
  // Tasks that have not come to their end.
  size_t waiting() const;
  // Forgets all tasks; wakers that are still registered stay harmless.
  void forget();

 private:
  struct Node {
    Pump *pump;
    std::string name;
    Task task;
    bool awake;
    size_t fruitless;
    size_t seen_progress;
  };
  static void wake(void *context);
  bool ask(Node *node);

  const Wire *wire_;
  // Nodes live as long as the pump: whoever holds a waker may use it until then.
  std::vector<std::unique_ptr<Node>> nodes_;
  std::deque<Node *> awake_;
  size_t asked_ = 0;
};

}  // namespace conformance

#endif

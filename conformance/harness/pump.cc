// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "pump.h"

#include <gtest/gtest.h>

namespace conformance {

namespace {
// A step takes a few turns of its task between two moves of a byte; a busy loop takes them without end.
constexpr size_t kMostFruitless = 64;
}  // namespace

void Pump::wake(void *context) {
  Node *node = static_cast<Node *>(context);
  if (node->awake || node->task == nullptr) return;
  node->awake = true;
  node->pump->awake_.push_back(node);
}

void Pump::add(std::string name, Task task) {
  nodes_.push_back(std::make_unique<Node>(Node{this, std::move(name), std::move(task), false, 0, 0}));
  wake(nodes_.back().get());
}

void Pump::await(std::string name, wasi_tls_pollable *pollable, std::function<void()> then) {
  add(std::move(name), [pollable, then = std::move(then)](wasi_tls_waker waker) {
    if (!wasi_tls_pollable_poll(pollable, waker)) return false;
    then();
    return true;
  });
}

bool Pump::ask(Node *node) {
  asked_++;
  size_t progress = wire_->progress();
  node->fruitless = progress == node->seen_progress ? node->fruitless + 1 : 0;
  node->seen_progress = progress;
  if (node->fruitless > kMostFruitless) {
    ADD_FAILURE() << "busy: '" << node->name << "' was woken " << kMostFruitless << " times with nothing moving";
    node->task = nullptr;
    return false;
  }
  // The task may add tasks, and may be forgotten by what it does.
  Task task = node->task;
  if (task({wake, node})) node->task = nullptr;
  return true;
}

void Pump::run() {
  while (!awake_.empty()) {
    Node *node = awake_.front();
    awake_.pop_front();
    node->awake = false;
    if (node->task != nullptr && !ask(node)) return;
  }
}

size_t Pump::waiting() const {
  size_t count = 0;
  for (const auto &node : nodes_) count += node->task != nullptr ? 1 : 0;
  return count;
}

void Pump::forget() {
  for (const auto &node : nodes_) node->task = nullptr;
}

}  // namespace conformance

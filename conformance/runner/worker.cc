// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "worker.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

namespace conformance {

namespace {

using nlohmann::json;

constexpr char kCountPrefix[] = "count: ";

// Tells the beginning and the end of each case, a line each.
class Teller : public testing::EmptyTestEventListener {
 public:
  explicit Teller(int pipe) : pipe_(pipe) {}

  void OnTestStart(const testing::TestInfo &) override {
    message_.clear();
    tell({{"began", true}});
  }
  void OnTestPartResult(const testing::TestPartResult &part) override {
    if (!part.failed()) return;
    const char *file = part.file_name() == nullptr ? "" : part.file_name();
    const char *base = std::strrchr(file, '/');
    message_ += std::string(base == nullptr ? file : base + 1) + ":" + std::to_string(part.line_number()) + ": " +
                part.message() + "\n";
  }
  void OnTestEnd(const testing::TestInfo &info) override {
    const testing::TestResult &result = *info.result();
    json counts = json::array();
    for (int i = 0; i < result.test_property_count(); i++) {
      std::string key = result.GetTestProperty(i).key();
      if (key.rfind(kCountPrefix, 0) != 0) continue;
      counts.push_back({key.substr(std::strlen(kCountPrefix)), std::stoull(result.GetTestProperty(i).value())});
    }
    tell({{"passed", result.Passed()},
          {"seconds", static_cast<double>(result.elapsed_time()) / 1000},
          {"message", message_},
          {"counts", counts}});
  }

 private:
  void tell(const json &news) {
    std::string line = news.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    for (size_t at = 0; at < line.size();) {
      ssize_t written = write(pipe_, line.data() + at, line.size() - at);
      if (written <= 0) _exit(2);
      at += static_cast<size_t>(written);
    }
  }

  int pipe_;
  std::string message_;
};

[[noreturn]] void live(const Unit &unit, int pipe) {
  std::string filter;
  for (const std::string &name : unit.names) filter += (filter.empty() ? "" : ":") + unit.suite + "." + name;
  testing::GTEST_FLAG(filter) = filter;
  testing::TestEventListeners &listeners = testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(new Teller(pipe));
  int failed = RUN_ALL_TESTS();
  // Static objects and the leak checker have their say: no _exit.
  std::exit(failed == 0 || unit.names.empty() ? 0 : 1);
}

int unnamed_file() {
  std::FILE *file = std::tmpfile();
  int descriptor = file == nullptr ? -1 : dup(fileno(file));
  if (file != nullptr) std::fclose(file);
  return descriptor;
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return std::string("ended by ") + strsignal(WTERMSIG(status));
  return "ended with " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

void Worker::start() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
  errors_ = unnamed_file();
  std::fflush(nullptr);
  process_ = fork();
  if (process_ < 0) std::abort();
  if (process_ == 0) {
    close(ends[0]);
    if (errors_ >= 0) {
      dup2(errors_, STDOUT_FILENO);
      dup2(errors_, STDERR_FILENO);
    }
    live(unit_, ends[1]);
  }
  close(ends[1]);
  pipe_ = ends[0];
  since_ = Clock::now();
}

bool Worker::take_news(std::vector<Run> *runs) {
  char buffer[65536];
  ssize_t count = read(pipe_, buffer, sizeof(buffer));
  if (count < 0 && errno == EINTR) return true;
  if (count <= 0) {
    close(std::exchange(pipe_, -1));
    return false;
  }
  news_.append(buffer, static_cast<size_t>(count));
  for (size_t end; (end = news_.find('\n')) != std::string::npos; news_.erase(0, end + 1))
    take_line(news_.substr(0, end), runs);
  return true;
}

void Worker::take_line(const std::string &line, std::vector<Run> *runs) {
  json news = json::parse(line);
  since_ = Clock::now();
  running_ = news.contains("began");
  if (running_) return;
  Run run = unit_.pending.at(done_++);
  run.verdict = news["passed"] ? Verdict::kPassed : Verdict::kFailed;
  run.seconds = news["seconds"];
  run.message = news["message"];
  for (const json &count : news["counts"]) run.counts.emplace_back(count[0], count[1]);
  runs->push_back(run);
}

void Worker::end_if_late(std::chrono::seconds allowed) {
  if (late_ || Clock::now() - since_ < allowed) return;
  late_ = true;
  kill(process_, SIGKILL);
}

std::string Worker::last_words() const {
  constexpr off_t kEnough = 8000;
  off_t size = errors_ < 0 ? 0 : lseek(errors_, 0, SEEK_END);
  std::string text(static_cast<size_t>(std::min(size, kEnough)), '\0');
  if (!text.empty() && pread(errors_, text.data(), text.size(), std::max<off_t>(0, size - kEnough)) < 0) text.clear();
  return text;
}

Unit Worker::finish(std::vector<Run> *runs, std::vector<std::string> *complaints) {
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  std::string words = how_it_ended(status) + "\n" + last_words();
  if (errors_ >= 0) close(errors_);
  size_t done = done_;
  if (running_) {
    Run run = unit_.pending.at(done++);
    run.verdict = late_ ? Verdict::kHung : Verdict::kCrashed;
    run.seconds = std::chrono::duration<double>(Clock::now() - since_).count();
    run.message = late_ ? "did not come to its end" : words;
    runs->push_back(run);
  } else if (!WIFEXITED(status) || WEXITSTATUS(status) > 1 || done != unit_.names.size()) {
    complaints->push_back(unit_.suite + ": " + words);
    return {};
  }
  auto left = static_cast<std::ptrdiff_t>(done);
  return {unit_.suite, std::vector<Run>(unit_.pending.begin() + left, unit_.pending.end()),
          std::vector<std::string>(unit_.names.begin() + left, unit_.names.end())};
}

}  // namespace conformance

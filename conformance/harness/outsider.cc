// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "outsider.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>

extern char **environ;

namespace conformance {

namespace {

using nlohmann::json;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kStart(60);  // an interpreter's, on a busy machine

std::string from_environment(const char *name) {
  const char *value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string first_that_exists(const std::vector<std::filesystem::path> &paths) {
  std::error_code ignored;
  for (const auto &path : paths)
    if (std::filesystem::exists(path, ignored)) return path;
  return "";
}

// Beside the installed program, or in the tree that it was built from.
std::string script() {
  std::string folder = from_environment("WASI_TLS_CONFORMANCE_OUTSIDERS");
  if (!folder.empty()) return folder + "/peer.py";
  std::error_code ignored;
  auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  auto installed = program.parent_path().parent_path() / "share/wasi-tls/conformance/outsiders/peer.py";
  return first_that_exists({installed, WASI_TLS_OUTSIDERS_SOURCE "/peer.py"});
}

std::string interpreter() {
  std::string chosen = from_environment("WASI_TLS_CONFORMANCE_PYTHON");
  if (!chosen.empty()) return chosen;
  std::string prepared = first_that_exists({WASI_TLS_OUTSIDERS_PYTHON});
  return prepared.empty() ? "python3" : prepared;
}

int milliseconds_to(Deadline until) {
  auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_clock::now()).count();
  return static_cast<int>(std::max<decltype(left)>(left, 0));
}

bool write_all(int to, const std::string &text) {
  for (size_t at = 0; at < text.size();) {
    ssize_t written = send(to, text.data() + at, text.size() - at, MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += static_cast<size_t>(written);
  }
  return true;
}

}  // namespace

Outsiders &Outsiders::call() {
  static Outsiders here;
  return here;
}

Outsiders::Outsiders() {
  if (!start())
    missing_ =
        "the outsiders need Python 3 with tlslite-ng: run ci/outsiders, or install what "
        "conformance/outsiders/requirements.txt lists and name its Python in WASI_TLS_CONFORMANCE_PYTHON";
}

bool Outsiders::start() {
  std::array<int, 2> in, out;
  if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) return false;
  std::string python = interpreter(), file = script();
  char unbuffered[] = "-B";  // leaves no compiled files in a tree that is not its own
  std::array<char *, 4> arguments = {python.data(), unbuffered, file.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  int failed = posix_spawnp(&process_, python.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  input_ = in[1];
  output_ = out[0];
  if (failed != 0) process_ = -1;
  port_ = static_cast<uint16_t>(std::atoi(read_line(steady_clock::now() + kStart).c_str()));
  return port_ != 0;
}

Outsiders::~Outsiders() {
  close(input_);
  close(output_);
  if (process_ < 0) return;
  kill(process_, SIGKILL);
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

int Outsiders::meet(const json &order) const {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int at_once = 1;
  if (made < 0) return -1;
  if (connect(made, reinterpret_cast<const sockaddr *>(&address), sizeof(address)) == 0 &&
      setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once)) == 0 &&
      write_all(made, order.dump() + "\n") && fcntl(made, F_SETFL, O_NONBLOCK) == 0)
    return made;
  close(made);
  return -1;
}

std::string Outsiders::read_line(Deadline until) {
  for (;;) {
    size_t end = said_.find('\n');
    if (end != std::string::npos) {
      std::string line = said_.substr(0, end);
      said_.erase(0, end + 1);
      return line;
    }
    pollfd polled = {output_, POLLIN, 0};
    if (poll(&polled, 1, milliseconds_to(until)) <= 0) return "";
    std::array<char, 4096> buffer;
    ssize_t count = read(output_, buffer.data(), buffer.size());
    if (count <= 0) return "";
    said_.append(buffer.data(), static_cast<size_t>(count));
  }
}

json Outsiders::report(Deadline until) {
  return json::parse(read_line(until), nullptr, false);
}

}  // namespace conformance

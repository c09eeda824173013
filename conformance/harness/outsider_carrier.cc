// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "outsider_carrier.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>

namespace conformance {

bool Carrier::carry(Deadline until) {
  while (!peer_closed_ || !ended_) {
    advance();
    send_output();
    if (peer_closed_ && ended_) break;
    short wanted = wasi_tls_endpoint_output(endpoint_).len != 0 ? POLLIN | POLLOUT : POLLIN;
    pollfd polled = {socket_, wanted, 0};
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0 || poll(&polled, 1, static_cast<int>(left.count())) <= 0) return false;
    if ((polled.revents & ~POLLOUT) != 0) receive();
  }
  return true;
}

void Carrier::advance() {
  if (ended_) return;
  if (!open_) {
    met_->handshake = wasi_tls_endpoint_drive(endpoint_);
    if (met_->handshake == WASI_TLS_PENDING) return;
    open_ = met_->handshake == WASI_TLS_OK;
    if (!open_) return end();
  }
  greet();
  read_all();
}

// Waits until the handshake's last bytes are sent.
void Carrier::greet() {
  const Bytes greeting = to_bytes(kFromEngine);
  size_t permit = 0;
  if (greeted_ || wasi_tls_endpoint_check_write(endpoint_, &permit) != WASI_TLS_OK || permit < greeting.size()) return;
  greeted_ = true;
  EXPECT_EQ(wasi_tls_endpoint_write(endpoint_, greeting.data(), greeting.size()), WASI_TLS_OK);
}

void Carrier::read_all() {
  std::array<uint8_t, 4096> buffer;
  for (;;) {
    size_t count = 0;
    wasi_tls_result result = wasi_tls_endpoint_read(endpoint_, buffer.data(), buffer.size(), &count);
    met_->received.insert(met_->received.end(), buffer.begin(), buffer.begin() + count);
    if (result == WASI_TLS_OK) continue;
    met_->read = result;
    if (result != WASI_TLS_PENDING) end();
    return;
  }
}

void Carrier::end() {
  ended_ = true;
  wasi_tls_properties properties = {};
  properties.size = sizeof(properties);
  if (wasi_tls_endpoint_properties(endpoint_, &properties) == WASI_TLS_OK) met_->suite = properties.cipher_suite;
  (void)wasi_tls_endpoint_last_error(endpoint_, &met_->error);
  if (met_->read == WASI_TLS_ERR_CLOSED) {
    EXPECT_EQ(wasi_tls_endpoint_close(endpoint_), WASI_TLS_OK);
  }
}

// Once all is said this direction is closed, but what comes is taken in all the same: a socket that is closed with
// bytes unread takes back what the other side has not read yet, such as an alert.
void Carrier::send_output() {
  for (;;) {
    if (open_ && !ended_) greet();
    wasi_tls_bytes output = wasi_tls_endpoint_output(endpoint_);
    if (output.len == 0) break;
    ssize_t sent = send(socket_, output.data, output.len, MSG_NOSIGNAL);
    if (sent <= 0) return;
    wasi_tls_endpoint_output_sent(endpoint_, static_cast<size_t>(sent));
  }
  if (!ended_ || shut_) return;
  shut_ = true;
  (void)shutdown(socket_, SHUT_WR);
}

void Carrier::receive() {
  std::array<uint8_t, 16384> buffer;
  ssize_t count = recv(socket_, buffer.data(), buffer.size(), 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count > 0) {
    waiting_.insert(waiting_.end(), buffer.begin(), buffer.begin() + count);
  } else {
    peer_closed_ = true;
  }
  while (!ended_ && !waiting_.empty()) {
    size_t accepted = 0;
    EXPECT_EQ(wasi_tls_endpoint_input(endpoint_, waiting_.data(), waiting_.size(), &accepted), WASI_TLS_OK);
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(accepted));
    advance();
    if (accepted == 0) break;
  }
  if (!peer_closed_ || ended_) return;
  wasi_tls_endpoint_input_end(endpoint_);
  advance();
}

}  // namespace conformance

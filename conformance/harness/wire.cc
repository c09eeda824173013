// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "wire.h"

#include <algorithm>
#include <cstring>

namespace conformance {

namespace {

void wake_once(wasi_tls_waker *slot) {
  wasi_tls_waker waker = std::exchange(*slot, wasi_tls_waker{nullptr, nullptr});
  if (waker.wake != nullptr) waker.wake(waker.context);
}

}  // namespace

void Channel::wake_reader() {
  wake_once(&reader_waker_);
}

void Channel::wake_reader_if_ready() {
  if (readable() != 0) wake_reader();
}

void Channel::wake_writer() {
  wake_once(&writer_waker_);
}

void Channel::set_capacity(size_t capacity) {
  capacity_ = capacity;
  wake_writer();
}

void Channel::set_chop(size_t limit) {
  chop_ = limit;
}

void Channel::stop_reads(bool stopped) {
  reads_stopped_ = stopped;
  wake_reader();
}

void Channel::stop_writes(bool stopped) {
  writes_stopped_ = stopped;
  wake_writer();
}

void Channel::cut_at(size_t offset) {
  cut_ = offset;
  wake_reader();
}

void Channel::pause_at(size_t offset) {
  pause_ = offset;
  wake_reader();
}

void Channel::fail_read_call(size_t call) {
  fail_read_ = call;
  wake_reader();
}

void Channel::fail_write_call(size_t call) {
  fail_write_ = call;
  wake_writer();
}

void Channel::fail_flush_call(size_t call) {
  fail_flush_ = call;
  wake_writer();
}

void Channel::block_read_call(size_t call) {
  block_read_ = call;
}

void Channel::block_write_call(size_t call) {
  block_write_ = call;
}

void Channel::unblock() {
  block_read_ = block_write_ = kNever;
  wake_reader();
  wake_writer();
}

void Channel::flip(size_t offset, uint8_t mask) {
  flips_[offset] = mask;
}

void Channel::hold_flush(bool held) {
  flush_held_ = held;
  if (!held) flushing_ = false;
  wake_writer();
}

void Channel::inject(const Bytes &bytes) {
  transcript_.insert(transcript_.end(), bytes.begin(), bytes.end());
  wake_reader_if_ready();
}

void Channel::forget_what_was_read() {
  forgetting_ = true;
}

void Channel::forget_some() {
  constexpr size_t kWorthIt = size_t{1} << 20;
  size_t read = read_offset_ - forgotten_;
  if (!forgetting_ || read < kWorthIt) return;
  transcript_.erase(transcript_.begin(), transcript_.begin() + static_cast<ptrdiff_t>(read));
  forgotten_ = read_offset_;
}

bool Channel::at_end() const {
  return read_offset_ >= cut_ || (writer_dropped_ && read_offset_ == written());
}

size_t Channel::readable() const {
  if (reads_stopped_ || reads_.calls >= block_read_) return 0;
  size_t end = std::min({written(), cut_, pause_});
  return end > read_offset_ ? std::min(end - read_offset_, chop_) : 0;
}

size_t Channel::permit() const {
  if (writes_stopped_ || flushing_ || waiting() >= capacity_) return 0;
  return std::min(capacity_ - waiting(), chop_);
}

bool Channel::fails(size_t calls, size_t at) const {
  return at != kNever && calls >= at;
}

wasi_tls_result Channel::read(uint8_t *buffer, size_t len, size_t *count) {
  *count = 0;
  if (len == 0) return WASI_TLS_OK;
  reads_.calls++;
  if (read_failed_) return WASI_TLS_ERR_CLOSED;
  if (fails(reads_.calls, fail_read_)) {
    read_failed_ = true;
    return WASI_TLS_ERR_TRANSPORT_READ;
  }
  size_t some = std::min(readable(), len);
  if (some == 0) return at_end() && reads_.calls < block_read_ ? WASI_TLS_ERR_CLOSED : WASI_TLS_OK;
  std::memcpy(buffer, transcript_.data() + (read_offset_ - forgotten_), some);
  for (auto it = flips_.lower_bound(read_offset_); it != flips_.end() && it->first < read_offset_ + some; ++it) {
    buffer[it->first - read_offset_] ^= it->second;
  }
  read_offset_ += some;
  reads_.bytes += some;
  forget_some();
  *count = some;
  if (permit() != 0) wake_writer();
  return WASI_TLS_OK;
}

wasi_tls_result Channel::check_write(size_t *permitted) {
  *permitted = 0;
  writes_.calls++;
  if (write_failed_ || reader_dropped_) return WASI_TLS_ERR_CLOSED;
  if (fails(writes_.calls, fail_write_)) {
    write_failed_ = true;
    return WASI_TLS_ERR_TRANSPORT_WRITE;
  }
  *permitted = writes_.calls >= block_write_ ? 0 : permit();
  return WASI_TLS_OK;
}

wasi_tls_result Channel::write(const uint8_t *data, size_t len) {
  writes_.calls++;
  if (write_failed_ || reader_dropped_) return WASI_TLS_ERR_CLOSED;
  if (fails(writes_.calls, fail_write_)) {
    write_failed_ = true;
    return WASI_TLS_ERR_TRANSPORT_WRITE;
  }
  if (len > permit()) return WASI_TLS_ERR_PERMIT_EXCEEDED;
  transcript_.insert(transcript_.end(), data, data + len);
  writes_.bytes += len;
  wake_reader_if_ready();
  return WASI_TLS_OK;
}

std::vector<Record> Channel::records() const {
  std::vector<Record> records;
  size_t at = 0;
  while (transcript_.size() - at >= 5) {
    const uint8_t *header = transcript_.data() + at;
    size_t len = static_cast<size_t>(header[3]) << 8 | header[4];
    if (transcript_.size() - at - 5 < len) break;
    records.push_back({header[0], static_cast<uint16_t>(header[1] << 8 | header[2]), at,
                       Bytes(header + 5, header + 5 + static_cast<ptrdiff_t>(len))});
    at += 5 + len;
  }
  return records;
}

size_t Channel::count_records(uint8_t type) const {
  size_t count = 0;
  for (const Record &record : records()) count += record.type == type ? 1 : 0;
  return count;
}

std::vector<uint8_t> Channel::plain_alerts() const {
  std::vector<uint8_t> alerts;
  for (const Record &record : records()) {
    if (record.type == kAlert && record.body.size() == 2) alerts.push_back(record.body[1]);
  }
  return alerts;
}

// The two ends, as the library sees them.
struct WireInput {
  wasi_tls_input_stream base;
  std::shared_ptr<Channel> channel;

  static WireInput *of(const wasi_tls_input_stream *self) {
    return reinterpret_cast<WireInput *>(const_cast<wasi_tls_input_stream *>(self));
  }
  static wasi_tls_result read(wasi_tls_input_stream *self, uint8_t *buffer, size_t len, size_t *count) {
    return of(self)->channel->read(buffer, len, count);
  }
  static bool poll(wasi_tls_input_stream *self, wasi_tls_waker waker) {
    Channel &channel = *of(self)->channel;
    channel.reads_.polls++;
    bool failing = channel.read_failed_ || channel.fails(channel.reads_.calls + 1, channel.fail_read_);
    bool blocked = channel.reads_stopped_ || channel.reads_.calls >= channel.block_read_;
    if (channel.readable() != 0 || failing || (channel.at_end() && !blocked)) return true;
    if (waker.wake != nullptr) channel.reader_waker_ = waker;
    return false;
  }
  static bool last_error(const wasi_tls_input_stream *self, wasi_tls_error *error) {
    if (!of(self)->channel->read_failed_) return false;
    error->result = WASI_TLS_ERR_TRANSPORT_READ;
    return true;
  }
  static void drop(wasi_tls_input_stream *self) {
    WireInput *input = of(self);
    input->channel->reader_dropped_ = true;
    input->channel->reader_waker_ = {nullptr, nullptr};
    input->channel->wake_writer();
    delete input;
  }
};

struct WireOutput {
  wasi_tls_output_stream base;
  std::shared_ptr<Channel> channel;

  static WireOutput *of(const wasi_tls_output_stream *self) {
    return reinterpret_cast<WireOutput *>(const_cast<wasi_tls_output_stream *>(self));
  }
  static wasi_tls_result check_write(wasi_tls_output_stream *self, size_t *permit) {
    return of(self)->channel->check_write(permit);
  }
  static wasi_tls_result write(wasi_tls_output_stream *self, const uint8_t *data, size_t len) {
    return of(self)->channel->write(data, len);
  }
  static wasi_tls_result flush(wasi_tls_output_stream *self) {
    Channel &channel = *of(self)->channel;
    channel.flushes_++;
    if (channel.write_failed_ || channel.reader_dropped_) return WASI_TLS_ERR_CLOSED;
    if (channel.fails(channel.flushes_, channel.fail_flush_)) {
      channel.write_failed_ = true;
      return WASI_TLS_ERR_TRANSPORT_WRITE;
    }
    channel.flushing_ = channel.flush_held_;
    return WASI_TLS_OK;
  }
  static bool poll(wasi_tls_output_stream *self, wasi_tls_waker waker) {
    Channel &channel = *of(self)->channel;
    channel.writes_.polls++;
    bool failing = channel.write_failed_ || channel.fails(channel.writes_.calls + 1, channel.fail_write_);
    bool blocked = channel.writes_.calls >= channel.block_write_;
    if ((channel.permit() != 0 && !blocked) || failing || channel.reader_dropped_) return true;
    if (waker.wake != nullptr) channel.writer_waker_ = waker;
    return false;
  }
  static bool last_error(const wasi_tls_output_stream *self, wasi_tls_error *error) {
    if (!of(self)->channel->write_failed_) return false;
    error->result = WASI_TLS_ERR_TRANSPORT_WRITE;
    return true;
  }
  static void drop(wasi_tls_output_stream *self) {
    WireOutput *output = of(self);
    output->channel->writer_dropped_ = true;
    output->channel->writer_waker_ = {nullptr, nullptr};
    output->channel->wake_reader();
    delete output;
  }
};

namespace {

const wasi_tls_input_stream_vtable kInputVtable = {sizeof(wasi_tls_input_stream_vtable),
                                                   WireInput::read,
                                                   WireInput::poll,
                                                   nullptr,
                                                   WireInput::last_error,
                                                   WireInput::drop};
const wasi_tls_output_stream_vtable kOutputVtable = {sizeof(wasi_tls_output_stream_vtable),
                                                     WireOutput::check_write,
                                                     WireOutput::write,
                                                     WireOutput::flush,
                                                     WireOutput::poll,
                                                     nullptr,
                                                     WireOutput::last_error,
                                                     WireOutput::drop};

wasi_tls_input_stream *input_over(const std::shared_ptr<Channel> &channel) {
  return &(new WireInput{{&kInputVtable}, channel})->base;
}

wasi_tls_output_stream *output_over(const std::shared_ptr<Channel> &channel) {
  return &(new WireOutput{{&kOutputVtable}, channel})->base;
}

}  // namespace

Wire::Wire() : to_server_(std::make_shared<Channel>()), to_client_(std::make_shared<Channel>()) {}

wasi_tls_input_stream *Wire::client_input() {
  return input_over(to_client_);
}

wasi_tls_output_stream *Wire::client_output() {
  return output_over(to_server_);
}

wasi_tls_input_stream *Wire::server_input() {
  return input_over(to_server_);
}

wasi_tls_output_stream *Wire::server_output() {
  return output_over(to_client_);
}

size_t Wire::progress() const {
  return to_server_->reads().bytes + to_server_->written() + to_client_->reads().bytes + to_client_->written();
}

}  // namespace conformance

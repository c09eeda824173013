// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An in-memory duplex wire over the stream vtables. It can be stopped, chopped, corrupted, cut and made to fail, counts
// everything, and wakes properly: each waker once, and only when something may have changed.
#ifndef WASI_TLS_CONFORMANCE_WIRE_H
#define WASI_TLS_CONFORMANCE_WIRE_H

#include <map>
#include <memory>

#include "handles.h"

namespace conformance {

constexpr size_t kNever = SIZE_MAX;

// A TLS record as it stood on the wire.
struct Record {
  uint8_t type;
  uint16_t version;
  size_t offset;
  Bytes body;
};
constexpr uint8_t kChangeCipherSpec = 20, kAlert = 21, kHandshake = 22, kApplicationData = 23;

// What one end did to the channel. Only calls that could move bytes count, not polls.
struct Traffic {
  size_t bytes = 0;
  size_t calls = 0;
  size_t polls = 0;
};

// One direction of the wire. Knobs are changed with the setters, which deliver the wake-ups.
class Channel {
 public:
  void set_capacity(size_t capacity);
  // At most |limit| bytes are given to a read, and permitted to a write.
  void set_chop(size_t limit);
  // A stopped reader finds nothing, a stopped writer has no permit.
  void stop_reads(bool stopped);
  void stop_writes(bool stopped);
  // The reader meets the end of the stream at |offset|, whatever is written behind it.
  void cut_at(size_t offset);
  // The reader finds nothing at and behind |offset| for now.
  void pause_at(size_t offset);
  // The |call|-th read (or write or check_write) from the beginning fails, and the stream is closed behind it.
  void fail_read_call(size_t call);
  void fail_write_call(size_t call);
  // The |call|-th flush fails, and the stream is closed behind it.
  void fail_flush_call(size_t call);
  // The |call|-th read (or write or check_write) finds nothing (or has no permit), and so do those behind it, until
  // unblock is called.
  void block_read_call(size_t call);
  void block_write_call(size_t call);
  void unblock();
  // The byte at |offset| reaches the reader changed.
  void flip(size_t offset, uint8_t mask);
  // Flushes stay unfinished.
  void hold_flush(bool held);
  // Bytes that no writer wrote, behind those that are under way.
  void inject(const Bytes &bytes);
  // What was read is not kept from now on: for transfers of which a transcript would fill the memory. No record and no
  // transcript can be asked for then.
  void forget_what_was_read();

  const Bytes &transcript() const {
    return transcript_;
  }
  const Traffic &reads() const {
    return reads_;
  }
  const Traffic &writes() const {
    return writes_;
  }
  size_t waiting() const {
    return written() - read_offset_;
  }
  // How many bytes were written or injected.
  size_t written() const {
    return forgotten_ + transcript_.size();
  }
  // Whether the call that was to fail (or to be blocked) has been made.
  bool has_failed() const {
    return read_failed_ || write_failed_;
  }
  bool has_blocked() const {
    return reads_.calls >= block_read_ || writes_.calls >= block_write_;
  }
  size_t flushes() const {
    return flushes_;
  }
  bool reader_dropped() const {
    return reader_dropped_;
  }
  bool writer_dropped() const {
    return writer_dropped_;
  }

  // What was written so far, cut into records; the last may be incomplete and is left out then.
  std::vector<Record> records() const;
  // How many records of |type| were written.
  size_t count_records(uint8_t type) const;
  // Alert numbers of the records that are alerts in plain sight (level and number, not encrypted).
  std::vector<uint8_t> plain_alerts() const;

 private:
  friend struct WireInput;
  friend struct WireOutput;

  size_t readable() const;
  size_t permit() const;
  void wake_reader();
  // As wake_reader, but only if there is something to read.
  void wake_reader_if_ready();
  void wake_writer();
  wasi_tls_result read(uint8_t *buffer, size_t len, size_t *count);
  wasi_tls_result check_write(size_t *permitted);
  wasi_tls_result write(const uint8_t *data, size_t len);
  bool at_end() const;
  bool fails(size_t calls, size_t at) const;
  void forget_some();

  Bytes transcript_;
  size_t forgotten_ = 0;  // bytes in front of |transcript_| that are not kept
  bool forgetting_ = false;
  size_t read_offset_ = 0;
  std::map<size_t, uint8_t> flips_;
  size_t capacity_ = size_t{1} << 20;
  size_t chop_ = kNever;
  size_t cut_ = kNever;
  size_t pause_ = kNever;
  size_t fail_read_ = kNever;
  size_t fail_write_ = kNever;
  size_t fail_flush_ = kNever;
  size_t block_read_ = kNever;
  size_t block_write_ = kNever;
  bool reads_stopped_ = false;
  bool writes_stopped_ = false;
  bool flush_held_ = false;
  bool flushing_ = false;
  bool reader_dropped_ = false;
  bool writer_dropped_ = false;
  bool read_failed_ = false;
  bool write_failed_ = false;
  Traffic reads_;
  Traffic writes_;
  size_t flushes_ = 0;
  wasi_tls_waker reader_waker_ = {nullptr, nullptr};
  wasi_tls_waker writer_waker_ = {nullptr, nullptr};
};

// Two channels. |to_server| carries what the client writes.
class Wire {
 public:
  Wire();
  // Fresh stream ends over the channels; the caller owns them.
  wasi_tls_input_stream *client_input();
  wasi_tls_output_stream *client_output();
  wasi_tls_input_stream *server_input();
  wasi_tls_output_stream *server_output();

  Channel &to_server() {
    return *to_server_;
  }
  Channel &to_client() {
    return *to_client_;
  }
  // Grows whenever a byte moves.
  size_t progress() const;

 private:
  std::shared_ptr<Channel> to_server_;
  std::shared_ptr<Channel> to_client_;
};

}  // namespace conformance

#endif

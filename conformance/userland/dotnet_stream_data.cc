// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The half of SslStream that is a Stream: reading, writing, ending.
#include <algorithm>

#include "dotnet_stream.h"

namespace conformance::dotnet {

// Waits in the only way there is here: until nothing moves. Then a timeout, where there is one, is what comes next.
void SslStream::wait(const bool &over, int timeout) {
  inner_.pump->run();
  if (over) return;
  throw IOException(timeout >= 0 ? "timed out" : "would wait for ever");
}

bool SslStream::read_some(size_t count, size_t minimum, Bytes *bytes, wasi_tls_waker waker) {
  const Input &input = peer().input;
  while (bytes->size() < minimum) {
    Bytes buffer(count - bytes->size());
    size_t got = 0;
    wasi_tls_result result = wasi_tls_input_stream_read(input.get(), buffer.data(), buffer.size(), &got);
    // The end of the stream is none; the rest is for EndRead to throw.
    if (result != WASI_TLS_OK && result != WASI_TLS_ERR_CLOSED) read_failure_ = result;
    if (result != WASI_TLS_OK) return true;
    bytes->insert(bytes->end(), buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(got));
    if (got == 0 && !wasi_tls_input_stream_poll(input.get(), waker)) return false;
  }
  return true;
}

void SslStream::ReadAtLeastAsync(size_t count, size_t minimum, std::function<void(Bytes)> then) {
  if (!CanRead()) throw InvalidOperationException("nothing to read from");
  auto bytes = std::make_shared<Bytes>();
  inner_.pump->add("SslStream.Read", [this, count, minimum, bytes, then = std::move(then)](wasi_tls_waker waker) {
    if (!read_some(count, minimum, bytes.get(), waker)) return false;
    then(*bytes);
    return true;
  });
}

void SslStream::ReadAsync(size_t count, std::function<void(Bytes)> then) {
  ReadAtLeastAsync(count, std::min<size_t>(count, 1), std::move(then));
}

void SslStream::ReadExactlyAsync(size_t count, std::function<void(Bytes)> then) {
  ReadAtLeastAsync(count, count, std::move(then));
}

void SslStream::BeginRead(size_t count, AsyncCallback callback) {
  read_over_ = false;
  ReadAsync(count, [this, callback = std::move(callback)](Bytes bytes) {
    read_ = std::move(bytes);
    read_over_ = true;
    if (callback) callback();
  });
}

Bytes SslStream::EndRead() {
  wait(read_over_, ReadTimeout);
  if (read_failure_ != WASI_TLS_OK) throw IOException(wasi_tls_result_name(read_failure_));
  return read_;
}

Bytes SslStream::Read(size_t count) {
  BeginRead(count, nullptr);
  return EndRead();
}

Bytes SslStream::ReadAtLeast(size_t count, size_t minimum) {
  read_over_ = false;
  ReadAtLeastAsync(count, minimum, [this](Bytes bytes) {
    read_ = std::move(bytes);
    read_over_ = true;
  });
  Bytes bytes = EndRead();
  if (bytes.size() < minimum) throw IOException("end of stream");
  return bytes;
}

Bytes SslStream::ReadExactly(size_t count) {
  return ReadAtLeast(count, count);
}

int SslStream::ReadByte() {
  Bytes bytes = Read(1);
  return bytes.empty() ? -1 : bytes[0];
}

void SslStream::WriteAsync(Bytes bytes, AsyncCallback then) {
  if (!CanWrite()) throw InvalidOperationException("nothing to write to");
  peer().send(std::move(bytes), std::move(then));
}

void SslStream::BeginWrite(Bytes bytes, AsyncCallback callback) {
  write_over_ = false;
  WriteAsync(std::move(bytes), [this, callback = std::move(callback)] {
    write_over_ = true;
    if (callback) callback();
  });
}

void SslStream::EndWrite() {
  wait(write_over_, WriteTimeout);
  if (peer().write_result != WASI_TLS_OK) throw IOException(wasi_tls_result_name(peer().write_result));
}

void SslStream::Write(Bytes bytes) {
  BeginWrite(std::move(bytes), nullptr);
  EndWrite();
}

void SslStream::WriteByte(uint8_t byte) {
  Write({byte});
}

void SslStream::FlushAsync(AsyncCallback then) {
  if (!CanWrite()) throw InvalidOperationException("nothing to flush");
  // A pollable of its own: a write that waits on the stream is not to lose its place.
  auto flushed = std::make_shared<Pollable>();
  if (wasi_tls_output_stream_flush(peer().output.get()) != WASI_TLS_OK ||
      wasi_tls_output_stream_subscribe(peer().output.get(), flushed->out()) != WASI_TLS_OK)
    throw IOException("flush");
  inner_.pump->await("SslStream.Flush", flushed->get(), [flushed, then = std::move(then)] { then(); });
}

void SslStream::Flush() {
  auto over = std::make_shared<bool>(false);
  FlushAsync([over] { *over = true; });
  wait(*over, WriteTimeout);
}

void SslStream::CopyToAsync(SslStream *destination, AsyncCallback then) {
  ReadAsync(4096, [this, destination, then = std::move(then)](Bytes bytes) {
    if (bytes.empty()) return then();
    destination->WriteAsync(std::move(bytes), [this, destination, then] { CopyToAsync(destination, then); });
  });
}

void SslStream::CopyTo(SslStream *destination) {
  auto over = std::make_shared<bool>(false);
  CopyToAsync(destination, [over] { *over = true; });
  wait(*over, ReadTimeout);
}

void SslStream::ShutdownAsync() {
  peer().close();
}

void SslStream::Close() {
  if (leave_inner_stream_open_) return ShutdownAsync();
  if (client_ != nullptr) client_->drop_everything();
  if (server_ != nullptr) server_->drop_everything();
}

bool SslStream::CanRead() const {
  return IsAuthenticated() && peer().input;
}

bool SslStream::CanWrite() const {
  return IsAuthenticated() && peer().output;
}

size_t SslStream::Position() const {
  Channel &below = IsServer() ? inner_.wire->to_server() : inner_.wire->to_client();
  return below.reads().bytes;
}

void SslStream::Seek(int64_t) const {
  throw NotSupportedException("Seek");
}

int64_t SslStream::Length() const {
  throw NotSupportedException("Length");
}

void SslStream::SetLength(int64_t) const {
  throw NotSupportedException("SetLength");
}

void SslStream::GetLifetimeService() const {
  throw NotSupportedException("GetLifetimeService");
}

void SslStream::InitializeLifetimeService() const {
  throw NotSupportedException("InitializeLifetimeService");
}

void SslStream::CreateObjRef() const {
  throw NotSupportedException("CreateObjRef");
}

void SslStream::CreateWaitHandle() const {
  throw NotSupportedException("CreateWaitHandle");
}

void SslStream::MemberwiseClone() const {
  throw NotSupportedException("MemberwiseClone");
}

}  // namespace conformance::dotnet

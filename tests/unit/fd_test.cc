/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include "stream_helpers.h"
#include "wasi_tls/adapters.h"

namespace {

constexpr int kSoon = 5000;
constexpr long kPermit = 65536;

bool is_open(int fd) {
  return fcntl(fd, F_GETFD) >= 0;
}

class FdTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(WASI_TLS_OK, wasi_tls_fd_loop_new(&loop_));
    ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair_));
    ASSERT_EQ(WASI_TLS_OK, wasi_tls_fd_streams_new(loop_, pair_[0], &input_, &output_));
  }
  void TearDown() override {
    drop_input();
    drop_output();
    close_peer();
    wasi_tls_fd_loop_free(loop_);
  }
  void drop_input() {
    wasi_tls_input_stream_free(input_);
    input_ = nullptr;
  }
  void drop_output() {
    wasi_tls_output_stream_free(output_);
    output_ = nullptr;
  }
  void close_peer() {
    if (pair_[1] >= 0) close(pair_[1]);
    pair_[1] = -1;
  }
  size_t run(int timeout_ms) {
    size_t woken = 0;
    EXPECT_EQ(WASI_TLS_OK, wasi_tls_fd_loop_run(loop_, timeout_ms, &woken));
    return woken;
  }
  /* Writes until the kernel takes no more and the stream keeps some. Returns what was written. */
  std::string fill() {
    std::string all;
    for (char c = 'a'; permit_of(output_) != 0; c = c == 'z' ? 'a' : static_cast<char>(c + 1)) {
      std::string text(static_cast<size_t>(kPermit), c);
      EXPECT_EQ(WASI_TLS_OK, write_text(output_, text));
      all += text;
    }
    return all;
  }
  /* What the peer can read now. */
  std::string take_at_peer() {
    std::string all;
    char buffer[4096];
    for (ssize_t got; (got = recv(pair_[1], buffer, sizeof(buffer), MSG_DONTWAIT)) > 0;)
      all.append(buffer, static_cast<size_t>(got));
    return all;
  }

  wasi_tls_fd_loop *loop_ = nullptr;
  int pair_[2] = {-1, -1};
  wasi_tls_input_stream *input_ = nullptr;
  wasi_tls_output_stream *output_ = nullptr;
};

TEST(FdLoopTest, RefusesBadArguments) {
  EXPECT_EQ(WASI_TLS_ERR_NULL_ARGUMENT, wasi_tls_fd_loop_new(nullptr));
  EXPECT_EQ(WASI_TLS_ERR_NULL_ARGUMENT, wasi_tls_fd_loop_run(nullptr, 0, nullptr));
  EXPECT_EQ(WASI_TLS_ERR_NULL_ARGUMENT, wasi_tls_fd_loop_block(nullptr, nullptr, 0));
  EXPECT_EQ(WASI_TLS_ERR_NULL_ARGUMENT, wasi_tls_fd_loop_watch(nullptr, 0, kOnlyAsk));
  wasi_tls_fd_loop_unwatch(nullptr, 0);
  wasi_tls_fd_loop_free(nullptr);
}

TEST_F(FdTest, RefusesWhatCanNotBeWatched) {
  wasi_tls_input_stream *input = nullptr;
  wasi_tls_output_stream *output = nullptr;
  EXPECT_EQ(WASI_TLS_ERR_NULL_ARGUMENT, wasi_tls_fd_streams_new(loop_, pair_[1], nullptr, &output));
  EXPECT_EQ(WASI_TLS_ERR_NULL_ARGUMENT, wasi_tls_fd_streams_new(loop_, pair_[1], &input, nullptr));
  EXPECT_EQ(WASI_TLS_ERR_FILE, wasi_tls_fd_streams_new(loop_, -1, &input, &output));
  EXPECT_EQ(WASI_TLS_ERR_FILE, wasi_tls_fd_streams_new(loop_, pair_[0], &input, &output)) << "in use already";
  EXPECT_TRUE(is_open(pair_[0]));
  EXPECT_EQ(nullptr, input);
}

TEST_F(FdTest, MovesBytesBothWays) {
  EXPECT_NE(0, fcntl(pair_[0], F_GETFL) & O_NONBLOCK);
  EXPECT_EQ("", read_text(input_, 10));
  ASSERT_EQ(5, write(pair_[1], "hello", 5));
  EXPECT_EQ("he", read_text(input_, 2));
  EXPECT_EQ("llo", read_text(input_, 10));
  EXPECT_EQ(kPermit, permit_of(output_));
  ASSERT_EQ(WASI_TLS_OK, write_text(output_, "hi"));
  EXPECT_EQ("hi", take_at_peer());
  EXPECT_EQ(WASI_TLS_ERR_PERMIT_EXCEEDED, write_text(output_, std::string(kPermit + 1, 'x')));
}

TEST_F(FdTest, WakesTheReaderExactlyOnce) {
  Wakes wakes;
  EXPECT_FALSE(wasi_tls_input_stream_poll(input_, wakes.waker()));
  EXPECT_EQ(0u, run(0));
  ASSERT_EQ(1, write(pair_[1], "a", 1));
  EXPECT_EQ(1u, run(kSoon));
  EXPECT_EQ(1, wakes.count());
  ASSERT_EQ(1, write(pair_[1], "b", 1));
  EXPECT_EQ(0u, run(0)) << "nobody has registered again";
  EXPECT_EQ(1, wakes.count());
  EXPECT_TRUE(wasi_tls_input_stream_poll(input_, wakes.waker()));
  EXPECT_EQ("ab", read_text(input_, 10));
  EXPECT_FALSE(wasi_tls_input_stream_poll(input_, wakes.waker()));
  ASSERT_EQ(1, write(pair_[1], "c", 1));
  EXPECT_EQ(1u, run(kSoon));
  EXPECT_EQ(2, wakes.count());
}

TEST_F(FdTest, ALaterRegistrationReplacesTheOneBefore) {
  Wakes first;
  Wakes second;
  EXPECT_FALSE(wasi_tls_input_stream_poll(input_, first.waker()));
  EXPECT_FALSE(wasi_tls_input_stream_poll(input_, second.waker()));
  EXPECT_FALSE(wasi_tls_input_stream_poll(input_, kOnlyAsk));
  ASSERT_EQ(1, write(pair_[1], "a", 1));
  EXPECT_EQ(1u, run(kSoon));
  EXPECT_EQ(0, first.count());
  EXPECT_EQ(1, second.count());
}

TEST_F(FdTest, AFullSocketPermitsNothingUntilAllIsOut) {
  Wakes wakes;
  std::string sent = fill();
  EXPECT_EQ(WASI_TLS_ERR_PERMIT_EXCEEDED, write_text(output_, "x"));
  EXPECT_EQ(WASI_TLS_OK, wasi_tls_output_stream_flush(output_));
  EXPECT_FALSE(wasi_tls_output_stream_poll(output_, wakes.waker()));
  EXPECT_EQ(0u, run(0)) << "no busy loop while the peer does not read";
  std::string received = take_at_peer();
  EXPECT_LT(received.size(), sent.size());
  EXPECT_EQ(1u, run(kSoon));
  EXPECT_EQ(1, wakes.count());
  while (!wasi_tls_output_stream_poll(output_, wakes.waker())) received += take_at_peer();
  EXPECT_EQ(kPermit, permit_of(output_));
  received += take_at_peer();
  EXPECT_EQ(sent, received);
}

TEST_F(FdTest, WaitsForReadingAndWritingAtOnce) {
  Wakes reading;
  Wakes writing;
  fill();
  EXPECT_FALSE(wasi_tls_input_stream_poll(input_, reading.waker()));
  EXPECT_FALSE(wasi_tls_output_stream_poll(output_, writing.waker()));
  ASSERT_EQ(1, write(pair_[1], "a", 1));
  EXPECT_EQ(1u, run(kSoon));
  EXPECT_EQ(1, reading.count());
  EXPECT_EQ(0, writing.count());
  take_at_peer();
  EXPECT_EQ(1u, run(kSoon)) << "the other registration is still there";
  EXPECT_EQ(1, reading.count());
  EXPECT_EQ(1, writing.count());
}

TEST_F(FdTest, AHangupWakesBoth) {
  Wakes reading;
  Wakes writing;
  fill();
  EXPECT_FALSE(wasi_tls_input_stream_poll(input_, reading.waker()));
  EXPECT_FALSE(wasi_tls_output_stream_poll(output_, writing.waker()));
  close_peer();
  EXPECT_EQ(2u, run(kSoon));
  EXPECT_EQ(1, reading.count());
  EXPECT_EQ(1, writing.count());
  EXPECT_EQ(0u, run(0));
}

TEST_F(FdTest, AConditionThatNobodyWaitsForCostsNothing) {
  Wakes wakes;
  EXPECT_FALSE(wasi_tls_input_stream_poll(input_, wakes.waker()));
  close_peer();
  EXPECT_EQ(1u, run(kSoon));
  auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(0u, run(50));
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(40));
}

TEST_F(FdTest, TheEndOfTheInputIsClosed) {
  ASSERT_EQ(1, write(pair_[1], "a", 1));
  close_peer();
  EXPECT_EQ("a", read_text(input_, 10));
  EXPECT_TRUE(wasi_tls_input_stream_poll(input_, kOnlyAsk));
  EXPECT_EQ("", read_text(input_, 0));
  EXPECT_EQ(WASI_TLS_ERR_CLOSED, read_result(input_));
  EXPECT_EQ(WASI_TLS_ERR_CLOSED, read_result(input_));
  EXPECT_TRUE(wasi_tls_input_stream_poll(input_, kOnlyAsk));
  wasi_tls_error error;
  error.size = sizeof(error);
  EXPECT_FALSE(wasi_tls_input_stream_last_error(input_, &error));
}

TEST_F(FdTest, AReadFailureIsReportedOnceWithItsReason) {
  /* The peer goes with bytes unread: the kernel answers a reset. */
  ASSERT_EQ(WASI_TLS_OK, write_text(output_, "unread"));
  close_peer();
  EXPECT_TRUE(wasi_tls_input_stream_poll(input_, kOnlyAsk));
  EXPECT_EQ(WASI_TLS_ERR_TRANSPORT_READ, read_result(input_));
  EXPECT_EQ(WASI_TLS_ERR_CLOSED, read_result(input_));
  wasi_tls_error error;
  error.size = sizeof(error);
  ASSERT_TRUE(wasi_tls_input_stream_last_error(input_, &error));
  EXPECT_EQ(WASI_TLS_ERR_TRANSPORT_READ, error.result);
  EXPECT_EQ(ECONNRESET, error.native_code);
  EXPECT_EQ(WASI_TLS_NO_ALERT, error.alert);
  EXPECT_STREQ("reading failed: Connection reset by peer (errno 104)", error.text);
}

TEST_F(FdTest, AWriteToAGonePeerFailsWithoutASignal) {
  close_peer();
  EXPECT_EQ(kPermit, permit_of(output_)) << "not known before it is tried";
  wasi_tls_error error;
  error.size = sizeof(error);
  EXPECT_FALSE(wasi_tls_output_stream_last_error(output_, &error));
  EXPECT_EQ(WASI_TLS_ERR_TRANSPORT_WRITE, write_text(output_, "a"));
  EXPECT_EQ(WASI_TLS_ERR_CLOSED, write_text(output_, "a"));
  EXPECT_EQ(WASI_TLS_ERR_CLOSED, permit_of(output_));
  EXPECT_EQ(WASI_TLS_ERR_CLOSED, wasi_tls_output_stream_flush(output_));
  ASSERT_TRUE(wasi_tls_output_stream_last_error(output_, &error));
  EXPECT_EQ(WASI_TLS_ERR_TRANSPORT_WRITE, error.result);
  EXPECT_EQ(EPIPE, error.native_code);
  EXPECT_STREQ("writing failed: Broken pipe (errno 32)", error.text);
}

TEST_F(FdTest, AFailureWhileDrainingIsReportedByTheNextCall) {
  fill();
  close_peer();
  EXPECT_TRUE(wasi_tls_output_stream_poll(output_, kOnlyAsk));
  EXPECT_EQ(WASI_TLS_ERR_TRANSPORT_WRITE, permit_of(output_));
  EXPECT_EQ(WASI_TLS_ERR_CLOSED, permit_of(output_));
}

TEST_F(FdTest, AnErrorIsFilledInUpToItsSize) {
  close_peer();
  EXPECT_EQ(WASI_TLS_ERR_TRANSPORT_WRITE, write_text(output_, "a"));
  wasi_tls_error error;
  memset(&error, 0x5a, sizeof(error));
  error.size = offsetof(wasi_tls_error, text);
  ASSERT_TRUE(wasi_tls_output_stream_last_error(output_, &error));
  EXPECT_EQ(EPIPE, error.native_code);
  EXPECT_EQ(offsetof(wasi_tls_error, text), error.size);
  EXPECT_EQ(0x5a, error.text[0]);
}

TEST_F(FdTest, DroppingTheOutputShutsTheSendingSide) {
  drop_output();
  char byte = 0;
  EXPECT_EQ(0, recv(pair_[1], &byte, 1, MSG_DONTWAIT));
  ASSERT_EQ(1, write(pair_[1], "a", 1));
  EXPECT_EQ("a", read_text(input_, 10));
  EXPECT_TRUE(is_open(pair_[0]));
  drop_input();
  EXPECT_FALSE(is_open(pair_[0]));
}

TEST_F(FdTest, DroppingTheInputLeavesTheOutput) {
  drop_input();
  ASSERT_EQ(WASI_TLS_OK, write_text(output_, "a"));
  EXPECT_EQ("a", take_at_peer());
  EXPECT_TRUE(is_open(pair_[0]));
  drop_output();
  EXPECT_FALSE(is_open(pair_[0]));
}

TEST_F(FdTest, WhatWasWrittenLeavesAfterTheDrop) {
  std::string sent = fill();
  drop_output();
  drop_input();
  EXPECT_TRUE(is_open(pair_[0]));
  std::string received;
  for (int i = 0; i < 1000 && is_open(pair_[0]); i++) {
    received += take_at_peer();
    run(10);
  }
  received += take_at_peer();
  EXPECT_FALSE(is_open(pair_[0]));
  EXPECT_EQ(sent, received);
  char byte = 0;
  EXPECT_EQ(0, recv(pair_[1], &byte, 1, MSG_DONTWAIT));
}

TEST_F(FdTest, TheLoopEndsWhatIsStillLeaving) {
  fill();
  drop_input();
  drop_output();
  EXPECT_TRUE(is_open(pair_[0]));
  wasi_tls_fd_loop_free(loop_);
  loop_ = nullptr;
  EXPECT_FALSE(is_open(pair_[0]));
}

TEST_F(FdTest, AStreamsDropTakesItsWakerAlong) {
  Wakes wakes;
  EXPECT_FALSE(wasi_tls_input_stream_poll(input_, wakes.waker()));
  drop_input();
  ASSERT_EQ(1, write(pair_[1], "a", 1));
  EXPECT_EQ(0u, run(0));
  EXPECT_EQ(0, wakes.count());
}

TEST_F(FdTest, BlocksUntilThereIsSomethingToRead) {
  EXPECT_EQ(WASI_TLS_PENDING, wasi_tls_fd_loop_block_input(loop_, input_, 0));
  EXPECT_EQ(WASI_TLS_PENDING, wasi_tls_fd_loop_block_input(loop_, input_, 20));
  ASSERT_EQ(2, write(pair_[1], "ab", 2));
  EXPECT_EQ(WASI_TLS_OK, wasi_tls_fd_loop_block_input(loop_, input_, 0));
  uint8_t buffer[8];
  size_t count = 0;
  EXPECT_EQ(WASI_TLS_OK, wasi_tls_fd_loop_read(loop_, input_, buffer, sizeof(buffer), &count, kSoon));
  EXPECT_EQ(2u, count);
  EXPECT_EQ(WASI_TLS_PENDING, wasi_tls_fd_loop_read(loop_, input_, buffer, sizeof(buffer), &count, 20));
  EXPECT_EQ(2u, count) << "outputs are written on success only";
  close_peer();
  EXPECT_EQ(WASI_TLS_ERR_CLOSED, wasi_tls_fd_loop_read(loop_, input_, buffer, sizeof(buffer), &count, kSoon));
}

TEST_F(FdTest, BlocksUntilAllIsWritten) {
  EXPECT_EQ(WASI_TLS_OK, wasi_tls_fd_loop_block_output(loop_, output_, 0));
  wasi_tls_input_stream *peer_input = nullptr;
  wasi_tls_output_stream *peer_output = nullptr;
  ASSERT_EQ(WASI_TLS_OK, wasi_tls_fd_streams_new(loop_, pair_[1], &peer_input, &peer_output));
  pair_[1] = -1;
  std::string text(4 * 1024 * 1024, 'x');
  const uint8_t *data = reinterpret_cast<const uint8_t *>(text.data());
  EXPECT_EQ(WASI_TLS_PENDING, wasi_tls_fd_loop_write(loop_, output_, data, text.size(), 20));
  EXPECT_EQ(WASI_TLS_PENDING, wasi_tls_fd_loop_block_output(loop_, output_, 0));
  while (wasi_tls_fd_loop_block_input(loop_, peer_input, 0) == WASI_TLS_OK) read_text(peer_input, 65536);
  EXPECT_EQ(WASI_TLS_OK, wasi_tls_fd_loop_write(loop_, output_, data, 1000, kSoon));
  wasi_tls_input_stream_free(peer_input);
  wasi_tls_output_stream_free(peer_output);
  EXPECT_EQ(WASI_TLS_ERR_TRANSPORT_WRITE, wasi_tls_fd_loop_write(loop_, output_, data, 1, kSoon));
}

TEST_F(FdTest, ABlockingWriteWaitsForItsLastByte) {
  int small = 4096;
  ASSERT_EQ(0, setsockopt(pair_[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)));
  std::string text(static_cast<size_t>(kPermit), 'x');
  const uint8_t *data = reinterpret_cast<const uint8_t *>(text.data());
  EXPECT_EQ(WASI_TLS_PENDING, wasi_tls_fd_loop_write(loop_, output_, data, text.size(), 0));
}

/* A host's stream that gets ready only by what happens in the loop. */
struct LateInput {
  wasi_tls_input_stream base;
  bool ready;
  static bool poll(wasi_tls_input_stream *self, wasi_tls_waker) {
    return reinterpret_cast<LateInput *>(self)->ready;
  }
  static void wake(void *self) {
    static_cast<LateInput *>(self)->ready = true;
  }
};

TEST_F(FdTest, BlockingWithoutTimeStillLooksOnce) {
  wasi_tls_input_stream_vtable vtable = {};
  vtable.size = sizeof(vtable);
  vtable.poll = LateInput::poll;
  LateInput late = {{&vtable}, false};
  ASSERT_EQ(WASI_TLS_OK, wasi_tls_fd_loop_watch(loop_, pair_[1], {LateInput::wake, &late}));
  EXPECT_EQ(WASI_TLS_PENDING, wasi_tls_fd_loop_block_input(loop_, &late.base, 0));
  ASSERT_EQ(WASI_TLS_OK, write_text(output_, "a"));
  EXPECT_EQ(WASI_TLS_OK, wasi_tls_fd_loop_block_input(loop_, &late.base, 0));
}

/* A host's stream that calls its waker from inside of poll, and is ready from the next one on. */
struct HastyInput {
  wasi_tls_input_stream base;
  int polls;
  static bool poll(wasi_tls_input_stream *self, wasi_tls_waker waker) {
    if (reinterpret_cast<HastyInput *>(self)->polls++ != 0) return true;
    waker.wake(waker.context);
    return false;
  }
};

TEST_F(FdTest, AWakeFromInsideOfPollIsNotWaitedBehind) {
  wasi_tls_input_stream_vtable vtable = {};
  vtable.size = sizeof(vtable);
  vtable.poll = HastyInput::poll;
  HastyInput hasty = {{&vtable}, 0};
  auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(WASI_TLS_OK, wasi_tls_fd_loop_block_input(loop_, &hasty.base, kSoon));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(kSoon));
}

TEST_F(FdTest, WatchesADescriptorOncePerCall) {
  Wakes wakes;
  ASSERT_EQ(WASI_TLS_OK, wasi_tls_fd_loop_watch(loop_, pair_[1], wakes.waker()));
  ASSERT_EQ(WASI_TLS_OK, write_text(output_, "a"));
  EXPECT_EQ(1u, run(kSoon));
  EXPECT_EQ(0u, run(0));
  EXPECT_EQ(1, wakes.count());
  ASSERT_EQ(WASI_TLS_OK, wasi_tls_fd_loop_watch(loop_, pair_[1], wakes.waker()));
  EXPECT_EQ(1u, run(kSoon)) << "still readable";
  ASSERT_EQ(WASI_TLS_OK, wasi_tls_fd_loop_watch(loop_, pair_[1], wakes.waker()));
  wasi_tls_fd_loop_unwatch(loop_, pair_[1]);
  EXPECT_EQ(0u, run(0));
  EXPECT_EQ(2, wakes.count());
  EXPECT_EQ(WASI_TLS_ERR_FILE, wasi_tls_fd_loop_watch(loop_, -1, wakes.waker()));
  EXPECT_EQ(WASI_TLS_ERR_NULL_ARGUMENT, wasi_tls_fd_loop_watch(loop_, pair_[1], kOnlyAsk));
}

TEST_F(FdTest, ARegularFileIsAlwaysReady) {
  FILE *file = tmpfile();
  ASSERT_NE(nullptr, file);
  int fd = dup(fileno(file));
  fclose(file);
  Wakes wakes;
  wasi_tls_input_stream *input = nullptr;
  wasi_tls_output_stream *output = nullptr;
  EXPECT_EQ(WASI_TLS_ERR_FILE, wasi_tls_fd_loop_watch(loop_, fd, wakes.waker()));
  ASSERT_EQ(WASI_TLS_OK, wasi_tls_fd_streams_new(loop_, fd, &input, &output));
  ASSERT_EQ(WASI_TLS_OK, write_text(output, "text"));
  wasi_tls_output_stream_free(output);
  ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
  EXPECT_TRUE(wasi_tls_input_stream_poll(input, wakes.waker()));
  EXPECT_EQ("text", read_text(input, 10));
  EXPECT_TRUE(wasi_tls_input_stream_poll(input, wakes.waker()));
  EXPECT_EQ(WASI_TLS_ERR_CLOSED, read_result(input));
  ASSERT_EQ(4, write(fd, "more", 4));
  ASSERT_EQ(4, lseek(fd, 4, SEEK_SET));
  EXPECT_EQ(WASI_TLS_ERR_CLOSED, read_result(input)) << "an end is an end";
  EXPECT_EQ(0, wakes.count());
  wasi_tls_input_stream_free(input);
  EXPECT_FALSE(is_open(fd));
}

/* The reading and the writing end of a kernel pipe, where a hangup is all that epoll reports. */
class FdPipeTest : public FdTest {
 protected:
  void SetUp() override {
    FdTest::SetUp();
    before_ = signal(SIGPIPE, SIG_IGN);
    int ends[2];
    wasi_tls_output_stream *no_writer = nullptr;
    wasi_tls_input_stream *no_reader = nullptr;
    ASSERT_EQ(0, pipe(ends));
    ASSERT_EQ(WASI_TLS_OK, wasi_tls_fd_streams_new(loop_, ends[0], &reader_, &no_writer));
    ASSERT_EQ(WASI_TLS_OK, wasi_tls_fd_streams_new(loop_, ends[1], &no_reader, &writer_));
    wasi_tls_output_stream_free(no_writer);
    wasi_tls_input_stream_free(no_reader);
  }
  void TearDown() override {
    wasi_tls_input_stream_free(reader_);
    wasi_tls_output_stream_free(writer_);
    signal(SIGPIPE, before_);
    FdTest::TearDown();
  }

  wasi_tls_input_stream *reader_ = nullptr;
  wasi_tls_output_stream *writer_ = nullptr;
  void (*before_)(int) = SIG_DFL;
};

TEST_F(FdPipeTest, TheReaderSeesBytesAndTheEnd) {
  Wakes wakes;
  EXPECT_FALSE(wasi_tls_input_stream_poll(reader_, wakes.waker()));
  ASSERT_EQ(WASI_TLS_OK, write_text(writer_, "abc"));
  EXPECT_EQ(1u, run(kSoon));
  EXPECT_EQ("abc", read_text(reader_, 10));
  EXPECT_FALSE(wasi_tls_input_stream_poll(reader_, wakes.waker()));
  wasi_tls_output_stream_free(writer_);
  writer_ = nullptr;
  EXPECT_EQ(1u, run(kSoon));
  EXPECT_EQ(WASI_TLS_ERR_CLOSED, read_result(reader_));
}

TEST_F(FdPipeTest, TheWriterSeesTheReaderGo) {
  Wakes wakes;
  while (permit_of(writer_) != 0) ASSERT_EQ(WASI_TLS_OK, write_text(writer_, std::string(5000, 'x')));
  EXPECT_FALSE(wasi_tls_output_stream_poll(writer_, wakes.waker()));
  wasi_tls_input_stream_free(reader_);
  reader_ = nullptr;
  EXPECT_EQ(1u, run(kSoon));
  EXPECT_TRUE(wasi_tls_output_stream_poll(writer_, wakes.waker()));
  EXPECT_EQ(WASI_TLS_ERR_TRANSPORT_WRITE, permit_of(writer_));
}

}  // namespace

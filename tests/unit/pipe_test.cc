/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "stream_helpers.h"
#include "wasi_tls/adapters.h"

namespace {

class PipeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(WASI_TLS_OK, wasi_tls_pipe_new(8, &reader_, &writer_));
  }
  void TearDown() override {
    drop_reader();
    drop_writer();
  }
  void drop_reader() {
    wasi_tls_input_stream_free(reader_);
    reader_ = nullptr;
  }
  void drop_writer() {
    wasi_tls_output_stream_free(writer_);
    writer_ = nullptr;
  }

  wasi_tls_input_stream *reader_ = nullptr;
  wasi_tls_output_stream *writer_ = nullptr;
};

TEST(PipeNewTest, RefusesBadArguments) {
  wasi_tls_input_stream *reader = nullptr;
  wasi_tls_output_stream *writer = nullptr;
  EXPECT_EQ(WASI_TLS_ERR_NULL_ARGUMENT, wasi_tls_pipe_new(8, nullptr, &writer));
  EXPECT_EQ(WASI_TLS_ERR_NULL_ARGUMENT, wasi_tls_pipe_new(8, &reader, nullptr));
  EXPECT_EQ(WASI_TLS_ERR_LIMIT_VALUE, wasi_tls_pipe_new(0, &reader, &writer));
  EXPECT_EQ(WASI_TLS_ERR_OUT_OF_MEMORY, wasi_tls_pipe_new(SIZE_MAX, &reader, &writer));
  EXPECT_EQ(nullptr, reader);
  EXPECT_EQ(nullptr, writer);
}

TEST_F(PipeTest, KeepsTheOrderOfBytesAroundTheEndOfTheRing) {
  std::string sent;
  std::string received;
  char next = 'a';
  for (size_t round = 0; round < 200; round++) {
    std::string text(1 + round % 7, next);
    next = next == 'z' ? 'a' : static_cast<char>(next + 1);
    while (permit_of(writer_) < static_cast<long>(text.size())) received += read_text(reader_, 1 + round % 3);
    ASSERT_EQ(WASI_TLS_OK, write_text(writer_, text));
    sent += text;
  }
  received += read_text(reader_, 100);
  EXPECT_EQ(sent, received);
}

TEST_F(PipeTest, AReadThatFindsNothingIsOkWithNoBytes) {
  EXPECT_EQ("", read_text(reader_, 4));
  ASSERT_EQ(WASI_TLS_OK, write_text(writer_, "abc"));
  EXPECT_EQ("", read_text(reader_, 0));
  EXPECT_EQ("abc", read_text(reader_, 4));
}

TEST_F(PipeTest, ThePermitIsTheRoomLeft) {
  EXPECT_EQ(8, permit_of(writer_));
  ASSERT_EQ(WASI_TLS_OK, write_text(writer_, "12345"));
  EXPECT_EQ(3, permit_of(writer_));
  EXPECT_EQ(WASI_TLS_ERR_PERMIT_EXCEEDED, write_text(writer_, "6789"));
  ASSERT_EQ(WASI_TLS_OK, write_text(writer_, "678"));
  EXPECT_EQ(0, permit_of(writer_));
  EXPECT_EQ(WASI_TLS_OK, wasi_tls_output_stream_flush(writer_));
  EXPECT_EQ("12345678", read_text(reader_, 20));
  EXPECT_EQ(8, permit_of(writer_));
}

TEST_F(PipeTest, AWriteWakesTheReaderOnce) {
  Wakes wakes;
  EXPECT_FALSE(wasi_tls_input_stream_poll(reader_, wakes.waker()));
  EXPECT_EQ(WASI_TLS_OK, write_text(writer_, ""));
  EXPECT_EQ(0, wakes.count());
  ASSERT_EQ(WASI_TLS_OK, write_text(writer_, "a"));
  ASSERT_EQ(WASI_TLS_OK, write_text(writer_, "b"));
  EXPECT_EQ(1, wakes.count());
  EXPECT_TRUE(wasi_tls_input_stream_poll(reader_, wakes.waker()));
  drop_writer();
  EXPECT_EQ(1, wakes.count());
}

TEST_F(PipeTest, AReadWakesTheWriterOnce) {
  Wakes wakes;
  EXPECT_TRUE(wasi_tls_output_stream_poll(writer_, wakes.waker()));
  ASSERT_EQ(WASI_TLS_OK, write_text(writer_, "12345678"));
  EXPECT_FALSE(wasi_tls_output_stream_poll(writer_, wakes.waker()));
  EXPECT_EQ("", read_text(reader_, 0));
  EXPECT_EQ(0, wakes.count());
  EXPECT_EQ("1", read_text(reader_, 1));
  EXPECT_EQ("2", read_text(reader_, 1));
  EXPECT_EQ(1, wakes.count());
}

TEST_F(PipeTest, ALaterRegistrationReplacesTheOneBefore) {
  Wakes first;
  Wakes second;
  EXPECT_FALSE(wasi_tls_input_stream_poll(reader_, first.waker()));
  EXPECT_FALSE(wasi_tls_input_stream_poll(reader_, second.waker()));
  EXPECT_FALSE(wasi_tls_input_stream_poll(reader_, kOnlyAsk));
  ASSERT_EQ(WASI_TLS_OK, write_text(writer_, "a"));
  EXPECT_EQ(0, first.count());
  EXPECT_EQ(1, second.count());
}

TEST_F(PipeTest, TheReaderGetsAllBytesBeforeTheEnd) {
  Wakes wakes;
  EXPECT_FALSE(wasi_tls_input_stream_poll(reader_, wakes.waker()));
  ASSERT_EQ(WASI_TLS_OK, write_text(writer_, "abc"));
  drop_writer();
  EXPECT_EQ("ab", read_text(reader_, 2));
  EXPECT_EQ("c", read_text(reader_, 2));
  EXPECT_EQ(WASI_TLS_ERR_CLOSED, read_result(reader_));
  EXPECT_TRUE(wasi_tls_input_stream_poll(reader_, kOnlyAsk));
  EXPECT_EQ("", read_text(reader_, 0));
  wasi_tls_error error;
  error.size = sizeof(error);
  EXPECT_FALSE(wasi_tls_input_stream_last_error(reader_, &error));
}

TEST_F(PipeTest, DroppingTheWriterWakesTheReader) {
  Wakes wakes;
  EXPECT_FALSE(wasi_tls_input_stream_poll(reader_, wakes.waker()));
  drop_writer();
  EXPECT_EQ(1, wakes.count());
  EXPECT_EQ(WASI_TLS_ERR_CLOSED, read_result(reader_));
}

TEST_F(PipeTest, DroppingTheReaderClosesTheWriter) {
  Wakes wakes;
  ASSERT_EQ(WASI_TLS_OK, write_text(writer_, "12345678"));
  EXPECT_FALSE(wasi_tls_output_stream_poll(writer_, wakes.waker()));
  drop_reader();
  EXPECT_EQ(1, wakes.count());
  EXPECT_TRUE(wasi_tls_output_stream_poll(writer_, kOnlyAsk));
  EXPECT_EQ(WASI_TLS_ERR_CLOSED, permit_of(writer_));
  EXPECT_EQ(WASI_TLS_ERR_CLOSED, write_text(writer_, "a"));
  EXPECT_EQ(WASI_TLS_ERR_CLOSED, wasi_tls_output_stream_flush(writer_));
  wasi_tls_error error;
  error.size = sizeof(error);
  EXPECT_FALSE(wasi_tls_output_stream_last_error(writer_, &error));
}

TEST_F(PipeTest, ADroppedEndIsNotWoken) {
  Wakes wakes;
  EXPECT_FALSE(wasi_tls_input_stream_poll(reader_, wakes.waker()));
  drop_reader();
  drop_writer();
  EXPECT_EQ(0, wakes.count());
}

TEST_F(PipeTest, OffersNoPollableOfItsOwn) {
  wasi_tls_pollable *pollable = nullptr;
  EXPECT_EQ(WASI_TLS_ERR_UNSUPPORTED, wasi_tls_input_stream_subscribe(reader_, &pollable));
  EXPECT_EQ(WASI_TLS_ERR_UNSUPPORTED, wasi_tls_output_stream_subscribe(writer_, &pollable));
}

}  // namespace

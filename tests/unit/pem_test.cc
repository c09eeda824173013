/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <gtest/gtest.h>

#include <string>

#include "failing_allocator.h"
#include "test_certificates.h"

extern "C" {
#include "pem.h"
}

namespace wasi_tls_test {
namespace {

wasi_tls_bytes View(const std::string &text) {
  return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

/* The blocks of a text, read to its end. */
struct Blocks {
  struct Block {
    std::string label;
    bool encrypted;
    bool has_der;
    Bytes der;
  };
  std::vector<Block> list;
  wasi_tls_result result = WASI_TLS_OK;

  explicit Blocks(const std::string &text, const wasi_tls_allocator *allocator = &wtls_default_allocator) {
    Bytes exact(text.begin(), text.end()); /* so that a sanitizer sees what is read behind it */
    wasi_tls_bytes cursor = {exact.data(), exact.size()};
    for (;;) {
      wtls_pem_block block;
      wasi_tls_bytes before = cursor;
      result = wtls_pem_next(allocator, &cursor, &block);
      if (result != WASI_TLS_OK) break;
      EXPECT_LT(cursor.len, before.len);
      list.push_back({block.label, block.encrypted, block.der != nullptr, Bytes(block.der, block.der + block.der_len)});
      wtls_pem_block_clear(allocator, &block);
      EXPECT_EQ(block.der, nullptr);
    }
  }
};

std::string Block(const std::string &body, const std::string &label = "X") {
  return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
}

TEST(Pem, DecodesWhatLibcryptoWrites) {
  for (size_t len = 1; len <= 200; len++) {
    Bytes der;
    for (size_t i = 0; i < len; i++) der.push_back(static_cast<uint8_t>(i * 37 + len));
    Blocks blocks(Pem("SOME LABEL", der));
    ASSERT_EQ(blocks.result, WASI_TLS_PENDING);
    ASSERT_EQ(blocks.list.size(), 1u);
    EXPECT_EQ(blocks.list[0].label, "SOME LABEL");
    EXPECT_EQ(blocks.list[0].der, der);
    EXPECT_FALSE(blocks.list[0].encrypted);
  }
}

TEST(Pem, GoesThroughAllBlocks) {
  std::string text = "# a comment\nsubject: CN = a\n" + Pem("A", {1, 2, 3}) + "\n\n  between\n" + Pem("B", {4}) +
                     Pem("A-2", {5, 6}) + "the end, without a line end";
  Blocks blocks(text);
  EXPECT_EQ(blocks.result, WASI_TLS_PENDING);
  ASSERT_EQ(blocks.list.size(), 3u);
  EXPECT_EQ(blocks.list[0].label, "A");
  EXPECT_EQ(blocks.list[1].label, "B");
  EXPECT_EQ(blocks.list[1].der, Bytes{4});
  EXPECT_EQ(blocks.list[2].label, "A-2");
}

TEST(Pem, TakesAllLineEndsAndWhiteSpace) {
  for (const char *end : {"\n", "\r\n", "\r", " \t\n", "\n\n", " \r\n \r\n"}) {
    std::string text =
        std::string("-----BEGIN X-----") + end + "AQ" + end + " I\tDBA==" + end + "-----END X-----" + end;
    Blocks blocks(text);
    ASSERT_EQ(blocks.list.size(), 1u) << text;
    EXPECT_EQ(blocks.list[0].der, (Bytes{1, 2, 3, 4}));
    EXPECT_EQ(blocks.result, WASI_TLS_PENDING);
  }
  EXPECT_EQ(Blocks("-----BEGIN X-----\nAQ==\n-----END X-----").list.size(), 1u) << "no line end at the end";
}

TEST(Pem, RefusesMalformedBlocks) {
  const std::string cases[] = {
      Block(""),
      Block("\n \n"),
      Block("A"),
      Block("AQ"),
      Block("AQ="),
      Block("AQ==="),
      Block("AQI"),
      Block("AQI=="),
      Block("AQID="),
      Block("AQID===="),
      Block("===="),
      Block("="),
      Block("AQIDB"),
      Block("AQIDA==="),
      Block("AQ==AQ=="),
      Block("A=Q="),
      Block("AR=="), /* bits that are not used must be zero */
      Block("AQJ="),
      Block("AQ_D"),
      Block("AQ-D"),
      Block("AQ\x80"
            "D"),
      Block(std::string("AQ\0D", 4)),
      Block("AQID\n-----BEGIN X-----\nAQID"),
      "-----BEGIN X-----\nAQID\n",
      "-----BEGIN X-----\nAQID\n-----END Y-----\n",
      "-----BEGIN X-----\nAQID\n-----END X----\n",
      "-----BEGIN X-----\nAQID\n-----END X",
      "-----BEGIN X-----\nAQID\n -----END X-----\n",
      "-----BEGIN X----\nAQID\n-----END X-----\n",
      "-----BEGIN X\nAQID\n-----END X-----\n",
      "-----BEGIN -----\nAQID\n-----END -----\n",
      "-----BEGIN X-----",
      "-----BEGIN X-----AQID-----END X-----",
      "-----BEGIN X\tY-----\nAQID\n-----END X\tY-----\n",
      Block("AQID", std::string(48, 'L')),
      Block("Proc-Type: 4,ENCRYPTED\nAQID"), /* no empty line behind the headers */
      Block("Comment: a\n\n"),
  };
  for (const std::string &text : cases) {
    Blocks blocks(text);
    EXPECT_EQ(blocks.result, WASI_TLS_ERR_CERTIFICATE_FORMAT) << text;
    EXPECT_TRUE(blocks.list.empty()) << text;
  }
}

TEST(Pem, TakesTheLongestLabel) {
  Blocks blocks(Block("AQID", std::string(47, 'L')));
  ASSERT_EQ(blocks.list.size(), 1u);
  EXPECT_EQ(blocks.list[0].label, std::string(47, 'L'));
}

TEST(Pem, AMalformedBlockBehindAGoodOneIsSeen) {
  Blocks blocks(Block("AQID") + Block("AQ"));
  EXPECT_EQ(blocks.list.size(), 1u);
  EXPECT_EQ(blocks.result, WASI_TLS_ERR_CERTIFICATE_FORMAT);
}

TEST(Pem, HasNothingInTextWithoutBlocks) {
  for (const char *text : {"", "\n", "hello", "-----END X-----\n", " -----BEGIN X-----\n", "a-----BEGIN X-----\n"}) {
    Blocks blocks(text);
    EXPECT_EQ(blocks.result, WASI_TLS_PENDING) << text;
    EXPECT_FALSE(wtls_pem_is(View(text))) << text;
  }
  EXPECT_FALSE(wtls_pem_is({nullptr, 0}));
}

TEST(Pem, ReadsHeaders) {
  Blocks plain(Block("Comment: a\n continued\n\nAQID"));
  ASSERT_EQ(plain.list.size(), 1u);
  EXPECT_FALSE(plain.list[0].encrypted);
  EXPECT_EQ(plain.list[0].der, (Bytes{1, 2, 3}));
  Blocks encrypted(Block("Proc-Type: 4,ENCRYPTED\r\nDEK-Info: AES-128-CBC,00\r\n\r\nAQID", "RSA PRIVATE KEY"));
  ASSERT_EQ(encrypted.list.size(), 1u);
  EXPECT_TRUE(encrypted.list[0].encrypted);
  EXPECT_FALSE(encrypted.list[0].has_der);
}

TEST(Pem, KnowsEncryptedKeysByTheirLabel) {
  Blocks blocks(Block("AQID", "ENCRYPTED PRIVATE KEY"));
  ASSERT_EQ(blocks.list.size(), 1u);
  EXPECT_TRUE(blocks.list[0].encrypted);
  EXPECT_EQ(blocks.list[0].der, (Bytes{1, 2, 3}));
}

TEST(Pem, IsTextAndNotDer) {
  EXPECT_TRUE(wtls_pem_is(View(Block("AQID"))));
  EXPECT_TRUE(wtls_pem_is(View("0 comment\r-----BEGIN X-----\r")));
  EXPECT_TRUE(wtls_pem_is(View("-----BEGIN nothing more")));
  Bytes certificate = MakeCertificate(MakeKey("EC", "P-256"), {"a\n-----BEGIN CERTIFICATE-----\n", "b"});
  EXPECT_FALSE(wtls_pem_is({certificate.data(), certificate.size()}));
}

TEST(Pem, SurvivesTheLackOfMemory) {
  FailingAllocator allocator(0);
  EXPECT_EQ(Blocks(Block("AQID"), allocator.get()).result, WASI_TLS_ERR_OUT_OF_MEMORY);
  FailingAllocator enough(1);
  EXPECT_EQ(Blocks(Block("AQID"), enough.get()).result, WASI_TLS_PENDING);
  EXPECT_EQ(enough.live(), 0);
}

TEST(Pem, SurvivesEachCorruptedByte) {
  std::string good = "text\n" + Block("Proc-Type: 4,MIC\n\nAQIDBA==") + Block("BAUG");
  for (size_t i = 0; i < good.size(); i++) {
    Blocks cut(good.substr(0, i));
    ASSERT_TRUE(cut.result == WASI_TLS_PENDING || cut.result == WASI_TLS_ERR_CERTIFICATE_FORMAT);
    for (int value = 0; value < 256; value++) {
      std::string text = good;
      text[i] = static_cast<char>(value);
      Blocks blocks(text);
      ASSERT_TRUE(blocks.result == WASI_TLS_PENDING || blocks.result == WASI_TLS_ERR_CERTIFICATE_FORMAT);
    }
  }
}

}  // namespace
}  // namespace wasi_tls_test

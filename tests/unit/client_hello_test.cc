/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <random>

#include "failing_allocator.h"
#include "hello_builder.h"

extern "C" {
#include "client_hello.h"
}

namespace wasi_tls_test {
namespace {

constexpr size_t kLimit = 16384;
enum : uint8_t { kUnexpected = 10, kOverflow = 22, kIllegal = 47, kDecode = 50, kVersion = 70, kInternal = 80 };

/* One reading; the hello, if any, lives as long as this. */
class Reading {
 public:
  explicit Reading(const Bytes &wire, size_t limit = kLimit,
                   const wasi_tls_allocator *allocator = &wtls_default_allocator)
      : allocator_(allocator) {
    Bytes exact(wire); /* so that a sanitizer sees what is read behind it */
    exact.shrink_to_fit();
    result_ = wtls_client_hello_read(allocator, {exact.data(), exact.size()}, limit, &hello_, &alert_);
  }
  ~Reading() {
    wtls_release(allocator_, hello_);
  }
  Reading(const Reading &) = delete;
  Reading &operator=(const Reading &) = delete;

  wasi_tls_result result() const {
    return result_;
  }
  uint8_t alert() const {
    return alert_;
  }
  const wtls_hello *hello() const {
    return hello_;
  }

 private:
  const wasi_tls_allocator *allocator_;
  wtls_hello *hello_ = nullptr;
  uint8_t alert_ = 0;
  wasi_tls_result result_;
};

void ExpectFailure(const Bytes &wire, wasi_tls_result result, uint8_t alert, const char *what = "") {
  Reading reading(wire);
  EXPECT_EQ(reading.result(), result) << what;
  EXPECT_EQ(reading.alert(), alert) << what;
  EXPECT_EQ(reading.hello(), nullptr) << what;
}

std::vector<uint16_t> List(wtls_codes codes) {
  return std::vector<uint16_t>(codes.codes, codes.codes + codes.count);
}

Bytes Data(wasi_tls_bytes bytes) {
  return Bytes(bytes.data, bytes.data + bytes.len);
}

void ExpectBrowser(const Bytes &wire) {
  Reading reading(wire);
  ASSERT_EQ(reading.result(), WASI_TLS_OK);
  const wtls_hello *hello = reading.hello();
  EXPECT_EQ(hello->legacy_version, 0x0303);
  EXPECT_TRUE(hello->has_supported_versions);
  EXPECT_TRUE(hello->post_handshake_auth);
  EXPECT_TRUE(hello->has_alpn);
  EXPECT_EQ(Data(hello->server_name), Text("www.Example.com"));
  EXPECT_EQ(hello->server_name.data[hello->server_name.len], 0);
  ASSERT_EQ(hello->alpn_id_count, 3u);
  EXPECT_EQ(Data(hello->alpn_ids[0]), Text("h2"));
  EXPECT_EQ(Data(hello->alpn_ids[1]), Text("http/1.1"));
  EXPECT_EQ(Data(hello->alpn_ids[2]), (Bytes{0, ',', 0xFF}));
  EXPECT_EQ(List(hello->cipher_suites),
            (std::vector<uint16_t>{0x3A3A, 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xCCA9, 0x00FF}));
  EXPECT_EQ(List(hello->versions), (std::vector<uint16_t>{0x7A7A, 0x0304, 0x0303}));
  EXPECT_EQ(List(hello->groups), (std::vector<uint16_t>{0x4A4A, 29, 23, 24}));
  EXPECT_EQ(List(hello->signature_schemes), (std::vector<uint16_t>{0x0403, 0x0804, 0x0401, 0x0503}));
  EXPECT_EQ(List(hello->certificate_schemes), (std::vector<uint16_t>{0x0601}));
}

TEST(ClientHello, ReadsWhatABrowserSends) {
  ExpectBrowser(HelloBuilder::Browser().Wire());
}

TEST(ClientHello, ReadsOneWithoutExtensions) {
  HelloBuilder builder;
  builder.has_extensions = false;
  builder.session_id.clear();
  Reading reading(builder.Wire());
  ASSERT_EQ(reading.result(), WASI_TLS_OK);
  const wtls_hello *hello = reading.hello();
  EXPECT_FALSE(hello->has_supported_versions);
  EXPECT_FALSE(hello->post_handshake_auth);
  EXPECT_FALSE(hello->has_alpn);
  EXPECT_EQ(hello->server_name.data, nullptr);
  EXPECT_EQ(hello->server_name.len, 0u);
  EXPECT_EQ(hello->alpn_id_count, 0u);
  EXPECT_EQ(hello->versions.count, 0u);
  EXPECT_EQ(hello->groups.count, 0u);
  EXPECT_EQ(hello->signature_schemes.count, 0u);
  EXPECT_EQ(hello->certificate_schemes.count, 0u);
  EXPECT_EQ(List(hello->cipher_suites), (std::vector<uint16_t>{0x1301, 0xC02F}));
  EXPECT_EQ(Reading(HelloBuilder().Wire()).result(), WASI_TLS_OK) << "an empty list of extensions";
}

TEST(ClientHello, WaitsForTheLastByte) {
  Bytes whole = HelloBuilder::Browser().Wire();
  Bytes split = Records(HelloBuilder::Browser().Message(), 7);
  for (const Bytes &wire : {whole, split})
    for (size_t len = 0; len < wire.size(); len++) {
      Reading reading(Bytes(wire.begin(), wire.begin() + static_cast<long>(len)));
      ASSERT_EQ(reading.result(), WASI_TLS_PENDING) << len;
      ASSERT_EQ(reading.hello(), nullptr);
    }
  EXPECT_EQ(wtls_client_hello_read(&wtls_default_allocator, {nullptr, 0}, kLimit, nullptr, nullptr), WASI_TLS_PENDING);
}

TEST(ClientHello, MayBeSplitOverRecordsAnywhere) {
  Bytes message = HelloBuilder::Browser().Message();
  for (size_t size = 1; size <= message.size(); size++) ExpectBrowser(Records(message, size));
}

TEST(ClientHello, LeavesLaterRecordsAlone) {
  Bytes hello = HelloBuilder::Browser().Wire();
  ExpectBrowser(Concat({hello, Record({1}, 20)}));
  ExpectBrowser(Concat({hello, {'G', 'E', 'T'}}));
}

TEST(ClientHello, RefusesMoreInItsLastRecord) {
  Bytes message = HelloBuilder::Browser().Message();
  Bytes longer = Concat({message, {1}});
  ExpectFailure(Record(longer), WASI_TLS_ERR_PROTOCOL, kUnexpected);
  for (size_t size = 2; size < longer.size(); size++)
    if (longer.size() % size != 1) ExpectFailure(Records(longer, size), WASI_TLS_ERR_PROTOCOL, kUnexpected);
}

TEST(ClientHello, KnowsWhatIsNotTls) {
  const struct {
    Bytes wire;
    uint8_t alert;
  } cases[] = {
      {Text("G"), kUnexpected},
      {Text("SSH-2.0-x\r\n"), kUnexpected},
      {{0}, kUnexpected},
      {Record({2, 40}, 21), kUnexpected},
      {Record({1}, 20), kUnexpected},
      {Record({0}, 23), kUnexpected},
      {{0x80, 0x2E, 0x01}, kVersion},                   /* SSL 2.0 */
      {{0x80, 0x2E, 0x01, 0x00, 0x02}, kVersion},       /* SSL 2.0 */
      {{0x80, 0x2E, 0x01, 0x03, 0x01, 0x00}, kVersion}, /* TLS 1.0 in SSL 2.0's form */
      {{0x80, 0x2E, 0x02}, kUnexpected},
      {{0xFF, 0xFF, 0xFF}, kUnexpected},
      {{22, 2}, kVersion},
      {{22, 4, 0, 0, 5}, kVersion},
      {{22, 0xFE, 0xFD}, kVersion}, /* DTLS */
  };
  for (const auto &entry : cases) ExpectFailure(entry.wire, WASI_TLS_ERR_NOT_TLS, entry.alert);
  EXPECT_EQ(Reading({0x80}).result(), WASI_TLS_PENDING);
  EXPECT_EQ(Reading({0x80, 0x2E}).result(), WASI_TLS_PENDING);
  EXPECT_EQ(Reading({22}).result(), WASI_TLS_PENDING);
}

TEST(ClientHello, RefusesBadRecords) {
  Bytes first = Record({1, 0, 1});
  ExpectFailure(Record({}), WASI_TLS_ERR_PROTOCOL, kUnexpected, "empty");
  ExpectFailure(Concat({first, Record({})}), WASI_TLS_ERR_PROTOCOL, kUnexpected, "empty, later");
  ExpectFailure(Concat({first, Record({1}, 20)}), WASI_TLS_ERR_PROTOCOL, kUnexpected, "change_cipher_spec");
  ExpectFailure(Concat({first, Record({1, 0}, 21)}), WASI_TLS_ERR_PROTOCOL, kUnexpected, "alert");
  ExpectFailure(Concat({first, Record({1}, 22, 2)}), WASI_TLS_ERR_PROTOCOL, kVersion, "version");
  ExpectFailure({22, 3, 1, 0x40, 0x01}, WASI_TLS_ERR_PROTOCOL, kOverflow, "too long");
  ExpectFailure({22, 3, 1, 0xFF, 0xFF}, WASI_TLS_ERR_PROTOCOL, kOverflow, "too long");
  for (uint8_t type : Bytes{0, 2, 11, 20, 24}) {
    ExpectFailure({22, 3, 1, 0, 9, type}, WASI_TLS_ERR_PROTOCOL, kUnexpected, "not a hello");
    ExpectFailure(Record({type}), WASI_TLS_ERR_PROTOCOL, kUnexpected, "not a hello");
  }
}

TEST(ClientHello, TakesTheLongestRecord) {
  HelloBuilder builder = HelloBuilder::Browser();
  size_t room = 16384 - builder.Message().size();
  builder.Add(HelloBuilder::kPadding, Bytes(room - 4));
  ASSERT_EQ(builder.Message().size(), 16384u);
  ExpectBrowser(builder.Wire());
}

TEST(ClientHello, KeepsToTheLimit) {
  Bytes message = HelloBuilder::Browser().Message();
  EXPECT_EQ(Reading(Record(message), message.size()).result(), WASI_TLS_OK);
  for (const Bytes &wire : {Record(message), Records(message, 1)}) {
    Reading reading(wire, message.size() - 1);
    EXPECT_EQ(reading.result(), WASI_TLS_ERR_LIMIT);
    EXPECT_EQ(reading.alert(), kIllegal);
  }
  Bytes header = {22, 3, 1, 0x10, 0, 1, 0xFF, 0xFF};
  EXPECT_EQ(Reading(header).result(), WASI_TLS_PENDING);
  header.push_back(0xFF);
  ExpectFailure(header, WASI_TLS_ERR_LIMIT, kIllegal, "known from the message's header on");
}

TEST(ClientHello, ReadsTheLargestThatTheConfigurationAllows) {
  HelloBuilder builder = HelloBuilder::Browser();
  builder.Add(HelloBuilder::kPadding, Bytes(60000));
  ASSERT_EQ(Reading(Records(builder.Message(), 16384), 131072).result(), WASI_TLS_OK);
}

struct BadHello {
  const char *what;
  uint8_t alert;
  std::function<void(HelloBuilder &)> spoil;
};

TEST(ClientHello, RefusesBadBodies) {
  const BadHello cases[] = {
      {"no suites", kDecode, [](HelloBuilder &b) { b.cipher_suites.clear(); }},
      {"odd suites", kDecode, [](HelloBuilder &b) { b.cipher_suites.push_back(1); }},
      {"session id", kDecode, [](HelloBuilder &b) { b.session_id = Bytes(33); }},
      {"no compression list", kDecode, [](HelloBuilder &b) { b.compression.clear(); }},
      {"no null compression", kIllegal,
       [](HelloBuilder &b) {
         b.compression = {1, 64};
       }},
      {"compression under TLS 1.3", kIllegal,
       [](HelloBuilder &b) {
         b.compression = {1, 0};
       }},
      {"trailing byte", kDecode, [](HelloBuilder &b) { b.behind = {0}; }},
      {"half a length", kDecode,
       [](HelloBuilder &b) {
         b.has_extensions = false;
         b.behind = {0};
       }},
      {"extension longer than the list", kDecode,
       [](HelloBuilder &b) {
         b.has_extensions = false;
         b.behind = {0, 5, 0xAA, 0xAA, 0, 2, 1};
       }},
      {"half an extension header", kDecode,
       [](HelloBuilder &b) {
         b.has_extensions = false;
         b.behind = {0, 3, 0xAA, 0xAA, 0};
       }},
      {"list longer than the message", kDecode,
       [](HelloBuilder &b) {
         b.has_extensions = false;
         b.behind = {0, 5, 0xAA, 0xAA, 0, 0};
       }},
      {"known extension twice", kIllegal, [](HelloBuilder &b) { b.AddServerName(Text("b")); }},
      {"unknown extension twice", kIllegal, [](HelloBuilder &b) { b.Add(0x1A1A, {}); }},
      {"extension 65535 twice", kIllegal, [](HelloBuilder &b) { b.Add(0xFFFF, {}).Add(0xFFFF, {}); }},
  };
  for (const BadHello &entry : cases) {
    HelloBuilder builder = HelloBuilder::Browser();
    entry.spoil(builder);
    ExpectFailure(builder.Wire(), WASI_TLS_ERR_PROTOCOL, entry.alert, entry.what);
  }
}

TEST(ClientHello, RefusesEachCutOffBody) {
  Bytes body = HelloBuilder::Browser().Body();
  size_t without_extensions = 2 + 32 + 33 + 18 + 2;
  for (size_t len = 0; len < body.size(); len++) {
    if (len == without_extensions) continue;
    Bytes cut(body.begin(), body.begin() + static_cast<long>(len));
    ExpectFailure(Record(Concat({{1}, Vector(3, cut)})), WASI_TLS_ERR_PROTOCOL, kDecode);
  }
}

TEST(ClientHello, AllowsOtherCompressionsUpToTls12) {
  HelloBuilder builder;
  builder.compression = {1, 0};
  EXPECT_EQ(Reading(builder.Wire()).result(), WASI_TLS_OK);
}

TEST(ClientHello, RefusesBadExtensions) {
  const struct {
    const char *what;
    uint16_t type;
    Bytes data;
    uint8_t alert;
  } cases[] = {
      {"name: nothing", 0, {}, kDecode},
      {"name: empty list", 0, {0, 0}, kDecode},
      {"name: no name", 0, {0, 1, 0}, kDecode},
      {"name: empty", 0, {0, 3, 0, 0, 0}, kDecode},
      {"name: too long for the list", 0, {0, 4, 0, 0, 2, 'a'}, kDecode},
      {"name: list too long", 0, {0, 5, 0, 0, 1, 'a'}, kDecode},
      {"name: behind the list", 0, {0, 4, 0, 0, 1, 'a', 0}, kDecode},
      {"name: of another type", 0, {0, 4, 1, 0, 1, 'a'}, kDecode},
      {"name: two", 0, {0, 8, 0, 0, 1, 'a', 0, 0, 1, 'b'}, kIllegal},
      {"name: another type behind", 0, {0, 8, 0, 0, 1, 'a', 1, 0, 1, 'b'}, kDecode},
      {"name: NUL", 0, {0, 6, 0, 0, 3, 'a', 0, 'b'}, kDecode},
      {"name: blank", 0, {0, 6, 0, 0, 3, 'a', ' ', 'b'}, kDecode},
      {"name: line end", 0, {0, 6, 0, 0, 3, 'a', '\n', 'b'}, kDecode},
      {"name: DEL", 0, {0, 4, 0, 0, 1, 0x7F}, kDecode},
      {"name: not ASCII", 0, {0, 5, 0, 0, 2, 0xC3, 0xA9}, kDecode},
      {"name: 256 bytes", 0, Vector(2, Concat({{0}, Vector(2, Bytes(256, 'a'))})), kDecode},
      {"alpn: nothing", 16, {}, kDecode},
      {"alpn: empty list", 16, {0, 0}, kDecode},
      {"alpn: empty id", 16, {0, 1, 0}, kDecode},
      {"alpn: empty id behind", 16, {0, 3, 1, 'a', 0}, kDecode},
      {"alpn: id too long", 16, {0, 2, 2, 'a'}, kDecode},
      {"alpn: behind the list", 16, {0, 2, 1, 'a', 0}, kDecode},
      {"versions: nothing", 43, {}, kDecode},
      {"versions: empty list", 43, {0}, kDecode},
      {"versions: odd", 43, {3, 3, 4, 3}, kDecode},
      {"versions: behind the list", 43, {2, 3, 4, 0}, kDecode},
      {"post_handshake_auth: not empty", 49, {0}, kDecode},
  };
  for (const auto &entry : cases)
    ExpectFailure(HelloBuilder().Add(entry.type, entry.data).Wire(), WASI_TLS_ERR_PROTOCOL, entry.alert, entry.what);
  for (uint16_t type : {HelloBuilder::kGroups, HelloBuilder::kSchemes, HelloBuilder::kCertificateSchemes})
    for (const Bytes &data : {Bytes{}, Bytes{0, 0}, Bytes{0, 1, 1}, Bytes{0, 2, 1}, Bytes{0, 2, 1, 1, 0}})
      ExpectFailure(HelloBuilder().Add(type, data).Wire(), WASI_TLS_ERR_PROTOCOL, kDecode, "codes");
}

TEST(ClientHello, TakesTheLongestNameAndAlpnId) {
  HelloBuilder builder;
  builder.AddServerName(Bytes(255, 'a')).AddAlpn({Bytes(255, 0), Bytes(1, 7)});
  Reading reading(builder.Wire());
  ASSERT_EQ(reading.result(), WASI_TLS_OK);
  EXPECT_EQ(Data(reading.hello()->server_name), Bytes(255, 'a'));
  ASSERT_EQ(reading.hello()->alpn_id_count, 2u);
  EXPECT_EQ(Data(reading.hello()->alpn_ids[0]), Bytes(255, 0));
  EXPECT_EQ(Data(reading.hello()->alpn_ids[1]), Bytes(1, 7));
}

TEST(ClientHello, RefusesOldVersions) {
  const struct {
    uint16_t legacy;
    std::vector<uint16_t> versions;
    bool good;
  } cases[] = {
      {0x0303, {}, true},        {0x0304, {}, true},
      {0x0302, {}, false},       {0x0301, {}, false},
      {0x0300, {}, false},       {0x0200, {}, false},
      {0x0300, {0x0304}, false}, /* RFC 8446, appendix D.5 */
      {0x0303, {0x0304}, true},  {0x0301, {0x0303}, true},
      {0x0303, {0x0302}, false}, {0x0303, {0x7A7A, 0x0301}, false},
      {0x0303, {0x0305}, false}, {0x0303, {0x0305, 0x0303}, true},
      {0x0303, {0x7F1C}, false},
  };
  for (const auto &entry : cases) {
    HelloBuilder builder;
    builder.legacy_version = entry.legacy;
    if (!entry.versions.empty()) builder.AddCodes(HelloBuilder::kVersions, entry.versions);
    if (entry.good)
      EXPECT_EQ(Reading(builder.Wire()).result(), WASI_TLS_OK) << entry.legacy;
    else
      ExpectFailure(builder.Wire(), WASI_TLS_ERR_PROTOCOL_VERSION, kVersion);
  }
}

TEST(ClientHello, FindsTheBestVersion) {
  const uint16_t both[] = {0x0A0A, 0x0303, 0x0304};
  wtls_hello hello = {};
  hello.legacy_version = 0x0303;
  EXPECT_EQ(wtls_hello_best_version(&hello, 0x0303, 0x0304), 0x0303);
  EXPECT_EQ(wtls_hello_best_version(&hello, 0x0304, 0x0304), 0);
  hello.legacy_version = 0x0304;
  EXPECT_EQ(wtls_hello_best_version(&hello, 0x0303, 0x0304), 0x0303) << "TLS 1.3 needs supported_versions";
  hello.legacy_version = 0x0302;
  EXPECT_EQ(wtls_hello_best_version(&hello, 0x0303, 0x0304), 0);
  hello.legacy_version = 0x0303;
  hello.has_supported_versions = true;
  hello.versions = {both, 3};
  EXPECT_EQ(wtls_hello_best_version(&hello, 0x0303, 0x0304), 0x0304);
  EXPECT_EQ(wtls_hello_best_version(&hello, 0x0303, 0x0303), 0x0303);
  EXPECT_EQ(wtls_hello_best_version(&hello, 0x0304, 0x0304), 0x0304);
  hello.versions = {both + 2, 1};
  EXPECT_EQ(wtls_hello_best_version(&hello, 0x0303, 0x0303), 0) << "legacy_version does not count any more";
}

TEST(ClientHello, FindsCodes) {
  const uint16_t list[] = {1, 2};
  EXPECT_TRUE(wtls_codes_contain({list, 2}, 2));
  EXPECT_FALSE(wtls_codes_contain({list, 1}, 2));
  EXPECT_FALSE(wtls_codes_contain({nullptr, 0}, 0));
}

TEST(ClientHello, SurvivesTheLackOfMemory) {
  Bytes wire = HelloBuilder::Browser().Wire();
  int failures = 0;
  for (bool failed = true; failed; failures++) {
    FailingAllocator allocator(failures);
    {
      Reading reading(wire, kLimit, allocator.get());
      failed = allocator.failed();
      EXPECT_EQ(reading.result(), failed ? WASI_TLS_ERR_OUT_OF_MEMORY : WASI_TLS_OK);
      EXPECT_EQ(reading.alert(), failed ? kInternal : 0);
    }
    EXPECT_EQ(allocator.live(), 0);
  }
  EXPECT_GT(failures, 1);
}

/* Whatever the bytes are: an outcome of the documented ones, with an alert where one is due. */
void ExpectSane(const Bytes &wire) {
  Reading reading(wire);
  switch (reading.result()) {
    case WASI_TLS_OK:
      ASSERT_NE(reading.hello(), nullptr);
      ASSERT_NE(wtls_hello_best_version(reading.hello(), 0x0303, 0x0304), 0);
      break;
    case WASI_TLS_PENDING:
      ASSERT_EQ(reading.hello(), nullptr);
      break;
    case WASI_TLS_ERR_NOT_TLS:
    case WASI_TLS_ERR_PROTOCOL:
    case WASI_TLS_ERR_PROTOCOL_VERSION:
    case WASI_TLS_ERR_LIMIT:
      ASSERT_EQ(reading.hello(), nullptr);
      ASSERT_NE(reading.alert(), 0);
      break;
    default:
      FAIL() << reading.result();
  }
}

TEST(ClientHello, SurvivesEachCorruptedByte) {
  for (const Bytes &good : {HelloBuilder::Browser().Wire(), Records(HelloBuilder::Browser().Message(), 50)})
    for (size_t i = 0; i < good.size(); i++)
      for (int value = 0; value < 256; value++) {
        Bytes wire = good;
        wire[i] = static_cast<uint8_t>(value);
        ExpectSane(wire);
      }
}

TEST(ClientHello, SurvivesManyCorruptedBytes) {
  std::mt19937 random(20240517);
  Bytes good = HelloBuilder::Browser().Wire();
  for (int round = 0; round < 20000; round++) {
    Bytes wire = good;
    for (int i = 0; i < 4; i++) wire[random() % wire.size()] = static_cast<uint8_t>(random());
    ExpectSane(wire);
  }
}

}  // namespace
}  // namespace wasi_tls_test

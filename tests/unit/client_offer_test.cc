/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* A server's answer against what the client has offered: one rule after another is broken, the rest kept. */
#include <gtest/gtest.h>

#include <climits>
#include <functional>

extern "C" {
#include "client_offer.h"
}

#include "failing_allocator.h"
#include "hello_builder.h"

using namespace wasi_tls_test;

namespace {

enum : uint8_t { kServerHello = 2, kEncryptedExtensions = 8, kCertificateRequest = 13 };
enum : int {
  kFine = 0,
  kUnexpectedMessage = 10,
  kHandshakeFailure = 40,
  kIllegalParameter = 47,
  kDecodeError = 50,
  kUnsupportedExtension = 110
};
enum : uint16_t { kKeyShare = 51, kCookie = 44, kRenegotiationInfo = 0xFF01 };

const Bytes kRetryRandom = {0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C,
                            0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB,
                            0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

Bytes Share(uint16_t group) {
  return Concat({Codes({group}), Vector(2, Bytes(32, 7))});
}

HelloBuilder ClientHello(bool tls13 = true) {
  HelloBuilder hello;
  hello.cipher_suites = Codes({0x1301, 0x1302, 0xC02B, 0x00FF});
  hello.AddCodes(HelloBuilder::kGroups, {29, 23});
  hello.AddAlpn({Text("h2"), Text("http/1.1")});
  hello.Add(23, {});
  if (!tls13) return hello;
  hello.AddCodes(HelloBuilder::kVersions, {0x0304, 0x0303});
  return hello.Add(kKeyShare, Vector(2, Share(29)));
}

struct ServerHello {
  uint16_t legacy_version = 0x0303;
  Bytes random = Bytes(32, 0x11);
  Bytes session_id = Bytes(32, 0xA5);
  uint16_t suite = 0x1301;
  uint8_t compression = 0;
  std::vector<std::pair<uint16_t, Bytes>> extensions = {{HelloBuilder::kVersions, Codes({0x0304})},
                                                        {kKeyShare, Share(29)}};
  Bytes behind;

  Bytes Body() const {
    Bytes list;
    for (const auto &[type, data] : extensions) list = Concat({list, Codes({type}), Vector(2, data)});
    return Concat({Codes({legacy_version}),
                   random,
                   Vector(1, session_id),
                   Codes({suite}),
                   {compression},
                   Vector(2, list),
                   behind});
  }
};

ServerHello Retry(uint16_t group = 23) {
  ServerHello hello;
  hello.random = kRetryRandom;
  hello.extensions[1].second = Codes({group});
  return hello;
}

ServerHello Tls12() {
  ServerHello hello;
  hello.suite = 0xC02B;
  hello.extensions = {{kRenegotiationInfo, {0}}, {23, {}}};
  return hello;
}

Bytes Extensions(const std::vector<std::pair<uint16_t, Bytes>> &extensions) {
  Bytes list;
  for (const auto &[type, data] : extensions) list = Concat({list, Codes({type}), Vector(2, data)});
  return Vector(2, list);
}

Bytes Alpn(const std::vector<Bytes> &ids) {
  Bytes list;
  for (const Bytes &id : ids) list = Concat({list, Vector(1, id)});
  return Vector(2, list);
}

class ClientOffer : public testing::Test {
 protected:
  void TearDown() override {
    wtls_client_offer_clear(&offer_, &allocator_);
  }
  void Send(const Bytes &wire) {
    ASSERT_TRUE(wtls_client_offer_note(&offer_, &allocator_, {wire.data(), wire.size()}));
  }
  int Judge(uint8_t type, const Bytes &body) {
    wtls_fault found = wtls_client_offer_judge(&offer_, type, {body.data(), body.size()});
    EXPECT_EQ(found.alert == 0, found.text == nullptr);
    return found.alert;
  }
  int Judge(const ServerHello &hello) {
    return Judge(kServerHello, hello.Body());
  }
  /* The client starts anew. */
  void Offer(const HelloBuilder &hello = ClientHello()) {
    wtls_client_offer_clear(&offer_, &allocator_);
    offer_ = {};
    Send(hello.Wire());
  }
  int JudgeChange(ServerHello hello, const std::function<void(ServerHello &)> &change) {
    change(hello);
    return Judge(hello);
  }

  FailingAllocator working_{INT_MAX};
  wasi_tls_allocator allocator_ = *working_.get();
  wtls_client_offer offer_ = {};
};

}  // namespace

TEST_F(ClientOffer, TakesWhatKeepsToIt) {
  Offer();
  EXPECT_EQ(Judge(ServerHello()), kFine);
  EXPECT_EQ(Judge(kEncryptedExtensions, Extensions({{16, Alpn({Text("h2")})}, {10, Vector(2, Codes({23}))}})), kFine);
  EXPECT_EQ(Judge(kCertificateRequest, {0, 0, 0}), kFine) << "what is in it is the engine's matter";
  Offer();
  EXPECT_EQ(Judge(Tls12()), kFine);
}

TEST_F(ClientOffer, HoldsTheServerHelloOfTls13ToIt) {
  const struct {
    int alert;
    std::function<void(ServerHello &)> change;
  } cases[] = {
      {kIllegalParameter, [](ServerHello &hello) { hello.session_id[31] ^= 1; }},
      {kIllegalParameter, [](ServerHello &hello) { hello.session_id.clear(); }},
      {kIllegalParameter, [](ServerHello &hello) { hello.suite = 0x1303; }},
      {kIllegalParameter, [](ServerHello &hello) { hello.compression = 1; }},
      {kIllegalParameter, [](ServerHello &hello) { hello.extensions[0].second = Codes({0x0305}); }},
      {kIllegalParameter, [](ServerHello &hello) { hello.extensions[0].second = Codes({0x0303}); }},
      {kDecodeError, [](ServerHello &hello) { hello.extensions[0].second = {3}; }},
      {kDecodeError,
       [](ServerHello &hello) {
         hello.extensions[0].second = {3, 4, 0};
       }},
      {kIllegalParameter, [](ServerHello &hello) { hello.extensions[1].second = Share(23); }},
      {kIllegalParameter, [](ServerHello &hello) { hello.extensions.push_back(hello.extensions[1]); }},
      {kUnsupportedExtension,
       [](ServerHello &hello) {
         hello.extensions.push_back({0x1234, {}});
       }},
      {kUnsupportedExtension,
       [](ServerHello &hello) {
         hello.extensions.push_back({kCookie, {}});
       }},
      {kDecodeError, [](ServerHello &hello) { hello.behind = {0}; }},
      {kDecodeError, [](ServerHello &hello) { hello.session_id.resize(33); }},
      {kFine, [](ServerHello &hello) { hello.extensions.pop_back(); }},
      {kFine, [](ServerHello &hello) { hello.legacy_version = 0x0302; }},
  };
  for (const auto &each : cases) {
    Offer();
    EXPECT_EQ(JudgeChange(ServerHello(), each.change), each.alert) << &each - cases;
  }
}

TEST_F(ClientOffer, HoldsTheServerHelloOfTls12ToIt) {
  const struct {
    int alert;
    std::function<void(ServerHello &)> change;
  } cases[] = {
      {kHandshakeFailure,
       [](ServerHello &hello) {
         hello.extensions[0].second = {1, 9};
       }},
      {kHandshakeFailure, [](ServerHello &hello) { hello.extensions[0].second = {}; }},
      {kHandshakeFailure, [](ServerHello &hello) { hello.extensions.erase(hello.extensions.begin()); }},
      {kIllegalParameter,
       [](ServerHello &hello) {
         hello.extensions.push_back({23, {}});
       }},
      {kUnsupportedExtension,
       [](ServerHello &hello) {
         hello.extensions.push_back({15, {1}});
       }},
      {kIllegalParameter, [](ServerHello &hello) { hello.suite = 0xC02F; }},
      {kFine,
       [](ServerHello &hello) {
         hello.extensions.push_back({16, Alpn({Text("h2")})});
       }},
      {kIllegalParameter,
       [](ServerHello &hello) {
         hello.extensions.push_back({16, Alpn({Text("h3")})});
       }},
      {kFine,
       [](ServerHello &hello) {
         hello.session_id = {1, 2, 3};
       }},
  };
  for (const auto &each : cases) {
    Offer();
    EXPECT_EQ(JudgeChange(Tls12(), each.change), each.alert) << &each - cases;
  }
}

/* RFC 5746: who has not said that it knows the extension gets none, and needs none. */
TEST_F(ClientOffer, DoesWithoutRenegotiationInfo) {
  HelloBuilder silent = ClientHello(false);
  silent.cipher_suites = Codes({0xC02B});
  ServerHello without = Tls12();
  without.extensions.erase(without.extensions.begin());
  Offer(silent);
  EXPECT_EQ(Judge(without), kFine);
  EXPECT_EQ(Judge(Tls12()), kUnsupportedExtension);
  Offer(silent.Add(kRenegotiationInfo, {0}));
  EXPECT_EQ(Judge(Tls12()), kFine);
  EXPECT_EQ(Judge(without), kHandshakeFailure);
}

TEST_F(ClientOffer, EndsBeforeTheExtensionsInTls12) {
  HelloBuilder silent = ClientHello(false);
  silent.cipher_suites = Codes({0xC02B});
  Offer(silent);
  Bytes body = Tls12().Body();
  body.resize(2 + 32 + 33 + 3);
  EXPECT_EQ(Judge(kServerHello, body), kFine);
  body.pop_back();
  EXPECT_EQ(Judge(kServerHello, body), kDecodeError);
}

TEST_F(ClientOffer, IsMadeAgainForARetry) {
  Offer();
  EXPECT_EQ(Judge(Retry()), kFine);
  HelloBuilder second = ClientHello();
  second.extensions.back().second = Vector(2, Share(23));
  Send(second.Wire());
  ServerHello hello;
  EXPECT_EQ(Judge(hello), kIllegalParameter) << "the share of the first";
  hello.extensions[1].second = Share(23);
  EXPECT_EQ(Judge(hello), kFine);
  hello.suite = 0x1302;
  EXPECT_EQ(Judge(hello), kIllegalParameter) << "another suite";
  EXPECT_EQ(Judge(Retry(29)), kUnexpectedMessage) << "another retry";
  EXPECT_EQ(Judge(Tls12()), kIllegalParameter) << "another version";
}

TEST_F(ClientOffer, HoldsARetryToIt) {
  const struct {
    int alert;
    std::function<void(ServerHello &)> change;
  } cases[] = {
      {kIllegalParameter, [](ServerHello &hello) { hello.extensions[1].second = Codes({29}); }},
      {kIllegalParameter, [](ServerHello &hello) { hello.extensions[1].second = Codes({24}); }},
      {kIllegalParameter, [](ServerHello &hello) { hello.extensions.pop_back(); }},
      {kFine,
       [](ServerHello &hello) {
         hello.extensions[1] = {kCookie, Vector(2, {1})};
       }},
      {kFine,
       [](ServerHello &hello) {
         hello.extensions.push_back({kCookie, Vector(2, {1})});
       }},
      {kUnsupportedExtension,
       [](ServerHello &hello) {
         hello.extensions.push_back({0x1234, {}});
       }},
      {kIllegalParameter, [](ServerHello &hello) { hello.session_id[0] ^= 1; }},
      {kIllegalParameter, [](ServerHello &hello) { hello.suite = 0x1303; }},
  };
  for (const auto &each : cases) {
    Offer();
    EXPECT_EQ(JudgeChange(Retry(), each.change), each.alert) << &each - cases;
  }
}

/* RFC 8446, section 4.1.4: for a cookie alone the share stays as it was. */
TEST_F(ClientOffer, KeepsItsShareForACookie) {
  Offer();
  ServerHello retry = Retry();
  retry.extensions[1] = {kCookie, Vector(2, {1})};
  EXPECT_EQ(Judge(retry), kFine);
  Send(ClientHello().Add(kCookie, Vector(2, {1})).Wire());
  EXPECT_EQ(Judge(ServerHello()), kFine);
}

TEST_F(ClientOffer, HoldsEncryptedExtensionsToIt) {
  const struct {
    int alert;
    Bytes body;
  } cases[] = {
      {kFine, Extensions({})},
      {kUnsupportedExtension, Extensions({{0x1234, {}}})},
      {kIllegalParameter, Extensions({{10, {}}, {23, {}}, {10, {}}})},
      {kDecodeError, Concat({Extensions({}), {0}})},
      {kDecodeError, {0, 4, 0, 10, 0, 1}},
      {kDecodeError, {}},
      {kIllegalParameter, Extensions({{16, Alpn({Text("h3")})}})},
      {kDecodeError, Extensions({{16, Alpn({Text("h2"), Text("http/1.1")})}})},
      {kDecodeError, Extensions({{16, Alpn({})}})},
      {kDecodeError, Extensions({{16, Alpn({{}})}})},
      {kDecodeError, Extensions({{16, Concat({Alpn({Text("h2")}), {0}})}})},
  };
  for (const auto &each : cases) {
    Offer();
    ASSERT_EQ(Judge(ServerHello()), kFine);
    EXPECT_EQ(Judge(kEncryptedExtensions, each.body), each.alert) << &each - cases;
  }
}

TEST_F(ClientOffer, HoldsRequestsOfTls13ToIt) {
  Offer();
  ASSERT_EQ(Judge(ServerHello()), kFine);
  EXPECT_EQ(Judge(kCertificateRequest, {1, 9, 0, 0}), kIllegalParameter);
  Offer();
  ASSERT_EQ(Judge(Tls12()), kFine);
  EXPECT_EQ(Judge(kCertificateRequest, {1, 64, 0, 2, 4, 3, 0, 0}), kFine) << "it has another form there";
}

TEST_F(ClientOffer, IsPutTogetherFromRecords) {
  Bytes message = ClientHello().Message();
  for (size_t size : {1u, 5u, 100u}) {
    wtls_client_offer_clear(&offer_, &allocator_);
    offer_ = {};
    Send(Concat({Record({1}, 20), Records(message, size)}));
    EXPECT_EQ(offer_.hello.len, message.size());
    Send(Record({16, 0, 0, 0}));
    EXPECT_EQ(offer_.hello.len, message.size()) << "what comes later is not of it";
    EXPECT_EQ(JudgeChange(ServerHello(), [](ServerHello &hello) { hello.suite = 0x1303; }), kIllegalParameter);
  }
}

TEST_F(ClientOffer, SaysNothingOfWhatItHasNotSeen) {
  EXPECT_EQ(Judge(kServerHello, {}), kFine);
  FailingAllocator failing(0);
  Bytes wire = ClientHello().Wire();
  EXPECT_FALSE(wtls_client_offer_note(&offer_, failing.get(), {wire.data(), wire.size()}));
}

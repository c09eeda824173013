/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <gtest/gtest.h>

#include <cstring>
#include <string>

extern "C" {
#include "server_name.h"
}

namespace wasi_tls_test {
namespace {

wasi_tls_bytes View(const std::string &text) {
  return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

wtls_server_name Parse(const std::string &text) {
  wtls_server_name name = {};
  EXPECT_EQ(wtls_server_name_parse(View(text), &name), WASI_TLS_OK) << text;
  return name;
}

/* A name of |len| bytes in labels of 63 at most. */
std::string LongName(size_t len) {
  std::string name(len, 'a');
  for (size_t i = 63; i < len; i += 64) name[i] = '.';
  return name;
}

TEST(ServerName, TakesDnsNames) {
  for (const char *text : {"example.com", "EXAMPLE.com", "localhost", "a", "xn--bcher-kva.example", "_sip._tcp.example",
                           "1.example", "3com.com", "a.1b", "1.2.3.4.example", "-a-.example"}) {
    wtls_server_name name = Parse(text);
    EXPECT_EQ(name.ip_len, 0u) << text;
    EXPECT_STREQ(name.dns, text);
    EXPECT_EQ(name.dns_len, strlen(text));
  }
}

TEST(ServerName, DropsOneFinalDot) {
  wtls_server_name name = Parse("Example.com.");
  EXPECT_STREQ(name.dns, "Example.com");
  EXPECT_EQ(name.dns_len, 11u);
}

TEST(ServerName, TakesTheLongestNames) {
  EXPECT_EQ(Parse(LongName(253)).dns_len, 253u);
  EXPECT_EQ(Parse(LongName(253) + ".").dns_len, 253u);
  EXPECT_EQ(Parse(std::string(63, 'a') + ".example").dns_len, 71u);
}

TEST(ServerName, TakesIpLiterals) {
  wtls_server_name name = Parse("192.0.2.7");
  const uint8_t v4[] = {192, 0, 2, 7};
  ASSERT_EQ(name.ip_len, 4u);
  EXPECT_EQ(memcmp(name.ip, v4, 4), 0);
  EXPECT_EQ(name.dns_len, 0u);
  const uint8_t v6[16] = {0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  for (const char *text : {"2001:db8::1", "2001:DB8:0:0:0:0:0:1", "2001:db8::0.0.0.1"}) {
    name = Parse(text);
    ASSERT_EQ(name.ip_len, 16u) << text;
    EXPECT_EQ(memcmp(name.ip, v6, 16), 0) << text;
  }
}

TEST(ServerName, RefusesTheRest) {
  const std::string cases[] = {
      "",
      ".",
      "..",
      "a..b",
      ".a",
      "a..",
      "a b",
      " a",
      "a ",
      "a\n",
      "a,b",
      "a/b",
      "a:b",
      "*.example.com",
      "a@b",
      "b\xC3\xBC"
      "cher.example",
      std::string("a\0b", 3),
      std::string("a\0", 2),
      std::string("\0", 1),
      LongName(254),
      LongName(254) + ".",
      LongName(255),
      std::string(100000, 'a'),
      std::string(64, 'a') + ".example",
      "[2001:db8::1]",
      "fe80::1%eth0",
      "2001:db8::1.",
      "1.2.3.4.",
      "1.2.3.256",
      "1.2.3",
      "1.2.3.4.5",
      "123",
      "0x7f.1.2.3",
      "192.0.2.7/24",
      "::1::",
      "example.123",
  };
  for (const std::string &text : cases) {
    wtls_server_name name;
    memset(&name, 0x5A, sizeof(name));
    wtls_server_name before = name;
    EXPECT_EQ(wtls_server_name_parse(View(text), &name), WASI_TLS_ERR_SERVER_NAME) << text;
    EXPECT_EQ(memcmp(&name, &before, sizeof(name)), 0) << "written to: " << text;
  }
  wtls_server_name name;
  EXPECT_EQ(wtls_server_name_parse({nullptr, 0}, &name), WASI_TLS_ERR_SERVER_NAME);
}

TEST(ServerName, MatchesAsRfc9525Says) {
  const struct {
    const char *pattern;
    const char *name;
    bool matches;
  } cases[] = {
      {"example.com", "example.com", true},
      {"EXAMPLE.com", "example.COM", true},
      {"example.com", "example.com.", true},
      {"example.com.", "example.com", false},
      {"example.com", "www.example.com", false},
      {"www.example.com", "example.com", false},
      {"example.co", "example.com", false},
      {"example.com", "example.co", false},
      {"localhost", "localhost", true},
      {"", "a", false},
      {"*.example.com", "www.example.com", true},
      {"*.EXAMPLE.com", "www.example.COM", true},
      {"*.example.com", "example.com", false},
      {"*.example.com", "a.b.example.com", false},
      {"*.example.com", "xn--bcher-kva.example.com", true},
      {"*.example.com", "wwwexample.com", false},
      {"*.example.com", "www.example.org", false},
      {"*.com", "example.com", false},
      {"*.", "example", false},
      {"*", "example", false},
      {"*", "localhost", false},
      {"*.*.com", "a.b.com", false},
      {"w*.example.com", "www.example.com", false},
      {"*w.example.com", "www.example.com", false},
      {"www.*.com", "www.example.com", false},
      {"*example.com", "example.com", false},
      {"*..com", "a.b.com", false},
      {"[.example", "{.example", false}, /* 32 apart, as cases are, but no letters */
  };
  for (const auto &entry : cases) {
    wtls_server_name name = {};
    if (wtls_server_name_parse(View(entry.name), &name) != WASI_TLS_OK) {
      name.dns_len = strlen(entry.name);
      memcpy(name.dns, entry.name, name.dns_len);
    }
    EXPECT_EQ(wtls_dns_name_matches(View(entry.pattern), &name), entry.matches) << entry.pattern << " " << entry.name;
  }
}

TEST(ServerName, NoPatternMatchesAnAddress) {
  wtls_server_name name = Parse("192.0.2.7");
  EXPECT_FALSE(wtls_dns_name_matches(View("192.0.2.7"), &name));
  EXPECT_FALSE(wtls_dns_name_matches(View("*.0.2.7"), &name));
  EXPECT_FALSE(wtls_dns_name_matches(View(""), &name));
}

TEST(ServerName, ANulInAPatternEndsNothing) {
  wtls_server_name name = Parse("example.com");
  EXPECT_FALSE(wtls_dns_name_matches(View(std::string("example.com\0.evil.example", 25)), &name));
  EXPECT_FALSE(wtls_dns_name_matches(View(std::string("example.com\0", 12)), &name));
}

}  // namespace
}  // namespace wasi_tls_test

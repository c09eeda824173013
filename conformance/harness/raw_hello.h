// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// ClientHellos byte by byte, for those that no engine would send.
#ifndef WASI_TLS_CONFORMANCE_RAW_HELLO_H
#define WASI_TLS_CONFORMANCE_RAW_HELLO_H

#include "handles.h"

namespace conformance {

struct RawExtension {
  uint16_t type;
  Bytes body;
};

struct RawHello {
  uint16_t version = 0x0303;
  std::vector<uint16_t> suites = {0x1301, 0xC02F, 0xC02B};
  std::vector<RawExtension> extensions;
  bool has_extensions = true;
};

// A hello that both TLS 1.2 and TLS 1.3 servers can read, with no extension but the needed.
RawHello plain_hello();
RawExtension server_name_extension(std::string_view name);
RawExtension alpn_extension(const std::vector<Bytes> &ids);
RawExtension supported_versions_extension(const std::vector<uint16_t> &versions);
// The handshake message, with its header of 4 bytes.
Bytes message_of(const RawHello &hello);
// A TLS 1.2 server's first two messages, in records: ServerHello and Certificate. A chain that no engine would serve
// can be shown so to the client that has |sent| its ClientHello, in one record.
Bytes tls12_server_flight(const Bytes &sent, const std::vector<Bytes> &chain);
// |message| in handshake records of at most |fragment| bytes.
Bytes records_of(const Bytes &message, size_t fragment = 16384, uint16_t version = 0x0301);

}  // namespace conformance

#endif

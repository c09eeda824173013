// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Carries an endpoint's bytes over a socket until the other side has closed it.
#ifndef WASI_TLS_CONFORMANCE_OUTSIDER_CARRIER_H
#define WASI_TLS_CONFORMANCE_OUTSIDER_CARRIER_H

#include "outsider_case.h"

namespace conformance {

class Carrier {
 public:
  // Both are borrowed.
  Carrier(wasi_tls_endpoint *endpoint, int socket, Encounter *met) : endpoint_(endpoint), socket_(socket), met_(met) {}
  // False if there is no end to it until then. Finishes the handshake, says its greeting, reads to the end and closes.
  bool carry(Deadline until);

 private:
  void advance();
  void greet();
  void read_all();
  void end();
  void send_output();
  void receive();

  wasi_tls_endpoint *endpoint_;
  int socket_;
  Encounter *met_;
  Bytes waiting_;  // that the endpoint had no room for
  bool open_ = false;
  bool greeted_ = false;
  bool ended_ = false;        // nothing more is to be done
  bool shut_ = false;         // and the socket knows it
  bool peer_closed_ = false;  // no byte comes any more
};

}  // namespace conformance

#endif

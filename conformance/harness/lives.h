// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Whole lives of a connection, from the first byte to both close_notifys, for faults at every place of them; and what
// may and may not come of a life in which something went wrong.
#ifndef WASI_TLS_CONFORMANCE_LIVES_H
#define WASI_TLS_CONFORMANCE_LIVES_H

#include "case.h"

namespace conformance {

enum class Side { kClient, kServer };

enum class Life {
  kPlain,  // finish, and nothing in front of it
  kSteps,  // every step that the engines have, taken one by one, with identities on both sides and a protocol
};

class Lives : public Case {
 protected:
  // A new life that has not begun: a fault can be put on the wire now.
  void prepare(Life life);
  // Goes on as far as the wire allows: the steps one after another, then some words each way, then close.
  void live();
  // Both directions end behind what was written: who waits for more meets that.
  void end_transport();

  Peer &peer(Side side);
  Channel &into(Side side);
  Channel &out_of(Side side);
  static Side other(Side side) {
    return side == Side::kClient ? Side::kServer : Side::kClient;
  }
  // How many bytes |side| is sent in a life with nothing wrong.
  size_t length_into(Side side, Life life);
  // |attempt| with the places below |length| that are tried, until one fails. All of them, where an engine meets
  // itself: a fault in what an engine is sent tests that engine, whoever sent it. How many that were.
  // With |every|, that part of them.
  size_t at_places(size_t length, const std::function<void(size_t)> &attempt, size_t every = 1);

  // It came to its end in order, with all that the other said.
  bool lived(Side side);
  // Both did, once the last handles of who is done have gone: a close_notify that could not leave leaves with them.
  void expect_both_lived();
  // Of a life in which something went wrong: nobody waits, nobody was shown what was not said, who failed can say why,
  // and nobody ended in order whose peer never came through the handshake.
  void expect_honest_end();

 private:
  using Step = std::function<wasi_tls_result()>;
  struct Script {
    std::vector<Step> steps;
    size_t next = 0;
  };

  void script_steps();
  wasi_tls_result respond_and_finish();
  void add_talk(Side side);
  bool advance(Side side);
  Script &script(Side side);
  static std::string words_of(Side side);
  void let_go(Side side);
  void expect_end(Side side);
  void expect_what_was_said(Side reader);
  void expect_agreement();

  Script client_script_;
  Script server_script_;
};

}  // namespace conformance

#endif

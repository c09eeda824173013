// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// tls.Server: contexts by name, and what it tells of its sockets.
#include <algorithm>

#include "node_socket.h"

namespace conformance::node {

Server::Server(Options host, ServerOptions options) : host_(std::move(host)), options_(std::move(options)) {
  options_.isServer = true;
}

void Server::listen(const Address &address) {
  address_ = address;
  listening_ = true;
}

void Server::close() {
  listening_ = false;
}

void Server::addContext(const std::string &hostname, const SecureContext &context) {
  contexts_.emplace_back(hostname, context);
}

void Server::setSecureContext(const SecureContext &context) {
  options_.secureContext = context;
}

// The last that was added for a name wins; a name that is nobody's gets the server's own.
SecureContext Server::context_for(const std::string &servername) const {
  auto found = std::find_if(contexts_.rbegin(), contexts_.rend(),
                            [&](const auto &each) { return name_matches(each.first, servername); });
  return found != contexts_.rend() ? found->second : options_.secureContext;
}

TLSSocket *Server::connection(Pump *pump, Wire *wire, const Address &remote) {
  if (!listening_) throw Error("ECONNREFUSED");
  events.emplace_back("connection");
  TLSSocketOptions options = options_;
  if (!options.SNICallback && !contexts_.empty())
    options.SNICallback = [this](const std::string &servername) { return context_for(servername); };
  sockets.push_back(std::make_unique<TLSSocket>(Transport{pump, wire, host_, address_, remote}, std::move(options)));
  ages_.push_back(0);
  TLSSocket *socket = sockets.back().get();
  socket->emitted = [this, socket](const std::string &event) { take_note(socket, event); };
  socket->start();
  return socket;
}

// What ends a handshake badly is an event of the server's, and the socket is nobody's.
void Server::take_note(TLSSocket *socket, const std::string &event) {
  if (event == "secureConnect") {
    events.emplace_back("secureConnection");
  } else if (socket->events.size() == 1) {
    events.push_back("tlsClientError" + event.substr(event.find(':')));
  }
}

void Server::tick(int milliseconds) {
  for (size_t i = 0; i < sockets.size(); i++) {
    ages_[i] += milliseconds;
    if (sockets[i]->events.empty() && ages_[i] >= options_.handshakeTimeout)
      sockets[i]->destroy("ERR_TLS_HANDSHAKE_TIMEOUT");
  }
}

std::unique_ptr<Server> createServer(Options host, ServerOptions options) {
  return std::make_unique<Server>(std::move(host), std::move(options));
}

}  // namespace conformance::node

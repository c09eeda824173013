// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// node_server.js PKI: answers each line with "node: ALPN: LINE", and closes.
const fs = require('fs');
const tls = require('tls');

const pki = process.argv[2];
const options = {
  cert: fs.readFileSync(`${pki}/server-ecdsa.pem`),
  key: fs.readFileSync(`${pki}/server-ecdsa.key`),
  ALPNProtocols: ['other', 'wanted'],
};
const server = tls.createServer(options, (socket) => {
  socket.once('data', (data) => socket.end(`node: ${socket.alpnProtocol}: ${data}`));
});
server.listen(0, '127.0.0.1', () => console.log(`listening on 127.0.0.1:${server.address().port}`));

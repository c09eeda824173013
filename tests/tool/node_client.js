// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// node_client.js PKI PORT: offers an ALPN id that is not text, sends a request, and prints the answer.
const fs = require('fs');
const tls = require('tls');

const [pki, port] = process.argv.slice(2);
const id = Buffer.from([0x61, 0x22, 0x5c, 0x01, 0xff]);
const socket = tls.connect({
  port,
  host: '127.0.0.1',
  servername: 'localhost',
  ca: fs.readFileSync(`${pki}/root.pem`),
  ALPNProtocols: Buffer.concat([Buffer.from([id.length]), id]),
});
socket.on('secureConnect', () => socket.write('GET / HTTP/1.1\r\n\r\n'));
socket.on('error', (error) => { console.error(error.message); process.exit(1); });
socket.pipe(process.stdout);

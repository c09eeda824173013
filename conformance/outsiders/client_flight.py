# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Clients whose messages behind the ClientHello hold what they should not."""

from tlslite.constants import HandshakeType

from outsider import handshake
from scenarios import Scenarios, shake_hands

SCENARIOS = Scenarios()
scenario = SCENARIOS.add


@scenario
def key_exchange(outsider):
    """TLS 1.2: the body of the order for the ClientKeyExchange."""
    outsider.body(HandshakeType.client_key_exchange, lambda body: bytes.fromhex(outsider.order["body"]))
    shake_hands(outsider)


@scenario
def bad_signature(outsider):
    outsider.body(HandshakeType.certificate_verify, lambda body: body[:-1] + bytes([body[-1] ^ 1]))
    shake_hands(outsider)


@scenario
def scheme(outsider):
    """Says that it signed with the scheme of the order."""
    number = outsider.order["number"].to_bytes(2, "big")
    outsider.body(HandshakeType.certificate_verify, lambda body: number + body[2:])
    shake_hands(outsider)


@scenario
def unasked_certificate(outsider):
    """No identity was asked for, and one comes."""
    nothing = b"\0\0\0\0" if outsider.tls13 else b"\0\0\0"
    kind = HandshakeType.finished if outsider.tls13 else HandshakeType.client_key_exchange
    outsider.before(kind, handshake(HandshakeType.certificate, nothing))
    shake_hands(outsider)


@scenario
def hello_again(outsider):
    """A ClientHello on the open connection: renegotiation."""
    hellos = []
    outsider.on(HandshakeType.client_hello, lambda hello: hellos.append(bytes(hello.write())[4:]) or hello)
    shake_hands(outsider)
    outsider.send(handshake(HandshakeType.client_hello, hellos[0]))
    outsider.sock.shutdown(1)

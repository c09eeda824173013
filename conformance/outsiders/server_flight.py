# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Servers whose messages behind the ServerHello hold what they should not."""

from tlslite.constants import ExtensionType, HandshakeType
from tlslite.extensions import ALPNExtension

from scenarios import Scenarios, extension, shake_hands, whole_life

SCENARIOS = Scenarios()
scenario = SCENARIOS.add


@scenario
def alpn(outsider):
    """Chooses what the order says, whatever was offered."""
    chosen = ALPNExtension().create([bytearray(each.encode()) for each in outsider.order["ids"]])
    kind = HandshakeType.encrypted_extensions if outsider.tls13 else HandshakeType.server_hello

    def add(message):
        kept = [each for each in message.extensions or [] if each.extType != ExtensionType.alpn]
        message.extensions = kept + [chosen]
        return message

    # What it would choose by itself.
    outsider.options["alpn"] = [bytearray(b"h2")]
    outsider.on(kind, add)
    shake_hands(outsider)


@scenario
def encrypted_extension(outsider):
    """EncryptedExtensions with the extension of the order, as often as it says."""
    extra = extension(outsider.order["number"], bytes.fromhex(outsider.order.get("content", "")))

    def add(message):
        message.extensions = message.extensions + [extra] * outsider.order.get("times", 1)
        return message

    outsider.on(HandshakeType.encrypted_extensions, add)
    shake_hands(outsider)


def signature_at(outsider, body):
    """Where scheme and signature of the message begin."""
    return 0 if outsider.tls13 else 4 + body[3]


def signed_message(outsider):
    return HandshakeType.certificate_verify if outsider.tls13 else HandshakeType.server_key_exchange


@scenario
def bad_signature(outsider):
    outsider.body(signed_message(outsider), lambda body: body[:-1] + bytes([body[-1] ^ 1]))
    shake_hands(outsider)


@scenario
def scheme(outsider):
    """Says that it signed with the scheme of the order."""
    number = outsider.order["number"].to_bytes(2, "big")

    def change(body):
        at = signature_at(outsider, body)
        return body[:at] + number + body[at + 2:]

    outsider.body(signed_message(outsider), change)
    shake_hands(outsider)


@scenario
def exchange_point(outsider):
    """TLS 1.2: the key share of the order; the signature over it is not reached."""
    point = bytes.fromhex(outsider.order["share"])

    def change(body):
        return body[:3] + bytes([len(point)]) + point + body[4 + body[3]:]

    outsider.body(HandshakeType.server_key_exchange, change)
    shake_hands(outsider)


@scenario
def exchange_group(outsider):
    """TLS 1.2: a curve that was not offered."""
    outsider.body(HandshakeType.server_key_exchange, lambda body: b"\3\0\x1c" + body[3:])
    shake_hands(outsider)


@scenario
def asks_with_context(outsider):
    """TLS 1.3: a CertificateRequest with a context, which is for those behind the handshake."""
    outsider.options["reqCert"] = True
    outsider.body(HandshakeType.certificate_request, lambda body: b"\4what" + body[1:])
    shake_hands(outsider)


@scenario
def asks_without_schemes(outsider):
    outsider.options["reqCert"] = True
    outsider.body(HandshakeType.certificate_request, lambda body: b"\0\0\0")
    shake_hands(outsider)


@scenario
def asks(outsider):
    outsider.options["reqCert"] = True
    whole_life(outsider)

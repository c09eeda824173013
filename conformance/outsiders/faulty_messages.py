# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Peers of either role whose messages of the handshake come wrong, twice, too late or not at all."""

from tlslite.constants import AlertLevel, ContentType, HandshakeType
from tlslite.messages import Alert

from outsider import handshake, raw
from scenarios import Scenarios, shake_hands, whole_life

SCENARIOS = Scenarios()
scenario = SCENARIOS.add

KINDS = {"client hello": HandshakeType.client_hello, "hello": HandshakeType.server_hello,
         "extensions": HandshakeType.encrypted_extensions, "request": HandshakeType.certificate_request,
         "certificate": HandshakeType.certificate, "exchange": HandshakeType.server_key_exchange,
         "done": HandshakeType.server_hello_done, "key": HandshakeType.client_key_exchange,
         "verify": HandshakeType.certificate_verify, "finished": HandshakeType.finished, "ccs": "ccs"}
CCS = raw(ContentType.change_cipher_spec, b"\1")
DATA = raw(ContentType.application_data, b"too early")


def named(outsider):
    """The message that the order names."""
    return KINDS[outsider.order["message"]]


@scenario
def left_out(outsider):
    outsider.instead(named(outsider))
    shake_hands(outsider)


@scenario
def twice(outsider):
    outsider.twice(named(outsider))
    shake_hands(outsider)


@scenario
def with_more(outsider):
    outsider.body(named(outsider), lambda body: body + b"\0")
    shake_hands(outsider)


@scenario
def with_less(outsider):
    outsider.body(named(outsider), lambda body: body[:-1])
    shake_hands(outsider)


@scenario
def of_unknown_type(outsider):
    outsider.before(named(outsider), handshake(99, b"what"))
    shake_hands(outsider)


@scenario
def data_before(outsider):
    outsider.before(named(outsider), DATA)
    shake_hands(outsider)


@scenario
def ccs_before(outsider):
    outsider.before(named(outsider), *[CCS] * outsider.order.get("times", 1))
    whole_life(outsider)


@scenario
def odd_ccs(outsider):
    """A ChangeCipherSpec with the content that the order has."""
    outsider.on("ccs", lambda message: [])
    outsider.before(named(outsider), raw(ContentType.change_cipher_spec, bytes.fromhex(outsider.order["content"])))
    shake_hands(outsider)


@scenario
def sealed_ccs(outsider):
    """TLS 1.3: as the content of an encrypted record."""

    def ahead(message):
        outsider.send_inner(b"\1\x14")
        return message

    outsider.on(named(outsider), outsider._once(ahead))
    shake_hands(outsider)


@scenario
def empty_record(outsider):
    """A handshake record with nothing in it, ahead of the message."""
    outsider.before(named(outsider), raw(ContentType.handshake, b""))
    shake_hands(outsider)


@scenario
def interleaved(outsider):
    """The message's first half, something else, and the second half. Its header stays whole, if more comes than that."""

    def cut(message):
        whole = bytes(message.write())
        half = min(max(len(whole) // 2, 5), len(whole) - 1)
        return [raw(ContentType.handshake, whole[:half]), DATA, raw(ContentType.handshake, whole[half:])]

    outsider.on(named(outsider), outsider._once(cut))
    shake_hands(outsider)


@scenario
def shares_its_record(outsider):
    """The header of a message that never comes stands behind it in its record."""
    outsider.with_unheard(named(outsider), b"\4\0\0\5")
    shake_hands(outsider)


@scenario
def alert_instead(outsider):
    outsider.instead(named(outsider), Alert().create(outsider.order["number"], outsider.order.get("level", 2)))
    shake_hands(outsider)


@scenario
def end_instead(outsider):
    """The transport ends where the message would come."""

    def hang_up(message):
        outsider.sock.flush()
        raise ConnectionAbortedError("on purpose")

    outsider.on(named(outsider), hang_up)
    try:
        shake_hands(outsider)
    except ConnectionAbortedError:
        outsider.sock.shutdown(1)
        outsider.listen()


@scenario
def user_canceled_before(outsider):
    outsider.before(named(outsider), Alert().create(90, AlertLevel.warning))
    whole_life(outsider)


@scenario
def hello_request_before(outsider):
    request = handshake(HandshakeType.hello_request, b"")

    def ahead(message):
        outsider.send(request)  # no part of the transcript
        return message

    outsider.on(named(outsider), outsider._once(ahead))
    whole_life(outsider)


@scenario
def bad_finished(outsider):
    outsider.body(HandshakeType.finished, lambda body: bytes([body[0] ^ 1]) + body[1:])
    shake_hands(outsider)


def certificate_list(outsider, certificates):
    """The body of a Certificate message."""
    entries = b""
    for der in certificates:
        entries += len(der).to_bytes(3, "big") + der + (b"\0\0" if outsider.tls13 else b"")
    return (b"\0" if outsider.tls13 else b"") + len(entries).to_bytes(3, "big") + entries


@scenario
def certificates(outsider):
    """Those of the order, in hexadecimal."""
    ders = [bytes.fromhex(each) for each in outsider.order["certificates"]]
    outsider.body(HandshakeType.certificate, lambda body: certificate_list(outsider, ders))
    shake_hands(outsider)


@scenario
def list_longer_than_its_message(outsider):
    at = 1 if outsider.tls13 else 0

    def grow(body):
        length = int.from_bytes(body[at:at + 3], "big") + 1
        return body[:at] + length.to_bytes(3, "big") + body[at + 3:]

    outsider.body(HandshakeType.certificate, grow)
    shake_hands(outsider)

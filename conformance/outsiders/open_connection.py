# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Peers of either role that go wrong when the handshake is over."""

from tlslite.constants import AlertLevel, ContentType, HandshakeType

from outsider import handshake
from scenarios import FROM_ENGINE, FROM_OUTSIDER, Scenarios, converse, shake_hands

SCENARIOS = Scenarios()
scenario = SCENARIOS.add

MAX_RECORD = 2**14


@scenario
def alert(outsider):
    """Data, and then the alert of the order, as often as it says; then what an honest peer does."""
    shake_hands(outsider)
    outsider.say(FROM_OUTSIDER)
    for _ in range(outsider.order.get("times", 1)):
        outsider.send_alert(outsider.order["number"], outsider.order["level"])
    if outsider.order["level"] == AlertLevel.warning:
        outsider.hang_up()


@scenario
def split_alert(outsider):
    shake_hands(outsider)
    outsider.send_record(ContentType.alert, bytes([AlertLevel.fatal]))
    outsider.send_record(ContentType.alert, bytes([40]))


@scenario
def data_behind_close_notify(outsider):
    shake_hands(outsider)
    outsider.say(FROM_OUTSIDER)
    outsider.hang_up()
    outsider.say(b" and more")


@scenario
def end_without_close_notify(outsider):
    shake_hands(outsider)
    outsider.say(FROM_OUTSIDER)
    outsider.sock.shutdown(1)


@scenario
def record(outsider):
    """A record of the type and content of the order, under the current keys; then what an honest peer does."""
    shake_hands(outsider)
    for _ in range(outsider.order.get("times", 1)):
        outsider.send_record(outsider.order["type"], bytes.fromhex(outsider.order["content"]))
    converse(outsider)


@scenario
def plain_record(outsider):
    """The same without protection."""
    shake_hands(outsider)
    outsider.send_plain(outsider.order["type"], bytes.fromhex(outsider.order["content"]))
    converse(outsider)


@scenario
def padding(outsider):
    """TLS 1.3: as much padding as a record can hold, then none, then a little."""
    shake_hands(outsider)
    outsider.send_inner(FROM_OUTSIDER[:4] + b"\x17" + bytes(MAX_RECORD - 4))
    outsider.send_inner(FROM_OUTSIDER[4:8] + b"\x17")
    outsider.send_inner(b"\x17" + bytes(100))
    outsider.send_inner(FROM_OUTSIDER[8:] + b"\x17" + b"\0")
    outsider.listen(len(FROM_ENGINE))
    outsider.hang_up()


@scenario
def nothing_but_padding(outsider):
    shake_hands(outsider)
    outsider.send_inner(bytes(outsider.order["length"]))


@scenario
def long_record(outsider):
    """A record that is longer than any may be. RFC 8446, section 5.2, does not say whether its header is enough to refuse
    it, so all of it comes."""
    shake_hands(outsider)
    outsider.send_plain(ContentType.application_data, bytes(outsider.order["length"]))


@scenario
def long_content(outsider):
    """A byte more than a record's content may have, in a ciphertext that is not too long."""
    shake_hands(outsider)
    outsider.send_record(ContentType.application_data, bytes(MAX_RECORD + 1))


@scenario
def damaged_record(outsider):
    shake_hands(outsider)
    outsider.say(FROM_OUTSIDER)
    layer = outsider._recordLayer
    sealed = layer._encryptThenSeal(bytearray(b"what" + (b"\x17" if outsider.tls13 else b"")), 23)
    sealed[-1] ^= 1
    outsider.send_plain(ContentType.application_data, sealed)


@scenario
def data_inside_a_message(outsider):
    """The header of a message, then data."""
    shake_hands(outsider)
    outsider.send_record(ContentType.handshake, b"\x18\0\0\1")
    outsider.say(FROM_OUTSIDER)


@scenario
def message(outsider):
    """A handshake message of the type and body of the order; then what an honest peer does."""
    shake_hands(outsider)
    for _ in range(outsider.order.get("times", 1)):
        outsider.send(handshake(outsider.order["type"], bytes.fromhex(outsider.order["body"])))
    converse(outsider)


@scenario
def key_updates(outsider):
    """As many as the order says, each with a byte of data behind it."""
    shake_hands(outsider)
    times = outsider.order["times"]
    for at in range(times):
        outsider.renew_keys(outsider.order["request"])
        outsider.say(FROM_OUTSIDER[at:at + 1])
    outsider.say(FROM_OUTSIDER[times:])
    outsider.listen(len(FROM_ENGINE))
    outsider.hang_up()


@scenario
def flood_of_key_updates(outsider):
    """With nothing in between, until the other side has had enough."""
    shake_hands(outsider)
    try:
        for _ in range(outsider.order["times"]):
            outsider.renew_keys(outsider.order["request"])
    except ConnectionError:
        pass


@scenario
def key_update_with_more(outsider):
    """The next message begins in the record of the KeyUpdate, under the old keys."""
    shake_hands(outsider)
    outsider.send_record(ContentType.handshake, b"\x18\0\0\1\0" + b"\x18")


@scenario
def tickets(outsider):
    """Those of the order, each given by its length, before, between and behind data."""
    shake_hands(outsider)
    for at, length in enumerate(outsider.order["lengths"]):
        outsider.send(handshake(HandshakeType.new_session_ticket, ticket(outsider, length)))
        outsider.say(FROM_OUTSIDER[at:at + 1])
    outsider.say(FROM_OUTSIDER[len(outsider.order["lengths"]):])
    outsider.listen(len(FROM_ENGINE))
    outsider.hang_up()


def ticket(outsider, length):
    """A day's, with a nonce of a byte and no extensions."""
    value = length.to_bytes(2, "big") + b"\x5a" * length
    return b"\0\1\x51\x80" + b"age " + b"\1\7" + value + b"\0\0"

# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Clients with an odd ClientHello."""

import os

from tlslite.constants import ExtensionType, GroupName, HandshakeType
from tlslite.extensions import (ClientKeyShareExtension, KeyShareEntry, PreSharedKeyExtension, PskIdentity,
                                SupportedGroupsExtension)

from outsider import TLS12, TLS13, raw
from scenarios import FROM_ENGINE, FROM_OUTSIDER, Scenarios, extension, shake_hands, whole_life

SCENARIOS = Scenarios()
scenario = SCENARIOS.add
HELLO = HandshakeType.client_hello


def with_hello(outsider, change):
    """|change| is made to the first ClientHello, and the outsider goes on from that."""

    def changed(hello):
        change(hello)
        return hello

    outsider.on(HELLO, outsider._once(changed))


def replace_extension(hello, number, *others):
    at = next((i for i, each in enumerate(hello.extensions) if each.extType == number), len(hello.extensions))
    hello.extensions[:] = [each for each in hello.extensions if each.extType != number]
    hello.extensions[at:at] = others


# Those that are to work.


@scenario
def records_of_a_byte(outsider):
    outsider.recordSize = outsider.order["size"]
    shake_hands(outsider)
    outsider.recordSize = 2**14
    outsider.say(FROM_OUTSIDER)
    outsider.listen(len(FROM_ENGINE))
    outsider.hang_up()


def count_hellos(outsider):
    def count(hello):
        outsider.notes["hellos"] = outsider.notes.get("hellos", 0) + 1
        return hello

    outsider.on(HELLO, count)


@scenario
def no_share(outsider):
    """Lets the server choose the group: it has to ask again."""
    outsider.settings.keyShares = []
    count_hellos(outsider)
    whole_life(outsider)


@scenario
def share_of_another_group(outsider):
    """A share that the server can't use beside groups that it can."""
    outsider.settings.keyShares = []
    share = KeyShareEntry().create(GroupName.brainpoolP512r1, bytearray(os.urandom(64)))

    def change(hello):
        # tlslite-ng looks at its own list for the answer.
        hello.getExtension(ExtensionType.key_share).client_shares.append(share)
        hello.getExtension(ExtensionType.supported_groups).groups.insert(0, GroupName.brainpoolP512r1)

    with_hello(outsider, change)
    whole_life(outsider)


@scenario
def grease(outsider):
    """Values that mean nothing (RFC 8701) wherever there is a list."""

    def change(hello):
        hello.cipher_suites.insert(0, 0x0A0A)
        hello.extensions.insert(0, extension(0x1A1A))
        hello.extensions.append(extension(0xBABA, b"\0"))
        hello.getExtension(ExtensionType.supported_groups).groups.insert(0, 0x2A2A)
        if outsider.tls13:
            hello.getExtension(ExtensionType.supported_versions).versions.insert(0, (0x3A, 0x3A))
            hello.getExtension(ExtensionType.key_share).client_shares.insert(
                0, KeyShareEntry().create(0x2A2A, bytearray(b"\0")))
        hello.getExtension(ExtensionType.signature_algorithms).sigalgs.insert(0, (0x4A, 0x4A))

    with_hello(outsider, change)
    whole_life(outsider)


@scenario
def heartbeat(outsider):
    """Offers heartbeats, which nobody accepts."""
    outsider.settings.use_heartbeat_extension = True
    shake_hands(outsider)
    outsider.notes["heartbeat"] = outsider.heartbeat_supported
    outsider.say(FROM_OUTSIDER)
    outsider.listen(len(FROM_ENGINE))
    outsider.hang_up()


@scenario
def unknown_ticket(outsider):
    """A session that the server does not know: it takes the long way."""
    if outsider.tls13:
        with_hello(outsider, add_psk)
    else:
        with_hello(outsider, lambda hello: replace_extension(
            hello, ExtensionType.session_ticket, extension(ExtensionType.session_ticket, os.urandom(120))))
    whole_life(outsider)


def add_psk(hello):
    identity = PskIdentity().create(bytearray(os.urandom(120)), 12345)
    hello.extensions.append(PreSharedKeyExtension().create([identity], [bytearray(os.urandom(32))]))


@scenario
def early_data(outsider):
    """Offers early data, and sends some at once if the order says so. A server that takes none skips it."""

    def change(hello):
        hello.extensions.append(extension(ExtensionType.early_data))
        add_psk(hello)

    with_hello(outsider, change)
    if outsider.order["records"]:
        send = outsider.changes[HELLO]

        def and_data(hello):
            outsider.sock.buffer_writes = True
            for _ in super(type(outsider), outsider)._sendMsg(send(hello)):
                pass
            outsider.changes.clear()
            for _ in range(outsider.order["records"]):
                outsider.send_plain(23, os.urandom(60))
            outsider.sock.flush()
            outsider.sock.buffer_writes = False
            return []

        outsider.on(HELLO, and_data)
    whole_life(outsider)


# Those that are not.


@scenario
def fallback(outsider):
    """Says that it has tried a newer version before."""
    outsider.settings.minVersion = outsider.settings.maxVersion = TLS12
    outsider.settings.versions = [TLS12]
    outsider.settings.sendFallbackSCSV = True
    shake_hands(outsider)


@scenario
def old_versions(outsider):
    """Nothing newer than what the order says."""
    newest = tuple(outsider.order["number"])
    outsider.settings.minVersion = (3, 0)
    outsider.settings.maxVersion = newest
    outsider.settings.versions = [(3, minor) for minor in range(newest[1], -1, -1)]
    outsider.settings.cipherNames = ["aes128", "3des"]
    outsider.settings.macNames = ["sha"]
    outsider.settings.keyExchangeNames = ["ecdhe_rsa", "rsa", "ecdhe_ecdsa"]
    shake_hands(outsider)


@scenario
def suites(outsider):
    """Offers the suites of the order and no others."""
    with_hello(outsider, lambda hello: setattr(hello, "cipher_suites", outsider.order["suites"]))
    shake_hands(outsider)


@scenario
def compression(outsider):
    with_hello(outsider, lambda hello: setattr(hello, "compression_methods", outsider.order["methods"]))
    shake_hands(outsider)


@scenario
def without_extension(outsider):
    with_hello(outsider, lambda hello: replace_extension(hello, outsider.order["number"]))
    shake_hands(outsider)


@scenario
def with_extension(outsider):
    """The extension of the order, in the place of its like."""
    other = extension(outsider.order["number"], bytes.fromhex(outsider.order["content"]))
    with_hello(outsider, lambda hello: replace_extension(hello, outsider.order["number"], other))
    shake_hands(outsider)


@scenario
def extension_twice(outsider):
    def change(hello):
        hello.extensions.insert(1, hello.getExtension(outsider.order["number"]))

    with_hello(outsider, change)
    shake_hands(outsider)


@scenario
def no_common_group(outsider):
    group = GroupName.brainpoolP256r1

    def change(hello):
        replace_extension(hello, ExtensionType.supported_groups, SupportedGroupsExtension().create([group]))
        if outsider.tls13:
            share = KeyShareEntry().create(group, bytearray(os.urandom(65)))
            replace_extension(hello, ExtensionType.key_share, ClientKeyShareExtension().create([share]))

    with_hello(outsider, change)
    shake_hands(outsider)


@scenario
def key_share(outsider):
    """The share of the order, in its group."""
    share = outsider._genKeyShareEntry(outsider.order["group"], TLS13)
    share.key_exchange = bytearray.fromhex(outsider.order["share"])
    outsider.settings.keyShares = outsider.settings.eccCurves = [GroupName.toRepr(outsider.order["group"])]
    with_hello(outsider, lambda hello: replace_extension(
        hello, ExtensionType.key_share, ClientKeyShareExtension().create([share])))
    shake_hands(outsider)


@scenario
def hello_twice(outsider):
    """Only the first record may have a version of old: from then on it is that of TLS 1.2 (RFC 8446, section 5.1)."""

    def twice(hello):
        for _ in super(type(outsider), outsider)._sendMsg(hello):
            pass
        outsider.sock.flush()
        outsider.send_plain(22, hello.write())
        return []

    outsider.on(HELLO, twice)
    shake_hands(outsider)


@scenario
def same_hello_again(outsider):
    """Asked for a share, it says the same as before."""
    outsider.settings.keyShares = []
    seen = []

    def change(hello):
        seen.append(bytes(hello.write()))
        return raw(22, seen[0])

    outsider.on(HELLO, change)
    shake_hands(outsider)

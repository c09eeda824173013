# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Servers whose ServerHello, or HelloRetryRequest, is not as it should be."""

import copy

from tlslite.constants import TLS_1_3_HRR, ExtensionType, GroupName, HandshakeType
from tlslite.extensions import (HRRKeyShareExtension, KeyShareEntry, ServerKeyShareExtension,
                                SrvPreSharedKeyExtension, SrvSupportedVersionsExtension)
from tlslite.messages import ServerHello

from outsider import TLS12, TLS13
from scenarios import Scenarios, extension, shake_hands, whole_life

SCENARIOS = Scenarios()
scenario = SCENARIOS.add
HELLO = HandshakeType.server_hello


def with_hello(outsider, change):
    """|change| is made to the ServerHello proper, not to a request to retry."""

    def changed(hello):
        if hello.random == TLS_1_3_HRR:
            return hello
        # The outsider itself goes on as if nothing had been changed.
        other = copy.deepcopy(hello)
        change(other)
        return other

    outsider.on(HELLO, changed)
    shake_hands(outsider)


def replace_extension(hello, number, *others):
    hello.extensions[:] = [each for each in hello.extensions or [] if each.extType != number] + list(others)


def add_extension(hello, *others):
    hello.extensions = (hello.extensions or []) + list(others)


# Those that are to work.


@scenario
def records_of_a_byte(outsider):
    """The whole handshake in records of one byte each."""
    outsider.recordSize = outsider.order["size"]
    shake_hands(outsider)
    outsider.recordSize = 2**14
    outsider.say(b"from the outsider")
    outsider.hang_up()


@scenario
def retry(outsider):
    """Asks for the key share of a group that the client has offered without one, and compares the two hellos."""
    outsider.strict = True
    outsider.settings.keyShares = ["secp384r1"]
    outsider.settings.eccCurves = ["secp384r1"]
    outsider.on(HELLO, lambda hello: outsider.notes.update(retried=True) or hello)
    whole_life(outsider)


@scenario
def sentinel_of_tls12(outsider):
    """Says that it could have spoken TLS 1.3, to a client that could not."""
    outsider.settings.maxVersion = TLS13
    whole_life(outsider)


# HelloRetryRequest.


def request_retry(outsider, extensions_for):
    """The ServerHello becomes a request to retry."""

    def changed(hello):
        return ServerHello().create(
            (3, 3), TLS_1_3_HRR, hello.session_id, hello.cipher_suite,
            extensions=[SrvSupportedVersionsExtension().create(TLS13), *extensions_for(hello)])

    outsider.on(HELLO, changed)
    shake_hands(outsider)


@scenario
def retry_again(outsider):
    outsider.settings.keyShares = outsider.settings.eccCurves = ["secp384r1"]
    first = []

    def again(hello):
        first.append(hello)
        return first[0]

    outsider.on(HELLO, again)
    shake_hands(outsider)


@scenario
def retry_without_change(outsider):
    request_retry(outsider, lambda hello: [])


@scenario
def retry_for_a_share_that_is_there(outsider):
    outsider.settings.eccCurves = ["x25519", "secp256r1", "secp384r1"]
    request_retry(outsider, lambda hello: [HRRKeyShareExtension().create(
        hello.getExtension(ExtensionType.key_share).server_share.group)])


@scenario
def retry_for_an_unoffered_group(outsider):
    request_retry(outsider, lambda hello: [HRRKeyShareExtension().create(GroupName.brainpoolP512r1)])


@scenario
def retry_with_an_unoffered_extension(outsider):
    request_retry(outsider, lambda hello: [HRRKeyShareExtension().create(GroupName.secp384r1),
                                           extension(0x1234, b"what")])


@scenario
def other_suite_than_retried(outsider):
    outsider.settings.keyShares = outsider.settings.eccCurves = ["secp384r1"]
    other = {0x1301: 0x1302, 0x1302: 0x1301}
    with_hello(outsider, lambda hello: setattr(hello, "cipher_suite", other[hello.cipher_suite]))


@scenario
def other_group_than_retried(outsider):
    outsider.settings.keyShares = outsider.settings.eccCurves = ["secp384r1"]
    share = KeyShareEntry().create(GroupName.x25519, bytearray(range(1, 33)))
    with_hello(outsider, lambda hello: replace_extension(
        hello, ExtensionType.key_share, ServerKeyShareExtension().create(share)))


# ServerHello.


@scenario
def suite(outsider):
    """Chooses the suite that the order names."""
    with_hello(outsider, lambda hello: setattr(hello, "cipher_suite", outsider.order["suite"]))


@scenario
def version(outsider):
    """The version that the order names, in the place where it is looked for."""
    chosen = tuple(outsider.order["number"])

    def change(hello):
        if outsider.tls13:
            replace_extension(hello, ExtensionType.supported_versions, SrvSupportedVersionsExtension().create(chosen))
        else:
            hello.server_version = chosen

    with_hello(outsider, change)


@scenario
def downgrade(outsider):
    """Speaks TLS 1.2 to a client of TLS 1.3, and marks it as the server that was asked would."""
    outsider.settings.minVersion = TLS12
    outsider.settings.versions = [TLS12]
    shake_hands(outsider)


@scenario
def other_session_id(outsider):
    with_hello(outsider, lambda hello: setattr(hello, "session_id", bytearray(b"\x5a" * 32)))


@scenario
def compression(outsider):
    with_hello(outsider, lambda hello: setattr(hello, "compression_method", 1))


@scenario
def unoffered_extension(outsider):
    with_hello(outsider, lambda hello: add_extension(hello, extension(0x1234, b"what")))


@scenario
def extension_twice(outsider):
    number = ExtensionType.supported_versions if outsider.tls13 else ExtensionType.extended_master_secret

    def change(hello):
        hello.extensions.append(hello.getExtension(number))

    with_hello(outsider, change)


@scenario
def heartbeat(outsider):
    with_hello(outsider, lambda hello: add_extension(hello, extension(ExtensionType.heartbeat, b"\1")))


@scenario
def unoffered_psk(outsider):
    with_hello(outsider, lambda hello: add_extension(hello, SrvPreSharedKeyExtension().create(0)))


@scenario
def no_key_share(outsider):
    with_hello(outsider, lambda hello: replace_extension(hello, ExtensionType.key_share))


@scenario
def key_share(outsider):
    """The share that the order has, in the group that was agreed on or another."""
    group = outsider.order.get("group")
    value = bytearray.fromhex(outsider.order["share"])

    def change(hello):
        agreed = hello.getExtension(ExtensionType.key_share).server_share.group
        share = KeyShareEntry().create(agreed if group is None else group, value)
        replace_extension(hello, ExtensionType.key_share, ServerKeyShareExtension().create(share))

    outsider.settings.keyShares = outsider.settings.eccCurves = [outsider.order.get("curve", "x25519")]
    with_hello(outsider, change)


@scenario
def no_renegotiation_info(outsider):
    with_hello(outsider, lambda hello: replace_extension(hello, ExtensionType.renegotiation_info))


@scenario
def renegotiation_info_of_another(outsider):
    with_hello(outsider, lambda hello: replace_extension(
        hello, ExtensionType.renegotiation_info, extension(ExtensionType.renegotiation_info, b"\3abc")))


@scenario
def hello_shares_its_record(outsider):
    """The beginning of another message stands behind it, which the next keys would have to protect."""
    outsider.with_unheard(HELLO, b"\x08\0\0\2")
    shake_hands(outsider)

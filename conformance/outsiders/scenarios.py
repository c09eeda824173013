# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What scenarios have in common: they are functions of an outsider, known by their names."""

from tlslite.extensions import TLSExtension

FROM_OUTSIDER = b"from the outsider"
FROM_ENGINE = b"from the engine"


class Scenarios(dict):
    def add(self, function):
        self[function.__name__] = function
        return function


def shake_hands(outsider):
    if outsider.order["role"] == "server":
        outsider.handshakeServer(certChain=outsider.chain, privateKey=outsider.key, settings=outsider.settings,
                                 **outsider.options)
    else:
        if outsider.order.get("identify"):
            outsider.options.update(certChain=outsider.chain, privateKey=outsider.key)
        outsider.handshakeClientCert(settings=outsider.settings, serverName="server.test", **outsider.options)


def converse(outsider):
    """Data goes both ways, and all ends in order."""
    outsider.say(FROM_OUTSIDER)
    outsider.listen(len(FROM_ENGINE))
    outsider.hang_up()


def whole_life(outsider):
    shake_hands(outsider)
    converse(outsider)


def extension(number, data=b""):
    return TLSExtension(extType=number).create(bytearray(data))

# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The outsiders: peers for the conformance suite that are neither of its engines, and not all honest.

Listens on a port of the loopback interface and says on its standard output which. Each connection starts with a line
of JSON that names a scenario; TLS follows. When the scenario is over, a line of JSON on standard output says what was
seen. Ends when its standard input does.
"""

import json
import select
import socket
import sys
import traceback

from tlslite.api import X509, X509CertChain, parsePEMKey
from tlslite.errors import BaseTLSException, TLSAbruptCloseError, TLSLocalAlert, TLSRemoteAlert

import client_flight
import client_hello
import faulty_messages
import honest_peer
import open_connection
import server_flight
import server_hello
from outsider import Outsider

PATIENCE = 3  # seconds without a byte
EITHER = {**honest_peer.SCENARIOS, **faulty_messages.SCENARIOS, **open_connection.SCENARIOS}
SCENARIOS = {
    "server": {**EITHER, **server_hello.SCENARIOS, **server_flight.SCENARIOS},
    "client": {**EITHER, **client_hello.SCENARIOS, **client_flight.SCENARIOS},
}


def read_order(connection):
    """The first line, and not a byte more."""
    line = b""
    while not line.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte:
            raise ValueError("no scenario was named")
        line += byte
    return json.loads(line)


def take_identity(outsider):
    order = outsider.order
    certificates = []
    for der in order["chain"]:
        certificates.append(X509())
        certificates[-1].parseBinary(bytearray.fromhex(der))
    outsider.chain = X509CertChain(certificates)
    outsider.key = parsePEMKey(order["key"], private=True)


def play(outsider):
    """What happens, until nothing does. Errors of the peer's are what was wanted."""
    try:
        SCENARIOS[outsider.order["role"]][outsider.order["scenario"]](outsider)
        outsider.notes["completed"] = True
    except TLSRemoteAlert:
        pass
    except TLSLocalAlert as alert:
        outsider.notes["refused"] = str(alert)
    except TLSAbruptCloseError:
        outsider.end = "closed"
        return
    except BaseTLSException as error:
        outsider.notes["refused"] = repr(error)
    outsider.listen()


def meet(connection):
    connection.settimeout(PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    report = {}
    try:
        outsider = Outsider(connection, read_order(connection))
        take_identity(outsider)
        try:
            play(outsider)
        except (socket.timeout, ConnectionError) as error:
            outsider.end = repr(error)
        except BaseTLSException as error:
            outsider.end = "can't read what came: " + repr(error)
        report = {"alerts": outsider.alerts, "cleartext": outsider.cleartext.decode("latin-1"), "end": outsider.end,
                  "notes": outsider.notes}
    except Exception:  # The suite has to hear of a mistake in a scenario too.
        report = {"mistake": traceback.format_exc()}
    connection.close()
    return report


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        connection, _ = listener.accept()
        print(json.dumps(meet(connection)), flush=True)


if __name__ == "__main__":
    main()

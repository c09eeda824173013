#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""seeds.py CORPUS PKI: makes inputs that get far, in folders of CORPUS called as the fuzzers. PKI is what tests/pki.sh made."""
import base64
import itertools
import os
import ssl
import sys


def write(fuzzer, seeds):
    """Named inputs."""
    folder = os.path.join(sys.argv[1], fuzzer)
    os.makedirs(folder, exist_ok=True)
    for name, data in seeds.items():
        with open(os.path.join(folder, "seed-" + name), "wb") as file:
            file.write(bytes(data))


def path(name):
    return os.path.join(sys.argv[2], name)


def certificates(name):
    """Those of a PEM file, as DER."""
    with open(path(name + ".pem"), encoding="ascii") as file:
        parts = file.read().split("-----END CERTIFICATE-----")[:-1]
    return [ssl.PEM_cert_to_DER_cert(part[part.index("-----BEGIN"):] + "-----END CERTIFICATE-----") for part in parts]


def hellos(newest, protocols):
    """What a client sends first, and what a server answers in plain sight, as records."""
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path("server-ecdsa.pem"), path("server-ecdsa.key"))
    for context in (client, server):
        context.maximum_version = newest
        context.set_alpn_protocols(protocols)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    sent = b""
    for side in (client.wrap_bio(to_client, to_server, server_hostname="localhost"),
                 server.wrap_bio(to_server, to_client, server_side=True)):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            sent = sent or to_server.read()
            to_server.write(sent)
    return sent, to_client.read()


def hello_pairs():
    versions = {"12": ssl.TLSVersion.TLSv1_2, "13": ssl.TLSVersion.TLSv1_3}
    return {f"{name}-{len(protocols)}": hellos(newest, protocols)
            for (name, newest), protocols in itertools.product(versions.items(), ([], ["h2", "http/1.1"]))}


def client_hello_seeds():
    """In one record, and in small ones."""
    def split(wire):
        body = wire[5:]
        return b"".join(wire[:3] + len(part).to_bytes(2, "big") + part
                        for part in (body[at:at + 50] for at in range(0, len(body), 50)))
    seeds = {}
    for name, (hello, _) in hello_pairs().items():
        seeds[name], seeds[name + "-split"] = hello, split(hello)
    return seeds


def client_offer_seeds():
    """The two hellos, and EncryptedExtensions with and without a protocol."""
    messages = b"\x08\0\0\x02\0\0" + b"\x08\0\0\x0b\0\x09\0\x10\0\x05\0\x03\x02h2"
    return {name: len(hello).to_bytes(2, "big") + hello + answer[5:5 + int.from_bytes(answer[3:5], "big")] + messages
            for name, (hello, answer) in hello_pairs().items()}


def identity_seeds():
    """Keys and chains in PEM and DER."""
    seeds = {}
    for kind in ("rsa", "ecdsa", "ed25519"):
        for end in ("key", "pem"):
            with open(path(f"server-{kind}.{end}"), "rb") as file:
                seeds[f"{kind}-{end}"] = file.read()
        lines = seeds[f"{kind}-key"].decode("ascii").splitlines()
        seeds[f"{kind}-key-der"] = base64.b64decode("".join(lines[1:-1]))
        seeds[f"{kind}-certificate"] = certificates("server-" + kind)[0]
    return seeds


def chain_seeds():
    """A root, an intermediate and a leaf."""
    def objects(kind, items):
        return b"".join(bytes([kind]) + len(item).to_bytes(2, "big") + item for item in items)
    return {name: b"\x01" + objects(0, certificates("root")) + objects(2, certificates(name))
            for name in ("server-rsa", "server-ecdsa", "client")}


def connection_seeds():
    """A plain handshake with a write and a read, and one with every step."""
    return {
        "finish": b"\x02\0\x03\0\x03\x02\0\x04\x01\x04\x08\0\x0a\0\x0b\0\x0a\0\x0b\0\x04\x41\x0a\0\x05\x40",
        "steps": b"\x02\0\x03\0\x03\x02\x01\0\0\x01\x08\0\x0a\0\x01\x03\x09\0\x0b\0\0\x02\x08\0\x02\x07"
                 b"\0\x04\x08\0\x0a\0\x01\x04\x09\0\x0b\0\x04\x41\x0a\0\x05\x40\x04\x02\x0a\0\x05\x40",
    }


def peer_seeds():
    """All settings without a mutation; each mutation of each record of a few."""
    seeds = {}
    for version, policy, flags, steps in itertools.product(range(4), range(3), (0, 48, 112), (0, 5, 10, 15)):
        seeds[f"plain-{version}-{policy}-{flags}-{steps}"] = [version | policy << 2 | flags, steps, 0]
    for version, chunk, steps in itertools.product((0, 1), (0, 3), (0, 15)):
        seeds[f"chunks-{version}-{chunk}-{steps}"] = [version | 48, steps, chunk]
    for version, steps in ((0, 0), (1, 0), (0, 15), (1, 15)):
        for to_server, record, what in itertools.product((0, 128), range(7), range(20)):
            change = [to_server | record, what, 0, 40, 129]
            seeds[f"change-{version}-{steps}-{to_server | record}-{what}"] = [version | 4 | 48, steps, 0, *change]
    return seeds


CONNECT, ACCEPT, CONFIGURE, CLIENT, SERVER, LATER, GET, SUBSCRIBE, POLL, RESPOND, HELLO, COMPARE, IDENTITY, WRITE, READ, DROP, ASK = range(17)
# Of CLIENT and SERVER, and of GET.
STEP_1, STEP_2, FINISH, ABORT = range(4)
STREAMS, GET_HELLO, GET_IDENTITY, GET_REQUEST = range(4)


def calls_seeds():
    """Handshakes and what follows, with things dropped early and late."""
    begin = [CONNECT, 0, ACCEPT, 0, CONFIGURE, 3, CONFIGURE, 8, CONFIGURE, 9]
    both = [GET, STREAMS, GET, STREAMS + 4] * 8
    finish = [CLIENT, FINISH, SERVER, FINISH, *both]
    data = [WRITE, 100, WRITE, 103, READ, 254, READ, 255, COMPARE, 0, IDENTITY, 0, IDENTITY, 1]
    later = [LATER, 0, READ, 254, READ, 255, GET, GET_IDENTITY, READ, 254, READ, 255, GET, GET_IDENTITY]
    hello = [SERVER, STEP_1, CLIENT, STEP_1, *[GET, GET_HELLO, GET, GET_IDENTITY] * 2, HELLO, 0, SUBSCRIBE, 1, POLL, 2]
    asked = [SERVER, STEP_2, *[GET, GET_IDENTITY, GET, GET_IDENTITY + 4] * 4, CLIENT, STEP_2]
    answered = [*[GET, GET_REQUEST, GET, GET_IDENTITY + 4] * 4, RESPOND, 0, RESPOND, 1, RESPOND, 3]
    steps = begin + hello + asked + answered + finish
    waiting = [CLIENT, FINISH, SERVER, FINISH, SUBSCRIBE, 0, SUBSCRIBE, 6, *[ASK, 0] * 8, *both]
    bodies = {
        "finish": begin + finish + data,
        "later": begin + finish + data + later + data,
        "steps": steps + data + later,
        "waiting": begin + waiting + data + [SUBSCRIBE, 4, SUBSCRIBE, 5, *[ASK, 0] * 2],
        "abort-client": begin + hello + [CLIENT, ABORT, ASK, 0, GET, GET_IDENTITY, *both],
        "abort-server": begin + hello + [SERVER, ABORT, ASK, 0, GET, GET_IDENTITY, *both],
        **{f"drop-{which}": steps + [DROP, which] * 4 + data + later for which in range(0, 16, 3)},
        **{f"early-drop-{which}": begin + hello + asked + [DROP, which] * 2 + answered + finish for which in range(8)},
    }
    seeds = {}
    for (name, body), (settings, capacity) in itertools.product(bodies.items(), ((0, 0), (4, 1), (8, 2), (3, 128))):
        seeds[f"{name}-{settings}-{capacity}"] = [settings, capacity, *body]
    return seeds


write("client_hello_fuzzer", client_hello_seeds())
write("client_offer_fuzzer", client_offer_seeds())
write("identity_fuzzer", identity_seeds())
write("chain_fuzzer", chain_seeds())
write("connection_fuzzer", connection_seeds())
write("peer_fuzzer", peer_seeds())
write("calls_fuzzer", calls_seeds())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small peers for the tests: what no installed program does on demand. Servers print "listening on HOST:PORT"."""

import json
import select
import socket
import ssl
import sys
import time

TIMEOUT = 20


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        print(probe.getsockname()[1])


def await_port(port):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", int(port)), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(1)


def member(path, key):
    """Prints strings as they are and everything else as JSON."""
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file.read().splitlines() if line.startswith("{")]
    value = json.loads(lines[-1])[key]
    print(value if isinstance(value, str) else json.dumps(value))


def server_context(cert, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def client_context(ca):
    return ssl.create_default_context(cafile=ca)


def accept_raw(listener):
    connection, _ = listener.accept()
    connection.settimeout(TIMEOUT)
    return connection


def listen():
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(TIMEOUT)
    print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)
    return listener


def accept_tls(cert, key):
    return server_context(cert, key).wrap_socket(accept_raw(listen()), server_side=True)


def connect_raw(port):
    return socket.create_connection(("127.0.0.1", int(port)), timeout=TIMEOUT)


def read_all(connection):
    data = bytearray()
    while chunk := connection.recv(65536):
        data += chunk
    return bytes(data)


def truncating_server(cert, key):
    """Sends a few bytes, then ends the TCP connection without close_notify."""
    connection = accept_tls(cert, key)
    connection.sendall(b"the first half")
    raw = socket.socket(fileno=connection.detach())
    raw.shutdown(socket.SHUT_WR)
    raw.recv(65536)


def half_close_server(cert, key):
    """Reads to the client's close_notify, and only then sends all of it back."""
    connection = accept_tls(cert, key)
    connection.sendall(read_all(connection))
    connection.unwrap()


def two_way_server(cert, key, size):
    """Sends as many bytes as it reads, without waiting for the one to do the other; says "received" early."""
    connection = accept_tls(cert, key)
    exchange(connection, bytes(int(size)), lambda: print("received", flush=True))
    connection.unwrap()


def silent_server():
    """Accepts and says nothing, for longer than anybody waits."""
    connection = accept_raw(listen())
    time.sleep(TIMEOUT)
    connection.close()


def plain_server():
    """Answers in plain text."""
    connection = accept_raw(listen())
    connection.sendall(b"220 mail.example.test ready\r\n")
    read_all(connection)


def closing_server():
    """Reads something and closes."""
    connection = accept_raw(listen())
    connection.recv(65536)
    connection.close()


def post_handshake_server(cert, key, ca):
    """Asks for the client's certificate after the handshake, and sends its subject."""
    context = server_context(cert, key)
    context.load_verify_locations(ca)
    context.post_handshake_auth = True
    context.verify_mode = ssl.CERT_REQUIRED
    connection = context.wrap_socket(accept_raw(listen()), server_side=True)
    connection.recv(100)
    connection.verify_client_post_handshake()
    connection.sendall(b"who are you?\n")
    connection.recv(100)
    connection.sendall(json.dumps(connection.getpeercert()["subject"]).encode() + b"\n")
    connection.unwrap()


def exchange(connection, data, when_received=lambda: None):
    """Sends and reads at the same time, until both are done. Both are as long."""
    connection.setblocking(False)
    sent, received = 0, bytearray()
    while len(received) < len(data) or sent < len(data):
        reads = [connection] if len(received) < len(data) else []
        writes = [connection] if sent < len(data) else []
        select.select(reads, writes, [], TIMEOUT)
        try:
            if sent < len(data):
                sent += connection.send(data[sent:sent + 16384])
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        try:
            if len(received) < len(data):
                received += connection.recv(65536)
                if len(received) == len(data):
                    when_received()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
    connection.settimeout(TIMEOUT)
    return bytes(received)


def echo_client(port, ca, name, size):
    """Compares what comes back, and closes in order."""
    data = bytes(i * 31 % 251 for i in range(int(size)))
    with client_context(ca).wrap_socket(connect_raw(port), server_hostname=name) as connection:
        received = exchange(connection, data)
        connection.unwrap()
    print("echoed" if received == data else "different")


def post_handshake_client(port, ca, cert, key):
    context = client_context(ca)
    context.load_cert_chain(cert, key)
    context.post_handshake_auth = True
    with context.wrap_socket(connect_raw(port), server_hostname="localhost") as connection:
        connection.sendall(b"GET /secure/page HTTP/1.1\r\nHost: localhost\r\n\r\n")
        print(read_all(connection).decode())


def late_client(port, ca, cert, key):
    """Has no identity in the handshake, and has one when asked again after it."""
    context = client_context(ca)
    context.post_handshake_auth = True
    later = client_context(ca)
    later.load_cert_chain(cert, key)
    with context.wrap_socket(connect_raw(port), server_hostname="localhost") as connection:
        connection.context = later
        connection.sendall(b"GET /secure/page HTTP/1.1\r\nHost: localhost\r\n\r\n")
        print(read_all(connection).decode())


def raw_client(port, text):
    """Sends the text (with Python's escapes) and prints what comes back."""
    with connect_raw(port) as connection:
        connection.sendall(text.encode("latin-1").decode("unicode_escape").encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        try:
            print(read_all(connection).hex())
        except ConnectionResetError:
            print("reset")


def truncating_client(port, ca):
    """Ends the TCP connection without close_notify."""
    connection = client_context(ca).wrap_socket(connect_raw(port), server_hostname="localhost")
    connection.sendall(b"x")
    connection.recv(1)
    socket.socket(fileno=connection.detach()).close()


def stalled_client(port, ca):
    """Sends far more than it is ready to read back, then goes away."""
    connection = client_context(ca).wrap_socket(connect_raw(port), server_hostname="localhost")
    connection.settimeout(0.5)
    try:
        while True:
            connection.send(bytes(65536))
    except TimeoutError:
        print("stalled", flush=True)
    time.sleep(TIMEOUT)


def hold(port, count):
    """Keeps connections open that say nothing."""
    held = [connect_raw(port) for _ in range(int(count))]
    print("held", flush=True)
    time.sleep(TIMEOUT)
    del held


def deadline_client(port):
    """Prints how long the server waits for a handshake that never comes."""
    with connect_raw(port) as connection:
        connection.settimeout(TIMEOUT)
        begin = time.monotonic()
        connection.recv(1)
        print(round(time.monotonic() - begin))


def curl_gnutls(port, ca, cert, key, version):
    """GETs / with the curl that is built on GnuTLS, showing a client certificate; prints the body."""
    import pycurl

    assert "GnuTLS" in pycurl.version, pycurl.version
    exact = {"1.2": (pycurl.SSLVERSION_TLSv1_2, pycurl.SSLVERSION_MAX_TLSv1_2)}
    lowest, highest = exact.get(version, (pycurl.SSLVERSION_TLSv1_3, 0))
    transfer = pycurl.Curl()
    transfer.setopt(pycurl.URL, f"https://localhost:{port}/")
    transfer.setopt(pycurl.NOPROXY, "*")
    transfer.setopt(pycurl.TIMEOUT, TIMEOUT)
    transfer.setopt(pycurl.SSLVERSION, lowest | highest)
    transfer.setopt(pycurl.CAINFO, ca)
    transfer.setopt(pycurl.SSLCERT, cert)
    transfer.setopt(pycurl.SSLKEY, key)
    transfer.setopt(pycurl.WRITEFUNCTION, sys.stdout.buffer.write)
    try:
        transfer.perform()
    except pycurl.error as error:
        sys.exit(f"curl: {error}")


COMMANDS = {
    "free-port": free_port,
    "await-port": await_port,
    "member": member,
    "truncating-server": truncating_server,
    "half-close-server": half_close_server,
    "two-way-server": two_way_server,
    "silent-server": silent_server,
    "plain-server": plain_server,
    "closing-server": closing_server,
    "post-handshake-server": post_handshake_server,
    "echo-client": echo_client,
    "post-handshake-client": post_handshake_client,
    "late-client": late_client,
    "raw-client": raw_client,
    "truncating-client": truncating_client,
    "stalled-client": stalled_client,
    "hold": hold,
    "deadline-client": deadline_client,
    "curl-gnutls": curl_gnutls,
}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])

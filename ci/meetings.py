#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""meetings.py BUILD: each client meets a server over TLS on loopback; prints a table. Fails if a meeting does."""

import base64
import contextlib
import hashlib
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time

SECONDS = 15
BODY = b"hello from the other side\n"
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Place:
    """Where the programs and the keys are."""

    def __init__(self, build, work):
        self.tool = os.path.abspath(f"{build}/tools/wasi-tls")
        self.examples = os.path.abspath(f"{build}/examples")
        self.pki = os.path.abspath(f"{build}/pki")
        self.root = f"{self.pki}/root.pem"
        self.work = work
        engines = subprocess.run([self.tool, "engines", "--json"], check=True, capture_output=True, timeout=SECONDS)
        self.engines = [engine["name"] for engine in json.loads(engines.stdout)]

    def pair(self, name):
        return f"{self.pki}/{name}.pem", f"{self.pki}/{name}.key"


@contextlib.contextmanager
def running(command, port_pattern=None, port=None):
    """A server that says its port, or that was told it; it is ended in any case."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = []
    try:
        if port_pattern:
            line = process.stdout.readline().decode()
            port = int(re.search(port_pattern, line).group(1))
        else:
            await_port(port, process)
        reader = threading.Thread(target=lambda: said.append(process.stdout.read()), daemon=True)
        reader.start()
        yield port, said
    finally:
        process.terminate()
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_port(port, process):
    import socket

    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError(process.stdout.read().decode(errors="replace"))
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nothing listens on {port}")


def run(command, stdin=b"", stay=False):
    """|stay|: standard input stays open until the program ends by itself."""
    if stay:
        read_end, write_end = os.pipe()
        os.write(write_end, stdin)
    try:
        how = {"stdin": read_end} if stay else {"input": stdin}
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, **how)
    finally:
        if stay:
            os.close(read_end)
            os.close(write_end)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace")[-300:]
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {said}")
    return done


def fingerprint(leaf):
    return hashlib.sha256(base64.b64decode(leaf)).hexdigest()[:8] if leaf else "-"


def row(client, server, info, received):
    return [
        client,
        server,
        info["version"],
        info["cipher_suite"].removeprefix("TLS_"),
        info["alpn"] or "-",
        fingerprint(info["server_identity_leaf"]),
        fingerprint(info["client_identity_leaf"]),
        str(received),
    ]


def tool_client(place, server_name, port, version, identity=None, stay=False, engine=None):
    """Our client against any HTTP server: what it says of the connection, and what it received."""
    engine = engine or place.engines[0]
    command = [place.tool, "client", "--engine", engine]
    command += ["--ca", place.root, "--server-name", "localhost", "--alpn", "http/1.1"]
    command += ["--tls", version, "--info", "--steps", "verify,identity"]
    if identity:
        cert, key = place.pair(identity)
        command += ["--cert", cert, "--key", key]
    done = run(command + [f"127.0.0.1:{port}"], GET, stay)
    info = json.loads(done.stderr.decode().strip().splitlines()[-1])
    return row(f"wasi-tls client, {engine}", server_name, info, len(done.stdout))


def body_of(output):
    """The JSON that our server answers with, wherever a client prints it."""
    return json.loads(re.search(rb'\{"role".*\}', output).group(0))


@contextlib.contextmanager
def tool_server(place, version, engine=None):
    command = [place.tool, "server", "--engine", engine or place.engines[0]]
    command += ["--alpn", "h2,http/1.1", "--mode", "http", "--tls", version]
    command += ["--client-identity", "optional", "--client-ca", place.root, "--listen", "127.0.0.1:0"]
    for name in ("server-ecdsa", "server-rsa"):
        cert, key = place.pair(name)
        command += ["--cert", cert, "--key", key]
    with running(command, r":(\d+)$") as (port, said):
        yield port, said


def showcase(place):
    cert1, key1 = place.pair("server-ecdsa")
    cert2, key2 = place.pair("server-rsa")
    client_cert, client_key = place.pair("client")
    server = [f"{place.examples}/server_showcase", "127.0.0.1", "0", "localhost", key1, cert1, key2, cert2, place.root, "1"]
    with running(server, r":(\d+)$") as (port, _):
        client = [f"{place.examples}/client_showcase", "localhost", str(port), place.root, client_key, client_cert]
        output = run(client).stdout
    text = output.decode(errors="replace")

    def said(label):
        found = re.search(rf"^{label}: (.*)$", text, re.M)
        return found.group(1) if found else "-"

    identities = [said("server identity"), said("client identity")]
    short = [re.sub(r"(\d+) certificates?.*", r"\1 cert.", value) for value in identities]
    suite = said("cipher suite").removeprefix("TLS_")
    yield ["showcase client", "showcase server", said("protocol version"), suite, said("alpn"), *short, str(len(output))]


def own_pairs(place):
    for server in place.engines:
        for version in ("1.3", "1.2"):
            with tool_server(place, version, server) as (port, _):
                for client in place.engines:
                    name = f"wasi-tls server, {server}"
                    yield tool_client(place, name, port, version, "client", engine=client)


def openssl_servers(place):
    cert, key = place.pair("server-rsa")
    for version in ("1.3", "1.2"):
        port = free_port()
        command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", cert, "-cert_chain", cert, "-key", key]
        command += ["-www", "-alpn", "http/1.1", "-verify", "3", "-CAfile", place.root]
        with running(command, port=port):
            yield tool_client(place, "openssl s_server", port, version, "client")


def gnutls_servers(place):
    cert, key = place.pair("server-ecdsa")
    for version in ("1.3", "1.2"):
        port = free_port()
        command = ["gnutls-serv", "--port", str(port), "--x509certfile", cert, "--x509keyfile", key, "--http"]
        command += ["--alpn", "http/1.1", "--x509cafile", place.root]
        with running(command, port=port):
            yield tool_client(place, "gnutls-serv", port, version, "client")


def nginx_servers(place):
    cert, key = place.pair("server-ecdsa")
    port = free_port()
    path = f"{place.work}/nginx.conf"
    with open(path, "w", encoding="ascii") as file:
        file.write(f"""daemon off; master_process off; pid {place.work}/nginx.pid; error_log stderr;
events {{}}
http {{ access_log off;
  client_body_temp_path {place.work}/a; proxy_temp_path {place.work}/b; fastcgi_temp_path {place.work}/c;
  uwsgi_temp_path {place.work}/d; scgi_temp_path {place.work}/e;
  server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {cert}; ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3; ssl_client_certificate {place.root}; ssl_verify_client on; ssl_verify_depth 3;
    location / {{ return 200 "{BODY.decode().strip()}"; }} }} }}
""")
    with running(["nginx", "-c", path, "-p", place.work], port=port):
        for version in ("1.3", "1.2"):
            # It answers a close_notify by closing without one of its own: so it has to close first.
            yield tool_client(place, "nginx", port, version, "client", stay=True)


def node_servers(place):
    port = free_port()
    cert, key = place.pair("server-rsa")
    script = """const [cert, key, port] = process.argv.slice(1); const fs = require('fs');
require('https').createServer({cert: fs.readFileSync(cert), key: fs.readFileSync(key), ALPNProtocols: ['http/1.1']},
  (request, response) => response.end('hello')).listen(+port, '127.0.0.1');"""
    with running(["node", "-e", script, cert, key, str(port)], port=port):
        yield tool_client(place, "Node.js", port, "1.3")


def foreign_clients(place):
    cert, key = place.pair("client")
    server = f"wasi-tls server, {place.engines[0]}"
    for version in ("1.3", "1.2"):
        flag = f"tls{version.replace('.', '_')}"
        with tool_server(place, version) as (port, _):
            url = f"https://localhost:{port}/"
            curl = ["curl", "-sS", "--noproxy", "*", "--http1.1", "--resolve", f"localhost:{port}:127.0.0.1"]
            output = run(curl + ["--cacert", place.root, "--cert", cert, "--key", key, url]).stdout
            yield row("curl", server, body_of(output), len(output))
            s_client = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost", f"-{flag}"]
            s_client += ["-verify_return_error", "-verify_hostname", "localhost", "-CAfile", place.root, "-quiet"]
            output = run(s_client + ["-cert", cert, "-cert_chain", cert, "-key", key, "-alpn", "http/1.1"], GET).stdout
            yield row("openssl s_client", server, body_of(output), len(output))
            gnutls = ["gnutls-cli", "--port", str(port), "--x509cafile", place.root, "--x509certfile", cert]
            gnutls += ["--x509keyfile", key, "--alpn", "http/1.1", "--logfile", "/dev/null", "localhost"]
            output = run(gnutls, GET).stdout
            yield row("gnutls-cli", server, body_of(output), len(output))
            yield python_client(place, server, port)


def python_client(place, server, port):
    import socket

    context = ssl.create_default_context(cafile=place.root)
    context.load_cert_chain(*place.pair("client"))
    context.set_alpn_protocols(["http/1.1"])
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as raw:
        with context.wrap_socket(raw, server_hostname="localhost") as tls:
            tls.sendall(GET)
            output = b""
            while chunk := tls.recv(65536):
                output += chunk
    return row("Python ssl", server, body_of(output), len(output))


def print_table(rows):
    head = ["client", "server", "version", "cipher suite", "ALPN", "server id", "client id", "bytes"]
    widths = [max(len(line[i]) for line in [head, *rows]) for i in range(len(head))]
    for line in [head, ["-" * width for width in widths], *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def main():
    groups = [showcase, own_pairs, openssl_servers, gnutls_servers, nginx_servers, node_servers, foreign_clients]
    rows, failures = [], []
    work = tempfile.mkdtemp()
    try:
        place = Place(sys.argv[1], work)
        for group in groups:
            try:
                rows.extend(group(place))
            except (RuntimeError, OSError, subprocess.TimeoutExpired, AttributeError, KeyError, IndexError) as error:
                failures.append(f"{group.__name__}: {error}")
    finally:
        shutil.rmtree(work)
    print_table(rows)
    print("\nserver id and client id: the first 8 digits of the SHA-256 of the certificate that was shown and verified;")
    print("bytes: what the client received over TLS.")
    for failure in failures:
        print(f"FAILED {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

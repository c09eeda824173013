# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A TLS peer that can be told to misbehave.

It is tlslite-ng with three doors opened: each message can be replaced on its way out, records can be written that no
message would make, and every alert that comes in is noted together with whether it came encrypted.
"""

from tlslite.api import TLSConnection
from tlslite.constants import AlertLevel, ContentType, HandshakeType
from tlslite.errors import TLSAbruptCloseError
from tlslite.handshakesettings import HandshakeSettings
from tlslite.messages import Alert, ClientHello, Message, RecordHeader3
from tlslite.recordlayer import RecordLayer

TLS12 = (3, 3)
TLS13 = (3, 4)


class Layer(RecordLayer):
    """The record layer, which tells of each alert that passes."""

    def __init__(self, sock, hear):
        super().__init__(sock)
        self.hear = hear

    def recvRecord(self):
        for result in super().recvRecord():
            if isinstance(result, tuple) and result[0].type == ContentType.alert:
                header, parser = result
                # What was opened under TLS 1.3 has lost the version of its own.
                sealed = header.version == TLS13 or (self.version == TLS12 and self._readState.encContext is not None)
                self.hear(bytes(parser.bytes), sealed)
            yield result


def raw(content_type, data):
    """A piece of a record's content, to be sent as it is."""
    return Message(content_type, bytearray(data))


class Unheard(Message):
    """A piece that the outsider keeps out of its own transcript, so that it can read the answer."""

    def __init__(self, content_type, data):
        super().__init__(content_type, bytearray(data))


def handshake(kind, body):
    """A handshake message with a header that is true to its length."""
    return raw(ContentType.handshake, bytes([kind]) + len(body).to_bytes(3, "big") + bytes(body))


def body_of(message):
    return bytes(message.write())[4:]


def kind_of(message):
    """The handshake type, or the name of what is none."""
    if message.contentType == ContentType.handshake:
        data = message.write()
        return data[0] if data else None
    return {ContentType.change_cipher_spec: "ccs", ContentType.alert: "alert",
            ContentType.application_data: "data"}.get(message.contentType)


class Outsider(TLSConnection):
    """Sends what |on| makes of its messages: a message, a list of them, or None for nothing."""

    def __init__(self, sock, order):
        super().__init__(sock)
        self.order = order
        self.wanted = TLS13 if order["version"] == "tls13" else TLS12
        self.tls13 = self.wanted == TLS13
        self.closeSocket = False
        self.changes = {}
        self.notes = {}
        self.alerts = []
        self.cleartext = bytearray()
        self.end = None
        self.first_hello = None
        self.strict = False
        self._recordLayer = Layer(self.sock, self.hear)
        self.settings = self.usual_settings()
        self.options = {}

    def usual_settings(self):
        settings = HandshakeSettings()
        settings.minVersion = settings.maxVersion = self.wanted
        settings.versions = [self.wanted]
        settings.cipherNames = ["aes128gcm"]
        settings.keyExchangeNames = ["ecdhe_ecdsa", "ecdhe_rsa"]
        settings.eccCurves = ["x25519", "secp256r1", "secp384r1"]
        settings.keyShares = ["x25519"]
        settings.dhGroups = []
        settings.certificate_compression_send = []
        settings.certificate_compression_receive = []
        settings.use_heartbeat_extension = False
        settings.ticket_count = 0
        settings.usePaddingExtension = False
        settings.record_size_limit = None
        return settings

    def on(self, kind, change):
        self.changes[kind] = change

    def before(self, kind, *extra):
        """Sends |extra| ahead of the first message of that kind."""
        self.on(kind, self._once(lambda message: [*extra, message]))

    def behind(self, kind, *extra):
        self.on(kind, self._once(lambda message: [message, *extra]))

    def instead(self, kind, *others):
        self.on(kind, self._once(lambda message: list(others)))

    def twice(self, kind):
        self.on(kind, self._once(lambda message: [message, Unheard(ContentType.handshake, message.write())]))

    def with_unheard(self, kind, extra):
        """The bytes of |extra| behind the message, in its record."""

        def both(message):
            self._handshake_hash.update(message.write())
            return Unheard(ContentType.handshake, bytes(message.write()) + extra)

        self.on(kind, self._once(both))

    def body(self, kind, change):
        """Gives the message another body; its header fits."""
        self.on(kind, lambda message: handshake(kind, change(body_of(message))))

    @staticmethod
    def _once(change):
        done = []

        def changed(message):
            if done:
                return message
            done.append(True)
            return change(message)

        return changed

    # What tlslite-ng calls to send.

    def _sendMsg(self, msg, randomizeFirstBlock=True, update_hashes=True):
        change = self.changes.get(kind_of(msg))
        pieces = msg if change is None else change(msg)
        if pieces is None:
            pieces = []
        for piece in pieces if isinstance(pieces, list) else [pieces]:
            heard = update_hashes and not isinstance(piece, Unheard)
            yield from super()._sendMsg(piece, randomizeFirstBlock, heard)

    def _getMsg(self, *what):
        for result in super()._getMsg(*what):
            if isinstance(result, ClientHello) and not self.strict:
                self.overlook_order(result)
            yield result

    def overlook_order(self, hello):
        """A second ClientHello counts as the first with its extensions in another order: what comes behind it is looked
        for. tlslite-ng itself wants the same order."""
        kinds = [each.extType for each in hello.extensions or []]
        if self.first_hello is None:
            self.first_hello = kinds
        else:
            hello.extensions.sort(key=lambda each: (self.first_hello + kinds).index(each.extType))

    def _queue_message(self, msg):
        """Each message in a record of its own: changes are made one by one."""
        for _ in self._sendMsg(msg):
            pass

    def _queue_flush(self):
        yield from ()

    def _shutdown(self, resumable):
        """The connection stays as it is: what the other side says to the end is what is looked for."""
        self.closed = True

    # What scenarios call.

    def hear(self, data, sealed):
        for at in range(0, len(data) - 1, 2):
            self.alerts.append({"level": data[at], "number": data[at + 1], "sealed": sealed})

    def send(self, message):
        """One message, cut into records if it is long, without a look at |changes|."""
        for _ in super()._sendMsg(message, update_hashes=False):
            pass

    def send_record(self, content_type, data):
        """One record under the current keys, of any length, zero too."""
        for _ in self._recordLayer.sendRecord(raw(content_type, data)):
            pass

    def send_plain(self, content_type, data):
        """A record that is not protected, whatever the keys."""
        header = RecordHeader3().create((3, 3), content_type, len(data))
        self.sock.sendall(bytes(header.write()) + bytes(data))

    def send_inner(self, inner):
        """TLS 1.3: a record with this TLSInnerPlaintext, padding and type and all."""
        layer = self._recordLayer
        self.send_plain(ContentType.application_data,
                        layer._encryptThenSeal(bytearray(inner), ContentType.application_data))

    def send_alert(self, number, level=AlertLevel.fatal):
        self.send(Alert().create(number, level))

    def say(self, data):
        self.send(raw(ContentType.application_data, data))

    def hang_up(self):
        self.send_alert(0, AlertLevel.warning)

    def next_record(self):
        """Type and content of the next record; (None, b"") at the end of the stream."""
        try:
            for result in self._recordLayer.recvRecord():
                header, parser = result
                return header.type, bytes(parser.bytes)
        except (TLSAbruptCloseError, ConnectionError):
            pass
        return None, b""

    def listen(self, enough=None):
        """Takes in what comes, to the end of the stream or until there is |enough| cleartext."""
        while enough is None or len(self.cleartext) < enough:
            kind, data = self.next_record()
            if kind is None:
                self.end = "closed"
                return
            if kind == ContentType.application_data:
                self.cleartext += data
            elif kind == ContentType.handshake:
                self.take_handshake(data)

    def take_handshake(self, data):
        counts = self.notes.setdefault("messages", {})
        counts[str(data[0])] = counts.get(str(data[0]), 0) + 1
        if data[0] == HandshakeType.key_update and self.tls13:
            session = self.session
            session.cl_app_secret, session.sr_app_secret = self._recordLayer.calcTLS1_3KeyUpdate_sender(
                session.cipherSuite, session.cl_app_secret, session.sr_app_secret)

    def renew_keys(self, request):
        """Sends a KeyUpdate with that value, and goes on under the next keys."""
        self.send(handshake(HandshakeType.key_update, [request]))
        session = self.session
        session.cl_app_secret, session.sr_app_secret = self._recordLayer.calcTLS1_3KeyUpdate_reciever(
            session.cipherSuite, session.cl_app_secret, session.sr_app_secret)

"""Build and parse packets of the MySQL protocol, for the proxies and fake servers of the tests."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import Literal, NamedTuple

NATIVE = "mysql_native_password"
SALT = bytes(range(1, 21))
CAPABILITIES = 0x00000001 | 0x00000200 | 0x00008000 | 0x00080000  # long password, 4.1, secure connection, plug-ins
CAN_TLS = 0x00000800
CAN_COMPRESS = 0x00000020
OK = b"\x00\x00\x00\x02\x00\x00\x00"
ASKS_FOR_FILE = b"\xfb/etc/passwd"

QUERY = 0x03
COMMANDS = {0x01: "<quit>", 0x02: "<init db>", 0x0E: "<ping>", 0x1B: "<set option>", 0x1F: "<reset connection>"}
"""Names under which commands other than QUERY are recorded."""

_HEADER_SIZE = 4
_FLAGS_AFTER = 4 + 8 + 1  # bytes in a greeting from the session id to the flags: the id, a part of the salt, a filler
_TLS_REQUEST = 32  # bytes of a request for TLS, which is a login packet that ends before the user's name


def packet(sequence: int, payload: bytes) -> bytes:
    """Return a packet: the header with length and ``sequence`` number, then the payload."""
    return struct.pack("<I", len(payload))[:3] + bytes([sequence]) + payload


def greeting(plugin: str = NATIVE, capabilities: int = CAPABILITIES, session: int = 7) -> bytes:
    """Return a greeting, the first packet of a server, with the session id ``session`` and with SALT."""
    return packet(
        0,
        b"\x0a5.7.25\0"
        + struct.pack("<I", session)
        + SALT[:8]
        + b"\0"
        + struct.pack("<HBHH", capabilities & 0xFFFF, 45, 2, capabilities >> 16)
        + bytes([21])
        + bytes(10)
        + SALT[8:]
        + b"\0"
        + plugin.encode()
        + b"\0",
    )


def with_session_id(payload: bytes, session: int) -> bytes:
    """Return the payload of a greeting with another session id, and without the flags for TLS and compression."""
    at = payload.index(b"\0") + 1
    flags_at = at + _FLAGS_AFTER
    (flags,) = struct.unpack_from("<H", payload, flags_at)
    kept = struct.pack("<H", flags & ~(CAN_TLS | CAN_COMPRESS))
    return payload[:at] + struct.pack("<I", session) + payload[at + 4 : flags_at] + kept + payload[flags_at + 2 :]


def is_greeting(payload: bytes) -> bool:
    """Check whether the payload of a server's first packet is a greeting. It may also be an error."""
    return payload[:1] == b"\x0a"


def session_of(greeting_payload: bytes) -> int:
    """Return the session id in a greeting."""
    return int(struct.unpack_from("<I", greeting_payload, greeting_payload.index(b"\0") + 1)[0])


def offers_tls(greeting_payload: bytes) -> bool:
    """Check whether the server offers TLS in a greeting."""
    (flags,) = struct.unpack_from("<H", greeting_payload, greeting_payload.index(b"\0") + 1 + _FLAGS_AFTER)
    return bool(flags & CAN_TLS)


_USER_AT = 32  # capabilities, largest packet, character set, filler


def user_of(login_payload: bytes) -> str:
    """Return the user's name in the payload of a login packet."""
    return login_payload[_USER_AT : login_payload.index(b"\0", _USER_AT)].decode()


def with_user(login_payload: bytes, user: str) -> bytes:
    """Return the payload of a login packet with another user. The hash of the password does not depend on the user."""
    return login_payload[:_USER_AT] + user.encode() + login_payload[login_payload.index(b"\0", _USER_AT) :]


def error(code: int, text: str) -> bytes:
    """Return the payload of an error packet."""
    return b"\xff" + struct.pack("<H", code) + b"#HY000" + text.encode()


def error_of(payload: bytes) -> int | None:
    """Return the code of the error with which a server answers a statement, or None if the payload is no error."""
    return int(struct.unpack_from("<H", payload, 1)[0]) if payload[:1] == b"\xff" and len(payload) > 2 else None


def one_value(name: str, value: str) -> bytes:
    """Return all packets of a query result with one row and one column ``name``."""
    column = b"".join(map(_text, ("def", "", "", "", name, name))) + b"\x0c"
    column += struct.pack("<HIBHB", 45, 1024, 0xFD, 0, 0) + b"\0\0"
    end = b"\xfe\x00\x00\x02\x00"
    return b"".join(packet(i, each) for i, each in enumerate((b"\x01", column, end, _text(value), end), start=1))


def _text(value: str) -> bytes:
    data = value.encode()
    assert len(data) < 251  # a longer text has a longer prefix
    return bytes([len(data)]) + data


def query(statement: str) -> bytes:
    """Return the packet by which a client sends a statement."""
    return packet(0, bytes([QUERY]) + statement.encode())


def statement_of(payload: bytes) -> str:
    """Return the statement in the payload of a command packet, or the name of another command such as ``<ping>``."""
    if payload[0] == QUERY:
        return payload[1:].decode(errors="backslashreplace")
    return COMMANDS.get(payload[0], f"<{payload[0]}>")


def read_packet(sock: socket.socket) -> tuple[int, bytes]:
    """Read a packet, and return its sequence number and payload. Raise OSError if the peer has disconnected."""
    head = _exactly(sock, _HEADER_SIZE)
    return head[3], _exactly(sock, _length(head))


def _exactly(sock: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        more = sock.recv(length - len(data))
        if not more:
            raise OSError("the peer has disconnected")
        data += more
    return data


def _length(head: bytes | bytearray) -> int:
    return int.from_bytes(head[:3], "little")


class Piece(NamedTuple):
    """A part of the bytes that a client or server sends.

    If ``kind`` is "greeting", "login" or "statement", ``data`` is a complete packet with its header. If it is "data",
    these are other bytes. A packet of any command of the client is a "statement". Its ``text`` is the statement, or the
    name of another command such as ``<ping>``.
    """

    data: bytes
    kind: Literal["greeting", "login", "statement", "data"]
    text: str = ""

    @property
    def payload(self) -> bytes:
        """The packet without its header."""
        return self.data[_HEADER_SIZE:]


class ServerStream:
    """Splits the bytes that a server sends into the greeting and the rest, which is not parsed."""

    def __init__(self) -> None:
        self._buffer: bytearray | None = bytearray()

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Add received bytes, and yield the parts that are now complete."""
        if self._buffer is None:
            yield Piece(data, "data")
            return
        self._buffer += data
        whole = _take_packet(self._buffer)
        if whole is not None:
            yield Piece(whole, "greeting")
            rest, self._buffer = bytes(self._buffer), None
            if rest:
                yield Piece(rest, "data")


class ClientStream:
    """Splits the bytes that a client sends into packets.

    After a client has asked for TLS, its bytes are encrypted and are not parsed.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._is_encrypted = self._has_login = False

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Add received bytes, and yield the parts that are now complete."""
        self._buffer += data
        while not self._is_encrypted and (whole := _take_packet(self._buffer)) is not None:
            yield self._piece(whole, whole[3], whole[_HEADER_SIZE:])
        if self._is_encrypted and self._buffer:
            yield Piece(bytes(self._buffer), "data")
            self._buffer.clear()

    def _piece(self, whole: bytes, sequence: int, payload: bytes) -> Piece:
        if self._has_login:
            # the packet of a command has the sequence number 0; others continue a login, a long statement or a file
            is_command = sequence == 0 and payload
            return Piece(whole, "statement", statement_of(payload)) if is_command else Piece(whole, "data")
        self._has_login = True
        self._is_encrypted = _asks_for_tls(payload)
        return Piece(whole, "data" if self._is_encrypted else "login")


def _take_packet(buffer: bytearray) -> bytes | None:
    end = _HEADER_SIZE + _length(buffer)
    if len(buffer) < max(end, _HEADER_SIZE):
        return None
    whole = bytes(buffer[:end])
    del buffer[:end]
    return whole


def _asks_for_tls(payload: bytes) -> bool:
    return len(payload) == _TLS_REQUEST and bool(payload[1] << 8 & CAN_TLS)

"""The parts of the MySQL protocol that the tools of this folder, and peers in tests, are made of."""

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
"""Commands of the protocol that carry no statement, as they are written down."""

_HEAD = 4
_TLS_REQUEST = 32  # bytes: a login cut off before the user's name


def packet(sequence: int, payload: bytes) -> bytes:
    """Give one packet of the protocol."""
    return struct.pack("<I", len(payload))[:3] + bytes([sequence]) + payload


def greeting(plugin: str = NATIVE, capabilities: int = CAPABILITIES, session: int = 7) -> bytes:
    """Give the packet by which a server begins, with SALT; ``session`` is the id it shows."""
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


def regreeted(payload: bytes, session: int) -> bytes:
    """Give a server's greeting with another session id, and without the offer of TLS or compression."""
    at = payload.index(b"\0") + 1
    flags_at = at + 4 + 8 + 1
    (flags,) = struct.unpack_from("<H", payload, flags_at)
    kept = struct.pack("<H", flags & ~(CAN_TLS | CAN_COMPRESS))
    return payload[:at] + struct.pack("<I", session) + payload[at + 4 : flags_at] + kept + payload[flags_at + 2 :]


def is_greeting(payload: bytes) -> bool:
    """Tell a greeting from the error that a server may begin with instead."""
    return payload[:1] == b"\x0a"


def session_of(greeting_payload: bytes) -> int:
    """Give the session id that a greeting shows."""
    return int(struct.unpack_from("<I", greeting_payload, greeting_payload.index(b"\0") + 1)[0])


_USER_AT = 32  # capabilities, largest packet, character set, filler


def user_of(login_payload: bytes) -> str:
    """Give the user's name in a client's login packet."""
    return login_payload[_USER_AT : login_payload.index(b"\0", _USER_AT)].decode()


def renamed(login_payload: bytes, user: str) -> bytes:
    """Give a client's login packet with another user. The proof of the password holds: no name is part of it."""
    return login_payload[:_USER_AT] + user.encode() + login_payload[login_payload.index(b"\0", _USER_AT) :]


def error(code: int, text: str) -> bytes:
    """Give the payload of an error."""
    return b"\xff" + struct.pack("<H", code) + b"#HY000" + text.encode()


def one_value(name: str, value: str) -> bytes:
    """Give all packets of an answer of one row with one text."""
    column = b"".join(map(_text, ("def", "", "", "", name, name))) + b"\x0c"
    column += struct.pack("<HIBHB", 45, 1024, 0xFD, 0, 0) + b"\0\0"
    end = b"\xfe\x00\x00\x02\x00"
    return b"".join(packet(i, each) for i, each in enumerate((b"\x01", column, end, _text(value), end), start=1))


def _text(value: str) -> bytes:
    data = value.encode()
    assert len(data) < 251  # longer ones have another head
    return bytes([len(data)]) + data


def query(statement: str) -> bytes:
    """Give the packet by which a client sends a statement."""
    return packet(0, bytes([QUERY]) + statement.encode())


def statement_of(payload: bytes) -> str:
    """Give what a command of a client says: its statement, or its name in brackets."""
    if payload[0] == QUERY:
        return payload[1:].decode(errors="backslashreplace")
    return COMMANDS.get(payload[0], f"<{payload[0]}>")


def read_packet(sock: socket.socket) -> tuple[int, bytes]:
    """Read one packet: its sequence number and its payload. Raises OSError when the peer is gone."""
    head = _exactly(sock, _HEAD)
    return head[3], _exactly(sock, _length(head))


def _exactly(sock: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        more = sock.recv(length - len(data))
        if not more:
            raise OSError("gone")
        data += more
    return data


def _length(head: bytes | bytearray) -> int:
    return int.from_bytes(head[:3], "little")


class Piece(NamedTuple):
    """A part of a stream: a whole packet with its head, or bytes that are not looked into (``kind`` "data").

    ``text`` is the statement, or the command's name in brackets, where ``kind`` is "statement".
    """

    data: bytes
    kind: Literal["greeting", "login", "statement", "data"]
    text: str = ""

    @property
    def payload(self) -> bytes:
        """Give the packet without its head."""
        return self.data[_HEAD:]


class ServerStream:
    """Takes the greeting out of what a server sends."""

    def __init__(self) -> None:
        self._buffer: bytearray | None = bytearray()

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Yield what is complete with ``data``."""
        if self._buffer is None:
            yield Piece(data, "data")
            return
        self._buffer += data
        whole = _cut_packet(self._buffer)
        if whole is not None:
            yield Piece(whole, "greeting")
            rest, self._buffer = bytes(self._buffer), None
            if rest:
                yield Piece(rest, "data")


class ClientStream:
    """Cuts what a client sends into packets.

    A client that asks for TLS is not understood any more: its bytes go through as they come.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._is_secret = self._has_login = False

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Yield what is complete with ``data``."""
        self._buffer += data
        while not self._is_secret and (whole := _cut_packet(self._buffer)) is not None:
            yield self._piece(whole, whole[3], whole[_HEAD:])
        if self._is_secret and self._buffer:
            yield Piece(bytes(self._buffer), "data")
            self._buffer.clear()

    def _piece(self, whole: bytes, sequence: int, payload: bytes) -> Piece:
        if self._has_login:
            # a command has number 0; later numbers continue a login, a long statement or a file
            is_command = sequence == 0 and payload
            return Piece(whole, "statement", statement_of(payload)) if is_command else Piece(whole, "data")
        self._has_login = True
        self._is_secret = _asks_for_tls(payload)
        return Piece(whole, "data" if self._is_secret else "login")


def _cut_packet(buffer: bytearray) -> bytes | None:
    end = _HEAD + _length(buffer)
    if len(buffer) < max(end, _HEAD):
        return None
    whole = bytes(buffer[:end])
    del buffer[:end]
    return whole


def _asks_for_tls(payload: bytes) -> bool:
    return len(payload) == _TLS_REQUEST and bool(payload[1] << 8 & CAN_TLS)

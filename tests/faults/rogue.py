"""Fake servers on loopback ports. Some speak the MySQL protocol, and some of these behave maliciously."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from . import wire


class Peer:
    """A server that handles each connection in its own thread.

    ``received`` has the packets that it read, ``accepted`` is the number of connections.
    """

    def __init__(self, handle: Handler) -> None:
        self.received: list[bytes] = []
        self.accepted = 0
        self._handle = handle
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    @property
    def place(self) -> str:
        """The address that it listens on, as error messages show it."""
        return f"127.0.0.1:{self.port}"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.accepted += 1
                self._open.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError, IndexError):
            self._handle(self, client)
        client.close()

    def read(self, client: socket.socket) -> bytes:
        """Read one packet, record its payload in ``received`` and return it."""
        _, payload = wire.read_packet(client)
        self.received.append(payload)
        return payload

    def close(self) -> None:
        """Stop listening, and close all connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for each in (self._listener, *self._open):
            each.close()


Handler = Callable[[Any, socket.socket], None]
"""Function that handles a connection. Its arguments are the peer and the socket, which is closed afterwards."""


def speaks_mysql(answers: dict[str, bytes] | None = None, login: bytes = wire.OK) -> Handler:
    """Return a handler that answers the login with the payload ``login``, and statements by ``answers``.

    ``answers`` maps the beginning of a statement to the payload of one packet. All other statements are answered OK.
    """

    def handle(peer: Peer, client: socket.socket) -> None:
        client.sendall(wire.greeting())
        peer.read(client)
        client.sendall(wire.packet(2, login))
        while login == wire.OK:
            statement = peer.read(client)[1:].decode()
            begin = next((key for key in answers or {} if statement.startswith(key)), None)
            client.sendall(wire.packet(1, wire.OK if begin is None else (answers or {})[begin]))

    return handle


def asks_for_file(*beginnings: str) -> Handler:
    """Return a handler that answers statements by a request for the client's file /etc/passwd, as LOAD DATA LOCAL does.

    It does so for statements that begin with one of ``beginnings``, or for all if there are none. It records what the
    client sends.
    """

    def handle(peer: Peer, client: socket.socket) -> None:
        client.sendall(wire.greeting())
        peer.read(client)
        client.sendall(wire.packet(2, wire.OK))
        while True:
            statement = peer.read(client)[1:].decode()
            asks = not beginnings or statement.lower().startswith(beginnings)
            client.sendall(wire.packet(1, wire.ASKS_FOR_FILE if asks else wire.OK))

    return handle


def switches_to(plugin: str = "mysql_clear_password") -> Handler:
    """Return a handler that answers the login by a switch to another authentication plug-in, and records the reply."""

    def handle(peer: Peer, client: socket.socket) -> None:
        client.sendall(wire.greeting())
        peer.read(client)
        client.sendall(wire.packet(2, b"\xfe" + plugin.encode() + b"\0" + wire.SALT + b"\0"))
        while True:
            peer.read(client)

    return handle


def drips(seconds: float = 1) -> Handler:
    """Return a handler that waits ``seconds`` after each byte of its greeting."""

    def handle(peer: Peer, client: socket.socket) -> None:
        for byte in wire.greeting():
            client.sendall(bytes([byte]))
            time.sleep(seconds)

    return handle


def silent(peer: Peer, client: socket.socket) -> None:
    """Send nothing, and wait until the client disconnects."""
    while client.recv(1000):
        pass

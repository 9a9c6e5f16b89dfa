"""Fake servers that listen on 127.0.0.1. Most of them speak the MySQL protocol, and some behave maliciously."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from . import wire


class Peer:
    """A server that calls ``handle`` for each connection, in a thread of its own.

    ``received`` has the payloads of the packets that ``read`` has read. ``accepted`` is the number of connections.
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
        """The address of the server, as error messages show it."""
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
"""Function that handles a connection. Its arguments are the ``Peer`` and the client's socket, which ``Peer`` closes."""


def speaks_mysql(answers: dict[str, bytes] | None = None, login: bytes = wire.OK) -> Handler:
    """Return a handler that answers the login with the payload ``login``, and statements according to ``answers``.

    ``answers`` maps the beginning of a statement to the payload of the packet that answers it. All other statements are
    answered OK.
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
    """Return a handler that answers statements with a request for the client's file /etc/passwd.

    A server sends such a request in answer to LOAD DATA LOCAL. This handler sends it in answer to any statement, or
    only to statements that begin with one of ``beginnings``, which must be in lower case. It records all packets of the
    client.
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
    """Return a handler that answers the login by a switch to the authentication ``plugin``, and records the reply."""

    def handle(peer: Peer, client: socket.socket) -> None:
        client.sendall(wire.greeting())
        peer.read(client)
        client.sendall(wire.packet(2, b"\xfe" + plugin.encode() + b"\0" + wire.SALT + b"\0"))
        while True:
            peer.read(client)

    return handle


def drips(seconds: float = 1) -> Handler:
    """Return a handler that sends the greeting byte by byte and waits ``seconds`` after each byte."""

    def handle(peer: Peer, client: socket.socket) -> None:
        for byte in wire.greeting():
            client.sendall(bytes([byte]))
            time.sleep(seconds)

    return handle


def silent(peer: Peer, client: socket.socket) -> None:
    """Send nothing, and wait until the client disconnects."""
    while client.recv(1000):
        pass

"""Peers on loopback ports: some speak the server's side of the MySQL protocol, and not always in good faith."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from . import wire


class Peer:
    """A server that handles each connection in a thread. ``received``: the packets it read; ``accepted`` counts."""

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
        """Where it listens, as errors name it."""
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
        """Give the payload of one packet."""
        _, payload = wire.read_packet(client)
        self.received.append(payload)
        return payload

    def close(self) -> None:
        """Stop listening, and cut what is open."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for each in (self._listener, *self._open):
            each.close()


Handler = Callable[[Any, socket.socket], None]
"""What a peer does with a connection; gets the peer and the socket, which is closed afterwards."""


def speaks_mysql(answers: dict[str, bytes] | None = None, login: bytes = wire.OK) -> Handler:
    """A server that answers the login with ``login``, and a statement that begins with a key as ``answers`` say.

    Anything else gets OK; values are payloads of one packet.
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
    """A server that asks for /etc/passwd in answer to statements that begin so, or to each; reads what comes."""

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
    """A server that wants another proof of the password than the one given, and reads what comes."""

    def handle(peer: Peer, client: socket.socket) -> None:
        client.sendall(wire.greeting())
        peer.read(client)
        client.sendall(wire.packet(2, b"\xfe" + plugin.encode() + b"\0" + wire.SALT + b"\0"))
        while True:
            peer.read(client)

    return handle


def drips(seconds: float = 1) -> Handler:
    """A server that takes ``seconds`` for each byte of its greeting."""

    def handle(peer: Peer, client: socket.socket) -> None:
        for byte in wire.greeting():
            client.sendall(bytes([byte]))
            time.sleep(seconds)

    return handle


def silent(peer: Peer, client: socket.socket) -> None:
    """A server that says nothing and waits until the client has gone."""
    while client.recv(1000):
        pass

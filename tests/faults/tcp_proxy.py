"""A proxy in front of a server that cuts, holds, slows or loses what goes through it, at a chosen moment."""

from __future__ import annotations

import random
import socket
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from select import POLLIN, POLLOUT, poll
from typing import Any, Literal

from . import wire

Direction = Literal["to_server", "to_client", "both"]
Moment = Literal["before", "sent", "answered"]
Place = tuple[str, int] | str | Path
"""Host and port, or the file of a unix socket."""

_CHUNK = 65_536
_AHEAD = 256  # chunks read and not sent yet: beyond, the sender has to wait as on a slow link
_STEP = 0.05  # seconds after which what waits already sees a change
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST


def place_of(profile: Mapping[str, Any]) -> Place:
    """Give the place that a profile's ``unix_socket``, or ``host`` and ``port``, names."""
    return str(profile["unix_socket"]) if profile.get("unix_socket") else (str(profile["host"]), int(profile["port"]))


def bind(sock: socket.socket, host: str = "127.0.0.1") -> int:
    """Bind to a port that is free, out of those that the system never takes for outgoing links, and give it."""
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 - any number does
        with suppress(OSError):
            sock.bind((host, port))
            return port


def free_port() -> int:
    """Give a port of this host that nobody listens on."""
    with socket.socket() as sock:
        return bind(sock)


class Way:
    """One direction of a connection. ``delay`` in seconds, ``rate`` in bytes per second (None: no limit)."""

    def __init__(self, like: Way | None = None) -> None:
        self.delay: float = like.delay if like else 0
        self.rate: float | None = like.rate if like else None
        self.open = threading.Event()
        if like is None or like.open.is_set():
            self.open.set()


class Ways:
    """Both directions, and the verbs that hold back what goes through."""

    def __init__(self, like: Ways | None = None) -> None:
        self.to_server = Way(like and like.to_server)
        self.to_client = Way(like and like.to_client)

    def _each(self, direction: Direction) -> Iterator[Way]:
        if direction != "to_client":
            yield self.to_server
        if direction != "to_server":
            yield self.to_client

    def delay(self, seconds: float, direction: Direction = "both") -> None:
        """Add ``seconds`` to the way of each byte, in each of the directions: 0.01 makes a round trip of 20 ms."""
        for way in self._each(direction):
            way.delay = seconds

    def drip(self, bytes_per_second: float, direction: Direction = "to_client") -> None:
        """Let no more than this through."""
        for way in self._each(direction):
            way.rate = bytes_per_second

    def black_hole(self, direction: Direction = "both") -> None:
        """Let nothing through, not even the news that one side has gone; what is sent meanwhile waits."""
        for way in self._each(direction):
            way.open.clear()

    def flow(self) -> None:
        """End delay, drip and black hole."""
        for way in self._each("both"):
            way.delay, way.rate = 0, None
            way.open.set()


class Link(Ways):
    """One connection through the proxy. Its verbs are those of ``Ways``, ``cut`` and ``reset``.

    ``statements``: what its client sent, whether it was let through or not. ``strays``: packets of the client after
    its login that begin no statement, such as the parts of a file. ``session``: the id of the session in the server,
    as its greeting says it.
    """

    def __init__(self, proxy: FaultProxy, client: socket.socket) -> None:
        super().__init__(proxy)
        self.statements: list[str] = []
        self.strays: list[bytes] = []
        self.session: int | None = None
        self._proxy = proxy
        self._client = client
        self._server: socket.socket | None = None
        self._gone = threading.Event()
        self._lock = threading.Lock()
        self._awaits: tuple[Rule, int] | None = None
        self._answers = threading.Event()
        self._answers.set()

    @property
    def is_open(self) -> bool:
        """Tell whether the proxy holds it open."""
        return not self._gone.is_set()

    def cut(self) -> None:
        """Close both sides by FIN, as a server or a proxy that goes does."""
        self._close(reset=False)

    def reset(self) -> None:
        """Close both sides by RST, as a firewall that has forgotten the link does. A unix socket knows no RST."""
        self._close(reset=True)

    def _close(self, reset: bool) -> None:
        with self._lock:
            if self._gone.is_set():
                return
            self._gone.set()
            for sock in filter(None, (self._client, self._server)):
                with suppress(OSError):
                    if reset and sock.family != socket.AF_UNIX:
                        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                        # wakes the thread that waits in the socket, which would keep it open; both ways would send FIN
                        sock.shutdown(socket.SHUT_RD)
                    else:
                        sock.shutdown(socket.SHUT_RDWR)
                sock.close()
        for way in self._each("both"):
            way.open.set()

    def run(self) -> None:
        """Carry bytes until one side has gone."""
        with suppress(OSError):
            self._pass_gate(self.to_server)
            server = _connected(self._proxy.upstream)
            with self._lock:
                if not self.is_open:
                    server.close()
                    return
                self._server = server
            to_client = (server, self._client, self.to_client, wire.ServerStream())
            threading.Thread(target=self._carry, args=to_client, daemon=True).start()
            self._carry(self._client, server, self.to_server, wire.ClientStream())
        self.cut()

    def _carry(
        self, source: socket.socket, target: socket.socket, way: Way, stream: wire.ClientStream | wire.ServerStream
    ) -> None:
        waiting: deque[tuple[float, wire.Piece]] = deque()
        ended = False
        with suppress(OSError, ValueError):  # ValueError: the socket was closed meanwhile
            while self.is_open and (waiting or not ended):
                left = waiting[0][0] + way.delay - time.monotonic() if waiting else None
                if _is_readable(source, left, is_full=ended or len(waiting) > _AHEAD):
                    data = source.recv(_CHUNK)
                    ended = not data
                    for piece in stream.feed(data):
                        self._note(piece, way)
                        waiting.append((time.monotonic(), piece))
                while waiting and waiting[0][0] + way.delay <= time.monotonic():
                    self._pass_on(waiting.popleft()[1], target, way)
            # that one side has gone is news which a black hole holds back, too
            self._pass_gate(way)
        self.cut()

    def _note(self, piece: wire.Piece, way: Way) -> None:
        if piece.kind == "statement":
            self.statements.append(piece.text)
        elif piece.kind == "data" and way is self.to_server:
            self.strays.append(piece.data)

    def _pass_on(self, piece: wire.Piece, target: socket.socket, way: Way) -> None:
        data = piece.data
        if piece.kind == "greeting":
            data = self._proxy.on_greeting(self, piece)
        elif piece.kind == "login":
            data = self._proxy.on_login(self, piece)
        elif piece.kind == "statement":
            self._pass_statement(piece, target, way)
            return
        elif way is self.to_client:
            self._answers.wait()
            if self._awaits is not None:
                data = self._pass_answer(piece.data, target, way)
        self._send(data, target, way)

    def _pass_statement(self, piece: wire.Piece, target: socket.socket, way: Way) -> None:
        rule = self._proxy.rule_for(piece.text, self)
        self._awaits = (rule, rule.after) if rule and rule.moment == "answered" else None
        if rule and rule.moment == "before":
            rule.act(self)
        if not (rule and rule.moment == "sent"):
            self._send(self._proxy.on_statement(self, piece), target, way)
            return
        # a quick server's answer would be through before anything was done
        self._answers.clear()
        try:
            self._send(self._proxy.on_statement(self, piece), target, way)
            rule.act(self)
        finally:
            self._answers.set()

    def _pass_answer(self, data: bytes, target: socket.socket, way: Way) -> bytes:
        assert self._awaits is not None
        rule, after = self._awaits
        self._send(data[:after], target, way)
        rest = data[after:]
        self._awaits = None if rest else (rule, after - len(data))
        if rest:
            rule.act(self)
        return rest

    def answer(self, data: bytes) -> None:
        """Send packets to the client in the server's place."""
        self._send(data, self._client, self.to_client)

    def _send(self, data: bytes, target: socket.socket, way: Way) -> None:
        while data:
            self._pass_gate(way)
            rate = way.rate
            part = data if rate is None else data[: max(1, int(rate * _STEP))]
            if not _is_writable(target):
                continue
            sent = target.send(part, socket.MSG_DONTWAIT)
            data = data[sent:]
            if rate is not None:
                self._gone.wait(sent / rate)

    def _pass_gate(self, way: Way) -> None:
        way.open.wait()
        if not self.is_open:
            raise OSError("cut")


@dataclass
class Rule:
    """What happens at a statement, see ``FaultProxy.at``. ``seen`` counts those that match, ``hits`` what was done."""

    matches: Callable[[str], bool]
    moment: Moment
    do: Callable[[Link], Any]
    nth: int
    times: int | None
    after: int
    hits: int = 0
    seen: int = 0
    failure: Exception | None = None
    _hit: threading.Event = field(default_factory=threading.Event)

    def takes(self, statement: str) -> bool:
        """Count a statement, and tell whether it is one to act on."""
        if not self.matches(statement):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)

    def act(self, link: Link) -> None:
        """Do it. A failure cuts the link, so that nobody waits, and is told by ``check``."""
        self.hits += 1
        try:
            self.do(link)
        except Exception as error:
            self.failure = error
            link.cut()
        self._hit.set()

    def wait(self, seconds: float = 60) -> None:
        """Wait until it was done once. AssertionError when it is not; raises what doing it raised."""
        assert self._hit.wait(seconds), f"no such statement within {seconds} s"
        self.check()

    def check(self) -> None:
        """Raise what doing it raised, if anything."""
        if self.failure is not None:
            raise self.failure


class FaultProxy(Ways):
    """Listens on a TCP port (or on the unix socket ``path``) and leads to ``upstream``.

    Its verbs act on all connections, those to come included; each ``Link`` of ``links`` has the same for itself.
    ``accepted`` counts connections. It is gone with its ``with`` block.
    """

    def __init__(self, upstream: Place, path: Path | None = None, host: str = "127.0.0.1") -> None:
        super().__init__()
        self.upstream = upstream
        self.host, self.path, self.port = host, path, 0
        self.links: list[Link] = []
        self.accepted = 0
        self._rules: list[Rule] = []
        self._lock = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        if path:
            self._listener.bind(str(path))
        else:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.port = bind(self._listener, host)
        self.listen()

    def __enter__(self) -> FaultProxy:
        return self

    def __exit__(self, kind: object, *exc_info: object) -> None:
        self.close()
        for rule in self._rules if kind is None else ():
            rule.check()

    @property
    def place(self) -> str:
        """Where it listens, as errors name it."""
        return str(self.path) if self.path else f"{self.host}:{self.port}"

    @property
    def profile(self) -> dict[str, Any]:
        """Profile fields that lead here."""
        return {"unix_socket": str(self.path)} if self.path else {"host": self.host, "port": self.port}

    @property
    def connections(self) -> list[list[str]]:
        """The statements of each connection, in the order in which they were opened."""
        return [link.statements for link in self.links]

    @property
    def statements(self) -> list[str]:
        """All statements, connection by connection."""
        return [statement for link in self.links for statement in link.statements]

    @property
    def open_links(self) -> list[Link]:
        """The connections that are open now."""
        return [link for link in self.links if link.is_open]

    def clear(self) -> None:
        """Forget the rules, the count, the connections that have ended, and what was sent on the others."""
        with self._lock:
            self.accepted = 0
            self._rules.clear()
            self.links[:] = self.open_links
            for link in self.links:
                link.statements.clear()

    def at(
        self,
        statement: str | Callable[[str], bool],
        moment: Moment,
        do: Callable[[Link], Any] = Link.cut,
        *,
        nth: int = 1,
        times: int | None = 1,
        after: int = 0,
    ) -> Rule:
        """Do something to the connection that sends a statement, and only then go on with what is under way.

        ``statement``: a part of its text in any case, or a predicate; the ``nth`` one that matches on any connection
        and the ones after it, ``times`` in all (None: each). ``moment``: ``before`` it is forwarded, when it was
        ``sent`` to the server, or when the server has ``answered``, with ``after`` bytes of the answer let through: 0
        loses the acknowledgement. ``do`` gets the link: ``Link.cut``, ``Link.reset``, ``Link.black_hole`` or any other.
        """
        wanted = statement.lower() if isinstance(statement, str) else None
        matches = (lambda text: wanted in text.lower()) if wanted is not None else statement
        rule = Rule(matches, moment, do, nth, times, after)  # type: ignore[arg-type]
        with self._lock:
            self._rules.append(rule)
        return rule

    def rule_for(self, statement: str, link: Link) -> Rule | None:
        """Give the first rule that takes a statement of ``link``; each counts it."""
        del link
        with self._lock:
            return next(iter([rule for rule in self._rules if rule.takes(statement)]), None)

    def cut(self) -> None:
        """Cut all connections by FIN."""
        for link in self.open_links:
            link.cut()

    def reset(self) -> None:
        """Cut all connections by RST."""
        for link in self.open_links:
            link.reset()

    def listen(self) -> None:
        """Take connections, again after ``stop_listening``."""
        self._listener.listen(128)
        threading.Thread(target=self._accept, daemon=True).start()

    def stop_listening(self) -> None:
        """Have further connections refused; the port stays taken. Connections that are open stay."""
        self._listener.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Refuse further connections, cut those that are open, and give the port back."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _each(self, direction: Direction) -> Iterator[Way]:
        yield from super()._each(direction)
        with self._lock:  # a connection that is taken just now either stands in the list or begins with the new state
            links = list(self.links)
        for link in links:
            yield from link._each(direction)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                _send_at_once(client)
                with self._lock:
                    self.accepted += 1
                    link = Link(self, client)
                    self.links.append(link)
                threading.Thread(target=link.run, daemon=True).start()

    def on_greeting(self, link: Link, piece: wire.Piece) -> bytes:
        """Give the packet that goes to the client for the server's first one."""
        if wire.is_greeting(piece.payload):
            link.session = wire.session_of(piece.payload)
        return piece.data

    def on_login(self, link: Link, piece: wire.Piece) -> bytes:
        """Give the packet that goes to the server for the client's login; none when it was answered here."""
        del link
        return piece.data

    def on_statement(self, link: Link, piece: wire.Piece) -> bytes:
        """Give the packet that goes to the server for a statement; none when it was answered here."""
        del link
        return piece.data


def _connected(place: Place) -> socket.socket:
    if isinstance(place, tuple):
        sock = socket.create_connection(place)
        _send_at_once(sock)
        return sock
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.connect(str(place))
    except OSError:
        sock.close()
        raise
    return sock


def _send_at_once(sock: socket.socket) -> None:
    if sock.family != socket.AF_UNIX:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _is_readable(sock: socket.socket, seconds: float | None, is_full: bool) -> bool:
    """Wait for bytes, no longer than until what waits is due; None: as long as it takes."""
    left = None if seconds is None else max(0.0, min(seconds, _STEP))
    if is_full or (left is not None and left < 0.001):  # the system rounds to milliseconds
        time.sleep(left or 0)
        left = 0
    return not is_full and _polls(sock, POLLIN, left)


def _is_writable(sock: socket.socket) -> bool:
    # not for ever: a thread that waits in the system keeps a socket open that another one has reset
    return _polls(sock, POLLOUT, _STEP)


def _polls(sock: socket.socket, event: int, seconds: float | None) -> bool:
    poller = poll()
    poller.register(sock, event)
    return bool(poller.poll(None if seconds is None else int(seconds * 1000)))


def main(host: str, upstream: str) -> None:
    """Run a proxy from ``host`` to a unix socket, say its port, and end with the standard input."""
    with FaultProxy(upstream, host=host) as proxy:
        print(proxy.port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])

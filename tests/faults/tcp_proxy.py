"""A proxy that cuts, stops or slows down the connections to a server, at a chosen moment."""

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
"""Host and port, or the path of a unix socket."""

_CHUNK = 65_536
_AHEAD = 256  # chunks that are read but not sent; with more, the sender has to wait as on a slow link
_STEP = 0.05  # seconds after which a waiting thread sees a changed setting
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST


def place_of(profile: Mapping[str, Any]) -> Place:
    """Return the server's place from the ``unix_socket``, or the ``host`` and ``port``, of a profile."""
    return str(profile["unix_socket"]) if profile.get("unix_socket") else (str(profile["host"]), int(profile["port"]))


def bind(sock: socket.socket, host: str = "127.0.0.1") -> int:
    """Bind to a free port that the system does not use for outgoing connections, and return its number."""
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 - no secret
        with suppress(OSError):
            sock.bind((host, port))
            return port


def free_port() -> int:
    """Return a port of this host on which nobody listens."""
    with socket.socket() as sock:
        return bind(sock)


class Flow:
    """Settings of one direction of a connection.

    ``delay`` is in seconds, ``rate`` in bytes per second (None: no limit). Nothing passes unless ``open`` is set.
    """

    def __init__(self, like: Flow | None = None) -> None:
        self.delay: float = like.delay if like else 0
        self.rate: float | None = like.rate if like else None
        self.open = threading.Event()
        if like is None or like.open.is_set():
            self.open.set()


class Flows:
    """Both directions of a connection, with methods that delay, limit or stop them."""

    def __init__(self, like: Flows | None = None) -> None:
        self.to_server = Flow(like and like.to_server)
        self.to_client = Flow(like and like.to_client)

    def _each(self, direction: Direction) -> Iterator[Flow]:
        if direction != "to_client":
            yield self.to_server
        if direction != "to_server":
            yield self.to_client

    def delay(self, seconds: float, direction: Direction = "both") -> None:
        """Delay each byte by ``seconds`` in each direction: 0.01 adds 20 ms to a round trip."""
        for flow in self._each(direction):
            flow.delay = seconds

    def limit_rate(self, bytes_per_second: float, direction: Direction = "to_client") -> None:
        """Limit the rate to this many bytes per second."""
        for flow in self._each(direction):
            flow.rate = bytes_per_second

    def black_hole(self, direction: Direction = "both") -> None:
        """Stop forwarding, also the end of a connection. Bytes that are sent meanwhile pass after ``restore``."""
        for flow in self._each(direction):
            flow.open.clear()

    def restore(self) -> None:
        """End delay, rate limit and black hole."""
        for flow in self._each("both"):
            flow.delay, flow.rate = 0, None
            flow.open.set()


class Link(Flows):
    """One connection through the proxy, with the methods of ``Flows``, ``cut`` and ``reset``.

    ``statements`` has all statements of the client, forwarded or not. ``other_packets`` has the packets of the client
    after its login that do not begin a statement, such as the parts of a file. ``session`` is the session id in the
    server's greeting.
    """

    def __init__(self, proxy: FaultProxy, client: socket.socket) -> None:
        super().__init__(proxy)
        self.statements: list[str] = []
        self.other_packets: list[bytes] = []
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
        """Whether the proxy keeps the connection open."""
        return not self._gone.is_set()

    def cut(self) -> None:
        """Close both sides by FIN, as a server or a proxy that stops does."""
        self._close(reset=False)

    def reset(self) -> None:
        """Close both sides by RST, as a firewall that has lost the connection's state does. Unix sockets are cut."""
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
                        # wakes the thread that waits in recv and would keep the socket open; SHUT_RDWR would send FIN
                        sock.shutdown(socket.SHUT_RD)
                    else:
                        sock.shutdown(socket.SHUT_RDWR)
                sock.close()
        for flow in self._each("both"):
            flow.open.set()

    def run(self) -> None:
        """Forward bytes until one side closes the connection."""
        with suppress(OSError):
            self._wait_open(self.to_server)
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
        self, source: socket.socket, target: socket.socket, flow: Flow, stream: wire.ClientStream | wire.ServerStream
    ) -> None:
        waiting: deque[tuple[float, wire.Piece]] = deque()
        ended = False
        with suppress(OSError, ValueError):  # ValueError: the socket was closed meanwhile
            while self.is_open and (waiting or not ended):
                left = waiting[0][0] + flow.delay - time.monotonic() if waiting else None
                if _is_readable(source, left, is_full=ended or len(waiting) > _AHEAD):
                    data = source.recv(_CHUNK)
                    ended = not data
                    for piece in stream.feed(data):
                        self._note(piece, flow)
                        waiting.append((time.monotonic(), piece))
                while waiting and waiting[0][0] + flow.delay <= time.monotonic():
                    self._pass_on(waiting.popleft()[1], target, flow)
            # a black hole also holds back the end of the connection
            self._wait_open(flow)
        self.cut()

    def _note(self, piece: wire.Piece, flow: Flow) -> None:
        if piece.kind == "statement":
            self.statements.append(piece.text)
        elif piece.kind == "data" and flow is self.to_server:
            self.other_packets.append(piece.data)

    def _pass_on(self, piece: wire.Piece, target: socket.socket, flow: Flow) -> None:
        data = piece.data
        if piece.kind == "greeting":
            data = self._proxy.on_greeting(self, piece)
        elif piece.kind == "login":
            data = self._proxy.on_login(self, piece)
        elif piece.kind == "statement":
            self._pass_statement(piece, target, flow)
            return
        elif flow is self.to_client:
            self._answers.wait()
            if self._awaits is not None:
                data = self._pass_answer(piece.data, target, flow)
        self._send(data, target, flow)

    def _pass_statement(self, piece: wire.Piece, target: socket.socket, flow: Flow) -> None:
        rule = self._proxy.rule_for(piece.text, self)
        self._awaits = (rule, rule.after) if rule and rule.moment == "answered" else None
        if rule and rule.moment == "before":
            rule.act(self)
        if not (rule and rule.moment == "sent"):
            self._send(self._proxy.on_statement(self, piece), target, flow)
            return
        # otherwise the answer of a fast server could pass before the action
        self._answers.clear()
        try:
            self._send(self._proxy.on_statement(self, piece), target, flow)
            rule.act(self)
        finally:
            self._answers.set()

    def _pass_answer(self, data: bytes, target: socket.socket, flow: Flow) -> bytes:
        assert self._awaits is not None
        rule, after = self._awaits
        self._send(data[:after], target, flow)
        rest = data[after:]
        self._awaits = None if rest else (rule, after - len(data))
        if rest:
            rule.act(self)
        return rest

    def answer(self, data: bytes) -> None:
        """Send packets to the client, as if from the server."""
        self._send(data, self._client, self.to_client)

    def _send(self, data: bytes, target: socket.socket, flow: Flow) -> None:
        while data:
            self._wait_open(flow)
            rate = flow.rate
            part = data if rate is None else data[: max(1, int(rate * _STEP))]
            if not _is_writable(target):
                continue
            sent = target.send(part, socket.MSG_DONTWAIT)
            data = data[sent:]
            if rate is not None:
                self._gone.wait(sent / rate)

    def _wait_open(self, flow: Flow) -> None:
        flow.open.wait()
        if not self.is_open:
            raise OSError("cut")


@dataclass
class Rule:
    """What to do at a statement, see ``FaultProxy.at``. ``seen`` counts matching statements, ``hits`` the actions."""

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

    def applies_to(self, statement: str) -> bool:
        """Count a statement if it matches, and return whether to act on it."""
        if not self.matches(statement):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)

    def act(self, link: Link) -> None:
        """Run the action. If it fails, keep the exception for ``check`` and cut the connection, so no client waits."""
        self.hits += 1
        try:
            self.do(link)
        except Exception as error:
            self.failure = error
            link.cut()
        self._hit.set()

    def wait(self, seconds: float = 60) -> None:
        """Wait until the action has run once. Raise AssertionError on time-out, or the exception of the action."""
        assert self._hit.wait(seconds), f"no matching statement within {seconds} s"
        self.check()

    def check(self) -> None:
        """Raise the exception of the action, if there is one."""
        if self.failure is not None:
            raise self.failure


class FaultProxy(Flows):
    """A proxy that listens on a TCP port, or on the unix socket ``path``, and forwards to ``upstream``.

    Its methods act on all connections, present and future; those of a ``Link`` in ``links`` act on one connection.
    ``accepted`` is the number of connections. The end of the ``with`` block closes the proxy.
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
        """The address that it listens on, as error messages show it."""
        return str(self.path) if self.path else f"{self.host}:{self.port}"

    @property
    def profile(self) -> dict[str, Any]:
        """The profile fields to connect to it."""
        return {"unix_socket": str(self.path)} if self.path else {"host": self.host, "port": self.port}

    @property
    def connections(self) -> list[list[str]]:
        """The statements of each connection, in the order in which the connections were opened."""
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
        """Remove the rules, the closed connections and all recorded statements, and set ``accepted`` to 0."""
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
        """Add a rule: call ``do`` with the connection that sends a matching statement, then go on forwarding.

        ``statement`` is a part of the text, in upper or lower case, or a predicate. The rule acts on the ``nth``
        matching statement of all connections and on the following ones, ``times`` in all (None: on each). ``moment`` is
        ``before`` the statement is forwarded, when it was ``sent`` to the server, or when the server has ``answered``
        and ``after`` bytes of the answer have passed: with 0 the acknowledgement is lost. ``do`` is ``Link.cut``,
        ``Link.reset``, ``Link.black_hole`` or any other function.
        """
        wanted = statement.lower() if isinstance(statement, str) else None
        matches = (lambda text: wanted in text.lower()) if wanted is not None else statement
        rule = Rule(matches, moment, do, nth, times, after)  # type: ignore[arg-type]
        with self._lock:
            self._rules.append(rule)
        return rule

    def rule_for(self, statement: str, link: Link) -> Rule | None:
        """Return the first rule that applies to a statement of ``link``. All matching rules count the statement."""
        del link
        with self._lock:
            return next(iter([rule for rule in self._rules if rule.applies_to(statement)]), None)

    def cut(self) -> None:
        """Close all connections by FIN."""
        for link in self.open_links:
            link.cut()

    def reset(self) -> None:
        """Close all connections by RST."""
        for link in self.open_links:
            link.reset()

    def listen(self) -> None:
        """Accept connections. After ``stop_listening`` this accepts them again."""
        self._listener.listen(128)
        threading.Thread(target=self._accept, daemon=True).start()

    def stop_listening(self) -> None:
        """Refuse new connections, but keep the port. Open connections stay open."""
        self._listener.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Refuse new connections, close the open ones and release the port."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _each(self, direction: Direction) -> Iterator[Flow]:
        yield from super()._each(direction)
        with self._lock:  # a connection accepted at this moment is either in the list or starts with the new state
            links = list(self.links)
        for link in links:
            yield from link._each(direction)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                _disable_nagle(client)
                with self._lock:
                    self.accepted += 1
                    link = Link(self, client)
                    self.links.append(link)
                threading.Thread(target=link.run, daemon=True).start()

    def on_greeting(self, link: Link, piece: wire.Piece) -> bytes:
        """Return the packet to send to the client for the server's first packet."""
        if wire.is_greeting(piece.payload):
            link.session = wire.session_of(piece.payload)
        return piece.data

    def on_login(self, link: Link, piece: wire.Piece) -> bytes:
        """Return the packet to send to the server for the client's login, or nothing if the proxy has answered it."""
        del link
        return piece.data

    def on_statement(self, link: Link, piece: wire.Piece) -> bytes:
        """Return the packet to send to the server for a statement, or nothing if the proxy has answered it."""
        del link
        return piece.data


def _connected(place: Place) -> socket.socket:
    if isinstance(place, tuple):
        sock = socket.create_connection(place)
        _disable_nagle(sock)
        return sock
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.connect(str(place))
    except OSError:
        sock.close()
        raise
    return sock


def _disable_nagle(sock: socket.socket) -> None:
    if sock.family != socket.AF_UNIX:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _is_readable(sock: socket.socket, seconds: float | None, is_full: bool) -> bool:
    """Wait for bytes, for at most ``seconds`` and at most one _STEP. None waits without a limit."""
    left = None if seconds is None else max(0.0, min(seconds, _STEP))
    if is_full or (left is not None and left < 0.001):  # poll has a resolution of a millisecond
        time.sleep(left or 0)
        left = 0
    return not is_full and _polls(sock, POLLIN, left)


def _is_writable(sock: socket.socket) -> bool:
    # with a limit: a thread that waits in poll keeps a socket open that another thread has reset
    return _polls(sock, POLLOUT, _STEP)


def _polls(sock: socket.socket, event: int, seconds: float | None) -> bool:
    poller = poll()
    poller.register(sock, event)
    return bool(poller.poll(None if seconds is None else int(seconds * 1000)))


def main(host: str, upstream: str) -> None:
    """Run a proxy from ``host`` to a unix socket, print its port, and stop when standard input is closed."""
    with FaultProxy(upstream, host=host) as proxy:
        print(proxy.port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A proxy that closes, blocks or slows down the connections to a server, at a chosen moment."""

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
_AHEAD = 256  # maximum number of chunks that are read but not sent; then the sender has to wait
_STEP = 0.05  # maximum seconds until a waiting thread sees a changed setting
_RESET = struct.pack("ii", 1, 0)  # with this value of SO_LINGER, closing a socket sends RST


def place_of(profile: Mapping[str, Any]) -> Place:
    """Return the unix socket in a profile, or else its host and port."""
    return str(profile["unix_socket"]) if profile.get("unix_socket") else (str(profile["host"]), int(profile["port"]))


def bind(sock: socket.socket, host: str = "127.0.0.1") -> int:
    """Bind ``sock`` to a free port that the system does not use for outgoing connections, and return the port."""
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 - no secret
        with suppress(OSError):
            sock.bind((host, port))
            return port


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as sock:
        return bind(sock)


class Flow:
    """Settings of one direction of a connection.

    ``delay`` is in seconds. ``rate`` is in bytes per second, or None for no limit. While ``open`` is not set, nothing
    is forwarded. The settings are copied from ``like`` if it is given.
    """

    def __init__(self, like: Flow | None = None) -> None:
        self.delay: float = like.delay if like else 0
        self.rate: float | None = like.rate if like else None
        self.open = threading.Event()
        if like is None or like.open.is_set():
            self.open.set()


class Flows:
    """The settings of both directions of a connection, with methods that delay, limit or block them."""

    def __init__(self, like: Flows | None = None) -> None:
        self.to_server = Flow(like and like.to_server)
        self.to_client = Flow(like and like.to_client)

    def _each(self, direction: Direction) -> Iterator[Flow]:
        if direction != "to_client":
            yield self.to_server
        if direction != "to_server":
            yield self.to_client

    def delay(self, seconds: float, direction: Direction = "both") -> None:
        """Delay each byte by ``seconds``. In both directions, 0.01 adds 20 ms to a round trip."""
        for flow in self._each(direction):
            flow.delay = seconds

    def limit_rate(self, bytes_per_second: float, direction: Direction = "to_client") -> None:
        """Forward at most this many bytes per second."""
        for flow in self._each(direction):
            flow.rate = bytes_per_second

    def black_hole(self, direction: Direction = "both") -> None:
        """Forward nothing until ``restore`` is called, not even the end of a connection. No bytes are lost."""
        for flow in self._each(direction):
            flow.open.clear()

    def restore(self) -> None:
        """Remove delay, rate limit and black hole in both directions."""
        for flow in self._each("both"):
            flow.delay, flow.rate = 0, None
            flow.open.set()


class Link(Flows):
    """A connection of a client through the proxy to the server.

    ``statements`` has all statements of the client, including those that were not forwarded. ``other_packets`` has the
    other packets of the client after its login, such as the parts of a file. ``session`` is the session id in the
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
        self._is_answer_new = False
        self._answers = threading.Event()
        self._answers.set()

    @property
    def is_open(self) -> bool:
        """Whether the connection is open."""
        return not self._gone.is_set()

    def cut(self) -> None:
        """Close both sides of the connection by FIN, as a server or a proxy does when it stops."""
        self._close(reset=False)

    def reset(self) -> None:
        """Close both sides of the connection by RST, as a firewall does that has lost the connection's state.

        Unix sockets have no RST and are closed as in ``cut``.
        """
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
                        # wake the thread that waits in recv and keeps the socket open; SHUT_RDWR would send FIN
                        sock.shutdown(socket.SHUT_RD)
                    else:
                        sock.shutdown(socket.SHUT_RDWR)
                sock.close()
        for flow in self._each("both"):
            flow.open.set()

    def run(self) -> None:
        """Connect to the server, and forward bytes until one side closes the connection."""
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
            # a black hole delays the end of the connection too
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
            if self._is_answer_new:
                self._is_answer_new = False
                self._proxy.on_answer(self, piece.data)
            if self._awaits is not None:
                data = self._pass_answer(piece.data, target, flow)
        self._send(data, target, flow)

    def _pass_statement(self, piece: wire.Piece, target: socket.socket, flow: Flow) -> None:
        rule = self._proxy.rule_for(piece.text, self)
        self._awaits = (rule, rule.after) if rule and rule.moment == "answered" else None
        self._is_answer_new = True
        if rule and rule.moment == "before":
            rule.act(self)
        if not (rule and rule.moment == "sent"):
            self._send(self._proxy.on_statement(self, piece), target, flow)
            return
        # without this, the answer of a fast server could reach the client before the action
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
        """Send packets to the client as if they came from the server."""
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
    """An action at matching statements. See ``FaultProxy.at``, which returns it.

    ``seen`` is the number of matching statements, ``hits`` is the number of times that the action was run, and
    ``failure`` is its last exception.
    """

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
        """Return whether to run the action at this statement. The statement is counted if it matches."""
        if not self.matches(statement):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)

    def act(self, link: Link) -> None:
        """Run the action. If it fails, keep the exception for ``check`` and close the connection."""
        self.hits += 1
        try:
            self.do(link)
        except Exception as error:
            self.failure = error
            link.cut()
        self._hit.set()

    def wait(self, seconds: float = 300) -> None:
        """Wait until the action has run. Raise AssertionError after ``seconds``, or the exception of the action."""
        assert self._hit.wait(seconds), f"no matching statement within {seconds} s"
        self.check()

    def check(self) -> None:
        """Raise the exception of the action if it has failed."""
        if self.failure is not None:
            raise self.failure


class FaultProxy(Flows):
    """A proxy that listens on a TCP port, or on the unix socket ``path``, and forwards to ``upstream``.

    Methods that delay, limit or block act on all present and future connections. The methods of a ``Link`` in ``links``
    act on one connection. ``accepted`` is the number of accepted connections. At the end of the ``with`` block the
    proxy is closed, and an exception of a rule's action is raised.
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
        """The address of the proxy, as error messages show it."""
        return str(self.path) if self.path else f"{self.host}:{self.port}"

    @property
    def profile(self) -> dict[str, Any]:
        """The profile fields to connect to the proxy."""
        return {"unix_socket": str(self.path)} if self.path else {"host": self.host, "port": self.port}

    @property
    def connections(self) -> list[list[str]]:
        """The lists of statements by connection, in the order in which the connections were opened."""
        return [link.statements for link in self.links]

    @property
    def statements(self) -> list[str]:
        """The statements of all connections, first those of the connection that was opened first."""
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
        """Add and return a rule that calls ``do`` at a matching statement, with the connection that sends it.

        ``statement`` is a part of the statement's text in any case, or a predicate. Matching statements are counted
        over all connections. The rule acts ``times`` times, beginning with the ``nth`` one, or without an end if
        ``times`` is None. Afterwards the proxy goes on forwarding.

        With the ``moment`` "before", the rule acts before the statement is forwarded. With "sent", it acts after the
        statement was sent to the server and before the answer is forwarded. With "answered", it acts after ``after``
        bytes of the answer were forwarded. If ``after`` is 0, the server has answered, but the client gets no answer.

        ``do`` is ``Link.cut``, ``Link.reset``, ``Link.black_hole`` or any other function.
        """
        wanted = statement.lower() if isinstance(statement, str) else None
        matches = (lambda text: wanted in text.lower()) if wanted is not None else statement
        rule = Rule(matches, moment, do, nth, times, after)  # type: ignore[arg-type]
        with self._lock:
            self._rules.append(rule)
        return rule

    def rule_for(self, statement: str, link: Link) -> Rule | None:
        """Return the first rule that applies to a statement, or None. All matching rules count the statement."""
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
        """Start to accept connections, also again after ``stop_listening``."""
        self._listener.listen(128)
        threading.Thread(target=self._accept, daemon=True).start()

    def stop_listening(self) -> None:
        """Refuse new connections, but keep the port reserved. Open connections stay open."""
        self._listener.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Refuse new connections, close the open ones and release the port."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _each(self, direction: Direction) -> Iterator[Flow]:
        yield from super()._each(direction)
        with self._lock:  # a connection that is just being accepted is either in the list or copies the new settings
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
        """Return the packet to send to the client in place of the server's first packet."""
        if wire.is_greeting(piece.payload):
            link.session = wire.session_of(piece.payload)
        return piece.data

    def on_login(self, link: Link, piece: wire.Piece) -> bytes:
        """Return the packet to send to the server in place of the login, or empty bytes if the proxy answered it."""
        del link
        return piece.data

    def on_statement(self, link: Link, piece: wire.Piece) -> bytes:
        """Return the packet to send to the server in place of a statement, or empty bytes if the proxy answered it."""
        del link
        return piece.data

    def on_answer(self, link: Link, data: bytes) -> None:
        """See the first bytes of the server's answer to a statement of ``link``, before they are forwarded."""


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
    """Wait until the socket has bytes to read, and return whether it has. Return False if ``is_full``.

    The maximum wait is ``seconds`` or _STEP, whichever is shorter. If ``seconds`` is None, there is no limit.
    """
    left = None if seconds is None else max(0.0, min(seconds, _STEP))
    if is_full or (left is not None and left < 0.001):  # poll has a resolution of a millisecond
        time.sleep(left or 0)
        left = 0
    return not is_full and _polls(sock, POLLIN, left)


def _is_writable(sock: socket.socket) -> bool:
    # the wait has a limit, because a thread that waits in poll keeps a socket open that another thread has reset
    return _polls(sock, POLLOUT, _STEP)


def _polls(sock: socket.socket, event: int, seconds: float | None) -> bool:
    poller = poll()
    poller.register(sock, event)
    return bool(poller.poll(None if seconds is None else int(seconds * 1000)))


def main(host: str, upstream: str) -> None:
    """Run a proxy that listens on ``host`` and forwards to the unix socket ``upstream``. Print its port.

    The proxy stops when standard input is closed.
    """
    with FaultProxy(upstream, host=host) as proxy:
        print(proxy.port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])

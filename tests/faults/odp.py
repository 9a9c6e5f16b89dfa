"""A proxy that imitates an OceanBase Database Proxy (ODP)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection

from . import wire
from .tcp_proxy import FaultProxy, Link, Place

UNKNOWN_TENANT, UNKNOWN_CLUSTER, UNKNOWN_THREAD = 5157, 4669, 1094

_KILL = re.compile(r"(\s*kill\s+(?:query\s+|connection\s+)?)(\d+)\s*;?\s*", re.IGNORECASE)
_VERSION = re.compile(r"\s*select\s+proxy_version\(\)\s*;?\s*", re.IGNORECASE)
_numbers = itertools.count(1)


class Odp(FaultProxy):
    """A FaultProxy that reads ``user@tenant#cluster`` from the login and forwards only the user.

    The proxy refuses an unknown tenant or cluster. A login without a tenant means the tenant ``sys``. A login without a
    cluster means the cluster of the proxy. ``logins`` has the user names of all logins, including refused ones.

    Clients see session ids that the proxy makes from ``number`` (one byte, by default different for each proxy) and a
    counter. ``connection_id()`` still returns the server's id. If ``takes_kill`` is set, a KILL of a proxy's id is
    translated to the id on the server. A KILL of any other id fails with error 1094, since a proxy knows only its own
    sessions. If ``takes_kill`` is not set, the server gets the KILL unchanged.

    If ``shows_version`` is set, the proxy answers ``select proxy_version()``.
    """

    def __init__(
        self,
        upstream: Place,
        tenants: Collection[str] = ("analytics",),
        cluster: str = "obdemo",
        *,
        number: int | None = None,
        takes_kill: bool = True,
        shows_version: bool = True,
    ) -> None:
        self.tenants, self.cluster = tenants, cluster
        self.takes_kill, self.shows_version = takes_kill, shows_version
        self.logins: list[str] = []
        self._ids: dict[Link, int] = {}
        self._next_id = itertools.count(((number or next(_numbers) % 255) << 24) + 1)
        super().__init__(upstream)

    def __enter__(self) -> Odp:
        return self

    def shown_id(self, link: Link) -> int:
        """Return the session id that the client of the connection ``link`` sees."""
        return self._ids[link]

    def on_greeting(self, link: Link, piece: wire.Piece) -> bytes:
        """Return the greeting with a session id of the proxy, and without TLS, so that the proxy can read the login."""
        packet = super().on_greeting(link, piece)
        if link.session is None:
            return packet
        self._ids[link] = next(self._next_id)
        return wire.packet(0, wire.with_session_id(piece.payload, self._ids[link]))

    def on_login(self, link: Link, piece: wire.Piece) -> bytes:
        """Return the login with only the user's name, or refuse it and return empty bytes."""
        name = wire.user_of(piece.payload)
        self.logins.append(name)
        login, _, cluster = name.partition("#")
        user, _, tenant = login.partition("@")
        if cluster and cluster != self.cluster:
            return self._refuse(link, UNKNOWN_CLUSTER, f"cluster not exist: {cluster}")
        if (tenant or "sys") not in self.tenants:
            return self._refuse(link, UNKNOWN_TENANT, f"Tenant not exist: {tenant or 'sys'}")
        return wire.packet(1, wire.with_user(piece.payload, user))

    def on_statement(self, link: Link, piece: wire.Piece) -> bytes:
        """Return the packet to send to the server, with the server's session id in a KILL.

        Return empty bytes if the proxy itself answers the statement.
        """
        if self.shows_version and _VERSION.fullmatch(piece.text):
            link.answer(wire.one_value("proxy_version()", "OceanBase 4.2.3.0 1"))
            return b""
        kill = _KILL.fullmatch(piece.text) if self.takes_kill else None
        if kill is None:
            return piece.data
        victim = next((each.session for each in self.open_links if self._ids.get(each) == int(kill[2])), None)
        if victim is None:
            link.answer(wire.packet(1, wire.error(UNKNOWN_THREAD, f"Unknown thread id: {kill[2]}")))
            return b""
        return wire.query(f"{kill[1]}{victim}")

    @staticmethod
    def _refuse(link: Link, code: int, text: str) -> bytes:
        link.answer(wire.packet(2, wire.error(code, text)))
        link.cut()
        return b""

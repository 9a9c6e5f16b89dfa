"""A proxy that answers chosen statements with an error."""

from __future__ import annotations

from . import wire
from .tcp_proxy import FaultProxy, Link


class RefusingProxy(FaultProxy):
    """A ``FaultProxy`` that answers some statements with an error and does not forward them to the server."""

    _part, _code, _times = "", 0, 0

    def refuse(self, part: str, code: int, times: int = 1) -> None:
        """Answer the next ``times`` statements that contain ``part`` with the error ``code``."""
        self._part, self._code, self._times = part, code, times

    def on_statement(self, link: Link, piece: wire.Piece) -> bytes:
        """Return the packet to send to the server, or empty bytes if the client was sent an error instead."""
        if not self._times or self._part not in piece.text:
            return super().on_statement(link, piece)
        self._times -= 1
        link.answer(wire.packet(1, wire.error(self._code, "refused on the way")))
        return b""

    def clear(self) -> None:
        """Clear the proxy as the base class does, and stop answering with errors."""
        super().clear()
        self._times = 0

    def count(self, part: str) -> int:
        """Return the number of recorded statements that contain ``part``."""
        return sum(part in statement for statement in self.statements)

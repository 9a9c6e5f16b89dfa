"""A proxy that answers statements by errors of its own."""

from __future__ import annotations

from . import wire
from .tcp_proxy import FaultProxy, Link


class RefusingProxy(FaultProxy):
    """A ``FaultProxy`` that answers some statements in the server's place, which never sees them."""

    _part, _code, _times = "", 0, 0

    def refuse(self, part: str, code: int, times: int = 1) -> None:
        """Answer the next ``times`` statements that hold ``part`` by the error ``code``."""
        self._part, self._code, self._times = part, code, times

    def on_statement(self, link: Link, piece: wire.Piece) -> bytes:
        """Give the packet for the server, or none after an error for the client."""
        if not self._times or self._part not in piece.text:
            return super().on_statement(link, piece)
        self._times -= 1
        link.answer(wire.packet(1, wire.error(self._code, "refused on the way")))
        return b""

    def clear(self) -> None:
        """Forget the errors, too."""
        super().clear()
        self._times = 0

    def count(self, part: str) -> int:
        """Count the statements that hold ``part``."""
        return sum(part in statement for statement in self.statements)

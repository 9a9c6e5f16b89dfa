"""A proxy that changes the text of statements, so that the server refuses them as an older server would."""

from __future__ import annotations

from typing import Any

from . import wire
from .tcp_proxy import FaultProxy, Link, Place


class RewritingProxy(FaultProxy):
    """A proxy that replaces ``old`` by ``new`` in all statements. Both must have the same length.

    ``rewritten`` is the number of replacements so far.
    """

    def __init__(self, upstream: Place, old: str, new: str, **options: Any) -> None:
        if len(old) != len(new):
            raise ValueError("old and new must have the same length: the header of a packet contains its length")
        self.old, self.new, self.rewritten = old.encode(), new.encode(), 0
        super().__init__(upstream, **options)

    def on_statement(self, link: Link, piece: wire.Piece) -> bytes:
        """Return the packet to send to the server, with ``old`` replaced by ``new``."""
        data = super().on_statement(link, piece)
        self.rewritten += data.count(self.old)
        return data.replace(self.old, self.new)

"""A proxy that changes the text of statements, so that the real server refuses what an older one does not know."""

from __future__ import annotations

from typing import Any

from . import wire
from .tcp_proxy import FaultProxy, Link, Place


class RewritingProxy(FaultProxy):
    """Puts ``new`` in the place of ``old``, which is as long, in every statement; ``rewritten`` counts these."""

    def __init__(self, upstream: Place, old: str, new: str, **options: Any) -> None:
        if len(old) != len(new):
            raise ValueError("old and new must be of one length: the length of a packet stands in its head")
        self.old, self.new, self.rewritten = old.encode(), new.encode(), 0
        super().__init__(upstream, **options)

    def on_statement(self, link: Link, piece: wire.Piece) -> bytes:
        """Give the packet for the server, rewritten."""
        data = super().on_statement(link, piece)
        self.rewritten += data.count(self.old)
        return data.replace(self.old, self.new)

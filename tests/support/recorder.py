"""A unix socket in front of the server that writes down every statement a client sends, connection by connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from faults.tcp_proxy import FaultProxy as Recorder
from faults.tcp_proxy import place_of

__all__ = ["Recorder", "recording"]


@contextmanager
def recording(folder: Path, profile: Mapping[str, Any]) -> Iterator[Recorder]:
    """Yield a recorder in front of the server that ``profile`` names; its socket is in ``folder``."""
    with Recorder(place_of(profile), path=folder / "r.sock") as recorder:
        yield recorder

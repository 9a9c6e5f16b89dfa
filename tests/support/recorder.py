"""Record all statements that clients send to the server, separately for each connection."""

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
    """Yield a proxy for the server in ``profile`` that records statements. Its unix socket is in ``folder``."""
    with Recorder(place_of(profile), path=folder / "r.sock") as recorder:
        yield recorder

"""Record all statements that clients send to the server, separately for each connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from faults import wire
from faults.tcp_proxy import FaultProxy, Link, place_of

from dbt.adapters.oceanbase.connect.codes import REPEATED
from dbt.adapters.oceanbase.connect.control import lost_answers, progress
from dbt.adapters.oceanbase.connect.errors import ConnectError


class Recorder(FaultProxy):
    """A proxy that records statements, but none that the server refuses for the moment: the adapter sends it again.

    The server does so because of another session's DDL, which depends on the tests that run at the same time.
    """

    def on_answer(self, link: Link, data: bytes) -> None:
        """Remove the statement of ``link`` that the server has refused for the moment from the recorded ones."""
        if wire.error_of(data[4:]) in REPEATED:
            link.statements.pop()


@contextmanager
def recording(folder: Path, profile: Mapping[str, Any]) -> Iterator[Recorder]:
    """Yield a proxy for the server in ``profile`` that records statements. Its unix socket is in ``folder``.

    Meanwhile, dbt in this process cannot open control connections. It does so beside a statement that runs for 30
    seconds or longer, so that more would be recorded on a slow machine than on a fast one.
    """
    with Recorder(place_of(profile), path=folder / "r.sock") as recorder, pytest.MonkeyPatch.context() as patch:
        for module in (progress, lost_answers):
            patch.setattr(module, "open_control_connection", _refuse)
        yield recorder


def _refuse(*_: object) -> NoReturn:
    raise ConnectError("no control connection is opened while statements are recorded")

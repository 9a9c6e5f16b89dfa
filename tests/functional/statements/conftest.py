"""A profile whose target is a recorder in front of the server, for the tests of what is sent."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.outside import PATIENCE
from support.recorder import Recorder, recording


@pytest.fixture(scope="class")
def recorder(server_profile: dict[str, Any]) -> Iterator[Recorder]:
    with tempfile.TemporaryDirectory() as folder, recording(Path(folder), server_profile) as found:
        yield found


@pytest.fixture(scope="class")
def recorded_target(server_profile: dict[str, Any], recorder: Recorder) -> dict[str, Any]:
    """Return a target with one thread, whose connections go through the recorder."""
    login = {name: value for name, value in server_profile.items() if name not in ("host", "port", "unix_socket")}
    target = {"type": "oceanbase", "threads": 1, **login, "unix_socket": str(recorder.path)}
    # a second attempt to connect would be recorded, too
    return {**target, "connect_timeout": PATIENCE, "connect_retry_deadline": PATIENCE}

"""A recorder has what the nodes send, and on a slow machine no more than on a fast one."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt_and_capture
from support.recorder import Recorder

from dbt.adapters.oceanbase.connect.control import progress

pytestmark = pytest.mark.any_kernel


class TestSlowStatement:
    @pytest.fixture(scope="class")
    def dbt_profile_target(self, recorded_target: dict[str, Any]) -> dict[str, Any]:
        return recorded_target

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"slow.sql": "{{ config(pre_hook='select sleep(2.5)') }} select 1 as id"}

    def test_its_report(self, project: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(progress, "REPORT_SECONDS", 0.5)
        # a thread that reports earlier statements would sleep for the 30 seconds that were set before
        progress._reset_after_fork()
        recorder.clear()

        _, log = run_dbt_and_capture(["run"])

        assert "model.test.slow: select runs for" in log
        assert any("sleep(2.5)" in sql for sql in recorder.connections[-1])
        assert not any("processlist" in sql or "connection_id()" in sql for sql in recorder.statements)

"""A recorder has what the nodes send, and on a slow machine no more than on a fast one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture
from faults.refusing import RefusingProxy
from faults.tcp_proxy import place_of
from support.recorder import Recorder, recording

from dbt.adapters.oceanbase.connect.control import progress

pytestmark = pytest.mark.any_kernel


class TestRefusedStatement:
    """The server refuses a statement for the moment, and the adapter sends it again."""

    @pytest.fixture(scope="class")
    def refusing(self, server_profile: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
        folder = tmp_path_factory.mktemp("refusing")
        with RefusingProxy(place_of(server_profile), path=folder / "p.sock") as proxy:
            yield proxy

    @pytest.fixture(scope="class")
    def recorder(self, refusing: RefusingProxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
        with recording(tmp_path_factory.mktemp("recorder"), refusing.profile) as recorder:
            yield recorder

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, recorded_target: dict[str, Any]) -> dict[str, Any]:
        return recorded_target

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"refused.sql": "select 1 as id"}

    @pytest.mark.parametrize(("code", "recorded"), [(5627, 1), (1146, 2)], ids=["for the moment", "for good"])
    def test_what_is_recorded(
        self, project: Any, recorder: Recorder, refusing: RefusingProxy, code: int, recorded: int
    ) -> None:
        for proxy in (recorder, refusing):
            proxy.clear()
        refusing.refuse("`refused`", code)

        for _ in range(recorded):
            run_dbt(["run"], expect_pass=None)

        count = sum("`refused`" in sql for sql in recorder.statements)
        assert (count, refusing.count("`refused`")) == (recorded, 2)


class TestSlowStatement:
    @pytest.fixture(scope="class")
    def dbt_profile_target(self, recorded_target: dict[str, Any]) -> dict[str, Any]:
        return recorded_target

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"slow.sql": "{{ config(pre_hook='update gate set passed = 1') }} select 1 as id"}

    def test_its_report(
        self,
        project: Any,
        recorder: Recorder,
        connect: Callable[..., pymysql.Connection],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        project.run_sql("create table gate as select 0 as passed")
        monkeypatch.setattr(progress, "REPORT_SECONDS", 0.5)
        log_report = progress.logger.log
        holder = connect()

        def report(*arguments: Any) -> None:
            log_report(*arguments)
            # the statement waits for this
            holder.close()

        monkeypatch.setattr(progress.logger, "log", report)
        with holder.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(f"update `{project.test_schema}`.gate set passed = 2")
        # a thread that reports earlier statements would sleep for the 30 seconds that were set before
        progress._reset_after_fork()
        recorder.clear()

        _, log = run_dbt_and_capture(["run"])

        assert "model.test.slow: update runs for" in log
        assert any("update gate" in sql for sql in recorder.connections[-1])
        assert not any("processlist" in sql or "connection_id()" in sql for sql in recorder.statements)

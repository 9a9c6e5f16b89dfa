"""300 models in eight threads, while the server is killed and restarted, or one of two hosts goes down for good."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from faults.tcp_proxy import FaultProxy, place_of
from support.dbt_process import DbtProcess
from support.outside import Database, until

from dbt.adapters.oceanbase.connect.options import RetryOptions

pytestmark = pytest.mark.any_kernel

OUTAGE_SECONDS = 20

MODELS, TABLES_OF = 300, 4
"""The number of models. One of every so many is a table, the others are views."""

THREADS = 8

PATIENCE = 1500
"""Seconds for dbt to run all models on a busy machine. They take half a minute on an idle one."""


class LongRun:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        def model(number: int) -> str:
            kind = "view" if number % TABLES_OF else "table"
            return f"{{{{ config(materialized='{kind}') }}}} select {number} as id"

        return {f"m_{number:03}.sql": model(number) for number in range(MODELS)}

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any]) -> dict[str, Any]:
        # the defaults are what is tested, but for one limit: its default is enough for the outage and a start of some
        # seconds, and a start may take longer than that on a busy machine
        assert RetryOptions().deadline > 2 * OUTAGE_SECONDS
        login = {name: value for name, value in server_profile.items() if name != "connect_timeout"}
        return {"type": "oceanbase", "threads": THREADS, **login, "connect_retry_deadline": PATIENCE}

    @pytest.fixture
    def start(self, project: Any, request: pytest.FixtureRequest) -> Iterator[Callable[..., DbtProcess]]:
        """Start dbt. The process is killed after the test."""
        started: list[DbtProcess] = []

        def run(*arguments: str) -> DbtProcess:
            kernel = request.config.getoption("--kernel")
            profiles = Path(project.profiles_dir)
            started.append(DbtProcess(Path(project.project_root), arguments, kernel, profiles))
            return started[-1]

        yield run
        for process in started:
            process.kill()

    @staticmethod
    def results(project: Any) -> dict[str, tuple[str, str]]:
        """Return status and message of each model of the last run."""
        found = json.loads((Path(project.project_root) / "target" / "run_results.json").read_text())
        return {each["unique_id"].split(".")[-1]: (each["status"], str(each["message"])) for each in found["results"]}

    @staticmethod
    def assert_all_there(db: Database) -> None:
        kinds = Counter(kind for name, kind in db.relations().items() if name.startswith("m_"))
        assert kinds == {"table": MODELS // TABLES_OF, "view": MODELS - MODELS // TABLES_OF}
        assert not [name for name in db.relations() if "__dbt_" in name]
        union = " union all ".join(f"select id, {number} as n from {{s}}.m_{number:03}" for number in range(MODELS))
        assert db.value(f"select sum(id = n) from ({union}) q") == MODELS


def done(process: DbtProcess) -> int:
    """Count the models that have ended in a run so far."""
    return process.output.count("OK created sql") + process.output.count("ERROR creating sql")


def await_models(process: DbtProcess, count: int) -> None:
    """Wait until more than ``count`` models have ended in a run that still goes on."""
    until(lambda: process.poll() is not None or done(process) > count, PATIENCE)
    assert process.poll() is None, process.output


@pytest.mark.takes(100)
class TestServerRestarts(LongRun):
    def test_only_what_is_in_flight_fails_and_a_retry_heals_it(
        self, project: Any, own_server: Any, start: Callable[..., DbtProcess], connect: Callable[..., Any]
    ) -> None:
        process = start("run")
        for reached, seconds in ((MODELS // 5, OUTAGE_SECONDS), (MODELS // 2, 0)):
            await_models(process, reached)
            own_server.kill()
            # not a wait for a state: the server is away for that long
            time.sleep(seconds)
            own_server.start()

        code = process.wait(PATIENCE)

        assert done(process) == MODELS, process.output
        failed = {name: text for name, (status, text) in self.results(project).items() if status != "success"}
        assert len(failed) <= 2 * THREADS, process.output
        assert code == (1 if failed else 0)
        assert all("was lost" in text for text in failed.values()), failed
        assert "(0, '')" not in process.output
        if failed:
            retry = start("retry")
            assert retry.wait(PATIENCE) == 0, retry.output
            assert set(self.results(project)) == set(failed)
        with connect() as connection:
            self.assert_all_there(Database(connection, project.test_schema))


@pytest.mark.takes(60)
class TestOneHostDies(LongRun):
    @pytest.fixture(scope="class")
    def proxies(self, server_profile: dict[str, Any]) -> Iterator[tuple[FaultProxy, FaultProxy]]:
        place = place_of(server_profile)
        with FaultProxy(place) as first, FaultProxy(place) as second:
            yield first, second

    @pytest.fixture(scope="class")
    def dbt_profile_target(
        self, server_profile: dict[str, Any], proxies: tuple[FaultProxy, FaultProxy]
    ) -> dict[str, Any]:
        login = {name: value for name, value in server_profile.items() if name not in ("host", "port")}
        hosts = {"hosts": [proxy.place for proxy in proxies], "host_strategy": "round_robin"}
        return {"type": "oceanbase", "threads": THREADS, **login, **hosts}

    def test_the_other_one_takes_over(
        self, project: Any, proxies: tuple[FaultProxy, FaultProxy], start: Callable[..., DbtProcess], db: Database
    ) -> None:
        dying, staying = proxies
        process = start("run")
        await_models(process, MODELS // 3)
        until(lambda: dying.open_links, PATIENCE, 0.001)
        dying.close()

        code = process.wait(PATIENCE)

        assert done(process) == MODELS, process.output
        failed = {name: text for name, (status, text) in self.results(project).items() if status != "success"}
        assert len(failed) <= THREADS, process.output
        assert code == (1 if failed else 0)
        assert all(f"{dying.place} was lost" in text for text in failed.values()), failed
        if failed:
            retry = start("retry")
            assert retry.wait(PATIENCE) == 0, retry.output
        self.assert_all_there(db)
        assert staying.open_links or staying.accepted

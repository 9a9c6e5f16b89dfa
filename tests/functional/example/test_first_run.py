"""The first steps of a new user with the embedded engine: the example project, and the profile of ``dbt init``."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest
import yaml
from support import engines
from support.dbt_process import DbtProcess

EXAMPLE = Path(__file__).parents[3] / "examples" / "nyc_flights"
COMMANDS = (
    ("build",),
    ("docs", "generate"),
    ("build",),
    ("snapshot",),
    ("build", "--full-refresh"),
)
SECONDS = 900

DESIGN = """
select 'partition' as kind, partition_name as name from information_schema.partitions
where table_schema = 'nyc_flights' and table_name = 'flight_log'
union all select 'index', index_name from information_schema.statistics
where table_schema = 'nyc_flights' and table_name = 'flight_log'
union all select 'relation', concat(table_name, ' ', table_type) from information_schema.tables
where table_schema = 'nyc_flights'
"""
"""A query of the catalog for the design of the example's tables."""

STORED = """
union all select 'refresh', last_refresh_type from oceanbase.DBA_MVIEWS where owner = 'nyc_flights'
union all select 'log', master from oceanbase.DBA_MVIEW_LOGS where log_owner = 'nyc_flights'
union all select 'columns', column_group_name from oceanbase.__all_column_group g
join oceanbase.DBA_OBJECTS o on o.object_id = g.table_id
where o.owner = 'nyc_flights' and o.object_name = 'flight_log' and o.object_type = 'TABLE'
"""
"""More of that query, for a kernel with materialized views and column store."""

Dbt = Callable[..., DbtProcess]


@pytest.fixture
def dbt(request: pytest.FixtureRequest) -> Dbt:
    """Return a function that runs dbt in a separate process, with the kernel under test."""

    def run(folder: Path, *arguments: str) -> DbtProcess:
        kernel = request.config.getoption("--kernel")
        process = DbtProcess(folder, ("--no-use-colors", *arguments), kernel, patches=engines.PATIENT_SETUP)
        try:
            process.wait(SECONDS)
        except AssertionError as error:
            warehouse = folder / "warehouse"
            running = engines.processlist(str(warehouse / "run" / "sql.sock"))
            load = f"load {os.getloadavg()}, free {shutil.disk_usage(folder).free >> 20} MB"
            raise AssertionError(f"{error}\n{load}; it runs:\n{running}\n{engines.log_tail(warehouse)}") from None
        finally:
            process.kill()
        return process

    return run


@pytest.mark.takes(110)
def test_the_example(dbt: Dbt, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The example shows partitions by a rule and indexes on both kernels, and all that it can show on kernel 1.3."""
    full = ("--vars", "full_kernel: true") if request.config.getoption("--kernel") == "1.3" else ()
    project = tmp_path / "nyc"
    left_out = shutil.ignore_patterns("warehouse", "target", "logs")
    shutil.copytree(EXAMPLE, project, ignore=left_out)

    for command in COMMANDS:
        done = dbt(project, *command, *full)
        assert done.poll() == 0, done.output[-3000:]
        results = json.loads((project / "target" / "run_results.json").read_text())["results"]
        assert {result["status"] for result in results} <= {"success", "pass", "no-op"}
        if command == ("snapshot",):
            # after the second build, which adds to what the first one has made
            query = f"{DESIGN} {STORED}" if full else DESIGN
            shown = dbt(project, "show", "--limit", "-1", "--output", "json", "--inline", query, *full)
            check_design(shown, bool(full))

    catalog = json.loads((project / "target" / "catalog.json").read_text())
    flights = catalog["nodes"]["seed.nyc_flights.flights"]
    assert flights["columns"]["dep_time"]["type"] == "int"
    assert flights["metadata"]["comment"]


def check_design(shown: DbtProcess, is_full: bool) -> None:
    """Check what the catalog shows of ``flight_log`` and ``carrier_days``."""
    assert shown.poll() == 0, shown.output[-3000:]
    found: dict[str, set[str]] = {}
    for kind, name in re.findall(r'"kind": "(\w+)",\s+"name": "([^"]+)"', shown.output):
        found.setdefault(kind, set()).add(name)
    this_year = datetime.now(timezone.utc).year
    assert found["partition"] == {f"p{year}" for year in range(2013, this_year + 2)}
    assert found["index"] == {"PRIMARY", "by_carrier", "by_aircraft"}
    assert ("carrier_days VIEW" in found["relation"]) is not is_full
    if is_full:
        assert found["refresh"] == {"FAST"}
        assert found["log"] == {"flight_log"}
        assert {"__co_all", "__cg_carrier_code"} <= found["columns"]


def test_the_profile_of_init(dbt: Dbt, tmp_path: Path) -> None:
    """The default answers for the embedded engine result in a working profile."""
    template = yaml.safe_load(
        (EXAMPLE.parents[1] / "dbt/include/oceanbase/profile_template.yml").read_text(encoding="utf-8")
    )
    choices = template["prompts"]["_choose_OceanBase"]
    embedded = next(answers for name, answers in choices.items() if name.startswith("embedded"))
    target = template["fixed"] | {name: prompt["default"] for name, prompt in embedded.items()}
    profiles = {"mine": {"target": "dev", "outputs": {"dev": target}}}
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump(profiles))
    (tmp_path / "dbt_project.yml").write_text("name: mine\nprofile: mine\nversion: 1.0.0\n")

    done = dbt(tmp_path, "debug")

    assert "Connection test: [OK connection ok]" in done.output, done.output
    assert "seekdb 1." in done.output
    assert done.poll() == 0

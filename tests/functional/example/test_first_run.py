"""The first steps of a new user with the embedded engine: the example project, and the profile of ``dbt init``."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
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
SECONDS = 300

Dbt = Callable[..., DbtProcess]


@pytest.fixture
def dbt(request: pytest.FixtureRequest) -> Dbt:
    """Return a function that runs dbt in a separate process, with the kernel under test."""

    def run(folder: Path, *arguments: str) -> DbtProcess:
        process = DbtProcess(folder, ("--no-use-colors", *arguments), request.config.getoption("--kernel"))
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
def test_the_example(dbt: Dbt, tmp_path: Path) -> None:
    project = tmp_path / "nyc"
    left_out = shutil.ignore_patterns("warehouse", "target", "logs")
    shutil.copytree(EXAMPLE, project, ignore=left_out)

    for command in COMMANDS:
        done = dbt(project, *command)
        assert done.poll() == 0, done.output[-3000:]
        results = json.loads((project / "target" / "run_results.json").read_text())["results"]
        assert {result["status"] for result in results} <= {"success", "pass", "no-op"}

    catalog = json.loads((project / "target" / "catalog.json").read_text())
    flights = catalog["nodes"]["seed.nyc_flights.flights"]
    assert flights["columns"]["dep_time"]["type"] == "int"
    assert flights["metadata"]["comment"]


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

"""A profile of the adapter type of earlier releases is refused in one line that says what to change."""

from __future__ import annotations

from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner

PROFILE = """
old:
  target: dev
  outputs:
    dev: {type: obmysql, host: localhost, port: 2881, user: root@sys, pass: secret, dbname: old, threads: 1}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "dbt_project.yml").write_text("name: old\nversion: '1.0'\nprofile: old\n")
    (tmp_path / "profiles.yml").write_text(PROFILE)
    return tmp_path


@pytest.mark.parametrize("command", ["run", "debug"])
def test_each_command_says_what_to_change(project: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    places = ["--project-dir", str(project), "--profiles-dir", str(project), "--log-path", str(project / "logs")]
    result = dbtRunner().invoke([command, *places])

    assert not result.success
    [line] = {line.strip() for line in f"{capsys.readouterr().out}\n{result.exception}".splitlines() if "2.0" in line}
    assert line.startswith("type: obmysql: ")
    assert "write type: oceanbase, and password for pass, schema for dbname" in line

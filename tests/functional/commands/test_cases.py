"""The script that runs small projects of reported faults finds those that differ from what is expected."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from support import cases

PROJECT = {"name": "small", "version": "1.0", "profile": "p"}
TARGET = {"type": "oceanbase", "path": "./warehouse", "schema": "a_case", "threads": 1}
EXPECTED = {
    "right": [
        {"dbt": "run", "says": ["OK created"], "omits": ["ERROR creating"]},
        {"sql": "select id, nothing from m", "rows": [[1, None]]},
        {"copy": ["broken.sql", "models/m.sql"]},
        {"dbt": "run", "fails": True, "says": ["1054"]},
    ],
    "other-rows": [{"sql": "select 1", "rows": [[2]]}],
    "other-text": [{"shell": "echo found", "says": ["found", "wanted"], "omits": ["fou"]}],
    "no-error": [{"shell": "true", "fails": True}],
}


def test_only_projects_with_other_results_differ(
    tmp_path: Path, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [*EXPECTED, "unlisted"]:
        (tmp_path / name / "models").mkdir(parents=True)
        (tmp_path / name / "models" / "m.sql").write_text("select 1 as id, null as nothing")
        (tmp_path / name / "broken.sql").write_text("select no_such_column")
        (tmp_path / name / "dbt_project.yml").write_text(yaml.safe_dump(PROJECT))
        profile = {"p": {"target": "dev", "outputs": {"dev": TARGET}}}
        (tmp_path / name / "profiles.yml").write_text(yaml.safe_dump(profile))
    expected = tmp_path / "expected.yml"
    expected.write_text(yaml.safe_dump(EXPECTED))

    kernel = pytestconfig.getoption("--kernel")
    code = cases.main([str(tmp_path), "--kernel", kernel, "--expected", str(expected)])

    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert code == 1
    assert lines == [
        "no-error: differs: step 1, true: did not fail",
        "other-rows: differs: step 1, select 1: [['1']] instead of [['2']]",
        "other-text: differs: step 1, echo found: does not say ['wanted'], says ['fou']",
        "right: as expected",
        "unlisted: differs: it is not listed",
    ]
    assert not (tmp_path / "right" / "target").exists()  # the project itself is not changed

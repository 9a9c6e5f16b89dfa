"""The statements of a materialized view, exactly and in order: docs/statements.md is what is expected."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database
from support.recorder import Recorder, recording

from dbt.adapters.oceanbase.connect.options import SessionOptions
from dbt.adapters.oceanbase.connect.session.settings import settings_statement

PAGE = Path(__file__).parents[3] / "docs" / "statements.md"


def flat(text: str) -> str:
    return " ".join(text.split())


def expected(title: str) -> list[str]:
    """Return the page's list of this title."""
    section = re.search(rf"^### {title}\n.*?^```sql\n(.*?)^```", PAGE.read_text(), re.M | re.S)
    assert section is not None
    return [flat(part) for part in section[1].split(";\n") if part.strip()]


class TestStatements:
    @pytest.fixture(scope="class")
    def recorder(self, server_profile: dict[str, Any]) -> Iterator[Recorder]:
        with tempfile.TemporaryDirectory() as folder, recording(Path(folder), server_profile) as found:
            yield found

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any], recorder: Recorder) -> dict[str, Any]:
        login = {name: value for name, value in server_profile.items() if name not in ("host", "port", "unix_socket")}
        return {
            "type": "oceanbase",
            "threads": 1,
            "connection_mode": "new",
            **login,
            "unix_socket": str(recorder.path),
        }

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"query-comment": ""}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "a_refreshed.sql": (
                "{{ config(materialized='materialized_view') }} select id from {{ target.schema }}.loads"
            )
        }

    def test_new_and_again(self, db: Database, recorder: Recorder) -> None:
        db.run("create table {s}.loads (id int)")
        session = flat(settings_statement(SessionOptions()))
        for title in ("materialized view: new", "materialized view: again"):
            recorder.clear()
            run_dbt(["run"])
            sent = [flat(sql) for sql in recorder.connections[-1] if sql != "<quit>"]
            plain = [sql.replace(session, "set <session>").replace(db.schema, "analytics") for sql in sent]
            assert [re.sub(r"\[dbt:[0-9a-f]+\]", "[dbt:<hash>]", sql) for sql in plain] == expected(title)

"""A step of another package in a real login: the example of docs/steps.md, installed with dbt."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.any_kernel

PLUGIN = Path(__file__).parents[2] / "fixtures_plugin"


class TestStep:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"one.sql": "select 1 as id", "two.sql": "select * from {{ ref('one') }}"}

    @pytest.fixture
    def token(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
        """Install the example for the processes of this test, and return the file of its token."""
        path = os.pathsep.join(filter(None, [str(PLUGIN), os.environ.get("PYTHONPATH")]))
        monkeypatch.setenv("PYTHONPATH", path)
        token = tmp_path / "token"
        monkeypatch.setenv("ACME_TOKEN_URL", token.as_uri())
        return token

    def test_it_supplies_the_password(
        self, dbt: Callable[..., Any], token: Path, server_profile: dict[str, Any]
    ) -> None:
        token.write_text(server_profile["password"] + "\n")

        outcome = dbt("run", password=None)

        assert outcome.code == 0, outcome.console
        assert "Completed successfully" in outcome.console

    def test_without_it_the_server_lets_nobody_in(self, dbt: Callable[..., Any]) -> None:
        outcome = dbt("debug", password=None)

        assert "access denied (1045)" in outcome.line("(1045)")

    def test_a_token_that_the_server_refuses_is_reported_as_ever(self, dbt: Callable[..., Any], token: Path) -> None:
        token.write_text("0ld-token")

        outcome = dbt("debug", password=None)

        assert outcome.code == 1
        assert "access denied (1045)" in outcome.line("(1045)")
        assert len(outcome.messages(" failed after ")) == 1
        assert not outcome.messages("0ld-token")

    @pytest.mark.parametrize("command", ["debug", "run"])
    def test_its_failure_is_one_line(self, command: str, dbt: Callable[..., Any], token: Path) -> None:
        outcome = dbt(command, password=None)

        line = outcome.line("step 'token'")
        assert outcome.code != 0
        assert "step 'token' of acme-token failed: before_connect raised URLError (acme_token.py, line " in line
        assert line.endswith(": correct or uninstall it")
        assert len(line) <= 300
        assert outcome.has_no_traceback()

    def test_one_that_cannot_be_loaded_is_one_line(
        self, dbt: Callable[..., Any], token: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("ACME_TOKEN_URL")

        outcome = dbt("debug")

        line = outcome.line("step 'token'")
        assert "step 'token' of acme-token cannot be loaded: acme_token:TokenStep raised KeyError (" in line
        assert outcome.has_no_traceback()

"""No secret appears on the console, in the log, in an artifact, in the context, or in an error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
from faults.server import PASSWORD

from .conftest import Dbt

pytestmark = pytest.mark.any_kernel

WORD = "w0rd-of-a-h00k"
PASSWORD_OF_A_HOOK = "/".join([WORD] * 4)
"""Text that fills the end of a statement, which is abridged in an error."""

CONTEXT = """
{% macro show_target() %}
  {% do log('it goes to ' ~ target, info=true) %}
  {% do log('its password is ' ~ target.password ~ target.get('password', '') ~ ' ' ~ tojson(target), info=true) %}
{% endmacro %}
"""
WORD_AS_BYTES = f"0x{WORD.encode().hex()}"
VALUES_OF_HOOKS = (
    "set @key = {{ env_var(\\'READER_BYTES\\') }}",
    "select aes_decrypt(unhex(\\'00\\'), {{ env_var(\\'READER_BYTES\\') }})",
    "select \\'{{ env_var(\\'READER_WORD\\') }}\\', {{ env_var(\\'READER_BYTES\\') }} into @word, @key",
)
HOOKS = (
    "create user if not exists {user} identified by ",
    "create user {user} identified by ",
    "alter user {user} identified by ",
    "grant select on *.* to {user} identified by ",
    "set password for {user} = ",
    "create user '{user}_of_the_marts'@'10.20.30.%', 'another_{user}_of_the_marts'@'10.20.30.%', {user} identified by ",
    "create user {user}_of_the_marts identified bye ",
)
"""Each is followed by a password. The server refuses some, since the user exists: the error repeats the text."""


def files_with(word: str, folder: Path) -> list[str]:
    """Return the files in and below ``folder`` that contain ``word``."""
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and word.encode() in path.read_bytes()
    ]


@pytest.mark.takes(50)
class TestSecrets:
    @pytest.fixture(scope="class")
    def user(self, unique_schema: str, server: pymysql.Connection) -> Iterator[str]:
        name = f"u_{unique_schema[4:20]}"
        with server.cursor() as cursor:
            cursor.execute(f"create user {name}")
            yield name
            cursor.execute(f"drop user {name}")

    @pytest.fixture(scope="class")
    def models(self, user: str) -> dict[str, str]:
        word = "'{{ env_var(\\'READER_WORD\\') }}'"
        hooked = {
            f"hook_{number}.sql": f'{{{{ config(pre_hook="{hook.format(user=user)}{word}") }}}} select 1 as id'
            for number, hook in enumerate(HOOKS)
        }
        values = ", ".join(f"'{hook}'" for hook in VALUES_OF_HOOKS)
        return {
            "a_table.sql": "{{ config(materialized='table') }} select 1 as id",
            "valued.sql": f"{{{{ config(pre_hook=[{values}]) }}}} select 1 as id",
            **hooked,
        }

    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return {"show_target.sql": CONTEXT}

    @pytest.fixture(autouse=True)
    def word(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("READER_WORD", PASSWORD_OF_A_HOOK)
        monkeypatch.setenv("READER_BYTES", WORD_AS_BYTES)

    def test_the_password_of_the_profile(self, project: Any, dbt: Dbt, tmp_path: Path) -> None:
        for command in (["debug"], ["run", "--select", "a_table"], ["docs", "generate", "--no-compile"]):
            outcome = dbt("--debug", *command)
            assert outcome.code == 0, outcome.console
        shown = dbt("--debug", "run-operation", "show_target")

        assert shown.code == 0
        assert "'user': 'root'" in shown.line("it goes to ")
        assert shown.line("its password is ").startswith("its password is  {")
        target = Path(project.project_root) / "target"
        assert {"manifest.json", "run_results.json", "catalog.json"} <= {path.name for path in target.iterdir()}
        assert files_with("a_table", target)
        assert not files_with(PASSWORD, target)
        assert {Path(name).name for name in files_with(PASSWORD, tmp_path)} == {"profiles.yml"}

    def test_the_password_in_an_error_of_the_login(self, project: Any, dbt: Dbt) -> None:
        outcome = dbt("--debug", "run", "--select", "a_table", user="nobody", connect_retries=0)

        assert outcome.code != 0
        assert "1045" in outcome.console, outcome.console

    def test_passwords_in_hooks(self, project: Any, dbt: Dbt, tmp_path: Path, user: str) -> None:
        outcome = dbt("--debug", "run", "--select", "hook_*")

        sent = outcome.messages("On model.")
        for hook in HOOKS:
            assert [each for each in sent if f"{hook.format(user=user)}'***'" in each], hook
        assert "in: create user" in outcome.console  # a statement that the server refused, in its error
        assert "near 'bye '***''" in outcome.console
        assert WORD not in outcome.console
        assert not files_with(WORD, tmp_path)
        # dbt keeps values of the environment there, to know when a file must be parsed again
        assert set(files_with(WORD, Path(project.project_root))) <= {"target/partial_parse.msgpack"}

    def test_values_of_variables_and_keys_in_hooks(self, project: Any, dbt: Dbt, tmp_path: Path) -> None:
        outcome = dbt("--debug", "run", "--select", "valued")

        assert outcome.code == 0, outcome.console
        sent = " ".join(outcome.messages("On model."))
        for text in ("set @key = '***'", "unhex('***'), '***')", "select '***', '***' into @word, @key"):
            assert text in sent
        for word in (WORD, WORD_AS_BYTES[2:]):
            assert word not in outcome.console
            assert not files_with(word, tmp_path)
            assert set(files_with(word, Path(project.project_root))) <= {"target/partial_parse.msgpack"}

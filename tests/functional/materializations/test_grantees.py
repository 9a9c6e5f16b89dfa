"""Grantees of any spelling, users and roles, and the privileges that the server has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture
from support.outside import Database, change_account

pytestmark = pytest.mark.any_kernel

REFUSED = {
    "all": ({"grants": {"all": ["somebody"]}}, "grants: 'all'"),
    "several": ({"grants": {"select, insert": ["somebody"]}}, "grants: 'select, insert'"),
    "columns": ({"grants": {"select (id)": ["somebody"]}}, "grants: 'select (id)'"),
    "nobody": ({"grants": {"select": None}}, "grants: select: None is no text"),
    "number": ({"grants": {"select": ["somebody", 1001]}}, "grants: select: 1001 is no text: write the name in quotes"),
    "empty": ({"grants": {"select": [""]}}, "grants: select: '' names nobody"),
    "copy": ({"copy_grants": False}, "copy_grants: false"),
}


class TestGrantees:
    @pytest.fixture(scope="class")
    def names(self, server: pymysql.Connection, unique_schema: str) -> Iterator[list[tuple[str, str]]]:
        """Users and a role, each as (name in the config, grantee as the server shows it)."""
        tail = unique_schema[4:20]
        accounts = [
            (f"it's {tail}", "%", f"it's {tail}"),
            (f'a "b" `c` {tail}', "%", f'a "b" `c` {tail}'),
            (f"back\\{tail}", "%", f"back\\{tail}"),
            (f"ünï{tail}", "10.0.0.%", f"ünï{tail}@10.0.0.%"),
            (f"x@{tail}", "%", f"'x@{tail}'@'%'"),
            (f"x@{tail}", "10.0.0.1", f"`x@{tail}`@10.0.0.1"),
            (f"it's@{tail}", "%", f'"it\'s@{tail}"'),
            (f" it''s {tail}", "%", f"\" it''s {tail}\""),
            (f"Bob{tail}", "%", f"Bob{tail}"),
            (f"bob{tail}", "%", f"bob{tail}@%"),
        ]
        role = f"role{tail}"
        made = [f"user '{user}'@'{host}'" for user, host, _ in map(escaped, accounts)] + [f"role '{role}'"]
        with server.cursor() as cursor:
            for what in made:
                change_account(cursor, f"create {what.replace(' ', ' if not exists ', 1)}")
            yield [(name, f"'{user}'@'{host}'") for user, host, name in accounts] + [(role, f"'{role}'@'%'")]
            for what in made:
                change_account(cursor, f"drop {what.replace(' ', ' if exists ', 1)}")

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"granted.sql": "{{ config(materialized='table', **fromjson(var('config'))) }} select 1 as id"}

    def run(self, config: dict[str, Any], expect_pass: bool = True) -> Any:
        return run_dbt(["run", "--vars", json.dumps({"config": json.dumps(config)})], expect_pass=expect_pass)

    def granted(self, db: Database) -> list[tuple[str, str]]:
        return db.rows(
            "select grantee, privilege_type from information_schema.table_privileges "
            f"where table_schema = '{db.schema}' and table_name = 'granted' order by privilege_type, grantee"
        )

    def test_names(self, project: Any, db: Database, names: list[tuple[str, str]]) -> None:
        everyone = [name for name, _ in names]
        shown = sorted(grantee for _, grantee in names)
        for _ in range(2):
            self.run({"grants": {"SELECT": [*everyone, everyone[0]], "show  view": everyone[0]}})

            found = self.granted(db)
            assert sorted(grantee for grantee, privilege in found if privilege == "SELECT") == shown
            assert [grantee for grantee, privilege in found if privilege == "SHOW VIEW"] == [names[0][1]]

        only = next(pair for pair in names if pair[0].startswith("Bob"))
        self.run({"grants": {"select": [only[0]]}})
        assert self.granted(db) == [(only[1], "SELECT")]

        other = next(pair for pair in names if pair[0].startswith("bob"))  # its name differs in case only
        self.run({"grants": {"select": [other[0]]}})
        assert self.granted(db) == [(other[1], "SELECT")]

        db.run("drop table {s}.granted")
        self.run({"grants": {"select": [only[0]]}})
        assert self.granted(db) == [(only[1], "SELECT")]  # grants that have outlived the table are revoked

        self.run({"grants": {}, "copy_grants": True})
        assert self.granted(db) == [(only[1], "SELECT")]

        self.run({"grants": {"select": []}})
        assert self.granted(db) == []

    @pytest.mark.parametrize(("config", "says"), REFUSED.values(), ids=REFUSED)
    def test_refused(self, project: Any, db: Database, config: dict[str, Any], says: str) -> None:
        db.run("drop table if exists {s}.granted", "create table {s}.granted as select 7 as id")
        [result] = self.run(config, expect_pass=False)

        assert says in result.message
        assert db.rows("select id from {s}.granted") == [(7,)]  # nothing was replaced


def escaped(account: tuple[str, str, str]) -> tuple[str, str, str]:
    user, host, name = account
    return user.replace("\\", "\\\\").replace("'", "''"), host, name


class TestViewsHaveNoComments:
    """The engine stores no comments of views: one message per run says so, and no node fails."""

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        persisted = {"+persist_docs": {"relation": True, "columns": True}}
        return {"models": persisted, "seeds": persisted}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        described = [{"name": f"view_{n}", "description": "A view", "columns": [{"name": "id"}]} for n in range(3)]
        return {
            **{f"view_{n}.sql": "select 1 as id" for n in range(3)},
            "schema.yml": json.dumps({"models": described}),
        }

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        columns = [{"name": "id", "description": "The key"}, {"name": "nowhere", "description": "Gone"}]
        columns.append({"name": "Word", "quote": True, "description": "Another"})
        described = {"seeds": [{"name": "a_seed", "columns": columns}]}
        return {"a_seed.csv": "id,word\n1,x\n", "seeds.yml": json.dumps(described)}

    def test_said_once(self, project: Any) -> None:
        for _ in range(2):
            results, output = run_dbt_and_capture(["run"])

            assert [result.status for result in results] == ["success"] * 3
            assert output.count("OceanBase stores no comments of views") == 1

    def test_columns_that_a_seed_has_not(self, project: Any, db: Database) -> None:
        for _ in range(2):
            _, output = run_dbt_and_capture(["seed"])

            assert "not present in the database: nowhere, Word" in output
            assert db.rows(
                "select column_name, column_comment from information_schema.columns "
                f"where table_schema = '{db.schema}' and table_name = 'a_seed' order by ordinal_position"
            ) == [("id", "The key"), ("word", "")]

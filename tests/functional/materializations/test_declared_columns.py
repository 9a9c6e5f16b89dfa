"""Columns that a user has declared on a model's table keep their NOT NULL and their default."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

HOOK = """alter table {{ this }}
  add column loaded timestamp(6) not null default current_timestamp(6) on update current_timestamp(6),
  add column flag varchar(10) not null default 'new',
  add column zero varchar(10) not null default '0',
  add column token varchar(36) not null default (uuid()),
  add column size int not null default 5"""
INCREMENTAL = """{{ config(materialized='incremental', on_schema_change='append_new_columns') }}
select {{ var('id', 1) }} as id, {{ var('word', "'a'") }} as word {{ var('more', ", 1 as old, '' as gone") }}"""
SNAPSHOT = """{% snapshot history %}{{ config(unique_key='id', strategy='check', check_cols='all') }}
select {{ var('id', 1) }} as id, {{ var('word', "'a'") }} as word {{ var('more', ", 1 as old, '' as gone") }}
{% endsnapshot %}"""


class TestDeclared:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"grown.sql": INCREMENTAL}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return {"history.sql": SNAPSHOT}

    def test_declared(self, project: Any, db: Database) -> None:
        run_dbt(["build"])
        for name in ("grown", "history"):
            db.run(HOOK.replace("{{ this }}", f"{{s}}.{name}"))
        declared = "loaded|flag|zero|token|size"
        definitions = (
            "select table_name, column_name, is_nullable, column_default, extra from information_schema.columns "
            f"where table_schema = '{db.schema}' and column_name regexp '{declared}' order by 1, 2"
        )
        before = db.rows(definitions)
        run_dbt(["build", "--vars", json.dumps({"id": 2, "word": "'longer'", "more": ""})])

        assert db.rows(definitions) == before
        for name in ("grown", "history"):
            found = db.rows(
                f"select id, word, old, gone, flag, zero, size, loaded > '2020-01-01', length(token) from {{s}}.{name} "
                "order by id"
            )
            assert found == [
                (1, "a", 1, "", "new", "0", 5, 1, 36),
                (2, "longer", None, None, "new", "0", 5, 1, 36),
            ]


class TestDefaults:
    """A column gets a new type that its default does not fit."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        config = "{{ config(materialized='incremental', on_schema_change='sync_all_columns') }}"
        values = {
            "day": ("'2026-01-01'", "date '2026-01-02'"),
            "number": ("'1'", "2"),
            "whole": ("1.0", "2"),
            "word": ("1", "'x'"),
            "moment": ("date '2026-01-01'", "timestamp '2026-01-02 10:00:00'"),
        }
        found = {
            f"{name}.sql": f"{config} select {{% if is_incremental() %}}{later}{{% else %}}{first}{{% endif %}} as v"
            for name, (first, later) in values.items()
        }
        later = "cast(null as signed) as d, cast(now(6) as datetime(6)) as made, '2' as n"
        first = "'1' as d, now() as made, 1 as n"
        declared = f"select {{% if is_incremental() %}}{later}{{% else %}}{first}{{% endif %}}"
        return found | {"declared.sql": f"{config} {declared}"}

    def test_defaults(self, project: Any, db: Database) -> None:
        run_dbt(["run", "--exclude", "declared"])
        run_dbt(["run", "--exclude", "declared"])

        expected = {
            "day": ["2026-01-01", "2026-01-02"],
            "number": ["1", "2"],
            "whole": ["1", "2"],
            "word": ["1", "x"],
        }
        for name, values in expected.items():
            assert [value for (value,) in db.rows(f"select cast(v as char) from {{s}}.{name} order by v")] == values
            [(nullable, default)] = db.rows(
                "select is_nullable, column_default from information_schema.columns "
                f"where table_schema = '{db.schema}' and table_name = '{name}' and column_name = 'v'"
            )
            assert (nullable, default) == ("YES", None), name
        assert db.value("select count(*) from {s}.moment") == 2

    def test_declared_defaults(self, project: Any, db: Database) -> None:
        run_dbt(["run", "--select", "declared"])
        db.run(
            "alter table {s}.declared modify column d varchar(3) default 'abc', "
            "modify column made datetime not null default current_timestamp on update current_timestamp, "
            "modify column n int not null default 7"
        )
        run_dbt(["run", "--select", "declared"])

        assert db.rows(
            "select column_name, column_type, is_nullable, column_default, extra from information_schema.columns "
            f"where table_schema = '{db.schema}' and table_name = 'declared' order by ordinal_position"
        ) == [
            ("d", "bigint(20)", "YES", None, ""),
            ("made", "datetime(6)", "NO", "CURRENT_TIMESTAMP", "on update current_timestamp(6)"),
            ("n", "varchar(1)", "NO", "7", ""),
        ]

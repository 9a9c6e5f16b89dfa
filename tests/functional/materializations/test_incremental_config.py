"""Configs of incremental models: those that are taken, and those that are refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.increments import model, rows
from support.outside import Database

pytestmark = pytest.mark.any_kernel

OLD, NEW = rows("1 'a'", "2 'b'"), rows("2 'B'", "3 'C'")
KEY = {"unique_key": "id"}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no_such_strategy": (
        {"incremental_strategy": "upsert"},
        "there is no 'upsert': use one of append, delete+insert, merge, insert_overwrite, microbatch, "
        "or define the macro get_incremental_upsert_sql",
    ),
    "no_such_mode": (
        {"on_schema_change": "add"},
        "on_schema_change: there is no 'add': use one of ignore, fail, append_new_columns, sync_all_columns",
    ),
    "key_of_append": ({"incremental_strategy": "append", **KEY}, "unique_key: append compares no keys"),
    "key_of_overwrite": ({"incremental_strategy": "insert_overwrite", **KEY}, "unique_key: insert_overwrite compares"),
    "update_columns_of_default": ({"merge_update_columns": ["word"], **KEY}, "merge_update_columns: belongs to"),
    "exclude_columns_without_key": (
        {"incremental_strategy": "merge", "merge_exclude_columns": ["word"]},
        "merge_exclude_columns: belongs to",
    ),
    "update_and_exclude": (
        {"incremental_strategy": "merge", **KEY, "merge_update_columns": ["id"], "merge_exclude_columns": ["word"]},
        "merge_update_columns: exclusive with merge_exclude_columns",
    ),
    "update_of_no_column": (
        {"incremental_strategy": "merge", **KEY, "merge_update_columns": ["word", "wrod"]},
        "merge_update_columns: wrod: no such column",
    ),
    "predicates_of_append": (
        {"incremental_strategy": "append", "incremental_predicates": ["id = 1"]},
        "incremental_predicates: they narrow",
    ),
    "predicates_without_key": ({"incremental_predicates": ["id = 1"]}, "incremental_predicates: they narrow"),
    "predicates_of_merge_without_key": (
        {"incremental_strategy": "merge", "predicates": ["id = 1"]},
        "incremental_predicates: they narrow",
    ),
    "partitions_of_merge": (
        {"incremental_strategy": "merge", **KEY, "partitions": ["p0"]},
        "partitions: names what insert_overwrite replaces, and this is merge",
    ),
    "source_beside_an_expression": (
        {
            "incremental_strategy": "merge",
            "unique_key": "id + 0",
            "incremental_predicates": ["`DBT_INTERNAL_SOURCE`.id > 0"],
        },
        "incremental_predicates: DBT_INTERNAL_SOURCE cannot be used beside the expression id + 0",
    ),
}
ONLY_LATER = ("update_and_exclude", "update_of_no_column", "source_beside_an_expression")
"""What shows when there are columns to compare it with."""

CUSTOM = """
{% macro get_incremental_twice_sql(arg_dict) %}
  {% set names = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') %}
  insert into {{ arg_dict['target_relation'] }} ({{ names }}) select {{ names }} from {{ arg_dict['temp_relation'] }};
  insert into {{ arg_dict['target_relation'] }} ({{ names }}) select {{ names }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}
"""


class TestRefused:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {f"{name}.sql": model(OLD, NEW, **config) for name, (config, _) in REFUSED.items()}

    @pytest.fixture(scope="class")
    def messages(self, project: Any) -> dict[str, str]:
        first, again = (
            {result.node.name: str(result.message) for result in run_dbt(["run"], expect_pass=False)} for _ in range(2)
        )
        assert {name for name, message in first.items() if message.startswith("OK")} == set(ONLY_LATER)
        return again

    @pytest.mark.parametrize("name", REFUSED)
    def test_by_name(self, messages: dict[str, str], name: str) -> None:
        assert REFUSED[name][1] in messages[name]

    def test_nothing_is_built(self, db: Database, messages: dict[str, str]) -> None:
        assert set(db.relations()) == set(ONLY_LATER)
        assert all(sorted(db.rows(f"select * from {{s}}.{name}")) == [(1, "a"), (2, "b")] for name in ONLY_LATER)


class TestTaken:
    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return {"custom.sql": CUSTOM}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        kept, rebuilt = ({"full_refresh": value, "incremental_strategy": "append"} for value in (False, True))
        return {
            "custom.sql": model(OLD, NEW, incremental_strategy="twice", unique_key="id", partitions=["x"]),
            "kept.sql": model(OLD, NEW, **kept),
            "rebuilt.sql": model(OLD, NEW, **rebuilt),
            "cased.sql": model(
                rows("1 'a'", names="id, word"),
                rows("2 'b' 1", names="ID, Word, n"),
                on_schema_change="sync_all_columns",
                unique_key="Id",
            ),
        }

    @pytest.fixture(scope="class", autouse=True)
    def runs(self, project: Any) -> None:
        run_dbt(["run"])
        run_dbt(["run"])

    def test_a_strategy_of_the_project(self, db: Database) -> None:
        assert sorted(db.rows("select id from {s}.custom")) == [(1,), (2,), (2,), (2,), (3,), (3,)]

    def test_names_that_differ_by_case_are_one(self, db: Database) -> None:
        assert sorted(db.rows("select * from {s}.cased"), key=repr) == [(1, "a", None), (2, "b", 1)]

    def test_full_refresh(self, project: Any, db: Database) -> None:
        assert len(db.rows("select * from {s}.rebuilt")) == 2
        run_dbt(["run", "--full-refresh", "--select", "kept", "custom"])
        assert len(db.rows("select * from {s}.kept")) == 6
        assert len(db.rows("select * from {s}.custom")) == 2


class TestEmptyIntrospection:
    """If the catalog shows no columns of the staging table, no column of the target is dropped."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        modes = ("sync_all_columns", "append_new_columns", "fail", "ignore")
        return {f"m_{mode}.sql": model(OLD, NEW, on_schema_change=mode, unique_key="id") for mode in modes}

    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        hidden = "__dbt_tmp' and table_name not like '%dbt_tmp"
        return {
            "hidden.sql": (
                '{% macro oceanbase__column_rows(relations) %}{{ return(run_query("select table_schema, table_name, '
                "column_name, column_type, true, false, false from information_schema.columns where table_schema = '\" "
                f"~ relations[0].schema ~ \"' and table_name not like '%{hidden}'\")) }}}}{{% endmacro %}}"
            )
        }

    def test_no_column_is_dropped(self, project: Any, db: Database) -> None:
        run_dbt(["run"])
        results = run_dbt(["run"], expect_pass=False)

        assert all("shows no columns of" in result.message for result in results)
        assert all(db.rows(f"select id, word from {{s}}.{result.node.name}") for result in results)
        assert not [name for name in db.relations() if "dbt_tmp" in name]

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
HASHED = {"incremental_strategy": "insert_overwrite", "partition_by": {"type": "hash", "column": "id", "count": 2}}
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
    "rows_in_a_hash": (
        HASHED,
        "partition_by: values of `id` do not tell which partitions of type hash hold the new rows",
    ),
    "rows_in_a_hash_later": (
        {**HASHED, "partitions": None},
        "partition_by: values of `id` do not tell which partitions of type hash hold the new rows",
    ),
    "predicates_of_a_hash_later": (
        {**HASHED, "incremental_predicates": None},
        "partition_by: values of `id` do not tell which partitions of type hash hold the new rows",
    ),
    "source_beside_an_expression": (
        {
            "incremental_strategy": "merge",
            "unique_key": "id + 0",
            "incremental_predicates": ["`DBT_INTERNAL_SOURCE`.id > 0"],
        },
        "incremental_predicates: DBT_INTERNAL_SOURCE cannot be used beside the expression id + 0",
    ),
    "exclude_columns_of_default_by_name": (
        {"incremental_strategy": "default", **KEY, "merge_exclude_columns": ["word"]},
        "merge_exclude_columns: belongs to the strategy merge with a unique_key: delete+insert",
    ),
    "predicates_of_default_by_name": (
        {"incremental_strategy": "default", "incremental_predicates": ["id = 1"]},
        "incremental_predicates: they narrow",
    ),
    "partitions_of_default_by_name": (
        {"incremental_strategy": "default", "partitions": ["p0"]},
        "partitions: names what insert_overwrite replaces, and this is append",
    ),
    "update_columns_of_delete_insert": (
        {"incremental_strategy": "delete_insert", **KEY, "merge_update_columns": ["word"]},
        "merge_update_columns: belongs to the strategy merge with a unique_key: delete+insert",
    ),
    "key_of_insert_and_overwrite": (
        {"incremental_strategy": "insert+overwrite", **KEY},
        "unique_key: insert_overwrite compares no keys",
    ),
    "key_is_a_text": ({"unique_key": "'id'"}, "unique_key: 'id' reads no column"),
    "key_is_a_number": ({"unique_key": "1"}, "unique_key: 1 reads no column"),
    "key_of_a_text": ({"unique_key": 'lower("id")'}, 'unique_key: lower("id") reads no column'),
    "key_in_a_list": (
        {"incremental_strategy": "merge", "unique_key": ["id", "null"]},
        "unique_key: null reads no column",
    ),
    "key_of_no_column": ({"unique_key": '"a b c"'}, 'unique_key: "a b c": no such column in the model'),
    "key_of_a_word": (
        {"incremental_strategy": "merge", "unique_key": "'a' collate utf8mb4_bin"},
        "unique_key: 'a' collate utf8mb4_bin reads no column",
    ),
    "quotes_in_a_key": (
        {"unique_key": 'concat(id, "word")'},
        """unique_key: "word" in concat(id, "word") is a text for OceanBase, and not the column: write `word`""",
    ),
    "quotes_in_a_predicate": (
        {**KEY, "predicates": ['"id" > 1']},
        """incremental_predicates: "id" in "id" > 1 is a text for OceanBase, and not the column: write `id`""",
    ),
}
ONLY_LATER = (
    "rows_in_a_hash_later",
    "predicates_of_a_hash_later",
    "update_and_exclude",
    "update_of_no_column",
    "source_beside_an_expression",
    "key_of_no_column",
    "key_of_a_word",
    "quotes_in_a_key",
    "quotes_in_a_predicate",
)
"""What shows when there are columns to compare it with."""

RESTORED: dict[str, tuple[dict[str, Any], list[tuple[int, str]] | None]] = {
    "append": ({}, None),
    "merge_without_key": ({"incremental_strategy": "merge"}, None),
    "custom": ({"incremental_strategy": "twice"}, None),
    "predicates": ({**KEY, "incremental_predicates": ["id < 2"]}, None),
    "key": ({**KEY}, [(1, "a"), (2, "b"), (3, "C")]),
    "merge": ({"incremental_strategy": "merge", **KEY}, [(1, "a"), (2, "b"), (3, "C")]),
    "overwrite": ({"incremental_strategy": "insert_overwrite"}, [(1, "a"), (2, "b")]),
}
"""Configs of models whose table a killed run has left under the name of its backup, and the rows after the next run.

The value is None if that run has to fail, because it would add the rows of all times to those that are there.
"""

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

    def test_a_full_refresh_chooses_no_partitions(self, project: Any, db: Database, messages: dict[str, str]) -> None:
        for _ in range(2):
            run_dbt(["run", "--full-refresh", "--select", "rows_in_a_hash"])
            assert sorted(db.rows("select * from {s}.rows_in_a_hash")) == [(1, "a"), (2, "b")]
        db.run("drop table {s}.rows_in_a_hash")


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
            "rebuilt_hash.sql": model(OLD, NEW, **HASHED, full_refresh=True),
            "cased.sql": model(
                rows("1 'a'", names="id, word"),
                rows("2 'b' 1", names="ID, Word, n"),
                on_schema_change="sync_all_columns",
                unique_key="Id",
            ),
            "grown.sql": model(
                rows("1 'a'", names="id, word"),
                rows("1 'b' 2", names="id, word, region"),
                on_schema_change="append_new_columns",
                unique_key=["id", "region"],
            ),
            **{f"restored_{name}.sql": model(OLD, NEW, **config) for name, (config, _) in RESTORED.items()},
        }

    @pytest.fixture(scope="class", autouse=True)
    def runs(self, project: Any) -> None:
        run_dbt(["run"])
        run_dbt(["run"])

    def test_a_strategy_of_the_project(self, db: Database) -> None:
        assert sorted(db.rows("select id from {s}.custom")) == [(1,), (2,), (2,), (2,), (3,), (3,)]

    def test_names_that_differ_by_case_are_one(self, db: Database) -> None:
        assert sorted(db.rows("select * from {s}.cased"), key=repr) == [(1, "a", None), (2, "b", 1)]

    def test_a_key_may_have_a_column_that_the_run_adds(self, db: Database) -> None:
        assert sorted(db.rows("select * from {s}.grown"), key=repr) == [(1, "a", None), (1, "b", 2)]

    def test_a_backup_that_gets_its_name_back(self, project: Any, db: Database) -> None:
        names = {name: f"restored_{name}" for name in RESTORED}
        before = {name: sorted(db.rows(f"select * from {{s}}.{table}")) for name, table in names.items()}
        for table in names.values():
            db.run(f"rename table {{s}}.{table} to {{s}}.{table}__dbt_backup")
        results = run_dbt(["run", "--select", *names.values()], expect_pass=False)
        messages = {result.node.name.removeprefix("restored_"): str(result.message) for result in results}
        after = {name: sorted(db.rows(f"select * from {{s}}.{table}")) for name, table in names.items()}

        for name, (_, expected) in RESTORED.items():
            assert after[name] == (before[name] if expected is None else expected), messages[name]
            assert ("run the node again" in messages[name]) == (expected is None)
        assert not [name for name in db.relations() if "__dbt_" in name]
        run_dbt(["run", "--select", names["append"]])
        assert sorted(db.rows("select * from {s}.restored_append")) == sorted([*before["append"], (2, "B"), (3, "C")])

    def test_full_refresh(self, project: Any, db: Database) -> None:
        for name in ("rebuilt", "rebuilt_hash"):
            assert len(db.rows(f"select * from {{s}}.{name}")) == 2
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

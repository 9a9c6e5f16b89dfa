"""Snapshots of a history in which many rows share a dbt_scd_id, as the adapter type obmysql has left it."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

pytestmark = pytest.mark.any_kernel

STRATEGIES = {
    "timed": "strategy='timestamp', updated_at='at'",
    "checked": "strategy='check', check_cols=['word']",
}
KEYS = {"number": "'id'", "text": "'part'", "pair": "['id', '`part`']", "mixed": "['part', 'id + 0']"}
DELETES = ("ignore", "invalidate", "new_record")
HISTORIES = {"_".join(names): names for names in product(STRATEGIES, KEYS, DELETES)}
FIRST = [(1, "a", "x"), (2, "A", "x"), (3, "a ", "x"), (4, "b", "x"), (5, None, "x")]

OVERRIDES = """
{% macro snapshot_merge_sql(target, source, insert_cols) %}
  {{ return(adapter.dispatch('snapshot_merge_sql', 'dbt')(target, source, insert_cols)) }}
{% endmacro %}

{% macro oceanbase__snapshot_staging_table(strategy, source_sql, target_relation, columns, names, first_only=false) %}
  {{ return(default__snapshot_staging_table(strategy, source_sql, target_relation)) }}
{% endmacro %}
"""
"""Macros of a project. dbt's staging table has no key in the rows of deleted keys."""

RENDERED_TWICE = """
{% macro snapshot_merge_sql(target, source, insert_cols) %}
  {% set merge_sql = adapter.dispatch('snapshot_merge_sql', 'dbt') %}
  {% do log(merge_sql(target, source, insert_cols)) %}
  {{ return(merge_sql(target, source, insert_cols)) }}
{% endmacro %}
"""


def snapshot(name: str, config: str) -> str:
    return (
        f"{{% snapshot {name} %}}{{{{ config({config}) }}}} select * from {{{{ target.schema }}}}.facts "
        "{% endsnapshot %}"
    )


class History:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"unused.sql": "{{ config(enabled=false) }} select 1 as id"}

    @pytest.fixture(scope="class", autouse=True)
    def facts(self, db: Database) -> None:
        db.run(
            "create table {s}.facts (id int, part varchar(10), word varchar(10), at datetime)",
            "insert into {s}.facts values (1, 'a', 'x', '2026-01-01'), (2, 'A', 'x', '2026-01-01'), "
            "(3, 'a ', 'x', '2026-01-01'), (4, 'b', 'x', '2026-01-01'), (5, null, 'x', '2026-01-01')",
        )

    def rows(self, db: Database, name: str, is_current: bool) -> list[Any]:
        having = f"dbt_valid_to is {'' if is_current else 'not'} null"
        return db.rows(f"select id, part, word from {{s}}.{name} where {having} order by id, word, dbt_valid_from")


class TestSharedIds(History):
    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return {"rendered_twice.sql": RENDERED_TWICE}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return {
            f"{name}.sql": snapshot(name, f"{STRATEGIES[how]}, unique_key={KEYS[key]}, hard_deletes='{deletes}'")
            for name, (how, key, deletes) in HISTORIES.items()
        }

    def test_only_versions_of_changed_and_deleted_keys_end(self, project: Any, db: Database) -> None:
        run_dbt(["--quiet", "snapshot"])
        db.run(*(f"update {{s}}.{name} set dbt_scd_id = md5('0')" for name in HISTORIES))
        db.run(
            "update {s}.facts set word = 'y', at = '2026-01-02' where id = 2",
            "delete from {s}.facts where id = 3",
        )
        for _ in range(2):  # the second one finds no change
            run_dbt(["--quiet", "snapshot"])
            for name, (_, _, deletes) in HISTORIES.items():
                ended = [(2, "A", "x")] if deletes == "ignore" else [(2, "A", "x"), (3, "a ", "x")]
                current = [(1, "a", "x"), (2, "A", "y"), (3, "a ", "x"), (4, "b", "x"), (5, None, "x")]
                if deletes == "invalidate":
                    current.remove((3, "a ", "x"))
                assert self.rows(db, name, is_current=False) == ended, name
                assert self.rows(db, name, is_current=True) == current, name

        db.run("update {s}.facts set word = 'z', at = '2026-01-03' where part is null")
        db.run("delete from {s}.facts where id = 1")
        run_dbt(["--quiet", "snapshot"])
        for name, (_, _, deletes) in HISTORIES.items():
            ended = [row for row in FIRST if row[0] in ((2, 5) if deletes == "ignore" else (1, 2, 3, 5))]
            assert self.rows(db, name, is_current=False) == ended, name


class TestOverrides(History):
    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return {"overrides.sql": OVERRIDES}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        config = "strategy='timestamp', updated_at='at', unique_key='id', hard_deletes='invalidate'"
        return {"history.sql": snapshot("history", config)}

    def test_macros_of_a_project(self, project: Any, db: Database) -> None:
        run_dbt(["--quiet", "snapshot"])
        db.run(
            "update {s}.facts set word = 'y', at = '2026-01-02' where id = 2",
            "delete from {s}.facts where id = 3",
        )
        run_dbt(["--quiet", "snapshot"])
        assert self.rows(db, "history", is_current=False) == [(2, "A", "x"), (3, "a ", "x")]
        found = Path(project.project_root, "target", "run").rglob("history.sql")
        # dbt-core 1.12 has the file in a folder of the same name
        [written] = [path for path in found if path.is_file()]
        assert "DBT_INTERNAL_SOURCE.dbt_unique_key" not in written.read_text()

"""Options, keys and column groups of tables: in the CREATE, and by difference in tables that keep their rows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

CONFIGURED = """
{{ config(materialized=var('as', 'table'), table_options=var('options', none), primary_key=var('key', none),
  column_groups=var('groups', none), on_configuration_change=var('change', 'apply'), persist_docs=var('docs', {})) }}
select {{ var('id', 1) }} as id, cast('2026-01-01' as datetime) as day, cast('a' as char(20)) as word
"""

EVERYWHERE = {
    "organization": ("heap", "ORGANIZATION HEAP"),
    "compression": ("none", "COMPRESSION = 'none'"),
    "row_format": ("compressed", "ROW_FORMAT = COMPRESSED"),
    "table_mode": ("queuing", "TABLE_MODE = 'QUEUING'"),
    "block_size": (65536, "BLOCK_SIZE = 65536"),
    "tablet_size": (268435456, "TABLET_SIZE = 268435456"),
    "pctfree": (10, "PCTFREE = 10"),
    "progressive_merge_num": (2, "PROGRESSIVE_MERGE_NUM = 2"),
    "parallel": (2, "PARALLEL 2"),
    "lob_inrow_threshold": (1000, "LOB_INROW_THRESHOLD=1000"),
    "comment": ("it's \\ one", r"COMMENT = 'it\'s \\ one'"),
}
NUMBERED = {
    "name": "numbered",
    "config": {
        "materialized": "table",
        "contract": {"enforced": True},
        "table_options": {"auto_increment": 7},
    },
    "columns": [
        {
            "name": "id",
            "data_type": "bigint",
            "constraints": [{"type": "custom", "expression": "auto_increment"}, {"type": "primary_key"}],
        },
        {"name": "word", "data_type": "varchar(9)"},
    ],
}
NOT_EVERYWHERE = {
    "ttl": ("day + interval 7 day", "TTL = (day + interval 7 day)", "ttl(d + interval 1 day)"),
    "merge_engine": ("delete_insert", "MERGE_ENGINE = DELETE_INSERT", "merge_engine = delete_insert"),
    "use_bloom_filter": (True, "USE_BLOOM_FILTER = TRUE", "use_bloom_filter = true"),
    "enable_macro_block_bloom_filter": (
        True,
        "ENABLE_MACRO_BLOCK_BLOOM_FILTER = TRUE",
        "enable_macro_block_bloom_filter = true",
    ),
    "tablegroup": ("a_group", "TABLEGROUP = 'a_group'", "tablegroup = a_group"),
    "replica_num": (1, "REPLICA_NUM = 1", "replica_num = 1"),
    "compression": ("lz4_1.0", "COMPRESSION = 'lz4_1.0'", "compression = ''lz4_1.0''"),
}


class TestTableOptions:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        query = "select cast(null as signed) as id, 'a' as word"
        return {"configured.sql": CONFIGURED, "numbered.sql": query, "schema.yml": json.dumps({"models": [NUMBERED]})}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        config = (
            "{{ config(unique_key='id', strategy='check', check_cols='all', table_options=var('options', none), "
            "indexes=var('indexes', none)) }}"
        )
        select = "select 1 as id, 'a' as word, {{ var('value', 1) }} as value"
        return {"history.sql": f"{{% snapshot history %}} {config} {select} {{% endsnapshot %}}"}

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        config = (
            "{primary_key: id, table_options: \"{{ var('options', none) }}\", indexes: \"{{ var('indexes', none) }}\"}"
        )
        return {"words.csv": "id,word\n1,a\n2,b\n", "seeds.yml": f"seeds: [{{name: words, config: {config}}}]"}

    def test_in_the_create(self, project: Any, options: Callable[[str], str], db: Database) -> None:
        given = {"options": {name: value for name, (value, _) in EVERYWHERE.items()}}
        for _ in range(2):
            run_dbt(["run", "--vars", json.dumps(given)])
            found = options("configured")
            assert [shown for _, shown in EVERYWHERE.values() if shown not in found] == []
            assert db.rows("select id, word from {s}.numbered") == [(7, "a")]

    def test_by_difference(self, run: Callable[..., Any], options: Callable[[str], str], db: Database) -> None:
        db.run("drop table if exists {s}.configured")
        run("configured", **{"as": "incremental"})
        wanted = {name: value for name, (value, _) in EVERYWHERE.items() if name != "organization"}

        run("configured", options=wanted, id=2, **{"as": "incremental"})

        found = options("configured")
        assert [shown for name, (_, shown) in EVERYWHERE.items() if name in wanted and shown not in found] == []
        assert db.value("select count(*) from {s}.configured") == 2
        assert options("configured").startswith("ORGANIZATION INDEX")

    def test_what_not_every_server_has(
        self, run: Callable[..., Any], options: Callable[[str], str], has: Callable[[str], bool], db: Database
    ) -> None:
        present = {name: value for name, (value, _, clause) in NOT_EVERYWHERE.items() if has(clause)}
        if "tablegroup" in present:
            db.run("create tablegroup if not exists a_group")
        run("configured", options=present)
        found = options("configured")
        assert [shown for name, (_, shown, _) in NOT_EVERYWHERE.items() if name in present and shown not in found] == []
        if "ttl" in present:
            message = run("configured", passes=False, options={"ttl": "word + interval 7 day"}).message
            assert "table_options: ttl: the column is neither DATETIME nor TIMESTAMP: cast it to datetime" in message
        db.run("drop table {s}.configured")
        if "tablegroup" in present:
            db.run("drop tablegroup a_group")
        missing = {name: value for name, (value, _, _) in NOT_EVERYWHERE.items() if name not in present}
        scope = {"duplicate_scope": "cluster"}
        if not has("duplicate_scope = ''cluster''"):
            missing.update(scope)
        else:  # the word is known, but this tenant may not have copies
            message = run("configured", passes=False, options=scope).message
            assert "create duplicate table under sys or meta tenant not supported (1235" in message
            assert "duplicate_scope = 'cluster'" in message
        if missing:
            lines = run("configured", passes=False, options=missing).message.splitlines()
            refused = [line.split(": ")[1] for line in lines if "seekdb 1.4" in line and "does not have it" in line]
            assert sorted(refused) == sorted(missing)
        assert "configured" not in db.relations()

    def test_keys_and_column_groups(
        self, run: Callable[..., Any], options: Callable[[str], str], has: Callable[[str], bool], db: Database
    ) -> None:
        db.run("drop table if exists {s}.configured")
        skipped = {"skip_index": {"id": ["min_max", "sum"]}}
        run("configured", key=["id"], options=skipped, **{"as": "incremental"})
        assert key_of(db) == [("id",)]
        assert "SKIP_INDEX(MIN_MAX, SUM)" in db.rows("show create table {s}.configured")[0][1]

        message = run("configured", passes=False, key=["id", "day"], id=2, **{"as": "incremental"}).message
        assert "primary_key: the table has (id): adding or changing a primary key" in message
        assert "run with --full-refresh" in message

        changed = {"skip_index": {"id": [], "day": "min_max"}, "organization": "heap"}
        message = run("configured", passes=False, options=changed, id=2, **{"as": "incremental"}).message
        assert "table_options: organization: heap: OceanBase cannot change it" in message
        del changed["organization"]
        run("configured", options=changed, id=2, **{"as": "incremental"})
        text = db.rows("show create table {s}.configured")[0][1]
        assert re.findall(r"`(\w+)`.* SKIP_INDEX\((\w+)\)", text) == [("day", "MIN_MAX")]

        if not has("with column group (each column)"):
            message = run("configured", passes=False, groups=["each column"], **{"as": "incremental"}).message
            assert "column_groups: OceanBase" in message
            assert "seekdb 1.4 has not" in message
            return
        for number, groups in enumerate((["each column"], ["all columns", "each column"], [])):
            run("configured", groups=groups, id=number + 3, **{"as": "incremental"})
            shown = f"WITH COLUMN GROUP({', '.join(groups)})"
            assert (shown in options("configured")) if groups else ("each column" not in options("configured"))
        run("configured", groups=["each column"])
        assert "WITH COLUMN GROUP(each column)" in options("configured")

    def test_on_configuration_change(
        self, run: Callable[..., Any], options: Callable[[str], str], db: Database
    ) -> None:
        db.run("drop table if exists {s}.configured")
        run("configured", **{"as": "incremental"})
        wanted = {"block_size": 32768}

        message = run("configured", passes=False, options=wanted, change="fail", id=2, **{"as": "incremental"}).message
        assert "on_configuration_change: fail" in message
        assert "block_size = 32768" in message
        assert db.value("select count(*) from {s}.configured") == 1

        run("configured", options=wanted, change="continue", id=2, **{"as": "incremental"})
        assert "BLOCK_SIZE = 16384" in options("configured")
        assert db.value("select count(*) from {s}.configured") == 2

    def test_seeds_and_snapshots(self, run: Callable[..., Any], options: Callable[[str], str], db: Database) -> None:
        same = {"columns": ["id"], "name": "same"}
        for size, added in (
            (32768, {"columns": ["word"], "name": "first", "unique": True}),
            (65536, {"columns": ["word", "id"], "name": "second"}),
        ):
            configs = {"options": {"block_size": size}, "indexes": [same, added]}
            run("words", command="seed", **configs)
            assert f"BLOCK_SIZE = {size}" in options("words")
            assert key_of(db, "words") == [("id",)]
            run("history", command="snapshot", value=size, **configs)
            assert f"BLOCK_SIZE = {size}" in options("history")
            for table, others in (("words", {"PRIMARY": ["id"]}), ("history", {})):
                assert indexed(db, table) == {**others, "same": ["id"], added["name"]: added["columns"]}
        assert db.value("select count(*) from {s}.history") == 2
        assert db.value("select count(*) from {s}.words") == 2


def key_of(db: Database, table: str = "configured") -> list[tuple[str, ...]]:
    """Return the columns of a table's primary key."""
    return db.rows(
        "select column_name from information_schema.statistics where index_name = 'PRIMARY' "
        f"and table_schema = '{db.schema}' and table_name = '{table}' order by seq_in_index"
    )


def indexed(db: Database, table: str) -> dict[str, list[str]]:
    """Return the columns of each index of a table, by the index's name."""
    rows = db.rows(
        f"select index_name, column_name from information_schema.statistics where table_schema = '{db.schema}' "
        f"and table_name = '{table}' order by index_name, seq_in_index"
    )
    return {name: [column for each, column in rows if each == name] for name, _ in rows}

"""The config ``indexes``: in the CREATE of a new table, and by difference in a table that keeps its rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.outside import PATIENCE, Database, until

ALL_KINDS = """
{{ config(materialized='table', indexes=[
  {'columns': ['id'], 'unique': true, 'name': 'by_id'},
  {'columns': [{'column': 'word', 'length': 3}, {'column': 'id', 'order': 'desc'}], 'name': 'by_word'},
  {'columns': ['upper(word)'], 'name': 'by_upper'},
  {'columns': ['day'], 'storing': ['id'], 'scope': 'global', 'comment': "it's", 'name': 'by_day'},
  {'columns': ['id', 'day'], 'visible': false, 'name': 'hidden'},
  {'columns': ['body'], 'type': 'fulltext', 'parser': 'ngram', 'parser_properties': {'ngram_token_size': 2}, 'name': 'by_text'},
  {'columns': ['embedding'], 'vector': {'distance': 'l2', 'type': 'hnsw', 'm': 8}, 'name': 'by_vector'},
  {'columns': ['place'], 'type': 'spatial', 'name': 'by_place'},
  {'columns': ["cast(doc->'$.tags' as unsigned array)"], 'name': 'by_tag'},
  {'columns': ['summary'], 'vector': {'distance': 'cosine', 'type': 'ivf_flat', 'nlist': 4}, 'name': 'by_lists'},
  {'columns': ['day', 'id'], 'scope': 'local', 'name': 'by_day_here'},
  {'columns': ['english'], 'type': 'fulltext', 'parser': 'beng', 'name': 'by_english'},
  {'columns': ['spaced'], 'type': 'fulltext', 'parser': 'space', 'name': 'by_space'},
  {'columns': ['chinese'], 'type': 'fulltext', 'parser': 'ik', 'parser_properties': {'ik_mode': 'max_word'}, 'name': 'by_ik'},
  {'columns': ['small'], 'vector': {'distance': 'inner_product', 'type': 'hnsw_sq'}, 'name': 'by_product'},
] + var('indexes')) }}
select 1 as id, cast('a' as char(20)) as word, cast('2026-01-01' as datetime) as day, cast('some text' as char(200)) as body,
  embedding, embedding as summary, embedding as small, place, doc,
  cast('a' as char(9)) as english, cast('a' as char(9)) as spaced, cast('a' as char(9)) as chinese
from {{ target.schema }}.typed
"""  # noqa: E501  # configs as one writes them

GROWING = """
{{ config(materialized='incremental', unique_key='id', indexes=var('indexes'),
  on_configuration_change=var('change', 'apply')) }}
select {{ var('id', 1) }} as id, 'a' as word, cast('[1]' as json) as doc
"""


MERGED = """
{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id', indexes=var('indexes'),
  on_configuration_change=var('change', 'apply')) }}
select 1 as id, 'new' as word
"""


AGREED = """
{{ config(materialized='table', primary_key='id', indexes=[
  {'columns': ['place'], 'type': 'spatial', 'name': 'by_place'}, {'columns': ['word'], 'name': 'by_word'},
], table_options={'skip_index': {'word': 'min_max'}}) }}
select 1 as id, 'a' as word, place from {{ target.schema }}.typed
"""

CONTRACT = """
models:
  - name: agreed
    config: {contract: {enforced: true}}
    columns: [{name: id, data_type: int}, {name: word, data_type: varchar(9)}, {name: place, data_type: geometry}]
"""


SPELLED = """
{{ config(materialized='table', table_options=["BLOCK_SIZE = 65536", "comment 'it''s'", "PARALLEL 2"], indexes=[
  {'columns': ['id'], 'unique': true, 'algorithm': 'btree', 'name': 'by_id'},
  {'columns': ['word'], 'options': ['GLOBAL', 'storing (id)', "comment 'words'"], 'name': 'by_word'},
]) }}
select 1 as id, cast('a' as char(9)) as word
"""
"""Options as models for the adapter obmysql have them."""

LETTERS = {
    "by_key": ("primary_key='code'", "code, name, kind"),
    "by_index": ("indexes=[{'columns': ['name']}]", "kind, name"),
    "by_kind": ("indexes=[{'columns': ['kind']}]", "fixed, kind, name"),
    "of_fixed": ("indexes=[{'columns': ['fixed']}]", "fixed"),
    "skipped": ("table_options={'skip_index': {'name': 'min_max', 'fixed': 'min_max'}}", "name, fixed, code"),
    "wide": ("", f"code, {', '.join(f'cast(name as char(65535)) collate utf8mb4_bin as t{i}' for i in range(8))}"),
}
"""Models of texts whose collation has case: their configs, and their columns."""

OF_KINDS = {
    "skipped_kind": ("table_options={'skip_index': {'kind': 'min_max'}}", "table_options: skip_index"),
    "only_kinds": ("indexes=[{'columns': ['kind']}]", "indexes"),
    "keyed_kind": ("primary_key='kind'", "primary_key"),
}
"""Models with nothing but an ENUM: their configs, and the config in the error."""

PARENT = """
{{ config(materialized='table', indexes=[{'columns': ['id'], 'unique': true}]) }}
select cast(1 as signed) as id
"""


def indexes(db: Database, table: str) -> dict[str, dict[str, Any]]:
    """Return the indexes of a table by name, as the catalog has them."""
    rows = db.rows(
        "select index_name, column_name, non_unique, index_type, sub_part, index_comment, is_visible, "
        "cast(expression as char) "
        f"from information_schema.statistics where table_schema = '{db.schema}' and table_name = '{table}' "
        "order by index_name, seq_in_index"
    )
    found: dict[str, dict[str, Any]] = {}
    for name, column, non_unique, kind, length, comment, visible, expression in rows:
        index = found.setdefault(
            name,
            {"columns": [], "unique": not non_unique, "type": kind, "comment": comment, "visible": visible == "YES"},
        )
        index["columns"].append((expression or column, int(length) if length else None))
    return found


class TestIndexes:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        models = {"all_kinds.sql": ALL_KINDS, "growing.sql": GROWING, "agreed.sql": AGREED, "parent.sql": PARENT}
        models["merged.sql"] = MERGED
        letters = {
            f"{name}.sql": f"{{{{ config(materialized='table', {configs}) }}}} select {columns} "
            "from {{ target.schema }}.letters"
            for name, (configs, columns) in LETTERS.items()
        }
        kinds = {
            f"{name}.sql": f"{{{{ config(materialized='table', {configs}) }}}} select kind "
            "from {{ target.schema }}.letters -- all"
            for name, (configs, _) in OF_KINDS.items()
        }
        array = "{{ config(materialized='table', table_options={'skip_index': {'v': 'min_max'}}) }} "
        kinds["skipped_array.sql"] = array + "select 1 as id, array(1, 2) as v"
        return {**models, **letters, **kinds, "spelled.sql": SPELLED, "schema.yml": CONTRACT}

    @pytest.fixture(scope="class", autouse=True)
    def typed(self, db: Database) -> None:
        db.run(
            "create table {s}.typed (embedding vector(3), place geometry not null srid 0, doc json)",
            "create table {s}.letters (code varchar(20) collate utf8mb4_bin, name varchar(20) collate utf8mb4_bin, "
            "fixed char(5) collate utf8mb4_bin, kind enum('x', 'y') collate utf8mb4_bin)",
            "insert into {s}.letters values ('a', 'a', 'a', 'x'), ('A', 'A', 'A', 'y')",
            """insert into {s}.typed values ('[1,2,3]', st_geomfromtext('POINT(1 2)', 0), '{"tags": [1, 2]}')""",
        )

    def test_all_kinds(self, run: Callable[..., Any], has: Callable[[str], bool], db: Database) -> None:
        by_column = [{"columns": ["word", "day"], "column_groups": ["each column"], "name": "by_column"}]
        is_column_store = has("with column group (each column)")
        if not is_column_store:
            message = run("all_kinds", passes=False, indexes=by_column).message
            assert "indexes: column_groups: OceanBase" in message
            assert "seekdb 1.4 has not" in message
        for _ in range(2):  # the second time beside the table that it replaces
            run("all_kinds", indexes=by_column if is_column_store else [])
            found = indexes(db, "all_kinds")
            assert found["by_id"]["unique"]
            assert found["by_word"]["columns"] == [("word", 3), ("id", None)]
            assert found["by_upper"]["columns"] == [("upper(`word`)", None)]
            assert found["by_day"]["comment"].startswith("it's [dbt ")
            assert not found["hidden"]["visible"]
            assert found["by_text"]["type"] == "FULLTEXT"
            assert "$.tags" in found["by_tag"]["columns"][0][0]
            text = db.rows("show create table {s}.all_kinds")[0][1]
            assert "KEY `by_day` (`day`) STORING (`id`) BLOCK_SIZE 16384 GLOBAL" in text
            assert "SPATIAL KEY `by_place` (`place`)" in text
            assert "WITH PARSER ngram PARSER_PROPERTIES=(ngram_token_size=2)" in text
            assert "(`english`) WITH PARSER beng " in text
            assert "(`spaced`) WITH PARSER space " in text
            assert '(`chinese`) WITH PARSER ik PARSER_PROPERTIES=(ik_mode="max_word")' in text
            assert "VECTOR KEY `by_product` (`small`) WITH (DISTANCE=INNER_PRODUCT, TYPE=HNSW_SQ" in text
            assert "VECTOR KEY `by_vector` (`embedding`) WITH (DISTANCE=L2, TYPE=HNSW" in text
            assert " M=8" in text
            [by_lists] = [line for line in text.splitlines() if "VECTOR KEY `by_lists`" in line]
            assert "(`summary`) WITH (DISTANCE=COSINE, TYPE=IVF_FLAT, NLIST=4" in by_lists
            assert "KEY `by_day_here` (`day`, `id`) BLOCK_SIZE 16384 LOCAL" in text
            groups = [line for line in text.splitlines() if "KEY `by_column`" in line]
            assert ["WITH COLUMN GROUP(each column)" in line for line in groups] == [True] * is_column_store
            assert db.value("select count(*) from {s}.all_kinds") == 1

    def test_by_difference(self, run: Callable[..., Any], db: Database) -> None:
        db.run("drop table if exists {s}.growing")
        first = [{"columns": ["word"]}, {"columns": ["id"], "name": "a"}, {"columns": ["id", "word"], "name": "b"}]
        run("growing", indexes=first)
        before = indexes(db, "growing")
        assert {tuple(i["columns"]) for i in before.values()} == {
            (("word", None),),
            (("id", None),),
            (("id", None), ("word", None)),
        }
        db.run("create index of_someone on {s}.growing (word, id)")

        second = [
            {"columns": ["word"]},
            {"columns": ["id"], "name": "c"},
            {"columns": ["word"], "name": "b", "unique": False},
        ]
        run("growing", indexes=second, id=2)

        after = indexes(db, "growing")
        assert after.pop("of_someone")
        assert set(after) == {"b", "c", *(set(before) - {"a", "b"})}
        assert after["c"]["columns"] == [("id", None)]
        assert after["b"]["columns"] == [("word", None)]
        assert db.value("select count(*) from {s}.growing") == 2

    def test_an_equal_index_of_others_counts(self, project: Any, run: Callable[..., Any], db: Database) -> None:
        """The names are those that the adapter type obmysql gives. None of the runs changes an index."""
        db.run(
            "drop table if exists {s}.merged",
            "create table {s}.merged (id bigint not null, word varchar(9))",
            "insert into {s}.merged values (1, 'old'), (2, 'old')",
            "create unique index dbt_idx_merged_id on {s}.merged (id)",
            "create index dbt_idx_merged_word on {s}.merged (word)",
        )
        before = db.rows("show create table {s}.merged")
        config = [{"columns": ["id"], "unique": True}, {"columns": ["word"]}]
        for change in ("apply", "fail"):
            run("merged", indexes=config, change=change)
            assert db.rows("show create table {s}.merged") == before
        assert db.rows("select id, word from {s}.merged order by id") == [(1, "new"), (2, "old")]
        [written] = Path(project.project_root, "target", "run").rglob("merged.sql")
        assert "on duplicate key update" in written.read_text()  # which the table's only unique index permits

        run("merged", indexes=[config[0]])
        assert db.rows("show create table {s}.merged") == before
        run("merged", "--full-refresh", indexes=config)
        assert all("_ix_" in name for name in indexes(db, "merged"))

    def test_others_write_while_an_index_is_made(
        self, run: Callable[..., Any], connect: Callable[..., pymysql.Connection], db: Database
    ) -> None:
        """The server makes the index when the open transaction of ``writer`` has ended, and nobody waits for it."""
        db.run(
            "drop table if exists {s}.growing",
            "create table {s}.growing as select 1 as id, 'a' as word, cast('[1]' as json) as doc",
        )
        with connect() as writer, connect() as other, ThreadPoolExecutor(1) as pool:
            before, beside = Database(writer, db.schema), Database(other, db.schema)
            before.run("begin", "insert into {s}.growing (id, word) values (8, 'c')")
            beside.run(f"set ob_query_timeout = {PATIENCE}000000")

            def write() -> tuple[int, Any]:
                """Return how many such statements still wait after an INSERT, and how many rows are seen."""
                try:
                    until(lambda: beside.running(db.schema, "create index"))
                    beside.run("insert into {s}.growing (id, word) values (9, 'b')")
                    return beside.running(db.schema, "create index"), beside.value("select count(*) from {s}.growing")
                finally:
                    before.run("commit")

            written = pool.submit(write)
            run("growing", id=2, indexes=[{"columns": ["word"], "name": "by_word"}])
            assert written.result() == (1, 2)
        assert db.rows("select /*+ index(growing by_word) */ id from {s}.growing where word > 'a' order by id") == [
            (8,),
            (9,),
        ]

    def test_with_a_contract_and_as_obmysql_spells_it(self, project: Any, db: Database) -> None:
        run_dbt(["run", "--select", "agreed", "spelled", "--vars", "indexes: []"])
        text = db.rows("show create table {s}.agreed")[0][1]
        assert "`id` int(11) NOT NULL" in text
        assert "`word` varchar(9) DEFAULT NULL SKIP_INDEX(MIN_MAX)" in text
        assert "`place` geometry NOT NULL" in text
        assert {"PRIMARY", "by_place", "by_word"} == set(indexes(db, "agreed"))

        text = db.rows("show create table {s}.spelled")[0][1]
        assert "BLOCK_SIZE = 65536" in text
        assert r"COMMENT = 'it\'s'" in text
        assert "PARALLEL 2" in text
        assert "UNIQUE KEY `by_id` (`id`)" in text
        assert re.search(r"\n  KEY `by_word` \(`word`\) STORING \(`id`\) .* GLOBAL COMMENT 'words \[dbt ", text)

    @pytest.mark.parametrize("name", LETTERS)
    def test_columns_keep_their_types_and_collations(self, run: Callable[..., Any], db: Database, name: str) -> None:
        """Some columns must be declared for the config, and become as they would be without it."""
        shown = (
            "select column_name, column_type, collation_name from information_schema.columns "
            f"where table_schema = '{db.schema}' and table_name = '%s'"
        )
        run(name, indexes=[])

        expected = dict.fromkeys([f"t{i}" for i in range(8)], ("mediumtext", "utf8mb4_bin"))
        expected |= {column: tuple(rest) for column, *rest in db.rows(shown % "letters")}
        found = {column: tuple(rest) for column, *rest in db.rows(shown % name)}
        assert found == {column: expected[column] for column in found}
        column = next(iter(LETTERS[name][1].split(",")))
        assert db.value(f"select count(distinct `{column}`) from {{s}}.`{name}`") == 2

    @pytest.mark.parametrize("name", OF_KINDS)
    def test_an_enum_that_would_become_a_text(self, run: Callable[..., Any], db: Database, name: str) -> None:
        message = " ".join(run(name, indexes=[], passes=False).message.split())

        assert f"{OF_KINDS[name][1]}: kind is an ENUM or SET" in message
        assert "declare its type in an enforced contract, or cast it in the model" in message
        assert name not in db.relations()

    def test_an_array_that_would_become_a_text(self, run: Callable[..., Any]) -> None:
        message = " ".join(run("skipped_array", indexes=[], passes=False).message.split())

        assert "table_options: skip_index: v is an array, map or vector, and CREATE TABLE ... AS" in message

    def test_foreign_keys_refer_to_a_unique_index_also_after_a_rebuild(
        self, run: Callable[..., Any], db: Database
    ) -> None:
        run("parent", indexes=[])
        db.run(
            "create table {s}.child (parent bigint, foreign key (parent) references {s}.parent (id))",
            "insert into {s}.child values (1)",
        )

        run("parent", indexes=[])

        with pytest.raises(pymysql.err.IntegrityError, match="1452"):
            db.run("insert into {s}.child values (2)")

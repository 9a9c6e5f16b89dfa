"""The config ``indexes``: in the CREATE of a new table, and by difference in a table that keeps its rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pymysql
import pytest
from support.outside import Database

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
]) }}
select 1 as id, cast('a' as char(20)) as word, cast('2026-01-01' as datetime) as day, cast('some text' as char(200)) as body,
  embedding, place, doc
from {{ target.schema }}.typed
"""  # noqa: E501  # configs as one writes them

GROWING = """
{{ config(materialized='incremental', unique_key='id', indexes=var('indexes'),
  on_configuration_change=var('change', 'apply')) }}
select {{ var('id', 1) }} as id, 'a' as word, cast('[1]' as json) as doc
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
        return {**models, "schema.yml": CONTRACT}

    @pytest.fixture(scope="class", autouse=True)
    def typed(self, db: Database) -> None:
        db.run(
            "create table {s}.typed (embedding vector(3), place geometry not null srid 0, doc json)",
            """insert into {s}.typed values ('[1,2,3]', st_geomfromtext('POINT(1 2)', 0), '{"tags": [1, 2]}')""",
        )

    def test_all_kinds(self, run: Callable[..., Any], db: Database) -> None:
        for _ in range(2):  # the second time beside the table that it replaces
            run("all_kinds", indexes=[])
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
            assert "VECTOR KEY `by_vector` (`embedding`) WITH (DISTANCE=L2, TYPE=HNSW" in text
            assert " M=8" in text
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

    def test_with_a_contract(self, run: Callable[..., Any], db: Database) -> None:
        run("agreed", indexes=[])
        text = db.rows("show create table {s}.agreed")[0][1]
        assert "`id` int(11) NOT NULL" in text
        assert "`word` varchar(9) DEFAULT NULL SKIP_INDEX(MIN_MAX)" in text
        assert "`place` geometry NOT NULL" in text
        assert {"PRIMARY", "by_place", "by_word"} == set(indexes(db, "agreed"))

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

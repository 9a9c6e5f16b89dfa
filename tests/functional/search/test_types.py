"""Vectors, arrays, JSON and bitmaps in seeds, contracts, increments, snapshots, unit tests and ``dbt show``."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture
from support.outside import Database

TYPES = {"v": "vector(3)", "a": "array(bigint)", "n": "array(array(varchar(9)))", "j": "json"}
ROWS = 60


def random_values(seed: int) -> list[dict[str, Any]]:
    """Return rows with random values of each type. ``seed`` decides which; None is NULL."""
    rng = random.Random(seed)  # noqa: S311
    words = ["", "null", "it's", 'a "q"', "é", "1,2", "]["]

    def number() -> float:
        return rng.choice([0.0, 1.0, -1.0, rng.uniform(-9, 9), rng.uniform(-9, 9) * 10.0 ** rng.randint(-30, 30)])

    def words_or_null() -> list[Any]:
        return [rng.choice([*words, None]) for _ in range(rng.randint(0, 3))]

    def document(depth: int = 0) -> Any:
        leaves: list[Callable[[], Any]] = [lambda: rng.choice(words), lambda: rng.randint(-9, 9), lambda: None]
        if depth < 3:
            leaves += [
                lambda: [document(depth + 1) for _ in range(rng.randint(0, 3))],
                lambda: {f"k{n}": document(depth + 1) for n in range(rng.randint(0, 3))},
            ]
        return rng.choice(leaves)()

    return [
        {
            "id": number_of_row,
            "v": None if rng.random() < 0.1 else [number() for _ in range(3)],
            "a": None
            if rng.random() < 0.1
            else [rng.choice([None, rng.randint(-(2**63), 2**63 - 1)]) for _ in range(rng.randint(0, 4))],
            "n": None if rng.random() < 0.1 else [words_or_null() for _ in range(rng.randint(0, 3))],
            "j": {"top": document()},
        }
        for number_of_row in range(ROWS)
    ]


VALUES = random_values(7)


def as_csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow(["" if v is None else v if k == "id" else json.dumps(v) for k, v in row.items()])
    return text.getvalue()


def stored(db: Database, relation: str) -> list[dict[str, Any]]:
    """Return the rows of ``relation`` with the values that its texts stand for, and vectors as text.

    The server writes only six digits of a vector's numbers, see ``same_vectors``.
    """
    rows = db.rows(f"select id, v, a, n, cast(j as char) from {{s}}.{relation} order by id")
    return [
        {"id": row_id, "v": v, **{name: parsed(text) for name, text in zip("anj", others, strict=True)}}
        for row_id, v, *others in rows
    ]


def parsed(text: str | None) -> Any:
    """Return the value of ``text``, an array as the server writes it. It writes NULL for an element that is NULL."""
    return None if text is None else json.loads(re.sub(r'("(?:[^"\\\\]|\\\\.)*")|NULL', lambda m: m[1] or "null", text))


def wanted(rows: list[dict[str, Any]], db: Database, relation: str) -> list[dict[str, Any]]:
    """Return ``rows`` with vectors as the server writes them, after a check that ``relation`` has exactly these."""
    for row in rows:
        if row["v"] is not None:
            [(is_same,)] = db.rows(
                f"select v = '{json.dumps(row['v'])}' from {{s}}.{relation} where id = {row['id']} limit 1"
            )
            assert is_same, row
    texts = dict(db.rows(f"select id, v from {{s}}.{relation}"))  # type: ignore[arg-type]
    return [{**row, "v": row["v"] and texts[row["id"]]} for row in rows]


CONTRACT = {
    "config": {"contract": {"enforced": True}, "on_schema_change": "append_new_columns"},
    "columns": [{"name": "id", "data_type": "bigint"}, *({"name": k, "data_type": t} for k, t in TYPES.items())],
}

LITERALS = """
select 1 as id, '[1,2e-3,-0.5]' as v,
  {{ var('a', 'array(' ~ var('first', 1) ~ ',null)') }} as a, array(array('x',null),array('')) as n,
  json_object('k', 1) as j
"""

PARTS_SQL = """
{{ config(materialized='table') }}
select array(array(cast({{ var('part', 1234567) }} as float))) as i,
  map(cast({{ var('part', 1234567) }} as float), 'x') as k,
  map('12345678', cast({{ var('part', 123.456) }} as float)) as t,
  array(cast(1234567.5 as float)) as f,
  array(cast(0.1 as double) + cast(0.2 as double), cast(1e20 as double)) as d,
  array({{ var('whole', 2) }}) as w
"""

MODELS = {
    "kept.sql": "{{ config(materialized='table') }} select * from {{ ref('typed') }}",
    "as_text.sql": "{{ config(materialized='incremental', unique_key='id') }} " + LITERALS,
    "merged.sql": "{{ config(materialized='incremental', unique_key='id', incremental_strategy='merge') }} "
    "select * from {{ ref('typed') }} where id < {{ var('below', 20) }}",
    "replaced.sql": "{{ config(materialized='incremental', unique_key='id') }} "
    "select * from {{ ref('typed') }} where id < {{ var('below', 20) }}",
    "parts.sql": PARTS_SQL,
    "reader.sql": "select id, v, a, n, j, cosine_distance(v, '[1,0,0]') as far from {{ ref('typed') }}",
}

PARTS = {
    "i": "array(array(bigint))",
    "k": "map(int, varchar(9))",
    "t": "map(varchar(20), float)",
    "f": "array(double)",
    "d": "array(double)",
    "w": "array(double)",
}

SNAPSHOT = """
{% snapshot history %}
{{ config(strategy='check', unique_key='id', check_cols='all', target_schema=target.schema) }}
select * from {{ ref('typed') }}
{% endsnapshot %}
"""

GIVEN = {"id": 1, "v": [1, 2e-3, -0.5], "a": [1, None], "n": [["x", None], []], "j": {"k": [None]}}
UNIT_TESTS: list[dict[str, Any]] = [
    {
        "name": "rows_of_dicts",
        "model": "reader",
        "given": [{"input": "ref('typed')", "rows": [GIVEN, {"id": 2}]}],
        "expect": {"rows": [GIVEN, {"id": 2, "v": None, "a": None, "n": None, "j": None}]},
    },
    {
        "name": "rows_of_csv",
        "model": "reader",
        "given": [
            {
                "input": "ref('typed')",
                "format": "csv",
                "rows": 'id,v,a,n,j\n1,"[1,2,3]","[1,NULL]","[[""x""]]","{""k"":1}"',
            }
        ],
        "expect": {"format": "csv", "rows": 'id,v,a,n,j\n1,"[1,2,3]","[1,null]","[[""x""]]","{""k"": 1}"'},
    },
    {
        "name": "rows_of_sql",
        "model": "reader",
        "given": [
            {
                "input": "ref('typed')",
                "format": "sql",
                "rows": "select 1 as id, array(1,2,3) as v, array(1,null) as a, array(array('x')) as n, "
                "json_object('k', 1) as j",
            }
        ],
        "expect": {
            "format": "sql",
            "rows": "select 1 as id, array(1,2,3) as v, array(1,null) as a, array(array('x')) as n, "
            "json_object('k', 1) as j, cosine_distance('[1,2,3]', '[1,0,0]') as far",
        },
    },
    {
        "name": "differs",
        "model": "reader",
        "given": [{"input": "ref('typed')", "rows": [GIVEN]}],
        "expect": {"rows": [{**GIVEN, "n": [["x", "y"], []]}]},
    },
]


class TestTypes:
    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        config = {"column_types": {"id": "bigint", **TYPES}}
        return {"typed.csv": as_csv(VALUES), "seeds.yml": json.dumps({"seeds": [{"name": "typed", "config": config}]})}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        contracts: list[dict[str, Any]] = [{"name": name, **CONTRACT} for name in ("kept", "merged", "replaced")]
        not_null = {"constraints": [{"type": "not_null"}], "description": "first words"}
        columns = [{**column, **not_null} for column in CONTRACT["columns"]]
        config = {**CONTRACT["config"], "persist_docs": {"columns": True}}
        contracts.append({"name": "as_text", "config": config, "columns": columns})
        columns = [{"name": name, "data_type": data_type} for name, data_type in PARTS.items()]
        contracts.append({"name": "parts", **CONTRACT, "columns": columns})
        text = json.dumps({"models": contracts, "unit_tests": UNIT_TESTS})
        return {**MODELS, "schema.yml": text}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return {"history.sql": SNAPSHOT}

    def test_every_value_comes_back(self, project: Any, db: Database) -> None:
        run_dbt(["seed"])
        assert stored(db, "typed") == wanted(VALUES, db, "typed")
        run_dbt(["run"])
        assert stored(db, "kept") == wanted(VALUES, db, "kept")
        for relation in ("merged", "replaced"):
            assert stored(db, relation) == wanted(VALUES[:20], db, relation)
        assert stored(db, "as_text") == [
            {"id": 1, "v": "[1,0.002,-0.5]", "a": [1, None], "n": [["x", None], [""]], "j": {"k": 1}}
        ]
        self.check_types(db)
        assert db.rows("select i, k, t, f, d, w from {s}.parts") == [
            (
                "[[1234567]]",
                '{1234567:"x"}',
                '{"12345678":123.456}',
                "[1234567.5]",
                "[0.30000000000000004,1e20]",
                "[2]",
            )
        ]
        run_dbt(["snapshot"])
        assert stored(db, "history") == wanted(VALUES, db, "history")

        changed = [{**row, "n": [["changed"]]} if row["id"] == 5 else row for row in VALUES]
        Path(project.project_root, "seeds", "typed.csv").write_text(as_csv(changed))
        run_dbt(["seed"])
        run_dbt(["run", "--select", "merged", "replaced", "--vars", "below: 60"])
        run_dbt(["snapshot"])
        for relation in ("merged", "replaced"):
            assert stored(db, relation) == wanted(changed, db, relation)
        assert db.rows("select id from {s}.history group by id having count(*) > 1") == [(5,)]

    def check_types(self, db: Database) -> None:
        for relation in ("kept", "as_text", "merged", "replaced"):
            found = dict(
                db.rows(
                    "select column_name, lower(column_type) from information_schema.columns "
                    f"where table_schema = '{db.schema}' and table_name = '{relation}'"
                )  # type: ignore[arg-type]
            )
            assert {name: found[name] for name in TYPES} == TYPES

    def test_unit_tests(self, project: Any) -> None:
        run_dbt(["seed"])
        results = run_dbt(["test", "--select", "test_type:unit"], expect_pass=False)
        assert {result.node.name: str(result.status) for result in results} == {
            "rows_of_dicts": "pass",
            "rows_of_csv": "pass",
            "rows_of_sql": "pass",
            "differs": "fail",
        }

    def test_show(self, project: Any) -> None:
        run_dbt(["seed"])
        run_dbt(["run", "--select", "as_text"])
        _, output = run_dbt_and_capture(["show", "--inline", "select * from {{ ref('as_text') }}", "--output", "json"])
        [row] = json.loads(output[output.index("{\n") :])["show"]
        assert (row["v"], row["a"], row["n"]) == ("[1,0.002,-0.5]", "[1,NULL]", '[["x",NULL],[""]]')

    def test_comments_of_not_null_columns(self, project: Any, db: Database) -> None:
        """The server changes no such column, except the integer and the JSON."""
        run_dbt(["run", "--full-refresh", "--select", "as_text"])
        assert self.comments(db) == dict.fromkeys(("id", *TYPES), "first words")
        path = Path(project.project_root, "models", "schema.yml")
        text = path.read_text()
        path.write_text(text.replace("first words", "other words"))
        try:
            _, output = run_dbt_and_capture(["run", "--select", "as_text"])
            assert "3 comments of NOT NULL columns stay as they are" in output
            found = self.comments(db)
            assert {name for name, comment in found.items() if comment == "other words"} == {"id", "j"}
            run_dbt(["run", "--full-refresh", "--select", "as_text"])
            assert self.comments(db) == dict.fromkeys(found, "other words")
        finally:
            path.write_text(text)

    def comments(self, db: Database) -> dict[str, str]:
        query = f"where table_schema = '{db.schema}' and table_name = 'as_text'"
        return dict(db.rows(f"select column_name, column_comment from information_schema.columns {query}"))  # type: ignore[arg-type]

    def test_another_dimension(self, project: Any, db: Database) -> None:
        """A type that keeps not every value is refused, and the table keeps its rows."""
        [result] = run_dbt(["run", "--full-refresh", "--select", "as_text", "--vars", "first: 1.5"], expect_pass=False)
        refusal = "column a: [1.5,NULL] (an array or map) would become another value in array(bigint), the type in "
        assert refusal in result.message
        large = {"a": "'[1,9223372036854775808]'"}
        [result] = run_dbt(
            ["run", "--full-refresh", "--select", "as_text", "--vars", json.dumps(large)], expect_pass=False
        )
        assert (
            "column a: [1,9223372036854775808] (varchar(23)) would become another value in array(bigint)"
            in result.message
        )
        [result] = run_dbt(
            ["run", "--select", "parts", "--vars", "{part: 1234567.5, whole: 9007199254740993}"], expect_pass=False
        )
        assert "column i: [[1234570]] (an array or map) would become another value in array(array" in result.message
        assert 'column k: {1234570:"x"} (an array or map) would become another value in map(int' in result.message
        assert "column w: [9007199254740993] (an array or map) would become another value in array(" in result.message
        assert "column t: " not in result.message
        run_dbt(["seed"])
        run_dbt(["run", "--select", "replaced"])
        before = stored(db, "replaced")
        path = Path(project.project_root, "models", "schema.yml")
        text = path.read_text()
        path.write_text(text.replace("vector(3)", "vector(4)"))
        try:
            _, output = run_dbt_and_capture(["run", "--select", "replaced"], expect_pass=False)
        finally:
            path.write_text(text)
        assert "vector(4)" in output, output
        assert stored(db, "replaced") == before


def bitmap_tests() -> list[dict[str, Any]]:
    """Return a unit test whose expected bitmap is right, and one whose bitmap lacks a number."""
    given = {"input": "ref('growing')", "format": "sql", "rows": "select 1 as id, rb_from_string('4,1') as r"}
    return [
        {
            "name": name,
            "model": "reader",
            "given": [given],
            "expect": {"format": "sql", "rows": f"select 1 as id, rb_from_string('{bits}') as r"},
        }
        for name, bits in (("same_bits", "9,1,4"), ("other_bits", "1,4"))
    ]


class TestBitmaps:
    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        seed = {"name": "loaded", "config": {"column_types": {"r": "roaringbitmap"}}}
        return {
            "loaded.csv": 'id,r\n1,"5, 1"\n2,\n3,18446744073709551615\n',
            "seeds.yml": json.dumps({"seeds": [seed]}),
        }

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        columns = [{"name": "id", "data_type": "int"}, {"name": "r", "data_type": "roaringbitmap"}]
        contract = {"config": {"contract": {"enforced": True}}, "columns": columns}
        number = "{{ 2 if is_incremental() else 1 }}"
        return {
            # a bitmap as bytes, so that a server without the type refuses the type
            "bits.sql": "{{ config(materialized='table') }} select 1 as id, x'0100' as r",
            "growing.sql": "{{ config(materialized='incremental', unique_key='id', on_schema_change='fail') }} "
            f"select {number} as id, rb_from_string('{number},7') as r",
            "reader.sql": "select id, rb_or(r, rb_from_string('9')) as r from {{ ref('growing') }}",
            "schema.yml": json.dumps(
                {"models": [{"name": name, **contract} for name in ("bits", "growing")], "unit_tests": bitmap_tests()}
            ),
        }

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return {"history.sql": SNAPSHOT.replace("typed", "loaded")}

    def test_bitmaps(self, project: Any, db: Database) -> None:
        try:
            db.run("create table {s}.trial (bits roaringbitmap)", "drop table {s}.trial")
        except pymysql.err.ProgrammingError:
            results = [*run_dbt(["seed"], expect_pass=False), *run_dbt(["run", "--select", "bits"], expect_pass=False)]
            for result in results:
                assert "has no such type, seekdb 1.3 has: change data_type or column_types" in result.message
            assert db.relations() == {}
            return
        loaded = [(1, "1,5"), (2, None), (3, "18446744073709551615")]
        run_dbt(["seed"])
        assert db.rows("select id, rb_to_string(r) from {s}.loaded order by id") == loaded
        for command in ("run", "run", "snapshot", "snapshot"):
            run_dbt([command])
        assert db.rows("select id, rb_to_string(r) from {s}.bits") == [(1, "")]
        assert db.rows("select id, rb_to_string(r) from {s}.growing order by id") == [(1, "1,7"), (2, "2,7")]
        assert db.rows("select id, rb_to_string(r) from {s}.history order by id") == loaded
        tested = run_dbt(["test"], expect_pass=False)
        assert {result.node.name: str(result.status) for result in tested} == {
            "same_bits": "pass",
            "other_bits": "fail",
        }

        Path(project.project_root, "seeds", "loaded.csv").write_text("id,r\n1,-1\n")
        [result] = run_dbt(["seed"], expect_pass=False)
        assert "'-1' is no roaringbitmap: correct the value or column_types" in result.message

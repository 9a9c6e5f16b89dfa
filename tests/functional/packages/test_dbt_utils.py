"""The shims of dbt_utils, found without any configuration and compared with references in Python.

A small package of the same name stands for the real one: its macros dispatch by the same names and arguments. Its own
forms, which write ``default`` where they are used, show that a shim was not found.
"""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database
from support.stand_in import stand_in

DISPATCHED = {
    "date_spine": "datepart, start_date, end_date",
    "deduplicate": "relation, partition_by, order_by",
    "nullcheck": "cols",
    "get_tables_by_pattern_sql": "schema_pattern, table_pattern, exclude='', database=target.database",
    "union_relations": "relations, column_override=none, include=[], exclude=[], "
    "source_column_name='_dbt_source_relation', where=none",
    "unpivot": "relation=none, cast_to='varchar', exclude=none, remove=none, field_name='field_name', "
    "value_name='value', quote_identifiers=false",
    "who": "",
}
"""Macros of the package with their arguments. There is no shim for the last one."""

HELPERS = """
{% macro _is_relation(obj, macro) %}{% do obj.render() %}{% endmacro %}
{% macro _is_ephemeral(obj, macro) %}{% endmacro %}
{% macro get_table_types_sql() %}
case table_type when 'BASE TABLE' then 'table' else lower(table_type) end as table_type
{% endmacro %}
"""

GENERIC_TESTS = {
    "cardinality_equality": "model, column_name, to, field",
    "equal_rowcount": "model, compare_model, group_by_columns=[]",
    "equality": "model, compare_model, compare_columns=none, exclude_columns=none, precision=none",
    "fewer_rows_than": "model, compare_model, group_by_columns=[]",
    "not_accepted_values": "model, column_name, values, quote=true",
    "not_empty_string": "model, column_name, trim_whitespace=true",
    "not_null_proportion": "model, group_by_columns=[]",
    "relationships_where": "model, column_name, to, field, from_condition='1=1', to_condition='1=1'",
    "unique_combination_of_columns": "model, combination_of_columns, quote_columns=false",
}
"""Generic tests of the package with their arguments. In the package's own form here, each of them is an error."""

GROUPED_TESTS = {
    "at_least_one": (
        "model, column_name, group_by_columns=[]",
        "select 1 from {{ model }} group by {{ group_by_columns | join(', ') }} having count({{ column_name }}) = 0",
    ),
    "mutually_exclusive_ranges": (
        "model, lower_bound_column, upper_bound_column, partition_by=none, gaps='allowed', "
        "zero_length_range_allowed=false",
        "select * from (select {{ partition_by }} as partition_by_col, {{ upper_bound_column }} as upper, "
        "lead({{ lower_bound_column }}) over (partition by {{ partition_by }} order by {{ lower_bound_column }}) as "
        "next from {{ model }}) as t where not (upper = next)",
    ),
    "not_constant": (
        "model, column_name, group_by_columns=[]",
        "select 1 from {{ model }} {{ 'group by ' ~ group_by_columns | join(', ') if group_by_columns }} "
        "having count(distinct {{ column_name }}) = 1",
    ),
    "recency": (
        "model, field, datepart, interval, ignore_time_component=false, group_by_columns=[]",
        "select 1 from {{ model }} group by {{ group_by_columns | join(', ') }} "
        "having max({{ field }}) < {{ dbt.dateadd(datepart, -interval, dbt.current_timestamp()) }}",
    ),
    "sequential_values": (
        "model, column_name, interval=1, datepart=none, group_by_columns=[]",
        "select * from (select {{ column_name }} as x, lag({{ column_name }}) over (partition by "
        "{{ group_by_columns | join(', ') }} order by {{ column_name }}) as y from {{ model }}) as t "
        "where not (x = y + {{ interval }})",
    ),
}
"""Generic tests of the package whose own forms the shims call: their arguments, and what they ask the database in the
package, but for what does not matter here."""


def package() -> dict[str, str]:
    """Return the macros of the package by file."""
    tests = {}
    errors = {name: (arguments, "select * from default_form") for name, arguments in GENERIC_TESTS.items()}
    for name, (arguments, form) in {**errors, **GROUPED_TESTS}.items():
        names = ", ".join(argument.split("=")[0] for argument in arguments.split(", "))
        # the test of proportions gets its column and its bounds by name
        named = ", **kwargs" if name == "not_null_proportion" else ""
        tests[f"test_{name}"] = (
            f"{{% test {name}({arguments}) %}}"
            f"{{{{ return(adapter.dispatch('test_{name}', 'dbt_utils')({names}{named})) }}}}{{% endtest %}}\n"
            f"{{% macro default__test_{name}({arguments}) %}}{form}{{% endmacro %}}\n"
        )
    return {**stand_in("dbt_utils", DISPATCHED, HELPERS), **tests}


EVENTS = [
    (1, "a", 1, None),
    (2, "a", 2, "x"),
    (3, "b", 1, None),
    (4, None, 5, None),
    (5, None, 6, "y"),
    (6, "c", 1, "A"),
]


def events(rows: list[tuple[Any, ...]]) -> str:
    """Return a query with ``rows``."""

    def sql(value: Any) -> str:
        return "null" if value is None else repr(value)

    selects = [
        f"select {sql(i)} as id, cast({sql(k)} as char(3)) as k, {sql(v)} as version, cast({sql(t)} as char(9)) as note"
        for i, k, v, t in rows
    ]
    return " union all ".join(selects)


def sides(*values: str) -> str:
    """Return a query with three texts of the column k, and with a row that has NULL."""
    *texts, number = values
    rows = [
        f"select {n} as id, cast({text} as char(9)) as k, cast({number} as double) as n, [1, 2] as l"
        for n, text in enumerate((*texts, "null"), 1)
    ]
    return " union all ".join(rows)


FIRST = """{{ config(materialized='table') }}
select 1 as id, cast('abc' as char(3)) as t, cast(1.25 as decimal(10, 2)) as d, true as flag,
  cast('{"a": 1}' as json) as doc, cast('2024-01-01' as date) as day, 'x' as mixed"""
SECOND = """{{ config(materialized='table') }}
select cast(5000000000 as signed) as ID, cast('abcdefghi' as char(9)) as t, cast(1.2345 as decimal(10, 4)) as d,
  cast('2024-01-02 03:04:05.5' as datetime(6)) as day, 7 as mixed, cast('z' as char(4)) as extra"""

LAST_OF_CTE = """with whole as (select * from {{ ref('events') }} %s),
last_rows as ({{ dbt_utils.deduplicate('whole', 'k', 'version desc') }})
select * from last_rows"""

MODELS = {
    "events": "{{ config(materialized='table') }}" + events(EVENTS),
    "last_of_relation": "{{ dbt_utils.deduplicate(ref('events'), 'k', 'version desc') }}",
    "last_of_cte": LAST_OF_CTE % "where k = 'a' and note is not null",
    "last_with_null": "{{ config(materialized='table') }}" + LAST_OF_CTE % "",
    "inlined": "{{ config(materialized='ephemeral') }} select * from {{ ref('events') }}",
    "last_of_inlined": "select * from ({{ dbt_utils.deduplicate(ref('inlined'), "
    "\"k, coalesce(k, 'x,(', version), `k`\", 'version desc') }}) as last_rows",
    "many": "{{ config(materialized='ephemeral') }} select id, id div 2 as k, 'x' as t "
    "from (select row_number() over () as id from table(generator(100000)) as numbers) as ids",
    "last_of_many": "{{ config(materialized='table') }}{{ dbt_utils.deduplicate(ref('many'), 'k', 'id') }}",
    "first_part": FIRST,
    "second_part": SECOND,
    "both_parts": "{{ config(materialized='table') }}"
    "{{ dbt_utils.union_relations([ref('first_part'), ref('second_part')]) }}",
    "parts_cast": "{{ dbt_utils.union_relations([ref('first_part'), ref('second_part')], {'ID': 'varchar(20)'}, "
    "include=['id', 'extra'], source_column_name=none, where=\"t <> 'abc'\") }}",
    "long_form": "{{ dbt_utils.unpivot(ref('first_part'), exclude=['id'], remove=['doc', 'mixed']) }}",
    "numbers_long": "{{ dbt_utils.unpivot(ref('first_part'), cast_to='numeric(12,3)', exclude=['id'], "
    "remove=['doc', 'mixed', 't', 'flag', 'day'], field_name='of', value_name='n', quote_identifiers=true) }}",
    "named": "{{ config(materialized='table') }}-- depends_on: {{ ref('both_parts') }}\n"
    "{{ dbt_utils.get_tables_by_pattern_sql(target.schema, '%\\\\_PART%', '%sec%') }}",
    "blanks": "{{ config(materialized='table') }} select '' as empty, '  ' as blank, 'x' as word, null as missing, "
    "0 as zero, date '2024-01-01' as day",
    "texts": "{% set columns = [api.Column.create('x', 'text'), api.Column.create('n', 'int')] %}"
    "select {{ dbt_utils.nullcheck(columns) }} from (select '' as x, 0 as n union all select ' ', 1) as rows_",
    "one_null": "select nullif(row_number() over (), 1) as v from table(generator(100000)) as numbers",
    # each test of groups passes if the groups a and A are one
    "two_cases": """
      select 'a' as g, 1 as n, 1 as v, 'x' as same, {{ dbt.current_timestamp() }} as t
      union all select 'A', 2, null, 'y', '2020-01-01'
      union all select 'a', 3, null, 'x', '2020-01-01'
      union all select 'A', 4, null, 'y', '2020-01-01'""",
    "who": "{{ dbt_utils.who() }}",
    "spine": "with days as ("
    "{{ dbt_utils.date_spine('day', \"cast('2024-02-28' as date)\", \"cast('2024-03-02' as date)\") }}) "
    "select * from days",
    "side_a": "{{ config(materialized='table') }}" + sides("'a'", "'e'", "'x'", "1.001"),
    "side_b": "{{ config(materialized='table') }}" + sides("'A'", "'é'", "'x '", "1.002"),
    "letters": "select '1' as g, 'a' as k union all select '1', 'A' union all select '1', 'á' "
    "union all select '1', null",
    "thrice": "select 1 as g, 'a' as k union all select 1, 'a' union all select 1, 'a' union all select 1, null "
    "union all select 1, null",
}

UNIT_TESTS = """
unit_tests:
  - name: last_of_given
    model: last_of_relation
    given:
      - input: ref('events')
        rows:
          - {id: 1, k: a, version: 1}
          - {id: 2, k: a, version: 2}
          - {id: 3, k: null, version: 3, note: x}
          - {id: 4, k: null, version: 4}
          - {id: 5, k: b, version: 5}
    expect:
      rows:
        - {id: 2, k: a, version: 2, note: null}
        - {id: 4, k: null, version: 4, note: null}
        - {id: 5, k: b, version: 5, note: null}
"""

TESTS = """
models:
  - name: side_a
    data_tests:
      - dbt_utils.equality: {name: equal_itself, arguments: {compare_model: ref('side_a')}}
      - dbt_utils.equality: {name: equal_texts, arguments: {compare_model: ref('side_b'), exclude_columns: [N]}}
      - dbt_utils.equality:
          name: equal_lower
          arguments: {compare_model: ref('side_b'), compare_columns: [id, lower(k)]}
      - dbt_utils.equality: {name: equal_numbers, arguments: {compare_model: ref('side_b'), compare_columns: [id, n]}}
      - dbt_utils.equality:
          name: equal_rounded
          arguments: {compare_model: ref('side_b'), exclude_columns: [k], precision: 2}
      - dbt_utils.equality: {name: equal_star, arguments: {compare_model: ref('side_b'), compare_columns: ['*']}}
      - dbt_utils.equality:
          name: equal_to_three_digits
          arguments: {compare_model: ref('side_b'), compare_columns: ['`N`'], precision: 3}
      - dbt_utils.equality:
          name: equal_misspelt
          arguments: {compare_model: ref('side_b'), compare_columns: [id, nn], precision: 2}
      - dbt_utils.cardinality_equality:
          name: lower_as_often
          arguments: {column_name: lower(k), to: ref('side_b'), field: lower(k)}
      - dbt_utils.equality:
          name: equal_by_collation
          arguments: {compare_model: ref('side_b')}
          config: {collation: server}
    columns:
      - name: id
        data_tests:
          - dbt_utils.not_accepted_values: {name: refused_number, arguments: {values: [z, 2]}}
      - name: k
        data_tests:
          - dbt_utils.cardinality_equality: {name: as_often_in_a, arguments: {to: ref('side_a'), field: k}}
          - dbt_utils.cardinality_equality: {name: as_often_in_b, arguments: {to: ref('side_b'), field: k}}
          - dbt_utils.relationships_where:
              name: found_in_a
              arguments: {to: ref('side_a'), field: k, to_condition: id < 3, from_condition: id <> 3}
          - dbt_utils.relationships_where:
              name: found_of_two
              arguments: {to: ref('side_b'), field: k, from_condition: 1 = 0 or id = 4}
          - dbt_utils.relationships_where: {name: found_in_b, arguments: {to: ref('side_b'), field: k}}
          - dbt_utils.not_accepted_values: {name: refused_here, arguments: {values: [a]}}
          - dbt_utils.not_accepted_values: {name: refused_other, arguments: {values: [A, é, 'x ']}}
  - name: letters
    data_tests:
      - dbt_utils.unique_combination_of_columns: {name: unique_letters, arguments: {combination_of_columns: [g, k]}}
      - dbt_utils.equal_rowcount:
          name: letters_as_often
          arguments: {compare_model: ref('thrice'), group_by_columns: [g, k]}
      - dbt_utils.fewer_rows_than:
          name: letters_less_often
          arguments: {compare_model: ref('thrice'), group_by_columns: [g, k]}
  - name: thrice
    data_tests:
      - dbt_utils.unique_combination_of_columns:
          name: unique_thrice
          arguments: {combination_of_columns: [G, k], quote_columns: true}
      - dbt_utils.equal_rowcount:
          name: thrice_as_often
          arguments: {compare_model: ref('thrice'), group_by_columns: [k]}
      - dbt_utils.fewer_rows_than:
          name: thrice_less_often
          arguments: {compare_model: ref('letters'), group_by_columns: [k]}
  - name: one_null
    columns:
      - name: v
        data_tests:
          - dbt_utils.not_null_proportion: {name: all_but_none, arguments: {at_least: 1}}
          - dbt_utils.not_null_proportion: {name: all_but_one, arguments: {at_least: 0.99999, at_most: 0.99999}}
  - name: two_cases
    data_tests:
      - dbt_utils.mutually_exclusive_ranges:
          name: ranges_without_gaps
          arguments:
            lower_bound_column: n
            upper_bound_column: n + 1
            partition_by: coalesce(g, 'x'), lower(g)
            gaps: not_allowed
      - dbt_utils.mutually_exclusive_ranges:
          name: ranges_by_functions
          arguments: &by_functions
            lower_bound_column: n
            upper_bound_column: n + 1
            partition_by: coalesce(g, lower(trim(g))), if(g = ',)', 1, 2)
            gaps: not_allowed
      - dbt_utils.mutually_exclusive_ranges:
          name: ranges_by_collation
          arguments: *by_functions
          config: {collation: server}
      - dbt_utils.recency:
          name: recent_of_each
          arguments: {field: t, datepart: day, interval: 1, group_by_columns: [g]}
    columns:
      - name: g
        data_tests: [dbt_utils.not_constant: {name: two_letters}]
      - name: n
        data_tests:
          - dbt_utils.sequential_values: {name: without_gaps, arguments: {group_by_columns: [g]}}
      - name: same
        data_tests: [dbt_utils.not_constant: {name: two_of_each, arguments: {group_by_columns: [g]}}]
      - name: v
        data_tests:
          - dbt_utils.at_least_one: {name: one_of_each, arguments: {group_by_columns: [g]}}
          - dbt_utils.at_least_one:
              name: one_by_collation
              arguments: {group_by_columns: [g]}
              config: {collation: server}
          - dbt_utils.not_null_proportion:
              name: half_of_each
              arguments: {at_least: 0.5, group_by_columns: [g]}
          - dbt_utils.not_null_proportion:
              name: quarter_by_collation
              arguments: {at_least: 0.25, group_by_columns: [g]}
              config: {collation: server}
  - name: blanks
    columns:
      - name: empty
        data_tests: [dbt_utils.not_empty_string: {name: empty_text}]
      - name: blank
        data_tests:
          - dbt_utils.not_empty_string: {name: blank_text}
          - dbt_utils.not_empty_string: {name: blank_is_text, arguments: {trim_whitespace: false}}
          - dbt_utils.not_empty_string:
              name: blank_by_collation
              arguments: {trim_whitespace: false}
              config: {collation: server}
      - name: word
        data_tests: [dbt_utils.not_empty_string: {name: word_text}]
      - name: missing
        data_tests: [dbt_utils.not_empty_string: {name: missing_text}]
      - name: zero
        data_tests:
          - dbt_utils.not_empty_string:
              name: zero_by_collation
              arguments: {trim_whitespace: false}
              config: {collation: server}
      - name: day
        data_tests:
          - dbt_utils.not_empty_string:
              name: day_by_collation
              arguments: {trim_whitespace: false}
              config: {collation: server}
"""


LEFT = [
    "first_part__dbt_tmp",
    "first_part__DBT_tmp_rows",
    "first_part__dbt_backup",
    "first_part__dbt_tmp_2024",
    "first_part__dbt_tmp_20240131t23",
    "first_part__dbt_tmp_rows_202401",
    "__ctas_part",
]
"""Names of tables as interrupted runs and statements leave them."""

NOT_LEFT = ["x_part__dbt_tmp_copy", "x_part_backup", "x_part__dbt_backup_2024"]
"""Names of tables that are like them."""


def last_rows(rows: list[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    """Return the row with the highest version of each group."""
    ordered = sorted(rows, key=lambda row: (str(row[1]), -row[2]))
    return {next(group) for _, group in groupby(ordered, key=lambda row: row[1])}


class TestShims:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {**{f"{name}.sql": text for name, text in MODELS.items()}, "tests.yml": TESTS, "unit.yml": UNIT_TESTS}

    @pytest.fixture(scope="class", autouse=True)
    def built(self, project: Any, install: Any, db: Database) -> dict[str, Any]:
        """Build all models and tests once. Return the number of failures, or else the status, of those that failed."""
        install("dbt_utils", package())
        db.run(*[f"create table {{s}}.{name} as select 1 as id" for name in (*NOT_LEFT, *LEFT)])
        if self.has_materialized_views(db):
            db.run(
                "create table {s}.base_part (id int primary key)",
                "create materialized view log on {s}.base_part with primary key, sequence including new values",
                "create materialized view {s}.viewed_part as select id from {s}.base_part",
            )
        results = [
            result for result in run_dbt(["build"], expect_pass=False) if result.status not in ("success", "pass")
        ]
        return {result.node.name: result.failures or str(result.status) for result in results}

    def has_materialized_views(self, db: Database) -> bool:
        """Check whether the server has materialized views."""
        return bool(db.rows("show tables from oceanbase like 'DBA_MVIEWS'"))

    def test_only_what_must_fail_fails(self, built: dict[str, Any]) -> None:
        assert built == {
            "empty_text": 1,
            "blank_text": 1,
            "blank_by_collation": 1,
            # texts are compared byte for byte: a and A, e and é, x and x with a blank are different
            "equal_texts": 6,
            "equal_lower": 4,
            "equal_numbers": 8,
            "equal_star": 8,
            "equal_to_three_digits": 2,
            "equal_misspelt": "error",
            "lower_as_often": 4,
            "equal_by_collation": "error",
            "refused_number": 1,
            "as_often_in_b": 6,
            "found_in_b": 3,
            "refused_here": 1,
            "unique_thrice": 2,
            # 1 equals '1', and NULL equals nothing
            "letters_as_often": 2,
            "thrice_less_often": 2,
            # one NULL in 100,000 rows
            "all_but_none": 1,
            # the groups a and A are different
            "ranges_without_gaps": 2,
            "ranges_by_functions": 2,
            "recent_of_each": 1,
            "without_gaps": 2,
            "two_of_each": 2,
            "one_of_each": 1,
            "half_of_each": 1,
        }

    def test_a_macro_without_a_shim_is_that_of_the_package(self, db: Database) -> None:
        assert db.rows("select * from {s}.who") == [("default",)]

    def test_date_spine_has_all_days_but_the_last(self, db: Database) -> None:
        rows = db.rows("select date(date_day) from {s}.spine order by 1")

        assert rows == [(datetime.date(2024, 2, 28),), (datetime.date(2024, 2, 29),), (datetime.date(2024, 3, 1),)]

    def test_only_an_empty_text_is_made_null(self, db: Database) -> None:
        assert db.rows("select * from {s}.texts order by n") == [(None, 0), (" ", 1)]

    def test_groups_are_joined_without_comparing_each_with_all_others(self, db: Database) -> None:
        [query] = Path("target").glob("compiled/*/models/tests.yml/letters_as_often.sql")

        plan = "".join(line for (line,) in db.rows(f"explain {query.read_text()}"))

        assert "FULL OUTER JOIN" in plan
        assert "NESTED-LOOP" not in plan

    def test_deduplicate_keeps_rows_with_null(self, db: Database) -> None:
        rows = db.rows("select * from {s}.last_of_relation")

        assert set(rows) == last_rows(EVENTS)
        assert len(rows) == 4

    def test_deduplicate_of_a_cte_loses_no_row(self, db: Database) -> None:
        assert db.rows("select * from {s}.last_of_cte") == [(2, "a", 2, "x")]
        for relation in ("last_with_null", "last_of_inlined"):
            rows = db.rows(f"select * from {{s}}.{relation}")
            assert set(rows) == last_rows(EVENTS)
            assert len(rows) == 4
        assert db.rows("select count(*), sum(id) from {s}.last_of_many") == [(50_001, 2_500_050_001)]

    def test_union_relations_keeps_all_values(self, db: Database) -> None:
        names = [f"`{db.schema}`.`{name}`" for name in ("first_part", "second_part")]
        rows = db.rows("select * from {s}.both_parts order by id")

        assert [(*row[:5], json.loads(row[5]) if row[5] else None, *row[6:]) for row in rows] == [
            (names[0], 1, "abc", Decimal("1.2500"), 1, {"a": 1}, datetime.datetime(2024, 1, 1), "x", None),
            (
                names[1],
                5_000_000_000,
                "abcdefghi",
                Decimal("1.2345"),
                None,
                None,
                datetime.datetime(2024, 1, 2, 3, 4, 5, 500_000),
                "7",
                "z",
            ),
        ]

    def test_union_relations_casts_includes_and_filters(self, db: Database) -> None:
        assert db.rows("select id, extra from {s}.parts_cast") == [("5000000000", "z")]

    def test_unpivot_writes_booleans_as_words(self, db: Database) -> None:
        rows = db.rows("select id, field_name, value from {s}.long_form")

        assert set(rows) == {(1, "t", "abc"), (1, "d", "1.25"), (1, "flag", "true"), (1, "day", "2024-01-01")}

    def test_unpivot_casts_to_a_type_of_any_name(self, db: Database) -> None:
        assert db.rows("select id, of, n from {s}.numbers_long") == [(1, "d", Decimal("1.250"))]

    def test_relations_are_found_in_any_case(self, db: Database) -> None:
        rows = db.rows("select table_schema, table_name, table_type from {s}.named")
        types = dict.fromkeys(["first_part", "both_parts", *NOT_LEFT], "table")
        if self.has_materialized_views(db):
            types.update(base_part="table", viewed_part="materialized_view")

        assert sorted(rows) == sorted((db.schema, name, type) for name, type in types.items())

"""The shims of elementary, found without any configuration and compared with references in Python."""

from __future__ import annotations

import statistics
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database
from support.stand_in import stand_in

DISPATCHED = {
    "get_delete_and_insert_queries": "relation, insert_relation, delete_relation, delete_column_key",
    "get_clean_elementary_test_tables_queries": "test_table_relations",
    "replace_table_data": "relation, rows",
    "get_relation_max_name_length": "",
    "is_reserved_keywords": "keyword",
    "escape_keywords": "keyword",
    "edr_timeadd": "date_part, number, timestamp_expression",
    "edr_time_trunc": "date_part, date_expression",
    "edr_day_of_week_expression": "date_expr",
    "edr_hour_of_week_expression": "date_expr",
    "edr_to_char": "column, format",
    "edr_type_long_string": "",
    "full_table_name": "alias",
    "full_schema_name": "",
    "full_column_name": "",
    "full_name_split": "part_name",
    "configured_schemas_from_graph_as_tuple": "",
    "get_columns_from_information_schema": "database_name, schema_name, table_name=none",
    "get_tables_from_information_schema": "schema_tuple",
    "complete_buckets_cte": "time_bucket, bucket_end_expr, min_bucket_start_expr, max_bucket_end_expr",
    "standard_deviation": "column_name",
    "variance": "column_name",
    "data_type_list": "data_type",
    "get_column_data_type": "column_relation",
    "get_normalized_data_type": "exact_data_type",
    "edr_is_true": "expr",
    "edr_is_false": "expr",
    "min_length": "column_name",
    "max_length": "column_name",
    "average_length": "column_name",
}
HELPERS = """
{% macro edr_cast_as_int(x) %}cast({{ x }} as signed){% endmacro %}
{% macro edr_cast_as_timestamp(x) %}cast({{ x }} as datetime(6)){% endmacro %}
{% macro edr_datediff(first, second, part) %}{{ dbt.datediff(first, second, part) }}{% endmacro %}
{% macro get_configured_schemas_from_graph() %}{{ return([(none, 'one'), (none, "it's")]) }}{% endmacro %}
{% macro run_query(query) %}{{ return(dbt.run_query(query)) }}{% endmacro %}
{% macro create_intermediate_relation(relation, rows, temporary) %}
  {% set new = api.Relation.create(schema=relation.schema, identifier='new_rows', type='table') %}
  {% do dbt.run_query('create table ' ~ new ~ ' as select ' ~ rows[0]['id'] ~ ' as id') %}
  {{ return(new) }}
{% endmacro %}
"""

BUCKETS = {
    "days": ("day", 1, datetime(2024, 2, 27), datetime(2024, 3, 2, 12), timedelta(days=1)),
    "hours": ("hour", 6, datetime(2024, 2, 28), datetime(2024, 3, 1), timedelta(hours=6)),
    "weeks": ("week", 2, datetime(2024, 1, 1), datetime(2024, 3, 1), timedelta(weeks=2)),
    "many": ("hour", 1, datetime(2023, 1, 1), datetime(2024, 7, 1), timedelta(hours=1)),
    "none": ("day", 1, datetime(2024, 1, 1), datetime(2024, 1, 1, 23), timedelta(days=1)),
}
"""Period, count, first and last time by name, and the length of a bucket."""

FIRST_DAY = datetime(2024, 2, 26, 5, 30)
FAR = [1_000_000_001.0, 1_000_000_002.0, 1_000_000_003.0]

MOMENTS = " union all ".join(
    f"select cast('{FIRST_DAY + timedelta(days=n, hours=n)}' as datetime) as t" for n in range(9)
)
NUMBERS = " union all ".join(f"select cast({value!r} as double) as x" for value in FAR)


def buckets(period: str, count: int, first: datetime, last: datetime) -> str:
    """Return a query for buckets, whose end is written as the package does."""
    return (
        f"{{{{ elementary.complete_buckets_cte({{'period': '{period}', 'count': {count}}}, "
        f"elementary.edr_timeadd('{period}', {count}, 'edr_bucket_start'), \"'{first}'\", \"'{last}'\") }}}}"
    )


RELATION = "api.Relation.create(schema=target.schema, identifier='{}')"
MODELS = {
    **{f"buckets_{name}": buckets(*bucket[:4]) for name, bucket in BUCKETS.items()},
    "buckets_stored": "{{ config(materialized='table') }}" + buckets(*BUCKETS["days"][:4]),
    "too_many": "{{ config(materialized='table') }}" + buckets("hour", 1, datetime(2000, 1, 1), datetime(2024, 1, 1)),
    "times": "select t, {{ elementary.edr_day_of_week_expression('t') }} as day, "
    "{{ elementary.edr_hour_of_week_expression('t') }} as hour, "
    "{{ elementary.edr_time_trunc('month', 't') }} as month, {{ elementary.edr_timeadd('hour', -3, 't') }} as earlier, "
    f"{{{{ elementary.edr_to_char('t', none) }}}} as text from ({MOMENTS}) as moments",
    "spread": "{{ config(materialized='table') }} select {{ elementary.standard_deviation('x') }} as deviation, "
    f"{{{{ elementary.variance('x') }}}} as variance from ({NUMBERS}) as numbers",
    "lengths": "select {{ elementary.min_length('t') }} as shortest, {{ elementary.max_length('t') }} as longest, "
    "{{ elementary.average_length('t') }} as average from (select '中文' as t union all select 'née') as texts",
    "kinds": f"{{% set columns = adapter.get_columns_in_relation({RELATION.format('amounts')}) %}}"
    "{% for column in columns %}select '{{ column.name }}' as name, '"
    "{% for kind in ('string', 'numeric', 'boolean') %}"
    # the package cuts a type at its parenthesis
    "{{ kind if elementary.get_column_data_type(column).split('(')[0] in elementary.data_type_list(kind) }}"
    "{% endfor %}' as kind {{ 'union all ' if not loop.last }}{% endfor %}",
    # the package's count_true and count_false
    "flags": "select sum(case when {{ elementary.edr_is_true('cast(flag as boolean)') }} then 1 else 0 end) as yes, "
    "sum(case when {{ elementary.edr_is_false('cast(flag as boolean)') }} then 1 else 0 end) as no, "
    "sum({{ elementary.edr_is_true('flag') }}) as flags from {{ target.schema }}.flagged",
    "types": "{% for type in ('TINYINT(1)', 'BOOL', 'BOOLEAN', 'TINYINT', 'INT', 'VARCHAR(9)') %}"
    "select '{{ type }}' as name, '{{ elementary.get_normalized_data_type(type) }}' as normalized "
    "{{ 'union all ' if not loop.last }}{% endfor %}",
    "names": "select {{ elementary.full_table_name('n') }} as of_table, "
    "{{ elementary.full_schema_name() }} as of_schema, "
    "{{ elementary.full_column_name() }} as of_column from "
    "(select 'a' as schema_name, 'b.c' as table_name, 'd' as column_name) as n",
    "parts": "select {{ elementary.full_name_split('database_name') }}, "
    "{{ elementary.full_name_split('schema_name') }}, "
    "{{ elementary.full_name_split('table_name') }} from (select 'A.B.C' as full_table_name) as n",
    "schemas": "select 1 as n where 'IT''S' in {{ elementary.configured_schemas_from_graph_as_tuple() }}",
    "columns": "{{ elementary.get_columns_from_information_schema(none, target.schema, 'Typed') }}",
    "all_columns": "{{ elementary.get_columns_from_information_schema(none, target.schema) }}",
    "tables": "{{ elementary.get_tables_from_information_schema((none, target.schema)) }}",
    "long_text": "{{ config(materialized='table') }} "
    "select cast(repeat('x', 70000) as {{ elementary.edr_type_long_string() }}) as t",
    "quoted": "select 1 as {{ elementary.escape_keywords('sql') if elementary.is_reserved_keywords('sql') }}, "
    "'{{ elementary.is_reserved_keywords('value') }}' as other, "
    "{{ elementary.get_relation_max_name_length() }} as longest",
    "changed": "{% if execute %}{% for query in elementary.get_delete_and_insert_queries("
    f"{RELATION.format('target')}, {RELATION.format('incoming')}, {RELATION.format('outgoing')}, 'id') %}}"
    "{% do run_query(query) %}{% endfor %}"
    f"{{% do elementary.replace_table_data({RELATION.format('replaced')}, [{{'id': 7}}]) %}}"
    "{% for query in elementary.get_clean_elementary_test_tables_queries(["
    f"{RELATION.format('stale')}, {RELATION.format('missing')}]) %}}{{% do run_query(query) %}}{{% endfor %}}"
    "{% endif %}"
    "select 1 as n",
}


class TestShims:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {f"{name}.sql": text for name, text in MODELS.items()}

    @pytest.fixture(scope="class", autouse=True)
    def built(self, project: Any, install: Any, db: Database) -> dict[str, str]:
        """Build all models once and return the errors of those that fail by name."""
        install("elementary", stand_in("elementary", DISPATCHED, HELPERS))
        db.run(
            "create table {s}.typed (n int, flag tinyint(1), word varchar(9))",
            "create table {s}.amounts (flag tinyint(1), n int, few tinyint unsigned, many bigint unsigned, "
            "filled int(5) zerofill, price decimal(10, 2) unsigned, rate double unsigned, word varchar(9))",
            "create table {s}.target (id int, word varchar(3))",
            "insert into {s}.target values (1, 'old'), (2, 'old'), (null, 'old')",
            "create table {s}.incoming as select 2 as id, 'new' as word union all select 3, 'new'",
            "create table {s}.outgoing as select 2 as id",
            "create table {s}.replaced as select 1 as id union all select 2",
            "create table {s}.stale (id int)",
            "create table {s}.flagged (flag tinyint(1))",
            "insert into {s}.flagged values (1), (1), (2), (0), (null)",
            "create table {s}.typed__dbt_tmp (n int)",
        )
        results = run_dbt(["run"], expect_pass=False)
        return {result.node.name: str(result.message) for result in results if str(result.status) != "success"}

    def test_only_too_many_buckets_fail(self, built: dict[str, str]) -> None:
        assert set(built) == {"too_many"}, built
        assert "1242" in built["too_many"]

    @pytest.mark.parametrize("name", [*BUCKETS, "stored"])
    def test_buckets_follow_each_other(self, db: Database, name: str) -> None:
        _, _, first, last, length = BUCKETS["days" if name == "stored" else name]
        expected, start = [], first
        while start + length <= last:
            expected.append((start, start + length))
            start += length

        assert db.rows(f"select * from {{s}}.buckets_{name} order by 1") == expected

    def test_days_have_names(self, db: Database) -> None:
        rows = db.rows("select * from {s}.times")

        assert len(rows) == 9
        assert rows == [
            (t, f"{t:%A}", f"{t:%A}{t.hour}", t.replace(day=1, hour=0, minute=0), t - timedelta(hours=3), str(t))
            for (t, *_) in rows
        ]

    def test_deviations_are_those_of_a_sample(self, db: Database) -> None:
        assert db.rows("select * from {s}.spread") == [
            (pytest.approx(statistics.stdev(FAR)), pytest.approx(statistics.variance(FAR)))
        ]

    def test_lengths_are_those_in_characters(self, db: Database) -> None:
        assert db.rows("select * from {s}.lengths") == [(2, 3, Decimal("2.5"))]

    def test_columns_are_monitored_by_their_kind(self, db: Database) -> None:
        kinds = dict(db.rows("select * from {s}.kinds"))

        assert kinds == {
            "flag": "boolean",
            **dict.fromkeys(("n", "few", "many", "filled", "price", "rate"), "numeric"),
            "word": "string",
        }

    def test_booleans_are_counted_without_a_cast(self, db: Database, project: Any) -> None:
        compiled = next((Path(project.project_root) / "target" / "compiled").rglob("flags.sql")).read_text()

        assert db.rows("select * from {s}.flags") == [(3, 1, 3)]
        assert "cast(" not in compiled

    def test_each_name_of_a_boolean_is_the_same_type(self, db: Database) -> None:
        assert dict(db.rows("select * from {s}.types")) == {
            **dict.fromkeys(("TINYINT(1)", "BOOL", "BOOLEAN"), "BOOLEAN"),
            **{name: name for name in ("TINYINT", "INT", "VARCHAR(9)")},
        }

    def test_names_have_two_parts(self, db: Database) -> None:
        assert db.rows("select * from {s}.names") == [("A.B.C", "A", "A.B.C.D")]
        assert db.rows("select * from {s}.parts") == [(None, "A", "B.C")]
        assert db.rows("select * from {s}.schemas") == [(1,)]

    def test_the_catalog_is_read(self, db: Database, project: Any) -> None:
        schema = project.test_schema.upper()

        assert sorted(db.rows("select * from {s}.columns")) == [
            (f"{schema}.TYPED", None, schema, "TYPED", name, type)
            for name, type in (("FLAG", "boolean"), ("N", "int"), ("WORD", "varchar"))
        ]
        assert db.rows("select distinct table_name from {s}.all_columns where table_name like 'TYPED%'") == [("TYPED",)]
        tables = db.rows("select * from {s}.tables where table_name like 'TYPED%'")
        assert tables == [(f"{schema}.TYPED", schema, None, schema, "TYPED")]

    def test_texts_and_names_fit(self, db: Database) -> None:
        assert db.value("select length(t) from {s}.long_text") == 70_000
        assert db.rows("select `sql`, other, longest from {s}.quoted") == [(1, "False", 64)]

    def test_rows_are_replaced(self, db: Database) -> None:
        rows = db.rows("select id, word from {s}.target order by 1")
        left = db.rows(
            "select table_name from information_schema.tables "
            f"where table_schema = '{db.schema}' and table_name = 'stale'"
        )

        assert rows == [(1, "old"), (2, "new"), (3, "new")]
        assert db.rows("select id from {s}.replaced") == [(7,)]
        assert left == []

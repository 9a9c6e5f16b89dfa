"""The shims of audit_helper, found without any configuration and compared with references in Python.

The rows of both sides differ in what the server's collation ignores: case, accents and trailing blanks.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database
from support.stand_in import stand_in

DISPATCHED = {
    "compare_relation_columns": "a_relation, b_relation",
    "quick_are_queries_identical": "query_a, query_b, columns=[], event_time=none",
    "compare_queries": "a_query, b_query, primary_key=none, summarize=true, limit=none",
    "compare_column_values": "a_query, b_query, primary_key, column_to_compare, emojis=true, a_relation_name='a', "
    "b_relation_name='b'",
    "compare_column_values_verbose": "a_query, b_query, primary_key, column_to_compare",
    "compare_which_query_columns_differ": "a_query, b_query, primary_key_columns=[], columns=[], event_time=none",
    "_generate_set_results": "a_query, b_query, primary_key_columns, columns, event_time_props=none",
}

HELPERS = """
{% macro _ensure_all_pks_are_in_column_set(primary_key_columns, columns) %}
  {{ return(primary_key_columns | reject('in', columns) | list + columns) }}
{% endmacro %}
{% macro _generate_null_safe_surrogate_key(field_list) %}
  md5(concat_ws('-'{% for field in field_list %}, coalesce(cast({{ field }} as char), 'none'){% endfor %}))
{% endmacro %}
{% macro _get_comparison_bounds(a_query, b_query, event_time) %}
  {{ return((event_time ~ ' is not null and ' ~ event_time, a_query ~ b_query)) }}
{% endmacro %}
{% macro event_time_filter(bounds) %}{% if bounds %}where {{ bounds[0] }} >= '2024-01-02'{% endif %}{% endmacro %}
"""

Row = tuple[Any, ...]

A: list[Row] = [
    ("k1", "Ab", Decimal("1.50"), "2024-01-01"),
    ("k2", "x", Decimal("2.00"), "2024-01-02"),
    ("k2", "x", Decimal("2.00"), "2024-01-02"),
    ("K3", "c", None, None),
    ("k4", "p", Decimal("1.00"), "2024-01-04"),
    ("k5", "q", Decimal("1.00"), None),
    ("k6", None, Decimal("1.00"), None),
    ("k7", "z ", Decimal("1.00"), None),
    ("k8", None, None, None),
    ("k9", "é", None, None),
]
B: list[Row] = [
    ("k1", "ab", Decimal("1.50"), "2024-01-01"),
    ("k2", "x", Decimal("2.00"), "2024-01-02"),
    ("k2", "x", Decimal("2.00"), "2024-01-02"),
    ("k3", "c", None, None),
    ("k4", "p", Decimal("1.00"), "2024-01-04"),
    ("k5", None, Decimal("1.00"), None),
    ("k6", "r", Decimal("1.00"), None),
    ("k7", "z", Decimal("1.00"), None),
    ("k8", None, None, None),
    ("k9", "e", None, None),
]


def table(rows: list[Row], digits: int) -> str:
    """Return a model with ``rows``, whose numbers have ``digits`` after the point."""

    def sql(value: Any) -> str:
        return "null" if value is None else f"'{value}'"

    selects = [
        f"select cast({sql(i)} as char(2)) as id, cast({sql(t)} as char(9)) as t, "
        f"cast({sql(n)} as decimal(10,{digits})) as n, cast({sql(day)} as date) as day"
        for i, t, n, day in rows
    ]
    return "{{ config(materialized='table') }} " + " union all ".join(selects)


def call(macro: str, arguments: str = "") -> str:
    """Return a call of ``macro`` for the rows of both sides, with further ``arguments``."""
    queries = "'select * from ' ~ ref('a_rows'), 'select * from ' ~ ref('b_rows')"
    return f"{{{{ audit_helper.{macro}({queries}, {arguments}) }}}}"


SETS = (
    "{{ config(materialized='table') }} with "
    + call("_generate_set_results", "['id'], ['id', 't', 'n']")
    + " union all ".join(
        f"select '{name}' as side, id, t, n, dbt_audit_pk_row_num as number from {name}"
        for name in ("a_intersect_b", "a_except_b", "b_except_a")
    )
)

MODELS = {
    "a_rows": table(A, 2),
    "b_rows": table(B, 4),
    "fleeting": "{{ config(materialized='ephemeral') }} select 1 as n",
    "counts": call("compare_queries"),
    "one_side": call("compare_queries", "'id', summarize=false"),
    "first_two": call("compare_queries", "'id', summarize=false, limit=2"),
    "of_fleeting": "{{ audit_helper.compare_queries('select * from ' ~ ref('fleeting'), 'select 1') }}",
    "statuses": call("compare_column_values", "'id', 't'"),
    "plain_statuses": call("compare_column_values", "'id', 'n', false, 'old', 'new'"),
    "verbose": call("compare_column_values_verbose", "'id', 't'"),
    "differing": call("compare_which_query_columns_differ", "['id'], ['t', 'n']"),
    "differing_later": call("compare_which_query_columns_differ", "['id'], ['t'], 'day'"),
    "sets": SETS,
    "same_numbers": "{{ config(materialized='table') }}" + call("quick_are_queries_identical", "['n']"),
    "same_texts": call("quick_are_queries_identical", "['n', 't']"),
    "same_later": call("quick_are_queries_identical", "['n', 't'], 'day'"),
    "same_often": "{{ audit_helper.quick_are_queries_identical('select 1 as n union all select 1', 'select 1 as n', "
    "['n']) }}",
    "same_of_nothing": call("quick_are_queries_identical"),
    "left_columns": "{{ config(materialized='table') }}"
    "select 1 as Id, cast('a' as char(3)) as t, cast('2024-01-01' as date) as only_a",
    "right_columns": "{{ config(materialized='table') }}select 1.5 as extra, cast('a' as char(4)) as t, 1 as id",
    "columns_compared": "{{ audit_helper.compare_relation_columns(ref('left_columns'), ref('right_columns')) }}",
    "columns_of_nothing": "{{ audit_helper.compare_relation_columns(ref('left_columns'), "
    "api.Relation.create(schema=target.schema, identifier='no_such_table')) }}",
}

UNIT_TESTS = """
unit_tests:
  - name: equal_fixtures
    model: same_texts
    given:
      - {input: ref('a_rows'), rows: [{t: a, n: 1}, {t: null, n: 2}]}
      - {input: ref('b_rows'), rows: [{t: null, n: 2}, {t: a, n: 1}]}
    expect: {rows: [{are_tables_identical: true}]}
  - name: counts_by_the_collation
    model: counts
    given:
      - {input: ref('a_rows'), rows: [{t: a}]}
      - {input: ref('b_rows'), rows: [{t: A}]}
    expect: {rows: [{found: default}]}
"""

FAILS = {"of_fleeting": "ephemeral", "same_of_nothing": "columns", "columns_of_nothing": "no_such_table"}
"""Models that fail, with a word of the error."""


class TestShims:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {**{f"{name}.sql": text for name, text in MODELS.items()}, "unit.yml": UNIT_TESTS}

    @pytest.fixture(scope="class", autouse=True)
    def built(self, project: Any, install: Any) -> dict[str, str]:
        """Build all models and tests once and return the errors of those that fail by name."""
        install("audit_helper", stand_in("audit_helper", DISPATCHED, HELPERS))
        results = run_dbt(["build"], expect_pass=False)
        return {r.node.name: str(r.message) for r in results if str(r.status) not in ("success", "pass")}

    def test_only_what_must_fail_fails_with_its_reason(self, built: dict[str, str]) -> None:
        assert {name: word for name, word in FAILS.items() if word in built.get(name, "")} == FAILS
        assert set(built) == set(FAILS)

    def test_rows_are_compared_byte_for_byte(self, db: Database) -> None:
        both, a_only, b_only = set(A) & set(B), set(A) - set(B), set(B) - set(A)
        total = len(both) + len(a_only) + len(b_only)

        assert db.rows("select in_a, in_b, count, percent_of_total from {s}.counts order by 1 desc, 2 desc") == [
            (a, b, len(rows), round(Decimal(100 * len(rows)) / total, 2))
            for a, b, rows in ((1, 1, both), (1, 0, a_only), (0, 1, b_only))
        ]
        found = db.rows("select id, t, n, cast(day as char), in_a, in_b from {s}.one_side")
        assert set(found) == {(*row, 1, 0) for row in a_only} | {(*row, 0, 1) for row in b_only}
        assert len(found) == len(a_only) + len(b_only)

    def test_a_limit_keeps_the_first_rows(self, db: Database) -> None:
        assert db.rows("select id, t, in_a from {s}.first_two") == [("k1", "Ab", 1), ("k1", "ab", 0)]

    def test_the_values_of_a_column_are_counted_by_their_status(self, db: Database) -> None:
        # k2 is there twice on both sides, which makes four pairs; K3 and k3 are different keys
        assert db.rows("select column_name, match_status, count_records from {s}.statuses") == [
            ("t", "✅: perfect match", 5),
            ("t", "✅: both are null", 1),
            ("t", "🤷: missing from a", 1),
            ("t", "🤷: missing from b", 1),
            ("t", "🤷: value is null in a only", 1),
            ("t", "🤷: value is null in b only", 1),
            ("t", "❌: \u200dvalues do not match", 3),
        ]
        assert db.rows("select match_status, count_records, percent_of_total from {s}.plain_statuses") == [
            ("perfect match", 9, Decimal("69.23")),
            ("both are null", 4, Decimal("30.77")),
        ]

    def test_each_row_has_its_marks(self, db: Database) -> None:
        rows = db.rows(
            "select primary_key, perfect_match, null_in_a, null_in_b, missing_from_a, missing_from_b, "
            "conflicting_values from {s}.verbose where column_name = 't'"
        )

        assert Counter(rows) == {
            ("k1", 0, 0, 0, 0, 0, 1): 1,
            ("k2", 1, 0, 0, 0, 0, 0): 4,
            ("K3", 0, 0, 0, 0, 1, 0): 1,
            ("k3", 0, 0, 0, 1, 0, 0): 1,
            ("k4", 1, 0, 0, 0, 0, 0): 1,
            ("k5", 0, 0, 1, 0, 0, 1): 1,
            ("k6", 0, 1, 0, 0, 0, 1): 1,
            ("k7", 0, 0, 0, 0, 0, 1): 1,
            ("k8", 1, 1, 1, 0, 0, 0): 1,
            ("k9", 0, 0, 0, 0, 0, 1): 1,
        }

    def test_columns_that_differ_are_named(self, db: Database) -> None:
        assert set(db.rows("select * from {s}.differing")) == {("id", 0), ("t", 1), ("n", 0)}
        assert set(db.rows("select * from {s}.differing_later")) == {("id", 0), ("t", 0)}

    def test_rows_of_one_key_meet_in_the_order_of_their_values(self, db: Database) -> None:
        def numbered(rows: list[Row]) -> set[Row]:
            seen: Counter[str] = Counter()
            numbers = []
            for row in rows:
                seen[row[0]] += 1
                numbers.append((*row[:3], seen[row[0]]))
            return set(numbers)

        a, b = numbered(A), numbered(B)
        rows = db.rows("select side, id, t, n, number from {s}.sets")

        assert set(rows) == {
            (side, *row)
            for side, those in (("a_intersect_b", a & b), ("a_except_b", a - b), ("b_except_a", b - a))
            for row in those
        }
        assert len(rows) == len(set(rows))

    def test_queries_are_identical_if_all_rows_are(self, db: Database) -> None:
        assert db.rows("select are_tables_identical from {s}.same_numbers") == [(1,)]
        assert db.rows("select are_tables_identical from {s}.same_texts") == [(0,)]
        assert db.rows("select are_tables_identical from {s}.same_later") == [(1,)]
        assert db.rows("select are_tables_identical from {s}.same_often") == [(0,)]
        assert "tinyint(1)" in db.rows("show create table {s}.same_numbers")[0][1]

    def test_columns_of_relations_are_compared_in_a_view(self, db: Database) -> None:
        assert db.rows("select * from {s}.columns_compared order by column_name") == [
            ("extra", None, 1, None, "decimal(2,1)", 0, 0, 0, 1, 0),
            ("Id", 1, 3, "bigint", "bigint", 0, 1, 0, 0, 1),
            ("only_a", 3, None, "date", None, 0, 0, 1, 0, 0),
            ("t", 2, 2, "varchar(3)", "varchar(4)", 1, 0, 0, 0, 1),
        ]

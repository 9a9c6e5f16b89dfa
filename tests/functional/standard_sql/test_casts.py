"""Casts of standard SQL have the values that PostgreSQL gives, or fail, in queries, views and tables alike."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, write_file
from dbt_common.exceptions import DbtRuntimeError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.outside import Database

from dbt.adapters.oceanbase.sql.standard import rewritten
from dbt.adapters.oceanbase.sql.standard.targets import ACCEPTED, REFUSED

SYNTAX_ERROR = 1064
MOMENT = datetime.datetime(2020, 2, 29, 10, 0, 0, 123456)

# expression, value, type of the column in a table
GOOD: list[tuple[str, Any, str]] = [
    ("'17'::int", 17, "bigint(21)"),
    ("' -17 '::bigint", -17, "bigint(21)"),
    ("cast('+17' as integer)", 17, "bigint(21)"),
    ("cast(1.5 as int)", 2, "bigint(21)"),
    ("(-2.5)::int", -3, "bigint(21)"),
    ("1e2::smallint", 100, "bigint(21)"),
    ("(1 = 1)::int + false::int", 1, "bigint(22)"),
    ("'-9223372036854775808'::bigint", -9223372036854775808, "bigint(21)"),
    ("9223372036854775807::bigint", 9223372036854775807, "bigint(21)"),
    ("2147483647::int4", 2147483647, "bigint(21)"),
    ("'-2147483648'::int", -2147483648, "bigint(21)"),
    ("'-32768'::int2", -32768, "bigint(21)"),
    ("127::tinyint", 127, "bigint(21)"),
    ("null::int", None, "bigint(21)"),
    ("'99.994'::numeric(4,2)", Decimal("99.99"), "decimal(4,2)"),
    ("0.125::numeric(2, 2)", Decimal("0.13"), "decimal(2,2)"),
    ("'5e1'::decimal(4)", Decimal(50), "decimal(4,0)"),
    ("'.5'::numeric(4,2)", Decimal("0.50"), "decimal(4,2)"),
    ("'12345678901234567890.123456789'::numeric(38,9)", Decimal("12345678901234567890.123456789"), "decimal(38,9)"),
    ("null::numeric(10,2)", None, "decimal(10,2)"),
    ("'1e-3'::double precision", 0.001, "double"),
    ("cast('.5' as real)", 0.5, "double"),
    ("0.1::float8", 0.1, "double"),
    ("cast(sqrt(2) as double precision) = sqrt(2)", 1, "int(1)"),
    ("'1e307'::float", 1e307, "double"),
    ("'abcdef'::varchar(3)", "abc", "varchar(3)"),
    ("cast('日本語テキスト' as character varying(3))", "日本語", "varchar(3)"),
    ("cast(12345 as varchar(4))", "1234", "varchar(4)"),
    ("length(repeat('a', 2000)::varchar(1000))", 1000, "bigint(20)"),
    ("cast('abc' as text)", "abc", "varchar(3)"),
    ("1.50::text", "1.50", "varchar(5)"),
    ("'2020-02-29 10:00:00.123456'::timestamp", MOMENT, "datetime(6)"),
    ("cast('2020-02-29T10:00' as timestamp without time zone)", MOMENT.replace(microsecond=0), "datetime(6)"),
    ("'2020-02-29 09:59:59.9'::timestamp(0)", MOMENT.replace(microsecond=0), "datetime"),
    ("date '2020-02-29'::timestamp(3)", datetime.datetime(2020, 2, 29), "datetime(3)"),
    ("'9999-12-31 23:59:59.999999'::timestamp", datetime.datetime.max, "datetime(6)"),
    ("'2020-02-29 23:59:59.999999'::date", MOMENT.date(), "date"),
    ("'2020-02-29 10:00:00.5'::time", datetime.timedelta(hours=10, milliseconds=500), "time(6)"),
    ("cast(null as timestamp)", None, "datetime(6)"),
    ("cast('T' as boolean)", 1, "int(1)"),
    ("'f'::boolean", 0, "int(1)"),
    ("1::bool", 1, "int(1)"),
    ("(1 = 2)::boolean", 0, "int(1)"),
    ("null::boolean", None, "int(1)"),
    ("'[1, 2]'::jsonb", "[1, 2]", "json"),
    ("'1'::int::text::varchar(10)::boolean", 1, "int(1)"),
    ("case when 1 = 1 then '5' end::int", 5, "bigint(21)"),
    ("sum(5) over ()::int", 5, "bigint(21)"),
    ("timestamp '2020-01-29 10:00:00' + interval '1 month'", MOMENT.replace(microsecond=0), "datetime"),
    ("date '2020-02-29' - interval '-2 days' + interval 1 years", datetime.date(2021, 3, 2), "date"),
    ("date_add(date '2020-02-28', interval '1 day')", MOMENT.date(), "date"),
    ('"one"."id"', 1, "bigint(1)"),
    ('one."id" + "one".`id`::int', 2, "bigint(22)"),
    ("'Äb' ilike 'ä_'", 1, "bigint(1)"),
    ("'é' ilike 'E'", 0, "bigint(1)"),
    ("case when 'x'::text not ilike concat('X', '%') then 1 else 0 end", 0, "bigint(20)"),
    ("null ilike 'a'", None, "bigint(1)"),
    ("1 is distinct from null", 1, "int(1)"),
    ("null::int is not distinct from null", 1, "int(1)"),
    ("case when 1 is distinct from 1::int then 1 else 0 end", 0, "bigint(20)"),
    ("case when 'x' regexp '^[0-9]+$' then 'x'::int end", None, "bigint(20)"),
    ("'9223372036854775807'::int8", 9223372036854775807, "bigint(21)"),
    ("cast('-7' as int32) + cast('8' as int64)", 1, "bigint(22)"),
    ("cast('abc' as string)", "abc", "varchar(3)"),
    ("concat('abc'::nvarchar(2), cast('def' as char varying(1)))", "abd", "varchar(3)"),
    ("'a'::varchar(262144)", "a", "varchar(262144)"),
    # the column is a TEXT
    ("body::text", "abc", "varchar(65535)"),
    # a sign and NOT bind weaker than the cast; NOT of a text is 1
    ("-'2'::int", -2, "bigint(22)"),
    ("not 'true'::boolean", 0, "int(1)"),
    # without blanks, and after words that are no functions
    ("date '2020-02-28' + interval'1 day'", MOMENT.date(), "date"),
    ("7 mod (4)::int", 3, "bigint(21)"),
    ("case when 'ab' ilike ('A_')::text then 1 else 0 end", 1, "bigint(20)"),
    # taken by the server, so sent as they are
    ("date '2020-02-28' + interval '1' day", MOMENT.date(), "date"),
    ("timestamp '2020-02-29 11:00:00' - interval '1' hour", MOMENT.replace(microsecond=0), "datetime"),
    ("concat(1 is not true, 2 is true, 0 is false, null is not false)", "0111", "varchar(44)"),
    ("concat(null is unknown, 1 is not unknown)", "11", "varchar(22)"),
]

# the forms that docs/standard-sql.md names as syntax errors, with the columns x and y
SYNTAX_ERRORS = [
    *("x::numeric", "x::decimal", "x::numeric(65,2)", "x::numeric(40,31)", "x::float4", "x::timestamptz"),
    *("x::timestamp with time zone", "cast(x as timestamptz)", "x::int[]", "x::uuid", "x::bytea", "x::interval"),
    *("x::inet", "cast(x as uuid)", '"x"::int', "x[1]::text", "now() + interval '1 day 2 hours'"),
    *("now() + interval '1.5 days'", "now() + interval 'days'", "now() - interval '1 day' * 3", "interval '1 day'"),
    *("x + 1 ilike y", "x is distinct from y + 1", "x ilike y", "1 key", "left", "1 as from", "max(default)"),
]

BAD = [
    *("'abc'::int", "'1.7'::int", "''::bigint", "'1e2'::int", "cast('2020-01-01' as int)"),
    *("2147483648::int", "'-2147483649'::int", "32768::smallint", "128::tinyint", "'-129'::tinyint"),
    *("8388608::mediumint", "9223372036854775808::bigint", "1e20::bigint", "'99999999999999999999999'::bigint"),
    *("'12345'::numeric(4,2)", "'99.995'::numeric(4,2)", "'abc'::numeric(4,2)", "1::numeric(2,2)", "1e80::numeric(64)"),
    *("'abc'::double precision", "'1e400'::double precision", "''::real"),
    *("'2023-02-29'::timestamp", "'garbage'::timestamp", "'2020-01-01 10:00:00+02'::timestamp", "20200101::timestamp"),
    *("'9999-12-31 23:59:59.9999999'::timestamp", "'9999-12-31 23:59:59.5'::timestamp(0)", "'0000-01-01'::timestamp"),
    *("'2020-04-31'::date", "'1900-02-29'::date", "20200101::date", "'abc'::date", "'25:00'::time"),
    *("'maybe'::boolean", "cast('{a' as jsonb)"),
]


def columns(expressions: list[str]) -> str:
    return ", ".join(f"{expression} as c{number}" for number, expression in enumerate(expressions))


GOOD_QUERY = f"select {columns([expression for expression, _, _ in GOOD])} from {{{{ ref('one') }}}} as one"

NOTHING = "select cast(null as text) as a, null::varchar as b, null::text::string as c, null::varchar(5) as d"
# a comment directly after the semicolon is no statement
INSERT = "\"insert into {{ this }} values ('note', 'x', 'y', 'z');--done\""
KEPT = (
    "select a.id::int, one.body::varchar(3), cast(a.`at` as timestamp without time zone), f.id::text as named,"
    " 1::int one from {{ ref('one') }} as one join {{ ref('moments') }} as a on a.id = 9"
    " join {{ ref('one') }} as f on true"
)
MATCHED = """
with c as (select id::text from (select 9 as id) as r)
select count(*) as n from (select 1 as id union all select 2) as o where id in (select id from c)
"""

# queries of the model moments, and the rows that PostgreSQL returns for them
KEPT_NAMES: list[tuple[str, list[Any]]] = [
    ("select id from (select id::text from m) as q order by id + 0", ["9", "10", "100"]),
    ("select id::text from m order by id", ["10", "100", "9"]),
    ("select id::text from m order by id + 0", ["9", "10", "100"]),
    ("select id::text from m union all select id::text from m where id = 9 order by id", ["10", "100", "9", "9"]),
    ("select id::text from m where id > 9.5 and id < 99", ["10"]),
    ("select id from (select at::date, id from m order by hour(at) desc limit 1) as q", [10]),
    ("select n from (select at::date, count(*) as n from m group by at order by 1) as q", [1, 1, 1]),
    ("select n from (select at::date, count(*) as n from m group by at::date order by 1) as q", [2, 1]),
    ("select count(*) from (select at::date from m group by at having hour(at) > 9) as q", [1]),
    ("select n from (select at::date, row_number() over (order by at desc) as n, id from m) as q where id = 10", [2]),
    ("select count(*) from (select distinct at::date from m) as q where at = '2024-01-01'", [1]),
    ("select id from (select ((id::text)) from m) as q order by id", ["10", "100", "9"]),
    ("select id from (select at is distinct from null, id::text from m) as q order by id", ["10", "100", "9"]),
    ("select id from (select round(id, 1.) as n, (m.id)::text from m) as q order by n", ["9", "10", "100"]),
    ("select id from (select sql_no_cache id::text from m) as q order by id", ["10", "100", "9"]),
    ("select n from (select sql_no_cache mod(id, 10)::int + 1 as n from m where id = 9) as q", [10]),
    ("select id from (select m.*, one.k::text from m, (select 1 as k) as one) as q order by id", [9, 10, 100]),
    ("select count(*) from (select id, id::text from m) as q", [3]),
    ("select count(*) from (select *, at::date from m) as q", [3]),
    ("select count(*) from (select m.*, m.id::text, m.id::int from m) as q", [3]),
    ("select count(*) from (select 9 as id) as o where exists (select id::text from m where m.id = o.id)", [1]),
]


class TestCasts:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "one.sql": "{{ config(materialized='table') }} select 1 as id, cast('abc' as char(600)) as body",
            "good_table.sql": "{{ config(materialized='table', pre_hook=\"set @hooked = '5'::int\") }}" + GOOD_QUERY,
            "good_view.sql": "{{ config(materialized='view') }}" + GOOD_QUERY,
            "bad_table.sql": "{{ config(materialized='table') }} select t::int as n from {{ ref('texts') }}",
            "bad_view.sql": "{{ config(materialized='view') }} select t::int as n from {{ ref('texts') }}",
            "texts.sql": "{{ config(materialized='table') }} select '1' as t union all select '1abc'",
            "unknown.sql": "select '10.0.0.1'::inet as a",
            "wide.sql": "{{ config(materialized='table') }} select 'abc'::varchar(262145) as a, body::text as b "
            "from {{ ref('long_text') }}",
            "moments.sql": "{{ config(materialized='table') }} select 10 as id, timestamp '2024-01-01 10:00:00' as at"
            " union all select 9, timestamp '2024-01-01 09:00:00'"
            " union all select 100, timestamp '2024-01-02 09:00:00'",
            "kept_view.sql": "{{ config(materialized='view') }}" + KEPT,
            "kept_table.sql": "{{ config(materialized='table') }}" + KEPT,
            "matched.sql": "{{ config(materialized='view') }}" + MATCHED,
            "nothing.sql": "{{ config(materialized='table', post_hook=insert) }} ".replace("insert", INSERT) + NOTHING,
            "grown.sql": "{{ config(materialized='incremental', post_hook=insert) }} ".replace("insert", INSERT)
            + NOTHING,
            "long_text.sql": "{{ config(materialized='table') }} select rpad('x', 70000, 'x') as body",
        }

    @pytest.fixture(scope="class")
    def tests(self) -> dict[str, str]:
        return {"singular.sql": "select * from {{ ref('good_table') }} where c0::text <> '17'"}

    @pytest.fixture(scope="class", autouse=True)
    def results(self, project: Any) -> dict[str, Any]:
        found = run_dbt(["build"], expect_pass=False)
        return {result.node.name: result for result in found}

    def test_good_values_are_those_of_postgres(self, db: Database) -> None:
        expected = [value for _, value, _ in GOOD]
        for relation in ("good_table", "good_view"):
            assert list(db.rows(f"select * from {{s}}.{relation}")[0]) == expected

    def test_columns_have_the_type(self, db: Database) -> None:
        found = db.rows(
            "select column_name, column_type from information_schema.columns "
            f"where table_schema = '{db.schema}' and table_name = 'good_table' order by ordinal_position"
        )

        assert [(GOOD[int(name[1:])][0], kind) for name, kind in found] == [(text, kind) for text, _, kind in GOOD]

    def test_a_text_that_is_too_long_for_a_varchar_is_a_text_column(self, db: Database) -> None:
        found = db.rows(
            "select column_type from information_schema.columns "
            f"where table_schema = '{db.schema}' and table_name = 'wide' order by ordinal_position"
        )

        assert [kind for (kind,) in found] == ["mediumtext", "longtext"]
        assert db.rows("select a, length(b) from {s}.wide") == [("abc", 70000)]

    def test_a_cast_without_an_alias_keeps_the_name_of_its_column(self, db: Database) -> None:
        for name in ("kept_view", "kept_table"):
            assert db.rows(f"select id, body, `at`, named, `one` from {{s}}.{name}") == [
                (9, "abc", datetime.datetime(2024, 1, 1, 9), "1", 1)
            ]
        assert db.rows("select n from {s}.matched") == [(0,)]

    @pytest.mark.parametrize(("query", "values"), KEPT_NAMES)
    def test_the_name_means_what_it_means_in_postgres(self, db: Database, query: str, values: list[Any]) -> None:
        sent = rewritten(query.replace("from m", "from {s}.moments as m"))

        assert [value for (value,) in db.rows(sent)] == values

    @pytest.mark.parametrize("column", ["id::text", "(one.id::text)"])
    def test_a_name_beside_the_columns_of_another_table_is_an_error(self, db: Database, column: str) -> None:
        sent = rewritten(f"select 1 from (select m.*, {column} from {{s}}.moments as m join {{s}}.one using (id)) as q")

        with pytest.raises(pymysql.err.MySQLError, match="1060"):
            db.rows(sent)

    def test_a_column_that_is_a_null_cast_to_a_text_is_a_text(self, db: Database, results: dict[str, Any]) -> None:
        found = db.rows(
            "select table_name, column_type from information_schema.columns "
            f"where table_schema = '{db.schema}' and table_name in ('grown', 'nothing') order by 1, ordinal_position"
        )

        assert [kind for _, kind in found] == ["longtext", "longtext", "longtext", "varchar(5)"] * 2
        for name in ("grown", "nothing"):
            assert results[name].status == "success", results[name].message
            assert db.rows(f"select a, b, c, d from {{s}}.{name} where d is not null") == [("note", "x", "y", "z")]

    def test_bad_values_fail_in_tables_and_when_views_are_read(self, db: Database, results: dict[str, Any]) -> None:
        assert "3141" in results["bad_table"].message
        assert results["bad_view"].status == "success"
        with pytest.raises(pymysql.err.MySQLError, match="3141"):
            db.rows("select * from {s}.bad_view")
        assert "bad_table" not in db.relations()

    def test_a_type_that_is_not_known_is_the_syntax_error_of_the_text(self, results: dict[str, Any]) -> None:
        assert "1064" in results["unknown"].message
        assert "::inet" in results["unknown"].message

    def test_data_tests_and_show_are_rewritten_too(self, results: dict[str, Any]) -> None:
        assert results["singular"].status == "pass"
        shown = run_dbt(["show", "--inline", "select '7'::int + cast('8' as bigint) as n", "--output", "json"])

        assert shown.results[0].agate_table.rows[0][0] == 15

    def test_a_profile_without_it_sends_the_text(self, project: Any) -> None:
        show = ["show", "--inline", "select 1::int as n --x", "--profiles-dir", "."]
        target = project.adapter.config.credentials.to_dict() | {"type": "oceanbase", "standard_sql": "comments"}
        profile = {"test": {"target": "t", "outputs": {"t": target}}}
        write_file(json.dumps(profile), project.project_root, "profiles.yml")

        with pytest.raises(DbtRuntimeError, match="::int as n -- x"):
            run_dbt(show)

    @pytest.mark.parametrize("expression", BAD)
    def test_bad_values_fail_everywhere(self, db: Database, expression: str) -> None:
        query = f"select {rewritten(expression)} as x"
        db.run(f"create or replace view {{s}}.lost as {query}", "drop table if exists {s}.lost_table")

        for sql in (query, "select * from {s}.lost", f"create table {{s}}.lost_table as {query}"):
            with pytest.raises(pymysql.err.MySQLError, match=r"\((3141|1690),"):
                db.rows(sql)

    def test_types_are_refused_or_accepted_by_the_servers_cast(self, db: Database) -> None:
        accepted = {name for name in (*REFUSED, *ACCEPTED) if self.parses(db, f"select cast(null as {name})")}
        accepted |= {name for name in REFUSED if self.parses(db, f"select cast(null as {name}(3))")}

        assert accepted == set(ACCEPTED)

    @pytest.mark.parametrize("expression", SYNTAX_ERRORS)
    def test_other_forms_are_syntax_errors(self, db: Database, expression: str) -> None:
        with pytest.raises(pymysql.err.MySQLError, match=rf"\({SYNTAX_ERROR},"):
            db.rows(rewritten(f"select {expression} from (select 1 as x, 2 as y) as t"))

    @staticmethod
    def parses(db: Database, sql: str) -> bool:
        try:
            db.rows(sql)
        except pymysql.err.MySQLError as error:
            return bool(error.args[0] != SYNTAX_ERROR)
        return True

    PIECES = st.sampled_from(
        [
            *("1", "'a'", "x'41'", '"b"', "null", "1.5", "-1", "(1)", "[1]", "date '2020-01-01'", "count(*)", "now()"),
            *(
                " as int",
                " as text",
                " int",
                " text",
                "::int",
                "::text",
                " :: date",
                "cast(1 as int)",
                "cast(1 as char)",
            ),
            *(
                "cast(",
                ")",
                " as signed)",
                "/* ::int */",
                "-- cast(1 as int)\n",
                ",",
                "+",
                " and ",
                "case when 1 then 2 end",
                "now() + interval '1 day'",
                " day",
                "interval 1 days",
                "now() - ",
                "t",
                ".",
                '"a"',
                "@",
                "`a`",
                " ",
                "interval '1'",
                " ilike ",
                " is not distinct from ",
                " not",
            ),
        ]
    )

    @settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(parts=st.lists(PIECES, min_size=1, max_size=5))
    def test_only_what_the_server_cannot_parse_is_changed(self, db: Database, parts: list[str]) -> None:
        sql = f"select {''.join(parts)}"

        assert rewritten(sql) == sql or not self.parses(db, sql)

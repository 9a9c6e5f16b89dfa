"""Results of the cross-database macros that dbt's own suite does not test: edge cases and column types.

``model`` adds a model to the project. The fixture ``built`` builds the models of all tests by one run of dbt, because a
project and a run for each model would take longer than the models and the assertions together.
"""

from __future__ import annotations

import calendar
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, update_config_file

from dbt.adapters.oceanbase.sql.float_literals import bare_float_literals
from dbt.adapters.oceanbase.sql.types import canonical_type, ddl_type

PARTS = ("year", "quarter", "month", "week", "isoweek", "day", "hour", "minute", "second", "millisecond", "microsecond")

MODELS: dict[str, str] = {}
"""The text of each model by its name."""


def model(name: str, sql: str, materialized: str = "view") -> None:
    """Add the model ``name`` to the project of the tests. Macros may be called in ``sql``."""
    assert name not in MODELS
    MODELS[name] = f"{{{{ config(materialized='{materialized}') }}}}\n{sql}"


def model_of(name: str, expressions: Sequence[str], materialized: str = "view") -> None:
    """Add the model ``name`` with these expressions (SQL with macros) as its columns."""
    columns = ", ".join(f"{expression} as c{number}" for number, expression in enumerate(expressions))
    model(name, f"select {columns}", materialized)


class Built:
    """The models after the run of dbt that built them, with the ``results`` of that run by the names of the models."""

    def __init__(self, project: Any, results: Mapping[str, Any]) -> None:
        self._project = project
        self._results = results

    def error(self, name: str) -> str:
        """Return the error message of a model that could not be built."""
        assert self._results[name].status == "error"
        return str(self._results[name].message)

    def compiled(self, name: str) -> str:
        """Return the compiled SQL of a model."""
        return str(self._results[name].node.compiled_code)

    def query(self, name: str, columns: str = "*") -> list[Any]:
        """Return these columns of all rows of a model, which must have been built."""
        assert self._results[name].status == "success", self._results[name].message
        return list(self._project.run_sql(f"select {columns} from {{schema}}.{name}", fetch="all"))

    def values(self, name: str) -> list[Any]:
        """Return the only row of a model, which must have been built."""
        (row,) = self.query(name)
        return list(row)


def column_types(project: Any, server: pymysql.Connection, table: str) -> list[str]:
    """Return the types of a table's columns in order, as the server spells them."""
    query = (
        "select column_type from information_schema.columns where table_schema = %s and table_name = %s"
        " order by ordinal_position"
    )
    with server.cursor() as cursor:
        cursor.execute(query, (project.test_schema, table))
        return [column_type for (column_type,) in cursor.fetchall()]


def run_sql(server: pymysql.Connection, *statements: str) -> Sequence[Sequence[Any]]:
    with server.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall()


# -- dates

MOMENTS = [
    dt.datetime(1, 1, 1),
    dt.datetime(1969, 12, 31, 23, 59, 59, 999_999),
    dt.datetime(1970, 1, 1),
    dt.datetime(1999, 12, 31, 23, 59, 59, 999_999),
    dt.datetime(2000, 1, 1),
    dt.datetime(2000, 2, 29, 12, 30, 15, 1_499),
    dt.datetime(2024, 3, 31, 23, 59, 59, 999_000),
    dt.datetime(2024, 4, 1, 0, 0, 0, 1),
    dt.datetime(2024, 6, 15, 10, 20, 30, 123_456),
    dt.datetime(2024, 6, 16, 0, 0, 0),  # a Sunday
    dt.datetime(2024, 6, 17, 0, 0, 0),  # a Monday
    dt.datetime(9999, 12, 26, 23, 59, 59, 999_999),
]
DAY_ZERO = dt.datetime(1, 1, 1)


def ordinal(moment: dt.datetime, part: str) -> int:
    """Return the number of the period, so that the difference of two numbers is the count of boundaries in between."""
    seconds = (moment - DAY_ZERO).days * 86_400 + (moment - DAY_ZERO).seconds
    return {
        "year": moment.year,
        "quarter": moment.year * 4 + (moment.month - 1) // 3,
        "month": moment.year * 12 + moment.month,
        "week": moment.toordinal() // 7,  # day 7 was a Sunday too
        "isoweek": (moment.toordinal() - 1) // 7,  # day 1 was a Monday
        "day": moment.toordinal(),
        "hour": seconds // 3_600,
        "minute": seconds // 60,
        "second": seconds,
        "millisecond": seconds * 1_000 + moment.microsecond // 1_000,
        "microsecond": seconds * 1_000_000 + moment.microsecond,
    }[part]


def beginning(moment: dt.datetime, part: str) -> dt.date:
    """Return the first moment of the period; for a day or longer, a date."""
    day = moment.date()
    return {
        "year": day.replace(month=1, day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "month": day.replace(day=1),
        "week": day - dt.timedelta(days=day.weekday()),
        "isoweek": day - dt.timedelta(days=day.weekday()),
        "day": day,
        "hour": moment.replace(minute=0, second=0, microsecond=0),
        "minute": moment.replace(second=0, microsecond=0),
        "second": moment.replace(microsecond=0),
        "millisecond": moment.replace(microsecond=moment.microsecond // 1_000 * 1_000),
        "microsecond": moment,
    }[part]


def end_of_month(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def create_moments(cursor: pymysql.cursors.Cursor) -> None:
    """Create a table of MOMENTS, as datetime(6) and as text, with one row of NULL."""
    cursor.execute("create table moments (id int, at datetime(6), word varchar(26))")
    rows = [(number, moment, moment.isoformat(" ")) for number, moment in enumerate(MOMENTS)]
    cursor.executemany("insert into moments values (%s, %s, %s)", rows)
    cursor.execute("insert into moments values (-1, null, null)")


def parts_of(macro: str) -> str:
    """Return a column for each of PARTS. ``macro`` is a call of a macro with ``{part}`` for the part."""
    return ", ".join(f"{{{{ {macro.format(part=part)} }}}} as p_{part}" for part in PARTS)


for column in ("at", "word"):
    differences = parts_of(f"datediff('a.{column}', 'b.{column}', '{{part}}')")
    moments = "{{ target.schema }}.moments"
    model(f"datediff_{column}", f"select a.id as first, b.id as second, {differences} from {moments} a, {moments} b")


starts = parts_of("date_trunc('{part}', 'at')")
model("date_trunc_at", f"select id, {starts} from {{{{ target.schema }}}}.moments order by id", "table")


ends = ", ".join(f"{{{{ last_day('at', '{part}') }}}} as l_{part}" for part in ("week", "month", "quarter", "year"))
model("last_day_at", f"select id, {ends} from {{{{ target.schema }}}}.moments", "table")


NOW = "cast('2024-01-31 10:00:00.5' as datetime(6))"
DATEADD: list[tuple[str, object, str]] = [
    ("dateadd('month', 1, \"'2024-01-31'\")", dt.date(2024, 2, 29), "date"),
    ("dateadd('Quarters', -1, \"'2024-01-31'\")", dt.date(2023, 10, 31), "date"),
    ("dateadd('week', '1', 'cast(\\'2024-01-31\\' as date)')", dt.date(2024, 2, 7), "date"),
    ("dateadd('iso_week', 1, \"'2024-01-31'\")", dt.date(2024, 2, 7), "date"),
    ("dateadd('day', '1 + 1', \"'2024-01-31 10:00'\")", dt.datetime(2024, 2, 2, 10), "datetime(6)"),
    ("dateadd('hour', 1, \"'2024-01-31'\")", dt.datetime(2024, 1, 31, 1), "datetime"),
    ("dateadd('minute', -1, 'cast(\\'2024-01-31\\' as datetime)')", dt.datetime(2024, 1, 30, 23, 59), "datetime"),
    (f'dateadd("millisecond", 1500, "{NOW}")', dt.datetime(2024, 1, 31, 10, 0, 2), "datetime(6)"),
    (f'dateadd("microsecond", -1, "{NOW}")', dt.datetime(2024, 1, 31, 10, 0, 0, 499_999), "datetime(6)"),
    ("dateadd('year', 'null', \"'2024-01-31'\")", None, "date"),
    # more than 2,147,483,647 microseconds
    (
        "dateadd('millisecond', 1623076520123, \"'1970-01-01'\")",
        dt.datetime(2021, 6, 7, 14, 35, 20, 123_000),
        "datetime(6)",
    ),
    (f'dateadd("microsecond", "-3147483647", "{NOW}")', dt.datetime(2024, 1, 31, 9, 7, 33, 16_353), "datetime(6)"),
    # whole periods and fractions of seconds
    ("dateadd('hour', '90 / 60', \"'2024-01-31'\")", dt.datetime(2024, 1, 31, 2), "datetime"),
    ("dateadd('day', '-1.5', \"'2024-01-31'\")", dt.date(2024, 1, 29), "date"),
    ("dateadd('day', 'select max(n) from (select 2 as n) as t', \"'2024-01-31'\")", dt.date(2024, 2, 2), "date"),
    (f'dateadd("second", "1.5", "{NOW}")', dt.datetime(2024, 1, 31, 10, 0, 2), "datetime(6)"),
    (f'dateadd("millisecond", "0.5", "{NOW}")', dt.datetime(2024, 1, 31, 10, 0, 0, 500_500), "datetime(6)"),
    ("date(2024, 2, 29)", dt.date(2024, 2, 29), "date"),
]
model_of("dateadds", [f"{{{{ {call} }}}}" for call, _, _ in DATEADD], "table")


UNKNOWN_PARTS = {"fortnight": "dateadd('fortnight', 1, 'now()')", "hour": "last_day('now()', 'hour')"}
for part, call in UNKNOWN_PARTS.items():
    model(f"unknown_{part}", f"select {{{{ {call} }}}}")


SPINES: list[tuple[str, str, str, int, object, str]] = [
    ("day", "2023-01-01", "2026-01-01", 1096, dt.date(2025, 12, 31), "date"),
    ("month", "2024-01-31", "2024-05-31", 4, dt.date(2024, 4, 30), "date"),
    ("hour", "2024-01-01", "2024-01-02", 24, dt.datetime(2024, 1, 1, 23), "datetime"),
    ("minute", "2024-01-01 10:00", "2024-01-01 10:03", 3, dt.datetime(2024, 1, 1, 10, 2), "datetime(6)"),
]
for part, start, end, *_ in SPINES:
    model(f"spine_{part}", f"""{{{{ date_spine("{part}", "'{start}'", "'{end}'") }}}}""", "table")


model("spine_of_no_dates", """{{ date_spine("day", "'01/09/2023'", "'2023-09-10'") }}""")


model("series", "{{ generate_series(3000) }}", "table")


HOURS = {"utc": 0, "east": 8, "west": -5}
for zone, hours in HOURS.items():
    header = f"{{% call set_sql_header(config) %}}set time_zone = '{hours:+03}:00';{{% endcall %}}"
    times = "{{ current_timestamp() }} as a, {{ snapshot_get_time() }} as b, now() as c"
    model(f"now_{zone}", f"{header} select {times}", "table")


# -- texts

TEXTS = [
    "plain",
    "they're",
    "''",
    "a''b",
    "'",
    "C:\\new\\table",
    "\\\\server\\share",
    "ends with \\",
    "\\'",
    'say "hi" `there`',
    "100% -- no comment # nor this /* nor this */",
    "line\nbreak\ttab",
    "ünïcödé 😀",
    "{{ not jinja }}",
    "",
]


FORMS = {
    "literal": "{{ string_literal(var('texts')[%d]) }}",
    "both": "{{ string_literal(escape_single_quotes(var('texts')[%d])) }}",
    "escaped": "'{{ escape_single_quotes(var('texts')[%d]) }}'",
    "joined": "{{ \"'\" ~ escape_single_quotes(var('texts')[%d]) ~ \"'\" }}",
    "added": "{{ \"'\" + escape_single_quotes(var('texts')[%d]) + \"'\" }}",
    "in_two_steps": "{%% set text = escape_single_quotes(var('texts')[%d]) %%}{{ string_literal(text) }}",
}
for name, form in FORMS.items():
    model_of(f"text_{name}", [form % number for number in range(len(TEXTS))])


TEXT_FUNCTIONS: list[tuple[str, object]] = [
    ("length(\"'née'\")", 3),
    ("length('null')", None),
    ("position(\"'B'\", \"'abc'\")", 0),
    ("position(\"'b'\", \"'éb'\")", 2),
    ("position(\"'e'\", \"'é'\")", 0),
    ("position('null', \"'abc'\")", None),
    ("position('2', '123')", 2),
    ("replace(\"'aAa'\", \"'A'\", \"'x'\")", "axa"),
    ("right(\"'née'\", 2)", "ée"),
    ("concat([\"'a'\", 1, \"'b'\"])", "a1b"),
    ("concat([\"'a'\", 'null'])", None),
    ("hash(\"'née'\")", hashlib.md5("née".encode(), usedforsecurity=False).hexdigest()),
    ("hash('12')", hashlib.md5(b"12", usedforsecurity=False).hexdigest()),
    ("hash('null')", None),
    ("cast_bool_to_text('1 = 1')", "true"),
    ("cast_bool_to_text('1 = 0')", "false"),
    ("cast_bool_to_text('null')", None),
]
model_of("text_functions", [f"{{{{ {call} }}}}" for call, _ in TEXT_FUNCTIONS])


SPLITS: list[tuple[str, str, dict[int, str | None]]] = [
    ("'a|b|c'", "'|'", {1: "a", 2: "b", 3: "c", 4: "", 5: "", -1: "c", -2: "b", -3: "a", -4: "", -5: ""}),
    ("'a~@~b'", "'~@~'", {1: "a", 2: "b", 3: "", -1: "b", -2: "a", -3: ""}),
    ("'éXbxé'", "'x'", {1: "éXb", 2: "é", 3: "", -1: "é", -2: "éXb"}),
    ("'|a|'", "'|'", {1: "", 2: "a", 3: "", -1: "", -2: "a", -3: ""}),
    ("''", "'|'", {1: "", 2: "", -1: "", -2: ""}),
    ("null", "'|'", {1: None, 2: None, -1: None, -2: None}),
    ("'a|b'", "null", {1: None, 2: None, -1: None, -2: None}),
    ("'a''b'", "''''", {1: "a", 2: "b"}),
    ("'a b'", "''", {1: "a b", 2: "", 3: "", -1: "a b", -2: "", -3: ""}),
    ("'a b'", "lower(' ')", {1: "a", 2: "b", -1: "b", -2: "a"}),
    ("12", "' '", {1: "12", 2: "", -1: "12"}),
]
for number, (text, delimiter, parts) in enumerate(SPLITS):
    model_of(f"split_{number}", [f'{{{{ split_part("{text}", "{delimiter}", {part}) }}}}' for part in parts])


INVALID_PARTS = {"zero": "0", "text": "'part'"}
for name, part in INVALID_PARTS.items():
    model(f"split_by_{name}", f"select {{{{ split_part('a', 'b', {part}) }}}}")


WORDS: list[tuple[int, str | None, int, int | None]] = [
    (1, "b,", 2, 0),
    (1, "a", 1, None),
    (1, None, 3, 0),
    (1, "a", 4, 1),
    (1, "c", 5, None),
    (2, None, 1, None),
    *((3, f"{number:08d}" * 4, number, 0) for number in range(3000)),
]
"""Group 1 has five rows, one of them NULL. Group 2 has only NULL. Group 3 has a long list."""


def create_words(cursor: pymysql.cursors.Cursor) -> None:
    """Create a table of WORDS, and a table whose rows are in no order."""
    cursor.execute("create table words (g int, word varchar(100), o int, flag tinyint(1))")
    cursor.executemany("insert into words values (%s, %s, %s, %s)", WORDS)
    rows = "select 'b' as word, 10 as n union all select 'a', 9 union all select 'B', 2"
    cursor.execute(f"create table scattered as {rows}")


listed = """{{ listagg("word", "', '", "order by o") }}"""
for materialized in ("view", "table"):
    model(
        f"listagg_{materialized}",
        f"select g, {listed} as list from {{{{ target.schema }}}}.words group by g",
        materialized,
    )


LISTS = [
    "listagg('word', \"','\", 'order by o', 2)",
    "listagg('word', \"','\", 'order by o desc', 99)",
    "listagg('distinct word', \"'\\\\''\", 'order by word')",
    "listagg('word', 'char(10)', 'order by o')",
    "listagg('o')",
    "listagg('word', \"''\", 'order by o', 3)",
]
columns = ", ".join(f"{{{{ {call} }}}} as c{number}" for number, call in enumerate(LISTS))
model("lists", f"select {columns} from {{{{ target.schema }}}}.words where g = 1 group by g")


scattered = "{{ target.schema }}.scattered"
model_of("unordered", [f"(select {{{{ listagg('{it}') }}}} from {scattered})" for it in ("word", "n", "DISTINCT n")])


any_of = ", ".join(f"{{{{ bool_or('{condition}') }}}}" for condition in ("flag", "o > 5"))
model("bool_ors", f"select g, {any_of} from {{{{ target.schema }}}}.words group by g")


PAIRS = [("1", "1"), ("1", "2"), ("1", "null"), ("null", "null")]
TRUTHY_NULLS = "enable_truthy_nulls_equals_macro"
model_of("pairs", [f"{{{{ equals('{a}', '{b}') }}}}" for a, b in PAIRS])


# -- casts

# the type as written, a value, the expected value, the type of the resulting column
CASTS: list[tuple[str, str, object, str]] = [
    ("int", "'12'", 12, "bigint"),
    ("BIGINT(20)", "'9223372036854775807'", 9223372036854775807, "bigint"),
    ("int unsigned", "'12'", 12, "bigint unsigned"),
    ("decimal(10,2)", "'1.005'", Decimal("1.01"), "decimal(10,2)"),
    ("numeric(28, 6)", "1", Decimal("1.000000"), "decimal(28,6)"),
    ("double precision", "'1.5'", 1.5, "double"),
    ("float", "'1.5'", 1.5, "float"),
    ("varchar(10)", "'abc'", "abc", "varchar(10)"),
    ("character varying(20)", "12", "12", "varchar(20)"),
    ("text", "'abc'", "abc", "varchar(3)"),
    ("string", "1.50", "1.50", "varchar(5)"),
    ("binary(4)", "'ab'", b"ab\0\0", "varbinary(4)"),
    ("varbinary(4)", "'ab'", b"ab", "varbinary(2)"),
    ("date", "'2024-02-29'", dt.date(2024, 2, 29), "date"),
    ("datetime(6)", "'2024-02-29 10:00:00.123456'", dt.datetime(2024, 2, 29, 10, 0, 0, 123456), "datetime(6)"),
    ("timestamp", "'2024-02-29 10:00:00.123456'", dt.datetime(2024, 2, 29, 10, 0, 0, 123456), "datetime(6)"),
    ("timestamp(3)", "'2024-02-29 10:00:00.123456'", dt.datetime(2024, 2, 29, 10, 0, 0, 123000), "datetime(3)"),
    ("time(6)", "'10:00:00.5'", "10:00:00.500000", "time(6)"),
    ("year", "2024", 2024, "year"),
    ("json", "'[1, 2]'", "[1, 2]", "json"),
    ("boolean", "'Yes'", 1, "int"),
    ("boolean", "0.5", 1, "int"),
    ("bool", "' f '", 0, "int"),
    ("boolean", "b'0'", 0, "int"),
    ("boolean", "b'1'", 1, "int"),
    ("boolean", "1 = 0", 0, "int"),
    ("boolean", "null", None, "bigint"),
    ("tinyint(1)", "'true'", 1, "bigint"),
    ("tinyint(1)", "2", 2, "bigint"),
    ("enum('a','b')", "'a'", "a", "varchar(1)"),
    ("vector(3)", "null", None, "longtext"),
]


model_of("casts", [f'{{{{ cast("{value}", "{name}") }}}}' for name, value, _, _ in CASTS], "table")


NO_BOOLEANS = {"word": "'maybe'", "empty": "''", "null": "'null'", "array": "'[]'", "date": "date '2024-01-01'"}
for name, value in NO_BOOLEANS.items():
    for materialized in ("view", "table"):
        flag = f'{{{{ cast("{value}", "boolean") }}}}'
        model(f"no_boolean_{name}_{materialized}", f"select {flag} as flag", materialized)


SAFE_CASTS: list[tuple[str, str, object]] = [
    ("int", "' 12 '", 12),
    ("int", "12.7", 13),
    ("int", "'12abc'", None),
    ("int", "''", None),
    ("int", "null", None),
    ("int", "true", 1),
    ("bigint", "'9223372036854775807'", 9223372036854775807),
    ("bigint", "'9223372036854775808'", None),
    ("bigint", "'-9223372036854775809'", None),
    ("bigint unsigned", "'18446744073709551615'", 18446744073709551615),
    ("bigint unsigned", "-1", None),
    ("bigint unsigned", "'-1'", None),
    ("decimal(5,2)", "'1.239'", Decimal("1.24")),
    ("decimal(5,2)", "'1e2'", Decimal("100.00")),
    ("decimal(5,2)", "12", Decimal("12.00")),
    ("decimal(5,2)", "1000", None),
    ("decimal(5,2)", "'999.995'", None),
    ("decimal(5,2)", "'x'", None),
    ("double", "'1.5e-3'", 0.0015),
    ("double", "'x'", None),
    ("int", "'1e100'", None),
    ("decimal(40,30)", "'1e10'", None),
    ("decimal(40,30)", f"'{'9' * 70}'", None),
    ("decimal(65,0)", "'-1e65'", None),
    ("decimal(65,0)", "'1e64'", Decimal("1e64")),
    ("decimal(65,0)", f"'-{'9' * 65}'", Decimal("-" + "9" * 65)),
    ("decimal(65,0)", f"'1{'0' * 65}'", None),
    ("decimal(65,0)", f"'{'9' * 65}.9'", None),
    ("decimal(65,30)", f"'00{'9' * 35}.50'", Decimal("9" * 35 + ".5" + "0" * 29)),
    ("decimal(65,30)", f"'{'9' * 35}.{'9' * 31}'", None),
    ("double", "'1e400'", None),
    ("double", "'-1.7e308'", -1.7e308),
    ("float", "'-1e39'", None),
    ("float", "'1e38'", 1e38),
    ("boolean", "'no'", 0),
    ("boolean", "'7'", 1),
    ("boolean", "true", 1),
    ("boolean", "'maybe'", None),
    ("tinyint(1)", "'true'", 1),
    ("tinyint(1)", "'maybe'", None),
    ("json", "'[1]'", "[1]"),
    ("json", "'[1'", None),
    ("text", "'abc'", "abc"),
    ("date", "'2024-02-29'", dt.date(2024, 2, 29)),
]


BAD_DATE = """{{ safe_cast("'2024-02-30'", "date") }}"""

for materialized in ("view", "table"):
    casts = [f'{{{{ safe_cast("{value}", "{name}") }}}}' for name, value, _ in SAFE_CASTS]
    model_of(f"safe_casts_{materialized}", casts, materialized)
    model_of(f"bad_date_{materialized}", [BAD_DATE], materialized)


# type names that both kernels accept in a column definition after ddl_type has translated them
COLUMN_TYPES = """
    int; INTEGER; int(11); int4; int8; int2; int1; int3; middleint; int64; int unsigned; bigint(20) unsigned; signed;
    unsigned; int zerofill; int(5) unsigned zerofill; tinyint; tinyint(1); tinyint(1) unsigned; bool; boolean; bit;
    bit(4);
    decimal; numeric; numeric(28,6); dec(10,2); number(38); fixed(7,3); decimal(10,2) unsigned; decimal zerofill;
    float; float(24); float(25); float(7,2); float unsigned; float4; float8; double precision; real; double(8,3);
    date; datetime; datetime(0); datetime(6); timestamp; timestamp(3); timestamp without time zone; time; time(6); year;
    year(4);
    char; char(3); character(4); nchar(5); varchar(10); varchar(0); varchar; character varying; character varying(20);
    national char varying(7); nvarchar(6); string; string(20); text; text(64); text(65); text(16384); text(16385);
    text(4194304); text(4194305); tinytext; mediumtext; longtext; clob; long; long varchar; long varbinary;
    varchar(10) collate utf8mb4_bin; varchar(9) character set utf8mb4; varchar(9) character set binary;
    binary; binary(16); varbinary(16); blob; blob(256); blob(257); blob(65537); bytea; longblob; json; jsonb;
    enum('a', 'B c'); set('x','y'); array(int); integer[]; varchar(10)[][]; MAP(varchar(5), integer); vector(3);
    geometry; geometrycollection
"""


# -- arrays


ARRAYS = [
    ("array_construct([1, 2])", "[1,2]", "array(bigint)"),
    ("array_construct([])", "[]", "array(bigint)"),
    ("array_construct([], 'double')", "[]", "array(double)"),
    ("array_append(array_construct([], 'text'), \"'a'\")", '["a"]', "array(varchar(262144))"),
    ("array_concat(array_construct([], 'bigint'), array_construct([3]))", "[3]", "array(bigint)"),
    ("array_append(array_construct([1]), 'null')", "[1,NULL]", "array(bigint)"),
]
model_of("arrays", [f"{{{{ {call} }}}}" for call, _, _ in ARRAYS], "table")
model("array_of_dates", "select {{ array_construct([], 'date') }}")


def run(project: Any, *arguments: str, expect_pass: bool = True) -> dict[str, Any]:
    """Run dbt with the variable ``texts`` and return its results by the names of the models."""
    texts = json.dumps({"texts": TEXTS}, ensure_ascii=False)
    results = run_dbt(["run", "--vars", texts, *arguments], expect_pass=expect_pass)
    return {result.node.name: result for result in results}


class TestSemantics:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {f"{name}.sql": text for name, text in MODELS.items()}

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"flags": {TRUTHY_NULLS: False}}

    @pytest.fixture(scope="class")
    def built(self, project: Any, connect: Callable[..., pymysql.Connection]) -> Built:
        """Create the tables that the models read, and build all models by one run of dbt, in which some must fail."""
        with connect(database=project.test_schema) as connection, connection.cursor() as cursor:
            create_moments(cursor)
            create_words(cursor)
        results = run(project, expect_pass=False)
        assert set(results) == set(MODELS)
        return Built(project, results)

    @pytest.mark.parametrize("column", ["at", "word"])
    def test_datediff_counts_the_boundaries_in_between(self, built: Built, column: str) -> None:
        rows = built.query(f"datediff_{column}")

        assert len(rows) == (len(MOMENTS) + 1) ** 2
        for first, second, *found in rows:
            if -1 in (first, second):
                assert found == [None] * len(PARTS)
            else:
                expected = [ordinal(MOMENTS[second], part) - ordinal(MOMENTS[first], part) for part in PARTS]
                assert found == expected, (MOMENTS[first], MOMENTS[second])

    def test_date_trunc_returns_the_beginning_of_the_period(
        self, built: Built, project: Any, server: pymysql.Connection
    ) -> None:
        rows = built.query("date_trunc_at")

        assert len(rows) == len(MOMENTS) + 1
        for number, *found in rows:
            expected = [None if number == -1 else beginning(MOMENTS[number], part) for part in PARTS]
            assert found == expected, number
        types = column_types(project, server, "date_trunc_at")[1:]
        assert types == (["date"] * 6 + ["datetime"] * 3 + ["datetime(3)", "datetime(6)"])

    def test_last_day_of_week_month_quarter_and_year(
        self, built: Built, project: Any, server: pymysql.Connection
    ) -> None:
        rows = built.query("last_day_at")

        assert len(rows) == len(MOMENTS) + 1
        for number, *found in rows:
            if number == -1:
                assert found == [None] * 4
                continue
            day = MOMENTS[number].date()
            assert found == [
                day + dt.timedelta(days=6 - day.weekday()),
                end_of_month(day.year, day.month),
                end_of_month(day.year, (day.month + 2) // 3 * 3),
                end_of_month(day.year, 12),
            ]
        assert column_types(project, server, "last_day_at")[1:] == ["date"] * 4

    def test_dateadd_keeps_the_type_of_the_date(self, built: Built, project: Any, server: pymysql.Connection) -> None:
        assert built.values("dateadds") == [expected for _, expected, _ in DATEADD]
        assert column_types(project, server, "dateadds") == [column_type for _, _, column_type in DATEADD]

    @pytest.mark.parametrize("part", UNKNOWN_PARTS)
    def test_an_unknown_date_part_is_refused_by_name(self, built: Built, part: str) -> None:
        message = built.error(f"unknown_{part}")

        assert part in message
        assert "use one of" in message

    @pytest.mark.parametrize(("part", "count", "last", "column_type"), [(part, *rest) for part, _, _, *rest in SPINES])
    def test_date_spine_has_each_period_once(
        self, built: Built, project: Any, server: pymysql.Connection, part: str, count: int, last: Any, column_type: str
    ) -> None:
        columns = f"count(*), count(distinct date_{part}), max(date_{part})"

        assert built.query(f"spine_{part}", columns) == [(count, count, last)]
        assert column_types(project, server, f"spine_{part}") == [column_type]

    def test_date_spine_refuses_values_that_are_not_dates(self, built: Built) -> None:
        assert "YYYY-MM-DD" in built.error("spine_of_no_dates")

    def test_generate_series_returns_integers(self, built: Built, project: Any, server: pymysql.Connection) -> None:
        numbers = "count(*), count(distinct generated_number), min(generated_number), max(generated_number)"

        assert built.query("series", numbers) == [(3000, 3000, 1, 3000)]
        assert [canonical_type(column_type) for column_type in column_types(project, server, "series")] == ["bigint"]

    @pytest.mark.parametrize("zone", HOURS)
    def test_current_timestamp_is_utc_in_every_session(
        self, built: Built, project: Any, server: pymysql.Connection, zone: str
    ) -> None:
        utc, snapshot, local = built.values(f"now_{zone}")

        assert abs(dt.datetime.now(dt.timezone.utc).replace(tzinfo=None) - utc) < dt.timedelta(minutes=5)
        assert snapshot == utc
        assert abs(local - utc - dt.timedelta(hours=HOURS[zone])) < dt.timedelta(seconds=2)
        assert column_types(project, server, f"now_{zone}")[:2] == ["datetime(6)", "datetime(6)"]

    @pytest.mark.parametrize("form", FORMS)
    def test_a_text_is_unchanged_as_a_literal(self, built: Built, form: str) -> None:
        assert built.values(f"text_{form}") == TEXTS

    def test_text_functions_count_characters_and_are_case_sensitive(self, built: Built) -> None:
        assert built.values("text_functions") == [expected for _, expected in TEXT_FUNCTIONS]

    @pytest.mark.parametrize("number", range(len(SPLITS)), ids=[f"{text} by {by}" for text, by, _ in SPLITS])
    def test_split_part_counts_from_both_ends(self, built: Built, number: int) -> None:
        assert built.values(f"split_{number}") == list(SPLITS[number][2].values())

    @pytest.mark.parametrize("part", INVALID_PARTS)
    def test_split_part_refuses_an_invalid_part_number(self, built: Built, part: str) -> None:
        assert "part_number" in built.error(f"split_by_{part}")

    @pytest.mark.parametrize("materialized", ["view", "table"])
    def test_listagg_is_never_truncated(
        self, built: Built, project: Any, server: pymysql.Connection, materialized: str
    ) -> None:
        found = dict(built.query(f"listagg_{materialized}", "g, list"))

        assert found == {1: "a, b,, a, c", 2: None, 3: ", ".join(f"{number:08d}" * 4 for number in range(3000))}
        assert column_types(project, server, f"listagg_{materialized}")[1] == "longtext"

    def test_listagg_with_limit_distinct_and_any_delimiter(self, built: Built) -> None:
        *fixed, numbers, joined = built.values("lists")

        assert fixed == ["a,b,", "c,a,b,,a", "a'b,'c", "a\nb,\na\nc"]
        assert numbers == "1,2,3,4,5"
        assert joined == "ab,a"

    def test_listagg_without_an_order_is_ordered_by_its_values(self, built: Built) -> None:
        assert built.values("unordered") == ["a,B,b", "2,9,10", "2,9,10"]

    def test_bool_or_ignores_null(self, built: Built) -> None:
        assert {g: (v, w) for g, v, w in built.query("bool_ors")} == {1: (1, 0), 2: (None, 0), 3: (0, 1)}

    # the other value of the flag needs a run of its own, which is the last test of this class
    def test_equals_follows_the_behavior_flag_off(self, built: Built) -> None:
        assert built.values("pairs") == [1, 0, None, None]

    def test_cast_accepts_the_names_of_column_types(
        self, built: Built, project: Any, server: pymysql.Connection
    ) -> None:
        assert built.values("casts") == [expected for _, _, expected, _ in CASTS]
        assert [canonical_type(found) for found in column_types(project, server, "casts")] == [
            made for *_, made in CASTS
        ]

    @pytest.mark.parametrize("materialized", ["view", "table"])
    @pytest.mark.parametrize("value", NO_BOOLEANS)
    def test_cast_to_boolean_refuses_other_texts(self, built: Built, materialized: str, value: str) -> None:
        name = f"no_boolean_{value}_{materialized}"

        if materialized == "table":
            assert "3141" in built.error(name)
        else:
            with pytest.raises(Exception, match="Invalid JSON text"):
                built.query(name)

    @pytest.mark.parametrize("materialized", ["view", "table"])
    def test_safe_cast_returns_null_for_invalid_values(self, built: Built, materialized: str) -> None:
        assert built.values(f"safe_casts_{materialized}") == [expected for *_, expected in SAFE_CASTS]

    def test_safe_cast_has_no_float_literal_to_warn_of(self, built: Built) -> None:
        assert bare_float_literals(built.compiled("safe_casts_table")) == []

    def test_safe_cast_to_float_makes_a_float(self, built: Built, project: Any, server: pymysql.Connection) -> None:
        types = column_types(project, server, "safe_casts_table")

        assert {kind for (name, *_), kind in zip(SAFE_CASTS, types, strict=True) if name == "float"} == {"float"}

    def test_safe_cast_of_a_bad_date_is_null_in_a_view_and_an_error_in_a_table(self, built: Built) -> None:
        assert built.values("bad_date_view") == [None]
        assert "1292" in built.error("bad_date_table")

    def test_each_type_name_makes_a_column_of_its_canonical_type(
        self, project: Any, server: pymysql.Connection
    ) -> None:
        names = [name.strip() for name in COLUMN_TYPES.replace("\n", " ").split(";")]
        columns = ", ".join(f"c{number} {ddl_type(name)}" for number, name in enumerate(names))
        run_sql(server, f"create table `{project.test_schema}`.all_types ({columns})")

        made = [canonical_type(found) for found in column_types(project, server, "all_types")]

        assert dict(zip(names, made, strict=True)) == {name: canonical_type(name) for name in names}

    def test_arrays_of_each_element_type(self, built: Built, project: Any, server: pymysql.Connection) -> None:
        assert built.values("arrays") == [value for _, value, _ in ARRAYS]
        assert [canonical_type(found) for found in column_types(project, server, "arrays")] == [
            made for *_, made in ARRAYS
        ]

    def test_an_empty_array_of_a_type_without_arrays_is_refused(self, built: Built) -> None:
        assert "no arrays of 'date'" in built.error("array_of_dates")

    # the last test, because it builds a model of another test again
    def test_equals_follows_the_behavior_flag_on(self, built: Built, project: Any) -> None:
        update_config_file({"flags": {TRUTHY_NULLS: True}}, project.project_root, "dbt_project.yml")

        again = Built(project, run(project, "--select", "pairs"))

        assert again.values("pairs") == [1, 0, 0, 1]

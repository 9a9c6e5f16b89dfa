"""Names and expressions in configs: quotes, constants, and names in double quotes, which are texts for the server."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from dbt_common.exceptions import DbtRuntimeError

from dbt.adapters.oceanbase.sql import column_references

# names with combining marks
NAME, ACCENT = "\u0e0a\u0e37\u0e48\u0e2d", "cafe\u0301"
NAMES = (NAME, ACCENT, "id", "word", 'say "hi"', "year", "date", "default", "2024", "order id", "größe (cm)", "a-b")
COLUMNS = {**{name: f"`{name}`" for name in NAMES}, "a`b": "`a``b`"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id", "`id`"),
        (" ID ", "`id`"),
        ("`Id`", "`id`"),
        ('"ID"', "`id`"),
        ('"say ""hi"""', '`say "hi"`'),
        ("`a``b`", "`a``b`"),
        ("year", "`year`"),
        ("lower(word)", "lower(word)"),
        ("year + 1", "year + 1"),
        ("concat(`a``b`, 'x')", "concat(`a``b`, 'x')"),
        ('concat(id, "-", word)', 'concat(id, "-", word)'),
        ('t."id" + 1 + id', 't."id" + 1 + id'),
        ("word collate utf8mb4_bin", "word collate utf8mb4_bin"),
        ("id/* 1 */+ 1", "id/* 1 */+ 1"),
        ("coalesce(date, '1970-01-01')", "coalesce(date, '1970-01-01')"),
        ("cast(`date` as datetime)", "cast(`date` as datetime)"),
        # names without quotes that have unusual characters
        ("order ID", "`order id`"),
        ("Größe (cm)", "`größe (cm)`"),
        ("a-b", "`a-b`"),
        ("default", "`default`"),
        ("2024", "`2024`"),
        (NAME, f"`{NAME}`"),
        (f"lower({NAME})", f"lower({NAME})"),
        (f"{ACCENT} + 1", f"{ACCENT} + 1"),
    ],
)
def test_columns_and_expressions_over_them(text: str, expected: str) -> None:
    assert column_references.column_sql("unique_key", text, COLUMNS) == expected


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("'id'", "k: 'id' reads no column"),
        ("1", "k: 1 reads no column"),
        ("1e5", "k: 1e5 reads no column"),
        ("0x6964", "k: 0x6964 reads no column"),
        ("null", "k: null reads no column"),
        ("uuid()", "k: uuid() reads no column"),
        ('lower("id")', 'k: "id" in lower("id") is a text for OceanBase, and not the column: write `id`, or \'id\''),
        ('id + lower(\n"word")', 'k: "word" in id + lower( "word") is a text'),
        ('concat(id, "say ""hi""")', 'k: "say "hi"" in concat'),
        ("'a' collate utf8mb4_bin", "k: 'a' collate utf8mb4_bin reads no column"),
        ("id (1)", "k: id (1) reads no column"),
        ("'a' -- id", "k: 'a' -- id reads no column"),
        ('"nope"', 'k: "nope": no such column'),
        ("`nope`", "k: `nope`: no such column"),
        ("nope", "k: nope: no such column"),
        ("", "k:  reads no column"),
        ("-- id", "k: -- id reads no column"),
        ("date '2024-01-01'", "k: date '2024-01-01' reads no column"),
    ],
)
def test_what_is_the_same_for_every_row_is_refused(text: str, error: str) -> None:
    with pytest.raises(DbtRuntimeError) as raised:
        column_references.column_sql("k", text, COLUMNS)

    assert error in str(raised.value.msg)
    assert "\n" not in str(raised.value.msg)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("nope", "k: nope: no such column in `s`.`t`: add it"),
        ("lower(nope)", "k: lower(nope) reads no column of `s`.`t`"),
    ],
)
def test_what_lacks_the_column_is_named(text: str, error: str) -> None:
    with pytest.raises(DbtRuntimeError) as raised:
        column_references.column_sql("k", text, COLUMNS, "`s`.`t`", "add it")

    assert error in str(raised.value.msg)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((" ID ", True), ('"id"', True), ("order ID", True), ("lower(`id`)", True), ("nope", False), ("'id'", False)),
        *((NAME, True), (f"lower({ACCENT})", True), (f"lower({NAME}x)", False)),
    ],
)
def test_columns_that_are_read(text: str, expected: bool) -> None:
    assert column_references.reads(text, COLUMNS) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id", "id"),
        ("`id`", "`id`"),
        ('"id"', "`id`"),
        ('"a`b"', "`a``b`"),
        ("cast(at as date)", "cast(at as date)"),
        ("year", "year"),
        ("order", "order"),
        (NAME, NAME),
        (f"lower({ACCENT})", f"lower({ACCENT})"),
        ("default", "default"),
        ("year + 1", "year + 1"),
        ("cast(date as datetime)", "cast(date as datetime)"),
        ("cast(`date` as datetime)", "cast(`date` as datetime)"),
        ("date_format(time, '%Y')", "date_format(time, '%Y')"),
    ],
)
def test_columns_that_are_not_known_yet(text: str, expected: str) -> None:
    assert column_references.column_sql("unique_key", text) == expected


@pytest.mark.parametrize(
    "text",
    ["'id'", "1", "1.5", "true", "timestamp '2024-01-01'", "cast('a' as date)", 'lower("id")', "1 + 1", "now()", " "],
)
def test_constants_are_refused_before_the_columns_are_known(text: str) -> None:
    with pytest.raises(DbtRuntimeError, match=r"event_time: .* reads no column"):
        column_references.column_sql("event_time", text)


@pytest.mark.parametrize(
    ("predicate", "is_refused"),
    [
        ('"id" > 1', True),
        ('word = "ID"', True),
        ('DBT_INTERNAL_DEST."id" > 1', False),
        ('word = "open"', False),
        ("word = 'id'", False),
        ("word = '\"id\"'", False),
        ("`id` > 1 and true", False),
    ],
)
def test_predicates_with_a_column_in_double_quotes(predicate: str, is_refused: bool) -> None:
    expected = pytest.raises(DbtRuntimeError, match="incremental_predicates: ") if is_refused else nullcontext()
    with expected:
        column_references.check_strings("incremental_predicates", predicate, COLUMNS)

"""The partitions that hold given values or rows, and the keys that partitions allow."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, datetime
from typing import Any

import pytest

from dbt.adapters.oceanbase.relation_configs import partition_keys, partition_overwrite, partition_values
from dbt.adapters.oceanbase.relation_configs.components import ConfigError
from dbt.adapters.oceanbase.relation_configs.partition_keys import UniqueKey
from dbt.adapters.oceanbase.relation_configs.partition_layout import Layout
from dbt.adapters.oceanbase.relation_configs.partition_scale import OF_COLUMN, scale_of


def layout(text: str) -> Layout:
    found = Layout.parse(f"partition by {text}")
    assert found is not None
    return found


DAYS = layout(
    "range columns(d)\n(partition `p1` values less than ('2024-01-02 00:00:00'),\n"
    "partition `p2` values less than ('2024-01-03 00:00:00'))"
)
OPEN = layout("range columns(n)\n(partition `p1` values less than (10),\npartition `pm` values less than (MAXVALUE))")
LIST = layout("list columns(c)\n(partition `pa` values in (NULL,'a'),\npartition `rest` values in (DEFAULT))")
TO_DAYS = layout(
    "range(to_days(d))\n(partition `p1` values less than (739252),\npartition `p2` values less than (739253))"
)
DIGITS = layout("list columns(c)\n(partition `p1` values in ('1'),\npartition `p01` values in ('01','-0','1.0'))")
YEARS = layout("list(year(d))\n(partition `p1` values in (2019),\npartition `rest` values in (DEFAULT))")
ALL_YEARS = layout("list(year(d))\n(partition `rest` values in (DEFAULT))")
DATES = layout("list columns(d)\n(partition `p1` values in ('2024-01-01'),\npartition `rest` values in (DEFAULT))")
TEXTS = layout(
    "range columns(c)\n(partition `p1` values less than ('100'),\npartition `p2` values less than ('200'),\n"
    "partition `pm` values less than (MAXVALUE))"
)
HASH = layout("hash(n)\n(partition `p0`,\npartition `p1`)")


@pytest.mark.parametrize(
    ("found", "wanted", "names"),
    [
        (DAYS, ["P2", "p1"], ["p2", "p1"]),
        (DAYS, ["2024-01-02"], ["p2"]),
        (DAYS, [date(2024, 1, 2), datetime(2024, 1, 2, 23), "2024-01-01 23:59:59"], ["p2", "p1"]),
        (DAYS, ["1999-01-01"], ["p1"]),
        (OPEN, [9, "10", -5], ["p1", "pm"]),
        (LIST, ["a", None], ["pa"]),
        (DIGITS, ["01", "1", "-0", "1.0"], ["p01", "p1"]),
        (LIST, [7], ["rest"]),
        (YEARS, [2019, "2020"], ["p1", "rest"]),
        (TO_DAYS, ["2024-01-02"], ["p2"]),
        (HASH, ["p1"], ["p1"]),
    ],
)
def test_named(found: Layout, wanted: list[Any], names: list[str]) -> None:
    assert partition_values.named(found, wanted, scale_of(found, "+00:00")) == names


@pytest.mark.parametrize(
    ("found", "value"),
    [
        (DAYS, "2024-01-03"),
        (DAYS, "p9"),
        (DAYS, 5),
        (LIST, "A"),
        (DIGITS, "0"),
        (DATES, 20240101),
        (TEXTS, "15"),
        (TEXTS, 15),
        (TEXTS, 300),
        (TEXTS, "2024-01-01"),
        (HASH, 1),
        (OPEN, "x"),
        (TO_DAYS, "2025-01-01"),
        (YEARS, "2019-05-01"),
        (ALL_YEARS, "2019-05-01"),
        (ALL_YEARS, "x"),
    ],
)
def test_not_named(found: Layout, value: Any) -> None:
    with pytest.raises(
        ConfigError, match=r"partitions: .* is no partition, and none is known to hold it: use (p|rest)"
    ):
        partition_values.named(found, [value], scale_of(found, "+00:00"))


@pytest.mark.parametrize(
    ("found", "value"),
    [(DAYS, "2024-01-02"), (DATES, "2024-01-01 00:00:00"), (DATES, "2024-01-01T00:00"), (DATES, "2024-01-02")],
)
def test_not_named_in_a_text_column(found: Layout, value: str) -> None:
    """Equal times are different texts, and texts do not have the order of times."""
    with pytest.raises(ConfigError, match="none is known to hold it"):
        partition_values.named(found, [value], OF_COLUMN, are_texts=True)


def test_named_in_a_text_column() -> None:
    assert partition_values.named(DATES, ["2024-01-01"], OF_COLUMN, are_texts=True) == ["p1"]
    assert partition_values.named(DIGITS, ["01", 1], OF_COLUMN, are_texts=True) == ["p01", "p1"]


@pytest.mark.parametrize("value", ["2024-01-01", date(2024, 1, 1), "2024-01-01 23:59:59"])
@pytest.mark.parametrize("found", [DAYS, TO_DAYS])
def test_a_value_before_the_first_period(found: Layout, value: Any) -> None:
    """The first partition holds the value, and other rows, so that it must be meant as a whole."""
    scale, first = scale_of(found, "+00:00"), datetime(2024, 1, 2)

    with pytest.raises(ConfigError, match=r"2024-01-01.* lies before the first period, .*: name the partition$"):
        partition_values.named(found, [value], scale, first)
    assert partition_values.named(found, ["p1"], scale, first) == ["p1"]
    assert partition_values.named(found, ["2024-01-02"], scale, first) == ["p2"]


def test_are_names() -> None:
    assert partition_values.are_names(DAYS, ["P1", "p2"])
    assert not partition_values.are_names(DAYS, ["p1", "2024-01-02"])


@pytest.mark.parametrize("kind", ["date", "DATETIME(6)", "timestamp", ""])
def test_columns_of_times(kind: str) -> None:
    partition_keys.check_time("`At`", {"at": kind} if kind else {"n": "int"})


@pytest.mark.parametrize("kind", ["varchar(10)", "text", "date_text"])
def test_columns_of_texts(kind: str) -> None:
    with pytest.raises(ConfigError, match=r"partition_by: `at` is .*, and its texts are compared as texts: cast it to"):
        partition_keys.check_time("`at`", {"AT": kind})


@pytest.mark.parametrize(
    ("found", "sql"),
    [
        (
            DAYS,
            "case when d is null or d < cast('2024-01-02 00:00:00' as datetime(6)) then 'p1' "
            "when d < cast('2024-01-03 00:00:00' as datetime(6)) then 'p2' else null end",
        ),
        (OPEN, "case when n is null or n < 10 then 'p1' else 'pm' end"),
        (LIST, "case when c is null then 'pa' when c in ('a') then 'pa' else 'rest' end"),
        (HASH, None),
        (layout("range columns(a, b)\n(partition `p` values less than (1,2))"), None),
        (layout("range columns(a)\n(partition `p` values less than (MAXVALUE))"), "'p'"),
    ],
)
def test_name_expression(found: Layout, sql: str | None) -> None:
    assert partition_values.name_expression(found) == sql


def test_rows_below_the_first_partition() -> None:
    assert (partition_values.name_expression(DAYS, "'2024-01-01'") or "").startswith(
        "case when d is null or d < '2024-01-01' then '' when d < cast('2024-01-02 00:00:00' as datetime(6)) then 'p1' "
    )


def test_texts_are_compared_as_by_the_table() -> None:
    assert partition_values.name_expression(LIST, collation="utf8mb4_bin") == (
        "case when c collate utf8mb4_bin is null then 'pa' when c collate utf8mb4_bin in ('a') then 'pa' "
        "else 'rest' end"
    )
    assert partition_values.name_expression(DAYS, collation="utf8mb4_bin") == (
        "case when d collate utf8mb4_bin is null or d collate utf8mb4_bin < '2024-01-02 00:00:00' then 'p1' "
        "when d collate utf8mb4_bin < '2024-01-03 00:00:00' then 'p2' else null end"
    )
    assert partition_values.name_expression(DATES, collation="binary") == (
        "case when cast(d as binary) in ('2024-01-01') then 'p1' else 'rest' end"
    )


def test_partition_of_a_period() -> None:
    first, second, third = datetime(2024, 1, 1), datetime(2024, 1, 2), datetime(2024, 1, 3)

    assert partition_values.period_partition(DAYS, second, third, OF_COLUMN) == "p2"
    assert partition_values.period_partition(DAYS, first, second, OF_COLUMN) is None
    assert partition_values.period_partition(DAYS, second, datetime(2024, 1, 2, 12), OF_COLUMN) is None
    assert partition_values.period_partition(HASH, second, third, OF_COLUMN) is None


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("range columns(`Order`, b)\n(partition `p` values less than (1,2))", ["order", "b"]),
        (
            "range(to_days(d)) subpartition by hash(id)\n(partition `p` values less than (1) (subpartition `s`))",
            ["d", "id"],
        ),
        ("hash(a + 1)\n(partition `p`)", []),
        ("range(to_days(e\u0301))\n(partition `p` values less than (1))", ["e\u0301"]),
        ("key(\u0e0a\u0e37\u0e48\u0e2d, a)\n(partition `p`)", ["\u0e0a\u0e37\u0e48\u0e2d", "a"]),
    ],
)
def test_partition_columns(text: str, columns: list[str]) -> None:
    assert partition_keys.partition_columns(layout(text)) == columns


@pytest.mark.parametrize(
    "key",
    [
        *("`id` DIV 10", "extract(year from `d`)", "year(d)*100+month(`d`)", "case `a` when 1 then 2 end"),
        "e\u0301 div \u0301e",
    ],
)
def test_expressions_keep_their_blanks(key: str) -> None:
    assert layout(f"range({key})\n(partition `p` values less than (1))").keys == (key,)


def test_the_scale_of_an_expression() -> None:
    assert scale_of(layout("range(to_days(e\u0301))\n(partition `p` values less than (1))"), "+00:00")
    assert not scale_of(layout("range(to_days(a + 1))\n(partition `p` values less than (1))"), "+00:00")


def test_keys() -> None:
    partition_keys.check(DAYS, [UniqueKey("the primary key", ("id", "`D`"))])

    with pytest.raises(ConfigError) as caught:
        partition_keys.check(DAYS, [UniqueKey("the primary key", ("id",))])
    assert caught.value.msg == (
        "partition_by: the primary key (id) is without d, and each unique key of a table must hold the "
        "columns of its partitions: add d to the key, or use another column for the partitions"
    )


def test_keys_of_configs() -> None:
    columns = {"id": {"name": "id", "constraints": [{"type": "not_null"}, {"type": "primary_key"}]}, "b": {"name": "b"}}
    constraints = [{"type": "unique", "columns": ["id", "b"]}, {"type": "foreign_key", "columns": ["id"]}]
    indexes = [
        {"columns": ["a", {"column": "b"}], "unique": True, "name": "u"},
        {"columns": ["a"]},
        {"columns": ["a"], "unique": True, "scope": "global"},
        {"columns": ["upper(a)"], "unique": True},
        {"columns": ["id desc", "`n`(3)"], "type": "unique"},
    ]

    assert list(partition_keys.of_contract(columns, constraints)) == [
        UniqueKey("the primary key", ("id",)),
        UniqueKey("the unique constraint", ("id", "b")),
    ]
    assert list(partition_keys.of_indexes(indexes)) == [
        UniqueKey("the unique index u", ("a", "b")),
        UniqueKey("the unique index on", ("id", "n")),
    ]
    assert list(partition_keys.of_indexes("no list")) == []
    assert list(partition_keys.of_primary_key("id")) == [UniqueKey("the primary key", ("id",))]


@pytest.mark.parametrize(
    ("config", "predicates", "is_refused"),
    [
        ({"partition_by": {"type": "hash", "column": "n", "count": 2}}, None, True),
        ({"partition_by": {"type": "key", "column": "n", "count": 2}}, [], True),
        (
            {"partition_by": {"type": "range columns", "columns": ["a", "b"], "partitions": [{"less_than": [1, 2]}]}},
            None,
            True,
        ),
        ({"partition_by": {"type": "hash", "column": "n", "count": 2}}, ["n > 1"], False),
        ({"partition_by": {"type": "hash", "column": "n", "count": 2}, "partitions": ["p0"]}, None, False),
        ({"partition_by": {"type": "hash", "column": "n", "count": 2}, "partitions": None}, None, False),
        ({"partition_by": {"type": "hash", "column": "n", "count": 2}, "predicates": None}, None, False),
        ({"partition_by": {"type": "hash", "column": "n", "count": 2}, "incremental_predicates": None}, None, False),
        ({"partition_by": {"type": "list", "expression": "a + b", "partitions": [{"in": [1]}]}}, None, False),
        ({"partition_by": {"column": "d", "every": "day", "from": "2024-01-01"}}, None, False),
        ({"partition_by": None}, None, False),
        ({}, None, False),
    ],
)
def test_check_overwrite(config: dict[str, Any], predicates: Any, is_refused: bool) -> None:
    """The first run refuses what no later run can do, and nothing else."""
    with pytest.raises(ConfigError, match="do not tell which partitions") if is_refused else nullcontext():
        partition_overwrite.check_overwrite(config, predicates)

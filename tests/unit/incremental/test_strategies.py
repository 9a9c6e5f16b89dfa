"""The form of a merge, the types of staged keys, the keys of a merge by join and the bounds of a batch."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from dbt.adapters.oceanbase.column import OceanBaseColumn
from dbt.adapters.oceanbase.incremental import strategies
from dbt.adapters.oceanbase.sql import event_time


def columns(**types: str) -> list[OceanBaseColumn]:
    return [OceanBaseColumn.from_catalog(name, kind) for name, kind in types.items()]


TARGET = columns(id="bigint", d="date", word="varchar(20)", raw="varbinary(20)")
PRIMARY = [("PRIMARY", "ID", 0)]


@pytest.mark.parametrize(
    ("rows", "keys", "predicates", "expected"),
    [
        (PRIMARY, ["`id`"], False, True),
        ([("u", "id", 0), ("u", "d", 0)], ["`d`", "`id`"], False, True),
        ([("u", "raw", 0)], ["`raw`"], False, True),
        ([], ["`id`"], False, False),
        (PRIMARY, ["`id`"], True, False),
        (PRIMARY, ["`id`", "`d`"], False, False),
        (PRIMARY, ["`d`"], False, False),
        (PRIMARY, ["id + 0"], False, False),
        ([*PRIMARY, ("u", "d", 0)], ["`id`"], False, False),
        ([("u", "id", 1)], ["`id`"], False, False),
        ([("u", "word", 0)], ["`word`"], False, False),
    ],
)
def test_merge_by_index_needs_the_key_as_the_only_unique_index(
    rows: list[tuple[str, str, int]], keys: list[str], predicates: bool, expected: bool
) -> None:
    indexes = strategies.unique_indexes(rows)

    assert strategies.can_merge_by_index(indexes, keys, TARGET, predicates) is expected


@pytest.mark.parametrize(
    ("strategy", "key", "expected"),
    [
        (None, "id", "delete+insert"),
        (None, None, "append"),
        ("default", ["id"], "delete+insert"),
        ("default", None, "append"),
        ("delete_insert", None, "delete+insert"),
        ("insert+overwrite", None, "insert_overwrite"),
        ("merge", "id", "merge"),
        ("upsert", "id", None),
    ],
)
def test_strategy_that_runs(strategy: str | None, key: Any, expected: str | None) -> None:
    assert strategies.built_in(strategy, key) == expected


@pytest.mark.parametrize(
    ("strategy", "key", "predicates", "expected"),
    [
        ("append", None, None, False),
        ("delete+insert", "id", None, True),
        ("delete+insert", "id", ["id > 1"], False),
        ("delete+insert", None, None, False),
        ("merge", None, None, False),
        ("insert_overwrite", None, None, True),
        ("insert_overwrite", None, "id > 1", False),
        ("microbatch", None, None, True),
        (None, "id", None, False),
    ],
)
def test_strategies_that_may_write_all_rows_again(
    strategy: str | None, key: str | None, predicates: Any, expected: bool
) -> None:
    assert strategies.can_write_all_rows(strategy, key, predicates) is expected


@pytest.mark.parametrize(
    ("staged", "kept", "changes"),
    [
        ("int", "bigint", False),
        ("varchar(5)", "varchar(9)", False),
        ("text", "varchar(9)", True),
        ("decimal(3,1)", "bigint", True),
        ("varchar(5)", "bigint", True),
        ("varchar(5)", "char(5)", True),
        ("decimal(5,2)", "decimal(5,1)", True),
        ("decimal(5,1)", "decimal(5,2)", True),
        ("decimal(5,1)", "decimal(6,2)", False),
        ("datetime(6)", "datetime", True),
        ("datetime", "date", True),
        ("varbinary(0)", "bigint", False),
    ],
)
def test_types_that_change_a_key(staged: str, kept: str, changes: bool) -> None:
    [own], [other] = columns(k=staged), columns(k=kept)

    assert own.may_change_in(other) is changes


def test_columns_of_the_key_change_type_and_all_of_them_for_an_expression() -> None:
    staged, target = columns(a="decimal(3,1)", b="varchar(9)", c="int"), columns(A="bigint", b="bigint", d="int")

    assert [(c.name, kind) for c, kind in strategies.key_type_changes(staged, target, ["`A`"])] == [("a", "bigint")]
    assert [c.name for c, _ in strategies.key_type_changes(staged, target, ["`A`", "b + 1"])] == ["a", "b"]


@pytest.mark.parametrize(
    ("offset", "expected"), [("+00:00", "12:00"), ("+08:00", "20:00"), ("-05:30", "06:30"), ("+13:00", "01:00")]
)
def test_a_time_is_shown_in_the_offset(offset: str, expected: str) -> None:
    moment = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)

    assert event_time.clock_at(moment, offset).strftime("%H:%M") == expected
    assert event_time.clock_at(moment.replace(tzinfo=None), offset) == event_time.clock_at(moment, offset)
    assert event_time.clock_at(moment.astimezone(timezone(timedelta(hours=3))), offset).tzinfo is None


def test_many_keys_are_not_all_shown() -> None:
    error = strategies.duplicate_keys("m", ["id"], [("x" * 99, 2), (None, 3), (1, 2), (2, 2)])

    assert "id = NULL in 3 rows" in str(error)
    assert "and more" in str(error)
    assert "x" * 70 not in str(error)
    assert len(str(error).strip().splitlines()) == 2, "a heading and one line"

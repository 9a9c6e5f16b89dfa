"""The config partition_by: its clause, how it is read back, changes of existing tables, and refusals."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from dbt.adapters.oceanbase.execution.errors import DatabaseError
from dbt.adapters.oceanbase.relation_configs.components import ConfigError
from dbt.adapters.oceanbase.relation_configs.partition_adapter import PartitionMixin
from dbt.adapters.oceanbase.relation_configs.partitions import CLOCK, Clock, Partitions
from dbt.adapters.oceanbase.relation_configs.table_definition import TableDefinition

NOW = datetime(2024, 3, 1, 12)
DAILY = {"column": "d", "every": "day", "from": "2024-02-29", "ahead": 1}
LISTED = {"type": "range columns", "column": "d"}
LIST = {"type": "list columns", "column": "c"}


def configured(value: Any, *, now: datetime = NOW, zone: str = "+00:00") -> Partitions:
    found = Partitions.from_config({"partition_by": value, CLOCK: Clock(now, zone)}.get)
    assert found is not None
    return found


def on_server(partition: str, options: str = "COMMENT = 'x'") -> Partitions:
    text = f"CREATE TABLE `t` (\n  `d` datetime DEFAULT NULL\n) {options}\n partition by {partition}"
    found = Partitions.from_server(TableDefinition.parse(text))
    assert found is not None
    return found


CLAUSES: dict[str, tuple[Any, str]] = {
    "rule": (
        DAILY,
        "partition by range columns (`d`) (partition `p20240229` values less than ('2024-03-01'), "
        "partition `p20240301` values less than ('2024-03-02'), partition `p20240302` values less than ('2024-03-03'))",
    ),
    "spelled as for BigQuery": (
        {"field": "d", "data_type": "timestamp", "granularity": "month", "from": date(2024, 3, 1), "ahead": 0},
        "partition by range columns (`d`) (partition `p202403` values less than ('2024-04-01'))",
    ),
    "hours": (
        {"column": "d", "every": "hour", "from": NOW, "ahead": "1 hour"},
        "partition by range columns (`d`) (partition `p2024030112` values less than ('2024-03-01 13:00:00'), "
        "partition `p2024030113` values less than ('2024-03-01 14:00:00'))",
    ),
    "days of an expression": (
        {"expression": "to_days(d)", "every": "year", "from": "2024-01-01", "ahead": 0},
        "partition by range (to_days(d)) (partition `p2024` values less than (739617))",
    ),
    "listed bounds": (
        {**LISTED, "partitions": [{"name": "old", "less_than": "2024-01-01"}, {"less_than": "maxvalue"}]},
        "partition by range columns (`d`) "
        "(partition `old` values less than ('2024-01-01'), partition `p1` values less than (maxvalue))",
    ),
    "two columns": (
        {"type": "range_columns", "columns": ["a", "d"], "partitions": [{"less_than": [1, date(2024, 1, 1)]}]},
        "partition by range columns (`a`, `d`) (partition `p0` values less than (1, '2024-01-01'))",
    ),
    "list": (
        {"type": "list", "column": "n", "partitions": [{"in": [1, -2, None]}, {"name": "rest", "in": "default"}]},
        "partition by list (`n`) (partition `p0` values in (1, -2, null), partition `rest` values in (default))",
    ),
    "list of rows": (
        {"type": "list columns", "columns": ["a", "b"], "partitions": [{"in": [[1, "x"], [2, "y"]]}]},
        "partition by list columns (`a`, `b`) (partition `p0` values in ((1, 'x'), (2, 'y')))",
    ),
    "key": (
        {"type": "key", "columns": ["a", "b"], "partitions": 2},
        "partition by key (`a`, `b`) (partition `p0`, partition `p1`)",
    ),
    "expression": (
        {"type": "range", "expression": "year(d)", "partitions": [{"name": "p", "less_than": 2024}]},
        "partition by range (year(d)) (partition `p` values less than (2024))",
    ),
    "template": (
        [{"type": "hash", "column": "a", "count": 1}, {**LIST, "partitions": [{"name": "s", "in": ["x"]}]}],
        "partition by hash (`a`) subpartition by list columns (`c`) "
        "subpartition template (subpartition `s` values in ('x')) (partition `p0`)",
    ),
}


@pytest.mark.parametrize("name", CLAUSES)
def test_clause(name: str) -> None:
    value, clause = CLAUSES[name]
    assert configured(value).clause() == clause


def test_seconds_in_the_time_zone_of_the_session() -> None:
    rule = {"expression": "unix_timestamp(`at`)", "every": "day", "from": "2024-01-01", "ahead": 0}
    listed = {"type": "range", "expression": "unix_timestamp(t)", "partitions": [{"less_than": "2024-01-02"}]}

    for value in (rule, listed):
        partitions = configured(value, now=datetime(2024, 1, 1), zone="+08:00")
        assert "values less than (1704124800))" in partitions.clause()
    assert configured(rule, zone="+08:00").config is not None
    present = on_server("range(unix_timestamp(`at`))\n(partition `p20240101` values less than (1704124800))")
    wanted = configured(rule, now=datetime(2024, 1, 2), zone="+08:00")
    assert present.change_to(wanted).statements == ()
    assert present.layout is not None
    [added] = wanted.missing(present.layout, None)
    assert (added.name, added.values) == ("p20240102", ("1704211200",))
    assert wanted.moment_of("1704211200") == datetime(2024, 1, 3)


def test_without_the_config() -> None:
    assert Partitions.from_config({}.get) is None
    assert Partitions.from_server(TableDefinition.parse("CREATE TABLE `t` (\n  `d` date\n) COMMENT = 'x'")) is None


REFUSED: dict[str, tuple[Any, str]] = {
    "a name": ("d", "'d' names columns only, .* write {type: key"),
    "names": (["a", "b"], "names columns only"),
    "three": ([{}, {}, {}], "is no mapping"),
    "a number": (5, "5 is no mapping"),
    "no type": ({"column": "d"}, "type is missing: write one of range, range columns"),
    "unknown type": ({"type": "interval", "column": "d"}, "type: 'interval' is not known"),
    "misspelt key": ({**DAILY, "retentoin": 1}, "retentoin is not known: write retention"),
    "given twice": ({**DAILY, "field": "d"}, "mean the same"),
    "no from": ({"column": "d", "every": "day"}, "from: is missing: write .* from: '2024-01-01'"),
    "bad from": ({**DAILY, "from": "spring"}, "from: 'spring' is no date"),
    "bad period": ({**DAILY, "every": "fortnight"}, "every: 'fortnight' is no period: use one of hour, day"),
    "hours of a date": ({**DAILY, "every": "hour", "data_type": "date"}, "a date has no hours"),
    "hours of days": ({"expression": "to_days(d)", "every": "hour", "from": NOW}, "a date has no hours"),
    "no time": ({"expression": "mod(d, 3)", "every": "day", "from": NOW}, "not known to be times"),
    "no time column": ({"type": "range", "column": "d", "every": "day", "from": NOW}, "not known to be times"),
    "no retention": ({**DAILY, "retention": 0}, "retention: 0 is too short"),
    "integers": ({"field": "i", "data_type": "int64", "range": {"start": 0}}, "range: .* partitions: \\[{less_than"),
    "rule and list": ({**DAILY, "partitions": []}, "partitions and every exclude each other"),
    "rule of a hash": ({**DAILY, "type": "hash"}, "every needs one column"),
    "retention of a list": ({**LISTED, "retention": 1, "partitions": [{"less_than": 1}]}, "retention belongs to"),
    "no count": ({"type": "hash", "column": "a"}, "count: type hash needs it"),
    "counted twice": ({"type": "hash", "column": "a", "partitions": 4, "count": 8}, "mean the same: remove one"),
    "too many": ({"type": "hash", "column": "a", "count": 8193}, "from 1 to 8192"),
    "no partitions": (LISTED, "needs a list of partitions: write .*less_than"),
    "no values": ({**LIST, "partitions": [{"less_than": 1}]}, "has no in: write {name: p1, in"),
    "order": ({**LISTED, "partitions": [{"less_than": "2024-02-01"}, {"less_than": "2024-01-01"}]}, "p1 does not hold"),
    "after all": ({**LISTED, "partitions": [{"less_than": "maxvalue"}, {"less_than": 1}]}, "one with maxvalue last"),
    "same name": ({**LISTED, "partitions": [{"name": "P1", "less_than": 1}, {"less_than": 2}]}, "two of the name p1"),
    "same value": ({**LIST, "partitions": [{"in": ["a"]}, {"in": ["b", "a"]}]}, "'a' is in two of them"),
    "same row": (
        {"type": "list columns", "columns": ["a", "b"], "partitions": [{"in": [[1, "x"], [2, "x"], [1.0, "x"]]}]},
        r"partitions: \(1, 'x'\) is in two of them",
    ),
    "same time": (
        {**LIST, "partitions": [{"in": ["2024-01-01"]}, {"in": ["2024-01-01 00:00:00"]}]},
        "partitions: '2024-01-01' is in two of them",
    ),
    "quote": ({**LIST, "partitions": [{"in": ["it's"]}]}, "has a quote"),
    "bound of text": (
        {"type": "range", "column": "n", "partitions": [{"less_than": "x"}]},
        "no value of the expression",
    ),
    "bounds": ({"type": "range columns", "columns": ["a", "b"], "partitions": [{"less_than": 1}]}, "1 bounds for 2"),
    "key of an expression": ({"type": "key", "expression": "a+1", "count": 2}, "key takes columns only"),
    "columns and expression": ({"type": "hash", "column": "a", "expression": "b", "count": 2}, "either column or"),
    "two columns of a hash": ({"type": "hash", "columns": ["a", "b"], "count": 2}, "hash takes one column"),
    "template of a rule": ({**DAILY, "subpartition_by": {"every": "day"}}, "every is not known"),
    "dynamic odd name": ({**DAILY, "column": "my day", "dynamic": True}, "dynamic: it needs a column whose name"),
    "dynamic hours of nothing": ({**DAILY, "dynamic": True, "ahead": 0}, "dynamic: it needs a column whose name"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    value, message = REFUSED[name]
    with pytest.raises(ConfigError, match=f"partition_by.*{message}") as caught:
        configured(value).clause()
    assert "\n" not in str(caught.value.msg)


# -- existing tables

STORED_DAYS = (
    "range columns(d)\n(partition `p20240229` values less than ('2024-03-01 00:00:00'),\n"
    "partition `p20240301` values less than ('2024-03-02 00:00:00'))"
)
STORED_LIST = "list columns(c)\n(partition `p0` values in ('b','a'))"

CHANGES: dict[str, tuple[str, Any, list[str]]] = {
    "up to date": (STORED_DAYS, DAILY, []),
    "other period": (
        STORED_DAYS,
        {**DAILY, "every": "month", "ahead": 0},
        [
            "alter table {relation} partition by range columns (`d`) (partition `p202402` values less than "
            "('2024-03-01'), partition `p202403` values less than ('2024-04-01'))"
        ],
    ),
    "maxvalue": (
        STORED_DAYS[:-1] + ",\npartition `pm` values less than (MAXVALUE))",
        {**DAILY, "from": "2024-03-02", "ahead": 0},
        ["alter table {relation} partition by range columns (`d`) (partition `p20240302` values less than "
         "('2024-03-03'))"],
    ),
    "same list": (STORED_LIST, {**LIST, "partitions": [{"in": ["a", "b"]}]}, []),
    "longer list": (
        STORED_LIST,
        {**LIST, "partitions": [{"in": ["a", "b"]}, {"name": "pz", "in": ["z"]}]},
        ["alter table {relation} add partition (partition `pz` values in ('z'))"],
    ),
    "other list": (
        STORED_LIST,
        {**LIST, "partitions": [{"in": ["a"]}]},
        ["alter table {relation} partition by list columns (`c`) (partition `p0` values in ('a'))"],
    ),
    "numbers as texts": (
        "list columns(c)\n(partition `p0` values in ('1','a'))",
        {**LIST, "partitions": [{"in": ["01", "a"]}]},
        ["alter table {relation} partition by list columns (`c`) (partition `p0` values in ('01', 'a'))"],
    ),
    "texts as numbers are written": (
        "list columns(c)\n(partition `p0` values in (1,-2.5,0))",
        {**LIST, "partitions": [{"in": ["1", "-2.5", "0"]}]},
        [],
    ),
    "rows": (
        "list columns(`a`,`b`,`d`)\n(partition `p0` values in ((1,'x','2024-01-01 00:00:00'),(-2,NULL,'2024-01-02')))",
        {
            "type": "list columns",
            "columns": ["a", "b", "d"],
            "partitions": [{"in": [[-2, None, "2024-01-02"], [1, "x", date(2024, 1, 1)]]}],
        },
        [],
    ),
    "other rows": (
        "list columns(`a`,`b`)\n(partition `p0` values in ((1,'x'),(2,'y')))",
        {"type": "list columns", "columns": ["a", "b"], "partitions": [{"in": [[1, "x"], [2, "z"]]}]},
        [
            "alter table {relation} partition by list columns (`a`, `b`) "
            "(partition `p0` values in ((1, 'x'), (2, 'z')))"
        ],
    ),
    "texts in the order of texts": (
        "range columns(c)\n(partition `p0` values less than ('100'),\npartition `p1` values less than ('20'))",
        {**LISTED, "column": "c", "partitions": [{"less_than": "100"}, {"less_than": "20"}]},
        [],
    ),
    "same bounds": (
        "range columns(`D`)\n(partition `P0` values less than (10.00),\npartition `p1` values less than (MAXVALUE))",
        {**LISTED, "partitions": [{"less_than": 10}, {"less_than": "MAXVALUE"}]},
        [],
    ),
    "same count": ("hash(id)\n(partition `p0`,\npartition `p1`)", {"type": "hash", "column": "ID", "count": 2}, []),
    "other count": (
        "hash(id)\n(partition `p0`,\npartition `p1`)",
        {"type": "hash", "column": "id", "count": 1},
        ["alter table {relation} partition by hash (`id`) (partition `p0`)"],
    ),
    "same template": (
        "hash(id) subpartition by range columns(d) subpartition template (\nsubpartition `s0` values less than "
        "('2024-01-01'))\n(partition `p0`)",
        [
            {"type": "hash", "column": "id", "count": 1},
            {**LISTED, "partitions": [{"name": "s0", "less_than": "2024-01-01"}]},
        ],
        [],
    ),
    "no template": (
        "hash(id) subpartition by hash(d)\n(partition `p0` (\nsubpartition `s0`))",
        {"type": "hash", "column": "id", "count": 1},
        ["alter table {relation} partition by hash (`id`) (partition `p0`)"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_changes(name: str) -> None:
    stored, value, statements = CHANGES[name]
    wanted = configured(value) if name != "maxvalue" else configured(value, now=datetime(2024, 3, 2))

    change = on_server(stored).change_to(wanted)

    assert list(change.statements) == statements
    assert list(change.blocking) == [statement for statement in statements if "{relation} partition by" in statement]
    assert change.refused is None


def test_a_table_without_partitions() -> None:
    added = configured({"type": "hash", "column": "a", "count": 1}).added()

    assert added.statements == added.blocking == ("alter table {relation} partition by hash (`a`) (partition `p0`)",)


@pytest.mark.parametrize("values", ["'it's','b'", "'a','b'x'", "'a\\b'", "now()"])
def test_values_that_cannot_be_read_back(values: str) -> None:
    present = on_server(f"list columns(c)\n(partition `p0` values in ({values}),\npartition `p1` values in ('z'))")

    assert present.layout is None
    refused = present.change_to(configured({**LIST, "partitions": [{"in": ["a"]}]})).refused
    assert refused is not None
    assert refused.startswith("partition_by: its partitions cannot be read back")


def test_missing() -> None:
    layout = on_server(STORED_DAYS).layout
    assert layout is not None

    assert [part.name for part in configured(DAILY).missing(layout, None)] == ["p20240302"]
    assert configured({**DAILY, "ahead": 0}).missing(layout, None) == []
    late = configured({**DAILY, "ahead": 0}).missing(layout, datetime(2024, 3, 3, 23, 59))
    assert late == configured({**DAILY, "ahead": 2}).missing(layout, None)
    assert configured({**DAILY, "every": "month"}).missing(layout, None) == []


def test_expired() -> None:
    wanted = configured({**DAILY, "retention": 1}, now=datetime(2024, 3, 2, 1))
    layout = on_server(STORED_DAYS).layout
    assert layout is not None

    assert [part.name for part in wanted.expired(layout)] == ["p20240229"]
    assert configured({**DAILY, "retention": 1, "dynamic": True}, now=datetime(2024, 3, 9)).expired(layout) == []
    monthly = configured({**DAILY, "every": "month", "retention": 1}, now=datetime(2025, 3, 9))
    assert monthly.expired(layout) == []


@pytest.mark.parametrize("code", [1507, 1735, 1205])
def test_partitions_that_another_run_drops_first(code: int) -> None:
    """They may go before this run counts their rows, or after that."""

    def fail(*_: Any) -> None:
        raise DatabaseError("gone", code)

    layout = on_server(STORED_DAYS).layout
    wanted = configured({**DAILY, "retention": 1}, now=datetime(2024, 3, 9))
    adapter: Any = SimpleNamespace(
        _rule_of=lambda _: wanted,
        _layout_of_rule=lambda *_: layout,
        _counts=fail,
        _forget_definition=lambda: None,
    )
    adapter._drop = partial(PartitionMixin._drop, adapter)

    expected = pytest.raises(DatabaseError) if code == 1205 else nullcontext()
    with expected:
        PartitionMixin.drop_expired_partitions(adapter, Any, {})


def test_bounds_of_another_column() -> None:
    """Partitions of another column or function may fit the rule, and say nothing about its rows."""
    retained = {**DAILY, "retention": 1}
    functions = (
        "range(to_days(d))\n(partition `p1` values less than (739312),\npartition `p2` values less than (739313))"
    )

    for value, stored in (({**retained, "column": "e"}, STORED_DAYS), (retained, functions)):
        wanted = configured(value, now=datetime(2024, 3, 9))
        layout = on_server(stored).layout
        assert layout is not None
        assert wanted.expired(layout) == []
        assert wanted.missing(layout, None) == []
        assert wanted.first_begin(layout) is None
        assert not wanted.is_as_configured(layout)
    same = on_server(STORED_DAYS).layout
    assert same is not None
    assert configured(retained).is_as_configured(same)
    listed = configured({**LISTED, "partitions": [{"less_than": "2024-01-01"}]})
    assert listed.is_as_configured(same)
    assert not configured({**LIST, "partitions": [{"in": ["a"]}]}).is_as_configured(same)


# -- the server's own rule

POLICY = (
    "DYNAMIC_PARTITION_POLICY = (ENABLE = TRUE, TIME_UNIT = 'DAY', PRECREATE_TIME = '1DAY', EXPIRE_TIME = '30DAY', "
    "TIME_ZONE = '+00:00', BIGINT_PRECISION = 'NONE')"
)
DYNAMIC = {**DAILY, "ahead": 1, "retention": 30, "dynamic": True}


def test_dynamic_clause() -> None:
    assert (
        configured(DYNAMIC, zone="+08:00")
        .clause()
        .startswith(
            "dynamic_partition_policy (enable = true, time_unit = 'day', precreate_time = '1 day', "
            "expire_time = '30 day', time_zone = '+08:00') partition by range columns (d) (partition "
        )
    )
    assert "time_zone = 'default'" in configured({**DYNAMIC, "data_type": "timestamp"}).clause()
    assert "expire_time = '-1'" in configured({**DYNAMIC, "retention": None}).clause()
    [probe] = configured(DYNAMIC).probes()
    assert probe.config == "partition_by: dynamic"
    assert configured(DAILY).probes() == ()


def test_dynamic_changes() -> None:
    stored = STORED_DAYS.removesuffix(")") + ",\npartition `P20240302` values less than ('2024-03-03 00:00:00'))"

    assert on_server(stored, POLICY).change_to(configured(DYNAMIC)).statements == ()
    [on] = on_server(stored).change_to(configured(DYNAMIC)).statements
    assert on.startswith("alter table {relation} dynamic_partition_policy (enable = true, time_unit = 'day', ")
    [off] = on_server(stored, POLICY).change_to(configured(DAILY)).statements
    assert off == "alter table {relation} dynamic_partition_policy (enable = false)"
    assert on_server(stored, POLICY.replace("TRUE", "FALSE")).change_to(configured(DAILY)).statements == ()
    [again] = on_server(stored, POLICY.replace("TRUE", "FALSE")).change_to(configured(DYNAMIC)).statements
    assert again == "alter table {relation} dynamic_partition_policy (enable = true)"
    [longer] = on_server(stored, POLICY).change_to(configured({**DYNAMIC, "retention": 60})).statements
    assert longer == "alter table {relation} dynamic_partition_policy (expire_time = '60 day')"
    refused = on_server(stored, POLICY).change_to(configured(DYNAMIC, zone="+08:00"))
    assert refused.refused == "partition_by: dynamic: the server cannot change its time_zone (1235)"
    assert refused.statements == ()

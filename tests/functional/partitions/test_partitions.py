"""The config partition_by: new tables, rolling forward, replaced partitions, and changes, as the catalog shows them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture
from dbt_common.exceptions import DbtRuntimeError
from support.outside import Database

from dbt.adapters.oceanbase.relation_configs import partition_adapter, partition_overwrite

TODAY = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)


def day(distance: int) -> str:
    """Return the date ``distance`` days from today."""
    return str((TODAY + timedelta(days=distance)).date())


def name(distance: int) -> str:
    """Return the name of the partition of the day ``distance`` days from today."""
    return f"p{day(distance).replace('-', '')}"


def names(*distances: int) -> list[str]:
    return [name(distance) for distance in distances]


def partitions(db: Database, table: str, column: str = "partition_name") -> list[str]:
    """Return what the catalog has in ``column`` for each partition of a table, in their order."""
    rows = db.rows(
        f"select distinct partition_ordinal_position, cast({column} as char) from information_schema.partitions "
        f"where table_schema = '{db.schema}' and table_name = '{table}' order by 1"
    )
    return [value for _, value in rows]


def below(db: Database, table: str) -> list[str]:
    """Return what the subpartitions of a table hold, as the catalog describes them."""
    rows = db.rows(
        "select distinct subpartition_ordinal_position, cast(subpartition_description as char) "
        f"from information_schema.partitions where table_schema = '{db.schema}' and table_name = '{table}' order by 1"
    )
    return [value for _, value in rows]


DAILY = "{'column': 'at', 'every': 'day', 'from': var('from', '" + day(-3) + "'), 'ahead': 2"
ROWS = "select id, at, n from {{ target.schema }}.input"

KINDS: dict[str, tuple[str, str, str, str]] = {
    "by_hash": ("{'type': 'hash', 'column': 'id', 'count': 3}", "HASH", "id", ""),
    "by_key": ("{'type': 'key', 'columns': ['id', 'word'], 'count': 2}", "KEY", "id", ""),
    "by_list": (
        "{'type': 'list columns', 'column': 'word', 'partitions': "
        "[{'name': 'ab', 'in': ['a', 'b', none]}, {'name': 'rest', 'in': 'default'}]}",
        "LIST COLUMNS",
        "word",
        "",
    ),
    "by_remainder": (
        "{'type': 'list', 'expression': 'n % 2', 'partitions': "
        "[{'name': 'even', 'in': [0]}, {'name': 'odd', 'in': [1, none]}]}",
        "LIST",
        "n % 2",
        "",
    ),
    "by_numbers": (
        "{'type': 'range', 'expression': 'year(at) * 100 + month(at)', 'partitions': "
        "[{'less_than': 202402}, {'name': 'later', 'less_than': 'maxvalue'}]}",
        "RANGE",
        "year(at) * 100 + month(at)",
        "",
    ),
    "by_days": (
        "{'expression': 'to_days(at)', 'every': 'month', 'from': '" + day(0) + "', 'ahead': 0}",
        "RANGE",
        "to_days(at)",
        "",
    ),
    "with_template": (
        "[{'type': 'range columns', 'columns': ['id', 'at'], 'partitions': [{'less_than': ['maxvalue', 'maxvalue']}]},"
        " {'type': 'hash', 'column': 'n', 'count': 2}]",
        "RANGE COLUMNS",
        "id",
        "HASH",
    ),
    "with_list_template": (
        "{'type': 'hash', 'column': 'id', 'count': 2, 'subpartition_by': {'type': 'list columns', 'column': 'word', "
        "'partitions': [{'name': 'ab', 'in': ['a', 'b']}, {'name': 'rest', 'in': 'default'}]}}",
        "HASH",
        "id",
        "LIST COLUMNS",
    ),
    "with_range_template": (
        "{'type': 'list columns', 'column': 'word', 'partitions': [{'in': ['a']}], 'subpartition_by': {'type': "
        "'range columns', 'column': 'at', 'partitions': [{'less_than': '2024-01-01'}, {'less_than': 'maxvalue'}]}}",
        "LIST COLUMNS",
        "word",
        "RANGE COLUMNS",
    ),
    "hourly": (
        "{'field': 'at', 'data_type': 'datetime', 'granularity': 'hour', 'from': '" + day(0) + "', 'ahead': '1 day'}",
        "RANGE COLUMNS",
        "at",
        "",
    ),
}
"""The config, and what the catalog has: method, expression, method of subpartitions."""

REFUSED = {
    "key_without_column": (
        "{{ config(materialized='table', partition_by=" + DAILY + "}) }} select 1 as id, now() as at",
        "partition_by: the primary key (id) is without at",
    ),
    "index_without_column": (
        "{{ config(materialized='table', indexes=[{'columns': ['id'], 'unique': true, 'name': 'by_id'}], partition_by="
        + DAILY
        + "}) }} select 1 as id, now() as at",
        "partition_by: the unique index by_id (id) is without at",
    ),
    "configured_key_without_column": (
        "{{ config(materialized='table', primary_key='id', partition_by=" + DAILY + "}) }} select 1 as id, now() as at",
        "partition_by: the primary key (id) is without at",
    ),
    "names_only": ("{{ config(materialized='table', partition_by=['id']) }} select 1 as id", "names columns only"),
    "no_partition": (
        "{{ config(materialized='table', partition_by={'type': 'list', 'column': 'id', 'partitions': [{'in': [2]}]}) }}"
        " select 1 as id",
        "partition_by: no partition holds one of the rows (1526)",
    ),
    "unknown_value": (
        "{{ config(materialized='incremental', incremental_strategy='insert_overwrite', partitions=['p9', "
        "'1999-01-01'], partition_by=" + DAILY + "}) }} " + ROWS,
        "partitions: 'p9' is no partition",
    ),
    "value_before_all": (
        "{{ config(materialized='incremental', incremental_strategy='insert_overwrite', partitions=['"
        + day(-4)
        + "'], partition_by="
        + DAILY
        + "}) }} "
        + ROWS,
        "lies before the first period",
    ),
    "value_with_others": (
        "{{ config(materialized='incremental', incremental_strategy='insert_overwrite', partitions=['"
        + day(-3)
        + "'], partition_by="
        + DAILY
        + "}) }} "
        + ROWS
        + " union all select 9, null, 0",
        f"1 rows in {name(-3)} of ",
    ),
    "texts": (
        "{{ config(materialized='incremental', partition_by="
        + DAILY
        + "}) }} select id, cast(at as char(30)) as at from {{ target.schema }}.input",
        "`at` is varchar(30), and its texts are compared as texts: cast it to datetime in the model",
    ),
    "too_far": (
        "{{ config(materialized='incremental', partition_by=" + DAILY + "}) }} "
        "select 1 as id, cast('{{ var('far', '" + day(0) + "') }}' as datetime) as at",
        "take more than the 8192 partitions",
    ),
    "below_the_first": (
        "{{ config(materialized='incremental', incremental_strategy='insert_overwrite', partition_by=" + DAILY + "}) }}"
        " select 1 as id, cast('{{ var('early', '" + day(0) + "') }}' as datetime) as at",
        "of the new rows have no `at` or one before",
    ),
}
"""Models, and a part of the error in the first or in a later run."""

WRONG = {
    **{
        name: (f"model {name} (models/{name}.sql): partition_by: ", REFUSED[name][1])
        for name in ("key_without_column", "index_without_column", "configured_key_without_column", "names_only")
    },
    "forgetful": (
        "snapshot forgetful (snapshots/history.yml): partition_by: ",
        "retention: it would drop current versions",
    ),
}
"""Nodes whose configs are wrong on any server, with the beginning of the line that says so, and a part of it."""

SCHEMA = """
models:
  - name: key_without_column
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: bigint, constraints: [{type: primary_key}]}
      - {name: at, data_type: datetime}
"""


class TestPartitions:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        kinds = {
            f"{each}.sql": f"{{{{ config(materialized='table', partition_by={config}) }}}} "
            "select 1 as id, 'a' as word, cast('" + day(0) + "' as datetime) as at, 2 as n"
            for each, (config, *_) in KINDS.items()
        }
        incremental = "{{ config(materialized='incremental', "
        return {
            "schema.yml": SCHEMA,
            "late.sql": "{{ config(materialized='table', partition_by="
            + DAILY
            + ", 'retention': 1}) }} "
            + ROWS
            + "; -- all",
            "moved.sql": incremental
            + "on_configuration_change='continue', incremental_strategy='append', partition_by={'column': "
            "var('moved', 'at'), 'every': 'day', 'from': '" + day(-3) + "', 'retention': var('retention', none)}) }} "
            "select id, at, at as changed_at from {{ target.schema }}.input",
            "words.sql": incremental + "incremental_strategy='insert_overwrite', partitions=var('replaced', none), "
            "partition_by={'type': 'list columns', 'column': 'word', "
            "'partitions': [{'name': 'small', 'in': ['a']}, {'name': 'capital', 'in': ['A']}]}) }} select id, "
            "word collate {{ var('collation', 'utf8mb4_bin') }} as word from {{ target.schema }}.letters",
            "codes.sql": incremental + "incremental_strategy='insert_overwrite', partitions=var('replaced', none), "
            "partition_by={'type': 'range columns', 'column': 'code', 'partitions': "
            "[{'less_than': '100'}, {'less_than': '20'}, {'name': 'rest', 'less_than': 'maxvalue'}]}) }} "
            "select code from {{ target.schema }}.codes_input",
            "noted.sql": incremental + "incremental_strategy='insert_overwrite', partitions=var('replaced', none), "
            "partition_by={'type': 'range columns', 'column': 'noted', 'partitions': "
            "[{'less_than': '2024-01-01 12:00:00'}, {'name': 'rest', 'less_than': 'maxvalue'}]}) }} "
            "select cast('2024-01-01T09:00' as char(20)) as noted",
            "noted_bytes.sql": incremental
            + "incremental_strategy='insert_overwrite', partitions=var('replaced', none), "
            "partition_by={'type': 'range columns', 'column': 'noted', 'partitions': "
            "[{'less_than': '2024-01-01 12:00:00'}, {'name': 'rest', 'less_than': 'maxvalue'}]}) }} "
            "select cast('2024-01-01T09:00' as binary) as noted",
            "times_as_texts.sql": incremental + "incremental_strategy='insert_overwrite', partition_by={'type': "
            "'list columns', 'column': 'at', 'partitions': [{'name': 'first', 'in': ['2024-01-01T09:00']}, "
            "{'name': 'other', 'in': 'default'}]}) }} select cast('2024-01-01t09:00' as char(20)) collate "
            "{{ var('collation', 'utf8mb4_bin') }} as at",
            "pairs.sql": incremental + "on_configuration_change='fail', partition_by={'type': 'list columns', "
            "'columns': ['country', 'kind', 'since'], 'partitions': [{'name': 'some', 'in': "
            "[['a b', -1, '2024-01-01'], ['c,(d', none, '2024-01-02 03:04:05']]}, {'name': 'rest', 'in': 'default'}], "
            "'subpartition_by': {'type': 'list columns', 'columns': ['kind', 'country'], "
            "'partitions': [{'in': [[1, 'x'], [2, 'y']]}, {'in': 'default'}]}}) }} "
            "select 'a b' as country, -1 as kind, cast('2024-01-01' as datetime) as since",
            "hours.sql": incremental
            + "incremental_strategy='append', partition_by={'column': 'at', 'every': 'hour', 'from': '"
            + day(0)
            + "', 'data_type': 'timestamp'}) }} select cast('"
            + day(0)
            + " 00:30:00' as datetime) as at",
            "rolled.sql": incremental
            + "incremental_strategy='append', partition_by="
            + DAILY
            + ", 'retention': var('retention', none)}) }} "
            + ROWS,
            **{
                f"{every}ly.sql": incremental
                + "incremental_strategy='append', partition_by={'column': 'at', 'every': '"
                + every
                + "', 'from': '"
                + begin
                + "', 'retention': var('retention', none)}) }} select cast('2023-12-31 23:59:59' as datetime) as at "
                "union all select cast('2024-01-01' as datetime)"
                for every, begin in (("month", "2023-11-15"), ("year", "2021-06-30"))
            },
            "changed.sql": incremental
            + "on_configuration_change=var('change', 'apply'), partition_by=var('changed', none), "
            "indexes=var('indexes', none)) }} "
            "select 1 as id, cast('" + day(0) + "' as datetime) as at limit {{ var('limit', 1) }}",
            "touched.sql": incremental
            + "incremental_strategy='insert_overwrite', partition_by="
            + DAILY
            + ", 'data_type': 'datetime'}) }} "
            + ROWS,
            "by_value.sql": incremental
            + "incremental_strategy='insert_overwrite', partitions=['"
            + day(-2)
            + "', '"
            + name(-3)
            + "'], partition_by="
            + DAILY
            + "}) }} "
            + ROWS
            + " where at < '"
            + day(-1)
            + "'",
            **kinds,
            **{f"{each}.sql": text for each, (text, _) in REFUSED.items()},
        }

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return {
            "history.yml": "snapshots: [{name: history, relation: ref('rolled'), config: {unique_key: id, "
            "strategy: check, check_cols: [n], partition_by: {column: dbt_valid_from, every: week, from: '"
            + day(-20)
            + "', ahead: 1}}}, {name: forgetful, relation: ref('rolled'), config: {unique_key: id, strategy: check, "
            "check_cols: [n], partition_by: {column: dbt_valid_from, every: week, from: '"
            + day(-20)
            + "', retention: 9}}}]"
        }

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {
            "days.csv": f"id,at\n1,{day(-9)}\n2,{day(0)}\n3,{day(9)}\n",
            "days.yml": "seeds: [{name: days, config: {column_types: {at: date}, partition_by: {column: at, "
            "every: day, from: '" + day(-2) + "', ahead: 1, retention: 7}}}]",
        }

    @pytest.fixture(scope="class")
    def stopped(self, project: Any, db: Database) -> str:
        """Return the error of a build of all nodes, some of which have wrong configs."""
        db.run("create table {s}.nothing_else (id int)")
        with pytest.raises(DbtRuntimeError) as error:
            run_dbt(["build"])
        assert set(db.relations()) == {"nothing_else"}
        return str(error.value)

    @pytest.fixture(scope="class", autouse=True)
    def first_run(self, project: Any, db: Database, stopped: str) -> dict[str, Any]:
        db.run(
            "create table {s}.input (id bigint, at datetime, n bigint)",
            f"insert into {{s}}.input values (1, '{day(-3)} 00:00:00', 0), (2, '{day(-2)} 23:59:59', 0), "
            f"(3, '{day(-1)}', 0), (4, '{day(0)} 12:00:00', 0), (5, '{day(4)}', 0)",
            "create table {s}.letters as select 1 as id, 'A' as word union all select 2, 'a'",
            "create table {s}.codes_input (code varchar(10))",
            "insert into {s}.codes_input values ('05'), ('15'), ('9')",
        )
        results = run_dbt(["build", "--exclude", *WRONG], expect_pass=False)
        return {result.node.name: result for result in results}

    @pytest.mark.parametrize("each", KINDS)
    def test_kinds(self, db: Database, first_run: dict[str, Any], each: str) -> None:
        _, method, expression, below = KINDS[each]
        assert first_run[each].status == "success", first_run[each].message
        assert partitions(db, each, "partition_method")[0] == method
        assert partitions(db, each, "partition_expression")[0].split(",")[0].strip("`") == expression
        assert (partitions(db, each, "subpartition_method")[0] or "") == below
        assert db.value(f"select count(*) from {{s}}.{each}") == 1

    def test_partitions_of_kinds(self, db: Database) -> None:
        assert partitions(db, "by_hash") == ["p0", "p1", "p2"]
        assert partitions(db, "by_list", "partition_description") == ["NULL,'a','b'", "DEFAULT"]
        assert sorted(partitions(db, "by_remainder")) == ["even", "odd"]
        assert "0" in partitions(db, "by_remainder", "partition_description")
        assert partitions(db, "by_numbers", "partition_description") == ["202402", "MAXVALUE"]
        assert partitions(db, "by_days") == [f"p{day(0)[:7].replace('-', '')}"]
        assert len(partitions(db, "hourly")) in range(25, 50)
        assert below(db, "with_list_template") == ["'a','b'", "DEFAULT"]
        assert below(db, "with_range_template") == ["'2024-01-01 00:00:00'", "MAXVALUE"]

    def test_a_new_table_has_partitions_for_all_rows(self, db: Database, first_run: dict[str, Any]) -> None:
        """The row in 4 days lies behind those that ``ahead`` makes, and two rows are past the retention of one day."""
        assert first_run["late"].status == "success", first_run["late"].message
        assert partitions(db, "late") == names(-1, 0, 1, 2, 3, 4)
        assert sorted(db.rows("select id from {s}.late")) == [(3,), (4,), (5,)]

    @pytest.mark.parametrize("each", WRONG)
    def test_wrong_configs_stop_the_run(self, stopped: str, each: str) -> None:
        """All of them are said at once, and no node is built: the fixture looks at the schema."""
        begin, part = WRONG[each]
        assert [part in line for line in stopped.splitlines() if line.strip().startswith(begin)] == [True]

    def test_refused(self, first_run: dict[str, Any]) -> None:
        assert first_run["no_partition"].status == "error"
        assert REFUSED["no_partition"][1] in first_run["no_partition"].message

    def test_refused_later(self, project: Any, db: Database, first_run: dict[str, Any]) -> None:
        arguments = ["run", "--select", "unknown_value", "too_far", "below_the_first"]
        arguments += ["value_before_all", "value_with_others", "texts"]
        values = f"{{far: '9999-12-31', early: '{day(-4)}'}}"
        results = run_dbt([*arguments, "--vars", values], expect_pass=False)

        for result in results:
            assert result.status == "error", result.node.name
            assert REFUSED[result.node.name][1] in result.message
        assert db.value("select count(*) from {s}.too_far") == 1
        assert db.value("select count(*) from {s}.value_before_all") == 5
        assert db.value("select count(*) from {s}.value_with_others") == 6
        assert [str(at) for (at,) in db.rows("select at from {s}.below_the_first")] == [f"{day(0)} 00:00:00"]

    def test_seed(self, project: Any, db: Database) -> None:
        """The seed has a row past the retention of 7 days, and one behind the partitions that are made ahead."""
        expected = names(*range(-2, 10))
        assert partitions(db, "days") == expected
        assert db.value("select count(*) from {s}.days") == 3
        run_dbt(["seed"])
        assert partitions(db, "days") == expected
        assert db.value("select count(*) from {s}.days") == 3

    def test_rolled_forward(self, project: Any, db: Database) -> None:
        assert partitions(db, "rolled") == names(*range(-3, 5))
        db.run(
            f"delete from {{s}}.rolled where at >= '{day(1)}'",
            f"alter table {{s}}.rolled drop partition {', '.join(names(1, 2, 3, 4))}",
            f"update {{s}}.input set at = '{day(6)}' where id = 5",
        )
        _, output = run_dbt_and_capture(["run", "--select", "rolled"])
        assert partitions(db, "rolled") == names(*range(-3, 7))
        assert f"added the partitions {', '.join(names(*range(1, 7)))}" in output

        arguments = ["run", "--select", "rolled", "--vars", "retention: 2"]
        _, output = run_dbt_and_capture(arguments)
        assert partitions(db, "rolled") == names(*range(-2, 7))
        assert f"dropped the partitions past the retention: {name(-3)} (3 rows)" in output
        assert db.value(f"select count(*) from {{s}}.rolled where at < '{day(-2)}'") == 0
        assert db.value(f"select count(*) from {{s}}.rolled where at < '{day(-1)}'") == 3

        db.run("delete from {s}.input where id = 1")
        _, output = run_dbt_and_capture(arguments)
        assert "the partitions" not in output
        db.run(
            f"insert into {{s}}.input values (1, '{day(-3)}', 0)",
            f"update {{s}}.input set at = '{day(4)}' where id = 5",
        )

    def test_rolled_forward_by_month_and_year(
        self, project: Any, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The runs take place on the last days of months and of a leap year, whatever the day of the test is."""

        def run_at(time: str, *arguments: str) -> str:
            began = datetime.fromisoformat(f"{time}+00:00")
            monkeypatch.setattr(partition_adapter, "get_invocation_started_at", lambda: began)
            _, output = run_dbt_and_capture(["run", "--select", "monthly", "yearly", *arguments])
            return " ".join(output.split())

        months, years = ["p202311", "p202312", "p202401", "p202402"], ["p2021", "p2022", "p2023", "p2024", "p2025"]
        run_at("2024-01-31 23:30:00", "--full-refresh")
        assert partitions(db, "monthly") == months
        assert partitions(db, "yearly") == years
        assert partitions(db, "monthly", "partition_description")[-2:] == [
            "'2024-02-01 00:00:00'",
            "'2024-03-01 00:00:00'",
        ]
        assert partitions(db, "yearly", "partition_description")[-1] == "'2026-01-01 00:00:00'"

        db.run("alter table {s}.monthly drop partition p202402", "alter table {s}.yearly drop partition p2025")
        output = run_at("2024-01-31 23:30:00")
        assert partitions(db, "monthly") == months
        assert partitions(db, "yearly") == years
        assert "`monthly`: added the partitions p202402" in output
        assert "`yearly`: added the partitions p2025" in output

        output = run_at("2024-12-31 23:30:00", "--vars", "retention: 1")
        assert partitions(db, "monthly") == ["p202411", "p202412", "p202501"]
        assert partitions(db, "yearly") == ["p2023", "p2024", "p2025"]
        assert "p202311 (0 rows), p202312 (3 rows), p202401 (3 rows), p202402 (0 rows)" in output
        assert "dropped the partitions past the retention: p2021 (0 rows), p2022 (0 rows)" in output
        assert [db.value(f"select count(*) from {{s}}.yearly partition ({each})") for each in years[2:]] == [3, 3, 0]

    def test_rows_without_a_value_are_kept(self, project: Any, db: Database) -> None:
        run_dbt(["run", "--select", "rolled", "--full-refresh"])
        db.run("insert into {s}.input values (6, null, 0)")
        _, output = run_dbt_and_capture(["run", "--select", "rolled", "--vars", "retention: 1"])

        assert partitions(db, "rolled") == [name(-3), *names(*range(-1, 5))]
        assert db.value("select count(*) from {s}.rolled where at is null") == 1
        assert f"{name(-3)} is past the retention and is kept, because 1 of its rows" in " ".join(output.split())
        assert f"dropped the partitions past the retention: {name(-2)} (2 rows)" in output
        db.run("delete from {s}.input where id = 6")
        _, output = run_dbt_and_capture(["run", "--select", "rolled", "--vars", "retention: 3"])
        assert "configuration changed" not in output
        assert partitions(db, "rolled") == [name(-3), *names(*range(-1, 5))]

    def test_partitions_of_another_column_are_left(self, project: Any, db: Database) -> None:
        """They fit the rule, and the rows that it means lie in any of them."""
        values = ["--vars", "{moved: changed_at, retention: 1}"]
        assert partitions(db, "moved") == names(*range(-3, 5))
        _, output = run_dbt_and_capture(["run", "--select", "moved", *values])
        assert "is not as configured" in " ".join(output.split())
        _, output = run_dbt_and_capture(
            ["run-operation", "oceanbase__roll_partitions", "--args", "{table: moved}", *values]
        )
        assert "is not divided as configured: run the node" in " ".join(output.split())
        assert partitions(db, "moved") == names(*range(-3, 5))
        assert db.value("select count(*) from {s}.moved") == 10

    def test_a_snapshot_that_would_lose_versions_does_not_roll(self, project: Any, db: Database) -> None:
        db.run("create table {s}.forgetful (id bigint)")
        arguments = ["run-operation", "oceanbase__roll_partitions", "--args", "{table: forgetful}"]
        _, output = run_dbt_and_capture(arguments, expect_pass=False)
        assert "partition_by: retention: it would drop current versions" in " ".join(output.split())
        db.run("drop table {s}.forgetful")

    @pytest.mark.parametrize("table", ["tuoched", "by_hash"])
    def test_a_table_that_does_not_roll(self, project: Any, table: str) -> None:
        arguments = ["run-operation", "oceanbase__roll_partitions", "--args", f"{{table: {table}}}"]
        _, output = run_dbt_and_capture(arguments, expect_pass=False)
        assert f"'{table}' is no model, seed or snapshot that has a table and a partition_by with every" in output

    def test_operations(self, project: Any, db: Database) -> None:
        run_dbt(["run", "--select", "touched", "--full-refresh"])
        db.run(
            f"delete from {{s}}.touched where at >= '{day(1)}'",
            f"alter table {{s}}.touched drop partition {', '.join(names(2, 3, 4))}",
        )
        run_dbt(["run-operation", "oceanbase__roll_partitions", "--args", "{table: touched}"])
        assert partitions(db, "touched") == names(*range(-3, 3))

        _, output = run_dbt_and_capture(["run-operation", "oceanbase__list_partitions", "--args", "{table: touched}"])
        assert f"{name(-3)}: less than ('{day(-2)} 00:00:00'): 1 rows" in output
        assert "has 6 partitions" in output

    def test_touched_partitions_are_replaced(self, project: Any, db: Database) -> None:
        run_dbt(["run", "--select", "touched", "by_value", "--full-refresh"])
        db.run(
            "create table {s}.whole_input as select * from {s}.input",
            f"update {{s}}.input set n = 7, at = '{day(-2)} 01:00:00' where id = 2",
            "delete from {s}.input where id > 2 or id = 1",
        )
        run_dbt(["run", "--select", "touched", "by_value"])

        assert sorted(db.rows("select id, n from {s}.touched")) == [(1, 0), (2, 7), (3, 0), (4, 0), (5, 0)]
        assert sorted(db.rows("select id, n from {s}.by_value")) == [(2, 7)]

        db.run("delete from {s}.input")
        run_dbt(["run", "--select", "touched"])
        assert db.value("select count(*) from {s}.touched") == 5
        db.run("insert into {s}.input select * from {s}.whole_input", "drop table {s}.whole_input")

        db.run(f"insert into {{s}}.touched values (8, null, 0), (9, '{day(-9)}', 0)")
        [result] = run_dbt(["run", "--select", "touched"], expect_pass=False)
        assert f"2 rows in {name(-3)} of " in result.message
        assert "have no `at` or one before" in result.message
        assert db.value("select count(*) from {s}.touched") == 7
        db.run("delete from {s}.touched where id > 7")
        run_dbt(["run", "--select", "touched"])
        assert db.value("select count(*) from {s}.touched") == 5

    def test_texts_are_compared_as_by_the_table(self, project: Any, db: Database) -> None:
        """The staged rows have a collation for which both letters are the same."""
        assert partitions(db, "words", "partition_description") == ["'A'", "'a'"]
        db.run("delete from {s}.letters where id = 1", "update {s}.letters set id = 3")
        run_dbt(["run", "--select", "words", "--vars", "collation: utf8mb4_general_ci"])
        assert sorted(db.rows("select id, word from {s}.words")) == [(1, "A"), (3, "a")]
        db.run("delete from {s}.letters")
        run_dbt(["run", "--select", "words", "--vars", "replaced: [a]"])
        assert db.rows("select id, word from {s}.words") == [(1, "A")]

    @pytest.mark.parametrize("table", ["noted", "noted_bytes"])
    def test_rows_in_a_range_of_texts_that_look_like_times(self, project: Any, db: Database, table: str) -> None:
        """As a time, the new row would be in p0, and the row of p0 would be lost."""
        earlier, new = ("2023", "2024-01-01T09:00") if table == "noted" else (b"2023", b"2024-01-01T09:00")
        db.run(f"insert into {{s}}.{table} values ('2023')")
        run_dbt(["run", "--select", table])
        assert sorted(db.rows(f"select noted from {{s}}.{table}")) == [(earlier,), (new,)]

    def test_listed_texts_that_look_like_times(self, project: Any, db: Database) -> None:
        """The staged rows have a collation for which the new row would be in the first partition."""
        db.run("insert into {s}.times_as_texts values ('2024-01-01T09:00')")
        run_dbt(["run", "--select", "times_as_texts", "--vars", "collation: utf8mb4_general_ci"])
        assert sorted(db.rows("select `at` from {s}.times_as_texts")) == [("2024-01-01T09:00",), ("2024-01-01t09:00",)]

    @pytest.mark.parametrize(
        ("table", "value", "name"),
        [
            ("codes", "15", "p1"),
            ("noted", "2024-01-01T09:00", "rest"),
            ("noted_bytes", "2024-01-01T09:00", "rest"),
        ],
    )
    def test_a_value_in_a_range_of_texts(
        self, project: Any, db: Database, first_run: dict[str, Any], table: str, value: str, name: str
    ) -> None:
        """Texts have the order of the column's collation, in which '15' is above '100', and 'T' is above a blank."""
        assert first_run[table].status == "success", first_run[table].message
        held = value if table != "noted_bytes" else value.encode()
        assert (held,) in db.rows(f"select * from {{s}}.{table} partition ({name})")
        before = sorted(db.rows(f"select * from {{s}}.{table}"))
        db.run("delete from {s}.codes_input")
        replaced = ["run", "--select", table, "--vars"]
        [result] = run_dbt([*replaced, f"replaced: ['{value}']"], expect_pass=False)

        assert f"partitions: '{value}' is no partition, and none is known to hold it: use p0" in result.message
        assert sorted(db.rows(f"select * from {{s}}.{table}")) == before
        if table == "codes":
            run_dbt([*replaced, f"replaced: [{name}]"])
            assert sorted(db.rows("select code from {s}.codes")) == [("05",), ("9",)]

    def test_a_list_of_several_columns_is_as_configured(
        self, project: Any, db: Database, first_run: dict[str, Any]
    ) -> None:
        assert first_run["pairs"].status == "success", first_run["pairs"].message
        run_dbt(["run", "--select", "pairs"])
        assert db.value("select count(*) from {s}.pairs partition (some)") == 2

    def test_hours_of_another_time_zone(self, project: Any, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        """The table is as a run with the time zone +08:00 has left it, so that the names are eight hours ahead."""
        today = name(0)
        db.run(
            "set time_zone = '+08:00'",
            "drop table {s}.hours",
            f"create table {{s}}.hours (at timestamp null) partition by range columns (at) "
            f"(partition {today}08 values less than ('{day(0)} 09:00:00'), "
            f"partition {today}09 values less than ('{day(0)} 10:00:00'))",
            f"insert into {{s}}.hours values ('{day(0)} 09:30:00')",
            "set time_zone = '+00:00'",
        )
        began = datetime.fromisoformat(f"{day(0)} 08:30:00+00:00")
        monkeypatch.setattr(partition_adapter, "get_invocation_started_at", lambda: began)
        for rows in (1, 2):
            run_dbt(["run", "--select", "hours"])
            assert partitions(db, "hours") == [f"{today}{hour:02}" for hour in range(10)]
            assert db.value(f"select count(*) from {{s}}.hours partition ({today}00)") == rows
            assert db.value(f"select count(*) from {{s}}.hours partition ({today}01)") == 1

    def test_changed(self, project: Any, db: Database) -> None:
        def run(config: str, mode: str = "apply", *, index: str = "", passes: bool = True) -> str:
            indexes = f"[{{columns: [{index}], unique: true}}]" if index else "null"
            values = f"{{changed: {config}, change: {mode}, indexes: {indexes}, limit: {0 if index else 1}}}"
            _, output = run_dbt_and_capture(["run", "--select", "changed", "--vars", values], expect_pass=passes)
            return " ".join(str(output).split())

        by_hash = "{type: hash, column: id, count: 2}"
        run(by_hash)
        assert partitions(db, "changed", "partition_method") == ["HASH", "HASH"]
        assert db.value("select count(*) from {s}.changed") == 2
        assert "configuration changed" not in run(by_hash)
        assert "is not as configured" in run(by_hash.replace("2", "3"), "fail", passes=False)
        assert len(partitions(db, "changed")) == 2
        assert "cannot write to the table until this has ended; with --full-refresh" in run(by_hash.replace("2", "3"))
        assert len(partitions(db, "changed")) == 3
        # the unique index moves to the column of the partitions at the same time
        db.run("delete from {s}.changed")
        run(by_hash.replace("2", "3"), index="id")
        run(f"{{column: at, every: month, from: '{day(0)}', ahead: 0}}", index="at")
        assert partitions(db, "changed") == [f"p{day(0)[:7].replace('-', '')}"]

    def test_snapshot(self, project: Any, db: Database) -> None:
        assert len(partitions(db, "history")) in (4, 5)
        db.run(f"alter table {{s}}.history drop partition {partitions(db, 'history')[-1]}")
        before = len(partitions(db, "history"))
        db.run("update {s}.rolled set n = n + 1")
        run_dbt(["snapshot", "--select", "history"])
        assert len(partitions(db, "history")) == before + 1
        assert db.value("select count(*) from {s}.history where dbt_valid_to is not null") > 0


class TestDocumented:
    """The models of docs/partitions.md."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        page = (Path(__file__).parents[3] / "docs" / "partitions.md").read_text()
        found = dict(re.findall(r'```sql title="models/([^"]+)"\n(.*?)```', page, re.DOTALL))
        assert len(found) == 3
        raw = "{{ config(materialized='view') }} select * from {{ target.schema }}.raw"
        return {**found, "raw_events.sql": raw}

    def test_models(self, project: Any, db: Database) -> None:
        db.run(
            "create table {s}.raw (id int, at datetime, kind varchar(10))",
            f"insert into {{s}}.raw values (1, '{day(0)} 10:00:00', 'click'), (2, '{day(-1)} 10:00:00', 'other')",
        )
        for _ in range(2):
            run_dbt(["run"])
            assert db.value("select count(*) from {s}.events") == 2
        assert partitions(db, "events")[-1] == name(3)
        assert partitions(db, "orders") == ["old", "new"]
        assert db.value("select id from {s}.kinds partition (web)") == 1


class TestDynamic:
    """The server's own rule, which only some kernels have."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "dynamic.sql": "{{ config(materialized='incremental', partition_by=" + DAILY + ", 'retention': 30, "
            "'dynamic': var('dynamic', true)}) }} select 1 as id, cast('" + day(0) + "' as datetime) as at"
        }

    def test_dynamic(self, project: Any, db: Database) -> None:
        has_it = bool(db.rows("show tables in oceanbase like 'DBA_OB_DYNAMIC_PARTITION_TABLES'"))
        [result] = run_dbt(["run"], expect_pass=has_it)
        if not has_it:
            assert "partition_by: dynamic: " in result.message
            assert "does not have it" in result.message
            assert "seekdb 1.3 has it: remove the config" in result.message
            return
        policy = (
            "select enable, time_unit, precreate_time, expire_time, time_zone "
            "from oceanbase.DBA_OB_DYNAMIC_PARTITION_TABLES "
            f"where table_name = 'dynamic' and database_name = '{db.schema}'"
        )
        assert db.rows(policy) == [("TRUE", "DAY", "2DAY", "30DAY", "+00:00")]
        db.run(f"alter table {{s}}.dynamic drop partition {name(2)}", "call dbms_partition.manage_dynamic_partition()")
        assert [each.lower() for each in partitions(db, "dynamic")] == names(*range(-3, 3))
        run_dbt(["run"])
        assert [each.lower() for each in partitions(db, "dynamic")] == names(*range(-3, 3))
        run_dbt(["run", "--vars", "dynamic: false"])
        assert db.rows(policy)[0][0] == "FALSE"


class TestBatches:
    """Microbatches whose period is that of a partition."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "events.sql": "{{ config(materialized='view', event_time='at') }} " + ROWS,
            "batched.sql": "{{ config(materialized='incremental', incremental_strategy='microbatch', "
            "event_time='\"at\"', batch_size='day', begin='"
            + day(-3)
            + "', lookback=2, partition_by="
            + DAILY
            + "}) }} "
            "select id, at, n from {{ ref('events') }}",
        }

    def test_batches(self, project: Any, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        db.run(
            "create table {s}.input (id bigint, at datetime, n bigint)",
            f"insert into {{s}}.input values (1, '{day(-3)}', 0), (2, '{day(-2)} 23:59:59', 0), (3, '{day(-1)}', 0), "
            f"(4, '{day(0)}', 0)",
        )
        run_dbt(["run"])
        assert partitions(db, "batched") == names(*range(-3, 3))
        db.run("update {s}.input set n = 1", f"insert into {{s}}.batched values (9, '{day(-1)} 05:00:00', 0)")
        monkeypatch.setattr(partition_overwrite, "LARGE_BATCH", 1)
        run_dbt(["run"])

        assert sorted(db.rows("select id, n from {s}.batched")) == [(1, 0), (2, 1), (3, 1), (4, 1)]
        written = Path(project.project_root) / "target" / "run" / "test" / "models" / "batched"
        texts = [file.read_text() for file in written.glob("*.sql")]
        assert len(texts) >= 3
        try:
            db.run("explain insert overwrite {s}.batched select * from {s}.batched")
        except Exception:  # the kernel has no such statement
            assert not any("insert overwrite" in text for text in texts)
        else:
            assert sum("insert overwrite" in text for text in texts) == 3

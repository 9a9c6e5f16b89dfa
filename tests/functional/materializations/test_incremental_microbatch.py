"""The strategy microbatch: batches of a period each, several at once, and failed ones run again alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture
from support.dbt_process import DbtProcess
from support.outside import Database, until

pytestmark = pytest.mark.any_kernel

BATCHED = (
    "materialized='incremental', incremental_strategy='microbatch', event_time='at', batch_size='day', "
    "begin=modules.datetime.datetime(2026, 1, 1)"
)
DAYS = ("--event-time-start", "2026-01-01", "--event-time-end", "2026-01-06")
SECOND_AND_THIRD = ("--event-time-start", "2026-01-02", "--event-time-end", "2026-01-04")
LONG = "a_model_with_a_name_that_is_as_long_as_the_server_takes_them_all"

FAILS = "{% if model.batch and model.batch.id == var('failing', '') %} no_such_column, {% endif %}"
CHANGES = (
    "{% if model.batch and model.batch.id > var('changed_after', '9') %} "
    "repeat('x', {{ model.batch.id }} % 100 * 3) as word, 1 as added "
    "{% else %} 'a' as word {% endif %}"
)
MODELS = {
    "plain.sql": f"{{{{ config({BATCHED}) }}}} select {FAILS} id, at, n from {{{{ ref('events') }}}}",
    "keyed.sql": f"{{{{ config({BATCHED}, unique_key='id') }}}} select id, at, n from {{{{ ref('events') }}}}",
    "narrowed.sql": (
        f"{{{{ config({BATCHED}, incremental_predicates=['n < 100']) }}}} select id, at, n from {{{{ ref('events') }}}}"
    ),
    "changing.sql": (
        f"{{{{ config({BATCHED}, on_schema_change='append_new_columns') }}}} "
        f"select id, at, {CHANGES} from {{{{ ref('events') }}}}"
    ),
    f"{LONG}.sql": f"{{{{ config({BATCHED}) }}}} select id, at from {{{{ ref('events') }}}}",
}


def events(db: Database, *, offset: str = "+00:00", kind: str = "datetime") -> None:
    """Create the input: event 10 d + h at hour h of day d, for 5 days and 5 hours, and one event without a time."""
    at = f"convert_tz(date_add('2026-01-01', interval 24 * d.n + h.n hour), '+00:00', '{offset}')"
    numbers = "(select 0 as n union all select 1 union all select 2 union all select 3 union all select 4)"
    db.run(
        "drop table if exists {s}.event_rows",
        f"create table {{s}}.event_rows (id bigint, at {kind}, n bigint)",
        f"insert into {{s}}.event_rows select 10 * (d.n + 1) + h.n, {at}, 0 from {numbers} d join {numbers} h",
        "insert into {s}.event_rows values (99, null, 0)",
    )


SOURCE = {
    "events.sql": "{{ config(materialized='view', event_time='at') }} select * from {{ target.schema }}.event_rows",
}


class TestBatches:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS | SOURCE

    @pytest.fixture(scope="class", autouse=True)
    def first_run(self, project: Any, db: Database) -> str:
        events(db)
        _, output = run_dbt_and_capture(["--debug", "run", *DAYS])
        return str(output)

    @pytest.fixture(autouse=True)
    def fresh(self, project: Any, db: Database, first_run: str) -> None:
        """Restore the rows that the first run has made in every model, and the input."""
        events(db)
        for name in ("plain", "keyed", "narrowed"):
            db.run(
                f"delete from {{s}}.{name}", f"insert into {{s}}.{name} select * from {{s}}.event_rows where id < 99"
            )

    def test_first_run(self, db: Database, first_run: str) -> None:
        for name in (file.removesuffix(".sql") for file in MODELS):
            assert db.value(f"select count(distinct id) from {{s}}.`{name}`") == 25, name
            assert db.value(f"select count(*) from {{s}}.`{name}`") == 25, name
        assert "is being run concurrently" in first_run
        assert not [name for name in db.relations() if "__dbt" in name]

    def test_only_the_batches_asked_for(self, project: Any, db: Database) -> None:
        db.run("update {s}.event_rows set n = 7", "insert into {s}.event_rows values (77, '2026-01-02 23:59:59', 7)")
        run_dbt(["run", "--select", "plain", *SECOND_AND_THIRD])

        found = db.rows("select date(at), n, count(*) from {s}.plain group by 1, 2 order by 1")
        assert [(str(day), n, count) for day, n, count in found] == [
            ("2026-01-01", 0, 5),
            ("2026-01-02", 7, 6),
            ("2026-01-03", 7, 5),
            ("2026-01-04", 0, 5),
            ("2026-01-05", 0, 5),
        ]

    def test_rows_missing_from_the_input_are_deleted(self, project: Any, db: Database) -> None:
        db.run("delete from {s}.event_rows where id between 20 and 29")
        run_dbt(["run", "--select", "plain", *SECOND_AND_THIRD])

        assert db.value("select count(*) from {s}.plain") == 20

    def test_a_key_that_moves(self, project: Any, db: Database) -> None:
        db.run("update {s}.event_rows set at = '2026-01-03 12:00:00', n = 1 where id = 10")
        run_dbt(["run", "--select", "keyed", "plain", *SECOND_AND_THIRD])

        assert [str(at) for (at,) in db.rows("select at from {s}.keyed where id = 10")] == ["2026-01-03 12:00:00"]
        assert db.value("select count(*) from {s}.plain where id = 10") == 2

    def test_predicates(self, project: Any, db: Database) -> None:
        db.run("update {s}.narrowed set n = 100 where id = 20")
        run_dbt(["run", "--select", "narrowed", *SECOND_AND_THIRD])

        assert sorted(db.rows("select n from {s}.narrowed where id = 20")) == [(0,), (100,)]
        assert db.value("select count(*) from {s}.narrowed") == 26

    @pytest.mark.parametrize(("flags", "count"), [((), 25), (("--full-refresh",), 20)], ids=["update", "full_refresh"])
    def test_failed_batches_alone_are_run_again(
        self, project: Any, db: Database, flags: tuple[str, ...], count: int
    ) -> None:
        db.run("update {s}.event_rows set n = 7")
        arguments = ["run", "--select", "plain", *flags, *DAYS, "--vars", "failing: '20260103'"]
        [result] = run_dbt(arguments, expect_pass=False)
        assert result.message == "PARTIAL SUCCESS (4/5)"
        assert db.value("select count(*) from {s}.plain where n = 7") == 20
        assert db.value("select count(*) from {s}.plain") == count
        assert not [name for name in db.relations() if "__dbt" in name]

        db.run("update {s}.event_rows set n = 8")
        [result] = run_dbt(["retry", "--vars", "failing: none"])
        assert len(result.batch_results.successful) == 5
        assert db.rows("select n, count(*) from {s}.plain group by n order by n") == [(7, 20), (8, 5)]

    def test_full_refresh(self, project: Any, db: Database) -> None:
        db.run("delete from {s}.event_rows where id < 20")
        run_dbt(["run", "--select", "plain", "--full-refresh", *DAYS])

        assert db.value("select min(id) from {s}.plain") == 20

    def test_lookback(self, project: Any, db: Database) -> None:
        """Without given times, the last batches until now are run: here the current one and the one before it."""
        db.run("update {s}.event_rows set at = utc_timestamp() where id = 10")
        db.run("update {s}.event_rows set at = utc_timestamp() - interval 1 day where id = 11")
        db.run("update {s}.event_rows set at = utc_timestamp() - interval 2 day where id = 12")
        run_dbt(["run", "--select", "plain"])

        assert db.rows("select id from {s}.plain where at > '2026-02-01' order by id") == [(10,), (11,)]

    def test_leftovers_of_a_killed_run(self, project: Any, db: Database) -> None:
        names = ("plain__dbt_tmp_20260102", "plain__dbt_tmp_20251231", "plain__dbt_tmp_20260102t05")
        others = ("plain__dbt_tmp_2", "other__dbt_tmp_20260102")
        for name in (*names, *others):
            db.run(f"create table {{s}}.{name} (id int)")
        run_dbt(["run", "--select", "plain", *SECOND_AND_THIRD])

        assert {name for name in db.relations() if "__dbt_tmp" in name} == set(others)
        for name in others:
            db.run(f"drop table {{s}}.{name}")

    def test_columns_change_in_batches_that_run_at_once(self, project: Any, db: Database) -> None:
        run_dbt(["run", "--select", "changing", *DAYS, "--vars", "changed_after: '20260101'"])

        found = db.rows("select date(at), length(word), added, count(*) from {s}.changing group by 1, 2, 3 order by 1")
        assert [(length, added, count) for _, length, added, count in found] == [
            (1, None, 5),
            *((3 * day, 1, 5) for day in range(2, 6)),
        ]


FIRST_DAY = datetime.now(timezone.utc).date() - timedelta(days=5)
DAILY = "select 0 as n" + "".join(f" union all select {day}" for day in range(1, 6))
OF_EACH_DAY = f"""
{{{{ config(materialized='view', event_time='at') }}}}
select d.n as id, date_add('{FIRST_DAY}', interval d.n day) as at from ({DAILY}) d
"""
FROM_THE_FIRST_DAY = f"""
{{{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at', batch_size='day',
  begin='{FIRST_DAY}') }}}}
select id, at from {{{{ ref('daily') }}}}
{{% if model.batch and model.batch.id == var('slow', '') %}} where sleep(20) = 0 {{% endif %}}
"""


class TestKilledFirstBuild:
    """After the third of six batches of a first build was killed, a plain run builds only the last batches.

    This is what docs/incremental.md says.
    """

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"daily.sql": OF_EACH_DAY, "batched.sql": FROM_THE_FIRST_DAY}

    @pytest.fixture
    def killed(self, project: Any, db: Database, start: Callable[..., DbtProcess]) -> None:
        """Kill a first build in its third batch, and run the model again."""
        db.run("drop table if exists {s}.batched")
        third = FIRST_DAY + timedelta(days=2)
        process = start("run", "--threads", "1", "--vars", f"slow: '{third:%Y%m%d}'")
        until(lambda: db.running(db.schema, "sleep(20)") or process.poll() is not None)
        assert process.poll() is None, process.output
        process.kill()
        assert self.built(db) == {0, 1}
        until(lambda: not db.running(db.schema, "sleep(20)"))

        run_dbt(["run"])
        assert {0, 1, 5} <= self.built(db)
        assert 2 not in self.built(db)

    @pytest.mark.parametrize(
        "remedy",
        [
            ("--full-refresh",),
            ("--event-time-start", f"{FIRST_DAY}", "--event-time-end", f"{FIRST_DAY + timedelta(days=6)}"),
        ],
        ids=["full_refresh", "times"],
    )
    def test_remedy(self, db: Database, killed: None, remedy: tuple[str, ...]) -> None:
        run_dbt(["run", *remedy])

        assert self.built(db) == {0, 1, 2, 3, 4, 5}
        assert db.value("select count(*) from {s}.batched") == 6

    @staticmethod
    def built(db: Database) -> set[int]:
        return {number for (number,) in db.rows("select id from {s}.batched")}


class TestOtherTimeZone:
    """Batches begin and end in UTC, while the columns have times in the profile's time zone."""

    zone = "+08:00"

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any]) -> dict[str, Any]:
        return {"type": "oceanbase", "threads": 4, "time_zone": self.zone, **server_profile}

    def create_input(self, db: Database) -> None:
        events(db, offset=self.zone)

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        quoted = ", ".join(f"{{name: {name}, columns: [{{name: at, quote: true}}]}}" for name in ("events", "within"))
        table = "{name: event_rows, config: {event_time: at}}"
        plain = MODELS["plain.sql"]
        return {
            "plain.sql": plain,
            "of_source.sql": plain.replace("ref('events')", "source('raw', 'event_rows')"),
            "of_ephemeral.sql": plain.replace("'events'", "'within'"),
            "within.sql": SOURCE["events.sql"].replace("'view'", "'ephemeral'"),
            **SOURCE,
            "inputs.yml": f"models: [{quoted}]\nsources: "
            f"[{{name: raw, schema: '{{{{ target.schema }}}}', tables: [{table}]}}]",
        }

    def test_batches_of_utc(self, project: Any, db: Database) -> None:
        self.create_input(db)
        names = ("plain", "of_source", "of_ephemeral")
        run_dbt(["run", *DAYS])
        assert [db.value(f"select count(*) from {{s}}.{name}") for name in names] == [25, 25, 25]
        db.run("update {s}.event_rows set n = 7")
        run_dbt(["run", "--select", *names, *SECOND_AND_THIRD])

        for name in names:
            found = db.rows(f"select floor(id / 10), n, count(*) from {{s}}.{name} group by 1, 2 order by 1")
            assert [(int(day), n, count) for day, n, count in found] == [
                (1, 0, 5),
                (2, 7, 5),
                (3, 7, 5),
                (4, 0, 5),
                (5, 0, 5),
            ], name


class TestWestOfUtc(TestOtherTimeZone):
    """The server converts a TIMESTAMP to the time zone of the session that reads it."""

    zone = "-03:30"

    def create_input(self, db: Database) -> None:
        events(db, kind="timestamp null")


class TestTimesAsText:
    """The begin of a batch equals the text ``2026-01-02``, with and without a time of day."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        rows = "{{ target.schema }}.text_rows"
        return {
            "inputs.sql": f"{{{{ config(materialized='view', event_time='at') }}}} select * from {rows}",
            "texts.sql": f"{{{{ config({BATCHED}) }}}} select id, at from {{{{ ref('inputs') }}}}",
        }

    def test_a_batch_that_is_run_again(self, project: Any, db: Database) -> None:
        db.run(
            "create table {s}.text_rows (id int, at varchar(30))",
            "insert into {s}.text_rows values (1, '2026-01-01'), (2, '2026-01-02'), (3, '2026-01-02T08:00:00')",
        )

        for _ in range(3):
            run_dbt(["run", "--event-time-start", "2026-01-01", "--event-time-end", "2026-01-03"])

        assert db.rows("select id from {s}.texts order by id") == [(1,), (2,), (3,)]


class TestReservedWord:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        batched, quoted, text = (BATCHED.replace("'at'", name) for name in ("'order'", "'\"order\"'", "'lower(1)'"))
        return {
            "ordered.sql": "{{ config(event_time='order') }} "
            "select id, at as `order` from {{ target.schema }}.event_rows",
            "batched.sql": f"{{{{ config({batched}) }}}} select id, `order` from {{{{ ref('ordered') }}}}",
            "quoted.sql": "{{ config(event_time='\"order\"') }} "
            "select id, at as `order` from {{ target.schema }}.event_rows",
            "batched_by_quoted.sql": f"{{{{ config({quoted}) }}}} select id, `order` from {{{{ ref('quoted') }}}}",
            "batched_by_text.sql": f"{{{{ config({text}) }}}} select id, `order` from {{{{ ref('ordered') }}}}",
            "text.sql": "{{ config(event_time='1') }} select id, at as `order` from {{ target.schema }}.event_rows",
            "batched_from_text.sql": f"{{{{ config({batched}) }}}} select id, `order` from {{{{ ref('text') }}}}",
        }

    def test_event_time_may_be_one(self, project: Any, db: Database) -> None:
        events(db)
        for _ in range(2):
            results, log = run_dbt_and_capture(["--debug", "run", *SECOND_AND_THIRD], expect_pass=False)
            assert db.value("select count(*) from {s}.batched") == 10
            assert db.value("select count(*) from {s}.batched_by_quoted") == 10
            failed = {result.node.name for result in results if result.status not in ("success", "partial success")}
            assert failed == {"batched_by_text", "batched_from_text"}
            assert "event_time: lower(1) reads no column" in log
            assert "event_time: 1 reads no column" in log

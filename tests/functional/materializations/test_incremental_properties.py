"""Each strategy gives the same rows as a few lines of Python, for any batches."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import pytest
from dbt.tests.util import run_dbt
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.outside import Database

DAYS, ROWS, BATCHES = 3, 60, 3
pytestmark = pytest.mark.any_kernel

LIMIT = 5
FIRST = datetime.datetime(2026, 1, 1)


class Row(NamedTuple):
    k: int | None
    w: str | None
    at: datetime.datetime | None
    v: int | None


class Batch(NamedTuple):
    """New rows, the same with one row per key (unless they are to be refused), and the days of the batches."""

    rows: list[Row]
    merged: list[Row]
    keyed: list[Row]
    days: range


Rows = list[Row]
Key = Callable[[Row], Any]


def by_two(row: Row) -> Any:
    return row.k, row.w


def by_number(row: Row) -> Any:
    return row.k


def small(row: Row) -> bool:
    return row.v is not None and row.v < LIMIT


def anything(_: Row) -> bool:
    return True


# -- the reference models: existing rows and a batch give new rows


def replaced(kept: Rows, new: Rows, may: Callable[[Row], bool] = anything) -> Rows:
    keys = {by_two(row) for row in new}
    return [row for row in kept if not (by_two(row) in keys and may(row))] + new


def merged(
    kept: Rows,
    new: Rows,
    key: Key = by_two,
    update: Callable[[Row, Row], Row] = lambda _, new: new,
    may: Callable[[Row], bool] = anything,
) -> Rows:
    staged = {key(row): row for row in new}
    if len(staged) < len(new):
        return kept
    matched = {key(row) for row in kept if key(row) in staged and may(row)}
    changed = [update(row, staged[key(row)]) if key(row) in staged and may(row) else row for row in kept]
    return changed + [row for row in new if key(row) not in matched]


def batched(kept: Rows, batch: Batch, key: Key | None = None) -> Rows:
    for day in batch.days:
        new = [row for row in batch.rows if is_on(row, day)]
        keys = {key(row) for row in new} if key else set()
        kept = [row for row in kept if not is_on(row, day) and not (key and key(row) in keys)] + new
    return kept


def is_on(row: Row, day: int) -> bool:
    return row.at is not None and (row.at - FIRST).days == day


REFERENCES: dict[str, tuple[str, Callable[[Rows, Batch], Rows]]] = {
    "appended": ("incremental_strategy='append'", lambda kept, batch: kept + batch.rows),
    "replaced": ("unique_key=['k', 'w']", lambda kept, batch: replaced(kept, batch.rows)),
    "replaced_small": (
        f"unique_key=['k', 'w'], incremental_predicates=['v < {LIMIT}']",
        lambda kept, batch: replaced(kept, batch.rows, small),
    ),
    "overwritten": ("incremental_strategy='insert_overwrite'", lambda _, batch: batch.rows),
    "overwritten_small": (
        f"incremental_strategy='insert_overwrite', incremental_predicates='v < {LIMIT}'",
        lambda kept, batch: [row for row in kept if not small(row)] + batch.rows,
    ),
    "merged": ("incremental_strategy='merge', unique_key=['k', 'w']", lambda kept, batch: merged(kept, batch.merged)),
    "merged_value": (
        "incremental_strategy='merge', unique_key=['k', 'w'], merge_update_columns=['v']",
        lambda kept, batch: merged(kept, batch.merged, update=lambda old, new: old._replace(v=new.v)),
    ),
    "merged_small": (
        f"incremental_strategy='merge', unique_key=['w', 'k'], incremental_predicates=['v < {LIMIT}']",
        lambda kept, batch: merged(kept, batch.merged, may=small),
    ),
    "merged_keyed": (
        "incremental_strategy='merge', unique_key='k'",
        lambda kept, batch: merged(kept, batch.keyed, by_number),
    ),
    "merged_indexed": (
        "incremental_strategy='merge', unique_key='k', contract={'enforced': true}, on_schema_change='fail'",
        lambda kept, batch: merged(kept, batch.keyed, by_number),
    ),
    "batched": ("incremental_strategy='microbatch'", batched),
    "batched_keyed": (
        "incremental_strategy='microbatch', unique_key='k', concurrent_batches=false",
        lambda kept, batch: batched(kept, batch, by_number),
    ),
}
TIMES = "event_time='at', batch_size='day', begin=modules.datetime.datetime(2026, 1, 1)"
CONTRACT = """
models:
  - name: merged_indexed
    columns:
      - {name: k, data_type: bigint, constraints: [{type: not_null}, {type: primary_key}]}
      - {name: w, data_type: varchar(20)}
      - {name: at, data_type: datetime}
      - {name: v, data_type: bigint}
"""


def table_of(name: str) -> str:
    """Return the field of a batch that a model reads."""
    if name.startswith("merged"):
        return "keyed" if name in ("merged_keyed", "merged_indexed") else "merged"
    return "rows"


def source_of(name: str) -> str:
    return "{{ ref('events') }}" if name.startswith("batched") else f"{{{{ target.schema }}}}.new_{table_of(name)}"


# -- batches with few keys, texts that a collation takes for one, NULL in every column, and rows of any day

TEXTS = [None, "", "a", "A", "a ", "\N{LATIN SMALL LETTER A WITH ACUTE}", "b"]


def any_row(random: Random) -> Row:
    at = FIRST + datetime.timedelta(hours=random.randint(-24, DAYS * 24 + 12))
    number, value = random.choice([None, *range(7)]), random.choice([None, *range(10)])
    return Row(number, random.choice(TEXTS), random.choice([at, at, at, None]), value)


@st.composite
def batches(draw: st.DrawFn, number: int) -> Batch:
    random = draw(st.randoms(use_true_random=True))
    rows = [any_row(random) for _ in range(ROWS)]
    single = {by_two(row): row for row in rows}
    keyed = list({row.k: row for row in rows if row.k is not None}.values())
    if not number:
        # the first batch builds the tables, one of them with a primary key
        return Batch(rows, list(single.values()), keyed, range(DAYS))
    start = random.randrange(DAYS)
    days = range(start, random.randint(start + 1, DAYS))
    is_refused = random.random() < 1 / 3
    return Batch(rows, rows if is_refused else list(single.values()), keyed + keyed[:is_refused], days)


def stored(db: Database, batch: Batch) -> None:
    with db.connection.cursor() as cursor:
        for field in ("rows", "merged", "keyed"):
            cursor.execute(f"delete from `{db.schema}`.new_{field}")
            cursor.executemany(f"insert into `{db.schema}`.new_{field} values (%s, %s, %s, %s)", getattr(batch, field))


def in_order(rows: Any) -> list[tuple[Any, ...]]:
    return sorted(map(tuple, rows), key=repr)


@pytest.mark.takes(60)
class TestAnyBatches:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        events = "{{ config(materialized='view', event_time='at') }} select * from {{ target.schema }}.new_rows"
        select = "select k, w, at, v from"
        config_of = "materialized='incremental', " + TIMES
        return {
            **{
                f"{name}.sql": f"{{{{ config({config_of}, {config}) }}}} {select} {source_of(name)}"
                for name, (config, _) in REFERENCES.items()
            },
            "events.sql": events,
            "schema.yml": CONTRACT,
        }

    @settings(
        max_examples=2,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(history=st.tuples(*(batches(number) for number in range(BATCHES))))
    def test_rows(self, project: Any, db: Database, history: tuple[Batch, ...]) -> None:
        columns = "(k bigint, w varchar(20), at datetime, v bigint)"
        db.run(*(f"create table if not exists {{s}}.new_{field} {columns}" for field in ("rows", "merged", "keyed")))
        rows: dict[str, Rows] = {name: [] for name in REFERENCES}
        for number, batch in enumerate(history):
            stored(db, batch)
            start, stop = (
                str((FIRST + datetime.timedelta(days=day)).date()) for day in (batch.days[0], batch.days[-1] + 1)
            )
            again = [] if number else ["--full-refresh"]
            results = run_dbt(["run", "--event-time-start", start, "--event-time-end", stop, *again], expect_pass=None)
            for result in results:
                name = result.node.name
                if name not in REFERENCES:
                    continue
                new = getattr(batch, table_of(name))
                refused = name.startswith("merged") and number and self.has_duplicates(name, new)
                if number or name.startswith("batched"):
                    rows[name] = REFERENCES[name][1](rows[name], batch)
                else:
                    rows[name] = new
                assert result.status == ("error" if refused else "success"), (name, result.message)
                assert in_order(db.rows(f"select k, w, at, v from {{s}}.{name}")) == in_order(rows[name]), name
                if number and not refused and not name.startswith("batched"):
                    assert result.adapter_response["rows_affected"] == len(new), name

    def has_duplicates(self, name: str, rows: Rows) -> bool:
        key = by_number if table_of(name) == "keyed" else by_two
        return len({key(row) for row in rows}) < len(rows)

"""The history of any sequence of changes equals that of a model in Python."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.outside import Database

pytestmark = pytest.mark.any_kernel

STEPS = 4
WORDS = (None, "", "a", "A", "á", "a ", "b")
KEYS = tuple(product((None, "", "0", "a", "A", "a "), (None, -1, 0, 1, 2)))

DAYS = st.integers(1, 9).map(lambda day: datetime.datetime(2020, 1, day))
ROWS = st.tuples(st.sampled_from(WORDS), st.sampled_from((None, 0, 1.5, -1)), DAYS)
LIVES = st.lists(st.none() | ROWS, min_size=STEPS, max_size=STEPS)
"""What a source says of one key, snapshot by snapshot: its row, or that there is none."""

HOW = {
    "checked": "strategy='check', check_cols=['word', 'amount']",
    "timed": "strategy='timestamp', updated_at='changed'",
}
MODES = ("ignore", "invalidate", "new_record")

Moment = datetime.datetime | int | None
"""A time of the source, or the number of the snapshot that took its own time, or open."""


@dataclass(frozen=True)
class Version:
    """A row of a history."""

    word: str | None
    amount: float | None
    since: Moment
    until: Moment = None
    is_deletion: bool = False
    seen: datetime.datetime | None = field(default=None, compare=False, repr=False)
    """The source's time of the change, which a version may begin after."""


def history(life: list[Any], how: str, mode: str) -> list[Version]:
    """Return the versions of one key, the oldest first."""
    versions: list[Version] = []
    for step, row in enumerate(life):
        latest = versions[-1] if versions and versions[-1].until is None else None
        if row is None:
            if latest and not latest.is_deletion and mode != "ignore":
                versions[-1] = replace(latest, until=step)
                if mode == "new_record":
                    versions.append(Version(latest.word, latest.amount, step, is_deletion=True))
            continue
        word, amount, changed = row
        is_newer = latest is not None and latest.seen is not None and latest.seen < changed
        # times of the source are before every snapshot: a row that comes back begins with the snapshot that sees it
        is_after_snapshot = latest is not None and isinstance(latest.since, int)
        moment = changed if how == "timed" and not is_after_snapshot else step
        is_other = latest is not None and (latest.word, latest.amount) != (word, amount)
        if latest and not (latest.is_deletion or (is_newer if how == "timed" else is_other)):
            continue
        if latest:
            versions[-1] = replace(latest, until=moment)
        versions.append(Version(word, amount, moment, seen=changed))
    return versions


@pytest.mark.takes(40)
@pytest.mark.usefixtures("project")
class TestAnyHistory:
    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        text = (
            "{{% snapshot {how}_{mode} %}}"
            "{{{{ config(unique_key=['k', 'n'], hard_deletes='{mode}', {config}) }}}}"
            "select * from {{{{ target.schema }}}}.facts {{% endsnapshot %}}"
        )
        return {
            f"{how}_{mode}.sql": text.format(how=how, mode=mode, config=HOW[how]) for how, mode in product(HOW, MODES)
        }

    @settings(
        max_examples=3,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],  # a failing example is not simplified, since each try takes seconds
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(lives=st.lists(LIVES, min_size=len(KEYS), max_size=len(KEYS)))
    def test_history(self, db: Database, lives: list[list[Any]]) -> None:
        names = [f"{how}_{mode}" for how, mode in product(HOW, MODES)]
        db.run(
            *(f"drop table if exists {{s}}.{name}" for name in ("facts", *names)),
            "create table {s}.facts (k varchar(5), n int, word varchar(5), amount decimal(5, 2), changed datetime(6))",
        )
        ends = [db.value("select utc_timestamp(6)")]
        for step in range(STEPS):
            db.run("delete from {s}.facts")
            rows = [(*key, *life[step]) for key, life in zip(KEYS, lives, strict=True) if life[step]]
            with db.connection.cursor() as cursor:
                cursor.executemany(f"insert into `{db.schema}`.facts values (%s, %s, %s, %s, %s)", rows)
            run_dbt(["--quiet", "snapshot"])
            ends.append(db.value("select utc_timestamp(6)"))

        for how, mode in product(HOW, MODES):
            found = sorted(versions(db, f"{how}_{mode}", ends), key=repr)
            expected = [(key, each) for key, life in zip(KEYS, lives, strict=True) for each in history(life, how, mode)]
            assert found == sorted(expected, key=repr), (how, mode)


def versions(db: Database, name: str, ends: list[datetime.datetime]) -> Iterator[tuple[Any, Version]]:
    """Return keys and versions of a snapshot; ``ends``: the time before the first snapshot, and after each."""

    def moment(time: datetime.datetime | None) -> Moment:
        if time is None or time < ends[0]:
            return time
        return next(number for number, end in enumerate(ends[1:]) if time <= end)

    deleted = "dbt_is_deleted" if name.endswith("new_record") else "'False'"
    columns = f"k, n, word, amount, dbt_valid_from, dbt_valid_to, {deleted}"
    for k, n, word, amount, since, until, is_deletion in db.rows(f"select {columns} from {{s}}.{name}"):
        number = None if amount is None else float(amount)
        yield (k, n), Version(word, number, moment(since), moment(until), is_deletion == "True")

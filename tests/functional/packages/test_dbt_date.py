"""The shims of dbt_date, found without any configuration and compared with the calendar and the zones of Python.

A small package of the same name stands for the real one: its macros dispatch by the same names and arguments. Its own
forms, which write ``default``, show that a shim was not found.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support import zones
from support.outside import Database

DISPATCHED = {
    "convert_timezone": "column, target_tz=none, source_tz=none",
    "date_part": "datepart, date",
    "date_spine": "datepart, start_date, end_date",
    "day_name": "date, short=true, language='default'",
    "from_unixtimestamp": "epochs, format='seconds'",
    "month_name": "date, short=true, language='default'",
    "week_end": "date",
    "week_start": "date",
}
"""Macros of the package with their arguments."""

LOCALIZED = """
{% macro day_name_localized(date, short, language) %}concat('day {{ language }} ', {{ date }}){% endmacro %}
{% macro month_name_localized(date, short, language) %}concat('month {{ language }} ', {{ date }}){% endmacro %}
"""


def package() -> dict[str, str]:
    """Return the macros of the package by file."""
    files = {"localized": LOCALIZED}
    for name, arguments in DISPATCHED.items():
        names = ", ".join(argument.split("=")[0] for argument in arguments.split(", "))
        files[name] = (
            f"{{% macro {name}({arguments}) %}}"
            f"{{{{ adapter.dispatch('{name}', 'dbt_date')({names}) }}}}{{% endmacro %}}\n"
            f"{{% macro default__{name}({arguments}) %}}'default'{{% endmacro %}}\n"
        )
    return files


FIRST_DAY, LAST_DAY = date(2019, 12, 25), date(2022, 1, 10)

PARTS = {
    "year": lambda day: day.year,
    "quarter": lambda day: (day.month + 2) // 3,
    "MONTH": lambda day: day.month,
    "week": lambda day: int(day.strftime("%U")),
    "isoweek": lambda day: day.isocalendar()[1],
    "weekiso": lambda day: day.isocalendar()[1],
    "isoyear": lambda day: day.isocalendar()[0],
    "day": lambda day: day.day,
    "dayofweek": lambda day: day.isoweekday() % 7,
    "dow": lambda day: day.isoweekday() % 7,
    "isodow": lambda day: day.isoweekday(),
    "day_of_week": lambda day: day.isoweekday(),
    "dayofyear": lambda day: day.timetuple().tm_yday,
    "doy": lambda day: day.timetuple().tm_yday,
}
"""Parts of a date, with what they are in Python."""

WEEKS = {
    "week_start": lambda day: day - timedelta(days=day.isoweekday() % 7),
    "week_end": lambda day: day - timedelta(days=day.isoweekday() % 7) + timedelta(days=6),
}

NAMES = {
    "day_name(DAY)": lambda day: day.strftime("%a"),
    "day_name(DAY, short=false)": lambda day: day.strftime("%A"),
    "month_name(DAY)": lambda day: day.strftime("%b"),
    "month_name(DAY, short=false)": lambda day: day.strftime("%B"),
    "day_name(DAY, false, 'nl')": lambda day: f"day nl {day}",
    "month_name(DAY, true, 'de')": lambda day: f"month de {day}",
}

MOMENTS = [
    *(
        datetime(year, month, day, hour, minute, 59, 250_000)
        for year in (1970, 2007, 2024, 2037, 2050)
        for month, day in ((3, 9), (3, 10), (3, 31), (4, 6), (7, 1), (10, 27), (11, 2), (11, 3))
        for hour, minute in ((0, 59), (1, 0), (1, 30), (2, 30), (3, 0), (6, 59), (9, 30), (10, 0))
    ),
    datetime(1969, 12, 31, 23, 59, 59, 500_000),
    datetime(1883, 11, 18, 17),
    datetime(2011, 12, 30, 12),
    datetime(2099, 12, 30),
]
FAR = datetime(9999, 6, 1)
ZONES = [
    ("UTC", "America/Los_Angeles"),
    ("America/Los_Angeles", "UTC"),
    ("Europe/London", "America/New_York"),
    ("UTC", "Australia/Lord_Howe"),
    ("Pacific/Apia", "Asia/Kolkata"),
]

EPOCHS = {
    "seconds": [0, 1_623_076_520, -1, -86_400, 253_402_300_799, "1623076520.29", 1_623_076_520.29],
    "milliseconds": [1_623_076_520_123, -1, 253_402_300_799_999],
    "microseconds": [1_623_076_520_123_456, -1_623_076_520_123_456],
    "nanoseconds": [1_623_076_520_123_456_789],
}
DIGITS = {"seconds": 0, "milliseconds": 3, "microseconds": 6, "nanoseconds": 9}


def time_of(epoch: Any, unit: str) -> datetime:
    """Return the time of an epoch, rounded to microseconds."""
    return datetime(1970, 1, 1) + timedelta(microseconds=round(Decimal(str(epoch)).scaleb(6 - DIGITS[unit])))


def table(query: str) -> str:
    return "{{ config(materialized='table') }}" + query


def columns(*expressions: str) -> str:
    return ", ".join(f"{{{{ {expression} }}}} as c{number}" for number, expression in enumerate(expressions))


CONVERTED = [f"dbt_date.convert_timezone('moment', '{target}', '{source}')" for source, target in ZONES]
CLOCK = ["hour", "minute", "second", "epoch", "epoch_seconds", "epoch_millisecond", "epoch_microseconds"]

MODELS = {
    "days": table(f"{{{{ dbt_date.date_spine('day', \"'{FIRST_DAY}'\", \"'{LAST_DAY}'\") }}}}"),
    "hours": "{{ dbt_date.date_spine('hour', \"cast('2024-02-28 22:00' as datetime)\", \"'2024-03-01 01:30:00'\") }}",
    "parts": table(
        "select date_day, "
        + columns(
            *(f"dbt_date.date_part('{part}', 'date_day')" for part in PARTS),
            *(f"dbt_date.{name}('date_day')" for name in WEEKS),
            *(f"dbt_date.{name.replace('DAY', repr('date_day'))}" for name in NAMES),
        )
        + " from {{ ref('days') }}"
    ),
    "late": table(
        "select "
        + columns(
            "dbt_date.week_start(\"'2020-11-28 23:59:59.9'\")",
            "dbt_date.week_end(\"cast('2020-11-28 23:59:59.9' as datetime(6))\")",
            "dbt_date.week_start('null')",
            "dbt_date.day_name('null')",
        )
    ),
    "moments": table(
        " union all ".join(f"select cast('{moment}' as datetime(6)) as moment" for moment in [*MOMENTS, FAR])
    ),
    "clocks": table("select moment, " + columns(*(f"dbt_date.date_part('{part}', 'moment')" for part in CLOCK)))
    + " from {{ ref('moments') }}",
    "epochs": table(
        "select "
        + columns(
            *(
                f"dbt_date.from_unixtimestamp(\"{epoch!r}{'e0' * isinstance(epoch, float)}\", format='{unit}')"
                for unit, epochs in EPOCHS.items()
                for epoch in epochs
            ),
            "dbt_date.from_unixtimestamp('null')",
        )
    ),
    "zoned": f"select moment, {columns(*CONVERTED)} from {{{{ ref('moments') }}}}",
    "zoned_table": table("select * from {{ ref('zoned') }} where moment < '2100-01-01'"),
    "fixed": table(
        "select "
        + columns(
            "dbt_date.convert_timezone(\"'9999-06-01'\", 'Asia/Kolkata')",
            "dbt_date.convert_timezone(\"cast('2024-01-01' as date)\", '-03:30', '+01:00')",
            "dbt_date.convert_timezone(\"'2024-07-01 00:00:00.5'\", 'Europe/Paris')",
            "dbt_date.convert_timezone('null', 'Europe/Paris')",
        )
    ),
    "present": "select utc_timestamp(6) as utc, "
    + columns("dbt_date.convert_timezone(dbt.current_timestamp(), 'America/New_York')"),
    "far_zone": table("select * from {{ ref('zoned') }}"),
    "far_epoch": table("select {{ dbt_date.from_unixtimestamp('1623076520123') }} as x"),
    "no_part": "select {{ dbt_date.date_part('fortnight', 'now()') }} as x",
    "no_format": "select {{ dbt_date.from_unixtimestamp('1', format='hours') }} as x",
    "no_zone": "select {{ dbt_date.convert_timezone('now()', 'Mars/Olympus') }} as x",
}

ERRORS = {
    "far_zone": "dbt_date.convert_timezone has no offsets after 2099, leave out such times: 9999-06-01 00:00:00",
    "far_epoch": "dbt_date.from_unixtimestamp: not in the years 1 to 9999, check the format seconds: 1623076520123",
    "no_part": "dbt_date.date_part: 'fortnight' is no date part here; use one of year, quarter, month, week",
    "no_format": "dbt_date.from_unixtimestamp: 'hours' is no format; use one of seconds, milliseconds, microseconds",
    "no_zone": "dbt_date.convert_timezone: 'Mars/Olympus' is no time zone; use a name of the IANA database",
}


class TestShims:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {f"{name}.sql": text for name, text in MODELS.items()}

    @pytest.fixture(scope="class", autouse=True)
    def built(self, project: Any, install: Any) -> dict[str, str]:
        """Build all models once, and return the messages of those that fail by name."""
        install("dbt_date", package())
        results = run_dbt(["run"], expect_pass=False)
        return {result.node.name: str(result.message) for result in results if str(result.status) != "success"}

    def test_what_cannot_be_right_fails_with_the_reason(self, built: dict[str, str]) -> None:
        assert set(built) == set(ERRORS)
        assert [name for name, reason in ERRORS.items() if reason not in built[name]] == [], built

    def test_date_spine_has_all_days_but_the_last(self, db: Database) -> None:
        days = [day for (day,) in db.rows("select date_day from {s}.days order by 1")]

        assert days == [FIRST_DAY + timedelta(days=number) for number in range((LAST_DAY - FIRST_DAY).days)]

    def test_date_spine_of_hours(self, db: Database) -> None:
        hours = [hour for (hour,) in db.rows("select date_hour from {s}.hours order by 1")]

        assert hours == [datetime(2024, 2, 28, 22) + timedelta(hours=number) for number in range(27)]

    def test_parts_weeks_and_names_are_those_of_the_calendar(self, db: Database) -> None:
        rows = db.rows("select * from {s}.parts order by date_day")

        assert len(rows) == (LAST_DAY - FIRST_DAY).days
        values = [*PARTS.values(), *WEEKS.values(), *NAMES.values()]
        assert rows == [(row[0], *(value(row[0]) for value in values)) for row in rows]

    def test_the_time_of_day_does_not_move_a_week(self, db: Database) -> None:
        assert db.rows("select * from {s}.late") == [(date(2020, 11, 22), date(2020, 11, 28), None, None)]

    def test_parts_of_times(self, db: Database) -> None:
        def parts(moment: datetime) -> tuple[Any, ...]:
            micros = (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1)
            epochs = (Decimal(micros).scaleb(-6), micros // 1_000_000, micros // 1000, micros)
            return (moment, moment.hour, moment.minute, moment.second, *epochs)

        rows = db.rows("select * from {s}.clocks")

        assert sorted(rows) == sorted(parts(moment) for moment in [*MOMENTS, FAR])

    def test_times_of_epochs(self, db: Database) -> None:
        assert db.rows("select * from {s}.epochs") == [
            (*(time_of(epoch, unit) for unit, epochs in EPOCHS.items() for epoch in epochs), None)
        ]

    @pytest.mark.parametrize("relation", ["zoned", "zoned_table"])
    def test_times_of_zones_are_those_of_zoneinfo(self, db: Database, relation: str) -> None:
        rows = db.rows(f"select * from {{s}}.{relation} where moment < '2100-01-01'")

        assert sorted(rows) == sorted(
            (moment, *(zones.converted(moment, source, target) for source, target in ZONES)) for moment in MOMENTS
        )

    def test_fixed_offsets_literals_and_null(self, db: Database) -> None:
        assert db.rows("select * from {s}.fixed") == [
            (
                datetime(9999, 6, 1, 5, 30),
                datetime(2023, 12, 31, 19, 30),
                datetime(2024, 7, 1, 2, 0, 0, 500_000),
                None,
            )
        ]

    def test_the_present_is_converted_when_it_is_read(self, db: Database) -> None:
        utc, local = db.rows("select utc, c0 from {s}.present")[0]

        assert abs(utc - datetime.now(timezone.utc).replace(tzinfo=None)) < timedelta(minutes=5)
        assert local == zones.converted(utc, "UTC", "America/New_York")

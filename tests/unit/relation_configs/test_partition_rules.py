"""Rules for partitions: boundaries of periods, names, and what later runs add and drop."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbt.adapters.oceanbase.relation_configs import partition_rules
from dbt.adapters.oceanbase.relation_configs.components import ConfigError
from dbt.adapters.oceanbase.relation_configs.partition_rules import Rule, Span, Unit

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1))
LENGTHS = {Unit.HOUR: 1 / 24, Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 30, Unit.YEAR: 365}


@st.composite
def rules(draw: st.DrawFn) -> tuple[Rule, datetime]:
    """Return a rule and the time of a run, at most 400 periods later."""
    every = draw(st.sampled_from(Unit))
    begin = draw(MOMENTS)
    retention = draw(st.none() | st.builds(Span, st.integers(1, 60), st.sampled_from(Unit)))
    rule = Rule(every, begin, Span(draw(st.integers(0, 20)), every), retention)
    return rule, begin + timedelta(days=LENGTHS[every] * draw(st.floats(0, 400)))


@UNHURRIED
@given(rules(), st.floats(0, 1))
def test_each_moment_lies_in_one_partition(made: tuple[Rule, datetime], share: float) -> None:
    rule, now = made
    periods = rule.first(now)
    first, last = periods[0].begin, periods[-1].end
    moment = first + (last - first) * share

    assert sum(period.begin <= moment < period.end for period in periods) == (moment < last)
    assert all(one.end == other.begin for one, other in pairwise(periods))
    assert len({period.name for period in periods}) == len(periods)
    assert any(period.begin <= now < period.end for period in periods)
    assert rule.has_made([period.end for period in periods])


@UNHURRIED
@given(rules(), st.floats(0, 50), st.floats(-50, 50))
def test_rolling_twice_is_rolling_once(made: tuple[Rule, datetime], later: float, largest: float) -> None:
    rule, first_run = made
    now = first_run + timedelta(days=LENGTHS[rule.every] * later)
    row = now + timedelta(days=LENGTHS[rule.every] * largest)
    bounds = [period.end for period in rule.first(first_run)]

    rolled = bounds + [period.end for period in rule.missing(bounds, now, row)]
    rolled = rolled[rule.expired(rolled, now) :]

    assert rule.missing(rolled, now, row) == []
    assert rule.expired(rolled, now) == 0
    assert rolled[-1] > max(now, row)
    assert rule.has_made(rolled)


@UNHURRIED
@given(rules(), st.floats(0, 50), MOMENTS)
def test_what_is_dropped_is_past_the_retention(made: tuple[Rule, datetime], later: float, moment: datetime) -> None:
    rule, first_run = made
    now = first_run + timedelta(days=LENGTHS[rule.every] * later)
    bounds = [period.end for period in rule.first(first_run)]
    bounds += [period.end for period in rule.missing(bounds, now)]
    number = rule.expired(bounds, now)

    assert number < len(bounds)
    if number and rule.retention:
        assert bounds[number - 1] <= rule.retention.before(now)
    if rule.retention is None:
        assert number == 0


@pytest.mark.parametrize(
    ("every", "moment", "begin", "end", "name"),
    [
        ("hour", "2024-10-27 02:59:59", "2024-10-27 02:00", "2024-10-27 03:00", "p2024102702"),
        ("day", "2024-02-29 23:59:59", "2024-02-29", "2024-03-01", "p20240229"),
        ("day", "2024-03-31 12:00", "2024-03-31", "2024-04-01", "p20240331"),
        ("week", "2024-12-31", "2024-12-30", "2025-01-06", "p2025w01"),
        ("week", "2027-01-03", "2026-12-28", "2027-01-04", "p2026w53"),
        ("month", "2024-02-29", "2024-02-01", "2024-03-01", "p202402"),
        ("month", "2023-12-31 23:59", "2023-12-01", "2024-01-01", "p202312"),
        ("year", "2024-12-31", "2024-01-01", "2025-01-01", "p2024"),
    ],
)
def test_periods(every: str, moment: str, begin: str, end: str, name: str) -> None:
    rule = Rule(Unit(every), datetime.fromisoformat(moment), Span(0, Unit(every)))
    [period] = rule.first(rule.begin)

    assert (period.begin, period.end) == (datetime.fromisoformat(begin), datetime.fromisoformat(end))
    assert period.name == name


def test_a_month_before_the_31st() -> None:
    assert Span(1, Unit.MONTH).before(datetime(2024, 3, 31)) == datetime(2024, 2, 29)
    assert Span(1, Unit.YEAR).after(datetime(2024, 2, 29)) == datetime(2025, 2, 28)


def test_one_partition_for_all_that_is_past_the_retention() -> None:
    rule = Rule(Unit.DAY, datetime(2020, 1, 1), Span(1, Unit.DAY), Span(2, Unit.DAY))

    names = [period.name for period in rule.first(datetime(2024, 3, 2, 12))]

    assert names == ["p20240228", "p20240229", "p20240301", "p20240302", "p20240303"]
    assert rule.expired([period.end for period in rule.first(datetime(2024, 3, 2, 12))], datetime(2024, 3, 2, 12)) == 1


@pytest.mark.parametrize(
    "largest", [datetime(9999, 12, 31), datetime(2099, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999)]
)
def test_too_many(largest: datetime) -> None:
    rule = Rule(Unit.DAY, datetime(2024, 1, 1), Span(1, Unit.DAY))

    with pytest.raises(ConfigError, match=r"partition_by: days until .* take more than the 8192 partitions"):
        rule.first(datetime(2024, 1, 1), largest)


def test_the_last_year_begins_no_other() -> None:
    with pytest.raises(ConfigError, match="years until 9999-12-31"):
        Rule(Unit.YEAR, datetime(9000, 1, 1), Span(1, Unit.YEAR)).first(datetime(2024, 1, 1), datetime(9999, 12, 31))


@pytest.mark.parametrize(
    "bounds",
    [
        ["2024-01-02", "2024-01-04"],
        ["2024-01-02 12:00"],
        ["2024-01-02", None],
    ],
)
def test_bounds_of_something_else(bounds: list[str | None]) -> None:
    found = [datetime.fromisoformat(bound) if bound else None for bound in bounds]

    assert not Rule(Unit.DAY, datetime(2024, 1, 1), Span(1, Unit.DAY)).has_made(found)


def test_a_first_partition_that_was_kept() -> None:
    """A kept partition leaves a gap, which is no sign of another rule if its name is one of this rule."""
    rule = Rule(Unit.DAY, datetime(2024, 1, 1), Span(1, Unit.DAY))
    bounds = [datetime(2024, 1, 2), datetime(2024, 1, 5), datetime(2024, 1, 6)]

    assert rule.has_made(bounds, "P20240101")
    assert not rule.has_made(bounds, "p202312")
    assert rule.first_begin(bounds) == datetime(2024, 1, 4)
    assert rule.first_begin(bounds[1:]) == datetime(2024, 1, 4)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("p2024010101", True), ("P2024010101", True), ("p2024010109", False), ("p2024010100", False), ("later", True)],
)
def test_the_name_of_another_period(name: str, expected: bool) -> None:
    """In a column of TIMESTAMP, bounds of another time zone are beginnings of hours too, but the names differ."""
    rule = Rule(Unit.HOUR, datetime(2024, 1, 1), Span(1, Unit.HOUR))

    assert rule.has_made([datetime(2024, 1, 1, 1), datetime(2024, 1, 1, 2)], last_name=name) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, Span(3, Unit.DAY)),
        ("90 days", Span(90, Unit.DAY)),
        (" 1 Year ", Span(1, Unit.YEAR)),
    ],
)
def test_spans(value: object, expected: Span) -> None:
    assert partition_rules.span("ahead", value, Unit.DAY, 0) == expected


@pytest.mark.parametrize("value", [True, "soon", "-1 days", -1, 1.5, None])
def test_no_spans(value: object) -> None:
    with pytest.raises(ConfigError, match="ahead: "):
        partition_rules.span("ahead", value, Unit.DAY, 0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2024, 1, 2), datetime(2024, 1, 2)),
        ("2024-01-02", datetime(2024, 1, 2)),
        ("2024-01-02 03:04:05.5", datetime(2024, 1, 2, 3, 4, 5, 500000)),
        ("2024-01-02T03:04", datetime(2024, 1, 2, 3, 4)),
        ("2024-13-02", None),
        ("20240102", None),
        ("", None),
    ],
)
def test_moments(value: object, expected: datetime | None) -> None:
    assert partition_rules.moment(value) == expected

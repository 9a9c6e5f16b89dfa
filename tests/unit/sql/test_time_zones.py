"""SQL for times of other zones. Offsets are compared with those of zoneinfo, by evaluating the SQL in Python."""

from __future__ import annotations

import re
from bisect import bisect
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from random import Random

import pytest
from support import zones

from dbt.adapters.oceanbase.sql import time_zones
from dbt.adapters.oceanbase.sql.time_zones import ZoneError, converted

EPOCH = datetime(1, 1, 1)
TO_SECONDS = 366 * 86_400
"""TO_SECONDS of 0001-01-01."""


@cache
def table(sql: str) -> tuple[list[int], list[int]]:
    """Return the arguments of INTERVAL and of ELT, but the one that fails."""
    found = re.search(r"elt\(interval\(to_seconds\(cast\(c as datetime\(6\)\)\), ([\d, ]+)\) \+ 1, ([-\d, ]+)", sql)
    assert found, sql
    return [int(start) for start in found[1].split(", ")], [int(shift) for shift in found[2].rstrip(", ").split(", ")]


def evaluated(sql: str, moment: datetime) -> datetime:
    """Return the time to which the SQL converts ``moment``."""
    starts, shifts = table(sql)
    seconds = (moment - EPOCH) // timedelta(seconds=1) + TO_SECONDS
    return moment + timedelta(seconds=shifts[bisect(starts, seconds)])


PAIRS = [
    ("UTC", "America/Los_Angeles"),
    ("America/Los_Angeles", "UTC"),
    ("Europe/London", "America/New_York"),
    ("UTC", "Australia/Lord_Howe"),
    ("Pacific/Apia", "America/New_York"),
    ("UTC", "Africa/Casablanca"),
    ("Europe/Dublin", "Asia/Tehran"),
    ("America/Sao_Paulo", "Asia/Gaza"),
]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_times_are_those_of_zoneinfo(source: str, target: str) -> None:
    random = Random(1)  # noqa: S311  # the same times in every run
    sql = converted("c", source, target)
    changes = [
        datetime(1970, 1, 1) + timedelta(seconds=start + around)
        for name in (source, target)
        for start, at in time_zones._changes(name)[1:]
        for around in (-1, 0, 1, at - 1, at, at + 1, at + 1800, at + 3599, at + 3600, at - 1800)
    ]
    others = [
        datetime(1850, 1, 1) + timedelta(seconds=random.randrange(250 * 365 * 86_400 - 86_400)) for _ in range(1000)
    ]
    moments = [moment for moment in [*changes, *others] if moment.year < 2099]

    assert len(moments) > 1500
    assert [evaluated(sql, moment) for moment in moments] == [
        zones.converted(moment, source, target) for moment in moments
    ]


@pytest.mark.parametrize(
    ("source", "target", "sql"),
    [
        ("UTC", "Etc/UTC", "cast(c as datetime(6))"),
        ("utc", "+05:30", "date_add(cast(c as datetime(6)), interval 19800 second)"),
        ("-03:30", "UTC", "date_add(cast(c as datetime(6)), interval 12600 second)"),
        ("+01:00", "Etc/GMT+5", "date_add(cast(c as datetime(6)), interval -21600 second)"),
    ],
)
def test_a_fixed_difference_is_added(source: str, target: str, sql: str) -> None:
    assert converted("c", source, target) == sql


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Europe/Berlin"])
def test_a_zone_that_changes_for_ever_fails_after_the_last_year(zone: str) -> None:
    sql = converted("c", "UTC", zone)

    assert f", {(datetime(2100, 1, 1) - EPOCH) // timedelta(seconds=1) + TO_SECONDS}) + 1" in sql
    assert "uuid_to_bin(concat('dbt_date.convert_timezone has no offsets after 2099, leave out such times: '" in sql


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Shanghai", "Africa/Casablanca", "America/Sao_Paulo"])
def test_a_zone_that_changes_no_more_has_no_end(zone: str) -> None:
    assert "uuid_to_bin" not in converted("c", "UTC", zone)


def test_the_current_time_needs_no_changes_of_the_past() -> None:
    sql = converted(" utc_timestamp(6) ", "UTC", "America/New_York")
    today = (datetime.now() - EPOCH) // timedelta(days=1) * 86_400 + TO_SECONDS
    starts = [int(start) for start in re.findall(r"\b6\d{10}\b", sql)]

    assert starts
    assert min(starts) > today - 3 * 86_400
    assert converted("utc_timestamp(6)", "UTC", "Asia/Kolkata").endswith("interval 19800 second)")
    assert len(converted("c", "UTC", "America/New_York")) > 1.5 * len(sql)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "None", "../UTC", "zone.tab", "+15:00", "+5", "CEST"])
def test_an_unknown_zone_is_an_error_with_the_remedy(name: str) -> None:
    with pytest.raises(ZoneError) as raised:
        converted("c", "UTC", name)

    assert str(raised.value) == (
        f"dbt_date.convert_timezone: {name!r} is no time zone; use a name of the IANA database such as "
        "America/New_York, or an offset such as +05:30"
    )


def test_no_change_of_a_zone_is_passed_over() -> None:
    """Changes are looked for in steps, so no zone may change twice within one."""
    moments = [start for name in ("Asia/Gaza", "America/Recife") for start, _ in time_zones._changes(name)[1:]]
    distances = [later - earlier for earlier, later in pairwise(moments) if later > earlier]

    assert time_zones._STEP < min(distances) < 7 * 86_400

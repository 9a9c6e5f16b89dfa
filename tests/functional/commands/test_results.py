"""Values of query results in Jinja and in ``dbt show``: bits, bytes, times and long decimals."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture

pytestmark = pytest.mark.any_kernel

LOG_VALUES = """
{% macro log_values(sql) %}
  {% for row in run_query(sql).rows %}
    {% for value in row.values() %}
      {{ log('value: ' ~ value ~ ' ' ~ ('is on' if value else 'is off'), info=true) }}
    {% endfor %}
  {% endfor %}
{% endmacro %}
"""

VALUES = {
    "bit(1)": {"0": 0, "1": 1},
    "bit(10)": {"b'0'": 0, "b'1100000011'": 771},
    "bit(64)": {"18446744073709551615": 18446744073709551615},
    "time": {"'-10:00:00'": "-10:00:00", "'100:00:00'": "100:00:00", "'-838:59:59'": "-838:59:59"},
    "time(6)": {"'-00:00:00.000001'": "-00:00:00.000001"},
    "varbinary(9)": {"'ab'": "ab", "'ü'": "ü", "''": ""},
    "binary(2)": {"'ab'": "0x6162", "x'ff00'": "0xFF00"},
    "blob": {"x'00'": "0x00"},
    "decimal(65,30)": {
        "-12345678901234567890123456789012345.123456789012345678901234567890": (
            "-12345678901234567890123456789012345.123456789012345678901234567890"
        )
    },
    "decimal(65,0)": {"1" + "0" * 64: "1" + "0" * 64},
    "decimal(10,2)": {"1.50": 1.5},
}
"""Per type of column: values as SQL and as ``dbt show`` writes them in JSON."""


class TestValues:
    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return {"log_values.sql": LOG_VALUES}

    def test_of_columns(self, project: Any) -> None:
        columns = ", ".join(f"c{number} {kind}" for number, kind in enumerate(VALUES))
        project.run_sql(f"create table measured (id int primary key, {columns})")
        expected: list[dict[str, Any]] = []
        for number, values in enumerate(VALUES.values()):
            for literal, value in values.items():
                project.run_sql(f"insert into measured (id, c{number}) values ({len(expected)}, {literal})")
                expected.append({f"c{number}": value})

        query = f"select * from {project.test_schema}.measured order by id"
        _, log = run_dbt_and_capture(
            ["show", "--quiet", "--output", "json", "--log-format", "json", "--limit", "99", "--inline", query]
        )
        events = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
        rows = json.loads(next(event["data"]["preview"] for event in events if "preview" in event["data"]))

        assert [{name: value for name, value in row.items() if value is not None and name != "id"} for row in rows] == (
            expected
        )
        run_dbt(["show", "--limit", "99", "--inline", query])

    def test_of_bits_that_the_server_declares_as_text(self, project: Any) -> None:
        project.run_sql("create table flags (b bit(8))")
        project.run_sql("insert into flags values (b'11111111'), (b'1'), (null)")
        query = f"select coalesce(b, if(true, b, null)) as b from {project.test_schema}.flags order by flags.b"

        _, log = run_dbt_and_capture(["show", "--quiet", "--output", "json", "--inline", query])

        assert [row["b"] for row in json.loads(log)["show"]] == [None, "0x01", "0xFF"]

    def test_of_literals_in_jinja(self, project: Any) -> None:
        query = "select b'0', b'1', cast('-10:00:00' as time), x'ff', cast('a' as binary)"
        _, log = run_dbt_and_capture(["run-operation", "log_values", "--args", json.dumps({"sql": query})])
        values = [line.split("value: ")[1] for line in log.splitlines() if "value: " in line]
        assert values == ["0 is off", "1 is on", "-10:00:00 is on", "0xFF is on", "a is on"]

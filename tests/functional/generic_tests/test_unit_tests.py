"""Unit tests: given and expected values keep their digits, and what cannot be read is an error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture

pytestmark = pytest.mark.any_kernel

TYPES = {
    "n": "decimal(2,1)",
    "i": "bigint",
    "u": "bigint unsigned",
    "b": "tinyint(1)",
    "v": "varchar(5)",
    "d": "date",
    "t": "datetime",
    "s": "timestamp",
    "c": "time",
    "f": "double",
    "o": "bit(8)",
    "y": "year",
    "x": "varbinary(4)",
    "j": "json",
    "a": "array(int)",
    "w": "array(varchar(9))",
    "e": "vector(3)",
    "m": "map(int,int)",
    "p": "point",
    "z": "sparsevector",
}

SAME = {
    "n": [100.25, "-0.333", 0],
    "i": [2.4, "18446744073709551615", True],
    "u": [-1, 18446744073709551615],
    "b": [True, False],
    "v": ["longer than five", 12345678],
    "d": ["2024-02-29", "2024-01-01 10:00"],
    "t": ["2024-01-01 23:59:59.9999"],
    "s": ["2024-01-01 00:00:00.5"],
    "c": ["-10:00:00", "100:00:00.5"],
    "f": [0.1, "1e-7"],
    "o": [255, 0],
    "y": [2024],
    "x": ["longer than four"],
    "j": [{"a": [1, None], "b": {"c": "it's"}}, "[1]"],
    "a": [[1, None], [], "[3]"],
    "w": [["it's", 'a "word"', None], []],
    "e": [[1, 2.5, 0.1], "[1,2,3]"],
    "m": [{1: 2, 3: 4}, "{5:6}"],
    "p": ["POINT(1 2)"],
}
"""By column: values that pass through the model unchanged."""

OTHER = {
    "number_cut_to_the_width": ("v", "12345", 12345678),
    "given_number_cut": ("v", 12345678, "12345"),
    "given_out_of_range": ("n", 123456789.1, None),
    "given_rounded": ("n", 0.25, 0.3),
    "moment_of_the_next_day": ("t", "2024-01-01 23:59:59.9999", "2024-01-02 00:00:00"),
    "unsigned_of_a_negative": ("u", -1, 18446744073709551615),
    "cut_bytes": ("x", "abcdef", "abcd"),
    "array_of_other_values": ("a", [1, 2], [1, 3]),
    "vector_of_other_values": ("e", [1, 2, 3], [1, 2, 4]),
    "geometry_elsewhere": ("p", "POINT(1 2)", "POINT(2 1)"),
}
"""By test: column, given value, and an expected value that is another one."""

UNREADABLE = {
    "no_date": ("d", None, "2024-02-30", "expected output"),
    "no_int": ("i", None, "1,000", "expected output"),
    "no_decimal": ("n", None, "12.5 EUR", "expected output"),
    "given_no_time": ("c", "10:60", None, "'src'"),
    "given_short_vector": ("e", [1, 2], None, "'src'"),
    "given_sparse_vector": ("z", "{1:0.5}", None, "'src'"),
}
"""By test: column, given and expected value, and the fixture that has the value that cannot be read."""


def unit_test(name: str, column: str, given: list[Any], expected: list[Any], **formats: Any) -> dict[str, Any]:
    def rows(values: list[Any]) -> list[dict[str, Any]]:
        return [{"id": number, column: value} for number, value in enumerate(values)]

    given_fixture = {"input": "ref('src')", "rows": rows(given)}
    return {"name": name, "model": "passing", "given": [given_fixture], "expect": {"rows": rows(expected)}, **formats}


def as_csv(name: str, given: str, expected: str) -> dict[str, Any]:
    fixtures = [{"format": "csv", "rows": f"id,b,i\n{values}"} for values in (given, expected)]
    return {
        "name": name,
        "model": "passing",
        "given": [{"input": "ref('src')", **fixtures[0]}],
        "expect": fixtures[1],
    }


UNIT_TESTS = [
    *(unit_test(f"same_{column}", column, values, values) for column, values in SAME.items()),
    as_csv("same_csv", "1,true,false\n2,0,1", "1,1,0\n2,false,TRUE"),
    *(unit_test(f"other_{name}", column, [given], [other]) for name, (column, given, other) in OTHER.items()),
    as_csv("other_csv", "1,,", "1,true,true"),
    *(unit_test(f"bad_{name}", column, [given], [other]) for name, (column, given, other, _) in UNREADABLE.items()),
]


class TestFixtures:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "src.sql": "select * from {{ target.schema }}.typed",
            "passing.sql": "select * from {{ ref('src') }}",
            "computing.sql": """
                select sum(n) as total, max(array_contains(a, 2)) as has_two, max(l2_distance(e, '[1,2,3]')) as far,
                    max(cast(t as date)) as last_day, max(st_x(p)) as x, max(json_extract(j, '$.k')) as k
                from {{ ref('src') }}""",
            "unit_tests.yml": json.dumps({"unit_tests": [*UNIT_TESTS, self.COMPUTING]}),
        }

    COMPUTING: dict[str, Any] = {
        "name": "same_in_functions",
        "model": "computing",
        "given": [
            {
                "input": "ref('src')",
                "rows": [
                    {"n": 100.25, "a": [1, 2], "e": [1, 2, 4], "t": "2024-01-01 23:59:59.9999", "p": "POINT(1 2)"},
                    {"n": 2.25, "j": {"k": 7}},
                ],
            }
        ],
        "expect": {
            "rows": [{"total": 102.5, "has_two": True, "far": 1, "last_day": "2024-01-01", "x": 1, "k": 7}],
        },
    }

    @pytest.fixture(scope="class")
    def log(self, project: Any) -> str:
        columns = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
        project.run_sql(f"create table typed (id int, {columns})")
        run_dbt(["run", "--select", "src"])
        return run_dbt_and_capture(["test"], expect_pass=False)[1]

    @pytest.fixture(scope="class")
    def statuses(self, project: Any, log: str) -> dict[str, str]:
        with open(f"{project.project_root}/target/run_results.json") as file:
            results = json.load(file)["results"]
        return {result["unique_id"].rpartition(".")[2]: result["status"] for result in results}

    def test_each_value_passes_through_unchanged(self, statuses: dict[str, str]) -> None:
        same = {name: status for name, status in statuses.items() if name.startswith("same_")}
        assert same == dict.fromkeys([*(f"same_{name}" for name in SAME), "same_csv", "same_in_functions"], "pass")

    def test_values_that_differ_fail(self, statuses: dict[str, str]) -> None:
        other = {name: status for name, status in statuses.items() if name.startswith("other_")}
        assert other == dict.fromkeys([*(f"other_{name}" for name in OTHER), "other_csv"], "fail")

    @pytest.mark.parametrize("name", UNREADABLE)
    def test_what_cannot_be_read_is_an_error(self, statuses: dict[str, str], log: str, name: str) -> None:
        column, given, expected, fixture = UNREADABLE[name]
        value = expected if given is None else given
        assert statuses[f"bad_{name}"] == "error"
        row = f"{{id: 0, {column}: {value}}}"
        assert f"unit test fixture for {fixture}, row {row}, column {column}: {value!r} " in log

"""unique, accepted_values and relationships compare values by their type, and texts byte for byte.

Expected outcomes are those of PostgreSQL, where a quoted value is read as the column's type reads it.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

MODELS = {
    "flags": "select 1 as id, cast(1 as signed) as on_, true as all_true, false as none_true",
    "words": "select 'abc' as word, 'A' as upper_, '' as empty, 'a\\\\b' as slash, \"it's\" as apostrophe",
    "numbers": "select 0 as zero, 1 as one, 1.50 as price, 5e-1 as half, cast(1e-7 as decimal(8, 7)) as tiny, "
    "9007199254740993 as big",
    "moments": "select cast('2024-01-02' as date) as day, cast('2024-01-02 03:04:05.5' as datetime(6)) as at, "
    "cast('-10:00:00' as time) as span",
    "texts": "select 'a' as t union all select 'A' union all select 'a ' union all select 'é' union all select 'e'",
    "twice": "select 'a' as t, 1 as n, 1.50 as d union all select 'a', 1, 1.50",
    "spaced": "select 'A' as t, '1abc' as code, '1' as digit",
    "parents": "select 'a' as t, 1 as id",
}

# (model, column, values, quote) -> whether the test passes
ACCEPTED: list[tuple[str, str, list[Any], bool, bool]] = [
    ("flags", "all_true", [True], True, True),
    ("flags", "none_true", [True], True, False),
    ("flags", "all_true", ["true"], True, True),
    ("flags", "none_true", ["false"], True, True),
    ("flags", "all_true", [True], False, True),
    ("flags", "none_true", [True], False, False),
    ("flags", "all_true", [1], True, True),
    ("words", "word", ["abc"], True, True),
    ("words", "word", ["ABC"], True, False),
    ("words", "word", ["abc "], True, False),
    ("words", "empty", [" "], True, False),
    ("words", "empty", [""], True, True),
    ("words", "slash", ["a\\b"], True, True),
    ("words", "apostrophe", ["it''s"], True, True),
    ("words", "apostrophe", ["it's"], True, True),
    ("numbers", "zero", ["abc"], True, False),
    ("numbers", "zero", ["0abc", "x"], True, False),
    ("numbers", "one", ["1abc"], True, False),
    ("numbers", "one", ["1"], True, True),
    ("numbers", "one", [2, 1], False, True),
    ("numbers", "price", ["1.5"], True, True),
    ("numbers", "price", ["1.51"], True, False),
    ("numbers", "half", [0.5], False, True),
    ("numbers", "half", ["5e-1"], True, True),
    ("numbers", "tiny", [1e-07], True, True),
    ("numbers", "tiny", [1e-06], True, False),
    ("numbers", "big", [9007199254740992], True, False),
    ("numbers", "big", [9007199254740993], True, True),
    ("moments", "day", ["2024-01-02"], True, True),
    ("moments", "day", ["2024-01-03"], True, False),
    ("moments", "at", ["2024-01-02 03:04:05.500"], True, True),
    ("moments", "at", ["2024-01-02 03:04:05"], True, False),
    ("moments", "span", ["-10:00:00"], True, True),
    ("numbers", "one", ["1", "x"], True, False),
    ("numbers", "one", ["1", "2024-01-01"], True, False),
    ("moments", "day", ["2024-01-02", "x"], True, False),
    ("words", "word", ["abc", "x", "1"], True, True),
    ("spaced", "code", [1], False, False),
    ("spaced", "digit", [1], False, True),
]


def accepted_tests(**config: Any) -> str:
    models = []
    for number, (model, column, values, quote, _) in enumerate(ACCEPTED):
        arguments = {"values": values, "quote": quote}
        test = {"accepted_values": {"name": f"accepted_{number}", "arguments": arguments, "config": config}}
        models.append((model, column, test))
    by_model: dict[str, dict[str, list[Any]]] = {}
    for model, column, test in models:
        by_model.setdefault(model, {}).setdefault(column, []).append(test)
    listed = [
        {"name": model, "columns": [{"name": column, "data_tests": tests} for column, tests in columns.items()]}
        for model, columns in by_model.items()
    ]
    return json.dumps({"version": 2, "models": listed})


OTHERS = """
models:
  - name: texts
    columns:
      - name: t
        data_tests:
          - unique: {name: texts_differ}
          - unique: {name: texts_differ_by_collation, config: {collation: server}}
  - name: twice
    columns:
      - {name: t, data_tests: [unique: {name: text_twice}]}
      - {name: n, data_tests: [unique: {name: number_twice}]}
      - {name: d, data_tests: [unique: {name: decimal_twice}]}
  - name: spaced
    columns:
      - name: t
        data_tests:
          - relationships: {name: other_case, arguments: {to: ref('parents'), field: t}}
          - relationships:
              name: other_case_by_collation
              arguments: {to: ref('parents'), field: t}
              config: {meta: {collation: server}}
      - {name: code, data_tests: [relationships: {name: word_for_number, arguments: {to: ref('parents'), field: id}}]}
      - {name: digit, data_tests: [relationships: {name: digit_for_number, arguments: {to: ref('parents'), field: id}}]}
"""

PASSES = {
    "texts_differ": True,
    "texts_differ_by_collation": False,
    "text_twice": False,
    "number_twice": False,
    "decimal_twice": False,
    "other_case": False,
    "other_case_by_collation": True,
    "word_for_number": False,
    "digit_for_number": True,
}


class TestComparisons:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        files = {f"{name}.sql": text for name, text in MODELS.items()}
        return {**files, "accepted.yml": accepted_tests()}

    @pytest.mark.parametrize("materialized", ["table", "view"])
    @pytest.mark.parametrize("stored", [False, True])
    def test_accepted_values(self, project: Any, materialized: str, stored: bool) -> None:
        run_dbt(["run", "--vars", f"materialized: {materialized}"])
        flags = ["--store-failures"] if stored else []

        results = run_dbt(["test", *flags, "--vars", f"materialized: {materialized}"], expect_pass=False)

        found = {result.node.name: str(result.status) for result in results}
        expected = {f"accepted_{i}": "pass" if case[-1] else "fail" for i, case in enumerate(ACCEPTED)}
        assert found == expected

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"models": {"+materialized": "{{ var('materialized', 'table') }}"}}


class TestOthers:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        files = {f"{name}.sql": text for name, text in MODELS.items()}
        return {**files, "others.yml": OTHERS}

    @pytest.mark.parametrize("stored", [False, True])
    def test_unique_and_relationships(self, project: Any, db: Database, stored: bool) -> None:
        run_dbt(["run"])

        results = run_dbt(["test", *(["--store-failures"] if stored else [])], expect_pass=False)

        found = {result.node.name: result.status == "pass" for result in results}
        assert found == PASSES

"""Unit tests see the rows that production sees: the order of columns, the NULLs of seeds, and collations."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from dbt.contracts.results import RunStatus, TestStatus
from dbt.tests.util import run_dbt
from support.outside import Database

SEEDS = {
    "raw.csv": "id,qty,note,rate,label\n1,,,n/a,x\n2,5,null,1.50,n/a\n3,7, text ,-,  \n4,-1,NULL,,\n",
    "seeds.yml": "seeds: [{name: raw, config: {column_types: {rate: 'decimal(10,2)', label: varchar(9)}}}]",
}
SEEDS["raw.csv"] = SEEDS["raw.csv"].replace(",-,", ",N/A,")
LOADED = [(1, None, None, None, "x"), (2, 5, None, 1.5, "n/a"), (3, 7, " text ", None, None), (4, -1, None, None, None)]

MODELS = {
    "copied.sql": "select id, qty, note, rate, label from {{ ref('raw') }}",
    "pairs.sql": "select id, qty as amount from {{ ref('raw') }}",
    "folded.sql": """
        select code, e, long_text, count(*) as n, sum(code = 'A' collate utf8mb4_general_ci) as same,
          min(word) as word, count(distinct word) as words, sum(coalesce(other, 'a') = 'A') as others
        from {{ source('shop', 'codes') }} group by code, e, long_text
    """,
    "exact.sql": """
        {{ config(session_variables={'collation_connection': 'utf8mb4_bin'}) }}
        select count(distinct code) as codes, count(distinct word) as words from {{ source('shop', 'codes') }}
    """,
    "unit_tests.yml": dedent("""
        sources: [{name: shop, schema: "{{ target.schema }}", tables: [{name: codes}]}]
        unit_tests:
          - name: file_of_the_seed
            model: copied
            given: [{input: ref('raw')}]
            expect:
              rows:
                - {id: 1, qty: null, note: null, rate: null, label: x}
                - {id: 2, qty: 5, note: null, rate: 1.5, label: n/a}
                - {id: 3, qty: 7, note: ' text ', rate: null, label: null}
                - {id: 4, qty: -1, note: null, rate: null, label: null}
          - name: own_rows
            model: copied
            given: [{input: "ref('test', 'raw')", rows: [{id: '1', note: ''}, {id: '2', note: 'null'}]}]
            expect: {rows: [{id: 1, note: ''}, {id: 2, note: 'null'}]}
          - name: own_csv
            model: copied
            given: [{input: ref('raw'), format: csv, rows: "id,note\\n1,\\n2,null"}]
            expect: {format: csv, rows: "note,ID\\n,1\\nnull,2"}
          - name: own_number
            model: copied
            given: [{input: ref('raw'), rows: [{id: 1, qty: ''}]}]
            expect: {rows: [{id: 1}]}
          - name: any_order
            model: pairs
            given: [{input: ref('raw'), rows: [{qty: 10, id: 1}, {id: 2, qty: 20}]}]
            expect: {rows: [{id: 1, amount: 10}, {AMOUNT: 20, Id: 2}]}
          - name: swapped
            model: pairs
            given: [{input: ref('raw'), rows: [{qty: 10, id: 1}, {id: 2, qty: 20}]}]
            expect: {rows: [{id: 1, amount: 10}, {amount: 2, id: 20}]}
          - name: other_keys
            model: copied
            given: [{input: ref('raw'), rows: [{id: 1}, {id: 2}]}]
            expect: {rows: [{id: 1, label: x}, {id: 2, note: y}]}
          - name: fewer_keys
            model: pairs
            given: [{input: ref('raw'), rows: [{id: 1}, {id: 2}]}]
            expect: {rows: [{id: 1, amount: 3}, {id: 2}]}
          - name: named_twice
            model: pairs
            given: [{input: ref('raw'), rows: [{id: 1, ID: 2}]}]
            expect: {rows: [{id: 2}]}
          - name: collations
            model: folded
            given:
              - input: source('shop', 'codes')
                rows:
                  - {code: a, e: x, long_text: t, word: b}
                  - {code: A, e: X, long_text: t, word: b}
                  - {code: A, e: X, long_text: t, word: B}
                  - {code: 'a longer text than the column may have', e: x, long_text: T, word: B}
            expect:
              rows:
                - {code: a, e: x, long_text: t, n: 1, same: 1, word: b, words: 1, others: 0}
                - {code: A, e: X, long_text: t, n: 2, same: 2, word: b, words: 1, others: 0}
                - {long_text: T, words: 1, word: B, others: 0, code: 'a longer text than the column may have', e: x,
                   n: 1, same: 0}
          - name: collation_of_the_session
            model: exact
            given: [{input: "source('shop', 'codes')", rows: [{code: a, word: b}, {code: A, word: B}]}]
            expect: {rows: [{codes: 2, words: 1}]}
          - name: no_rows
            model: folded
            given: [{input: "source('shop', 'codes')", rows: []}]
            expect: {rows: []}
    """),
}

ERRORS = {
    "own_number": "column qty: '' is no bigint: correct the value",
    "other_keys": "unit test other_keys: expect: row {id: 2, note: y} lacks label and has note, unlike the first row",
    "fewer_keys": "unit test fewer_keys: expect: row {id: 2} lacks amount, unlike the first row {id: 1, amount: 3}",
    "named_twice": "unit test fixture for 'raw': a row names the column id twice: remove one of them",
}


class TestUnitTests:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return SEEDS

    def test_results(self, project: Any, db: Database) -> None:
        columns = "code varchar(9) {0}, e enum('x', 'X') {0}, long_text text {0}, other varchar(9) {0}, word varchar(9)"
        db.run(f"create table {{s}}.codes (id int, {columns.format('collate utf8mb4_bin')})")
        run_dbt(["seed"])
        assert db.rows("select * from {s}.raw order by id") == LOADED

        results = {result.node.name: result for result in run_dbt(["test"], expect_pass=False).results}

        failed = {name for name, result in results.items() if result.status == TestStatus.Fail}
        errors = {name: result.message for name, result in results.items() if result.status == RunStatus.Error}
        assert failed == {"swapped"}, {name: results[name].message for name in failed - {"swapped"}}
        assert errors.keys() == ERRORS.keys(), errors
        for name, text in ERRORS.items():
            assert any(text in line for line in errors[name].splitlines()), errors[name]
        assert len(results) == MODELS["unit_tests.yml"].count("- name: ")

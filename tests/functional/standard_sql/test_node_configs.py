"""The configs ``standard_sql`` and ``double_pipe`` win over the profile for all statements of their node, and no other.

By the profile, casts are rewritten, and ``||`` is sent with a warning.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture
from support.outside import Database

pytestmark = pytest.mark.any_kernel

WARNING = "is a logical OR for OceanBase"
SNAPSHOT = """
{% snapshot shot %}
{{ config(strategy='check', unique_key='id', check_cols='all', double_pipe='concat', target_schema=schema) }}
select 1 as id, 'a' || 'b' as x
{% endsnapshot %}
"""
MODELS = {
    "source_row.sql": "{{ config(materialized='table') }} select 'a' as x",
    "joined.sql": """
        {{ config(materialized='table', double_pipe='concat', pre_hook="set @hooked = 'h' || 'k'") }}
        {% if execute %}{% set asked = run_query("select 'q' || 'r'").rows[0][0] %}{% endif %}
        select x || '-' as x, cast(@hooked as char(5)) as hooked, '{{ asked }}' as asked, '2'::int as n
        from {{ ref('source_row') }}
    """,
    "tested.sql": "select '2'::int as n from {{ ref('source_row') }}",
    "profiled.sql": "-- depends_on: {{ ref('joined') }}\nselect '3'::int as n, 0 || 1 as x",
    "either.sql": "{{ config(double_pipe='OR') }} select 0 || 1 as x",
    "server_cast.sql": "{{ config(standard_sql=false) }} select '3'::int as n",
    "only_comments.sql": "{{ config(standard_sql='comments') }} select 1 as n --x\n",
    "apostrophes.sql": """
        {{ config(materialized='table', optimizer_hints=['parallel(2)']) }}
        --don't select the old rows
        select 'please select one' as x, now(6) as at from {{ ref('source_row') }} --it's
    """,
    "arithmetic.sql": """
        {{ config(materialized='table', optimizer_hints=['parallel(2)'], standard_sql=false) }}
        select 5
        --1 as n from {{ ref('source_row') }}
    """,
    "wrong_pipe.sql": "{{ config(double_pipe='and') }} select 1 as n",
    "wrong_standard.sql": "{{ config(standard_sql='coments') }} select 1 as n",
    "batches.sql": """
        {{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at', batch_size='day',
                  begin='2024-01-01', double_pipe='concat') }}
        select cast('2024-01-01' as datetime) as at, 'a' || 'b' as x
    """,
    "schema.yml": dedent("""
        models:
          - name: joined
            columns:
              - name: x
                data_tests:
                  - accepted_values:
                      arguments: {values: ["a-"]}
                      config: {double_pipe: concat, where: "x = 'a' || '-'"}
        unit_tests:
          - name: as_the_model
            model: joined
            given: [{input: ref('source_row'), rows: [{x: u}]}]
            expect: {rows: [{x: u-}]}
          - name: by_itself
            model: tested
            given: [{input: ref('source_row'), rows: [{x: u}]}]
            expect: {rows: [{n: 2}]}
            config: {standard_sql: false}
    """),
}

FUNCTIONS = {
    "dashed.sql": "concat('7'::int || '-', x)",
    "as_it_is.sql": "x::int",
    "commented.sql": "--the reader's choice\nreturn concat('p', x);\n",
    "functions.yml": dedent("""
        functions:
          - name: dashed
            config: {double_pipe: concat}
            arguments: [{name: x, data_type: varchar(9)}]
            returns: {data_type: varchar(9)}
          - name: commented
            arguments: [{name: x, data_type: varchar(9)}]
            returns: {data_type: varchar(9)}
          - name: as_it_is
            config: {standard_sql: false}
            arguments: [{name: x, data_type: varchar(9)}]
            returns: {data_type: int}
    """),
}


class TestNodeConfigs:
    @pytest.fixture(scope="class")
    def dbt_profile_target(self, dbt_profile_target: dict[str, Any]) -> dict[str, Any]:
        return dbt_profile_target | {"double_pipe": "warn"}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS

    @pytest.fixture(scope="class")
    def functions(self) -> dict[str, str]:
        return FUNCTIONS

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {
            "grain.csv": "x\n1\n",
            "seeds.yml": dedent("""
                seeds:
                  - name: grain
                    config: {double_pipe: concat, post_hook: "update {{ this }} set x = '1' || '2'"}
            """),
        }

    @pytest.fixture(scope="class")
    def tests(self) -> dict[str, str]:
        return {"same.sql": "{{ config(double_pipe='concat') }}select * from {{ ref('joined') }} where x <> 'a' || '-'"}

    @pytest.fixture(scope="class")
    def analyses(self) -> dict[str, str]:
        return {"asked.sql": "{{ config(double_pipe='concat') }} select 'c' || 'd' as x"}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return {"shot.sql": SNAPSHOT}

    @pytest.fixture(scope="class", autouse=True)
    def built(self, project: Any) -> tuple[dict[str, Any], str]:
        results, log = run_dbt_and_capture(
            ["build", "--threads", "1", "--event-time-start", "2024-01-01", "--event-time-end", "2024-01-02"],
            expect_pass=False,
        )
        return {result.node.name: result for result in results}, log

    @pytest.fixture(scope="class")
    def results(self, built: tuple[dict[str, Any], str]) -> dict[str, Any]:
        return built[0]

    def test_all_statements_of_the_node_are_rewritten(self, results: dict[str, Any], db: Database) -> None:
        assert db.rows("select * from {s}.joined") == [("a-", "hk", "qr", 2)]
        assert db.rows("select x from {s}.shot") == [("ab",)]
        assert db.rows("select x from {s}.batches") == [("ab",)]
        assert db.value("select x from {s}.grain") == 12
        assert db.value("select {s}.dashed('x')") == "7-x"
        assert results["same"].status == "pass"
        assert results["accepted_values_joined_x__a_"].status == "pass"

    def test_other_nodes_are_as_the_profile_says(self, built: tuple[dict[str, Any], str], db: Database) -> None:
        warned = [line for line in built[1].splitlines() if WARNING in line]

        assert db.rows("select n, x from {s}.profiled") == [(3, 1)]
        assert [line for line in warned if "profiled" in line] == warned
        assert len(warned) == 1

    def test_a_text_can_be_sent_as_it_is(self, results: dict[str, Any], db: Database) -> None:
        assert db.value("select x from {s}.either") == 1
        assert "1064" in results["server_cast"].message
        assert "1064" in results["as_it_is"].message
        assert db.value("select n from {s}.only_comments") == 1
        assert db.value("select n from {s}.arithmetic") == 6

    def test_a_comment_without_a_blank_hides_nothing(self, db: Database) -> None:
        assert db.rows("select x from {s}.apostrophes") == [("please select one",)]
        assert db.value("select {s}.commented('x')") == "px"

    def test_a_wrong_value_is_an_error_of_one_line(self, results: dict[str, Any]) -> None:
        assert "\n  double_pipe must be one of warn, concat, or, not 'and'" in results["wrong_pipe"].message
        assert "\n  standard_sql must be true, comments or false, not 'coments'" in results["wrong_standard"].message

    def test_a_unit_test_is_as_its_model_or_as_it_says_itself(self, results: dict[str, Any]) -> None:
        assert results["as_the_model"].status == "pass"
        assert "1064" in results["by_itself"].message

    @pytest.mark.parametrize(
        ("arguments", "value"),
        [
            (["--select", "joined"], "a-"),
            (["--inline", "{{ config(double_pipe='concat') }} select 'i' || 'j' as x"], "ij"),
            (["--select", "resource_type:analysis"], "cd"),
        ],
    )
    def test_show(self, project: Any, arguments: list[str], value: str) -> None:
        shown = run_dbt(["show", *arguments])

        assert shown.results[0].agate_table.rows[0][0] == value

    def test_target_run_shows_what_was_sent(self, project: Any) -> None:
        found = Path(project.project_root, "target", "run").rglob("*.sql")
        files = {path.stem: path.read_text() for path in found if path.is_file()}
        batch = next(text for name, text in files.items() if name.startswith("batches"))

        assert "concat(x , '-')" in files["joined"]
        assert "::int" not in files["joined"]
        assert "concat('a' , 'b')" in batch
        assert "<> concat('a' , '-')" in files["same"]
        assert "0 || 1" in files["profiled"]
        assert "::int" not in files["profiled"]
        assert "::int" in files["server_cast"]
        assert "-- x" in files["only_comments"]
        assert "select /*+ parallel(2) */ 'please select one'" in files["apostrophes"]
        assert "utc_timestamp(6)" in files["apostrophes"]
        assert "select /*+ parallel(2) */ 5" in files["arithmetic"]
        assert "concat(" in files["shot"]

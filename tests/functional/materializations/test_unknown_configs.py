"""A misspelt config is an error, and a config that nothing reads is warned about once, on every kind of node."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from dbt.tests.util import run_dbt, run_dbt_and_capture
from support.outside import Database

TABLE = "{{ config(materialized='table', %s) }} select 1 as id"

BATCHED = """
{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at', batch_size='day',
  begin=modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d')) }}
select * from {{ ref('timed') }}
"""

OWN_MATERIALIZATION = """
{% materialization marked, adapter='oceanbase' %}
  {% set found = model.config %}
  {% call statement('main') %}
    create table {{ this }} as select '{{ found.get("mark") }}' as mark
  {% endcall %}
  {{ return({'relations': [this]}) }}
{% endmaterialization %}
"""

PROPERTIES = {
    "models": [
        {
            "name": "good",
            "columns": [
                {
                    "name": "id",
                    "data_tests": [
                        {"unique": {"name": "misspelt_test", "config": {"severitty": "warn"}}},
                        {"not_null": {"name": "odd_test", "config": {"query_label": "x", "severity": "warn"}}},
                    ],
                }
            ],
        }
    ],
    "seeds": [{"name": "misspelt_seed", "config": {"column_typs": {"id": "int"}}}],
}

SNAPSHOT = """
{% snapshot misspelt_snapshot %}
  {{ config(unique_key='id', strategy='check', check_cols='all', hard_delete='ignore') }}
  select 1 as id
{% endsnapshot %}
"""

MEANT = {
    "misspelt": "materialised: there is no such config, and materialized is spelled much like it: write materialized",
    "misspelt_key": "unqiue_key: there is no such config, and unique_key",
    "misspelt_seed": "column_typs: there is no such config, and column_types",
    "misspelt_snapshot": "hard_delete: there is no such config, and hard_deletes",
    "misspelt_test": "severitty: there is no such config, and severity",
}


class TestUnknownConfigs:
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"vars": {"known_configs": ["material"]}}

    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return {"marked.sql": OWN_MATERIALIZATION}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "misspelt.sql": "{{ config(materialised='table') }} select 1 as id",
            "misspelt_key.sql": "{{ config(materialized='incremental', unqiue_key='id') }} select 1 as id",
            "marked_table.sql": "{{ config(materialized='marked', mark='m', cluster_by='x') }} select 1 as id",
            "odd.sql": TABLE % "query_label='x', material='listed', meta={'anything': 1}",
            "odd_2.sql": TABLE % "query_label='y', own='1', hours_to_expiration=2" + ", {{ config.get('own') }} as own",
            "good.sql": TABLE % "snapshot_meta_column_names={}, sql_header='', pre_hook=[], tags='a', hard_deletes='x'",
            "batched.sql": BATCHED,
            "timed.sql": TABLE % "event_time='at'" + ", current_timestamp as at",
            "properties.yml": yaml.safe_dump(PROPERTIES),
        }

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"misspelt_seed.csv": "id\n1\n"}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return {"snapshots.sql": SNAPSHOT}

    def test_every_kind_of_node(self, project: Any, db: Database) -> None:
        results, log = run_dbt_and_capture(["build"], expect_pass=False)

        failed = {result.node.name: result.message for result in results if result.status == "error"}
        assert failed.keys() == MEANT.keys()
        for name, text in MEANT.items():
            [line] = [line for line in failed[name].splitlines() if ": there is no such config" in line]
            assert text in line
            assert "known_configs" in line
        assert db.relations().keys() == {"marked_table", "odd", "odd_2", "good", "timed", "batched"}
        assert db.rows("select mark from {s}.marked_table") == [("m",)]

        warned = [line.partition("OceanBase adapter: ")[2] for line in log.splitlines() if "not read by dbt" in line]
        assert sorted(line.partition(":")[0] for line in warned) == ["cluster_by", "hours_to_expiration", "query_label"]
        assert [line for line in warned if "(odd, odd_2, odd_test)" in line and line.startswith("query_label: ")]

    def test_a_warning_may_be_an_error(self, project: Any) -> None:
        command = ["--warn-error", "run", "--select", "odd"]
        [result] = run_dbt(command, expect_pass=False)
        assert "query_label: not read by dbt" in result.message
        assert run_dbt([*command, "--vars", "known_configs: [query_label, material]"])

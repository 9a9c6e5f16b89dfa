"""A misspelt config is an error, and one without effect is warned about once, on every kind of node.

A config of another adapter is an error on a node of the project, and is warned about on a node of a package.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.tests.util import run_dbt, run_dbt_and_capture
from support.outside import Database

pytestmark = pytest.mark.any_kernel

TABLE = "{{ config(materialized='table', %s) }} select 1 as id"

OWN = ", {{ config.get('own') }} as own"

BATCHED = """
{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at', batch_size='day',
  begin=modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d')) }}
select * from {{ ref('timed') }}
"""

OWN_MATERIALIZATION = """
{% materialization marked, adapter='oceanbase' %}
  {% set found = model.config %}
  {% call statement('main') %}
    create table {{ this }} as select '{{ found.get("mark") }}' as mark -- {{ found.get("engine") }}
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
                        {"not_null": {"name": "odd_test", "config": {"query_label": "x", "location": "/x"}}},
                    ],
                }
            ],
        }
    ],
    "sources": [{"name": "outside", "tables": [{"name": "given", "config": {"partition_by": "x", "parallel": 2}}]}],
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
    "clustered": "cluster_by: a config of other adapters, which has no effect here: write primary_key",
    "appended": "append: a config of other adapters, which has no effect here: write incremental_strategy: append",
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
            "marked_table.sql": "{{ config(materialized='marked', mark='m', engine='x', marks=1) }} select 1 as id",
            "clustered.sql": TABLE % "cluster_by='id'",
            "appended.sql": TABLE % "append=true",
            "inlined.sql": "{{ config(materialized='ephemeral', double_pipe='or', primary_key='id') }} select 1 as id",
            "inlined_2.sql": "{{ config(materialized='ephemeral', indexes=[]) }} select 1 as id",
            "odd.sql": TABLE % "query_label='x', material='listed', properties={'a': 1}, meta={'anything': 1}",
            "odd_2.sql": TABLE % "query_label='y', own='1', on_configuration_change='fail'"
            + ", {{ config.get('own') }} as own",
            "good.sql": TABLE % "cluster_by=none, transient=false, snapshot_meta_column_names={}, sql_header='', "
            "pre_hook=[], tags='a', hard_deletes='x'",
            "batched.sql": BATCHED,
            "timed.sql": TABLE % "event_time='at'" + ", current_timestamp as at",
            "properties.yml": yaml.safe_dump(PROPERTIES),
        }

    @pytest.fixture(scope="class")
    def packages(self) -> dict[str, Any]:
        return {"packages": [{"local": "installed"}]}

    @pytest.fixture(scope="class", autouse=True)
    def installed(self, project: Any) -> None:
        """Install a package with a model that sets a config of another adapter."""
        folder = Path(project.project_root, "installed")
        (folder / "models").mkdir(parents=True)
        (folder / "dbt_project.yml").write_text("{name: package, version: '1.0', config-version: 2}")
        (folder / "models" / "of_package.sql").write_text(TABLE % "sort='id'")
        run_dbt(["deps"])

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
            [line] = [line for line in failed[name].splitlines() if "known_configs" in line]
            assert text in line
        assert db.relations().keys() == {"marked_table", "odd", "odd_2", "good", "timed", "batched", "of_package"}
        assert db.rows("select mark from {s}.marked_table") == [("m",)]

        warned = [line.partition("OceanBase adapter: ")[2] for line in log.splitlines() if "no effect" in line]
        warned = [line for line in warned if line]
        unread = [line for line in warned if "not read by dbt" in line]
        assert sorted(line.partition(":")[0] for line in unread) == ["marks", "properties", "query_label", "sort"]
        assert [line for line in unread if "(odd, odd_2, odd_test)" in line and line.startswith("query_label: ")]
        [sort] = [line for line in unread if line.startswith("sort: ")]
        assert "(of_package): write primary_key" in sort
        # a config of other adapters whose name other tools use too, on a node of the project itself
        [properties] = [line for line in unread if line.startswith("properties: ")]
        assert "(odd): write table_options" in properties
        assert sorted(line for line in warned if line not in unread) == [
            "indexes: no effect on an ephemeral model, since its SQL becomes a part of other models (inlined_2): "
            "set it on the models that select from it",
            "location: no effect on a test, since it is a config of models with materialized: external (odd_test): "
            "remove it",
            "on_configuration_change: no effect on a table, since it is built anew in each run (odd_2): remove it",
            "partition_by: no effect on a source, since dbt builds no table for it (given): set it on the model that "
            "needs it",
            "primary_key: no effect on an ephemeral model, since its SQL becomes a part of other models (inlined): "
            "set it on the models that select from it",
        ]

    def test_a_warning_may_be_an_error(self, project: Any) -> None:
        others = "material, properties, location, on_configuration_change, partition_by"
        run = ["--warn-error", "run", "--vars"]
        [result] = run_dbt([*run, f"known_configs: [indexes, primary_key, {others}]", "--select", "odd"], False)
        assert "query_label: not read by dbt" in result.message
        # each node fails, with all warnings about configs without effect
        for result in run_dbt([*run, f"known_configs: [{others}]", "--select", "odd", "timed"], False):
            assert "indexes: no effect" in result.message
            assert "primary_key: no effect" in result.message
        assert run_dbt([*run, f"known_configs: [query_label, indexes, primary_key, {others}]", "--select", "odd"])

    @pytest.mark.parametrize("value", ["", "[]", "null"])
    def test_an_empty_list(self, project: Any, value: str) -> None:
        _, log = run_dbt_and_capture(["run", "--vars", f"{{known_configs: {value}}}", "--select", "odd"])

        assert "query_label: not read by dbt" in log
        assert "material: not read by dbt" in log

    @pytest.mark.parametrize("value", ["3", "{query_label: true}", "[query_label, 3]", "false"])
    def test_a_list_of_anything_but_names_is_refused(self, project: Any, value: str) -> None:
        arguments = ["run", "--vars", f"{{known_configs: {value}}}", "--select", "odd"]
        [result] = run_dbt(arguments, expect_pass=False)

        assert f"known_configs: {yaml.safe_load(value)!r} is no list of names of configs: write [" in result.message

    def test_a_single_name(self, project: Any) -> None:
        _, log = run_dbt_and_capture(["run", "--vars", "{known_configs: query_label}", "--select", "odd"])

        assert "query_label: not read by dbt" not in log
        assert "material: not read by dbt" in log

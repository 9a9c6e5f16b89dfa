"""The operation that finds what the adapter type of earlier releases has damaged, and the remedies that it names."""

from __future__ import annotations

import re
from typing import Any

import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture

pytestmark = pytest.mark.any_kernel

SNAPSHOT = """
{% snapshot history %}
  {{ config(unique_key='id', strategy='check', check_cols=['word']) }}
  select * from {{ ref('words') }}
{% endsnapshot %}
"""


class TestFindDamage:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        key = "{{ config(materialized='incremental', unique_key=%s) }} "
        return {
            "words.sql": "select 1 as id, 'a' as word union all select 2, 'b'",
            "keyed.sql": key % "['group', 'word']" + "select 1 as `group`, word from {{ ref('words') }}",
            "sound.sql": key % "'word'" + "select word from {{ ref('words') }} union all select 'A'",
            "absent.sql": "{{ config(materialized='incremental', unique_key='id', tags='absent') }} select 1 as id",
        }

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return {"history.sql": SNAPSHOT}

    def found(self) -> list[str]:
        _, log = run_dbt_and_capture(["run-operation", "oceanbase__find_damage"])
        return [line for line in log.splitlines() if " share " in line or "are damaged" in line]

    def test_damage_is_found_and_mended(self, project: Any) -> None:
        run_dbt(["build", "--exclude", "tag:absent"])
        project.run_sql("update history set dbt_scd_id = md5('0'), dbt_valid_to = if(id = 1, now(), null)")
        project.run_sql("insert into keyed values (1, 'a'), (null, 'c'), (null, 'c')")

        lines = self.found()

        [snapshot] = [line for line in lines if "history (" in line]
        assert "2 rows share 1 values of dbt_scd_id" in snapshot
        [keyed] = [line for line in lines if "keyed (" in line]
        assert "4 rows share 2 values of unique_key: dbt run --full-refresh --select keyed" in keyed
        assert "2 of 3 relations are damaged" in lines[-1]
        assert len(lines) == 3

        [statement] = re.findall(r"(update .+?); then", snapshot)
        project.run_sql(statement)
        run_dbt(["run", "--full-refresh", "--select", "keyed"])
        run_dbt(["snapshot"])
        assert "0 of 3 relations are damaged" in self.found()[-1]
        current = "select id, word from history where dbt_valid_to is null order by id"
        assert project.run_sql(current, fetch="all") == ((1, "a"), (2, "b"))
        assert project.run_sql("select count(*), count(distinct dbt_scd_id) from history", fetch="one") == (3, 3)

"""Parts of what a model reads: ``--sample`` by event time, and ``--empty``."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

pytestmark = pytest.mark.any_kernel

START, END = "2025-01-02", "2025-01-03"
MOMENTS = [
    "2025-01-01 23:59:59.999999",
    "2025-01-02 00:00:00",
    "2025-01-02 23:59:59.999999",
    "2025-01-03 00:00:00",
]
KINDS = {"dt": "datetime(6)", "ts": "timestamp(6) null", "text": "varchar(40)", "day": "date"}
READS = "select * from {{ %s }}"


class TestParts:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        tables = [{"name": name, "config": {"event_time": "happened"}} for name in KINDS]
        source = {"name": "raw", "schema": "{{ target.schema }}", "tables": tables}
        joined = "select a.id as id, b.id as other from {{ ref('stored') }} as a join {{ source('raw', 'ts') }} b"
        return {
            "sources.yml": json.dumps({"sources": [source]}),
            **{f"of_{name}.sql": READS % f"source('raw', '{name}')" for name in KINDS},
            "stored.sql": "{{ config(materialized='table', event_time='happened') }}" + READS % "source('raw', 'dt')",
            "within.sql": "{{ config(materialized='ephemeral', event_time='happened') }}" + READS % "ref('stored')",
            "unaliased.sql": "{{ config(materialized='table') }} " + READS % "ref('within')",
            "joined.sql": joined + " on a.id = b.id",
            "aliased.sql": "{{ config(materialized='incremental', unique_key='id') }}"
            " select s.id from {{ ref('stored') }} s where s.id in (select id from {{ ref('of_dt') }})",
            "unfiltered.sql": READS % "ref('of_dt')",
        }

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        config = "{{ config(unique_key='id', strategy='check', check_cols=['happened']) }}"
        return {"history.sql": "{% snapshot history %}" + config + READS % "ref('stored')" + "{% endsnapshot %}"}

    @pytest.fixture(scope="class", autouse=True)
    def source(self, db: Database) -> None:
        for name, kind in KINDS.items():
            values = [moment[:10] if name == "day" else moment for moment in MOMENTS]
            rows = ", ".join(f"({number}, '{value}')" for number, value in enumerate(values, start=1))
            db.run(f"create table {{s}}.{name} (id int, happened {kind})", f"insert into {{s}}.{name} values {rows}")

    def ids(self, db: Database, name: str) -> set[int]:
        return {row[0] for row in db.rows(f"select id from {{s}}.{name}")}

    def test_a_sample(self, project: Any, db: Database) -> None:
        run_dbt(["build", "--full-refresh", "--sample", f"{{'start': '{START}', 'end': '{END}'}}"])

        assert {name: self.ids(db, f"of_{name}") for name in KINDS} == {kind: {2, 3} for kind in KINDS}
        for name in ("stored", "unaliased", "joined", "aliased", "unfiltered", "history"):
            assert self.ids(db, name) == {2, 3}, name

    def test_nothing(self, project: Any, db: Database) -> None:
        run_dbt(["build", "--full-refresh", "--empty"])

        relations = db.relations()
        assert {"stored", "joined", "aliased"} < set(relations)
        for name in set(relations) - set(KINDS) - {"history"}:
            assert self.ids(db, name) == set(), name

    def test_all(self, project: Any, db: Database) -> None:
        run_dbt(["build", "--full-refresh"])

        for name in ("of_ts", "stored", "unaliased", "joined", "aliased", "history"):
            assert self.ids(db, name) == {1, 2, 3, 4}, name

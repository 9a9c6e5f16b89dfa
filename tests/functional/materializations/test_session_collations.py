"""What dbt does must not depend on the profile's field ``collation``, nor on capital letters in names.

The adapter's own queries compare names in the server's catalog. In some of them, both sides are columns of the catalog.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture
from support.collations import InEachSession, for_each_collation
from support.outside import Database

from dbt.adapters.oceanbase import OceanBaseAdapter

pytest_generate_tests = for_each_collation

ORDERS = "{{ config(materialized=var('orders', 'table')) }} select 1 as Id, 'a' as Word union all select 2, 'B'"
TURNED = "{{ config(materialized=var('kind', 'table')) }} select 1 as id, 'a' as word"
GROWN = """
{{ config(materialized='incremental', unique_key='word', incremental_strategy='delete+insert',
  on_schema_change='fail') }}
{% set n = var('n', 1) %} select {{ n }} as id, 'word {{ n }}' as word, {{ n }} as Part
"""
HISTORY = """
{% snapshot History %} {{ config(unique_key='id', strategy='check', check_cols='all') }}
select id, word from {{ ref('Orders') }} {% endsnapshot %}
"""
SCHEMA = """
models:
  - name: Orders
    description: The orders
    config: {contract: {enforced: true}}
    columns:
      - {name: Id, data_type: bigint, description: The key, constraints: [{type: not_null}, {type: primary_key}]}
      - name: Word
        data_type: varchar(10)
        data_tests:
          - unique
          - accepted_values: {arguments: {values: [a, B]}}
          - relationships: {arguments: {to: ref('Words'), field: word}}
  - name: Grown
    config: {contract: {enforced: true}}
    constraints: [{type: foreign_key, columns: [id], to: ref('Orders'), to_columns: [Id]}]
    columns:
      - {name: id, data_type: bigint, constraints: [{type: primary_key}, {type: check, expression: id > 0}]}
      - {name: word, data_type: varchar(20), constraints: [{type: not_null}]}
      - {name: Part, data_type: bigint, constraints: [{type: unique}]}
"""
WORDS = "id,word\n1,a\n2,B\n"
KEY = "constraint To_{of} foreign key (id) references {{s}}.{of} (id)"


class TestSession(InEachSession):
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        persisted = {"+persist_docs": {"relation": True, "columns": True}}
        keyed = {"Words": {"+column_types": {"id": "bigint primary key"}}}
        return {"models": persisted, "seeds": {"test": keyed}, "flags": {"send_anonymous_usage_stats": False}}

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"Words.csv": WORDS}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        texts = {"Orders": ORDERS, "Turned": TURNED, "Grown": GROWN}
        return {**{f"{name}.sql": text for name, text in texts.items()}, "schema.yml": SCHEMA}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return {"History.sql": HISTORY}

    @pytest.fixture(scope="class")
    def built(self, project: Any, db: Database) -> str:
        """Build everything, and give the model ``Orders`` and the seed ``Words`` a child. Return the collation."""
        run_dbt(["build"])
        for parent in ("Orders", "Words"):
            db.run(f"create table {{s}}.Child_of_{parent} (id bigint not null, {KEY.format(of=parent)})")
            db.run(f"insert into {{s}}.Child_of_{parent} values (2)")
        with project.adapter.connection_named("asks"):
            return str(project.adapter.execute("select @@collation_connection", fetch=True)[1].rows[0][0])

    def test_again(self, built: str, collation: str, db: Database) -> None:
        """Parents of foreign keys are rebuilt, contracts get an increment, and a seed's rows are replaced."""
        for n in (2, 2):
            _, log = run_dbt_and_capture(["build", "--vars", f"n: {n}"])
            assert "WARN=0" in log

        assert built == collation
        assert db.rows("select id, word from {s}.Grown order by id") == [(1, "word 1"), (2, "word 2")]
        assert db.value("select count(*) from {s}.History") == 2
        assert [name for name in db.relations() if "__dbt" in name] == []
        for child in ("Child_of_Orders", "Child_of_Words", "Grown"):
            values = "(3, 'c', 3)" if child == "Grown" else "(3)"
            with pytest.raises(pymysql.err.IntegrityError, match="1452"):
                db.run(f"insert into {{s}}.{child} values {values}")

    @pytest.mark.usefixtures("built")
    def test_a_table_becomes_a_view(self, db: Database) -> None:
        for kind in ("view", "view", "table"):
            run_dbt(["run", "--select", "Turned", "--vars", f"kind: {kind}"])
            assert db.relations()["turned"] == kind

        [result] = run_dbt(["run", "--select", "Orders", "--vars", "orders: view"], expect_pass=False)
        assert "To_Orders" in result.message

    # up to this number dbt passes relations, beyond it only their schemas
    @pytest.mark.parametrize("named", [100, 0], ids=["relations", "schemas"])
    @pytest.mark.usefixtures("built")
    def test_docs(self, project: Any, named: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(OceanBaseAdapter, "MAX_SCHEMA_METADATA_RELATIONS", named)
        run_dbt(["docs", "generate"])

        catalog = json.loads((Path(project.project_root) / "target" / "catalog.json").read_text())
        found = {key.split(".")[-1]: node for key, node in catalog["nodes"].items()}
        assert found.keys() == {"Orders", "Turned", "Grown", "Words", "History"}
        assert found["Orders"]["metadata"]["comment"] == "The orders"
        assert found["Orders"]["columns"]["Id"]["comment"] == "The key"

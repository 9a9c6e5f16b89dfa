"""`dbt docs generate` sends one query for the catalog, whatever the number of schemas and relations."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pymysql
import pytest
from dbt.tests.util import get_connection, run_dbt
from support.recorder import Recorder

from dbt.adapters.oceanbase.impl import OceanBaseAdapter


@pytest.fixture(scope="class")
def dbt_profile_target(recorded_target: dict[str, Any]) -> dict[str, Any]:
    return {**recorded_target, "threads": 4}


class TestCatalog:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        select = "select 1 as id, 'a' as word"
        return {
            "a_table.sql": f"{{{{ config(materialized='table') }}}} {select}",
            "a_view.sql": select,
            "elsewhere.sql": f"{{{{ config(schema='other') }}}} {select}",
        }

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"a_seed.csv": "id,word\n1,a\n"}

    def test_kinds_and_case(self, project: Any, server: pymysql.Connection, tmp_path: Path) -> None:
        """Each kind of relation is found by any case of its name: by relations, by schemas, and one by one."""
        schema = f"`{project.test_schema}`"
        made = {
            "told": f"create table {schema}.told (Id int comment 'the key') comment 'A table'",
            "viewed": f"create view {schema}.viewed as select 1 as id",
            "kept": f"create materialized view {schema}.kept as select * from {schema}.told",
            "outside": f"create external table {schema}.outside (id int) location='file://{tmp_path}/' "
            "format=(type='csv') pattern='.*'",
        }
        expected = {"told": "BASE TABLE", "viewed": "VIEW"}
        with get_connection(project.adapter):
            if project.adapter.has_materialized_views():  # kernel 1.4 has neither of the two
                expected |= {"kept": "MATERIALIZED VIEW", "outside": "EXTERNAL TABLE"}
        with server.cursor() as cursor:
            for name in expected:
                cursor.execute(made[name])
        adapter = project.adapter
        relations = [adapter.Relation.create(schema=project.test_schema, identifier=name.upper()) for name in made]
        with get_connection(adapter):
            for kwargs in (
                {"macro_name": "get_catalog", "kwargs": {"information_schema": None, "schemas": [project.test_schema]}},
                {"macro_name": "get_catalog_relations", "kwargs": {"information_schema": None, "relations": relations}},
            ):
                rows = [row.dict() for row in adapter.execute_macro(**kwargs).rows]
                found = {row["table_name"]: row["table_type"] for row in rows if row["table_name"] in made}
                assert found == expected
            ones = [adapter.get_catalog_for_single_relation(relation) for relation in relations]
        assert {one.metadata.name: one.metadata.type for one in ones if one} == expected
        [told] = [one for one in ones if one and one.metadata.name == "told"]
        assert (told.metadata.comment, told.columns["Id"].comment) == ("A table", "the key")

    def test_other_schemas_are_not_read(self, project: Any, server: pymysql.Connection) -> None:
        """The server warns (1356) of each broken view whose columns it reads: it reads none of another schema."""
        mine, other = (f"{project.test_schema}{end}" for end in ("", "_broken"))
        with server.cursor() as cursor:
            cursor.execute(f"create database {other}")
            for schema in (mine, other):
                cursor.execute(f"create table {schema}.gone (id int)")
                cursor.execute(f"create view {schema}.broken as select id from {schema}.gone")
                cursor.execute(f"drop table {schema}.gone")
        adapter = project.adapter
        relations = [adapter.Relation.create(schema=mine, identifier="broken")]

        found = []
        for name, asked in (("get_catalog", {"schemas": [mine]}), ("get_catalog_relations", {"relations": relations})):
            with get_connection(adapter):
                adapter.execute_macro(name, kwargs={"information_schema": None, **asked})
                found.append([str(row[2]) for row in adapter.execute("show warnings", fetch=True)[1].rows])

        assert all(len(warnings) == 1 and f"'{mine}.broken'" in warnings[0] for warnings in found), found

    # up to this number dbt passes relations, beyond it only their schemas
    @pytest.mark.parametrize("named", [100, 1], ids=["relations", "schemas"])
    def test_one_query(self, project: Any, recorder: Recorder, named: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(OceanBaseAdapter, "MAX_SCHEMA_METADATA_RELATIONS", named)
        run_dbt(["build"])
        recorder.clear()

        run_dbt(["docs", "generate"])

        sent = [sql for connection in recorder.connections for sql in connection if "information_schema.columns" in sql]
        assert len(sent) == 1
        schemas = set(re.findall(r"'(test\w+?)'", sent[0]))
        assert schemas == {project.test_schema, f"{project.test_schema}_other"}
        assert ("'a_seed'" in sent[0]) == (named > 1)
        catalog = json.loads((Path(project.project_root) / "target" / "catalog.json").read_text())
        columns = {key.split(".")[-1]: list(node["columns"]) for key, node in catalog["nodes"].items()}
        assert columns == {name: ["id", "word"] for name in ("a_table", "a_view", "elsewhere", "a_seed")}

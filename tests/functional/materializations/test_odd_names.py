"""Names that need their quotes, everywhere a name goes: relations of each kind, columns, tests, grants, comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pymysql
import pytest
import yaml
from dbt.tests.util import run_dbt
from outside import Database

ODD = [
    "select",
    "with`tick",
    'it\'s "quoted"',
    "a.b",
    "😀 emoji",
    "UPPER",
    "back\\slash",
    "per%cent",
    "# -- /*",
    "é" * 64,
]
KINDS = ("view", "table", "incremental", "snapshot", "seed")
# the server does not quote such a backtick in the INSERT that its CREATE TABLE ... AS is made of (1064)
COLUMNS = ["id", *[name for name in ODD if len(name) < 64 and "`" not in name]]


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def jinja(name: str) -> str:
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


class TestOddNames:
    """Each kind has one node for every second odd name; every one of them has all the odd columns."""

    @pytest.fixture(scope="class")
    def nodes(self) -> dict[str, tuple[str, str]]:
        """Node -> its kind and its alias, cut to leave room for the kind."""
        return {
            f"{kind}_{number}": (kind, f"{name[: 64 - len(kind) - 1]} {kind}")
            for place, kind in enumerate(KINDS)
            for number, name in enumerate(ODD)
            if (place + number) % 2 == 0
        }

    @pytest.fixture(scope="class")
    def select(self) -> str:
        return "select " + ", ".join(f"{number} as {quoted(name)}" for number, name in enumerate(COLUMNS))

    @pytest.fixture(scope="class")
    def models(self, nodes: dict[str, tuple[str, str]], select: str) -> dict[str, str]:
        found = {}
        properties: list[dict[str, Any]] = []
        for node, (kind, alias) in nodes.items():
            if kind in ("view", "table", "incremental"):
                found[f"{node}.sql"] = select
                config: dict[str, Any] = {"materialized": kind, "alias": alias}
                if kind == "incremental":
                    config["unique_key"] = [quoted(name) for name in COLUMNS[:3]]
                columns = [
                    {"name": name, "quote": True, "description": name, "data_tests": ["not_null", "unique"]}
                    for name in (COLUMNS if node.endswith("_1") else [])
                ]
                properties.append({"name": node, "description": alias, "config": config, "columns": columns})
        source = {"name": "s", "schema": "{{ target.schema }}", "tables": [{"name": "odd", "identifier": ODD[2]}]}
        found["from_source.sql"] = "select * from {{ source('s', 'odd') }}"
        found["properties.yml"] = yaml.safe_dump({"models": properties, "sources": [source]}, allow_unicode=True)
        return found

    @pytest.fixture(scope="class")
    def snapshots(self, nodes: dict[str, tuple[str, str]], select: str) -> dict[str, str]:
        config = "unique_key='id', strategy='check', check_cols='all'"
        return {
            f"{node}.sql": f"{{% snapshot {node} %}} {{{{ config(alias={jinja(alias)}, {config}) }}}} {select}"
            " {% endsnapshot %}"
            for node, (kind, alias) in nodes.items()
            if kind == "snapshot"
        }

    @pytest.fixture(scope="class")
    def seeds(self, nodes: dict[str, tuple[str, str]]) -> dict[str, str]:
        header = ",".join('"' + name.replace('"', '""') + '"' for name in COLUMNS)
        seeds = {node: alias for node, (kind, alias) in nodes.items() if kind == "seed"}
        configs = [{"name": node, "config": {"alias": alias, "quote_columns": True}} for node, alias in seeds.items()]
        files = {f"{node}.csv": f"{header}\n{','.join(str(n) for n in range(len(COLUMNS)))}\n" for node in seeds}
        return {**files, "seeds.yml": yaml.safe_dump({"seeds": configs}, allow_unicode=True)}

    @pytest.fixture(scope="class")
    def reader(self, server: pymysql.Connection, unique_schema: str) -> Iterator[str]:
        name = f"o'dd {unique_schema[4:20]}"
        account = "'" + name.replace("'", "''") + "'"
        with server.cursor() as cursor:
            cursor.execute(f"create user if not exists {account}")
            yield name
            cursor.execute(f"drop user if exists {account}")

    @pytest.fixture(scope="class")
    def project_config_update(self, reader: str) -> dict[str, Any]:
        everything = {"+grants": {"select": [reader]}, "+persist_docs": {"relation": True, "columns": True}}
        stored = {"+store_failures": True}
        return {"models": everything, "seeds": everything, "snapshots": everything, "data_tests": stored}

    def test_everywhere(self, project: Any, db: Database, nodes: dict[str, tuple[str, str]], server: Any) -> None:
        db.run(f"create table {{s}}.{quoted(ODD[2])} as select 5 as five")
        results = run_dbt(["build"])
        results = [*results, *run_dbt(["build"]), *run_dbt(["build", "--full-refresh"])]

        assert {result.status for result in results} <= {"success", "pass"}
        folds = db.value("select @@lower_case_table_names") != 0
        aliases = {alias.lower() if folds else alias: kind for kind, alias in nodes.values()}
        kinds = {alias: "view" if kind == "view" else "table" for alias, kind in aliases.items()}
        assert db.relations() == {**kinds, ODD[2]: "table", "from_source": "view"}
        for alias in aliases:
            with server.cursor(pymysql.cursors.DictCursor) as cursor:
                cursor.execute(f"select * from {quoted(db.schema)}.{quoted(alias)}")
                row = cursor.fetchone()
                assert cursor.fetchone() is None
            assert {name: int(row[name]) for name in COLUMNS} == {name: n for n, name in enumerate(COLUMNS)}
        commented = dict(
            db.rows(
                "select column_name, column_comment from information_schema.columns "
                f"where table_name = 'with`tick table' and table_schema = '{db.schema}'"
            )
        )
        assert commented == {name: name for name in COLUMNS}
        granted = "select count(distinct table_name) from information_schema.table_privileges"
        assert db.value(f"{granted} where table_schema = '{db.schema}'") == len(nodes) + 1
        catalog = run_dbt(["docs", "generate"])
        assert sum(not name.startswith("test.") for name in catalog.nodes) == len(nodes) + 1

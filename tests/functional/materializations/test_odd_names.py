"""Names that need quotes, for relations of each kind, columns, tests, grants and comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pymysql
import pytest
import yaml
from dbt.tests.util import run_dbt
from support.outside import Database, change_account

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
# the server does not quote such a backtick in the INSERT that its CREATE TABLE ... AS runs (1064)
COLUMNS = ["id", *[name for name in ODD if len(name) < 64 and "`" not in name]]


LONG_NAME = "a check with a name that is longer than the server's sixty-four characters: cut, and told apart"


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def of_function(name: str) -> str:
    """Return an odd name for a function, whose names have 64 bytes at most."""
    return name.encode()[:64].decode()


def jinja(name: str) -> str:
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


def constrained() -> dict[str, Any]:
    """Return the properties of a model with each kind of constraint on odd columns, with odd and long names."""
    key, unique, checked = COLUMNS[1:4]
    columns: dict[str, dict[str, Any]] = {
        name: {"name": name, "quote": True, "data_type": "bigint", "description": name} for name in COLUMNS
    }
    columns[key]["constraints"] = [{"type": "not_null"}, {"type": "primary_key", "name": "a `key`"}]
    columns[unique]["constraints"] = [{"type": "unique", "name": "it's unique"}]
    columns[checked]["constraints"] = [{"type": "check", "name": LONG_NAME, "expression": f"{quoted(checked)} > 0"}]
    both = {"type": "unique", "columns": [key, checked], "name": "both 😀"}
    child = {
        "type": "foreign_key",
        "columns": [unique],
        "name": "to`itself",
        "expression": "{{ target.schema }}.roots (`a.b`)",
    }
    return {
        "name": "constrained",
        "config": {"materialized": "table", "alias": "UPPER `constrained`", "contract": {"enforced": True}},
        "constraints": [both, child],
        "columns": list(columns.values()),
    }


@pytest.mark.takes(70)
class TestOddNames:
    """Each kind of node has one node for every second odd name, and each node has all the odd columns."""

    @pytest.fixture(scope="class")
    def nodes(self) -> dict[str, tuple[str, str]]:
        """Return kind and alias by node; the alias is cut to leave room for the kind."""
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
        found["constrained.sql"] = select
        properties.append(constrained())
        source = {"name": "s", "schema": "{{ target.schema }}", "tables": [{"name": "odd", "identifier": ODD[2]}]}
        found["from_source.sql"] = "select * from {{ source('s', 'odd') }}"
        found["properties.yml"] = yaml.safe_dump({"models": properties, "sources": [source]}, allow_unicode=True)
        return found

    @pytest.fixture(scope="class")
    def functions(self) -> dict[str, str]:
        """Return a function for each odd name (64 bytes at most), whose argument has the odd name before it."""
        texts = {f"function_{number}.sql": f"{quoted(ODD[number - 1])} + 1" for number in range(len(ODD))}
        listed = [
            {
                "name": f"function_{number}",
                "config": {"alias": of_function(name)},
                "arguments": [{"name": ODD[number - 1], "data_type": "int"}],
                "returns": {"data_type": "int"},
            }
            for number, name in enumerate(ODD)
        ]
        return {**texts, "functions.yml": yaml.safe_dump({"functions": listed}, allow_unicode=True)}

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
        header = ",".join('"' + name.replace('"', '""') + '"' for name in [*COLUMNS, "with`tick"])
        seeds = {node: alias for node, (kind, alias) in nodes.items() if kind == "seed"}
        configs = [{"name": node, "config": {"alias": alias, "quote_columns": True}} for node, alias in seeds.items()]
        files = {f"{node}.csv": f"{header}\n{','.join(str(n) for n in range(len(COLUMNS) + 1))}\n" for node in seeds}
        return {**files, "seeds.yml": yaml.safe_dump({"seeds": configs}, allow_unicode=True)}

    @pytest.fixture(scope="class")
    def reader(self, server: pymysql.Connection, unique_schema: str) -> Iterator[str]:
        name = f"o'dd {unique_schema[4:20]}"
        account = "'" + name.replace("'", "''") + "'"
        with server.cursor() as cursor:
            change_account(cursor, f"create user if not exists {account}")
            yield name
            change_account(cursor, f"drop user if exists {account}")

    @pytest.fixture(scope="class")
    def project_config_update(self, reader: str) -> dict[str, Any]:
        everything = {"+grants": {"select": [reader]}, "+persist_docs": {"relation": True, "columns": True}}
        stored = {"+store_failures": True}
        return {"models": everything, "seeds": everything, "snapshots": everything, "data_tests": stored}

    def test_everywhere(self, project: Any, db: Database, nodes: dict[str, tuple[str, str]], server: Any) -> None:
        db.run(
            f"create table {{s}}.{quoted(ODD[2])} as select 5 as five",
            "create table {s}.roots (`a.b` bigint primary key)",
            "insert into {s}.roots values (2)",
        )
        results = run_dbt(["build"])
        results = [*results, *run_dbt(["build"]), *run_dbt(["build", "--full-refresh"])]

        assert {result.status for result in results} <= {"success", "pass"}
        folds = db.value("select @@lower_case_table_names") != 0
        aliases = {alias.lower() if folds else alias: kind for kind, alias in nodes.values()}
        kinds = {alias: "view" if kind == "view" else "table" for alias, kind in aliases.items()}
        made = "UPPER `constrained`"
        others = {ODD[2]: "table", "from_source": "view", "roots": "table", made.lower() if folds else made: "table"}
        assert db.relations() == {**kinds, **others}
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
        self.check_constraints(db)
        for name in ODD:
            assert db.value(f"select {{s}}.{quoted(of_function(name))}(1)") == 2
        granted = "select count(distinct table_name) from information_schema.table_privileges"
        assert db.value(f"{granted} where table_schema = '{db.schema}'") == len(nodes) + 2
        catalog = run_dbt(["docs", "generate"])
        assert sum(not name.startswith("test.") for name in catalog.nodes) == len(nodes) + 2

    def check_constraints(self, db: Database) -> None:
        """Check that all constraints exist and are enforced after three builds, under names that the server takes."""
        found = db.rows(
            "select constraint_type, constraint_name from information_schema.table_constraints "
            f"where table_schema = '{db.schema}' and lower(table_name) = 'upper `constrained`' order by 1, 2"
        )
        kinds = [kind for kind, _ in found]
        assert kinds == ["CHECK", "FOREIGN KEY", "PRIMARY KEY", "UNIQUE", "UNIQUE"]
        assert all(len(name) <= 64 for _, name in found)
        [(_, check)] = [row for row in found if row[0] == "CHECK"]
        assert check.startswith(LONG_NAME[:30])
        key, unique, checked = map(quoted, COLUMNS[1:4])
        table = "{s}.`UPPER ``constrained```"
        for change, code in ((f"{unique} = 9", "1452"), (f"{checked} = -1", "3819"), (f"{key} = null", "1048")):
            with pytest.raises(pymysql.MySQLError, match=code):
                db.run(f"update {table} set {change}")

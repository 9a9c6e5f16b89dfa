"""A node changes its kind; dbt's cache lacks a relation, or has another kind than the server."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pymysql
import pytest
import yaml
from dbt.tests.util import run_dbt
from support.outside import PATIENCE, Database, change_account

KINDS = ("view", "table", "incremental", "seed", "snapshot")
MODELS = ("view", "table", "incremental")
PAIRS = list(itertools.permutations(KINDS, 2))
NEVER = {
    ("view", "seed"): "is a view",
    ("view", "snapshot"): "exists as a view",
    ("table", "snapshot"): "Snapshot target is missing",
    ("incremental", "snapshot"): "Snapshot target is missing",
    ("seed", "snapshot"): "Snapshot target is missing",
}
"""What dbt does not do over what, and what it says."""
KEEPS_ROWS = (("table", "incremental"), ("seed", "incremental"), ("snapshot", "incremental"))
KEEPS_TABLE = (*KEEPS_ROWS, ("incremental", "seed"), ("table", "seed"))
LOSES_KEY = ("snapshot", "seed")
"""A seed has no key that a foreign key could refer to. One over a table is loaded into that table, which has; a history
has other columns than the seed, and is replaced."""
PHASE = "var('phase', 1) | int"


def files(pairs: list[tuple[str, str]], kinds: tuple[str, ...]) -> dict[str, str]:
    """Return the nodes of all pairs that are of one of ``kinds``, with their pair's name, enabled in their phase."""
    found = {}
    for pair in pairs:
        name = "_".join(pair)
        for phase, kind in enumerate(pair, start=1):
            config = f"enabled=({PHASE} == {phase}), alias='{name}'"
            if kind not in kinds:
                continue
            if kind == "seed":
                found[f"{name}_{phase}.csv"] = f"id\n{phase}\n"
            elif kind == "snapshot":
                config = f"{{{{ config({config}, unique_key='id', strategy='check', check_cols='all') }}}}"
                body = f"{config} select {phase} as id"
                found[f"{name}_{phase}.sql"] = f"{{% snapshot {name}_{phase} %}} {body} {{% endsnapshot %}}"
            else:
                strategy = ", on_schema_change='append_new_columns'" * (kind == "incremental")
                config = f"{{{{ config({config}, materialized='{kind}'{strategy}) }}}}"
                found[f"{name}_{phase}.sql"] = f"{config} select {phase} as id"
    return found


def properties(pairs: list[tuple[str, str]], dressed: bool, key: bool) -> str:
    """Return the properties of each node.

    ``dressed``: with descriptions, and a named check for tables and increments. ``key``: with a primary key for these.
    """
    sections: dict[str, list[Any]] = {"models": [], "seeds": [], "snapshots": []}
    for pair in pairs:
        for phase, kind in enumerate(pair, start=1):
            node: dict[str, Any] = {"name": f"{'_'.join(pair)}_{phase}", "description": f"It's a {kind}", "config": {}}
            column: dict[str, Any] = {"name": "id", "description": f"The key of a {kind}"}
            if dressed:
                node["columns"] = [column]
            if dressed and kind in ("table", "incremental"):
                node["config"]["contract"] = {"enforced": True}
                node["constraints"] = [{"type": "check", "name": f"positive_{'_'.join(pair)}", "expression": "id > 0"}]
                column["data_type"] = "bigint"
                column["constraints"] = [{"type": "primary_key"}] if key else []
            if kind == "seed":
                node["config"] |= {"alias": "_".join(pair), "enabled": f"{{{{ ({PHASE}) == {phase} }}}}"}
            sections["models" if kind in MODELS else f"{kind}s"].append(node)
    return yaml.safe_dump({"version": 2, **sections})


@contextmanager
def watched(connection: pymysql.Connection, schema: str, names: Sequence[str]) -> Iterator[list[Any]]:
    """Read all relations repeatedly while the block runs; yield the relations that could not be read."""
    missed: list[Any] = []
    over = threading.Event()

    def read() -> None:
        with connection, connection.cursor() as cursor:
            while not over.is_set():
                for name in names:
                    try:
                        cursor.execute(f"select count(*) from `{schema}`.{name}")
                        found = cursor.fetchone()
                    except pymysql.MySQLError as error:  # noqa: PERF203 - each error is looked at
                        missed.append((name, error))
                    else:
                        missed.extend([(name, "no rows")] if found == (0,) else [])

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield missed
    finally:
        over.set()
        thread.join()


class Pairs:
    """All pairs at once: phase 1 builds the first kind of each pair under its name, phase 2 the second."""

    pairs = PAIRS
    dressed = True
    key = False

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {**files(self.pairs, MODELS), "properties.yml": properties(self.pairs, self.dressed, self.key)}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return files(self.pairs, ("snapshot",))

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return files(self.pairs, ("seed",))

    @pytest.fixture(scope="class")
    def reader(self, server: pymysql.Connection, unique_schema: str) -> Iterator[str]:
        name = f"r_{unique_schema[4:24]}"
        with server.cursor() as cursor:
            change_account(cursor, f"create user if not exists {name}")
            yield name
            change_account(cursor, f"drop user if exists {name}")

    @pytest.fixture(scope="class")
    def project_config_update(self, reader: str) -> dict[str, Any]:
        if not self.dressed:
            return {}
        everything = {"+grants": {"select": [reader]}, "+persist_docs": {"relation": True, "columns": True}}
        return {"models": everything, "seeds": everything, "snapshots": everything}

    @pytest.fixture(scope="class")
    def changed(self, project: Any, db: Database, connect: Callable[..., pymysql.Connection]) -> dict[str, Any]:
        """Return the result of phase 2 for each pair, and the relations that a reader could not read meanwhile."""
        run_dbt(["build"])
        for pair in self.pairs:
            self.between(db, pair, "_".join(pair))
        with watched(connect(), db.schema, ["_".join(pair) for pair in self.pairs]) as missed:
            results = run_dbt(["build", "--vars", "phase: 2"], expect_pass=False)
        return {"missed": missed, **{result.node.alias: result for result in results}}

    def between(self, db: Database, pair: tuple[str, str], name: str) -> None:
        """Add what dbt has no configs for, before the kind changes."""


class TestKinds(Pairs):
    """With grants, comments, and a named check, which dbt adds to models and the test adds to the others."""

    def between(self, db: Database, pair: tuple[str, str], name: str) -> None:
        if self.dressed and pair[0] in ("seed", "snapshot"):
            db.run(f"alter table {{s}}.{name} add constraint positive_{name} check (id > 0)")

    @pytest.mark.parametrize("pair", PAIRS, ids="-".join)
    def test_change(self, changed: dict[str, Any], db: Database, reader: str, pair: tuple[str, str]) -> None:
        name = "_".join(pair)
        says = NEVER.get(pair)
        is_now = pair[0] if says else pair[1]
        rows = [1] if says else [1, 2] if pair in KEEPS_ROWS else [2]

        assert changed[name].status == ("error" if says else "success")
        assert (says or "") in changed[name].message
        assert [id_ for (id_,) in db.rows(f"select id from {{s}}.{name} order by id")] == rows
        assert db.relations()[name] == ("view" if is_now == "view" else "table")
        granted = f"select grantee from information_schema.table_privileges where table_schema = '{db.schema}'"
        assert db.rows(f"{granted} and table_name = '{name}'") == [(f"'{reader}'@'%'",)] * self.dressed
        where = f"where table_schema = '{db.schema}' and table_name = '{name}'"
        if is_now != "view" and self.dressed:
            commented = "select table_comment from information_schema.tables"
            assert db.value(f"{commented} {where}") == f"It's a {is_now}"
            of_column = f"select column_comment from information_schema.columns {where} and column_name = 'id'"
            assert db.value(of_column) == f"The key of a {is_now}"
        # a node that loads rows into the existing table keeps that table and its constraints
        stays = bool(says) or pair in KEEPS_TABLE
        checked = pair[0] != "view" if stays else is_now in ("table", "incremental")
        checks = f"select count(*) from information_schema.table_constraints {where} and constraint_type = 'CHECK'"
        assert db.value(checks) == (checked and self.dressed)
        if checked and self.dressed:
            with pytest.raises(pymysql.MySQLError, match="3819"):
                db.run(f"update {{s}}.{name} set id = -1")

    def test_nothing_else(self, changed: dict[str, Any], db: Database) -> None:
        assert changed["missed"] == []
        assert set(db.relations()) == {"_".join(pair) for pair in PAIRS}


class TestPlainKinds(TestKinds):
    """Without comments, grants, contract or constraints."""

    dressed = False


class TestKindsWithAChild(Pairs):
    """A foreign key refers to each relation except views, to which no key can refer."""

    pairs = [pair for pair in PAIRS if pair[0] != "view"]
    key = True

    def between(self, db: Database, pair: tuple[str, str], name: str) -> None:
        if pair[0] in ("seed", "snapshot"):
            db.run(f"alter table {{s}}.{name} modify id bigint, add primary key (id)")
        db.run(
            f"create table {{s}}.child_{name} (id bigint, constraint key_{name} "
            f"foreign key (id) references {{s}}.{name} (id))",
        )

    @pytest.mark.parametrize("pair", pairs, ids="-".join)
    def test_change(self, changed: dict[str, Any], db: Database, pair: tuple[str, str]) -> None:
        name = "_".join(pair)
        result = changed[name]
        key = db.rows(
            "select referenced_table_name from information_schema.referential_constraints "
            f"where constraint_schema = '{db.schema}' and constraint_name = 'key_{name}'"
        )
        if pair[1] == "view":
            assert f"cannot become a view, since foreign keys refer to it: key_{name}" in result.message
        elif pair == LOSES_KEY:
            assert f"foreign key key_{name} of `{db.schema}`.`child_{name}` does not hold" in result.message
            assert "of the parent's contract, and add the key again: alter table" in result.message
        else:
            assert result.status == ("error" if pair in NEVER else "success")
            assert NEVER.get(pair, "") in result.message
        assert db.relations()[name] == "table"
        assert key == ([] if pair == LOSES_KEY else [(name,)])
        if key:
            with pytest.raises(pymysql.err.IntegrityError):
                db.run(f"insert into {{s}}.child_{name} values (7)")

    def test_nothing_else(self, changed: dict[str, Any], db: Database) -> None:
        names = {"_".join(pair) for pair in self.pairs}
        assert changed["missed"] == []
        assert set(db.relations()) == names | {f"child_{name}" for name in names}


class TestStaleCache:
    """Another session creates the relation after dbt has read the schema."""

    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        create = "{% do run_query('create ' ~ kind ~ ' ' ~ this ~ ' as select 0 as id') %}"
        return {"meanwhile.sql": f"{{% macro meanwhile(kind) %}}{create}{{% endmacro %}}"}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            f"{kind}_over_{other}.sql": f"{{{{ config(materialized='{kind}', "
            f"pre_hook=\"{{{{ meanwhile('{other}') }}}}\") }}}} select 1 as id"
            for kind in ("table", "view", "incremental")
            for other in ("table", "view")
        }

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        config = "strategy='check', check_cols='all', unique_key='id', pre_hook=\"{{ meanwhile('table') }}\""
        text = f"{{{{ config({config}) }}}} select 1 as id"
        return {"history.sql": f"{{% snapshot history %}}{text}{{% endsnapshot %}}"}

    def test_built_aside(self, project: Any, db: Database) -> None:
        run_dbt(["run", "--exclude", "incremental_over_table"])

        names = [f"{kind}_over_{other}" for kind in ("table", "view", "incremental") for other in ("table", "view")]
        names.remove("incremental_over_table")
        assert db.relations() == {name: "view" if name.startswith("view") else "table" for name in names}
        for name in names:
            assert db.rows(f"select id from {{s}}.{name}") == [(1,)]

    @pytest.mark.parametrize("name", ["incremental_over_table", "history"])
    def test_rows_that_may_stand_nowhere_else_stay(self, project: Any, db: Database, name: str) -> None:
        [result] = run_dbt(["build", "--select", name], expect_pass=False)

        assert f"`{name}` exists, and did not when this run read its schema: nothing was changed" in result.message
        assert db.rows(f"select * from {{s}}.{name}") == [(0,)]
        assert [each for each in db.relations() if each.startswith(name)] == [name]


class TestStaleKind:
    """A hook drops the relation that dbt has cached, or changes its kind: it is replaced, and no leftover remains."""

    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        drop = "{% do run_query('drop ' ~ load_cached_relation(this).type ~ ' ' ~ this) %}"
        create = "{% do run_query('create ' ~ var('becomes') ~ ' ' ~ this ~ ' as select 0 as id') %}"
        told = "{% do drop_relation_if_exists(load_cached_relation(this)) %}"  # which changes dbt's cache as well
        body = (
            f"{{% if var('becomes', '') == 'nothing known' %}}{told}{{% elif var('becomes', '') %}}{drop}"
            f"{{% if var('becomes') != 'nothing' %}}{create}{{% endif %}}{{% endif %}}"
        )
        return {"become.sql": f"{{% macro become() %}}{body}{{% endmacro %}}"}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        config = "{{ config(materialized=var('kind'), pre_hook='{{ become() }}') }}"
        return {"thing.sql": f"{config} select {{{{ var('id', 1) }}}} as id"}

    CHANGES = (
        ("table", "view"),
        ("view", "table"),
        ("table", "nothing"),
        ("view", "nothing"),
        ("table", "nothing known"),
    )

    @pytest.mark.parametrize(("found", "becomes"), CHANGES)
    def test_replaced(self, project: Any, db: Database, found: str, becomes: str) -> None:
        run_dbt(["run", "--vars", f"kind: {found}"])
        [result] = run_dbt(["run", "--vars", f"{{kind: table, becomes: {becomes}, id: 2}}"])

        assert result.status == "success"
        assert db.relations() == {"thing": "table"}
        assert db.rows("select id from {s}.thing") == [(2,)]


class TestListing:
    """A schema that dbt has not read before the first node, as with --no-populate-cache."""

    def test_a_second_thread_waits_for_all_relations(
        self, project: Any, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        db.run("create table {s}.one (id int)", "create table {s}.two (id int)")
        run_dbt(["parse"])
        adapter = project.adapter
        add, first_is_added = adapter.cache.add, threading.Event()

        def add_slowly(relation: Any) -> None:
            add(relation)
            first_is_added.set()
            time.sleep(0.5)

        def ask() -> set[str]:
            with adapter.connection_named("asks"):
                return {relation.identifier for relation in adapter.list_relations(None, db.schema)}

        adapter.cache.clear()
        monkeypatch.setattr(adapter.cache, "add", add_slowly)
        with ThreadPoolExecutor(2) as pool:
            reads = pool.submit(ask)
            first_is_added.wait(PATIENCE)
            asks = pool.submit(ask)

            assert reads.result() == asks.result() == {"one", "two"}


class TestListingWhileAnotherThreadHasTheOnlyConnection:
    @pytest.fixture(scope="class")
    def dbt_profile_target(self, dbt_profile_target: dict[str, Any]) -> dict[str, Any]:
        return {**dbt_profile_target, "pool": {"size": 1, "timeout": 120}}

    def test_waiting_for_a_connection_does_not_block_the_cache(
        self, project: Any, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        db.run("create table {s}.one (id int)")
        run_dbt(["parse"])
        adapter = project.adapter
        ask, waiting = adapter.list_relations_without_caching, threading.Event()

        def ask_and_say_so(schema: Any) -> Any:
            waiting.set()
            return ask(schema)

        def list_them() -> set[str]:
            with adapter.connection_named("asks"):
                return {relation.identifier for relation in adapter.list_relations(None, db.schema)}

        adapter.cache.clear()
        adapter.cleanup_connections()
        with ThreadPoolExecutor(1) as pool:
            with adapter.connection_named("holds"):
                adapter.execute("select 1", fetch=True)
                monkeypatch.setattr(adapter, "list_relations_without_caching", ask_and_say_so)
                waits = pool.submit(list_them)
                waiting.wait(PATIENCE)
                held = {relation.identifier for relation in adapter.list_relations(None, db.schema)}

            assert held == waits.result() == {"one"}

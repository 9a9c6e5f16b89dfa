"""The link of a node is cut before and after each of its statements; the next run recovers from it."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pymysql
import pytest
import yaml
from dbt.tests.util import run_dbt
from faults.cutting import CuttingProxy
from faults.tcp_proxy import Moment, place_of
from support.outside import Database, change_account, two_targets

READER = f"cut_reader_{uuid.uuid4().hex[:8]}"
"""A user of this process's own, for all classes."""

MOMENTS: tuple[Moment, Moment] = ("before", "answered")

ROWS = (
    "select cast(n + {{ var('run', 1) }} as signed) as id, concat('row ', n * {{ var('run', 1) }}) as name "
    "from (select 1 as n union all select 2 union all select 3) as n"
)
BATCH_ROWS = ROWS.replace(" from", ", cast('2026-01-01 12:00:00' as datetime) as at from", 1)
BATCH = ("--event-time-start", "2026-01-01", "--event-time-end", "2026-01-02")
AGAIN = "var('run', 1) > 1"
INCREMENT = "materialized='incremental', unique_key='id', on_schema_change='fail', incremental_strategy="

OVERWRITE = "materialized='incremental', on_schema_change='fail', incremental_strategy='insert_overwrite'"
MICROBATCH = (
    "materialized='incremental', incremental_strategy='microbatch', event_time='at', batch_size='day', "
    "begin='2026-01-01', on_schema_change='fail'"
)

MODELS = {
    # kind: its config, and the number of statements that it sends in the run that is cut
    "new_view": ("materialized='view'", 3),
    "old_view": ("materialized='view', tags=['old']", 2),
    "new_table": ("materialized='table'", 6),
    "old_table": ("materialized='table', tags=['old']", 7),
    "view_to_table": (f"materialized='table' if {AGAIN} else 'view', tags=['old']", 4),
    "table_to_view": (f"materialized='view' if {AGAIN} else 'table', tags=['old']", 5),
    "new_increment": (f"{INCREMENT}'delete+insert'", 6),
    "old_increment": (f"{INCREMENT}'delete+insert', tags=['old']", 14),
    "old_merge": (f"{INCREMENT}'merge', tags=['old']", 16),
    "refreshed_increment": (f"{INCREMENT}'delete+insert', full_refresh={AGAIN}, tags=['old']", 7),
    "old_overwrite": (f"{OVERWRITE}, tags=['old']", 15),
    "new_batch": (MICROBATCH, 6),
    "old_batch": (f"{MICROBATCH}, tags=['old']", 14),
}
SNAPSHOTS = {"new_history": ("", 1), "old_history": ("tags=['old'],", 11)}
SEEDS = {"new_seed": ("", 4), "old_seed": ("old", 5)}
FUNCTIONS = {"new_function": ("new", 1), "old_function": ("old", 5)}
CLONES = {"new_clone": ("", 6), "old_clone": ("", 5)}
KINDS = {**MODELS, **SNAPSHOTS, **SEEDS, **FUNCTIONS, **CLONES}
BY_STATEMENT = {"old_overwrite": 12}
"""How many it is on a server that has INSERT OVERWRITE, which needs no transaction."""

Counts = dict[str, int]

SNAPSHOT = """{{% snapshot {name} %}}
{{{{ config({config} unique_key='id', strategy='timestamp', updated_at='updated_at') }}}}
select n as id, cast('2024-01-0{{{{ var('run', 1) }}}}' as datetime) as updated_at, n * {{{{ var('run', 1) }}}} as value
from (select 1 as n union all select 2 union all select {{{{ var('run', 1) }}}} + 2) as n
{{% endsnapshot %}}"""


def names_of(kind: str, counts: Counts) -> dict[str, tuple[int, Moment]]:
    """Return a node of the kind for each statement and moment: its name, and where it is cut."""
    return {
        f"{kind}_{number}_{moment}": (number, moment) for number in range(1, counts[kind] + 1) for moment in MOMENTS
    }


def all_of(kinds: Iterable[str], counts: Counts) -> dict[str, str]:
    """Return the nodes of some kinds, each with its kind: those that are cut, and one that is not."""
    return {name: kind for kind in kinds for name in (*names_of(kind, counts), f"{kind}_whole")}


def properties_of(name: str, kind: str) -> dict[str, Any]:
    """Return the properties of a model: descriptions, grants, and the constraints of a table."""
    constraints = [] if "view" in kind else [{"type": "not_null"}, {"type": "check", "expression": "id > 0"}]
    columns: list[dict[str, Any]] = [
        {"name": "id", "data_type": "bigint", "description": "its 'number'", "constraints": constraints},
        {"name": "name", "data_type": "varchar(40)"},
    ]
    columns += [{"name": "at", "data_type": "datetime"}] if "batch" in kind else []
    # changing the comment of a table that shares its storage takes seconds
    docs = {"relation": kind != "old_clone", "columns": "view" not in kind and kind not in CLONES}
    config = {"grants": {"select": [READER]}, "persist_docs": docs}
    return {
        "name": name,
        "description": f"a {kind} in {{{{ target.name }}}}",
        "config": config | {"contract": {"enforced": "view" not in kind}},
        "columns": columns,
    }


def function_of(name: str, kind: str) -> dict[str, Any]:
    """Return the properties of a function."""
    return {
        "name": name,
        "description": f"a {kind}",
        "config": {"tags": [FUNCTIONS[kind][0]], "persist_docs": {"relation": True}},
        "arguments": [{"name": "n", "data_type": "bigint"}],
        "returns": {"data_type": "bigint"},
    }


class Cuts:
    @pytest.fixture(scope="class")
    def front(self, server_profile: dict[str, Any]) -> Iterator[CuttingProxy]:
        with CuttingProxy(place_of(server_profile), {}) as proxy:
            yield proxy

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any], front: CuttingProxy) -> dict[str, Any]:
        target = {"type": "oceanbase", "threads": 4, **server_profile, **front.profile}
        return {name: value for name, value in target.items() if name != "unix_socket"}

    @pytest.fixture(scope="class")
    def counts(self, server: pymysql.Connection) -> Counts:
        """Return the number of statements that a node of each kind sends on this server."""
        found = {kind: number for kind, (_, number) in KINDS.items()}
        try:
            Database(server, "no_schema").run("explain insert overwrite {s}.no_table select 1")
        except pymysql.MySQLError as error:
            has_statement = error.args[0] != 1064
        return found | (BY_STATEMENT if has_statement else {})

    @pytest.fixture
    def cut(self, project: Any, front: CuttingProxy, counts: Counts) -> Callable[..., None]:
        """Return a function that runs dbt with the links of all nodes of some kinds cut, and then once more without."""

        def run(kinds: Iterable[str], *command: str) -> None:
            front.plan = {name: cut for kind in kinds for name, cut in names_of(kind, counts).items()}
            front.cut_nodes.clear()
            front.is_active = True
            run_dbt([*command], expect_pass=False)
            front.is_active = False
            wrong = [kind for kind in kinds if front.counts[f"{kind}_whole"] != counts[kind]]
            # all statements of these connections: one without a comment counts for the node before it
            links = [each for each in front.connections if any(f"{kind}_whole" in str(each) for kind in wrong)]
            assert not wrong, links
            assert front.cut_nodes == set(front.plan)
            run_dbt([*command])

        return run


class Builds(Cuts):
    kinds: Sequence[str]

    def nodes(self, kinds: Iterable[str], counts: Counts) -> dict[str, str]:
        """Return the nodes of this class that are of some kinds, each with its kind."""
        return all_of([kind for kind in kinds if kind in self.kinds], counts)

    @pytest.fixture(scope="class")
    def models(self, counts: Counts) -> dict[str, str]:
        named = self.nodes(MODELS, counts)
        properties = {"models": [properties_of(name, kind) for name, kind in named.items()]}
        texts = {
            f"{name}.sql": f"{{{{ config({MODELS[kind][0]}) }}}} {BATCH_ROWS if 'batch' in kind else ROWS}"
            for name, kind in named.items()
        }
        return {**texts, "schema.yml": yaml.safe_dump(properties)}

    @pytest.fixture(scope="class")
    def snapshots(self, counts: Counts) -> dict[str, str]:
        return {
            f"{name}.sql": SNAPSHOT.format(name=name, config=SNAPSHOTS[kind][0])
            for name, kind in self.nodes(SNAPSHOTS, counts).items()
        }

    @pytest.fixture(scope="class")
    def seeds(self, counts: Counts) -> dict[str, str]:
        named = self.nodes(SEEDS, counts)
        properties = [{"name": name, "config": {"tags": [SEEDS[kind][0] or "new"]}} for name, kind in named.items()]
        texts = {f"{name}.csv": "id,name\n1,one\n2,\n" for name in named}
        return {**texts, "seeds.yml": yaml.safe_dump({"seeds": properties})}

    @pytest.fixture(scope="class")
    def functions(self, counts: Counts) -> dict[str, str]:
        named = self.nodes(FUNCTIONS, counts)
        properties = {"functions": [function_of(name, kind) for name, kind in named.items()]}
        texts = {f"{name}.sql": "n * {{ var('run', 1) }}" for name in named}
        return {**texts, "functions.yml": yaml.safe_dump(properties)}

    def test_the_next_run_recovers(self, cut: Callable[..., None], db: Database, counts: Counts) -> None:
        with db.connection.cursor() as cursor:
            change_account(cursor, f"create user if not exists {READER}")
        run_dbt(["build", "--select", "tag:old", *BATCH])
        cut(self.kinds, "build", *BATCH, "--vars", "{run: 2}")

        assert set(db.relations()) == set(self.nodes(set(KINDS) - set(FUNCTIONS), counts))
        assert functions_of(db) == set(self.nodes(FUNCTIONS, counts))
        for kind in self.kinds:
            whole = state_of(db, f"{kind}_whole", kind)
            names = names_of(kind, counts)
            assert {name: state_of(db, name, kind) for name in names} == dict.fromkeys(names, whole)


@pytest.mark.any_kernel
@pytest.mark.takes(100)
class TestCutIncrements(Builds):
    kinds = [kind for kind in MODELS if any(name in kind for name in ("increment", "merge"))]


@pytest.mark.takes(60)
class TestCutOverwrite(Builds):
    """Kernel 1.3 has a statement for INSERT OVERWRITE, kernel 1.4 has not."""

    kinds = ("old_overwrite",)


@pytest.mark.any_kernel
@pytest.mark.takes(70)
class TestCutBatches(Builds):
    kinds = [kind for kind in MODELS if "batch" in kind]


OF_OTHER_CLASSES = (*TestCutIncrements.kinds, *TestCutOverwrite.kinds, *TestCutBatches.kinds, *CLONES)


@pytest.mark.any_kernel
@pytest.mark.takes(70)
class TestCutOthers(Builds):
    kinds = [kind for kind in KINDS if kind not in OF_OTHER_CLASSES]


@pytest.mark.any_kernel
@pytest.mark.takes(50)
class TestCutClones(Cuts):
    @pytest.fixture(scope="class")
    def profiles_config_update(self, dbt_profile_target: dict[str, Any], unique_schema: str) -> dict[str, Any]:
        return two_targets(dbt_profile_target, unique_schema)

    @pytest.fixture(scope="class")
    def models(self, counts: Counts) -> dict[str, str]:
        named = all_of(CLONES, counts)
        properties = {"models": [properties_of(name, kind) for name, kind in named.items()]}
        texts = {
            f"{name}.sql": f"{{{{ config(materialized='table', tags='{kind}') }}}} {ROWS}"
            for name, kind in named.items()
        }
        return {**texts, "schema.yml": yaml.safe_dump(properties)}

    def test_the_next_run_recovers(
        self, project: Any, cut: Callable[..., None], db: Database, server: pymysql.Connection, counts: Counts
    ) -> None:
        with db.connection.cursor() as cursor:
            change_account(cursor, f"create user if not exists {READER}")
        run_dbt(["run"])
        folder = Path(project.project_root, "state")
        folder.mkdir()
        shutil.copy(Path(project.project_root, "target", "manifest.json"), folder)
        other = Database(server, f"{db.schema}_other")
        old = [f"create table {{s}}.{name} as select 0 as id" for name in all_of(["old_clone"], counts)]
        other.run("create database {s}", *old)
        command = ("clone", "--state", "state", "--target", "other", "--select")
        cut(["new_clone"], *command, "tag:new_clone")
        cut(["old_clone"], *command, "tag:old_clone", "--full-refresh")

        assert set(other.relations()) == set(all_of(CLONES, counts))
        for kind in CLONES:
            whole, names = state_of(other, f"{kind}_whole", kind), names_of(kind, counts)
            assert whole[0] == db.rows(f"select * from {{s}}.{kind}_whole order by id")
            assert ("COMMENT = 'a new_clone in other'" in whole[1]) == (kind == "new_clone")
            assert whole[2] == [(f"'{READER}'@'%'", "SELECT")]
            assert {name: state_of(other, name, kind) for name in names} == dict.fromkeys(names, whole)


def functions_of(db: Database) -> set[str]:
    """Return the names of the functions in the schema."""
    found = db.rows(f"select routine_name from information_schema.routines where routine_schema = '{db.schema}'")
    return {name for (name,) in found}


def state_of(db: Database, name: str, kind: str) -> tuple[Any, ...]:
    """Return rows, definition and grants of a relation or function, without what depends on its name."""
    if kind in FUNCTIONS:
        definition = str(db.rows(f"show create function {{s}}.{name}")[0][2]).replace(name, "NAME")
        return db.value(f"select {{s}}.{name}(3)"), definition
    columns = "id, value, dbt_valid_from, dbt_valid_to" if "history" in kind else "*"
    definition = str(db.rows(f"show create table {{s}}.{name}")[0][1]).replace(name, "NAME")
    grants = db.rows(
        "select grantee, privilege_type from information_schema.table_privileges "
        f"where table_schema = '{db.schema}' and table_name = '{name}' order by 1, 2"
    )
    definition = re.sub(r"(?<=CONSTRAINT )`[^`]+`", "CONSTRAINT", definition)
    return sorted(db.rows(f"select {columns} from {{s}}.{name}")), definition, grants

"""The link of a node is cut at its k-th statement, before it is sent and after it ran; the next run heals it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from dbt.tests.util import run_dbt
from faults.cutting import CuttingProxy
from faults.tcp_proxy import Moment, place_of
from outside import Database

READER = f"cut_reader_{uuid.uuid4().hex[:8]}"
"""A user of this run's own: the server takes a while to forget one that was dropped or made before."""

MOMENTS: tuple[Moment, Moment] = ("before", "answered")

ROWS = (
    "select cast(n + {{ var('run', 1) }} as signed) as id, concat('row ', n * {{ var('run', 1) }}) as name "
    "from (select 1 as n union all select 2 union all select 3) as n"
)
AGAIN = "var('run', 1) > 1"
INCREMENT = "materialized='incremental', unique_key='id', on_schema_change='fail', incremental_strategy="

MODELS = {
    # kind: what its config says, and how many statements it sends in the run that is cut
    "new_view": ("materialized='view'", 3),
    "old_view": ("materialized='view', tags=['old']", 2),
    "new_table": ("materialized='table'", 6),
    "old_table": ("materialized='table', tags=['old']", 7),
    "view_to_table": (f"materialized='table' if {AGAIN} else 'view', tags=['old']", 4),
    "table_to_view": (f"materialized='view' if {AGAIN} else 'table', tags=['old']", 5),
    "new_increment": (f"{INCREMENT}'delete+insert'", 6),
    "old_increment": (f"{INCREMENT}'delete+insert', tags=['old']", 12),
    "old_merge": (f"{INCREMENT}'merge', tags=['old']", 14),
    "refreshed_increment": (f"{INCREMENT}'delete+insert', full_refresh={AGAIN}, tags=['old']", 7),
}
SNAPSHOTS = {"new_history": ("", 1), "old_history": ("tags=['old'],", 8)}
SEEDS = {"new_seed": ("", 4), "old_seed": ("old", 5)}
KINDS = {**MODELS, **SNAPSHOTS, **SEEDS}

SNAPSHOT = """{{% snapshot {name} %}}
{{{{ config({config} unique_key='id', strategy='timestamp', updated_at='updated_at') }}}}
select n as id, cast('2024-01-0{{{{ var('run', 1) }}}}' as datetime) as updated_at, n * {{{{ var('run', 1) }}}} as value
from (select 1 as n union all select 2 union all select {{{{ var('run', 1) }}}} + 2) as n
{{% endsnapshot %}}"""


def names_of(kind: str) -> dict[str, tuple[int, Moment]]:
    """Give a node of the kind for each statement and moment: its name, and where it is cut."""
    return {
        f"{kind}_{number}_{moment}": (number, moment) for number in range(1, KINDS[kind][1] + 1) for moment in MOMENTS
    }


PLAN = {name: cut for kind in KINDS for name, cut in names_of(kind).items()}


def properties_of(name: str, kind: str) -> dict[str, Any]:
    constraints = [] if "view" in kind else [{"type": "not_null"}, {"type": "check", "expression": "id > 0"}]
    columns = [
        {"name": "id", "data_type": "bigint", "description": "its 'number'", "constraints": constraints},
        {"name": "name", "data_type": "varchar(40)"},
    ]
    config = {"grants": {"select": [READER]}, "persist_docs": {"relation": True, "columns": "view" not in kind}}
    return {
        "name": name,
        "description": f"a {kind}",
        "config": config | {"contract": {"enforced": "view" not in kind}},
        "columns": columns,
    }


class TestCut:
    @pytest.fixture(scope="class")
    def front(self, server_profile: dict[str, Any]) -> Iterator[CuttingProxy]:
        with CuttingProxy(place_of(server_profile), PLAN) as proxy:
            yield proxy

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any], front: CuttingProxy) -> dict[str, Any]:
        target = {"type": "oceanbase", "threads": 4, **server_profile, **front.profile}
        return {name: value for name, value in target.items() if name != "unix_socket"}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        named = {name: kind for kind in MODELS for name in (*names_of(kind), f"{kind}_whole")}
        properties = {"models": [properties_of(name, kind) for name, kind in named.items()]}
        texts = {f"{name}.sql": f"{{{{ config({MODELS[kind][0]}) }}}} {ROWS}" for name, kind in named.items()}
        return {**texts, "schema.yml": yaml.safe_dump(properties)}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return {
            f"{name}.sql": SNAPSHOT.format(name=name, config=config)
            for kind, (config, _) in SNAPSHOTS.items()
            for name in (*names_of(kind), f"{kind}_whole")
        }

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        named = [(name, kind) for kind in SEEDS for name in (*names_of(kind), f"{kind}_whole")]
        properties = [{"name": name, "config": {"tags": [SEEDS[kind][0] or "new"]}} for name, kind in named]
        texts = {f"{name}.csv": "id,name\n1,one\n2,\n" for name, _ in named}
        return {**texts, "seeds.yml": yaml.safe_dump({"seeds": properties})}

    def test_the_next_run_heals_it(self, project: Any, front: CuttingProxy, db: Database) -> None:
        db.run(f"create user if not exists {READER}")
        run_dbt(["build", "--select", "tag:old"])

        front.is_active = True
        run_dbt(["build", "--vars", "{run: 2}"], expect_pass=False)
        front.is_active = False
        assert {kind: front.counts[f"{kind}_whole"] for kind in KINDS} == {kind: n for kind, (_, n) in KINDS.items()}
        assert front.cut_nodes == set(PLAN)

        run_dbt(["build", "--vars", "{run: 2}"])
        assert set(db.relations()) == {*PLAN, *(f"{kind}_whole" for kind in KINDS)}
        for kind in KINDS:
            whole = state_of(db, f"{kind}_whole")
            assert {name: state_of(db, name) for name in names_of(kind)} == dict.fromkeys(names_of(kind), whole)


def state_of(db: Database, name: str) -> tuple[Any, ...]:
    """Give rows, definition and grants of a relation, as far as they do not depend on its name."""
    columns = "id, value, dbt_valid_from, dbt_valid_to" if "history" in name else "*"
    definition = str(db.rows(f"show create table {{s}}.{name}")[0][1]).replace(name, "NAME")
    grants = db.rows(
        "select grantee, privilege_type from information_schema.table_privileges "
        f"where table_schema = '{db.schema}' and table_name = '{name}' order by 1, 2"
    )
    definition = re.sub(r"(?<=CONSTRAINT )`[^`]+`", "CONSTRAINT", definition)
    return sorted(db.rows(f"select {columns} from {{s}}.{name}")), definition, grants

"""A node changes its kind; a relation turns up that dbt's cache does not know."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from outside import Database

KINDS = ("view", "table", "incremental", "seed", "snapshot")
MODEL = """
{{ config(materialized=var('kind') if var('kind') in ('view', 'table') else 'incremental',
  enabled=var('kind') in ('view', 'table', 'incremental')) }}
select {{ var('id') }} as id
"""
SNAPSHOT = """
{% snapshot thing %}
{{ config(unique_key='id', strategy='check', check_cols='all', enabled=var('kind') == 'snapshot') }}
select {{ var('id') }} as id
{% endsnapshot %}
"""
REFUSED = {
    ("view", "seed"): "is a view",
    ("view", "snapshot"): "exists as a view",
    ("table", "snapshot"): "Snapshot target is missing",
    ("incremental", "snapshot"): "Snapshot target is missing",
    ("seed", "snapshot"): "Snapshot target is missing",
    ("snapshot", "incremental"): "1054",
}
"""What dbt does not do over what, and what it says."""
KEEPS_ROWS = (("table", "incremental"), ("seed", "incremental"))


class TestKinds:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"thing.sql": MODEL}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return {"thing.sql": SNAPSHOT}

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"thing.csv": "id\n2\n"}

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"seeds": {"+enabled": "{{ var('kind', '') == 'seed' }}"}}

    @pytest.mark.parametrize(
        ("first", "second"), [pytest.param(*pair, id="-".join(pair)) for pair in itertools.permutations(KINDS, 2)]
    )
    def test_change(self, project: Any, db: Database, first: str, second: str) -> None:
        for name, kind in db.relations().items():
            db.run(f"drop {kind} {{s}}.`{name}`")
        run_dbt(["build", "--vars", f"{{kind: {first}, id: 1}}"])
        refused = REFUSED.get((first, second))
        [result] = run_dbt(["build", "--vars", f"{{kind: {second}, id: 2}}"], expect_pass=not refused)

        before = 2 if first == "seed" else 1
        if refused:
            assert refused in result.message
            assert db.relations() == {"thing": "view" if first == "view" else "table"}
            assert db.rows("select id from {s}.thing") == [(before,)]
        else:
            assert db.relations() == {"thing": "view" if second == "view" else "table"}
            kept = [(before,)] if (first, second) in KEEPS_ROWS else []
            assert db.rows("select id from {s}.thing") == [*kept, (2,)]


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

    def test_built_aside(self, project: Any, db: Database) -> None:
        run_dbt(["run"])

        assert db.relations() == {
            f"{kind}_over_{other}": "view" if kind == "view" else "table"
            for kind in ("table", "view", "incremental")
            for other in ("table", "view")
        }
        for name in db.relations():
            assert db.rows(f"select id from {{s}}.{name}") == [(1,)]


class TestStaleKind:
    """A hook makes another kind of what dbt has found under the node's name: it is replaced and leaves nothing."""

    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        drop = "{% do run_query('drop ' ~ load_cached_relation(this).type ~ ' ' ~ this) %}"
        create = "{% do run_query('create ' ~ var('becomes') ~ ' ' ~ this ~ ' as select 0 as id') %}"
        body = f"{{% if var('becomes', '') %}}{drop}{create}{{% endif %}}"
        return {"become.sql": f"{{% macro become() %}}{body}{{% endmacro %}}"}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        config = "{{ config(materialized=var('kind'), pre_hook='{{ become() }}') }}"
        return {"thing.sql": f"{config} select {{{{ var('id', 1) }}}} as id"}

    @pytest.mark.parametrize(("found", "becomes"), [("table", "view"), ("view", "table")])
    def test_replaced(self, project: Any, db: Database, found: str, becomes: str) -> None:
        run_dbt(["run", "--vars", f"kind: {found}"])
        [result] = run_dbt(["run", "--vars", f"{{kind: table, becomes: {becomes}, id: 2}}"])

        assert result.status == "success"
        assert db.relations() == {"thing": "table"}
        assert db.rows("select id from {s}.thing") == [(2,)]

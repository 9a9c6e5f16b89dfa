"""Tables that refer to a model by a foreign key keep the key when the model is built again."""

from __future__ import annotations

from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

PARENT = """
{{ config(materialized='table') }}
select 1 as id, 1 as part, 'a' as word
{% if not var('shrunk', false) %} union all select 2, 2, 'b' {% endif %}
"""
SCHEMA = """
models:
  - name: parent
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: bigint, constraints: [{type: not_null}, {type: primary_key}]}
      - {name: part, data_type: bigint, constraints: [{type: not_null}, {type: unique}]}
      - {name: word, data_type: varchar(10)}
"""
KEYS = [("child", "one_key", "parent", "CASCADE"), ("other child", "it's `odd`", "parent", "RESTRICT")]


SELF = """
{{ config(materialized='table', post_hook="%s") }}
select 1 as id, cast(null as signed) as boss union all select 2, 1
"""
ADDED = "alter table {{ this }} add constraint to_itself foreign key (boss) references {{ this }} (id)"
FEWER = (
    "{% if var('fewer', false) %} select 2 as id, cast(null as signed) as boss "
    "{% else %} select 1 as id, cast(null as signed) as boss union all select 2, 1 {% endif %}"
)


class TestItself:
    """A key of a table to itself is refused in a contract, and kept if a post-hook adds it."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        named = {"plain": "staff", "quoted": "`STAFF`", "whole": "{{ target.schema }}.staff"}
        columns = "[{name: id, data_type: bigint, constraints: [{type: primary_key}]}, {name: boss, data_type: bigint}]"
        listed = "".join(
            f"  - name: {name}\n    columns: {columns}\n    config: {{alias: staff, contract: {{enforced: true}}}}\n"
            f'    constraints: [{{type: foreign_key, columns: [boss], expression: "{parent} (id)"}}]\n'
            for name, parent in named.items()
        )
        hooked = "".join(
            f"  - name: {name}\n    columns: {columns}\n    config: {{contract: {{enforced: true}}}}\n"
            for name in ("hooked", "fewer")
        )
        models = {f"{name}.sql": f"{{{{ config(enabled=var('which', '') == '{name}') }}}}{SELF % ''}" for name in named}
        hooks = {
            "hooked.sql": SELF % ADDED,
            "fewer.sql": SELF[: SELF.index("select")] % ADDED.replace("itself", "own") + FEWER,
        }
        return {**models, **hooks, "schema.yml": f"models:\n{listed}{hooked}"}

    @pytest.mark.parametrize("name", ["plain", "quoted", "whole"])
    def test_refused_in_a_contract(self, project: Any, db: Database, name: str) -> None:
        [result] = run_dbt(["run", "--select", name, "--vars", f"which: {name}"], expect_pass=False)

        assert f"constraint foreign_key: `{db.schema}`.`staff` refers to itself" in result.message
        assert "staff" not in db.relations()

    def test_added_by_a_hook(self, project: Any, db: Database) -> None:
        for _ in range(3):
            run_dbt(["run", "--select", "hooked"])

        with pytest.raises(pymysql.err.IntegrityError):
            db.run("insert into {s}.hooked values (3, 7)")

    def test_another_child_too(self, project: Any, db: Database) -> None:
        """The key of the old table to itself is not moved to the new one, of which the old rows are no children."""
        run_dbt(["run", "--select", "fewer"])
        db.run(
            "create table {s}.badges (staff bigint, constraint to_fewer foreign key (staff) references {s}.fewer (id))",
            "insert into {s}.badges values (2)",
        )
        for _ in range(2):
            run_dbt(["run", "--select", "fewer", "--vars", "fewer: true"])

        assert db.rows("select id, boss from {s}.fewer") == [(2, None)]
        assert [name for name in db.relations() if name.startswith("fewer")] == ["fewer"]
        for wrong in ("fewer values (3, 7)", "badges values (1)"):
            with pytest.raises(pymysql.err.IntegrityError):
                db.run(f"insert into {{s}}.{wrong}")


MUTUAL = """
{{{{ config(materialized='{kind}', unique_key='id', post_hook="{{% if var('keys', true) %}}{hook}{{% endif %}}") }}}}
{{% if '{other}' == 'beta' %}} -- depends_on: {{{{ ref('beta') }}}} {{% endif %}}
select 1 as id union all select 2
"""
MUTUAL_KEY = (
    "alter table {{{{ this }}}} add constraint to_{other} foreign key (id) references {{{{ this.schema }}}}.{other}(id)"
)


class TestCycle:
    """Two tables refer to each other by keys that post-hooks add."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        others = {"alpha": ("beta", "table"), "beta": ("alpha", "incremental")}
        texts = {
            f"{name}.sql": MUTUAL.format(kind=kind, other=other, hook=MUTUAL_KEY.format(other=other))
            for name, (other, kind) in others.items()
        }
        listed = "".join(
            f"  - name: {name}\n    config: {{contract: {{enforced: true}}, on_schema_change: fail}}\n"
            "    columns: [{name: id, data_type: bigint, constraints: [{type: primary_key}]}]\n"
            for name in others
        )
        return {**texts, "schema.yml": f"models:\n{listed}"}

    def test_both_keys_are_kept(self, project: Any, db: Database) -> None:
        run_dbt(["run", "--vars", "keys: false"])
        run_dbt(["run"])
        run_dbt(["run", "--full-refresh"])

        for name in ("alpha", "beta"):
            with pytest.raises(pymysql.err.IntegrityError) as refused:
                db.run(f"insert into {{s}}.{name} values (7)")
            assert refused.value.args[0] == 1452
        assert set(db.relations()) == {"alpha", "beta"}


class TestKeyOfAHook:
    """A unique index that a post-hook creates does not exist yet when the keys of the children are added again."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        hook = "{% if not is_incremental() %}alter table {{ this }} add unique (id){% endif %}"
        select = "select 1 as id union all select 2"
        return {
            "late.sql": f"{{{{ config(materialized='table', post_hook='{hook}') }}}} {select}",
            "changed.sql": f"{{{{ config(materialized='incremental', unique_key='id', post_hook='{hook}', "
            f"incremental_strategy=var('way', 'delete+insert')) }}}} {select}",
        }

    def test_what_is_said(self, project: Any, db: Database) -> None:
        run_dbt(["run"])
        for name in ("late", "changed"):
            db.run(
                f"create table {{s}}.of_{name} (id bigint, constraint key_of_{name} foreign key (id) "
                f"references {{s}}.{name} (id))",
                f"insert into {{s}}.of_{name} values (1)",
            )

        messages = {result.node.name: result.message for result in run_dbt(["run"], expect_pass=False)}

        [line] = [line for line in messages["late"].splitlines() if "key_of_late" in line]
        assert f"`{db.schema}`.`late` has no unique index on (`id`)" in line
        assert "post-hooks run later (1215); declare it as a unique or primary_key constraint" in line
        assert "(1451, " in messages["changed"]
        assert "use incremental_strategy merge" in messages["changed"]
        run_dbt(["run", "--select", "changed", "--vars", "way: merge"])


@pytest.mark.takes(30)
class TestForeignKeys:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"parent.sql": PARENT, "schema.yml": SCHEMA}

    @pytest.fixture(scope="class", autouse=True)
    def children(self, project: Any, db: Database) -> None:
        run_dbt(["run"])
        db.run(
            "create table {s}.child (parent_id bigint, constraint one_key foreign key (parent_id) "
            "references {s}.parent (id) on delete cascade)",
            "create table {s}.`other child` (id bigint, part bigint, constraint `it's ``odd``` foreign key (part) "
            "references {s}.parent (part))",
            "insert into {s}.child values (1), (2)",
            "insert into {s}.`other child` values (1, 1), (2, null)",
        )

    def keys(self, db: Database) -> list[Any]:
        return db.rows(
            "select table_name, constraint_name, referenced_table_name, delete_rule "
            f"from information_schema.referential_constraints where constraint_schema = '{db.schema}' order by 1"
        )

    def test_kept(self, project: Any, db: Database) -> None:
        for _ in range(3):
            run_dbt(["run"])

        assert self.keys(db) == KEYS
        with pytest.raises(pymysql.err.IntegrityError) as refused:
            db.run("insert into {s}.child values (7)")
        assert refused.value.args[0] == 1452
        with pytest.raises(pymysql.err.IntegrityError) as refused:
            db.run("insert into {s}.`other child` values (7, 7)")
        assert refused.value.args[0] == 1452
        assert set(db.relations()) == {"parent", "child", "other child"}

    def test_hidden_table_of_a_failed_build(self, project: Any, db: Database) -> None:
        """The server may take some time to remove the hidden table; until then, ALTER does not find it."""
        db.run(
            "create table {s}.__ctas_1_1 (parent_id bigint, constraint of_hidden foreign key (parent_id) "
            "references {s}.parent (id))"
        )

        run_dbt(["run"])

        # the key was not moved to the successor: it was dropped with its parent, or refers to nothing
        assert "`parent`" not in str(db.rows("show create table {s}.__ctas_1_1"))
        db.run("set foreign_key_checks = 0", "drop table {s}.__ctas_1_1", "set foreign_key_checks = 1")
        assert self.keys(db) == KEYS
        assert set(db.relations()) == {"parent", "child", "other child"}

    def test_rows_that_no_longer_fit(self, project: Any, db: Database) -> None:
        [result] = run_dbt(["run", "--vars", "shrunk: true"], expect_pass=False)

        assert "one_key" in result.message
        assert "`child`" in result.message
        assert "1452" in result.message or "oreign" in result.message
        assert db.rows("select id from {s}.parent") == [(1,)]
        assert self.keys(db)[-1] == KEYS[-1]
        assert set(db.relations()) == {"parent", "child", "other child"}

        db.run("delete from {s}.child where parent_id = 2")
        run_dbt(["run", "--vars", "shrunk: true"])
        assert set(db.relations()) == {"parent", "child", "other child"}

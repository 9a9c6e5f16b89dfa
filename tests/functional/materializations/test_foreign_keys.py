"""Tables that refer to a model by a foreign key keep the key when the model is built again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.outside import Database, account

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


HIDDEN = """
models:
  - name: parent
    config: {contract: {enforced: true}}
    columns: [{name: id, data_type: bigint, constraints: [{type: primary_key}]}]
  - name: viewed
    config: {contract: {enforced: true}}
    columns: [{name: id, data_type: bigint, constraints: [{type: primary_key}]}]
"""


class TestKeyOfAnotherTeam:
    """A table in a schema that dbt's user may not see refers to a model: the model stays as it is, with its keys."""

    @pytest.fixture(scope="class")
    def user(self, server: pymysql.Connection, unique_schema: str) -> Iterator[str]:
        with account(server, unique_schema, "grant all on {s}.* to {user}") as name:
            yield name

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, dbt_profile_target: dict[str, Any], user: str) -> dict[str, Any]:
        return {**dbt_profile_target, "user": user, "password": ""}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        select = "select 1 as id union all select 2 union all select {{ var('third', 3) }}"
        return {
            "parent.sql": "{{ config(materialized='table') }} " + select,
            "viewed.sql": "{{ config(materialized=var('kind', 'table')) }} " + select,
            "schema.yml": HIDDEN,
        }

    def parents(self, db: Database) -> dict[str, str]:
        """Return the parent of each key by the key's name."""
        return dict(  # type: ignore[arg-type]
            db.rows(
                "select constraint_name, referenced_table_name from information_schema.referential_constraints "
                f"where unique_constraint_schema = '{db.schema}'"
            )
        )

    def test_as_before_until_it_is_granted(self, project: Any, db: Database, user: str) -> None:
        run_dbt(["run"])
        other = f"`{db.schema}_crm`"
        db.run(
            f"create database {other}",
            "create table {s}.own (id bigint, constraint own_key foreign key (id) references {s}.parent (id))",
            "insert into {s}.own values (3)",
            *(
                f"create table {other}.of_{name} (id bigint, constraint key_of_{name} foreign key (id) "
                f"references {{s}}.{name} (id))"
                for name in ("parent", "viewed")
            ),
        )
        keys = {"own_key": "parent", "key_of_parent": "parent", "key_of_viewed": "viewed"}
        relations = db.relations()
        assert self.parents(db) == keys

        def refused(*words: str) -> str:
            [result] = run_dbt(["run", *words], expect_pass=False)
            assert self.parents(db) == keys
            assert db.relations() == relations
            assert db.rows("select id from {s}.parent order by id") == [(1,), (2,), (3,)]
            return str(result.message)

        # with other rows the user's own key is lost at first, and comes back with the old rows
        for variables in ("{}", "{}", "{third: 4}"):
            [line] = [
                line for line in refused("--select", "parent", "--vars", variables).splitlines() if "3730" in line
            ]
            assert line.strip() == (
                f"`{db.schema}`.`parent` is as before, since a table that dbt's user may not see has a foreign key to "
                "it: Cannot drop table 'parent__dbt_backup' referenced by a foreign key constraint 'key_of_parent' on "
                "table 'of_parent' (3730); grant select and alter on that table to dbt's user, which then moves the key"
            )
        message = refused("--select", "viewed", "--vars", "kind: view")
        assert "'key_of_viewed' on table 'of_viewed' (3730); drop the key first, as nothing but a table can be its" in (
            message
        )

        db.run(f"grant select on {other}.of_parent to {user}")
        message = refused("--select", "parent")
        assert f"`{db.schema}`.`parent` is as before, since a table that dbt's user may not change has a" in message
        assert "for table 'of_parent' (1142); grant alter on that table to dbt's user, which then moves the" in message

        db.run(f"grant alter on {other}.of_parent to {user}", f"drop table {other}.of_viewed")
        run_dbt(["run", "--vars", "kind: view"])
        assert self.parents(db) == {"own_key": "parent", "key_of_parent": "parent"}
        assert db.relations() == {**relations, "viewed": "view"}
        for table in (f"{other}.of_parent", "{s}.own"):
            with pytest.raises(pymysql.err.IntegrityError):
                db.run(f"insert into {table} values (7)")

    def test_left_by_a_killed_run(self, project: Any, db: Database, user: str) -> None:
        """The backup stays, with the key, until it can be moved: the new table may have rows of others by now."""
        other = f"`{db.schema}_later`"
        db.run(
            f"create database {other}",
            "create table {s}.parent__dbt_backup (id bigint primary key)",
            f"create table {other}.late (id bigint, constraint late_key foreign key (id) "
            "references {s}.parent__dbt_backup (id))",
        )
        for _ in range(2):
            [result] = run_dbt(["run", "--select", "parent"], expect_pass=False)
            assert f"`{db.schema}`.`parent__dbt_backup` cannot be dropped, since a table that" in result.message
            assert self.parents(db)["late_key"] == "parent__dbt_backup"

        db.run(f"grant select, alter on {other}.late to {user}")
        run_dbt(["run", "--select", "parent"])
        assert self.parents(db)["late_key"] == "parent"
        assert "parent__dbt_backup" not in db.relations()


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

    def test_kept(self, project: Any, db: Database, logs_dir: str) -> None:
        for _ in range(3):
            run_dbt(["run"])

        assert self.keys(db) == KEYS
        # a run that is killed between the two statements leaves the second one in the log
        log = Path(logs_dir, "dbt.log").read_text()
        assert log.index("add constraint `one_key`") < log.index("drop foreign key `one_key`")
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
        assert self.keys(db) == KEYS[1:], "a key that is said to be gone is gone"
        assert set(db.relations()) == {"parent", "child", "other child"}

        db.run("delete from {s}.child where parent_id = 2")
        db.run(result.message.partition("add the key again: ")[2].splitlines()[0])
        assert self.keys(db) == KEYS
        run_dbt(["run", "--vars", "shrunk: true"])
        assert set(db.relations()) == {"parent", "child", "other child"}

"""Snapshots: the history after a few changes, row by row (except for times)."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt, write_file
from support.outside import Database

pytestmark = pytest.mark.any_kernel


def snapshot(name: str, source: str, **config: Any) -> str:
    """Return a snapshot of the table ``source``."""
    settings = ", ".join(f"{key}={value!r}" for key, value in config.items())
    select = f"select * from {{{{ target.schema }}}}.{source}"
    return f"{{% snapshot {name} %}}{{{{ config({settings}) }}}} {select} {{% endsnapshot %}}"


def in_other_schema(name: str, **config: Any) -> str:
    """Return a snapshot whose query needs its header: it reads a table of another schema."""
    settings = ", ".join(f"{key}={value!r}" for key, value in config.items())
    columns = "1 as id, 'a' as word, cast('2026-01-01' as datetime) as changed"
    select = f"select {columns} from schemata where schema_name = 'information_schema'"
    header = "{% call set_sql_header(config) %} use information_schema; {% endcall %}"
    return f"{{% snapshot {name} %}}{{{{ config({settings}) }}}} {header} {select} {{% endsnapshot %}}"


STAGED = """
{% macro staged_by_three_arguments() %}
  {% if load_cached_relation(this) %}
    {% set strategy = snapshot_timestamp_strategy(model, 'snapshotted_data', 'source_data', model.config, true) %}
    {% do snapshot_staging_table(strategy, model.compiled_code, this) %}
  {% endif %}
{% endmacro %}
"""
"""A macro for a hook that runs before the query has sent its header. It passes no columns."""

CHECK = {"strategy": "check", "check_cols": "all", "unique_key": "id"}
RENAMED = {
    "dbt_valid_from": "since",
    "dbt_valid_to": "until",
    "dbt_scd_id": "scd",
    "dbt_updated_at": "seen",
    "dbt_is_deleted": "gone",
}
QUOTED = {
    "dbt_valid_from": "`from`",
    "dbt_valid_to": "`to`",
    "dbt_scd_id": "`key`",
    "dbt_updated_at": "`seen at`",
    "dbt_is_deleted": "`Is Gone`",
}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "number": ({**CHECK, "unique_key": "1"}, "unique_key: 1 reads no column"),
    "text": ({**CHECK, "unique_key": ["k", "'l'"]}, "unique_key: 'l' reads no column"),
    "time": (
        {"strategy": "timestamp", "unique_key": "k", "updated_at": "'2026-01-01'"},
        "updated_at: '2026-01-01' reads no column",
    ),
    "compared": ({**CHECK, "unique_key": "k", "check_cols": ["k", "'word'"]}, "check_cols: 'word' is no name"),
    "expression": ({**CHECK, "unique_key": "k", "check_cols": ["lower(word)"]}, "check_cols: lower(word) is no name"),
}
"""Configs of snapshots that are refused, with a part of the error."""

FAR = "cast('9999-12-31' as datetime(6))"


class History:
    """Run snapshots and read their rows."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"unused.sql": "{{ config(enabled=false) }} select 1 as id"}

    def take(self, expect_pass: bool = True) -> Any:
        return run_dbt(["--quiet", "snapshot"], expect_pass=expect_pass)

    def history(self, db: Database, name: str, columns: str, valid_to: str = "dbt_valid_to is null") -> list[Any]:
        return sorted(db.rows(f"select {columns}, ({valid_to}) = 1 from {{s}}.{name}"), key=str)


class TestChanges(History):
    """Another case, accent or trailing blank is a change; 1.50 for 1.5 is none; NULL is a value."""

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        some = {"strategy": "check", "check_cols": ["word", "amount"], "unique_key": "id"}
        time = {"strategy": "timestamp", "updated_at": "changed", "unique_key": "id"}
        return {
            "all.sql": snapshot("checked_all", "facts", **CHECK),
            "some.sql": snapshot("checked_some", "facts", **some),
            "time.sql": snapshot("timed", "facts", **time),
        }

    def test_history(self, project: Any, db: Database) -> None:
        db.run(
            "create table {s}.facts (id int, word varchar(20), amount decimal(10,1), other int, changed datetime(6))",
            "insert into {s}.facts values (0, 'a', 1.5, 1, '2026-01-01'), (1, 'a', 1.5, 1, '2026-01-01'), "
            "(2, 'e', null, 1, '2026-01-01'), (3, 'a', 1.5, 1, '2026-01-01'), (4, null, 1, 1, '2026-01-01')",
        )
        self.take()
        db.run(
            "alter table {s}.facts modify amount decimal(10,2)",  # 1.5 is 1.50 from here on
            "update {s}.facts set word = 'A', changed = '2026-01-02' where id = 0",
            "update {s}.facts set word = 'a ', changed = '2026-01-02' where id = 1",
            "update {s}.facts set word = 'é', amount = 0, changed = '2026-01-02' where id = 2",
            "update {s}.facts set other = 2 where id = 3",
            "update {s}.facts set word = '', changed = '2025-01-01' where id = 4",
        )
        self.take()
        self.take()
        db.run("update {s}.facts set amount = null, changed = '2026-01-03' where id = 2")
        self.take()

        changed = [(0, "A", 1), (0, "a", 0), (1, "a ", 1), (1, "a", 0), (2, "e", 0), (2, "é", 0), (2, "é", 1)]
        same = [(3, "a", 1)]
        emptied = [(4, "", 1), (4, None, 0)]
        assert self.history(db, "checked_some", "id, word") == sorted(changed + same + emptied, key=str)
        twice = [(3, "a", 0), (3, "a", 1)]
        assert self.history(db, "checked_all", "id, word") == sorted(changed + twice + emptied, key=str)
        older = [(4, None, 1)]  # its updated_at is earlier than before, which is no change
        assert self.history(db, "timed", "id, word") == sorted(changed + same + older, key=str)
        assert (
            self.history(db, "timed", "cast(dbt_valid_from as char), cast(dbt_valid_to as char)")[-1][0]
            == "2026-01-03 00:00:00.000000"
        )
        ends = db.rows(
            "select count(*) from {s}.timed a join {s}.timed b on a.id = b.id and a.dbt_valid_to = b.dbt_valid_from"
        )
        assert ends == [(4,)]
        assert set(db.relations()) == {"facts", "checked_all", "checked_some", "timed"}

    def test_a_quick_comparison_is_told_from_a_slow_one(self, project: Any, db: Database) -> None:
        db.run(
            "create table {s}.digits (d int)",
            "insert into {s}.digits values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
        )
        pairs = ", ".join(f"digits t{number}" for number in range(12))
        with project.adapter.connection_named("a_comparison"):
            assert project.adapter.is_quick("select count(*) from digits t0, digits t1")
            assert not project.adapter.is_quick(f"select count(*) from {pairs}")


class TestDeletes(History):
    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        modes = {"ignore", "invalidate", "new_record"}
        plain = {f"{mode}.sql": snapshot(f"d_{mode}", "facts", **CHECK, hard_deletes=mode) for mode in modes}
        renamed = {
            f"{mode}_named.sql": snapshot(
                f"n_{mode}",
                "facts",
                **CHECK,
                hard_deletes=mode,
                snapshot_meta_column_names=RENAMED,
                dbt_valid_to_current=FAR,
            )
            for mode in modes
        }
        quoted = {
            "quoted.sql": snapshot(
                "quoted", "facts", **CHECK, hard_deletes="new_record", snapshot_meta_column_names=QUOTED
            )
        }
        return plain | renamed | quoted

    def test_gone_and_back(self, project: Any, db: Database) -> None:
        db.run(
            "create table {s}.facts (id varchar(10), word varchar(20))",
            "insert into {s}.facts values ('1', 'a'), ('2', 'b'), ('3', 'c')",
        )
        self.take()
        db.run("delete from {s}.facts where id in ('1', '2')")
        self.take()
        self.take()
        db.run("insert into {s}.facts values ('1', 'a')")
        self.take()
        self.take()

        kept = [("2", "b", 1), ("3", "c", 1)]
        is_far = "until = '9999-12-31'"
        for name, valid_to in (("d_ignore", "dbt_valid_to is null"), ("n_ignore", is_far)):
            assert self.history(db, name, "id, word", valid_to) == [("1", "a", 1), *kept]
        for name, valid_to in (("d_invalidate", "dbt_valid_to is null"), ("n_invalidate", is_far)):
            gone = [("1", "a", 0), ("1", "a", 1), ("2", "b", 0), ("3", "c", 1)]
            assert self.history(db, name, "id, word", valid_to) == gone
        marked = [
            ("1", "a", "False", 0),
            ("1", "a", "False", 1),
            ("1", "a", "True", 0),
            ("2", "b", "False", 0),
            ("2", "b", "True", 1),
            ("3", "c", "False", 1),
        ]
        assert self.history(db, "d_new_record", "id, word, dbt_is_deleted") == marked
        assert self.history(db, "n_new_record", "id, word, gone", is_far) == marked
        assert self.history(db, "quoted", "id, word, `Is Gone`", "`to` is null") == marked

        # as versions are that were written while hard_deletes was another mode
        db.run(
            "update {s}.d_new_record set dbt_is_deleted = null where id = '3'", "delete from {s}.facts where id = '3'"
        )
        self.take()
        self.take()
        found = self.history(db, "d_new_record", "id, word, dbt_is_deleted")
        assert [row for row in found if row[0] == "3"] == [("3", "c", "True", 1), ("3", "c", None, 0)]


class TestKeys(History):
    """Keys are compared byte for byte, may have several columns, and may be NULL."""

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        pair = {"strategy": "check", "check_cols": ["word"], "unique_key": ["k", "l"], "hard_deletes": "invalidate"}
        one = {"strategy": "check", "check_cols": ["word"], "unique_key": "k", "hard_deletes": "invalidate"}
        quoted = {"strategy": "check", "check_cols": ['"word"'], "unique_key": '"k"', "hard_deletes": "invalidate"}
        listed = {"strategy": "check", "check_cols": "all", "unique_key": ['"k"', '"word"'], "updated_at": '"at"'}
        timed = {"strategy": "timestamp", "updated_at": '"at"', "unique_key": '"k"', "hard_deletes": "new_record"}
        return {
            "pair.sql": snapshot("pair", "pairs", **pair),
            "one.sql": snapshot("one", "ones", **one),
            "quoted.sql": snapshot("quoted", "quotes", **quoted),
            "listed.sql": snapshot("listed", "quotes", **listed),
            "timed.sql": snapshot("timed", "quotes", **timed),
            **{f"r_{name}.sql": snapshot(f"r_{name}", "quotes", **config) for name, (config, _) in REFUSED.items()},
        }

    def test_keys(self, project: Any, db: Database) -> None:
        db.run(
            "create table {s}.pairs (k varchar(10), l varchar(10), word varchar(20))",
            "insert into {s}.pairs values ('a', '0', 'x'), ('A', '0', 'x'), ('a', null, 'x'), (null, '0', 'x'), "
            "('', '0', 'x'), ('a|0', '1', 'x'), ('a', '0|1', 'x')",
            "create table {s}.ones (k varchar(10), word varchar(20))",
            "insert into {s}.ones values ('a', 'x'), ('A', 'x'), ('a ', 'x'), ('0', 'x'), ('á', 'x')",
            "create table {s}.quotes (k int, word varchar(20), at datetime)",
            "insert into {s}.quotes values (1, 'x', '2026-01-01'), (2, 'x', '2026-01-01'), (3, 'x', '2026-01-01')",
        )
        messages = {result.node.name: str(result.message) for result in self.take(expect_pass=False)}
        assert {name for name, text in messages.items() if not text.startswith("OK")} == {f"r_{n}" for n in REFUSED}
        for name, (_, error) in REFUSED.items():
            assert error in messages[f"r_{name}"]
        db.run(
            "update {s}.pairs set word = 'y' where k = binary 'A' or k is null or k = 'a|0'",
            "delete from {s}.pairs where l is null",
            "update {s}.ones set word = 'y' where k = binary 'A' or k = '0'",
            "delete from {s}.ones where k = binary 'a '",
            "update {s}.quotes set word = 'y', at = '2026-01-02' where k = 2",
            "delete from {s}.quotes where k = 3",
        )
        self.take(expect_pass=False)

        config = {"strategy": "check", "check_cols": ["word"], "unique_key": "at"}
        write_file(snapshot("one", "quotes", **config), project.project_root, "snapshots", "one.sql")
        [result] = run_dbt(["snapshot", "--select", "one"], expect_pass=False)
        assert (
            f"unique_key: at: no such column in `{db.schema}`.`one`: correct it, or, if the key is new"
            in result.message
        )

        assert self.history(db, "pair", "k, l, word") == sorted(
            [
                ("a", "0", "x", 1),
                ("A", "0", "x", 0),
                ("A", "0", "y", 1),
                ("a", None, "x", 0),
                (None, "0", "x", 0),
                (None, "0", "y", 1),
                ("", "0", "x", 1),
                ("a|0", "1", "x", 0),
                ("a|0", "1", "y", 1),
                ("a", "0|1", "x", 1),
            ],
            key=str,
        )
        assert self.history(db, "one", "k, word") == sorted(
            [("a", "x", 1), ("A", "x", 0), ("A", "y", 1), ("a ", "x", 0), ("0", "x", 0), ("0", "y", 1), ("á", "x", 1)],
            key=str,
        )
        changed = [(1, "x", 1), (2, "x", 0), (2, "y", 1)]
        assert self.history(db, "quoted", "k, word") == [*changed, (3, "x", 0)]
        assert self.history(db, "listed", "k, word") == [(1, "x", 1), (2, "x", 1), (2, "y", 1), (3, "x", 1)]
        assert self.history(db, "timed", "k, word") == [*changed, (3, "x", 0), (3, "x", 1)]
        assert db.value("select count(distinct dbt_scd_id) from {s}.timed") == 5


class TestColumns(History):
    """A new column is NULL in the rows of before; a column that is too narrow is widened."""

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        modes = {"strategy": "check", "check_cols": "all", "unique_key": "id", "hard_deletes": "new_record"}
        time = {"strategy": "timestamp", "updated_at": "changed", "unique_key": "id"}
        return {
            "grown.sql": snapshot("grown", "facts", **modes),
            "kept.sql": snapshot("kept", "dated", **time),
            "read.sql": snapshot("converted", "read", **time),
            "noted.sql": snapshot("checked", "noted", **CHECK),
            "headed.sql": snapshot("headed", "dated", **time, sql_header="insert into runs values (1);"),
            "in_other_1.sql": in_other_schema("in_other_1", **CHECK),
            "in_other_2.sql": in_other_schema("in_other_2", **{**CHECK, "check_cols": ["word"]}),
            "in_other_3.sql": in_other_schema(
                "in_other_3", **time, hard_deletes="new_record", pre_hook="{{ staged_by_three_arguments() }}"
            ),
        }

    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return {"staged.sql": STAGED}

    def test_columns(self, project: Any, db: Database) -> None:
        db.run("create table {s}.facts as select 1 as id, 'a' as word union all select 2, 'b'")
        db.run(
            "create table {s}.dated as select 1 as id, cast('2026-01-01' as datetime) as changed",
            "create table {s}.texts as select 1 as id, '2026-01-01' as changed",
            "create view {s}.read as select id, cast(changed as datetime) as changed from {s}.texts",
            "create table {s}.notes as select 1 as id, cast(null as char(20)) as noted",
            "create view {s}.noted as select id, cast(noted as datetime) as noted from {s}.notes",
            "create table {s}.runs (id int)",
        )
        self.take()
        db.run("alter table {s}.dated add column amount int default 7")  # which changes no updated_at
        db.run(
            "drop table {s}.facts",
            "create table {s}.facts as select 1 as id, 'much longer' as word, 2.5 as amount "
            "union all select 3, 'c', null",
        )
        self.take()
        self.take()

        assert self.history(db, "grown", "id, word, cast(amount as char), dbt_is_deleted") == sorted(
            [
                (1, "a", None, "False", 0),
                (1, "much longer", "2.5", "False", 1),
                (2, "b", None, "False", 0),
                (2, "b", None, "True", 1),
                (3, "c", None, "False", 1),
            ],
            key=str,
        )
        assert self.history(db, "kept", "id, amount") == [(1, None, 1)]
        assert set(db.relations()) == {
            *("facts", "dated", "texts", "read", "runs", "grown", "kept", "converted", "headed"),
            *("notes", "noted", "checked", "in_other_1", "in_other_2", "in_other_3"),
        }
        for number in (1, 2, 3):
            assert self.history(db, f"in_other_{number}", "id, word") == [(1, "a", 1)]
        # one for each of the three snapshots, the last of which has found no change
        assert db.rows("select count(*) from {s}.runs") == [(3,)]

    def test_a_text_that_is_no_time_fails_where_nothing_else_has_changed(self, project: Any, db: Database) -> None:
        db.run("update {s}.texts set changed = 'later'", "update {s}.notes set noted = 'later'")
        failed = {each.node.name: each.message for each in self.take(expect_pass=False) if each.status == "error"}
        assert failed.keys() == {"converted", "checked"}
        assert all("Incorrect value" in message for message in failed.values())

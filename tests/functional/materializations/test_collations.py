"""Keys and checked columns of text are compared byte for byte, also when a source gets another collation."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.increments import model
from support.outside import Database

STRATEGIES = {
    "deleted": "incremental_strategy='delete+insert'",
    "merged": "incremental_strategy='merge'",
    "limited": "incremental_strategy='merge', incremental_predicates=['DBT_INTERNAL_SOURCE.n > 0']",
    "synced": "incremental_strategy='delete+insert', on_schema_change='sync_all_columns'",
}
SELECT = "select k, e, n from {{ target.schema }}.facts"
WORDS = ("a", "A", "a ", "é")
RELATED = """
models:
  - name: child
    columns:
      - name: k
        data_tests:
          - relationships: {name: all_found, arguments: {to: ref('parent'), field: k}}
          - relationships: {name: one_lost, arguments: {to: ref('parent'), field: upper_k}}
"""


def collations(db: Database) -> list[str]:
    """Return clauses for columns of text, each with another collation; on kernel 1.4 there are two."""
    known = {name for name, *_ in db.rows("show collation")}
    wanted = ("utf8mb4_general_ci", "utf8mb4_unicode_ci", "utf8mb4_bin", "gbk_chinese_ci")
    found = [name for name in wanted if name in known]
    assert len(found) in (2, 4)
    return [f"character set {name.split('_')[0]} collate {name}" for name in found]


def recreate(db: Database, clause: str, version: int, words: tuple[str, ...] = WORDS) -> None:
    """Make the source anew, with columns of text of another collation and ``version`` as the value of each row."""
    rows = ", ".join(f"('{word}', 'x', {version}, '2024-01-01')" for word in words)
    db.run(
        "drop table if exists {s}.facts",
        f"create table {{s}}.facts (k varchar(9) {clause}, e enum('x', 'y') {clause}, n int, at datetime)",
        f"insert into {{s}}.facts values {rows}",
    )


class TestKeys:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        config = "{{{{ config(materialized='incremental', unique_key=['k', 'e'], {}) }}}} "
        return {f"{name}.sql": config.format(how) + SELECT for name, how in STRATEGIES.items()}

    def test_increments(self, project: Any, db: Database) -> None:
        for version, clause in enumerate([*collations(db), collations(db)[0]], start=1):
            recreate(db, clause, version, WORDS if version == 1 else WORDS[1:])
            run_dbt(["--quiet", "run"])
            for name in STRATEGIES:
                found = db.rows(f"select hex(convert(k using utf8mb4)), n from {{s}}.{name} order by 1")
                expected = [(word.encode().hex().upper(), 1 if word == "a" else version) for word in WORDS]
                assert found == sorted(expected), (name, clause)


class TestHistories:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"unused.sql": "{{ config(enabled=false) }} select 1 as id"}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        ways = {"checked": "strategy='check', check_cols='all'", "timed": "strategy='timestamp', updated_at='at'"}
        text = (
            "{{% snapshot {} %}}{{{{ config(unique_key='k', hard_deletes='new_record', {}) }}}} {} {{% endsnapshot %}}"
        )
        select = SELECT.replace("n from", "n, at from")
        return {f"{name}.sql": text.format(name, how, select) for name, how in ways.items()}

    def test_snapshots(self, project: Any, db: Database) -> None:
        for clause in [*collations(db), collations(db)[0]]:
            recreate(db, clause, 1)
            run_dbt(["--quiet", "snapshot"])
            for name in ("checked", "timed"):
                assert db.value(f"select count(*) from {{s}}.{name}") == len(WORDS), (name, clause)

        # ids of a session with another collation
        db.run(
            *(f"alter table {{s}}.{n} modify dbt_scd_id varchar(32) {collations(db)[1]}" for n in ("checked", "timed"))
        )
        db.run("update {s}.facts set n = 2, at = '2024-02-01' where k = binary 'A'")
        run_dbt(["--quiet", "snapshot"])
        for name in ("checked", "timed"):
            found = db.rows(f"select hex(k), n, dbt_valid_to is null from {{s}}.{name} where k = 'A' order by 1, 2")
            same = [(word.encode().hex().upper(), 1, 1) for word in ("a", "a ")]
            assert found == [("41", 1, 0), ("41", 2, 1), *same], name


class TestNewColumns:
    """A column that is added, or that held only NULL, gets the collation of the query. Keys keep it, too."""

    READ = "from {{ target.schema }}.words"

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        grown = model(f"select n {self.READ}", f"select * {self.READ}", on_schema_change="append_new_columns")
        untyped = model("select 1 as n, null as k1", f"select n, k1 {self.READ}")
        keyed = {
            name: model(
                f"select n, {first} as k {self.READ}",
                f"select n + 1 as n, {later} as k {self.READ}",
                incremental_strategy="delete+insert",
                unique_key="k",
            )
            for name, first, later in (("fixed", "f", "k1"), ("flexible", "k1", "f"))
        }
        return {f"{name}.sql": text for name, text in ({"grown": grown, "untyped": untyped} | keyed).items()}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        config = "{{ config(unique_key='n', strategy='check', check_cols='all') }}"
        select = f"select {{{{ '*' if var('all', false) else 'n' }}}} {self.READ}"
        return {"history.sql": f"{{% snapshot history %}}{config} {select}{{% endsnapshot %}}"}

    def collations_of(self, db: Database, table: str) -> dict[str, str]:
        found = db.rows(
            "select column_name, collation_name from information_schema.columns where column_name not like 'dbt%' "
            f"and table_schema = '{db.schema}' and table_name = '{table}'"
        )
        return dict(found)

    def test_collations(self, project: Any, db: Database) -> None:
        known = collations(db)
        columns = ", ".join(f"k{number} varchar(5) {clause}" for number, clause in enumerate(known))
        others = f"e enum('x', 'X') character set utf8mb4 collate utf8mb4_bin, f char(5) {known[1]}, j json, b blob"
        db.run(
            f"create table {{s}}.words (n int, {columns}, {others})",
            f"insert into {{s}}.words values (1, {', '.join(len(known) * [repr('a')])}, 'X', 'a', '1', 'b')",
        )
        run_dbt(["build"])
        run_dbt(["build", "--vars", "{all: true}"])

        declared = self.collations_of(db, "words")
        assert declared["e"] == "utf8mb4_bin"
        assert self.collations_of(db, "grown") == self.collations_of(db, "history") == declared
        assert self.collations_of(db, "untyped")["k1"] == declared["k1"]
        for name in ("fixed", "flexible"):
            assert db.rows(f"select n, k from {{s}}.{name}") == [(2, "a")], name
            assert self.collations_of(db, name)["k"] == declared["k1"]


class TestRelationships:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "child.sql": "select * from {{ target.schema }}.children",
            "parent.sql": "select k, case when k = 'a' then 'A' else k end as upper_k from {{ target.schema }}.parents",
            "related.yml": RELATED,
        }

    @pytest.mark.parametrize("stored", [False, True])
    def test_other_collations(self, project: Any, db: Database, stored: bool) -> None:
        first, *others = collations(db)
        for clause in others:
            for table, of_table in (("children", first), ("parents", clause)):
                db.run(
                    f"drop table if exists {{s}}.{table}",
                    f"create table {{s}}.{table} (k varchar(9) {of_table})",
                    f"insert into {{s}}.{table} values ('a'), ('b'), ('é'), (null)",
                )
            run_dbt(["--quiet", "run"])
            results = run_dbt(["--quiet", "test", *(["--store-failures"] if stored else [])], expect_pass=False)
            found = {result.node.name: (str(result.status), result.failures) for result in results}
            assert found == {"all_found": ("pass", 0), "one_lost": ("fail", 1)}, clause

"""A value that the declared type of a contract would change fails the node, in first builds and in increments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

CHANGED = {
    "a_decimal": ("decimal(5,2)", "1.555", "1.5"),
    "a_sum": ("decimal(5,1)", "0.25 + 1", "0.5 + 1"),
    "a_moment": ("datetime", "cast('2024-12-31 23:59:59.9' as datetime(6))", "cast('2024-12-31' as datetime(6))"),
    "a_stamp": ("timestamp(3)", "cast('2024-12-31 23:59:59.9999' as datetime(6))", "cast('2024-12-31' as datetime(6))"),
    "a_time": ("time", "cast('10:00:00.5' as time(3))", "cast('10:00:00' as time(3))"),
    "a_float": ("float(24)", "1.23456789e0", "1.5e0"),
    "a_rounded": ("double(10,2)", "1.555e0", "1.5e0"),
    "a_year": ("year", "5", "2024"),
    "a_char": ("char(5)", "'a '", "'a'"),
    "a_short": ("varchar(3)", "'a    '", "'a  '"),
    "an_enum": ("enum('x','y')", "'1'", "'x'"),
    "an_upper": ("enum('x','y')", "'X'", "'y'"),
    "a_set": ("set('x','y')", "'3'", "'x,y'"),
    "a_binary": ("binary(3)", "cast('ab' as binary)", "cast('abc' as binary)"),
}
"""By model: declared type, a value that it would change, and one that it keeps."""


def contract(names: dict[str, str]) -> str:
    """Return the schema.yml of models with the columns ``id`` and ``v``; ``names`` has the type of v by model."""
    models = "".join(
        f"  - name: {name}\n    config: {{contract: {{enforced: true}}}}\n    columns:\n"
        f'      - {{name: id, data_type: int}}\n      - {{name: V, data_type: "{kind}"}}\n'
        for name, kind in names.items()
    )
    return f"models:\n{models}"


@pytest.mark.takes(60)
class TestFirstBuild:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        found = {}
        for number, (name, (_, changed, kept)) in enumerate(CHANGED.items()):
            kind = ("table", "incremental")[number % 2]
            config = f"{{{{ config(materialized='{kind}', on_schema_change='append_new_columns') }}}}"
            found[f"{name}.sql"] = (
                f"{config} select 1 as id, {kept} as v "
                f"{{% if not var('kept', true) %}}union all select 2, {changed}{{% endif %}}"
            )
        return found | {"schema.yml": contract({name: kind for name, (kind, *_) in CHANGED.items()})}

    def test_changed_then_kept(self, project: Any, db: Database) -> None:
        """New, and in the place of a table."""
        for count in (0, 1):
            refused = run_dbt(["run", "--full-refresh", "--vars", "{kept: false}"], expect_pass=False)
            for result in refused:
                name, message = result.node.name, str(result.message)
                assert "column v: " in message.lower(), name
                assert f"would become another value in {CHANGED[name][0].replace('float(24)', 'float')}" in message
                assert "declare in the contract a type that keeps it, or round or cast it in the model" in message
            assert len(db.relations()) == count * len(CHANGED)

            run_dbt(["run", "--full-refresh"])
            assert sorted(db.relations()) == sorted(CHANGED), "nothing else is left"

        for name, (_, _, kept) in CHANGED.items():
            assert db.value(f"select count(*) from {{s}}.{name} where v = {kept}") == 1, name
            assert db.value(f"select count(*) from {{s}}.{name}") == 1, name
        assert db.value("select v from {s}.a_decimal") == Decimal("1.50")
        assert db.value("select v from {s}.a_short") == "a  "


class TestIncrement:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        found = {}
        strategies = ("append", "delete+insert", "merge")
        for number, (name, (_, changed, kept)) in enumerate(CHANGED.items()):
            config = (
                f"{{{{ config(materialized='incremental', incremental_strategy='{strategies[number % 3]}', "
                "unique_key='id', on_schema_change='" + ("fail" if number % 2 else "append_new_columns") + "') }}"
            ).replace("unique_key='id', ", "unique_key='id', " if number % 3 else "")
            found[f"{name}.sql"] = (
                f"{config} {{% if var('kept', true) %}}select {{{{ var('id', 1) }}}} as id, {kept} as v"
                f"{{% else %}}select 2 as id, {changed} as v{{% endif %}}"
            )
        found["batch.sql"] = (
            "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at', "
            "batch_size='day', begin='2026-01-01', on_schema_change='append_new_columns') }} "
            "select timestamp '2026-01-01 10:00:00' as at, {{ '1.555' if not var('kept', true) else '1.250' }} as v"
        )
        batch = (
            contract({"batch": "decimal(5,2)"})
            .removeprefix("models:\n")
            .replace("name: id, data_type: int", "name: at, data_type: datetime")
        )
        kinds = {name: kind for name, (kind, *_) in CHANGED.items()}
        return found | {"schema.yml": contract(kinds) + batch}

    def test_changed_then_kept(self, project: Any, db: Database) -> None:
        times = ["--event-time-start", "2026-01-01", "--event-time-end", "2026-01-02"]
        run_dbt(["run", *times])
        refused = run_dbt(["run", *times, "--vars", "{kept: false}"], expect_pass=False)

        for result in refused:
            name = result.node.name
            assert result.status != "success", name
            assert db.value(f"select count(*) from {{s}}.{name}") == 1, name
            if name != "batch":
                assert "would become another value in " in str(result.message), name

        run_dbt(["run", *times, "--vars", "{id: 2}"])
        for name, (_, _, kept) in CHANGED.items():
            assert db.rows(f"select id, v = {kept} from {{s}}.{name} order by id") == [(1, 1), (2, 1)], name
        assert db.rows("select v from {s}.batch") == [(Decimal("1.25"),)]
        assert sorted(db.relations()) == sorted((*CHANGED, "batch"))

"""The names of staged columns, the compared keys and the order of statements in a merge by join."""

from __future__ import annotations

import pytest
from dbt_common.exceptions import CompilationError

from dbt.adapters.oceanbase.column import OceanBaseColumn
from dbt.adapters.oceanbase.incremental import strategies
from dbt.adapters.oceanbase.incremental.merge_join import KeyPair, merge_join, staged_key_pairs

ID, WORD = (OceanBaseColumn.from_catalog(name, kind) for name, kind in (("id", "bigint"), ("word", "varchar(9)")))
COLUMNS = [ID, WORD]


def test_plain_keys() -> None:
    join = merge_join(["`id`", "`word`"], COLUMNS, [], [])

    assert join.select_list == [("`id`", "dbt_internal_value_1"), ("`word`", "dbt_internal_value_2")]
    assert join.keys == [
        KeyPair("`id`", "DBT_INTERNAL_SOURCE.dbt_internal_value_1", "DBT_INTERNAL_DEST.`id`", False),
        KeyPair("`word`", "DBT_INTERNAL_SOURCE.dbt_internal_value_2", "DBT_INTERNAL_DEST.`word`", True),
    ]
    assert join.updates == []
    assert not join.inserts_first


def test_a_key_that_is_an_expression() -> None:
    join = merge_join(["`id`", "lower(word)"], COLUMNS, [WORD], [])

    assert join.select_list[2:] == [("lower(word)", "dbt_internal_key_1")]
    assert join.keys[1] == KeyPair("lower(word)", "DBT_INTERNAL_SOURCE.dbt_internal_key_1", "(lower(word))", False)
    assert join.updates == [("`word`", "DBT_INTERNAL_SOURCE.dbt_internal_value_2")]
    assert join.inserts_first


def test_a_predicate_that_reads_the_staged_rows_keeps_their_names() -> None:
    predicate = "`DBT_INTERNAL_SOURCE`.id > 1"
    join = merge_join(["`id`"], COLUMNS, [WORD], [predicate])

    assert join.select_list == []
    assert join.values == [("`id`", "DBT_INTERNAL_SOURCE.`id`"), ("`word`", "DBT_INTERNAL_SOURCE.`word`")]
    assert join.inserts_first
    with pytest.raises(CompilationError, match=r"DBT_INTERNAL_SOURCE cannot be used beside the expression id \+ 0"):
        merge_join(["id + 0"], COLUMNS, [WORD], [predicate])


def test_keys_of_a_delete() -> None:
    pairs = staged_key_pairs(["`word`", "id + 0"], COLUMNS)

    assert pairs == [
        KeyPair("`word`", "DBT_INTERNAL_SOURCE.dbt_internal_key_1", "(`word`)", True),
        KeyPair("id + 0", "DBT_INTERNAL_SOURCE.dbt_internal_key_2", "(id + 0)", False),
    ]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("ID", ["`id`"]),
        ([" `Id` ", "lower(word)"], ["`id`", "lower(word)"]),
        (None, []),
    ],
)
def test_names_of_columns_are_quoted(keys: list[str] | str | None, expected: list[str]) -> None:
    assert strategies.key_expressions(keys, COLUMNS) == expected

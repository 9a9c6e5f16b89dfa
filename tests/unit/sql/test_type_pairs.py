"""The table of what becomes of a value of one type in a column of another type."""

from __future__ import annotations

import re

import pytest

from dbt.adapters.oceanbase.sql import type_pairs, types
from dbt.adapters.oceanbase.sql.collection_loss import SIGNED_LOSS, UNSIGNED_LOSS
from dbt.adapters.oceanbase.sql.field_types import COLLECTION_LENGTH

COLLECTION = f"char({COLLECTION_LENGTH})"
"""The type that a query shows for an array, a map or a vector."""

TEXT = "if(`v` is null, null, json_unquote(json_extract(json_array(`v`), '$[0]')))"


def test_every_type_has_one_family() -> None:
    listed = [name for names in type_pairs.FAMILIES.values() for name in names]

    assert sorted(listed) == sorted(types.TYPES)
    assert type_pairs.family_of("roaringbitmap") == "else"


@pytest.mark.parametrize("bound", [0, 9, 10**18, 2**63, 10**19, 2**64, 10**20])
@pytest.mark.parametrize("distance", [-2, -1, 0, 1, 2])
def test_integers_of_more_than_64_bits_are_found(bound: int, distance: int) -> None:
    number = bound + distance
    text = f"[1,{number}]"

    assert (re.search(SIGNED_LOSS, text) is not None) == (number >= 2**63)
    assert (re.search(UNSIGNED_LOSS, text) is not None) == (number < 0 or number >= 2**64)


def test_every_pair_of_families_has_an_entry() -> None:
    pairs = {(own, new) for own in type_pairs.FAMILIES for new in type_pairs.FAMILIES}

    assert set(type_pairs.PAIRS) == pairs
    assert set(type_pairs.PAIRS.values()) == set(type_pairs.CODES)


@pytest.mark.parametrize(
    ("data_type", "new_type", "condition"),
    [
        ("double", "bigint", "`v` <> round(`v`)"),
        ("decimal(2,1)", "bit(4)", "`v` <> round(`v`, 0)"),
        ("decimal(5,2)", "decimal(5,1) unsigned", "`v` <> round(`v`, 1)"),
        (
            "double",
            "decimal(5,1) unsigned",
            "case when abs(`v`) < 1e4 then `v` <> cast(cast(`v` as decimal(65,1)) as double) end",
        ),
        ("decimal(16,1)", "double", "`v` <> cast(cast(`v` as double) as decimal(65,1))"),
        (
            "decimal(65,30)",
            "double",
            "abs(`v`) >= 9.99e34 or `v` <> cast(cast(`v` as double) as decimal(65,30))",
        ),
        (
            "bigint unsigned",
            "double",
            "`v` not between -9007199254740992 and 9007199254740992 and `v` % 2048 <> 0",
        ),
        ("date", "bigint", "`v` is not null"),
        ("enum('1')", "bigint", "`v` is not null"),
        ("year", "time", "`v` is not null"),
        ("varbinary(5)", "datetime", "`v` is not null"),
        ("json", "bit(8)", "`v` is not null"),
        ("time(6)", "time", "`v` <> cast(`v` as time(0))"),
        ("datetime(6)", "timestamp(3)", "`v` <> cast(`v` as datetime(3))"),
        ("varchar(5)", "char(9)", "`v` like '% '"),
        ("varchar(5)", "varchar(3)", "char_length(`v`) > 3 and `v` like '% '"),
        ("double", "varchar(5)", "char_length(cast(`v` as char)) > 5"),
        ("blob", "binary(5)", "length(`v`) <> 5"),
        ("bit(8)", "binary(5)", "length(cast(`v` + 0 as char)) <> 5"),
        (
            "enum('x')",
            "enum('a','b,''c')",
            "cast(cast(`v` as char) as binary) not in (cast('a' as binary), cast('b,''c' as binary))",
        ),
        ("text", "array(int)", f"`v` regexp '[.e]|{SIGNED_LOSS}'"),
        ("text", "array(bigint unsigned)", f"`v` regexp '[.e]|{UNSIGNED_LOSS}'"),
        ("text", "ARRAY(ARRAY(FLOAT))", "`v` regexp '[0-9.]{7}|e[+-]?[0-9]{2}'"),
        ("text", "array(varchar(3))", "`v` is not null"),
        ("array(double)", "array(int)", "`v` is not null"),
        (
            COLLECTION,
            "array(array(int))",
            f"{TEXT} regexp '[.e]|{SIGNED_LOSS}' or "
            "array_length(array_filter(e1 -> array_length(array_filter(e2 -> e2 <> round(e2), e1)) > 0, `v`)) > 0",
        ),
        (
            COLLECTION,
            "array(float)",
            f"{TEXT} regexp '[0-9.]{{7}}|e[+-]?[0-9]{{2}}' and "
            f"({TEXT} regexp '\"|[^.0-9][0-9]{{16}}' or "
            "array_length(array_filter(e1 -> e1 <> cast(e1 as float), `v`)) > 0)",
        ),
        (
            COLLECTION,
            "array(double)",
            f"{TEXT} regexp '[0-9.]{{16}}|e[+-]?[0-9]{{2}}' and {TEXT} regexp '\"|[^.0-9][0-9]{{16}}'",
        ),
        (
            COLLECTION,
            "map(int,varchar(9))",
            f"({TEXT.replace('`v`', 'map_keys(`v`)')} regexp '[.e]|{SIGNED_LOSS}' or "
            "array_length(array_filter(e1 -> e1 <> round(e1), map_keys(`v`))) > 0)",
        ),
        (
            COLLECTION,
            "map(varchar(9),bigint)",
            f"({TEXT.replace('`v`', 'map_values(`v`)')} regexp '[.e]|{SIGNED_LOSS}' or "
            "array_length(array_filter(e1 -> e1 <> round(e1), map_values(`v`))) > 0)",
        ),
        (COLLECTION, "text", "`v` is not null"),
        ("double", "double(10,2)", "`v` <> round(`v`, 2)"),
        ("decimal(5,3)", "double(10,2)", "`v` <> round(`v`, 2)"),
        ("float", "real(10,0)", "cast(cast(`v` as char) as double) <> round(cast(cast(`v` as char) as double), 0)"),
        (
            "bigint",
            "double(20,2)",
            "`v` not between -9007199254740992 and 9007199254740992 and `v` % 2048 <> 0",
        ),
        (
            "decimal(5,3)",
            "float(7,2)",
            "cast(cast(cast(`v` as float) as char) as decimal(65,30)) <> `v` or `v` <> round(`v`, 2)",
        ),
        ("varchar(3)", "bigint", "concat(`v`, ';') not regexp '^([+-]?[0-9]+([.]0*)?);$'"),
    ],
)
def test_conditions(data_type: str, new_type: str, condition: str) -> None:
    assert type_pairs.loss_condition("`v`", data_type, new_type) == condition


@pytest.mark.parametrize(
    ("data_type", "new_type"),
    [
        ("bigint(20)", "bigint"),
        ("double", "double"),
        ("bigint", "decimal(5,2)"),
        ("decimal(5,0)", "int"),
        ("decimal(5,1)", "decimal(5,2)"),
        ("decimal(15,1)", "double"),
        ("int", "double"),
        ("float", "double"),
        ("decimal(5,2)", "double(10,2)"),
        ("double(10,2)", "real(10,2)"),
        ("double(10,2)", "double(12,3)"),
        ("int", "double(10,2)"),
        ("double", "double(5)"),
        ("double", "varchar(24)"),
        ("double", "text"),
        ("bigint", "tinyint(1)"),
        ("date", "datetime"),
        ("datetime", "timestamp(3)"),
        ("varchar(3)", "varchar(5)"),
        ("varchar(0)", "varchar(5)"),
        ("text", "longtext"),
        ("json", "varchar(5)"),
        ("enum('b','a')", "enum('a','b','c')"),
        ("set('a','c')", "set('a','b','c')"),
        ("text", "VECTOR(3)"),
        ("roaringbitmap", "ROARINGBITMAP"),
        ("longblob", "roaringbitmap"),
        (COLLECTION, "array(varchar(3))"),
        (COLLECTION, "vector(3)"),
    ],
)
def test_pairs_that_lose_nothing(data_type: str, new_type: str) -> None:
    assert type_pairs.loss_condition("`v`", data_type, new_type) is None

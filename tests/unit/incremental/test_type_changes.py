"""Which type holds the values of two columns, and which values a cast changes."""

from __future__ import annotations

from typing import Any

import pytest
from dbt_common.exceptions import DbtRuntimeError

from dbt.adapters.oceanbase.column import OceanBaseColumn
from dbt.adapters.oceanbase.incremental import type_changes


def column(kind: str, **attributes: Any) -> OceanBaseColumn:
    return OceanBaseColumn.from_catalog("v", kind, **attributes)


@pytest.mark.parametrize(
    ("present", "staged", "kind"),
    [
        ("bigint(20)", "decimal(2,1)", "decimal(21,1)"),
        ("tinyint(1)", "decimal(2,1)", "decimal(4,1)"),
        ("bigint", "decimal(65,30)", "decimal(65,30)"),
        ("bigint", "decimal(32,0)", None),
        ("decimal(2,1)", "bigint", "decimal(21,1)"),
        ("decimal(22,2)", "bigint", None),
        ("decimal(50,30)", "bigint", None),
        ("decimal(12,4) unsigned", "decimal(5,2)", None),
        ("decimal(12,4) unsigned", "bigint", "decimal(24,4)"),
        ("float", "decimal(2,1)", "double"),
        ("float", "bigint", "double"),
        ("float", "smallint", None),
        ("double", "decimal(2,1)", None),
        ("bigint", "double", None),
        ("date", "datetime", "datetime"),
        ("date", "timestamp(6)", "datetime(6)"),
        ("datetime", "date", None),
        ("datetime", "timestamp(3)", "datetime(3)"),
        ("timestamp(3)", "datetime", None),
        ("time", "datetime(6)", None),
        ("varchar(3)", "bigint", None),
    ],
)
def test_shared_type(present: str, staged: str, kind: str | None) -> None:
    found = type_changes.changes([column(present)], [column(staged)], across_kinds=True)

    assert found == ({"v": (kind, False)} if kind else {})
    assert not kind or type_changes.changes([column(present)], [column(staged)]) == {}


def test_lossy_casts() -> None:
    present = [OceanBaseColumn.from_catalog(name, "bigint") for name in ("A", "b", "c", "d")]
    staged = [
        OceanBaseColumn.from_catalog(name, kind)
        for name, kind in (("a", "double"), ("b", "int"), ("c", "binary(0)"), ("e", "double"))
    ]

    found = type_changes.lossy_casts(present, staged, {})

    assert found == [type_changes.LossyCast(staged[0], "bigint", "`a` <> round(`a`)")]


def test_lossy_casts_look_at_the_changed_type() -> None:
    present, staged = [column("bigint")], [column("decimal(20,4)")]
    changes = type_changes.changes(present, staged, across_kinds=True)

    assert type_changes.lossy_casts(present, staged, changes) == []
    assert type_changes.lossy_casts([column("bigint", is_generated=True)], [column("double")], {}) == []


def test_columns_that_come_to_take_null() -> None:
    literal = column("bigint", nullable=False, refuses_null=True, has_default=True)
    declared = column("bigint", nullable=False, refuses_null=True)
    taker = [column("bigint")]

    assert type_changes.changes([literal], taker) == {"v": (None, True)}
    assert type_changes.changes([literal], taker, relax_not_null=False) == {}
    assert type_changes.changes([declared], taker) == {}
    assert type_changes.changes([declared], []) == {}
    assert type_changes.changes([declared], [], allow_missing_columns=True) == {"v": (None, True)}


def test_error_for_a_lossy_value() -> None:
    found = type_changes.lossy_casts([column("bigint")], [column("double")], {})

    type_changes.raise_on_lossy_values(found, [None], "`s`.`t`", "do this")
    with pytest.raises(DbtRuntimeError) as error:
        type_changes.raise_on_lossy_values(found, ["1.5"], "`s`.`t`", "do this")
    expected = "column v: 1.5 (double) would become another value in bigint, the type in `s`.`t`: do this"
    assert str(error.value).splitlines()[-1].strip() == expected


@pytest.mark.parametrize(
    ("present", "staged", "kind"),
    [
        ("float", "double(10,2)", "double"),
        ("float(7,3) unsigned", "double(10,2) unsigned", "double unsigned"),
        ("float(7,3)", "double", "double"),
        ("double(10,2)", "double", None),
        ("double", "double(10,2)", None),
    ],
)
def test_a_float_is_widened_to_a_type_that_does_not_round(present: str, staged: str, kind: str | None) -> None:
    assert column(present).widened_for(column(staged)) == kind


@pytest.mark.parametrize(
    ("staged", "kept", "changes"),
    [("double", "double(10,2)", True), ("float(7,3)", "float(7,2)", True), ("double(10,2)", "double(10,2)", False)],
)
def test_a_float_that_rounds_may_change_a_key(staged: str, kept: str, changes: bool) -> None:
    assert column(staged).may_change_in(column(kept)) is changes


@pytest.mark.parametrize(
    ("present", "staged", "kind"),
    [
        ("varchar(5)", "char(9)", "varchar(9)"),
        ("varchar(9)", "char(5)", None),
        ("text", "varchar(16383)", None),
        ("text", "varchar(20000)", "mediumtext"),
        ("tinytext", "varchar(1000)", "text"),
        ("tinytext", "longtext", "longtext"),
        ("varchar(20)", "tinytext", "varchar(255)"),
        ("varchar(100)", "tinytext", "varchar(255)"),
        ("varchar(300)", "tinytext", None),
        ("varchar(20000)", "text", "mediumtext"),
        ("varchar(262144)", "text", None),
        ("mediumtext", "varchar(262144)", None),
        ("varbinary(5)", "varbinary(9)", "varbinary(9)"),
        ("varbinary(5)", "binary(9)", "varbinary(9)"),
        ("varbinary(9)", "varbinary(5)", None),
        ("varbinary(5)", "blob", "blob"),
        ("varbinary(70000)", "blob", None),
        ("varbinary(5)", "tinyblob", "varbinary(255)"),
        ("varbinary(300)", "tinyblob", None),
        ("tinyblob", "varbinary(300)", "blob"),
        ("blob", "longblob", "longblob"),
        ("longblob", "mediumblob", None),
        ("binary(5)", "varbinary(9)", None),
        ("varbinary(5)", "varchar(9)", None),
        ("bit(2)", "bit(8)", "bit(8)"),
        ("bit(8)", "bit(2)", None),
    ],
)
def test_texts_and_bytes_get_room(present: str, staged: str, kind: str | None) -> None:
    assert column(present).widened_for(column(staged)) == kind


@pytest.mark.parametrize(
    ("present", "staged", "kind"),
    [
        ("int unsigned", "int", None),
        ("int unsigned", "tinyint(1)", None),
        ("int unsigned", "bigint", "bigint unsigned"),
        ("int", "int unsigned", "bigint"),
        ("int", "smallint unsigned", None),
        ("tinyint unsigned", "tinyint", None),
        ("mediumint", "mediumint unsigned", "int"),
        ("int", "bigint unsigned", "bigint"),
        ("bigint", "bigint unsigned", None),
        ("bigint unsigned", "bigint", None),
        ("int unsigned", "bigint unsigned", "bigint unsigned"),
    ],
)
def test_integers_of_the_other_sign_get_room(present: str, staged: str, kind: str | None) -> None:
    assert column(present).widened_for(column(staged)) == kind


def test_a_column_keeps_its_type_only_with_room_for_all_staged_values() -> None:
    kept = (("bigint", "int unsigned"), ("varbinary(9)", "varbinary(5)"), ("mediumtext", "varchar(9)"))
    changed = (("int unsigned", "int"), ("varchar(20000)", "text"), ("decimal(12,2)", "decimal(10,4)"))

    for present, staged in kept:
        assert type_changes.retyped_columns([column(present)], [column(staged)]) == [], present
    for present, staged in changed:
        assert type_changes.retyped_columns([column(present)], [column(staged)]) == [column(present)], present


@pytest.mark.parametrize(
    ("present", "staged", "kind"),
    [
        ("int unsigned", "int", None),
        ("int unsigned", "bigint", None),
        ("int", "int unsigned", None),
        ("varchar(20000)", "text", None),
        ("tinytext", "varchar(100)", None),
        ("varbinary(70)", "tinyblob", "varbinary(255)"),
        ("varchar(5)", "varchar(9)", "varchar(9)"),
        ("int", "bigint", "bigint"),
        ("decimal(12,2)", "decimal(10,4)", "decimal(14,4)"),
    ],
)
def test_types_that_dbt_gives(present: str, staged: str, kind: str | None) -> None:
    found = type_changes.changes([column(present)], [column(staged)], retyped_later=True)

    assert found == ({"v": (kind, False)} if kind else {})
    assert kind or type_changes.retyped_columns([column(present)], [column(staged)]) == [column(present)]


def test_types_that_may_stay() -> None:
    pairs = {
        "int unsigned": "bigint",
        "varbinary(5)": "varbinary(9)",
        "text": "mediumtext",
        "varchar(5)": "varchar(9)",  # blanks at the end would be lost
        "decimal(5,1)": "decimal(5,2)",
    }
    present = [OceanBaseColumn.from_catalog(kind, kind) for kind in pairs]
    staged = [OceanBaseColumn.from_catalog(name, kind) for name, kind in pairs.items()]
    changed = type_changes.changes(present, staged)

    assert set(changed) == set(pairs)
    assert type_changes.dispensable(present, staged, changed) == {"int unsigned", "varbinary(5)", "text"}


def test_collations() -> None:
    text, enum = (column(kind, collation="utf8mb4_bin") for kind in ("varchar(5)", "enum('a')"))
    untyped = column("binary(0)")

    assert text.collated_type() == "varchar(5) collate utf8mb4_bin"
    assert text.collated_type("gbk_bin") == "varchar(5) collate gbk_bin"
    assert enum.collated_type() == "enum('a') collate utf8mb4_bin"
    assert column("varchar(5)").collated_type() == "varchar(5)"
    assert column("varbinary(5)", collation="binary").collated_type() == "varbinary(5)"
    assert column("json", collation="utf8mb4_bin").collated_type() == "json"
    assert untyped.widened_for(text) == "varchar(5) collate utf8mb4_bin"
    assert type_changes.lossy_casts([untyped], [text], type_changes.changes([untyped], [text])) == []


def test_a_contract_tells_times_from_moments() -> None:
    families = [column(kind).contract_family() for kind in ("time", "datetime", "timestamp(3)", "date")]

    assert families[1] == families[2]
    assert len(set(families)) == 3


def test_an_unsigned_decimal_keeps_its_scale() -> None:
    assert column("decimal(12,4) unsigned").widened_for(column("decimal(12,2)")) == "decimal(14,4)"


@pytest.mark.parametrize(
    ("present", "staged", "kind"),
    [
        ("enum('a','b')", "enum('c','b','d')", "enum('a','b','c','d')"),
        ("set('a')", "set('b''s')", "set('a','b''s')"),
        ("enum('a','b')", "enum('b')", None),
        ("enum('b')", "enum('B')", None),
        ("enum('e')", "enum('é')", None),
        ("enum('a')", "set('b')", None),
        ("enum('a')", "varchar(3)", None),
    ],
)
def test_an_enumeration_gets_new_members(present: str, staged: str, kind: str | None) -> None:
    assert column(present).widened_for(column(staged)) == kind


def test_a_set_has_at_most_64_members() -> None:
    members = ",".join(f"'m{number}'" for number in range(64))

    assert column(f"set({members})").widened_for(column("set('x')")) is None


def test_texts_become_members() -> None:
    [enum] = type_changes.lossy_casts([column("enum('a')")], [column("varchar(9)")], {})
    [members] = type_changes.lossy_casts([column("set('a')")], [column("varchar(9)")], {})
    [number] = type_changes.lossy_casts([column("bigint")], [column("varchar(9)")], {})

    assert (enum.takes_members, members.takes_members, number.takes_members) == (True, True, False)
    assert type_changes.with_texts(enum, ["b's", "c,d"]) == "enum('a','b''s','c,d')"
    assert type_changes.with_texts(members, ["a,b", "b,c"]) == "set('a','b','c')"
    assert type_changes.with_texts(enum, ["A"]) is None
    assert type_changes.with_texts(enum, [f"m{number}" for number in range(65)]) is None


def test_changes_with_other_types() -> None:
    found = {"V": type_changes.Change(None, True)}
    present = [OceanBaseColumn.from_catalog(name, "enum('a')") for name in ("V", "w")]

    assert type_changes.with_kinds(found, present, {"v": "enum('b')", "w": "enum('c')"}) == {
        "V": type_changes.Change("enum('b')", True),
        "w": type_changes.Change("enum('c')", False),
    }

"""Column definitions of SHOW CREATE TABLE, and the MODIFY clauses made from them."""

from __future__ import annotations

import pytest
from dbt_common.exceptions import DbtRuntimeError

from dbt.adapters.oceanbase.catalog.column_definitions import escaped_column_type, parse_column_definitions
from dbt.adapters.oceanbase.catalog.comments import comment_clauses, truncate, truncate_bytes

CREATE = """CREATE TABLE `t` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT COMMENT 'it''s, (the) key',
  `odd``name` varchar(10) NOT NULL DEFAULT 'a, b' COMMENT 'default x; must be NOT NULL',
  `kind` enum('a','b,c)') DEFAULT NULL,
  `n` int(11) DEFAULT (1 + (2 * 3)) COMMENT 'sum',
  `at` datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  `size` decimal(10,2) unsigned NOT NULL DEFAULT '0.00',
  `bits` bit(8) DEFAULT b'101',
  `deep` int(11) GENERATED ALWAYS AS (((((`n` + 1) * 2) + length('(it\\'s')) + 3)) STORED NOT NULL,
  `odd, type` ARRAY(ARRAY(INT)) DEFAULT NULL COMMENT 'x' SKIP_INDEX(MIN_MAX, SUM),
  `raw` enum('it's','a\\','COMMENT 'x'','(b)') CHARACTER SET utf8mb4 NOT NULL DEFAULT 'it's' COMMENT 'NOT \\') NULL',
  `raw_set` set('x','y's') DEFAULT 'x,y's',
  `word` varchar(9) CHARACTER SET gbk COLLATE gbk_bin DEFAULT NULL,
  `garbled` enum('a') GENERATED ALWAYS AS ('a') VIRTUAL,
  PRIMARY KEY (`id`)
) DEFAULT CHARSET = utf8mb4 COMMENT = 'a table'"""


@pytest.mark.parametrize(
    ("name", "change", "clause"),
    [
        ("id", {"comment": "x"}, "modify column `id` bigint(20) NOT NULL AUTO_INCREMENT comment 'x'"),
        (
            "odd`name",
            {"nullable": True},
            "modify column `odd``name` varchar(10) COMMENT 'default x; must be NOT NULL'",
        ),
        (
            "odd`name",
            {"data_type": "longtext"},
            "modify column `odd``name` longtext NOT NULL COMMENT 'default x; must be NOT NULL'",
        ),
        ("kind", {"comment": ""}, "modify column `kind` enum('a','b,c)') DEFAULT NULL comment ''"),
        ("n", {"data_type": "bigint", "nullable": True}, "modify column `n` bigint COMMENT 'sum'"),
        ("n", {"comment": "y"}, "modify column `n` int(11) DEFAULT (1 + (2 * 3)) comment 'y'"),
        ("bits", {"comment": "x"}, "modify column `bits` bit(8) DEFAULT b'101' comment 'x'"),
        (
            "deep",
            {"comment": "x"},
            "modify column `deep` int(11) GENERATED ALWAYS AS "
            "(((((`n` + 1) * 2) + length('(it\\'s')) + 3)) STORED NOT NULL comment 'x'",
        ),
        (
            "odd, type",
            {"comment": "y"},
            "modify column `odd, type` ARRAY(ARRAY(INT)) DEFAULT NULL SKIP_INDEX(MIN_MAX, SUM) comment 'y'",
        ),
        ("odd, type", {"data_type": "json"}, "modify column `odd, type` json COMMENT 'x' SKIP_INDEX(MIN_MAX, SUM)"),
        (
            "raw",
            {"comment": "y"},
            r"modify column `raw` enum('it''s','a\\','COMMENT ''x''','(b)') CHARACTER SET utf8mb4 NOT NULL "
            "DEFAULT 'it''s' comment 'y'",
        ),
        ("raw_set", {"comment": "y"}, "modify column `raw_set` set('x','y''s') DEFAULT 'x,y''s' comment 'y'"),
        ("word", {"data_type": "bigint"}, "modify column `word` bigint DEFAULT NULL"),
        ("word", {"data_type": "blob"}, "modify column `word` blob"),
        ("word", {"data_type": "text"}, "modify column `word` text CHARACTER SET gbk COLLATE gbk_bin"),
        ("size", {"data_type": "bigint"}, "modify column `size` bigint"),
        ("size", {"data_type": "double"}, "modify column `size` double NOT NULL DEFAULT '0.00'"),
        ("size", {"data_type": "varchar(5)"}, "modify column `size` varchar(5)"),
        ("kind", {"data_type": "bigint"}, "modify column `kind` bigint DEFAULT NULL"),
        (
            "odd`name",
            {"data_type": "date"},
            "modify column `odd``name` date NOT NULL COMMENT 'default x; must be NOT NULL'",
        ),
        (
            "at",
            {"data_type": "timestamp"},
            "modify column `at` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP",
        ),
        ("size", {"data_type": "decimal(12,2)"}, "modify column `size` decimal(12,2) NOT NULL DEFAULT '0.00'"),
    ],
)
def test_modify_keeps_the_rest_of_the_definition(name: str, change: dict[str, object], clause: str) -> None:
    assert parse_column_definitions(CREATE)[name].modify(**change) == clause


def test_keys_are_not_columns() -> None:
    found = list(parse_column_definitions(CREATE))

    assert found[:6] == ["id", "odd`name", "kind", "n", "at", "size"]
    assert found[6:] == ["bits", "deep", "odd, type", "raw", "raw_set", "word", "garbled"]


def test_an_equal_comment_needs_no_clause() -> None:
    described = {"ID": "it's, (the) key", "odd, type": "x", "raw": "NOT ') NULL", "size": "", "not_there": "x"}

    assert comment_clauses(parse_column_definitions(CREATE), described) == []


def test_a_definition_that_cannot_be_parsed_is_refused() -> None:
    with pytest.raises(DbtRuntimeError, match="`garbled`: the values of this ENUM or SET cannot be told"):
        comment_clauses(parse_column_definitions(CREATE), {"garbled": "x"})


def test_a_long_comment_is_cut() -> None:
    assert truncate("x" * 10, 10) == "x" * 10
    assert truncate("x" * 11, 10) == "x" * 7 + "..."


@pytest.mark.parametrize(
    ("comment", "kept"),
    [
        ("x" * 10, "x" * 10),
        ("x" * 11, "x" * 7 + "..."),
        ("é" * 5, "é" * 5),
        ("é" * 6, "é" * 3 + "..."),
        ("😀" * 3, "😀..."),
    ],
)
def test_a_long_comment_is_cut_between_characters(comment: str, kept: str) -> None:
    assert truncate_bytes(comment, 10) == kept


@pytest.mark.parametrize(
    ("shown", "written"),
    [
        ("enum('a','b')", "enum('a','b')"),
        ("enum('it's','b')", "enum('it''s','b')"),
        (r"set('x\','y'z')", r"set('x\\','y''z')"),
        ("varchar(10)", "varchar(10)"),
    ],
)
def test_values_of_the_catalog_are_escaped(shown: str, written: str) -> None:
    assert escaped_column_type(shown) == written


@pytest.mark.parametrize(
    ("definition", "is_fixed"),
    [
        ("VECTOR(3) NOT NULL", True),
        ("ARRAY(INT) NOT NULL COMMENT 'NOT'", True),
        ("point NOT NULL SRID 0", True),
        ("VECTOR(3) DEFAULT NULL COMMENT 'NOT NULL'", False),
        ("json NOT NULL", False),
        ("roaringbitmap NOT NULL", False),
    ],
)
def test_columns_that_the_server_does_not_change(definition: str, is_fixed: bool) -> None:
    [column] = parse_column_definitions(f"CREATE TABLE `t` (\n  `c` {definition}\n) X").values()

    assert column.is_fixed is is_fixed

"""Definitions that are made for another schema."""

from __future__ import annotations

import pytest

from dbt.adapters.oceanbase.build.schema_fork_texts import (
    MARKED,
    RepointError,
    check_modes,
    create_like,
    origin_in,
    repointed,
)


def made(shown: str) -> str:
    return repointed(shown, "`dev`.`v`", "shop", "dev")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (
            "CREATE VIEW `v` AS select `shop`.`a`.`id` AS `id` from `shop`.`orders` a",
            "create VIEW `dev`.`v` AS select `dev`.`a`.`id` AS `id` from `dev`.`orders` a",
        ),
        (
            "CREATE VIEW `v` AS select 'shop.x' AS `shop`,`other`.`shop`.`id` AS `id` from `other`.`shop`",
            "create VIEW `dev`.`v` AS select 'shop.x' AS `shop`,`other`.`shop`.`id` AS `id` from `other`.`shop`",
        ),
        (
            "CREATE VIEW `shop` AS select `shop`.`shop`.`shop` AS `shop` from `shop`.`shop`",
            "create VIEW `dev`.`v` AS select `dev`.`shop`.`shop` AS `shop` from `dev`.`shop`",
        ),
        (
            "CREATE DEFINER = `root`@`%` FUNCTION `f`(a int) RETURNS int\nreturn Shop.g(a) + (select 1 from orders)",
            "create FUNCTION `dev`.`v`(a int) RETURNS int\nreturn `dev`.g(a) + (select 1 from orders)",
        ),
        (
            "CREATE MATERIALIZED VIEW `m` COMMENT = 'of `shop`.`t`' REFRESH FAST ON DEMAND AS select 1 from `shop`.`t`",
            "create MATERIALIZED VIEW `dev`.`v` COMMENT = 'of `shop`.`t`' REFRESH FAST ON DEMAND AS "
            "select 1 from `dev`.`t`",
        ),
    ],
)
def test_a_schema_is_replaced_only_where_it_is_a_schema(shown: str, expected: str) -> None:
    assert made(shown) == expected


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        ("CREATE VIEW `v` AS select `shop`.`id` AS `id` from `shop`.`orders` `shop`", "the name of something else"),
        ("CREATE VIEW `v` AS with shop as (select 1) select 1 from shop", "the name of something else"),
        (
            "CREATE FUNCTION `f`() RETURNS int\nreturn (select max(shop.id) from shop.orders as shop)",
            "the name of something else",
        ),
        ("CREATE ALGORITHM = x VIEW `v` AS select 1", "cannot be read"),
    ],
)
def test_a_doubtful_definition_is_refused(shown: str, reason: str) -> None:
    with pytest.raises(RepointError, match=reason):
        made(shown)


def test_a_server_that_respects_case_in_names() -> None:
    shown = "CREATE VIEW `v` AS select 1 from `Shop`.`t`"

    assert made(shown).endswith("from `dev`.`t`")
    assert repointed(shown, "`dev`.`v`", "shop", "dev", str).endswith("from `Shop`.`t`")


@pytest.mark.parametrize(
    ("own", "current"),
    [
        ("PIPES_AS_CONCAT,STRICT_ALL_TABLES", "STRICT_ALL_TABLES,PIPES_AS_CONCAT"),
        ("STRICT_ALL_TABLES,NO_AUTO_CREATE_USER", "NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES"),
        ("", ""),
    ],
)
def test_a_function_is_made_in_a_mode_with_the_same_meaning(own: str, current: str) -> None:
    check_modes(own, current)


@pytest.mark.parametrize(
    ("own", "current", "reason"),
    [
        ("PIPES_AS_CONCAT", "", "they differ by PIPES_AS_CONCAT"),
        ("", "PIPES_AS_CONCAT,HIGH_NOT_PRECEDENCE", "they differ by HIGH_NOT_PRECEDENCE, PIPES_AS_CONCAT"),
        ("", "STRICT_ALL_TABLES", "they differ by STRICT_ALL_TABLES"),
        ("ANSI_QUOTES", "ANSI_QUOTES", "cannot be read"),
        ("NO_BACKSLASH_ESCAPES", "NO_BACKSLASH_ESCAPES", "cannot be read"),
    ],
)
def test_a_function_of_another_mode_is_refused(own: str, current: str, reason: str) -> None:
    with pytest.raises(RepointError, match=reason):
        check_modes(own, current)


def test_a_marker_names_its_own_schema() -> None:
    comment = f"{MARKED}shop as shop_ann"

    assert origin_in(comment, "shop_ann") == origin_in(comment, "SHOP_ANN") == "shop"
    assert origin_in(comment, "SHOP_ANN", str) is None
    # a copy of a fork has the marker of the fork
    assert origin_in(comment, "ann") is None
    assert origin_in("", "ann") is None


def test_a_table_without_its_foreign_keys() -> None:
    shown = (
        "CREATE TABLE `t` (\n  `id` int(11) NOT NULL COMMENT 'a\\n  CONSTRAINT `x` FOREIGN KEY (',\n"
        "  `p` int(11) DEFAULT NULL,\n  PRIMARY KEY (`id`),\n"
        "  CONSTRAINT `f` FOREIGN KEY (`p`, `id`) REFERENCES `shop`.`p`(`id`, `x`) ON UPDATE RESTRICT ,\n"
        "  CONSTRAINT `c` CHECK ((`id` > 0))\n) ORGANIZATION INDEX\n partition by hash(id)\n(partition `p0`)"
    )

    assert create_like(shown, "`dev`.`t`") == (
        "create table `dev`.`t` (\n  `id` int(11) NOT NULL COMMENT 'a\\n  CONSTRAINT `x` FOREIGN KEY (',\n"
        "  `p` int(11) DEFAULT NULL,\n  PRIMARY KEY (`id`),\n"
        "  CONSTRAINT `c` CHECK ((`id` > 0))\n) ORGANIZATION INDEX\n partition by hash(id)\n(partition `p0`)"
    )

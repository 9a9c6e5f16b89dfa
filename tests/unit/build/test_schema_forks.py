"""Definitions that are made for another schema."""

from __future__ import annotations

import pytest

from dbt.adapters.oceanbase.build.schema_forks import RepointError, create_like, repointed


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

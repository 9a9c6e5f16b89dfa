"""The configs of materialized views: their clauses, what the server shows of them, and the logs that a query needs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dbt.adapters.oceanbase.relation_configs import materialized_view_logs as logs
from dbt.adapters.oceanbase.relation_configs.components import ConfigError
from dbt.adapters.oceanbase.relation_configs.materialized_view import MaterializedView, selects_star

QUERY = "select g, count(*) as c from t group by g"
SHOWN = (
    "CREATE MATERIALIZED VIEW `m` (PRIMARY KEY (g, `odd name`)) DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC "
    "BLOCK_SIZE = 32768 PCTFREE = 10 PARALLEL 2 COMMENT = {comment}\n partition by hash(g)\n(partition `p0`,\n"
    "partition `next`) WITH COLUMN GROUP(each column) REFRESH COMPLETE ON DEMAND START WITH sysdate() "
    "NEXT sysdate() + interval 1 day ENABLE QUERY REWRITE  AS select 1 AS `never refresh`"
)


def view(**configs: Any) -> MaterializedView:
    return MaterializedView.from_config(configs.get)


def test_clauses() -> None:
    wanted = view(refresh_method="Fast", refresh_start="2 hours", refresh_next="now() + interval 1 day", parallel="4")
    assert wanted.refresh_clause == "refresh fast on demand"
    assert wanted.schedule_clause == "start with sysdate() + interval 2 hour next now() + interval 1 day"
    assert wanted.parallel == 4
    assert view(query_rewrite=True, on_query_computation=True).usage_clause == (
        "enable query rewrite enable on query computation"
    )
    assert view().refresh_clause == "refresh force on demand"
    assert view(refresh_method="never").refresh_clause == "never refresh"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("refresh fast on demand", ("fast", None, None)),
        ("NEVER REFRESH", ("never", None, None)),
        ("on_demand", ("force", None, None)),
        ("complete", ("complete", None, None)),
        (
            "refresh complete start with now() next now() + interval 1 day",
            ("complete", "now()", "now() + interval 1 day"),
        ),
    ],
)
def test_refresh_mode(mode: str, expected: tuple[str, str | None, str | None]) -> None:
    wanted = view(refresh_mode=mode)
    assert (wanted.method, wanted.start, wanted.next) == expected


@pytest.mark.parametrize(
    ("configs", "error"),
    [
        ({"refresh_method": "quick"}, "refresh_method: 'quick' is no refresh method"),
        ({"refresh_mode": "refresh fast on commit"}, "refresh_mode: 'refresh fast on commit' is not understood"),
        ({"refresh_start": "1 hour"}, "refresh_start: there is no refresh_next"),
        ({"refresh_method": "never", "refresh_next": "1 hour"}, "refresh_next: refresh_method is never"),
        ({"refresh_next": "now(); drop table t"}, "refresh_next: "),
        ({"parallel": 0}, "parallel: 0 is no number of threads"),
        ({"parallel": True}, "parallel: True is no number of threads"),
        ({"query_rewrite": "maybe"}, "query_rewrite: 'maybe' is no boolean"),
        ({"primary_key": [1]}, "primary_key: [1] is no list of columns"),
    ],
)
def test_wrong_values(configs: dict[str, Any], error: str) -> None:
    with pytest.raises(ConfigError) as raised:
        view(**configs)
    assert raised.value.msg.startswith(error)


def test_read_from_server() -> None:
    wanted = view(
        refresh_method="complete",
        refresh_next="SYSDATE() + interval 1 day",
        query_rewrite=True,
        primary_key=["G", "odd name"],
        parallel=2,
    )
    comment = wanted.comment_of(QUERY, "it's\nas 'refresh fast'")
    present = MaterializedView.from_server(
        SHOWN.format(comment="'it\\'s\\nas \\'refresh fast\\' " + comment[-22:] + "'")
    )

    assert present.comment == comment
    assert comment.startswith("it's\nas 'refresh fast' ")
    assert wanted.rebuilt_for(present, QUERY) == []
    assert wanted.alterations_of(present) == []
    assert wanted.rebuilt_for(present, QUERY + " -- a comment") == []
    assert wanted.rebuilt_for(present, QUERY.upper()) == ["the query"]
    assert view(refresh_method="complete").rebuilt_for(present, QUERY) == [
        "refresh_next",
        "query_rewrite",
        "primary_key",
    ]
    assert "the query" in wanted.rebuilt_for(MaterializedView(comment="made by hand"), QUERY)


def test_changes_by_alter() -> None:
    present = MaterializedView(next="sysdate ( ) + interval 1 day", comment=view().mark(QUERY))

    assert view(refresh_next="1 day", parallel=3).alterations_of(present) == ["parallel 3"]
    assert view(refresh_next="2 day").alterations_of(present) == ["refresh next sysdate() + interval 2 day"]
    started = view(refresh_start="now()", refresh_next="1 day")
    assert started.alterations_of(present) == ["refresh start with now() next sysdate() + interval 1 day"]


@pytest.mark.parametrize(
    "following",
    [
        "sysdate() + interval '1' day",
        "now() + INTERVAL 1 DAY",
        "date_add(SYSDATE(), interval '01:30:00' hour_second) /* x */",
    ],
)
def test_next_is_compared_as_the_server_shows_it(following: str) -> None:
    shown = f"CREATE MATERIALIZED VIEW `m` (PRIMARY KEY (refresh, next)) REFRESH FORCE ON DEMAND NEXT {following} "
    for rest in ("", "ENABLE QUERY REWRITE ", "DISABLE QUERY REWRITE"):
        present = MaterializedView.from_server(f"{shown}{rest} AS select 'next' as c from t")
        present = replace(present, comment=view().mark(QUERY))
        assert view(refresh_next=following).alterations_of(present) == []
        assert view(refresh_next=following.replace("1", "2")).alterations_of(present) != []
    assert MaterializedView.from_server("CREATE MATERIALIZED VIEW `m` NEVER REFRESH AS select 1 as next").next is None


def test_hints_are_part_of_the_query() -> None:
    def mark(query: str) -> str:
        return view().mark(query)

    assert mark("select /*+ parallel(2) */ a from t") != mark("select a from t")
    assert mark("select /*+ parallel(2) */ a from t") != mark("select /*+ parallel(4) */ a from t")
    assert mark("select /* + */ a -- /*+ parallel(2) */\n from t /* x */") == mark("select a from t")


def test_long_description_leaves_room_for_the_mark() -> None:
    comment = view().comment_of(QUERY, "ä" * 4000)
    assert len(comment.encode()) <= 4096
    assert comment.endswith(view().mark(QUERY))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("select * from t", True),
        ("select a, t.* from t", True),
        ("select count(*), a * 2 from t", False),
        ("select distinct * from t", True),
        ("select '*' from t -- *", False),
    ],
)
def test_selects_star(query: str, expected: bool) -> None:
    assert selects_star(query) == expected


def test_tables_in_a_query() -> None:
    query = "select a.x from `S`.`T` a join s2.u on true, plain p -- from other\nwhere 'from no' = ''"
    found = logs.tables_in(query, "here")
    assert {("s", "t"), ("s2", "u"), ("here", "plain")} <= set(found)
    assert not {name for _, name in found} & {"other", "no"}


def test_an_alias_before_a_dot_is_no_table() -> None:
    query = "select 1, orders.id from shop.orders orders join `x`.items i on i.id = orders.id, plain"
    assert {name for schema, name in logs.tables_in(query, "dev") if schema == "dev"} == {"plain"}


def test_log_has_the_columns_that_are_read() -> None:
    [base] = logs.bases_of([("s", "t", name, name == "id", False, False) for name in ("id", "G", "v", "unread")])
    assert base.statements("select id, g, sum(v) from t") == [
        "create materialized view log on `s`.`t` with primary key, rowid, sequence (`G`, `v`) including new values"
    ]
    assert base.statements("select id from t") == [
        "create materialized view log on `s`.`t` with primary key, rowid, sequence including new values"
    ]
    assert "`unread`" in base.statements("select * from t")[0]


def test_log_is_replaced_by_one_with_more_columns() -> None:
    rows = [("s", "t", name, False, True, name == "a") for name in ("a", "b")]
    [base] = logs.bases_of(rows)
    assert base.statements("select a from t") == []
    assert base.statements("select b from t") == [
        "drop materialized view log on `s`.`t`",
        "create materialized view log on `s`.`t` with primary key, rowid, sequence (`a`, `b`) including new values",
    ]


def test_tables_that_a_statement_is_about() -> None:
    rename = "rename table `s`.`t` to `s`.`t__b`, `s`.`t__a` to `s`.`t`"
    assert set(logs.named_in(rename, "rename table")) == {("s", "t"), ("s", "t__b"), ("s", "t__a")}
    assert list(logs.named_in("insert overwrite `s`.`t` select * from `s`.`u`", "insert overwrite")) == [("s", "t")]

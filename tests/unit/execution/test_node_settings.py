"""When the settings of a node are sent, and what a failure leaves for the pool to undo."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pymysql
import pytest

from dbt.adapters.oceanbase.execution.node_settings import NodeSettings, Variable, refused, settle
from dbt.adapters.oceanbase.execution.runner import time_limit
from dbt.adapters.oceanbase.sql.statement import Statement

ONE = NodeSettings((Variable("a", "1", "session_variables"),), tag="t")
OTHER = NodeSettings((Variable("b", "2", "parallel"),))
TAG = "call dbms_application_info.set_client_info('{}')"


class Sent:
    """A session's state, and the texts that were sent on it. ``error`` is raised instead of sending."""

    def __init__(self) -> None:
        self.session: Any = SimpleNamespace(settings=None, undo=(), undo_after_reset=(), dirty=False)
        self.texts: list[str] = []
        self.tried: list[str] = []
        self.error: Exception | None = None

    def settle(self, wanted: NodeSettings | None) -> list[str]:
        self.texts.clear()
        self.tried.clear()
        settle(self.session, wanted, self.send)
        return list(self.texts)

    def send(self, statement: Statement) -> None:
        self.session.dirty = True
        self.tried.append(statement.text)
        if self.error is not None:
            raise self.error
        self.texts.append(statement.text)


def test_settings_are_sent_once_and_undone_before_others() -> None:
    sent = Sent()
    assert sent.settle(None) == []
    assert sent.settle(ONE) == ["set @dbt_oceanbase_0 = @@a, a = 1", TAG.format("t")]
    assert sent.settle(ONE) == []
    assert not sent.session.dirty
    undo = ["set a = @dbt_oceanbase_0", TAG.format("")]
    assert list(sent.session.undo) == undo
    assert list(sent.session.undo_after_reset) == undo[1:]
    assert sent.settle(OTHER) == [*undo, "set @dbt_oceanbase_0 = @@b, b = 2"]
    assert sent.settle(None) == ["set b = @dbt_oceanbase_0"]
    assert sent.session.undo == sent.session.undo_after_reset == ()


def test_a_failure_leaves_the_session_for_a_reset() -> None:
    sent = Sent()
    sent.error = pymysql.err.OperationalError(1193, "Unknown system variable 'a'")
    with pytest.raises(pymysql.err.OperationalError):
        sent.settle(ONE)
    assert sent.session.dirty
    assert list(sent.session.undo_after_reset) == [TAG.format("")]
    sent.error = None
    assert sent.settle(None) == []
    assert sent.session.dirty


def test_the_next_statement_fails_as_the_first_did() -> None:
    sent = Sent()
    sent.error = pymysql.err.OperationalError(1193, "Unknown system variable 'a'")
    for _ in range(2):
        with pytest.raises(pymysql.err.OperationalError):
            sent.settle(ONE)
        assert sent.tried == ["set @dbt_oceanbase_0 = @@a, a = 1"]


@pytest.mark.parametrize("following", [ONE, OTHER, None])
def test_old_settings_whose_undo_failed_are_undone_again(following: NodeSettings | None) -> None:
    sent = Sent()
    sent.settle(ONE)
    sent.error = pymysql.err.OperationalError(4012, "Timeout")
    with pytest.raises(pymysql.err.OperationalError):
        sent.settle(OTHER)
    undo = ["set a = @dbt_oceanbase_0", TAG.format("")]
    assert sent.session.dirty
    assert list(sent.session.undo_after_reset) == undo[1:]
    sent.error = None
    assert sent.settle(following) == [*undo, *(following.statements if following else ())]
    assert sent.session.dirty


def test_two_names_of_one_variable_are_undone_in_reverse_order() -> None:
    both = NodeSettings(tuple(Variable(name, "1", "session_variables") for name in ("a", "b")))
    assert both.undo == ["set b = @dbt_oceanbase_1, a = @dbt_oceanbase_0"]


def test_refused_settings_name_their_config() -> None:
    def text(code: int, message: str, settings: NodeSettings = ONE) -> str | None:
        return refused(pymysql.err.OperationalError(code, message), settings, "OceanBase 4.x")

    expected = "session_variables: OceanBase 4.x has no session variable a (1193): remove it"
    assert text(1193, "Unknown system variable 'a'") == expected
    assert str(text(1231, "Variable 'A' can't be set")).startswith(
        "session_variables: OceanBase 4.x refused a = 1 (1231)"
    )
    assert str(text(1305, "no such procedure")).startswith("query_tag: OceanBase 4.x has no package")
    assert text(1305, "no such procedure", OTHER) is None
    assert text(1064, "syntax near 'x'") is None


@pytest.mark.parametrize(
    ("sql", "own", "limit"),
    [
        ("select 1", 5, None),
        ("insert into a select 1", 5, None),
        ("call p(1)", 5, None),
        ("/* dbt */ call dbms_mview.refresh('s.m', 'c')", None, (100, "query_timeout")),
        ("call dbms_mview.refresh('s.m')", 5, (5, "query_timeout of the node")),
        ("create table a as select 1", None, (100, "query_timeout")),
        ("create table a as select 1", 5, (5, "query_timeout of the node")),
        ("create table a as select 1", 500, (500, "query_timeout of the node")),
        ("rename table a to b", None, (20, "lock_timeout")),
        ("rename table a to b", 500, (20, "lock_timeout")),
        ("rename table a to b", 5, (5, "query_timeout of the node")),
    ],
)
def test_the_limit_of_a_statement(sql: str, own: float | None, limit: tuple[float, str] | None) -> None:
    connection: Any = SimpleNamespace(
        settings=NodeSettings(query_timeout=own) if own else None,
        profile=SimpleNamespace(lock_timeout=20, query_timeout=100),
    )
    assert time_limit(Statement(sql), connection) == limit

"""What the adapter does about a materialized view log, with a server that answers as it is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import agate
import pytest
from dbt.adapters.base import BaseAdapter

from dbt.adapters.oceanbase.execution.errors import DatabaseError
from dbt.adapters.oceanbase.execution.rewriter import Rewriter
from dbt.adapters.oceanbase.impl import OceanBaseAdapter
from dbt.adapters.oceanbase.relation import OceanBaseRelation

REFUSED = "modify column to table with materialized view log is not supported (1235, here)"
ALTER = "alter table `s`.`t` modify v bigint"


class Server:
    """Refuse the statements that are in ``errors``, as often as they say, and return ``rows`` for all others."""

    def __init__(self, errors: dict[str, list[DatabaseError]], rows: list[tuple[Any, ...]]) -> None:
        self.errors, self.rows, self.sent = errors, rows, list[str]()
        self.session = SimpleNamespace(in_transaction=False)
        self.connection = SimpleNamespace(transaction_open=False, session_if_open=self.session)

    def execute(self, sql: str) -> Any:
        self.sent.append(sql)
        for text, errors in self.errors.items():
            if text in sql and errors:
                self.session.in_transaction = self.connection.transaction_open = False
                raise errors.pop()
        return None, agate.Table(self.rows, ["a", "b", "c"], [agate.Text()] * 3)

    def adapter(self, monkeypatch: pytest.MonkeyPatch) -> OceanBaseAdapter:
        monkeypatch.setattr(BaseAdapter, "execute", lambda adapter, sql, *rest, **named: self.execute(sql))
        adapter = OceanBaseAdapter.__new__(OceanBaseAdapter)
        adapter._macro_resolver = None
        adapter._wide = {}
        adapter.connections = SimpleNamespace(  # type: ignore[assignment]
            get_if_exists=lambda: self.connection,
            split=lambda sql: sql.split(";"),
            rewriter=Rewriter(SimpleNamespace(standard_sql="true", double_pipe="concat")),  # type: ignore[arg-type]
            begin=lambda: setattr(self.connection, "transaction_open", True),
            commit=lambda: None,
        )
        return adapter


def refused() -> DatabaseError:
    return DatabaseError(REFUSED, 1235)


@pytest.mark.parametrize("sql", [ALTER, f"--don't\n{ALTER}"])
def test_the_log_is_dropped_and_the_statement_repeated(monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    server = Server({"alter": [refused()]}, [("s", "t", "s.m")])
    server.connection.transaction_open = True

    server.adapter(monkeypatch).execute(sql)

    assert server.sent[2:] == ["drop materialized view log on `s`.`t`", sql]
    assert server.connection.transaction_open


@pytest.mark.parametrize(
    ("sql", "in_transaction", "remedy"),
    [
        (ALTER, True, "outside of the transaction: write a hook as {'sql': ..., 'transaction': false}"),
        (f"update a set b = b + 1;{ALTER}", False, "write each statement as a hook of its own"),
    ],
)
def test_what_would_be_lost_or_run_twice_is_refused(
    monkeypatch: pytest.MonkeyPatch, sql: str, in_transaction: bool, remedy: str
) -> None:
    server = Server({"alter": [refused()]}, [("s", "t", "s.m")])
    server.session.in_transaction = in_transaction

    with pytest.raises(DatabaseError) as raised:
        server.adapter(monkeypatch).execute(sql)

    assert raised.value.msg.startswith(REFUSED)
    assert raised.value.msg.endswith(remedy)
    assert server.sent == [sql]


@pytest.mark.parametrize("code", [1142, 1146])
def test_without_the_catalog_of_dependencies(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    unreadable = DatabaseError(f"oceanbase.DBA_MVIEW_DEPS ({code}, here)", code)
    server = Server({"DBA_MVIEW_DEPS": [unreadable, unreadable], "alter": [refused()]}, [("s", "t", None)])
    adapter = server.adapter(monkeypatch)
    view = OceanBaseRelation.create(schema="s", identifier="m", type="materialized_view")  # type: ignore[arg-type]

    assert adapter.logs_only_for(view) == []
    adapter.execute(ALTER)

    assert "DBA_MVIEW_DEPS" not in server.sent[-3]
    assert server.sent[-2:] == ["drop materialized view log on `s`.`t`", ALTER]


def test_without_the_catalog_of_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    denied = [DatabaseError("SELECT command denied (1142); grant the user that right", 1142) for _ in range(2)]
    server = Server({"DBA_MVIEW_LOGS": denied, "alter": [refused()]}, [])
    adapter = server.adapter(monkeypatch)
    adapter.config = SimpleNamespace(credentials=SimpleNamespace(user="it's@tenant#cluster"))

    with pytest.raises(DatabaseError) as raised:
        adapter.execute(ALTER)

    reason, remedy = raised.value.msg.splitlines()
    assert (reason, raised.value.server_code) == (REFUSED, 1235)
    assert "; grant select on oceanbase.DBA_MVIEW_LOGS to 'it''s'; " in remedy


def test_other_errors_of_the_catalog_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server({"DBA_MVIEW_DEPS": [DatabaseError("gone (2013, here)", 2013)]}, [])
    view = OceanBaseRelation.create(schema="s", identifier="m", type="materialized_view")  # type: ignore[arg-type]
    with pytest.raises(DatabaseError):
        server.adapter(monkeypatch).logs_only_for(view)

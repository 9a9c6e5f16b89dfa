"""dbt's connection manager on OceanBase sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import pymysql
from dbt.adapters.contracts.connection import AdapterResponse, Connection, ConnectionState, LazyHandle
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.events.types import ConnectionUsed, NewConnection, SQLCommit
from dbt.adapters.sql.connections import SQLConnectionManager
from dbt_common.events.contextvars import get_node_info
from dbt_common.events.functions import fire_event
from dbt_common.exceptions import DbtRuntimeError
from dbt_common.utils import cast_to_str

from .connect import ConnectError, Session, connector
from .execution import logs, runner, signals
from .execution.cancel import cancel, cleaning_session
from .execution.connection import OceanBaseConnection, close_idle_connections
from .sql import grantees, lexer
from .sql.field_types import name_of_code
from .sql.statement import Statement, without_secrets

if TYPE_CHECKING:
    import agate

    from .credentials import OceanBaseCredentials

logger = AdapterLogger("OceanBase")

RUN_OPERATION_SQL = "inline_query"
"""dbt's name for the connection of ``run-operation --sql``, where dbt begins a transaction and never commits it."""

_ONLY_A_COMMENT = "/* no statement */"
"""What is sent for a text without a statement: the server takes comments, but neither ``;`` nor every ``--`` alone."""

logs.forward_connect_logs()


class OceanBaseConnectionManager(SQLConnectionManager):
    """Opens, uses, cancels and closes one connection per thread, as dbt asks for it."""

    TYPE = "oceanbase"

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Open ``connection`` if it is not open yet.

        Raise FailedToConnectError with one line that names the place, the code and the remedy, and DbtRuntimeError if
        the connection was cancelled.
        """
        if connection.state != ConnectionState.OPEN:
            cast("OceanBaseConnection", connection).open()
        return connection

    def set_connection_name(self, name: str | None = None) -> Connection:
        """Return this thread's connection under ``name``, made if there is none yet. This opens no session."""
        signals.interrupt_on_termination()
        if self.get_if_exists() is None:
            name = "master" if name is None else name
            connection = OceanBaseConnection(name, self.credentials, self)
            connection.handle = LazyHandle(self.open)
            self.set_thread_connection(connection)
            fire_event(NewConnection(conn_name=name, conn_type=self.TYPE, node_info=get_node_info()))
        return super().set_connection_name(name)

    def get_thread_connection(self) -> OceanBaseConnection:
        """Return this thread's connection. Raise InvalidConnectionError if there is none."""
        return cast("OceanBaseConnection", super().get_thread_connection())

    def get_if_exists(self) -> OceanBaseConnection | None:
        """Return this thread's connection, or None."""
        return cast("OceanBaseConnection | None", super().get_if_exists())

    @property
    def credentials(self) -> OceanBaseCredentials:
        """The credentials of the profile."""
        return cast("OceanBaseCredentials", self.profile.credentials)

    def session(self) -> Session:
        """Return this thread's session. Open one if need be, also after the last batch of a model has released it."""
        return self.get_thread_connection().session()

    def has_session(self) -> bool:
        """Check whether this thread has a connection that is open, or that opens when it is used."""
        handle = getattr(self.get_if_exists(), "_handle", None)
        return isinstance(handle, LazyHandle) or (isinstance(handle, Session) and not handle.closed)

    # -- transactions: dbt's begin is noted, and BEGIN is sent when a statement needs it

    def begin(self) -> None:
        """Note that dbt has begun a transaction. BEGIN is sent before the first statement that needs it."""
        self.get_thread_connection().transaction_open = True

    def commit(self) -> None:
        """Commit if the server has a transaction open."""
        connection = self.get_thread_connection()
        session = connection.session_if_open
        if session is not None and session.in_transaction:
            fire_event(SQLCommit(conn_name=cast_to_str(connection.name), node_info=get_node_info()))
            runner.run_once(connection, runner.COMMIT)
        connection.transaction_open = False

    def rollback_if_open(self) -> None:
        """Roll back if the server has a transaction open. A handle that was never used stays unopened."""
        connection = self.get_if_exists()
        if connection is not None:
            connection.roll_back()

    def release(self) -> None:
        """Close this thread's connection. A transaction that no statement has used ends with its node."""
        super().release()
        connection = self.get_if_exists()
        if connection is not None:
            connection.transaction_open = False

    # -- statements

    def execute(
        self, sql: str, auto_begin: bool = False, fetch: bool = False, limit: int | None = None
    ) -> tuple[AdapterResponse, agate.Table]:
        """Run each statement of ``sql`` and return the response and the rows (at most ``limit``) of the last one."""
        from dbt_common.clients.agate_helper import empty_table

        for text in self.split(sql):
            cursor = self._run(Statement(self._add_query_comment(text)), auto_begin)
        response = self.get_response(cursor)
        if self.get_thread_connection().name == RUN_OPERATION_SQL:
            self.commit()
        return response, self.get_result_from_cursor(cursor, limit) if fetch else empty_table()

    def add_query(
        self,
        sql: str,
        auto_begin: bool = True,
        bindings: Any | None = None,
        abridge_sql_log: bool = False,
        retryable_exceptions: tuple[type[Exception], ...] = (),
        retry_limit: int = 1,
    ) -> tuple[Connection, Any]:
        """Run each statement of ``sql`` and return the connection and the cursor of the last one.

        ``retryable_exceptions`` and ``retry_limit`` are dbt's and have no effect: no statement is sent again because of
        the class of an exception.
        """
        del retryable_exceptions, retry_limit
        for text in [sql] if bindings is not None else self.split(sql):
            cursor = self._run(Statement(text, is_abridged=abridge_sql_log), auto_begin, bindings)
        return self.get_thread_connection(), cursor

    def add_packed(self, sql: str) -> Any:
        """Run one large statement of literals in dbt's transaction, unsplit and logged abridged; return its cursor."""
        return self._run(Statement(sql, is_abridged=True), auto_begin=True)

    def split(self, sql: str) -> list[str]:
        """Return the statements of ``sql`` as they are sent; a comment if it has none."""
        text = lexer.standard_comments(sql) if self.credentials.standard_comments else sql
        return lexer.split(text) or [_ONLY_A_COMMENT]

    def _run(self, statement: Statement, auto_begin: bool, bindings: Any = None) -> Any:
        connection = self.get_thread_connection()
        if auto_begin:
            self.begin()
        name = cast_to_str(connection.name)
        fire_event(ConnectionUsed(conn_type=self.TYPE, conn_name=name, node_info=get_node_info()))
        return runner.run(connection, statement, bindings)

    @contextmanager
    def exception_handler(self, sql: str) -> Iterator[None]:
        """Raise dbt's errors for those of the driver, and end the transaction after any error.

        The errors are DatabaseError (a DbtDatabaseError) with code, meaning, place and remedy, and DbtRuntimeError.
        """
        try:
            yield
        except runner.FAILURES as error:
            runner.fail(self.get_thread_connection(), Statement(sql), error)

    @classmethod
    def get_response(cls, cursor: Any) -> AdapterResponse:
        """Return rows affected or returned, the server's connection id as ``code``, and the trace id if it is kept."""
        return runner.response(cursor)

    @classmethod
    def standardize_grants_dict(cls, grants_table: agate.Table) -> dict[str, list[str]]:
        """Return the rows of ``get_show_grant_sql`` as dbt's ``grants`` config: privilege -> grantees."""
        return grantees.standardize(grants_table)

    # -- cancelling and closing

    def cleanup_all(self) -> None:
        """Close every connection, also those idle in the pool. Connections that are used afterwards open again."""
        try:
            super().cleanup_all()
        finally:
            close_idle_connections(self)
            signals.restore()

    def drop_quietly(self, sql: str) -> None:
        """Drop what a failed node has left behind, also after a cancel or a lost link. A failure is only logged."""
        connection, source = self.get_thread_connection(), connector(self.credentials.options())
        try:
            with cleaning_session(connection, source) as session:
                runner.send(connection, session, Statement(sql), cleans_up=True)
        except (pymysql.err.MySQLError, ConnectError, DbtRuntimeError) as error:
            logger.warning(f"could not run {sql}, which the next run will do: {without_secrets(str(error))}")

    def cancel(self, connection: Connection) -> None:
        """End what ``connection`` runs, in the way of the profile's ``cancel_method``. Raise nothing."""
        cancel([cast("OceanBaseConnection", connection)], connector(self.credentials.options()))

    def cancel_open(self) -> list[str]:
        """Cancel the connections of all other threads and return their names. Unopened handles stay unopened."""
        own = self.get_if_exists()
        with self.lock:
            others = [
                cast("OceanBaseConnection", other) for other in self.thread_connections.values() if other is not own
            ]
        cancel(others, connector(self.credentials.options()))
        return [connection.name for connection in others if connection.name]

    @classmethod
    def data_type_code_to_name(cls, type_code: int | str) -> str:
        """Return the name of the column type for a field type of the protocol."""
        return name_of_code(int(type_code))

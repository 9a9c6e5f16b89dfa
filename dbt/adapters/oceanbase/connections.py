"""The connection manager: dbt's calls on one side, open sessions on the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import pymysql
from dbt.adapters.contracts.connection import AdapterResponse, Connection, ConnectionState, LazyHandle
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.events.types import ConnectionUsed, SQLCommit
from dbt.adapters.sql.connections import SQLConnectionManager
from dbt_common.events.contextvars import get_node_info
from dbt_common.events.functions import fire_event
from dbt_common.exceptions import DbtRuntimeError
from dbt_common.utils import cast_to_str

from .connect import ConnectError, Session, connector
from .connect.session.session import StatementCursor
from .execution import connection as handles
from .execution import errors, logs
from .execution import retry as repeats
from .execution import runner as execution
from .execution.cancel import cancel, cleaning_session
from .sql import grantees, lexer
from .sql import statement as effects
from .sql.field_types import name_of_code

if TYPE_CHECKING:
    import agate

    from .credentials import OceanBaseCredentials

logger = AdapterLogger("OceanBase")

logs.forward_connect_logs()


class OceanBaseConnectionManager(SQLConnectionManager):
    """Opens, uses, cancels and closes sessions; one per thread, as dbt asks for them."""

    TYPE = "oceanbase"

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Open ``connection`` where it is not open yet.

        Raises FailedToConnectError with one line that names the place, the code and the remedy, and DbtRuntimeError
        where the connection was cancelled before.
        """
        if connection.state != ConnectionState.OPEN:
            handles.open_session(connection)
        return connection

    def set_connection_name(self, name: str | None = None) -> Connection:
        """Give this thread's connection, named; it opens nothing."""
        connection = super().set_connection_name(name)
        handles.belongs_to(connection, self)
        return connection

    @property
    def credentials(self) -> OceanBaseCredentials:
        """Give the profile's credentials."""
        return cast("OceanBaseCredentials", self.profile.credentials)

    def session(self) -> Session:
        """Give this thread's session, opened if need be: also where the last batch of a model has released it."""
        connection = self.get_thread_connection()
        if connection.state == ConnectionState.CLOSED:
            self.open(connection)
        return cast("Session", connection.handle)

    def has_session(self) -> bool:
        """Tell whether this thread has a connection that is open, or that opens when it is used."""
        handle = getattr(self.get_if_exists(), "_handle", None)
        return isinstance(handle, LazyHandle) or (isinstance(handle, Session) and not handle.closed)

    # -- transactions: dbt's begin is noted, the server is told when a write needs it

    def begin(self) -> None:
        """Note that a transaction is wanted; BEGIN goes out before the first statement that needs it."""
        self.get_thread_connection().transaction_open = True

    def commit(self) -> None:
        """Commit where the server has a transaction open."""
        connection = self.get_thread_connection()
        session = connection._handle
        if isinstance(session, Session) and session.in_transaction:
            fire_event(SQLCommit(conn_name=cast_to_str(connection.name), node_info=get_node_info()))
            with self.exception_handler("COMMIT"):
                self._send(session, "COMMIT")
        connection.transaction_open = False

    def rollback_if_open(self) -> None:
        """Roll back where the server has a transaction open; a handle that was never used is not opened for it."""
        connection = self.get_if_exists()
        if connection is not None and isinstance(connection._handle, Session):
            if connection._handle.in_transaction:
                self._rollback_handle(connection)
            connection.transaction_open = False

    def release(self) -> None:
        """Close this thread's connection; a begin that no statement has used ends with its node."""
        super().release()
        connection = self.get_if_exists()
        if connection is not None:
            connection.transaction_open = False

    # -- statements

    def execute(
        self, sql: str, auto_begin: bool = False, fetch: bool = False, limit: int | None = None
    ) -> tuple[AdapterResponse, agate.Table]:
        """Run each statement of ``sql`` and give response and rows (at most ``limit``) of the last.

        A statement is sent again only as ``repeats.run`` says.
        """
        from dbt_common.clients.agate_helper import empty_table

        for statement in self._statements(sql):
            _, cursor = self._add_statement(self._add_query_comment(statement), auto_begin)
        response = self.get_response(cursor)
        if self.get_thread_connection().name == execution.RUN_OPERATION_SQL:
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
        """Run each statement of ``sql``; give the connection and the cursor of the last.

        ``retryable_exceptions`` and ``retry_limit`` are dbt's: a statement is never sent again by exception class.
        """
        del retryable_exceptions, retry_limit
        for statement in [sql] if bindings is not None else self._statements(sql):
            result = self._add_statement(statement, auto_begin, bindings, abridge_sql_log)
        return result

    def add_packed(self, sql: str) -> Any:
        """Run one large statement of literals as it is, logged abridged, in the noted transaction; give its cursor."""
        return self._add_statement(sql, True, None, True)[1]

    def _statements(self, sql: str) -> list[str]:
        text = lexer.standard_comments(sql) if self.credentials.standard_comments else sql
        return lexer.split(text) or [text]

    def _add_statement(
        self, sql: str, auto_begin: bool, bindings: Any = None, abridge: bool = False
    ) -> tuple[Connection, Any]:
        connection = self.get_thread_connection()
        if auto_begin:
            self.begin()
        fire_event(
            ConnectionUsed(conn_type=self.TYPE, conn_name=cast_to_str(connection.name), node_info=get_node_info())
        )
        with self.exception_handler(sql):
            session = self.session()
            if connection.transaction_open and not session.in_transaction and effects.needs_begin(sql):
                with self.exception_handler("BEGIN"):
                    self._send(session, "BEGIN")
            cursor = repeats.run(
                connection,
                sql,
                lambda session: self._send(session, sql, bindings, abridge),
                self.open,
                self.credentials.statement_retries,
            )
            if self.credentials.track_trace_id:
                execution.note_trace_id(connection.handle, cursor)
            return connection, cursor

    def _send(
        self, session: Session, sql: str, bindings: Any = None, abridge: bool = False, cleans_up: bool = False
    ) -> StatementCursor:
        name = self.get_thread_connection().name or ""
        return execution.send(session, sql, self.credentials, name, bindings, abridge, cleans_up=cleans_up)

    @contextmanager
    def exception_handler(self, sql: str) -> Iterator[None]:
        """Translate driver errors into dbt's, rolling back what is open and remembering a lost link.

        Raises DatabaseError (a DbtDatabaseError) with code, meaning, place and remedy; anything else that is not
        dbt's own becomes a DbtRuntimeError.
        """
        try:
            yield
        except DbtRuntimeError:
            self._leave_clean()
            raise
        except errors.OF_A_STATEMENT as error:
            session = self.get_thread_connection()._handle
            translated = errors.translated(error, sql, session if isinstance(session, Session) else None)
            self._leave_clean()
            raise translated from error

    def _leave_clean(self) -> None:
        connection = self.get_thread_connection()
        if isinstance(connection._handle, Session) and not connection._handle.is_usable:
            connection.state = ConnectionState.FAIL
            connection.transaction_open = False
        else:
            self.rollback_if_open()

    @classmethod
    def get_response(cls, cursor: Any) -> AdapterResponse:
        """Give what the server said: rows affected or returned, its connection id as ``code``, the trace id if kept."""
        return execution.response(cursor)

    @classmethod
    def standardize_grants_dict(cls, grants_table: agate.Table) -> dict[str, list[str]]:
        """Give the rows of ``get_show_grant_sql`` as dbt's ``grants`` config: privilege -> grantees."""
        return grantees.standardize(grants_table)

    # -- cancelling and closing

    def cleanup_all(self) -> None:
        """Close every connection, and those that the pool keeps; what is asked for afterwards is opened again."""
        try:
            super().cleanup_all()
        finally:
            handles.dispose(self)

    def drop_quietly(self, sql: str) -> None:
        """Drop a leftover of a node that failed, also after a cancel or a lost link; a failure is only logged."""
        connection, source = self.get_thread_connection(), connector(self.credentials.options())
        try:
            with cleaning_session(connection, source) as session:
                self._send(session, sql, cleans_up=True)
        except (pymysql.err.MySQLError, ConnectError, DbtRuntimeError) as error:
            logger.warning(f"could not run {sql}, which the next run will do: {errors.without_secrets(str(error))}")

    def cancel(self, connection: Connection) -> None:
        """End what ``connection`` runs, as ``cancel_method`` says; raises nothing."""
        cancel([connection], connector(self.credentials.options()))

    def cancel_open(self) -> list[str]:
        """Cancel every other thread's connection and give their names; handles that were never opened stay so."""
        own = self.get_if_exists()
        with self.lock:
            others = [connection for connection in self.thread_connections.values() if connection is not own]
        cancel(others, connector(self.credentials.options()))
        return [connection.name for connection in others if connection.name]

    @classmethod
    def data_type_code_to_name(cls, type_code: int | str) -> str:
        """Give the column type's name for a field type of the protocol."""
        return name_of_code(int(type_code))

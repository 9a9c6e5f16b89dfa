"""The connection manager that dbt uses. It runs statements on sessions of OceanBase."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
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
from .execution import logs, results, runner, signals
from .execution.cancel import cancel, cleaning_session
from .execution.connection import OceanBaseConnection, close_idle_connections
from .execution.rewriter import Rewriter
from .sql import grantees
from .sql.field_types import name_of_code
from .sql.statement import Statement, without_secrets

if TYPE_CHECKING:
    from multiprocessing.context import SpawnContext

    import agate
    from dbt.adapters.contracts.connection import AdapterRequiredConfig

    from .credentials import OceanBaseCredentials

logger = AdapterLogger("OceanBase")

RUN_OPERATION_SQL = "inline_query"
"""Name of the connection that dbt uses for ``run-operation --sql``.

dbt begins a transaction on this connection and never commits it, so ``execute`` commits after the last statement.
"""

logs.forward_connect_logs()


class OceanBaseConnectionManager(SQLConnectionManager):
    """The connection manager, which opens, uses, cancels and closes connections for dbt, one for each thread.

    A connection is an object of dbt. Its handle is a session, which is the open connection to the server. A method that
    needs this thread's connection raises InvalidConnectionError, a DbtRuntimeError, if the thread has none.
    """

    TYPE = "oceanbase"

    def __init__(self, profile: AdapterRequiredConfig, mp_context: SpawnContext) -> None:
        super().__init__(profile, mp_context)
        self.rewriter = Rewriter(self.credentials)
        self._cancelled_by: Hashable | None = None

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Open ``connection`` if it is not open yet, and return it.

        Raise FailedToConnectError if no session can be opened. The error's message is one line with the server's
        address, the error code and the remedy. Raise DbtRuntimeError if ``connection`` was cancelled.
        """
        if connection.state != ConnectionState.OPEN:
            cast("OceanBaseConnection", connection).open()
        return connection

    def set_connection_name(self, name: str | None = None) -> Connection:
        """Name this thread's connection ``name``, or ``master`` if ``name`` is None, and return the connection.

        If the thread has no connection yet, create one. This opens no session. If another thread has called
        ``cancel_open`` and not ``cleanup_all``, the new connection is cancelled from the start. In the main thread,
        also make SIGTERM and SIGHUP raise KeyboardInterrupt (see ``signals.interrupt_on_termination``).
        """
        signals.interrupt_on_termination()
        if self.get_if_exists() is None:
            name = "master" if name is None else name
            connection = OceanBaseConnection(name, self.credentials, self)
            connection.handle = LazyHandle(self.open)
            with self.lock:
                if self._cancelled_by not in (None, self.get_thread_identifier()):
                    connection.cancelled.set()
                self.set_thread_connection(connection)
            fire_event(NewConnection(conn_name=name, conn_type=self.TYPE, node_info=get_node_info()))
        return super().set_connection_name(name)

    def get_thread_connection(self) -> OceanBaseConnection:
        """Return this thread's connection. Raise InvalidConnectionError if there is none."""
        return cast("OceanBaseConnection", super().get_thread_connection())

    def get_if_exists(self) -> OceanBaseConnection | None:
        """Return this thread's connection, or None if the thread has none."""
        return cast("OceanBaseConnection | None", super().get_if_exists())

    @property
    def credentials(self) -> OceanBaseCredentials:
        """The credentials of the profile, which are one target of ``profiles.yml``."""
        return cast("OceanBaseCredentials", self.profile.credentials)

    def session(self) -> Session:
        """Return this thread's session. Open a session first if none is open.

        A session may have to be opened in the middle of a node: the last batch of a microbatch model releases its
        session, although dbt continues to use the connection. A lost session is returned as it is. Raise
        FailedToConnectError if no session can be opened, InvalidConnectionError if the thread has no connection, and
        DbtRuntimeError if the connection was cancelled.
        """
        return self.get_thread_connection().session()

    def has_session(self) -> bool:
        """Check whether this thread has an open session, or a connection that opens a session at its first use.

        A lost session counts as open until it is closed. This opens no session.
        """
        handle = getattr(self.get_if_exists(), "_handle", None)
        return isinstance(handle, LazyHandle) or (isinstance(handle, Session) and not handle.closed)

    # -- transactions: ``begin`` sends nothing; BEGIN is sent before the first statement that needs a transaction

    def begin(self) -> None:
        """Record that dbt has begun a transaction, without sending anything.

        BEGIN is sent later, before the first statement that needs a transaction.
        """
        self.get_thread_connection().transaction_open = True

    def commit(self) -> None:
        """Commit this thread's transaction. Send nothing if the server has no transaction open.

        Raise DatabaseError if the server refuses the COMMIT or the connection is lost, InvalidConnectionError if the
        thread has no connection, and DbtRuntimeError if the connection was cancelled.
        """
        connection = self.get_thread_connection()
        session = connection.session_if_open
        if session is not None and session.in_transaction:
            fire_event(SQLCommit(conn_name=cast_to_str(connection.name), node_info=get_node_info()))
            runner.run_once(connection, runner.COMMIT)
        connection.transaction_open = False

    def rollback_if_open(self) -> None:
        """Roll back this thread's transaction, if the server has one open. Open no session for this.

        Do nothing if the thread has no connection. An error of the ROLLBACK is only logged.
        """
        connection = self.get_if_exists()
        if connection is not None:
            connection.roll_back()

    def release(self) -> None:
        """Close this thread's connection, if it has one, and give its session back to the pool.

        A transaction that dbt has begun ends: it is rolled back if BEGIN was sent, and otherwise forgotten.
        """
        super().release()
        connection = self.get_if_exists()
        if connection is not None:
            connection.transaction_open = False

    # -- statements

    def execute(
        self, sql: str, auto_begin: bool = False, fetch: bool = False, limit: int | None = None
    ) -> tuple[AdapterResponse, agate.Table]:
        """Run the statements of ``sql`` one by one and return the response and the rows of the last statement.

        ``sql`` is split and rewritten as by ``split``, and dbt's query comment is added to each statement. With
        ``auto_begin``, begin a transaction first, if dbt has not begun one. With ``fetch``, the table has the rows, at
        most ``limit`` of them unless that is None or 0. Without ``fetch``, the table is empty.

        Raise DatabaseError if the server refuses a statement, the connection is lost, or the adapter has ended a
        statement at its time limit. Raise FailedToConnectError if no session can be opened. Raise another
        DbtRuntimeError in all other cases, such as a cancel or an error of ``split``. After an error the transaction is
        rolled back, unless the error is one of ``split``.
        """
        from dbt_common.clients.agate_helper import empty_table

        *others, last = self.split(sql)
        for text in others:
            self._run(Statement(self._add_query_comment(text)), auto_begin, is_last=False)
        cursor = self._run(Statement(self._add_query_comment(last)), auto_begin)
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
        """Run the statements of ``sql`` one by one and return the connection and the cursor of the last statement.

        ``sql`` is split and rewritten as by ``split``. With ``auto_begin``, begin a transaction first, if dbt has not
        begun one. ``bindings`` are the values for the placeholders in ``sql``, a tuple for ``%s`` or a dict for
        ``%(name)s``. If they are given, ``sql`` must be a single statement, and is sent as it is. With
        ``abridge_sql_log``, the log shows only the beginning of each statement. ``retryable_exceptions`` and
        ``retry_limit`` are part of dbt's signature and have no effect, because this adapter does not decide about a
        retry by the class of an exception. Raise the errors of ``execute``: DatabaseError, FailedToConnectError or
        another DbtRuntimeError.
        """
        del retryable_exceptions, retry_limit
        *others, last = [sql] if bindings is not None else self.split(sql)
        for text in others:
            self._run(Statement(text, is_abridged=abridge_sql_log), auto_begin, is_last=False)
        cursor = self._run(Statement(last, is_abridged=abridge_sql_log), auto_begin, bindings)
        return self.get_thread_connection(), cursor

    def add_packed(self, sql: str) -> Any:
        """Run ``sql``, one large statement that consists of literals, in dbt's transaction and return its cursor.

        If dbt has begun no transaction, begin one first. ``sql`` is neither split into statements nor rewritten. The
        log shows only its beginning. Raise the errors of ``execute``: DatabaseError, FailedToConnectError or another
        DbtRuntimeError.
        """
        return self._run(Statement(sql, is_abridged=True), auto_begin=True)

    def probe(self, sql: str) -> Any:
        """Run the query ``sql`` and return its cursor. If the server refuses it, the transaction stays open.

        So the caller can continue after an error, for instance if the query shows whether a table exists. ``sql`` is
        neither split into statements nor rewritten. dbt's query comment is added. Raise the errors of ``execute``.
        """
        with self.get_thread_connection().keeping_transaction():
            return self._run(Statement(self._add_query_comment(sql)), auto_begin=False)

    def split(self, sql: str) -> list[str]:
        """Return the statements of ``sql`` as they are sent, without semicolons between them.

        Nothing is sent here. Standard SQL in the statements is rewritten for OceanBase as the configs of this thread's
        node say, or as the profile says if the node has no such config or the thread runs no node. If ``sql`` has no
        statement, the result is one comment. Raise DbtRuntimeError if a ``||`` is to be rewritten and it is not certain
        which operands belong to it, and InvalidConnectionError if the thread has no connection.
        """
        return self.rewriter.split(sql, cast_to_str(self.get_thread_connection().name))

    def _run(self, statement: Statement, auto_begin: bool, bindings: Any = None, is_last: bool = True) -> Any:
        connection = self.get_thread_connection()
        if auto_begin:
            self.begin()
        name = cast_to_str(connection.name)
        fire_event(ConnectionUsed(conn_type=self.TYPE, conn_name=name, node_info=get_node_info()))
        return runner.run(connection, statement, bindings, is_last=is_last)

    @contextmanager
    def exception_handler(self, sql: str) -> Iterator[None]:
        """Roll back the transaction after an error in the ``with`` block, and raise the error as an error of dbt.

        If the server refused a statement or the connection was lost, raise DatabaseError, a subclass of
        DbtDatabaseError. Its message has the error code, the server's address, ``sql`` as the statement, and the code's
        meaning and remedy if they are known. A DbtRuntimeError of the block is raised unchanged after the rollback. Any
        other exception in ``runner.FAILURES``, such as ValueError or KeyError, becomes a DbtRuntimeError. All other
        exceptions, such as AttributeError, pass unchanged and without a rollback.
        """
        try:
            yield
        except runner.FAILURES as error:
            runner.fail(self.get_thread_connection(), Statement(sql), error)

    @classmethod
    def get_response(cls, cursor: Any) -> AdapterResponse:
        """Return dbt's response for the statement that ``cursor`` has run.

        The response has the number of rows affected or returned, the server's connection id as ``code``, and
        OceanBase's trace id as ``query_id``, which is None unless the profile sets ``track_trace_id``.
        """
        return runner.response(cursor)

    @classmethod
    def get_result_from_cursor(cls, cursor: Any, limit: int | None) -> agate.Table:
        """Return the rows of the result of ``cursor`` as a table, at most ``limit`` rows unless that is None or 0.

        The table is empty if the statement has returned no result. Of columns with equal names, the second gets the
        suffix ``_2``, and so on. The module ``results`` says how bytes and long decimals are converted.
        """
        from dbt_common.clients.agate_helper import table_from_data_flat

        names = [description[0] for description in cursor.description or ()]
        rows = (cursor.fetchmany(limit) if limit else cursor.fetchall()) if names else ()
        readable = results.readable_rows(cursor.fields, rows)
        table = results.table_of(names, readable)
        if table is not None:
            return table
        return results.with_long_decimals(table_from_data_flat(cls.process_results(names, readable), names))

    @classmethod
    def standardize_grants_dict(cls, grants_table: agate.Table) -> dict[str, list[str]]:
        """Return the grantees of each privilege, in the form of dbt's ``grants`` config.

        An example is ``{"select": ["reader", "writer@localhost"]}``: privileges in lower case, and grantees without
        ``@%``. ``grants_table`` is the result of the query in the macro ``get_show_grant_sql``.
        """
        return grantees.standardize(grants_table)

    # -- cancelling and closing

    def cleanup_all(self) -> None:
        """Close the connections of all threads, and the idle connections in the pool.

        Open transactions are rolled back. If this class has set handlers for SIGTERM and SIGHUP, they are removed. A
        thread that needs a connection later gets a new one.
        """
        try:
            super().cleanup_all()
        finally:
            self._cancelled_by = None
            close_idle_connections(self)
            signals.restore()

    def drop_quietly(self, sql: str, unless: str, with_it: str = "") -> None:
        """Run ``sql``, a DROP of a relation that a failed node has left behind, unless the relation is another run's.

        ``unless`` is a query. If its result has a row, the relation belongs to another run, and nothing is dropped.
        ``with_it`` is empty, or a query that returns further statements, such as DROPs of logs of a materialized view.
        This query is sent before ``sql``, and the statements that it returns are run after ``sql``. If the query
        ``with_it`` fails, only ``sql`` is run.

        All statements are sent even if the run was cancelled. If this thread's session is lost, another session is
        opened for them. If the server or the connection fails, only log a warning.
        """
        connection, source = self.get_thread_connection(), connector(self.credentials.options())
        try:
            with cleaning_session(connection, source) as session:
                send = partial(runner.send, connection, session, cleans_up=True)
                if send(Statement(unless)).fetchone() is not None:
                    return
                more: list[str] = []
                if with_it:
                    # a server may lack the table that it reads
                    with suppress(pymysql.err.MySQLError):
                        more = [row[0] for row in send(Statement(with_it)).fetchall()]
                for text in (sql, *more):
                    send(Statement(text))
        except (pymysql.err.MySQLError, ConnectError, DbtRuntimeError) as error:
            logger.warning(f"could not run {sql}, which the next run will do: {without_secrets(str(error))}")

    def cancel(self, connection: Connection) -> None:
        """Cancel ``connection`` and end its statement by the profile's ``cancel_method``. Raise no error.

        From then on ``connection`` opens and sends nothing more, except to drop the relations that its node leaves
        behind.
        """
        cancel([cast("OceanBaseConnection", connection)], connector(self.credentials.options()))

    def cancel_open(self) -> list[str]:
        """Cancel the connections of all other threads and return their names. Open no session on them for this.

        From then on these connections open and send nothing more, except to drop the relations that their nodes leave
        behind. The same holds for connections that other threads make before ``cleanup_all``, such as a thread that is
        just beginning its first node. Raise no error.
        """
        own = self.get_if_exists()
        with self.lock:
            self._cancelled_by = self.get_thread_identifier()
            others = [
                cast("OceanBaseConnection", other) for other in self.thread_connections.values() if other is not own
            ]
        cancel(others, connector(self.credentials.options()))
        return [connection.name for connection in others if connection.name]

    @classmethod
    def data_type_code_to_name(cls, type_code: int | str) -> str:
        """Return the name of the column type for ``type_code``, a field type of the MySQL protocol, or ``unknown``."""
        return name_of_code(int(type_code))

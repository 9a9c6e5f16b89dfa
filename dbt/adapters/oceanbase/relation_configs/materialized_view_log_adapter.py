"""Adapter methods that create and drop materialized view logs.

A materialized view log is a table in which the server keeps the changes of another table, for fast refreshes of
materialized views.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dbt.adapters.contracts.connection import AdapterResponse
from dbt.adapters.events.logging import AdapterLogger

from ..connect.quoting import literal
from ..execution.errors import NO_RIGHTS, DatabaseError
from ..relation import OceanBaseRelation
from ..sql.statement import Statement
from . import materialized_view_logs as logs
from .adapter import RelationConfigMixin

if TYPE_CHECKING:
    import agate

logger = AdapterLogger("OceanBase")

NOT_SUPPORTED = 1235
"""Error code for what the server cannot do, such as a RENAME of a table that has a materialized view log."""

LOG_EXISTS = 9756
"""Error code of CREATE MATERIALIZED VIEW LOG if the table has a log already."""

NO_LOG = 9755
"""Error code of DROP MATERIALIZED VIEW LOG if the table has no log."""

NOT_FAST = 9760
"""Error code if a materialized view cannot have a fast refresh, for example because a table has no log."""

NOT_ON_QUERY = 9783
"""Error code if a view ``on query computation`` reads a table without a log, or a column that the log lacks."""

LOG_ROUNDS = 3
"""Maximum number of times that the adapter creates the missing logs for a view and then tries to create the view again.

One time is not enough if other nodes change the same logs at the same time.
"""

_BLOCKED = frozenset({"rename table", "drop table", "drop materialized view", "alter table", "insert overwrite"})
"""Verbs of statements that the server refuses for a table with a materialized view log (error 1235)."""

_OPEN = (
    "the log could be dropped and the statement repeated only outside of the transaction: write a hook as "
    "{'sql': ..., 'transaction': false}"
)
_SEVERAL = "the log could be dropped only for a single statement: write each statement as a hook of its own"
"""``_OPEN`` and ``_SEVERAL`` are remedies in the error for a statement that a materialized view log prevents (1235).

Usually the adapter drops the log and repeats the statement. It cannot do so in a transaction (``_OPEN``) or if the
SQL has several statements (``_SEVERAL``).
"""

AVAILABLE_IN = "OceanBase 4.3.3 and later and seekdb 1.3 have them"

CATALOGS = ("DBA_MVIEWS", "DBA_MVIEW_LOGS", "DBA_MVIEW_DEPS")
"""Views of the schema ``oceanbase`` that list materialized views, their logs, and which of both belong together."""

_UNREADABLE = frozenset({1146}) | NO_RIGHTS
"""Error codes of a query for a system view that the server does not have or that the user may not read."""


class MaterializedViewLogMixin(RelationConfigMixin):
    """Adapter methods for materialized view logs, in which the server keeps changes of tables for fast refreshes."""

    def execute(
        self, sql: str, auto_begin: bool = False, fetch: bool = False, limit: int | None = None
    ) -> tuple[AdapterResponse, agate.Table]:
        """Run the statement ``sql``, and return dbt's response and a table of the rows.

        If ``fetch`` is false, the table is empty. ``limit`` is the maximum number of rows to fetch, or None for all.
        With ``auto_begin``, begin a transaction first, if dbt has not begun one.

        The server refuses to rename, drop, change or overwrite a table that has a materialized view log (error 1235).
        The log is then dropped, with a warning, and the statement is sent again. Raise DatabaseError instead if a
        transaction with changed rows was open, because the failure has rolled it back. Also raise it if ``sql`` has
        several statements, or does not name the table with its schema, both in backticks.
        """
        outcome: tuple[AdapterResponse, agate.Table]
        connection = self.connections.get_if_exists()
        had_begun = connection is not None and connection.transaction_open
        had_rows = self._is_in_transaction()
        try:
            outcome = super().execute(sql, auto_begin, fetch, limit)
        except DatabaseError as failure:
            if failure.server_code != NOT_SUPPORTED or "materialized view log" not in failure.reason:
                raise
            if remedy := _OPEN if had_rows else _SEVERAL if len(self.connections.split(sql)) > 1 else "":
                raise DatabaseError(f"{failure.msg}\n{remedy}", NOT_SUPPORTED) from failure
            if not self._drop_logs_of(sql, failure):
                raise
            if had_begun:
                self.connections.begin()
            outcome = super().execute(sql, auto_begin, fetch, limit)
        return outcome

    def _is_in_transaction(self) -> bool:
        connection = self.connections.get_if_exists()
        session = connection and connection.session_if_open
        return bool(session and session.in_transaction)

    def why_no_materialized_views(self, otherwise: str, catalogs: Sequence[str] = CATALOGS) -> tuple[str, str]:
        """Return why ``server_info`` says that there are no materialized views, and a remedy.

        The remedy is ``otherwise`` if the server has none, and to grant the right to read ``catalogs`` if the user may
        not read the list of materialized views.
        """
        info = self.server_info()
        if info.hides_materialized_views:
            return "dbt's user may not read oceanbase.DBA_MVIEWS (1142)", self._grants(catalogs)
        return f"{info} has no materialized views; {AVAILABLE_IN}", otherwise

    def _grants(self, catalogs: Sequence[str] = CATALOGS) -> str:
        """Return the statements that let dbt's user read ``catalogs``, views of the schema ``oceanbase``."""
        user = literal(str(self.config.credentials.user).partition("@")[0])
        return "; ".join(f"grant select on oceanbase.{name} to {user}" for name in catalogs)

    def logs_only_for(self, relation: OceanBaseRelation) -> list[logs.Base]:
        """Return the tables whose logs are needed by the materialized view ``relation`` and by no other view.

        The list is empty if ``relation`` is of another type, or if the user may not read which tables materialized
        views need. If ``relation`` is a materialized view, the open transaction is committed before the query.
        """
        if not relation.is_materialized_view:
            return []
        # what fails rolls back, and the DROP that follows commits
        self.connections.commit()
        try:
            _, table = super().execute(logs.unneeded_query(relation.schema, relation.identifier), fetch=True)
        except DatabaseError as failure:
            if failure.server_code not in _UNREADABLE:
                raise
            logger.debug(f"logs that only {relation.render()} needs are kept: {failure.reason}")
            return []
        return [logs.Base(schema, name, has_log=True) for schema, name in table.rows]

    def drop_logs(self, bases: Sequence[logs.Base]) -> None:
        """Drop the materialized view logs of the tables ``bases``."""
        for base in bases:
            self._drop_log(base)

    def _with_logs(
        self, create_sql: str, sql: str, made: list[logs.Base], schema: str | None = None
    ) -> AdapterResponse:
        for _ in range(LOG_ROUNDS):
            try:
                return self.execute(create_sql)[0]
            except DatabaseError as failure:
                if failure.server_code not in (NOT_FAST, NOT_ON_QUERY) or not is_about_log(failure.reason):
                    raise
            new = self._make_logs(sql, schema)
            made += new
        return self.execute(create_sql)[0]

    def _make_logs(self, sql: str, schema: str | None = None) -> list[logs.Base]:
        """Create the logs that a materialized view with the query ``sql`` needs, and return the tables that had no log.

        A log that lacks columns is dropped and created again. ``schema`` is the schema of tables that ``sql`` names
        without a schema, or None for the profile's schema.
        """
        sql = self.without_final_semicolon(self.connections.rewriter.with_standard_comments(sql))
        tables = logs.tables_in(sql, schema or self.config.credentials.schema)
        if not tables:
            return []
        _, table = self.execute(logs.bases_query(tables), fetch=True)
        new = []
        for base in logs.bases_of(table.rows):
            for statement in base.statements(sql):
                logger.info(f"materialized view log: {statement}")
                try:
                    self.execute(statement)
                except DatabaseError as failure:
                    # another node has made or dropped it just now
                    if failure.server_code not in (LOG_EXISTS, NO_LOG):
                        raise
            if not base.has_log:
                new.append(base)
        return new

    def _drop_log(self, base: logs.Base) -> None:
        try:
            self.execute(base.drop())
        except DatabaseError as failure:
            if failure.server_code != NO_LOG:
                raise

    def _drop_logs_of(self, sql: str, refused: DatabaseError) -> bool:
        """Drop the materialized view logs of the tables that the statement ``sql`` names.

        Return whether there was a log. A warning names the materialized views that need a complete refresh now.
        ``refused`` is the error of ``sql``. It is raised again, with a remedy, if the user may not read the list of
        logs.
        """
        statement = Statement(self.connections.rewriter.with_standard_comments(sql))
        if statement.verb not in _BLOCKED:
            return False
        named = set(logs.named_in(statement.text, statement.verb))
        try:
            _, table = super().execute(logs.logged_query(), fetch=True)
        except DatabaseError as failure:
            if failure.server_code not in _UNREADABLE:
                raise
            try:
                _, table = super().execute(logs.logged_query(with_readers=False), fetch=True)
            except DatabaseError as again:
                if again.server_code not in _UNREADABLE:
                    raise
                remedy = f"dbt's user may not read which table has the log, or it would be dropped: {self._grants()}"
                raise DatabaseError(f"{refused.msg}\n{remedy}", refused.server_code) from refused
        found = [row for row in table.rows if (row[0].lower(), row[1].lower()) in named]
        for schema, name, readers in found:
            base = logs.Base(schema, name, has_log=True)
            text = (
                f"the materialized view log of {base.quoted} is dropped, since the server refuses "
                f"{statement.verb.upper()} for a table that has one: the next refresh of what reads it is complete"
            )
            logger.warning(f"{text} ({readers})" if readers else text)
            self._drop_log(base)
        return bool(found)


def is_about_log(text: str) -> bool:
    """Check whether ``text``, the server's message, says that a materialized view log is missing or lacks columns."""
    return any(each in text for each in logs.REASONS)

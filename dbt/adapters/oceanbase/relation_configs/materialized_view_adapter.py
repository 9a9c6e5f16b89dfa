"""Adapter methods that create, refresh and change materialized views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dbt.adapters.base import available
from dbt.adapters.contracts.connection import AdapterResponse
from dbt.adapters.events.logging import AdapterLogger
from dbt_common.exceptions import DbtRuntimeError

from ..connect.quoting import literal
from ..execution.errors import DatabaseError
from ..relation import OceanBaseRelation
from ..sql.lexer import tokens
from . import materialized_view_logs as logs
from .adapter import Configs
from .components import ConfigError, error
from .indexes import Indexes
from .materialized_view import OTHER_CONFIGS, REFRESH_CONFIGS, MaterializedView, selects_star
from .materialized_view_log_adapter import NOT_FAST, NOT_SUPPORTED, MaterializedViewLogMixin, is_about_log
from .partition_rules import CONFIG
from .partitions import Partitions
from .table_definition import TableDefinition

logger = AdapterLogger("OceanBase")

NAME_TAKEN = frozenset({1050, 1347, 1304})
"""Error codes of CREATE if the server already has a table, a view or a function of that name."""

UNKNOWN_COLUMN = 1054
"""Error code with which a refresh fails if a table that the materialized view reads has lost a column."""

LOG_YOUNGER = 9759
"""Error code of a fast refresh if a materialized view log was created after the last refresh."""

TYPES_CHANGED = "column types change"
"""Text in an error 1235 of a refresh, which means that a table read by the view has changed a column's type."""

_OTHERWISE = {"comment": "set persist_docs and a description", "parallel": "set the config parallel"}
"""Remedies for table options that are refused on a materialized view, by the name of the option."""


@dataclass(frozen=True)
class MaterializedViewChange:
    """The differences between an existing materialized view and the configs and query of its node.

    ``rebuilt_for`` are short texts about the differences for which the view must be built again. ``statements`` are the
    SQL that removes all other differences except a different comment. ``comment`` is the new comment, or None if it is
    the same.
    """

    rebuilt_for: Sequence[str]
    statements: Sequence[str]
    comment: str | None

    @property
    def is_none(self) -> bool:
        """Check whether the view agrees with its node. A different comment is ignored, since it is no configuration."""
        return not self.rebuilt_for and not self.statements

    @property
    def text(self) -> str:
        """Return a text that lists the differences, for a message to the user."""
        return "; ".join([*self.rebuilt_for, *self.statements])


class MaterializedViewMixin(MaterializedViewLogMixin):
    """Adapter methods for materialized views."""

    @available.parse_none
    def check_refresh_configs(self, config: Configs) -> None:
        """Raise ConfigError if a node has a config of materialized views although it is not a materialized view."""
        if config.get("materialized") == "materialized_view":
            return
        for name in (*REFRESH_CONFIGS, *OTHER_CONFIGS):
            if config.get(name) is not None:
                raise error(
                    name, "only a materialized view has it", "set materialized: materialized_view, or remove the config"
                )

    @available.parse_none
    def check_materialized_view(self, relation: OceanBaseRelation, config: Configs) -> None:
        """Raise ConfigError if the materialized view ``relation`` cannot be created as ``config`` describes it.

        This is so if the server has no materialized views or the user may not read ``oceanbase.DBA_MVIEWS``, if a
        config has a wrong value or cannot apply to a materialized view, or if the schema or the name contains a dot or
        a backtick.
        """
        if not self.server_info().has_materialized_views:
            remedy = "materialize the model as table, incremental or view, or run it on a server that has them"
            raise error("materialized: materialized_view", *self.why_no_materialized_views(remedy))
        self.check_materialized_view_configs(config)
        for part in (relation.schema, relation.identifier):
            if "." in str(part) or "`" in str(part):
                raise error(
                    "alias", f"{part!r} has a dot or a backtick", "dbms_mview.refresh cannot read it: rename it"
                )

    def check_materialized_view_configs(self, config: Configs) -> None:
        """Raise ConfigError if a config of a materialized view has a wrong value, or cannot apply to one.

        ``config`` has the configs of a materialized view. No statement is sent.
        """
        MaterializedView.from_config(config.get)
        design = self.table_design(config)
        if design.column_attributes:
            refused = next(part.configs[0] for part in design.components if part.column_attributes())
            raise error(refused, "a materialized view has no definitions of columns", "remove the config")
        for part in design.components:
            if isinstance(part, Indexes) and (refused := Indexes().change_to(part).refused):
                raise ConfigError(refused)
            if isinstance(part, Partitions) and part.rule is not None:
                raise error(
                    CONFIG,
                    "every: the server adds no partitions to a materialized view (1235), and a refresh fails without "
                    "one for each row (1526)",
                    "list the partitions, the last with less_than: maxvalue, or divide by hash or key",
                )
        for option in ("comment", "parallel"):
            if option in [word for _, word in tokens(design.after_columns)]:
                raise error(f"table_options: {option}", "a materialized view has it otherwise", _OTHERWISE[option])

    @available.parse(lambda relation, config, sql, description="", scheduled=True: "")
    def create_materialized_view_sql(
        self, relation: OceanBaseRelation, config: Configs, sql: str, description: str = "", scheduled: bool = True
    ) -> str:
        """Return the CREATE statement of the materialized view ``relation`` with the query ``sql``.

        ``description`` is the beginning of the view's comment, which ends with a mark (see ``MaterializedView.mark``).
        ``scheduled`` must be false for a view that is renamed to its final name later, because the server's scheduled
        job would refresh the first name. Raise ConfigError for a config with a wrong value.
        """
        view = MaterializedView.from_config(config.get)
        key = ", ".join(self.quote(name) for name in view.primary_key)
        clauses = [
            f"create materialized view {relation.render()}",
            f"(primary key ({key}))" if key else "",
            f"comment = {literal(view.comment_of(self.without_final_semicolon(sql), description))}",
            f"parallel {view.parallel}" if view.parallel > 1 else "",
            self.table_design(config).after_columns,
            view.refresh_clause,
            view.schedule_clause if scheduled else "",
            view.usage_clause,
            "as",
        ]
        return " ".join(clause for clause in clauses if clause) + f"\n{sql}"

    @available.parse_none
    def try_create_materialized_view(
        self, relation: OceanBaseRelation, create_sql: str, sql: str
    ) -> AdapterResponse | None:
        """Run ``create_sql``, which creates the materialized view ``relation``, and return the response.

        ``sql`` is the view's query. If the server refuses the view because tables that the query reads lack
        materialized view logs, the logs are created, and ``create_sql`` is run again. Return None if the server already
        has a relation of this name. Raise DbtRuntimeError with the server's reason if the view cannot have a fast
        refresh, and DatabaseError for any other failure. Logs that were created are dropped before an error is raised.
        """
        made: list[logs.Base] = []
        try:
            return self._with_logs(create_sql, sql, made)
        except DatabaseError as failure:
            if failure.server_code in NAME_TAKEN and self.actual_relation(relation) is not None:
                return None
            for base in made:
                self._drop_log(base)
            if failure.server_code == NOT_FAST:
                raise DbtRuntimeError(
                    f"refresh_method: fast: {failure.reason}: change the query, or write refresh_method: force"
                ) from failure
            raise

    @available.parse_list
    def indexes_of_new(self, relation: OceanBaseRelation, config: Configs) -> list[str]:
        """Return the statements that create the indexes of a new materialized view.

        They run after the CREATE of the view, which cannot contain indexes.
        """
        design = self.table_design(config)
        added = [Indexes().change_to(part) for part in design.components if isinstance(part, Indexes)]
        return [sql for change in added for sql in change.statements_for(relation.render())]

    @available.parse(lambda relation, config, sql, description="", selected=None: MaterializedViewChange((), (), None))
    def materialized_view_changes(
        self,
        relation: OceanBaseRelation,
        config: Configs,
        sql: str,
        description: str = "",
        selected: Sequence[Any] | None = None,
    ) -> MaterializedViewChange:
        """Return the differences of the materialized view ``relation`` from its node's configs and the query ``sql``.

        The view is read by one SHOW CREATE TABLE. If the configs have indexes, options or partitions, the table that
        stores the view is read too, unless the view must be built again in any case. ``description`` is the description
        of the node, and is compared as a part of the comment. ``selected`` are the columns of ``sql`` if ``sql``
        selects all columns of a relation by a ``*``, and None otherwise. If they are given, and the view has other
        columns, it must be built again.
        """
        wanted = MaterializedView.from_config(config.get)
        _, table = self.execute(f"show create table {relation.render()}", fetch=True)
        present = MaterializedView.from_server(str(table.rows[0][1]))
        sent = self.without_final_semicolon(sql)
        rebuilt_for = wanted.rebuilt_for(present, sent)
        if selected is not None and not rebuilt_for:
            names = [column.name.lower() for column in self.columns_of([relation])[0]]
            if names != [column.name.lower() for column in selected]:
                rebuilt_for.append("the columns of the query")
        statements = [f"alter materialized view {relation.render()} {each}" for each in wanted.alterations_of(present)]
        parts = [part for part in self.table_design(config).components if "primary_key" not in part.configs]
        if parts and not rebuilt_for:
            _, table = self.execute(f"show create table {self.container_of(relation).render()}", fetch=True)
            definition = TableDefinition.parse(str(table.rows[0][1]))
            for part in parts:
                found = type(part).from_server(definition)
                change = part.added() if found is None else found.change_to(part)
                if change.refused or (change and "indexes" not in part.configs):
                    rebuilt_for.append(part.configs[0])
                else:
                    statements += change.statements_for(relation.render())
        comment = wanted.comment_of(sent, description)
        return MaterializedViewChange(rebuilt_for, statements, None if present.comment == comment else comment)

    @available.parse_list
    def schedule_statements(self, relation: OceanBaseRelation, config: Configs) -> list[str]:
        """Return a list with the ALTER statement that sets the schedule of refreshes of the existing view ``relation``.

        The list is empty if the configs have no schedule.
        """
        clause = MaterializedView.from_config(config.get).schedule_clause
        return [f"alter materialized view {relation.render()} refresh {clause}"] if clause else []

    @available.parse(lambda sql: False)
    def selects_star(self, sql: str) -> bool:
        """Check whether the query ``sql`` has a ``*`` that selects all columns of a relation.

        If a column is added to the relation, such a query gets a new column.
        """
        return selects_star(self.connections.rewriter.with_standard_comments(sql))

    @available.parse(lambda relation, method="": "")
    def refresh_statement(self, relation: OceanBaseRelation, method: str = "") -> str:
        """Return the statement that refreshes a materialized view.

        ``method`` is ``c`` for a complete refresh, or empty for the refresh method of the view itself.
        """
        name = literal(f"{relation.schema}.{relation.identifier}")
        return f"call dbms_mview.refresh({name}{f', {literal(method)}' if method else ''})"

    @available.parse_none
    def refresh(self, relation: OceanBaseRelation, config: Configs, sql: str) -> AdapterResponse | None:
        """Refresh the materialized view ``relation`` by its refresh method, and return the response.

        Send nothing if the method is ``never``. ``sql`` is the view's query. If a materialized view log that the
        refresh needs is missing, create the log. If a log was created, now or at any time after the last refresh, make
        a complete refresh instead. Return None if the view must be built again, because a table that it reads has lost
        a column or changed a column's type. Raise DatabaseError for any other failure.
        """
        if MaterializedView.from_config(config.get).method == "never":
            return AdapterResponse(_message="OK: never refreshed", rows_affected=0)
        try:
            return self.execute(self.refresh_statement(relation))[0]
        except DatabaseError as failure:
            code, text = failure.server_code, failure.reason
            if code == UNKNOWN_COLUMN or (code == NOT_SUPPORTED and TYPES_CHANGED in text):
                logger.info(f"{relation.render()} is built again, since it cannot be refreshed: {text}")
                return None
            if code != LOG_YOUNGER and not (code == NOT_FAST and is_about_log(text)):
                raise
        logger.info(f"{relation.render()} gets a complete refresh: {text}")
        if code == NOT_FAST:
            self._make_logs(sql)
        return self.execute(self.refresh_statement(relation, "c"))[0]

    @available.parse(lambda relation: relation)
    def container_of(self, relation: OceanBaseRelation) -> OceanBaseRelation:
        """Return the table in which the server stores the rows of the materialized view ``relation``.

        The comments of the view and of its columns are comments of this table.
        """
        _, table = self.execute(
            f"select container_name from oceanbase.DBA_MVIEWS where owner = {literal(relation.schema or '')} "
            f"and mview_name = {literal(relation.identifier or '')}",
            fetch=True,
        )
        return self.Relation.create(schema=relation.schema, identifier=table.rows[0][0], type=relation.Table)

    @available.parse_none
    def comment_materialized_view(self, relation: OceanBaseRelation, comment: str) -> None:
        """Set the comment of a materialized view to ``comment``.

        ``comment`` must end with ``MaterializedView.mark``, by which a later run finds out whether the query has
        changed.
        """
        self._alter(self.container_of(relation), [f"comment = {literal(comment)}"])

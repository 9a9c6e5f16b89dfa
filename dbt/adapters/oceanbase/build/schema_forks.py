"""Adapter methods for two operations: fork a whole schema for development, and drop such a fork again.

A fork is a schema with the tables of the original schema and their rows. A table and its copy in the fork share their
storage where the server allows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from dbt.adapters.base import available
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.events.types import AdapterEventWarning
from dbt_common.events.functions import warn_or_error
from dbt_common.exceptions import DbtRuntimeError

from ..connect.quoting import identifier, literal
from ..execution.errors import DatabaseError
from ..relation import OceanBaseRelation
from ..relation_configs.indexes import FoundIndex
from ..relation_configs.materialized_view_log_adapter import NOT_FAST, NOT_ON_QUERY, NOT_SUPPORTED
from ..relation_configs.table_definition import TableDefinition
from .schema_fork_texts import MARKED, RepointError, check_modes, create_like, origin_in, repointed
from .staging import FORK_REFUSED, StagingMixin

logger = AdapterLogger("OceanBase")

MARKER = "__dbt_fork"
"""Name of the marker, a table that ``fork_schema`` creates in each fork.

Its comment names the forked schema and the fork. ``drop_schema_fork`` drops only a schema with such a table.
"""

NOT_REWRITTEN = {"standard_sql": "false", "double_pipe": "or"}
"""Values of two configs with which the adapter sends statements unchanged, and does not warn about ``||``."""

NOT_MADE_YET = frozenset({1054, 1146, 1305, 1356, NOT_SUPPORTED, NOT_FAST, NOT_ON_QUERY})
"""Error codes of CREATE after which a view or function is tried again, and left out of the fork if it always fails.

They mean that something the definition reads does not exist, or, for a materialized view, that the server cannot
create it.
"""

_LIKE_REFUSED = frozenset({NOT_SUPPORTED})


class SchemaForkMixin(StagingMixin):
    """Adapter methods that create and drop forks of schemas.

    A fork is a copy of a schema, with the rows of its tables. A table and its copy share their storage where the server
    allows it.
    """

    @available.parse_list
    def fork_schema(self, source: Any, target: Any, tables: Any = None, exclude: Any = None) -> list[str]:
        """Create the schema ``target`` as a fork of ``source``: with its tables, their rows, its functions and views.

        ``tables`` are the relations to fork, one name or a list of names. None means all relations. ``exclude`` are
        names of relations to leave out. A table is forked by FORK DATABASE or FORK TABLE: the clone shares the storage
        of the original until one of them is written to. A table that the server cannot fork is copied. Functions and
        views are created again, so that they read the tables of the fork. External tables are left out with a warning.
        So are functions and views whose definition cannot be used in the fork, such as a view of a table that the fork
        lacks.

        Return one line for each relation in the fork. The line of a table has the number of rows, and if the table was
        copied, the reason why. Raise DbtRuntimeError if a name is wrong, if ``source`` does not exist, or
        if ``target`` already exists. If an error or an interrupt comes after ``target`` was created, ``target`` is
        dropped.
        """
        origin, fork = _name("from", source), _name("to", target)
        if origin.lower() == fork.lower():
            raise DbtRuntimeError(f"to: {fork} is the schema that is forked: write another name")
        self._check_schemas(origin, fork)
        relations = self._chosen(origin, _names("tables", tables), _names("exclude", exclude))
        kinds = {str(each.type) for each in relations}
        # a container of a materialized view, or the marker of a fork, would be forked as a table
        is_plain = kinds <= {"table", "view"} and self._marker(origin) is None
        is_forked = tables is None and exclude is None and is_plain and self._fork_database(origin, fork)
        if not is_forked:
            query = (
                "select default_character_set_name, default_collation_name from information_schema.schemata "
                f"where lower(schema_name) = lower({literal(origin)})"
            )
            charset, collation = self.execute(query, fetch=True)[1].rows[0]
            self.execute(f"create database {identifier(fork)} character set {charset} collate {collation}")
        try:
            # a definition that the server returns is in its own dialect, whatever the profile says
            with self.connections.rewriter.dialect_of([NOT_REWRITTEN]):
                return list(self._fork(origin, fork, relations, is_forked))
        except BaseException:
            # only here is it sure that this operation has made the schema
            self._drop_begun(fork)
            raise

    @available.parse_none
    def drop_schema_fork(self, schema: Any) -> str:
        """Drop ``schema`` if it is a fork that ``fork_schema`` has made, and return a line that reports this.

        Raise DbtRuntimeError if the schema does not exist, or if it is no such fork.
        """
        name = _name("schema", schema)
        if not self._schema_exists(name):
            raise DbtRuntimeError(f"schema: there is no {name}: correct the name")
        origin = self._origin(name)
        if origin is None:
            raise DbtRuntimeError(
                f"schema: {name} was not made by oceanbase__fork_schema, which puts the table {MARKER} with the fork's "
                "name in its comment into each fork: drop it by hand if nobody needs it"
            )
        self.execute(f"drop database {identifier(name)}")
        return f"dropped the schema {name}, a fork of {origin}"

    # -- checks

    def _check_schemas(self, origin: str, fork: str) -> None:
        if not self._schema_exists(origin):
            raise DbtRuntimeError(f"from: there is no schema {origin}: correct the name")
        if self._schema_exists(fork):
            forked = self._origin(fork)
            raise DbtRuntimeError(
                f"to: the schema {fork} exists, and is not overwritten: write another name"
                if forked is None
                else f"to: {fork} exists, a fork of {forked}: drop it first by dbt run-operation "
                f"oceanbase__drop_schema_fork --args '{{schema: {fork}}}'"
            )

    def _schema_exists(self, name: str) -> bool:
        query = f"select 1 from information_schema.schemata where lower(schema_name) = lower({literal(name)})"
        return bool(self.execute(query, fetch=True)[1].rows)

    def _marker(self, schema: str) -> str | None:
        """Return the comment of the table MARKER in ``schema``, or None if ``schema`` has no such table."""
        query = (
            "select table_comment from information_schema.tables "
            f"where table_schema = {literal(schema)} and table_name = {literal(MARKER)}"
        )
        rows = self.execute(query, fetch=True)[1].rows
        return str(rows[0][0]) if rows else None

    def _origin(self, schema: str) -> str | None:
        """Return the name of the original schema if ``schema`` is a fork made by ``fork_schema``, or else None."""
        return origin_in(self._marker(schema) or "", schema, self.name_folding())

    def _chosen(self, origin: str, tables: list[str] | None, exclude: list[str] | None) -> list[OceanBaseRelation]:
        fold = self.name_folding()
        listed = self.list_relations_without_caching(self.Relation.create(schema=origin).without_identifier())
        # the list of dbt's relations has no function that has the name of a table or view
        query = (
            "select routine_name from information_schema.routines "
            f"where routine_schema = {literal(origin)} and routine_type = 'FUNCTION'"
        )
        kind = self.Relation.get_relation_type("function")
        functions = [
            self.Relation.create(schema=origin, identifier=name, type=kind)
            for (name,) in self.execute(query, fetch=True)[1].rows
        ]
        found = [each for each in listed if str(each.type) != "function" and str(each.identifier) != MARKER] + functions
        names = {fold(str(each.identifier)) for each in found}
        for config, given in (("tables", tables), ("exclude", exclude)):
            for name in given or ():
                if fold(name) not in names:
                    raise DbtRuntimeError(f"{config}: there is no {name} in {origin}: correct the name")
        wanted = names if tables is None else {fold(name) for name in tables}
        wanted = wanted - {fold(name) for name in exclude or ()}
        chosen = [each for each in found if fold(str(each.identifier)) in wanted]
        return cast("list[OceanBaseRelation]", chosen)

    # -- the fork

    def _fork(self, origin: str, fork: str, relations: Sequence[OceanBaseRelation], is_forked: bool) -> Iterator[str]:
        """Fill the new schema ``fork`` with clones of ``relations``, and yield a line of text about each clone.

        ``relations`` belong to the schema ``origin``. If ``is_forked`` is true, FORK DATABASE has already created the
        tables. Then only the functions, the views and the table MARKER, which marks the fork, are created.
        """
        by_kind: dict[str, list[OceanBaseRelation]] = {}
        for relation in relations:
            by_kind.setdefault(str(relation.type), []).append(relation)
        comment = literal(f"{MARKED}{origin} as {fork}")
        self.execute(f"create table {identifier(fork)}.{identifier(MARKER)} (id int) comment = {comment}")
        for table in by_kind.get("table", ()):
            clone = table.incorporate(path={"schema": fork})
            response = None if is_forked else self.try_fork(table, clone)
            refusal = response if isinstance(response, str) else None
            if refusal is not None:
                self._copy_table(table, clone)
            [[rows]] = self.execute(f"select count(*) from {clone.render()}", fetch=True)[1].rows
            report = f"the table {clone.render()}: {rows} rows"
            yield f"forked {report}" if refusal is None else f"copied {report}; {refusal}"
        for each in by_kind.get("external", ()):
            self._leave_out(each, "an external table is not forked")
        session = self.connections.session()
        # the server looks for a function without a schema in the current one when it creates a view
        session.use(fork)
        try:
            kinds = ("function", "view", "materialized_view")
            made = self._made_again([each for kind in kinds for each in by_kind.get(kind, ())], fork)
            yield from [f"created the {str(each.type).replace('_', ' ')} {each.render()}" for each in made]
        finally:
            if session.is_usable:
                session.use(self.config.credentials.schema)

    def _drop_begun(self, fork: str) -> None:
        """Drop the incomplete schema ``fork`` after an error, on a new session if the present one is lost.

        If DROP fails as well, log a warning with the name of the schema. The caller raises the first error.
        """
        connection = self.connections.get_thread_connection()
        try:
            if not connection.session().is_usable:
                connection.discard_session()
            self.execute(f"drop database {identifier(fork)}")
        except DbtRuntimeError as failure:
            logger.warning(f"fork_schema: drop the schema {fork} by hand, which is not complete: {failure}")

    def _fork_database(self, origin: str, fork: str) -> bool:
        try:
            self.execute(f"fork database {identifier(origin)} to {identifier(fork)}")
        except DatabaseError as failure:
            if failure.server_code not in FORK_REFUSED:
                raise
            return False
        return True

    def _copy_table(self, table: OceanBaseRelation, clone: OceanBaseRelation) -> None:
        """Create the table ``clone`` with the design and rows of ``table``."""
        try:
            self.execute(f"create table {clone.render()} like {table.render()}")
        except DatabaseError as failure:
            if failure.server_code not in _LIKE_REFUSED:
                raise
            shown = str(self.execute(f"show create table {table.render()}", fetch=True)[1].rows[0][1])
            self.execute(create_like(shown, clone.render()))
        names = [column.quoted for column in self.columns_of([clone])[0] if not column.is_generated]
        listed = ", ".join(names)
        self.execute(f"insert into {clone.render()} ({listed}) select {listed} from {table.render()}")
        self.connections.commit()

    def _made_again(self, relations: Sequence[OceanBaseRelation], fork: str) -> list[OceanBaseRelation]:
        """Create copies of the functions and views ``relations`` in the schema ``fork``, and return these copies.

        A view may read another view that is created after it. So the views that fail are tried again, until a round in
        which none succeeds. A function or view that has failed in the last round is left out, with a warning.
        """
        has_functions = any(str(each.type) == "function" for each in relations)
        mode = str(self.execute("select @@sql_mode", fetch=True)[1].rows[0][0]) if has_functions else ""
        made: list[OceanBaseRelation] = []
        pending = list(relations)
        reasons: dict[int, str] = {}
        while pending:
            failed = []
            for each in pending:
                why = self._make_again(each, fork, mode)
                if why is None:
                    made.append(each.incorporate(path={"schema": fork}))
                else:
                    reasons[id(each)] = why
                    failed.append(each)
            if len(failed) == len(pending):
                break
            pending = failed
        for each in pending:
            self._leave_out(each, reasons[id(each)])
        return made

    def _make_again(self, relation: OceanBaseRelation, fork: str, mode: str) -> str | None:
        """Create the function or view ``relation`` again in ``fork``, a schema that is a copy of the relation's schema.

        ``mode`` is the session's SQL mode. It is compared with the SQL mode of a function, and not used for a view.
        Return None if ``relation`` was created. If its definition cannot be used in ``fork``, return the reason as
        text.
        """
        try:
            sql = self._definition_in(relation, fork, mode)
            if relation.is_materialized_view:
                self._with_logs(sql, sql, [], fork)
            else:
                self.execute(sql)
        except RepointError as error:
            return str(error)
        except DatabaseError as failure:
            if failure.server_code not in NOT_MADE_YET:
                raise
            return failure.reason
        if relation.is_materialized_view:
            self._add_indexes(relation, relation.incorporate(path={"schema": fork}))
        return None

    def _add_indexes(self, view: OceanBaseRelation, clone: OceanBaseRelation) -> None:
        """Create the indexes of the materialized view ``view`` on ``clone``, its copy in the fork.

        The indexes are read from the table that stores ``view``. Warn about each index that the server refuses.
        """
        shown = str(self.execute(f"show create table {self.container_of(view).render()}", fetch=True)[1].rows[0][1])
        for name, text in TableDefinition.parse(shown).keys.items():
            if why := self._add_index(clone, FoundIndex.parse(name, text), text):
                self._warn(f"the index {name} of {view.render()} is left out: {why}")

    def _add_index(self, clone: OceanBaseRelation, index: FoundIndex, text: str) -> str | None:
        """Create ``index`` on ``clone``. Return None, or the server's reason if the server refuses the index.

        ``text`` is the definition of the index in SHOW CREATE TABLE.
        """
        try:
            self.execute(f"alter table {clone.render()} add {text}")
            if not index.visible:
                # the server ignores the word in the statement that adds the index
                self.execute(f"alter table {clone.render()} alter index {identifier(index.name)} invisible")
        except DatabaseError as failure:
            if failure.server_code != NOT_SUPPORTED:
                raise
            return failure.reason
        return None

    def _definition_in(self, relation: OceanBaseRelation, fork: str, mode: str) -> str:
        kind = {"function": "function", "view": "view"}.get(str(relation.type), "table")
        row = self.execute(f"show create {kind} {relation.render()}", fetch=True)[1].rows[0]
        shown = str(row[2] if kind == "function" else row[1])
        if kind == "function":
            check_modes(str(row[1]), mode)
        name = relation.incorporate(path={"schema": fork}).render()
        return repointed(shown, name, str(relation.schema), fork, self.name_folding())

    def _leave_out(self, relation: OceanBaseRelation, why: str) -> None:
        kind = str(relation.type).replace("_", " ")
        self._warn(f"the {kind} {relation.render()} is left out: {why}")

    def _warn(self, text: str) -> None:
        warn_or_error(AdapterEventWarning(name="OceanBase", base_msg=f"fork_schema: {text}"))


def _name(config: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise DbtRuntimeError(f"{config} must be the name of a schema, not {value!r}: write it under --args")
    return value.strip()


def _names(config: str, value: Any) -> list[str] | None:
    if value is None:
        return None
    listed: Iterable[Any] = [value] if isinstance(value, str) else value
    if not isinstance(listed, (list, tuple)) or not all(isinstance(each, str) for each in listed):
        raise DbtRuntimeError(f"{config} must be a list of names, not {value!r}")
    return list(listed)

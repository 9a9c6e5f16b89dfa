"""Building aside: what a node stages, how it takes its place, and that nothing of it is left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.contracts.connection import AdapterResponse
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.sql import SQLAdapter
from dbt_common.exceptions import DbtRuntimeError

from ..execution.errors import NO_STATEMENT, DatabaseError
from . import foreign_keys

if TYPE_CHECKING:
    from ..catalog.server_info import ServerInfo
    from ..connections import OceanBaseConnectionManager
    from ..relation import OceanBaseRelation

logger = AdapterLogger("OceanBase")

NAME_TAKEN = frozenset({1050, 1347, 1304})
"""Codes of CREATE for a name that a table, a view or a function has already."""

NO_FORK = frozenset({1235, 1347, NO_STATEMENT})
"""Codes of FORK TABLE for what it does not do: tables with column groups or global indexes, views; for not being there.
"""

FOREIGN_KEY_PARENT = 3730
"""Code of DROP for a table that a foreign key refers to."""

OTHER_KIND = frozenset({1051, 1347, 9757})
"""Codes of DROP for a name under which nothing of that kind stands."""


class BuildsAside(SQLAdapter):
    """The part of the adapter that creates, swaps and drops what a node builds."""

    connections: OceanBaseConnectionManager
    server_info: Callable[[], ServerInfo]
    actual_relation: Callable[[OceanBaseRelation], OceanBaseRelation | None]
    _fold: Callable[[], Callable[[str], str]]

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._staged: dict[Any, dict[str, OceanBaseRelation]] = {}

    @available.parse(lambda self, relation: relation)
    def stage(self, relation: OceanBaseRelation) -> OceanBaseRelation:
        """Note that ``relation`` is only needed while this node runs, and give it back."""
        key = self.connections.get_thread_identifier()
        self._staged.setdefault(key, {})[relation.render()] = relation
        return relation

    @available.parse_none
    def unstage(self, relation: BaseRelation) -> None:
        """Note that a staged relation is gone, or has become what it was staged for."""
        self._staged.get(self.connections.get_thread_identifier(), {}).pop(relation.render(), None)

    def drop_relation(self, relation: BaseRelation) -> None:
        """Drop a relation by its type; a staged one needs no further care then."""
        super().drop_relation(relation)  # type: ignore[no-untyped-call]  # dbt leaves it untyped
        self.unstage(relation)

    @available.parse_none
    def drop_replaced(self, replaced: OceanBaseRelation, successor: OceanBaseRelation) -> None:
        """Drop what ``successor`` has replaced; foreign keys that still refer to it are led to the successor first.

        It goes by the kind it has on the server, whatever the cache thought it was. Raises DbtRuntimeError naming child
        tables and keys where the child's rows do not fit the successor; the other keys are led to it all the same.
        """
        try:
            self._drop_by_kind(replaced)
        except DatabaseError as error:
            if error.server_code != FOREIGN_KEY_PARENT:
                raise
            keys = self._child_keys(replaced)
            failures = [
                failure for key in keys if not key.is_hidden and (failure := self._lead_child_key(key, successor))
            ]
            self._drop_parent(replaced, of_hidden=any(key.is_hidden for key in keys))
            if failures:
                raise DbtRuntimeError("\n".join(failures)) from error

    @available.parse_none
    def check_view_over_table(self, table: OceanBaseRelation) -> None:
        """Raise DbtRuntimeError where a foreign key refers to ``table``, which a view is going to replace."""
        keys = [key for key in self._child_keys(table) if key.child != table.render() and not key.is_hidden]
        if keys:
            named = ", ".join(f"{key.name} of {key.child}" for key in keys)
            raise DbtRuntimeError(
                f"materialized: {table.render()} cannot become a view, since foreign keys refer to it: {named}; "
                f"drop them first: {'; '.join(key.drop() for key in keys)}"
            )

    @available.parse_none
    def check_view_of_another(self, view: OceanBaseRelation, sql: str) -> None:
        """Raise DbtRuntimeError where ``view`` selects all of itself: it would take the place of what it is to show.

        dbt compares the name of a latest-version pointer with that of the version as text; the server folds case.
        """
        fold = self._fold()
        if fold(sql.strip()) == fold(f"select * from {view.render()}"):
            raise DbtRuntimeError(
                f"view {view.render()} would read from itself, since the server takes names that differ in case only "
                "for one: give the latest_version_pointer, or the model, another alias"
            )

    def _child_keys(self, table: OceanBaseRelation) -> list[foreign_keys.ChildKey]:
        _, found = self.execute(foreign_keys.query(table.schema or "", table.identifier or ""), fetch=True)
        return foreign_keys.from_rows(found.rows)

    def _drop_parent(self, relation: OceanBaseRelation, of_hidden: bool) -> None:
        """Drop a table whose children have all been led elsewhere; ``of_hidden``: but those that nobody finds."""
        if not of_hidden:
            return self._drop_by_kind(relation)
        self.execute("set foreign_key_checks = 0")
        try:
            self._drop_by_kind(relation)
        finally:
            self.execute("set foreign_key_checks = 1")

    def _drop_by_kind(self, relation: OceanBaseRelation) -> None:
        """Drop a relation; the server is asked for its kind where it is not the one that ``relation`` says."""
        try:
            self.execute(relation.drop_statement(if_exists=False))
        except DatabaseError as error:
            if error.server_code not in OTHER_KIND:
                raise
            actual = self.actual_relation(relation)
            if actual is not None:
                self.execute(actual.drop_statement(if_exists=False))
        self.cache_dropped(relation)
        self.unstage(relation)

    def _lead_child_key(self, key: foreign_keys.ChildKey, successor: OceanBaseRelation) -> str | None:
        """Give a child's foreign key its new parent; give what to tell the user where the child's rows do not fit."""
        self.execute(key.drop())
        try:
            self.execute(key.add(successor.render()))
        except DatabaseError as error:
            return key.lost(successor.render(), error.server_code, error.msg.splitlines()[0])
        return None

    def post_model_hook(self, config: Any, context: Any) -> None:
        """Drop what the node staged and did not drop itself: it failed or was cancelled on the way."""
        super().post_model_hook(config, context)
        # an error of Jinja passes the exception handler by, and the DROP below would commit what it leaves open
        self.connections.rollback_if_open()
        for relation in self._staged.pop(self.connections.get_thread_identifier(), {}).values():
            self.connections.drop_quietly(relation.drop_statement())

    @available.parse_none
    def create_unless_taken(self, sql: str, target: OceanBaseRelation) -> AdapterResponse | None:
        """Run the CREATE of ``target``; give its response, or None where the cache did not know that the name is taken.

        A name that is taken by something else, in a statement before the CREATE, stays an error.
        """
        try:
            response: AdapterResponse = self.execute(sql)[0]
        except DatabaseError as error:
            if error.server_code in NAME_TAKEN and self.actual_relation(target) is not None:
                return None
            raise
        return response

    @available.parse_none
    def fork_unless_refused(self, original: OceanBaseRelation, clone: OceanBaseRelation) -> AdapterResponse | None:
        """Make a clone of a table that shares its storage; give the response, or None where the server cannot."""
        try:
            response: AdapterResponse = self.execute(f"fork table {original.render()} to {clone.render()}")[0]
        except DatabaseError as error:
            if error.server_code not in NO_FORK:
                raise
            if error.server_code == NO_STATEMENT:
                logger.info(f"clone: {self.server_info()} has no FORK TABLE; seekdb 1.3 and 1.4 have it")
            return None
        return response

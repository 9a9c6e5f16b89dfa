"""Staging tables: create them, put them in the place of a relation, and drop those that a node leaves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.contracts.connection import AdapterResponse
from dbt.adapters.events.logging import AdapterLogger
from dbt_common.exceptions import DbtRuntimeError

from ..execution.errors import NO_STATEMENT, DatabaseError
from . import foreign_keys

if TYPE_CHECKING:
    from ..relation import OceanBaseRelation

logger = AdapterLogger("OceanBase")

NAME_TAKEN = frozenset({1050, 1347, 1304})
"""Codes of CREATE for a name that a table, a view or a function already has."""

FORK_REFUSED = frozenset({1235, 1347, NO_STATEMENT})
"""Codes of FORK TABLE for tables with column groups or global indexes, for views, and where the server lacks it."""

FOREIGN_KEY_PARENT = 3730
"""Code of DROP for a table that a foreign key refers to."""

WRONG_KIND = frozenset({1051, 1347, 9757})
"""Codes of DROP for a name that nothing of that kind has."""


class StagingMixin(foreign_keys.ForeignKeyMixin):
    """Creates, swaps and drops the relations that a node builds."""

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._staged: dict[Any, dict[str, OceanBaseRelation]] = {}

    @available.parse(lambda self, relation: relation)
    def register_staged(self, relation: OceanBaseRelation) -> OceanBaseRelation:
        """Register a relation to be dropped when this node ends; return it."""
        key = self.connections.get_thread_identifier()
        self._staged.setdefault(key, {})[relation.render()] = relation
        return relation

    @available.parse_none
    def unregister_staged(self, relation: BaseRelation) -> None:
        """Remove a relation from the list of those to drop when this node ends.

        Called after the relation was dropped or renamed to its final name.
        """
        self._staged.get(self.connections.get_thread_identifier(), {}).pop(relation.render(), None)

    def drop_relation(self, relation: BaseRelation) -> None:
        """Drop a relation by its type, and unregister it if it was staged."""
        super().drop_relation(relation)  # type: ignore[no-untyped-call]  # dbt leaves it untyped
        self.unregister_staged(relation)

    @available.parse_none
    def drop_replaced(self, replaced: OceanBaseRelation, successor: OceanBaseRelation) -> None:
        """Drop a relation that ``successor`` has replaced. Move foreign keys that refer to it to the successor first.

        It is dropped as the kind of relation that the server has, even if the cache has another kind. Raise
        DbtRuntimeError naming child tables and keys if the rows of a child do not fit the successor; the other keys are
        moved all the same.
        """
        try:
            self._drop_by_kind(replaced)
        except DatabaseError as error:
            if error.server_code != FOREIGN_KEY_PARENT:
                raise
            keys = self._child_keys(replaced)
            failures = [
                failure for key in keys if not key.is_hidden and (failure := self._move_child_key(key, successor))
            ]
            self._drop_parent(replaced, has_hidden_keys=any(key.is_hidden for key in keys))
            if failures:
                raise DbtRuntimeError("\n".join(failures)) from error

    @available.parse_none
    def check_view_over_table(self, table: OceanBaseRelation) -> None:
        """Raise DbtRuntimeError if a foreign key refers to ``table``, which a view is going to replace."""
        keys = [key for key in self._child_keys(table) if key.child != table.render() and not key.is_hidden]
        if keys:
            named = ", ".join(f"{key.name} of {key.child}" for key in keys)
            raise DbtRuntimeError(
                f"materialized: {table.render()} cannot become a view, since foreign keys refer to it: {named}; "
                f"drop them first: {'; '.join(key.drop() for key in keys)}"
            )

    @available.parse_none
    def check_view_self_reference(self, view: OceanBaseRelation, sql: str) -> None:
        """Raise DbtRuntimeError if ``view`` is SELECT * from its own name: it would replace what it reads.

        This happens to a latest-version pointer whose name differs from the version's name only in case. dbt compares
        the names with case, and the server may ignore case.
        """
        fold, read = self.name_folding(), re.fullmatch(r"select \* from (.+)", sql.strip(), re.I)
        if read is None or fold(read[1]) != fold(view.render()):
            return
        if read[1] == view.render():
            raise DbtRuntimeError(
                f"view {view.render()} would read from itself: a view cannot select from {{{{ this }}}}: materialize "
                "the model as table or incremental, which may read the rows that they replace"
            )
        raise DbtRuntimeError(
            f"view {view.render()} would read from itself, since the server takes names that differ in case only "
            "for one: give the latest_version_pointer, or the model, another alias"
        )

    def _drop_parent(self, relation: OceanBaseRelation, has_hidden_keys: bool) -> None:
        """Drop a table whose child keys have been moved.

        ``has_hidden_keys``: keys of hidden children still refer to it, and are ignored by the DROP.
        """
        if not has_hidden_keys:
            return self._drop_by_kind(relation)
        self.execute("set foreign_key_checks = 0")
        try:
            self._drop_by_kind(relation)
        finally:
            self.execute("set foreign_key_checks = 1")

    def _drop_by_kind(self, relation: OceanBaseRelation) -> None:
        """Drop a relation as its type says; if the server has another kind under that name, drop that."""
        try:
            self.execute(relation.drop_statement(if_exists=False))
        except DatabaseError as error:
            if error.server_code not in WRONG_KIND:
                raise
            actual = self.actual_relation(relation)
            if actual is not None:
                self.execute(actual.drop_statement(if_exists=False))
        self.cache_dropped(relation)
        self.unregister_staged(relation)

    def _move_child_key(self, key: foreign_keys.ChildKey, successor: OceanBaseRelation) -> str | None:
        """Move a foreign key to its new parent; return the message for the user if the child's rows do not fit."""
        self.execute(key.drop())
        try:
            self.execute(key.add(successor.render()))
        except DatabaseError as error:
            return key.lost_message(successor.render(), error.server_code, error.msg.splitlines()[0])
        return None

    def post_model_hook(self, config: Any, context: Any) -> None:
        """Drop the relations that are still registered: the node failed or was cancelled before it dropped them."""
        super().post_model_hook(config, context)
        # an error raised in Jinja does not reach the exception handler, and the DROP would commit the open transaction
        self.connections.rollback_if_open()
        for relation in self._staged.pop(self.connections.get_thread_identifier(), {}).values():
            self.connections.drop_quietly(relation.drop_statement())

    @available.parse_none
    def try_create(self, sql: str, target: OceanBaseRelation) -> AdapterResponse | None:
        """Run the CREATE of ``target``; return its response, or None if a relation that is not cached has the name.

        The same error code from a statement before the CREATE, for another name, stays an error.
        """
        try:
            response: AdapterResponse = self.execute(sql)[0]
        except DatabaseError as error:
            if error.server_code in NAME_TAKEN and self.actual_relation(target) is not None:
                return None
            raise
        return response

    @available.parse_none
    def try_fork(self, original: OceanBaseRelation, clone: OceanBaseRelation) -> AdapterResponse | None:
        """Clone a table by FORK TABLE, so that both share storage; return None if the server cannot fork it."""
        try:
            response: AdapterResponse = self.execute(f"fork table {original.render()} to {clone.render()}")[0]
        except DatabaseError as error:
            if error.server_code not in FORK_REFUSED:
                raise
            if error.server_code == NO_STATEMENT:
                logger.info(f"clone: {self.server_info()} has no FORK TABLE; seekdb 1.3 and 1.4 have it")
            return None
        return response

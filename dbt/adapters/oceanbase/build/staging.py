"""Create staging tables, drop the relations that they replace, and drop what a failed node leaves behind.

A staging table is a temporary table that gets the rows of a node before they take the place of the old ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.contracts.connection import AdapterResponse
from dbt_common.exceptions import DbtRuntimeError
from dbt_common.invocation import get_invocation_id

from ..catalog.server_info import NO_TABLE
from ..connect.quoting import literal
from ..execution.errors import NO_RIGHTS, NO_STATEMENT, DatabaseError
from ..relation_configs.materialized_view_adapter import MaterializedViewMixin
from ..relation_configs.materialized_view_logs import unneeded_drops_query
from ..relation_configs.partition_adapter import NO_PARTITION
from ..sql import lexer
from . import foreign_keys

if TYPE_CHECKING:
    from ..relation import OceanBaseRelation

NAME_TAKEN = frozenset({1050, 1347, 1304})
"""Error codes of CREATE if a table, a view or a function already has the name."""

STAGED_BY = "dbt run "
"""Start of the comment of a staging table. The id of the dbt invocation follows."""

TOO_WIDE = frozenset({1074, 1118})
"""Error codes of CREATE if a text is too long for a VARCHAR, or if all texts together are too long for a row."""

FORK_REFUSED = frozenset({1235, 1347, NO_STATEMENT})
"""Error codes of FORK TABLE and FORK DATABASE if the server cannot fork the table or the schema.

Examples are tables with column groups or global indexes, views, and a server that has no such statement.
"""

FOREIGN_KEY_PARENT = 3730
"""Error code of DROP if a foreign key refers to the table."""

GONE = frozenset({1017, NO_TABLE})
"""Error codes of RENAME if no relation has the old name."""

WRONG_KIND = frozenset({1051, 1347, 9757})
"""Error codes of DROP TABLE, DROP VIEW and so on if no relation of that type has the name."""


class StagingMixin(foreign_keys.ForeignKeyMixin, MaterializedViewMixin):
    """Adapter methods that create and drop the relations of a node that dbt builds."""

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._staged: dict[Any, dict[str, OceanBaseRelation]] = {}

    @available.parse(lambda relation: relation)
    def register_staged(self, relation: OceanBaseRelation) -> OceanBaseRelation:
        """Register ``relation`` to be dropped when the node that this thread builds ends. Return ``relation``."""
        key = self.connections.get_thread_identifier()
        self._staged.setdefault(key, {})[relation.render()] = relation
        return relation

    @available
    def staging_comment(self) -> str:
        """Return the comment for staging tables of this run. It contains the id of the dbt invocation."""
        return f"{STAGED_BY}{get_invocation_id()}"

    @available.parse_none
    def unregister_staged(self, relation: BaseRelation) -> None:
        """Undo ``register_staged`` for a relation that was dropped or renamed to its final name."""
        self._staged.get(self.connections.get_thread_identifier(), {}).pop(relation.render(), None)

    @available.parse_none
    def drop_if_staged(self, relation: BaseRelation) -> None:
        """Drop ``relation`` if this node has registered it by ``register_staged``."""
        if relation.render() in self._staged.get(self.connections.get_thread_identifier(), {}):
            self.drop_relation(relation)

    def drop_relation(self, relation: BaseRelation) -> None:
        """Drop a relation, and undo its registration by ``register_staged``.

        With a materialized view, the materialized view logs that no other view needs are dropped as well.
        """
        unneeded = self.logs_only_for(cast("OceanBaseRelation", relation))
        super().drop_relation(relation)  # type: ignore[no-untyped-call]  # dbt leaves it untyped
        self.unregister_staged(relation)
        self.drop_logs(unneeded)

    @available.parse(lambda *_, **__: True)
    def try_swap(
        self,
        staging: OceanBaseRelation,
        target: OceanBaseRelation,
        existing: OceanBaseRelation,
        backup: OceanBaseRelation,
    ) -> bool:
        """Rename ``existing`` to ``backup`` and ``staging`` to ``target``, by one atomic statement, and return True.

        If ``existing`` does not exist any more, for example because a pre-hook has dropped it, rename only ``staging``
        and return False. Raise DatabaseError if the server refuses to rename one of the two for any other reason.
        """
        last = f"{staging.render()} to {target.render()}"
        try:
            self.execute(f"rename table {existing.render()} to {backup.render()}, {last}")
        except DatabaseError as error:
            if error.server_code not in GONE or self.actual_relation(existing) is not None:
                raise
            self.execute(f"rename table {last}")
            return False
        return True

    @available.parse_none
    def drop_replaced(
        self, replaced: OceanBaseRelation, successor: OceanBaseRelation, staging: OceanBaseRelation | None = None
    ) -> None:
        """Make the foreign keys that refer to ``replaced`` refer to ``successor``, then drop ``replaced``.

        ``replaced`` is dropped as the type that it has on the server, even if dbt's cache has another type. If the
        server refuses to move a foreign key, for example because rows of its child table have no match in
        ``successor``, that key is lost. The other keys are moved and ``replaced`` is dropped. Then a DbtRuntimeError
        that names the lost keys and their child tables is raised. A key of ``replaced`` to itself is dropped with it.

        ``staging`` is the name that ``successor`` had until this run renamed both. If dbt's user may not see or may not
        change the child table of a foreign key, the names and the keys are as before the RENAME when a DbtRuntimeError
        is raised. Without ``staging``, nothing is renamed before the error.
        """
        try:
            self._drop_by_kind(replaced)
        except DatabaseError as error:
            if error.server_code != FOREIGN_KEY_PARENT:
                raise
            self._move_keys_and_drop(replaced, successor, staging)

    @available.parse_none
    def check_no_child_keys(self, table: OceanBaseRelation, successor: str = "a view") -> None:
        """Raise DbtRuntimeError if a foreign key of another table refers to ``table``.

        ``successor`` says in the error what will replace the table: a view or an external table. Neither can be the
        parent of a foreign key.
        """
        keys = self._keys_of_others(self._child_keys(table), table)
        if keys:
            named = ", ".join(f"{key.name} of {key.child}" for key in keys)
            raise DbtRuntimeError(
                f"materialized: {table.render()} cannot become {successor}, since foreign keys refer to it: {named}; "
                f"drop them first: {'; '.join(key.drop() for key in keys)}"
            )

    @available.parse_none
    def check_view_self_reference(self, view: OceanBaseRelation, sql: str) -> None:
        """Raise DbtRuntimeError if ``sql``, the query of ``view``, is only a SELECT * from the view itself.

        This happens in two cases. Either the query selects from ``{{ this }}``, or ``view`` is the latest-version
        pointer of a versioned model, which is a view that selects one version. If the names of this pointer and of the
        version differ only in case, dbt treats them as two relations, but a server that ignores case treats them as
        one.
        """
        # the query may end in a semicolon
        query = ";".join(lexer.split(sql))
        fold, read = self.name_folding(), re.fullmatch(r"select \* from (.+)", query, re.I)
        if read is None or fold(read[1]) != fold(view.render()):
            return
        if read[1] == view.render():
            raise DbtRuntimeError(
                f"view {view.render()} would read from itself, because it selects from {{{{ this }}}}: materialize "
                "the model as table or incremental, which may read the rows that they replace"
            )
        raise DbtRuntimeError(
            f"view {view.render()} would read from itself, since the server takes names that differ in case only "
            "for one: give the latest_version_pointer, or the model, another alias"
        )

    def _keys_of_others(
        self, keys: Sequence[foreign_keys.ChildKey], table: OceanBaseRelation
    ) -> list[foreign_keys.ChildKey]:
        """Return those of ``keys`` whose child is neither ``table`` itself nor a hidden table."""
        fold = self.name_folding()
        return [key for key in keys if fold(key.child) != fold(table.render()) and not key.is_hidden]

    def _move_keys_and_drop(
        self, replaced: OceanBaseRelation, successor: OceanBaseRelation, staging: OceanBaseRelation | None
    ) -> None:
        """Do the work of ``drop_replaced`` after the server has refused to drop ``replaced``."""
        keys = self._child_keys(replaced)
        tried: list[foreign_keys.ChildKey] = []
        failures: list[str] = []
        try:
            for key in self._keys_of_others(keys, replaced):
                failure = self._move_child_key(key, successor)
                tried.append(key)
                failures += [failure] if failure else []
            self._drop_parent(replaced, has_hidden_keys=any(key.is_hidden for key in keys))
        except DatabaseError as error:
            if error.server_code != FOREIGN_KEY_PARENT and error.server_code not in NO_RIGHTS:
                raise
            if staging is not None:
                # a lost key is added again, too, since it holds for the old rows
                failures = self._undo_swap(replaced, successor, staging, tried)
            refusal = foreign_keys.refusal_message(error, replaced, successor, is_undone=staging is not None)
            raise DbtRuntimeError("\n".join([refusal, *failures])) from error
        if failures:
            raise DbtRuntimeError("\n".join(failures))

    def _drop_parent(self, relation: OceanBaseRelation, has_hidden_keys: bool) -> None:
        """Drop the table ``relation``, which a new table has replaced.

        The caller has already made the foreign keys of other tables refer to the new table. ``has_hidden_keys`` means
        that foreign keys of hidden tables (see ``ChildKey.is_hidden``) still refer to ``relation``. The DROP then
        ignores foreign keys.
        """
        if not has_hidden_keys:
            return self._drop_by_kind(relation)
        self.execute("set foreign_key_checks = 0")
        try:
            self._drop_by_kind(relation)
        finally:
            self.execute("set foreign_key_checks = 1")

    def _drop_by_kind(self, relation: OceanBaseRelation) -> None:
        """Drop a relation, even if the server has it as another type than ``relation`` says.

        If it is a materialized view, the materialized view logs that no other view needs are dropped as well.
        """
        unneeded = self.logs_only_for(relation)
        try:
            self.execute(relation.drop_statement(if_exists=False))
        except DatabaseError as error:
            if error.server_code not in WRONG_KIND:
                raise
            actual = self.actual_relation(relation)
            if actual is not None:
                unneeded = self.logs_only_for(actual)
                self.execute(actual.drop_statement(if_exists=False))
        self.drop_logs(unneeded)
        self.cache_dropped(relation)
        self.unregister_staged(relation)

    def _undo_swap(
        self,
        replaced: OceanBaseRelation,
        successor: OceanBaseRelation,
        staging: OceanBaseRelation,
        tried: Sequence[foreign_keys.ChildKey],
    ) -> list[str]:
        """Rename ``successor`` to ``staging`` and ``replaced`` to ``successor``, by one statement.

        Then make the foreign keys ``tried`` refer to the old table again. Return an error message for each that the
        server refuses. The relation ``staging`` is dropped when the node ends.
        """
        self.execute(
            f"rename table {successor.render()} to {staging.render()}, {replaced.render()} to {successor.render()}"
        )
        self.register_staged(staging)
        self.unregister_staged(replaced)
        for relation in (replaced, successor):
            self.cache_dropped(relation)
        self.cache_added(successor.incorporate(type=replaced.type))
        return [failure for key in tried if (failure := self._move_child_key(key, successor))]

    def post_model_hook(self, config: Any, context: Any) -> None:
        """Drop the relations that the node has registered by ``register_staged`` and not dropped or renamed itself.

        dbt calls this after each node, even if the node failed or was cancelled. An open transaction is rolled back
        first. A staging table is kept if its comment shows that another run of the node has created it. If a dropped
        relation is a materialized view, the materialized view logs that only this view needs are dropped as well.
        """
        super().post_model_hook(config, context)
        # after an error raised in Jinja the transaction may still be open, and the DROP would commit it
        self.connections.rollback_if_open()
        for relation in self._staged.pop(self.connections.get_thread_identifier(), {}).values():
            schema, name = literal(relation.schema or ""), literal(relation.identifier or "")
            of_another_run = (
                f"select 1 from information_schema.tables where table_schema = {schema} and table_name = {name} "
                f"and table_comment like '{STAGED_BY}%' and table_comment <> {literal(self.staging_comment())}"
            )
            is_view = relation.is_materialized_view
            unneeded = unneeded_drops_query(relation.schema, relation.identifier) if is_view else ""
            self.connections.drop_quietly(relation.drop_statement(), unless=of_another_run, with_it=unneeded)

    @available.parse_none
    def try_create(
        self, sql: str, target: OceanBaseRelation, may_be_too_wide: bool = False, may_lack_partition: bool = False
    ) -> AdapterResponse | str | None:
        """Run ``sql``, which creates ``target``. Return the response, or None or a text if ``target`` is not created.

        After None and a text, the transaction is still open if the server has not committed it, so that rows of a
        pre-hook are committed by the CREATE that the caller sends next. After an error it is rolled back.

        Return None if the server already has a relation with the name of ``target``, for example one that dbt's cache
        lacks. If ``sql`` fails because any other name is taken, the error is raised. If ``may_be_too_wide`` is true,
        return ``too wide`` when the server refuses texts as too long for VARCHAR or for a row. If
        ``may_lack_partition`` is true, return ``no partition`` when no partition of the table can hold one of the rows.
        For all other failures, raise DatabaseError, or DbtRuntimeError if ``sql`` reads files in a way that the server
        refuses in CREATE TABLE ... AS.
        """
        try:
            with self.connections.get_thread_connection().keeping_transaction():
                response: AdapterResponse = self.execute(sql)[0]
        except DatabaseError as error:
            if error.server_code in TOO_WIDE and may_be_too_wide:
                return "too wide"
            if error.server_code == NO_PARTITION and may_lack_partition:
                return "no partition"
            if error.server_code == NO_TABLE and "temp_external_" in error.msg:
                self.connections.rollback_if_open()
                raise DbtRuntimeError(
                    f"files(): {self.server_info()} cannot create a table from it: declare the files as a source with "
                    "the key external"
                ) from error
            if error.server_code in NAME_TAKEN and self.actual_relation(target) is not None:
                return None
            self.connections.rollback_if_open()
            raise
        return response

    @available.parse_none
    def try_fork(self, original: OceanBaseRelation, clone: OceanBaseRelation) -> AdapterResponse | str:
        """Clone the table ``original`` as ``clone`` by FORK TABLE, and return the response.

        Both tables then share their storage. If the server has no FORK TABLE, or if it cannot fork this table, return
        the reason instead, as text. For all other failures, raise DatabaseError.
        """
        try:
            response: AdapterResponse = self.execute(f"fork table {original.render()} to {clone.render()}")[0]
        except DatabaseError as error:
            if error.server_code not in FORK_REFUSED:
                raise
            if error.server_code == NO_STATEMENT:
                return f"{self.server_info()} has no FORK TABLE; seekdb 1.3 and 1.4 have it"
            return f"the server cannot fork it: {error.reason} ({error.server_code})"
        return response

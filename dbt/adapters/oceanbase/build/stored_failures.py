"""Store the failing rows of a data test in TEXT columns if their texts are too long for other columns."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.contracts.connection import AdapterResponse

from ..catalog.adapter_base import OceanBaseAdapterBase
from ..execution.errors import DatabaseError
from .staging import TOO_WIDE

if TYPE_CHECKING:
    import agate


class StoredFailureMixin(OceanBaseAdapterBase):
    """Adapter methods that create the table of a data test again if the server refuses its texts as too long.

    dbt's own materialization of data tests runs the CREATE TABLE ... AS, so no macro of the adapter sees the error. The
    materialization is not replaced, because the adapter's one would take the place of those of packages, too.
    """

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._wide: dict[Any, tuple[str, Callable[[], str]]] = {}

    @available.parse_none
    def create_wide_if_refused(
        self, create_sql: str, create_table_as: Callable[..., str], relation: BaseRelation, sql: str
    ) -> None:
        """Make ``execute`` send another statement if the server refuses texts in ``create_sql`` as too long.

        ``create_sql`` is the CREATE TABLE ... AS that this thread sends next. The other statement is made only if it is
        needed, by the macro ``create_table_as`` with its argument ``wide_texts``. ``relation`` is the table, and
        ``sql`` its SELECT.
        """
        wide = partial(create_table_as, False, relation, sql, wide_texts=True)
        self._wide[self.connections.get_thread_identifier()] = create_sql.strip(), wide

    def execute(
        self, sql: str, auto_begin: bool = False, fetch: bool = False, limit: int | None = None
    ) -> tuple[AdapterResponse, agate.Table]:
        """Run the statement ``sql``, and return dbt's response and a table of the rows.

        ``auto_begin``, ``fetch``, ``limit`` and the errors are those of the connection manager's ``execute``. If
        ``sql`` contains the statement of ``create_wide_if_refused``, and the server refuses its texts as too long, it
        is run again with the other statement in its place.
        """
        outcome: tuple[AdapterResponse, agate.Table]
        thread = self.connections.get_thread_identifier() if self._wide else None
        narrow, wide = self._wide.get(thread, ("", None))
        if wide is None or narrow not in sql:
            outcome = super().execute(sql, auto_begin, fetch, limit)
            return outcome
        del self._wide[thread]
        try:
            outcome = super().execute(sql, auto_begin, fetch, limit)
        except DatabaseError as error:
            if error.server_code not in TOO_WIDE:
                raise
            outcome = super().execute(sql.replace(narrow, wide().strip()), auto_begin, fetch, limit)
        return outcome

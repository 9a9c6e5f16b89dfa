"""Find the last refresh, the next refresh and the last error of materialized views.

An operator sees them by the macro ``oceanbase__list_refreshes``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from dbt.adapters.base import available
from dbt_common.exceptions import DbtRuntimeError

from ..catalog.server_info import NO_TABLE
from ..connect.errors import one_line
from ..connect.quoting import identifier, literal
from ..execution.errors import NO_RIGHTS, DatabaseError
from ..relation import OceanBaseRelation
from .materialized_view_adapter import UNKNOWN_COLUMN, MaterializedViewMixin

CATALOGS = ("DBA_MVIEWS", "DBA_MVREF_STATS", "DBA_SCHEDULER_JOBS", "DBA_SCHEDULER_JOB_RUN_DETAILS")
"""Views of the schema ``oceanbase`` that the operation reads."""

ERROR_CHARACTERS = 300
"""Maximum number of characters of a server's error message in the result of ``refresh_states``."""

_NOT_COUNTED = NO_RIGHTS | {NO_TABLE}
"""Error codes with which counting the rows of a view may fail. The number of rows is then None.

They mean that the user may not read the rows, or that the view was dropped after the catalogs had been read.
"""

_AGE = "unix_timestamp(now(6)) - v.data_sync_scn / 1000000000"
_AGE_WITHOUT_SCN = "timestampdiff(second, v.last_refresh_date, now())"
"""SQL for the age of a view's rows in seconds, for servers whose catalog has no column ``data_sync_scn``.

All other servers have this column, and ``_AGE`` reads it. It holds the moment whose data the rows show, in nanoseconds
since 1970. It is right even for a view that reads another materialized view: the rows are then as old as those of the
other view. The columns ``staleness`` (always NULL) and ``data_sync_delay`` (wrong by the session's time zone) of the
same catalog are not used.
"""

_STATES = """
select v.owner, v.mview_name, v.container_name, lower(v.refresh_method), lower(v.last_refresh_type),
  v.last_refresh_date, timestampdiff(second, v.last_refresh_date, v.last_refresh_end_time),
  cast({age} as signed), j.next_run_date, j.enabled, f.start_time, f.result, d.time, d.code, d.message
from oceanbase.DBA_MVIEWS v
left join oceanbase.DBA_SCHEDULER_JOBS j
  on j.job_name like 'MVIEW_REFRESH%' and locate(concat('''', v.owner, '.', v.mview_name, ''''), j.job_action) > 0
left join (
  select mv_owner, mv_name, start_time, result,
    row_number() over (partition by mv_owner, mv_name order by refresh_id desc) as place
  from oceanbase.DBA_MVREF_STATS where result <> 0
) f on f.mv_owner = v.owner and f.mv_name = v.mview_name and f.place = 1
left join (
  select job_name, time, code, message, row_number() over (partition by job_name order by time desc) as place
  from oceanbase.DBA_SCHEDULER_JOB_RUN_DETAILS where code <> 0
) d on d.job_name = j.job_name and d.place = 1
where v.owner in ({schemas}) order by v.owner, v.mview_name"""
"""Query for the states of the materialized views of some schemas. It does not count the rows of the views.

Each view is joined with its scheduled job (``j``), its last failed refresh (``f``, which has only an error code) and
the last failed run of its job (``d``, which has the server's message).
"""


class _Row(NamedTuple):
    """The refreshes of a materialized view: a row of the query ``_STATES``. Times are in the session's time zone."""

    schema: str
    name: str
    container: str
    method: str
    kind: str | None
    refreshed_at: datetime | None
    seconds: int | None
    age: int | None
    next_at: datetime | None
    enabled: Any
    failed_at: datetime | None
    failed_code: int | None
    job_failed_at: datetime | None
    job_code: int | None
    job_message: str | None

    @property
    def error(self) -> tuple[datetime | None, str | None]:
        """Return the time and the text of the last failed refresh, or ``(None, None)`` if no refresh has failed.

        The server keeps two lists: failed refreshes, which have only an error code, and failed runs of the scheduled
        job, which have a message. A run that failed is in both lists, and its refresh began before the run ended. So
        the last failed run is returned if it is not older than the last failed refresh. It is also returned if both
        have the same error code, because its message says more. In all other cases, the failed refresh is returned.
        """
        if self.job_failed_at is not None and (
            self.failed_at is None or self.job_failed_at >= self.failed_at or self.job_code == self.failed_code
        ):
            return self.job_failed_at, one_line(str(self.job_message), ERROR_CHARACTERS)
        return self.failed_at, None if self.failed_at is None else f"error {self.failed_code}"


class RefreshStateMixin(MaterializedViewMixin):
    """Adapter methods for the operation that lists the refreshes of materialized views."""

    @available.parse_list
    def refresh_states(self, schemas: Iterable[str]) -> list[dict[str, Any]]:
        """Return a dict for each materialized view in ``schemas``, ordered by schema and name.

        Keys about the view: ``relation`` (the view), ``method`` (str, the configured refresh method), ``rows`` (int,
        the number of rows that are stored now, or None if the rows may not be read or the view has just been dropped)
        and ``age`` (int, how many seconds old the data in these rows is). Keys about the last refresh: ``kind`` (str,
        ``complete`` or ``fast``), ``refreshed_at`` (datetime of its start) and ``seconds`` (int, its duration). Keys
        about the scheduled job: ``next_at`` (datetime of the next refresh) and ``is_disabled`` (bool). Keys about the
        last failed refresh: ``error`` (str) and ``error_at`` (datetime). The key ``line`` has all of this as one line
        of text. A value that does not exist is None. Times are in the time zone of the session.

        One query reads the catalogs, and another one counts the rows of all views. If the rows of a view cannot be
        read, a query for each view counts its rows. Raise DbtRuntimeError if the server has no materialized views or
        the user may not read their list, and DatabaseError if a query fails for another reason, for example because
        the user may not read one of the other catalogs.
        """
        if not self.server_info().has_materialized_views:
            reason = self.why_no_materialized_views("run it on one of them", CATALOGS)
            raise DbtRuntimeError(f"oceanbase__list_refreshes: {': '.join(reason)}")
        names = ", ".join(literal(name) for name in sorted(set(schemas)))
        rows = [_Row(*row) for row in self._state_rows(names)] if names else []
        counts = self._stored_rows(rows)
        return [self._state(row, counts.get(index)) for index, row in enumerate(rows)]

    def _state_rows(self, schemas: str) -> list[Any]:
        try:
            _, cursor = self.connections.add_select_query(_STATES.format(age=_AGE, schemas=schemas))
        except DatabaseError as failure:
            if failure.server_code != UNKNOWN_COLUMN:
                raise
            _, cursor = self.connections.add_select_query(_STATES.format(age=_AGE_WITHOUT_SCN, schemas=schemas))
        return list(cursor.fetchall())

    def _stored_rows(self, rows: list[_Row]) -> dict[int, int]:
        """Return the number of stored rows of each materialized view in ``rows``, by its position in ``rows``.

        A view whose rows cannot be read is left out. The queries count the rows of the table that stores the view. A
        query of the view itself might compute its rows.
        """
        counts = [
            f"select {index}, count(*) from {identifier(row.schema)}.{identifier(row.container)}"
            for index, row in enumerate(rows)
        ]
        if not counts:
            return {}
        together = self._numbers(" union all ".join(counts))
        if together is not None:
            return together
        each = (self._numbers(count) for count in counts) if len(counts) > 1 else ()
        return {index: number for found in each if found is not None for index, number in found.items()}

    def _numbers(self, counts: str) -> dict[int, int] | None:
        """Run ``counts``, a query of ``_stored_rows``, and return the numbers of rows by the positions of the views.

        Both numbers come from the query: each of its rows has the position of a materialized view and the number of its
        stored rows. Return None if the user may not read a table in the query, or if a table does not exist any more.
        """
        try:
            _, cursor = self.connections.add_select_query(counts)
        except DatabaseError as failure:
            if failure.server_code not in _NOT_COUNTED:
                raise
            return None
        return {int(index): int(number) for index, number in cursor.fetchall()}

    def _state(self, row: _Row, stored: int | None) -> dict[str, Any]:
        error_at, error = row.error
        is_disabled = row.next_at is not None and str(row.enabled).upper() in ("0", "FALSE", "NO")
        state = {
            "relation": self.Relation.create(
                schema=row.schema, identifier=row.name, type=self.Relation.MaterializedView
            ),
            "method": row.method,
            "kind": row.kind,
            "refreshed_at": row.refreshed_at,
            "seconds": row.seconds,
            "rows": stored,
            "age": row.age,
            "next_at": None if is_disabled else row.next_at,
            "is_disabled": is_disabled,
            "error": error,
            "error_at": error_at,
        }
        return {**state, "line": "; ".join(_parts(state))}


def _parts(state: dict[str, Any]) -> Iterator[str]:
    """Yield the parts of the text that describes the refreshes of one materialized view in one line.

    ``state`` is the view's dict in the result of ``refresh_states``, still without the key ``line``.
    """
    relation: OceanBaseRelation = state["relation"]
    stored = "rows unknown" if state["rows"] is None else f"{state['rows']} rows"
    yield f"{relation.render()} ({state['method']}): {stored}"
    if state["refreshed_at"] is not None:
        yield f"{state['kind']} refresh at {state['refreshed_at']:%Y-%m-%d %H:%M:%S} in {state['seconds']} s"
    if state["age"] is not None:
        yield f"data as of {state['age']} s ago"
    if state["is_disabled"]:
        yield "its scheduled job is disabled"
    elif state["next_at"] is not None:
        yield f"next at {state['next_at']:%Y-%m-%d %H:%M:%S}"
    if state["error"] is not None:
        yield f"last error at {state['error_at']:%Y-%m-%d %H:%M:%S}: {state['error']}"

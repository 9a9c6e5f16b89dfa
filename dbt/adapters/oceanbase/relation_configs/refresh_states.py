"""List when materialized views were refreshed, when they will be, and why not: for a macro that an operator runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from dbt.adapters.base import available
from dbt_common.exceptions import DbtRuntimeError

from ..connect.errors import one_line
from ..connect.quoting import identifier, literal
from ..execution.errors import DatabaseError
from ..relation import OceanBaseRelation
from .materialized_view_adapter import AVAILABLE_IN, UNKNOWN_COLUMN, MaterializedViewMixin

ERROR_CHARACTERS = 300
"""Maximum characters of a server's error message in the list."""

_AGE = "unix_timestamp(now(6)) - v.data_sync_scn / 1000000000"
_AGE_WITHOUT_SCN = "timestampdiff(second, v.last_refresh_date, now())"
"""SQL for the age of a view's rows in seconds.

The column ``data_sync_scn`` holds the nanosecond as of which the rows are. It knows that a view of a materialized view
is as old as the view that it reads. Not every server has this column. The columns ``staleness`` (always NULL) and
``data_sync_delay`` (wrong by the session's time zone) of the same catalog are not used.
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
"""Query for the states of the materialized views of some schemas, without the numbers of their rows.

Each view is joined with its scheduled job (``j``), its last failed refresh (``f``, which has only an error code) and
the last failed run of its job (``d``, which has the server's message).
"""


class _Row(NamedTuple):
    """A row of the query ``_STATES``. Times are in the time zone of the session."""

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
        """Return the time and the text of the last failed refresh, or two times None if none has failed.

        The server lists a failed run of the job as a failed refresh as well, which began before the run ended. The
        message of the run is returned then. A refresh that no job made has only an error code. If the code is that of
        the last failed run, the run is returned although it is older, because it has the message.
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

        Its keys are ``relation``, ``method`` (str, the configured refresh method), ``kind`` (str, ``complete`` or
        ``fast``, of the last refresh), ``refreshed_at`` (datetime of its start), ``seconds`` (int, its duration),
        ``rows`` (int, the rows that are stored now), ``age`` (int, the seconds since the moment whose data the rows
        show), ``next_at`` (datetime of the next scheduled refresh), ``is_disabled`` (bool, whether its job is
        disabled), ``error`` (str, the last error of a refresh), ``error_at`` (datetime of that error) and ``line``
        (str, all of these as text). A value that does not exist is None. Times are in the time zone of the session.

        Two queries are sent. Raise DbtRuntimeError if the server has no materialized views, and DatabaseError if the
        user may not read one of the catalogs.
        """
        if not self.server_info().has_materialized_views:
            raise DbtRuntimeError(
                f"oceanbase__list_refreshes: {self.server_info()} has no materialized views, or the user may not read "
                f"oceanbase.DBA_MVIEWS; {AVAILABLE_IN}"
            )
        names = ", ".join(literal(name) for name in sorted(set(schemas)))
        rows = [_Row(*row) for row in self._state_rows(names)] if names else []
        counts = self._stored_rows(rows)
        return [self._state(row, counts[index]) for index, row in enumerate(rows)]

    def _state_rows(self, schemas: str) -> list[Any]:
        try:
            _, cursor = self.connections.add_select_query(_STATES.format(age=_AGE, schemas=schemas))
        except DatabaseError as failure:
            if failure.server_code != UNKNOWN_COLUMN:
                raise
            _, cursor = self.connections.add_select_query(_STATES.format(age=_AGE_WITHOUT_SCN, schemas=schemas))
        return list(cursor.fetchall())

    def _stored_rows(self, rows: list[_Row]) -> dict[int, int]:
        """Return the number of stored rows of each view in ``rows``, by the position of the view in ``rows``.

        The table that stores the view is read. A query of the view itself might compute it.
        """
        if not rows:
            return {}
        counts = " union all ".join(
            f"select {index}, count(*) from {identifier(row.schema)}.{identifier(row.container)}"
            for index, row in enumerate(rows)
        )
        _, cursor = self.connections.add_select_query(counts)
        return {int(index): int(number) for index, number in cursor.fetchall()}

    def _state(self, row: _Row, stored: int) -> dict[str, Any]:
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
    """Yield the parts of the line about a materialized view, whose ``state`` is a dict of ``refresh_states``."""
    relation: OceanBaseRelation = state["relation"]
    yield f"{relation.render()} ({state['method']}): {state['rows']} rows"
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

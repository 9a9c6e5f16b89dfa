"""The lines about the server that ``dbt debug`` shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dbt_common.exceptions import DbtRuntimeError

from ..connect.errors import one_line
from ..execution.runner import ask

if TYPE_CHECKING:
    from ..connect import Session
    from ..credentials import OceanBaseCredentials
    from .server_info import ServerInfo

_QUERY = """
select @@character_set_connection, @@collation_connection, @@time_zone, @@sql_mode,
  @@ob_query_timeout / 1000000, @@ob_trx_timeout / 1000000, @@ob_trx_lock_timeout / 1000000,
  current_user(), database()"""

_MODE = "show variables like 'ob_compatibility_mode'"


def report(session: Session, server: ServerInfo, credentials: OceanBaseCredentials) -> Iterator[str]:
    """Yield lines with the server's versions, tenant, cluster, mode, character set, time zone and timeouts.

    Raises DatabaseError if a query fails. Raises DbtRuntimeError, after all lines, if the user may not use the
    profile's schema (error 1044).
    """
    charset, collation, zone, mode, query, transaction, lock, user, schema = ask(session, _QUERY).fetchone()
    compatibility = ask(session, _MODE).fetchone()
    yield f"server: {server}"
    yield f"place: {session.endpoint}, session {session.id}, logged in as {user}"
    yield f"tenant: {credentials.tenant or 'as the server decides'}, cluster: {credentials.cluster or 'not given'}"
    yield f"compatibility mode: {compatibility[1] if compatibility else 'MYSQL'}"
    yield f"character set: {charset}, collation: {collation}"
    yield f"time zone: {zone}"
    yield f"sql_mode: {mode}"
    limits = {"query_timeout": query, "transaction_timeout": transaction, "lock_timeout": lock}
    yield ", ".join(f"{name}: {float(seconds):.15g} s" for name, seconds in limits.items())
    yield f"schema: {credentials.schema}" + ("" if schema else " (does not exist yet: dbt creates it)")
    if session.schema_denied:
        raise DbtRuntimeError(
            one_line(
                f"{session.endpoint}: {session.schema_denied} (1044): the user may not use schema "
                f"{credentials.schema!r}, or it is missing and must be created by somebody else: grant rights on it"
            )
        )

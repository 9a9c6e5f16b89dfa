"""Make the lines about the server that ``dbt debug`` shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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

_GRANT = re.compile(r"GRANT (?P<rights>.+) ON (?:\*|`(?P<schema>(?:[^`]|``)+)`)\.\* TO ", re.I)
_ROLE = re.compile(r"GRANT (?:(?! ON ).)+ TO ", re.I)


def report(session: Session, server: ServerInfo, credentials: OceanBaseCredentials) -> Iterator[str]:
    """Yield the lines that ``dbt debug`` shows about the server.

    They show the server's versions, the session, the embedded engine if there is one, the tenant, the cluster, the
    compatibility mode, the character set, the time zone, the SQL mode, the timeouts and the schema. ``session`` is used
    for the queries, ``server`` has the versions, and ``credentials`` are the profile. Raise DatabaseError if a query
    other than SHOW GRANTS fails. Raise DbtRuntimeError, after all lines, if the user may not use the profile's schema
    (error 1044).
    """
    charset, collation, zone, mode, query, transaction, lock, user, schema = ask(session, _QUERY).fetchone()
    compatibility = ask(session, _MODE).fetchone()
    yield f"server: {server}"
    yield f"place: {session.endpoint}, session {session.id}, logged in as {user}"
    if engine := credentials.options().engine:
        when = f"{engine.linger:g} s after" if engine.linger else "with"
        yield f"engine: stops {when} the last process that uses it"
    yield f"tenant: {credentials.tenant or 'as the server decides'}, cluster: {credentials.cluster or 'not given'}"
    yield f"compatibility mode: {compatibility[1] if compatibility else 'MYSQL'}"
    yield f"character set: {charset}, collation: {collation}"
    yield f"time zone: {zone}"
    yield f"sql_mode: {mode}"
    limits = {"query_timeout": query, "transaction_timeout": transaction, "lock_timeout": lock}
    yield ", ".join(f"{name}: {float(seconds):.15g} s" for name, seconds in limits.items())
    yield f"schema: {credentials.schema}" + ("" if schema else _why_not_in_use(session, credentials.schema))
    if session.schema_denied:
        raise DbtRuntimeError(
            one_line(
                f"{session.endpoint}: {session.schema_denied} (1044): the user may not use schema "
                f"{credentials.schema!r}, or it is missing and must be created by somebody else: grant rights on it"
            )
        )


def _why_not_in_use(session: Session, schema: str) -> str:
    if session.schema_denied:
        return " (access denied)"
    try:
        grants = [str(row[0]) for row in ask(session, "show grants").fetchall()]
    except DbtRuntimeError:
        return " (does not exist yet)"
    if may_create(schema, grants):
        return " (does not exist yet: dbt creates it)"
    if any(_ROLE.match(grant) for grant in grants):
        return " (does not exist yet: dbt creates it if the user's roles allow that)"
    return " (does not exist, and the user may not create it: grant create on it, or have it created)"


def may_create(schema: str, grants: Iterable[str]) -> bool:
    """Check whether a user with ``grants``, the lines of SHOW GRANTS, may create the schema ``schema``.

    Rights that the user has only through a role are not found.
    """
    for found in filter(None, map(_GRANT.match, grants)):
        rights = [right.strip().lower() for right in found["rights"].split(",")]
        if not {"create", "all privileges", "all"}.isdisjoint(rights) and _covers(found["schema"], schema):
            return True
    return False


def _covers(pattern: str | None, schema: str) -> bool:
    """Check whether a grant on ``pattern`` also applies to the schema ``schema``.

    ``pattern`` is the schema in the grant, which may have the wildcards of LIKE. None stands for all schemas.
    """
    if pattern is None:
        return True
    parts = re.findall(r"\\.|.", pattern.replace("``", "`"), re.S)
    likes = {"%": ".*", "_": "."}
    expression = "".join(likes.get(part) or re.escape(part.removeprefix("\\") or part) for part in parts)
    return re.fullmatch(expression, schema, re.I | re.S) is not None

"""Discovery for ``hosts: auto``: ask one server of a tenant for all of them."""

from __future__ import annotations

import pymysql

from .. import codes
from ..errors import ConnectError, DiscoveryFailed, code_of, is_link_lost, one_line, text_of
from ..options import Endpoint, LoginOptions
from ..session.session import Session
from ..transport.deadline import Deadline

VIEW = "oceanbase.DBA_OB_ACCESS_POINT"
"""OceanBase's list of the servers on which a tenant can be reached, with their SQL ports."""

QUERY = f"select tenant_name, svr_ip, sql_port from {VIEW} order by svr_ip, sql_port"

QUERY_SECONDS = 10.0
"""Time limit for the answer, since the time limit for opening is over by then."""

_MISSING = frozenset({1049, 1109, 1146})
"""Codes for a view that does not exist. Both kernels answer 1146, also to a user without rights."""

_DENIED = frozenset({1044, 1142, 1143, 1227})
"""Codes for a view that exists and that the user may not read. Both kernels answer 1142."""

_REMEDY = "list the servers in hosts"


def access_points(session: Session, login: LoginOptions, seconds: float = QUERY_SECONDS) -> tuple[Endpoint, ...]:
    """Ask the server of ``session`` for all servers of its tenant, within ``seconds``, and return at least one.

    The view shows the user's own tenant. Where it shows several, the tenant of ``login`` is chosen. Raises
    DiscoveryFailed if the server does not show any, and HostUnreachable if the link is lost or time is over.
    """
    guard = Deadline(session.link, seconds)
    try:
        with guard:
            rows = list(session.run(QUERY).fetchall())
    except pymysql.err.MySQLError as error:
        if not guard.expired:
            raise _refusal(error, session, login) from error
    if guard.expired:
        raise codes.late(session.endpoint, seconds)
    tenant = tenant_of(login)
    if len({name for name, _, _ in rows}) > 1:
        rows = [row for row in rows if str(row[0]).lower() == tenant.lower()]
    if not rows:
        text = f"hosts auto: {VIEW} names no server of tenant {one_line(tenant, 64)!r}: {_REMEDY}"
        raise DiscoveryFailed(text, None, str(session.endpoint))
    return tuple(dict.fromkeys(Endpoint(str(ip), int(port)) for _, ip, port in rows))


def tenant_of(login: LoginOptions) -> str:
    """Return the tenant that ``login`` names, or ``sys``, OceanBase's default."""
    after = login.name.partition("@")[2]
    return after.partition("#")[0] or "sys"


def _refusal(error: pymysql.err.MySQLError, session: Session, login: LoginOptions) -> ConnectError:
    if is_link_lost(error):
        return codes.opening_error(error, session.endpoint, login.name)
    code, remedy = code_of(error), _REMEDY
    if code in _MISSING:
        text = f"this server has no view {VIEW} (seekdb, or OceanBase before 4.x)"
    elif code in _DENIED:
        text = f"the user may not read {VIEW} ({code})"
        remedy = f"grant it select on that view, or {_REMEDY}"
    else:
        text = f"{VIEW} cannot be read ({code}): {one_line(text_of(error), 100)}"
    return DiscoveryFailed(f"hosts auto: {text}: {remedy}", code, str(session.endpoint))

"""Find all servers of a tenant by a query to one of them, for the profile setting ``hosts: auto``."""

from __future__ import annotations

import pymysql

from .. import codes
from ..errors import ConnectError, DiscoveryFailed, code_of, is_link_lost, one_line, text_of
from ..options import Endpoint, LoginOptions
from ..session.session import Session
from ..transport.deadline import Deadline

VIEW = "oceanbase.DBA_OB_ACCESS_POINT"
"""OceanBase's system view of the servers on which a tenant accepts connections, with their SQL ports."""

QUERY = f"select tenant_name, svr_ip, sql_port from {VIEW} order by svr_ip, sql_port"

QUERY_SECONDS = 10.0
"""Default time limit in seconds for the query that lists a tenant's servers. Opening the session has its own limit."""

_MISSING = frozenset({1049, 1109, 1146})
"""Error codes with which a server says that the view DBA_OB_ACCESS_POINT does not exist.

seekdb 1.3 and 1.4 send 1146, also to a user without rights.
"""

_DENIED = frozenset({1044, 1142, 1143, 1227})
"""Error codes if the user may not read the system view DBA_OB_ACCESS_POINT. Kernels 1.3 and 1.4 send 1142."""

_REMEDY = "list the servers in hosts"


def access_points(session: Session, login: LoginOptions, seconds: float = QUERY_SECONDS) -> tuple[Endpoint, ...]:
    """Return the addresses of all servers of the tenant of ``login``. There is at least one address.

    The server of ``session`` lists the addresses in OceanBase's system view DBA_OB_ACCESS_POINT. The view usually lists
    the user's own tenant only. If the view lists several tenants, only the servers of the tenant of ``login`` are
    returned. Raises DiscoveryFailed if the view cannot be read or lists no server of the tenant, HostUnreachable if the
    query takes longer than ``seconds``, and the error of ``codes.opening_error`` if the connection is lost.
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
    """Return the tenant in the user name of ``login``, or OceanBase's default tenant ``sys`` if it has none."""
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

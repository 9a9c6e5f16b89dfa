"""``hosts: auto``: the servers of a tenant, as one of them names them."""

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

SECONDS = 10.0
"""For the answer: it comes before the deadline of any statement applies."""

_MISSING = frozenset({1049, 1109, 1146})
_DENIED = frozenset({1044, 1142, 1143, 1227})
"""Both kernels say 1146 for a view that is missing, also to a user without rights, and 1142 for one that is not."""

_REMEDY = "list the servers in hosts"


def access_points(session: Session, login: LoginOptions, seconds: float = SECONDS) -> tuple[Endpoint, ...]:
    """Ask the server of ``session`` for all servers of its tenant, within ``seconds``; at least one.

    The view shows a user's own tenant. Where it shows several, ``login`` tells which one is meant. Raises
    DiscoveryFailed when the server does not tell, and HostUnreachable when the link is lost.
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
    """Give the name of the tenant that ``login`` names, or ``sys``, which OceanBase takes without one."""
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

"""Convert grantees, the users named in GRANT and REVOKE, between the server's spelling and dbt's ``grants`` config."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..connect.quoting import literal

if TYPE_CHECKING:
    import agate

ANY_HOST = "%"
"""The host part of an account that may log in from any host."""

_ACCOUNT = re.compile(
    r"""\A\s*(?P<user>'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|[^@]*)"""
    r"""(?:\s*@\s*(?P<host>'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|.*?))?\s*\Z""",
    re.S,
)

Grants = dict[str, list[str]]
"""Lists of grantees by privilege, such as ``{"select": ["reader", "writer@localhost"]}``."""


def _quoted(part: str) -> str:
    return "'" + part.replace("'", "''") + "'"


def _unquoted(part: str) -> str:
    if len(part) > 1 and part[0] == part[-1] and part[0] in "'\"`":
        return part[1:-1].replace(part[0] * 2, part[0])
    return part


def account(grantee: str) -> tuple[str, str]:
    """Return user and host of a grantee in the form ``name`` or ``name@host``. Either part may be quoted.

    If the grantee has no host, the returned host is ``%``, which means any host.
    """
    match = _ACCOUNT.match(grantee)
    if match is None:
        return grantee, ANY_HOST
    host = match.group("host")
    return _unquoted(match.group("user")), ANY_HOST if host is None else _unquoted(host)


def canonical_name(user: str, host: str) -> str:
    """Return the canonical spelling of the grantee with this user and host.

    The spelling is ``name`` if the host is ``%``, and ``name@host`` for any other host. Both parts are quoted if
    the function ``account`` would return another user or host for the spelling without quotes.
    """
    plain = user if host == ANY_HOST else f"{user}@{host}"
    return plain if account(plain) == (user, host) else "@".join(_quoted(part) for part in (user, host))


def quoted(grantee: str) -> str:
    """Return a grantee as GRANT and REVOKE need it, with both parts quoted (``'name'@'host'``).

    ``grantee`` has the form ``name`` or ``name@host``, with or without quotes. Without a host, the host is ``'%'``.
    """
    return "@".join(literal(part) for part in account(grantee))


def standardize(table: agate.Table) -> Grants:
    """Return a dict that maps each privilege, in lower case, to its grantees in their canonical spelling.

    ``table`` is the server's list of grants, with the columns ``grantee`` and ``privilege_type``.
    """
    found: Grants = {}
    for row in table:
        # the server quotes both parts and does not escape quotes inside; a host contains no quotes
        user, _, host = str(row["grantee"])[1:-1].rpartition("'@'")
        found.setdefault(str(row["privilege_type"]).lower(), []).append(canonical_name(user, host))
    return found

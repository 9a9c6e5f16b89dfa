"""Grantees as the server writes them, and their one spelling in dbt's ``grants`` config."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..connect.quoting import literal

if TYPE_CHECKING:
    import agate

ANY_HOST = "%"

_ACCOUNT = re.compile(
    r"""\A\s*(?P<user>'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|[^@]*)"""
    r"""(?:\s*@\s*(?P<host>'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|.*?))?\s*\Z""",
    re.S,
)

Grants = dict[str, list[str]]
"""Grantees by privilege."""


def _quoted(part: str) -> str:
    return "'" + part.replace("'", "''") + "'"


def _unquoted(part: str) -> str:
    if len(part) > 1 and part[0] == part[-1] and part[0] in "'\"`":
        return part[1:-1].replace(part[0] * 2, part[0])
    return part


def account(grantee: str) -> tuple[str, str]:
    """Give user and host of a grantee written as ``name``, ``name@host`` or with either part quoted."""
    match = _ACCOUNT.match(grantee)
    if match is None:
        return grantee, ANY_HOST
    host = match.group("host")
    return _unquoted(match.group("user")), ANY_HOST if host is None else _unquoted(host)


def normal_name(user: str, host: str) -> str:
    """Give the one spelling of a grantee that compares equal and that ``account`` reads.

    It is ``name``, or ``name@host`` for a particular host, and quoted where that would be read otherwise.
    """
    plain = user if host == ANY_HOST else f"{user}@{host}"
    return plain if account(plain) == (user, host) else "@".join(_quoted(part) for part in (user, host))


def quoted(grantee: str) -> str:
    """Give a grantee as GRANT and REVOKE take it, both parts quoted: 'name'@'host'."""
    return "@".join(literal(part) for part in account(grantee))


def standardize(table: agate.Table) -> Grants:
    """Give rows of (grantee, privilege_type) as privilege in lower case -> grantees, each in its normal spelling."""
    found: Grants = {}
    for row in table:
        # shown between quotes and without any escape; a host has no quotes
        user, _, host = str(row["grantee"])[1:-1].rpartition("'@'")
        found.setdefault(str(row["privilege_type"]).lower(), []).append(normal_name(user, host))
    return found

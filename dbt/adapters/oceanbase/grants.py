"""Grants between the server's words and dbt's ``grants`` config."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import agate

ANY_HOST = "%"

_ACCOUNT = re.compile(
    r"""\A\s*(?P<user>'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|[^@]*)"""
    r"""(?:\s*@\s*(?P<host>'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|.*?))?\s*\Z""",
    re.S,
)


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


def normal_name(grantee: str) -> str:
    """Give the one spelling of a grantee that compares equal: ``name``, or ``name@host`` for a particular host."""
    user, host = account(grantee)
    return user if host == ANY_HOST else f"{user}@{host}"


def quoted(grantee: str) -> str:
    """Give a grantee as GRANT and REVOKE take it, both parts quoted: 'name'@'host'."""
    user, host = (part.replace("\\", "\\\\").replace("'", "''") for part in account(grantee))
    return f"'{user}'@'{host}'"


def standardize(table: agate.Table) -> dict[str, list[str]]:
    """Give rows of (grantee, privilege_type) as privilege in lower case -> grantees, each in its normal spelling."""
    found: dict[str, list[str]] = {}
    for row in table:
        found.setdefault(str(row["privilege_type"]).lower(), []).append(normal_name(str(row["grantee"])))
    return found

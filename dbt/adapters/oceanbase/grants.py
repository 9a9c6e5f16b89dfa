"""Grants between the server's words and dbt's ``grants`` config."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dbt_common.exceptions import DbtRuntimeError

if TYPE_CHECKING:
    import agate

ANY_HOST = "%"

_ACCOUNT = re.compile(
    r"""\A\s*(?P<user>'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|[^@]*)"""
    r"""(?:\s*@\s*(?P<host>'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|.*?))?\s*\Z""",
    re.S,
)

_ONE_PRIVILEGE = re.compile(r"(?!all\b|grant option\Z)[a-z_]+(?: [a-z_]+)*")

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
    return "@".join(_quoted(part.replace("\\", "\\\\")) for part in account(grantee))


def standardize(table: agate.Table) -> Grants:
    """Give rows of (grantee, privilege_type) as privilege in lower case -> grantees, each in its normal spelling."""
    found: Grants = {}
    for row in table:
        # shown between quotes and without any escape; a host has no quotes
        user, _, host = str(row["grantee"])[1:-1].rpartition("'@'")
        found.setdefault(str(row["privilege_type"]).lower(), []).append(normal_name(user, host))
    return found


def wanted(config: Mapping[str, Sequence[str] | str]) -> Grants:
    """Give a ``grants`` config with privileges and grantees spelled as ``standardize`` does, each once.

    Raises DbtRuntimeError for what the server does not list as it was granted, so that no run could see it is there.
    """
    found: Grants = {}
    for privilege, names in config.items():
        name = " ".join(privilege.lower().split())
        if not _ONE_PRIVILEGE.fullmatch(name):
            raise DbtRuntimeError(
                f"grants: {privilege!r}: the server lists single privileges, and each run would revoke and grant them "
                "again: name one privilege of a table or view, such as select, for each list of grantees"
            )
        listed = [names] if isinstance(names, str) else names
        found.setdefault(name, []).extend(normal_name(*account(grantee)) for grantee in listed)
    return {privilege: list(dict.fromkeys(grantees)) for privilege, grantees in found.items()}


def difference(these: Grants, others: Grants) -> Grants:
    """Give what is in ``these`` and not in ``others``; names of users differ by case, which dbt's own macro folds."""
    kept = {
        privilege: [name for name in grantees if name not in others.get(privilege, ())]
        for privilege, grantees in these.items()
    }
    return {privilege: grantees for privilege, grantees in kept.items() if grantees}

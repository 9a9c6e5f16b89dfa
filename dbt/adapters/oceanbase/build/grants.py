"""Grants between the server's words and dbt's ``grants`` config."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dbt_common.exceptions import DbtRuntimeError

from ..sql.grantees import Grants, account, normal_name

_ONE_PRIVILEGE = re.compile(r"(?!all\b|grant option\Z)[a-z_]+(?: [a-z_]+)*")


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

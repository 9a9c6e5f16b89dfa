"""Find the differences between the privileges on the server and the config ``grants`` of a node."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import available
from dbt.adapters.events.types import AdapterEventWarning
from dbt_common.events.functions import warn_or_error
from dbt_common.exceptions import DbtRuntimeError

from ..catalog.adapter_base import OceanBaseAdapterBase
from ..sql import grantees
from ..sql.grantees import Grants, account, canonical_name

if TYPE_CHECKING:
    import agate

_ONE_PRIVILEGE = re.compile(r"(?!all\b|grant option\Z)[a-z_]+(?: [a-z_]+)*")

_SEES_GRANTS = (
    "select 1 from information_schema.user_privileges "
    "where privilege_type = 'SELECT' or replace(grantee, '''', '') <> current_user() limit 1"
)
"""A query without rows if the user sees only his own grants.

The server shows the grants of all users to a user who may select from all schemas, or from the schema mysql.
"""

_HIDDEN = (
    "grants: dbt's user may not see the grants of other users, so none is revoked: run "
    "grant select on mysql.* to this user"
)


class GrantMixin(OceanBaseAdapterBase):
    """Adapter methods that compare grants and quote grantees, for dbt's macros."""

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._grants_lock = threading.Lock()
        self._hidden_grants_are_checked = False

    @available
    def standardize_grants_dict(self, grants_table: agate.Table) -> Grants:
        """Return the server's grants in the form of dbt's config ``grants``, such as ``{"select": ["reader"]}``.

        ``grants_table`` has one row for each grant, with the columns ``grantee`` and ``privilege_type``.
        """
        return self.connections.standardize_grants_dict(grants_table)

    @available.parse_none
    def warn_of_hidden_grants(self) -> None:
        """Warn if the server shows dbt's user only his own grants, so that no grant of another user can be revoked.

        One query finds out. Later calls in the same run do nothing. Raise an error if warnings are errors.
        """
        with self._grants_lock:
            if not self._hidden_grants_are_checked:
                _, cursor = self.connections.add_select_query(_SEES_GRANTS)
                if cursor.fetchone() is None:
                    warn_or_error(AdapterEventWarning(name="OceanBase", base_msg=_HIDDEN))
                self._hidden_grants_are_checked = True

    @available.parse(lambda *_, **__: {"revoke": {}, "grant": {}})
    def grant_changes(
        self, present: agate.Table, config: Mapping[str, Sequence[str] | str], is_new: bool
    ) -> dict[str, Grants]:
        """Return the grants to revoke and the grants to add, under the keys ``revoke`` and ``grant``.

        ``present`` is the server's list of a relation's grants, and ``config`` is the config ``grants``. After the
        changes, the server has the grants of ``config``. If the relation is new (``is_new``), everything in ``config``
        is granted, even if ``present`` already has it, because ``present`` may show the grants of an earlier relation
        of the same name.
        """
        found, wanted = self.standardize_grants_dict(present), configured_grants(config)
        granted = wanted if is_new else difference(wanted, found)
        return {"revoke": difference(found, wanted), "grant": granted}

    @available.parse_none
    def check_grants(self, config: Any) -> None:
        """Raise DbtRuntimeError if the config ``grants`` of a node is wrong. ``config`` has the configs of the node.

        No statement is sent. See ``configured_grants``.
        """
        configured_grants(config.get("grants") or {})

    @available
    def quote_grantee(self, grantee: str) -> str:
        """Return ``grantee``, a text such as ``reader`` or ``reader@10.0.0.1``, quoted for GRANT and REVOKE.

        For example, ``reader`` becomes ``'reader'@'%'``. The host ``%`` means any host.
        """
        return grantees.quoted(grantee)


def configured_grants(config: Mapping[str, Sequence[str] | str]) -> Grants:
    """Return the grants in ``config``, the config ``grants``, in one spelling and without duplicates.

    ``config`` maps privileges to a grantee or a list of grantees. The result maps privileges in lower case to lists of
    grantees, each as ``name``, or as ``name@host`` if the host is not ``%``. Raises DbtRuntimeError for a grantee that
    is not a text or has no name, and for a privilege such as ALL, which the server lists as several single privileges.
    The config would never equal that list, so each run would revoke the single privileges and grant the configured one
    again.
    """
    found: Grants = {}
    for privilege, names in config.items():
        name = " ".join(str(privilege).lower().split())
        if not isinstance(privilege, str) or not _ONE_PRIVILEGE.fullmatch(name):
            raise DbtRuntimeError(
                f"grants: {privilege!r}: the server lists single privileges, and each run would revoke and grant them "
                "again: name one privilege of a table or view, such as select, for each list of grantees"
            )
        listed = names if isinstance(names, list | tuple | set | frozenset) else [names]
        found.setdefault(name, []).extend(_canonical(privilege, grantee) for grantee in listed)
    return {privilege: list(dict.fromkeys(names)) for privilege, names in found.items()}


def _canonical(privilege: str, grantee: Any) -> str:
    """Return ``grantee`` in its canonical spelling. ``privilege`` is its key in the config ``grants``, for errors."""
    place, remedy = f"grants: {privilege}: {grantee!r}", f"[] to revoke {privilege} from everyone"
    if not isinstance(grantee, str):
        # YAML has several spellings of a number, so the number does not tell the name
        raise DbtRuntimeError(f"{place} is no text: write the name in quotes, or {remedy}")
    user, host = account(grantee)
    if not user.strip() or not host.strip():
        raise DbtRuntimeError(f"{place} names nobody: write name or name@host, or {remedy}")
    return canonical_name(user, host)


def difference(these: Grants, others: Grants) -> Grants:
    """Return the grants in ``these`` that are not in ``others``.

    User names that differ in case are different here, whereas dbt's own function ignores case.
    """
    kept = {
        privilege: [name for name in names if name not in others.get(privilege, ())]
        for privilege, names in these.items()
    }
    return {privilege: names for privilege, names in kept.items() if names}

"""The settings of a node: session variables, a time limit and a tag, which apply to all statements of the node.

The adapter sends them to the server before the first statement that the node sends on a session, so nothing is sent for
a node without statements. When the session is given back to the connection pool, the pool undoes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import pymysql

from ..connect import Session
from ..connect.errors import code_of, text_of
from ..connect.quoting import literal
from ..sql.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Callable

_SAVED = "@dbt_oceanbase_"
_UNSURE = object()
"""Takes the place of a session's settings if a SET has failed. ``settle`` then sends all settings again."""

_TAG = "call dbms_application_info.set_client_info({})"

UNKNOWN_VARIABLE = 1193
"""The server's error code for a session variable that it does not have."""

NO_PACKAGE = 1305
"""The server's error code for a procedure that it does not have."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A session variable: its name, its value as SQL, and the config that sets it."""

    name: str
    value: str
    config: str


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """The settings of one node.

    ``variables`` are session variables. ``query_timeout`` is the time limit in seconds for statements whose time the
    server does not limit, or None for the profile's limit. ``tag`` is a text that the server's process list shows.
    """

    variables: tuple[Variable, ...] = ()
    query_timeout: float | None = None
    tag: str | None = None

    @property
    def statements(self) -> Sequence[str]:
        """The statements that set these settings, in the order in which they must be run.

        The first is one SET for all variables, which also stores the old values in user variables. The second is one
        CALL for the tag. The SET is left out if there are no variables, and the CALL if there is no tag.
        """
        pairs = zip(count(), self.variables)
        kept = [f"{_SAVED}{number} = @@{each.name}, {each.name} = {each.value}" for number, each in pairs]
        return ([f"set {', '.join(kept)}"] if kept else []) + ([_TAG.format(literal(self.tag))] if self.tag else [])

    @property
    def undo(self) -> Sequence[str]:
        """The statements that undo ``statements``: they restore the old values of ``variables`` and clear ``tag``."""
        return ([self._restored] if self._restored else []) + self.undo_after_reset

    @property
    def undo_after_reset(self) -> list[str]:
        """The statements of ``undo`` that are needed even after a reset of the session: a reset keeps the query tag."""
        return [_TAG.format("''")] if self.tag else []

    @property
    def _restored(self) -> str:
        old = [f"{each.name} = {_SAVED}{number}" for number, each in enumerate(self.variables)]
        # the last one first, because two names may be of the same variable, such as tx_isolation
        return f"set {', '.join(reversed(old))}" if old else ""


def settle(session: Session, wanted: NodeSettings | None, send: Callable[[Statement], object]) -> None:
    """Set the settings ``wanted`` on ``session``. If the session has them already, send nothing.

    The settings of an earlier node are undone first. If ``wanted`` is None, nothing else is sent. ``send`` runs a
    statement on the session. If a statement fails, raise the error of ``send``. The session then counts as changed
    (``dirty``), so the pool later resets or closes it. If ``settle`` is called again on this session before the pool
    has done so, it sends all settings again, even if they are the same.
    """
    if session.settings == wanted:
        return
    was_dirty = session.dirty
    session.settings, session.dirty = _UNSURE, True
    for text in session.undo:
        send(Statement(text))
    session.undo = session.undo_after_reset = ()
    if wanted is not None:
        # noted before it is sent, because a reset keeps a tag, while it undoes variables of which only a part was set
        session.undo_after_reset = tuple(wanted.undo_after_reset)
        for text in wanted.statements:
            send(Statement(text))
        session.undo = tuple(wanted.undo)
    session.settings = wanted
    # they are undone, so they are no reason for a reset
    session.dirty = was_dirty


def refused(error: pymysql.err.MySQLError, settings: NodeSettings, server: str) -> str | None:
    """Return an error text that names the config whose value the server has refused, or None if no config was refused.

    ``error`` is the server's error for a statement that sets ``settings``. ``server`` is a text with the server's
    version, which the error text repeats. The error text has one line.
    """
    code, text = code_of(error), text_of(error)
    if code == NO_PACKAGE and settings.tag:
        return (
            f"query_tag: {server} has no package dbms_application_info, which OceanBase 4.x and seekdb 1.3 and 1.4 "
            "have: remove the config"
        )
    named = next((each for each in settings.variables if f"'{each.name}'" in text.lower()), None)
    if named is None:
        return None
    if code == UNKNOWN_VARIABLE:
        return f"{named.config}: {server} has no session variable {named.name} (1193): remove it"
    return f"{named.config}: {server} refused {named.name} = {named.value} ({code}): {text}; correct or remove it"

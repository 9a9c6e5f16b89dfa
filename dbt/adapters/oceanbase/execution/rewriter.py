"""Split a text into statements, and rewrite their standard SQL if the node's configs or the profile ask for it.

The configs are ``standard_sql`` and ``double_pipe``. The profile has fields of the same names.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from dbt.adapters.events.types import AdapterEventWarning
from dbt_common.dataclass_schema import ValidationError
from dbt_common.events.contextvars import get_node_info
from dbt_common.events.functions import warn_or_error
from dbt_common.exceptions import DbtRuntimeError

from ..profile.checks import DoublePipe, StandardSql, standard_sql_level
from ..profile.values import is_given, one_of
from ..sql import lexer, standard

if TYPE_CHECKING:
    from ..credentials import OceanBaseCredentials

_ONLY_A_COMMENT = "/* no statement */"
"""The comment to send for a text without a statement.

The server accepts a comment, but refuses ``;`` alone, and in some cases also ``--`` alone.
"""

CONFIGS: dict[str, Callable[[str, Any], Any]] = {
    "standard_sql": standard_sql_level,
    "double_pipe": one_of(*get_args(DoublePipe)),
}
"""Functions that check and convert the values of the configs for rewriting, by the name of the config.

The arguments of a function are the name and the value. It raises ValidationError if the value is not allowed. The
profile has fields of the same names.
"""


@dataclass
class Dialect:
    """The rules for rewriting the statements of one node.

    ``standard_sql`` and ``double_pipe`` are the values of the configs of these names. ``changed`` maps each original
    text to the rewritten text that was sent. It has no texts that were sent unchanged.
    """

    standard_sql: StandardSql
    double_pipe: DoublePipe
    changed: dict[str, str] = field(default_factory=dict)


class Rewriter:
    """Splits texts into statements, and rewrites the statements by the dialect of the node that the thread runs.

    A dialect is the configs ``standard_sql`` and ``double_pipe``. A thread that runs no node uses the profile's fields
    of these names.
    """

    def __init__(self, credentials: OceanBaseCredentials) -> None:
        self._profile = Dialect(credentials.standard_sql, credentials.double_pipe)
        self._threads = threading.local()
        self._lock = threading.Lock()
        self._warned: set[str] = set()

    @contextmanager
    def dialect_of(self, configs: Sequence[Any]) -> Iterator[None]:
        """Return a context manager in whose body this thread's statements are rewritten as ``configs`` say.

        ``configs`` are the configs of a node, or of several nodes. For each name in CONFIGS, the first of ``configs``
        with a value decides. If none has a value, the profile decides. At the end, the dialect that the thread had
        before applies again. Raise DbtRuntimeError, with the name of the config and the allowed values, if a value is
        not allowed.
        """
        dialect = Dialect(self._profile.standard_sql, self._profile.double_pipe)
        for name, check in CONFIGS.items():
            values = [config.get(name) for config in configs]
            if given := [value for value in values if is_given(value)]:
                setattr(dialect, name, _checked(check, name, given[0]))
        before = getattr(self._threads, "dialect", None)
        self._threads.dialect = dialect
        try:
            yield
        finally:
            self._threads.dialect = before

    def split(self, sql: str, name: str) -> list[str]:
        """Return the statements of ``sql``, rewritten for the server. If there is no statement, return one comment.

        The dialect of the node that the thread runs decides what is rewritten. If the thread runs no node, the profile
        decides. ``name`` is the name of the connection, for the warning about a ``||`` that is sent unchanged. Raises
        DbtRuntimeError if a ``||`` is to be rewritten and its operands are not certain, or if such a ``||`` looks like
        a logical OR.
        """
        node: Dialect | None = getattr(self._threads, "dialect", None)
        dialect = node or self._profile
        text = self.with_standard_comments(sql)
        statements = lexer.split(text)
        sent = [self._rewritten(statement, dialect, name) for statement in statements]
        is_changed = text is not sql or any(one is not other for one, other in zip(sent, statements, strict=True))
        if node is not None and is_changed:
            node.changed[_plain(sql)] = ";\n".join(sent)
        return sent or [_ONLY_A_COMMENT]

    def with_standard_comments(self, sql: str) -> str:
        """Return ``sql`` with its comments as ``split`` sends them, with a blank after ``--``.

        Functions that read or change a query before it is sent have to call this first, because a comment such as
        ``--don't`` is no comment for ``lexer.tokens``. With ``standard_sql: false``, ``sql`` is returned unchanged.
        """
        dialect: Dialect = getattr(self._threads, "dialect", None) or self._profile
        return sql if dialect.standard_sql == "false" else lexer.standard_comments(sql)

    def show_in(self, path: Path) -> None:
        """Replace the text of the file ``path`` in dbt's folder ``target/run`` by the rewritten text that was sent.

        The file stays as it is if its text was not rewritten or not sent, or if there is no such file.
        """
        dialect: Dialect | None = getattr(self._threads, "dialect", None)
        if dialect is None or not dialect.changed or not path.is_file():
            return
        sent = dialect.changed.get(_plain(path.read_text(encoding="utf-8")))
        if sent is not None:
            path.write_text(sent, encoding="utf-8")

    def _rewritten(self, statement: str, dialect: Dialect, name: str) -> str:
        found = standard.first_pipe(statement) if dialect.double_pipe == "warn" else None
        if found is not None:
            self._warn_about_pipes(found, name)
        is_standard, is_concat = dialect.standard_sql == "true", dialect.double_pipe == "concat"
        try:
            return standard.rewritten(statement, standard=is_standard, concat=is_concat)
        except standard.UnclearOperandError as error:
            raise DbtRuntimeError(f"double_pipe: concat: {error}") from error

    def _warn_about_pipes(self, line: int, name: str) -> None:
        node = get_node_info()
        # all hooks of a run have one connection
        name = node.get("unique_id") or name
        with self._lock:
            if name in self._warned:
                return
            self._warned.add(name)
        warning = (
            f"{name}: || in line {line} of its statement is a logical OR for OceanBase, with the result 1, 0 or NULL: "
            "set double_pipe, a config and a profile field, to concat, which rewrites it to concat(...), or to or, if "
            "OR is meant"
        )
        warn_or_error(AdapterEventWarning(name="OceanBase", base_msg=warning, args=[], node_info=node))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")  # files are read so


def _checked(check: Callable[[str, Any], Any], name: str, value: Any) -> Any:
    try:
        return check(name, value)
    except ValidationError as error:
        raise DbtRuntimeError(str(error.args[0] if error.args else error)) from None

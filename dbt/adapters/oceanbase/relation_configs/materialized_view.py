"""The configs of a materialized view: parse them, write them as SQL, and compare them with an existing view.

The comment of a materialized view ends with a mark, which has a hash of its query. By the mark, a later run finds out
whether the query has changed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile

from ..sql import lexer
from .components import Get, error

METHODS = ("complete", "fast", "force", "never")
"""Refresh methods of the server. ``force``, the default, is a fast refresh if possible, and else a complete refresh."""

REFRESH_CONFIGS = ("refresh_method", "refresh_mode", "refresh_start", "refresh_next")
"""Configs that only a materialized view can have, since no other relation is refreshed."""

OTHER_CONFIGS = ("query_rewrite", "on_query_computation")
"""Configs, in addition to REFRESH_CONFIGS, that only a materialized view can have."""

MAX_COMMENT = 4096
"""Maximum bytes of a comment (error 1628)."""

_MODE = re.compile(
    r"(?:(?P<never>never)(?:\s+refresh)?|(?:refresh\s*)?(?P<method>complete|fast|force)?(?:\s*\bon[\s_]+(?P<on>\w+))?)"
    r"(?:\s*\bstart\s+with\s+(?P<start>.+?))?(?:\s*\bnext\s+(?P<next>.+))?",
    re.I | re.S,
)
_PERIOD = re.compile(r"(\d+)\s*(second|minute|hour|day|week|month|year)s?", re.I)
_MARK = re.compile(r"\s*\[dbt:(?P<query>[0-9a-f]{16})(?::(?P<start>[0-9a-f]{8}))?\]\Z")
_COMMENT = re.compile(r"--[^\r\n]*|#[^\r\n]*|/\*.*?\*/", re.S)
_BEFORE_STAR = frozenset(["select", ",", ".", "distinct", "all"])


@dataclass(frozen=True)
class MaterializedView:
    """The properties of a materialized view: its refresh, its primary key, and its use in queries.

    ``method`` is one of METHODS. ``start`` is SQL for the time of the first scheduled refresh, and ``next`` is SQL for
    the time of each later one. These two are None if they are not set. ``parallel`` is the number of threads of a
    refresh. ``comment`` is the comment of an existing view. If the adapter has made the view, its comment ends with a
    hash of the query (see ``mark``). ``comment`` is empty for a view that is described by configs.
    """

    method: str = "force"
    start: str | None = None
    next: str | None = None
    query_rewrite: bool = False
    on_query_computation: bool = False
    primary_key: tuple[str, ...] = ()
    parallel: int = 1
    comment: str = field(default="", compare=False)

    @classmethod
    def from_config(cls, get: Get) -> MaterializedView:
        """Return the materialized view that the configs of a node describe. Raises ConfigError for a wrong value."""
        method, start, following = _schedule(get)
        if start and not following:
            raise error(
                "refresh_start", "there is no refresh_next", "write when it is refreshed again, such as '1 hour'"
            )
        if method == "never" and following:
            raise error("refresh_next", "refresh_method is never", "remove one of the two")
        return cls(
            method,
            start,
            following,
            query_rewrite=_flag(get, "query_rewrite"),
            on_query_computation=_flag(get, "on_query_computation"),
            primary_key=_names(get, "primary_key"),
            parallel=_threads(get),
        )

    @classmethod
    def from_server(cls, statement: str) -> MaterializedView:
        """Return the existing materialized view that ``statement``, a result of SHOW CREATE TABLE, describes.

        Its ``start`` is None, because the server does not show it.
        """
        clauses = _clauses(statement)
        text = " ".join("''" if word.startswith("'") else word for word, _ in clauses)
        method = re.search(r"\brefresh (complete|fast|force)\b", text)
        parallel = re.search(r"\bparallel (\d+)", text)
        key = re.search(r"\( primary key \( ([^()]+?) \)", text)
        return cls(
            method[1] if method else "never",
            None,
            _following(clauses),
            query_rewrite="enable query rewrite" in text,
            on_query_computation="enable on query computation" in text,
            primary_key=tuple(_unquoted(name) for name in key[1].split(" , ")) if key else (),
            parallel=int(parallel[1]) if parallel else 1,
            comment=next((_literal(source) for word, source in _after_comment(clauses)), ""),
        )

    @property
    def refresh_clause(self) -> str:
        """Return the clause that names the refresh method."""
        return "never refresh" if self.method == "never" else f"refresh {self.method} on demand"

    @property
    def schedule_clause(self) -> str:
        """Return the clause that schedules refreshes. It is empty if no refresh is scheduled."""
        start = f"start with {self.start} " if self.start else ""
        return f"{start}next {self.next}" if self.next else ""

    @property
    def usage_clause(self) -> str:
        """Return the clauses ENABLE QUERY REWRITE and ENABLE ON QUERY COMPUTATION, each only if it is configured."""
        clauses = {"enable query rewrite": self.query_rewrite, "enable on query computation": self.on_query_computation}
        return " ".join(clause for clause, wanted in clauses.items() if wanted)

    def mark(self, query: str) -> str:
        """Return the mark for the end of the view's comment: hashes of ``query``, and of ``start`` if it is set.

        By the mark, a later run finds out whether the query or ``start`` has changed.
        """
        start = f":{_digest(self.start, 8)}" if self.start else ""
        return f"[dbt:{_digest(query, 16)}{start}]"

    def comment_of(self, query: str, description: str) -> str:
        """Return the comment of the materialized view: the text ``description`` and the result of ``mark(query)``.

        ``query`` is the view's query. The description is cut off so that the comment has at most MAX_COMMENT bytes.
        """
        mark = self.mark(query)
        kept = description.encode()[: MAX_COMMENT - len(mark) - 1].decode(errors="ignore")
        return f"{kept} {mark}" if kept else mark

    def alterations_of(self, present: MaterializedView) -> list[str]:
        """Return the clauses of ALTER MATERIALIZED VIEW that make the existing view ``present`` equal to this one.

        They set the schedule and the parallelism. For all other differences, the view must be built again: see
        ``rebuilt_for``.
        """
        found = []
        if self.parallel != present.parallel:
            found.append(f"parallel {self.parallel}")
        if self.next and (_plain(self.next) != _plain(present.next or "") or self._start_differs(present)):
            found.append(f"refresh {self.schedule_clause}")
        return found

    def rebuilt_for(self, present: MaterializedView, query: str) -> list[str]:
        """Return the differences between this view and the existing view ``present`` that no ALTER can remove.

        Because of them the view must be built again. Each difference is a short text: the name of a config, or ``the
        query``. ``query`` is the query of this view. It counts as different if the comment of
        ``present`` does not end with a mark that has the hash of ``query``.
        """
        mark = _MARK.search(present.comment)
        differences = {
            "the query": mark is None or mark["query"] != _digest(query, 16),
            "refresh_method": self.method != present.method,
            "refresh_next": bool(present.next) and not self.next,
            "query_rewrite": self.query_rewrite != present.query_rewrite,
            "on_query_computation": self.on_query_computation != present.on_query_computation,
            "primary_key": [name.lower() for name in self.primary_key]
            != [name.lower() for name in present.primary_key],
        }
        return [name for name, differs in differences.items() if differs]

    def _start_differs(self, present: MaterializedView) -> bool:
        mark = _MARK.search(present.comment)
        return mark is None or (mark["start"] or "") != (_digest(self.start, 8) if self.start else "")


def selects_star(query: str) -> bool:
    """Check whether ``query`` has a ``*`` that selects all columns of a relation.

    If a column is added to the relation, such a query gets a new column.
    """
    words = [word for _, word in lexer.tokens(query)]
    return any(word == "*" and before in _BEFORE_STAR for before, word in zip(["", *words], words, strict=False))


def _digest(text: str, length: int) -> str:
    """Return a hash of the SQL ``text``, as ``length`` hexadecimal digits.

    White space outside of quotes does not change the hash. Neither do comments, except hints.
    """
    pieces, end = [], 0
    for (start, _), after in zip(lexer.tokens(text), lexer.token_ends(text), strict=True):
        pieces += [comment for comment in _COMMENT.findall(text, end, start) if comment.startswith("/*+")]
        pieces.append(text[start:after])
        end = after
    return hashlib.sha256(" ".join(pieces).encode()).hexdigest()[:length]


def _plain(text: str) -> list[str]:
    return [
        _folded(text[start:end]) for (start, _), end in zip(lexer.tokens(text), lexer.token_ends(text), strict=True)
    ]


def _folded(source: str) -> str:
    return source if source[0] in "'\"" else source.lower()


def _schedule(get: Get) -> tuple[str, str | None, str | None]:
    method, start, following = (get(name) for name in ("refresh_method", "refresh_start", "refresh_next"))
    mode = get("refresh_mode")
    if mode is not None:
        match = _MODE.fullmatch(str(mode).strip())
        if match is None or (match["on"] or "demand").lower() != "demand":
            raise error(
                "refresh_mode",
                f"{mode!r} is not understood, or is ON COMMIT, which no server has",
                "write refresh_method: complete, fast, force or never, and refresh_next for a schedule",
            )
        method = method or match["never"] or match["method"]
        start, following = start or match["start"], following or match["next"]
    name = str(method or "force").strip().lower()
    if name not in METHODS:
        raise error("refresh_method", f"{method!r} is no refresh method", f"write one of {', '.join(METHODS)}")
    return name, _moment("refresh_start", start), _moment("refresh_next", following)


def _moment(config: str, value: object) -> str | None:
    if value is None:
        return None
    text = str(value).strip()
    period = _PERIOD.fullmatch(text)
    if period:
        return f"sysdate() + interval {period[1]} {period[2].lower()}"
    if not text or ";" in text:
        raise error(config, f"{value!r} is no time", "write a period such as '1 hour', or SQL for a time")
    return text


def _flag(get: Get, name: str) -> bool:
    value = get(name)
    if value in (None, True, False):
        return bool(value)
    if str(value).lower() in ("true", "false", "enable", "disable"):
        return str(value).lower() in ("true", "enable")
    raise error(name, f"{value!r} is no boolean", "write true or false")


def _threads(get: Get) -> int:
    value = get("parallel")
    if value is None:
        return 1
    if isinstance(value, bool) or not str(value).isdigit() or int(value) < 1:
        raise error("parallel", f"{value!r} is no number of threads", "write a whole number from 1 on")
    return int(value)


def _names(get: Get, name: str) -> tuple[str, ...]:
    value = get(name)
    if value is None:
        return ()
    names: Sequence[object] = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not all(isinstance(each, str) and each.strip() for each in names):
        raise error(name, f"{value!r} is no list of columns", "write the names of columns, such as [id, day]")
    return tuple(str(each).strip().strip("`") for each in names)


def _clauses(statement: str) -> list[tuple[str, str]]:
    """Return the tokens of ``statement`` up to its query as pairs: the token in lower case, and in its original case.

    ``statement`` is a CREATE MATERIALIZED VIEW. The query begins after the word AS.
    """
    starts = list(lexer.tokens(statement))
    found, depth = [], 0
    for (start, word), end in zip(starts, lexer.token_ends(statement), strict=True):
        depth += (word == "(") - (word == ")")
        if word == "as" and not depth:
            break
        found.append((word, statement[start:end]))
    return found


def _following(clauses: Sequence[tuple[str, str]]) -> str | None:
    """Return the SQL after the word NEXT, the time of each later refresh, or None if there is no NEXT.

    ``clauses`` are the result of ``_clauses``. The SQL ends before the clauses that say how queries use the view.
    """
    words = [word for word, _ in clauses]
    refresh = next((at for at, pair in enumerate(pairwise(words)) if pair[0] == "refresh" and pair[1] in METHODS), None)
    if refresh is None or "next" not in words[refresh:]:
        return None
    start = words.index("next", refresh) + 1
    sources = takewhile(lambda clause: clause[0] not in ("enable", "disable"), clauses[start:])
    return " ".join(source for _, source in sources)


def _after_comment(clauses: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    return [
        each
        for (word, _), (equals, _), each in zip(clauses, clauses[1:], clauses[2:], strict=False)
        if word == "comment" and equals == "="
    ]


def _literal(source: str) -> str:
    escapes = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
    text = source[1:-1].replace("''", "'")
    return re.sub(r"\\(.)", lambda match: escapes.get(match[1], match[1]), text, flags=re.S)


def _unquoted(name: str) -> str:
    return name[1:-1].replace("``", "`") if name.startswith("`") else name

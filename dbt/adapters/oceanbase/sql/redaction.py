"""Secrets in statements, and in what the server repeats of them, become stars."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .lexer import Kind, kind, tokens, verb

Span = tuple[int, int]
"""Where in a text a secret begins and where it has ended."""

_STARS = "'***'"
_SECRET = re.compile(
    r"(\bidentified\s+(?:with\s+\S+\s+)?(?:by|as)\s+(?:password\s+)?|\bpassword\s*\(\s*|\bset\s+password[^=;]*=\s*)"
    r"""(?P<quote>['"\\]+)(?:\\.|(?P=quote){2}|.)*?(?:(?P=quote)(?!(?P=quote))|\Z)""",
    re.I | re.S,
)
"""Within a literal quotes are doubled or have a backslash before them."""

_STORAGE_KEY = re.compile(r"\b((?:(?:secret_)?access_?(?:key|id)|sts_?token)\s*=\s*['\"]?)[^&'\"\s,)]+", re.I)

_OF_ACCOUNTS = frozenset({"create user", "alter user", "grant", "set password"})
"""Leading words of statements in which every literal is a secret that is not a name, however a clause is misspelled."""

_BEFORE_NAME = frozenset({"user", "exists", "to", "for", "on", "role", ","})
_BEFORE_SECRET = re.compile(
    r"\b(?:identified (?:with .+ )?(?:by|as)(?: password)?|(?:old_)?password \(|set password =|replace)\Z"
)
_BEFORE_WORD = re.compile(r"\bidentified (?:with .+ )?by\Z")
_BARE = re.compile(r"[^\s,;]+")
_LOOK_BACK = 5
"""Words before a literal that tell what it is: ``identified with <plugin> by password``."""

_NEAR = re.compile(r"near '(.*)'", re.S)


def without_secrets(text: str) -> str:
    """Give ``text`` with its secrets as stars: passwords (``identified by`` and the like), keys of storage locations.

    It is a statement, which may have been cut at its end, or any text with statements in it.
    """
    text = _starred(text, _passwords(text), 0, len(text))
    lower = text.lower()
    if "identified" in lower or "password" in lower:
        # what stands in comments, in literals and in texts that are no SQL
        text = _SECRET.sub(rf"\1{_STARS}", text)
    return _STORAGE_KEY.sub(r"\1***", text) if "access" in lower or "token" in lower else text


def answer_without_secrets(text: str, sql: str) -> str:
    """Give what the server said of ``sql``, also without the secrets in the piece of ``sql`` that it repeats."""
    spans = _passwords(sql)

    def near(found: re.Match[str]) -> str:
        # the server begins it anywhere, without the quote of a literal that is never closed, and cuts it
        start = sql.find(found[1])
        return f"near '{_starred(sql, spans, start, start + len(found[1])) if start >= 0 else '***'}'"

    return without_secrets(_NEAR.sub(near, text) if spans else text)


def _passwords(sql: str) -> list[Span]:
    leading, lower = verb(sql), sql.lower()
    if leading not in _OF_ACCOUNTS and "identified" not in lower and "password" not in lower:
        return []
    spans: list[Span] = []
    found = [*tokens(sql), (len(sql), "")]
    words = [word for _, word in found]
    is_other = "identified" in words and (leading == "set" or kind(sql) is Kind.OTHER)
    is_of_accounts = leading in _OF_ACCOUNTS or is_other
    for number, (start, word) in enumerate(found):
        is_literal = word[:1] in ("'", '"')
        if (spans and start < spans[-1][1]) or not (is_literal or words[number - 1] == "by"):
            continue
        before = " ".join(words[max(number - _LOOK_BACK, 0) : number])
        if is_literal:
            # a doubled quote in it makes two of one literal
            is_second = bool(spans) and start == spans[-1][1]
            is_no_name = is_of_accounts and not _is_name(words, number)
            if is_second or is_no_name or _BEFORE_SECRET.search(before):
                spans.append((start, start + len(word)))
        elif word != "password" and _BEFORE_WORD.search(before) and (bare := _BARE.match(sql, start)):
            spans.append(bare.span())
    return spans


def _is_name(words: Sequence[str], number: int) -> bool:
    """Tell whether the literal at ``number`` names a user, host or role; after IDENTIFIED only one beside an ``@``."""
    if "@" in (words[number - 1], words[number + 1]):
        return True
    return words[number - 1] in _BEFORE_NAME and "identified" not in words[:number]


def _starred(sql: str, spans: Sequence[Span], start: int, end: int) -> str:
    """Give ``sql`` from ``start`` to ``end`` with the spans as stars, also those that begin or end outside."""
    pieces = []
    for low, high in spans:
        if low < end and high > start:
            pieces += [sql[start : max(low, start)], _STARS]
            start = high
    return "".join([*pieces, sql[start:end]])

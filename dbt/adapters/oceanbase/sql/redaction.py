"""Replace secrets by stars in statements, and in error messages of the server that repeat a part of a statement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from . import lexer

Span = tuple[int, int]
"""The position of the first character of a secret in a text, and the position after its last character."""

_STARS = "'***'"
_SECRET = re.compile(
    r"(\bidentified\s+(?:with\s+\S+\s+)?(?:by|as)\s+(?:password\s+)?|\bpassword\s*\(\s*|\bset\s+password[^=;]*=\s*"
    r"|\bset\s+@[\w.$`]+\s*:?=\s*|\b(?:\w*kms_info|master_password|log_restore_source)\s*=\s*)((?:[xbn]|_\w+\s*)?)"
    r"""(?:(?P<quote>['"\\]+)(?:\\.|(?P=quote){2}|.)*?(?:(?P=quote)(?!(?P=quote))|\Z)|0(?:x[\da-f]|b[01])\w*)""",
    re.I | re.S,
)
"""Regular expression for a clause with a password in quotes or as a hexadecimal or binary number.

An example is ``identified by 'x'``. Quotes inside the password are doubled or have a backslash before them.
"""

_STORAGE_KEY = re.compile(
    r"\b((?:(?:secret_)?access_?(?:key|id)|sts_?token)\\?['\"]?\s*(?::?=|:(?![:=]))\s*(?:[xbn](?=['\"]))?\\?['\"]?)"
    r"[^&'\"\s,)]+",
    re.I,
)
"""Regular expression for a key of external storage, such as ``access_key=x``, or ``"access_key": "x"`` in JSON."""

_MARKS = re.compile(r"identified|password|set\s+@|:=|crypt|kms_info|restore.source|(?:en|de)code|into\s*[@/#-]", re.I)
"""Words that show that a statement may hold a password."""

_VALUE_STATEMENTS = frozenset({"call", "set"})
"""Verbs of statements whose arguments or user variables may be secrets, even if no word before them says so."""

_CIPHER = re.compile(r"(?:enhanced_)?(?:aes|des|sm4)_(?:en|de)crypt|(?:en|de)code|encrypt|(?:old_)?password")
"""Matches the names of SQL functions that have a secret key or a password among their arguments."""

_LITERAL = re.compile(r"['\"]|0(?:x[\da-f]|b[01])")
"""Matches the beginning of a literal that may be a secret: a string, or bytes such as ``0x73`` and ``0b0111``."""

_INTRODUCER = re.compile(r"[xbn]|_\w+")
"""Matches what may stand before the quotes of a literal, such as ``x`` in ``x'73'`` and ``_utf8mb4``."""

_ACCOUNT_STATEMENTS = frozenset({"create user", "alter user", "grant", "set password"})
"""Verbs of statements about accounts. Every literal in such a statement is treated as a secret, unless it is a name.

So a secret is found even if the words of its clause are misspelled.
"""

_BEFORE_NAME = frozenset({"user", "exists", "to", "for", "on", "role", ","})
_BEFORE_SECRET = re.compile(
    r"\b(?:identified (?:with .+ )?(?:by|as)(?: password)?|(?:old_)?password \(|set password =|replace"
    r"|set @ \S+ =|(?:\w*kms_info|master_password|log_restore_source) =|restore source)\Z|@ \S+ : =\Z"
)
_BEFORE_WORD = re.compile(r"\bidentified (?:with .+ )?by\Z")
_BARE = re.compile(r"[^\s,;]+")
_LOOK_BACK = 5
"""Number of words before a literal that can show that it is a secret (``identified with <plugin> by password``)."""

_NEAR = re.compile(r"near '(.*)'", re.S)


def redact(sql: str, passwords: Sequence[Span]) -> str:
    """Return ``sql`` with stars in place of secrets.

    ``passwords`` are the positions of passwords in ``sql``, as ``find_passwords`` returns them. Other secrets are found
    by the words before them, such as ``access_key =``.
    """
    text = _starred(sql, passwords, 0, len(sql))
    lower = text.lower()
    if _MARKS.search(text):
        # these are secrets in comments, in literals and in text that is not SQL
        text = _SECRET.sub(rf"\1\2{_STARS}", text)
    return _STORAGE_KEY.sub(r"\1***", text) if "access" in lower or "token" in lower else text


def redact_repeated(answer: str, sql: str, passwords: Sequence[Span]) -> str:
    """Return ``answer``, the server's error message for ``sql``, with stars in place of passwords.

    ``passwords`` are the positions of the passwords in ``sql``. The server repeats a part of ``sql`` after the word
    ``near``, so only that part of the message is changed.
    """

    def near(found: re.Match[str]) -> str:
        # the part may begin anywhere, even after the opening quote of an unclosed literal, and its end may be cut off
        start = sql.find(found[1])
        return f"near '{_starred(sql, passwords, start, start + len(found[1])) if start >= 0 else '***'}'"

    return _NEAR.sub(near, answer) if passwords else answer


def may_hold_passwords(sql: str, leading: str) -> bool:
    """Check quickly whether the statement ``sql`` may contain a password. ``leading`` are its leading keywords."""
    return leading in _ACCOUNT_STATEMENTS or leading in _VALUE_STATEMENTS or _MARKS.search(sql) is not None


def find_passwords(sql: str, leading: str, tokens: Sequence[tuple[int, str]]) -> list[Span]:
    """Return the positions of the passwords in the statement ``sql``, in their order.

    ``leading`` are the leading keywords of the statement, as ``lexer.verb`` returns them, and ``tokens`` its tokens, as
    ``lexer.tokens`` yields them.
    """
    spans: list[Span] = []
    found = [*tokens, (len(sql), "")]
    words = [word for _, word in found]
    is_other = "identified" in words and (leading == "set" or lexer.kind(sql, leading) is lexer.Kind.OTHER)
    is_of_accounts = leading in _ACCOUNT_STATEMENTS or is_other
    values = _values(words, leading)
    for number, (start, word) in enumerate(found):
        is_literal = _LITERAL.match(word) is not None
        if (spans and start < spans[-1][1]) or not (is_literal or words[number - 1] == "by"):
            continue
        end = number - 1 if _INTRODUCER.fullmatch(words[number - 1]) else number
        before = " ".join(words[max(end - _LOOK_BACK, 0) : end])
        if is_literal:
            # a literal with a doubled quote inside consists of two tokens
            is_second = bool(spans) and start == spans[-1][1]
            is_no_name = is_of_accounts and not _is_name(words, number)
            if is_second or is_no_name or number in values or _BEFORE_SECRET.search(before):
                spans.append((start, start + len(word)))
        elif word != "password" and _BEFORE_WORD.search(before) and (bare := _BARE.match(sql, start)):
            spans.append(bare.span())
    return spans


def _values(words: Sequence[str], leading: str) -> frozenset[int]:
    """Return the indexes of the tokens that may be secrets although no word before them says so.

    ``words`` are the tokens of a statement. The indexes belong to the arguments of CALL, to the arguments of functions
    that encrypt or decrypt, to the values that SET gives to user variables, and to queries that store their result in
    user variables by INTO. ``leading`` is the verb of the statement in lower case.
    """
    found: set[int] = set()
    depth = 0
    cipher: int | None = None  # the depth of the innermost call of a cipher, and of all that is within it
    is_given = leading == "call"
    for number, word in enumerate(words):
        if word == "(":
            if cipher is None and _CIPHER.fullmatch(words[number - 1]):
                cipher = depth
            depth += 1
        elif word == ")":
            depth -= 1
            cipher = None if cipher == depth else cipher
        elif leading == "set" and depth == 0 and (word == "," or number == 0):
            # @@x is a system variable
            is_given = words[number + 1] == "@" and words[number + 2] != "@"
        if is_given or cipher is not None:
            found.add(number)
    return frozenset(found).union(*_queries_into_variables(words))


def _queries_into_variables(words: Sequence[str]) -> Iterator[range]:
    """Yield the indexes of the tokens of each query, such as ``select 'x' into @a``, that sets user variables."""
    for number, pair in enumerate(pairwise(words)):
        if pair == ("into", "@"):
            start = next((index for index in range(number, 0, -1) if words[index] == ";"), 0)
            yield range(start, next((index for index in range(number, len(words)) if words[index] == ";"), len(words)))


def _is_name(words: Sequence[str], number: int) -> bool:
    """Check whether the literal ``words[number]`` is the name of a user, host or role.

    ``words`` are the tokens of a statement about accounts. After the word IDENTIFIED, a literal is a name only if it
    stands next to an ``@``.
    """
    if "@" in (words[number - 1], words[number + 1]):
        return True
    return words[number - 1] in _BEFORE_NAME and "identified" not in words[:number]


def _starred(sql: str, spans: Sequence[Span], start: int, end: int) -> str:
    """Return the part of ``sql`` from ``start`` to ``end``, with stars in place of ``spans``.

    ``spans`` are positions in ``sql``. If only a part of a span lies between ``start`` and ``end``, this part is
    replaced.
    """
    pieces = []
    for low, high in spans:
        if low < end and high > start:
            pieces += [sql[start : max(low, start)], _STARS]
            start = high
    return "".join([*pieces, sql[start:end]])

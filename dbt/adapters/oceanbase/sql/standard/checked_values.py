"""SQL expressions that convert a value to a type, and raise an error for a value that the type cannot have.

The server's CAST turns ``'abc'`` into 0 or NULL in a SELECT and in a view. It reports an error only in CREATE TABLE ...
AS and INSERT. The expressions of this module raise an error everywhere, but only for rows that are evaluated. The error
is 3141 (Invalid JSON text), because a CAST to JSON is always strict, or 1690 (out of range), because integer arithmetic
is always strict. All of this was seen on seekdb 1.3 and 1.4. NULL stays NULL. An expression has its operand only once,
so that operands such as ``rand()`` keep their meaning and nested casts stay short.
"""

from __future__ import annotations

from typing import NamedTuple


class Form(NamedTuple):
    """An SQL expression around an operand: the text before the operand (``prefix``) and after it (``suffix``).

    ``Form("cast(", " as char)")`` stands for ``cast(<operand> as char)``.
    """

    prefix: str
    suffix: str

    def inside(self, prefix: str, suffix: str) -> Form:
        """Return a new Form, with ``prefix`` before the whole of this expression and ``suffix`` after it.

        ``Form("f(", ")").inside("g(", ")")`` stands for ``g(f(<operand>))``.
        """
        return Form(prefix + self.prefix, self.suffix + suffix)

    def around(self, inner: Form) -> Form:
        """Return this expression with the expression ``inner`` in place of its operand.

        ``Form("g(", ")").around(Form("f(", ")"))`` stands for ``g(f(<operand>))``.
        """
        return Form(self.prefix + inner.prefix, inner.suffix + self.suffix)


_FRACTION = "(?:[.][0-9]*)?"
_ANY_NUMBER = "-?[0-9.]+(?:e[-+]?[0-9]+)?"
_DECIMAL = rf"[-+]?(?:[0-9]+{_FRACTION}|[.][0-9]+)(?:[eE][-+]?[0-9]{{1,3}})?"

# the server makes the largest double of a text that is out of range, so exponents that may lead there are refused
_DOUBLE = (
    rf"[-+]?(?:[0-9]{{1,200}}{_FRACTION}|[.][0-9]+)(?:[eE][-+]?[0-9]{{1,2}})?"
    rf"|[-+]?[0-9]{_FRACTION}[eE][-+]?(?:[12][0-9]{{2}}|30[0-7])"
)

# every date that exists in the years 0001 to 9999
_DATE = (
    "(?!0000)(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    "|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
)
# the server takes two "[:]" for a class of characters
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9](?:|:[0-5][0-9](?:[.][0-9]+)?)"

_EDGES = {8: 72_057_594_037_927_936, 16: 281_474_976_710_656, 24: 1_099_511_627_776, 32: 4_294_967_296}
"""Factors by the bits of an integer type. A value times the factor fits into 64 bits only if it fits the type."""

MAX_CHECKED_DIGITS = 64
"""The maximum precision of a decimal whose range can be checked. The server reports no overflow of ``decimal(65)``."""

MAX_EXACT_CHAR = 512
"""The largest n for which ``cast(... as char(n))`` is a VARCHAR in CREATE TABLE ... AS. For a larger n it is a TEXT."""

TEXT = Form("cast(", " as char)")
JSON = Form("cast(", " as json)")

# the same reading of a text as in the macro oceanbase__cast
BOOLEAN = Form(
    "(cast(cast(regexp_replace(regexp_replace(regexp_replace(lower(trim(cast(",
    " as char))), '^(t|true|y|yes|on|\x01)$', '1'), '^(f|false|n|no|off|\\0)$', '0'), '^(?!-?[0-9])', '?') as json)"
    " as double) <> 0)",
)


def _read(pattern: str, replacement: str = "$1", *, booleans: bool = False) -> Form:
    """Return the SQL to put before and after an operand, to convert it to a text if it matches ``pattern``.

    The SQL raises error 3141 if the operand does not match. ``pattern`` is a regular expression. It is matched against
    the text that the operand has in a JSON array: a number as it is, a text or a time in double quotes. The converted
    text is ``replacement``, where ``$1`` is the first group of ``pattern``. If ``booleans`` is true, the values true
    and false become 1 and 0 before the match.
    """
    array = Form("nullif(cast(json_array(", ") as char), '[null]')")
    if booleans:
        array = array.inside("replace(replace(", ", '[true]', '[1]'), '[false]', '[0]')")
    # what does not match keeps its bracket, and is no JSON text with the question mark in its place
    quoted = array.inside("regexp_replace(", f", '^.(?:{pattern}).$', '\"{replacement}\"')")
    return quoted.inside("trim(both '\"' from cast(cast(replace(", ", '[', '?') as json) as char))")


def _number(text_pattern: str) -> Form:
    return _read(f'" *({text_pattern}) *"|({_ANY_NUMBER})', "$1$2", booleans=True)


def integer(bits: int) -> Form:
    """Return the SQL to put before and after an operand, to convert the operand to a signed integer of ``bits`` bits.

    A number is rounded. A text must be an integer. The SQL raises error 3141 (Invalid JSON text) for any other text,
    and 1690 (out of range) for a number out of range.
    """
    whole = _number("[-+]?[0-9]+").inside("cast(", " as decimal(65,0)) div 1")
    edge = f" * {_EDGES[bits]} div {_EDGES[bits]}" if bits in _EDGES else ""
    return whole.inside("cast(", f"{edge} as signed)")


def decimal(precision: int, scale: int) -> Form:
    """Return the SQL to put before and after an operand, to convert the operand to ``decimal(precision,scale)``.

    The number is rounded to ``scale`` digits after the point. The SQL raises error 3141 (Invalid JSON text) for a text
    that is no number, and for a number out of range.
    """
    rounded = _number(_DECIMAL).inside("cast(", f" as decimal(65,{scale}))")
    fitting = _read(f"(-?0*[0-9]{{0,{precision - scale}}}(?:[.][0-9]+)?)").around(rounded)
    return fitting.inside("cast(", f" as decimal({precision},{scale}))")


def double() -> Form:
    """Return the SQL to put before and after an operand, to convert it to a DOUBLE (floating point, 64 bits).

    The SQL raises error 3141 (Invalid JSON text) for a text that is no number, or that may be out of range.
    """
    return _number(_DOUBLE).inside("cast(", " as double)")


def text(length: int) -> Form:
    """Return the SQL to put before and after an operand, to make it a text, cut off after ``length`` characters."""
    cut = TEXT.inside("left(", f", {length})")
    return cut.inside("cast(", f" as char({length}))") if length <= MAX_EXACT_CHAR else cut


def timestamp(digits: int) -> Form:
    """Return the SQL to put before and after an operand, to convert the operand to ``datetime(digits)``.

    The fraction of a second is rounded to ``digits`` digits. The SQL raises error 3141 (Invalid JSON text) for a value
    that is neither a date nor a date with a time.
    """
    # the server makes NULL of a time that would be rounded up to the year 10000
    last = f"(?!9999-12-31.23:59:59[.]9{{{digits}}}[5-9])"
    moment = _read(f'" *({last}{_DATE}(?:[T ]{_CLOCK})?) *"')
    return moment.inside("cast(", f" as datetime({digits}))")


def date() -> Form:
    """Return the SQL to put before and after an operand, to convert the operand to a date.

    A time after the date is cut off. The SQL raises error 3141 (Invalid JSON text) for a value that is neither a date
    nor a date with a time.
    """
    return _read(f'" *({_DATE})(?:[T ]{_CLOCK})? *"').inside("cast(", " as date)")


def time(digits: int) -> Form:
    """Return the SQL to put before and after an operand, to convert the operand to ``time(digits)``, a time of day.

    The fraction of a second is rounded to ``digits`` digits. A date before the time is cut off. The SQL raises error
    3141 (Invalid JSON text) for a value without a time.
    """
    return _read(f'" *(?:{_DATE}[T ])?({_CLOCK}) *"').inside("cast(", f" as time({digits}))")

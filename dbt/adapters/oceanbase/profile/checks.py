"""Checks of values in a dbt profile that follow rules of OceanBase or of the adapter.

The parameters ``field`` and ``value`` of a check are the name of the profile field and the given value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Literal

from dbt_common.dataclass_schema import ValidationError

from ..connect.session.settings import INCOMPATIBLE_MODES
from .values import Check, accepts, boolean, endpoint, invalid, matching, seconds, shown, text

AUTO = "auto"
"""Value of ``hosts`` that means: ask the server in ``host`` for all servers of the tenant."""

StandardSql = Literal["true", "comments", "false"]
"""Which standard SQL is rewritten before a statement is sent, because OceanBase refuses or misunderstands it.

``true`` means all that the adapter knows. ``comments`` means only ``--`` comments without a blank after the ``--``.
``false`` means nothing.
"""

DoublePipe = Literal["warn", "concat", "or"]
"""How ``||``, a logical OR for the server, is treated.

``warn`` sends it and logs a warning, ``concat`` rewrites it to the function ``concat``, and ``or`` sends it.
"""

_MAX_SCHEMA = 128  # the server refuses longer names with error 1059

YEAR = 31_536_000
"""Number of seconds in a year. PyMySQL accepts no longer timeout."""

opening_timeout = seconds(0.001, YEAR, "0 leaves no time to connect")

# the server counts timeouts in microseconds, and 102 years in microseconds still fit its variables
session_timeout = seconds(0.001, 3_216_672_000, "the server takes 0 as no time at all, not as no limit")

time_zone_offset = matching(
    r"-(0\d|1[0-2]):[0-5]\d|\+(0\d|1[0-2]):[0-5]\d|\+13:00",
    "an offset in quotes from '-12:59' to '+13:00', such as '+00:00' (the server refuses names with 1298)",
    "an offset in quotes from `-12:59` to `+13:00` (the server refuses names with error 1298)",
)
text_encoding = matching(
    r"(?!(?i:binary)$)\w+",
    "one plain word, and not binary: statements are text",
    "a name other than `binary`",
)
login_part = matching(
    r"[\w.$-]+",
    "a name alone, without blanks and '@', '#', ':'",
    "a name without blanks, `@`, `#` and `:`",
)
_word_list = matching(r"(\w+(,\w+)*)?", "plain words joined by commas")

_SIZE = re.compile(r"([1-9]\d*)([KMGTP])B?", re.IGNORECASE)
_UNITS = "BKMGTP"

_OWN_FIELD = {
    "ob_query_timeout": "query_timeout",
    "max_execution_time": "query_timeout (OceanBase takes no notice of max_execution_time)",
    "ob_trx_timeout": "transaction_timeout",
    "ob_trx_lock_timeout": "lock_timeout",
    "time_zone": "time_zone",
    "sql_mode": "sql_mode",
    "character_set_client": "charset",
    "character_set_connection": "charset",
    "character_set_results": "charset",
    "collation_connection": "collation",
}
"""Session variables that have a profile field of their own, with the field's name, which the error suggests."""

NEEDED_AS_THEY_ARE = {
    "autocommit": "dbt begins and ends transactions itself",
    "foreign_key_checks": "dbt-oceanbase relies on them when it replaces a table that others refer to",
    "sql_quote_show_create": "dbt-oceanbase reads columns from SHOW CREATE TABLE by their backticks",
    "sql_select_limit": "it would cut off rows that dbt-oceanbase reads",
    "timestamp": "it would stop the clock of dbt's own times",
}
"""Session variables that neither the profile nor a node can set, with the reason."""

_REFUSED = NEEDED_AS_THEY_ARE | {
    "ob_read_consistency": "dbt reads what it has just written, which a weak read may not see (data tests and sources "
    "have the config read_consistency)",
}
"""Session variables that the profile cannot set, with the reason."""


def size(least: str = "1K") -> Check[str]:
    """Return a check for a size of at least ``least``, a text such as ``4G``.

    A size is a whole number with one of the units K, M, G, T and P, which are powers of 1024. The check returns ``4gb``
    and ``4g`` as ``4G``. It raises ValidationError for anything else, such as a number alone, and for a smaller size.
    """

    @accepts(f"a size of at least {least}, such as `4G`")
    def check(field: str, value: Any) -> str:
        found = _SIZE.fullmatch(value) if isinstance(value, str) else None
        final = f"{found[1]}{found[2].upper()}" if found else ""
        if not final or _bytes(final) < _bytes(least):
            raise invalid(f"{field} must be a size of at least {least}, such as '4G', not {shown(value)}")
        return final

    return check


def _bytes(size: str) -> int:
    return int(size[:-1]) << 10 * _UNITS.index(size[-1])


@accepts("a list of `host` or `host:port`, or `auto`")
def host_list(field: str, value: Any) -> list[str]:
    """Return ``value``, a list of servers, as a list of ``host`` or ``host:port``, with IPv6 addresses in brackets.

    No port is added. If ``value`` is ``auto`` or ``['auto']``, return ``[AUTO]``. ``field`` is the name of the profile
    field, for the error. Raise ValidationError if ``value`` is no list or is empty, if it names ``auto`` beside servers
    or a server twice, and for an item that is neither ``host`` nor ``host:port``.
    """
    if value in (AUTO, [AUTO]):
        return [AUTO]
    if not isinstance(value, (list, tuple)) or not value:
        # as in an item, a value with an @ may contain a password
        what = "" if "@" in str(value) else f", not {shown(value)}"
        raise invalid(f"{field} must be a list such as ['ob1:2881', 'ob2:2881'], or auto{what}")
    if any(isinstance(item, str) and item.lower() == AUTO for item in value):
        raise invalid(f"{field}: auto cannot stand beside servers: give host and hosts: auto, or name every server")
    found = [endpoint(field, item) for item in value]
    if len(set(found)) < len(found):
        raise invalid(f"{field} must name each server once, not {shown(value)}")
    return found


@accepts(f"text of at most {_MAX_SCHEMA} characters")
def schema_name(field: str, value: Any) -> str:
    """Return ``value``, the name of a schema without quotes, unchanged.

    Raise ValidationError if it is not text, is longer than 128 characters (the server's limit), has control characters,
    or begins or ends with blanks. An empty text is accepted. ``field`` is the name of the profile field, for the error.
    """
    name = text(field, value)
    if len(name) > _MAX_SCHEMA:
        raise invalid(f"{field} must have at most {_MAX_SCHEMA} characters, not {len(name)}: {shown(name)}")
    return name


@accepts("words joined by commas; empty for no mode at all")
def sql_modes(field: str, value: Any) -> str:
    """Return ``value``, SQL modes joined by commas, unchanged. It may be empty.

    Raise ValidationError if ``value`` is anything else than words joined by commas without blanks. Also raise it if one
    of the modes, in upper or lower case, changes how the server parses string literals, such as ANSI_QUOTES. It is not
    checked whether the server knows the modes. ``field`` is the name of the profile field, for the error.
    """
    modes = _word_list(field, value)
    for mode in modes.upper().split(","):
        if mode in INCOMPATIBLE_MODES:
            raise invalid(f"{field}: {mode} would falsify texts that dbt loads and sends: leave it out")
    return modes


@accepts("true, `comments` or false")
def standard_sql_level(field: str, value: Any) -> StandardSql:
    """Return ``value`` as one of the texts ``true``, ``comments`` and ``false``.

    ``value`` may be one of these texts in any case, or another form of a boolean, such as True, ``yes``, ``off`` or 1.
    Raise ValidationError for any other value. ``field`` is the name of the profile field, for the error.
    """
    if isinstance(value, str) and value.lower() == "comments":
        return "comments"
    try:
        return "true" if boolean(field, value) else "false"
    except ValidationError:
        raise invalid(f"{field} must be true, comments or false, not {shown(value)}") from None


@accepts("a mapping of names to texts, numbers, true or false")
def variables(field: str, value: Any) -> dict[str, Any]:
    """Return ``value``, a mapping of session variables to their values, as a dict with the names in lower case.

    A variable's value is a text, a finite number, true, false or None, and is not changed. A name has only letters,
    digits and ``_``, without ``@`` or scope. Raise ValidationError if ``value`` is no mapping, for any other name or
    value of a variable, and for a name that is given twice (in any case). Also raise it for a variable that another
    profile field sets, and for a variable that dbt or the adapter needs as it is, such as ``autocommit``. ``field`` is
    the name of the profile field, for the error.
    """
    if not isinstance(value, Mapping):
        raise invalid(f"{field} must be a mapping of variable names to values, not {shown(value)}")
    found: dict[str, Any] = {}
    for name, item in value.items():
        word = str(name).lower()
        if not isinstance(name, str) or not re.fullmatch(r"[a-z_][a-z0-9_]*", word):
            raise invalid(f"{field}: {shown(name)} must be a plain variable name, without @ or scope")
        if word in _OWN_FIELD:
            raise invalid(f"{field}: {word} has a profile field of its own: use {_OWN_FIELD[word]}")
        if word in _REFUSED:
            raise invalid(f"{field}: {word} cannot be set: {_REFUSED[word]}: remove it")
        if word in found:
            raise invalid(f"{field}: {word} is given twice: remove one")
        infinite = isinstance(item, float) and not math.isfinite(item)
        if infinite or not isinstance(item, (str, int, float, type(None))):
            raise invalid(f"{field}: {word} must be a text, a number, true or false, not {shown(item)}")
        found[word] = item
    return found

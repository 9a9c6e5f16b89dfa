"""Check the configs of a node that change how its statements run, and convert them to session settings and hints."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dbt_common.dataclass_schema import ValidationError
from dbt_common.exceptions import DbtRuntimeError

from ..connect.quoting import literal
from ..connect.session.settings import MICROSECONDS
from ..execution.node_settings import NodeSettings, Variable
from ..profile import checks
from ..profile.values import shown
from ..sql import hints

OF_SESSION = ("query_timeout", "session_variables", "parallel", "read_consistency", "query_tag")
"""Configs that become settings of the node's session. All kinds of nodes may have them."""

OF_QUERY = ("optimizer_hints", "resource_group")
"""Configs that become hints in the node's query."""

OF_TABLE = ("direct_load", "analyze")
"""Configs that say how the rows of a table are loaded, and which statistics are then gathered."""

PARALLEL = ("_force_parallel_query_dop", "_force_parallel_dml_dop", "_force_parallel_ddl_dop")
"""Session variables for the degree of parallelism: of queries, of DML and CREATE TABLE ... AS, and of DDL."""

MAX_PARALLEL = 1024
"""Maximum degree of parallelism. The server has no limit, and would accept a number with a digit too many."""

MAX_TAG = 64
"""Maximum characters of the config ``query_tag``. The server cuts off the rest without an error."""

_REFUSED = {
    **checks.NEEDED_AS_THEY_ARE,
    "ob_query_timeout": "use query_timeout, which also limits DDL",
    "max_execution_time": "the server takes no notice of it: use query_timeout",
    "ob_read_consistency": "use read_consistency",
    "ob_trx_lock_timeout": "use lock_timeout of the profile, by which a lost answer is told from a wait for a lock",
    "time_zone": "times of dbt, such as those of snapshots and batches, are in the time_zone of the profile",
    **dict.fromkeys(PARALLEL, "use parallel"),
}
"""Session variables that a node cannot set, with the reason."""

_CHARSETS = "character_set_"
_CHARSET_REASON = "dbt-oceanbase reads and writes all text in the charset of the profile"
_VARIABLE = re.compile(r"[a-z_][a-z0-9_]*")
_WHOLE = 100
_CONSISTENCIES = ("weak", "strong")


@dataclass(frozen=True, slots=True)
class Analyze:
    """Which statistics of a table are gathered.

    ``percent`` is the percentage of the rows that are read, or None for all rows. ``columns`` are the columns with
    statistics, or empty for all columns. ``degree`` is the degree of parallelism, or None for the server's choice.
    """

    percent: float | None = None
    columns: tuple[str, ...] = ()
    degree: int | None = None


def settings_of(configs: Mapping[str, Any], kind: str) -> NodeSettings | None:
    """Return the session settings that the configs of a node ask for, or None if they ask for none.

    ``configs`` are the configs that dbt itself does not define. ``kind`` is the node's resource type, such as
    ``model``. Raise DbtRuntimeError with one line that names the config if a value is not accepted, or not for this
    kind.
    """
    variables: list[Variable] = []
    timeout = _value(configs, "query_timeout", lambda name, value: _checked(checks.session_timeout, name, value))
    if timeout is not None:
        variables.append(Variable("ob_query_timeout", str(round(timeout * MICROSECONDS)), "query_timeout"))
    degree = _value(configs, "parallel", degree_of)
    if degree is not None:
        variables += [Variable(name, str(degree), "parallel") for name in PARALLEL]
    consistency = _value(configs, "read_consistency", lambda name, value: _consistency(name, value, kind))
    if consistency is not None:
        variables.append(Variable("ob_read_consistency", literal(consistency.upper()), "read_consistency"))
    own = _value(configs, "session_variables", session_variables) or {}
    variables += [Variable(name, literal(value), "session_variables") for name, value in own.items()]
    tag = _value(configs, "query_tag", _tag)
    return NodeSettings(tuple(variables), timeout, tag) if variables or tag else None


def is_set(name: str, value: Any) -> bool:
    """Check whether the config ``name`` with the value ``value`` asks for something, so that it must not be ignored.

    ``name`` is a config for hints (OF_QUERY), or for loading a table and gathering its statistics (OF_TABLE). A config
    for hints asks for nothing if its value is empty, such as None, false or an empty list. A config in OF_TABLE asks
    for nothing if its value is None or false. ``direct_load`` also asks for nothing if its value is ``auto``, because
    ``auto`` only permits direct load.
    """
    if name in OF_QUERY:
        return bool(value)
    nothing = ("false", "auto") if name == "direct_load" else ("false",)
    return value is not None and str(value).lower() not in nothing


def _value(configs: Mapping[str, Any], name: str, check: Callable[[str, Any], Any]) -> Any:
    value = configs.get(name)
    return None if value is None else check(name, value)


def _checked(check: Callable[[str, Any], Any], name: str, value: Any) -> Any:
    try:
        return check(name, value)
    except ValidationError as error:
        raise DbtRuntimeError(str(getattr(error, "message", error))) from None


def degree_of(name: str, value: Any) -> int:
    """Return ``value``, a degree of parallelism, as a whole number. ``name`` is the name of its config.

    Raise DbtRuntimeError if it is no whole number from 1 to MAX_PARALLEL.
    """
    number = int(value) if isinstance(value, str) and value.isdecimal() else value
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MAX_PARALLEL:
        limits = f"a whole number from 1 to {MAX_PARALLEL}"
        raise DbtRuntimeError(f"{name} must be {limits}, not {shown(value)}: 1 is not parallel")
    return number


def _consistency(name: str, value: Any, kind: str) -> str:
    word = str(value).lower()
    if word not in _CONSISTENCIES:
        raise DbtRuntimeError(f"{name} must be weak or strong, not {shown(value)}")
    if word == "weak" and kind not in ("test", "source"):
        raise DbtRuntimeError(
            f"{name}: weak is for data tests and sources: a {kind} also reads what it has just written, which weak "
            "reads may not see; write the hint read_consistency(weak) into its query if it may read old rows"
        )
    return word


def session_variables(name: str, value: Any) -> dict[str, Any]:
    """Return ``value``, the mapping of session variables in the config ``name``, with the variable names in lower case.

    Raise DbtRuntimeError if ``value`` is no mapping, if a variable's name is wrong or given twice, if a variable is one
    that the adapter sets itself or relies on, or if a variable's value is no text, finite number, boolean or None. Also
    raise it for an ``sql_mode`` with which the server would change values without an error or parse statements in
    another way.
    """
    if not isinstance(value, Mapping):
        raise DbtRuntimeError(f"{name} must be a mapping of variable names to values, not {shown(value)}")
    found: dict[str, Any] = {}
    for given, item in value.items():
        word = str(given).lower()
        if not _VARIABLE.fullmatch(word):
            raise DbtRuntimeError(f"{name}: {shown(given)} must be a plain variable name, without @ or scope")
        if word in found:
            raise DbtRuntimeError(f"{name}: {word} is given twice: remove one")
        if reason := _CHARSET_REASON if word.startswith(_CHARSETS) else _REFUSED.get(word):
            raise DbtRuntimeError(f"{name}: {word} cannot be set for a node: {reason}")
        infinite = isinstance(item, float) and not math.isfinite(item)
        if infinite or not isinstance(item, (str, int, float, type(None))):
            raise DbtRuntimeError(f"{name}: {word} must be a text, a number, true or false, not {shown(item)}")
        if word == "sql_mode":
            _check_sql_mode(name, item)
        found[word] = item
    return found


def _check_sql_mode(name: str, value: Any) -> None:
    modes = _checked(checks.sql_modes, f"{name}: sql_mode", value).upper().split(",")
    if "PIPES_AS_CONCAT" in modes:
        raise DbtRuntimeError(
            f"{name}: sql_mode with PIPES_AS_CONCAT: views would keep || and be read in another mode: remove it, and "
            "set double_pipe: concat, which rewrites || to concat(...)"
        )
    if not {"STRICT_ALL_TABLES", "STRICT_TRANS_TABLES"}.intersection(modes):
        raise DbtRuntimeError(
            f"{name}: sql_mode without STRICT_ALL_TABLES: the server would cut off values without an error: add it"
        )
    if "NO_AUTO_VALUE_ON_ZERO" not in modes:
        raise DbtRuntimeError(
            f"{name}: sql_mode without NO_AUTO_VALUE_ON_ZERO: the server would replace a 0 in an AUTO_INCREMENT column "
            "by another number: add it"
        )


def _tag(name: str, value: Any) -> str:
    text = str(value)
    if not isinstance(value, (str, int, float)) or isinstance(value, bool) or not text.strip():
        raise DbtRuntimeError(f"{name} must be a text, not {shown(value)}")
    if len(text) > MAX_TAG or not text.isprintable():
        raise DbtRuntimeError(
            f"{name} must have at most {MAX_TAG} characters and no line ends, not {len(text)}: the server keeps no more"
        )
    return text


# -- hints


def query_hints(configs: Mapping[str, Any], is_view: bool) -> list[str]:
    """Return the hints that ``configs`` put into the node's query.

    With ``is_view``, the config ``parallel`` becomes a hint too, because a view is read by sessions that do not have
    the settings of its node. Raise DbtRuntimeError with one line that names the config if a value is not accepted.
    """
    given = configs.get("optimizer_hints") or []
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, (list, tuple)):
        raise DbtRuntimeError(f"optimizer_hints must be a list of hints, not {shown(given)}")
    for hint in listed:
        if not isinstance(hint, str) or not hints.is_hint(hint):
            raise DbtRuntimeError(
                f"optimizer_hints: {shown(hint)} is not one hint, such as use_hash(a b): write each as an item of the "
                "list, without /*+ and */"
            )
    found = [*listed]
    if (group := configs.get("resource_group")) is not None:
        found.append(f"resource_group({literal(_group(group))})")
    if is_view and (degree := _value(configs, "parallel", degree_of)) is not None:
        found.append(f"parallel({degree})")
    return found


def _group(value: Any) -> str:
    if not isinstance(value, str) or not value.replace("_", "a").isalnum():
        raise DbtRuntimeError(f"resource_group must be the name of a resource group, not {shown(value)}")
    return value


def load_mode(configs: Mapping[str, Any]) -> str | None:
    """Return the mode of direct load for a table: the text ``true`` or ``auto``, or None for no direct load.

    Direct load writes the rows directly into the storage files. It needs the config ``parallel`` with 2 or more.
    Without it, return None if the config ``direct_load`` is ``auto``, and raise DbtRuntimeError if it is ``true``. Also
    raise it if ``direct_load`` has another value than true, false or auto.
    """
    value = configs.get("direct_load")
    word = str(value).lower()
    if value is None or word == "false":
        return None
    if word not in ("true", "auto"):
        raise DbtRuntimeError(f"direct_load must be true, false or auto, not {shown(value)}")
    degree = _value(configs, "parallel", degree_of) or 1
    if degree > 1:
        return word
    if word == "true":
        raise DbtRuntimeError(
            "direct_load: true needs parallel: 2 or more, since the server loads directly in parallel only: set it, "
            "or write direct_load: auto"
        )
    return None


def analyze_of(configs: Mapping[str, Any]) -> Analyze | None:
    """Return which statistics the config ``analyze`` asks for, or None if the adapter must not gather any.

    If the config has no ``degree``, the config ``parallel`` gives the degree of parallelism. Raises DbtRuntimeError
    with one line that names the config if a value is not accepted.
    """
    value = configs.get("analyze")
    parts = dict(value) if isinstance(value, Mapping) else {_part(value): value}
    if unknown := parts.keys() - {"percent", "columns", "degree", "all"}:
        raise DbtRuntimeError(f"analyze: {sorted(unknown)[0]} is none of percent, columns and degree")
    if str(parts.get("all")).lower() == "false" or value is None:
        return None
    columns = parts.get("columns") or ()
    columns = (columns,) if isinstance(columns, str) else columns
    if not isinstance(columns, (list, tuple)) or not all(isinstance(each, str) and each for each in columns):
        raise DbtRuntimeError(f"analyze: columns must be a list of column names, not {shown(columns)}")
    percent = _percent(parts["percent"]) if parts.get("percent") is not None else None
    degree = _value(parts, "degree", lambda name, given: degree_of(f"analyze: {name}", given))
    return Analyze(percent, tuple(columns), degree or _value(configs, "parallel", degree_of))


def _part(value: Any) -> str:
    if str(value).lower() in ("true", "false", "none"):
        return "all"
    return "columns" if isinstance(value, (list, tuple)) else "percent"


def _percent(value: Any) -> float:
    try:
        number = float(str(value).strip().removesuffix("%"))
    except ValueError:
        number = 0
    if isinstance(value, bool) or not 0 < number <= _WHOLE:
        raise DbtRuntimeError(
            f"analyze must be true, false, a percentage such as '10%', a list of columns, or a mapping of percent, "
            f"columns and degree, not {shown(value)}"
        )
    return number

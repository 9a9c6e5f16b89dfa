"""The fields of the profile and what each of them takes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, get_args

from ..connect.options import CancelMethod, ConnectionMode, HostStrategy, SslMode
from ..connect.session.settings import INCOMPATIBLE_MODES
from .values import (
    Check,
    boolean,
    endpoint,
    file,
    folder,
    host,
    invalid,
    matching,
    one_of,
    place,
    seconds,
    secret,
    secret_words,
    section,
    shown,
    text,
    whole,
)

AUTO = "auto"
"""Value of ``hosts``: the servers are asked for each other."""

_MAX_SCHEMA = 128  # OceanBase error 1059 beyond
_ZERO_TIMEOUT = "the server takes 0 as no time at all, not as no limit"
_a_session_timeout = seconds(0.001, 3_216_672_000, _ZERO_TIMEOUT)  # 102 years in microseconds still fit
_YEAR = 31_536_000  # PyMySQL takes no longer timeout
_an_opening_timeout = seconds(0.001, _YEAR, "0 leaves no time to connect")
_an_offset = matching(
    r"-(0\d|1[0-2]):[0-5]\d|\+(0\d|1[0-2]):[0-5]\d|\+13:00",
    "an offset in quotes from '-12:59' to '+13:00', such as '+00:00' (the server refuses names with 1298)",
)
_not_binary = matching(r"(?!(?i:binary)$)\w+", "one plain word, and not binary: statements are text")
_some_words = matching(r"(\w+(,\w+)*)?", "plain words joined by commas")
_part_of_login = matching(r"[\w.$-]+", "a name alone, without blanks and '@', '#', ':'")

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
"""Session variables that are not set by ``session_variables``."""

_STAYS_ON = {
    "autocommit": "dbt begins transactions itself",
    "sql_quote_show_create": "dbt reads columns from SHOW CREATE TABLE by their backticks",
}


def _size(least: str = "1K") -> Check:
    def check(field: str, value: Any) -> str:
        found = _SIZE.fullmatch(value) if isinstance(value, str) else None
        size = f"{found[1]}{found[2].upper()}" if found else ""
        if not size or _bytes(size) < _bytes(least):
            raise invalid(f"{field} must be a size of at least {least}, such as '4G', not {shown(value)}")
        return size

    return check


def _bytes(size: str) -> int:
    return int(size[:-1]) << 10 * _UNITS.index(size[-1])


def _hosts(field: str, value: Any) -> list[str]:
    if value in (AUTO, [AUTO]):
        return [AUTO]
    if not isinstance(value, (list, tuple)) or not value:
        raise invalid(f"{field} must be a list such as ['ob1:2881', 'ob2:2881'], or auto, not {shown(value)}")
    if any(isinstance(item, str) and item.lower() == AUTO for item in value):
        raise invalid(f"{field}: auto cannot stand beside servers: give host and hosts: auto, or name every server")
    found = [endpoint(field, item) for item in value]
    if len(set(found)) < len(found):
        raise invalid(f"{field} must name each server once, not {shown(value)}")
    return found


def _schema(field: str, value: Any) -> str:
    name = text(field, value)
    if len(name) > _MAX_SCHEMA:
        raise invalid(f"{field} must have at most {_MAX_SCHEMA} characters, not {len(name)}: {shown(name)}")
    return name


def _sql_mode(field: str, value: Any) -> str:
    modes = str(_some_words(field, value))
    for mode in modes.upper().split(","):
        if mode in INCOMPATIBLE_MODES:
            raise invalid(f"{field}: {mode} would falsify texts that dbt loads and sends: leave it out")
    return modes


def _session_variables(field: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise invalid(f"{field} must be a mapping of variable names to values, not {shown(value)}")
    found: dict[str, Any] = {}
    for name, item in value.items():
        word = str(name).lower()
        if not isinstance(name, str) or not re.fullmatch(r"[a-z_][a-z0-9_]*", word):
            raise invalid(f"{field}: {shown(name)} must be a plain variable name, without @ or scope")
        if word in _OWN_FIELD:
            raise invalid(f"{field}: {word} has a profile field of its own: use {_OWN_FIELD[word]}")
        if word in _STAYS_ON:
            raise invalid(f"{field}: {word} must stay on, {_STAYS_ON[word]}: remove it")
        if word in found:
            raise invalid(f"{field}: {word} is given twice: remove one")
        infinite = isinstance(item, float) and not math.isfinite(item)
        if infinite or not isinstance(item, (str, int, float, type(None))):
            raise invalid(f"{field}: {word} must be a text, a number, true or false, not {shown(item)}")
        found[word] = item
    return found


FIELDS: dict[str, Check] = {
    "schema": _schema,
    "host": host,
    "port": whole(1, 65_535),
    "hosts": _hosts,
    "host_strategy": one_of(*get_args(HostStrategy)),
    "unix_socket": place,
    "path": folder,
    "engine": section({"memory": _size("1G"), "log_disk": _size("2G"), "datafile_max": _size()}),
    "user": text,
    "tenant": _part_of_login,
    "cluster": _part_of_login,
    "password": secret,
    "password_command": secret_words,
    "ssl_mode": one_of(*get_args(SslMode)),
    "ssl_ca": file,
    "ssl_cert": file,
    "ssl_key": file,
    "ssl_server_name": host,
    "ssh": section(
        {
            "host": host,
            "port": whole(1, 65_535),
            "user": text,
            "private_key": file,
            "password": secret,
            "known_hosts": file,
        },
        required=("host", "user"),
    ),
    "connect_timeout": _an_opening_timeout,
    "connect_retries": whole(0, 1000),
    "connect_retry_deadline": _an_opening_timeout,
    "retry_all": boolean,
    "connection_mode": one_of(*get_args(ConnectionMode)),
    "pool": section(
        {
            "size": whole(1, 1000),
            "timeout": _an_opening_timeout,
            "recycle": _an_opening_timeout,
            "idle_check": seconds(0, _YEAR),
        }
    ),
    "query_timeout": _a_session_timeout,
    "transaction_timeout": _a_session_timeout,
    "lock_timeout": _a_session_timeout,
    "time_zone": _an_offset,
    "sql_mode": _sql_mode,
    "charset": _not_binary,
    "collation": _not_binary,
    "session_variables": _session_variables,
    "cancel_method": one_of(*get_args(CancelMethod)),
    "track_trace_id": boolean,
    "standard_comments": boolean,
    "statement_retries": whole(0, 100),
}
"""Every profile field and its check; ``database`` is taken for ``schema`` before."""

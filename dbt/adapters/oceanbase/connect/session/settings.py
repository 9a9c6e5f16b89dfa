"""The SET statement that is sent once per connection: the profile's settings, and those that dbt needs."""

from __future__ import annotations

from ..options import SessionOptions
from ..quoting import literal

MICROSECONDS = 1_000_000
"""Microseconds per second, the unit of ``ob_query_timeout``, ``ob_trx_timeout`` and ``ob_trx_lock_timeout``."""

GROUP_CONCAT_MAX_LEN = 4_294_967_295
"""Bytes. With the server's default of 1024 a longer result of ``group_concat`` is cut off, with a warning only."""

INCOMPATIBLE_MODES = ("NO_BACKSLASH_ESCAPES", "ANSI_QUOTES", "ANSI", "DB2", "MAXDB", "MSSQL", "ORACLE", "POSTGRESQL")
"""SQL modes under which the server would parse string literals in another way than they are written here. Those from
``ANSI`` on are combinations that include ``ANSI_QUOTES``."""


def _own_modes() -> str:
    modes = "concat(',', @@global.sql_mode, ',')"
    for mode in INCOMPATIBLE_MODES:
        modes = f"replace({modes}, ',{mode},', ',')"
    return f"concat('STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO', {modes})"


SQL_MODE = _own_modes()
"""The server's own modes without INCOMPATIBLE_MODES, plus two: strict mode, without which values are truncated without
an error, and NO_AUTO_VALUE_ON_ZERO, without which a 0 in an AUTO_INCREMENT column becomes another number."""


def settings_statement(options: SessionOptions) -> str:
    """Return the one SET statement that sets up a session.

    The collation of the connection is the server's own if that belongs to the character set, the character set's
    default otherwise: one SET applies its settings from left to right, so ``@@collation_connection`` is the default
    by then.
    """
    charset = literal(options.charset)
    own = "@@global.collation_connection"
    kept = f"if(locate({literal(options.charset + '_')}, {own}) = 1, {own}, @@collation_connection)"
    settings: dict[str, str] = {
        "autocommit": "1",
        "character_set_client": charset,
        "character_set_results": charset,
        "character_set_connection": charset,
        "collation_connection": literal(options.collation) if options.collation else kept,
        "ob_query_timeout": str(round(options.query_timeout * MICROSECONDS)),
        "ob_trx_timeout": str(round(options.transaction_timeout * MICROSECONDS)),
        "ob_trx_lock_timeout": str(round(options.lock_timeout * MICROSECONDS)),
        "time_zone": literal(options.time_zone),
        "ob_read_consistency": "'STRONG'",
        "group_concat_max_len": str(GROUP_CONCAT_MAX_LEN),
    }
    settings["sql_mode"] = SQL_MODE if options.sql_mode is None else literal(options.sql_mode)
    settings.update((name, literal(value)) for name, value in options.variables)
    return "set " + ", ".join(f"{name} = {value}" for name, value in settings.items())

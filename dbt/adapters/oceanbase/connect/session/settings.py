"""The SET statement that sets up a new or reset session, with the settings of the profile and with settings for dbt."""

from __future__ import annotations

from ..options import SessionOptions
from ..quoting import literal

MICROSECONDS = 1_000_000
"""Microseconds in a second. ``ob_query_timeout`` and the server's other time limits are in microseconds."""

GROUP_CONCAT_MAX_LEN = 4_294_967_295
"""Maximum bytes of a result of ``group_concat``. The server cuts off a longer result with a warning (default: 1024)."""

INCOMPATIBLE_MODES = ("NO_BACKSLASH_ESCAPES", "ANSI_QUOTES", "ANSI", "DB2", "MAXDB", "MSSQL", "ORACLE", "POSTGRESQL")
"""SQL modes in which the server would parse string literals in another way than this package writes them.

The modes from ``ANSI`` on are combinations that include ``ANSI_QUOTES``.
"""


def _own_modes() -> str:
    modes = "concat(',', @@global.sql_mode, ',')"
    for mode in INCOMPATIBLE_MODES:
        modes = f"replace({modes}, ',{mode},', ',')"
    return f"concat('STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO', {modes})"


SQL_MODE = _own_modes()
"""SQL expression for the default SQL mode.

The mode has the server's own modes without INCOMPATIBLE_MODES, and also STRICT_ALL_TABLES and NO_AUTO_VALUE_ON_ZERO.
Without strict mode, the server truncates values without an error. Without NO_AUTO_VALUE_ON_ZERO, it replaces a 0 in an
AUTO_INCREMENT column by another number.
"""


def settings_statement(options: SessionOptions) -> str:
    """Return the one SET statement that sets up a session with ``options``. It does not select the schema.

    If ``options`` has no collation, the session gets the server's collation if that belongs to the character set, and
    otherwise the default collation of the character set. The statement reads this default from
    ``@@collation_connection``. The variable has the default already, because the server applies the settings from left
    to right, and ``character_set_connection`` comes first.

    The recycle bin is off. Otherwise, each staging table and each replaced table would stay there with its rows.
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
        "recyclebin": "0",
    }
    settings["sql_mode"] = SQL_MODE if options.sql_mode is None else literal(options.sql_mode)
    settings.update((name, literal(value)) for name, value in options.variables)
    return "set " + ", ".join(f"{name} = {value}" for name, value in settings.items())

"""What is said to the server once per connection: one SET statement, of the profile's settings and dbt's needs."""

from __future__ import annotations

from ..options import SessionOptions
from ..quoting import literal

MICROSECONDS = 1_000_000
"""OceanBase's timeouts (``ob_query_timeout``, ``ob_trx_timeout``, ``ob_trx_lock_timeout``) count these."""

GROUP_CONCAT_MAX_LEN = 4_294_967_295
"""Bytes. The server's 1024 cuts longer lists of ``group_concat`` off with a warning only."""

READS_OTHERWISE = ("NO_BACKSLASH_ESCAPES", "ANSI_QUOTES", "ANSI", "DB2", "MAXDB", "MSSQL", "ORACLE", "POSTGRESQL")
"""SQL modes under which texts would be read otherwise than they are written here: from ``ANSI`` on they stand for
several, ``ANSI_QUOTES`` among them."""


def _own_modes() -> str:
    modes = "concat(',', @@global.sql_mode, ',')"
    for mode in READS_OTHERWISE:
        modes = f"replace({modes}, ',{mode},', ',')"
    return f"concat('STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO', {modes})"


SQL_MODE = _own_modes()
"""The server's own modes, strict in any case (values would be cut to fit without an error), with zeros kept as they
are in AUTO_INCREMENT columns, and without those under which texts would be read otherwise."""


def settings_statement(options: SessionOptions) -> str:
    """Give the one SET statement that makes a session what dbt expects.

    The collation of the connection stays the server's own where that is one of the character set; the settings of
    one SET are applied from left to right, so the fallback sees the character set's default.
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

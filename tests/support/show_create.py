"""A text as SHOW CREATE TABLE returns it."""

from __future__ import annotations

from collections.abc import Iterable

OPTIONS = (
    "ORGANIZATION INDEX DEFAULT CHARSET = utf8mb4 ROW_FORMAT = DYNAMIC COMPRESSION = 'zstd_1.3.8' REPLICA_NUM = 1 "
    "BLOCK_SIZE = 16384 USE_BLOOM_FILTER = FALSE TABLET_SIZE = 134217728 PCTFREE = 0"
)


def shown(keys: Iterable[str] = (), options: str = OPTIONS, tail: str = "") -> str:
    """Return the definition of a table with two columns, with ``keys``, ``options`` and a ``tail``."""
    columns = [
        "`a` int(11) NOT NULL",
        "`b` varchar(20) DEFAULT 'it\\'s, so' COMMENT 'a\\n  KEY `x`' SKIP_INDEX(MIN_MAX)",
    ]
    return "CREATE TABLE `t` (\n  " + ",\n  ".join([*columns, *keys]) + f"\n) {options}{tail}"

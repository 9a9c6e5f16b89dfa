"""SQL of dbt's test suite, which is written for PostgreSQL, said in OceanBase's MySQL dialect."""

from __future__ import annotations


def in_dialect(sql: str, *changes: tuple[str, str]) -> str:
    """Replace each text by the other in ``sql``; ValueError for one that is not there (any more)."""
    for old, new in changes:
        if old not in sql:
            raise ValueError(f"{old!r} is not in the SQL of dbt's test suite: {sql[:200]!r}")
        sql = sql.replace(old, new)
    return sql

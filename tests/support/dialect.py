"""SQL of dbt's test suite, which is written for PostgreSQL, said in OceanBase's MySQL dialect."""

from __future__ import annotations

from typing import Any


def in_dialect(sql: str, *changes: tuple[str, str]) -> str:
    """Replace each text by the other in ``sql``; ValueError for one that is not there (any more)."""
    for old, new in changes:
        if old not in sql:
            raise ValueError(f"{old!r} is not in the SQL of dbt's test suite: {sql[:200]!r}")
        sql = sql.replace(old, new)
    return sql


class InDialect:
    """dbt's test project for SQL that needs other words here: ``changes`` as for ``in_dialect``."""

    def __init__(self, project: Any, *changes: tuple[str, str]) -> None:
        self.project = project
        self.changes = changes

    def __getattr__(self, name: str) -> Any:
        return getattr(self.project, name)

    def run_sql(self, sql: str, fetch: str | None = None) -> Any:
        """Run SQL as the project does."""
        return self.project.run_sql(in_dialect(sql, *self.changes), fetch=fetch)

    def get_tables_in_schema(self) -> Any:
        """Do what the project does, in the dialect."""
        return type(self.project).get_tables_in_schema(self)

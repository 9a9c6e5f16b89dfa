"""Translate SQL of dbt's test suite, which is written for PostgreSQL, into OceanBase's MySQL dialect."""

from __future__ import annotations

from typing import Any


def in_dialect(sql: str, *changes: tuple[str, str]) -> str:
    """Return ``sql`` after ``changes``, pairs of old and new text. Raise ValueError if an old text is missing."""
    for old, new in changes:
        if old not in sql:
            raise ValueError(f"{old!r} is not in the SQL of dbt's test suite: {sql[:200]!r}")
        sql = sql.replace(old, new)
    return sql


class InDialect:
    """A wrapper of dbt's test project that applies ``changes`` (see ``in_dialect``) to each SQL statement it runs."""

    def __init__(self, project: Any, *changes: tuple[str, str]) -> None:
        self.project = project
        self.changes = changes

    def __getattr__(self, name: str) -> Any:
        return getattr(self.project, name)

    def run_sql(self, sql: str, fetch: str | None = None) -> Any:
        """Run ``sql`` like the project, after the changes."""
        return self.project.run_sql(in_dialect(sql, *self.changes), fetch=fetch)

    def get_tables_in_schema(self) -> Any:
        """Return the tables like the project. The changes are applied to its query."""
        return type(self.project).get_tables_in_schema(self)

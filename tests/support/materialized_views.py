"""What the tests of materialized views share: what the catalog says, and on which kernels they run."""

from __future__ import annotations

from typing import Any

import pytest

WITHOUT = ("1.4",)
"""Kernels that have no materialized views."""

REFUSED = "refused"
"""Part of the names of the test files that test the refusal on the kernels ``WITHOUT``."""


def only_where_possible(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests in folders of materialized views that the kernel cannot run."""
    has_views = config.getoption("--kernel") not in WITHOUT
    fits = [item for item in items if "materialized_view" not in str(item.path.parent) or has_views != is_refusal(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in fits])
    items[:] = fits


def is_refusal(item: pytest.Item) -> bool:
    """Check whether ``item`` tests the refusal."""
    return REFUSED in item.path.name


def kind_of(project: Any, relation: Any) -> str | None:
    """Return the type of a relation, or None if it does not exist."""
    rows = project.run_sql(
        f"select 'materialized_view' from oceanbase.DBA_MVIEWS where owner = '{relation.schema}' "
        f"and mview_name = '{relation.identifier}' union all "
        "select if(table_type = 'VIEW', 'view', 'table') from information_schema.tables "
        f"where table_schema = '{relation.schema}' and table_name = '{relation.identifier}'",
        fetch="all",
    )
    return str(rows[0][0]) if rows else None


def shown(project: Any, relation: Any) -> str:
    """Return the statement that creates a materialized view, as the server shows it."""
    return str(project.run_sql(f"show create table {relation.render()}", fetch="one")[1])

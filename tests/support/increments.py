"""Build the SQL of incremental models for tests."""

from __future__ import annotations

from typing import Any


def model(first: str, later: str, **config: Any) -> str:
    """Return an incremental model that selects ``first`` in its first run and ``later`` in all runs after it."""
    settings = ", ".join(f"{name}={value!r}" for name, value in config.items())
    return (
        f"{{{{ config(materialized='incremental', {settings}) }}}}\n"
        f"{{% if is_incremental() %}}{later}{{% else %}}{first}{{% endif %}}"
    )


def rows(*values: str, names: str = "id, word") -> str:
    """Return a SELECT of rows with the columns ``names``. Each row is a string of SQL values separated by blanks."""
    heads = names.split(", ")
    selects = [", ".join(f"{v} as {n}" for v, n in zip(value.split(" "), heads, strict=True)) for value in values]
    return " union all ".join(f"select {select}" for select in selects)

"""Incremental models for tests: a SELECT for the first run, another one for those after it."""

from __future__ import annotations

from typing import Any


def model(first: str, later: str, **config: Any) -> str:
    """Give an incremental model with these SELECTs for the first and any later run."""
    settings = ", ".join(f"{name}={value!r}" for name, value in config.items())
    return (
        f"{{{{ config(materialized='incremental', {settings}) }}}}\n"
        f"{{% if is_incremental() %}}{later}{{% else %}}{first}{{% endif %}}"
    )


def rows(*values: str, names: str = "id, word") -> str:
    """Give a SELECT of rows, each written as SQL values separated by blanks."""
    heads = names.split(", ")
    selects = [", ".join(f"{v} as {n}" for v, n in zip(value.split(" "), heads, strict=True)) for value in values]
    return " union all ".join(f"select {select}" for select in selects)

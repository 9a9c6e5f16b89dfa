"""Prepare the rows of dbt's unit tests: the order of expected columns, and the NULLs of rows from a seed's file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dbt_common.exceptions import DbtRuntimeError

from .connect.quoting import literal
from .seeds.literals import declared_literal
from .unit_tests import row_text

Row = dict[str, Any]
"""A row of a unit test: its values by column name."""

_NULL_TEXTS = ("", "null")
"""Texts, in lower case, that mean NULL in every column of a seed's file."""

_NAME = re.compile(r"(?P<keyword>\w+\s*=\s*)?(?:'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\")")


def expected_rows(rows: Sequence[Row], test: str) -> list[Row]:
    """Return ``rows``, expected by the unit test ``test``, with the columns of each row in the order of the first row.

    The rows become the parts of a UNION, where values are matched by their position. The case of names does not matter.
    Raise DbtRuntimeError with one line if a row has other columns than the first row.
    """
    wanted = [str(name).lower() for name in rows[0]] if rows else []
    ordered = []
    for row in rows:
        found = {str(name).lower(): name for name in row}
        missing = [name for name in wanted if name not in found]
        others = [str(name) for lower, name in found.items() if lower not in wanted]
        if missing or others:
            problem = " and ".join(
                f"{verb} {', '.join(names)}" for verb, names in (("lacks", missing), ("has", others)) if names
            )
            raise DbtRuntimeError(
                f"unit test {test}: expect: row {row_text(row)} {problem}, unlike the first row {row_text(rows[0])}: "
                "write the same columns in each row, with null for NULL"
            )
        # a name that a row has twice, in another case, is left in it and refused when the row is read
        is_clear = len(found) == len(row)
        ordered.append({found[name]: row[found[name]] for name in wanted} if is_clear else row)
    return ordered


def is_from_file(given: Iterable[Mapping[str, Any]], name: str, package: str) -> bool:
    """Check whether dbt has read the rows for the seed ``name`` of ``package`` from its file.

    ``given`` are the inputs of the unit test as its YAML file has them. dbt reads the file of a seed if an input has
    neither ``rows`` nor a ``fixture``.
    """
    inputs: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for each in given:
        found = _NAME.finditer(str(each.get("input")))
        inputs[tuple(name["single"] or name["double"] for name in found if not name["keyword"])] = each
    # an input may name the package of the seed
    own = inputs.get((package, name)) or inputs.get((name,)) or {}
    return bool(own) and own.get("rows") is None and own.get("fixture") is None


def as_loaded(rows: Iterable[Row], column_types: Mapping[str, str]) -> list[Row]:
    """Return ``rows``, the texts of a seed's file, with None for each text that ``dbt seed`` loads as NULL.

    ``column_types`` is the config of the seed.
    """
    checks = {name: _null_check(declared) for name, declared in column_types.items()}
    return [{name: None if checks.get(name, _is_null)(value) else value for name, value in row.items()} for row in rows]


def may_be_null(rows: Iterable[Row]) -> bool:
    """Check whether ``rows`` have a text that would mean NULL in each column of a seed's file."""
    return any(isinstance(value, str) and _is_null(value) for row in rows for value in row.values())


def _is_null(value: Any) -> bool:
    return value is None or str(value).strip().lower() in _NULL_TEXTS


def _null_check(declared: str) -> Callable[[Any], bool]:
    """Return a function that checks whether a text means NULL in a seed's column of the type ``declared``."""
    to_literal = declared_literal(declared, literal)

    def check(value: Any) -> bool:
        if _is_null(value):
            return True
        try:
            return to_literal(value) == "null"
        except ValueError:
            # the value is wrong, and the error for it follows when the row is read
            return False

    return check

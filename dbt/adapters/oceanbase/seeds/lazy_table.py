"""The table of a seed that dbt keeps as the seed's result. The file is read only if somebody looks at the table."""

from __future__ import annotations

from collections import UserList
from collections.abc import Callable
from typing import Any

import agate
from dbt_common.clients.agate_helper import as_matrix


class LazyTable(agate.Table):  # type: ignore[misc]
    """An agate table that calls ``load`` for its contents when one of its attributes is used for the first time."""

    def __init__(self, load: Callable[[], agate.Table]) -> None:
        """Keep ``load``, which returns the table."""
        self._load = load

    def __getattr__(self, name: str) -> Any:
        """Load the table and return its attribute ``name``. Raise AttributeError if the table has no such attribute."""
        if name.startswith("__") or "_load" not in vars(self):
            raise AttributeError(name)
        load = self.__dict__.pop("_load")
        try:
            self.__dict__.update(vars(load()))
        except BaseException:
            self.__dict__["_load"] = load
            raise
        return getattr(self, name)


class LazyRows(UserList[Any]):
    """The list of the rows of an agate table. It is made when the list is used for the first time."""

    def __init__(self, table: agate.Table | list[Any]) -> None:
        """Keep ``table``, whose rows are not read yet. A slice, a copy or a sum gives the list of its rows instead."""
        if isinstance(table, list):
            self._rows = table
        else:
            self._table = table

    _rows: list[Any]

    def copy(self) -> LazyRows:
        """Return a new list of the rows."""
        return LazyRows(list(self.data))

    @property
    def data(self) -> list[Any]:  # type: ignore[override]
        """The rows as tuples."""
        if "_rows" not in vars(self):
            self._rows = as_matrix(self._table)
        return self._rows


def store(store_result: Callable[..., Any], load: Callable[[], agate.Table]) -> None:
    """Store the table that ``load`` returns as the result ``agate_table`` of the node, as dbt's own seeds do.

    ``store_result`` is the function of dbt's context that stores a result. It makes a list of all rows, so that it
    stores an empty table here, and the table and the list are then replaced by ones that are loaded when they are used.
    If the context does not show its results, the table is loaded at once.
    """
    results = getattr(getattr(store_result, "__self__", None), "sql_results", None)
    if results is None:
        store_result("agate_table", response="OK", agate_table=load())
        return
    store_result("agate_table", response="OK")
    table = LazyTable(load)
    results["agate_table"].update(table=table, data=LazyRows(table))

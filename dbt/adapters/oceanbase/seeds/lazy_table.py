"""The table of a seed that dbt keeps as the seed's result. The file is read only if somebody looks at the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import agate
from dbt_common.clients.agate_helper import as_matrix
from dbt_common.utils.dict import AttrDict


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


class LazyResult(AttrDict):
    """A result of a statement, as dbt stores it: a dict with the keys ``response``, ``table`` and ``data``.

    ``data`` is the list of the rows. It is only made when it is used for the first time.
    """

    @property
    def data(self) -> list[Any]:
        """The rows of the seed as tuples. The first use reads the seed's file, and the list is then kept."""
        return self["data"]  # type: ignore[no-any-return]

    def __missing__(self, key: str) -> Any:
        """Make, keep and return the list of the rows if ``key`` is ``data``. Raise KeyError for any other key."""
        if key != "data":
            raise KeyError(key)
        rows = as_matrix(self["table"])
        self["data"] = rows
        return rows


def store(store_result: Callable[..., Any], load: Callable[[], agate.Table]) -> None:
    """Store the table that ``load`` returns as the result ``agate_table`` of the node, as dbt's own seeds do.

    ``store_result`` is the function of dbt's context that stores a result. It would make a list of all rows at once, so
    it is called without a table. Then the stored result is replaced by a ``LazyResult``, which calls ``load`` when its
    table or its list of rows is used. If the stored results of the context cannot be accessed, the table is loaded at
    once.
    """
    results = getattr(getattr(store_result, "__self__", None), "sql_results", None)
    if results is None:
        store_result("agate_table", response="OK", agate_table=load())
        return
    store_result("agate_table", response="OK")
    results["agate_table"] = LazyResult(response=results["agate_table"]["response"], table=LazyTable(load))

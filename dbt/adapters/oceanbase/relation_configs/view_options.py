"""The configs of a view: ``columns`` and ``check_option``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..connect.quoting import identifier
from .components import Get, error
from .values import names

COLUMNS = "columns"
CHECK_OPTION = "check_option"
CONFIGS = (COLUMNS, CHECK_OPTION)


@dataclass(frozen=True)
class ViewOptions:
    """The options of a view.

    ``columns`` are the names of its columns, or empty if the query gives them. ``check_option`` is ``local``,
    ``cascaded`` or empty.
    """

    columns: tuple[str, ...] = ()
    check_option: str = ""

    @classmethod
    def of_config(cls, get: Get) -> ViewOptions:
        """Return the options that the configs of a node describe. Raises ConfigError for a wrong value."""
        columns = tuple(names(COLUMNS, get(COLUMNS)))
        if len({column.lower() for column in columns}) < len(columns):
            raise error(COLUMNS, f"{', '.join(columns)} has a name twice", "write each name once")
        contract = get("contract")
        if columns and getattr(contract, "enforced", False):
            raise error(
                COLUMNS, "an enforced contract names the columns of the SELECT", "name them there, in the SELECT"
            )
        return cls(columns, _check_option(get(CHECK_OPTION)))

    @property
    def column_list(self) -> str:
        """Return the list of column names in parentheses for CREATE VIEW. It is empty if no names are configured."""
        return f" ({', '.join(map(identifier, self.columns))})" if self.columns else ""

    @property
    def check_clause(self) -> str:
        """Return the clause WITH CHECK OPTION for the end of CREATE VIEW. It is empty if none is configured."""
        return f"with {self.check_option} check option" if self.check_option else ""


def _check_option(value: Any) -> str:
    if value is None or value is False:
        return ""
    words = str(value).lower().split()
    kept = [word for word in words if word not in ("with", "check", "option")]
    if value is True or (words and not kept):
        return "cascaded"
    if kept in (["local"], ["cascaded"]):
        return kept[0]
    raise error(CHECK_OPTION, f"{value!r} is not known", "write local or cascaded")

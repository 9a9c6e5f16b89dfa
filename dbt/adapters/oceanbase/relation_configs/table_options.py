"""The class for the options of a table, such as ``block_size``, which the config ``table_options`` sets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from . import option_rules
from .components import Change, Component, Get, Place, Probe, error
from .option_rules import RULES
from .table_definition import tokens, unquoted
from .values import renamed

if TYPE_CHECKING:
    from typing_extensions import Self

    from .table_definition import TableDefinition

CONFIG = "table_options"
SKIP_INDEX = "skip_index"
_ALIASES = {
    "default_lob_inrow_threshold": "lob_inrow_threshold",
    "compress": "compression",
    "skip_indexes": SKIP_INDEX,
    "parallelism": "parallel",
}


@dataclass(frozen=True)
class TableOptions(Component):
    """The options of a table: SQL values by the name of the option."""

    options: Mapping[str, str]

    configs: ClassVar[tuple[str, ...]] = (CONFIG,)
    place: ClassVar[Place] = Place.OPTION

    @classmethod
    def from_config(cls, get: Get) -> Self | None:
        given = read(get)
        given.pop(SKIP_INDEX, None)
        if "comment" in given and (get("persist_docs") or {}).get("relation"):
            raise error(
                f"{CONFIG}: comment", "persist_docs stores the description as the comment", "remove one of them"
            )
        options = {name: RULES[name].parse(f"{CONFIG}: {name}", value) for name, value in given.items()}
        return cls(options) if options else None

    @classmethod
    def from_server(cls, definition: TableDefinition) -> Self:
        return cls(definition.options)

    def clause(self) -> str:
        return " ".join(RULES[name].clause(name, value) for name, value in self.options.items())

    def probes(self) -> tuple[Probe, ...]:
        return tuple(
            Probe(
                f"{CONFIG}: {name}: {value}",
                f"create table dbt_probe (d datetime) {rule.clause(name, rule.probed or value)}",
                rule.available_in,
                option_rules.REFUSED,
            )
            for name, value in self.options.items()
            if (rule := RULES[name]).available_in
        )

    def change_to(self, wanted: Self) -> Change:
        """Return the change that gives a table with these options the options ``wanted``, by ALTER statements.

        Options that ``wanted`` does not have are not changed. If ALTER cannot change an option that differs, the
        attribute ``refused`` of the result says so, and the adapter then runs none of the statements.
        """
        changed = {
            name: value
            for name, value in wanted.options.items()
            if RULES[name].is_compared and not self._has(name, value)
        }
        fixed = [f"{name}: {value}" for name, value in changed.items() if not RULES[name].is_alterable]
        refused = f"{CONFIG}: {', '.join(fixed)}: OceanBase cannot change it in an existing table" if fixed else None
        together = [name for name in changed if RULES[name].is_alterable and not RULES[name].is_altered_alone]
        alone = [name for name in changed if RULES[name].is_altered_alone]
        clauses = [RULES[name].clause(name, changed[name]) for name in together]
        changes = [Change.by_alter(", ".join(clauses))] if clauses else []
        for name in alone:
            clause = RULES[name].clause(name, changed[name])
            changes.append(Change.by_alter(clause, blocks_writers=RULES[name].blocks_writers))
        return Change(
            statements=tuple(sql for change in changes for sql in change.statements),
            refused=refused,
            blocking=tuple(sql for change in changes for sql in change.blocking),
        )

    def _has(self, name: str, value: str) -> bool:
        found = self.options.get(name, RULES[name].default)
        if found is None or _plain(found) == _plain(value):
            return True
        return name != "comment" and _plain(found).lower() == _plain(value).lower()


def read(get: Get) -> dict[str, Any]:
    """Return the options in the config ``table_options`` by name, without options whose value is None.

    The config is a mapping or, as in the adapter obmysql, SQL or a list of SQL. Aliases of option names are replaced.
    Raise ConfigError if the config has another type, or if a name is not known. The error then suggests a name.
    """
    value = get(CONFIG)
    if value is None:
        return {}
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list | tuple):
        value = dict(_named(each) for each in value)
    if not isinstance(value, Mapping):
        raise error(CONFIG, f"{value!r} is no mapping", "write {block_size: 65536}")
    given = renamed(CONFIG, value, (*RULES, SKIP_INDEX), _ALIASES)
    return {name: each for name, each in given.items() if each is not None}


def _named(option: Any) -> tuple[str, str]:
    """Return the name and the value of ``option``, an option as SQL such as ``block_size = 65536``."""
    words = tokens(str(option))
    if len(words) < 2:
        raise error(CONFIG, f"{option!r} is no option", "write {block_size: 65536}")
    value = str(option)[str(option).index(words[0]) + len(words[0]) :].strip().removeprefix("=").strip()
    is_text = value[:1] == value[-1:] == "'"
    return words[0], unquoted(value) if is_text else value


def _plain(value: str) -> str:
    """Return ``value``, an option's value as SQL, so that values from a config and from the server can be compared.

    A text is returned without its quotes. Any other value is returned in lower case, without blanks, backticks and
    parentheses.
    """
    return unquoted(value) if value.startswith("'") else re.sub(r"[\s`()]", "", value).lower()

"""Find configs that have no effect on their kind of node, such as configs of tables on an ephemeral model.

All nodes are searched, because dbt calls no hook of the adapter for some of them, such as sources.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .config_names import first_of
from .node_configs import OF_SESSION

OF_STATEMENTS = frozenset({*OF_SESSION, "standard_sql", "double_pipe"})
"""Configs that change how the statements of a node run.

They also have an effect on sources, for the query of their freshness, and on ephemeral models, for their unit tests.
"""

OF_MODELS_ONLY = ("columns", "location", "format", "options", "overwrite")
"""Configs of views and of models with ``materialized: external``. The SQL of functions and data tests ignores them."""

HEADER = "sql_header"
HEADER_FLAG = "require_sql_header_in_test_configs"
"""The flag of dbt, in ``dbt_project.yml``, without which dbt does not send the header of a data test."""

_DEFAULT_CHANGE = "apply"
_REBUILT = ("view", "table")


class Unused(NamedTuple):
    """A config without effect: its name, the kind of the nodes, why it has no effect there, and what to do."""

    config: str
    kind: str
    reason: str
    remedy: str


def unused_configs(
    nodes: Iterable[Any],
    configs: frozenset[str],
    known: Callable[[Any], frozenset[str]],
    has_header_flag: bool = True,
) -> dict[Unused, list[str]]:
    """Return the configs that have no effect on ``nodes``, each with the names of the nodes that set the config.

    ``nodes`` are nodes, sources and functions of dbt's manifest. ``configs`` are the names of the adapter's configs.
    ``known`` takes a node and returns the names of configs that the node's project lists as known. They are left out.
    ``has_header_flag`` says whether the project has set HEADER_FLAG.

    These configs have no effect: on ephemeral models and sources, all of ``configs`` except those that change how
    statements run (``OF_STATEMENTS``); on views and tables, an ``on_configuration_change`` other than ``apply``; on
    functions and data tests, the configs in ``OF_MODELS_ONLY``, which are for views or for external models; and on data
    tests, ``sql_header`` without HEADER_FLAG or before dbt-core 1.12.
    """
    found: dict[Unused, list[str]] = defaultdict(list)
    for node in nodes:
        for each in _unused(node, configs, has_header_flag):
            if each.config not in known(node):
                found[each].append(str(node.name))
    return dict(found)


def _unused(node: Any, configs: frozenset[str], has_header_flag: bool) -> Iterator[Unused]:
    kind = str(node.resource_type)
    names = {name for name, value in (getattr(node.config, "extra", None) or {}).items() if value is not None}
    if kind == "model":
        yield from _of_model(node.config, (names & configs) - OF_STATEMENTS)
    elif kind == "source":
        for name in sorted((names & configs) - OF_STATEMENTS):
            yield Unused(name, "source", "dbt builds no table for it", "set it on the model that needs it")
    elif kind in ("function", "test"):
        for name in sorted(names.intersection(OF_MODELS_ONLY)):
            kinds = "views" if name == "columns" else "models with materialized: external"
            yield Unused(name, kind, f"it is a config of {kinds}", "remove it")
    # the config class of dbt-core 1.12 has the config; before, it is an extra config, which dbt does not read
    is_sent = has_header_flag and hasattr(node.config, HEADER)
    if kind == "test" and not is_sent and (getattr(node.config, HEADER, None) or HEADER in names):
        remedy = "set it, with dbt-core 1.12 or later, or remove the config"
        yield Unused(HEADER, kind, f"dbt sends it with the flag {HEADER_FLAG} only", remedy)


def _of_model(config: Any, names: set[str]) -> Iterator[Unused]:
    materialized = str(config.materialized)
    if materialized == "ephemeral":
        for name in sorted(names):
            remedy = "set it on the models that select from it"
            yield Unused(name, "ephemeral model", "its SQL becomes a part of other models", remedy)
    elif materialized in _REBUILT:
        change = getattr(config, "on_configuration_change", None) or _DEFAULT_CHANGE
        if str(getattr(change, "value", change)) != _DEFAULT_CHANGE:
            yield Unused("on_configuration_change", materialized, "it is built anew in each run", "remove it")


def set_for_folders(configs: Any) -> set[str]:
    """Return all keys of a section of dbt_project.yml, such as ``models:``, at any depth, without a leading ``+``.

    ``configs`` is the section. Its keys are names of configs, and names of folders to which the configs below apply.
    """
    found = set()
    if isinstance(configs, Mapping):
        for key, value in configs.items():
            found |= {str(key).removeprefix("+"), *set_for_folders(value)}
    return found


def warning(unused: Unused, nodes: Iterable[str]) -> str:
    """Return the warning about a config without effect. ``nodes`` are the names of the nodes that set it."""
    article = "an" if unused.kind[0] in "aeiou" else "a"
    where = f"{article} {unused.kind}, since {unused.reason} ({first_of(nodes)})"
    return f"{unused.config}: no effect on {where}: {unused.remedy}"

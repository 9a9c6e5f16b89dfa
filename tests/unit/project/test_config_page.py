"""docs/configs.md has current tables, and the declarations that they are made of agree with the code."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from functools import partial
from types import SimpleNamespace
from typing import Any, get_args

import pytest
import yaml
from dbt_common.exceptions import DbtRuntimeError

from dbt.adapters.oceanbase.build import config_names, node_configs, node_settings
from dbt.adapters.oceanbase.config_fields import FIELDS, MODELS, OF_DBT, Kind
from dbt.adapters.oceanbase.configs import OceanBaseConfig
from dbt.adapters.oceanbase.relation_configs import design, external_table, materialized_view
from dbt.adapters.oceanbase.relation_configs.adapter import RelationConfigMixin
from dbt.adapters.oceanbase.relation_configs.external_adapter import ExternalMixin
from dbt.adapters.oceanbase.relation_configs.materialized_view_adapter import MaterializedViewMixin
from dbt.adapters.oceanbase.relation_configs.view_options import ViewOptions
from tests.support.config_page import ALL_FIELDS, PAGE, page

TEXT = PAGE.read_text()

FOLDER_WIDE = {name for name, field in FIELDS.items() if field.group in ("Incremental models", "SQL of a node")}
"""Configs that have no effect on nodes of other kinds, so that they can be set for a folder of mixed models."""

READ_OTHERWISE = {
    (name, kind)
    for name in ("columns", "location", "format", "options", "overwrite")
    for kind in ("function", "test", "source")
}
"""Packages may read a config of such a general name from these nodes."""

DESIGN = {name for each in design.COMPONENTS for name in each.configs}


def configs_of(name: str) -> dict[str, Any]:
    """Return the configs of the example of the config ``name``."""
    field = ALL_FIELDS[name]
    return {**yaml.safe_load(field.needs), **yaml.safe_load(field.example)}


def check(kind: Kind, configs: dict[str, Any]) -> None:
    """Run the adapter's checks of a node of the ``kind`` with ``configs``. Raise DbtRuntimeError as they do."""
    resource = "model" if kind in (*MODELS, "external") else kind
    everything = {**configs, "materialized": kind}
    node = SimpleNamespace(resource_type=resource, config=SimpleNamespace(materialized=kind, extra=configs))
    node_settings._check_kind(node)
    node_configs.settings_of(configs, resource)
    if kind not in ("function", "test", "source"):
        adapter: Any = SimpleNamespace()
        adapter._check_none_of = partial(RelationConfigMixin._check_none_of, adapter)
        RelationConfigMixin.checked_design(adapter, everything)
        if kind == "external":
            ExternalMixin.checked_files(adapter, {"location": "/data/exchange", **everything}, "exported")
        MaterializedViewMixin.check_refresh_configs(adapter, everything)


def test_the_tables_are_current() -> None:
    assert page(TEXT) == TEXT, "docs/configs.md is stale: run python tests/support/config_page.py"


def test_a_page_without_marks_is_an_error() -> None:
    with pytest.raises(ValueError, match="must hold the marks"):
        page("# Configs\n")


def test_every_config_of_the_adapter_is_declared_once() -> None:
    names = {field.name for field in fields(OceanBaseConfig) if not field.name.startswith("_")}

    assert set(FIELDS) == names, "declare new configs in config_fields.py, and run python tests/support/config_page.py"
    assert not set(FIELDS) & set(OF_DBT)
    assert set(OF_DBT) <= config_names.declared_anywhere() | config_names.OF_TESTS


def test_no_config_has_a_value_by_default() -> None:
    assert {field.default for field in fields(OceanBaseConfig) if field.default is not MISSING} == {None}


def test_the_defaults_that_the_code_chooses() -> None:
    view = materialized_view.MaterializedView.from_config({}.get)

    assert FIELDS["refresh_method"].default == f"`{view.method}`"
    assert FIELDS["query_rewrite"].default == f"`{str(view.query_rewrite).lower()}`"
    assert FIELDS["on_query_computation"].default == f"`{str(view.on_query_computation).lower()}`"
    assert FIELDS["direct_load"].default == FIELDS["analyze"].default == "`false`"
    assert node_configs.load_mode({}) is node_configs.analyze_of({}) is None


@pytest.mark.parametrize("name", ALL_FIELDS)
def test_the_example_sets_the_config(name: str) -> None:
    field = ALL_FIELDS[name]

    assert list(yaml.safe_load(field.example)) == [name]
    assert name not in yaml.safe_load(field.needs)
    assert field.values
    assert field.sql


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("name", FIELDS)
def test_the_kinds_of_nodes(name: str, kind: Kind) -> None:
    """A node of a kind that the page does not list cannot have the config, and any other may."""
    if kind in FIELDS[name].kinds:
        check(kind, configs_of(name))
    elif name not in FOLDER_WIDE and (name, kind) not in READ_OTHERWISE:
        with pytest.raises(DbtRuntimeError, match=name):
            check(kind, yaml.safe_load(FIELDS[name].example))


DEFINED = [
    found
    for path in (PAGE.parents[1] / "dbt" / "include" / "oceanbase" / "macros").rglob("*.sql")
    for found in re.findall(
        r"{%-?\s*(macro|materialization)\s+(\w+)(.*?){%-?\s*end\1",
        re.sub(r"{#.*?#}", "", path.read_text(), flags=re.S),
        re.S,
    )
]
MACROS = {name: body for _, name, body in DEFINED}
"""The macros and materializations of the adapter: their text by name."""

READ = {
    "grants": r"\bapply_grants\(",
    "pre_hook": r"run_hooks\(pre_hooks",
    "post_hook": r"run_hooks\(post_hooks",
    "unique_key": r"\bunique_key\b",
    "incremental_strategy": r"\bincremental_strategy\b",
    "on_configuration_change": r"on_configuration_change|apply_design_changes\(",
    "persist_docs": r"\bpersist_docs\(|persist_relation_docs|persist_column_docs",
    "contract": r"'contract'",
    "on_schema_change": r"\bprocess_schema_changes\b",
}
"""What a materialization, or a macro that it calls, has in its text if nodes of the kind can have the config of dbt."""

WITHOUT_EFFECT = {("persist_docs", "view"), ("contract", "external"), ("contract", "snapshot")}
"""Configs and kinds of nodes for which a macro of several kinds has the text, without an effect on this kind."""


def all_called_by(name: str) -> str:
    """Return the texts of the macro or materialization ``name`` and of all macros of the adapter that it calls."""
    found: set[str] = set()
    names = [name]
    while names:
        each = names.pop()
        if each in MACROS and each not in found:
            found.add(each)
            names += [
                prefix + word for word in re.findall(r"\b(\w+)\(", MACROS[each]) for prefix in ("", "oceanbase__")
            ]
    return "\n".join(MACROS[each] for each in sorted(found))


@pytest.mark.parametrize("name", READ)
def test_the_kinds_of_nodes_that_can_have_a_config_of_dbt(name: str) -> None:
    """Each materialization of the adapter honours the config if and only if the page lists its kind of node."""
    kinds = [kind for kind in get_args(Kind) if kind in MACROS and re.search(READ[name], all_called_by(kind))]

    assert set(OF_DBT[name].kinds) == {kind for kind in kinds if (name, kind) not in WITHOUT_EFFECT}


CHOSEN_BY_DBT = {"seed", "snapshot", "function", "clone", "unit"}
"""Materializations that dbt chooses by the type of the node or by the command, so that no model is given them."""


def test_the_values_and_kinds_of_materialized() -> None:
    """They are the materializations of the adapter that a model can have, and ``ephemeral``, which dbt itself does."""
    defined = {name for word, name, _ in DEFINED if word == "materialization"}
    names = defined - CHOSEN_BY_DBT
    field = OF_DBT["materialized"]

    assert defined > CHOSEN_BY_DBT
    assert set(field.kinds) == names
    assert set(re.findall(r"`(\w+)`", field.values)) == names | {"ephemeral"}


def test_the_kinds_of_every_config_of_dbt_are_compared() -> None:
    # collation is a config of data tests, which have no materialization here: see
    # tests/functional/generic_tests/test_comparisons.py
    assert set(OF_DBT) == {*READ, "materialized", "collation"}


WITH_CLAUSE = [name for name, field in FIELDS.items() if "`" in field.sql and name not in FOLDER_WIDE]


@pytest.mark.parametrize("name", WITH_CLAUSE)
def test_the_clause(name: str) -> None:
    """The first SQL in the column *becomes* is in what the code renders of the example."""
    expected = re.findall(r"`([^`]+)`", FIELDS[name].sql)[0]
    configs = configs_of(name)

    assert expected in rendered(name, configs).replace("`", "")


def rendered(name: str, configs: dict[str, Any]) -> str:
    """Return the SQL of the ``configs``, the example of the config ``name``, with words in lower case."""
    found = design.TableDesign.of_config(configs.get)
    if name in DESIGN:
        return ", ".join(found.in_columns) + " " + found.after_columns
    if name in ("columns", "check_option"):
        options = ViewOptions.of_config(configs.get)
        return f"create view v{options.column_list} as ... {options.check_clause}"
    if FIELDS[name].group == "Files":
        return external_table.of_model(configs.get, "exported").into_clause()
    if FIELDS[name].group == "Materialized views":
        view = materialized_view.MaterializedView.from_config(configs.get)
        return f"{view.refresh_clause} {view.schedule_clause} {view.usage_clause}".lower()
    settings = node_configs.settings_of(configs, "test")
    return " ".join(
        [
            *(f"set {variable.name} = {variable.value}" for variable in (settings.variables if settings else ())),
            "client_info" if settings and settings.tag else "",
            f"select /*+ {' '.join(node_configs.query_hints(configs, is_view=False))} */",
            f"create /*+ {node_settings.DIRECT} */ table" if node_configs.load_mode(configs) else "",
            "analyze table t" if node_configs.analyze_of(configs) else "",
        ]
    )

"""What becomes of the configs of a node that change how its statements run, and which values are refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from dbt_common.exceptions import DbtRuntimeError

from dbt.adapters.oceanbase.build import node_configs, node_settings
from dbt.adapters.oceanbase.build.node_configs import Analyze

MODES = "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO"


def settings(**configs: Any) -> Any:
    return node_configs.settings_of(configs, "test")


@pytest.mark.parametrize(
    ("configs", "statements"),
    [
        ({"query_timeout": "1.5"}, ["set @dbt_oceanbase_0 = @@ob_query_timeout, ob_query_timeout = 1500000"]),
        ({"read_consistency": "Weak"}, ["set @dbt_oceanbase_0 = @@ob_read_consistency, ob_read_consistency = 'WEAK'"]),
        (
            {"session_variables": {"A_b": "it's", "c": True, "d": 1.5, "e": None}},
            [
                "set @dbt_oceanbase_0 = @@a_b, a_b = 'it''s', @dbt_oceanbase_1 = @@c, c = 1, "
                "@dbt_oceanbase_2 = @@d, d = 1.5, @dbt_oceanbase_3 = @@e, e = default"
            ],
        ),
        ({"query_tag": "a'b"}, ["call dbms_application_info.set_client_info('a''b')"]),
    ],
)
def test_the_statements_of_settings(configs: dict[str, Any], statements: list[str]) -> None:
    assert settings(**configs).statements == statements


def test_one_statement_sets_all_and_one_brings_them_back() -> None:
    found = settings(query_timeout=1, parallel="4", session_variables={"sql_mode": MODES})
    [put] = found.statements
    assert put.count("@@") == 5
    [undo] = found.undo
    assert undo == (
        "set sql_mode = @dbt_oceanbase_4, _force_parallel_ddl_dop = @dbt_oceanbase_3, "
        "_force_parallel_dml_dop = @dbt_oceanbase_2, _force_parallel_query_dop = @dbt_oceanbase_1, "
        "ob_query_timeout = @dbt_oceanbase_0"
    )
    assert found.query_timeout == 1


@pytest.mark.parametrize("configs", [{}, {"query_timeout": None}, {"session_variables": {}}, {"analyze": True}])
def test_nothing_to_set(configs: dict[str, Any]) -> None:
    assert settings(**configs) is None


@pytest.mark.parametrize(
    ("configs", "error"),
    [
        ({"query_timeout": True}, "query_timeout must be seconds from"),
        ({"parallel": 0}, "parallel must be a whole number from 1 to 1024, not 0"),
        ({"parallel": 2.5}, "parallel must be a whole number"),
        ({"parallel": True}, "parallel must be a whole number"),
        ({"read_consistency": "eventual"}, "read_consistency must be weak or strong, not 'eventual'"),
        ({"session_variables": "a=1"}, "session_variables must be a mapping"),
        ({"session_variables": {"@@a": 1}}, "session_variables: '@@a' must be a plain variable name"),
        ({"session_variables": {"a": 1, "A": 2}}, "session_variables: a is given twice"),
        ({"session_variables": {"a": [1]}}, "session_variables: a must be a text, a number"),
        ({"session_variables": {"a": float("nan")}}, "session_variables: a must be a text, a number"),
        ({"session_variables": {"time_zone": "+01:00"}}, "time_zone cannot be set for a node"),
        ({"session_variables": {"Timestamp": 1}}, "timestamp cannot be set for a node: it would stop the clock of dbt"),
        (
            {"session_variables": {"sql_mode": "STRICT_ALL_TABLES"}},
            "sql_mode without NO_AUTO_VALUE_ON_ZERO: the server would replace a 0",
        ),
        (
            {"session_variables": {"Ob_Query_Timeout": 1}},
            "ob_query_timeout cannot be set for a node: use query_timeout",
        ),
        (
            {"session_variables": {"ob_trx_lock_timeout": 1}},
            "cannot be set for a node: use lock_timeout of the profile",
        ),
        ({"session_variables": {"_force_parallel_dml_dop": 1}}, "cannot be set for a node: use parallel"),
        ({"session_variables": {"character_set_results": "gbk"}}, "character_set_results cannot be set for a node"),
        ({"session_variables": {"sql_select_limit": 1}}, "sql_select_limit cannot be set for a node"),
        ({"session_variables": {"foreign_key_checks": 0}}, "foreign_key_checks cannot be set for a node"),
        ({"session_variables": {"sql_mode": "ANSI_QUOTES"}}, "sql_mode: ANSI_QUOTES would falsify texts"),
        ({"query_tag": ""}, "query_tag must be a text"),
        ({"query_tag": "a\nb"}, "query_tag must have at most 64 characters and no line ends"),
    ],
)
def test_wrong_settings(configs: dict[str, Any], error: str) -> None:
    with pytest.raises(DbtRuntimeError, match=r".") as caught:
        settings(**configs)
    assert error in str(caught.value)
    assert "\n" not in caught.value.msg


def test_hints_of_a_materialized_view_are_refused() -> None:
    made = SimpleNamespace(materialized="materialized_view", extra={"resource_group": "etl"})
    with pytest.raises(DbtRuntimeError, match="no hints into a materialized view: write them into its query"):
        node_settings._check_kind(SimpleNamespace(resource_type="model", config=made))


def test_hints_of_a_query() -> None:
    configs = {"optimizer_hints": ["use_hash(a)", "no_rewrite"], "resource_group": "etl", "parallel": 3}
    assert node_configs.query_hints(configs, is_view=False) == ["use_hash(a)", "no_rewrite", "resource_group('etl')"]
    assert node_configs.query_hints(configs, is_view=True)[-1] == "parallel(3)"
    assert node_configs.query_hints({"optimizer_hints": "no_rewrite"}, is_view=False) == ["no_rewrite"]
    for wrong in ({"optimizer_hints": {"a": 1}}, {"optimizer_hints": [1]}, {"resource_group": "a')"}):
        with pytest.raises(DbtRuntimeError, match=r"optimizer_hints|resource_group"):
            node_configs.query_hints(wrong, is_view=False)


@pytest.mark.parametrize(
    ("name", "nothing", "something"),
    [
        ("optimizer_hints", [None, [], ""], [["no_rewrite"], "no_rewrite"]),
        ("resource_group", [None], ["none"]),
        ("direct_load", [None, False, "False", "auto"], [True, "true"]),
        ("analyze", [None, False, "false"], [True, "10%", ["a"]]),
    ],
)
def test_which_values_ask_for_nothing(name: str, nothing: list[Any], something: list[Any]) -> None:
    assert [value for value in [*nothing, *something] if node_configs.is_set(name, value)] == something


@pytest.mark.parametrize(
    ("configs", "mode"),
    [
        ({"direct_load": True, "parallel": 2}, "true"),
        ({"direct_load": "auto", "parallel": "2"}, "auto"),
        ({"direct_load": "auto"}, None),
        ({"direct_load": False, "parallel": 2}, None),
        ({"parallel": 2}, None),
    ],
)
def test_direct_load(configs: dict[str, Any], mode: str | None) -> None:
    assert node_configs.load_mode(configs) == mode


@pytest.mark.parametrize(
    ("configs", "wanted"),
    [
        ({"analyze": True}, Analyze()),
        ({"analyze": True, "parallel": 2}, Analyze(degree=2)),
        ({"analyze": "12.5%"}, Analyze(12.5)),
        ({"analyze": ["a", "b"]}, Analyze(columns=("a", "b"))),
        ({"analyze": {"percent": 10, "columns": "a", "degree": 3}, "parallel": 2}, Analyze(10, ("a",), 3)),
        ({"analyze": False}, None),
        ({}, None),
    ],
)
def test_statistics(configs: dict[str, Any], wanted: Analyze | None) -> None:
    assert node_configs.analyze_of(configs) == wanted


@pytest.mark.parametrize("value", ["0%", "101%", "some", {"percent": True}, {"colums": ["a"]}, [1], {"degree": 0}])
def test_wrong_statistics(value: Any) -> None:
    with pytest.raises(DbtRuntimeError, match=r"^(.*\n *)?analyze"):
        node_configs.analyze_of({"analyze": value})

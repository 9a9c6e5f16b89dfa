"""The other components of a table's design, the definition that the server shows, and the options of views."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from dbt_common.exceptions import DbtRuntimeError
from support.show_create import shown

from dbt.adapters.oceanbase.relation_configs import adapter as adapter_module
from dbt.adapters.oceanbase.relation_configs.adapter import RelationConfigMixin
from dbt.adapters.oceanbase.relation_configs.components import ConfigError
from dbt.adapters.oceanbase.relation_configs.design import TableDesign
from dbt.adapters.oceanbase.relation_configs.option_rules import RULES
from dbt.adapters.oceanbase.relation_configs.table_definition import TableDefinition, unquoted
from dbt.adapters.oceanbase.relation_configs.view_options import ViewOptions

TAIL = (
    " TABLE_MODE = 'QUEUING' PARALLEL 3 COMMENT = 'it\\'s \\\\ WITH COLUMN GROUP(x)' TTL = (d + interval 2 day)"
    " LOB_INROW_THRESHOLD=1000\n partition by range columns(d)\n(partition `p1` values less than (MAXVALUE))"
    " WITH COLUMN GROUP(all columns, each column)"
)
GLOBAL = "UNIQUE KEY `g` (`a`) BLOCK_SIZE 16384 GLOBAL\n partition by hash(a)\n(partition `p0`,\npartition `p1`)"
GROUPED = "KEY `h` (`b`) BLOCK_SIZE 16384 GLOBAL COMMENT 'dbt'\n  WITH COLUMN GROUP(all columns)"


def design(**configs: Any) -> TableDesign:
    """Return the design of the configs."""
    return TableDesign.of_config(configs.get)


def statements(text: str, **configs: Any) -> list[str]:
    """Return the statements that give the table, as the server shows it, the design of the configs."""
    changes = design(**configs).changes_from(TableDefinition.parse(text))
    return [statement for change in changes for statement in change.statements_for("t")]


def test_a_definition_in_its_parts() -> None:
    found = TableDefinition.parse(shown(["PRIMARY KEY (`a`)", GLOBAL, GROUPED], tail=TAIL))

    assert list(found.columns) == ["a", "b"]
    assert found.primary_key == "PRIMARY KEY (`a`)"
    assert found.keys == {"g": GLOBAL, "h": GROUPED}
    assert found.options["organization"] == "INDEX"
    assert found.options["charset"] == "utf8mb4"
    assert found.options["compression"] == "'zstd_1.3.8'"
    assert found.options["parallel"] == "3"
    assert found.options["ttl"] == "d + interval 2 day"
    assert found.options["lob_inrow_threshold"] == "1000"
    assert unquoted(found.options["comment"]) == "it's \\ WITH COLUMN GROUP(x)"
    assert found.partition == "partition by range columns(d)\n(partition `p1` values less than (MAXVALUE))"
    assert found.column_group == "all columns, each column"


def test_a_definition_without_more() -> None:
    found = TableDefinition.parse(shown())

    assert (found.keys, found.primary_key, found.partition, found.column_group) == ({}, "", "", "")


def test_clauses_in_the_order_of_the_server() -> None:
    found = design(
        column_groups=["each_column"],
        table_options={"block_size": 32768, "comment": "it's", "skip_index": {"A": "sum"}},
        primary_key=["a", "b"],
        indexes=[{"columns": ["b"], "name": "i"}],
    )

    assert found.in_columns[0] == "primary key (`a`, `b`)"
    assert found.in_columns[1].startswith("index `i` (`b`)")
    assert found.after_columns == "block_size = 32768 comment = 'it''s' with column group (each column)"
    assert found.attributes_of(["a", "b"]) == {"a": " skip_index(sum)"}
    with pytest.raises(ConfigError, match="there is no column a: write the name of a column"):
        found.attributes_of(["b"])


def test_the_scope_of_copies() -> None:
    assert design(table_options={"duplicate_scope": "cluster"}).after_columns == "duplicate_scope = 'cluster'"
    assert statements(shown(), table_options={"duplicate_scope": "none"}) == []
    with pytest.raises(ConfigError, match="duplicate_scope: 'all' is not known: write one of none, cluster"):
        design(table_options={"duplicate_scope": "all"})


def test_no_config_is_no_design() -> None:
    assert not design()
    assert not design(table_options={})
    assert design().after_columns == ""


@pytest.mark.parametrize(
    ("configs", "text"),
    [
        ({"table_options": {"blok_size": 1}}, "table_options: blok_size is not known: write block_size"),
        ({"table_options": {"block_size": 7}}, "block_size: 7 is no integer from 1024 to 1048576"),
        ({"table_options": {"compression": "zip"}}, "compression: 'zip' is not known: write one of none, lz4_1.0"),
        ({"table_options": {"ttl": "7 days"}}, "ttl: '7 days' is no time to live: write the column and an interval"),
        ({"table_options": {"skip_index": ["a"]}}, "skip_index: ['a'] is no mapping of columns"),
        ({"table_options": {"skip_index": {"a": "max"}}}, "skip_index: max is not known: write min_max, sum"),
        ({"table_options": 7}, "table_options: 7 is no mapping"),
        (
            {"table_options": {"comment": "a"}, "persist_docs": {"relation": True}},
            "persist_docs stores the description",
        ),
        ({"primary_key": ["a", "A"]}, "primary_key: a, A has a column twice"),
        ({"primary_key": {"a": 1}}, "primary_key: {'a': 1} is no list of names"),
        ({"column_groups": 7}, "column_groups: 7 is no list"),
        ({"column_groups": ["cg (a, b)"]}, "column_groups: cg (a, b): OceanBase makes no groups of single columns yet"),
    ],
)
def test_a_wrong_value_is_refused(configs: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigError) as raised:
        design(**configs)
    assert text in str(raised.value)


def test_partitions_and_a_unique_index_of_another_column() -> None:
    """The server refuses new partitions while a unique index is without their column, so that it goes first."""
    old = "UNIQUE KEY `a_ix` (`a`) BLOCK_SIZE 16384 LOCAL COMMENT '[dbt 1a2b3c4d]'"
    by_hash = {"type": "hash", "column": "b", "count": 1}
    indexes = [{"columns": ["b"], "unique": True, "name": "b_ix"}]

    dropped, divided, created = statements(shown([old]), partition_by=by_hash, indexes=indexes)

    assert dropped == "drop index `a_ix` on t"
    assert divided == "alter table t partition by hash (`b`) (partition `p0`)"
    assert created.startswith("create unique index `b_ix` on t (`b`)")


def decided(config: dict[str, Any], text: str) -> list[str]:
    """Return the statements for the table, as the server shows it. ``config`` are the configs of its node."""
    adapter: Any = SimpleNamespace()
    relation: Any = SimpleNamespace(render=lambda: "t")
    changes = design(**config).changes_from(TableDefinition.parse(text))
    return RelationConfigMixin.decided(adapter, relation, config, changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "full_refresh", "remedy"),
    [
        ("incremental", None, "; with --full-refresh, a new table is built beside the present one and replaces it"),
        ("incremental", False, ""),
        ("snapshot", None, ""),
    ],
)
def test_the_log_says_what_makes_writers_wait(
    monkeypatch: pytest.MonkeyPatch, kind: str, full_refresh: bool | None, remedy: str
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(adapter_module.logger, "info", lines.append)
    config = {
        "materialized": kind,
        "full_refresh": full_refresh,
        "table_options": {"lob_inrow_threshold": 1, "parallel": 2},
        "column_groups": "each column",
        "partition_by": {"type": "hash", "column": "b", "count": 1},
        "indexes": [{"columns": ["b"], "name": "i"}],
    }

    statements = decided(config, shown())

    waits = f": other sessions cannot write to the table until this has ended{remedy}"
    assert [line.removeprefix("configuration changed: ") for line in lines] == [
        "alter table t parallel 2",
        f"alter table t lob_inrow_threshold = 1{waits}",
        f"alter table t partition by hash (`b`) (partition `p0`){waits}",
        f"alter table t add column group (each column){waits}",
        statements[-1],
    ]


@pytest.mark.parametrize(
    ("kind", "full_refresh", "remedy"),
    [
        ("seed", None, "run with --full-refresh"),
        ("incremental", False, "remove full_refresh: false and run with --full-refresh, or set"),
        ("snapshot", None, "set on_configuration_change: continue"),
    ],
)
def test_a_remedy_that_dbt_does_not_ignore(kind: str, full_refresh: bool | None, remedy: str) -> None:
    with pytest.raises(DbtRuntimeError, match=rf"primary_key: .* build the table again: {remedy}"):
        decided({"materialized": kind, "primary_key": "b", "full_refresh": full_refresh}, shown())


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.available_in])
def test_an_option_that_the_server_lacks(name: str) -> None:
    """All refused options are in one error, each with the server and what has it."""
    value = {"ttl": "a + interval 1 day", "tablegroup": "g", "replica_num": 1, "merge_engine": "delete_insert"}
    others = {"compression": "lz4_1.0", "duplicate_scope": "cluster"}
    options = {name: {**value, **others}.get(name, True), "block_size": 65536, "use_bloom_filter": True}
    adapter: Any = SimpleNamespace(
        config=SimpleNamespace(credentials=SimpleNamespace(options=lambda: name)),  # a server that was not asked yet
        server_info=lambda: "seekdb 1.4",
        _refusal=lambda probe: "error 1064",
    )

    with pytest.raises(ConfigError) as raised:
        RelationConfigMixin.check_probes(adapter, design(table_options=options).probes())

    lines = raised.value.msg.splitlines()
    assert len(lines) == len({name, "use_bloom_filter"})
    assert lines[0].startswith(f"table_options: {name}: ")
    assert f": seekdb 1.4 does not have it (error 1064); {RULES[name].available_in}: remove the config" in lines[0]


def test_options_as_obmysql_spells_them() -> None:
    found = design(table_options=["block_size = 65536", "COMMENT='it''s'", "parallel 4"])

    assert found.after_columns == "block_size = 65536 comment = 'it''s' parallel 4"


@pytest.mark.parametrize(
    ("given", "altered"),
    [
        ({"block_size": 16384, "compression": "zstd_1.3.8", "row_format": "dynamic", "use_bloom_filter": False}, []),
        ({"parallel": 1, "table_mode": "normal", "comment": "", "lob_inrow_threshold": 8192, "auto_increment": 9}, []),
        ({"block_size": 32768, "pctfree": 10}, ["alter table t block_size = 32768, pctfree = 10"]),
        (
            {"lob_inrow_threshold": 1, "parallel": 2},
            ["alter table t parallel 2", "alter table t lob_inrow_threshold = 1"],
        ),
        ({"ttl": "(`d` + INTERVAL 1 day)"}, ["alter table t ttl(`d` + INTERVAL 1 day)"]),
    ],
)
def test_options_by_difference(given: dict[str, Any], altered: list[str]) -> None:
    assert statements(shown(), table_options=given) == altered


def test_what_the_server_writes_in_another_way_is_the_same() -> None:
    given = {"comment": "it's \\ WITH COLUMN GROUP(x)", "ttl": "`D` + interval 2 DAY", "table_mode": "queuing"}

    assert statements(shown(tail=TAIL), table_options=given) == []


def test_what_alter_cannot_change() -> None:
    found = design(table_options={"organization": "heap", "block_size": 32768}, primary_key="b")
    refused = [change.refused for change in found.changes_from(TableDefinition.parse(shown(["PRIMARY KEY (`a`)"])))]

    assert refused == [
        "primary_key: the table has (a): adding or changing a primary key makes OceanBase build the table again",
        "table_options: organization: heap: OceanBase cannot change it in an existing table",
    ]


@pytest.mark.parametrize(
    ("present", "wanted", "altered"),
    [
        ("", ["all columns"], []),
        ("all columns", [], []),
        ("each column", ["each column"], []),
        ("", ["each column"], ["add column group (each column)"]),
        ("all columns, each column", [], ["drop column group (all columns, each column)"]),
        ("each column", ["all columns"], ["add column group (all columns)", "drop column group (each column)"]),
    ],
)
def test_column_groups_by_difference(present: str, wanted: list[str], altered: list[str]) -> None:
    tail = f" WITH COLUMN GROUP({present})" if present else ""

    assert statements(shown(tail=tail), column_groups=wanted) == [f"alter table t {clause}" for clause in altered]


def test_skip_indexes_by_difference() -> None:
    assert statements(shown(), table_options={"skip_index": {"b": ["min_max"]}}) == []
    [altered] = statements(shown(), table_options={"skip_index": {"a": "min_max", "b": []}})
    assert altered == (
        "alter table t modify column `a` int(11) NOT NULL skip_index(min_max), "
        "modify column `b` varchar(20) DEFAULT 'it\\'s, so' COMMENT 'a\\n  KEY `x`' skip_index()"
    )


def test_probes_carry_the_value() -> None:
    [probe] = design(table_options={"compression": "lz4_1.0", "block_size": 32768}).probes()

    assert probe.statement == "create table dbt_probe (d datetime) compression = 'lz4_1.0'"


@pytest.mark.parametrize(
    ("value", "clause"),
    [
        (None, ""),
        (True, "with cascaded check option"),
        ("local", "with local check option"),
        ("WITH CHECK OPTION", "with cascaded check option"),
    ],
)
def test_check_option(value: Any, clause: str) -> None:
    assert ViewOptions.of_config({"check_option": value}.get).check_clause == clause


def test_columns_of_a_view() -> None:
    assert ViewOptions.of_config({"columns": ["a", "b c"]}.get).column_list == " (`a`, `b c`)"
    with pytest.raises(ConfigError, match="has a name twice"):
        ViewOptions.of_config({"columns": ["a", "A"]}.get)

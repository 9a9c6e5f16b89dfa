"""The config ``indexes``: its spellings, the clauses, and the differences from a table."""

from __future__ import annotations

from typing import Any

import pytest
from dbt_common.exceptions import DbtRuntimeError
from support.show_create import shown

from dbt.adapters.oceanbase.relation_configs.components import ConfigError
from dbt.adapters.oceanbase.relation_configs.index_config import parse
from dbt.adapters.oceanbase.relation_configs.indexes import Indexes
from dbt.adapters.oceanbase.relation_configs.table_definition import TableDefinition


def clause(**config: Any) -> str:
    """Return the clause of one index, without the mark in its comment."""
    [index] = parse([config])
    return index.clause().replace(f"[dbt {index.digest}]", "[mark]")


@pytest.mark.parametrize(
    ("config", "sql"),
    [
        ({"columns": ["a"], "name": "i"}, "index `i` (`a`) comment '[mark]'"),
        ({"columns": "a", "name": "i", "unique": True}, "unique index `i` (`a`) comment '[mark]'"),
        ({"columns": ["a"], "name": "i", "type": "unique"}, "unique index `i` (`a`) comment '[mark]'"),
        ({"columns": ["a"], "name": "i", "type": "btree"}, "index `i` (`a`) comment '[mark]'"),
        ({"columns": ["a(3)", "`b c` desc"], "name": "i"}, "index `i` (`a`(3), `b c` desc) comment '[mark]'"),
        (
            {"columns": ['"a"(3)', '"say ""b c""" desc', "`d``e`"], "name": "i"},
            "index `i` (`a`(3), `say \"b c\"` desc, `d``e`) comment '[mark]'",
        ),
        (
            {"columns": [{"column": "a", "length": 3, "order": "DESC"}], "name": "i"},
            "index `i` (`a`(3) desc) comment '[mark]'",
        ),
        ({"columns": ["upper(a)"], "name": "i"}, "index `i` ((upper(a))) comment '[mark]'"),
        ({"columns": ["((upper(a)))"], "name": "i"}, "index `i` ((upper(a))) comment '[mark]'"),
        ({"columns": ["(a) + (b)"], "name": "i"}, "index `i` (((a) + (b))) comment '[mark]'"),
        (
            {"columns": ["a"], "name": "i", "scope": "global", "storing": ["b"], "comment": "it's", "visible": False},
            "index `i` (`a`) storing (`b`) global invisible comment 'it''s [mark]'",
        ),
        (
            {"columns": ["a"], "name": "i", "options": ["GLOBAL", "storing (b)", "comment = 'x'", "BLOCK_SIZE 16384"]},
            "index `i` (`a`) storing (`b`) global block_size 16384 comment 'x [mark]'",
        ),
        (
            {"columns": ["a"], "name": "i", "options": ["storing (\u0e0a\u0e37\u0e48\u0e2d, `b`)"]},
            "index `i` (`a`) storing (`\u0e0a\u0e37\u0e48\u0e2d`, `b`) comment '[mark]'",
        ),
        *(
            ({"columns": ["a"], "name": "i", "options": options}, f"index `i` (`a`) comment '{comment}[mark]'")
            for options, comment in (
                (["comment 'it''s'"], "it''s "),
                ([r"comment 'it\'s'"], "it''s "),
                (["COMMENT '''x'''"], "''x'' "),
                (['COMMENT "it\'s"'], "it''s "),
                ('COMMENT = "say ""x"""', 'say "x" '),
                ("", ""),
                ([], ""),
            )
        ),
        (
            {"columns": ["a"], "name": "i", "column_groups": ["each column"]},
            "index `i` (`a`) comment '[mark]' with column group (each column)",
        ),
        (
            {
                "columns": ["a"],
                "name": "i",
                "type": "fulltext",
                "parser": "ik",
                "parser_properties": {"ik_mode": "smart"},
            },
            "fulltext index `i` (`a`) with parser ik parser_properties=(ik_mode='smart') comment '[mark]'",
        ),
        (
            {"columns": ["a"], "name": "i", "vector": {"distance": "l2", "type": "hnsw", "m": 16}},
            "vector index `i` (`a`) with (distance=l2, type=hnsw, m=16) comment '[mark]'",
        ),
        ({"columns": ["a"], "name": "i", "kind": "spatial"}, "spatial index `i` (`a`) comment '[mark]'"),
    ],
)
def test_clause(config: dict[str, Any], sql: str) -> None:
    assert clause(**config) == sql


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"columns": []}, "it has no columns"),
        ({"column": ["a"]}, "column is not known: write columns"),
        ({"columns": ["a"], "uniqe": True}, "uniqe is not known: write unique"),
        ({"columns": ["a"], "type": "hash"}, "type: hash: OceanBase has no such index"),
        ({"columns": ["a"], "type": "vector"}, "add vector: {distance: l2, type: hnsw}"),
        ({"columns": ["a"], "parser": "ngram"}, "write type: fulltext"),
        ({"columns": ["a"], "name": "i" * 65}, "has 65 characters"),
        ({"columns": ["a"], "unique": "yes"}, "'yes' is no boolean"),
        ({"columns": [{"column": "a", "expression": "b"}]}, "has to have column or expression"),
        ({"columns": ["a"], "options": ["using hash"]}, "options: using hash: not known"),
        ({"columns": ["a"], "options": [None]}, "options: None: not known"),
        ({"columns": ["a"], "options": 7}, "options: 7 is no list of options"),
        ({"columns": ["a"], "options": ["BLOCK_SIZE 16K"]}, "block_size: '16K' is no integer from 1024 to 1048576"),
        ({"columns": ["a"], "options": "BLOCK_SIZE"}, "block_size: '' is no integer from 1024"),
        ({"columns": ["a"], "block_size": "²"}, "block_size: '²' is no integer from 1024"),
        ({"columns": ["a"], "options": ["COMMENT"]}, "options: COMMENT: the comment is no text in single quotes"),
        ({"columns": ["a"], "options": ["comment x"]}, "options: comment x: the comment is no text"),
        ({"columns": ["a"], "options": ["comment 'x' 'y'"]}, "options: comment 'x' 'y': the comment is no text"),
        ({"columns": ["a"], "options": ["comment 'x' visible"]}, "visible: the comment is no text"),
        ({"columns": ["a"], "options": [""]}, "options: : not known"),
        ({"columns": ["a"], "options": ["storing"]}, "options: storing: it is no list of columns"),
        ({"columns": ["a"], "options": ["storing (b) global"]}, "it is no list of columns"),
        ({"columns": ["a"], "options": ["GLOBAL storing (b)"]}, "global has no value: write each option as an item"),
        ({"columns": ["a"], "options": ["GLOBAL", "LOCAL"]}, "options: LOCAL: another option, or the key scope, means"),
        ({"columns": ["a"], "comment": "x", "options": ["comment 'y'"]}, "or the key comment, means the same"),
        ({"columns": ["a"], "column_groups": ["g1(a)"]}, "makes no groups of single columns"),
        (
            {"columns": ["a"], "parser": "ik", "parser_properties": {"dict_table": "shop.words"}},
            "parser_properties: dict_table: seekdb 1.3 and 1.4 accept it and do not read the table: remove it",
        ),
    ],
)
def test_a_wrong_config_is_one_line(config: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse([config])
    assert str(raised.value).strip().splitlines()[-1].strip().startswith("indexes: ")
    assert text in str(raised.value)


@pytest.mark.parametrize(
    ("column", "sql"),
    [
        ('("id")', "`id`"),
        ({"expression": '"id"'}, "`id`"),
        ({"column": '"id"', "length": 3}, "`id`(3)"),
        ({"column": "`id`"}, "`id`"),
        ("lower(id)", "(lower(id))"),
        ("(`order`) desc", "((`order`) desc)"),
        ("\u0e0a\u0e37\u0e48\u0e2d(3) desc", "`\u0e0a\u0e37\u0e48\u0e2d`(3) desc"),
        ("lower(e\u0301)", "(lower(e\u0301))"),
    ],
)
def test_a_column_in_quotes(column: Any, sql: str) -> None:
    assert clause(columns=[column], name="i") == f"index `i` ({sql}) comment '[mark]'"


@pytest.mark.parametrize("column", ['lower("id")', "('id')", {"expression": "1"}])
def test_an_index_on_the_same_value_in_each_row(column: Any) -> None:
    with pytest.raises(DbtRuntimeError, match=r"indexes: .* reads no column of the model"):
        parse([{"columns": [column]}])


@pytest.mark.parametrize("value", ["a", {"columns": ["a"]}, ["a"]])
def test_anything_but_a_list_of_mappings(value: Any) -> None:
    with pytest.raises(ConfigError, match="no list of mappings"):
        parse(value)


def test_a_name_follows_from_the_definition() -> None:
    one, other = parse([{"columns": ["a", "b"]}, {"columns": ["a", "b"], "unique": True}])

    assert one.own_name.startswith("a_b_ix_")
    assert one.own_name != other.own_name
    assert one.own_name == parse([{"columns": ["a", "b"], "comment": "other"}])[0].own_name
    assert len(parse([{"columns": ["a" * 64, "b" * 64]}])[0].own_name) <= 64
    with pytest.raises(ConfigError, match="two indexes would have the name"):
        parse([{"columns": ["a"]}, {"columns": ["a"]}])


def changes(present: list[str], wanted: list[dict[str, Any]]) -> list[str]:
    """Return the statements that change a table with the indexes ``present`` as configured."""
    component = Indexes.from_config({"indexes": wanted}.get)
    assert component is not None
    found = Indexes.from_server(TableDefinition.parse(shown(keys=present)))
    return found.change_to(component).statements_for("t")


def made(**config: Any) -> str:
    """Return the text of an index that the adapter has made, as the server shows it."""
    [index] = parse([config])
    columns = ", ".join(column.key() for column in index.columns)
    invisible = "" if index.visible else " /*!80000 INVISIBLE */"
    return f"KEY `{index.own_name}` ({columns}) BLOCK_SIZE 16384 LOCAL COMMENT '{index.marked_comment}'{invisible}"


def test_the_same_indexes_need_no_change() -> None:
    config = {"columns": ["a", "upper(b)"], "name": "i"}
    assert changes([made(**config)], [config]) == []


def test_an_index_of_someone_else_stays() -> None:
    assert changes(["KEY `of_someone` (`a`) BLOCK_SIZE 16384 LOCAL"], []) == []


def test_an_index_of_the_adapter_goes_with_its_config() -> None:
    assert changes([made(columns=["a"], name="i")], []) == ["drop index `i` on t"]


def test_a_changed_index_is_made_again() -> None:
    dropped, created = changes([made(columns=["a"], name="i")], [{"columns": ["b"], "name": "i"}])
    assert dropped == "drop index `i` on t"
    assert created.startswith("create index `i` on t (`b`)")


def test_an_index_of_another_name_is_made_before_the_old_one_goes() -> None:
    """If the rows refuse it, the table keeps the old one. Only ordinary indexes are made so."""
    created, dropped = changes([made(columns=["a"])], [{"columns": ["a"], "unique": True}])
    assert created.startswith("create unique index `a_ix_")
    assert dropped.startswith("drop index `a_ix_")

    dropped, created = changes([made(columns=["a"])], [{"columns": ["a"], "type": "fulltext"}])
    assert dropped.startswith("drop index `a_ix_")
    assert created.startswith("create fulltext index `a_ix_")


def test_an_index_with_a_changed_comment_is_made_again() -> None:
    dropped, created = changes([made(columns=["a"], comment="old")], [{"columns": ["a"], "comment": "new"}])
    assert dropped.startswith("drop index `a_ix_")
    assert "comment 'new [dbt " in created
    assert changes([made(columns=["a"], comment="old")], [{"columns": ["a"], "comment": "old"}]) == []
    assert len(changes([made(columns=["a"], comment="old")], [{"columns": ["a"]}])) == 2

    by_hook = "KEY `i` (`a`) BLOCK_SIZE 16384 LOCAL COMMENT 'of a hook'"
    assert changes([by_hook], [{"columns": ["a"], "name": "i"}]) == []
    assert len(changes([by_hook], [{"columns": ["a"], "name": "i", "comment": "new"}])) == 2
    of_texts = 'FULLTEXT KEY `i` (`a`) WITH PARSER ik PARSER_PROPERTIES=(ik_mode="smart") BLOCK_SIZE 16384'
    smart = {"columns": ["a"], "name": "i", "type": "fulltext", "parser": "ik"}
    assert changes([of_texts], [{**smart, "parser_properties": {"ik_mode": "smart"}}]) == []


def test_a_renamed_and_hidden_index_is_not_made_again() -> None:
    assert changes([made(columns=["a"], name="i")], [{"columns": ["a"], "name": "j", "visible": False}]) == [
        "alter table t rename index `i` to `j`",
        "alter table t alter index `j` invisible",
    ]


@pytest.mark.parametrize(
    ("present", "config"),
    [
        ("UNIQUE KEY `i` (`a`, `b`(3)) BLOCK_SIZE 16384 LOCAL", {"columns": ["a", "b(3)"], "unique": True}),
        ("KEY `i` (`a`) STORING (`b`) BLOCK_SIZE 16384 GLOBAL", {"columns": ["A"], "storing": "b", "scope": "global"}),
        (
            "VECTOR KEY `i` (`a`) WITH (DISTANCE=L2, TYPE=HNSW, LIB=VSAG, M=16) BLOCK_SIZE 16384",
            {"columns": ["a"], "vector": {"distance": "l2", "type": "hnsw"}},
        ),
        (
            'FULLTEXT KEY `i` (`a`) WITH PARSER ik PARSER_PROPERTIES=(ik_mode="smart") BLOCK_SIZE 16384',
            {"columns": ["a"], "type": "fulltext", "parser": "ik"},
        ),
    ],
)
def test_an_index_made_by_a_hook_is_taken_over(present: str, config: dict[str, Any]) -> None:
    assert changes([present], [{**config, "name": "i"}]) == []
    assert len(changes([present], [{**config, "columns": ["c"], "name": "i"}])) == 2


@pytest.mark.parametrize(
    ("present", "config"),
    [
        ("KEY `dbt_idx_t_a` (`a`) BLOCK_SIZE 16384 LOCAL", {"columns": ["A"]}),
        ("UNIQUE KEY `u` (`a`, `b`(3)) BLOCK_SIZE 16384 LOCAL", {"columns": ["a", "b(3)"], "unique": True}),
        ("KEY `i` (`a`) BLOCK_SIZE 16384 LOCAL COMMENT 'words'", {"columns": ["a"], "comment": "words"}),
        ("KEY `i` (`a`) BLOCK_SIZE 16384 LOCAL COMMENT 'words'", {"columns": ["a"]}),
        ("KEY `i` (`a`) STORING (`b`) BLOCK_SIZE 16384 GLOBAL", {"columns": ["a"], "storing": "b", "scope": "global"}),
        ("KEY `i` (`a`) BLOCK_SIZE 16384 LOCAL /*!80000 INVISIBLE */", {"columns": ["a"], "visible": False}),
    ],
)
def test_an_index_of_others_that_is_equal_counts_as_the_index(present: str, config: dict[str, Any]) -> None:
    assert changes([present], [config]) == []
    other = {"columns": ["c"]}
    [created] = changes([present], [config, other])
    assert "on t (`c`)" in created
    assert changes([present, made(**other)], [config]) == [f"drop index `{parse([other])[0].own_name}` on t"]


@pytest.mark.parametrize(
    "config",
    [
        {"columns": ["a", "b"]},
        {"columns": ["b"]},
        {"columns": ["a(3)"]},
        {"columns": ["a"], "unique": True},
        {"columns": ["a"], "scope": "global"},
        {"columns": ["a"], "block_size": 65536},
        {"columns": ["a"], "storing": "b"},
        {"columns": ["a"], "comment": "new"},
        {"columns": ["a"], "visible": False},
        {"columns": ["a"], "name": "by_a"},
    ],
)
def test_an_index_of_others_that_differs_is_left_alone(config: dict[str, Any]) -> None:
    [created] = changes(["KEY `i` (`a`) BLOCK_SIZE 16384 LOCAL"], [config])
    assert created.startswith("create ")
    assert parse([config])[0].own_name in created


@pytest.mark.parametrize(
    ("present", "config"),
    [
        (
            "VECTOR KEY `i` (`e`) WITH (DISTANCE=L2, TYPE=HNSW_SQ) BLOCK_SIZE 16384",
            {"columns": ["e"], "vector": {"distance": "l2", "type": "hnsw"}},
        ),
        (
            "VECTOR KEY `i` (`e`) WITH (DISTANCE=L2, TYPE=HNSW, EF_CONSTRUCTION=200) BLOCK_SIZE 16384",
            {"columns": ["e"], "vector": {"distance": "l2", "type": "hnsw", "ef_construction": 20}},
        ),
        (
            "FULLTEXT KEY `i` (`a`) WITH PARSER ngram2 BLOCK_SIZE 16384",
            {"columns": ["a"], "type": "fulltext", "parser": "ngram"},
        ),
        ("KEY `i` (`a`) BLOCK_SIZE 16384 LOCAL COMMENT 'global search'", {"columns": ["a"], "scope": "global"}),
    ],
)
def test_an_index_of_others_with_a_like_option_is_left_alone(present: str, config: dict[str, Any]) -> None:
    [created] = changes([present], [config])
    assert created.startswith("create ")


def test_an_index_of_others_counts_once_and_not_under_a_name_that_the_config_has() -> None:
    present = ["KEY `i` (`a`) BLOCK_SIZE 16384 LOCAL"]
    [created] = changes(present, [{"columns": ["a"]}, {"columns": ["a"], "scope": "local"}])
    assert created.startswith("create index `a_ix_")
    [created] = changes(present, [{"columns": ["a"]}, {"columns": ["a"], "name": "i"}])
    assert created.startswith("create index `a_ix_")


def test_an_index_on_an_array_comes_only_with_its_table() -> None:
    found = Indexes.from_server(TableDefinition.parse(shown()))
    wanted = Indexes.from_config({"indexes": [{"columns": ["cast(j->'$.a' as unsigned array)"]}]}.get)
    assert wanted is not None
    assert "JSON array only together with its table" in str(found.change_to(wanted).refused)


def test_probes() -> None:
    configs = [
        {"columns": ["b", "c"], "type": "fulltext", "parser": "ik"},
        {"columns": ["d"], "vector": {"distance": "inner_product", "type": "sindi"}},
        {"columns": ["e"], "column_groups": ["each column"]},
    ]
    component = Indexes.from_config({"indexes": configs}.get)
    assert component is not None
    parser, vector, groups = component.probes()

    assert parser.statement.startswith("create table dbt_probe (a text, fulltext index `i` (`a`) with parser ik ")
    assert vector.statement.endswith("vector index i (a) with (distance=l2, type=hnsw))")
    assert groups.config == "indexes: column_groups"

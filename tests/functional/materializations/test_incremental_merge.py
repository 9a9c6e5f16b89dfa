"""The strategy merge: the same rows by index and by join, and no row where the merge is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.increments import model, rows
from support.outside import Database

Rows = list[tuple[Any, ...]]

WORDS = (rows("1 'a'", "2 'b'", "3 null"), rows("2 null", "4 'd'", "3 'C'"))
MERGED: Rows = [(1, "a"), (2, None), (3, "C"), (4, "d")]
NAMES = "id, word, n"
NUMBERED = (rows("1 'a' 1", "2 'b' 2", names=NAMES), rows("2 'B' 20", "3 'C' 30", names=NAMES))
PAIRS = (
    rows("1 date'2026-01-01' 'a'", "1 date'2026-01-02' 'b'", names="k, d, word"),
    rows("1 date'2026-01-02' 'B'", "2 date'2026-01-01' 'C'", names="k, d, word"),
)
NULLS = (
    rows("null 1 'a'", "null null 'b'", "0 0 'c'", names="k, l, word"),
    rows("null 1 'A'", "null null 'B'", "0 null 'D'", names="k, l, word"),
)
TEXTS = (rows("'a' 1", "'A' 2", "concat('a',space(1)) 3", names="word, n"), rows("'A' 20", "'á' 4", names="word, n"))
SPLIT = (rows("'x' 'yz' 1", names="a, b, n"), rows("'xy' 'z' 2", "'q' 'q' 3", names="a, b, n"))
FREED = (rows("1 'a'", "2 'b'"), rows("1 'c'", "3 'a'"))

ONE_PRIMARY_KEY = "add primary key (id)"
BOTH_FORMS: dict[str, tuple[tuple[str, str], dict[str, Any], str, Rows]] = {
    "merged": (WORDS, {}, "id", MERGED),
    "update_columns": (NUMBERED, {"merge_update_columns": ["N"]}, "id", [(1, "a", 1), (2, "b", 20), (3, "C", 30)]),
    "one_column": (NUMBERED, {"merge_update_columns": "n"}, "id", [(1, "a", 1), (2, "b", 20), (3, "C", 30)]),
    "exclude_columns": (NUMBERED, {"merge_exclude_columns": ["n"]}, "id", [(1, "a", 1), (2, "B", 2), (3, "C", 30)]),
    "nothing_to_update": (NUMBERED, {"merge_update_columns": ["id"]}, "id", [(1, "a", 1), (2, "b", 2), (3, "C", 30)]),
    "several_keys": (PAIRS, {}, "k, d", [(1, "2026-01-01", "a"), (1, "2026-01-02", "B"), (2, "2026-01-01", "C")]),
    "empty": ((WORDS[0], f"select * from ({WORDS[0]}) q where false"), {}, "id", [(1, "a"), (2, "b"), (3, None)]),
    "other_types": (
        (rows("1 'a'", "2 'b'"), rows("'2' 'B'", "3.0 'C'")),
        {},
        "id",
        [(1, "a"), (2, "B"), (3, "C")],
    ),
}
"""SELECTs, configs, the key, the rows after the second run."""

BY_JOIN: dict[str, tuple[tuple[str, str], dict[str, Any], str, Rows]] = {
    "no_key": (WORDS, {}, "", [(1, "a"), (2, "b"), (3, None), (2, None), (4, "d"), (3, "C")]),
    "null_keys": (
        NULLS,
        {"unique_key": ["k", "l"]},
        "",
        [(None, 1, "A"), (None, None, "B"), (0, 0, "c"), (0, None, "D")],
    ),
    "null_in_unique_key": (
        (rows("null 'a'", "1 'b'"), rows("null 'A'")),
        {"unique_key": "id"},
        "add unique key (id)",
        [(None, "A"), (1, "b")],
    ),
    "text": (TEXTS, {"unique_key": "word"}, "", [("a", 1), ("A", 20), ("a ", 3), ("á", 4)]),
    "text_of_a_binary_key": (
        (rows("'a' 1", "'A' 2", names="word, n"), rows("'A' 20", names="word, n")),
        {"unique_key": "word"},
        "modify word varchar(20) collate utf8mb4_bin not null; add primary key (word)",
        [("a", 1), ("A", 20)],
    ),
    "expression": (
        SPLIT,
        {"unique_key": "concat(a, b)", "merge_update_columns": ["a", "n"]},
        "",
        [("xy", "yz", 2), ("q", "q", 3)],
    ),
    "predicate_that_the_update_changes": (
        (rows("1 'a'", "2 'b'"), rows("1 'c'", "2 'd'")),
        {"unique_key": "id", "incremental_predicates": ["word = 'a'"]},
        "",
        [(1, "c"), (2, "b"), (2, "d")],
    ),
    "predicate_on_both": (
        NUMBERED,
        {"unique_key": "id", "incremental_predicates": "DBT_INTERNAL_DEST.n < DBT_INTERNAL_SOURCE.n"},
        "",
        [(1, "a", 1), (2, "B", 20), (3, "C", 30)],
    ),
    "value_of_another_index_freed": (
        FREED,
        {"unique_key": "id"},
        "add primary key (id); add unique key (word)",
        [(1, "c"), (2, "b"), (3, "a")],
    ),
    "index_of_a_prefix": (
        (rows("1 'abc'"), rows("1 'abd'")),
        {"unique_key": "id"},
        "add unique key (word(2))",
        [(1, "abd")],
    ),
    "index_of_an_expression": (WORDS, {"unique_key": "id"}, "add unique key u ((id + 1))", MERGED),
    "duplicate_targets": (
        (rows("1 'a'", "1 'b'"), rows("1 'c'")),
        {"unique_key": "id"},
        "",
        [(1, "c"), (1, "c")],
    ),
}
DOUBLED = (rows("1 'a'", "2 'b'"), rows("3 'new'", "2 'B'", "2 'C'"))
FAILING: dict[str, tuple[tuple[str, str], dict[str, Any], str, str]] = {
    "doubled_by_index": (DOUBLED, {"unique_key": "id"}, ONE_PRIMARY_KEY, "unique_key: id = 2 in 2 rows"),
    "doubled_by_join": (
        DOUBLED,
        {"unique_key": "id"},
        "",
        "model doubled_by_join selects several rows of one unique_key",
    ),
    "doubled_nulls": (
        (rows("1 1 'a'", names="k, l, word"), rows("null 1 'x'", "null 1 'y'", "1 2 'z'", names="k, l, word")),
        {"unique_key": ["k", "l"]},
        "",
        "k = NULL, l = 1 in 2 rows",
    ),
    "another_index_by_insert": (
        (rows("1 'a'", "2 'b'"), rows("2 'B'", "3 'a'")),
        {"unique_key": "id"},
        "add primary key (id); add unique key (word)",
        "1062",
    ),
    "another_index_by_update": (
        (rows("1 'a'", "2 'b'"), rows("2 'a'", "3 'c'")),
        {"unique_key": "id"},
        "add unique key (word)",
        "1062",
    ),
    "collation_of_the_index": (
        (rows("'a' 1", names="word, n"), rows("'b' 3", "'A' 2", names="word, n")),
        {"unique_key": "word"},
        "add primary key (word)",
        "1062",
    ),
}
"""SELECTs, configs, the ALTERs after the first run, what the error says."""


def models_of(cases: dict[str, Any]) -> dict[str, str]:
    return {
        f"{name}.sql": model(*selects, incremental_strategy="merge", **config)
        for name, (selects, config, *_) in cases.items()
    }


def text_of(found: Any) -> Rows:
    """Return the rows sorted, with dates as text."""
    plain = [tuple(value if value is None or isinstance(value, int) else str(value) for value in row) for row in found]
    return sorted(plain, key=repr)


@pytest.mark.takes(40)
class TestMerge:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        forms = {
            f"{name}__{form}": (selects, {**config, "unique_key": key.split(", ")}, key)
            for name, (selects, config, key, _) in BOTH_FORMS.items()
            for form in ("index", "join")
        }
        return models_of(forms | BY_JOIN | FAILING)

    @pytest.fixture(scope="class", autouse=True)
    def runs(self, project: Any, db: Database) -> dict[str, Any]:
        run_dbt(["run"])
        for name, (_, _, key, _) in BOTH_FORMS.items():
            db.run(f"alter table {{s}}.{name}__index add primary key ({key})")
        for name, (_, _, alter, _) in (BY_JOIN | FAILING).items():
            for change in filter(None, alter.split("; ")):
                db.run(f"alter table {{s}}.{name} {change}")
        return {result.node.name: result for result in run_dbt(["run"], expect_pass=False)}

    @pytest.fixture(scope="class")
    def written(self, project: Any) -> Any:
        """Return the statements of a model's last run."""
        folder = Path(project.project_root) / "target" / "run" / "test" / "models"
        return lambda name: (folder / f"{name}.sql").read_text()

    @pytest.mark.parametrize("name", BOTH_FORMS)
    def test_both_forms(self, db: Database, runs: dict[str, Any], written: Any, name: str) -> None:
        by_index, by_join = (text_of(db.rows(f"select * from {{s}}.{name}__{form}")) for form in ("index", "join"))

        assert by_index == text_of(BOTH_FORMS[name][3]), runs[f"{name}__index"].message
        assert by_join == by_index, runs[f"{name}__join"].message
        assert "on duplicate key update" in written(f"{name}__index")
        assert "on duplicate key update" not in written(f"{name}__join")

    @pytest.mark.parametrize("name", BY_JOIN)
    def test_by_join(self, db: Database, runs: dict[str, Any], written: Any, name: str) -> None:
        assert text_of(db.rows(f"select * from {{s}}.{name}")) == text_of(BY_JOIN[name][3]), runs[name].message
        assert runs[name].status == "success", runs[name].message
        assert "on duplicate key update" not in written(name)

    @pytest.mark.parametrize("name", ["merged__index", "merged__join", "no_key", "null_keys", "expression"])
    def test_counts_the_staged_rows(self, runs: dict[str, Any], name: str) -> None:
        staged = 2 if name == "expression" else 3

        assert runs[name].adapter_response["rows_affected"] == staged
        assert runs[name].message == f"OK {staged} rows"

    @pytest.mark.parametrize("name", FAILING)
    def test_nothing_is_written(self, db: Database, runs: dict[str, Any], name: str) -> None:
        selects, _, _, error = FAILING[name]

        assert runs[name].status == "error"
        assert error in runs[name].message
        assert text_of(db.rows(f"select * from {{s}}.{name}")) == text_of(db.rows(selects[0]))

    def test_duplicates_are_told_in_one_line(self, runs: dict[str, Any]) -> None:
        [line] = [line for line in runs["doubled_by_index"].message.splitlines() if "merge:" in line]

        assert line.strip().startswith("merge: model doubled_by_index selects")
        assert line.endswith("select one row per key, or use delete+insert")

    def test_no_leftovers(self, db: Database) -> None:
        assert not [name for name in db.relations() if "__dbt" in name]

"""The models of docs/table-design.md."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from dbt.tests.util import run_dbt
from support import doc_page
from support.outside import Database

PAGE = "table-design.md"


class TestPage:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return doc_page.files(PAGE, "models")

    def test_models(self, has: Callable[[str], bool], db: Database) -> None:
        db.run("create table {s}.embedded (id int, embedding vector(3))")
        is_column_store = has("with column group (each column)")
        for _ in range(2):
            results = run_dbt(["run"], expect_pass=is_column_store).results
            assert [str(r.node.name) for r in results if r.status != "success"] == (
                [] if is_column_store else ["facts"]
            )
        found = {
            name: str(db.rows(f"show create table {{s}}.{name}")[0][1]) for name in ("visits", "places", "readings")
        }
        assert len(re.findall(r"^  (?:\w+ )?KEY ", found["visits"], re.M)) == 6
        assert "VECTOR KEY `by_meaning`" in found["places"]
        assert "PRIMARY KEY (`sensor`, `measured_at`)" in found["readings"]
        assert "COMMENT = 'one row for each sensor and minute'" in found["readings"]
        assert "SKIP_INDEX(MIN_MAX, SUM)" in found["readings"]

    def test_every_option_is_on_the_page(self) -> None:
        from dbt.adapters.oceanbase.relation_configs import index_config, option_rules

        text = (doc_page.DOCS / PAGE).read_text()
        missing = [name for name in (*option_rules.RULES, *index_config.KEYS) if f"`{name}`" not in text]
        assert not missing

"""Texts and names of any characters are written and read back unchanged."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.outside import Database

from dbt.adapters.oceanbase.connect.quoting import literal

ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
AWKWARD = st.text("'\"\\%_`;-/*#{}.@:?\n\r\t\b\x1a ,0\N{GRINNING FACE}é", max_size=20)
NAMES = st.text(
    st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs", "Cc"]) | st.sampled_from("`'\".\\%$-*/# "),
    min_size=1,
    max_size=64,
).filter(lambda name: name == name.strip() and not name.endswith(" "))

PROPERTY = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.data_too_large],
)


class TestQuoting:
    @PROPERTY
    @given(texts=st.lists(ANY | AWKWARD, min_size=30, max_size=30))
    def test_literals(self, project: Any, texts: list[str]) -> None:
        with project.adapter.connection_named("literals"):
            _, cursor = project.adapter.connections.add_query(f"select {', '.join(map(literal, texts))}")
            found = list(cursor.fetchone())

        assert found == texts

    @PROPERTY
    @given(names=st.lists(NAMES, min_size=10, max_size=10, unique_by=str.casefold))
    def test_names(self, project: Any, names: list[str]) -> None:
        adapter = project.adapter
        aliases = ", ".join(f"{number} as {adapter.quote(name)}" for number, name in enumerate(names))
        with adapter.connection_named("names"):
            _, cursor = adapter.connections.add_query(f"select {aliases}")
            found = [column[0] for column in cursor.description]

        assert found == names

    @settings(PROPERTY, max_examples=8)
    @given(names=st.lists(NAMES, min_size=4, max_size=4, unique_by=str.casefold))
    def test_relations_and_their_columns(self, project: Any, db: Database, names: list[str]) -> None:
        adapter = project.adapter
        name, *columns = names
        relation = adapter.Relation.create(schema=project.test_schema, identifier=name, type="table")
        definitions = ", ".join(f"{adapter.quote(column)} int" for column in columns)
        with adapter.connection_named("relations"):
            adapter.execute(f"create table {relation} ({definitions})")
            try:
                # servers that fold the case of names (lower_case_table_names 1) do so here
                assert [each.lower() for each in db.relations()] == [name.lower()]
                assert [column.name for column in adapter.get_columns_in_relation(relation)] == columns
                listed = adapter.list_relations_without_caching(relation)
                assert [each.identifier.lower() for each in listed] == [name.lower()]
            finally:
                adapter.drop_relation(relation)
        assert db.relations() == {}

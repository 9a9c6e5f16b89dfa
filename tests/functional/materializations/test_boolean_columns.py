"""Packages compare the type of a column with ``boolean``, which the server calls ``tinyint(1)``."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

UNPIVOT = """
{{ config(materialized='table') }}
{% set relation = api.Relation.create(schema=target.schema, identifier='flags', type='table') %}
{% for column in adapter.get_columns_in_relation(relation) if column.name != 'id' %}
  select id, '{{ column.name }}' as name, '{{ column.data_type }}' as kind,
    {% if column.data_type == 'boolean' -%} {{ dbt.cast_bool_to_text(column.quoted) }}
    {%- else -%} {{ dbt.cast(column.quoted, dbt.type_string()) }} {%- endif %} as value,
    {{ dbt.cast(column.quoted, column.data_type) }} as same
  from {{ relation }}
  {{ 'union all' if not loop.last }}
{% endfor %}
"""


class TestUnpivot:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"unpivoted.sql": UNPIVOT}

    def test_booleans_are_words_and_other_numbers_stay(self, project: Any, db: Database) -> None:
        db.run(
            "create table {s}.flags (id int, b boolean, i tinyint)",
            "insert into {s}.flags values (1, true, 1), (2, false, 0), (3, 5, 5), (4, null, null)",
        )
        run_dbt(["run"])
        assert db.rows("select * from {s}.unpivoted order by name, id") == [
            (1, "b", "tinyint(1)", "true", 1),
            (2, "b", "tinyint(1)", "false", 0),
            (3, "b", "tinyint(1)", "5", 5),
            (4, "b", "tinyint(1)", None, None),
            (1, "i", "tinyint", "1", 1),
            (2, "i", "tinyint", "0", 0),
            (3, "i", "tinyint", "5", 5),
            (4, "i", "tinyint", None, None),
        ]

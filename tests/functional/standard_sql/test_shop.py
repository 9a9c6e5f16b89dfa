"""What projects such as dbt's example shop are written with, in one small project that is built without a change.

Each kind of text here once failed in that project: comments of many dashes, casts in a macro, booleans as values, a
macro for schemas with blank lines around the name, and unit tests whose rows have a few columns only.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

pytestmark = pytest.mark.any_kernel

MACROS = """
{% macro in_euros(column) -%}
    {{ return(adapter.dispatch('in_euros')(column)) }}
{%- endmacro %}
{% macro default__in_euros(column) -%} ({{ column }} / 100)::numeric(16, 2) {%- endmacro %}

{% macro generate_schema_name(custom_schema_name, node) %}
    {% if node.resource_type == 'seed' %}

        {{ target.schema }}_{{ custom_schema_name | trim }}

    {% else %}
        {{ target.schema }}
    {% endif %}
{% endmacro %}
"""
MODELS = {
    "lines.sql": """
        with

        source as (

            select * from {{ ref('raw_lines') }}

        )

        select

            ----------  keys
            id as line_id, order_id,

            ---------- numbers
            {{ in_euros('cents') }} as price,

            ---------- booleans
            coalesce(kind = 'food', false) as is_food,

            -----
            {{ dbt.date_trunc('day', 'sold_at') }} as sold_on

        from source
    """,
    "orders.sql": """
        {{ config(materialized='table') }}
        -- one row per order
        with sums as (
            select order_id, sum(price) as total, sum(case when is_food then 1 else 0 end) as food,
                count(distinct line_id) > 1 as is_large
            from {{ ref('lines') }} group by 1
        )
        select sums.*, food > 0 as has_food, row_number() over (order by total desc) as place,
            case when is_large then 'large' else 'small' end as size
        from sums
    """,
    "schema.yml": """
models:
  - name: lines
    columns:
      - {name: is_food, data_tests: [not_null]}
unit_tests:
  - name: counts_become_booleans
    model: orders
    given:
      - input: ref('lines')
        rows:
          - {order_id: 1, line_id: 1, is_food: false, price: 4.50}
          - {order_id: 1, line_id: 2, is_food: true, price: 3}
          - {order_id: 2, line_id: 3, is_food: false}
    expect:
      rows:
        - {order_id: 1, total: 7.50, has_food: true, is_large: true, size: large}
        - {order_id: 2, total: null, has_food: false, is_large: false, size: small}
""",
}


class TestShop:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS

    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return {"macros.sql": MACROS}

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {
            "raw_lines.csv": "id,order_id,cents,kind,sold_at\n"
            "a1,o1,1255,food,2016-09-01T10:30:00\na2,o1,45,drink,2016-09-01T10:30:00\na3,o2,5,,2016-12-31T23:59:59\n"
        }

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"seeds": {"+schema": "raw"}}

    def test_it_is_built_and_passes(self, project: Any, db: Database) -> None:
        run_dbt(["build"])

        assert db.rows("select order_id, total, has_food, is_large, size from {s}.orders order by place") == [
            ("o1", Decimal("13.00"), 1, 1, "large"),
            ("o2", Decimal("0.05"), 0, 0, "small"),
        ]
        assert [str(day) for (day,) in db.rows("select distinct sold_on from {s}.lines order by 1")] == [
            "2016-09-01",
            "2016-12-31",
        ]

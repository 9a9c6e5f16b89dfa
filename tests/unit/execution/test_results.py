"""Rows of a result as dbt reads them."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from dbt_common.clients.agate_helper import table_from_data_flat
from pymysql.constants import FIELD_TYPE

from dbt.adapters.oceanbase.execution.results import readable_rows, with_long_decimals
from dbt.adapters.oceanbase.execution.runner import response

LONG = Decimal("12345678901234567890123456789012345.123456789012345678901234567890")


def read(values: list[Any], code: int = FIELD_TYPE.VAR_STRING, length: int = 10) -> list[Any]:
    field = SimpleNamespace(type_code=code, length=length)
    return [value for (value,) in readable_rows([field], [(value,) for value in values])]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([b"ab", None, "ü\n".encode()], ["ab", None, "ü\n"]),
        ([b"ab", b"\xff\0"], ["0x6162", "0xFF00"]),
        (["\1", None, b"\xff"], ["0x01", None, "0xFF"]),
        ([b"ab\0\0"], ["0x61620000"]),
        (["中\u3000文".encode(), "\U0001f469\u200d\U0001f4bb".encode()], ["中\u3000文", "\U0001f469\u200d\U0001f4bb"]),
        (["\ue000".encode()], ["0xEE8080"]),
        ([b""], [""]),
        (["text", None], ["text", None]),
        ([1, 2], [1, 2]),
    ],
)
def test_bytes_of_a_column_are_all_text_or_all_hexadecimal(values: list[Any], expected: list[Any]) -> None:
    assert read(values) == expected


def test_one_byte_of_0_or_1_is_a_number() -> None:
    assert read([b"\0", None, b"\1"], length=1) == [0, None, 1]
    assert read([b"\0", b"\2"], length=1) == ["0x00", "0x02"]
    assert read([b"\1"], length=2) == ["0x01"]
    assert read([b"\1"], FIELD_TYPE.STRING, length=1) == ["0x01"]


def test_no_rows_stay_no_rows() -> None:
    assert readable_rows([], []) == []


@pytest.mark.parametrize(
    "value", [LONG, -LONG, Decimal(10**64), Decimal("1." + 29 * "0" + "1"), Decimal(10**28), Decimal("9" * 65)]
)
def test_long_decimals_keep_their_digits(value: Decimal) -> None:
    table = with_long_decimals(table_from_data_flat([{"a": value, "b": 1}, {"a": None, "b": 2}], ["a", "b"]))
    output = io.StringIO()
    table.print_table(output=output, max_column_width=None)
    assert str(value) in output.getvalue()
    assert table.rows[0]["a"] == value
    output = io.StringIO()
    table.to_json(output)
    assert json.loads(output.getvalue())[0] == {"a": format(value, "f"), "b": 1}


@pytest.mark.parametrize("value", [Decimal("1.50"), Decimal("1." + 30 * "0"), Decimal(9999999999999999999999999999)])
def test_other_decimals_stay_numbers(value: Decimal) -> None:
    table = table_from_data_flat([{"a": value}, {"a": Decimal("0.1234")}], ["a"])
    assert with_long_decimals(table) is table
    table.print_table(output=io.StringIO())


def test_a_row_count_beyond_32_bits_is_kept() -> None:
    cursor = SimpleNamespace(rowcount=2**33, description=None, verb="insert", session_id=7, trace_id=None)

    assert str(response(cursor)) == "OK 8589934592 rows"
    assert response(cursor).rows_affected == 2**33

"""A seed that is read from its file has the types and rows that dbt's loader finds in it."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import agate
import pytest
from dbt_common.clients.agate_helper import as_matrix, from_csv
from dbt_common.exceptions import DbtRuntimeError
from dbt_common.utils.dict import AttrDict
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pymysql.converters import escape_string

from dbt.adapters.oceanbase import seeds
from dbt.adapters.oceanbase.impl import OceanBaseAdapter
from dbt.adapters.oceanbase.seeds import column_scan, file_rows, inserts, lazy_table, rows

PACKET = 16 * 2**20
ONE_OF = st.sampled_from
BLANKS = ONE_OF(["", "", "null", "NULL", "nUll", " ", " null ", "\t", "na", "None", "."])
NUMBERS = [
    st.integers(-100, 100).map(str),
    st.integers(-(2**63) - 2, 2**63 + 2).map(str),
    st.decimals(-(10**30), 10**30, places=5).map(str),
    st.decimals(-1, 1, places=32).map(lambda number: format(number, "f")),
    st.floats().map(repr),
    st.from_regex(r"[-+]?[0-9]{1,4}(\.[0-9]{0,3}0{0,2})?(e-?[0-9]{1,2})?", fullmatch=True),
    ONE_OF(["007", "-0", "-0.0", "+1", "1_000", "1,000", "1,0,0.5", "$5", "-$5", "5%", "%", "$", "€ 7", "- 1", "--1"]),
    ONE_OF(
        ["1.", ".5", "-.5", "\u0661\u0662", "\uff11", "1\u0662", "NaN", "-inf", "Infinity", "sNaN", "0x10", "1e9999"]
    ),
    ONE_OF(["9223372036854775807", "-9223372036854775808", "9223372036854775808", "9223372036854775808.00", "1" * 70]),
]
DATES = [
    st.dates().map(str),
    st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9]", fullmatch=True),
    ONE_OF(["2024-1-5", "2024-02-30", "0000-01-01", "20240105", "2024-01-05 ", " 2024-01-05", "\u0662024-01-05"]),
]
MOMENTS = [
    st.datetimes().map(lambda moment: moment.replace(microsecond=0).isoformat(sep=" ")),
    st.datetimes().map(lambda moment: moment.replace(microsecond=0).isoformat()),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.datetimes().map(lambda moment: f"{moment.isoformat()}Z"),
    st.from_regex(
        r"2024-02-[23][0-9][T ][012][0-9]:[0-6][0-9]:[0-6][0-9]([.,][0-9]{1,7})?(Z|[+-]05:?30)?", fullmatch=True
    ),
    ONE_OF(["2024-01-05 10:20", "2024-01-05  10:20:30", "2024-01-05 24:00:00", "2024-01-05T24:00:00", "2024-01-05T10"]),
    ONE_OF(
        ["2024-01-05t10:20:30", "20240105T102030", "2024-W01-5T10:20:30", "0000-00-00 00:00:00", "2024-01-05 9:2:3"]
    ),
]
TEXTS = [
    ONE_OF(["true", "false", "True", "FALSE", "tRue", " true", "true,", ",", "t", "yes", "1"]),
    ONE_OF(
        [
            "a",
            "it's",
            "a\\b",
            'say "x"',
            "two\nlines",
            "a\r\nb",
            "a\rb",
            "\u2028",
            "\x85",
            "\x1c",
            "\x00",
            "%",
            "'" * 300,
        ]
    ),
    ONE_OF(
        ["x" * 255, "x" * 256, " " * 300, "null" + " " * 300, "é" * 256, "x" * 65_536, "\N{GRINNING FACE}" * 16_384]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
]
CELLS = [*NUMBERS, *DATES, *MOMENTS, *TEXTS]
TYPES = [
    *(
        "int",
        "bigint unsigned",
        "tinyint",
        "tinyint(1)",
        "smallint",
        "boolean",
        "bit(8)",
        "decimal(5,2)",
        "decimal(3,3)",
    ),
    *(
        "decimal(10,0)",
        "numeric",
        "double",
        "float",
        "float(24)",
        "date",
        "datetime",
        "datetime(3)",
        "timestamp",
        "time",
    ),
    *("varchar(5)", "varchar", "char(3)", "text", "tinytext", "json", "year", "enum('a','true')", "binary(2)"),
]
COLUMN = st.lists(ONE_OF(CELLS), min_size=1, max_size=2).flatmap(
    lambda cells: st.lists(st.one_of(*cells, BLANKS) if len(cells) > 1 else cells[0] | BLANKS, min_size=7, max_size=7)
)
ANY = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("seeds") / "seed.csv"


@pytest.fixture(scope="module", autouse=True)
def _chunks_of_three_rows() -> Iterable[None]:
    """Make chunks so small that the rows of an example are several chunks."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (inserts, rows, file_rows):
            patch.setattr(module, "ROWS_PER_INSERT", 3)
        yield


def as_csv(rows: Iterable[Sequence[str]], quoting: int = csv.QUOTE_MINIMAL) -> bytes:
    file = io.StringIO()
    csv.writer(file, quoting=quoting, lineterminator="\n").writerows(rows)
    return file.getvalue().encode()


def found(rows: seeds.SeedRows, declared: Mapping[str, str]) -> tuple[list[str], list[str] | str]:
    """Return the columns' types, and the INSERT statements or the error."""
    types = seeds.declared_or_inferred(rows.column_names, declared, rows.inferred_type, rows.values)
    kinds = [types[name] if name in declared else None for name in rows.column_names]
    literals = rows.literals(kinds, lambda text: f"'{escape_string(text)}'")
    try:
        return list(types.items()), list(seeds.packed_inserts("t", rows.chunks(), literals, PACKET))
    except DbtRuntimeError as error:
        return list(types.items()), str(error)


def both(path: Path, content: bytes, declared: Mapping[str, str], delimiter: str = ",") -> None:
    """Check that a file gives the same types, rows and errors, whether dbt's loader reads it or this adapter."""
    path.write_bytes(content)
    rows = seeds.read_file(path, declared, delimiter)
    if rows is None:
        return
    table = seeds.with_all_digits(lambda: from_csv(str(path), text_columns=declared, delimiter=delimiter))
    table.original_abspath = str(path)  # as dbt's load_agate_table sets it
    expected = seeds.TableRows(table, table, OceanBaseAdapter.convert_type, delimiter)
    assert found(rows, declared) == found(expected, declared)
    assert rows.count == expected.count
    for index in range(len(rows.column_names)):
        assert list(map(repr, rows.values(index))) == list(map(repr, expected.values(index)))


@ANY
@given(columns=st.lists(COLUMN, min_size=3, max_size=3))
@example(columns=[["1"] * 7, ["2024-01-05T10:20:30.1234567Z"] * 7, ["2024-01-05T10:20:30.5", ""] * 3 + ["null"]])
def test_inferred_columns(path: Path, columns: list[list[str]]) -> None:
    both(path, as_csv([["a", "b", "c"], *zip(*columns, strict=True)]), {})


@ANY
@given(columns=st.lists(COLUMN, min_size=3, max_size=3), kinds=st.lists(ONE_OF(TYPES), min_size=3, max_size=3))
def test_declared_columns(path: Path, columns: list[list[str]], kinds: list[str]) -> None:
    content = as_csv([["a", "b", "c"], *zip(*columns, strict=True)])

    for name, kind in zip("abc", kinds, strict=True):
        both(path, content, {name: kind})


@pytest.mark.parametrize("kind", [kind for kind in TYPES if re.search("int|bit|dec|num|dou|flo|char", kind)])
def test_the_limits_of_a_type(path: Path, kind: str) -> None:
    whole = [2**bits + more for bits in (7, 8, 15, 16, 23, 24, 31, 32, 63, 64) for more in (-1, 0, 1)]
    whole += [10**digits - more for digits in (1, 2, 3, 9, 10, 15, 16, 17, 18, 19) for more in (0, 1)]
    values = [*map(str, whole), "0.999", "0.9999", "1.000", "99.99", "999.99", "999.999", "1000.00"]

    for value in values:
        for text in (value, f"-{value}"):
            both(path, as_csv([["a"], [text]]), {"a": kind})


@ANY
@given(
    content=st.text(ONE_OF(list(",;|\"'\\\n\r\t a1é\x00\ufeff")), max_size=40), delimiter=ONE_OF([",", ";", "|", "\t"])
)
@example(content="", delimiter=",")
def test_any_file(path: Path, content: str, delimiter: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        both(path, content.encode(), {}, delimiter)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\na\n",
        "a,\n1,2\n",
        "a,a\n1,2\n",
        "b\n1\n",
        "a\n1,2\n",
        "a\n" + "x" * 200_000,
    ],
    ids=["nothing", "no header", "no name", "one name twice", "no declared column", "a long row", "a long field"],
)
def test_an_unusual_file_is_left_to_dbt(path: Path, content: str) -> None:
    path.write_bytes(content.encode())

    assert seeds.read_file(path, ["a"], ",") is None


def test_what_cannot_be_read_is_left_to_dbt(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(b"a\n\xff\n")
    assert seeds.read_file(path, [], ",") is None
    path.write_bytes(b"a\n1\n")
    assert seeds.read_file(path, [], ", ") is None
    assert seeds.read_file(path.parent / "absent.csv", [], ",") is None

    assert seeds.read_file(path, [], ",")
    monkeypatch.setattr(column_scan, "_KNOWN", ("Number", "Text"))
    assert seeds.read_file(path, [], ",") is None


def test_declared_columns_are_read_in_one_pass(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(b"a,b,c\n1.5,2024-01-05 10:20:30,x\n")
    declared = {"a": "decimal", "b": "timestamp", "c": "text"}
    rows = seeds.read_file(path, declared, ",")
    assert rows
    passes, chunks = [], rows.chunks
    monkeypatch.setattr(rows, "chunks", lambda: passes.append(1) or chunks())

    for _ in range(2):
        seeds.declared_or_inferred(rows.column_names, declared, rows.inferred_type, rows.values)

    assert len(passes) == 1


class TestStoredTable:
    """dbt's table of a seed is read when it is used, and not before."""

    @pytest.fixture
    def loads(self) -> list[int]:
        return []

    @pytest.fixture
    def load(self, loads: list[int]):
        def table() -> agate.Table:
            loads.append(1)
            return agate.Table([["1"], ["2"]], ["a"])

        return table

    @pytest.mark.parametrize("first_use", ["table", "data"])
    def test_it_is_read_once(self, load, loads: list[int], first_use: str) -> None:
        results: dict[str, AttrDict] = {}
        lazy_table.store(Context(results).store_result, load)
        result = results["agate_table"]
        assert not loads
        assert isinstance(result.table, agate.Table)

        assert len(result[first_use]) == 2

        assert result.data == as_matrix(load())
        assert as_matrix(result.table) == list(result.data)
        assert result.table.order_by("a", reverse=True).columns["a"].values()[0] == 2
        assert result.response == "OK"
        assert result.data[1:] == [(2,)]
        assert result.data * 2 == [(1,), (2,)] * 2
        assert type(result.data) is list  # so that tojson and all else that dbt's own list allows work
        with pytest.raises(KeyError):
            result["other"]
        assert len(loads) == 2

    def test_an_error_is_raised_each_time(self, loads: list[int]) -> None:
        def refuse() -> agate.Table:
            loads.append(1)
            raise ValueError("no table")

        table = lazy_table.LazyTable(refuse)

        for _ in range(2):
            with pytest.raises(ValueError, match="no table"):
                len(table)
        assert len(loads) == 2

    def test_a_context_that_hides_its_results_stores_the_table(self, load) -> None:
        stored = []
        lazy_table.store(lambda name, response, agate_table: stored.append((name, response, len(agate_table))), load)

        assert stored == [("agate_table", "OK", 2)]


class Context:
    """The part of dbt's context that stores results."""

    def __init__(self, results: dict[str, AttrDict]) -> None:
        self.sql_results = results

    def store_result(self, name: str, response: str) -> None:
        """Store an empty table, as dbt does if it is given no table."""
        self.sql_results[name] = AttrDict(response=response, data=[], table=agate.Table([]))

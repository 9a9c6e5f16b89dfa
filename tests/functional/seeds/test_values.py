"""The values of the file reach the readers of the table byte for byte."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

TEXTS = [
    "plain",
    "it's",
    'a "quoted" word',
    "''",
    "back\\slash",
    "\\",
    "\\'",
    "\\n is no newline",
    "100%",
    "%s and %(name)s and %%",
    "{} {0} {name}",
    "\N{GRINNING FACE}\N{ZERO WIDTH JOINER}\N{FAMILY}",
    "e\N{COMBINING ACUTE ACCENT} is not é",
    "two\nlines",
    "tab\tand\vother\x1a\x08 controls",
    "trailing blanks  ",
    "  leading blanks",
    " ",
    "a, b",
    "a; drop table x;",
    "-- no comment",
    "/* neither */ /*! nor */ # this",
    "`backticks`",
    "NA",
    "n/a",
    "none",
    ".",
    "true",
    "007",
    "\N{BYTE ORDER MARK}inside",
    "\N{NO-BREAK SPACE}",
    "$1 @x :name ?",
    "x" * 255,
]
LONG = ["\N{GRINNING FACE}'\\" * 20_000, "short", "y" * 70_000]
WITHOUT_VALUE = ["", "null", "NULL"]
"""Texts that dbt's loader reads as NULL in every column, like texts of blanks only."""


class TestTexts:
    @pytest.fixture(scope="class")
    def seeds(self, as_csv: Any) -> dict[str, str]:
        rows = [(str(number), text, text) for number, text in enumerate(TEXTS + WITHOUT_VALUE)]
        return {
            "texts.csv": as_csv(["id", "inferred", "declared"], rows),
            "long_texts.csv": as_csv(["id", "t"], [(str(number), text) for number, text in enumerate(LONG)]),
            "marked.csv": "\N{BYTE ORDER MARK}id,t\n1,a\n",
            "line_ends.csv": 'id,t\r\n1,"a\r\nb"\r\n2,"c\rd"\r\n',
            "piped.csv": 'id|t\n1|a,b\n2|"a|b"\n',
            "jinja.csv": "id,t\n1,{# kept #} {% kept %} {{ kept }}\n",
        }

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"seeds": {"test": {"texts": {"+column_types": {"declared": "text"}}, "piped": {"+delimiter": "|"}}}}

    @pytest.fixture(scope="class", autouse=True)
    def seeded(self, project: Any) -> None:
        run_dbt(["seed"])

    @pytest.mark.parametrize("column", ["inferred", "declared"])
    def test_texts(self, db: Database, column: str) -> None:
        found = [text for (text,) in db.rows(f"select {column} from {{s}}.texts order by id")]

        expected = [text if text.strip() else None for text in TEXTS] + [None] * len(WITHOUT_VALUE)
        assert found == expected

    def test_the_types_of_texts(self, db: Database) -> None:
        types = dict(
            db.rows(
                "select concat(table_name, '.', column_name), column_type from information_schema.columns "
                f"where table_schema = '{db.schema}' and column_name in ('t', 'inferred', 'declared')"
            )
        )

        assert types["texts.inferred"] == "varchar(255)"
        assert types["texts.declared"] == "text"
        assert types["long_texts.t"] == "longtext"

    def test_long_texts(self, db: Database) -> None:
        assert [text for (text,) in db.rows("select t from {s}.long_texts order by id")] == LONG

    def test_a_byte_order_mark_is_no_part_of_the_first_name(self, db: Database) -> None:
        assert db.rows("select id, t from {s}.marked") == [(1, "a")]

    def test_line_ends_are_those_of_dbts_loader(self, db: Database) -> None:
        assert db.rows("select t from {s}.line_ends order by id") == [("a\nb",), ("c\nd",)]

    def test_another_delimiter(self, db: Database) -> None:
        assert db.rows("select t from {s}.piped order by id") == [("a,b",), ("a|b",)]

    def test_values_are_no_templates(self, db: Database) -> None:
        assert db.value("select t from {s}.jinja") == "{# kept #} {% kept %} {{ kept }}"


NUMBERS: dict[str, tuple[list[str], str, list[Any]]] = {
    "small": (["1", "-2", ""], "bigint(20)", [1, -2, None]),
    "largest": ([str(2**63 - 1), str(-(2**63)), "0"], "bigint(20)", [2**63 - 1, -(2**63), 0]),
    "beyond": ([str(2**63), str(-(2**64)), "1"], "decimal(38,0)", [2**63, -(2**64), 1]),
    "digits27": (
        ["-123456789012345.123456789012", "1", ""],
        "decimal(38,12)",
        [Decimal("-123456789012345.123456789012"), 1, None],
    ),
    "digits59": (
        ["-123456789012345678901234567890.12345678901234567890123456789", "1", ""],
        "decimal(59,29)",
        [Decimal("-123456789012345678901234567890.12345678901234567890123456789"), 1, None],
    ),
    "exponent": (["1e5", "-2E3", "1e0"], "bigint(20)", [100_000, -2_000, 1]),
    "fractions": (["0.1", "-.5", "1.25"], "decimal(38,2)", [Decimal("0.10"), Decimal("-0.50"), Decimal("1.25")]),
    "tiny": (["1e-40", "1", ""], "double", [1e-40, 1.0, None]),
    "huge": (["1.7976931348623157e308", "-5e-324", "0.1"], "double", [1.7976931348623157e308, -5e-324, 0.1]),
    "flag": (["true", "False", ""], "tinyint(1)", [1, 0, None]),
    "day": (["2024-02-29", "0001-01-01", "9999-12-31"], "date", [(2024, 2, 29), (1, 1, 1), (9999, 12, 31)]),
    "moment": (
        ["2024-01-05 10:20:30", "", "1900-01-01 00:00:00"],
        "datetime",
        [(2024, 1, 5, 10, 20, 30), None, (1900, 1, 1)],
    ),
    "iso": (
        ["2024-01-05T10:20:30", "2024-01-05T10:20:30.25", ""],
        "datetime(6)",
        [(2024, 1, 5, 10, 20, 30), (2024, 1, 5, 10, 20, 30, 250_000), None],
    ),
    "zoned": (
        ["2024-01-05T10:20:30Z", "2024-01-05T10:20:30-05:00", "2024-01-05T10:20:30+05:30"],
        "datetime",
        [(2024, 1, 5, 10, 20, 30), (2024, 1, 5, 15, 20, 30), (2024, 1, 5, 4, 50, 30)],
    ),
    "nothing": (["", "null", ""], "bigint(20)", [None, None, None]),
}
"""By column: values in the file, inferred type, and values in the table; tuples are dates or times."""


class TestInferredTypes:
    @pytest.fixture(scope="class")
    def seeds(self, as_csv: Any) -> dict[str, str]:
        rows = zip(*[values for values, _, _ in NUMBERS.values()], strict=True)
        rows = [(str(number), *row) for number, row in enumerate(rows)]
        return {"numbers.csv": as_csv(["id", *NUMBERS], rows)}

    @pytest.fixture(scope="class", autouse=True)
    def seeded(self, project: Any) -> None:
        run_dbt(["seed"])

    @pytest.mark.parametrize("column", NUMBERS)
    def test_column(self, db: Database, column: str) -> None:
        _, kind, expected = NUMBERS[column]
        found = [value for (value,) in db.rows(f"select {column} from {{s}}.numbers order by id")]

        assert (
            db.value(
                f"select column_type from information_schema.columns where table_schema = '{db.schema}' "
                f"and table_name = 'numbers' and column_name = '{column}'"
            )
            == kind
        )
        assert found == [as_moment(value, kind) for value in expected]

    def test_again_the_columns_are_the_same(self, seed: Any) -> None:
        assert seed("numbers").message == "INSERT 3"


def as_moment(value: Any, kind: str) -> Any:
    """Return the date or time for a tuple."""
    if not isinstance(value, tuple):
        return value
    return datetime.date(*value) if kind == "date" else datetime.datetime(*value)


DECLARED: dict[str, tuple[str, str, str, Any]] = {
    "a_varchar": ("varchar(20)", "007", "varchar(20)", "007"),
    "an_upper": ("VARCHAR(20)", "x", "varchar(20)", "x"),
    "a_bare_varchar": ("varchar", "x", "text", "x"),
    "a_string": ("string", "x", "text", "x"),
    "a_text": ("text", "NA ", "text", "NA "),
    "a_char": ("char(3)", "abc", "char(3)", "abc"),
    "a_longtext": ("longtext", "x", "longtext", "x"),
    "an_int": ("int", "5", "int(11)", 5),
    "an_integer": ("INTEGER", "5.0", "int(11)", 5),
    "a_bigint": ("BigInt", "-9223372036854775808", "bigint(20)", -(2**63)),
    "an_unsigned": ("bigint unsigned", "18446744073709551615", "bigint(20) unsigned", 2**64 - 1),
    "a_smallint": ("smallint", "1e3", "smallint(6)", 1000),
    "a_decimal": ("decimal(10,2)", "1.5", "decimal(10,2)", Decimal("1.50")),
    "a_numeric": (
        "NUMERIC(60, 30)",
        "123456789012345678901234567890.123456789012345678901234567890",
        "decimal(60,30)",
        Decimal("123456789012345678901234567890.123456789012345678901234567890"),
    ),
    "a_sized_numeric": ("numeric", "12345678901.555", "decimal(38,3)", Decimal("12345678901.555")),
    "a_double": ("double", "1e-300", "double", 1e-300),
    "a_float": ("float", "3.3", "double", 3.3),
    "a_spaced_float": (" FLOAT ", "3.3", "double", 3.3),
    "a_single_float": ("float(24)", "0.5", "float", 0.5),
    "a_boolean": ("boolean", "yes", "tinyint(1)", 1),
    "a_bool": ("BOOL", "F", "tinyint(1)", 0),
    "a_bit": ("bit(8)", "5", "bit(8)", b"\x05"),
    "a_date": ("date", "2024-1-5", "date", datetime.date(2024, 1, 5)),
    "a_datetime": ("datetime", "2024-01-05T10:20:30Z", "datetime", datetime.datetime(2024, 1, 5, 10, 20, 30)),
    "a_precise": (
        "datetime(6)",
        "2024-01-05 10:20:30.123456-05:00",
        "datetime(6)",
        datetime.datetime(2024, 1, 5, 15, 20, 30, 123456),
    ),
    "a_timestamp": ("timestamp", "2024-01-05 10:20:30", "timestamp", datetime.datetime(2024, 1, 5, 10, 20, 30)),
    "a_sized_timestamp": (
        "timestamp",
        "2024-01-05 10:20:30.6",
        "timestamp(6)",
        datetime.datetime(2024, 1, 5, 10, 20, 30, 600_000),
    ),
    "a_zoned": (
        "timestamp(6)",
        "2024-01-05T10:20:30.123456+08:00",
        "timestamp(6)",
        datetime.datetime(2024, 1, 5, 2, 20, 30, 123456),
    ),
    "a_time": ("time", "10:20", "time", datetime.timedelta(hours=10, minutes=20)),
    "a_json": ("json", '{"k": "it\'s \\\\ 100%"}', "json", '{"k": "it\'s \\\\ 100%"}'),
    "a_year": ("year", "2024", "year(4)", 2024),
    "an_enum": ("enum('a','B')", "B", "enum('a','b')", "B"),
    "a_blob": ("blob", "é", "blob", "é".encode()),
}
"""By column: declared type, values in the file, type in the catalog, and values in the table."""


ATTRIBUTED: dict[str, tuple[str, str, tuple[str, ...], Any]] = {
    "id": ("int unsigned primary key", "7", ("int(10) unsigned", "NO", "", "PRI", ""), 7),
    "flag": ("BOOLEAN NOT NULL", "true", ("tinyint(1)", "NO", "", "", ""), 1),
    "amount": ("numeric NOT NULL default 0", "1.555", ("decimal(38,3)", "NO", "0.000", "", ""), Decimal("1.555")),
    "ratio": ("float not null default -1.5", "3.3", ("double", "NO", "-1.5", "", ""), 3.3),
    "at": (
        "timestamp not null",
        "2024-01-05 10:20:30.6",
        ("timestamp(6)", "NO", "", "", ""),
        datetime.datetime(2024, 1, 5, 10, 20, 30, 600_000),
    ),
    "day": ("date not null", "2024-1-5", ("date", "NO", "", "", ""), datetime.date(2024, 1, 5)),
    "word": (
        "varchar(5) default 'It''s' unique comment '(a) NOT null'",
        "a",
        ("varchar(5)", "YES", "It's", "UNI", "(a) NOT null"),
        "a",
    ),
    "folded": ("string(9) not null collate utf8mb4_bin", "A", ("varchar(9)", "NO", "", "", ""), "A"),
    "exact": ("varchar(9) binary not null default 'b'", "A", ("varchar(9)", "NO", "b", "", ""), "A"),
    "kind": ("enum('a','not null') not null", "not null", ("enum('a','not null')", "NO", "", "", ""), "not null"),
    "blank": ("int null default null", "", ("int(11)", "YES", "", "", ""), None),
}
"""By column: declared type with attributes, value, type, nullable, default, key and comment, and value in the table."""

ELEMENTS = {
    "array(float)": ("[1234567,16777216,1234567.5,1700000000]", [1234567.0, 16777216.0, 1234567.5, 1.7e9]),
    "array(boolean)": ("[true,2,1.0,-128]", [1, 2, 1, -128]),
}
"""By declared type of an array: its text and the numbers in the table."""

NUMBERED = {"numbered": "int auto_increment primary key", "serials": "Serial"}
"""By seed: the declared type of the column ``id``, whose empty values get numbers from the server."""

CLOCKED = {
    "word": "varchar(9) check (word collate utf8mb4_bin <> 'b')",
    "at": "timestamp not null default current_timestamp on update now()",
}
"""Declared types whose attributes are not compared with the table's."""


class TestDeclaredTypes:
    @pytest.fixture(scope="class")
    def seeds(self, as_csv: Any) -> dict[str, str]:
        rows = [["1", *(value for _, value, _, _ in DECLARED.values())], ["2", *[""] * len(DECLARED)]]
        return {
            "declared.csv": as_csv(["id", *DECLARED], rows),
            "attributed.csv": as_csv(list(ATTRIBUTED), [[value for _, value, _, _ in ATTRIBUTED.values()]]),
            "checked.csv": "n\n1\n",
            "elements.csv": as_csv(["a0", "a1"], [[text for text, _ in ELEMENTS.values()]]),
            "clocked.csv": "word,at\nB,2024-01-05 10:20:30.5\nc,2024-01-05 10:20:30\n",
            **{f"{name}.csv": "id,word\n,b\n,c\n" for name in NUMBERED},
            "missing.csv": "id,n,d,b,t\n1,NA,na,N/A,NA\n2,.,None,null,\n3, , , , \n",
        }

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        missing = {"n": "int", "d": "date", "b": "boolean", "t": "varchar(10)"}
        declared = {name: kind for name, (kind, _, _, _) in DECLARED.items()}
        attributed = {name: kind for name, (kind, _, _, _) in ATTRIBUTED.items()}
        columns = {
            "declared": declared,
            "missing": missing,
            "attributed": attributed,
            "checked": {"n": "int not null check (n > 0)"},
            "elements": {f"a{number}": kind for number, kind in enumerate(ELEMENTS)},
            "clocked": CLOCKED,
            **{name: {"id": kind} for name, kind in NUMBERED.items()},
        }
        return {"seeds": {"test": {name: {"+column_types": kinds} for name, kinds in columns.items()}}}

    @pytest.fixture(scope="class", autouse=True)
    def seeded(self, project: Any) -> None:
        run_dbt(["seed"])

    @pytest.mark.parametrize("column", DECLARED)
    def test_column(self, db: Database, column: str) -> None:
        _, _, kind, expected = DECLARED[column]

        found = db.rows(f"select {column} from {{s}}.declared order by id")

        assert found == [(expected,), (None,)]
        assert (
            db.value(
                f"select lower(column_type) from information_schema.columns where table_schema = '{db.schema}' "
                f"and table_name = 'declared' and column_name = '{column}'"
            )
            == kind
        )

    def test_elements_of_arrays(self, db: Database) -> None:
        for column, (_, numbers) in enumerate(ELEMENTS.values()):
            # a client gets six digits of a FLOAT, so the numbers are read as DOUBLE
            parts = (f"element_at(a{column},{place}) + 0e0" for place in range(1, len(numbers) + 1))
            assert db.rows(f"select {','.join(parts)} from {{s}}.elements") == [tuple(numbers)]

    def test_again_the_columns_are_the_same(self, seed: Any, db: Database) -> None:
        assert seed("declared").message == "INSERT 2"
        assert db.value("select count(*) from {s}.declared") == 2

    def test_attributes_are_those_of_the_columns(self, db: Database) -> None:
        found = {
            name: (kind.lower(), *facts)
            for name, kind, *facts in db.rows(
                "select column_name, column_type, is_nullable, coalesce(column_default, ''), column_key, "
                f"column_comment from information_schema.columns where table_schema = '{db.schema}' "
                "and table_name = 'attributed'"
            )
        }

        assert found == {name: facts for name, (_, _, facts, _) in ATTRIBUTED.items()}
        (row,) = db.rows(f"select {', '.join(ATTRIBUTED)} from {{s}}.attributed where folded = 'A'")
        assert row == tuple(value for _, _, _, value in ATTRIBUTED.values())
        assert db.rows("select 1 from {s}.attributed where folded = 'a' or exact = 'a'") == []

    def test_again_with_attributes(self, seed: Any, db: Database, as_csv: Any) -> None:
        assert seed("attributed").message == "INSERT 1"
        assert seed("checked").message == "CREATE 1"
        without_day = ["" if name == "day" else value for name, (_, value, _, _) in ATTRIBUTED.items()]
        texts = {
            ("attributed", "1048"): as_csv(list(ATTRIBUTED), [without_day]),
            ("checked", "3819"): "n\n0\n",
        }
        for (name, code), text in texts.items():
            result = seed(name, text, expect_pass=False)
            assert result.status == "error"
            assert code in result.message
        assert db.rows("select n from {s}.checked") == [(1,)]
        assert db.rows("select id, day from {s}.attributed") == [(7, datetime.date(2024, 1, 5))]

    @pytest.mark.parametrize("name", NUMBERED)
    def test_again_the_numbers_are_the_same(self, seed: Any, db: Database, name: str) -> None:
        for _ in range(2):
            result = seed(name)
            assert db.rows(f"select id, word from {{s}}.{name} order by id") == [(1, "b"), (2, "c")]
            assert result.message == "CREATE 2"

    def test_a_default_is_as_precise_as_the_values(self, db: Database) -> None:
        moment = datetime.datetime(2024, 1, 5, 10, 20, 30)
        definition = str(db.rows("show create table {s}.clocked")[0][1])

        assert "timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)" in definition
        rows = db.rows("select word, at from {s}.clocked order by word")
        assert rows == [("B", moment.replace(microsecond=500_000)), ("c", moment)]
        assert db.value("select count(*) from {s}.clocked where word = 'b'") == 1

    def test_words_for_no_value(self, db: Database) -> None:
        found = db.rows("select n, d, b, t from {s}.missing order by id")

        assert found == [(None, None, None, "NA"), (None, None, None, None), (None, None, None, None)]


CHANGED = {
    "decimal(5,2)": "1.555",
    "datetime(0)": "2024-01-05 10:00:00.6",
    "float4": "16777217",
    "double": "9007199254740993",
    "char(5)": "a ",
    "binary(5)": "a",
    "enum('a','B')": "b",
    "set('a','b')": "3",
    "array(bigint)": "[1,9223372036854775808]",
    "map(int,int)": "{1:2.5}",
    "array(float)": "[1234567,16777217]",
}
"""By declared type: a value that it takes and does not keep."""

CHANGED_WITH_ATTRIBUTES = {
    "int not null": ("1.5", "is no int: "),
    "date not null": ("5/1/24", "is no date: "),
    "numeric(5,2) default 0": ("1.555", "has more digits after the point, which numeric(5,2) does not keep: "),
    "char(3) not null": ("a ", "ends in blanks, which char(3) does not keep: "),
    "double(10,2)": ("1.555", "has more digits after the point, which double(10,2) does not keep: "),
    "float(7,2) not null": ("1.555", "has more digits after the point, which float(7,2) does not keep: "),
    "json": ('{"a": 1, "a": 2}', "has the same key twice, which json does not keep: "),
    "json not null": ('{"n": 12345678901234567890123}', "has a number of more digits, which json does not keep: "),
    "": ("2024-01-05T10:20:30.1234567", "has more fractions of a second than a datetime keeps: "),
}
"""By declared type with attributes, or no declared type: a value that the server would change, and the error."""

REFUSED = [
    *((kind, value, kind) for kind, value in CHANGED.items()),
    *((kind, value, f"{value!r} {reason}") for kind, (value, reason) in CHANGED_WITH_ATTRIBUTES.items()),
]
"""Declared type, value, and a part of the error."""


class TestChangedValues:
    """A value that would not read back the same is refused, and the rows of an existing seed stay."""

    @pytest.fixture(scope="class")
    def seeds(self, as_csv: Any) -> dict[str, str]:
        return {f"seed_{number}.csv": as_csv(["v"], [(value,)]) for number, (_, value, _) in enumerate(REFUSED)}

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        kinds = {f"seed_{n}": {"+column_types": {"v": kind}} for n, (kind, _, _) in enumerate(REFUSED) if kind}
        return {"seeds": {"test": kinds}}

    def test_refused(self, project: Any, db: Database) -> None:
        found = run_dbt(["seed"], expect_pass=False)

        messages = {result.node.name: str(result.message) for result in found}
        for number, (_, value, reason) in enumerate(REFUSED):
            assert f"row 1, column 'v': {value!r} " in messages[f"seed_{number}"]
            assert reason in messages[f"seed_{number}"]
            assert "column_types" in messages[f"seed_{number}"]
        assert not db.relations()

    def test_rows_stay(self, project: Any, db: Database) -> None:
        db.run("create table {s}.seed_0 (v decimal(5,2))")
        db.run("insert into {s}.seed_0 values (1.5)")

        run_dbt(["seed", "--select", "seed_0"], expect_pass=False)

        assert db.rows("select v from {s}.seed_0") == [(Decimal("1.50"),)]


class TestTimeZone:
    """A time with an offset means the same point in time in every session time zone."""

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, dbt_profile_target: dict[str, Any]) -> dict[str, Any]:
        return {**dbt_profile_target, "time_zone": "+08:00"}

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        moments = "2024-01-05T10:00:00.5Z", "2024-01-05 10:00:00.5+02:00"
        return {"moments.csv": "ts,dt\n" + "".join(f"{moment},{moment}\n" for moment in moments)}

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"seeds": {"test": {"moments": {"+column_types": {"ts": "timestamp(3)", "dt": "datetime(3)"}}}}}

    def test_moments(self, project: Any, db: Database) -> None:
        run_dbt(["seed"])

        moments = [datetime.datetime(2024, 1, 5, hour, 0, 0, 500_000) for hour in (10, 8)]
        db.run("set time_zone = '+00:00'")
        assert sorted(db.rows("select ts, dt from {s}.moments")) == sorted((at, at) for at in moments)

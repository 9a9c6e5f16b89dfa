"""The SQL lexer on generated texts, compared with a second, character by character implementation of the rules."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbt.adapters.oceanbase.sql.lexer import split, standard_comments, verb
from dbt.adapters.oceanbase.sql.statement import Statement

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

BLANKS = " \t"
LINE_ENDS = "\r\n"
SPACE = " \t\n\r\f\v"

FRAGMENTS = st.sampled_from(
    [
        *("'", '"', "`", "#", ";", ",", "(", ")", "\\", "-", "/", "*", "!", "@", "=", ":", "5", "x", "é"),
        *(" ", "\t", "\n", "\r", "\r\n", "\f", "--", "---", "-- ", "--\n", " --", "\n--", "\n  --", ",--", "(--"),
        *("don't", "''", '""', "``", "\\'", '\\"', "/*", "*/", "/*!", "/*!50000 ", "/*+ ", "/**/", " 5 --5"),
        *("select", "begin", "end", "case", "for update", "into", "with x as (", "insert into t ", ":="),
    ]
)
TEXTS = st.lists(FRAGMENTS, max_size=40).map("".join)


def opaque_end(sql: str, start: int, executable: bool = False) -> int:
    """Return where the quoted text or comment that begins at ``start`` ends; ``start`` if none begins there."""
    first = sql[start]
    if first in "'\"`":
        return quoted_end(sql, start, first)
    is_dash_comment = sql.startswith("--", start) and sql[start + 2 : start + 3] in tuple(BLANKS + LINE_ENDS)
    if first == "#" or is_dash_comment:
        return line_end(sql, start)
    if sql.startswith("/*!", start):
        return start if executable else executable_end(sql, start)
    if sql.startswith("/*", start):
        end = sql.find("*/", start + 2)
        return len(sql) if end < 0 else end + 2
    return start


def quoted_end(sql: str, start: int, quote: str) -> int:
    position = start + 1
    while position < len(sql):
        if quote != "`" and sql[position] == "\\":
            position += 2
        elif sql[position] != quote:
            position += 1
        elif sql.startswith(quote, position + 1):
            position += 2
        else:
            return position + 1
    return len(sql)


def executable_end(sql: str, start: int) -> int:
    position = start + 3
    while position < len(sql):
        if sql.startswith("*/", position):
            return position + 2
        position = max(opaque_end(sql, position, executable=True), position + 1)
    return len(sql)


def line_end(sql: str, start: int) -> int:
    return next((at for at in range(start, len(sql)) if sql[at] in LINE_ENDS), len(sql))


def is_meant(sql: str, start: int) -> bool:
    """Check whether the ``--`` at ``start``, which is no comment for the server, is one in standard SQL."""
    line_start = max(sql.rfind(end, 0, start) for end in LINE_ENDS) + 1
    before, after = sql[line_start:start], sql[start + 2 : start + 3]
    if before.rstrip(BLANKS)[-1:] in ("", ";") or before[-1] in ",(":
        return True
    return before[-1] in BLANKS and after not in tuple("0123456789('\"`")


def commented(sql: str) -> str:
    result, position = "", 0
    while position < len(sql):
        end = opaque_end(sql, position)
        if end == position and sql.startswith("--", position) and is_meant(sql, position):
            end = line_end(sql, position)
            result += "-- "
            position += 2
        end = max(end, position + (end == position))
        result += sql[position:end]
        position = end
    return result


def pieces(sql: str) -> list[str]:
    result, start, position = [], 0, 0
    while position < len(sql):
        if sql[position] == ";":
            result.append(sql[start:position])
            start = position + 1
        position = max(opaque_end(sql, position), position + 1)
    return [*result, sql[start:]]


def holds_sql(sql: str) -> bool:
    """Check whether a piece contains more than white space and comments. A comment that is not closed counts."""
    position = 0
    while position < len(sql):
        end = opaque_end(sql, position)
        is_comment = end > position and sql[position] not in "'\"`" and not sql.startswith("/*!", position)
        if sql.startswith("/*", position) and not sql[position + 2 : end].endswith("*/"):
            return True
        if not is_comment and sql[position] not in SPACE:
            return True
        position = max(end, position + 1)
    return False


def core(sql: str) -> str:
    """Return a piece without the white space and the empty comments at its end, which may be removed."""
    text = sql.strip(SPACE)
    while text.endswith("--"):
        text = text[:-2].rstrip(SPACE)
    return text


@UNHURRIED
@given(TEXTS)
def test_comments_are_those_of_the_second_reading(sql: str) -> None:
    assert standard_comments(sql) == commented(sql)


@UNHURRIED
@given(TEXTS)
def test_only_blanks_after_dashes_are_put_in(sql: str) -> None:
    result = standard_comments(sql)

    position = 0
    for index, letter in enumerate(result):
        if position < len(sql) and letter == sql[position]:
            position += 1
        else:
            assert letter == " "
            assert result[:index].endswith("--")
    assert position == len(sql)


@UNHURRIED
@given(TEXTS)
def test_comments_once_put_right_stay(sql: str) -> None:
    result = standard_comments(sql)

    assert standard_comments(result) is result


@UNHURRIED
@given(TEXTS)
def test_text_without_two_dashes_is_not_read(sql: str) -> None:
    plain = sql.replace("-", "+")

    assert standard_comments(plain) is plain


QUOTABLE = st.text(alphabet="a;-# \t\n\r/*!+,()5", max_size=12)
UNTOUCHABLE = st.one_of(
    QUOTABLE.map(lambda text: f"'{text}'"),
    QUOTABLE.map(lambda text: f"'\\'{text}''{text}\\\\'"),
    QUOTABLE.map(lambda text: f'"{text}\\"{text}""{text}"'),
    QUOTABLE.map(lambda text: f"`{text}``{text}`"),
    QUOTABLE.map(lambda text: f"/* it's \"{text.replace('*', '')} `*/"),
    QUOTABLE.map(lambda text: f"/*+ {text.replace('*', '')}*/"),
    QUOTABLE.map(lambda text: f"/*! '{text}' /* {text.replace('*', '')} */ {text.replace('*', '')}\n*/"),
    QUOTABLE.map(lambda text: f"# '{text.translate({10: ' ', 13: ' '})}\n"),
    QUOTABLE.map(lambda text: f"-- '{text.translate({10: ' ', 13: ' '})}\n"),
)
BETWEEN = st.sampled_from(["a", " ", "\n", ",", "(", " + ", " --note it's\n", "\n--note\n", ",--note; `\n", " 5 --5 "])


@UNHURRIED
@given(st.lists(st.tuples(BETWEEN, UNTOUCHABLE)))
def test_quoted_text_and_comments_stay_byte_for_byte(parts: list[tuple[str, str]]) -> None:
    sql = "".join(between + untouchable for between, untouchable in parts)
    marked = [between.replace("--note", "-- note") + untouchable for between, untouchable in parts]

    assert standard_comments(sql) == "".join(marked)
    assert len(split(f"select {standard_comments(sql)}\n; select 1")) == 2


@UNHURRIED
@given(TEXTS)
def test_statements_are_those_of_the_second_reading(sql: str) -> None:
    expected = map(core, filter(holds_sql, pieces(sql)))

    assert [*filter(None, map(core, split(sql)))] == [*filter(None, expected)]


@UNHURRIED
@given(TEXTS)
def test_a_statement_is_not_split_again(sql: str) -> None:
    for statement in split(sql):
        assert split(statement) == [statement]


@UNHURRIED
@given(TEXTS)
def test_statements_put_together_are_split_alike(sql: str) -> None:
    statements = [text for text in split(sql) if not text.endswith("--")]

    assert split("\n;\n".join(statements)) == statements


NAMES = st.sampled_from(["a", "t.end", "`begin`", "'; end'", '"begin;"', "if(1, 2, 3)", "repeat('a', 2)", "5"])
EXPRESSIONS = st.recursive(
    NAMES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: "case when {} then {} end".format(*two)),
        st.tuples(inner, inner, inner).map(lambda three: "case {} when {} then 1 else {} end".format(*three)),
        inner.map(lambda one: f"(select {one} from t /* end; */ where a = 1 -- begin;\n)"),
    ),
    max_leaves=4,
)
SIMPLE = st.one_of(
    EXPRESSIONS.map(lambda expression: f"select {expression};"),
    EXPRESSIONS.map(lambda expression: f"set @a = {expression};"),
    EXPRESSIONS.map(lambda expression: f"insert into t values ({expression});"),
    st.sampled_from(["commit;", "drop table if exists t;", "leave l;", "select 1 as begin, 2 as end;"]),
)
BODIES = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda many: f"begin {' '.join(many)} end;"),
        inner.map(lambda one: f"l: begin {one} end l;"),
        inner.map(lambda one: f"begin declare exit handler for sqlexception begin {one} end; select 1 end; end;"),
        st.tuples(EXPRESSIONS, inner).map(lambda two: "if {} then {} end if;".format(*two)),
        st.tuples(inner, inner).map(lambda two: "if (a) then {} elseif b then {} else begin end; end if;".format(*two)),
        st.tuples(inner, inner).map(lambda two: "if a then {} else if b then {} end if; end if;".format(*two)),
        st.tuples(EXPRESSIONS, inner).map(lambda two: "while {} do {} end while;".format(*two)),
        inner.map(lambda one: f"l: loop {one} end loop l;"),
        st.tuples(inner, EXPRESSIONS).map(lambda two: "repeat {} until {} end repeat;".format(*two)),
        st.tuples(EXPRESSIONS, inner).map(lambda two: "case {} when 1 then {} else select 1; end case;".format(*two)),
        st.tuples(EXPRESSIONS, inner).map(lambda two: "case when {} then {} end /* c; */ case;".format(*two)),
    ),
    max_leaves=8,
)
HEADS = st.sampled_from(
    [
        "create procedure p() ",
        "create procedure if not exists p(a int, begin int) comment 'begin;' ",
        "create definer=`end`@`%` function f(a int) returns varchar(10) character set utf8mb4 deterministic ",
        "create function f() returns int ",
        "create trigger tr before insert on t for each row ",
        "create event e on schedule every 1 day do ",
        "alter event e do ",
    ]
)


@UNHURRIED
@given(HEADS, BODIES)
def test_a_routine_is_never_cut(head: str, body: str) -> None:
    sql = (head + body).removesuffix(";")

    assert split(f"select 0; {sql}; select 1; begin; commit") == ["select 0", sql, "select 1", "begin", "commit"]


STATEMENTS = st.sampled_from(
    [
        *("select 1", "select 1 for update", "select @a := 1", "(select 1)", "values row(1)", "set a = 1", "begin"),
        *("with x as (select 1) delete from t", "insert into t values (1)", "insert overwrite t select 1", "kill 1"),
        *("create or replace view v as select 1", "drop tables t", "alter system set a = 1", "set password = 'x'"),
        *("rollback to s", "lock table t read", "explain select 1"),
    ]
)
IN_FRONT = st.lists(
    st.one_of(
        st.sampled_from([" ", "\n", "\t", "\r\n", "--\n", "/**/", "/*+ parallel(2) */", "("]),
        st.sampled_from(["don't", "select", "/*", "; drop", "*", "--x", "`"]).map(lambda text: f"# {text}\n"),
        st.sampled_from(["don't", "insert", "/*", "; drop", "*", "--x", '"']).map(lambda text: f"-- {text}\r\n"),
        st.sampled_from(["don't", "update", "#", "; drop", "*", "--x", "/*"]).map(lambda text: f"/* {text} */"),
    )
).map("".join)


@UNHURRIED
@given(IN_FRONT, STATEMENTS, st.booleans())
def test_what_stands_in_front_does_not_change_a_statement(front: str, sql: str, upper: bool) -> None:
    opening = front if sql.startswith(("select", "(select")) else front.replace("(", "")
    text = opening + (sql.upper() if upper else sql)

    assert (Statement(text).kind, verb(text)) == (Statement(sql).kind, verb(sql))

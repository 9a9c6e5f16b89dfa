"""Reserved words name columns without backticks, and no statement that the server takes is changed for them."""

from __future__ import annotations

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

from dbt.adapters.oceanbase.sql.standard import rewritten
from dbt.adapters.oceanbase.sql.standard.reserved import ALIASES, OPERANDS

SYNTAX_ERROR = 1064

NAMES = "select 'added' as change, 1 as database, 2 as schema, 'left' as condition, 3 as range"
READ = (
    "select change as kind, max(database) as database, schema::varchar(5) as schema from {{ ref('names') }} "
    "where condition = 'left' and not change is null and 2 * database = 2 and trim(both ' ' from schema) = '2' "
    "group by change, schema order by database desc"
)

MODELS = {
    "names": NAMES,
    "read_by_view": READ,
    "read_by_table": "{{ config(materialized='table') }}" + READ,
    "as_written": "{{ config(standard_sql='comments') }}" + NAMES,
}

STATEMENTS = [
    "select a , b as x from t where a = 1 and not b > 2 order by a desc , b limit 1 , 2",
    "select distinct a + b , max ( b ) over ( partition by a order by b range unbounded preceding ) from t",
    "select group_concat ( distinct a order by b desc separator ',' ) from t group by a , b having count ( * ) > 1",
    "select case a when 1 then b else a end , if ( a , b , 1 ) , cast ( a as char ) , convert ( a , char ) from t as y",
    "select u . a from u use index ( k ) join t force index for order by ( k ) on u . a = t . a join t z using ( a )",
    "with x ( a ) as ( select 1 union all select a + 1 from x where a < 3 ) select a from x for update",
    "select trim ( both 'x' from c ) , extract ( year from c ) , a between 1 and 2 , c + interval 1 day from t",
    "insert into t ( a , b ) values ( 1 , default ) on duplicate key update a = values ( a ) , b = 2",
    "replace into t set a = 1 , b = default",
    "update t set a = 1 , b = b + 1 where a in ( 1 , 2 ) order by a limit 1",
    "delete from t where a is null or c like 'x' order by a limit 1",
    "select max ( a ) over w from t window w as ( partition by a order by b rows between 1 preceding and current row )",
    "select all a * b , a div b , a mod b from t where c like 'x' escape '!' and c rlike 'x' group by a with rollup",
    "select convert ( c using utf8mb4 ) , substring ( c from a for b ) , trim ( c ) from t",
    "select t . * , u . a * 2 from t , u where t . a * u . b > 1 union all select * , 1 from t",
    "select a from t where exists ( select 1 from u where a = b ) and c regexp 'a' lock in share mode",
]
"""Statements that the server takes, as texts with blanks between all tokens."""


def with_a_word_more() -> list[str]:
    """Return the statements with each word of the module added, or in place of a token, at each place of one in nine.

    Every place gets other words than the places beside it, so that each word is at places of all kinds.
    """
    made, words, number = [], sorted(ALIASES), 0
    for statement in STATEMENTS:
        tokens = statement.split(" ")
        for place in range(1, len(tokens) + 1):
            for word in words:
                number += 1
                if number % 9 == 0:
                    made += [
                        " ".join([*tokens[:place], word, *tokens[place:]]),
                        " ".join([*tokens[:place], word, *tokens[place + 1 :]]),
                    ]
    return made


def is_syntax_error(server: pymysql.Connection, sql: str) -> bool:
    """Return whether the server refuses ``sql`` as a syntax error. The statement is not run."""
    with server.cursor() as cursor:
        try:
            cursor.execute(f"explain {sql}")
        except pymysql.Error as error:
            return bool(error.args[0] == SYNTAX_ERROR)
    return False


class TestReservedWords:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {f"{name}.sql": text for name, text in MODELS.items()}

    @pytest.fixture(scope="class")
    def built(self, project: object) -> dict[str, str]:
        """Build all models once and return the errors of those that fail by name."""
        results = run_dbt(["run"], expect_pass=False)
        return {result.node.name: str(result.message) for result in results if str(result.status) != "success"}

    @pytest.mark.parametrize("relation", ["read_by_view", "read_by_table"])
    def test_columns_are_named_and_read(self, built: dict[str, str], db: Database, relation: str) -> None:
        assert relation not in built
        assert db.rows(f"select kind, `database`, `schema` from {{s}}.{relation}") == [("added", 1, "2")]

    def test_a_model_may_send_its_text_as_it_is(self, built: dict[str, str]) -> None:
        assert set(built) == {"as_written"}
        assert "1064" in built["as_written"]

    @pytest.mark.parametrize("word", sorted(ALIASES))
    def test_the_server_refuses_each_word_and_takes_the_name(self, db: Database, word: str) -> None:
        operand = word if word in OPERANDS else "1"
        texts = [f"select 1 as {word}", f"select {operand}, 2 as {word} from (select 1 as {word}) as t"]

        assert [is_syntax_error(db.connection, text) for text in texts] == [True, True]
        assert [is_syntax_error(db.connection, rewritten(text)) for text in texts] == [False, False]

    def test_names_in_other_scripts(self, db: Database) -> None:
        names = "select '7' as \u0e0a\u0e37\u0e48\u0e2d, 'x' as e\u0301"
        sql = f"select \u0e0a\u0e37\u0e48\u0e2d::int, e\u0301 || \u0e0a\u0e37\u0e48\u0e2d from ({names}) as t"

        assert db.rows(rewritten(sql, concat=True)) == [(7, "x7")]

    def test_what_the_server_takes_stays(self, db: Database) -> None:
        db.run(
            "create table {s}.t (a int, b int, c varchar(20))",
            "create table {s}.u (a int, b int, c varchar(20), key k (b))",
        )
        changed = [text for text in with_a_word_more() if rewritten(text) is not text]

        assert len(changed) > 300
        assert [text for text in [*STATEMENTS, *changed] if not is_syntax_error(db.connection, text)] == STATEMENTS

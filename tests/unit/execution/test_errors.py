"""dbt's errors for driver errors: code, meaning, place, remedy, no secrets; and their effects on the session."""

from __future__ import annotations

import struct
from types import SimpleNamespace
from typing import Any

import pymysql
import pytest

from dbt.adapters.oceanbase.connect import SessionCancelled
from dbt.adapters.oceanbase.connect.codes import STATEMENT, UNKNOWN
from dbt.adapters.oceanbase.connect.errors import FATAL, LINK_LOST
from dbt.adapters.oceanbase.execution import errors, runner
from dbt.adapters.oceanbase.sql.statement import Statement


class Session(SimpleNamespace):
    """The parts of a session that the text of an error is made from."""

    def __init__(self, usable: bool = True, in_transaction: bool = False) -> None:
        link = SimpleNamespace(abandon=lambda: vars(self).update(is_usable=False))
        super().__init__(endpoint="ob1:2881", lost=None, unanswered=False, closed=False, connection=link)
        self.is_usable, self.in_transaction = usable, in_transaction


def session(usable: bool = True, in_transaction: bool = False) -> Any:
    return Session(usable, in_transaction)


def translate(error: Exception, sql: str, session: Any) -> Any:
    return runner.translate(error, Statement(sql), session)


def translated(
    code: int, text: str, sql: str = "insert into t values (1)", usable: bool = True, in_transaction: bool = False
) -> str:
    error = pymysql.err.OperationalError(code, text)
    return str(translate(error, sql, session(usable, in_transaction)).msg)


@pytest.mark.parametrize("code", sorted(set(STATEMENT) - errors.NO_RIGHTS))
def test_a_statement_error_has_code_place_meaning_remedy_and_statement(code: int) -> None:
    text = translated(code, "said the server")

    assert f"said the server ({code}, ob1:2881)" in text
    assert f"{STATEMENT[code].meaning}: {STATEMENT[code].remedy}" in text
    assert text.endswith("in: insert into t values (1)")


@pytest.mark.parametrize("code", sorted(errors.NO_RIGHTS))
def test_a_missing_right_is_one_line(code: int) -> None:
    text = translated(code, "Access denied for user 'u'@'%' to database " + "x" * 300)

    assert "\n" not in text
    assert len(text) <= 300
    assert text.startswith("ob1:2881: Access denied")
    assert f"({code}); grant the user" in text


def test_an_error_keeps_its_code_for_those_who_decide_by_it() -> None:
    assert translate(pymysql.err.ProgrammingError(1050, "exists"), "x", None).server_code == 1050


def test_an_error_of_a_statement_that_is_not_in_the_table() -> None:
    text = translated(1064, "You have an error in your SQL syntax", "selec 1")

    assert text == "You have an error in your SQL syntax (1064, ob1:2881)\nin: selec 1"


@pytest.mark.parametrize(
    ("said", "sql", "part"),
    [
        ("Timeout, query has reached the maximum query timeout", "insert into t select 1", "raise query_timeout"),
        ("Transaction timeout occurred, please rollback", "insert into t select 1", "raise it in the profile"),
        ("Transaction result is unknown", "insert into t select 1", "whether the statement took effect is unknown"),
        ("Timeout", "COMMIT", "whether the transaction was committed is unknown"),
        ("Transaction timeout occurred", "/* dbt */ commit", "whether the transaction was committed is unknown"),
    ],
)
def test_the_meanings_of_4012(said: str, sql: str, part: str) -> None:
    assert part in translated(4012, said, sql)


def test_an_overwrite_in_a_transaction_has_a_remedy_of_its_own() -> None:
    said, sql = "using insert overwrite within a transaction is not supported", "insert overwrite t select 1"
    remedy = "as a hook, write {'sql': '...', 'transaction': false}, or else commit first"

    assert f"earlier statements of the transaction have changed rows: {remedy}\nin: " in translated(1235, said, sql)
    assert remedy not in translated(1235, "insert overwrite does not support table with materialized view log", sql)


def test_the_place_does_not_decide_what_4012_means() -> None:
    place = session()
    place.endpoint = "transaction-db:2881"
    error = pymysql.err.OperationalError(4012, "Timeout, query has reached the maximum query timeout")

    assert "raise query_timeout" in str(translate(error, "select 1", place))


@pytest.mark.parametrize("code", sorted(UNKNOWN))
def test_codes_by_which_the_server_says_that_it_does_not_know(code: int) -> None:
    assert "whether the statement took effect is unknown: rerun the node" in translated(code, "?")
    assert "whether the transaction was committed is unknown: rerun the node" in translated(code, "?", "COMMIT")


@pytest.mark.parametrize("code", [6002, 6224])
def test_a_commit_that_was_rolled_back_is_not_unknown(code: int) -> None:
    text = translated(code, "Transaction rollbacked", "COMMIT", in_transaction=True)

    assert f"({code}, ob1:2881)" in text
    assert "rolled back" in text
    assert "unknown" not in text


LOST_CODES = (*sorted(LINK_LOST), 0, FATAL[0], 8001, 8002, FATAL[-1])
WRITES = (
    "insert into t values (1)",
    "create table t as select 1",
    "call p()",
    "rename table a to b",
    "set password='x'",
)
LEAVES_NOTHING = ("select 1", "show tables", "set @x = 1", "use s", "begin", "rollback", "savepoint a")


@pytest.mark.parametrize("code", LOST_CODES)
def test_a_lost_link_has_place_code_and_statement(code: int) -> None:
    text = translated(code, "Lost connection")

    assert text.startswith(f"the connection to ob1:2881 was lost: Lost connection ({code})\n")
    assert text.endswith("\nin: insert into t values (1)")


@pytest.mark.parametrize("sql", WRITES)
def test_a_statement_whose_outcome_is_unknown(sql: str) -> None:
    assert (
        "\nwhether the statement took effect is unknown: rerun the node, which builds the same rows again; "
        "where it appends rows, look first whether they are there\n"
    ) in translated(2013, "Lost connection", sql)


@pytest.mark.parametrize("sql", LEAVES_NOTHING)
def test_a_statement_that_leaves_nothing_has_no_unknown_outcome(sql: str) -> None:
    assert "unknown" not in translated(2013, "Lost connection", sql)


def test_a_commit_whose_outcome_is_unknown() -> None:
    text = translated(2013, "Lost connection", "COMMIT", in_transaction=True)

    assert "\nwhether the transaction was committed is unknown: rerun the node" in text


@pytest.mark.parametrize("sql", ["insert into t values (1)", "delete from t", "update t set a = 1", "select 1"])
def test_what_was_lost_before_the_commit_is_rolled_back(sql: str) -> None:
    text = translated(2013, "Lost connection", sql, in_transaction=True)

    assert "\nits transaction was not committed, so the server rolls it back: rerun the node" in text
    assert "unknown" not in text


@pytest.mark.parametrize("sql", ["create table t as select 1", "call p()", "load data infile 'x' into table t"])
def test_what_commits_by_itself_has_an_unknown_outcome_in_a_transaction_too(sql: str) -> None:
    assert "took effect is unknown" in translated(2013, "Lost connection", sql, in_transaction=True)


@pytest.mark.parametrize("code", LOST_CODES)
def test_nothing_more_is_sent_on_a_link_that_is_lost(code: int) -> None:
    """The server may have reported the loss in an answer, while the link is open: a ROLLBACK would be sent on it."""
    lost = session()

    translate(pymysql.err.OperationalError(code, "gone"), "insert into t values (1)", lost)

    assert not lost.is_usable


def test_a_connection_that_another_session_uses_by_now_is_left_alone() -> None:
    closed = session()
    closed.closed = True

    translate(pymysql.err.InterfaceError(0, "the session is closed"), "select 1", closed)

    assert closed.is_usable


@pytest.mark.parametrize(
    "broken",
    [struct.error("unpack requires 4 bytes"), IndexError("index out of range"), AssertionError(), OSError("x")],
)
def test_an_answer_that_could_not_be_read_loses_the_link(broken: Exception) -> None:
    lost = session(usable=False)

    text = translate(broken, "insert into t values (1)", lost).msg
    again = translate(pymysql.err.InterfaceError(0, ""), "select 1", lost).msg

    assert text.startswith("the connection to ob1:2881 was lost: ")
    assert f"({type(broken).__name__})" in text
    assert "took effect is unknown" in text
    assert again.startswith("the connection to ob1:2881 was lost earlier in this node: ")


def test_what_was_not_sent_is_not_lost() -> None:
    text = translate(SessionCancelled("the run was cancelled"), "select 1", session(usable=False)).msg

    assert text == "the run was cancelled"


def test_an_error_of_the_bindings_leaves_the_session() -> None:
    kept = session()

    assert translate(TypeError("not all arguments converted"), "select %s", kept).msg.startswith("not all")
    assert kept.is_usable


def test_a_driver_error_without_a_code() -> None:
    text = translate(pymysql.err.ProgrammingError("Cursor closed"), "select 1", session()).msg

    assert text == "Cursor closed (no code, ob1:2881)\nin: select 1"


def test_a_session_that_cannot_be_used_any_more_is_lost_whatever_the_driver_says() -> None:
    error = pymysql.err.InternalError("Packet sequence number wrong - got 3 expected 1")

    assert "was lost" in translate(error, "insert into t values (1)", session(usable=False)).msg


def test_after_a_lost_link_the_first_error_is_kept() -> None:
    lost = session()
    first = pymysql.err.OperationalError(2013, "Lost connection during query")
    translate(first, "insert into t values (1)", lost)

    again = translate(pymysql.err.InterfaceError(0, ""), "drop table t", lost)

    assert again.msg == "the connection to ob1:2881 was lost earlier in this node: Lost connection during query (2013)"


def test_passwords_are_stars_before_a_long_statement_is_abridged() -> None:
    names = "'reporting_account_of_the_marts'@'10.20.30.%', 'another_account_of_the_marts'@'10.20.30.%', 'root'@'%'"

    text = translated(1396, "Operation CREATE USER failed", f"create user {names} identified by '{'s3cr3t!!' * 8}'")

    assert "s3cr3t" not in text
    assert text.endswith("identified by '***'")


@pytest.mark.parametrize("length", range(1180, 1290))
def test_a_password_through_which_a_long_statement_is_cut(length: int) -> None:
    sql = f"create user {'u' * length} identified by '{'s3cr3t!!' * 8}' account lock"

    assert "s3cr3t" not in translated(1396, "Operation CREATE USER failed", sql)


def test_a_secret_that_only_the_end_of_a_long_statement_shows() -> None:
    sql = f"select 's3cr3t' as a, {'b, ' * 1000} c into @p"

    assert "in: select '***' as a, b, b" in translated(1064, "You have an error", sql)


def test_passwords_in_what_the_server_repeats_are_stars() -> None:
    sql = "create user u identified bye 's3cr3t-word' account lock"

    text = translated(1064, "You have an error near 'bye 's3cr3t-word' account lo' at line 1", sql)

    assert text == (
        "You have an error near 'bye '***' account lo' at line 1 (1064, ob1:2881)\n"
        "in: create user u identified bye '***' account lock"
    )


def test_the_driver_s_error_loses_its_secrets_too() -> None:
    error = pymysql.err.ProgrammingError(1064, "error near 'bye 's3cr3t'' at line 1")

    translate(error, "create user u identified bye 's3cr3t'", session())

    assert error.args == (1064, "error near 'bye '***'' at line 1")


def test_a_leading_query_comment_does_not_hide_the_statement() -> None:
    text = translated(1064, "x", "/* " + '{"app": "dbt"}' * 100 + " */ insert into t values (1)")

    assert text.endswith("in: insert into t values (1)")


def test_making_an_error_changes_neither_the_session_nor_the_driver_s_error() -> None:
    lost, kept = session(), session()
    before = vars(lost).copy(), vars(kept).copy()
    gone = pymysql.err.OperationalError(2013, "Lost connection")
    refused = pymysql.err.ProgrammingError(1064, "error near 'bye 's3cr3t'' at line 1")

    errors.translated(gone, Statement("select 1"), lost)
    errors.translated(refused, Statement("create user u identified bye 's3cr3t'"), kept)

    assert (vars(lost), vars(kept)) == before
    assert (gone.args, refused.args[1]) == ((2013, "Lost connection"), "error near 'bye 's3cr3t'' at line 1")


def timeout(*waited_for: str) -> Any:
    return SimpleNamespace(seconds=2, waited_for=list(waited_for), expired=True)


KILLED = pymysql.err.OperationalError(1317, "Query execution was interrupted")


@pytest.mark.parametrize("sql", ["rename table a to b", "drop table a", "truncate table a"])
def test_what_waited_too_long_names_field_and_holder(sql: str) -> None:
    text = str(errors.ended_by_timeout(KILLED, Statement(sql), timeout("session 7 of 'ann'"), session()))

    assert "ran longer than lock_timeout (2 s) and was ended (1317, ob1:2881)" in text
    assert "it waited for session 7 of 'ann': end that transaction, or raise lock_timeout" in text


@pytest.mark.parametrize("sql", ["create table a as select 1", "create index i on a (b)"])
def test_what_ran_too_long_names_query_timeout(sql: str) -> None:
    text = str(errors.ended_by_timeout(KILLED, Statement(sql), timeout(), session()))

    assert "ran longer than query_timeout (2 s)" in text
    assert "lock_timeout" not in text


@pytest.mark.parametrize("sql", ["rename table a to b", "create table a as select 1"])
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (pymysql.err.OperationalError(2013, "Lost connection"), "2013"),
        (pymysql.err.OperationalError(4064, "Session killed"), "4064"),
        (pymysql.err.InternalError("Packet sequence number wrong"), "InternalError"),
    ],
)
def test_the_outcome_of_what_was_cut_off_is_unknown(sql: str, error: pymysql.err.MySQLError, code: str) -> None:
    text = errors.ended_by_timeout(error, Statement(sql), timeout(), session(usable=False)).msg

    assert f"_timeout (2 s) and was cut off ({code}, ob1:2881)\n" in text
    assert "\nwhether the statement took effect is unknown: rerun the node" in text
    assert "1317" not in text


def test_the_outcome_of_what_was_killed_is_known() -> None:
    assert "unknown" not in str(errors.ended_by_timeout(KILLED, Statement("drop table a"), timeout(), session()))


def test_who_was_ended_by_others_and_who_failed_of_itself() -> None:
    assert errors.was_ended(KILLED, session())
    assert errors.was_ended(pymysql.err.OperationalError(2013, ""), session())
    assert not errors.was_ended(pymysql.err.ProgrammingError(1050, "exists"), session())

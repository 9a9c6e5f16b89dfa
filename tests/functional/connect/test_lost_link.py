"""Links that are lost during a statement: what is sent again, the error, and the next run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from dbt_common.exceptions import DbtDatabaseError
from faults.refusing import RefusingProxy
from faults.server import Server
from faults.tcp_proxy import Link, place_of
from support.outside import Database, until

from dbt.adapters.oceanbase.connect.control import lost_answers

MODELS = {
    "looked_at.sql": "{{ config(materialized='table', pre_hook=['select 1 as looked_at']) }} select 1 as i",
    "changed_first.sql": (
        "{{ config(materialized='table', pre_hook=['set @mine = 1', 'select 1 as looked_at']) }} select 1 as i"
    ),
    "built.sql": (
        "{{ config(materialized='table') }} "
        "select {{ var('version', 1) }} as version, sleep({{ var('seconds', 0) }}) as built_here"
    ),
    "appended.sql": (
        "{{ config(materialized='incremental', incremental_strategy='append') }} select {{ var('version', 1) }} as i"
    ),
    "keyed.sql": (
        "{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='i') }} "
        "select 1 as i, {{ var('version', 1) }} as version"
    ),
    "logged.sql": (
        "{{ config(materialized='table', post_hook={'sql': 'insert into {{ target.schema }}.log values (1)', "
        "'transaction': false}) }} select 1 as i"
    ),
}
TESTS = {"checked.sql": "select 1 as checked_here from (select 1) as t where 1 = 0"}
LOST = "the connection to 127.0.0.1:"


class Proxied:
    @pytest.fixture(scope="class")
    def faulty(self, server_profile: dict[str, Any]) -> Iterator[RefusingProxy]:
        with RefusingProxy(place_of(server_profile)) as proxy:
            yield proxy

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any], faulty: RefusingProxy) -> dict[str, Any]:
        return {"type": "oceanbase", "threads": 1, **server_profile, **faulty.profile}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS

    @pytest.fixture(scope="class")
    def tests(self) -> dict[str, str]:
        return TESTS

    @pytest.fixture(autouse=True)
    def cleared(self, project: Any, db: Database, faulty: RefusingProxy) -> None:
        for name, kind in db.relations().items():
            db.run(f"drop {kind} {{s}}.`{name}`")
        db.run("create table {s}.log (i int)")
        faulty.clear()

    @pytest.fixture
    def fails(self) -> Callable[..., str]:
        """Run dbt on one node, which must fail, and return the error's text."""

        def run(*arguments: str) -> str:
            [result] = run_dbt([*arguments], expect_pass=False)
            return str(result.message)

        return run


def lost_link(faulty: RefusingProxy, part: str) -> list[str]:
    """Return the statements of the connection on which ``part`` was sent last."""
    return [statements for statements in faulty.connections if any(part in each for each in statements)][-1]


class TestQueries(Proxied):
    @pytest.mark.parametrize("do", [Link.cut, Link.reset], ids=["fin", "rst"])
    @pytest.mark.parametrize(("moment", "after"), [("before", 0), ("answered", 0), ("answered", 7)])
    def test_a_data_test_is_sent_again_once(self, faulty: RefusingProxy, moment: Any, after: int, do: Any) -> None:
        faulty.at("checked_here", moment, do, after=after)

        [result] = run_dbt(["test"])

        assert result.status == "pass"
        assert faulty.count("checked_here") == 2

    def test_the_node_goes_on_with_the_new_connection(self, faulty: RefusingProxy, db: Database) -> None:
        faulty.at("as looked_at", "answered")

        run_dbt(["run", "--select", "looked_at"])

        assert faulty.count("as looked_at") == 2
        sent = lost_link(faulty, "as looked_at")
        assert any("create table" in each for each in sent[sent.index(next(s for s in sent if "looked_at" in s)) :])
        assert db.rows("select * from {s}.looked_at") == [(1,)]

    def test_a_second_loss_fails(self, faulty: RefusingProxy) -> None:
        faulty.at("checked_here", "answered", times=2)

        [result] = run_dbt(["test"], expect_pass=False)

        assert result.status == "error"
        assert faulty.count("checked_here") == 2
        assert LOST in result.message
        assert "unknown" not in result.message

    def test_not_after_a_hook_that_changed_the_session(self, faulty: RefusingProxy, fails: Callable[..., str]) -> None:
        faulty.at("as looked_at", "answered")

        text = fails("run", "--select", "changed_first")

        assert faulty.count("as looked_at") == 1
        assert text.count(LOST) == 1

    def test_not_with_functions_that_write(self, project: Any, faulty: RefusingProxy, db: Database) -> None:
        """The kernels run such functions in a SELECT, which then writes, and twice if it is sent twice."""
        writes = f"`{project.test_schema}`.writes"
        db.run(f"create function {writes}(a int) returns int begin insert into {{s}}.log values (a); return a; end")
        faulty.at("writes(7)", "answered")
        adapter = project.adapter
        try:
            with adapter.connection_named("node"), pytest.raises(DbtDatabaseError, match="was lost: "):
                adapter.execute(f"select {writes}(7)", fetch=True)
        finally:
            db.run("drop function {s}.writes")

        assert faulty.count("writes(7)") == 1
        assert db.rows("select i from {s}.log") == [(7,)]

    @pytest.mark.parametrize(
        "sql",
        ["create or replace view {s}.v as select 1 as i", "drop table if exists {s}.log", "show tables in {s}"],
        ids=["view", "drop", "show"],
    )
    def test_what_may_run_twice(self, project: Any, faulty: RefusingProxy, sql: str) -> None:
        text = sql.replace("{s}", f"`{project.test_schema}`")
        faulty.at(text, "answered")
        with project.adapter.connection_named("node"):
            project.adapter.execute(text)

        assert faulty.count(text) == 2


class TestUnknown(Proxied):
    def test_a_build_that_is_cut_leaves_the_target(
        self, faulty: RefusingProxy, db: Database, fails: Callable[..., str]
    ) -> None:
        run_dbt(["run", "--select", "built"])
        faulty.clear()
        faulty.at("built_here", "sent")

        text = fails("run", "--select", "built", "--vars", "{version: 2, seconds: 5}")

        assert faulty.count("built_here") == 1
        assert LOST in text
        assert "whether the statement took effect is unknown: rerun the node" in text
        assert db.rows("select version from {s}.built") == [(1,)]
        run_dbt(["run", "--select", "built", "--vars", "version: 2"])
        assert db.rows("select version from {s}.built") == [(2,)]
        assert set(db.relations()) == {"built", "log"}

    def test_a_swap_whose_answer_is_lost(self, faulty: RefusingProxy, db: Database, fails: Callable[..., str]) -> None:
        run_dbt(["run", "--select", "built"])
        faulty.clear()
        faulty.at("rename table", "answered")

        text = fails("run", "--select", "built", "--vars", "version: 2")

        assert faulty.count("rename table") == 1
        assert "took effect is unknown" in text
        assert db.rows("select version from {s}.built") == [(2,)]
        run_dbt(["run", "--select", "built", "--vars", "version: 3"])
        assert db.rows("select version from {s}.built") == [(3,)]
        assert set(db.relations()) == {"built", "log"}

    def test_an_insert_outside_of_a_transaction(
        self, faulty: RefusingProxy, db: Database, fails: Callable[..., str]
    ) -> None:
        faulty.at("insert into", "answered")

        text = fails("run", "--select", "logged")

        assert faulty.count("insert into") == 1
        assert LOST in text
        assert "(2013)" in text
        assert "whether the statement took effect is unknown: rerun the node" in text
        assert "where it appends rows, look first whether they are there" in text
        assert db.rows("select i from {s}.log") == [(1,)]

    @pytest.mark.parametrize("model", ["appended", "keyed"])
    def test_an_insert_in_a_transaction_is_rolled_back(
        self, faulty: RefusingProxy, db: Database, fails: Callable[..., str], model: str
    ) -> None:
        run_dbt(["run", "--select", model])
        before = db.rows(f"select * from {{s}}.{model}")
        faulty.clear()
        faulty.at("insert into", "answered")

        text = fails("run", "--select", model, "--vars", "version: 2")

        assert faulty.count("insert into") == 1
        assert "its transaction was not committed, so the server rolls it back: rerun the node" in text
        until(lambda: db.rows(f"select * from {{s}}.{model}") == before)
        run_dbt(["run", "--select", model, "--vars", "version: 2"])
        expected = [(1,), (2,)] if model == "appended" else [(1, 2)]
        assert sorted(db.rows(f"select * from {{s}}.{model}")) == expected
        assert set(db.relations()) == {model, "log"}

    def test_a_commit_whose_answer_is_lost(
        self, faulty: RefusingProxy, db: Database, fails: Callable[..., str]
    ) -> None:
        run_dbt(["run", "--select", "keyed"])
        faulty.clear()
        faulty.at(lambda text: text == "COMMIT", "answered")

        text = fails("run", "--select", "keyed", "--vars", "version: 2")

        assert faulty.count("COMMIT") == 1
        assert faulty.count("ROLLBACK") == 0
        assert LOST in text
        assert "whether the transaction was committed is unknown: rerun the node" in text
        assert db.rows("select * from {s}.keyed") == [(1, 2)]
        run_dbt(["run", "--select", "keyed", "--vars", "version: 2"])
        assert db.rows("select * from {s}.keyed") == [(1, 2)]
        assert set(db.relations()) == {"keyed", "log"}

    def test_a_begin_that_is_lost_leaves_nothing_unknown(
        self, faulty: RefusingProxy, fails: Callable[..., str]
    ) -> None:
        run_dbt(["run", "--select", "keyed"])
        faulty.clear()
        faulty.at(lambda text: text == "BEGIN", "before")

        text = fails("run", "--select", "keyed")

        assert "\n  in: BEGIN\n" in text
        assert "unknown" not in text
        assert faulty.count("insert into") == 0


class TestCommit(Proxied):
    """Errors of a server for a COMMIT."""

    def test_a_timeout_is_unknown(self, faulty: RefusingProxy, db: Database, fails: Callable[..., str]) -> None:
        run_dbt(["run", "--select", "keyed"])
        faulty.clear()
        faulty.refuse("COMMIT", 4012)

        text = fails("run", "--select", "keyed", "--vars", "version: 2")

        assert faulty.count("COMMIT") == 1
        assert "(4012, 127.0.0.1:" in text
        assert "whether the transaction was committed is unknown" in text

    def test_a_rollback_fails_the_node(self, project: Any, faulty: RefusingProxy, db: Database) -> None:
        """6002, after the kernel's own time limit for transactions."""
        adapter = project.adapter
        with adapter.connection_named("node"):
            # the INSERT must end within this time
            adapter.execute("set ob_trx_timeout = 10000000")
            adapter.execute(f"insert into `{project.test_schema}`.log values (1)", auto_begin=True)
            adapter.execute("select sleep(11)", auto_begin=True)
            with pytest.raises(DbtDatabaseError) as raised:
                adapter.connections.commit()

        assert raised.value.server_code == 6002  # type: ignore[attr-defined]
        assert "the transaction was rolled back: rerun with dbt retry" in raised.value.msg
        assert "unknown" not in raised.value.msg
        assert faulty.count("COMMIT") == 1
        assert db.rows("select * from {s}.log") == []


class TestFirstErrorIsKept(Proxied):
    def test_later_statements_of_the_node(self, project: Any, faulty: RefusingProxy) -> None:
        adapter, log = project.adapter, f"`{project.test_schema}`.log"
        faulty.at("values (1)", "answered")
        with adapter.connection_named("node"):
            texts = []
            for sql in (f"insert into {log} values (1)", f"insert into {log} values (2)", "select 1"):
                with pytest.raises(DbtDatabaseError) as raised:
                    adapter.execute(sql, auto_begin=True)
                texts.append(raised.value.msg)
            state = adapter.connections.get_thread_connection().state
        with adapter.connection_named("next"):
            adapter.execute("select 1")

        assert state == "fail"
        place = faulty.place
        first = texts[0].splitlines()[0]
        assert first.startswith(f"the connection to {place} was lost: Lost connection to MySQL server during query")
        reason = first.partition(" was lost: ")[2]
        assert texts[1:] == [f"the connection to {place} was lost earlier in this node: {reason}"] * 2

    def test_a_link_that_is_lost_after_the_schema_was_created(self, project: Any, faulty: RefusingProxy) -> None:
        adapter = project.adapter
        relation = adapter.Relation.create(schema=project.test_schema)
        with adapter.connection_named("node"):
            adapter.execute("select 1")
            faulty.at(lambda text: text.startswith("use "), "before")
            with pytest.raises(DbtDatabaseError, match=rf"the connection to {faulty.place} was lost: "):
                adapter.create_schema(relation)

    @pytest.mark.parametrize("code", [5066, 8002])
    def test_nothing_is_sent_on_a_link_that_the_server_has_given_up(
        self, project: Any, faulty: RefusingProxy, code: int
    ) -> None:
        """The link is still open, and a ROLLBACK would be sent on it."""
        adapter, log = project.adapter, f"`{project.test_schema}`.log"
        faulty.refuse("values (1)", code)
        with adapter.connection_named("node"), pytest.raises(DbtDatabaseError, match=rf"was lost: .* \({code}\)"):
            adapter.execute(f"insert into {log} values (1)", auto_begin=True)

        sent = lost_link(faulty, "values (1)")
        assert sent[sent.index("BEGIN") :][-1].endswith("values (1)")


class TestAnswersThatDoNotCome(Proxied):
    """An answer is lost on a link that stays open. The server shows no address for clients of the unix socket."""

    @pytest.fixture(scope="class")
    def faulty(self, own_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RefusingProxy]:
        with RefusingProxy(own_server.unix_socket, path=tmp_path_factory.mktemp("proxy") / "p.sock") as proxy:
            yield proxy

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any], faulty: RefusingProxy) -> dict[str, Any]:
        login = {name: value for name, value in server_profile.items() if name not in ("host", "port")}
        return {"type": "oceanbase", "threads": 1, **login, **faulty.profile}

    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # an answer that is late must not count as lost: two checks that see the session idle are this far apart
        monkeypatch.setattr(lost_answers, "CHECK_INTERVAL_SECONDS", 0.5)
        monkeypatch.setattr(lost_answers, "CHECK_AFTER_SECONDS", 1.0)
        # a thread that checks sessions of earlier tests would sleep for the 20 seconds that were set before
        lost_answers.reset_after_fork()

    def test_a_query_is_sent_again(self, faulty: RefusingProxy) -> None:
        faulty.at("checked_here", "answered", Link.black_hole)

        [result] = run_dbt(["test"])

        assert result.status == "pass"
        assert faulty.count("checked_here") == 2

    def test_of_anything_else_the_outcome_is_unknown(self, faulty: RefusingProxy, fails: Callable[..., str]) -> None:
        faulty.at("create table", "answered", Link.black_hole)

        text = fails("run", "--select", "built")

        assert "was lost: no answer came, and the server ran nothing for it any more" in text
        assert "whether the statement took effect is unknown" in text
        assert faulty.count("create table") == 1

    def test_what_the_server_runs_is_waited_for(self, db: Database) -> None:
        run_dbt(["run", "--select", "built", "--vars", "{version: 7, seconds: 6}"])

        assert db.value("select version from {s}.built") == 7

"""Ctrl-C and --fail-fast: dbt's statements end on the server, no more are sent, and other sessions are not affected."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
import pytest
import yaml
from faults.odp import Odp
from faults.tcp_proxy import FaultProxy, place_of
from support import engines
from support.dbt_process import DbtProcess
from support.outside import PATIENCE, Database, until

from dbt.adapters.oceanbase.connect.control import kill

IN_TIME = 60
"""Seconds after which no statement may be running any more. Of themselves, the slow ones run for five minutes."""

ENDLESS = 600.0
"""A time limit in seconds that expires in no test."""

ADAPTER = "dbt.adapters.oceanbase"
NO_CHECKS = {
    # a report and a check look for statements in the process list, on a connection of their own
    f"{ADAPTER}.connect.control.progress.REPORT_SECONDS": ENDLESS,
    f"{ADAPTER}.connect.control.lost_answers.CHECK_AFTER_SECONDS": ENDLESS,
}
ENDLESS_CANCEL = {
    f"{ADAPTER}.connect.control.control_connection.OPEN_SECONDS": ENDLESS,
    f"{ADAPTER}.connect.control.kill.end_statements.__defaults__": (ENDLESS, kill.inspect_nothing),
}
ENDLESS_CLEAN_UP = {
    f"{ADAPTER}.execution.cancel.CLEAN_UP_SECONDS": ENDLESS,
    f"{ADAPTER}.connect.session.session.RELEASE_SECONDS": ENDLESS,
    # how long an embedded engine may take to set itself up
    f"{ADAPTER}.connect.engine.setup.APPEAR_SECONDS": 60.0,
    f"{ADAPTER}.connect.engine.setup.LOAD_SECONDS": PATIENCE,
}
PATCHES = {**NO_CHECKS, **ENDLESS_CANCEL, **ENDLESS_CLEAN_UP}

SLOW = "select sum(sleep(0.3)) as n from {{ target.schema }}.marked_rows"
BYSTANDER = "select sleep(3600) /* bystander */"

MODELS = {
    # running at Ctrl-C: a new table, a staging table, staged rows, the first of two hooks, a query
    "new_table.sql": "{{ config(materialized='table') }} " + SLOW,
    "old_table.sql": "{{ config(materialized='table') }} " + SLOW,
    "increment.sql": "{{ config(materialized='incremental') }} " + SLOW,
    "hooked.sql": "{{ config(materialized='table', pre_hook=["
    "\"select get_lock('{{ var('lock', invocation_id) }}', 0)\", "
    '"insert into {{ this.schema }}.log ' + SLOW.replace("target", "this") + "; "
    'insert into {{ this.schema }}.log values (2)"]) }} select 1 as n',
    "queried.sql": "{{ config(materialized='view') }} {% if execute %}{% do run_query(slow()) %}{% do run_query("
    '"insert into " ~ this.schema ~ ".log values (3)") %}{% endif %} select 1 as n',
    # built in a staging table, which stays visible while its RENAME waits for a writer
    "held_marked_rows.sql": "{{ config(materialized='table') }} select 2 as n",
    # waiting for a thread
    "z_later.sql": "{{ config(materialized='table') }} select 1 as n",
}
AT_WORK = 6
MACROS = {
    "slow.sql": "{% macro slow() %}" + SLOW + "{% endmacro %}",
    "at_once.sql": "{% macro at_once() %}{% do run_query(slow()) %}{% do run_query("
    '"insert into " ~ target.schema ~ ".log values (4)") %}{% endmacro %}',
    "set_up.sql": "{% macro set_up() %}{% for statement in var('statements') %}"
    "{% do run_query(statement) %}{% endfor %}{% endmacro %}",
}
SETUP = (
    "create database if not exists {s}",
    "create table {s}.marked_rows (i int)",
    "insert into {s}.marked_rows "
    "with recursive s as (select 1 as i union all select i + 1 from s where i < 1000) select * from s",
    "create table {s}.old_table as select 1 as n",
    "create table {s}.increment as select 1 as n",
    "create table {s}.held_marked_rows as select 1 as n",
    "create table {s}.log (n bigint)",
)
BEFORE = dict.fromkeys(("marked_rows", "old_table", "increment", "held_marked_rows", "log"), "table")


@dataclass
class Run:
    """A dbt process, and its log."""

    process: DbtProcess
    log: Path

    @property
    def messages(self) -> list[str]:
        """Return the messages of all levels. The last line of the log may still be written: it is left out then."""
        lines, _, _ = self.log.read_text().rpartition("\n")
        return [json.loads(line)["info"]["msg"] for line in lines.splitlines()]

    def said(self, text: str) -> int:
        """Count the messages that contain ``text``."""
        return sum(text in message for message in self.messages)

    def killed(self) -> int:
        """Count the sessions whose statements KILL QUERY ended. It is sent again if that takes longer than a second."""
        return len({found[1] for message in self.messages if (found := re.search(r"KILL QUERY (\d+)", message))})

    def interrupt_at_work(
        self, db: Database, count: int = AT_WORK, before: Callable[[], object] = lambda: None
    ) -> None:
        """Send SIGINT, after ``before``, when ``count`` marked statements run: all of them with the one that waits."""

        def are_at_work() -> bool:
            return db.running("marked_rows") == count and (count < AT_WORK or db.running("rename table") == 1)

        until(lambda: self.process.poll() is not None or are_at_work(), PATIENCE)
        assert self.process.poll() is None, self.process.output
        before()
        self.process.interrupt()


Start = Callable[..., Run]


class Cancelled:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS

    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return MACROS

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any]) -> dict[str, Any]:
        names = ("connect_timeout", "connect_retry_deadline", "lock_timeout")
        return {"type": "oceanbase", "threads": AT_WORK, **server_profile, **dict.fromkeys(names, ENDLESS)}

    @pytest.fixture
    def start(self, project: Any, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Start]:
        """Start dbt with changes to the target; a change to None removes the field. It is killed after the test."""
        started: list[Run] = []

        def run(*arguments: str, patches: dict[str, object] = PATCHES, **changes: Any) -> Run:
            folder = tmp_path / f"run-{len(started)}"
            folder.mkdir()
            profiles = yaml.safe_load((Path(project.profiles_dir) / "profiles.yml").read_text())
            for profile in profiles.values():
                if "outputs" in profile:
                    target = {**profile["outputs"][profile["target"]], **changes}
                    given = {name: value for name, value in target.items() if value is not None}
                    profile["outputs"][profile["target"]] = given
            (folder / "profiles.yml").write_text(yaml.safe_dump(profiles))
            flags = ("--no-use-colors", "--log-format-file", "json", "--log-path", str(folder))
            kernel = request.config.getoption("--kernel")
            process = DbtProcess(Path(project.project_root), (*flags, *arguments), kernel, folder, patches)
            started.append(Run(process, folder / "dbt.log"))
            return started[-1]

        yield run
        for each in started:
            each.process.kill()

    @pytest.fixture
    def relations(self, project: Any, db: Database, connect: Callable[..., pymysql.Connection]) -> Iterator[None]:
        """The relations of an earlier run, and a session that holds a lock on one of them."""
        for name, kind in db.relations().items():
            db.run(f"drop {kind} {{s}}.`{name}`")
        db.run(*SETUP)
        with closing(connect()) as writer, writer.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(f"insert into `{db.schema}`.held_marked_rows values (3)")
            yield
            cursor.execute("rollback")


@contextmanager
def bystander(connect: Callable[..., pymysql.Connection], db: Database) -> Iterator[None]:
    """Another session of the same user, whose statement must go on."""
    with closing(connect()) as session:
        session._execute_command(3, BYSTANDER)
        until(lambda: db.running("bystander") == 1)
        yield
        assert db.running("bystander") == 1
        db.run(f"kill {session.thread_id()}")


def assert_nothing_happened(run: Run, db: Database) -> None:
    """Statements and dbt end in time, and the relations are unchanged."""
    until(lambda: db.running("marked_rows") == 0, IN_TIME)

    assert run.process.wait(PATIENCE) != 0
    assert db.running("marked_rows") == 0
    assert db.relations() == BEFORE, run.process.output
    assert db.rows("select * from {s}.log") == []
    for name in ("old_table", "increment", "held_marked_rows"):
        assert db.rows(f"select * from {{s}}.{name}") == [(1,)]


@pytest.mark.takes(90)
@pytest.mark.usefixtures("relations")
class TestInterrupt(Cancelled):
    def interrupt(self, run: Run, db: Database, connect: Callable[..., pymysql.Connection]) -> None:
        with bystander(connect, db):
            run.interrupt_at_work(db)
            assert_nothing_happened(run, db)

    @pytest.mark.parametrize("mode", ["pooled", "new"])
    def test_a_server(self, start: Start, db: Database, connect: Any, mode: str) -> None:
        lock = f"of_a_cancelled_{mode}"
        run = start("run", "--vars", json.dumps({"lock": lock}), connection_mode=mode)

        self.interrupt(run, db, connect)

        assert run.said(f"get_lock('{lock}'")
        assert db.rows(f"select is_free_lock('{lock}')") == [(1,)]
        assert run.killed() == AT_WORK
        assert not run.said("cut off")

    def test_kill(self, start: Start, db: Database, connect: Any) -> None:
        run = start("run", cancel_method="kill")

        self.interrupt(run, db, connect)

        assert run.killed() == AT_WORK
        assert not run.said("cut off")

    def test_disconnect(self, start: Start, db: Database, connect: Any, proxy: FaultProxy) -> None:
        run = start("run", cancel_method="disconnect", **proxy.profile)

        self.interrupt(run, db, connect)

        assert run.said("cancel_method is disconnect") == AT_WORK
        assert not any("processlist" in statement for statement in proxy.statements)

    @pytest.mark.parametrize("speaks", [True, False], ids=["says_so", "hides"])
    def test_a_proxy(
        self, start: Start, db: Database, connect: Any, server_profile: dict[str, Any], speaks: bool
    ) -> None:
        with Odp(place_of(server_profile), takes_kill=speaks, shows_version=speaks) as odp:
            run = start("run", **odp.profile, tenant="analytics", cluster="obdemo")

            self.interrupt(run, db, connect)

            assert run.said("cut off") == AT_WORK
            assert run.said("a proxy stands between")
            assert not any(statement.lower().startswith("kill") for statement in odp.statements)

    def test_nobody_answers(self, start: Start, db: Database, proxy: FaultProxy) -> None:
        """A staging table is being built; dbt waits neither for its end nor for its removal."""
        run = start("run", patches=NO_CHECKS, **proxy.profile)
        run.interrupt_at_work(db, before=proxy.black_hole)
        pressed = time.monotonic()

        assert run.process.wait(PATIENCE) != 0
        assert time.monotonic() - pressed < 150, run.process.output
        assert run.said("cut off") == AT_WORK
        proxy.cut()
        until(lambda: db.running("marked_rows") == 0)

    def test_a_second_ctrl_c_waits_for_nothing(self, start: Start, db: Database, proxy: FaultProxy) -> None:
        run = start("run", patches={**NO_CHECKS, **ENDLESS_CANCEL}, cancel_method="kill", **proxy.profile)
        links: list[int] = []
        run.interrupt_at_work(db, before=lambda: (proxy.black_hole(), links.append(proxy.accepted)))
        # the control connection does not open: the cancel would take all of its time now
        until(lambda: proxy.accepted > links[0])
        run.process.interrupt()

        assert run.process.wait(PATIENCE) != 0
        assert run.said("the cancel was interrupted") == AT_WORK
        proxy.cut()
        until(lambda: db.running("marked_rows") == 0)

    def test_an_impatient_user(self, start: Start, db: Database) -> None:
        run = start("run")
        run.interrupt_at_work(db)

        until(lambda: run.process.poll() is not None or run.process.interrupt(), PATIENCE, step=0.02)

        assert run.process.wait(PATIENCE) != 0
        until(lambda: db.running("marked_rows") == 0)
        assert db.rows("select * from {s}.log") == []

    def test_an_impatient_user_before_the_first_node(self, start: Start, proxy: FaultProxy) -> None:
        """dbt cancels nothing then. It waits for the connections that are being opened, but only once."""
        proxy.black_hole()
        run = start("run", **proxy.profile)
        until(lambda: proxy.accepted, PATIENCE)

        until(lambda: run.process.poll() is not None or run.process.interrupt(), PATIENCE, step=0.5)

        assert run.process.wait(PATIENCE) != 0
        # dbt did not wait even for the first attempt
        assert not run.said("failed after")

    def test_threads_that_wait_for_a_connection(self, start: Start, db: Database, proxy: FaultProxy) -> None:
        run = start("run", pool={"size": 3, "timeout": ENDLESS}, **proxy.profile)
        until(lambda: run.log.exists() and run.said("waiting for a connection"), PATIENCE)
        links: list[int] = []
        run.interrupt_at_work(db, 3, before=lambda: links.append(proxy.accepted))

        assert_nothing_happened(run, db)
        # the control connection
        assert proxy.accepted == links[0] + 1

    @pytest.mark.parametrize("arguments", [("run-operation", "at_once"), ("run", "--vars", "slow_start: true")])
    def test_a_statement_of_the_main_thread(self, start: Start, db: Database, arguments: tuple[str, ...]) -> None:
        run = start(*arguments)
        run.interrupt_at_work(db, 1)

        assert_nothing_happened(run, db)

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"on-run-start": "{{ slow() if var('slow_start', false) }}"}


class TestFailFast(Cancelled):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        gate = "update {{ this.schema }}.increment set n = 2"
        return {
            "slow.sql": "{{ config(materialized='table') }} " + SLOW,
            "fails.sql": f'{{{{ config(materialized="table", pre_hook="{gate}") }}}} select * from nowhere',
        }

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"on-run-end": "insert into {{ target.schema }}.log select count(*) from {{ target.schema }}.increment"}

    def test_the_others_end_and_the_hooks_of_the_end_run(
        self, start: Start, db: Database, connect: Any, relations: None
    ) -> None:
        run = start("run", "--fail-fast")
        with closing(connect()) as holder, holder.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(f"update `{db.schema}`.increment set n = 3")
            until(lambda: db.running("marked_rows") == 1 and db.running("set n = 2") == 1, PATIENCE)
            cursor.execute("rollback")

        assert run.process.wait(PATIENCE) == 1, run.process.output
        assert run.killed() == 1
        assert db.running("marked_rows") == 0
        assert db.rows("select * from {s}.log") == [(1,)]
        assert db.relations() == BEFORE


@pytest.mark.takes(60)
class TestEmbeddedEngine(Cancelled):
    @pytest.mark.parametrize("presses", ["once", "again and again"])
    def test_it_goes_with_dbt_and_its_folder_opens_again(
        self, project: Any, start: Start, tmp_path: Path, request: pytest.FixtureRequest, presses: str
    ) -> None:
        folder, schema = tmp_path / "engine", project.test_schema
        place = {"path": str(folder), **dict.fromkeys(("host", "port", "user", "password")), "threads": AT_WORK - 1}
        statements = json.dumps({"statements": [each.replace("{s}", f"`{schema}`") for each in SETUP]})
        assert start("run-operation", "set_up", "--vars", statements, **place).process.wait(PATIENCE) == 0
        run = start("run", "--exclude", "held_marked_rows", **place)
        socket_file = str(folder / "run" / "sql.sock")
        until(lambda: run.process.poll() is not None or is_there(socket_file), PATIENCE)
        with closing(engines.login(socket_file)) as connection:
            run.interrupt_at_work(Database(connection, schema), AT_WORK - 1)
            engine = int((folder / "run" / "seekdb.pid").read_text())
            if presses != "once":
                until(lambda: run.process.poll() is not None or run.process.interrupt(), PATIENCE, step=0.02)

            assert run.process.wait(PATIENCE) != 0
        until(lambda: not is_seekdb(engine))

        with engines.running(request.config.getoption("--kernel"), folder):
            with_engine = Database(engines.login(socket_file), schema)
            assert with_engine.relations() == BEFORE
            assert with_engine.rows("select * from {s}.log") == []
            with_engine.connection.close()


def is_there(socket_file: str) -> bool:
    """Check whether the engine of another process answers."""
    with suppress(pymysql.MySQLError, OSError):
        engines.login(socket_file).close()
        return True
    return False


def is_seekdb(pid: int) -> bool:
    """Check whether the process is one of the engine's and still runs."""
    with suppress(OSError):
        return b"seekdb" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False

"""A real server behind a bastion: PyMySQL and dbt through the tunnel, and the end of the bastion."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pymysql
import pytest
from faults import certificates
from faults.server import PASSWORD, Server
from faults.sshd import InProcess, OpenSsh, SshServer, make_key, new
from support.outside import PATIENCE, until

from dbt.adapters.oceanbase.connect import ConnectOptions, Connector, errors
from dbt.adapters.oceanbase.connect.options import Endpoint, LoginOptions, RetryOptions, SshOptions, TlsOptions
from dbt.adapters.oceanbase.connect.ssh import bastion as bastion_module
from dbt.adapters.oceanbase.connect.ssh.bastion import Bastion

pytestmark = pytest.mark.any_kernel

LINK_LOST = (2006, 2013)
MB = 1 << 20


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[SshServer]:
    """A bastion, which is OpenSSH's if it is installed."""
    made = new(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def bastion(sshd: SshServer) -> Iterator[Bastion]:
    with closing(Bastion(SshOptions(**sshd.fields))) as made:
        yield made


@pytest.fixture
def database(own_server: Server) -> Endpoint:
    return Endpoint("127.0.0.1", own_server.port)


@pytest.fixture
def opened(bastion: Bastion, database: Endpoint) -> Callable[[], pymysql.Connection]:
    """Open a PyMySQL connection through the bastion."""

    def open_one() -> pymysql.Connection:
        connection = pymysql.connect(
            host="database", user="root", password=PASSWORD, autocommit=None, defer_connect=True, read_timeout=PATIENCE
        )
        connection.connect(bastion.open_socket(database, PATIENCE))
        return connection

    return open_one


def value(connection: pymysql.Connection, sql: str, *arguments: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments or None)
        return cursor.fetchall()[0][0]


class TestSessions:
    def test_a_session(self, opened: Callable[[], pymysql.Connection], sshd: SshServer) -> None:
        with opened() as connection:
            assert value(connection, "select 40 + 2") == 42

        assert sshd.logins == 1

    def test_a_large_result_arrives_intact(self, opened: Callable[[], pymysql.Connection]) -> None:
        numbers = " union all ".join(f"select {number} as n" for number in range(20))
        with opened() as connection, connection.cursor() as cursor:
            cursor.execute(f"select n, repeat(md5(n), {MB // 32}) from ({numbers}) as numbers")
            rows = dict(cursor.fetchall())

        assert rows == {
            number: hashlib.md5(str(number).encode()).hexdigest() * (MB // 32)  # noqa: S324 - as the server has it
            for number in range(20)
        }

    def test_a_large_statement_arrives_intact(self, opened: Callable[[], pymysql.Connection]) -> None:
        text = os.urandom(5 * MB).hex()
        with opened() as connection:
            digest = value(connection, "select md5(%s)", text)

        assert digest == hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - as the server has it

    def test_keys_are_renewed_while_much_goes_both_ways(
        self, opened: Callable[[], pymysql.Connection], sshd: SshServer
    ) -> None:
        if not isinstance(sshd, OpenSsh):
            pytest.skip("needs OpenSSH's server (Debian: openssh-server), which can be told when to renew keys")
        sshd.settings["RekeyLimit"] = "1M"
        sshd.restart()
        text = "x" * (4 * MB)

        def run(_: int) -> bool:
            with opened() as connection:
                return all(value(connection, "select %s", text) == text for _ in range(2))

        with ThreadPoolExecutor(3) as pool:
            assert all(pool.map(run, range(3)))
        assert sshd.logins == 1

    def test_sixteen_links_at_once_share_one_login(
        self, opened: Callable[[], pymysql.Connection], sshd: SshServer
    ) -> None:
        together = threading.Barrier(16)

        def run(number: int) -> tuple[int, int]:
            with opened() as connection:
                together.wait(PATIENCE)
                return value(connection, f"select {number}"), value(connection, "select connection_id()")

        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(run, range(16)))

        assert [number for number, _ in answers] == list(range(16))
        assert len({session for _, session in answers}) == 16
        assert sshd.logins == 1

    def test_a_session_ends_in_the_server_when_its_link_is_closed(
        self, opened: Callable[[], pymysql.Connection], own_server: Server
    ) -> None:
        connection = opened()
        session = value(connection, "select connection_id()")
        connection._force_close()

        with closing(own_server.login()) as outside:
            seen = "select count(*) from information_schema.processlist where id = %s"
            until(lambda: value(outside, seen, session) == 0)

    def test_a_statement_ends_in_the_server_when_its_link_is_shut_down(
        self, bastion: Bastion, database: Endpoint, own_server: Server
    ) -> None:
        link = bastion.open_socket(database, PATIENCE)
        connection = pymysql.connect(user="root", password=PASSWORD, autocommit=None, defer_connect=True)
        connection.connect(link.dup())
        session = value(connection, "select connection_id()")
        with ThreadPoolExecutor(1) as pool, closing(own_server.login()) as outside:
            running = pool.submit(value, connection, "select sleep(600)")
            seen = "select count(*) from information_schema.processlist where id = %s and info like '%%sleep(600)%%'"
            until(lambda: value(outside, seen, session) == 1)
            link.shutdown(socket.SHUT_RDWR)

            with pytest.raises(pymysql.err.OperationalError) as raised:
                running.result(PATIENCE)
            until(lambda: value(outside, seen, session) == 0)
        assert raised.value.args[0] in LINK_LOST


class TestBastionGoes:
    def test_a_running_statement_loses_its_link_and_the_next_session_logs_in_again(
        self, opened: Callable[[], pymysql.Connection], sshd: SshServer, own_server: Server
    ) -> None:
        connection = opened()
        session = value(connection, "select connection_id()")
        with ThreadPoolExecutor(1) as pool, closing(own_server.login()) as outside:
            running = pool.submit(value, connection, "select sleep(600)")
            seen = "select count(*) from information_schema.processlist where id = %s and info like '%%sleep(600)%%'"
            until(lambda: value(outside, seen, session) == 1)
            sshd.kill()

            with pytest.raises(pymysql.err.OperationalError) as raised:
                running.result(PATIENCE)
        assert raised.value.args[0] in LINK_LOST
        with pytest.raises(errors.TunnelUnreachable, match="Connection refused"):
            opened()

        sshd.start()
        with opened() as again:
            assert value(again, "select 1") == 1
        assert sshd.logins == 2

    def test_an_idle_session_learns_it_with_its_next_statement(
        self, opened: Callable[[], pymysql.Connection], sshd: SshServer
    ) -> None:
        connection = opened()
        assert value(connection, "select 1") == 1
        sshd.restart()

        with pytest.raises(pymysql.err.OperationalError) as raised:
            value(connection, "select 2")
        assert raised.value.args[0] in LINK_LOST

    def test_a_bastion_that_falls_silent(
        self,
        opened: Callable[[], pymysql.Connection],
        bastion: Bastion,
        database: Endpoint,
        sshd: SshServer,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        # a client that stands still for a moment has waited for a shorter time than three seconds
        monkeypatch.setattr(bastion_module, "SILENCE_SECONDS", 0.0)
        with opened() as old:
            sshd.pause_sessions()
            with pytest.raises(errors.TunnelUnreachable, match=f"no answer of {sshd.place} within 3 s"):
                bastion.open_socket(database, 3)

            with opened() as fresh:
                assert value(fresh, "select 1") == 1
            sshd.resume()
            assert value(old, "select 2") == 2
        assert sshd.logins == 2

    def test_a_bastion_that_is_silent_from_the_start(
        self, bastion: Bastion, database: Endpoint, sshd: SshServer
    ) -> None:
        sshd.pause()
        with pytest.raises(errors.TunnelUnreachable, match=f"no answer of {sshd.place} within 1 s"):
            bastion.open_socket(database, 1)

        sshd.resume()
        with bastion.open_socket(database, PATIENCE) as link:
            assert link.recv(4)


class TestRefused:
    def refusal(self, sshd: SshServer, database: Endpoint, **changes: Any) -> str:
        with (
            closing(Bastion(SshOptions(**{**sshd.fields, **changes}))) as bastion,
            pytest.raises(errors.ConnectError) as raised,
        ):
            bastion.open_socket(database, PATIENCE)
        assert type(raised.value) is errors.TunnelFailed
        assert len(str(raised.value)) <= 300
        return str(raised.value)

    def test_an_unknown_host(self, sshd: SshServer, database: Endpoint, tmp_path: Path) -> None:
        (tmp_path / "empty").touch()

        text = self.refusal(sshd, database, known_hosts=str(tmp_path / "empty"))

        assert text.startswith(f"ssh.known_hosts: the key of {sshd.place} is SHA256:")
        assert "add the line that ssh-keyscan shows" in text
        assert sshd.logins == 0

    def test_a_changed_host_key(self, sshd: SshServer, database: Endpoint) -> None:
        sshd.renew_host_key()
        sshd.restart()

        text = self.refusal(sshd, database)

        assert "has another: somebody may stand in between" in text
        assert "ssh-keyscan" in text
        assert sshd.logins == 0

    def test_a_key_that_is_not_let_in(self, sshd: SshServer, database: Endpoint, tmp_path: Path) -> None:
        make_key(tmp_path / "stranger")

        text = self.refusal(sshd, database, private_key=str(tmp_path / "stranger"))

        assert text.startswith(f"ssh.user: {sshd.place} refused the login: ")
        assert sshd.logins == 0

    def test_another_user(self, sshd: SshServer, database: Endpoint) -> None:
        assert "refused the login: " in self.refusal(sshd, database, user="nobody-of-this-name")

    def test_links_that_the_bastion_forbids(self, sshd: SshServer, database: Endpoint) -> None:
        if not isinstance(sshd, OpenSsh):
            pytest.skip("needs OpenSSH's server (Debian: openssh-server); the unit tests have the other one refuse")
        sshd.settings["AllowTcpForwarding"] = "no"
        sshd.restart()

        text = self.refusal(sshd, database)

        assert text.startswith(f"ssh.host: {sshd.place} does not forward to {database}: ")
        assert text.endswith("allow it there (AllowTcpForwarding, PermitOpen)")

    def test_a_server_that_the_bastion_cannot_reach(self, bastion: Bastion, sshd: SshServer, free_port: int) -> None:
        with pytest.raises(errors.HostUnreachable) as raised:
            bastion.open_socket(Endpoint("127.0.0.1", free_port), PATIENCE)

        assert str(raised.value) == (
            f"cannot connect to 127.0.0.1:{free_port} through {sshd.place} (2003): it could not reach it; "
            "check host and port as the bastion sees them, and that the server is running"
        )

    def test_a_name_that_the_bastion_does_not_know(self, bastion: Bastion, sshd: SshServer) -> None:
        with pytest.raises(errors.HostUnreachable, match=f"no-such-host.invalid:2881 through {sshd.place} .2003."):
            bastion.open_socket(Endpoint("no-such-host.invalid"), PATIENCE)


class TestConnector:
    @pytest.fixture
    def connector(self, sshd: SshServer, database: Endpoint) -> Iterator[Callable[..., Connector]]:
        made: list[Connector] = []

        def make(*endpoints: Endpoint, bastion: SshServer = sshd, **others: Any) -> Connector:
            ssh = SshOptions(**bastion.fields)
            login = LoginOptions("root", password=PASSWORD)
            retry = RetryOptions(connect_timeout=PATIENCE, connect_retries=1, deadline=2 * PATIENCE)
            options = ConnectOptions(login, endpoints or (database,), ssh=ssh, retry=retry, **others)
            made.append(Connector(options, lambda seconds: None))
            return made[-1]

        yield make
        for each in made:
            each.close()

    def test_a_server_behind_it_that_is_down_is_passed_over(
        self, connector: Callable[..., Connector], database: Endpoint, free_port: int, sshd: SshServer
    ) -> None:
        with closing(connector(Endpoint("127.0.0.1", free_port), database).connect()) as session:
            assert session.endpoint == database
        assert sshd.logins == 1

    def test_sessions_are_opened_again_after_the_bastion_was_restarted(
        self, connector: Callable[..., Connector], sshd: SshServer
    ) -> None:
        through = connector()
        with closing(through.connect()) as session:
            sshd.restart()
            with pytest.raises(pymysql.err.MySQLError) as raised:
                session.run("select 1")
        assert errors.is_link_lost(raised.value)

        with closing(through.connect()) as session:
            assert session.run("select 1").fetchone() == (1,)

    def test_the_last_error_names_the_bastion(self, connector: Callable[..., Connector], sshd: SshServer) -> None:
        sshd.kill()

        with pytest.raises(errors.TunnelUnreachable, match=f"cannot connect to {sshd.place}"):
            connector().connect()

    def test_a_name_that_only_the_bastion_knows(
        self, connector: Callable[..., Connector], database: Endpoint, tmp_path: Path
    ) -> None:
        (tmp_path / "inside").mkdir()
        inside = InProcess(tmp_path / "inside")
        inside.names["database.internal"] = ("127.0.0.1", database.port)
        inside.start()
        try:
            with closing(connector(Endpoint("database.internal", 2881), bastion=inside).connect()) as session:
                assert session.run("select 1").fetchone() == (1,)
        finally:
            inside.stop()

    def test_the_servers_name_is_checked_inside_the_tunnel(
        self,
        connector: Callable[..., Connector],
        own_server: Server,
        database: Endpoint,
        tmp_path: Path,
        pytestconfig: pytest.Config,
    ) -> None:
        certificates.make_certificates(tmp_path)
        identity = {"mode": "verify_identity", "ca": str(tmp_path / "ca.pem")}
        if pytestconfig.getoption("--kernel") == "1.4":
            with pytest.raises(errors.TlsFailed, match="the server offers no TLS"):
                connector(tls=TlsOptions(**identity, server_name=certificates.NAME)).connect()
            return
        with certificates.tls_enabled(own_server, tmp_path):
            with closing(connector(tls=TlsOptions(**identity, server_name=certificates.NAME)).connect()) as session:
                assert session.connection.link_is_encrypted
                assert session.run("select 1").fetchone() == (1,)
            with pytest.raises(errors.TlsFailed, match="Hostname mismatch"):
                connector(tls=TlsOptions(**identity, server_name="other.test")).connect()
            with pytest.raises(errors.TlsFailed, match="IP address mismatch"):
                connector(tls=TlsOptions(**identity)).connect()


FORK = """
import os, sys
import pymysql
from dbt.adapters.oceanbase.connect.options import Endpoint, SshOptions
from dbt.adapters.oceanbase.connect.ssh.bastion import Bastion

host, port, user, private_key, known_hosts, target, password = sys.argv[1:]
bastion = Bastion(SshOptions(host, user, int(port), private_key, None, known_hosts))

def opened():
    connection = pymysql.connect(user="root", password=password, autocommit=None, defer_connect=True)
    connection.connect(bastion.open_socket(Endpoint("127.0.0.1", int(target)), 300))
    return connection

def session(connection):
    with connection.cursor() as cursor:
        cursor.execute("select connection_id()")
        return cursor.fetchall()[0][0]

mine = opened()
before = session(mine)
child = os.fork()
if not child:
    assert session(opened()) != before
    print("child", flush=True)
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
assert session(mine) == before
assert session(opened()) != before
print("parent")
"""


def test_after_a_fork_each_process_has_a_login_of_its_own(sshd: SshServer, database: Endpoint) -> None:
    names = ("host", "port", "user", "private_key", "known_hosts")
    arguments = [*(str(sshd.fields[name]) for name in names), str(database.port), PASSWORD]

    # Python 3.12 and later warn of a fork of a process with threads
    python = [sys.executable, "-W", "ignore::DeprecationWarning", "-c"]

    done = subprocess.run([*python, FORK, *arguments], capture_output=True, text=True, timeout=900, check=False)

    assert (done.stdout, done.stderr) == ("child\nparent\n", "")
    assert sshd.logins == 2


class TestDbt:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        tables = {f"table_{number}.sql": "{{ config(materialized='table') }} select 1 as id" for number in range(8)}
        waits = "{{ config(materialized='table') }}\n-- depends_on: {{ ref('table_0') }}\nselect sleep(600) as slept"
        after = "{{ config(materialized='table') }}\n-- depends_on: {{ ref('table_0') }}\nselect 1 as id"
        return {**tables, "waits.sql": waits, "y_after.sql": after}

    def test_all_links_of_a_run_go_through_one_login(
        self, dbt: Callable[..., Any], sshd: SshServer, own_server: Server
    ) -> None:
        outcome = dbt("run", "--exclude", "waits", "--threads", "4", ssh=sshd.fields)

        assert outcome.code == 0, outcome.console
        assert "PASS=9" in outcome.console
        assert outcome.has_no_traceback()
        assert sshd.logins == 1

    def test_debug(self, dbt: Callable[..., Any], sshd: SshServer) -> None:
        outcome = dbt("debug", ssh=sshd.fields)

        assert outcome.code == 0, outcome.console
        assert "OK connection ok" in outcome.console

    def test_an_unknown_host_is_one_line(self, dbt: Callable[..., Any], sshd: SshServer, tmp_path: Path) -> None:
        (tmp_path / "empty").touch()

        outcome = dbt("run", ssh={**sshd.fields, "known_hosts": str(tmp_path / "empty")}, connect_retries=0)

        line = outcome.line("ssh.known_hosts")
        assert "add the line that ssh-keyscan shows" in line
        assert len(line) <= 300
        assert outcome.console.count("ssh.known_hosts") == 1, outcome.console
        assert outcome.has_no_traceback()

    def test_the_bastion_is_restarted_during_a_run(self, dbt: Any, sshd: SshServer, db: Any) -> None:
        running = dbt.start("run", "--threads", "1", "--select", "waits", "y_after", ssh=sshd.fields)
        try:
            until(lambda: db.running(db.schema, "sleep(600)") or running.process.poll() is not None)
            sshd.restart()
            outcome = running.outcome()
        finally:
            running.process.kill()

        assert outcome.code == 1, outcome.console
        assert "PASS=1" in outcome.console
        assert "ERROR=1" in outcome.console
        assert outcome.has_no_traceback()
        assert "paramiko" not in outcome.console
        assert sshd.logins == 2
        assert db.value("select count(*) from {s}.y_after") == 1

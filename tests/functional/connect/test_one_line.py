"""``dbt debug`` and ``dbt run``: their output with a good server, and the one line for a wrong profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pymysql
import pytest
from support.outside import PATIENCE

pytestmark = pytest.mark.any_kernel

MODELS = {"one.sql": "select 1 as id"}
FAST = {"connect_retries": 1, "connect_timeout": 2}
PATIENT_PROBE = {"dbt.adapters.oceanbase.connect.transport.sockets.PROBE_SECONDS": PATIENCE}


class OneModel:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS


class TestGoodProfile(OneModel):
    def test_debug_shows_the_server(self, dbt: Callable[..., Any], own_server: Any, pytestconfig: Any) -> None:
        given = {"query_timeout": 3600, "transaction_timeout": 7200, "lock_timeout": 2.5, "time_zone": "+02:00"}

        outcome = dbt("debug", **given)

        console = outcome.console
        assert outcome.code == 0, console
        assert outcome.line("server:").startswith("server: OceanBase 4.3.5")
        assert f", seekdb {pytestconfig.getoption('--kernel')}." in outcome.line("server:")
        assert f"place: {own_server.place}, session " in console
        assert "logged in as root@" in console
        assert "tenant: as the server decides, cluster: not given" in console
        assert outcome.line("compatibility mode:") == "compatibility mode: MYSQL"
        assert outcome.line("character set:") == "character set: utf8mb4, collation: utf8mb4_general_ci"
        assert outcome.line("time zone:") == "time zone: +02:00"
        assert (
            outcome.line("query_timeout: 3600 s")
            == "query_timeout: 3600 s, transaction_timeout: 7200 s, lock_timeout: 2.5 s"
        )
        assert "OK connection ok" in console
        assert outcome.has_no_traceback()


class TestSchemaThatIsMissing(OneModel):
    @pytest.mark.parametrize(
        ("grant", "says"),
        [
            ("select, create view on *.*", "does not exist, and the user may not create it: grant create on it"),
            ("create on brought_in.*", "does not exist yet: dbt creates it)"),
        ],
        ids=["may not", "may"],
    )
    def test_debug_says_who_creates_it(self, dbt: Callable[..., Any], own_server: Any, grant: str, says: str) -> None:
        with own_server.login() as root, root.cursor() as cursor:
            cursor.execute("drop user if exists looks_around")
            cursor.execute("create user looks_around identified by 's3cr3t-word'")
            cursor.execute(f"grant {grant} to looks_around")

        outcome = dbt("debug", user="looks_around", password="s3cr3t-word", schema="brought_in")

        assert outcome.line("schema: brought_in (").startswith(f"schema: brought_in ({says}")


class TestTenant(OneModel):
    def test_debug_shows_tenant_and_cluster_as_given(
        self, dbt: Callable[..., Any], server: pymysql.Connection, pytestconfig: Any
    ) -> None:
        if pytestconfig.getoption("--kernel") == "1.3":
            # this kernel checks the tenant, and has only its own
            outcome = dbt("debug", tenant="analytics", cluster="obdemo")
            assert "as 'root@analytics#obdemo'" in outcome.line("(1045)")
            return
        with server.cursor() as cursor:
            cursor.execute("create user 'dbt@analytics#obdemo' identified by 's3cr3t-word'")
            cursor.execute("grant all on *.* to 'dbt@analytics#obdemo'")

        outcome = dbt("debug", user="dbt", tenant="analytics", cluster="obdemo")

        assert outcome.line("tenant: analytics,") == "tenant: analytics, cluster: obdemo"
        assert "OK connection ok" in outcome.console


@pytest.mark.takes(50)
class TestOneLine(OneModel):
    """Each failure: the change to the profile, and the address, code and remedy in the line."""

    @pytest.fixture(params=["debug", "run"])
    def command(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    def failure(self, outcome: Any, *parts: str, code: int) -> str:
        line: str = outcome.line(parts[0])
        assert outcome.code == code, outcome.console
        assert all(part in line for part in parts), line
        assert len(line) <= 300, line
        assert outcome.console.count(parts[0]) == 1, outcome.console
        assert outcome.has_no_traceback()
        return line

    def test_wrong_password(self, dbt: Callable[..., Any], own_server: Any, command: str) -> None:
        self.failure(
            dbt(command, password="not the password"),
            own_server.place,
            "access denied (1045); check user, password and, on a cluster, tenant and cluster",
            code=EXIT[command],
        )

    def test_wrong_host(self, dbt: Callable[..., Any], command: str) -> None:
        outcome = dbt(command, host="no-such-host.invalid", **FAST)

        self.failure(outcome, "no-such-host.invalid:", "(2003)", "check host", code=EXIT[command])

    def test_an_http_server_on_the_port(self, dbt: Callable[..., Any], web_port: int, command: str) -> None:
        outcome = dbt(command, port=web_port, patches=PATIENT_PROBE, **FAST)

        self.failure(
            outcome, f"no MySQL protocol on 127.0.0.1:{web_port} (2027)", "check host, port", code=EXIT[command]
        )

    def test_a_server_that_is_down(self, dbt: Callable[..., Any], free_port: int, command: str) -> None:
        outcome = dbt(command, port=free_port, **FAST)

        self.failure(
            outcome,
            f"cannot connect to 127.0.0.1:{free_port} (2003): Connection refused; ",
            "check host and port",
            "that the server is running",
            code=EXIT[command],
        )

    def test_a_tenant_that_does_not_exist(self, dbt: Callable[..., Any], own_server: Any, command: str) -> None:
        self.failure(
            dbt(command, tenant="nowhere"), f"{own_server.place} as 'root@nowhere'", "(1045); check", code=EXIT[command]
        )

    def test_a_bad_value(self, dbt: Callable[..., Any], command: str) -> None:
        part = "port must be a whole number from 1 to 65535, not 70000"

        self.failure(dbt(command, port=70_000), part, code=1 if command == "debug" else 2)

    def test_a_setting_that_the_server_refuses(self, dbt: Callable[..., Any], own_server: Any, command: str) -> None:
        outcome = dbt(command, session_variables={"no_such_variable": 1})

        self.failure(
            outcome,
            f"{own_server.place}: the server refused a session setting",
            "(1193)",
            "no_such_variable",
            "correct or remove",
            code=EXIT[command],
        )

    def test_a_schema_without_rights(
        self, dbt: Callable[..., Any], own_server: Any, server: pymysql.Connection, project: Any, command: str
    ) -> None:
        with server.cursor() as cursor:
            cursor.execute("create user if not exists nobody_here identified by 's3cr3t-word'")

        outcome = dbt(command, user="nobody_here")

        self.failure(outcome, f"{own_server.place}: ", "(1044)", project.test_schema, "grant", code=EXIT[command])

    def test_a_schema_that_may_only_be_read(
        self, dbt: Callable[..., Any], own_server: Any, server: pymysql.Connection, project: Any
    ) -> None:
        with server.cursor() as cursor:
            cursor.execute("create user if not exists reads_only identified by 's3cr3t-word'")
            cursor.execute(f"grant select on `{project.test_schema}`.* to reads_only")

        outcome = dbt("run", user="reads_only")

        self.failure(outcome, f"{own_server.place}: ", "(1142)", "grant", code=1)


EXIT = {"debug": 1, "run": 2}
"""dbt's exit codes: ``debug`` has only 1, and any command ends with 2 after an error that is not one of a node."""

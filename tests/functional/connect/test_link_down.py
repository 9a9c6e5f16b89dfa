"""A cable that is unplugged while a statement runs: no packet says so, and the client still notices."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple

import pymysql
import pytest
from faults import netns
from faults.server import PASSWORD
from support.outside import PATIENCE, until

pytestmark = pytest.mark.any_kernel

IDLE, INTERVAL, COUNT = 1, 1, 2
"""Seconds idle, seconds between probes, number of probes: the values of ``transport``, scaled down from 120 s."""

STATEMENT = "select sleep(600)"

CLIENT = f"""
import json, logging, sys, time
from contextlib import closing
import pymysql
from dbt.adapters.oceanbase.connect import ConnectOptions, Connector, errors
from dbt.adapters.oceanbase.connect.options import Endpoint, LoginOptions, RetryOptions
from dbt.adapters.oceanbase.connect.transport import sockets

# the standard output is for the test alone
logging.disable(logging.WARNING)
sockets.KEEP_IDLE, sockets.KEEP_INTERVAL, sockets.KEEP_COUNT = {IDLE}, {INTERVAL}, {COUNT}
sockets.USER_TIMEOUT_MS = 1000 * ({IDLE} + {INTERVAL} * {COUNT})
login = LoginOptions("root", password={PASSWORD!r})
retry = RetryOptions(connect_timeout={PATIENCE}, deadline={PATIENCE})
options = ConnectOptions(login, (Endpoint({netns.FAR!r}, int(sys.argv[1])),), retry=retry)
with closing(Connector(options).connect()) as session:
    print(session.id, flush=True)
    sys.stdin.readline()
    try:
        session.run({STATEMENT!r})
        print(json.dumps(["no error"]), flush=True)
    except pymysql.err.MySQLError as error:
        print(json.dumps([errors.code_of(error), errors.is_link_lost(error)]), flush=True)
"""


@pytest.fixture(scope="module")
def cable() -> Iterator[netns.Cable]:
    reason = netns.unavailable_reason()
    if reason:
        pytest.skip(reason)
    with netns.Cable() as cable:
        yield cable


class Client(NamedTuple):
    """A process with a session on the server, and the id of this session."""

    process: subprocess.Popen[str]
    session: int


@pytest.fixture
def client(cable: netns.Cable, own_server: Any) -> Iterator[Client]:
    """A session on the other end of the cable, which sends its statement when the test says so."""
    port = cable.serve(own_server.unix_socket)
    with subprocess.Popen(
        [*cable.prefix, sys.executable, "-c", CLIENT, str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield Client(process, int(process.stdout.readline()))
        process.kill()
        cable.plug()


def send(client: Client) -> None:
    assert client.process.stdin is not None
    client.process.stdin.write("go\n")
    client.process.stdin.flush()


def outcome(client: Client) -> Any:
    assert client.process.stdout is not None
    return json.loads(client.process.stdout.readline())


def test_while_the_answer_is_waited_for(cable: netns.Cable, own_server: Any, client: Client) -> None:
    """Keep-alive ends the link."""
    send(client)
    with closing(own_server.login()) as root:
        until(lambda: _is_running(root, client.session))
        cable.pull()
        assert outcome(client) == [2013, True]


def test_before_the_statement_is_sent(cable: netns.Cable, client: Client) -> None:
    """Keep-alive does not act while sent bytes are unacknowledged; the user timeout ends the link."""
    cable.pull()
    send(client)

    assert outcome(client) == [2013, True]


def _is_running(root: pymysql.Connection, session: int) -> bool:
    listed = "select count(*) from information_schema.processlist where id = %s and info = %s"
    with root.cursor() as cursor:
        cursor.execute(listed, (session, STATEMENT))
        return bool(cursor.fetchone()[0])

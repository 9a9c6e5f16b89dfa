"""A process that forks while its pool has connections: the child shares none of them, and the parent's go on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from faults.tcp_proxy import FaultProxy
from support import engines

pytestmark = pytest.mark.any_kernel

COMMON = """
import os, sys, threading, time
from dbt.adapters.oceanbase.connect import ConnectOptions, pool_of
from dbt.adapters.oceanbase.connect.control import kill
from dbt.adapters.oceanbase.connect.engine import notice, setup
from dbt.adapters.oceanbase.connect.options import (
    EngineOptions, Endpoint, LoginOptions, PoolOptions, RetryOptions, SessionOptions
)

retry = RetryOptions(connect_timeout=300, deadline=600)
notice.SLOW_SECONDS = 600.0  # its line would be among those that are compared
setup.APPEAR_SECONDS, setup.LOAD_SECONDS, setup.READ_TIMEOUT_SECONDS = 120.0, 600.0, 300.0

def say(*words):
    print(*words, flush=True)

def first(session, expression):
    return session.run(f"select {expression}").fetchone()[0]
"""

SERVER = """
KEPT = PoolOptions(idle_check=600)  # a ping would be among the statements that are compared
host, port, user, password = sys.argv[1:]
options = ConnectOptions(LoginOptions(user, password=password), (Endpoint(host, int(port)),), retry=retry, pool=KEPT)
pool = pool_of(options)
held, idle, busy = (pool.acquire() for _ in range(3))
idle.close()
held.run("set @mine = 'parent'")
held.run("select get_lock('dbt_fork', 5)")
working = threading.Thread(target=lambda: say("parent waited for:", first(busy, "get_lock('dbt_fork', 600)")))
working.start()
while not busy.busy:
    time.sleep(0.01)
child = os.fork()
if child == 0:
    try:
        held.run("select 'from the child'")
    except Exception as error:
        say("child:", error.args[-1])
    kill.logger.debug = say
    kill.end_statements([held, busy], pool.connector)
    busy.shut_down()
    held.close()
    busy.close()
    pool.dispose()
    own = pool_of(options).acquire()
    say("child has its own:", own.id not in (held.id, idle.id, busy.id), first(own, "1"))
    own.close()
    sys.exit()
say("child ended with", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
held.run("select release_lock('dbt_fork')")
working.join()
say("parent:", first(held, "@mine"), first(held, "connection_id()") == held.id)
busy.close()
held.close()
with_kept = [pool.acquire() for _ in range(3)]
say("parent has kept:", {each.id for each in with_kept} == {held.id, idle.id, busy.id})
"""

ENGINE = """
folder, leaves_first = sys.argv[1], sys.argv[2] == "parent"
options = ConnectOptions(LoginOptions("root"), engine=EngineOptions(folder), retry=retry)
held = pool_of(options).acquire()
reader, writer = os.pipe()
child = os.fork()
if child == 0:
    os.close(writer)
    say("child:", first(pool_of(options).acquire(), "1"))
    if leaves_first:
        os.read(reader, 1)
        time.sleep(3)
        say("child alone:", first(pool_of(options).acquire(), "1"))
    sys.exit()
if not leaves_first:
    os.waitpid(child, 0)
    time.sleep(3)
    say("parent alone:", first(held, "1"), first(pool_of(options).acquire(), "1"))
else:
    time.sleep(3)
"""


def said(script: str, *arguments: str, package: Path | None = None) -> list[str]:
    """Run a script and return the lines that it and its child printed, after both have ended."""
    done = subprocess.run(
        [sys.executable, "-c", COMMON + script, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(package or ""), os.environ.get("PYTHONPATH", "")])},
    )
    assert done.returncode == 0, done.stdout
    return done.stdout.splitlines()


def test_a_child_says_nothing_on_its_parent_s_links(proxy: FaultProxy, server_profile: dict[str, Any]) -> None:
    place = [str(proxy.profile[name]) for name in ("host", "port")]

    lines = said(SERVER, *place, server_profile["user"], server_profile["password"])

    assert lines == [
        "child: the session is closed",
        "child has its own: True 1",
        "child ended with 0",
        "parent waited for: 1",
        "parent: parent True",
        "parent has kept: True",
    ]
    sent = [[each for each in link if not each.startswith("set autocommit")] for link in proxy.connections]
    lock = ["select get_lock('dbt_fork', 5)", "select release_lock('dbt_fork')"]
    own = ["set @mine = 'parent'", *lock, "select @mine", "select connection_id()"]
    assert sent == [own, [], ["select get_lock('dbt_fork', 600)"], ["select 1"]]


@pytest.mark.parametrize("leaves_first", ["child", "parent"])
def test_an_engine_outlives_whoever_leaves_first(
    request: pytest.FixtureRequest, tmp_path: Path, leaves_first: str
) -> None:
    wheel = engines.wheel(request.config.getoption("--kernel"))

    lines = said(ENGINE, str(tmp_path / "engine"), leaves_first, package=wheel)

    assert lines == ["child: 1", "parent alone: 1 1" if leaves_first == "child" else "child alone: 1"]

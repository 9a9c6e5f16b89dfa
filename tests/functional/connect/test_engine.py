"""The embedded engine in processes: start, sharing, limits, Ctrl-C, errors and end."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import engines
from support.outside import PATIENCE, until

from dbt.adapters.oceanbase.connect.engine import linger

pytestmark = pytest.mark.takes(140)

OTHER = {"1.3": "1.4", "1.4": "1.3"}
PRELUDE = """
import os, pathlib, signal, sys, time
from dbt.adapters.oceanbase.connect import ConnectError, ConnectOptions, connector
from dbt.adapters.oceanbase.connect.engine import embedded, linger, notice, setup
from dbt.adapters.oceanbase.connect.options import EngineOptions, LoginOptions, RetryOptions, SessionOptions

def options(folder, schema="a", **limits):
    retry = RetryOptions(connect_timeout=300, connect_retries=5)
    return ConnectOptions(LoginOptions("root"), engine=EngineOptions(folder, **limits),
                          session=SessionOptions(schema=schema), retry=retry)

def engine_pid(folder):
    return int(open(f"{folder}/run/seekdb.pid").read())

def kill_engine(folder):
    # an engine that is killed while it loads its packages may be damaged (see setup.py)
    unix_socket = f"{folder}/run/sql.sock"
    setup.await_setup(pathlib.Path(folder), unix_socket, time.monotonic())
    os.kill(engine_pid(folder), signal.SIGKILL)
    while embedded._listens(unix_socket) or not linger.await_stop(pathlib.Path(folder), 0):
        time.sleep(0.05)

folder = sys.argv[1]
notice.SLOW_SECONDS = 600.0  # its line would be among those that are compared
# a set-up that is given up on a busy machine would leave a damaged engine
setup.APPEAR_SECONDS, setup.LOAD_SECONDS, setup.READ_TIMEOUT_SECONDS = 120.0, 600.0, 300.0
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "engine"


@pytest.fixture
def script(request: pytest.FixtureRequest, folder: Path) -> Callable[..., str]:
    """Run a script that uses an engine in another process, check its exit code, and return its output."""

    def run(text: str, kernel: str | None = None, place: Path = folder) -> str:
        wheel = engines.wheel(kernel or request.config.getoption("--kernel"))
        done = subprocess.run(
            [sys.executable, "-c", PRELUDE + textwrap.dedent(text), str(place)],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(wheel), os.environ.get("PYTHONPATH", "")])},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    return run


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except OSError:
        return False


def await_stop(folder: Path) -> None:
    """Wait for the end of an engine whose last process has ended. It still has open files for a while."""
    assert linger.await_stop(folder, time.monotonic() + PATIENCE)


def test_an_engine_is_shared_survives_ctrl_c_and_goes_with_the_process(script: Callable[..., str]) -> None:
    printed = script(
        """
        first, second = connector(options(folder)).connect(), connector(options(folder, "b")).connect()
        first.run("create database a")
        first.run("create table a.t as select 1 as i")
        assert second.run("select i from a.t").fetchone() == (1,)
        assert first.endpoint == second.endpoint and len(embedded._engines) == 1
        try:
            os.killpg(0, signal.SIGINT)
            time.sleep(5)
        except KeyboardInterrupt:
            pass
        time.sleep(1)
        assert connector(options(folder, "c")).connect().run("select 1").fetchone() == (1,)
        first.close(), second.close()
        print(engine_pid(folder))
        """
    )

    until(lambda: not is_running(int(printed)))


def test_an_engine_that_is_killed_is_started_again_with_what_was_committed(script: Callable[..., str]) -> None:
    script(
        """
        session = connector(options(folder)).connect()
        session.run("create database a")
        session.run("create table a.t as select 1 as i")
        kill_engine(folder)
        assert connector(options(folder)).connect().run("select i from a.t").fetchone() == (1,)
        """
    )


def open_to_others(path: Path) -> list[Path]:
    """Return the files, folders and sockets below ``path`` that a user of another group can read or enter."""
    found = []
    for each in (path, *path.iterdir()) if path.stat().st_mode & 0o007 else ():
        if not each.is_symlink() and each.stat().st_mode & 0o007:
            found += [each] if each == path or not each.is_dir() else open_to_others(each)
    return found


@pytest.mark.parametrize("others", [[], ["notes.txt"]], ids=["alone", "with other things"])
def test_other_users_cannot_read_what_lies_in_a_folder_that_they_can_enter(
    script: Callable[..., str], folder: Path, others: list[str]
) -> None:
    folder.mkdir()
    for name in others:
        (folder / name).touch()
    write = """
        session = connector(options(folder)).connect()
        session.run("create database if not exists a")
        session.run("create table if not exists a.t as select 1 as i")
        assert session.run("select i from a.t").fetchone() == (1,)
        kill_engine(folder)
    """

    for _ in range(2):
        folder.chmod(0o755)
        for each in folder.iterdir():
            each.chmod(0o755)
        script(write)

        # what the adapter itself notes in such a folder holds nothing of the user's
        harmless = {folder.name, "engine_version", "engine_ready", *others} if others else set()
        assert {path.name for path in open_to_others(folder)} <= harmless
        assert (folder / "store").exists()


def test_limits_are_applied_also_those_of_a_second_profile(script: Callable[..., str], pytestconfig: Any) -> None:
    memory = {"1.3": "memory_limit", "1.4": "memory_budget"}[pytestconfig.getoption("--kernel")]

    printed = script(
        f"""
        def shown(session):
            cursor = session.run("show parameters where name in ('{memory}', 'log_disk_size', 'datafile_maxsize')")
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row)) for row in cursor.fetchall()]
            return sorted((row["name"], row["value"]) for row in rows)
        connector(options(folder)).connect()
        limited = connector(options(folder, memory="2G", log_disk="3G", datafile_max="20G")).connect()
        print(shown(limited))
        print(shown(connector(options(folder, memory="3G")).connect()))
        """
    )

    first, second = printed.splitlines()
    assert first == str(sorted([("datafile_maxsize", "20G"), ("log_disk_size", "3G"), (memory, "2G")]))
    assert f"('{memory}', '3G')" in second


def test_a_limit_that_the_kernel_refuses_is_one_line(script: Callable[..., str]) -> None:
    line = one_line(script(FAILS.format(limits="memory='100M'")))

    assert line.startswith("engine: the kernel refuses memory_")
    assert "= 100M (4147): Invalid config; choose another size" in line


FAILS = """
try:
    connector(options(folder, {limits})).connect()
except ConnectError as error:
    print(f"{{type(error).__name__}}|{{error}}")
"""


def one_line(printed: str) -> str:
    name, line = printed.split("|")
    assert name == "EngineFailed"
    assert "\n" not in line
    assert len(line) <= 300
    return line


def test_a_folder_of_the_other_kernel_names_both_versions_and_stays_whole(
    script: Callable[..., str], folder: Path, pytestconfig: Any
) -> None:
    kernel = pytestconfig.getoption("--kernel")
    script('connector(options(folder)).connect().run("create database kept")')
    await_stop(folder)

    line = one_line(script(FAILS.format(limits=""), kernel=OTHER[kernel]))

    ours, theirs = engines.VERSIONS[kernel], engines.VERSIONS[OTHER[kernel]]
    assert f"was written by engine {ours} and this one is {theirs}: install pylibseekdb=={ours}" in line
    assert "seekdb-dump and seekdb-restore" in line
    databases = script("print(connector(options(folder)).connect().run('show databases').fetchall())")
    assert "kept" in databases


def test_corrupted_data_names_the_cause_from_the_log(script: Callable[..., str], folder: Path) -> None:
    script("connector(options(folder)).connect()")
    await_stop(folder)
    for file in (folder / "store" / "slog").rglob("*"):
        if file.is_file():
            file.write_bytes(os.urandom(4096))

    # an engine that has just failed may not have written its log yet
    for _ in range(10):
        line = one_line(script(FAILS.format(limits="")))
        if "names no cause" not in line:
            break

    # OceanBase's -4052: the last log entry is damaged
    assert re.search(r"engine did not start: .*fail.* \(-4052.*\); check the folder, and its log/seekdb.log", line)
    assert "previous error logs" not in line


def test_a_first_start_that_was_killed_is_no_damaged_data(script: Callable[..., str], folder: Path) -> None:
    killed = """
        import pylibseekdb
        if os.fork() == 0:
            pylibseekdb.open = lambda path: (os.makedirs(path + "/log"), os.kill(os.getpid(), signal.SIGKILL))
            embedded.start(EngineOptions(folder))
        os.wait()
        try:
            connector(options(folder)).connect()
        except ConnectError as error:
            print(error)
    """
    printed = script(killed)
    assert "first start" in printed
    assert "no data yet: remove" in printed
    assert "\n" not in printed
    shutil.rmtree(folder)
    script("connector(options(folder)).connect().close()")
    assert not (folder / "engine_starting").exists()


def test_a_folder_that_cannot_be_made(script: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    line = one_line(script(FAILS.format(limits=""), place=tmp_path / "file" / "engine"))

    assert "cannot be used: Not a directory; check the folder" in line


def test_without_the_library_the_extra_is_named(folder: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.modules['pylibseekdb'] = None\n" + PRELUDE + FAILS.format(limits=""),
            folder,
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "pip install pylibseekdb" in one_line(done.stdout.strip()), done.stderr


def test_many_threads_start_one_engine_and_a_slow_start_is_said_once(script: Callable[..., str]) -> None:
    printed = script(
        """
        from concurrent.futures import ThreadPoolExecutor
        notice.SLOW_SECONDS = 0.0
        with ThreadPoolExecutor(8) as pool:
            sessions = list(pool.map(lambda n: connector(options(folder, str(n))).connect(), range(8)))
        assert len({session.endpoint for session in sessions}) == 1
        assert len({session.id for session in sessions}) == 8
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        assert signal.SIGINT not in before
        """
    )

    # by dbt's own handler
    line = r"\S+  OceanBase adapter: path: the engine on \S+engine is starting, which takes longer than usual"
    assert re.fullmatch(line, printed)

"""An engine that lingers: the next process finds it running, and it ends with its time, its folder or on request."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from support import engines
from support.dbt_process import DbtProcess
from support.outside import until

pytestmark = [pytest.mark.any_kernel, pytest.mark.takes(70)]

USE = """
import sys
from dbt.adapters.oceanbase.connect import ConnectOptions, connector
from dbt.adapters.oceanbase.connect.engine import embedded, linger, setup
from dbt.adapters.oceanbase.connect.options import EngineOptions, LoginOptions, RetryOptions, SessionOptions

# none of these limits may end a wait on a busy machine
embedded.STOP_SECONDS, linger.START_SECONDS = 300.0, 300.0
setup.APPEAR_SECONDS, setup.LOAD_SECONDS, setup.READ_TIMEOUT_SECONDS = 120.0, 600.0, 300.0
options = EngineOptions(sys.argv[1], linger=float(sys.argv[2]))
retry = RetryOptions(connect_timeout=300, connect_retries=5)
session = connector(ConnectOptions(LoginOptions("root"), engine=options, retry=retry)).connect()
session.run("create database if not exists kept")
print(open(f"{sys.argv[1]}/run/seekdb.pid").read().strip())
"""
STOP = USE + "assert embedded.stop_lingering(options) is (options.linger > 0)\n"


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except OSError:
        return False


def waiting_processes(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if os.fsencode(folder) in words and any(word.endswith(b"linger_process.py") for word in words):
            found.append(int(entry.parent.name))
    return found


@pytest.fixture(scope="module")
def engine_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one folder for all tests of this file, because the first engine in a folder sets itself up for seconds."""
    return tmp_path_factory.mktemp("linger") / "engine"


@pytest.fixture
def folder(engine_folder: Path) -> Iterator[Path]:
    yield engine_folder
    for pid in waiting_processes(engine_folder):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def use(request: pytest.FixtureRequest, folder: Path) -> Callable[..., int]:
    """Use the engine in another process that lets it linger for some seconds, and return the engine's process id."""

    def run(linger: float, text: str = USE) -> int:
        wheel = engines.wheel(request.config.getoption("--kernel"))
        done = subprocess.run(
            [sys.executable, "-c", text, str(folder), str(linger)],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(wheel), os.environ.get("PYTHONPATH", "")])},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return int(done.stdout.split()[-1])  # a line on a slow start may stand before it

    return run


def test_it_is_there_for_the_next_process_until_somebody_stops_it(use: Callable[..., int], folder: Path) -> None:
    pid = use(86_400)
    [waiting] = waiting_processes(folder)
    # neither dbt's secrets nor its terminal
    assert Path(f"/proc/{waiting}/environ").read_bytes().count(b"=") <= 2
    assert os.getsid(waiting) != os.getsid(0)

    assert use(86_400) == pid
    assert waiting_processes(folder) == [waiting]

    use(86_400, STOP)
    assert not is_running(pid)
    until(lambda: not waiting_processes(folder))
    other = use(86_400)
    assert other != pid

    use(0)
    until(lambda: not is_running(other) and not waiting_processes(folder))


def test_a_stop_does_not_wait_for_others(use: Callable[..., int], folder: Path) -> None:
    pid = use(86_400)
    with (folder / "engine_users").open() as user, (folder / "run" / "seekdb.clients").open() as client:
        fcntl.flock(user, fcntl.LOCK_SH)
        fcntl.flock(client, fcntl.LOCK_SH)
        use(86_400, STOP)
        assert is_running(pid)

    until(lambda: not is_running(pid) and not waiting_processes(folder))


def test_it_ends_with_its_time(use: Callable[..., int], folder: Path) -> None:
    pid = use(0.5)

    until(lambda: not is_running(pid) and not waiting_processes(folder))
    assert use(0, STOP) != pid
    assert waiting_processes(folder) == []


def test_it_ends_with_its_folder(use: Callable[..., int], folder: Path) -> None:
    pid = use(86_400)

    moved = folder.rename(folder.with_name("moved"))

    until(lambda: not is_running(pid) and not waiting_processes(folder))
    assert moved.rename(folder) == folder


def test_it_ends_with_its_waiting_process(use: Callable[..., int], folder: Path) -> None:
    pid = use(86_400)

    os.kill(waiting_processes(folder)[0], signal.SIGKILL)

    until(lambda: not is_running(pid))
    assert use(0) != pid


def test_dbt_shows_it_and_ends_it(request: pytest.FixtureRequest, folder: Path, tmp_path: Path) -> None:
    target = {"type": "oceanbase", "path": str(folder), "schema": "a", "engine": {"linger": 3600}}
    target["connect_timeout"] = 300
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump({"p": {"target": "dev", "outputs": {"dev": target}}}))
    (tmp_path / "dbt_project.yml").write_text("name: p\nprofile: p\nversion: 1.0.0\n")

    patches = {**engines.PATIENT_SETUP, "dbt.adapters.oceanbase.connect.engine.linger.START_SECONDS": 300.0}

    def dbt(*arguments: str) -> str:
        done = DbtProcess(tmp_path, arguments, request.config.getoption("--kernel"), tmp_path, patches)
        assert done.wait(600) == 0, done.output
        return done.output

    assert "engine: stops 3600 s after the last process that uses it" in dbt("debug")
    pid = int((folder / "run" / "seekdb.pid").read_text())
    assert is_running(pid)
    assert "the engine stops with the last process that uses it" in dbt("run-operation", "stop_engine")
    until(lambda: not is_running(pid) and not waiting_processes(folder))

"""dbt as a process of its own that can be interrupted and killed.

Each is forked from a process that has imported dbt and the adapter and has read their macros: that takes longer than
most runs.
"""

from __future__ import annotations

import atexit
import faulthandler
import multiprocessing
import os
import re
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from support import engines
from support.outside import PATIENCE

TELL_STACKS = signal.SIGUSR1
CALLS = 8

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    [
        "dbt.cli.main",
        "dbt.adapters.oceanbase",
        "dbt.include.oceanbase",
        "dbt.plugins",
        "agate",
        __name__,
        "support.dbt_preloaded",
    ]
)


class DbtProcess:
    """``dbt`` with ``arguments``, run in ``folder`` with the ``kernel`` (1.3 or 1.4) that tests were asked for.

    It is the leader of a process group. Its environment is this process's, its console a file.
    """

    def __init__(self, folder: Path, arguments: Sequence[str], kernel: str, profiles_dir: Path | None = None) -> None:
        self.console = Path(tempfile.mkstemp(prefix="console-", suffix=".log", dir=folder)[1])
        profile = ["--profiles-dir", str(profiles_dir)] if profiles_dir else []
        package = str(engines.wheel(kernel))
        path = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
        environment = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", **os.environ, "PYTHONPATH": path}
        self._process = _context.Process(
            target=_run,
            args=([*arguments, *profile], str(folder), str(self.console), environment),
            daemon=True,
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """Its id, which is that of its process group as well."""
        return int(self._process.pid or 0)

    @property
    def output(self) -> str:
        """What it said on the console so far."""
        return self.console.read_text()

    def poll(self) -> int | None:
        """Give the exit code, negative for a signal, or None while it goes on."""
        return self._process.exitcode

    def wait(self, seconds: float = PATIENCE) -> int:
        """Give the exit code; AssertionError when it goes on for longer, with what each of its threads does."""
        self._process.join(seconds)
        code = self.poll()
        if code is None:
            said = self.output[-2000:]
            raise AssertionError(f"dbt goes on after {seconds} s: {said}\n{self._stacks()}")
        return code

    def _stacks(self) -> str:
        """Give the last calls of each thread as it is now, the last one first."""
        said = len(self.output)
        with suppress(ProcessLookupError):
            os.kill(self.pid, TELL_STACKS)
        time.sleep(1)
        threads = re.split(r"\n(?=Current thread|Thread)", self.output[said:])
        calls = ("\n".join(thread.splitlines()[: 1 + CALLS]) for thread in threads)
        return re.sub(r'"[^"]*/([^"/]+/[^"/]+)"', r"\1", "\n".join(calls))

    def interrupt(self) -> None:
        """Do what Ctrl-C in a terminal does; nothing where the process has just ended by itself."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGINT)

    def kill(self) -> None:
        """End it without a word."""
        self._process.kill()
        self._process.join(PATIENCE)


def _run(arguments: list[str], folder: str, console: str, environment: Mapping[str, str]) -> None:
    """Be what ``python -m dbt.cli.main`` is, from its standard streams to its exit code."""
    os.setsid()
    # whoever started the tests may ignore SIGINT for its children
    signal.signal(signal.SIGINT, signal.default_int_handler)
    said = os.open(console, os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(said, stream)
    faulthandler.register(TELL_STACKS, file=2)
    sys.stdout, sys.stderr = (open(stream, "w", buffering=1, closefd=False) for stream in (1, 2))  # noqa: SIM115
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = environment["PYTHONPATH"].split(os.pathsep)
    code = 1
    try:
        code = _exit_code(arguments)
    finally:
        for end in (threading._shutdown, atexit._run_exitfuncs, sys.stdout.flush, sys.stderr.flush):  # type: ignore[attr-defined]
            with suppress(BaseException):  # an interpreter that ends is not stopped by a further Ctrl-C
                end()
        os._exit(code)


def _exit_code(arguments: list[str]) -> int:
    from dbt.cli.main import cli

    try:
        cli(arguments, prog_name="dbt")
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0

"""Run dbt in a separate process that a test can interrupt and kill.

The processes are forked from a process that has already imported dbt and the adapter and parsed their macros. Importing
and parsing would take longer than most runs.
"""

from __future__ import annotations

import atexit
import faulthandler
import multiprocessing
import os
import pkgutil
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

DUMP_STACKS = signal.SIGUSR1
STACK_DEPTH = 8

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
    """A process that runs ``dbt`` with ``arguments`` in ``folder``, with the ``kernel`` (1.3 or 1.4) under test.

    The process leads its own process group and inherits the environment variables of this process. Standard output and
    standard error go to the file ``console``. ``patches`` are names with dots and the values that they get in the
    process before dbt starts, such as ``{"package.module.LIMIT": 5}``.
    """

    def __init__(
        self,
        folder: Path,
        arguments: Sequence[str],
        kernel: str,
        profiles_dir: Path | None = None,
        patches: Mapping[str, object] | None = None,
    ) -> None:
        self.console = Path(tempfile.mkstemp(prefix="console-", suffix=".log", dir=folder)[1])
        profile = ["--profiles-dir", str(profiles_dir)] if profiles_dir else []
        package = str(engines.wheel(kernel))
        path = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
        environment = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", **os.environ, "PYTHONPATH": path}
        self._process = _context.Process(
            target=_run,
            args=([*arguments, *profile], str(folder), str(self.console), environment, dict(patches or {})),
            daemon=True,
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """The process id, which is also the id of the process group."""
        return int(self._process.pid or 0)

    @property
    def output(self) -> str:
        """What dbt has written to standard output and standard error so far."""
        return self.console.read_text()

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal, or None while the process runs."""
        return self._process.exitcode

    def wait(self, seconds: float = PATIENCE) -> int:
        """Wait for the end and return the exit code.

        Raise AssertionError with the stack of each thread if the process still runs after ``seconds``.
        """
        self._process.join(seconds)
        code = self.poll()
        if code is None:
            output = self.output[-2000:]
            raise AssertionError(f"dbt still runs after {seconds} s: {output}\n{self._stacks()}")
        return code

    def _stacks(self) -> str:
        """Return the innermost calls of each thread at this moment, the most recent call first."""
        start = len(self.output)
        with suppress(ProcessLookupError):
            os.kill(self.pid, DUMP_STACKS)
        time.sleep(1)
        threads = re.split(r"\n(?=Current thread|Thread)", self.output[start:])
        calls = ("\n".join(thread.splitlines()[: 1 + STACK_DEPTH]) for thread in threads)
        return re.sub(r'"[^"]*/([^"/]+/[^"/]+)"', r"\1", "\n".join(calls))

    def interrupt(self) -> None:
        """Send SIGINT to the process group, as Ctrl-C in a terminal does. Do nothing if the process has ended."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGINT)

    def kill(self) -> None:
        """Kill the process by SIGKILL and wait for its end."""
        self._process.kill()
        self._process.join(PATIENCE)


def _run(
    arguments: list[str], folder: str, console: str, environment: Mapping[str, str], patches: Mapping[str, object]
) -> None:
    """Run dbt in the forked process as ``python -m dbt.cli.main`` would, and exit with its exit code."""
    os.setsid()
    # the program that started the tests may have set signals to be ignored by its children
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    log = os.open(console, os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    faulthandler.register(DUMP_STACKS, file=2)
    sys.stdout, sys.stderr = (open(stream, "w", buffering=1, closefd=False) for stream in (1, 2))  # noqa: SIM115
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = environment["PYTHONPATH"].split(os.pathsep)
    code = 1
    try:
        code = _exit_code(arguments, patches)
    finally:
        for end in (threading._shutdown, atexit._run_exitfuncs, sys.stdout.flush, sys.stderr.flush):  # type: ignore[attr-defined]
            with suppress(BaseException):  # as in an interpreter that exits, a second Ctrl-C has no effect
                end()
        os._exit(code)


def _exit_code(arguments: list[str], patches: Mapping[str, object]) -> int:
    from dbt.cli.main import cli

    try:
        _patch(patches)
        cli(arguments, prog_name="dbt")
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def _patch(patches: Mapping[str, object]) -> None:
    for name, value in patches.items():
        owner, _, attribute = name.rpartition(".")
        target = pkgutil.resolve_name(owner)
        getattr(target, attribute)  # raises an error for a wrong name, which setattr would create
        setattr(target, attribute, value)

"""Where a password comes from: the profile, or the output of a command that prints short-lived ones."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import threading
from concurrent import futures
from typing import IO, cast

from .. import forks
from ..errors import PasswordCommandFailed, one_line
from ..options import LoginOptions

SECONDS = 10.0
"""For one run of the command: as long as connecting itself may take."""

_MAX_PROGRAM = 100
"""Characters of the program's name in an error's text."""

_BY_HAND = "run it by hand to see why"


class PasswordSource:
    """Gives the password of one login. Safe to share between threads.

    What ``password_command`` prints is kept for all sources of equal logins in a process; a forked process runs the
    command again.
    """

    def __init__(self, login: LoginOptions) -> None:
        self._login = login

    def __repr__(self) -> str:
        kind = "password_command" if self._login.password_command else "password"
        return f"<PasswordSource {kind} of {self._login.name}>"

    def get(self, seconds: float = SECONDS) -> str:
        """Give the password of the profile, or what the command printed the last time it was run.

        The first call runs the command, within ``seconds``. Raises PasswordCommandFailed in one line that names the
        program, never its arguments or output.
        """
        command = self._command()
        return self._login.password if command is None else command.password(seconds)

    def renew(self, used: str, seconds: float = SECONDS) -> bool:
        """Run the command again after the server has refused ``used``; tell whether there is another password now.

        It is not run when another thread has renewed the password since. Raises PasswordCommandFailed.
        """
        command = self._command()
        return command is not None and command.renewed(used, seconds)

    def _command(self) -> _Command | None:
        if not self._login.password_command:
            return None
        # by process: what was forked while a thread held the lock would wait for it for ever
        key = (os.getpid(), self._login)
        return _commands.get(key) or _commands.setdefault(key, _Command(self._login.password_command))


class _Command:
    """One command, what it printed last, and how its last run failed. One run at a time."""

    def __init__(self, argv: tuple[str, ...]) -> None:
        self._argv = argv
        self._lock = threading.Lock()
        self._runs = 0
        self._password = ""  # no command prints that
        self._failure: str | None = None

    def password(self, seconds: float) -> str:
        before = self._runs
        with self._lock:
            if not self._password:
                self._run(before, seconds)
            return self._password

    def renewed(self, used: str, seconds: float) -> bool:
        before = self._runs
        with self._lock:
            if self._password in (used, ""):
                self._run(before, seconds)
            return self._password != used

    def _run(self, before: int, seconds: float) -> None:
        """Run the command, unless a run that ended while this thread waited is the answer: also a failed one."""
        if self._runs == before:
            self._failure = str(_failed(self._argv, "was interrupted", "run it again"))
            try:
                self._password = run(self._argv, seconds)
                self._failure = None
            except PasswordCommandFailed as error:
                self._failure = str(error)
            finally:
                # counted when it ends: whoever came during the run has read the number before
                self._runs += 1
        if self._failure is not None:
            raise PasswordCommandFailed(self._failure)


_commands: dict[tuple[int, LoginOptions], _Command] = {}
_running: set[subprocess.Popen[bytes]] = set()
_starting = threading.Lock()  # a command that has started and is not in the set yet would not be ended


def _forget_running() -> None:
    global _starting  # one that another thread of the parent held would be held for ever
    _starting = threading.Lock()
    _running.clear()


forks.reset_in_child(_forget_running)


def run(argv: tuple[str, ...], seconds: float) -> str:
    """Run a command without a shell and give what it printed, without the final newline.

    It has no input, its error output is dropped (it may hold secrets), and after ``seconds`` it is killed with all
    that it has started. Raises PasswordCommandFailed.
    """
    process = _started(argv)
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        # without its text, which holds arguments and output
        raise _failed(argv, f"did not end within {seconds:g} s", _BY_HAND) from None
    finally:
        # after an interrupt, too: nobody else would end it
        if process.returncode is None:
            _kill(process)
        _running.discard(process)
    return _password(argv, process.returncode, output)


def _started(argv: tuple[str, ...]) -> subprocess.Popen[bytes]:
    # not in the main thread, which Ctrl-C may hit after the start and before the command is noted
    with futures.ThreadPoolExecutor(1, "password-command") as starter:
        return starter.submit(_start, argv).result()


def _start(argv: tuple[str, ...]) -> subprocess.Popen[bytes]:
    try:
        with _starting:
            # of a session of its own: it can be killed with its children, and cannot ask on the terminal
            process = subprocess.Popen(  # noqa: S603 - the user's own profile says what is run
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            _running.add(process)
            return process
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise _failed(argv, f"cannot be started ({reason or 'not a program'})", "correct the command") from None


def _password(argv: tuple[str, ...], code: int, output: bytes) -> str:
    if code < 0:
        raise _failed(argv, f"was ended by signal {-code}", _BY_HAND)
    if code:
        raise _failed(argv, f"ended with exit code {code}", _BY_HAND)
    try:
        text = output.decode()
    except UnicodeDecodeError:
        # without its text, which holds the output
        raise _failed(argv, "printed what is not UTF-8", "have it print the password as UTF-8 text") from None
    password = text.removesuffix("\r\n" if text.endswith("\r\n") else "\n")
    if not password:
        raise _failed(argv, "printed nothing", "have it print the password on its standard output")
    return password


def end_commands() -> None:
    """Kill what is running now, with all that it has started: the process is about to end, or was cancelled."""
    with _starting:
        processes = tuple(_running)
    for process in processes:
        if process.returncode is None:
            _signal(process)


atexit.register(end_commands)


def _kill(process: subprocess.Popen[bytes]) -> None:
    _signal(process)
    cast("IO[bytes]", process.stdout).close()
    # one that runs as somebody else (sudo) may go on; what it prints is not read any more
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1)


def _signal(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _failed(argv: tuple[str, ...], what: str, remedy: str) -> PasswordCommandFailed:
    return PasswordCommandFailed(f"password_command: {one_line(argv[0], _MAX_PROGRAM)} {what}: {remedy}")

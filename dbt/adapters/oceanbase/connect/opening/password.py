"""Find the password of a login: in the profile, or by a command that prints a short-lived password."""

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

COMMAND_SECONDS = 10.0
"""Default time limit in seconds for one run of ``password_command``. It equals the default of ``connect_timeout``."""

_MAX_PROGRAM = 100
"""Longest name of the program in an error's text, in characters."""

_BY_HAND = "run it by hand to see why"


class PasswordSource:
    """Returns the password of one login. Threads can share a source.

    All sources with equal ``login`` in a process share one run of ``password_command`` and its output. A forked
    process runs the command again.
    """

    def __init__(self, login: LoginOptions) -> None:
        self._login = login

    def __repr__(self) -> str:
        kind = "password_command" if self._login.password_command else "password"
        return f"<PasswordSource {kind} of {self._login.name}>"

    def get(self, seconds: float = COMMAND_SECONDS) -> str:
        """Return the password of the profile, or the output of ``password_command`` if the profile has this command.

        The first call runs the command, for at most ``seconds``. Later calls return the same output, until ``renew``
        runs the command again. Raises PasswordCommandFailed if the command fails. The text of the error names the
        program, but never contains its arguments or its output. The next call then runs the command again.
        """
        command = self._command()
        return self._login.password if command is None else command.password(seconds)

    def renew(self, used: str, seconds: float = COMMAND_SECONDS) -> bool:
        """Run ``password_command`` again and return whether the password now differs from ``used``.

        Call this after the server has refused the password ``used``. The command runs for at most ``seconds``. It does
        not run if another thread has renewed the password in the meantime. Returns False if the profile has no such
        command. Raises PasswordCommandFailed if the command fails.
        """
        command = self._command()
        return command is not None and command.renewed(used, seconds)

    def _command(self) -> _Command | None:
        if not self._login.password_command:
            return None
        # one command per process, since a child would wait for ever for a lock that the parent held at the fork
        key = (os.getpid(), self._login)
        return _commands.get(key) or _commands.setdefault(key, _Command(self._login.password_command))


class _Command:
    """A password command, with its last output and the reason why its last run failed, if it failed.

    Threads can share this object. The command runs only once at a time.
    """

    def __init__(self, argv: tuple[str, ...]) -> None:
        self._argv = argv
        self._lock = threading.Lock()
        self._runs = 0
        self._password = ""  # empty until the command has succeeded once, since an empty output is an error
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
        """Run the command, unless another thread has run it while this thread waited for the lock.

        ``before`` is the number of the command's runs at the time when this thread began to wait. If the number has
        grown since then, another thread has run the command. Raises PasswordCommandFailed if the last run failed, no
        matter which thread has made that run.
        """
        if self._runs == before:
            self._failure = str(_failed(self._argv, "was interrupted", "run it again"))
            try:
                self._password = run(self._argv, seconds)
                self._failure = None
            except PasswordCommandFailed as error:
                self._failure = str(error)
            finally:
                # counted after the run, so that threads that began to wait during the run have read the earlier number
                self._runs += 1
        if self._failure is not None:
            raise PasswordCommandFailed(self._failure)


_commands: dict[tuple[int, LoginOptions], _Command] = {}
_running: set[subprocess.Popen[bytes]] = set()
_start_lock = threading.Lock()  # held from the start of a command until it is in _running, so that end_commands sees it


def reset_after_fork() -> None:
    """Forget, in a forked process, the password commands that the parent process runs.

    The module's lock is replaced, since another thread of the parent may have held it.
    """
    global _start_lock
    _start_lock = threading.Lock()
    _running.clear()


forks.reset_in_child(reset_after_fork)


def run(argv: tuple[str, ...], seconds: float) -> str:
    """Run the command ``argv`` without a shell and return its output without the final newline.

    The command gets no input. Its error output is dropped, since that may contain secrets. If the command has not ended
    after ``seconds``, it is killed together with its child processes. Raises PasswordCommandFailed if the command
    cannot be started, fails, takes too long, or prints nothing or no UTF-8.
    """
    process = _started(argv)
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        # from None, because the text of the error contains the arguments and the output
        raise _failed(argv, f"did not end within {seconds:g} s", _BY_HAND) from None
    finally:
        # also after Ctrl-C, since nothing else would end the command
        if process.returncode is None:
            _kill(process)
        _running.discard(process)
    return _password(argv, process.returncode, output)


def _started(argv: tuple[str, ...]) -> subprocess.Popen[bytes]:
    # in another thread, because Ctrl-C could interrupt the main thread before a started command is in _running
    with futures.ThreadPoolExecutor(1, "password-command") as starter:
        return starter.submit(_start, argv).result()


def _start(argv: tuple[str, ...]) -> subprocess.Popen[bytes]:
    try:
        with _start_lock:
            # in its own process session, so that it can be killed with its children and cannot read from the terminal
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
        remedy = "correct the command"
        if _program(argv) != argv[0]:
            remedy += ", with each word as an item of its own"
        raise _failed(argv, f"cannot be started ({reason or 'not a program'})", remedy) from None


def _password(argv: tuple[str, ...], code: int, output: bytes) -> str:
    if code < 0:
        raise _failed(argv, f"was ended by signal {-code}", _BY_HAND)
    if code:
        raise _failed(argv, f"ended with exit code {code}", _BY_HAND)
    try:
        text = output.decode()
    except UnicodeDecodeError:
        # from None, because the text of the error contains the output
        raise _failed(argv, "printed what is not UTF-8", "have it print the password as UTF-8 text") from None
    password = text.removesuffix("\r\n" if text.endswith("\r\n") else "\n")
    if not password:
        raise _failed(argv, "printed nothing", "have it print the password on its standard output")
    return password


def end_commands() -> None:
    """Kill all running password commands and their child processes.

    This function is called when Python exits and when the run is cancelled.
    """
    with _start_lock:
        processes = tuple(_running)
    for process in processes:
        if process.returncode is None:
            _signal(process)


atexit.register(end_commands)


def _kill(process: subprocess.Popen[bytes]) -> None:
    _signal(process)
    cast("IO[bytes]", process.stdout).close()
    # a command that runs as another user (sudo) cannot be killed, but its output is no longer read
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1)


def _signal(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _failed(argv: tuple[str, ...], what: str, remedy: str) -> PasswordCommandFailed:
    return PasswordCommandFailed(f"password_command: {one_line(_program(argv), _MAX_PROGRAM)} {what}: {remedy}")


def _program(argv: tuple[str, ...]) -> str:
    """Return the name of the program in ``argv`` for an error's text.

    If no file has this name, return only the part before the first blank or ``=``. The rest may be arguments or the
    value of a variable, as in a shell, and these may contain a secret.
    """
    if os.path.exists(argv[0]):
        return argv[0]
    words = argv[0].split()
    return words[0].partition("=")[0] if words else ""
